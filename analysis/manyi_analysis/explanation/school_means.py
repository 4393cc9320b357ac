"""Regression among schools on their means, with the reliability of the means and a correction for it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.explanation.clustered import between_clusters
from manyi_analysis.explanation.ols import INTERCEPT
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats

#: 1 - R² of a column of means on the others below which it is a combination of them.
DEPENDENT = 1e-10
#: Reliability of means below which a slope is visibly drawn towards zero (Lüdtke et al., 2011).
UNRELIABLE = 0.7


@dataclass(frozen=True, slots=True, eq=False)
class MeanReliability:
    """How reliably school means rank schools.

    Parameters
    ----------
    columns : tuple of str
        The k columns.
    schools : int
        Schools with a respondent.
    icc1 : ndarray, shape (k,)
        ICC(1) of the one-way analysis of variance; NaN for a column that does not vary within schools.
    icc2 : ndarray, shape (k,)
        Reliability of the means, 1 - MSW/MSB; 1 for a column of the schools, 0 where MSB < MSW.
    spearman_brown : ndarray, shape (k,)
        m·ICC(1)/(1 + (m - 1)·ICC(1)) with the harmonic mean m of the schools' sizes.
    harmonic_size : float
        m.
    """

    columns: tuple[str, ...]
    schools: int
    icc1: Floats
    icc2: Floats
    spearman_brown: Floats
    harmonic_size: float
    source: str = "Bliese (2000)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a column: ``column, schools, harmonic_size, icc1, icc2, spearman_brown``."""
        return pd.DataFrame(
            {
                "column": self.columns,
                "schools": self.schools,
                "harmonic_size": self.harmonic_size,
                "icc1": self.icc1,
                "icc2": self.icc2,
                "spearman_brown": self.spearman_brown,
            }
        )


def mean_reliability(moments: GroupedMoments) -> MeanReliability | NotComputed:
    r"""Return the reliability of the school means of every column.

    With mean squares between (B) and within (W) G schools of n respondents in all:

    .. math::

        ICC(1) = \frac{B - W}{B + (n_0 - 1) W}, \quad
        n_0 = \frac{1}{G - 1} \Bigl(n - \frac{\sum n_g^2}{n}\Bigr), \quad ICC(2) = 1 - \frac{W}{B}

    Parameters
    ----------
    moments : GroupedMoments
        One group a school; schools without a respondent are left out.

    Returns
    -------
    MeanReliability or NotComputed
        NotComputed with fewer than two schools, or where no school has two respondents.

    References
    ----------
    Bliese, P. D. (2000). In Klein & Kozlowski (eds.), Multilevel Theory, Research, and Methods in
    Organizations, 349-381. R: ``multilevel::ICC1``, ``multilevel::ICC2`` of ``aov(y ~ school)``.
    """
    used = moments.n > 0
    size = moments.n[used].astype(np.float64)
    n, schools = float(size.sum()), int(used.sum())
    details: dict[str, object] = {"schools": schools, "rows": int(n), "outcome": " ".join(moments.columns)}
    if schools < 2:
        return NotComputed("mean-reliability", "icc-few-schools", details, int(n))
    if int(n) == schools:
        return NotComputed("mean-reliability", "icc-one-a-school", details, int(n))
    total = moments.total[used]
    squares = np.diagonal(moments.cross[used], axis1=1, axis2=2)
    within = (squares - total**2 / size[:, None]).sum(axis=0)
    between = (total**2 / size[:, None]).sum(axis=0) - total.sum(axis=0) ** 2 / n
    level = between_clusters(moments)
    mean_within = np.where(level, 0.0, within) / (n - schools)
    mean_between = between / (schools - 1)
    typical = (n - float(size @ size) / n) / (schools - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        icc1 = (mean_between - mean_within) / (mean_between + (typical - 1.0) * mean_within)
        icc2 = np.clip(1.0 - mean_within / mean_between, 0.0, 1.0)
    harmonic = float(schools / (1.0 / size).sum())
    share = np.maximum(icc1, 0.0)
    stepped = harmonic * share / (1.0 + (harmonic - 1.0) * share)
    return MeanReliability(
        moments.columns,
        schools,
        np.where(level, np.nan, icc1),
        np.where(level, 1.0, icc2),
        np.where(level, 1.0, stepped),
        harmonic,
    )


@dataclass(frozen=True, slots=True, eq=False)
class SchoolMeanRegression:
    """A regression of school means on school columns and means; arrays have the intercept first.

    Parameters
    ----------
    outcome : str
    columns : tuple of str
        The k predictors.
    weights : {"equal", "respondents"}
    schools, n, missing : int
        Schools; respondents behind the means, and dropped (listwise).
    b : ndarray, shape (k + 1,)
    covariance : ndarray, shape (k + 1, k + 1)
        Of the kind `se_type` names.
    se_type : {"OLS", "HC3"}
    df : int
        G - k - 1.
    r2, adj_r2 : float
        Of the means.
    reliability : MeanReliability
        Outcome first, then the predictors.
    corrected : ndarray, shape (k + 1,), or NotComputed
        Coefficients between the schools' true means: sampling variances and covariances of the means taken
        off by the method of moments; also of means from the same respondents, whose errors go together.
    confidence : float
    """

    outcome: str
    columns: tuple[str, ...]
    weights: str
    schools: int
    n: int
    missing: int
    b: Floats
    covariance: Floats
    se_type: str
    df: int
    r2: float
    adj_r2: float
    reliability: MeanReliability
    corrected: Floats | NotComputed
    confidence: float
    source: str = "MacKinnon & White (1985); Fuller (1987); Lüdtke et al. (2011)"

    @property
    def se(self) -> Floats:
        """Return the standard errors."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def unreliable(self) -> tuple[str, ...]:
        """Return the predictors whose means have a reliability below .70: their slopes are attenuated."""
        pairs = zip(self.columns, self.reliability.icc2[1:], strict=True)
        return tuple(column for column, value in pairs if value < UNRELIABLE)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient, with the reliability of its predictor and the corrected slope."""
        t = self.b / self.se
        reach = float(stats.t.ppf(0.5 + self.confidence / 2.0, self.df)) * self.se
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "term": [INTERCEPT, *self.columns],
                "estimate": self.b,
                "se": self.se,
                "se_type": self.se_type,
                "t": t,
                "df": self.df,
                "p": 2.0 * stats.t.sf(np.abs(t), self.df),
                "low": self.b - reach,
                "high": self.b + reach,
                "reliability": np.concatenate([[np.nan], self.reliability.icc2[1:]]),
                "corrected": np.nan if isinstance(self.corrected, NotComputed) else self.corrected,
                "schools": self.schools,
                "n": self.n,
                "reason": self.corrected.reason if isinstance(self.corrected, NotComputed) else "",
            }
        )


