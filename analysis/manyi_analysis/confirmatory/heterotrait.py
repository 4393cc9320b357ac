"""Discriminant validity of scales by their items' correlations: the heterotrait-monotrait ratio."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.measurement.conditions import unmet
from manyi_analysis.records import GroupedMoments, Moments, NotComputed
from manyi_analysis.records.fourth import FourthMoments
from manyi_analysis.records.rows import Floats, Indices
from manyi_analysis.records.threads import one_thread

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Ratio:
    """HTMT of two scales.

    Parameters
    ----------
    a, b : str
        The scales.
    arithmetic, geometric : Interval
        HTMT from means of correlations, and HTMT2 from their geometric means.
    """

    a: str
    b: str
    arithmetic: "Interval"
    geometric: "Interval"


@dataclass(frozen=True, slots=True)
class Interval:
    """A ratio, its standard error and its interval."""

    value: float
    se: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Heterotrait:
    """Heterotrait-monotrait ratios of every two scales.

    Parameters
    ----------
    n, missing : int
        Rows used and dropped.
    ratios : tuple of Ratio
    confidence : float
        Of the intervals.
    left_out : tuple of str
        Scales of one item, which have no correlations of their own.
    """

    n: int
    missing: int
    ratios: tuple[Ratio, ...]
    confidence: float
    left_out: tuple[str, ...]
    method: str
    source: str = "Henseler, Ringle & Sarstedt (2015); Roemer, Schuberth & Henseler (2021)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a pair: ``scale_a, scale_b, n, missing, htmt, se, low, high, htmt2, …, method``."""
        return pd.DataFrame(
            {
                "scale_a": [one.a for one in self.ratios],
                "scale_b": [one.b for one in self.ratios],
                "n": self.n,
                "missing": self.missing,
                "htmt": [one.arithmetic.value for one in self.ratios],
                "se": [one.arithmetic.se for one in self.ratios],
                "low": [one.arithmetic.low for one in self.ratios],
                "high": [one.arithmetic.high for one in self.ratios],
                "htmt2": [one.geometric.value for one in self.ratios],
                "htmt2_se": [one.geometric.se for one in self.ratios],
                "htmt2_low": [one.geometric.low for one in self.ratios],
                "htmt2_high": [one.geometric.high for one in self.ratios],
                "method": self.method,
            }
        )


def htmt(
    moments: Moments,
    scales: Mapping[str, Sequence[str]],
    fourth: FourthMoments | None = None,
    confidence: float = CONFIDENCE,
) -> Heterotrait | NotComputed:
    r"""Return the heterotrait-monotrait ratio of every two scales, with an interval by the delta method.

    .. math:: HTMT_{ab} = \frac{\overline{|r_{ij}|}_{i \in a, j \in b}}
        {\sqrt{\overline{|r_{ij}|}_{i<j \in a}\; \overline{|r_{ij}|}_{i<j \in b}}}

    HTMT2 has geometric means in place of the bars (Roemer, Schuberth & Henseler, 2021): it does not ask for
    equal loadings, and does for correlations that are not 0.

    Absolute correlations, so that reverse-keyed items do no harm. The variance of the ratio follows from that
    of the covariances: of normal answers :math:`2 \operatorname{tr}(G S G S) / n` with its derivative G by S,
    or, with fourth moments, without asking for normality.

    Parameters
    ----------
    moments : Moments
        Of the items of all scales.
    scales : mapping of scale to items
        Scales of one item are left out.
    fourth : FourthMoments, optional
        Of the same items.
    confidence : float
        Of the intervals.

    Returns
    -------
    Heterotrait or NotComputed
        Fewer than two scales of at least two items; a constant item; a scale whose items do not correlate.

    Notes
    -----
    R: ``semTools::htmt(model, sample.cov = S, htmt2 = FALSE)``; its default, ``htmt2 = TRUE``, is HTMT2.

    References
    ----------
    Henseler, J., Ringle, C. M., & Sarstedt, M. (2015). A new criterion for assessing discriminant validity in
    variance-based structural equation modeling. Journal of the Academy of Marketing Science, 43, 115-135.
    """
    chosen, left_out, reason = _prepared(moments, scales)
    if reason is not None:
        return reason
    selected = moments.select([item for items in chosen.values() for item in items])
    places = _places(chosen)
    covariance = selected.scatter / selected.n
    gamma = None if fourth is None else fourth.select(selected.columns).asymptotic_covariance()
    half = stats.norm.isf((1 - confidence) / 2)
    found = []
    for a, b in combinations(chosen, 2):
        both = []
        for geometric in (False, True):
            value, slope = _ratio(covariance, places[a], places[b], geometric)
            se = _error(slope, covariance, gamma, selected.n)
            both.append(Interval(value, se, value - half * se, value + half * se))
        found.append(Ratio(a, b, both[0], both[1]))
    kind = "normal theory" if gamma is None else "distribution-free"
    method = f"HTMT of absolute correlations, interval by the delta method ({kind})"
    return Heterotrait(selected.n, selected.missing, tuple(found), confidence, left_out, method)


