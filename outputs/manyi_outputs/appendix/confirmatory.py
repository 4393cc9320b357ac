"""Tables of the confirmatory factor analysis: fit, models compared, loadings with CR and AVE, and more."""

from collections.abc import Callable

from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.items import item_cells, item_columns
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

#: Loadings below are printed in grey: an item that its factor explains by less than a quarter.
WEAK = 0.50
#: Modification indices shown of each role.
SHOWN = 10
_FIT = {
    "n": Kind.count,
    "chi2": Kind.statistic,
    "df": Kind.df,
    "chi2_per_df": Kind.statistic,
    "cfi": Kind.bounded,
    "tli": Kind.bounded,
    "rmsea": Kind.bounded,
    "rmsea_low": Kind.bounded,
    "rmsea_high": Kind.bounded,
    "srmr": Kind.bounded,
    "aic": Kind.index,
    "bic": Kind.index,
}
_COMPARED = {
    "delta_chi2": Kind.statistic,
    "delta_df": Kind.df,
    "p": Kind.p,
    "delta_cfi": Kind.bounded,
    "delta_aic": Kind.index,
    "delta_bic": Kind.index,
}


def confirmatory(tables: Tables, context: Context) -> list[Table]:
    """Return the tables of the confirmatory factor analysis that these results have."""
    builders: tuple[Callable[[Tables, Context], list[Table]], ...] = (
        _fit,
        _comparison,
        _convergent,
        _modification,
    )
    return [table for build in builders for table in build(tables, context)]


def model_title(context: Context, model: object) -> str:
    """Return the name of a model in words."""
    return context.words.term("factor_model", str(model))


def factor_name(context: Context, role: str, factor: str) -> str:
    """Return the title of a factor: its scale's, or that of the general one."""
    title = context.scale(role.partition("+")[0], factor)
    return context.words.term("factor_model", factor) if title == factor else title


def improper(context: Context, rows: list[Record]) -> list[str]:
    """Return the remarks on solutions that are not proper, each once."""
    remarks = dict.fromkeys(remark for row in rows if (remark := said(row.get("remark"))))
    return [context.words("note.improper") + context.reason(remark) for remark in remarks]


def _fit(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "cfa_fit")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for row in members:
            chi2, df = number(row.get("chi2")), number(row.get("df"))
            shown = {**row, "chi2_per_df": chi2 / df if chi2 is not None and df else None}
            remark = said(row.get("remark"))
            mark = notes.letter(remark, empty=False) if remark else ""
            cells = [Cell(model_title(context, row["model"]), note=mark), Cell(str(row["estimator"]))]
            cells += [notes.cell(shown.get(name), kind, row.get("reason")) for name, kind in _FIT.items()]
            body.append(Row(tuple(cells)))
    limits = words("heading.rmsea_interval")
    under = {"rmsea_low": "heading.low", "rmsea_high": "heading.high"}
    columns = (
        Column(words("heading.factor_model"), width=16, words=True),
        Column(words("heading.estimator"), width=10, words=True),
        *(
            Column(words(under[name]), limits, width=8)
            if name in under
            else Column(words(f"heading.{name}"), width=10 if kind in (Kind.statistic, Kind.index) else 8)
            for name, kind in _FIT.items()
        ),
    )
    general = [words("note.cfa_fit"), words("note.cfa_guides"), *_estimators(rows, context)]
    return [
        Table(
            "cfa_fit",
            "validity",
            words("title.cfa_fit"),
            columns,
            tuple(body),
            tuple(general),
            notes.specific,
        )
    ]


def _estimators(rows: list[Record], context: Context) -> list[str]:
    """Return what the estimators used are, and on how many rows their weights rest."""
    words = context.words
    named = dict.fromkeys(str(row["estimator"]) for row in rows)
    found = [words(f"note.estimator_{name}") for name in named if words.among("note", f"estimator_{name}")]
    drawn = [
        int(row["sample_n"])
        for row in rows
        if given(row.get("sample_n")) and given(row.get("n")) and row["sample_n"] < row["n"]
    ]
    return [*found, words("note.cfa_sample", n=max(drawn))] if drawn else found


def _comparison(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "cfa_comparison")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for row in members:
            pair = words(
                "term.models_compared",
                narrow=model_title(context, row["narrow"]),
                wide=model_title(context, row["wide"]),
            )
            cells = [Cell(pair), Cell(str(row["estimator"]))]
            cells += [notes.cell(row.get(name), kind, row.get("reason")) for name, kind in _COMPARED.items()]
            body.append(Row(tuple(cells)))
    columns = (
        Column(words("heading.models_compared"), width=24, words=True),
        Column(words("heading.estimator"), width=10, words=True),
        *(Column(words(f"heading.{name}"), width=11) for name in _COMPARED),
    )
    title, general = words("title.cfa_comparison"), (words("note.cfa_comparison"),)
    return [Table("cfa_comparison", "validity", title, columns, tuple(body), general, notes.specific)]


