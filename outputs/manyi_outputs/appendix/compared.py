"""Tables of several studies compared: instruments, what is not shown, verdicts and equity side by side."""

from collections.abc import Callable

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

#: Characters of a digest that are printed.
_DIGEST = 12


def compared(tables: Tables, context: Context) -> list[Table]:
    """Return the tables of a comparison of studies; none for a single study."""
    builders: tuple[Callable[[Tables, Context], list[Table]], ...] = (
        _instruments,
        _not_shown,
        _areas,
        _standard,
        _equity,
    )
    return [table for build in builders for table in build(tables, context)]


def _instruments(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "compared_instruments")
    if not rows:
        return []
    words, notes, body = context.words, Footnotes(context), []
    for (role,), of_role in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for row in of_role:
            why = str(row["reason"]) or str(row["remark"])
            letter = notes.letter(why, empty=bool(row["reason"])) if why else ""
            cells = (
                Cell(str(row["county"])),
                Cell(context.index(role, str(row["index"]))),
                Cell(words.term("relation", str(row["relation"]))),
                Cell(str(row["own_index"]) or "—", note=letter),
                Cell(str(row["sha256"] or "")[:_DIGEST] or "—"),
            )
            body.append(Row(cells))
    columns = (
        Column(words("heading.county"), width=16, words=True),
        Column(words("heading.index"), width=30, words=True),
        Column(words("heading.instrument"), width=22, words=True),
        Column(words("heading.own_index"), width=12, words=True),
        Column("SHA-256", width=14, words=True),
    )
    title, general = words("title.compared_instruments"), (words("note.compared_instruments"),)
    return [Table("compared_instruments", "sample", title, columns, tuple(body), general, notes.specific)]


def _not_shown(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "units_not_shown")
    if not rows:
        return []
    words, notes, body = context.words, Footnotes(context), []
    for (role,), of_role in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for row in of_role:
            cells = (
                Cell(context.index(role, str(row["index"]))),
                Cell(words.term("unit_level", str(row["level"]))),
                Cell(str(row["county"])),
                Cell(number(row["units"]), Kind.count, note=notes.letter(str(row["reason"]))),
            )
            body.append(Row(cells))
    columns = (
        Column(words("heading.index"), width=30, words=True),
        Column(words("heading.compared_unit"), width=12, words=True),
        Column(words("heading.county"), width=18, words=True),
        Column(words("heading.units_not_shown"), width=10),
    )
    title = words("title.units_not_shown")
    return [Table("units_not_shown", "satisfaction", title, columns, tuple(body), (), notes.specific)]


def _counties_of(rows: list[Record]) -> list[str]:
    return list(dict.fromkeys(str(row["county"]) for row in rows))


def _areas(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "compared_areas")
    if not rows:
        return []
    words, counties, body = context.words, _counties_of(rows), []
    for (area,), of_area in grouped(rows, "area"):
        body.append(section_row(context.area(area)))
        for (part,), members in grouped(of_area, "part"):
            found = {str(row["county"]): row for row in members}
            cells = [Cell(words.term("area_part", part))]
            cells += [_verdict(found.get(county), context) for county in counties]
            body.append(Row(tuple(cells)))
    columns = (
        Column(words("heading.part"), width=24, words=True),
        *(Column(county, width=16, words=True) for county in counties),
    )
    title, general = words("title.compared_areas"), (words("note.compared_areas"),)
    return [Table("compared_areas", "schools", title, columns, tuple(body), general)]


def _verdict(row: Record | None, context: Context) -> Cell:
    """Return the verdict with the units met of those assessed; a dash where a county has none."""
    if row is None:
        return Cell("—")
    met = true(row.get("met"))
    word = context.words.term("verdict_short", "open" if met is None else "met" if met else "not_met")
    counts = [number(row.get(name)) for name in ("units_met", "units")]
    if None in counts:
        return Cell(word)
    shown = "/".join(context.numerals.text(Kind.count, count) for count in counts if count is not None)
    return Cell(f"{word} ({shown})", bold=met is False)


def _standard(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "compared_standard")
    if not rows:
        return []
    words, notes, body = context.words, Footnotes(context), []
    counties, layered = _counties_of(rows), _differing(rows)
    for (stage,), of_stage in grouped(rows, "stage"):
        body.append(section_row(context.stage(stage) if stage else words("term.whole_county")))
        for (name, bound), members in grouped(of_stage, "indicator", "bound"):
            found = {str(row["county"]): row for row in members}
            title = " | ".join(
                part for part in (context.requirement(name), context.bound(name, bound)) if part
            )
            cells = [Cell(title)]
            for county in counties:
                row = found.get(county, {})
                met, gap = true(row.get("met")), number(row.get("gap"))
                cells.append(
                    notes.cell(row.get("value"), Kind.coefficient, row.get("reason"), bold=met is False)
                )
                cells.append(Cell(gap if given(row.get("gap")) else None, Kind.coefficient))
                if layered:
                    cells.append(Cell(str(row.get("layer") or "—")))
            body.append(Row(tuple(cells)))
    columns = [Column(words("heading.indicator"), width=40, words=True)]
    for county in counties:
        columns.append(Column(words("heading.value"), county, width=10))
        columns.append(Column(words("heading.gap"), county, width=10))
        if layered:
            columns.append(Column(words("heading.layer"), county, width=14, words=True))
    title, general = words("title.compared_standard"), (words("note.compared_standard"),)
    return [
        Table("compared_standard", "schools", title, tuple(columns), tuple(body), general, notes.specific)
    ]


def _differing(rows: list[Record]) -> bool:
    """Return whether any requirement was decided by another layer in another county."""
    found = grouped(rows, "stage", "indicator", "bound")
    return any(len({str(row.get("layer")) for row in members}) > 1 for _, members in found)


def _equity(tables: Tables, context: Context) -> list[Table]:
    rows = [row for row in records(tables, "compared_equity") if str(row["component"]) == "value"]
    words, made = context.words, []
    counties = _counties_of(rows)
    for (measure,), of_measure in grouped(rows, "measure"):
        notes, body = Footnotes(context), []
        for (stage,), of_stage in grouped(of_measure, "stage"):
            body.append(section_row(context.stage(stage)))
            for (indicator,), members in grouped(of_stage, "indicator"):
                found = {str(row["county"]): row for row in members}
                cells = [Cell(context.indicator(indicator))]
                for county in counties:
                    row = found.get(county, {})
                    cells.append(notes.cell(row.get("value"), Kind.coefficient, row.get("reason")))
                body.append(Row(tuple(cells)))
        stem, _, aversion = measure.removesuffix(")").partition("(")
        name = words.term("inequality", stem) + (f" ({aversion})" if aversion else "")
        columns = (
            Column(words("heading.indicator"), width=44, words=True),
            *(Column(county, width=14) for county in counties),
        )
        title, general = words("title.compared_equity", measure=name), (words("note.compared_equity"),)
        key = f"compared_equity:{measure}"
        made.append(Table(key, "schools", title, columns, tuple(body), general, notes.specific))
    return made
