"""Tables of the sample: return, cleaning ledger, import, unmatched schools, who answered."""

from collections.abc import Callable

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.provenance import as_float
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context, plain
from manyi_outputs.wording import Kind

_CELLS = ("cells_read", "cells_kept", "cells_recoded", "cells_missing", "cells_rejected")
_ROWS = ("rows_read", "rows_kept", "rows_quarantined")


def sample(tables: Tables, context: Context) -> list[Table]:
    """Return the tables of the sample that these results have."""
    builders: tuple[Callable[[Tables, Context], list[Table]], ...] = (
        _return,
        _ledger,
        _import,
        _unmatched,
        _respondents,
    )
    return [table for build in builders for table in build(tables, context)]


def _return(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "return")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    issued = any(given(row.get("issued")) for row in rows)
    shown = (
        ["issued", "received", "valid", "return_rate", "valid_rate"]
        if issued
        else ["received", "valid", "valid_rate"]
    )
    body = [
        Row(
            (
                Cell(context.role(str(row["role"]))),
                *(
                    notes.cell(row.get(name), Kind.share if name.endswith("rate") else Kind.count, "")
                    for name in shown
                ),
            )
        )
        for row in rows
    ]
    columns = (
        Column(words("heading.role"), width=16, words=True),
        *(Column(words(f"heading.{name}"), width=12) for name in shown),
    )
    note = words("note.return") if issued else words("note.return_plain")
    return [Table("return", "sample", words("title.return"), columns, tuple(body), (note,))]


def _ledger(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "ledger")
    if not rows:
        return []
    words = context.words
    body: list[Row] = []
    for (role,), steps in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        body += _steps(steps, context)
    columns = (
        Column(words("heading.step"), width=34, words=True),
        Column(words("heading.flagged"), width=18),
        Column(words("heading.excluded"), width=18),
        Column(words("heading.n"), width=12),
    )
    return [Table("ledger", "sample", words("title.ledger"), columns, tuple(body), (words("note.ledger"),))]


def _steps(steps: list[Record], context: Context) -> list[Row]:
    """Return one role's rows: received, a row a rule, kept."""
    words = context.words
    nothing = Cell("")
    totals = {
        str(row["step"]): as_float(row["n"]) for row in steps if row["step"] in ("issued", "received", "kept")
    }
    flagged = {str(row["reason"]): as_float(row["n"]) for row in steps if row["step"] == "flagged"}
    excluded = {str(row["reason"]): as_float(row["n"]) for row in steps if row["step"] == "excluded"}
    rules = [*excluded, *(rule for rule in flagged if rule not in excluded)]

    def total(step: str, rule: bool = False) -> list[Row]:
        if step not in totals:
            return []
        cell = Cell(totals[step], Kind.count, bold=rule)
        return [Row((Cell(words(f"step.{step}"), bold=rule), nothing, nothing, cell))]

    lines = [
        Row(
            (
                Cell(words.term("rule", rule)),
                Cell(flagged.get(rule), Kind.count),
                Cell(excluded.get(rule), Kind.count),
                nothing,
            )
        )
        for rule in rules
    ]
    return [*total("issued"), *total("received"), *lines, *total("kept", rule=True)]


def _import(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "import_cells")
    if not rows:
        return []
    words = context.words
    # Files that hold rows of several roles are few; other appendices are spared the column.
    divided = any(number(row.get("rows_elsewhere")) for row in rows)
    names = (*_ROWS, *(("rows_elsewhere",) if divided else ()), *_CELLS)
    body = [
        Row(
            (
                Cell(_owner(str(row["role"]), context)),
                Cell(str(row["file"]).replace("\\", "/").rsplit("/", 1)[-1]),
                *(Cell(number(row.get(name)), Kind.count) for name in names),
            )
        )
        for row in rows
    ]
    columns = (
        Column(words("heading.role"), width=10, words=True),
        Column(words("heading.file"), width=26, words=True),
        *(Column(words(f"heading.{name}"), width=11) for name in names),
    )
    return [Table("import", "sample", words("title.import"), columns, tuple(body), (words("note.import"),))]


def _owner(role: str, context: Context) -> str:
    """Return whose file it is: a role's, or the school table's where no role is called so."""
    if role == "schools" and role not in context.roles:
        return context.words("term.school_table")
    return context.role(role)


def _unmatched(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "unmatched_schools")
    if not rows:
        return []
    words = context.words
    body = [
        Row(
            (
                Cell(context.role(str(row["role"]))),
                Cell(plain(row["school"])),
                Cell(as_float(row["n"]), Kind.count),
                Cell(_why(row, context)),
            )
        )
        for row in rows
    ]
    columns: tuple[Column, ...] = (
        Column(words("heading.role"), width=12, words=True),
        Column(words("heading.school"), width=18, words=True),
        Column(words("heading.n"), width=8),
        Column("", width=50, words=True),
    )
    if not any(row.cells[3].value for row in body):
        columns, body = columns[:3], [Row(row.cells[:3]) for row in body]
    note = words("note.unmatched")
    return [Table("unmatched", "sample", words("title.unmatched"), columns, tuple(body), (note,))]


def _respondents(tables: Tables, context: Context) -> list[Table]:
    """Return one table a role: every demographic question with its answers, counts and percentages."""
    words, made = context.words, []
    for (role,), rows in grouped(records(tables, "respondents") or records(tables, "answers"), "role"):
        questionnaire = context.questionnaires.get(role)
        asked = {item.id: item for item in questionnaire.demographics} if questionnaire else {}
        body: list[Row] = []
        notes = [words("note.respondents")]
        for (name,), answers in grouped(rows, "item"):
            item = asked.get(name)
            if item is None:
                continue
            body.append(section_row(context.in_language(item.text)))
            body += [
                Row(
                    (
                        Cell(context.answer(role, name, row["answer"])),
                        Cell(as_float(row["n"]), Kind.count),
                        Cell(number(row["share"]), Kind.share),
                    )
                )
                for row in answers
            ]
            if item.type == "multiple" and len(notes) == 1:
                notes.append(words("note.respondents_multiple"))
        if body:
            columns = (
                Column(words("heading.answer"), width=40, words=True),
                Column(words("heading.n"), width=12),
                Column(words("heading.percent"), width=12),
            )
            title = words("title.respondents", role=context.role(role))
            made.append(Table(f"respondents-{role}", "sample", title, columns, tuple(body), tuple(notes)))
    return made


def _why(row: Record, context: Context) -> str:
    """Return in words why a code has no school; the table holds the fault's name, its row the details."""
    reason = str(row.get("reason") or "")
    details = {"value": row["school"], "school": row["school"], "stage": row.get("stage"), "n": row["n"]}
    told = ", ".join(f"{key}={value}" for key, value in details.items() if value not in (None, ""))
    return context.reason(reason if ":" in reason else f"{reason}: {told}") if reason else ""
