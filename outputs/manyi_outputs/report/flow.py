"""The flow of the sample: issued, received, left out by each rule in its order, analysed; role by role."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from manyi_outputs.appendix.provenance import as_int
from manyi_outputs.appendix.records import Record, Tables, given, grouped, records
from manyi_outputs.context import Context
from manyi_outputs.figures.colours import BLUE, GREY, INK, VERMILION
from manyi_outputs.figures.drawing import Drawing, later
from manyi_outputs.figures.glyphs import fitted, width
from manyi_outputs.figures.sheet import ACROSS, MARGIN, SIZE, Sheet, arrow_tip
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Roles side by side; more stand in further rows of the figure.
ABREAST = 4
#: Points: the names of the steps, the height of a step, of a box, of the heading, between rows of roles.
_NAMES, _STEP, _BOX, _HEAD, _BETWEEN = 168.0, 25.0, 18.0, 30.0, 11.0
#: Points beside a number in its box, and of the stroke that leads to what left.
_BESIDE, _TICK = 5.0, 13.0


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
    steps = {
        str(row["step"]): as_int(row["n"]) for row in rows if not given(row["reason"]) or not row["reason"]
    }
    excluded = {str(row["reason"]): as_int(row["n"]) for row in rows if row["step"] == "excluded"}
    return Flow(role, steps.get("issued"), steps.get("received", 0), excluded, steps.get("kept", 0))


def flow_drawing(tables: Tables, context: Context) -> Drawing | None:
    """Return the figure of the sample's flow; None where there is no ledger."""
    found = flows(tables)
    if not found:
        return None
    alt = context.words("layout.join").join(told(flow, context) for flow in found)
    title = context.words("report.flow_title")
    return Drawing(
        "sample-flow", "sample", title, "ledger", later(_draw, found, context), alt=alt, sources=("ledger",)
    )


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
    issued = ["issued"] if any(flow.issued is not None for flow in found) else []
    names = [*issued, "received", *rules, "kept"]
    down = _HEAD + len(names) * _STEP
    sheet = Sheet(len(panels) * (down + _BETWEEN))
    for at, panel in enumerate(panels):
        top = at * (down + _BETWEEN)
        rows = {name: top + _HEAD + (place + 0.5) * _STEP for place, name in enumerate(names)}
        _panel(sheet, panel, rows, top + _HEAD / 2, context)
    return sheet.figure


def _panel(
    sheet: Sheet, panel: tuple[Flow, ...], rows: dict[str, float], heading: float, context: Context
) -> None:
    words = context.words
    for name, y in rows.items():
        total = words.among("step", name)
        text = words(f"step.{name}") if total else words("report.flow_left", rule=words.term("rule", name))
        sheet.text(MARGIN, y, fitted(text, _NAMES - 2 * MARGIN, SIZE, 2, total), bold=total)
    room = (ACROSS - _NAMES) / len(panel)
    for at, flow in enumerate(panel):
        x = _NAMES + (at + 0.5) * room
        title = fitted(context.role(flow.role), room - 2 * MARGIN, SIZE, 2, bold=True)
        sheet.text(x, heading, title, bold=True, along="middle")
        _column(sheet, flow, rows, x, context)


def _column(sheet: Sheet, flow: Flow, rows: dict[str, float], x: float, context: Context) -> None:
    """Draw one role: boxes for totals, an arrow down through the rules, what each rule leaves out."""
    count = context.numerals.text
    totals = {"issued": flow.issued, "received": flow.received, "kept": flow.kept}
    boxes = [(rows[name], value) for name, value in totals.items() if name in rows and value is not None]
    for (start, _), (end, _) in pairwise(boxes):
        sheet.strokes([[(x, start + _BOX / 2), (x, end - _BOX / 2 - 3)]], INK, wide=1.0)
        sheet.surfaces([arrow_tip(x, end - _BOX / 2, 0, 1, size=6.0)], INK)
    for y, value in boxes:
        text = f"n = {count(Kind.count, value)}"
        half = width(text, SIZE) / 2 + _BESIDE
        edge = BLUE if y == rows["kept"] else INK
        sheet.bars([x - half], [x + half], [y - _BOX / 2], [y + _BOX / 2], "white", edge=edge, order=4)
        sheet.text(x, y, text, along="middle")
    for rule, n in flow.excluded.items():
        color = VERMILION if n else GREY
        sheet.strokes([[(x, rows[rule]), (x + _TICK, rows[rule])]], color, wide=1.0)
        sheet.text(x + _TICK + 3, rows[rule], count(Kind.count, -n), color=color)
