"""Ordinal logit and probit regression, and logistic regression, with errors clustered by school."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.categorical.cumulative_link import LINKS, cluster_scores, derivatives
from manyi_analysis.categorical.distinct_rows import DistinctRows
from manyi_analysis.explanation.ols import INTERCEPT
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats

#: Newton steps, and twice the gain in log-likelihood expected of a step at which they end.
STEPS, ENOUGH = 80, 1e-12
#: Information in a direction, columns standardized, that only a separated answer leaves.
SEPARATED = 1e-6
#: 1 - R² of a standardized predictor on the others below which it is a combination of them.
DEPENDENT = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class OrdinalRegression:
    """P(y <= level_j) = F(threshold_j - x'b); with two levels, a binary regression.

    Parameters
    ----------
    outcome : str
        Column explained.
    link : {"logit", "probit"}
    columns : tuple of str
        The k predictors.
    levels : tuple of float
        The K answers that occur.
    n, missing, clusters : int
        Respondents used and dropped (listwise); schools, 0 where errors are model-based.
    b : ndarray, shape (k,)
        Slopes: above zero, higher values of a predictor go with higher answers.
    thresholds : ndarray, shape (K - 1,)
        Ascending.
    covariance : ndarray, shape (k + K - 1, k + K - 1)
        Slopes first: inverse observed information, or the sandwich of the schools' scores times G/(G-1).
    se_type : {"ML", "CR1"}
    loglik, loglik_null : float
        Of the model, and of the thresholds alone.
    confidence : float
        Level of the confidence limits.
    """

    outcome: str
    link: str
    columns: tuple[str, ...]
    levels: tuple[float, ...]
    n: int
    missing: int
    clusters: int
    b: Floats
    thresholds: Floats
    covariance: Floats
    se_type: str
    loglik: float
    loglik_null: float
    confidence: float
    source: str = "McCullagh (1980); Liang & Zeger (1986)"

    @property
    def binary(self) -> bool:
        """Return whether there are two levels."""
        return len(self.levels) == 2

    @property
    def df(self) -> float:
        """Return the degrees of freedom of t: G - 1, or infinite with model-based errors."""
        return float(self.clusters - 1) if self.clusters else np.inf

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the predictors, then ``1|2`` for each threshold; a binary one stands as the intercept."""
        if self.binary:
            return (*self.columns, INTERCEPT)
        pairs = zip(self.levels, self.levels[1:], strict=False)
        return (*self.columns, *(f"{low:.12g}|{high:.12g}" for low, high in pairs))

    @property
    def estimate(self) -> Floats:
        """Return slopes, then thresholds; of two levels, the intercept, minus the threshold."""
        return np.concatenate([self.b, -self.thresholds if self.binary else self.thresholds])

    @property
    def se(self) -> Floats:
        """Return the standard errors of `estimate`."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def t(self) -> Floats:
        """Return estimate / se."""
        return np.asarray(self.estimate / self.se)

    @property
    def p(self) -> Floats:
        """Return two-sided probabilities from t on `df`."""
        return np.asarray(2.0 * stats.t.sf(np.abs(self.t), self.df))

    @property
    def aic(self) -> float:
        """Return Akaike's criterion."""
        return -2.0 * self.loglik + 2.0 * len(self.estimate)

    @property
    def bic(self) -> float:
        """Return the Bayesian criterion."""
        return -2.0 * self.loglik + float(np.log(self.n)) * len(self.estimate)

    @property
    def r2_mcfadden(self) -> float:
        """Return 1 - log L / log L₀ (McFadden, 1974)."""
        return 1.0 - self.loglik / self.loglik_null

    def to_frame(self) -> pd.DataFrame:
        """Return one row a term: table ``ordinal``; odds ratios only of logit slopes."""
        reach = float(stats.t.ppf(0.5 + self.confidence / 2.0, self.df)) * self.se
        low, high = self.estimate - reach, self.estimate + reach
        slope = (np.arange(len(self.estimate)) < len(self.b)) & (self.link == "logit")
        with np.errstate(over="ignore"):
            ratios = [np.where(slope, np.exp(values), np.nan) for values in (self.estimate, low, high)]
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "link": self.link,
                "term": self.terms,
                "estimate": self.estimate,
                "se": self.se,
                "se_type": self.se_type,
                "t": self.t,
                "df": self.df,
                "p": self.p,
                "low": low,
                "high": high,
                "odds_ratio": ratios[0],
                "odds_ratio_low": ratios[1],
                "odds_ratio_high": ratios[2],
                "n": self.n,
                "reason": "",
            }
        )

    def model_to_frame(self) -> pd.DataFrame:
        """Return one row: n, log-likelihoods, criteria, McFadden's R²."""
        names = (
            "outcome",
            "link",
            "n",
            "missing",
            "clusters",
            "loglik",
            "loglik_null",
            "aic",
            "bic",
            "r2_mcfadden",
        )
        return pd.DataFrame([{name: getattr(self, name) for name in names} | {"reason": ""}])