def school_mean_regression(
    moments: GroupedMoments,
    outcome: str,
    columns: Sequence[str],
    weights: str = "equal",
    se_type: str = "HC3",
    confidence: float = 0.95,
) -> SchoolMeanRegression | NotComputed:
    r"""Regress the schools' means of an outcome on school indicators and means of other scales.

    The unit is the school: n is the number of schools, whatever the number of respondents.

    .. math::

        b = (X'WX)^{-1} X'W \bar y, \quad
        V_{HC3} = (X'WX)^{-1} \Bigl(\sum_g \frac{w_g^2 e_g^2}{(1 - h_g)^2} x_g x_g'\Bigr) (X'WX)^{-1}

    ``corrected``: slopes between true means, from the covariances of the means less what respondents add
    to them, :math:`B - S_W \overline{1/n_g}`.

    Parameters
    ----------
    moments : GroupedMoments
        Of outcome and columns, listwise, one group a school.
    outcome : str
    columns : sequence of str
        School indicators, or respondents' scales, whose means are taken.
    weights : {"equal", "respondents"}
        Whether every school counts the same, or by its respondents.
    se_type : {"HC3", "OLS"}
        Robust against unequal variances of the means, or classical.
    confidence : float

    Returns
    -------
    SchoolMeanRegression or NotComputed
        NotComputed with schools no more than coefficients, where the means of the outcome do not vary, are
        fitted exactly, or predictors are dependent among schools.

    References
    ----------
    MacKinnon, J. G. & White, H. (1985). Journal of Econometrics 29, 305-325; Fuller, W. A. (1987).
    Measurement Error Models, sec. 2.2; Lüdtke, O. et al. (2011). Psychological Methods 16, 444-467. R:
    ``lm`` on ``aggregate``, ``sandwich::vcovHC(fit, "HC3")``.
    """
    columns = tuple(columns)
    sums = moments.select((outcome, *columns))
    used = sums.n > 0
    schools, n, k = int(used.sum()), int(sums.n.sum()), len(columns)
    if schools <= k + 1:
        few = {"outcome": outcome, "predictors": k, "clusters": schools}
        return NotComputed("school-means", "regression-few-clusters", few, n)
    means = sums.mean[used]
    size = sums.n[used].astype(np.float64)
    weight = size / size.mean() if weights == "respondents" else np.ones(schools)
    centre = weight @ means / schools
    spread = np.sqrt(weight @ (means - centre) ** 2 / schools)
    if not spread[0] > 1e-12 * max(1.0, abs(centre[0])):
        return NotComputed("school-means", "regression-constant-outcome", {"outcome": outcome}, n)
    small = spread <= 1e-12 * np.maximum(1.0, np.abs(centre))
    if small[1:].any():
        return NotComputed("school-means", "regression-collinear", {"outcome": outcome}, n)
    z = (means - centre) / spread
    correlation = (z * weight[:, None]).T @ z / schools
    if k and float(np.linalg.eigvalsh(correlation[1:, 1:])[0]) < DEPENDENT:
        return NotComputed("school-means", "regression-collinear", {"outcome": outcome}, n)
    x = np.column_stack([np.ones(schools), z[:, 1:]])
    root = np.sqrt(weight)
    inverse = np.linalg.inv((x * weight[:, None]).T @ x)
    beta = inverse @ (x * weight[:, None]).T @ z[:, 0]
    residual = z[:, 0] - x @ beta
    squares = float(weight @ residual**2)
    if squares < 1e-10 * schools:
        return NotComputed("school-means", "regression-perfect-fit", {"outcome": outcome}, n)
    df = schools - k - 1
    leverage = np.einsum("gi,ij,gj->g", x * root[:, None], inverse, x * root[:, None])
    if se_type == "HC3":
        half = (x * (weight * residual / (1.0 - leverage))[:, None]) @ inverse
        covariance = half.T @ half
    else:
        covariance = squares / df * inverse
    back = np.diag(np.concatenate([[1.0], 1.0 / spread[1:]])) * spread[0]
    back[0, 1:] = -centre[1:] / spread[1:] * spread[0]
    b = back @ beta
    b[0] += centre[0]
    reliability = mean_reliability(sums)
    if isinstance(reliability, NotComputed):
        return reliability
    r2 = 1.0 - squares / schools
    return SchoolMeanRegression(
        outcome=outcome,
        columns=columns,
        weights=weights,
        schools=schools,
        n=n,
        missing=sums.missing,
        b=b,
        covariance=back @ covariance @ back.T,
        se_type=se_type,
        df=df,
        r2=r2,
        adj_r2=1.0 - (1.0 - r2) * (schools - 1) / df,
        reliability=reliability,
        corrected=_corrected(sums, outcome),
        confidence=confidence,
    )


