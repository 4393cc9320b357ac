"""The path diagram of a confirmatory factor analysis, laid out by arithmetic alone.

Items stand in a column, each beside its factor; residuals to their left; correlations of factors are arcs to
their right, the further out the further apart the factors stand, so that no two numbers meet.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from manyi_outputs.appendix.confirmatory import WEAK, factor_name, model_title
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.context import Context
from manyi_outputs.figures.colours import BLUE, INK, VERMILION
from manyi_outputs.figures.drawing import Drawing, Shown, Undrawn, foot, later, undrawn
from manyi_outputs.figures.glyphs import fitted
from manyi_outputs.figures.sheet import ACROSS, FAINT, MARGIN, PAGE, SMALL, TINY, Sheet, arrow_tip
from manyi_outputs.figures.structure import two_decimals
from manyi_outputs.wording import Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Models in the order in which one is drawn.
_PREFERRED = ("correlated", "single", "second_order", "bifactor")
_ROW, _BOX, _GAP = 14.0, 11.5, 7.0
#: From left to right: residual, box of an item, loadings, ellipse of a factor; arcs take the rest.
_RESIDUAL, _ITEM, _PATHS, _FACTOR = 34.0, 116.0, 62.0, 70.0
#: What an arc's number needs; of more factors than fit correlations stand in the table only.
_STEP = 15.0
#: Factors on one sheet cannot be more than a page holds.
_MOST_ITEMS = 60
_CURVE = np.linspace(-np.pi / 2, np.pi / 2, 33)


@dataclass(frozen=True, slots=True)
class Paths:
    """One fitted model.

    Parameters
    ----------
    role, model, estimator : str
    loadings : dict
        (factor, item) -> standardized loading; items that are factors themselves among them.
    correlations : dict
        (factor, factor) -> correlation.
    fit : record
        Row of table `cfa_fit`.
    """

    role: str
    model: str
    estimator: str
    loadings: dict[tuple[str, str], float]
    correlations: dict[tuple[str, str], float]
    fit: Record

    @property
    def factors(self) -> list[str]:
        """Return the factors that items of the questionnaire load on, in their order."""
        every = {factor for factor, _ in self.loadings}
        return list(dict.fromkeys(factor for factor, item in self.loadings if item not in every))

    @property
    def items(self) -> list[tuple[str, str]]:
        """Return every item with the first factor it loads on, factor by factor."""
        first: dict[str, str] = {}
        every = {factor for factor, _ in self.loadings}
        for factor, item in self.loadings:
            if item not in every:
                first.setdefault(item, factor)
        return [(factor, item) for factor in self.factors for item, own in first.items() if own == factor]

    def residual(self, item: str) -> float | None:
        """Return 1 − λ², the share of an item its factor does not explain; None where it has several."""
        own = [value for (_, name), value in self.loadings.items() if name == item]
        return 1 - own[0] ** 2 if len(own) == 1 else None


def path_figures(tables: Tables, context: Context) -> list[Shown]:
    """Return a path diagram of every role's model of correlated factors, else of the model it has."""
    words, found = context.words, list[Shown]()
    fits = {role: rows for (role,), rows in grouped(records(tables, "cfa_fit"), "role")}
    for role, rows in fits.items():
        title = words("figure.path", role=context.role(role))
        name, key = f"path-{role}", f"convergent-{role}"
        paths = _paths(role, rows, tables)
        if paths is None:
            found += undrawn(name, "validity", title, key, rows, context)
            continue
        if len(paths.items) > _MOST_ITEMS:
            reason = words("figure.path_long", items=len(paths.items), most=_MOST_ITEMS)
            found.append(Undrawn(name, "validity", title, key, reason))
            continue
        sources = ("cfa_loadings", *(("latent_correlations",) if paths.correlations else ()), "cfa_fit")
        alt = _told(paths, title, context)
        draw = later(path_diagram, paths, sources, context)
        found.append(Drawing(name, "validity", title, key, draw, alt, sources))
    return found


def _paths(role: str, fits: list[Record], tables: Tables) -> Paths | None:
    """Return the model to draw; None where none was estimated."""
    loadings = [row for row in records(tables, "cfa_loadings") if str(row["role"]) == role]
    known = {key: rows for key, rows in grouped(loadings, "model", "estimator")}
    order = sorted(
        known, key=lambda key: _PREFERRED.index(key[0]) if key[0] in _PREFERRED else len(_PREFERRED)
    )
    for model, estimator in order:
        values = {
            (str(row["factor"]), str(row["item"])): value
            for row in known[model, estimator]
            if (value := number(row.get("std"))) is not None
        }
        if not values:
            continue
        correlations = {
            (str(row["a"]), str(row["b"])): value
            for row in records(tables, "latent_correlations")
            if (str(row["role"]), str(row["model"]), str(row["estimator"])) == (role, model, estimator)
            and (value := number(row.get("r"))) is not None
        }
        fit = next(
            (row for row in fits if (str(row["model"]), str(row["estimator"])) == (model, estimator)), {}
        )
        return Paths(role, model, estimator, values, correlations, fit)
    return None


