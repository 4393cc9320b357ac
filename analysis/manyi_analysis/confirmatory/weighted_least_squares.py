r"""Confirmatory factor analysis of ordered answers: polychoric correlations, weighted by their own errors.

.. math:: F = \sum_{i<j} (r_{ij} - \rho_{ij}(\theta))^2 / \gamma_{ij,ij}

with the variances :math:`\gamma / n` of the polychoric correlations (DWLS); errors and test use all of their
covariances :math:`\Gamma / n` (WLSMV; Muthén, du Toit & Spisic, 1997). Thresholds fit perfectly and drop out.
"""

import math
from collections.abc import Sequence

import numpy as np

from manyi_analysis.confirmatory import fit_indices as fits
from manyi_analysis.confirmatory.implied import Implied, Jacobian, Numbers
from manyi_analysis.confirmatory.model import FactorModel, Scaling
from manyi_analysis.confirmatory.parameters import lay_out
from manyi_analysis.confirmatory.remarks import Remark
from manyi_analysis.confirmatory.samples import Sample
from manyi_analysis.confirmatory.solution import ConfirmatoryAnalysis
from manyi_analysis.confirmatory.solving import Solved, recorded, solve
from manyi_analysis.measurement.polychoric import PolychoricCorrelations
from manyi_analysis.records import NotComputed
from manyi_analysis.records.rows import Floats, Indices
from manyi_analysis.records.threads import one_thread


class WeightedCorrelations:
    """The diagonally weighted discrepancy of correlations.

    Parameters
    ----------
    correlation : ndarray, shape (k, k)
    weights : ndarray, shape (k, k)
        One over the asymptotic variance of each correlation, symmetric, 0 on the diagonal.
    """

    __slots__ = ("_correlation", "_weights")

    def __init__(self, correlation: Floats, weights: Floats) -> None:
        self._correlation = correlation
        self._weights = weights

    def value(self, implied: Sequence[Implied]) -> float:
        """Return F."""
        residual = self._correlation - implied[0].covariance
        return float((self._weights * residual**2).sum() / 2)

    def slopes(self, implied: Sequence[Implied]) -> list[tuple[Numbers, Numbers]]:
        """Return the derivatives by each cell of the correlations; there are no means."""
        residual = self._correlation - implied[0].covariance
        return [(-self._weights * residual, np.zeros(len(residual)))]

    def information(
        self, implied: Sequence[Implied], jacobians: Sequence[Jacobian], observed: bool = False
    ) -> Floats:
        """Return Delta' W Delta, shape (q, q): half the second derivatives, but for those of the model."""
        slopes = jacobians[0].covariances()
        flat = slopes.reshape(len(slopes), -1)
        result: Floats = (flat * self._weights.ravel()) @ flat.T / 2
        return result