@one_thread()
def htmt_bootstrap(
    clusters: GroupedMoments,
    scales: Mapping[str, Sequence[str]],
    draws: int = 2000,
    seed: int = 1,
    confidence: float = CONFIDENCE,
) -> Heterotrait | NotComputed:
    """Return the ratios with percentile intervals of a bootstrap that draws whole clusters, as schools.

    A draw adds the moments of clusters drawn with replacement: its cost does not depend on respondents, and
    respondents of one school stay together.

    Formula: that of `htmt`, of the moments of every draw; the limits are percentiles over draws.

    Parameters
    ----------
    clusters : GroupedMoments
        Of the items of all scales, by cluster. At least two clusters with rows.
    scales : mapping of scale to items
        As in `htmt`.
    draws : int
        How many.
    seed : int
        Of the draws; the same seed, the same interval.
    confidence : float
        Of the intervals.

    Returns
    -------
    Heterotrait or NotComputed
        As in `htmt`; one cluster only.

    References
    ----------
    Henseler, J., Ringle, C. M., & Sarstedt, M. (2015). A new criterion for assessing discriminant validity.
    Journal of the Academy of Marketing Science, 43, 115-135. Davison, A. C., & Hinkley, D. V. (1997).
    Bootstrap methods and their application, sec. 3.8 (clusters). R: ``semTools::htmt`` of the rows of
    clusters drawn by ``sample(schools, replace = TRUE)``.
    """
    overall = clusters.overall()
    chosen, left_out, reason = _prepared(overall, scales)
    if reason is not None:
        return reason
    used = clusters.select([item for items in chosen.values() for item in items])
    filled = used.n > 0
    count = int(filled.sum())
    if count < 2:
        return NotComputed("htmt", "cfa-too-few-groups", {"groups": used.keys}, overall.n)
    k = len(used.columns)
    sums = np.concatenate(
        (used.n[filled, None], used.total[filled], used.cross[filled].reshape(count, -1)), axis=1
    )
    times = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    drawn = times.astype(np.float64) @ sums
    mean = drawn[:, 1 : k + 1] / drawn[:, :1]
    covariance = (drawn[:, k + 1 :] / drawn[:, :1]).reshape(draws, k, k) - mean[:, :, None] * mean[:, None, :]
    deviation = np.sqrt(np.einsum("dii->di", covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.abs(covariance / (deviation[:, :, None] * deviation[:, None, :]))
    whole = np.abs(used.overall().correlation)
    places = _places(chosen)
    tails = ((1 - confidence) / 2, (1 + confidence) / 2)
    found = []
    for a, b in combinations(chosen, 2):
        both = []
        for geometric in (False, True):
            of_draws = _ratios(size, places[a], places[b], geometric)
            of_draws = of_draws[np.isfinite(of_draws)]
            low, high = np.quantile(of_draws, tails)
            value = float(_ratios(whole[None], places[a], places[b], geometric)[0])
            both.append(Interval(value, float(of_draws.std(ddof=1)), float(low), float(high)))
        found.append(Ratio(a, b, both[0], both[1]))
    method = f"HTMT of absolute correlations, percentile interval of {draws} draws of {count} clusters"
    return Heterotrait(overall.n, overall.missing, tuple(found), confidence, left_out, method)


def _prepared(
    moments: Moments, scales: Mapping[str, Sequence[str]]
) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...], NotComputed | None]:
    """Return the scales of two items or more, the others, and why nothing can be computed, if so."""
    chosen = {scale: tuple(items) for scale, items in scales.items() if len(items) > 1}
    left_out = tuple(scale for scale in scales if scale not in chosen)
    items = tuple(item for one in chosen.values() for item in one)
    if len(chosen) < 2:
        return (
            chosen,
            left_out,
            NotComputed("htmt", "htmt-too-few-scales", {"scales": tuple(scales)}, moments.n),
        )
    selected = moments.select(items)
    reason = unmet("htmt", selected, rows=3)
    if reason is None:
        size, places = np.abs(selected.correlation), _places(chosen)
        empty = tuple(s for s in chosen if not _within(size[None], places[s])[0] > 0)
        if empty:
            items = tuple(item for scale in empty for item in chosen[scale])
            reason = NotComputed("htmt", "no-correlation", {"items": items}, moments.n)
    return chosen, left_out, reason


