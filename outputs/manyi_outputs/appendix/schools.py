"""Tables of the schools: every school against the standard, and the county's coefficients of variation."""

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.provenance import as_float
from manyi_outputs.appendix.records import Record, Tables, given, grouped, records, true
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context, plain
from manyi_outputs.wording import Kind

BELOW = "↓"


def schools(tables: Tables, context: Context) -> list[Table]:
    """Return compliance by school and the coefficients of variation."""
    return [*_compliance(tables, context), *_county(tables, context)]


def _compliance(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "school_indicators")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    verdicts = {_key(row): row for row in records(tables, "school_verdicts")}
    indicators = list(dict.fromkeys(str(row["indicator"]) for row in rows))
    body: list[Row] = []
    for (stage,), of_stage in grouped(rows, "stage"):
        body.append(section_row(context.stage(stage)))
        limits = {
            str(row["indicator"]): row.get("threshold") for row in of_stage if given(row.get("threshold"))
        }
        if limits:
            body.append(_threshold_row(limits, indicators, bool(verdicts), context))
        body += [
            _school_row(members, indicators, verdicts, context, notes)
            for _, members in grouped(of_stage, "school")
        ]
    columns = [
        Column(words("heading.school"), width=16, words=True),
        Column(words("heading.school_name"), width=22, words=True),
        Column(words("heading.pupils"), width=9),
        *(Column(indicator, width=10, room=BELOW) for indicator in indicators),
    ]
    if verdicts:
        columns += [
            Column(words("heading.met_count"), width=9),
            Column(words("heading.lowest_share"), width=11),
            Column(words("heading.verdict"), width=12),
        ]
    general = [
        words("note.schools", standard=context.standard) if context.standard else words("note.schools_plain")
    ]
    if verdicts:
        general.append(words("note.schools_rule"))
    named = [context.indicator(indicator) for indicator in indicators if indicator in context.indicators]
    if named:
        general.append(words("numbers.clause").join(named) + words("numbers.stop"))
    title = words("title.schools")
    return [Table("schools", "schools", title, tuple(columns), tuple(body), tuple(general), notes.specific)]


def _key(row: Record) -> tuple[str, str]:
    return plain(row["school"]), str(row.get("stage", ""))


def _threshold_row(limits: dict[str, object], indicators: list[str], verdicts: bool, context: Context) -> Row:
    cells = [Cell(context.words("note.threshold"), bold=True), Cell(""), Cell("")]
    for indicator in indicators:
        limit = limits.get(indicator)
        cells.append(
            Cell(as_float(limit), Kind.amount, bold=True) if given(limit) else Cell(None, Kind.amount)
        )
    return Row((*cells, *([Cell("")] * 3 if verdicts else [])))


def _school_row(
    rows: list[Record],
    indicators: list[str],
    verdicts: dict[tuple[str, str], Record],
    context: Context,
    notes: Footnotes,
) -> Row:
    first, values = rows[0], {str(row["indicator"]): row for row in rows}
    cells = [
        Cell(plain(first["school"])),
        Cell(plain(first["school_name"]) if given(first.get("school_name")) else ""),
        notes.cell(first.get("pupils"), Kind.count),
    ]
    for indicator in indicators:
        row = values.get(indicator, {})
        mark = BELOW if true(row.get("met")) is False else ""
        cells.append(notes.cell(row.get("value"), Kind.amount, row.get("reason"), mark=mark))
    if verdicts:
        verdict = verdicts.get(_key(first), {})
        said = str(verdict["verdict"]) if given(verdict.get("verdict")) else ""
        cells += [
            notes.cell(verdict.get("met_count"), Kind.count, verdict.get("reason")),
            notes.cell(verdict.get("lowest_share"), Kind.share, verdict.get("reason")),
            notes.label(context.words.term("verdict", said or "not_computed"), verdict, "met_count"),
        ]
    return Row(tuple(cells))


def _county(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "county_cv")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    shown = {
        "schools": Kind.count,
        "pupils": Kind.count,
        "mean": Kind.amount,
        "sd": Kind.amount,
        "cv": Kind.coefficient,
        "limit": Kind.mean,
    }
    names = [name for name in shown if any(name in row for row in rows)]
    body: list[Row] = []
    for (stage,), members in grouped(rows, "stage"):
        body.append(section_row(context.stage(stage)))
        for row in members:
            met = true(row.get("met"))
            verdict = "term.undecided" if met is None else "term.passed" if met else "term.failed"
            if met is None and not given(row.get("limit")):
                verdict = ""
            cells = (notes.cell(row.get(name), shown[name], row.get("reason")) for name in names)
            answer = Cell(words(verdict), bold=met is False) if verdict else Cell(None)
            title = notes.label(context.indicator(str(row["indicator"])), row, "cv")
            body.append(Row((title, *cells, answer)))
    columns = (
        Column(words("heading.indicator"), width=44, words=True),
        *(Column(words(f"heading.{name}"), width=11) for name in names),
        Column(words("heading.met"), width=11),
    )
    general = (words("note.county_cv"),)
    return [
        Table("county_cv", "schools", words("title.county_cv"), columns, tuple(body), general, notes.specific)
    ]
