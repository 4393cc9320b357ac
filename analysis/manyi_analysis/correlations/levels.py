"""Correlations of nested respondents: between schools, within them, and tested with schools allowed for."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from manyi_analysis.correlations.correlation import Correlation, Found, with_inference
from manyi_analysis.correlations.pearson import pearson
from manyi_analysis.explanation.clustered import clustered_ols
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.moments import Moments
from manyi_analysis.records.notcomputed import NotComputed


def school_means(
    schools: GroupedMoments, columns: Sequence[str] | None = None, minimum: int = 1, confidence: float = 0.95
) -> tuple[Found, ...]:
    """Correlate the means of schools, every school counting once.

    r = that of `pearson` of the schools' means, on S - 2 degrees of freedom.

    Parameters
    ----------
    schools : GroupedMoments
        One group of rows a school.
    columns : sequence of str, optional
        Default all.
    minimum : int
        Schools with fewer respondents are left out: their means are mostly chance, which pulls the
        correlation towards that within schools.
    confidence : float
        Level of the limits.

    References
    ----------
    Snijders, T. & Bosker, R. (2012). Multilevel Analysis, 2nd ed., sec. 3.6. R: ``cor.test`` of
    ``aggregate(. ~ school, data, mean)``.
    """
    chosen = schools if columns is None else schools.select(columns)
    means = chosen.mean[chosen.n >= max(minimum, 1)]
    shift = means.mean(axis=0) if len(means) else np.zeros(len(chosen.columns))
    moved = means - shift
    left = int((chosen.n < max(minimum, 1)).sum())
    moments = Moments(chosen.columns, len(means), left, shift, moved.sum(axis=0), moved.T @ moved)
    return tuple(replace(each, level="school_means") for each in pearson(moments, None, confidence))


def within_schools(
    schools: GroupedMoments, columns: Sequence[str] | None = None, confidence: float = 0.95
) -> tuple[Found, ...]:
    """Correlate deviations from the means of schools, pooled over schools.

    r = Σ(a - ā_s)(b - b̄_s) / √(Σ(a - ā_s)² Σ(b - b̄_s)²).

    Parameters
    ----------
    schools : GroupedMoments
        One group of rows a school; tested on n - S - 1 degrees of freedom for S schools.
    columns : sequence of str, optional
        Default all.
    confidence : float
        Level of the limits, by Fisher's z with standard error 1/√(n - S - 2).

    References
    ----------
    Snijders, T. & Bosker, R. (2012), sec. 3.6. R: ``psych::statsBy(data, "school")$rwg``.
    """
    chosen = schools if columns is None else schools.select(columns)
    used = chosen.n > 0
    n, count = int(chosen.n.sum()), int(used.sum())
    total, size = chosen.total[used], chosen.n[used].astype(np.float64)
    scatter = chosen.cross[used].sum(axis=0) - (total / size[:, None]).T @ total
    overall = chosen.overall().scatter
    diagonal, whole = np.diagonal(scatter), np.diagonal(overall)
    # What rounding leaves of a variable that is the same for all of a school counts as nothing.
    spread = np.sqrt(np.where(diagonal > 1e-12 * whole, diagonal, np.nan))
    r = np.clip(scatter / np.outer(spread, spread), -1.0, 1.0)
    df = float(n - count - 1)
    return tuple(
        with_inference(a, b, "within_school", "pearson", float(r[i, j]), n, df, confidence)
        for (i, a), (j, b) in combinations(enumerate(chosen.columns), 2)
    )


def clustered_pearson(
    schools: GroupedMoments, columns: Sequence[str] | None = None, confidence: float = 0.95
) -> tuple[Found, ...]:
    """Correlate respondents, with p from errors clustered by school beside the plain one.

    `p_clustered` tests the slope of the first variable on the second with CR1 errors and t(S - 1), which is
    zero where the correlation is.

    r = that of `pearson`; t = b/SE(b) for its p.

    Parameters
    ----------
    schools : GroupedMoments
        One group of rows a school, listwise; respondents without a school are left out.
    columns : sequence of str, optional
        Default all.
    confidence : float
        Level of the limits, which take respondents as independent.

    References
    ----------
    Cameron, A. C. & Miller, D. L. (2015). J. Human Resources 50, 317-372. R: ``cor.test(a, b)``;
    ``clubSandwich::coef_test(lm(a ~ b), vcovCR(fit, school, "CR1S"), test = "naive-t")``.
    """
    chosen = schools if columns is None else schools.select(columns)
    found: list[Found] = []
    for each in pearson(chosen.overall(), None, confidence):
        if isinstance(each, Correlation):
            fit = clustered_ols(chosen, each.a, (each.b,))
            if not isinstance(fit, NotComputed):
                found.append(replace(each, p_clustered=float(fit.p[1]), clusters=fit.clusters))
                continue
        found.append(each)
    return tuple(found)
