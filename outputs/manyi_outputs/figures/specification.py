"""Specification curves: the estimates under every combination above, what each combination is below."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, Tables, grouped, number, records
from manyi_outputs.context import Context
from manyi_outputs.figures.colours import BLUE, GREY, INK
from manyi_outputs.figures.drawing import Drawing, Shown, foot, later, undrawn
from manyi_outputs.figures.glyphs import fitted, width
from manyi_outputs.figures.panel import Panel, span
from manyi_outputs.figures.rows import column
from manyi_outputs.figures.sheet import ACROSS, MARGIN, TINY, Mark, Sheet
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import SIGNIFICANT

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ABREAST, _BETWEEN, _HEAD, _CURVE, _CHOICE, _GROUP = 4, 9.0, 33.0, 92.0, 8.6, 4.0
_NAMES, _MOST_TERMS = 78.0, 8
CHOICES = ("outcome", "cleaning", "controls")
_APART, _NOT = Mark("o", BLUE, 3.6), Mark("o", GREY, 3.6, filled=False)


@dataclass(frozen=True, slots=True)
class Choice:
    """One way in which specifications differ.

    Parameters
    ----------
    name : {"outcome", "cleaning", "controls"}
    value : str
    label : str
    """

    name: str
    value: str
    label: str


def specification_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return the curves of every regression whose specifications were computed, eight terms a figure."""
    words, found = context.words, list[Shown]()
    for (role, outcome), rows in grouped(records(tables, "specification"), "role", "regression"):
        title = words("figure.specification", role=context.role(role), outcome=context.index(role, outcome))
        name, key = f"specification-{role}-{outcome}", f"specification-{role}-{outcome}"
        known = [
            row
            for row in rows
            if all(number(row.get(one)) is not None for one in ("estimate", "low", "high"))
        ]
        if not known:
            found += undrawn(name, "robustness", title, key, rows, context)
            continue
        terms = list(dict.fromkeys(str(row["term"]) for row in known))
        parts = [terms[at : at + _MOST_TERMS] for at in range(0, len(terms), _MOST_TERMS)]
        hidden = len(rows) - len(known)
        for at, part in enumerate(parts, start=1):
            own = [row for row in known if str(row["term"]) in part]
            several = words("figure.part", part=at, parts=len(parts)) if len(parts) > 1 else ""
            alt = _told(role, own, title + several, context)
            draw = later(specification, role, own, hidden, context)
            found.append(
                Drawing(
                    name if at == 1 else f"{name}-{at}", "robustness", title + several, key, draw, alt,
                    ("specification",),
                )
            )  # fmt: skip
    return found


def _told(role: str, rows: list[Record], title: str, context: Context) -> str:
    words, text = context.words, context.numerals.text
    spelled = []
    for (term,), members in grouped(rows, "term"):
        values = column(members, "estimate")
        spelled.append(
            words(
                "figure.specification_term",
                term=context.term(role, term),
                k=len(members),
                low=text(Kind.coefficient, float(values.min())),
                high=text(Kind.coefficient, float(values.max())),
                significant=sum(_significant(row) for row in members),
            )
        )
    return f"{title}{words('numbers.colon')}{words('numbers.clause').join(spelled)}{words('numbers.stop')}"


def _significant(row: Record) -> bool:
    p = number(row.get("p"))
    return p is not None and p < SIGNIFICANT


def choices(role: str, rows: list[Record], context: Context) -> list[Choice]:
    """Return the ways in which these specifications differ; what all share is no choice."""
    found = []
    for name in CHOICES:
        values = list(dict.fromkeys(str(row[name]) for row in rows))
        if len(values) > 1:
            found += [Choice(name, value, _label(role, name, value, context)) for value in values]
    return found


def _label(role: str, name: str, value: str, context: Context) -> str:
    if name == "outcome":
        # Questions may begin alike: what is cut must still be told apart.
        title = context.index(role, value)
        return title if context.question(role, value) is None else f"{value} {title}"
    if name == "cleaning":
        return context.words.term("cleaning_choice", value)
    if value == "none":
        return context.words("term.no_controls")
    return context.words("numbers.list").join(context.block(one) for one in value.split("+"))


