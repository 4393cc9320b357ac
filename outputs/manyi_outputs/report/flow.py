"""The flow of the sample: issued, received, left out by each rule in its order, analysed; role by role."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from manyi_outputs.appendix.records import Record, Tables, given, grouped, records
from manyi_outputs.context import Context
from manyi_outputs.figures import Drawing
from manyi_outputs.figures.canvas import (
    BLUE,
    GREY,
    INK,
    VERMILION,
    WIDTH,
    canvas,
    settled,
    style,
    wrapped,
)
from manyi_outputs.figures.glyphs import drawable
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Roles side by side; more stand in further rows of the figure.
ABREAST = 4
#: Inches: the names of the steps, the height of a step, of a box, of the heading.
_NAMES, _STEP, _BOX, _HEAD = 2.35, 0.36, 0.27, 0.42
_NAME_WIDTH = 34


@dataclass(frozen=True, slots=True)
class Flow:
    """What became of the answers of one role.

    Parameters
    ----------
    role : str
    issued : int or None
        Handed out, where the study says how many.
    received : int
    excluded : dict
        Rule -> rows it left out, in the order in which the rules were applied.
    kept : int
        Rows analysed: received less all that were excluded.
    """

    role: str
    issued: int | None
    received: int
    excluded: dict[str, int]
    kept: int


def flows(tables: Tables) -> tuple[Flow, ...]:
    """Return the flow of every role of table `ledger`."""
    return tuple(_flow(role, rows) for (role,), rows in grouped(records(tables, "ledger"), "role"))


def _flow(role: str, rows: list[Record]) -> Flow:
    steps = {str(row["step"]): int(row["n"]) for row in rows if not given(row["reason"]) or not row["reason"]}
    excluded = {str(row["reason"]): int(row["n"]) for row in rows if row["step"] == "excluded"}
    return Flow(role, steps.get("issued"), steps.get("received", 0), excluded, steps.get("kept", 0))


def flow_drawing(tables: Tables, context: Context) -> Drawing | None:
    """Return the figure of the sample's flow; None where there is no ledger."""
    found = flows(tables)
    if not found:
        return None
    made: list[Figure] = []

    def draw() -> "Figure":
        if not made:
            made.append(settled(_draw(found, context)))
        return made[0]

    alt = context.words("layout.join").join(told(flow, context) for flow in found)
    title = context.words("report.flow_title")
    return Drawing("sample-flow", "sample", title, "ledger", draw, alt=alt, sources=("ledger",))


def told(flow: Flow, context: Context) -> str:
    """Return one role's flow in words, for those who cannot see the figure."""
    words, count = context.words, context.numerals.text
    issued = "" if flow.issued is None else words("report.flow_issued", n=count(Kind.count, flow.issued))
    return words(
        "report.flow_told",
        role=context.role(flow.role),
        issued=issued,
        received=count(Kind.count, flow.received),
        rules=rules_told(flow.excluded, context) if flow.excluded else words("report.flow_nobody"),
        kept=count(Kind.count, flow.kept),
    )


def rules_told(excluded: Mapping[str, int], context: Context) -> str:
    """Return each rule with the rows it left out, in their order."""
    words = context.words
    return words("numbers.list").join(
        words("report.flow_rule", rule=words.term("rule", rule), n=context.numerals.text(Kind.count, n))
        for rule, n in excluded.items()
    )


def _draw(found: tuple[Flow, ...], context: Context) -> "Figure":
    """Draw the roles as columns and the steps as rows: boxes are totals, numbers beside the line leave."""
    rules = list(dict.fromkeys(rule for flow in found for rule in flow.excluded))
    panels = [found[start : start + ABREAST] for start in range(0, len(found), ABREAST)]
    issued = any(flow.issued is not None for flow in found)
    steps = len(rules) + 2 + issued
    height = len(panels) * (_HEAD + steps * _STEP + 0.15)
    with style():
        figure, (axes,) = canvas(height)
        axes.set_axis_off()
        axes.set_xlim(0, WIDTH)
        axes.set_ylim(-height, 0)
        for at, panel in enumerate(panels):
            _panel(axes, panel, rules, issued, -at * height / len(panels), context)
    return figure


def _panel(
    axes: "Axes", panel: tuple[Flow, ...], rules: list[str], issued: bool, top: float, context: Context
) -> None:
    words = context.words
    names = [*(["issued"] if issued else []), "received", *rules, "kept"]
    rows = {name: top - _HEAD - (at + 0.5) * _STEP for at, name in enumerate(names)}
    for name, y in rows.items():
        total = name not in rules
        text = words(f"step.{name}") if total else words("report.flow_left", rule=words.term("rule", name))
        weight = "bold" if total else "normal"
        axes.text(0, y, wrapped(text, _NAME_WIDTH, 2), va="center", weight=weight, fontsize=8.5)
    room = (WIDTH - _NAMES) / len(panel)
    for at, flow in enumerate(panel):
        x = _NAMES + (at + 0.5) * room
        axes.text(
            x, top - _HEAD / 2, wrapped(context.role(flow.role), int(room * 11), 2),
            ha="center", va="center", weight="bold",
        )  # fmt: skip
        _column(axes, flow, rows, x, min(room * 0.8, 1.1), context)


def _column(
    axes: "Axes", flow: Flow, rows: dict[str, float], x: float, width: float, context: Context
) -> None:
    """Draw one role: boxes for totals, an arrow down through the rules, what each rule leaves out."""
    totals = {"issued": flow.issued, "received": flow.received, "kept": flow.kept}
    boxes = [(rows[name], value) for name, value in totals.items() if name in rows and value is not None]
    for (start, _), (end, _) in pairwise(boxes):
        axes.annotate(
            "", (x, end + _BOX / 2), (x, start - _BOX / 2),
            arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
    for y, value in boxes:
        edge = BLUE if y == rows["kept"] else INK
        axes.text(
            x, y, drawable(f"n = {context.numerals.text(Kind.count, value)}"), ha="center", va="center",
            bbox={"boxstyle": "square,pad=0.3", "facecolor": "white", "edgecolor": edge, "linewidth": 1.2},
        )  # fmt: skip
    for rule, n in flow.excluded.items():
        y = rows[rule]
        axes.plot([x, x + 0.18], [y, y], color=VERMILION if n else GREY, linewidth=1)
        shown = context.numerals.text(Kind.count, -n)
        axes.text(x + 0.22, y, drawable(shown), va="center", color=VERMILION if n else GREY, fontsize=8.5)
