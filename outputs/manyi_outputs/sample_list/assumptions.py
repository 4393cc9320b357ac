"""What a sample follows from, in words: one row a topic."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from manyi_outputs.appendix.records import Record, given
from manyi_outputs.appendix.table import Cell, Column, Row, Table
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind


@dataclass(frozen=True, slots=True)
class Drawing:
    """How a sample was drawn.

    Parameters
    ----------
    residents, per_mille, floor, total
        The rule; None where it was not used.
    strata : tuple of str
        Their columns.
    separator : str
        Between the levels in a stratum's name.
    by_residents : bool
        Strata are served in proportion to residents.
    schools, drawn : int
        Schools of the frame, and those drawn.
    drawn_by : {"all", "pps", "srs"}
    measure : str
        Title of the size that probabilities are in proportion to.
    seed : int
        Of chance.
    precision : Mapping
        Role -> margin, share or sd, icc, simple, design_effect, population, n.
    """

    residents: int | None
    per_mille: float | None
    floor: int
    total: int | None
    strata: tuple[str, ...]
    separator: str
    by_residents: bool
    schools: int
    drawn: int
    drawn_by: str
    measure: str
    seed: int
    precision: Mapping[str, Record] = field(default_factory=dict)


def assumptions(drawing: Drawing, roles: Mapping[str, str], context: Context) -> Table:
    """Return the table of assumptions and formulas."""
    words = context.words
    lines = [*_rule(drawing, context), *_precisions(drawing, roles, context)]
    if drawing.schools:
        lines += [_strata(drawing, context), _schools(drawing, context)]
        lines.append((words("sample.persons"), words("sample.persons_text")))
    lines.append((words("sample.weights"), words("sample.weights_text")))
    lines.append((words("sample.list"), words("sample.list_text")))
    columns = (
        Column(words("heading.topic"), width=16, words=True),
        Column(words("heading.explanation"), width=84, words=True),
    )
    body = tuple(Row((Cell(topic, bold=True), Cell(text))) for topic, text in lines)
    return Table("sample_assumptions", "sample", words("title.sample_assumptions"), columns, body)


Lines = Sequence[tuple[str, str]]


def _rule(drawing: Drawing, context: Context) -> Lines:
    if drawing.total is None:
        return ()
    text = context.words(
        "sample.rule_text",
        residents=f"{drawing.residents:,}",
        rate=f"{drawing.per_mille:g}",
        total=f"{drawing.total:,}",
        floor=f"{drawing.floor:,}",
    )
    return ((context.words("sample.rule"), text),)


def _precisions(drawing: Drawing, roles: Mapping[str, str], context: Context) -> Lines:
    words, numerals = context.words, context.numerals
    lines = []
    for role, entry in drawing.precision.items():
        kind = "mean" if given(entry.get("sd")) else "share"
        opening = words(
            f"sample.precision_{kind}",
            margin=f"{entry['margin']:g}",
            level=context.level,
            share=f"{entry['share']:g}",
            sd="" if not given(entry.get("sd")) else f"{entry['sd']:g}",
            simple=numerals.text(Kind.index, float(entry["simple"])),
        )
        people = entry.get("population")
        rest = words(
            "sample.precision_rest",
            icc=f"{entry['icc']:g}",
            deff=numerals.text(Kind.mean, float(entry["design_effect"])),
            population=words("sample.unbounded") if people is None else f"{people:,.0f}",
            n=f"{entry['n']:,}",
        )
        title = words("sample.precision", role=roles.get(role, role))
        lines.append((title, opening + words("layout.join") + rest))
    return lines


def _strata(drawing: Drawing, context: Context) -> tuple[str, str]:
    words = context.words
    if not drawing.strata:
        return words("sample.strata"), words("sample.strata_none")
    named = words("sample.list_joined").join(context.group("", name) for name in drawing.strata)
    key = "sample.strata_residents" if drawing.by_residents else "sample.strata_text"
    return words("sample.strata"), words(key, strata=named)


def _schools(drawing: Drawing, context: Context) -> tuple[str, str]:
    words = context.words
    text = words(
        f"sample.schools_{drawing.drawn_by}",
        schools=drawing.schools,
        drawn=drawing.drawn,
        measure=drawing.measure,
        seed=drawing.seed,
    )
    return words("sample.schools"), text