def _places(scales: Mapping[str, tuple[str, ...]]) -> dict[str, slice]:
    found, start = {}, 0
    for scale, items in scales.items():
        found[scale] = slice(start, start + len(items))
        start += len(items)
    return found


def _pairs(at: slice) -> tuple[Indices, Indices]:
    """Return the cells of a scale's own pairs of items."""
    rows, cols = np.tril_indices(at.stop - at.start, -1)
    return rows + at.start, cols + at.start


def _mean(values: Floats, geometric: bool) -> Floats:
    """Return means over the last axis."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.exp(np.log(values).mean(axis=-1)) if geometric else values.mean(axis=-1))


def _within(size: Floats, at: slice, geometric: bool = False) -> Floats:
    """Return the mean absolute correlation inside a scale, shape (draws,)."""
    rows, cols = _pairs(at)
    return _mean(size[:, rows, cols], geometric)


def _ratios(size: Floats, a: slice, b: slice, geometric: bool) -> Floats:
    """Return the ratios of absolute correlations of shape (draws, k, k)."""
    between = _mean(size[:, a, b].reshape(len(size), -1), geometric)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio: Floats = between / np.sqrt(_within(size, a, geometric) * _within(size, b, geometric))
    return ratio


def _ratio(covariance: Floats, a: slice, b: slice, geometric: bool) -> tuple[float, Floats]:
    """Return a ratio and its derivative by each cell of the covariance matrix, shape (k, k), symmetric."""
    deviation = np.sqrt(np.diagonal(covariance))
    correlation = covariance / np.outer(deviation, deviation)
    size, sign = np.abs(correlation), np.sign(correlation)
    value = float(_ratios(size[None], a, b, geometric)[0])
    weights = np.zeros_like(correlation)
    # ln HTMT = ln between - (ln within_a + ln within_b) / 2; each pair stands in two cells.
    weights[a, b] = _shares(size[a, b], geometric) / 2
    weights += weights.T
    for at in (a, b):
        rows, cols = _pairs(at)
        weights[rows, cols] = weights[cols, rows] = -_shares(size[rows, cols], geometric) / 4
    by_correlation = value * sign * weights
    slope = by_correlation / np.outer(deviation, deviation)
    through = (by_correlation * correlation).sum(axis=1) / np.diagonal(covariance)
    np.fill_diagonal(slope, -through)
    return value, slope


def _shares(size: Floats, geometric: bool) -> Floats:
    """Return the derivative of the logarithm of a mean by each value."""
    with np.errstate(divide="ignore"):
        return np.asarray(1 / (size * size.size) if geometric else np.full(size.shape, 1 / size.sum()))


def _error(slope: Floats, covariance: Floats, gamma: Floats | None, n: int) -> float:
    """Return the standard error of a function of covariances from its derivative by their cells."""
    if gamma is None:
        turned = slope @ covariance
        return float(np.sqrt(2 * (turned * turned.T).sum() / n))
    rows, cols = np.tril_indices(len(slope))
    by_pairs = slope[rows, cols] * np.where(rows == cols, 1.0, 2.0)
    return float(np.sqrt(by_pairs @ gamma @ by_pairs / n))
