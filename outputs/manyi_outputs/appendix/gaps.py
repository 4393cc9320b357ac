"""Tables of what was expected and of what matters: gaps, and importance beside performance."""

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

#: Quadrants in the order in which they ask for something to be done.
QUADRANTS = ("concentrate_here", "keep_up", "low_priority", "possible_overkill")


def gaps(tables: Tables, context: Context) -> list[Table]:
    """Return the gaps between expectation and perception, then a table a grid of importance."""
    return [*_gaps(tables, context), *_grids(tables, context)]


def clustered(row: Record, name: str) -> object:
    """Return a value of a gap as clustered by school where that was possible, else the plain one."""
    found = row.get(f"{name}_clustered")
    return found if given(row.get("se_clustered")) else row.get(name)


def gap_p(row: Record) -> float | None:
    """Return the p of a gap, adjusted, clustered where that was possible."""
    name = "p_clustered_adjusted" if given(row.get("se_clustered")) else "p_adjusted"
    return number(row.get(name))


def _gaps(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "gap")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for row in members:
            reason = row.get("reason")
            pair = [Cell(context.index(role, str(row[name]))) for name in ("expectation", "perception")]
            shown: list[tuple[object, Kind]] = [
                (row.get("n"), Kind.count),
                (row.get("mean_expectation"), Kind.mean),
                (row.get("mean_perception"), Kind.mean),
                (row.get("gap"), Kind.mean),
                (clustered(row, "low"), Kind.mean),
                (clustered(row, "high"), Kind.mean),
                (gap_p(row), Kind.p),
                (row.get("effect"), Kind.mean),
                (row.get("effect_low"), Kind.mean),
                (row.get("effect_high"), Kind.mean),
            ]
            body.append(Row((*pair, *(notes.cell(value, kind, reason) for value, kind in shown))))
    limits = words("heading.confidence", level=context.level)
    d_limits = words("heading.effect_limits", level=context.level)
    columns = (
        Column(words("heading.expectation"), width=30, words=True),
        Column(words("heading.perception"), width=30, words=True),
        Column(words("heading.n"), width=8),
        Column(words("heading.mean_expectation"), width=8),
        Column(words("heading.mean_perception"), width=8),
        Column(words("heading.gap"), width=8),
        Column(words("heading.low"), limits, width=8),
        Column(words("heading.high"), limits, width=8),
        Column(words("heading.p_adjusted"), width=9),
        Column(words("heading.value"), d_limits, width=8),
        Column(words("heading.low"), d_limits, width=8),
        Column(words("heading.high"), d_limits, width=8),
    )
    adjustment = words.term("adjustment", str(rows[0].get("adjustment", "none")))
    within = any(given(row.get("se_clustered")) for row in rows)
    general = (
        words("note.gap"),
        words("note.gap_clustered" if within else "note.gap_plain", adjustment=adjustment),
    )
    return [Table("gap", "satisfaction", words("title.gap"), columns, tuple(body), general, notes.specific)]


def _grids(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "importance_performance")
    made = []
    for keys, members in grouped(rows, "role", "measure", "outcome"):
        made.append(_grid(keys[0], keys[1], members, context))
    return made


def _grid(role: str, measure: str, rows: list[Record], context: Context) -> Table:
    words, notes = context.words, Footnotes(context)
    kind = Kind.mean if measure == "stated" else Kind.bounded
    body: list[Row] = []
    order = {name: at for at, name in enumerate(QUADRANTS)}
    for row in sorted(rows, key=lambda row: order.get(str(row.get("quadrant")), len(order))):
        reason, attribute = row.get("reason"), str(row.get("attribute") or "")
        name = Cell(context.index(role, attribute)) if given(row.get("quadrant")) else Cell("")
        values = [
            *((row.get(f"importance{part}"), kind) for part in ("", "_low", "_high")),
            *((row.get(f"performance{part}"), Kind.mean) for part in ("", "_low", "_high")),
        ]
        cells = [notes.cell(value, how, reason) for value, how in values]
        found = str(row["quadrant"]) if given(row.get("quadrant")) else ""
        sure = true(row.get("certain"))
        body.append(
            Row(
                (
                    name,
                    *cells,
                    Cell(words.term("quadrant", found) if found else None),
                    Cell(None if sure is None else words("term.yes" if sure else "term.no")),
                )
            )
        )
    spans = (words("heading.importance"), words("heading.performance"))
    columns = (
        Column(words("heading.attribute"), width=30, words=True),
        *(
            Column(words(f"heading.{name}"), span, width=9)
            for span in spans
            for name in ("value", "low", "high")
        ),
        Column(words("heading.quadrant"), width=18),
        Column(words("heading.certain"), width=9),
    )
    title = words(
        "title.importance", role=context.role(role), measure=words.term("importance_measure", measure)
    )
    suffix = "" if measure == "stated" else f"-{rows[0].get('outcome')}"
    return Table(
        f"importance-{role}-{measure}{suffix}",
        "satisfaction",
        title,
        columns,
        tuple(body),
        _grid_notes(role, measure, rows[0], context),
        notes.specific,
    )


def _grid_notes(role: str, measure: str, row: Record, context: Context) -> tuple[str, ...]:
    words, numerals = context.words, context.numerals
    if not given(row.get("importance_cross")):
        return ()
    derived = measure != "stated"
    outcome = context.index(role, str(row["outcome"])) if derived and given(row.get("outcome")) else ""
    kind = Kind.bounded if derived else Kind.mean
    cross = words(
        "note.importance_cross",
        cross=words.term("importance_cross", str(row["cross"])),
        importance=numerals.text(kind, float(row["importance_cross"])),
        performance=numerals.text(Kind.mean, float(row["performance_cross"])),
        n=int(row["n"]),
    )
    how = words(f"note.importance_{measure}", outcome=outcome)
    return how, cross, words("note.importance_certain", level=context.level)
