"""The numbers in a finding of the report with their places, noted while its sentences are made."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, replace
from functools import cache
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from manyi.tracing.account import Place, TracedNumber
from manyi.tracing.tables import function_of
from manyi_outputs.appendix.provenance import Sourced, SourcedTables, stated, stated_count
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind, Numerals, Wording
from manyi_outputs.wording.numerals import SIGNIFICANT

if TYPE_CHECKING:
    from manyi_outputs.appendix import Numbered
    from manyi_outputs.appendix.records import Tables
    from manyi_outputs.report.facts import Facts
    from manyi_outputs.report.finding import Finding

#: The limit of significance where the words themselves name it.
_LIMIT = re.compile(rf"0?{re.escape(f'{SIGNIFICANT:g}'.removeprefix('0'))}(?!\d)")
#: Keys of study.yaml behind what a report knows beside its tables.
_FACTS = {
    "seed": "analysis.seed",
    "imputations": "analysis.imputation.m",
    "iterations": "analysis.imputation.iterations",
    "occasions": "waves",
    "minimum_cell": "analysis.minimum_cell",
}


class _Number(NamedTuple):
    """A number in a text: its name there, as it is written, and what it is."""

    name: str
    shown: str
    value: float


class NotedText(str):
    """A text that remembers which numbers were put into it, through joining and being put into others."""

    __slots__ = ("numbers",)

    numbers: tuple[_Number, ...]

    def __new__(cls, text: str, numbers: Iterable[_Number] = ()) -> Self:
        """Return the text with its numbers."""
        made = super().__new__(cls, text)
        made.numbers = tuple(numbers)
        return made

    def join(self, parts: Iterable[str]) -> "NotedText":
        """Return the parts joined by this text, with the numbers of all."""
        texts = list(parts)
        return NotedText(super().join(texts), (number for text in texts for number in _numbers(text)))

    def __add__(self, other: str) -> "NotedText":
        """Return both texts with the numbers of both."""
        return NotedText(super().__add__(other), (*self.numbers, *_numbers(other)))

    def __radd__(self, other: str) -> "NotedText":
        """Return both texts with the numbers of both."""
        return NotedText(str(other) + str(self), (*_numbers(other), *self.numbers))


def _numbers(text: object) -> tuple[_Number, ...]:
    return text.numbers if isinstance(text, NotedText) else ()


def _within(name: str, detail: object) -> Iterator[_Number]:
    """Yield the numbers that a detail brings into a sentence, nameless ones by the name of the detail."""
    if isinstance(detail, float | int) and not isinstance(detail, bool):
        yield _Number(name, str(detail), detail)
    for number in _numbers(detail):
        yield number._replace(name=number.name or name)


@cache
def _template(text: str) -> tuple[tuple[str, str], ...]:
    """Return the places of a template in order: the limit of significance before each, and its name."""
    parts = ((_LIMIT.search(words), name) for words, name, _, _ in Formatter().parse(text))
    return tuple((limit[0] if limit else "", name or "") for limit, name in parts)


class _NotingNumerals(Numerals):
    def text(self, kind: Kind, value: float) -> str:
        shown = super().text(kind, float(value))
        return NotedText(shown, [_Number("", shown, value)])


class _NotingWording(Wording):
    def __call__(self, key: str, /, **details: object) -> str:
        numbers: list[_Number] = []
        for limit, name in _template(self.entries[key]):
            if limit:
                numbers.append(_Number("p", limit, stated(SIGNIFICANT, "report")))
            if name in details:
                numbers += _within(name, details[name])
        return NotedText(super().__call__(key, **details), numbers)

    @property
    def numerals(self) -> Numerals:
        return _NotingNumerals(super().numerals.leading_zero)


class _NotingContext(Context):
    @property
    def words(self) -> Wording:
        plain = super().words
        return _NotingWording(plain.language, plain.entries)

    @property
    def level(self) -> str:
        shown = super().level
        return NotedText(shown, [_Number("level", shown, stated(float(shown), "plan analysis.confidence"))])

    def p_clause(self, p: float) -> str:
        shown = self.numerals.text(Kind.p, p)
        return NotedText(super().p_clause(p), _numbers(shown))


def noted_findings(
    tables: "Tables", context: Context, facts: "Facts", numbered: "Sequence[Numbered]"
) -> "Iterator[Finding]":
    """Yield the findings of the report, their sentences with the numbers in them for `numbers_of_finding`.

    Parameters
    ----------
    tables : Mapping
        Name -> tidy result table.
    context : Context
    facts : Facts
        Of the study.
    numbered : sequence of Numbered
        The tables of the appendix.
    """
    from manyi_outputs.report.document import findings_in_order, report_drawings

    noting = _NotingContext(**{each.name: getattr(context, each.name) for each in fields(Context)})
    known: dict[str, Any] = {
        name: stated_count(value, f"plan {key}")
        for name, key in _FACTS.items()
        if (value := getattr(facts, name)) is not None
    }
    # The figures bring no number: what could not be drawn is said without one.
    return findings_in_order(
        SourcedTables(tables),
        noting,
        replace(facts, **known),
        numbered,
        lambda: report_drawings(tables, context),
    )


def numbers_of_finding(finding: "Finding", tables: "Tables") -> tuple[TracedNumber, ...]:
    """Return the numbers in the sentences of a finding.

    Parameters
    ----------
    finding : Finding
        Of `noted_findings`.
    tables : Mapping
        Name -> tidy result table.
    """
    noted = (number for sentence in finding.sentences for number in _numbers(sentence))
    return tuple(dict.fromkeys(_placed(number, tables) for number in noted))


def _placed(number: _Number, tables: "Tables") -> TracedNumber:
    value = number.value
    if not isinstance(value, Sourced):
        return TracedNumber(number.name, 0, number.shown, float(value), (), "", "")
    places = tuple(Place(one.table, one.row, one.column) for one in value.origins)
    known = TracedNumber(number.name, 0, number.shown, float(value), places, "", "")
    if not places:
        return replace(known, stated=value.formula)
    return replace(known, calculation=value.formula, function=function_of(places[0], tables))