def between_covariance(moments: GroupedMoments) -> tuple[Floats, Floats]:
    """Return means and covariances of the schools' true means by the method of moments, schools equal.

    The covariance of the observed means less the pooled covariance within schools times the mean of 1/n.

    Parameters
    ----------
    moments : GroupedMoments
        At least two schools, one of them with two respondents.

    Returns
    -------
    (k,) array, (k, k) array
        Which need not be positive definite.
    """
    used = moments.n > 0
    size = moments.n[used].astype(np.float64)
    means = moments.total[used] / size[:, None]
    outer = np.einsum("gi,gj->gij", moments.total[used], means)
    within = (moments.cross[used] - outer).sum(axis=0) / (size.sum() - len(size))
    level = between_clusters(moments)
    within[level, :] = within[:, level] = 0.0
    observed = np.atleast_2d(np.cov(means, rowvar=False))
    return moments.shift + means.mean(axis=0), observed - within * float((1.0 / size).mean())


def _corrected(sums: GroupedMoments, outcome: str) -> Floats | NotComputed:
    """Return coefficients between true means: the outcome is the first column."""
    mean, covariance = between_covariance(sums)
    inside = covariance[1:, 1:]
    details: dict[str, object] = {"outcome": outcome}
    n = int(sums.n.sum())
    variances = np.diag(inside)
    if not (variances > 0).all():
        return NotComputed("school-means", "between-not-positive", details, n)
    scale = np.sqrt(variances)
    if len(inside) and float(np.linalg.eigvalsh(inside / np.outer(scale, scale))[0]) < 1e-6:
        return NotComputed("school-means", "between-not-positive", details, n)
    slopes = np.linalg.solve(inside, covariance[1:, 0])
    return np.concatenate([[mean[0] - mean[1:] @ slopes], slopes])
