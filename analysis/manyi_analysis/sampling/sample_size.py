"""How many respondents a margin of error needs: at random, in clusters, of a finite population."""

import math
from dataclasses import dataclass

import pandas as pd
from scipy import stats

from manyi_analysis.records.notcomputed import NotComputed


@dataclass(frozen=True, slots=True)
class SampleSize:
    """Respondents needed for a margin of error.

    Parameters
    ----------
    n : int
        Needed, rounded up.
    unrounded : float
        Before rounding.
    simple : float
        Needed from a simple random sample of a population without end.
    design_effect : float
        By which clusters enlarge it.
    population : float or None
        Size of the population; None where it has no end.
    margin, confidence : float
        Half the width of the confidence interval, and its level.
    """

    n: int
    unrounded: float
    simple: float
    design_effect: float
    population: float | None
    margin: float
    confidence: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return pd.DataFrame([{name: getattr(self, name) for name in self.__slots__}])


def size_for_share(
    margin: float,
    share: float = 0.5,
    confidence: float = 0.95,
    population: float | None = None,
    icc: float = 0.0,
    clusters: int | None = None,
    per_cluster: float | None = None,
) -> SampleSize | NotComputed:
    """Return the respondents needed to know a share to within a margin; see `size_for_mean`.

    Formula: that of `size_for_mean` with σ² = p(1 − p).

    Parameters
    ----------
    margin : float
        Half the width of the interval, as a share: 0.05 is five points of percentage.
    share : float
        Expected; 0.5 needs most.
    confidence, population, icc, clusters, per_cluster
        As in `size_for_mean`.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., sec. 4.4; Krejcie, R. V. & Morgan, D. W. (1970).
    Educational and Psychological Measurement 30, 607-610. R: as for `size_for_mean` with ``sd = sqrt(p * (1
    - p))``.

    Examples
    --------
    Krejcie & Morgan (1970), table 1, population 75,000:

    >>> size_for_share(0.05, population=75_000).n
    383
    >>> round(size_for_share(0.05, population=75_000).unrounded)
    382
    """
    return size_for_mean(
        margin, math.sqrt(share * (1.0 - share)), confidence, population, icc, clusters, per_cluster
    )


def size_for_mean(
    margin: float,
    sd: float,
    confidence: float = 0.95,
    population: float | None = None,
    icc: float = 0.0,
    clusters: int | None = None,
    per_cluster: float | None = None,
) -> SampleSize | NotComputed:
    r"""Return the respondents needed to know a mean to within a margin.

    .. math:: n_0 = \frac{z^2 \sigma^2}{d^2}, \quad n' = n_0\,[1 + (m - 1)\rho], \quad
        n = \frac{n'}{1 + (n' - 1)/N}

    with m respondents a cluster. Where m is not given but the number of clusters K is, m = n'/K and
    :math:`n' = n_0 (1 - \rho) / (1 - n_0 \rho / K)`.

    Parameters
    ----------
    margin : float
        d, half the width of the interval, in the unit of the mean.
    sd : float
        σ, of respondents.
    confidence : float
        Level of the interval; z is the normal quantile.
    population : float, optional
        N.
    icc : float
        ρ, how alike respondents of one cluster are.
    clusters : int, optional
        K, schools to be surveyed.
    per_cluster : float, optional
        m; goes before `clusters`.

    Returns
    -------
    SampleSize or NotComputed
        ``precision-needs-more-schools`` where K clusters cannot give the precision however many are asked in
        each: n₀ρ ≥ K.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., sec. 4.4, 4.6 (finite population); Kish, L. (1965).
    Survey Sampling, sec. 5.4 (design effect of clusters). R: ``n0 <- (qnorm(.975) * sd / margin)^2 * (1 + (m
    - 1) * icc); n0 / (1 + (n0 - 1) / N)``.

    Examples
    --------
    Cochran's example (p. 76): t = 2, p = .5, d = .05, 3,200 people:

    >>> size_for_mean(0.05, 0.5, confidence=0.9544997361036416, population=3200).n
    356
    """
    z = float(stats.norm.ppf(0.5 + confidence / 2.0))
    simple = (z * sd / margin) ** 2
    if per_cluster is not None:
        effect = cluster_design_effect(icc, per_cluster)
    elif clusters is not None and icc > 0:
        if simple * icc >= clusters:
            details = {"schools": clusters, "needed": math.floor(simple * icc) + 1}
            return NotComputed("sample_size", "precision-needs-more-schools", details)
        # With fewer persons than clusters no two of them share one.
        effect = max(1.0, (1.0 - icc) / (1.0 - simple * icc / clusters))
    else:
        effect = 1.0
    needed = simple * effect
    if population is not None:
        needed /= 1.0 + (needed - 1.0) / population
    return SampleSize(math.ceil(needed - 1e-9), needed, simple, effect, population, margin, confidence)


def cluster_design_effect(icc: float, per_cluster: float) -> float:
    """Return 1 + (m − 1)ρ, at least 1: by how much clusters of m enlarge a variance (Kish 1965, sec. 5.4).

    deff = 1 + (m − 1)ρ.

    References
    ----------
    Kish, L. (1965). Survey Sampling, sec. 5.4. R: ``1 + (m - 1) * icc``.
    """
    return max(1.0, 1.0 + (per_cluster - 1.0) * icc)