@dataclass(frozen=True, slots=True, eq=False)
class _Standard:
    """Predictors with weighted mean 0 and standard deviation 1."""

    x: Floats
    mean: Floats
    sd: Floats

    @classmethod
    def of(cls, rows: DistinctRows) -> "_Standard":
        total = rows.weight.sum()
        mean = rows.weight @ rows.x / total
        centred = rows.x - mean
        sd = np.sqrt(rows.weight @ centred**2 / total)
        return cls(centred / np.where(sd > 0, sd, 1.0), mean, sd)

    def back(self, thresholds: int) -> Floats:
        """Return the matrix from standardized to plain parameters."""
        k = len(self.mean)
        result = np.eye(k + thresholds)
        result[:k, :k] = np.diag(1.0 / self.sd)
        result[k:, :k] = self.mean / self.sd
        return result


def ordinal_regression(
    rows: DistinctRows, link: str = "logit", confidence: float = 0.95
) -> OrdinalRegression | NotComputed:
    r"""Fit a cumulative logit (proportional odds) or probit model by maximum likelihood.

    :math:`P(y_i \le k) = F(\tau_k - x_i'b)` with the logistic or the normal F.

    Newton's method with analytic derivatives on distinct rows and their counts. Where the rows carry a
    cluster, the covariance is the sandwich of the clusters' scores times G/(G - 1), tested on t(G - 1).

    Parameters
    ----------
    rows : DistinctRows
        Answer and predictors; of two levels, an ordinary logistic or probit regression.
    link : {"logit", "probit"}
    confidence : float
        Level of the confidence limits.

    Returns
    -------
    OrdinalRegression or NotComputed
        NotComputed where the answer has one level, rows are no more than parameters, predictors are constant
        or dependent, some predictors separate the answers perfectly, or there is one cluster.

    References
    ----------
    McCullagh, P. (1980). JRSS B 42, 109-142; Cameron, A. C. & Miller, D. L. (2015). Journal of Human
    Resources 50, sec. VII (clusters). R: ``MASS::polr(ordered(y) ~ x, method = "logistic")``,
    ``sandwich::vcovCL(fit, ~school, type = "HC0")``; ``glm(y ~ x, binomial)``.
    """
    problem = _unusable(rows)
    if problem is not None:
        return problem
    scaled, chosen = _Standard.of(rows), LINKS[link]
    k, categories = len(rows.columns), len(rows.levels)
    details: dict[str, object] = {"outcome": rows.outcome}
    cumulated = np.cumsum(rows.counts)[:-1] / rows.weight.sum()
    start = np.concatenate([np.zeros(k), chosen.quantile(cumulated)])
    parameters = start
    here = derivatives(chosen, scaled.x, rows.answer, rows.weight, start[:k], start[k:])
    null = here.loglik
    for _ in range(STEPS):
        try:
            step = np.linalg.solve(here.information, here.score)
        except np.linalg.LinAlgError:
            return NotComputed("ordinal", "answers-separated", details, rows.n)
        gain = float(step @ here.score)
        size = 1.0
        while True:
            moved = parameters + size * step
            ordered = bool((np.diff(moved[k:]) > 0).all())
            if ordered:
                there = derivatives(chosen, scaled.x, rows.answer, rows.weight, moved[:k], moved[k:])
                if there.loglik >= here.loglik - 1e-9 * abs(here.loglik):
                    break
            size /= 2.0
            if size < 1e-8:
                return NotComputed("ordinal", "answers-separated", details, rows.n)
        parameters, here = moved, there
        if gain < ENOUGH:
            break
    values = np.linalg.eigvalsh(here.information)
    if gain >= ENOUGH or values[0] < SEPARATED:
        return NotComputed("ordinal", "answers-separated", details, rows.n)
    back = scaled.back(categories - 1)
    covariance = np.linalg.inv(here.information)
    if rows.clusters:
        scores = cluster_scores(here, scaled.x, rows.answer, rows.cluster, rows.clusters, categories)
        half = scores @ covariance
        covariance = rows.clusters / (rows.clusters - 1) * half.T @ half
    plain = back @ parameters
    return OrdinalRegression(
        outcome=rows.outcome,
        link=link,
        columns=rows.columns,
        levels=rows.levels,
        n=rows.n,
        missing=rows.missing,
        clusters=rows.clusters,
        b=plain[:k],
        thresholds=plain[k:],
        covariance=back @ covariance @ back.T,
        se_type="CR1" if rows.clusters else "ML",
        loglik=here.loglik,
        loglik_null=null,
        confidence=confidence,
    )


def _unusable(rows: DistinctRows) -> NotComputed | None:
    """Return why a model of these rows cannot be fitted, None where it can."""
    k, categories = len(rows.columns), len(rows.levels)
    details: dict[str, object] = {"outcome": rows.outcome}
    if categories < 2:
        return NotComputed("ordinal", "regression-constant-outcome", details, rows.n)
    if rows.n <= k + categories - 1:
        details |= {"rows": rows.n, "coefficients": k + categories - 1}
        return NotComputed("ordinal", "regression-few-rows", details, rows.n)
    if rows.clusters == 1:
        return NotComputed("ordinal", "regression-one-cluster", details, rows.n)
    if not k:
        return None
    scaled = _Standard.of(rows)
    if not (scaled.sd > 1e-12 * np.maximum(np.abs(scaled.mean), 1e-300)).all():
        return NotComputed("ordinal", "regression-collinear", details, rows.n)
    correlation = (scaled.x * rows.weight[:, None]).T @ scaled.x / rows.weight.sum()
    if np.linalg.eigvalsh(correlation)[0] < DEPENDENT:
        return NotComputed("ordinal", "regression-collinear", details, rows.n)
    return None
