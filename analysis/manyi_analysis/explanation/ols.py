"""Ordinary least squares from moments, with standardized coefficients and variance inflation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg, stats

from manyi_analysis.records.moments import Moments
from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]

INTERCEPT = "(intercept)"
#: Residual share of the outcome's variation below which a fit is exact up to rounding.
PERFECT = 1e-10
#: Squared pivot of a Cholesky factor below which a correlation matrix is singular up to rounding.
SINGULAR = 1e-11


@dataclass(frozen=True, slots=True)
class WaldTest:
    """Test that some coefficients are all zero.

    Parameters
    ----------
    null : str
        The hypothesis tested.
    f : float
        Wald statistic divided by the number of coefficients.
    df1 : int
    df2 : float
        Degrees of freedom of F; the second is fractional where imputations were pooled.
    p : float
        Upper tail probability.
    """

    null: str
    f: float
    df1: int
    df2: float
    p: float


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """A linear regression.

    Parameters
    ----------
    outcome : str
        Column explained.
    columns : tuple of str
        The k predictors; arrays of length k + 1 have the intercept first.
    n : int
        Respondents used.
    clusters : int
        Clusters the errors allow for; 0 where they are classical.
    b : (k + 1,) array
        Coefficients.
    covariance : (k + 1, k + 1) array
        Covariance of the coefficients, of the kind `se_type` names.
    se_type : {"OLS", "CR1"}
        Classical, or cluster-robust with G/(G-1)·(n-1)/(n-k-1).
    df : int
        Degrees of freedom of t: n - k - 1, or G - 1.
    beta : (k,) array
        Coefficients of standardized variables, b·sd(x)/sd(y).
    correlation : (k, k) array
        Of the predictors.
    residual_variance, r2, adj_r2 : float
        Residual sum of squares over n - k - 1; share of variance explained; the same adjusted.
    confidence : float
        Level of `low` and `high`.
    """

    outcome: str
    columns: tuple[str, ...]
    n: int
    clusters: int
    b: Array
    covariance: Array
    se_type: str
    df: int
    beta: Array
    correlation: Array
    residual_variance: float
    r2: float
    adj_r2: float
    confidence: float

    @property
    def se(self) -> Array:
        """Return the standard errors, shape (k + 1,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def t(self) -> Array:
        """Return b / se, shape (k + 1,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.b / self.se)

    @property
    def p(self) -> Array:
        """Return two-sided probabilities from t on `df`, shape (k + 1,)."""
        return np.asarray(2.0 * stats.t.sf(np.abs(self.t), self.df))

    @property
    def low(self) -> Array:
        """Return lower confidence limits, shape (k + 1,)."""
        return self.b - self._reach

    @property
    def high(self) -> Array:
        """Return upper confidence limits, shape (k + 1,)."""
        return self.b + self._reach

    @property
    def _reach(self) -> Array:
        return np.asarray(stats.t.ppf(0.5 + self.confidence / 2.0, self.df) * self.se)

    @property
    def vif(self) -> Array:
        """Return variance inflation factors, the diagonal of the inverse correlation matrix, shape (k,)."""
        return np.asarray(np.diag(linalg.inv(self.correlation))) if self.columns else np.empty(0)

    def wald(self, columns: Sequence[str]) -> WaldTest | NotComputed:
        """Test that the coefficients of `columns` are all zero.

        F = b'V⁻¹b / q on q and `df` degrees of freedom. With classical errors this is the F-change of nested
        models (R ``anova(smaller, larger)``); with clustered errors the cluster Wald test (R
        ``clubSandwich::Wald_test(..., vcov = "CR1S", test = "Naive-F")``).

        Parameters
        ----------
        columns : sequence of str
            Some of the predictors.
        """
        details: dict[str, object] = {"outcome": self.outcome, "columns": len(columns)}
        if not columns:
            return NotComputed("F-change", "block-adds-nothing", {"outcome": self.outcome}, self.n)
        if self.clusters and len(columns) > self.clusters - 1:
            details["clusters"] = self.clusters
            return NotComputed("F-change", "wald-few-clusters", details, self.n)
        at = [self.columns.index(column) + 1 for column in columns]
        scale = self.se[at]
        factor = _cholesky(self.covariance[np.ix_(at, at)] / np.outer(scale, scale)) if scale.all() else None
        if factor is None:
            return NotComputed("F-change", "wald-singular", details, self.n)
        z = self.b[at] / scale
        f = float(z @ linalg.cho_solve((factor, True), z)) / len(at)
        null = " = ".join([*columns, "0"])
        return WaldTest(null, f, len(at), self.df, float(stats.f.sf(f, len(at), self.df)))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient, the intercept first."""
        outside = np.full(1, np.nan)
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "term": [INTERCEPT, *self.columns],
                "b": self.b,
                "se": self.se,
                "se_type": self.se_type,
                "beta": np.concatenate([outside, self.beta]),
                "t": self.t,
                "df": self.df,
                "p": self.p,
                "low": self.low,
                "high": self.high,
                "vif": np.concatenate([outside, self.vif]),
            }
        )


