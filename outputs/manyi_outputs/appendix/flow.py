"""The ledger as a sheet of the appendix: from questionnaires issued to the n of every table that follows."""

from collections.abc import Sequence
from typing import NamedTuple

from manyi_outputs.appendix.basis import Sources
from manyi_outputs.appendix.kinds import kind_of
from manyi_outputs.appendix.order import Numbered
from manyi_outputs.appendix.records import Record, Tables, grouped, number, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind


class _Rested(NamedTuple):
    """What one row of a result table rests on: its role, how many answers, how many were not used."""

    role: str
    n: float
    lost: float | None


def flow_sheet(tables: Tables, made: Sequence[Numbered], context: Context) -> tuple[Numbered, ...]:
    """Return the ledger of every role; nothing without the table ``ledger``.

    First the questionnaires issued, received, excluded by each rule, and kept, each with what is left. Then
    every table that rests on the respondents of the role: ``n = kept − not used``, and how many of these for
    want of an answer; the others were not asked, have no school, or are not of the groups compared.

    Parameters
    ----------
    tables : Mapping
        Name -> tidy result table.
    made : sequence of Numbered
        The tables of the appendix.
    context : Context
    """
    rows = records(tables, "ledger")
    if not rows:
        return ()
    words = context.words
    body: list[Row] = []
    sources = Sources(tables)
    rested = [(entry, source) for entry in made if (source := _rests_on(entry, sources)) is not None]
    for (role,), steps in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        body += _steps(steps, context)
        kept = next((int(row["n"]) for row in steps if row["step"] == "kept"), None)
        if kept is not None:
            body += _analysed(role, kept, rested, context)
    columns = (
        Column(words("ledger.step"), width=50, words=True),
        Column(words("heading.flagged"), width=13),
        Column(words("ledger.lost"), width=10),
        Column(words("ledger.missing"), width=10),
        Column(words("heading.n"), width=9),
    )
    table = Table("flow", "sample", words("ledger.title"), columns, tuple(body), (words("ledger.note"),))
    return (Numbered(words("ledger.sheet"), table),)


def _steps(steps: list[Record], context: Context) -> list[Row]:
    """Return issued, received, a row a rule with what it left, and kept."""
    words, nothing = context.words, Cell("")
    counts = {(str(row["step"]), str(row["reason"])): float(row["n"]) for row in steps}
    lines: list[Row] = []
    left = counts.get(("issued", ""))
    received, kept = counts.get(("received", "")), counts.get(("kept", ""))
    if left is not None:
        lines.append(_total("issued", left, context))
    if received is not None:
        if left is not None and left >= received:
            away = Cell(left - received, Kind.count)
            rest = Cell(received, Kind.count)
            lines.append(Row((Cell(words("ledger.not_returned")), nothing, away, nothing, rest)))
        lines.append(_total("received", received, context))
        left = received
    flagged = {reason: n for (step, reason), n in counts.items() if step == "flagged"}
    excluded = {reason: n for (step, reason), n in counts.items() if step == "excluded"}
    for rule in [*excluded, *(rule for rule in flagged if rule not in excluded)]:
        gone = excluded.get(rule)
        left = left - gone if left is not None and gone is not None else left
        rest = Cell(left, Kind.count) if gone is not None else Cell()
        marked, away = Cell(flagged.get(rule), Kind.count), Cell(gone, Kind.count)
        lines.append(Row((Cell(words.term("rule", rule)), marked, away, nothing, rest)))
    if kept is not None:
        lines.append(_total("kept", kept, context, rule=True))
    return lines


def _total(step: str, n: float, context: Context, *, rule: bool = False) -> Row:
    name, nothing = Cell(context.words(f"step.{step}"), bold=True), Cell("")
    return Row((name, nothing, nothing, nothing, Cell(n, Kind.count, bold=True)), rule=rule)


def _rests_on(entry: Numbered, sources: Sources) -> list[_Rested] | None:
    """Return role, n and answers not used of each row of the result table behind a table; None without."""
    kind = kind_of(entry.table.key)
    rows = sources.rows(entry.table.key) if kind.who == "respondents" and kind.whole else None
    if rows is None or "role" not in rows[0]:
        return None
    counted = ((str(row["role"]), number(row.get(kind.n)), number(row.get(kind.missing))) for row in rows)
    return [_Rested(role, n, lost) for role, n, lost in counted if n is not None and n > 0]


def _analysed(
    role: str, kept: int, rested: Sequence[tuple[Numbered, list[_Rested]]], context: Context
) -> list[Row]:
    """Return a row a table that rests on the whole role: not used, of these for missing answers, n."""
    lines = []
    for entry, source in rested:
        rows = [row for row in source if row.role == role]
        if not rows:
            continue
        title = entry.label + context.words("layout.gap") + entry.table.title
        numbers = ([kept - row.n for row in rows], [row.lost for row in rows], [row.n for row in rows])
        lines.append(Row((Cell(title), Cell(""), *(_span(each, context) for each in numbers))))
    return lines


def _span(numbers: Sequence[float | None], context: Context) -> Cell:
    """Return one number, or the range of several as words; a dash where none is there."""
    there = [one for one in numbers if one is not None]
    if not there:
        return Cell()
    low, high = int(min(there)), int(max(there))
    if low == high:
        return Cell(float(low), Kind.count)
    return Cell(context.words("basis.range", low=low, high=high))