@one_thread()
def cfa_ordinal(
    polychoric: PolychoricCorrelations, model: FactorModel, scaling: Scaling | None = None
) -> ConfirmatoryAnalysis | NotComputed:
    r"""Fit a factor model to ordered answers by diagonally weighted least squares, errors and test robust.

    Loadings are those of the normal variables behind the answers, which have variance 1 (lavaan's ``delta``
    parameterization). The test is scaled and shifted (Asparouhov & Muthén, 2010), and CFI, TLI and RMSEA are
    built on it.

    .. math:: F = (\hat\rho - \rho)' \, \mathrm{diag}(\hat\Gamma)^{-1} (\hat\rho - \rho)

    is made smallest, with the polychoric correlations and the variances of their estimates.

    Parameters
    ----------
    polychoric : PolychoricCorrelations
        Of the model's items and perhaps others, of complete rows, with the covariances of the estimates.
    model : FactorModel
    scaling : {"marker", "variance"}, optional
        As in `cfa`.

    Returns
    -------
    ConfirmatoryAnalysis or NotComputed
        A correlation at its bound, which has no error; a model that is not identified; no convergence.
        A matrix of correlations that is not positive definite is fitted, and said in ``remarks``.

    Raises
    ------
    ValueError
        An item is not in the record, or it has no covariances of its estimates.

    Notes
    -----
    R: ``lavaan::cfa(model, data, ordered = TRUE, estimator = "WLSMV")``.

    References
    ----------
    Muthén, B., du Toit, S. H. C., & Spisic, D. (1997). Robust inference using weighted least squares and
    quadratic estimating equations in latent variable modeling with categorical and continuous outcomes.
    Asparouhov, T., & Muthén, B. (2010). Simple second order chi-square correction. Mplus technical appendix.
    """
    if polychoric.acov is None:
        raise ValueError("weights need the covariances of the polychoric correlations")
    items = model.items
    bound = tuple(pair for pair in polychoric.at_bound if set(pair) <= set(items))
    if bound:
        together = tuple(dict.fromkeys(item for pair in bound for item in pair))
        return NotComputed("cfa", "correlation-at-bound", {"items": together}, polychoric.n)
    n, scaling = polychoric.n, scaling or model.scaling
    chosen = [polychoric.columns.index(item) for item in items]
    correlation = polychoric.correlation[np.ix_(chosen, chosen)]
    gamma = _gamma(polychoric, chosen) * n
    k = len(items)
    a, b = np.triu_indices(k, 1)
    weights = np.zeros((k, k))
    weights[a, b] = weights[b, a] = 1 / np.diagonal(gamma)
    table = lay_out(model, scaling, unit_items=True)
    distance = WeightedCorrelations(correlation, weights)
    unmarked = lay_out(model, "variance", unit_items=True) if scaling == "marker" else None
    solved = solve(model, table, distance, [correlation], [np.zeros(k)], len(a), n, unmarked)
    if isinstance(solved, NotComputed):
        return solved
    covariance, test, baseline = _corrected(solved, correlation[a, b], gamma, len(a) - table.free, n)
    thresholds = sum(len(polychoric.thresholds[at]) for at in chosen)
    sample = Sample(n, polychoric.missing, np.zeros(k), correlation)
    fit = fits.fit_indices(
        test,
        baseline,
        n - 1,
        1,
        table.free + thresholds,
        fits.srmr([sample], solved.found.implied, False),
    )
    smallest = float(np.linalg.eigvalsh(correlation)[0])
    said: tuple[Remark, ...] = ()
    if smallest <= 0:
        said = (Remark("cfa-polychoric-not-positive-definite", {"model": model.name, "smallest": smallest}),)
    return recorded(
        model,
        solved,
        covariance,
        fit,
        "WLSMV",
        scaling,
        ("",),
        (n,),
        polychoric.missing,
        "rows of the pair of items that has fewest",
        "diagonally weighted least squares of polychoric correlations, scaled and shifted test",
        "Muthén, du Toit & Spisic (1997); Asparouhov & Muthén (2010)",
        further=said,
    )


def _gamma(polychoric: PolychoricCorrelations, chosen: Sequence[int]) -> Floats:
    """Return the covariances of the correlations of chosen items, pairs as ``triu_indices`` orders them."""
    k = len(polychoric.columns)
    thresholds = sum(len(one) for one in polychoric.thresholds)
    place = np.zeros((k, k), dtype=np.intp)
    a, b = np.triu_indices(k, 1)
    place[a, b] = place[b, a] = np.arange(len(a)) + thresholds
    at = np.array(chosen, dtype=np.intp)
    first, second = np.triu_indices(len(at), 1)
    keep: Indices = place[at[first], at[second]]
    acov = np.asarray(polychoric.acov)
    return acov[np.ix_(keep, keep)]


def _corrected(
    solved: Solved, correlations: Floats, gamma: Floats, df: int, n: int
) -> tuple[Floats, fits.ChiSquare, fits.ChiSquare]:
    """Return the robust covariances of the estimates, and the scaled and shifted tests."""
    weight = 1 / np.diagonal(gamma)
    slopes = solved.found.jacobians[0].covariances()
    a, b = np.triu_indices(slopes.shape[1], 1)
    delta = np.asarray(slopes[:, a, b]).T
    weighted = weight[:, None] * delta
    inverse = solved.inverse
    # Mplus and lavaan count n - 1 rows here.
    rows = n - 1
    covariance = inverse @ weighted.T @ gamma @ weighted @ inverse / rows
    remaining = np.diag(weight) - weighted @ inverse @ weighted.T
    test = _shifted(rows * solved.found.discrepancy, df, remaining @ gamma)
    pairs = len(weight)
    baseline = _shifted(rows * float(weight @ correlations**2), pairs, weight[:, None] * gamma)
    return covariance, test, baseline


def _shifted(statistic: float, df: int, product: Floats) -> fits.ChiSquare:
    r"""Return the test scaled and shifted to the mean and variance of chi-square, from :math:`U \Gamma`."""
    if df == 0:
        return fits.ChiSquare(statistic, 0)
    factor = math.sqrt(df / float((product * product.T).sum()))
    shift = df - factor * float(np.trace(product))
    return fits.ChiSquare(factor * statistic + shift, df, 1 / factor, shift)
