"""Standard errors and tests of maximum likelihood for answers that are not normal, from fourth moments."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import linalg

from manyi_analysis.confirmatory import fit_indices as fits
from manyi_analysis.confirmatory.implied import Implied, Jacobian
from manyi_analysis.confirmatory.maximum_likelihood import NormalLikelihood
from manyi_analysis.confirmatory.minimum import observed_information
from manyi_analysis.confirmatory.solving import Solved
from manyi_analysis.records.fourth import FourthMoments
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Corrected:
    """What robust estimators put in place of normal theory.

    Parameters
    ----------
    covariance : ndarray, shape (q, q)
        Of the estimates.
    test, baseline : ChiSquare
        Scaled.
    indices : RobustIndices
    """

    covariance: Floats
    test: fits.ChiSquare
    baseline: fits.ChiSquare
    indices: fits.RobustIndices


def robust(
    solved: Solved,
    likelihood: NormalLikelihood,
    fourth: Sequence[FourthMoments],
    test: fits.ChiSquare,
    baseline: fits.ChiSquare,
    estimator: Literal["MLM", "MLR"],
) -> Corrected:
    r"""Correct errors and tests of a maximum-likelihood solution.

    With the normal-theory weight V of the implied moments, their derivatives :math:`\Delta`, the information
    :math:`E = \Delta' V \Delta` and the distribution-free :math:`\Gamma`:

    - MLM: covariance :math:`E^{-1} \Delta' V \Gamma V \Delta E^{-1} / N`, test divided by
      :math:`c = \operatorname{tr}(V\Gamma) - \operatorname{tr}(E^{-1} \Delta' V \Gamma V \Delta)` over df.
    - MLR: covariance :math:`A^{-1} B A^{-1} / N` of the observed information A and the cross-products B of
      each row's scores; :math:`c = (\operatorname{tr} A_1^{-1} B_1 - \operatorname{tr} A^{-1} B) / df`, the
      index 1 for the saturated model (lavaan's ``yuan.bentler.mplus``).

    Parameters
    ----------
    solved : Solved
    likelihood : NormalLikelihood
    fourth : sequence of FourthMoments
        Of each group, the items in the model's order.
    test, baseline : ChiSquare
        Likelihood ratios.
    estimator : {"MLM", "MLR"}

    References
    ----------
    Satorra, A., & Bentler, P. M. (1994). Corrections to test statistics and standard errors in covariance
    structure analysis. In Latent variables analysis (pp. 399-419). Sage.
    Yuan, K.-H., & Bentler, P. M. (2000). Sociological Methodology, 30, 165-200.
    """
    gammas = [one.asymptotic_covariance(solved.structure.table.means) for one in fourth]
    n = sum(one.n for one in likelihood.samples)
    if estimator == "MLM":
        spread = _cross_products(solved, likelihood, gammas)
        inverse = solved.inverse
        own = sum(
            float((normal_weight(np.asarray(one.covariance), means) * gamma).sum())
            for one, gamma, means in _each(solved, gammas)
        )
        free_baseline = sum(
            _baseline_scaled(np.diagonal(s.covariance), gamma)
            for s, gamma in zip(likelihood.samples, gammas, strict=True)
        )
    else:
        spread = _cross_products(solved, likelihood, _about_model(solved, likelihood, fourth))
        inverse = linalg.inv(observed_information(solved.structure, likelihood, solved.found))
        means = solved.structure.table.means
        own = sum(
            float((normal_weight(s.covariance, means) * gamma).sum())
            for s, gamma in zip(likelihood.samples, gammas, strict=True)
        )
        free_baseline = own - sum(
            _variances_scaled(np.diagonal(s.covariance), gamma, means)
            for s, gamma in zip(likelihood.samples, gammas, strict=True)
        )
    scaled = _scaled(test, own - float(np.trace(inverse @ spread)))
    scaled_baseline = _scaled(baseline, free_baseline)
    indices = _indices(test, baseline, scaled, scaled_baseline, n, len(fourth))
    return Corrected(inverse @ spread @ inverse / n, scaled, scaled_baseline, indices)


def normal_weight(covariance: Floats, means: bool) -> Floats:
    """Return the normal-theory weight of sample moments, the inverse of their asymptotic covariance.

    Parameters
    ----------
    covariance : ndarray, shape (k, k)
    means : bool
        With the k means first.

    Returns
    -------
    ndarray
        Pairs as ``numpy.tril_indices(k)`` orders them.
    """
    inverse = np.linalg.inv(covariance)
    rows, cols = np.tril_indices(len(inverse))
    part = np.where(rows == cols, 0.5, 1.0)
    of_pairs = inverse[np.ix_(rows, rows)] * inverse[np.ix_(cols, cols)]
    of_pairs += inverse[np.ix_(rows, cols)] * inverse[np.ix_(cols, rows)]
    of_pairs *= np.outer(part, part)
    if not means:
        return of_pairs
    return np.asarray(linalg.block_diag(inverse, of_pairs))


def _each(solved: Solved, gammas: Sequence[Floats]) -> list[tuple[Implied, Floats, bool]]:
    means = solved.structure.table.means
    return [(one, gamma, means) for one, gamma in zip(solved.found.implied, gammas, strict=True)]


def _weighted(covariance: Floats, jacobian: Jacobian, means: bool) -> Floats:
    """Return V times the derivatives, shape (moments, q), without ever holding V."""
    inverse = np.linalg.inv(covariance)
    rows, cols = np.tril_indices(len(inverse))
    part = np.where(rows == cols, 0.5, 1.0)
    turned = inverse @ jacobian.covariances() @ inverse
    of_pairs = (turned[:, rows, cols] * part).T
    if not means:
        return np.asarray(of_pairs)
    return np.concatenate((inverse @ jacobian.means.T, of_pairs))


def _cross_products(solved: Solved, likelihood: NormalLikelihood, gammas: Sequence[Floats]) -> Floats:
    """Return the sum over groups of share times Delta' V Gamma V Delta, shape (q, q)."""
    table = solved.structure.table
    total = np.zeros((table.free, table.free))
    for share, gamma, one, jacobian in zip(
        likelihood.shares, gammas, solved.found.implied, solved.found.jacobians, strict=True
    ):
        weighted = _weighted(np.asarray(one.covariance), jacobian, table.means)
        total += share * weighted.T @ gamma @ weighted
    return total


def _about_model(
    solved: Solved, likelihood: NormalLikelihood, fourth: Sequence[FourthMoments]
) -> list[Floats]:
    """Return the mean cross-products of what each row's moments are off the model's, group by group."""
    table = solved.structure.table
    found = []
    for sample, moments, one in zip(likelihood.samples, fourth, solved.found.implied, strict=True):
        k = len(table.items)
        centre = np.asarray(one.mean) if table.means else sample.mean
        raw = moments.shifted(centre).cross / moments.n
        start = 1 if table.means else 1 + k
        model = np.asarray(one.covariance)[np.tril_indices(k)]
        if table.means:
            model = np.concatenate((np.zeros(k), model))
        about = np.outer(raw[0, start:], model)
        found.append(raw[start:, start:] - about - about.T + np.outer(model, model))
    return found


def _baseline_scaled(variances: Floats, gamma: Floats) -> float:
    """Return the trace that the test of uncorrelated items is scaled by: each pair's spread by its weight."""
    k = len(variances)
    rows, cols = np.tril_indices(k)
    own = np.diagonal(gamma)[-len(rows) :]
    apart = rows > cols
    return float((own[apart] / (variances[rows] * variances[cols])[apart]).sum())


def _variances_scaled(variances: Floats, gamma: Floats, means: bool) -> float:
    """Return the trace that the variances of uncorrelated items (and their means) account for."""
    k = len(variances)
    rows, cols = np.tril_indices(k)
    own = np.diagonal(gamma)[-len(rows) :][rows == cols]
    return float((own / (2 * variances**2)).sum()) + (k if means else 0)


def _scaled(test: fits.ChiSquare, trace: float) -> fits.ChiSquare:
    if test.df == 0:
        return test
    scaling = trace / test.df
    return fits.ChiSquare(test.chi2 / scaling, test.df, scaling)


def _indices(
    test: fits.ChiSquare,
    baseline: fits.ChiSquare,
    scaled: fits.ChiSquare,
    scaled_baseline: fits.ChiSquare,
    n: int,
    groups: int,
) -> fits.RobustIndices:
    c, c_baseline = scaled.scaling, scaled_baseline.scaling
    return fits.RobustIndices(
        fits.comparative_fit(test, baseline, c, c_baseline),
        fits.tucker_lewis(test, baseline, c, c_baseline),
        fits.rmsea(scaled, n, groups, corrected=True),
    )