def specification(role: str, rows: list[Record], hidden: int, context: Context) -> "Figure":
    """Draw a field a term: estimates in ascending order with their limits, under each what it combines.

    Parameters
    ----------
    role : str
    rows : list of records
        Table `specification`, those with an estimate.
    hidden : int
        Estimates that cannot be shown.
    context : Context
    """
    words = context.words
    fields = list(grouped(rows, "term"))
    differing = choices(role, rows, context)
    labels = [fitted(one.label, _NAMES, TINY, 1) for one in differing]
    left = MARGIN + max((width(label, TINY) for label in labels), default=30.0) + 22
    abreast = min(_ABREAST, len(fields))
    across = min((ACROSS - MARGIN - left + _BETWEEN) / abreast - _BETWEEN, 190.0)
    below = _CHOICE * len(differing) + _GROUP * len({one.name for one in differing}) + 6
    deep = _HEAD + _CURVE + below + 8
    top = MARGIN + 16
    lines = -(-len(fields) // abreast)
    more = words("figure.specification_hidden", k=hidden) if hidden else ""
    counts = [n for row in rows if (n := number(row.get("n"))) is not None]
    said = words("figure.n_range", low=f"{min(counts):.0f}", high=f"{max(counts):.0f}") if counts else ""
    sheet = Sheet(
        top + lines * deep,
        foot(
            context, ("specification",), said, words("figure.specification_note", level=context.level), more
        ),
    )
    sheet.key(
        [(_APART, words("figure.significant")), (_NOT, words("figure.not_significant"))], MARGIN, MARGIN
    )
    limits = span(*(column(rows, name) for name in ("estimate", "low", "high")), include=(0.0,))
    for at, ((term,), members) in enumerate(fields):
        x, y = left + at % abreast * (across + _BETWEEN), top + at // abreast * deep
        title = fitted(context.term(role, term), across, TINY + 0.5, 3)
        sheet.text(x, y + _HEAD - 3, title, size=TINY + 0.5, upright="bottom")
        first = at % abreast == 0
        curve = _curve(sheet, members, x, y + _HEAD, across, limits, f"{at}", first=first)
        _dots(sheet, curve, members, differing, labels if first else None, y + _HEAD + _CURVE, left)
    return sheet.figure


def _curve(
    sheet: Sheet,
    rows: list[Record],
    left: float,
    top: float,
    across: float,
    limits: tuple[float, float],
    name: str,
    *,
    first: bool,
) -> Panel:
    panel = Panel(sheet, left, top, left + across, top + _CURVE, -0.7, len(rows) - 0.3, *limits)
    if first:
        panel.y_axis("", most=5, size=TINY)
    else:
        panel.y_axis("", most=5, labels=[""] * len(_ticks(limits)), size=TINY)
    panel.level(0, wide=0.8)
    middle, low, high = (column(rows, each) for each in ("estimate", "low", "high"))
    order = np.argsort(middle, kind="stable")
    x = np.arange(len(rows), dtype=float)
    strokes = np.stack([np.column_stack([x, low[order]]), np.column_stack([x, high[order]])], axis=1)
    sheet.strokes(
        list(strokes), "#B5B5B5", wide=max(0.3, min(1.0, 30 / len(rows))), transform=panel.transform
    )
    significant = np.array([_significant(rows[at]) for at in order])
    shrink = max(0.35, min(1.0, across / len(rows) / 5))
    for mark, chosen, what in ((_APART, significant, "significant"), (_NOT, ~significant, "other")):
        if chosen.any():
            smaller = Mark(mark.shape, mark.color, mark.size * shrink, mark.filled)
            sheet.marks(
                x[chosen], middle[order][chosen], smaller, name=f"{what}-{name}", transform=panel.transform
            )
    return panel


def _ticks(limits: tuple[float, float]) -> tuple[float, ...]:
    from manyi_outputs.figures.panel import ticks

    return ticks(*limits, 5)


def _dots(
    sheet: Sheet,
    curve: Panel,
    rows: list[Record],
    differing: list[Choice],
    labels: list[str] | None,
    top: float,
    left: float,
) -> None:
    """Draw below a curve which choices each estimate rests on."""
    order = np.argsort(column(rows, "estimate"), kind="stable")
    y, points = top + 4, list[tuple[float, float]]()
    lines = []
    for at, choice in enumerate(differing):
        y += _GROUP if at == 0 or differing[at - 1].name != choice.name else 0
        middle = y + _CHOICE / 2
        lines.append([(curve.left, middle), (curve.right, middle)])
        points += [
            (curve.x(float(place)), middle)
            for place, row in enumerate(order)
            if str(rows[row][choice.name]) == choice.value
        ]
        if labels is not None:
            sheet.text(left - 8, middle, labels[at], size=TINY, along="end")
        y += _CHOICE
    if lines:
        sheet.strokes(lines, "#EEEEEE", wide=0.5, order=0)
        size = max(0.8, min(2.6, (curve.right - curve.left) / len(rows) * 0.7))
        x, down = zip(*points, strict=True)
        sheet.marks(x, down, Mark("s", INK, size))
