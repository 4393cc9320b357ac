"""Importance and performance of attributes: which to improve first (IPA)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from manyi_analysis.correlations.correlation import Correlation
from manyi_analysis.correlations.pearson import partial
from manyi_analysis.explanation.clustered import clustered_ols
from manyi_analysis.explanation.ols import ols
from manyi_analysis.level.interval import mean_interval
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.moments import Moments
from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]
Measure = Literal["stated", "standardized_coefficient", "partial_correlation", "correlation"]
Quadrant = Literal["concentrate_here", "keep_up", "low_priority", "possible_overkill"]


@dataclass(frozen=True, slots=True)
class Attribute:
    """One point of the grid.

    Parameters
    ----------
    attribute : str
        Item or scale.
    importance, importance_low, importance_high : float
        And its limits.
    performance, performance_low, performance_high : float
        Mean and its limits.
    quadrant : str
        Important and poor: ``concentrate_here``; important and good: ``keep_up``; neither: ``low_priority``;
        good and unimportant: ``possible_overkill``.
    certain : bool
        Both intervals keep to one side of the cross; otherwise another sample may well move the point.
    """

    attribute: str
    importance: float
    importance_low: float
    importance_high: float
    performance: float
    performance_low: float
    performance_high: float
    quadrant: Quadrant
    certain: bool


@dataclass(frozen=True, slots=True)
class ImportancePerformance:
    """A grid of attributes by importance and performance.

    Parameters
    ----------
    measure : str
        How importance was found.
    cross : {"means", "midpoint"}
        Where the grid is divided.
    importance_cross, performance_cross : float
        The cross.
    n, missing : int
        Respondents used, and not.
    clustered : bool
        Whether limits allow for schools (of partial and plain correlations they do not).
    points : tuple of Attribute
        In the order given.
    """

    measure: Measure
    cross: Literal["means", "midpoint"]
    importance_cross: float
    performance_cross: float
    n: int
    missing: int
    clustered: bool
    points: tuple[Attribute, ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row an attribute: table ``importance_performance`` without ``role``."""
        names = list(Attribute.__dataclass_fields__)
        frame = pd.DataFrame(
            [[getattr(point, name) for name in names] for point in self.points], columns=names
        )
        return frame.assign(
            measure=self.measure,
            cross=self.cross,
            importance_cross=self.importance_cross,
            performance_cross=self.performance_cross,
            n=self.n,
            missing=self.missing,
            clustered=self.clustered,
        )


def importance_performance(
    moments: Moments | GroupedMoments,
    attributes: Sequence[str],
    outcome: str | None = None,
    stated: Mapping[str, str] | None = None,
    measure: Measure = "partial_correlation",
    cross: Literal["means", "midpoint"] = "means",
    midpoint: float | None = None,
    importance: Moments | None = None,
    confidence: float = 0.95,
) -> ImportancePerformance | NotComputed:
    """Place attributes on a grid of importance by performance.

    Performance = the mean x̄_j. Derived importance = b_j s_j / s_y of the regression of the outcome y on all
    attributes, or its partial or plain correlation with the attribute. A point left of the cross or below it
    is low.

    Parameters
    ----------
    moments : Moments or GroupedMoments
        Listwise, of the attributes and the outcome (or the importance items); one group a school where
        limits are to allow for schools.
    attributes : sequence of str
        Keyed so that higher is better; performance is the mean.
    outcome : str, optional
        Overall satisfaction, from which importance is derived; not needed with "stated".
    stated : mapping of attribute to item, optional
        Importance items, for "stated".
    measure : str
        "stated": mean of the importance item. Derived: "standardized_coefficient" of the regression of the
        outcome on all attributes; "partial_correlation" of outcome and attribute, the other attributes held
        constant; "correlation".
    cross : {"means", "midpoint"}
        Divide at the mean over attributes, which always finds some poor and some important, or at the
        midpoint of the scale. Derived importance has no midpoint and is divided at its mean.
    midpoint : float, optional
        Of the answer scale.
    importance : Moments, optional
        Other moments to derive importance from. With those of the natural logarithms of the attributes and
        "partial_correlation" this is Deng's revised IPA.
    confidence : float
        Level of all limits. Those of a coefficient take standard deviations as known; those of correlations
        are by Fisher's z.

    Returns
    -------
    ImportancePerformance or NotComputed
        NotComputed as for `ols`, or where a stated item or the midpoint is not named.

    References
    ----------
    Martilla, J. A. & James, J. C. (1977). J. Marketing 41(1), 77-79; Matzler, K. et al. (2003). Service
    Industries J. 23(5), 112-129 (derived importance); Deng, W. (2007). Tourism Management 28, 1274-1284
    (revised IPA). R: ``lm(scale(y) ~ scale(x1) + scale(x2))``, ``cov2cor(solve(cor(data)))``, ``cor``.
    """
    names = tuple(attributes)
    whole = moments.overall() if isinstance(moments, GroupedMoments) else moments
    if cross == "midpoint" and midpoint is None:
        details: dict[str, object] = {"what": "performance"}
        return NotComputed("importance_performance", "importance-no-midpoint", details, whole.n)
    absent = [name for name in names if name not in (stated or {})]
    if measure == "stated" and absent:
        return NotComputed(
            "importance_performance", "importance-not-stated", {"attribute": absent[0]}, whole.n
        )
    if whole.n < 2:
        return NotComputed("importance_performance", "too-few-rows", {"needed": 2}, whole.n)
    performance = _means(moments, names, confidence)
    found: Array | NotComputed
    if measure == "stated":
        found = _means(moments, [(stated or {})[name] for name in names], confidence)
    else:
        if outcome is None:
            raise ValueError(f"importance by {measure} is derived from an outcome")
        found = _derived(
            importance if importance is not None else moments, outcome, names, measure, confidence
        )
    if isinstance(found, NotComputed):
        return found
    at_midpoint = cross == "midpoint"
    right = float(performance[0].mean()) if midpoint is None or not at_midpoint else float(midpoint)
    upper = right if at_midpoint and measure == "stated" else float(found[0].mean())
    points = [_point(name, found[:, at], performance[:, at], upper, right) for at, name in enumerate(names)]
    clustered = isinstance(moments, GroupedMoments) and int((moments.n > 0).sum()) > 1
    return ImportancePerformance(
        measure, cross, upper, right, whole.n, whole.missing, clustered, tuple(points)
    )