def ols(
    moments: Moments, outcome: str, columns: Sequence[str], confidence: float = 0.95
) -> Regression | NotComputed:
    """Regress `outcome` on `columns` by least squares, with classical standard errors.

    Coefficients solve the normal equations of the correlation matrix by Cholesky, which keeps the accuracy
    that raw cross-products of columns on unlike scales would lose.

    b = (X'X)⁻¹X'y, V = s²(X'X)⁻¹ with s² = e'e/(n - k - 1), t = b/SE on n - k - 1.

    Parameters
    ----------
    moments : Moments
        Of the outcome and the columns, listwise.
    outcome : str
        Column explained.
    columns : sequence of str
        Predictors, none a combination of the others.
    confidence : float
        Level of the confidence limits.

    Returns
    -------
    Regression or NotComputed
        NotComputed where the outcome is constant, rows are no more than coefficients, predictors are
        collinear, or the fit leaves no residual.

    References
    ----------
    Greene, W. H. (2018). Econometric Analysis, 8th ed., ch. 3 and 4. R: ``lm``.
    """
    columns = tuple(columns)
    sums = moments.select((outcome, *columns))
    n, k = sums.n, len(columns)
    if n <= k + 1:
        details: dict[str, object] = {"outcome": outcome, "rows": n, "coefficients": k + 1}
        return NotComputed("regression", "regression-few-rows", details, n)
    spread, mean = sums.sd, sums.mean
    if not spread[0] > 0:
        return NotComputed("regression", "regression-constant-outcome", {"outcome": outcome}, n)
    collinear = NotComputed("regression", "regression-collinear", {"outcome": outcome}, n)
    if not (spread[1:] > 0).all():
        return collinear
    correlation = sums.covariance / np.outer(spread, spread)
    among, with_outcome = correlation[1:, 1:], correlation[1:, 0]
    factor = _cholesky(among) if k else np.empty((0, 0))
    if factor is None:
        return collinear
    inverse = np.asarray(linalg.cho_solve((factor, True), np.eye(k))) if k else np.empty((0, 0))
    beta = inverse @ with_outcome
    r2 = float(beta @ with_outcome)
    if 1.0 - r2 < PERFECT:
        return NotComputed("regression", "regression-perfect-fit", {"outcome": outcome}, n)
    slopes = beta * spread[0] / spread[1:]
    residual_variance = (1.0 - r2) * spread[0] ** 2 * (n - 1) / (n - k - 1)
    bread = uncentre(inverse / np.outer(spread[1:], spread[1:]) / (n - 1), n, mean[1:])
    return Regression(
        outcome=outcome,
        columns=columns,
        n=n,
        clusters=0,
        b=np.concatenate([[mean[0] - mean[1:] @ slopes], slopes]),
        covariance=residual_variance * bread,
        se_type="OLS",
        df=n - k - 1,
        beta=beta,
        correlation=among,
        residual_variance=residual_variance,
        r2=r2,
        adj_r2=1.0 - (1.0 - r2) * (n - 1) / (n - k - 1),
        confidence=confidence,
    )


def _cholesky(correlation: Array) -> Array | None:
    """Return the lower Cholesky factor of a correlation matrix, None where it is singular up to rounding."""
    try:
        factor = np.asarray(linalg.cholesky(correlation, lower=True))
    except linalg.LinAlgError:
        return None
    return factor if float(np.diag(factor).min(initial=1.0)) ** 2 > SINGULAR else None


def uncentre(slopes: Array, n: int, mean: Array) -> Array:
    """Return (X'X)⁻¹ with an intercept from the inverse cross-product of centred columns.

    Parameters
    ----------
    slopes : (k, k) array
        Inverse of Σ(x - x̄)(x - x̄)'.
    n : int
        Rows.
    mean : (k,) array
        x̄.

    Returns
    -------
    (k + 1, k + 1) array
        The intercept first.
    """
    centred = linalg.block_diag(np.array([[1.0 / n]]), slopes)
    back = from_centred(mean)
    return np.asarray(back @ centred @ back.T)


def from_centred(mean: Array) -> Array:
    """Return the matrix that turns coefficients of centred columns into those of raw ones, (k + 1, k + 1)."""
    back = np.eye(len(mean) + 1)
    back[0, 1:] = -mean
    return back


def gvif(correlation: Array, members: Sequence[int]) -> float:
    """Return the generalized variance inflation factor of a set of predictors.

    det(R₁₁)·det(R₂₂) / det(R), with R₁₁ the correlations within the set, R₂₂ those among the others. For one
    predictor it is the VIF. GVIF^(1/(2q)) is comparable between sets of different size q.

    GVIF = det(R₁₁)·det(R₂₂) / det(R).

    Parameters
    ----------
    correlation : (k, k) array
        Of all predictors.
    members : sequence of int
        Positions of the set.

    References
    ----------
    Fox, J. & Monette, G. (1992). Generalized collinearity diagnostics. JASA 87, 178-183, eq. 10. R:
    ``car::vif``.
    """
    inside = list(members)
    outside = [index for index in range(len(correlation)) if index not in set(inside)]
    parts = (
        np.linalg.slogdet(correlation[np.ix_(inside, inside)])[1],
        np.linalg.slogdet(correlation[np.ix_(outside, outside)])[1] if outside else 0.0,
        np.linalg.slogdet(correlation)[1],
    )
    return float(np.exp(parts[0] + parts[1] - parts[2]))
