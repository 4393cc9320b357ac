"""Tables of the factor structure: factorability, eigenvalues, loadings, factor correlations."""

from collections.abc import Callable, Mapping

from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.items import item_cells, item_columns
from manyi_outputs.appendix.missing import missing_rule
from manyi_outputs.appendix.provenance import as_float, calculated
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
        "factors_parallel_fa_polychoric": (Kind.count, "parallel_polychoric", suggested, 12),
        "factors_map": (Kind.count, "map", suggested, 9),
        "factors_kaiser": (Kind.count, "kaiser", suggested, 12),
        "factors": (Kind.count, "extracted", "", 9),
    }
    shown = {name: layout for name, layout in shown.items() if any(name in row for row in rows)}
    reasons = {"factors_parallel_fa_polychoric": "polychoric_reason", "factors_map": "map_reason"}
    body = [
        Row(
            (
                notes.label(context.role(str(row["role"])), row, *(set(shown) - set(reasons))),
                *(
                    notes.cell(row.get(name), kind, row.get(reasons.get(name, "reason")))
                    for name, (kind, *_) in shown.items()
                ),
            )
        )
        for row in rows
    ]
    columns = (
        Column(words("heading.role"), width=14, words=True),
        *(Column(words(f"heading.{key}"), spanner, width) for _, key, spanner, width in shown.values()),
    )
    title = words("title.factorability")
    general = [words("note.factorability", rule=missing_rule(rows, context))]
    if "factors_map" in shown:
        general.append(words("note.factor_counts"))
    if any(row.get("matrix") == "polychoric" for row in rows):
        general.append(words("note.matrix_polychoric"))
    return [Table("factorability", "validity", title, columns, tuple(body), tuple(general), notes.specific)]


def _eigenvalues(tables: Tables, context: Context) -> list[Table]:
    words, made = context.words, []
    for (role,), rows in grouped(records(tables, "eigenvalues"), "role"):
        body = []
        of_ordered = "factor_polychoric"
        sets = ["component", "factor"]
        sets += [of_ordered] if any(given(row.get(of_ordered)) for row in rows) else []
        for row in rows:
            cells = [Cell(as_float(row["number"]), Kind.count)]
            for name in sets:
                value, limit = number(row.get(name)), number(row.get(f"{name}_95"))
                above = value is not None and limit is not None and value > limit
                cells.append(Cell(value, Kind.coefficient, bold=above))
                cells.append(Cell(limit, Kind.coefficient))
            body.append(Row(tuple(cells)))
        headings = (words("heading.eigenvalue"), words("heading.percentile"))
        columns = (
            Column(words("heading.number"), width=8),
            *(Column(heading, words(f"heading.{name}"), width=18) for name in sets for heading in headings),
        )
        title = words("title.eigenvalues", role=context.role(role))
        general = (words("note.eigenvalues"),)
        made.append(Table(f"eigenvalues-{role}", "validity", title, columns, tuple(body), general))
    return made


def _patterns(tables: Tables, context: Context) -> list[Table]:
    words, made = context.words, []
    explained = dict(grouped(records(tables, "factors"), "role"))
    oblique = {role for (role,), _ in grouped(records(tables, "factor_correlations"), "role")}
    solutions = {str(row["role"]): row for row in records(tables, "factorability")}
    for (role,), rows in grouped(records(tables, "loadings"), "role"):
        notes = Footnotes(context)
        adequacy = _adequacy(tables, role)
        body = _matrix(context, role, rows, "pattern", notes, communality=True, adequacy=adequacy)
        body += _variance(context, explained.get((role,), []), _factors(rows), notes, bool(adequacy))
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
        general += _solution_notes(solutions.get(role, {}), context)
        if adequacy:
            general.append(words("note.adequacy"))
        columns = (
            *item_columns(context),
            *(Column(factor_title(context, factor), width=10) for factor in _factors(rows)),
            Column(words("heading.communality"), width=10),
            *([Column(words("heading.adequacy"), width=10)] if adequacy else []),
        )
        title = words("title.loadings", role=context.role(role))
        made.append(
            Table(f"loadings-{role}", "validity", title, columns, tuple(body), tuple(general), notes.specific)
        )
    return made


def _adequacy(tables: Tables, role: str) -> dict[str, float]:
    """Return the KMO of each item of a role; nothing without the table."""
    rows = [row for row in records(tables, "kmo_items") if str(row["role"]) == role]
    return {str(row["item"]): as_float(row["kmo"]) for row in rows if given(row["kmo"])}


def _solution_notes(row: Record, context: Context) -> list[str]:
    """Return the fit of the factors, which correlations they are of, and what is improper about them."""
    words, numerals, found = context.words, context.numerals, []
    if given(row.get("efa_chi2")) and given(row.get("efa_p")):
        found.append(
            words(
                "note.efa_fit",
                chi2=numerals.text(Kind.statistic, row["efa_chi2"]),
                df=numerals.text(Kind.df, row["efa_df"]),
                p=p_clause(row["efa_p"], context),
                rmsr=numerals.text(Kind.bounded, row["efa_rmsr"]),
                rmsea=numerals.text(Kind.bounded, row["efa_rmsea"]),
                tli=numerals.text(Kind.bounded, row["efa_tli"]),
            )
        )
    if row.get("matrix") == "polychoric":
        found.append(words("note.matrix_polychoric"))
    remark = said(row.get("remark"))
    if remark:
        found.append(words("note.improper") + context.reason(remark))
    return found


def p_clause(p: float, context: Context) -> str:
    """Return ``= .034`` or ``< .001`` as the language sets it behind a p."""
    shown, words = context.numerals.text(Kind.p, p), context.words
    return words("numbers.below") + shown[1:] if shown.startswith("<") else words("numbers.equals") + shown


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
    context: Context,
    role: str,
    rows: list[Record],
    values: str,
    notes: Footnotes,
    *,
    communality: bool,
    adequacy: Mapping[str, float] | None = None,
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
            if adequacy:
                cells.append(notes.cell(adequacy.get(name), Kind.bounded))
            body.append(Row(tuple(cells)))
    return body


def _variance(
    context: Context, explained: list[Record], factors: list[str], notes: Footnotes, wider: bool
) -> list[Row]:
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
                *([Cell("")] if wider else []),
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
                Cell(as_float(pairs[name, other]), Kind.bounded)
                if (name, other) in pairs
                else Cell(None, Kind.bounded)
                for other in names[:line]
            ]
            cells.append(Cell(calculated(1.0, "r of a factor with itself", rows, "r"), Kind.count))
            cells += [Cell("")] * (len(names) - line - 1)
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
