"""Tracing a number: from what is printed to the answers, and from a result table to where it is printed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from manyi.stages.manifest import Manifest, open_manifest
from manyi.stages.work import tables_folder
from manyi.study.folder import StudyFolder
from manyi.tracing.account import Choice, Place, Trace, TracedNumber
from manyi.tracing.asked import Asked, asked
from manyi.tracing.functions import function_account
from manyi.tracing.lineage import lineage
from manyi.tracing.printed import PrintedRow, choices_of, holding, rows_of, table_asked
from manyi.tracing.tables import answers_of, numbers_of, result_row
from manyi_instruments.faults import Fault, ManyiError
from manyi_instruments.faults import Place as FaultPlace

if TYPE_CHECKING:
    from manyi_outputs.appendix import Numbered
    from manyi_outputs.appendix.records import Tables
    from manyi_outputs.context import Context

#: So many names are listed where one is not known.
_NAMED = 40


def trace(study: StudyFolder, text: str, language: str | None = None) -> Trace:
    """Return the account of a number.

    Parameters
    ----------
    study : StudyFolder
        Run before.
    text : str
        ``table 9, row 3``, ``表 3-9 行 3 列 4``, ``reliability parents SAT``, ``figure 2``, ``finding 4``,
        ``reliability.csv row 3``. Without a row: what the table is laid out from, and its rows.
    language : str, optional
        Of titles; default the study's.

    Raises
    ------
    ManyiError
        ``trace-not-run``, ``trace-unknown``, ``trace-unknown-row``, ``trace-unknown-column``.
    """
    from manyi.stages.writing import context_of
    from manyi_outputs.tidy import StoredTables

    spoken = language or study.definition.language
    tables = StoredTables(tables_folder(study))
    if not tables:
        raise _fault("trace-not-run", folder=study.path)
    question = asked(text)
    tracer = _Tracer(study, open_manifest(study), tables, context_of(study, spoken), spoken)
    if question.result_table:
        return tracer.result_table(question)
    if question.figure is not None:
        return tracer.figure(question)
    if question.finding is not None:
        return tracer.finding(question)
    return tracer.table(question)


class _Tracer:
    """One study's results, asked about."""

    def __init__(
        self, study: StudyFolder, manifest: Manifest, tables: "Tables", context: "Context", language: str
    ) -> None:
        self.study, self.manifest, self.tables = study, manifest, tables
        self.context, self.language = context, language

    def table(self, question: Asked) -> Trace:
        """Return the account of a table of the appendix, or of one of its rows."""
        from manyi_outputs.appendix import numbered

        # By its number a table is found before those behind it are laid out.
        seen: list[Numbered] = []
        entry, words = table_asked(_kept(numbered(self.tables, self.context), seen), question)
        if entry is None:
            raise _unknown(question, [f"{each.label} ({each.table.key})" for each in seen])
        rows = self._rows(entry.builder)[entry.table.key]
        named = holding(rows, words, self.tables) if words else rows
        found = Trace("table", entry.label, entry.table.title, entry.table.key, read=entry.read)
        number = question.row
        if words and not named:
            raise _unknown(question, [f"{row.number} {row.name}" for row in rows])
        if number is None and words and len(named) == 1:
            number = named[0].number
        if number is None:
            return replace(found, choices=choices_of(named))
        row = next((row for row in rows if row.number == number), None)
        if row is None:
            raise _fault("trace-unknown-row", table=entry.label, row=number, rows=len(rows))
        numbers = tuple(cell.traced(self.tables, self.context) for cell in row.cells)
        numbers = _in_column(numbers, question, entry.label, entry.table.columns)
        return self._behind(replace(found, row=number, name=row.name, numbers=numbers))

    def result_table(self, question: Asked) -> Trace:
        """Return the account of a result table, or of one of its rows and where that is printed."""
        name = question.result_table
        if name not in self.tables:
            raise _unknown(question, [f"{each}.csv" for each in self.tables])
        rows = len(self.tables[name])
        label = f"{name}.csv"
        found = Trace("result_table", label, label, name, read=(name,))
        if question.row is None:
            return replace(found, choices=(Choice(f"1–{rows}", label),))
        if not 1 <= question.row <= rows:
            raise _fault("trace-unknown-row", table=label, row=question.row, rows=rows)
        columns = self.tables[name].columns
        numbers = numbers_of(self.tables, name, question.row)
        numbers = _in_column(numbers, question, label, columns)
        asked_for = columns if question.column is None else [columns[question.column - 1]]
        printed = tuple(self._printed(name, {Place(name, question.row, str(one)) for one in asked_for}))
        return self._behind(replace(found, row=question.row, numbers=numbers, printed=printed))

    def _printed(self, name: str, wanted: set[Place]) -> Iterator[Choice]:
        """Yield where places of a result table are printed, as they are or in a calculation."""
        from manyi_outputs.appendix import appendix

        laid_out: dict[str, dict[str, list[PrintedRow]]] = {}
        for entry in appendix(self.tables, self.context):
            if name not in entry.read:
                continue
            if entry.builder not in laid_out:
                laid_out[entry.builder] = self._rows(entry.builder, name)
            for row in laid_out[entry.builder][entry.table.key]:
                for cell in row.cells:
                    if wanted & set(cell.places):
                        number = cell.traced(self.tables, self.context)
                        title = f"{row.name} · {cell.heading} = {number.printed}"
                        yield Choice(f"{entry.label}:{row.number}", title)

    def figure(self, question: Asked) -> Trace:
        """Return the account of a figure of the report: the table that holds its numbers."""
        from manyi_outputs.report.document import document

        told = document(self.tables, self.context)
        known = {picture.label: picture for picture in told.pictures}
        label = self.context.words("table.figure", number=question.figure)
        if label not in known:
            raise _unknown(question, list(known))
        drawing = known[label].drawing
        shown = [entry for entry in told.tables if entry.table.key == drawing.table]
        found = Trace("figure", label, drawing.title, drawing.table)
        return self._showing(found, shown)

    def finding(self, question: Asked) -> Trace:
        """Return the account of a finding of the report: its numbers and the tables that show them."""
        from manyi.stages.report_facts import facts_of
        from manyi.tracing.findings import noted_findings, numbers_of_finding
        from manyi_outputs.appendix import appendix

        numbered = appendix(self.tables, self.context)
        found = enumerate(noted_findings(self.tables, self.context, facts_of(self.study), numbered), start=1)
        last, finding = 0, None
        for last, each in found:
            if last == question.finding:
                finding = each
                break
        if finding is None:
            raise _unknown(question, [f"1–{last}"])
        numbers = numbers_of_finding(finding, self.tables)
        shown = [entry for entry in numbered if entry.label in finding.labels]
        text = str(self.context.words("layout.join").join(finding.sentences))
        traced = Trace("finding", question.subject, text, read=finding.sources, numbers=numbers)
        return self._behind(self._showing(traced, shown))

    def _showing(self, found: Trace, shown: "Sequence[Numbered]") -> Trace:
        read = dict.fromkeys((*found.read, *(name for entry in shown for name in entry.read)))
        printed = tuple(Choice(entry.label, entry.table.title) for entry in shown)
        return replace(found, read=found.read or tuple(read), printed=printed)

    def _rows(self, builder: str, *names: str) -> dict[str, list[PrintedRow]]:
        """Return the rows of every table of a builder by the table's key."""
        from manyi_outputs.appendix import sourced

        found = sourced(builder, self.tables, self.context, *names)
        return {key: list(rows_of(table, self.context)) for key, table in found.items()}

    def _behind(self, found: Trace) -> Trace:
        """Return the account with the rows, functions, answers and files behind its numbers."""
        places: dict[tuple[str, int], list[str]] = {}
        for number in found.numbers:
            for place in number.places:
                places.setdefault((place.table, place.row), []).append(place.column)
        if not places and found.kind == "result_table" and found.row is not None:
            places[found.key, found.row] = []
        rows = tuple(
            result_row(self.study, self.manifest, self.tables, table, row, columns, self.language)
            for (table, row), columns in places.items()
        )
        functions = dict.fromkeys(name for row in rows for name in row.functions)
        lines = [
            line
            for stage in dict.fromkeys(row.stage for row in rows)
            if (line := lineage(self.manifest, stage)) is not None
        ]
        stages = dict.fromkeys(stage for line in lines for stage in line.stages)
        roles = [stage.partition(":")[2] for stage in stages if stage.startswith("clean:")]
        return replace(
            found,
            rows=rows,
            functions=tuple(function_account(name) for name in functions),
            answers=answers_of(self.study, self.tables, roles),
            lineage=tuple(lines),
        )


def _kept(entries: "Iterable[Numbered]", seen: "list[Numbered]") -> "Iterator[Numbered]":
    for entry in entries:
        seen.append(entry)
        yield entry


def _in_column(
    numbers: tuple[TracedNumber, ...], question: Asked, label: str, columns: Iterable[object]
) -> tuple[TracedNumber, ...]:
    if question.column is None:
        return numbers
    there = len(list(columns))
    if not 1 <= question.column <= there:
        raise _fault("trace-unknown-column", table=label, column=question.column, columns=there)
    return tuple(number for number in numbers if number.column == question.column)


def _unknown(question: Asked, known: list[str]) -> ManyiError:
    listed = ", ".join(known[:_NAMED]) + (" …" if len(known) > _NAMED else "")
    return _fault("trace-unknown", asked=question.subject, known=listed)


def _fault(code: str, **details: object) -> ManyiError:
    return ManyiError(Fault(code, FaultPlace(), details))
