"""Bias-reduced cluster errors (CR2) with Satterthwaite degrees of freedom, from per-school moments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import linalg, stats

from manyi_analysis.explanation.clustered import clustered_ols
from manyi_analysis.explanation.ols import INTERCEPT, Regression, WaldTest
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]

#: Share of its own fit that a cluster may leave in a direction before that direction is dropped, as
#: clubSandwich does with directions a cluster alone determines.
ALONE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class BiasReducedRegression:
    """A linear regression with CR2 errors.

    Parameters
    ----------
    fit : Regression
        The same regression with CR1 errors: coefficients, R², standardized coefficients.
    covariance : (k + 1, k + 1) array
        CR2 covariance of the coefficients, the intercept first.
    df : (k + 1,) array
        Satterthwaite degrees of freedom of each coefficient.
    back : (k + 1, k + 1) array
        Coefficients = back @ whitened coefficients.
    projections, squares : (G, k + 1, k + 1) array
        What each cluster's adjusted score adds to the degrees of freedom of a contrast.
    """

    fit: Regression
    covariance: Array
    df: Array
    back: Array
    projections: Array
    squares: Array
    se_type: str = "CR2"
    df_method: str = "Satterthwaite"
    source: str = "Bell & McCaffrey (2002); Pustejovsky & Tipton (2018)"

    @property
    def se(self) -> Array:
        """Return the standard errors, shape (k + 1,)."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def t(self) -> Array:
        """Return b / se, shape (k + 1,)."""
        return np.asarray(self.fit.b / self.se)

    @property
    def p(self) -> Array:
        """Return two-sided probabilities from t on `df`, shape (k + 1,)."""
        return np.asarray(2.0 * stats.t.sf(np.abs(self.t), self.df))

    @property
    def low(self) -> Array:
        """Return lower confidence limits, shape (k + 1,)."""
        return self.fit.b - self._reach

    @property
    def high(self) -> Array:
        """Return upper confidence limits, shape (k + 1,)."""
        return self.fit.b + self._reach

    @property
    def _reach(self) -> Array:
        return np.asarray(stats.t.ppf(0.5 + self.fit.confidence / 2.0, self.df) * self.se)

    def wald(self, columns: Sequence[str]) -> WaldTest | NotComputed:
        """Test that the coefficients of `columns` are all zero: approximate Hotelling's T² (AHT, "HTZ").

        With V the CR2 covariance of the q coefficients, Q = b'V⁻¹b and η Zhang's degrees of freedom,
        F = (η - q + 1)/(η q) · Q on q and η - q + 1.

        Parameters
        ----------
        columns : sequence of str
            Some of the predictors.

        Returns
        -------
        WaldTest or NotComputed
            NotComputed where no column is named, V is singular, or too few clusters carry the columns.

        References
        ----------
        Tipton, E. & Pustejovsky, J. E. (2015). Journal of Educational and Behavioral Statistics 40, 604-634,
        sec. 3.2. R: ``clubSandwich::Wald_test(fit, constrain_zero(i), vcov = "CR2", test = "HTZ")``.
        """
        details: dict[str, object] = {"outcome": self.fit.outcome, "columns": len(columns)}
        if not columns:
            return NotComputed("F-change", "block-adds-nothing", {"outcome": self.fit.outcome}, self.fit.n)
        at = [self.fit.columns.index(column) + 1 for column in columns]
        q = len(at)
        covariance, b = self.covariance[np.ix_(at, at)], self.fit.b[at]
        scale = np.sqrt(np.diag(covariance))
        values, vectors = np.linalg.eigh(self._expected(at))
        if not scale.all() or values[0] <= 0 or np.linalg.cond(covariance / np.outer(scale, scale)) > 1e12:
            return NotComputed("F-change", "wald-singular", details, self.fit.n)
        eta = self._degrees(at, vectors / np.sqrt(values))
        if eta <= q - 1:
            details["clusters"] = self.fit.clusters
            return NotComputed("F-change", "wald-few-clusters", details, self.fit.n)
        z = b / scale
        statistic = float(z @ np.linalg.solve(covariance / np.outer(scale, scale), z))
        f = (eta - q + 1) / (eta * q) * statistic
        null = " = ".join([*columns, "0"])
        return WaldTest(null, f, q, eta - q + 1, float(stats.f.sf(f, q, eta - q + 1)))

    def _lines(self, at: Sequence[int]) -> tuple[Array, Array]:
        """Return the pieces c'p_gM of every cluster, (G, q, k + 1), and c's_gc, (G, q, q)."""
        rows = self.back[list(at)]
        return rows @ self.projections, rows @ self.squares @ rows.T

    def _expected(self, at: Sequence[int]) -> Array:
        """Return the expectation of V where errors are independent with variance 1, shape (q, q)."""
        lines, own = self._lines(at)
        return np.asarray((own - lines @ lines.transpose(0, 2, 1)).sum(axis=0))

    def _degrees(self, at: Sequence[int], root: Array) -> float:
        """Return Zhang's η: q(q + 1) over the summed variances of the elements of V, standardized.

        `root` turns the expectation of V into the identity, root'E root = I. With the scores of clusters g
        and h covarying by P_gh = δ_gh·own_g - L_g L_h', the sum is Σ_gh (tr P_gh)² + tr(P_gh²); over pairs of
        clusters it needs only Σ_g of products of L_g.
        """
        lines, own = self._lines(at)
        lines, own = root.T @ lines, root.T @ own @ root
        groups, q, k = lines.shape
        flat = lines.reshape(groups, q * k)
        gram = (flat.T @ flat).reshape(q, k, q, k)
        pairs = float((gram**2).sum() + np.einsum("akbl,bkal->", gram, gram))
        inner = lines @ lines.transpose(0, 2, 1)
        left = own - inner
        traces = np.trace(left, axis1=1, axis2=2) ** 2 - np.trace(inner, axis1=1, axis2=2) ** 2
        return float(q * (q + 1)) / (pairs + float(traces.sum() + (left**2).sum() - (inner**2).sum()))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient, the intercept first; the columns of ``Regression.to_frame``."""
        outside = np.full(1, np.nan)
        return pd.DataFrame(
            {
                "outcome": self.fit.outcome,
                "term": [INTERCEPT, *self.fit.columns],
                "b": self.fit.b,
                "se": self.se,
                "se_type": self.se_type,
                "beta": np.concatenate([outside, self.fit.beta]),
                "t": self.t,
                "df": self.df,
                "p": self.p,
                "low": self.low,
                "high": self.high,
                "vif": np.concatenate([outside, self.fit.vif]),
            }
        )


def bias_reduced_ols(
    moments: GroupedMoments, outcome: str, columns: Sequence[str], confidence: float = 0.95
) -> BiasReducedRegression | NotComputed:
    """Regress `outcome` on `columns` by least squares, with CR2 errors and Satterthwaite degrees of freedom.

    CR1 errors are too small with few clusters, and t(G - 1) is too generous where few clusters carry a
    predictor. CR2 multiplies each cluster's residuals by (I - H_gg)^(-1/2), which makes the errors unbiased
    where respondents are independent. X_g'(I - X_g M X_g')^(-1/2) e_g = f(X_g'X_g M) X_g'e_g with
    f(t) = (1 - t)^(-1/2) needs only the cluster's cross-products, as do the degrees of freedom: the cost does
    not depend on respondents. Rows as in `clustered_ols` (listwise).

    Parameters
    ----------
    moments : GroupedMoments
        Of outcome and columns, listwise, one group a cluster.
    outcome : str
        Column explained.
    columns : sequence of str
        Predictors, none a combination of the others.
    confidence : float
        Level of the confidence limits.

    Returns
    -------
    BiasReducedRegression or NotComputed
        NotComputed as for `clustered_ols`.

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Survey Methodology 28, 169-181; Pustejovsky, J. E. & Tipton, E.
    (2018). Journal of Business & Economic Statistics 36, 672-683, eq. 8 and 11. R:
    ``clubSandwich::coef_test(fit, vcov = "CR2", cluster = school, test = "Satterthwaite")``.
    """
    fit = clustered_ols(moments, outcome, columns, confidence)
    if isinstance(fit, NotComputed):
        return fit
    sums = moments.select((outcome, *columns))
    cross, back = _whitened(sums, fit)
    values, vectors = np.linalg.eigh(cross[:, :-1, :-1])
    alone = 1.0 - values
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse_root = np.where(alone > ALONE, 1.0 / np.sqrt(alone), 0.0)
    turned = vectors.transpose(0, 2, 1)
    adjust = (vectors * inverse_root[:, None, :]) @ turned
    whitened = np.linalg.solve(back, fit.b - _origin(sums, fit))
    residual = cross[:, :-1, -1] - cross[:, :-1, :-1] @ whitened
    half = np.einsum("gij,gj->gi", adjust, residual) @ back.T
    result = BiasReducedRegression(
        fit=fit,
        covariance=half.T @ half,
        df=np.empty(0),
        back=back,
        projections=(vectors * (inverse_root * values)[:, None, :]) @ turned,
        squares=(vectors * (inverse_root**2 * values)[:, None, :]) @ turned,
    )
    ones = [result._degrees([at], 1.0 / np.sqrt(result._expected([at]))) for at in range(len(fit.b))]
    return replace(result, df=np.array(ones))


def _origin(sums: GroupedMoments, fit: Regression) -> Array:
    """Return the coefficients of a fit of the outcome's mean: it was taken off the outcome."""
    result = np.zeros(len(fit.b))
    result[0] = sums.overall().mean[0]
    return result


def _whitened(sums: GroupedMoments, fit: Regression) -> tuple[Array, Array]:
    """Return cross-products of (X̃, y - ȳ) in each cluster, X̃'X̃ = I, and the way back to coefficients.

    Returns
    -------
    (G, k + 2, k + 2) array
        Over clusters with a respondent.
    (k + 1, k + 1) array
        b = back @ b̃, but for the outcome's mean.
    """
    overall = sums.overall()
    used = sums.n > 0
    k = len(fit.columns)
    order = [*range(1, k + 1), 0]
    raw = np.empty((int(used.sum()), k + 2, k + 2))
    raw[:, 0, 0] = sums.n[used]
    raw[:, 0, 1:] = raw[:, 1:, 0] = sums.total[used][:, order]
    raw[:, 1:, 1:] = sums.cross[used][:, order][:, :, order]
    spread = overall.sd[1:]
    root = linalg.cholesky(fit.correlation, lower=True) if k else np.empty((0, 0))
    slopes = np.diag(1.0 / spread) @ linalg.inv(root).T / np.sqrt(fit.n - 1) if k else np.empty((0, 0))
    centre = overall.total / overall.n
    turn = np.zeros((k + 2, k + 2))
    turn[0, 0] = 1.0 / np.sqrt(fit.n)
    turn[1 : k + 1, 1 : k + 1] = slopes
    turn[0, 1 : k + 1] = -centre[1:] @ slopes
    turn[-1, -1], turn[0, -1] = 1.0, -centre[0]
    back = turn[:-1, :-1].copy()
    back[0, 1:] = -overall.mean[1:] @ slopes
    return turn.T @ raw @ turn, back
