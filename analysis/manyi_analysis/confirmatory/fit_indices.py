"""How well a model fits: the test of exact fit and the indices built on it, as lavaan defines them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize, stats

from manyi_analysis.confirmatory.implied import Implied
from manyi_analysis.confirmatory.samples import Sample

#: RMSEA up to which fit counts as close (Browne & Cudeck, 1993).
CLOSE = 0.05


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """A test statistic of a model or of its baseline.

    Parameters
    ----------
    chi2, df
        Null hypothesis: the model holds exactly in the population.
    scaling : float
        What the likelihood ratio was divided by; 1 unless robust.
    shift : float
        What was then added; 0 unless scaled and shifted.
    """

    chi2: float
    df: int
    scaling: float = 1.0
    shift: float = 0.0

    @property
    def p(self) -> float | None:
        """Return the upper tail, None without a degree of freedom."""
        return float(stats.chi2.sf(self.chi2, self.df)) if self.df > 0 else None

    @property
    def unscaled(self) -> float:
        """Return the statistic before scaling."""
        return (self.chi2 - self.shift) * self.scaling


@dataclass(frozen=True, slots=True)
class Rmsea:
    """Steiger's root mean square error of approximation with its 90 % interval.

    Parameters
    ----------
    value, low, high : float
    p_close : float or None
        Probability of the data if it is .05 in the population; None without a degree of freedom.
    """

    value: float
    low: float
    high: float
    p_close: float | None


@dataclass(frozen=True, slots=True)
class RobustIndices:
    """Estimates of what CFI, TLI and RMSEA are in the population under non-normal data.

    Brosseau-Liard & Savalei (2014); Brosseau-Liard, Savalei & Li (2012): lavaan's ``cfi.robust``.
    """

    cfi: float
    tli: float
    rmsea: Rmsea


@dataclass(frozen=True, slots=True)
class FitIndices:
    """Fit of a model.

    Parameters
    ----------
    test, baseline : ChiSquare
        Of the model, and of uncorrelated items. Robust estimators: both scaled, and CFI, TLI and RMSEA from
        them (lavaan's ``.scaled``).
    parameters : int
        Free ones, equal ones counted once; intercepts only where means are modelled.
    cfi, tli : float
        Bentler (1990); Tucker & Lewis (1973). 1 without a degree of freedom.
    rmsea : Rmsea
        With the square root of the number of groups as a factor (Steiger, 1998).
    srmr : float
        Root mean square standardized residual (Bentler, 1995), the diagonal included, and the means where
        they are modelled; of groups, the mean weighted by rows.
    log_likelihood, aic, bic : float or None
        None where nothing normal was maximised.
    robust : RobustIndices or None
        Of robust maximum likelihood only.
    """

    test: ChiSquare
    baseline: ChiSquare
    parameters: int
    cfi: float
    tli: float
    rmsea: Rmsea
    srmr: float
    log_likelihood: float | None
    aic: float | None
    bic: float | None
    robust: RobustIndices | None = None

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``chi2, df, p, cfi, tli, rmsea, rmsea_low, rmsea_high, srmr, aic, bic, …``."""
        robust = self.robust
        return pd.DataFrame(
            {
                "chi2": [self.test.chi2],
                "df": [self.test.df],
                "p": [self.test.p],
                "cfi": [self.cfi],
                "tli": [self.tli],
                "rmsea": [self.rmsea.value],
                "rmsea_low": [self.rmsea.low],
                "rmsea_high": [self.rmsea.high],
                "rmsea_close_p": [self.rmsea.p_close],
                "srmr": [self.srmr],
                "aic": [self.aic],
                "bic": [self.bic],
                "log_likelihood": [self.log_likelihood],
                "parameters": [self.parameters],
                "chi2_unscaled": [self.test.unscaled],
                "scaling": [self.test.scaling],
                "baseline_chi2": [self.baseline.chi2],
                "baseline_df": [self.baseline.df],
                "cfi_robust": [robust.cfi if robust else None],
                "tli_robust": [robust.tli if robust else None],
                "rmsea_robust": [robust.rmsea.value if robust else None],
            }
        )


def fit_indices(
    test: ChiSquare,
    baseline: ChiSquare,
    n: int,
    groups: int,
    parameters: int,
    srmr: float,
    log_likelihood: float | None = None,
    robust: RobustIndices | None = None,
) -> FitIndices:
    """Return the indices that follow from the tests of a model and of its baseline."""
    aic = bic = None
    if log_likelihood is not None:
        aic = -2 * log_likelihood + 2 * parameters
        bic = -2 * log_likelihood + math.log(n) * parameters
    return FitIndices(
        test,
        baseline,
        parameters,
        comparative_fit(test, baseline),
        tucker_lewis(test, baseline),
        rmsea(test, n, groups),
        srmr,
        log_likelihood,
        aic,
        bic,
        robust,
    )


def comparative_fit(test: ChiSquare, baseline: ChiSquare, c: float = 1.0, c_baseline: float = 1.0) -> float:
    r"""Return Bentler's CFI, one less the model's non-centrality over the baseline's.

    :math:`1 - \max(\chi^2 - c\,df, 0) / \max(\chi^2 - c\,df, \chi_0^2 - c_0\,df_0, 0)`.
    """
    excess = max(test.chi2 - c * test.df, 0.0)
    worst = max(excess, baseline.chi2 - c_baseline * baseline.df)
    return 1.0 if excess == 0 or worst <= 0 else 1 - excess / worst


def tucker_lewis(test: ChiSquare, baseline: ChiSquare, c: float = 1.0, c_baseline: float = 1.0) -> float:
    r"""Return Tucker and Lewis's index, :math:`1 - (\chi^2 - c\,df) df_0 / ((\chi_0^2 - c_0\,df_0) df)`."""
    excess, worst = test.chi2 - c * test.df, baseline.chi2 - c_baseline * baseline.df
    if test.df == 0 or worst <= 0:
        return 1.0
    return 1 - excess * baseline.df / (worst * test.df)


def rmsea(test: ChiSquare, n: int, groups: int = 1, corrected: bool = False) -> Rmsea:
    r"""Return :math:`\sqrt{G} \sqrt{\max((\chi^2 - df) / (N\,df), 0)}` with its 90 % interval.

    The limits are those non-centralities at which the test statistic is the 95th and the 5th percentile. Of a
    test scaled by c, the statistic before scaling stands beside c df (lavaan's ``rmsea.scaled``).

    Parameters
    ----------
    test : ChiSquare
    n : int
        Rows of all groups.
    groups : int
        G.
    corrected : bool
        Of a scaled test, estimate the RMSEA of the population instead: that of the scaled statistic, times
        the root of c (lavaan's ``rmsea.robust``; Li & Bentler, 2006).

    Notes
    -----
    lavaan: ``fitMeasures(fit, c("rmsea", "rmsea.ci.lower", "rmsea.ci.upper", "rmsea.pvalue"))``.
    """
    if test.df == 0:
        return Rmsea(0.0, 0.0, 0.0, None)
    chi2, df, factor = test.chi2, float(test.df), 1.0
    if corrected:
        factor = test.scaling
    elif test.shift == 0:
        chi2, df = test.unscaled, test.df * test.scaling
    scale = groups * factor / (n * df)
    low, high = (math.sqrt(_noncentrality(chi2, df, tail) * scale) for tail in (0.95, 0.05))
    p_close = float(stats.ncx2.sf(chi2, df, CLOSE**2 / scale)) if chi2 > 0 else 1.0
    return Rmsea(math.sqrt(max(chi2 - df, 0.0) * scale), low, high, p_close)


def _noncentrality(chi2: float, df: float, cumulative: float) -> float:
    """Return the non-centrality at which the statistic stands at this cumulative probability; 0 if below."""
    if float(stats.chi2.cdf(chi2, df)) <= cumulative:
        return 0.0

    def away(noncentrality: float) -> float:
        return float(stats.ncx2.cdf(chi2, df, noncentrality)) - cumulative

    upper = max(chi2, 1.0)
    while away(upper) > 0:
        upper *= 2
    return float(optimize.brentq(away, 0.0, upper, xtol=1e-10, rtol=1e-12, maxiter=500))


def srmr(samples: Sequence[Sample], implied: Sequence[Implied], means: bool) -> float:
    """Return the standardized root mean square residual, as lavaan's default (``srmr_bentler``).

    Residual covariances are divided by the sample's standard deviations of both items, residual means by
    one; the root is taken in each group, then the mean weighted by rows.
    """
    total = sum(one.n for one in samples)
    result = 0.0
    for sample, one in zip(samples, implied, strict=True):
        k = len(sample.mean)
        deviation = np.sqrt(np.diagonal(sample.covariance))
        residual = (sample.covariance - one.covariance) / np.outer(deviation, deviation)
        squares = float((residual[np.tril_indices(k)] ** 2).sum())
        count = k * (k + 1) / 2
        if means:
            squares += float((((sample.mean - one.mean) / deviation) ** 2).sum())
            count += k
        result += sample.n / total * math.sqrt(squares / count)
    return result


def uncorrelated(samples: Sequence[Sample]) -> ChiSquare:
    """Return the test of the baseline: in every group items have their own mean and variance, and no more."""
    chi2, pairs = 0.0, 0
    for sample in samples:
        k = len(sample.mean)
        logdet = float(np.linalg.slogdet(sample.covariance).logabsdet)
        chi2 += sample.n * (float(np.log(np.diagonal(sample.covariance)).sum()) - logdet)
        pairs += k * (k - 1) // 2
    return ChiSquare(chi2, pairs)


def saturated_log_likelihood(samples: Sequence[Sample]) -> float:
    """Return the log-likelihood of complete normal rows at their own means and covariances."""
    total = 0.0
    for sample in samples:
        k = len(sample.mean)
        logdet = float(np.linalg.slogdet(sample.covariance).logabsdet)
        total -= sample.n / 2 * (k * math.log(2 * math.pi) + logdet + k)
    return total
