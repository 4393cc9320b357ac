"""Differences between groups of respondents who share schools: tests that allow for the schools.

Pupils of one school are alike, so tests that take respondents as independent find differences that are not
there. Each naive test has its counterpart here, from the same counts.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from manyi_analysis.differences.all_pairs import MOST_GROUPS
from manyi_analysis.explanation.clustered import FEW_CLUSTERS, clustered_ols
from manyi_analysis.explanation.icc import IntraclassCorrelation, intraclass_correlation
from manyi_analysis.explanation.ols import Regression
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.nested_counts import NestedCounts
from manyi_analysis.records.notcomputed import NotComputed

#: Design effect of a mean above which respondents of one school are too alike to be taken as independent
#: (Muthén & Satorra, 1995, use 2 for structural models; standard errors are off by 5 % already here).
DESIGN_EFFECT = 1.1


@dataclass(frozen=True, slots=True)
class NestedTest:
    """A test that groups do not differ, with errors clustered by school.

    Parameters
    ----------
    outcome, by : str
    compares : {"means", "ranks", "shares"}
        What it compares: the counterpart of t and F, of rank tests, of χ².
    f, df1, df2, p : float
        Statistic and its probability.
    n : int
        Respondents with a school.
    clusters : int
        Schools with respondents.
    pairs : tuple of (str, str, float)
        Every two groups and the p of their difference; none for shares.
    """

    outcome: str
    by: str
    compares: Literal["means", "ranks", "shares"]
    f: float
    df1: float
    df2: float
    p: float
    n: int
    clusters: int
    pairs: tuple[tuple[str, str, float], ...] = ()

    @property
    def few_clusters(self) -> bool:
        """Return whether the schools are so few that p is too favourable."""
        return self.clusters < FEW_CLUSTERS

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``outcome, by, compares, f, df1, df2, p, n, clusters``."""
        names = ("outcome", "by", "compares", "f", "df1", "df2", "p", "n", "clusters")
        return pd.DataFrame({name: [getattr(self, name)] for name in names})


def clustered_difference(
    counts: NestedCounts, ranks: bool = False, schools: GroupedMoments | None = None
) -> NestedTest | NotComputed:
    """Test that groups have equal means, or equal mean ranks, with errors clustered by school.

    The outcome is regressed on dummies of the groups; V is CR1, and F = b'V⁻¹b/q on q = G - 1 and S - 1 for
    S schools. With `ranks` the outcome's mid-ranks among all respondents take its place.

    Parameters
    ----------
    counts : NestedCounts
        Respondents without a school are left out. Groups without respondents must not be among its keys.
    ranks : bool
        Compare mean ranks.
    schools : GroupedMoments, optional
        ``counts.by_school()``, where it is known already.

    Returns
    -------
    NestedTest or NotComputed
        NotComputed as for `clustered_ols` and `Regression.wald`: one school, or groups that differ between
        schools only, about as many as schools. And with more than `MOST_GROUPS` groups.

    References
    ----------
    Cameron, A. C. & Miller, D. L. (2015). J. Human Resources 50, 317-372; Lumley, T. & Scott, A. J. (2013).
    Two-sample rank tests under complex sampling. Biometrika 100, 831-842. R: ``fit <- lm(y ~ factor(g));
    clubSandwich::Wald_test(fit, constrain_zero(2:G), vcovCR(fit, school, "CR1S"), test = "Naive-F")``.
    """
    if len(counts.keys) > MOST_GROUPS:
        return _too_many("clustered_difference", counts)
    if ranks or schools is None:
        schools = counts.by_school(_all_ranks(counts) if ranks else None)
    dummies = counts.dummies()
    fit = clustered_ols(schools, counts.outcome, dummies)
    if isinstance(fit, NotComputed):
        return fit
    wald = fit.wald(dummies)
    if isinstance(wald, NotComputed):
        return wald
    return NestedTest(
        outcome=counts.outcome,
        by=counts.by,
        compares="ranks" if ranks else "means",
        f=wald.f,
        df1=wald.df1,
        df2=wald.df2,
        p=wald.p,
        n=fit.n,
        clusters=fit.clusters,
        pairs=_pairs(fit, counts.keys),
    )


def _all_ranks(counts: NestedCounts) -> npt.NDArray[np.float64]:
    """Return the mid-rank of every value among the respondents who have a school, shape (V,)."""
    used = counts.school >= 0
    ties = np.bincount(counts.value[used], counts.count[used], minlength=len(counts.values))
    return np.cumsum(ties) - (ties - 1.0) / 2.0