def _fit_told(paths: Paths, context: Context) -> str:
    text, fit = context.numerals.text, paths.fit
    if not all(given(fit.get(name)) for name in ("n", "chi2", "df", "cfi", "rmsea", "srmr")):
        return ""
    return context.words(
        "figure.path_fit",
        model=model_title(context, paths.model),
        estimator=paths.estimator,
        n=text(Kind.count, float(fit["n"])),
        chi2=text(Kind.statistic, float(fit["chi2"])),
        df=text(Kind.df, float(fit["df"])),
        cfi=text(Kind.bounded, float(fit["cfi"])),
        rmsea=text(Kind.bounded, float(fit["rmsea"])),
        srmr=text(Kind.bounded, float(fit["srmr"])),
    )


def _told(paths: Paths, title: str, context: Context) -> str:
    own = [paths.loadings[key] for key in paths.loadings]
    text = context.numerals.text
    r = list(paths.correlations.values())
    told = context.words(
        "figure.path_told",
        title=title,
        items=len(paths.items),
        factors=len(paths.factors),
        low=text(Kind.mean, min(own)),
        high=text(Kind.mean, max(own)),
    )
    if not r:
        return told
    between = context.words(
        "figure.path_correlations", low=text(Kind.mean, min(r)), high=text(Kind.mean, max(r))
    )
    return told + context.words("layout.join") + between


def path_diagram(paths: Paths, sources: tuple[str, ...], context: Context) -> "Figure":
    """Draw items, factors, standardized loadings, residuals and correlations of one model.

    Parameters
    ----------
    paths : Paths
    sources : tuple of str
    context : Context
    """
    rows = _rows(paths)
    bottom = max(rows.values()) + _ROW / 2 + MARGIN
    room = ACROSS - MARGIN - 8 - (_RESIDUAL + _ITEM + _PATHS + _FACTOR)
    step = min(room / max(len(paths.factors) - 1, 1), 30.0)
    arcs = bool(paths.correlations) and step >= _STEP
    words = context.words
    crowded = words("figure.path_crowded") if paths.correlations and not arcs else ""
    sheet = Sheet(
        bottom,
        foot(
            context,
            sources,
            _fit_told(paths, context),
            words("figure.path_note" if arcs else "figure.path_note_plain"),
            crowded,
        ),
    )
    centres = {
        factor: float(np.mean([rows[item] for own, item in paths.items if own == factor]))
        for factor in paths.factors
    }
    # What stands to the right of the factors is spared; the rest is given to boxes and paths.
    higher = any(item in centres for _, item in paths.loadings)
    spared = step * (len(paths.factors) - 1) + 4 if arcs else room * 0.4
    more = max(0.0, room - max(spared, _PATHS + _FACTOR if higher else 0.0))
    box = _RESIDUAL + _ITEM + more * 0.75
    left = box + _PATHS + more * 0.25
    _items(sheet, paths, rows, box, context)
    _loadings(sheet, paths, rows, centres, (box, left), context)
    _factors(sheet, paths, centres, left, context)
    if arcs:
        _arcs(sheet, paths, centres, left + _FACTOR, step, context)
    _above(sheet, paths, centres, left + _FACTOR, context)
    return sheet.figure


def _rows(paths: Paths) -> dict[str, float]:
    """Return the middle of every item, factors a little apart."""
    rows: dict[str, float] = {}
    high = min(_ROW, (PAGE - 30 - _GAP * len(paths.factors)) / len(paths.items))
    y, before = MARGIN + high / 2, ""
    for factor, item in paths.items:
        y += _GAP if before and factor != before else 0.0
        rows[item] = y
        y, before = y + high, factor
    return rows


def _items(sheet: Sheet, paths: Paths, rows: dict[str, float], right: float, context: Context) -> None:
    role = paths.role.partition("+")[0]
    y = np.array(list(rows.values()))
    left = _RESIDUAL
    half = min(_BOX, float(np.diff(y).min(initial=_ROW)) - 1.5) / 2
    sheet.bars(
        np.full(len(y), left), np.full(len(y), right), y - half, y + half, "white", edge=INK, name="items"
    )
    arrows, tips = [], []
    for item, middle in rows.items():
        text = context.text(role, item)
        label = item if text == item else f"{item} {text}"
        sheet.text(left + 3, middle, fitted(label, right - left - 6, TINY, 1), size=TINY)
        residual = paths.residual(item)
        if residual is not None:
            color = VERMILION if residual < 0 else FAINT
            sheet.text(MARGIN, middle, two_decimals(residual, context), size=TINY, color=color)
            arrows.append([(left - 11, middle), (left - 3, middle)])
            tips.append(arrow_tip(left, middle, 1, 0))
    if arrows:
        sheet.strokes(arrows, FAINT, wide=0.6)
        sheet.surfaces(tips, FAINT, name="residuals")


