"""Figure of what school indicators do to an outcome: total and direct effects with confidence intervals."""

from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, Tables, number
from manyi_outputs.appendix.regression import Blocks, regressions
from manyi_outputs.context import Context
from manyi_outputs.figures.colours import BLUE, VERMILION
from manyi_outputs.figures.drawing import Drawing, Shown, foot, later, undrawn
from manyi_outputs.figures.panel import AXIS, Panel, span
from manyi_outputs.figures.rows import edges, fitted_labels, level_strokes, name_rows
from manyi_outputs.figures.sheet import ACROSS, MARGIN, PAGE, Mark, Sheet
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW, _APART = 25.0, 0.16
#: Effect -> its mark; the second is drawn a little below the first.
MARKS = {"total": Mark("o", BLUE, 6), "direct": Mark("D", VERMILION, 5, filled=False)}


def effect_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return a forest of coefficients for every regression with school indicators."""
    found: list[Shown] = []
    for blocks in regressions(tables, context):
        effects = blocks.of_effect("total") + blocks.of_effect("direct")
        if not effects:
            continue
        outcome = context.index(blocks.role, blocks.outcome)
        title = context.words("figure.coefficients", role=context.role(blocks.role), outcome=outcome)
        name, key = (f"{start}-{blocks.role}-{blocks.outcome}" for start in ("coefficients", "regression"))
        if not any(_drawn(row) for row in effects):
            found += undrawn(name, "regression", title, key, effects, context)
            continue
        alt = _told(blocks, title, context)
        draw = later(coefficients, blocks, context)
        found.append(Drawing(name, "regression", title, key, draw, alt, ("regression", "regression_models")))
    return found


def _told(blocks: Blocks, title: str, context: Context) -> str:
    words, numerals = context.words, context.numerals
    total = [row for row in blocks.of_effect("total") if _drawn(row)]
    apart = [row for row in total if float(row["low"]) > 0 or float(row["high"]) < 0]
    standardized = all(_ratio(row) is not None for row in total)
    spelled = [
        f"{context.term(blocks.role, str(row['term']))} "
        f"{numerals.text(Kind.coefficient, float(row['beta'] if standardized else row['b']))}"
        for row in apart
    ]
    return words(
        "figure.coefficients_told",
        title=title,
        k=len(total),
        apart=len(apart),
        terms=words("numbers.list").join(spelled) or words("figure.none"),
        level=context.level,
    )


def coefficients(blocks: Blocks, context: Context) -> "Figure":
    """Draw every school indicator's total effect and, where there is one, its direct effect.

    Indicators have units of their own (yuan, square metres, teachers), so that coefficients are drawn per
    standard deviation: limits are scaled by β / B, as the coefficient itself is. Where a row has no β, all
    are drawn as B.

    Parameters
    ----------
    blocks : Blocks
        One regression with school indicators.
    context : Context
        Titles and language.
    """
    words = context.words
    found = {effect: blocks.of_effect(effect) for effect in MARKS}
    terms = list(dict.fromkeys(str(row["term"]) for row in found["total"] or found["direct"]))
    standardized = all(_ratio(row) is not None for rows in found.values() for row in rows if _drawn(row))
    points = {
        effect: [row for row in rows if _drawn(row) and str(row["term"]) in terms]
        for effect, rows in found.items()
    }
    scaled = {effect: _scaled(rows, standardized) for effect, rows in points.items() if rows}
    labels = fitted_labels([context.term(blocks.role, term) for term in terms])
    left, bottom = edges(labels), 26 + min(_ROW, (PAGE - 80) / len(terms)) * len(terms)
    sheet = Sheet(bottom + AXIS + 4, foot(context, ("regression",), _n(blocks, scaled, context)))
    sheet.key([(MARKS[effect], words(f"figure.coefficients_{effect}")) for effect in scaled], MARGIN, MARGIN)
    low, high = span(*scaled.values(), include=(0.0,))
    panel = Panel(sheet, left, 22, ACROSS - MARGIN - 6, bottom, low, high, len(terms) - 0.5, -0.5)
    label = "figure.coefficients_beta_x" if standardized else "figure.coefficients_x"
    panel.x_axis()
    sheet.text(
        min((left + ACROSS) / 2, ACROSS / 2 + 40), bottom + AXIS - 6, words(label, level=context.level),
        along="middle",
    )  # fmt: skip
    panel.upright(0, wide=0.8)
    for effect, (middle, low_end, high_end) in scaled.items():
        mark = MARKS[effect]
        lines = [terms.index(str(row["term"])) for row in points[effect]]
        y = np.array(lines) + (
            _APART if effect == "direct" and len(scaled) > 1 else -_APART * (len(scaled) > 1)
        )
        sheet.strokes(
            level_strokes(low_end, high_end, y), mark.color, wide=1.5 if mark.filled else 1.0,
            dashes="-", name=f"{effect}-intervals", transform=panel.transform,
        )  # fmt: skip
        sheet.marks(middle, y, mark, name=effect, transform=panel.transform)
    name_rows(sheet, labels, [panel.y(at) for at in range(len(terms))], left)
    return sheet.figure


def _scaled(rows: list[Record], standardized: bool) -> np.ndarray:
    """Return coefficient and limits, shape (3, terms)."""
    scales = np.array([(_ratio(row) or 1.0) if standardized else 1.0 for row in rows])
    limits = np.array([[float(row[name]) for row in rows] for name in ("b", "low", "high")])
    scaled: np.ndarray = limits * scales
    return scaled


def _n(blocks: Blocks, drawn: dict[str, np.ndarray], context: Context) -> str:
    model = blocks.model(blocks.model_of(next(iter(drawn))))
    n, clusters = number(model.get("n")), number(model.get("clusters"))
    if n is None:
        return ""
    if clusters is None:
        return context.words("figure.n", n=f"{n:.0f}")
    return context.words("figure.n_schools", n=f"{n:.0f}", schools=f"{clusters:.0f}")


def _drawn(row: Record) -> bool:
    return all(number(row.get(name)) is not None for name in ("b", "low", "high"))


def _ratio(row: Record) -> float | None:
    """Return β / B, the standard deviation of the indicator over that of the outcome."""
    b, beta = number(row.get("b")), number(row.get("beta"))
    return beta / b if b and beta is not None else None
