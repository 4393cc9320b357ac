"""Rubin's rules: one estimate from the analyses of several completed data sets."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg, stats

from manyi_analysis.explanation.ols import WaldTest
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Pooled:
    """Coefficients pooled over m completed data sets; every array has shape (k,), matrices (k, k).

    Parameters
    ----------
    m : int
        Completed data sets.
    estimate : ndarray
        Mean of the coefficients.
    within, between : ndarray
        Mean of their covariance matrices; covariance of the coefficients between data sets.
    complete_df : float or ndarray
        Degrees of freedom of t had nothing been missing, of all coefficients or of each.
    """

    m: int
    estimate: Floats
    within: Floats
    between: Floats
    complete_df: float | Floats
    method: str = "Rubin's rules, degrees of freedom by Barnard & Rubin"
    source: str = "Rubin (1987); Barnard & Rubin (1999)"

    @property
    def variance(self) -> Floats:
        """Return the total variances, within + (1 + 1/m) between."""
        return np.asarray(np.diagonal(self.within) + (1 + 1 / self.m) * np.diagonal(self.between))

    @property
    def se(self) -> Floats:
        """Return the standard errors."""
        return np.asarray(np.sqrt(self.variance))

    @property
    def increase(self) -> Floats:
        """Return the relative increase of variance through missing answers."""
        extra = (1 + 1 / self.m) * np.diagonal(self.between)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(extra / np.diagonal(self.within))

    @property
    def df(self) -> Floats:
        """Return the degrees of freedom of t (Barnard & Rubin, 1999)."""
        share = (1 + 1 / self.m) * np.diagonal(self.between) / self.variance
        complete = np.broadcast_to(np.asarray(self.complete_df, dtype=np.float64), share.shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            many = (self.m - 1) / share**2
            observed = (complete + 1) / (complete + 3) * complete * (1 - share)
            observed = np.where(np.isinf(complete), np.inf, observed)
            return np.asarray(1 / (1 / many + 1 / observed))

    @property
    def fmi(self) -> Floats:
        """Return the share of each estimate's information that the missing answers would have brought."""
        return np.asarray((self.increase + 2 / (self.df + 3)) / (self.increase + 1))

    @property
    def t(self) -> Floats:
        """Return estimate / se."""
        return np.asarray(self.estimate / self.se)

    @property
    def p(self) -> Floats:
        """Return two-sided probabilities from t on ``df``."""
        return np.asarray(2 * stats.t.sf(np.abs(self.t), self.df))

    def interval(self, confidence: float) -> tuple[Floats, Floats]:
        """Return the confidence limits."""
        reach = stats.t.ppf(0.5 + confidence / 2, self.df) * self.se
        return self.estimate - reach, self.estimate + reach

    def wald(self, at: Sequence[int], names: Sequence[str]) -> WaldTest | NotComputed:
        r"""Test that some coefficients are all zero (statistic D1).

        .. math:: F = \frac{\bar Q' \bar U^{-1} \bar Q}{q (1 + r)}, \qquad
            r = (1 + 1/m)\, \mathrm{tr}(B \bar U^{-1}) / q

        on q and the degrees of freedom of Reiter, which are for complete-data degrees that are few. Where
        these differ between the coefficients, the smallest count.

        Parameters
        ----------
        at : sequence of int
            Places of the q coefficients.
        names : sequence of str
            Their names, for the null hypothesis.

        References
        ----------
        Li, K.-H., Raghunathan, T. E., & Rubin, D. B. (1991). Journal of the American Statistical Association,
        86, 1065-1073. Reiter, J. P. (2007). Biometrika, 94, 502-508. R: ``mice::D1``, ``mitml::testModels``.
        """
        q = len(at)
        details: dict[str, object] = {"columns": q, "m": self.m}
        grid = np.ix_(at, at)
        try:
            factor = linalg.cho_factor(self.within[grid])
        except linalg.LinAlgError:
            return NotComputed("F-change", "wald-singular", {"outcome": "", "columns": q}, 0)
        if q * (self.m - 1) <= 4:
            return NotComputed("F-change", "imputations-few", details, 0)
        q_bar = self.estimate[list(at)]
        inverse_between = linalg.cho_solve(factor, self.between[grid])
        r = (1 + 1 / self.m) * float(np.trace(inverse_between)) / q
        f = float(q_bar @ linalg.cho_solve(factor, q_bar)) / (q * (1 + r))
        complete = np.broadcast_to(np.asarray(self.complete_df, dtype=np.float64), self.estimate.shape)
        df2 = _reiter_df(q * (self.m - 1), r, float(complete[list(at)].min()))
        null = " = ".join([*names, "0"])
        return WaldTest(null, f, q, df2, float(stats.f.sf(f, q, df2)))


def _reiter_df(t: int, r: float, complete: float) -> float:
    if r == 0:
        return complete
    a = r * t / (t - 2)
    star = (complete + 1) / (complete + 3) * complete
    c0, c1, c2 = 1 / (t - 4), star - 2 * (1 + a), star - 4 * (1 + a)
    z = (
        1 / c2
        + c0 * (a**2 * c1 / ((1 + a) ** 2 * c2))
        + c0 * (8 * a**2 * c1 / ((1 + a) * c2**2) + 4 * a**2 / ((1 + a) * c2))
        + c0 * (4 * a**2 / (c2 * c1) + 16 * a**2 * c1 / c2**3)
        + c0 * (8 * a**2 / c2**2)
    )
    return 4 + 1 / z


def pool(estimates: Sequence[Floats], covariances: Sequence[Floats], complete_df: float | Floats) -> Pooled:
    """Pool the coefficients of one model fitted to m completed data sets.

    Q̄ = ΣQ/m, Ū = ΣU/m, B = Σ(Q - Q̄)²/(m - 1); T = Ū + (1 + 1/m)B; riv = (1 + 1/m)B/Ū; degrees of freedom
    by Barnard and Rubin; the joint test is D1.

    Parameters
    ----------
    estimates : sequence of ndarray, shape (k,)
        Coefficients of every data set.
    covariances : sequence of ndarray, shape (k, k)
        Their covariance matrices.
    complete_df : float or ndarray, shape (k,)
        Degrees of freedom of t had nothing been missing: n - k - 1, schools - 1 with clustered errors, those
        of Satterthwaite; infinite for a normal test.

    Raises
    ------
    ValueError
        With fewer than two data sets.

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Barnard, J., & Rubin, D. B. (1999).
    Biometrika, 86, 948-955. R: ``mice::pool``.
    """
    stacked = np.array(estimates)
    if len(stacked) < 2:
        raise ValueError("pooling needs at least two completed data sets")
    between = np.atleast_2d(np.cov(stacked, rowvar=False))
    within = np.mean(covariances, axis=0)
    return Pooled(len(stacked), stacked.mean(axis=0), within, between, complete_df)


def pool_r2(values: Sequence[float]) -> float:
    """Pool shares of variance explained through Fisher's z of their square roots.

    R̄² = tanh²(Σ atanh R / m).

    References
    ----------
    Harel, O. (2009). The estimation of R² and adjusted R² in incomplete data sets using multiple imputation.
    Journal of Applied Statistics, 36, 1109-1118. R: ``mice::pool.r.squared``.
    """
    z = np.arctanh(np.sqrt(np.clip(np.asarray(values, dtype=np.float64), 0.0, 1 - 1e-15)))
    return float(np.tanh(z.mean()) ** 2)