def _loadings(
    sheet: Sheet,
    paths: Paths,
    rows: dict[str, float],
    centres: dict[str, float],
    ends: tuple[float, float],
    context: Context,
) -> None:
    start, left = ends
    seen: dict[str, int] = {}
    lines: dict[bool, list[list[tuple[float, float]]]] = {False: [], True: []}
    tips: dict[bool, list[np.ndarray]] = {False: [], True: []}
    labels = []
    for (factor, item), value in paths.loadings.items():
        if item not in rows:
            continue
        y0, y1 = centres[factor], rows[item]
        weak = abs(value) < WEAK
        lines[weak].append([(left, y0), (start + 2.5, y1)])
        tips[weak].append(arrow_tip(start, y1, start - left, (y1 - y0)))
        nth = seen.get(item, 0)
        seen[item] = nth + 1
        share = 0.3 + 0.25 * (nth % 3)
        labels.append(
            (start + share * (left - start), y1 + share * (y0 - y1), two_decimals(value, context), weak)
        )
    for weak, color in ((False, BLUE), (True, VERMILION)):
        if lines[weak]:
            name = "weak-loadings" if weak else "loadings"
            sheet.strokes(lines[weak], color, wide=0.8, dashes="--" if weak else "-", name=name)
            sheet.surfaces(tips[weak], color)
    for x, y, text, _ in labels:
        sheet.backed(x, y, text, size=TINY)


def _factors(sheet: Sheet, paths: Paths, centres: dict[str, float], left: float, context: Context) -> None:
    across, middle = _FACTOR / 2, left + _FACTOR / 2
    turn = np.linspace(0, 2 * np.pi, 49)[:-1]
    ellipses, up = [], 15.0
    ordered = sorted(centres.values())
    if len(ordered) > 1:
        up = min(up, min(np.diff(ordered)) / 2 - 1)
    for factor, y in centres.items():
        ellipses.append(np.column_stack([middle + across * np.cos(turn), y + up * np.sin(turn)]))
        label = fitted(factor_name(context, paths.role, factor), _FACTOR - 14, SMALL, 2 if up > 10 else 1)
        sheet.text(middle, y, label, size=SMALL, along="middle")
    sheet.surfaces(ellipses, "#EAF3F9", edge=INK, wide=0.8, order=3, name="factors")


def _arcs(
    sheet: Sheet, paths: Paths, centres: dict[str, float], left: float, step: float, context: Context
) -> None:
    names = list(centres)
    curves, grey, wide, ends = [], [], [], set()
    for (a, b), r in paths.correlations.items():
        if a not in centres or b not in centres:
            continue
        apart = abs(names.index(a) - names.index(b))
        upper, lower = sorted((centres[a], centres[b]))
        out, half, middle = apart * step, (lower - upper) / 2, (lower + upper) / 2
        curves.append(np.column_stack([left + 3 + out * np.cos(_CURVE), middle + half * np.sin(_CURVE)]))
        strength = min(abs(r), 1.0)
        grey.append(f"#{(round(205 - 150 * strength)):02x}" * 1 + f"{round(205 - 150 * strength):02x}" * 2)
        wide.append(0.4 + 0.9 * strength)
        ends |= {upper, lower}
        sheet.backed(left + 3 + out, middle, two_decimals(r, context), size=TINY)
    sheet.strokes(curves, grey, wide=wide, order=1, name="correlations")
    sheet.surfaces([arrow_tip(left, y, -1, 0, 4.2) for y in sorted(ends)], FAINT, order=3)


def _above(sheet: Sheet, paths: Paths, centres: dict[str, float], right: float, context: Context) -> None:
    """Draw what factors themselves load on, to their right."""
    higher = [(factor, item, value) for (factor, item), value in paths.loadings.items() if item in centres]
    for factor in dict.fromkeys(one for one, _, _ in higher):
        own = [(item, value) for one, item, value in higher if one == factor]
        y = float(np.mean([centres[item] for item, _ in own]))
        x = ACROSS - MARGIN - _FACTOR / 2
        turn = np.linspace(0, 2 * np.pi, 49)[:-1]
        outline = np.column_stack([x + _FACTOR / 2 * np.cos(turn), y + 15 * np.sin(turn)])
        sheet.surfaces([outline], "#EAF3F9", edge=INK, wide=0.8, order=3)
        label = fitted(factor_name(context, paths.role, factor), _FACTOR - 14, SMALL, 2)
        sheet.text(x, y, label, size=SMALL, along="middle")
        edge = x - _FACTOR / 2
        sheet.strokes([[(edge, y), (right + 2.5, centres[item])] for item, _ in own], BLUE, wide=0.8)
        sheet.surfaces(
            [arrow_tip(right, centres[item], right - edge, centres[item] - y) for item, _ in own], BLUE
        )
        for item, value in own:
            end = centres[item]
            sheet.backed(
                right + 0.3 * (edge - right), end + 0.3 * (y - end), two_decimals(value, context), size=TINY
            )
