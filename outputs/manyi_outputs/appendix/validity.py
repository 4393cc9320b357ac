"""Tables of the factor structure: factorability, eigenvalues, loadings, factor correlations."""

from collections.abc import Callable

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.items import item_cells, item_columns
from manyi_outputs.appendix.missing import missing_rule
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

_VARIANCE = {"ss_loadings": Kind.coefficient, "proportion": Kind.share, "cumulative": Kind.share}


def validity(tables: Tables, context: Context) -> list[Table]:
    """Return the tables of the factor structure that these results have."""
    builders: tuple[Callable[[Tables, Context], list[Table]], ...] = (
        _factorability,
        _eigenvalues,
        _patterns,
        _structures,
        _correlations,
    )
    return [table for build in builders for table in build(tables, context)]


def factor_title(context: Context, factor: object) -> str:
    """Return the heading of a factor: its name, or ``因子 1`` for a bare number."""
    name = str(factor).removesuffix(".0")
    return context.words("term.factor", number=name) if name.isdigit() else name


def _factorability(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "factorability")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    bartlett, suggested = words("heading.bartlett"), words("heading.factor_count")
    shown: dict[str, tuple[Kind, str, str, float]] = {
        "n": (Kind.count, "n", "", 9),
        "missing": (Kind.count, "missing", "", 9),
        "kmo": (Kind.bounded, "kmo", "", 9),
        "bartlett_chi2": (Kind.statistic, "chi2", bartlett, 13),
        "bartlett_df": (Kind.df, "df", bartlett, 8),
        "bartlett_p": (Kind.p, "p", bartlett, 9),
        "factors_parallel_fa": (Kind.count, "parallel_fa", suggested, 12),
        "factors_parallel_pc": (Kind.count, "parallel_pc", suggested, 12),
        "factors_kaiser": (Kind.count, "kaiser", suggested, 12),
    }
    body = [
        Row(
            (
                notes.label(context.role(str(row["role"])), row, *shown),
                *(notes.cell(row.get(name), kind, row.get("reason")) for name, (kind, *_) in shown.items()),
            )
        )
        for row in rows
    ]
    columns = (
        Column(words("heading.role"), width=14, words=True),
        *(Column(words(f"heading.{key}"), spanner, width) for _, key, spanner, width in shown.values()),
    )
    title, general = (
        words("title.factorability"),
        (words("note.factorability", rule=missing_rule(rows, context)),),
    )
    return [Table("factorability", "validity", title, columns, tuple(body), general, notes.specific)]


def _eigenvalues(tables: Tables, context: Context) -> list[Table]:
    words, made = context.words, []
    for (role,), rows in grouped(records(tables, "eigenvalues"), "role"):
        body = []
        for row in rows:
            cells = [Cell(float(row["number"]), Kind.count)]
            for name in ("component", "factor"):
                value, limit = number(row.get(name)), number(row.get(f"{name}_95"))
                above = value is not None and limit is not None and value > limit
                cells.append(Cell(value, Kind.coefficient, bold=above))
                cells.append(Cell(limit, Kind.coefficient))
            body.append(Row(tuple(cells)))
        headings = (words("heading.eigenvalue"), words("heading.percentile"))
        columns = (
            Column(words("heading.number"), width=8),
            *(
                Column(heading, words(f"heading.{name}"), width=18)
                for name in ("component", "factor")
                for heading in headings
            ),
        )
        title = words("title.eigenvalues", role=context.role(role))
        general = (words("note.eigenvalues"),)
        made.append(Table(f"eigenvalues-{role}", "validity", title, columns, tuple(body), general))
    return made


def _patterns(tables: Tables, context: Context) -> list[Table]:
    words, made = context.words, []
    explained = dict(grouped(records(tables, "factors"), "role"))
    oblique = {role for (role,), _ in grouped(records(tables, "factor_correlations"), "role")}
    for (role,), rows in grouped(records(tables, "loadings"), "role"):
        notes = Footnotes(context)
        body = _matrix(context, role, rows, "pattern", notes, communality=True)
        body += _variance(context, explained.get((role,), []), _factors(rows), notes)
        general = [
            words(
                "note.loadings",
                extraction=words.term("term", context.extraction.get(role, "minres")),
                rotation=words.term("term", context.rotation.get(role, "oblimin")),
                cut=context.numerals.text(Kind.bounded, context.cut),
            )
        ]
        if role in oblique:
            general.append(words("note.variance_oblique"))
        columns = (
            *item_columns(context),
            *(Column(factor_title(context, factor), width=10) for factor in _factors(rows)),
            Column(words("heading.communality"), width=10),
        )
        title = words("title.loadings", role=context.role(role))
        made.append(
            Table(f"loadings-{role}", "validity", title, columns, tuple(body), tuple(general), notes.specific)
        )
    return made