def _convergent(tables: Tables, context: Context) -> list[Table]:
    """Return for each role its items' loadings with CR and AVE of their scales (收敛效度)."""
    words, made = context.words, []
    loadings = records(tables, "cfa_loadings")
    for (role,), scales in grouped(records(tables, "convergent"), "role"):
        first = scales[0]
        own = [
            row
            for row in loadings
            if str(row["role"]) == role
            and (row["model"], row["estimator"]) == (first["model"], first["estimator"])
        ]
        if not own:
            continue
        notes = Footnotes(context)
        robust = any(given(row.get("se_robust")) for row in own)
        body: list[Row] = []
        for scale in scales:
            items = [row for row in own if str(row["factor"]) == str(scale["scale"])]
            body.append(section_row(factor_name(context, role, str(scale["scale"]))))
            body += [
                _loading_row(context, role, row, scale if place == 0 else None, notes, robust)
                for place, row in enumerate(items)
            ]
        columns = (
            *item_columns(context),
            Column(words("heading.b"), width=9),
            Column(words("heading.se"), width=9),
            *([Column(words("heading.se_robust"), width=11)] if robust else []),
            Column(words("heading.z"), width=9),
            Column(words("heading.p"), width=9),
            Column(words("heading.standardized_loading"), width=11),
            Column(words("heading.composite_reliability"), width=9),
            Column(words("heading.ave"), width=9),
        )
        said_of = words(
            "note.convergent",
            model=model_title(context, first["model"]),
            estimator=first["estimator"],
            n=int(first["n"]),
            missing=int(first["missing"]),
            weak=context.numerals.text(Kind.bounded, WEAK),
        )
        general = (said_of, words("note.convergent_guides"), *improper(context, [first]))
        title = words("title.convergent", role=context.role(role))
        made.append(
            Table(f"convergent-{role}", "validity", title, columns, tuple(body), general, notes.specific)
        )
    return made


def _loading_row(
    context: Context, role: str, row: Record, scale: Record | None, notes: Footnotes, robust: bool
) -> Row:
    """Return one item; the first of a scale carries its CR and AVE."""
    item = context.question(role, str(row["item"]))
    cells = [*item_cells(context, role, str(row["item"]), item is not None and item.reverse)]
    # A loading that is fixed has no error.
    free = bool(row["free"])
    cells.append(notes.cell(row.get("estimate"), Kind.coefficient))
    names = ("se", "se_robust") if robust else ("se",)
    cells += [notes.cell(row.get(name) if free else None, Kind.coefficient) for name in names]
    cells.append(notes.cell(row.get("z") if free else None, Kind.statistic))
    cells.append(notes.cell(row.get("p") if free else None, Kind.p))
    std = number(row.get("std"))
    cells.append(notes.cell(std, Kind.bounded, faint=std is not None and abs(std) < WEAK))
    if scale is None:
        return Row((*cells, Cell(""), Cell("")))
    return Row(
        (*cells, *(notes.cell(scale.get(name), Kind.bounded, scale.get("reason")) for name in ("cr", "ave")))
    )


def _modification(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "modification_indices")
    if not rows:
        return []
    words = context.words
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for row in members[:SHOWN]:
            body.append(
                Row(
                    (
                        Cell(_parameter(context, role, str(row["parameter"]))),
                        Cell(number(row["mi"]), Kind.statistic),
                        Cell(number(row["p"]), Kind.p),
                        Cell(number(row["epc"]), Kind.coefficient),
                        Cell(number(row["epc_std"]), Kind.bounded),
                    )
                )
            )
    columns = (
        Column(words("heading.parameter"), width=44, words=True),
        Column(words("heading.mi"), width=10),
        Column(words("heading.p"), width=9),
        Column(words("heading.epc"), width=12),
        Column(words("heading.epc_std"), width=12),
    )
    title, general = words("title.modification"), (words("note.modification", k=SHOWN),)
    return [Table("modification_indices", "validity", title, columns, tuple(body), general)]


def _parameter(context: Context, role: str, text: str) -> str:
    """Return a parameter in words: a loading, or a covariance of two errors."""
    left, loading, right = text.partition(" =~ ")
    if loading:
        return context.words("term.loading_of", factor=factor_name(context, role, left), item=right)
    left, _, right = text.partition(" ~~ ")
    return context.words("term.errors_of", a=left, b=right)
