"""The numbers in a finding of the report with their places, noted while its sentences are made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from manyi.tracing.account import Place, TracedNumber
from manyi.tracing.tables import function_of
from manyi_outputs.appendix.provenance import Sourced, SourcedTables
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind, Numerals, Wording

if TYPE_CHECKING:
    from manyi_outputs.appendix.records import Tables
    from manyi_outputs.report.finding import Finding


#: The same estimate may stand in several rows, one a kind of standard error.
_FEW = 4


@dataclass(slots=True)
class _Notes:
    """What was written while a report was made: numbers as text, sentences with what was put in."""

    numbers: dict[str, float] = field(default_factory=dict)
    sentences: list[tuple[str, dict[str, tuple[str, float]]]] = field(default_factory=list)

    def value_of(self, text: object) -> tuple[str, float] | None:
        """Return what a text was last written for, or a number itself."""
        if isinstance(text, float | int) and not isinstance(text, bool):
            return str(text), text
        # Of several numbers of one look the last: a sentence is made right after its numbers are written.
        return (text, self.numbers[text]) if isinstance(text, str) and text in self.numbers else None


@dataclass(frozen=True)
class _NotingNumerals(Numerals):
    notes: _Notes = field(default_factory=_Notes)

    def text(self, kind: Kind, value: float) -> str:
        shown = super().text(kind, float(value))
        self.notes.numbers[shown] = value
        return shown


@dataclass(frozen=True)
class _NotingWording(Wording):
    notes: _Notes = field(default_factory=_Notes)

    def __call__(self, key: str, /, **details: object) -> str:
        said = super().__call__(key, **details)
        known = {name: self.notes.value_of(text) for name, text in details.items()}
        numbers = {name: found for name, found in known.items() if found is not None}
        if numbers:
            self.notes.sentences.append((said, numbers))
        return said

    @property
    def numerals(self) -> Numerals:
        plain = super().numerals
        return _NotingNumerals(plain.leading_zero, notes=self.notes)


@dataclass(frozen=True)
class _NotingContext(Context):
    notes: _Notes = field(default_factory=_Notes)

    @property
    def words(self) -> Wording:
        plain = super().words
        return _NotingWording(plain.language, plain.entries, notes=self.notes)


def numbers_of_finding(finding: "Finding", tables: "Tables", context: Context) -> tuple[TracedNumber, ...]:
    """Return the numbers in the sentences of a finding.

    Parameters
    ----------
    finding : Finding
        Of the report in the language of `context`.
    tables : Mapping
        Name -> tidy result table.
    context : Context
    """
    notes = _noted(tables, context)
    text = "\n".join(finding.sentences)
    found: list[TracedNumber] = []
    for said, numbers in notes.sentences:
        if said and said in text:
            found += _placed(numbers, finding.sources, tables)
    return tuple(dict.fromkeys(found))


def _noted(tables: "Tables", context: Context) -> _Notes:
    """Make the report once more, its numbers noted."""
    from manyi_outputs.report.document import document

    noting = _NotingContext(
        **{each.name: getattr(context, each.name) for each in fields(Context)}, notes=_Notes()
    )
    document(SourcedTables(tables), noting, drawn=())
    return noting.notes


def _placed(
    numbers: dict[str, tuple[str, float]], sources: Sequence[str], tables: "Tables"
) -> Iterator[TracedNumber]:
    near = {
        (origin.table, origin.row)
        for _, value in numbers.values()
        if isinstance(value, Sourced)
        for origin in value.origins
    }
    for name, (shown, value) in numbers.items():
        calculation = ""
        if isinstance(value, Sourced):
            places = tuple(Place(one.table, one.row, one.column) for one in value.origins)
            calculation = value.formula
        else:
            places = _equal(float(value), sources, tables, near)
        function = function_of(places[0], tables) if places else ""
        yield TracedNumber(name, 0, shown, float(value), places, calculation, function)


def _equal(
    value: float, sources: Sequence[str], tables: "Tables", near: set[tuple[str, int]]
) -> tuple[Place, ...]:
    """Return the places of a number in one column of a result table, sooner those beside the others.

    None where they are many: a count such as 10 stands everywhere and would name nothing.
    """
    found = [
        Place(table, row, column)
        for table in sources
        if table in tables
        for column in tables[table].select_dtypes("number").columns
        for row in _rows_equal(tables[table][column], value)
    ]
    beside = [place for place in found if (place.table, place.row) in near]
    chosen = beside or found
    columns = {(place.table, place.column) for place in chosen}
    return tuple(chosen) if len(columns) == 1 and len(chosen) <= _FEW else ()


def _rows_equal(column: Any, value: float) -> list[int]:
    return [int(at) + 1 for at in (column == value).to_numpy(dtype=bool, na_value=False).nonzero()[0]]
