"""What is kept of a model fitted to one completed data set, and the same model pooled over all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from manyi_analysis.categorical.ordinal import OrdinalRegression
from manyi_analysis.explanation.bias_reduced import BiasReducedRegression
from manyi_analysis.explanation.ols import INTERCEPT, Regression
from manyi_analysis.missing.pooling import Pooled, pool
from manyi_analysis.multilevel.mixed_model import MixedModel
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class CompletedFit:
    """A model fitted to one completed data set: what pooling needs of it, and no sums by school.

    Parameters
    ----------
    terms : tuple of str
        The k coefficients.
    estimate : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
    df : ndarray, shape (k,)
        Degrees of freedom of t in this data set; infinite for a normal test.
    se_type : str
        Kind of the errors.
    measures : Mapping
        Numbers that have no error and are averaged: variances, shares.
    """

    terms: tuple[str, ...]
    estimate: Floats
    covariance: Floats
    df: Floats
    se_type: str
    measures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class PooledFit:
    """A model pooled over m completed data sets.

    Parameters
    ----------
    terms : tuple of str
        The k coefficients.
    pooled : Pooled
    se_type : str
        Kind of the errors within a data set.
    measures : Mapping
        Means of what has no error.
    """

    terms: tuple[str, ...]
    pooled: Pooled
    se_type: str
    measures: Mapping[str, float]

    def to_frame(self, confidence: float = 0.95) -> pd.DataFrame:
        """Return one row a coefficient: ``term, estimate, se, se_type, t, df, p, low, high, fmi``."""
        low, high = self.pooled.interval(confidence)
        return pd.DataFrame(
            {
                "term": self.terms,
                "estimate": self.pooled.estimate,
                "se": self.pooled.se,
                "se_type": self.se_type,
                "t": self.pooled.t,
                "df": self.pooled.df,
                "p": self.pooled.p,
                "low": low,
                "high": high,
                "fmi": self.pooled.fmi,
            }
        )


def completed_regression(fit: Regression | BiasReducedRegression) -> CompletedFit:
    """Keep a linear regression with CR1 or classical errors, or one with CR2 errors.

    Parameters
    ----------
    fit : Regression or BiasReducedRegression
        The latter with the Satterthwaite degrees of freedom of each coefficient.
    """
    if isinstance(fit, BiasReducedRegression):
        terms = (INTERCEPT, *fit.fit.columns)
        return CompletedFit(terms, fit.fit.b, fit.covariance, fit.df, fit.se_type, {"r2": fit.fit.r2})
    terms = (INTERCEPT, *fit.columns)
    df = np.full(len(fit.b), float(fit.df))
    return CompletedFit(terms, fit.b, fit.covariance, df, fit.se_type, {"r2": fit.r2})


def completed_mixed(fit: MixedModel) -> CompletedFit:
    """Keep the fixed effects, the variances and the shares of a mixed model.

    Parameters
    ----------
    fit : MixedModel
        With Satterthwaite's degrees of freedom of each coefficient.
    """
    measures = {
        "var_school": float(fit.variances[0, 0]),
        "var_residual": fit.residual_variance,
        "icc": fit.icc,
        "r2_marginal": fit.r2_marginal,
        "r2_conditional": fit.r2_conditional,
        "singular": float(fit.singular),
        "unfinished": float(not fit.converged),
        "schools": float(fit.schools),
    }
    q = len(fit.random_terms)
    pairs = [(i, j) for i in range(q) for j in range(i + 1) if i == j or fit.correlated]
    measures |= {variance_name(fit.random_terms, i, j): float(fit.variances[i, j]) for i, j in pairs}
    return CompletedFit(fit.terms, fit.b, fit.covariance, fit.df, fit.df_method, measures)


def variance_name(terms: Sequence[str], row: int, column: int) -> str:
    """Return the name of a variance, or of a covariance of two random effects, among the measures."""
    return f"{terms[column]}\x1f{terms[row] if row != column else ''}"


def completed_ordinal(fit: OrdinalRegression) -> CompletedFit:
    """Keep the slopes and thresholds of an ordinal or logistic regression.

    Parameters
    ----------
    fit : OrdinalRegression
    """
    df = np.full(len(fit.terms), fit.df)
    covariance = fit.covariance
    if fit.binary:
        # The intercept is minus the threshold.
        sign = np.concatenate([np.ones(len(fit.b)), [-1.0]])
        covariance = covariance * np.outer(sign, sign)
    measures = {"r2_mcfadden": fit.r2_mcfadden, "slopes": float(len(fit.b))}
    return CompletedFit(fit.terms, fit.estimate, covariance, df, fit.se_type, measures)


def pool_fits(fits: Sequence[CompletedFit | NotComputed], model: str) -> PooledFit | NotComputed:
    """Pool one model fitted to m completed data sets.

    Formula: that of `pool`. Degrees of freedom that the data sets do not share (Satterthwaite's) enter as
    their mean; variances and shares are averaged.

    Parameters
    ----------
    fits : sequence of CompletedFit or NotComputed
        One a data set.
    model : str
        Name of the model.

    Returns
    -------
    PooledFit or NotComputed
        NotComputed where a data set has no fit (its reason), or the coefficients differ between them.

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. Barnard, J., & Rubin, D. B. (1999).
    Biometrika, 86, 948-955. R: ``mitml::testEstimates(fits, extra.pars = TRUE, df.com = ...)``.
    """
    failed = next((fit for fit in fits if isinstance(fit, NotComputed)), None)
    if failed is not None:
        return failed
    known = [fit for fit in fits if isinstance(fit, CompletedFit)]
    if len({fit.terms for fit in known}) > 1:
        return NotComputed("imputed_regression", "imputations-differ", {"block": model}, 0)
    degrees = np.mean([fit.df for fit in known], axis=0)
    pooled = pool([fit.estimate for fit in known], [fit.covariance for fit in known], degrees)
    means = {name: float(np.mean([fit.measures[name] for fit in known])) for name in known[0].measures}
    return PooledFit(known[0].terms, pooled, known[0].se_type, means)
