"""Figures of the factor structure: scree with parallel analysis, and loadings."""

from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.records import Record, Tables, grouped, number, records
from manyi_outputs.appendix.validity import factor_title
from manyi_outputs.context import Context
from manyi_outputs.figures.colours import BLUE, GREY, INK, VERMILION
from manyi_outputs.figures.drawing import Drawing, Shown, foot, later, undrawn
from manyi_outputs.figures.glyphs import fitted
from manyi_outputs.figures.panel import AXIS, Panel, span
from manyi_outputs.figures.rows import edges, fitted_labels, name_rows
from manyi_outputs.figures.sheet import ACROSS, MARGIN, SMALL, Mark, Sheet
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW = 14.5
#: From here on the shade of a cell is too dark for black figures.
_DARK = 0.55
_MOST_RANKS = 15
#: Items on one sheet; more stand on further ones.
_MOST_ITEMS = 41
_STEPS = 41


def structure_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return scree and loadings of every role."""
    words, found = context.words, list[Shown]()
    eigenvalues = {role: rows for (role,), rows in grouped(records(tables, "eigenvalues"), "role")}
    patterns = {role: rows for (role,), rows in grouped(records(tables, "loadings"), "role")}
    factorability = {str(row["role"]): row for row in records(tables, "factorability")}
    for role in dict.fromkeys([*factorability, *eigenvalues, *patterns]):
        ranks = [row for row in eigenvalues.get(role, []) if number(row.get("number")) is not None]
        cells = [row for row in patterns.get(role, []) if number(row.get("pattern")) is not None]
        whole = factorability.get(role, {})
        title, key = words("figure.scree", role=context.role(role)), f"eigenvalues-{role}"
        if ranks:
            alt = _scree_told(ranks, whole, title, context)
            draw = later(scree, ranks, context, whole)
            found.append(
                Drawing(f"scree-{role}", "validity", title, key, draw, alt, ("eigenvalues", "factorability"))
            )
        else:
            found += undrawn(f"scree-{role}", "validity", title, key, [whole] if whole else [], context)
        found += _loading_figures(role, cells, whole, context)
    return found


def _loading_figures(role: str, cells: list[Record], whole: Record, context: Context) -> list[Shown]:
    items = list(dict.fromkeys(str(row["item"]) for row in cells))
    parts = [items[at : at + _MOST_ITEMS] for at in range(0, len(items), _MOST_ITEMS)]
    title = context.words("figure.loadings", role=context.role(role))
    made: list[Shown] = []
    for at, part in enumerate(parts, start=1):
        own = [row for row in cells if str(row["item"]) in part]
        several = context.words("figure.part", part=at, parts=len(parts)) if len(parts) > 1 else ""
        name = f"loadings-{role}" if at == 1 else f"loadings-{role}-{at}"
        alt = _loadings_told(own, title + several, context)
        draw = later(loadings, own, context, role, whole)
        made.append(Drawing(name, "validity", title + several, f"loadings-{role}", draw, alt, ("loadings",)))
    return made


def _sample(whole: Record) -> str:
    n = number(whole.get("n"))
    return "" if n is None else f"{n:.0f}"


def _n(whole: Record, context: Context) -> str:
    n = _sample(whole)
    return context.words("figure.n", n=n) if n else ""


def _scree_told(rows: list[Record], whole: Record, title: str, context: Context) -> str:
    values = [value for row in rows if (value := number(row.get("factor"))) is not None][:3]
    shown = [context.numerals.text(Kind.mean, value) for value in values]
    number_of = number(whole.get("factors_parallel_fa"))
    return context.words(
        "figure.scree_told",
        title=title,
        first=context.words("numbers.list").join(shown) or "—",
        factors="—" if number_of is None else f"{number_of:.0f}",
    )


def _loadings_told(rows: list[Record], title: str, context: Context) -> str:
    values = np.array([float(row["pattern"]) for row in rows])
    best: dict[str, float] = {}
    for row in rows:
        best[str(row["item"])] = max(best.get(str(row["item"]), 0.0), abs(float(row["pattern"])))
    text = context.numerals.text
    return context.words(
        "figure.loadings_told",
        title=title,
        items=len(best),
        factors=len({str(row["factor"]) for row in rows}),
        high=int((np.abs(values) >= context.cut).sum()),
        cut=text(Kind.mean, context.cut),
        low=text(Kind.mean, min(best.values())),
        most=text(Kind.mean, max(best.values())),
    )


def scree(rows: list[Record], context: Context, whole: Record) -> "Figure":
    """Draw the eigenvalues of one role against the 95th percentile of random data.

    Parameters
    ----------
    rows : list of records
        Table `eigenvalues` of the role; the first 15 ranks are drawn.
    context : Context
        Language.
    whole : record
        Row of table `factorability`.
    """
    words, drawn = context.words, rows[:_MOST_RANKS]
    sheet = Sheet(230, foot(context, ("eigenvalues",), _n(whole, context)))
    series = [
        (name, color, shape) for name, color, shape in (("component", BLUE, "o"), ("factor", VERMILION, "s"))
        if any(number(row.get(name)) is not None for row in drawn)
    ]  # fmt: skip
    entries: list[tuple[Mark | str, str]] = []
    values: dict[str, list[tuple[float, float]]] = {}
    for name, color, shape in series:
        for wanted in (name, f"{name}_95"):
            values[wanted] = [
                (float(row["number"]), value)
                for row in drawn
                if (value := number(row.get(wanted))) is not None
            ]
            sign = Mark(shape, color) if wanted == name else f"-- {color}"
            if values[wanted]:
                entries.append((sign, words(f"figure.scree_{wanted}")))
    top = sheet.key(entries, 42, MARGIN) + 6
    highest = span([y for points in values.values() for _, y in points], include=(0.0,))
    panel = Panel(sheet, 42, top, ACROSS - MARGIN, 230 - AXIS - 2, 0.5, len(drawn) + 0.5, *highest)
    panel.x_axis(words("figure.scree_x"), [float(row["number"]) for row in drawn], grid=False)
    panel.y_axis(words("figure.scree_y"))
    panel.level(0, color=GREY, wide=0.6)
    for name, color, shape in series:
        for wanted in (name, f"{name}_95"):
            random = wanted != name
            if len(values[wanted]) > 1:
                sheet.strokes(
                    [np.array(values[wanted])], color, wide=1.0 if random else 1.4,
                    dashes="--" if random else "-", name=wanted, transform=panel.transform,
                )  # fmt: skip
            if not random:
                x, y = zip(*values[wanted], strict=True)
                sheet.marks(x, y, Mark(shape, color), name=f"{wanted}-marks", transform=panel.transform)
    return sheet.figure


def loadings(rows: list[Record], context: Context, role: str, whole: Record) -> "Figure":
    """Draw one role's pattern matrix in shades, with the loadings at or above the cut as numbers.

    Parameters
    ----------
    rows : list of records
        Table `loadings` of the role.
    context : Context
        Questionnaires and language.
    role : str
    whole : record
        Row of table `factorability`.
    """
    items = list(dict.fromkeys(str(row["item"]) for row in rows))
    factors = list(dict.fromkeys(str(row["factor"]) for row in rows))
    values = np.full((len(items), len(factors)), np.nan)
    for row in rows:
        values[items.index(str(row["item"])), factors.index(str(row["factor"]))] = float(row["pattern"])
    texts = (f"{item}  {text}" if (text := context.text(role, item)) != item else item for item in items)
    labels = fitted_labels(list(texts), SMALL, lines=1)
    left, top, right = edges(labels, SMALL), 20.0, ACROSS - MARGIN - 44
    bottom = top + _ROW * len(items)
    said = context.words("figure.loadings_cut", cut=context.numerals.text(Kind.mean, context.cut))
    sheet = Sheet(bottom + 6, foot(context, ("loadings",), _n(whole, context), said))
    across = (right - left) / len(factors)
    for at, factor in enumerate(factors):
        title = fitted(factor_title(context, factor), across - 2, SMALL, 1)
        sheet.text(left + (at + 0.5) * across, 10, title, size=SMALL, along="middle")
    name_rows(sheet, labels, top + _ROW * (np.arange(len(items)) + 0.5), left, SMALL)
    lines, positions = np.nonzero(np.isfinite(values))
    shades = _shades(values[lines, positions])
    x, y = left + positions * across, top + lines * _ROW
    sheet.bars(x, x + across, y, y + _ROW, shades, name="cells")
    for line, position in zip(lines, positions, strict=True):
        value = float(values[line, position])
        if abs(value) >= context.cut:
            sheet.text(
                left + (position + 0.5) * across,
                top + (line + 0.5) * _ROW,
                two_decimals(value, context),
                size=SMALL,
                color="white" if abs(value) > _DARK else INK,
                along="middle",
            )
    _scale(sheet, right + 10, top, min(bottom, top + 220), context)
    return sheet.figure


def _shades(values: np.ndarray) -> np.ndarray:
    """Return the colours of loadings from −1 to 1: brown to purple, white at nought."""
    import matplotlib as mpl

    return np.asarray(mpl.colormaps["PuOr"]((np.clip(values, -1, 1) + 1) / 2))


def _scale(sheet: Sheet, left: float, top: float, bottom: float, context: Context) -> None:
    """Draw what the shades mean."""
    steps = np.linspace(1, -1, _STEPS)
    high = (bottom - top) / _STEPS
    y = top + high * np.arange(_STEPS)
    # A little higher than its step: no hairline of paper between two of them.
    sheet.bars(
        np.full(_STEPS, left),
        np.full(_STEPS, left + 9),
        y,
        np.minimum(y + high * 1.3, bottom),
        _shades(steps),
    )
    for value in (1.0, 0.5, 0.0, -0.5, -1.0):
        y_at = top + (1 - value) / 2 * (bottom - top)
        sheet.text(left + 12, y_at, f"{value:.1f}".replace("-", "−"), size=SMALL)
    sheet.text(left, 10, context.words("figure.loadings_bar"), size=SMALL)


def two_decimals(value: float, context: Context) -> str:
    """Return a loading or correlation with two decimals, as there is room for."""
    shown = context.numerals.text(Kind.mean, value)
    return shown if context.numerals.leading_zero else shown.replace("0.", ".", 1)