def _point(name: str, importance: Array, performance: Array, upper: float, right: float) -> Attribute:
    """Return a point; a value on the cross counts as above it."""
    important, good = bool(importance[0] >= upper), bool(performance[0] >= right)
    quadrant: Quadrant = "low_priority"
    if important:
        quadrant = "keep_up" if good else "concentrate_here"
    elif good:
        quadrant = "possible_overkill"
    apart = not (importance[1] < upper < importance[2]) and not (performance[1] < right < performance[2])
    known = bool(np.isfinite([*importance, *performance]).all())
    i, p = [float(part) for part in importance], [float(part) for part in performance]
    return Attribute(name, i[0], i[1], i[2], p[0], p[1], p[2], quadrant, apart and known)


def _means(moments: Moments | GroupedMoments, names: Sequence[str], confidence: float) -> Array:
    """Return means and their limits, shape (3, attributes)."""
    chosen = moments.select(names)
    grouped = isinstance(chosen, GroupedMoments)
    rows = []
    for at in range(len(chosen.columns)):
        if isinstance(chosen, GroupedMoments):
            n, total, square = chosen.n.astype(np.float64), chosen.total[:, at], chosen.cross[:, at, at]
        else:
            n, total, square = np.array([float(chosen.n)]), chosen.total[[at]], chosen.cross[[at], at]
        size, sums, squares = (np.append(part, 0.0) for part in (n, total, square))
        found = mean_interval(size, sums, squares, grouped, confidence)
        rows.append([chosen.shift[at] + part for part in (found.value, found.low, found.high)])
    return np.array(rows).T


def _derived(
    moments: Moments | GroupedMoments,
    outcome: str,
    names: tuple[str, ...],
    measure: Measure,
    confidence: float,
) -> Array | NotComputed:
    """Return derived importance and its limits, shape (3, attributes)."""
    whole = moments.overall() if isinstance(moments, GroupedMoments) else moments
    chosen = whole.select((outcome, *names))
    nested = isinstance(moments, GroupedMoments) and int((moments.n > 0).sum()) > 1
    fit = (
        clustered_ols(moments, outcome, names, confidence)
        if isinstance(moments, GroupedMoments) and nested
        else ols(whole, outcome, names, confidence)
    )
    if isinstance(fit, NotComputed):
        return fit
    if measure == "standardized_coefficient":
        scale = chosen.sd[1:] / chosen.sd[0]
        half = stats.t.ppf(0.5 + confidence / 2.0, fit.df) * fit.se[1:] * scale
        return np.array([fit.beta, fit.beta - half, fit.beta + half])
    if measure == "correlation":
        r = chosen.correlation[0, 1:]
        reach = special.ndtri(0.5 + confidence / 2.0) / np.sqrt(whole.n - 3.0) if whole.n > 3 else np.nan
        return np.array([r, np.tanh(np.arctanh(r) - reach), np.tanh(np.arctanh(r) + reach)])
    pairs = partial(chosen, confidence=confidence)[: len(names)]
    rows = [
        [pair.r, pair.low, pair.high] if isinstance(pair, Correlation) else [np.nan] * 3 for pair in pairs
    ]
    return np.array(rows).T
