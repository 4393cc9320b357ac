"""A linear mixed model with random intercepts and slopes of schools, from per-school moments."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.explanation.ols import INTERCEPT
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats

MULTILEVEL_COLUMNS = (
    *("outcome", "model", "term", "estimate", "se", "df", "df_method", "t", "p", "low", "high", "reason"),
)
MULTILEVEL_MODEL_COLUMNS = (
    *("outcome", "model", "n", "missing", "schools", "var_school", "var_residual", "icc", "design_effect"),
    *("r2_marginal", "r2_conditional", "loglik", "aic", "bic", "parameters", "method", "singular", "reason"),
)
#: Diagonal of Λ below which a fit is singular, the tolerance of ``lme4::isSingular``.
SINGULAR = 1e-4


@dataclass(frozen=True, slots=True)
class Contrast:
    """A combination of coefficients.

    Parameters
    ----------
    name : str
    estimate, se, df, t, p, low, high : float
        With Satterthwaite's degrees of freedom.
    """

    name: str
    estimate: float
    se: float
    df: float
    t: float
    p: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class MixedModel:
    """y = Xb + Zu + e, u ~ N(0, D) for every school, e ~ N(0, σ²).

    Parameters
    ----------
    outcome : str
        Column explained.
    name : str
        Name of the model in the tables.
    columns : tuple of str
        The k predictors; arrays of length k + 1 have the intercept first.
    slopes : tuple of str
        Predictors whose slope differs between schools; q = 1 + their number.
    correlated : bool
        The random effects of a school are correlated.
    n, missing, schools : int
        Respondents used and dropped; schools with a respondent.
    method : {"REML", "ML"}
        Restricted or full likelihood.
    b : ndarray, shape (k + 1,)
        Fixed effects.
    covariance : ndarray, shape (k + 1, k + 1)
        Of the fixed effects, given the variances.
    variances : ndarray, shape (q, q)
        D: variances and covariances of the random effects, intercept first.
    residual_variance : float
        σ².
    theta : ndarray
        Lower triangle of the Cholesky factor of D/σ², as lme4 reports it.
    loglik : float
        Restricted with REML.
    singular : bool
        A variance, or a combination of the random effects, lies on the boundary at zero.
    converged : bool
        The search ended at a stationary point.
    variance_fixed, variance_random : float
        Variance of Xb over the respondents; mean variance of Zu.
    variance_spread : ndarray, shape (m, m)
        Large-sample covariance of the m variance parameters.
    variance_slopes : ndarray, shape (m, k + 1, k + 1)
        Derivative of `covariance` in each of them.
    confidence : float
        Level of the confidence limits.
    """

    outcome: str
    name: str
    columns: tuple[str, ...]
    slopes: tuple[str, ...]
    correlated: bool
    n: int
    missing: int
    schools: int
    method: str
    b: Floats
    covariance: Floats
    variances: Floats
    residual_variance: float
    theta: Floats
    loglik: float
    singular: bool
    converged: bool
    variance_fixed: float
    variance_random: float
    variance_spread: Floats
    variance_slopes: Floats
    confidence: float
    df_method: str = "Satterthwaite"
    source: str = "Bates et al. (2015); Kuznetsova, Brockhoff & Christensen (2017); Nakagawa et al. (2017)"

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the names of the coefficients."""
        return (INTERCEPT, *self.columns)

    @property
    def random_terms(self) -> tuple[str, ...]:
        """Return the names of the random effects."""
        return (INTERCEPT, *self.slopes)

    @property
    def df(self) -> Floats:
        """Return Satterthwaite's degrees of freedom of each fixed effect, as `contrast` has them."""
        variance = np.diag(self.covariance)
        changes = np.diagonal(self.variance_slopes, axis1=1, axis2=2)
        noise = np.einsum("mk,mn,nk->k", changes, self.variance_spread, changes)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(noise > 0, 2.0 * variance**2 / noise, np.inf))

    @property
    def parameters(self) -> int:
        """Return the number of parameters: coefficients, variances and covariances, residual variance."""
        q = len(self.slopes) + 1
        return len(self.b) + (q * (q + 1) // 2 if self.correlated else q) + 1

    @property
    def aic(self) -> float:
        """Return Akaike's criterion of `loglik`."""
        return -2.0 * self.loglik + 2.0 * self.parameters

    @property
    def bic(self) -> float:
        """Return the Bayesian criterion of `loglik`, with log n of the respondents as lme4 has it."""
        return -2.0 * self.loglik + float(np.log(self.n)) * self.parameters

    @property
    def icc(self) -> float:
        """Return the share of the variance left that lies between schools (adjusted ICC)."""
        return self.variance_random / (self.variance_random + self.residual_variance)

    @property
    def design_effect(self) -> float:
        """Return 1 + (n/G - 1)·ICC."""
        return 1.0 + (self.n / self.schools - 1.0) * self.icc

    @property
    def r2_marginal(self) -> float:
        """Return the share of variance explained by the fixed effects (Nakagawa & Schielzeth, 2013)."""
        total = self.variance_fixed + self.variance_random + self.residual_variance
        return self.variance_fixed / total

    @property
    def r2_conditional(self) -> float:
        """Return the share explained by fixed and random effects; slopes as in Johnson (2014)."""
        total = self.variance_fixed + self.variance_random + self.residual_variance
        return (self.variance_fixed + self.variance_random) / total

    def contrast(self, weights: Mapping[str, float], name: str = "") -> Contrast:
        """Return a combination of coefficients with Satterthwaite's degrees of freedom.

        df = 2 (l'Cl)² / (g'Ag) with C the covariance of the coefficients, A that of the variance parameters
        and g the derivative of l'Cl in them. R: ``lmerTest::contest1D(fit, l)``.

        Parameters
        ----------
        weights : Mapping
            Term -> weight; terms not named weigh 0.
        name : str
            Name of the combination.
        """
        line = np.zeros(len(self.b))
        for term, weight in weights.items():
            line[self.terms.index(term)] = weight
        estimate, variance = float(line @ self.b), float(line @ self.covariance @ line)
        change = np.asarray(self.variance_slopes @ line @ line)
        noise = float(change @ self.variance_spread @ change)
        df = 2.0 * variance**2 / noise if noise > 0 else np.inf
        se = float(np.sqrt(variance))
        t = estimate / se
        reach = float(stats.t.ppf(0.5 + self.confidence / 2.0, df)) * se
        p = float(2.0 * stats.t.sf(abs(t), df))
        return Contrast(name, estimate, se, df, t, p, estimate - reach, estimate + reach)

    def coefficients(self) -> tuple[Contrast, ...]:
        """Return every fixed effect, the intercept first."""
        return tuple(self.contrast({term: 1.0}, term) for term in self.terms)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a fixed effect: table ``multilevel``."""
        rows = [
            {
                "outcome": self.outcome,
                "model": self.name,
                "term": one.name,
                "estimate": one.estimate,
                "se": one.se,
                "df": one.df,
                "df_method": self.df_method,
                "t": one.t,
                "p": one.p,
                "low": one.low,
                "high": one.high,
                "reason": "",
            }
            for one in self.coefficients()
        ]
        return pd.DataFrame(rows, columns=list(MULTILEVEL_COLUMNS))

    def model_to_frame(self) -> pd.DataFrame:
        """Return one row: table ``multilevel_models``; ``var_school`` is that of the intercept."""
        row = {
            "outcome": self.outcome,
            "model": self.name,
            "n": self.n,
            "missing": self.missing,
            "schools": self.schools,
            "var_school": float(self.variances[0, 0]),
            "var_residual": self.residual_variance,
            "icc": self.icc,
            "design_effect": self.design_effect,
            "r2_marginal": self.r2_marginal,
            "r2_conditional": self.r2_conditional,
            "loglik": self.loglik,
            "aic": self.aic,
            "bic": self.bic,
            "parameters": self.parameters,
            "method": self.method,
            "singular": self.singular,
            "reason": "" if self.converged else self._unfinished,
        }
        return pd.DataFrame([row], columns=list(MULTILEVEL_MODEL_COLUMNS))

    @property
    def _unfinished(self) -> str:
        return NotComputed("multilevel", "mixed-not-converged", {"outcome": self.outcome}, self.n).reason

    def variances_to_frame(self) -> pd.DataFrame:
        """Return one row a variance or covariance: ``outcome, model, level, term, with, variance, sd``.

        ``sd`` holds the correlation where two random effects are named, as in R ``VarCorr``.
        """
        rows: list[dict[str, object]] = []
        spread = np.sqrt(np.diag(self.variances))
        for i, term in enumerate(self.random_terms):
            for j, other in enumerate(self.random_terms[: i + 1]):
                if i != j and not self.correlated:
                    continue
                value = float(self.variances[i, j])
                product = float(spread[i] * spread[j])
                sd = float(spread[i]) if i == j else value / product if product > 0 else np.nan
                rows.append(
                    {
                        "level": "school",
                        "term": other,
                        "with": "" if i == j else term,
                        "variance": value,
                        "sd": sd,
                    }
                )
        residual = {"level": "residual", "term": "", "with": "", "variance": self.residual_variance}
        rows.append({**residual, "sd": float(np.sqrt(self.residual_variance))})
        frame = pd.DataFrame(rows)
        frame.insert(0, "model", self.name)
        frame.insert(0, "outcome", self.outcome)
        return frame