def _pairs(fit: Regression, keys: tuple[str, ...]) -> tuple[tuple[str, str, float], ...]:
    """Return p of every difference of two coefficients, the first group's being zero."""
    b = np.concatenate([[0.0], fit.b[1:]])
    covariance = np.zeros((len(b), len(b)))
    covariance[1:, 1:] = fit.covariance[1:, 1:]
    found = []
    for first, second in combinations(range(len(keys)), 2):
        variance = covariance[first, first] + covariance[second, second] - 2.0 * covariance[first, second]
        p = np.nan
        if variance > 0:
            t = abs(b[first] - b[second]) / np.sqrt(variance)
            p = 2.0 * float(stats.t.sf(t, fit.df))
        found.append((keys[first], keys[second], p))
    return tuple(found)


def rao_scott(counts: NestedCounts) -> NestedTest | NotComputed:
    """Test that answers and groups are independent by χ² with the second-order correction of Rao and Scott.

    F = χ² / tr(Δ) on d = tr(Δ)²/tr(Δ²) and d·(S - 1), Δ the matrix of generalized design effects of the
    contrasts of the G × V table, from the covariance of its shares between S schools.

    Parameters
    ----------
    counts : NestedCounts
        Respondents without a school are left out; empty rows and columns of the table too.

    References
    ----------
    Rao, J. N. K. & Scott, A. J. (1984). Annals of Statistics 12, 46-60; Thomas, D. R. & Rao, J. N. K.
    (1987). JASA 82, 630-636 (F). R: ``survey::svychisq(~ g + y, svydesign(~ school))``.
    """
    if len(counts.keys) > MOST_GROUPS:
        return _too_many("rao_scott", counts)
    used = counts.school >= 0
    school, group, value = (part[used] for part in (counts.school, counts.group, counts.value))
    schools, places = np.unique(school, return_inverse=True)
    groups, rows = np.unique(group, return_inverse=True)
    values, columns = np.unique(value, return_inverse=True)
    r, c, clusters = len(groups), len(values), len(schools)
    weight = counts.count[used].astype(np.float64)
    n = float(weight.sum())
    details: dict[str, object] = {"outcome": counts.outcome, "schools": clusters}
    if min(r, c) < 2:
        details = {"outcome": counts.outcome, "groups": r}
        return NotComputed("rao_scott", "difference-few-groups", details, int(n))
    if clusters < 2:
        return NotComputed("rao_scott", "difference-one-school", details, int(n))
    flat = places * (r * c) + rows * c + columns
    table = np.bincount(flat, weight, minlength=clusters * r * c).reshape(clusters, r * c)
    share, size = table.sum(axis=0) / n, table.sum(axis=1)
    moved = (table - size[:, None] * share) / n
    covariance = clusters / (clusters - 1.0) * (moved.T @ moved)
    inverse = np.divide(1.0, share, out=np.zeros_like(share), where=share > 0)
    contrasts = np.kron(_contrasts(r), _contrasts(c))
    plain = contrasts.T @ (inverse[:, None] * contrasts) / n
    scaled = inverse[:, None] * contrasts
    effects = np.linalg.solve(plain, scaled.T @ covariance @ scaled)
    trace, square = float(np.trace(effects)), float(np.trace(effects @ effects))
    if not square > 0:
        return NotComputed("rao_scott", "difference-no-variance-between-schools", details, int(n))
    expected = np.outer(share.reshape(r, c).sum(axis=1), share.reshape(r, c).sum(axis=0)).ravel() * n
    chi2 = float(((share * n - expected) ** 2 / expected).sum())
    df = trace**2 / square
    f, df2 = chi2 / trace, df * (clusters - 1.0)
    p = float(stats.f.sf(f, df, df2))
    return NestedTest(counts.outcome, counts.by, "shares", f, df, df2, p, int(n), clusters)


def _too_many(statistic: str, counts: NestedCounts) -> NotComputed:
    details: dict[str, object] = {"outcome": counts.outcome, "groups": len(counts.keys), "most": MOST_GROUPS}
    return NotComputed(statistic, "difference-many-groups-nested", details, int(counts.count.sum()))


def _contrasts(size: int) -> npt.NDArray[np.float64]:
    """Return columns that sum to zero: every category but the last against the last, (size, size - 1)."""
    return np.vstack([np.eye(size - 1), -np.ones(size - 1)])


def nesting(
    counts: NestedCounts, schools: GroupedMoments | None = None
) -> IntraclassCorrelation | NotComputed:
    """Return how alike respondents of one school are on the outcome.

    Formula: that of `intraclass_correlation`, from counts; `schools` as in `clustered_difference`.

    References
    ----------
    Patterson, H. D. & Thompson, R. (1971). Biometrika 58, 545-554. R: ``lme4::lmer(y ~ 1 + (1 | school))``.
    """
    known = counts.by_school(dummies=False) if schools is None else schools
    return intraclass_correlation(known, counts.outcome)