def _structures(tables: Tables, context: Context) -> list[Table]:
    """Return the structure matrix where factors correlate; else it equals the pattern matrix."""
    words, made = context.words, []
    oblique = {role for (role,), _ in grouped(records(tables, "factor_correlations"), "role")}
    for (role,), rows in grouped(records(tables, "loadings"), "role"):
        if role not in oblique or len(_factors(rows)) < 2:
            continue
        notes = Footnotes(context)
        body = _matrix(context, role, rows, "structure", notes, communality=False)
        columns = (
            *item_columns(context),
            *(Column(factor_title(context, factor), width=10) for factor in _factors(rows)),
        )
        cut = context.numerals.text(Kind.bounded, context.cut)
        general = (words("note.structure", cut=cut),)
        title = words("title.structure", role=context.role(role))
        made.append(
            Table(f"structure-{role}", "validity", title, columns, tuple(body), general, notes.specific)
        )
    return made


def _factors(rows: list[Record]) -> list[str]:
    """Return the factors in the order they stand."""
    return list(dict.fromkeys(str(row["factor"]) for row in rows))


def _matrix(
    context: Context, role: str, rows: list[Record], values: str, notes: Footnotes, *, communality: bool
) -> list[Row]:
    """Return a row an item under its scale's heading; weak coefficients in grey."""
    factors = _factors(rows)
    body: list[Row] = []
    scales: dict[str, list[tuple[str, list[Record]]]] = {}
    for (name,), members in grouped(rows, "item"):
        item = context.question(role, name)
        scales.setdefault((item.scale or "") if item is not None else "", []).append((name, members))
    for scale, entries in scales.items():
        if len(scales) > 1:
            body.append(section_row(context.scale(role, scale)))
        for name, members in entries:
            item = context.question(role, name)
            reverse = item is not None and item.reverse and name.endswith("_r")
            cells = [*item_cells(context, role, name, reverse)]
            found = {str(row["factor"]): row for row in members}
            for factor in factors:
                row = found.get(factor, {})
                value = number(row.get(values))
                weak = value is not None and abs(value) < context.cut
                cells.append(notes.cell(value, Kind.bounded, row.get("reason"), faint=weak))
            if communality:
                cells.append(
                    notes.cell(members[0].get("communality"), Kind.bounded, members[0].get("reason"))
                )
            body.append(Row(tuple(cells)))
    return body


def _variance(context: Context, explained: list[Record], factors: list[str], notes: Footnotes) -> list[Row]:
    """Return the rows below the loadings: sums of squares, variance explained, cumulated."""
    found = {str(row["factor"]): row for row in explained}
    if not found:
        return []
    return [
        Row(
            (
                Cell(""),
                Cell(context.words(f"term.{name}")),
                *(notes.cell(found.get(factor, {}).get(name), kind) for factor in factors),
                Cell(""),
            ),
            rule=line == 0,
        )
        for line, (name, kind) in enumerate(_VARIANCE.items())
    ]


def _correlations(tables: Tables, context: Context) -> list[Table]:
    words, made = context.words, []
    for (role,), rows in grouped(records(tables, "factor_correlations"), "role"):
        pairs = {(str(row["a"]), str(row["b"])): row["r"] for row in rows if given(row["r"])}
        pairs |= {(b, a): r for (a, b), r in pairs.items()}
        order = [factor for factor in _role_factors(tables, role) if any(factor in pair for pair in pairs)]
        names = order or sorted({name for pair in pairs for name in pair})
        if len(names) < 2:
            continue
        body = []
        for line, name in enumerate(names):
            cells = [
                Cell(float(pairs[name, other]), Kind.bounded)
                if (name, other) in pairs
                else Cell(None, Kind.bounded)
                for other in names[:line]
            ]
            cells += [Cell(1.0, Kind.count)] + [Cell("")] * (len(names) - line - 1)
            body.append(Row((Cell(factor_title(context, name)), *cells)))
        columns = (
            Column("", width=14, words=True),
            *(Column(factor_title(context, name), width=11) for name in names),
        )
        title, general = (
            words("title.factor_correlations", role=context.role(role)),
            (words("note.factor_correlations"),),
        )
        made.append(Table(f"factor_correlations-{role}", "validity", title, columns, tuple(body), general))
    return made


def _role_factors(tables: Tables, role: str) -> list[str]:
    return _factors([row for row in records(tables, "loadings") if str(row["role"]) == role])
