"""Confirmatory factor analysis by maximum likelihood, of one group or of several at once."""

from collections.abc import Collection, Mapping
from typing import Literal

from manyi_analysis.confirmatory import fit_indices as fits
from manyi_analysis.confirmatory.maximum_likelihood import NormalLikelihood
from manyi_analysis.confirmatory.model import FactorModel, Scaling
from manyi_analysis.confirmatory.parameters import Equal, lay_out
from manyi_analysis.confirmatory.robust import robust
from manyi_analysis.confirmatory.samples import Sample, usable
from manyi_analysis.confirmatory.solution import ConfirmatoryAnalysis
from manyi_analysis.confirmatory.solving import Solved, recorded, solve
from manyi_analysis.confirmatory.starting import continued
from manyi_analysis.records import Moments, NotComputed
from manyi_analysis.records.fourth import FourthMoments
from manyi_analysis.records.threads import one_thread

Estimator = Literal["ML", "MLM", "MLR"]
LISTWISE = "listwise"
METHODS = {
    "ML": ("maximum likelihood of the covariance matrix, expected information", "Jöreskog (1967, 1969)"),
    "MLM": (
        "maximum likelihood, robust errors and the Satorra-Bentler scaled test",
        "Satorra & Bentler (1994)",
    ),
    "MLR": (
        "maximum likelihood, Huber-White errors and the Yuan-Bentler scaled test",
        "Yuan & Bentler (2000); Asparouhov & Muthén (2005)",
    ),
}


def cfa(
    moments: Moments,
    model: FactorModel,
    scaling: Scaling | None = None,
    means: bool = False,
    estimator: Estimator = "ML",
    fourth: FourthMoments | None = None,
    near: ConfirmatoryAnalysis | None = None,
) -> ConfirmatoryAnalysis | NotComputed:
    r"""Fit a factor model to the covariances of complete rows.

    .. math:: F = \ln|\Sigma| + \mathrm{tr}(S \Sigma^{-1}) - \ln|S| - p, \quad
        \Sigma = \Lambda \Psi \Lambda' + \Theta

    is made smallest over the free parameters of the model.

    Parameters
    ----------
    moments : Moments
        Of the model's items, and of no others unless rows that lack those are meant to be dropped.
    model : FactorModel
        `correlated_factors`, `second_order`, `bifactor` … make one of scales.
    scaling : {"marker", "variance"}, optional
        Factors measured in units of their first item, or with variance 1. Fit is the same. Default: markers;
        variance where items belong to several factors, for a first item that a factor hardly explains is no
        unit to search with.
    means : bool
        Model intercepts too; they fit perfectly, and count as parameters in AIC and BIC.
    estimator : {"ML", "MLM", "MLR"}
        The last two keep the estimates and correct errors and test for answers that are not normal.
    fourth : FourthMoments, optional
        What MLM and MLR need; may be of a sample of the rows.
    near : ConfirmatoryAnalysis, optional
        The same model by another estimator: where the search begins.

    Returns
    -------
    ConfirmatoryAnalysis or NotComputed
        A constant item, items that follow from each other, not more rows than items; too many parameters, or
        a model that is not identified; no convergence. Negative variances are estimated as they are, and
        said in ``remarks``.

    Raises
    ------
    ValueError
        An item is not in the moments, or a robust estimator has no fourth moments.

    Notes
    -----
    R: ``lavaan::cfa(model, data)``, ``std.lv = TRUE``, ``estimator = "MLM"``. Covariances have divisor n, the
    test statistic is n F.

    References
    ----------
    Jöreskog, K. G. (1969). A general approach to confirmatory maximum likelihood factor analysis.
    Psychometrika, 34, 183-202.
    """
    groups = {"": moments}
    fourths = {"": fourth} if fourth is not None else None
    return cfa_groups(groups, model, scaling, estimator=estimator, fourth=fourths, means=means, near=near)


@one_thread()
def cfa_groups(
    groups: Mapping[str, Moments],
    model: FactorModel,
    scaling: Scaling | None = None,
    equal: Collection[Equal] = (),
    released: Collection[str] = (),
    estimator: Estimator = "ML",
    fourth: Mapping[str, FourthMoments] | None = None,
    means: bool = True,
    near: ConfirmatoryAnalysis | None = None,
) -> ConfirmatoryAnalysis | NotComputed:
    r"""Fit one model to several groups at once, with equal parameters if asked for.

    .. math:: F = \sum_g \frac{n_g}{N} \bigl[ \ln|\Sigma_g| + \mathrm{tr}(S_g \Sigma_g^{-1}) - \ln|S_g| - p
        + (\bar x_g - \mu_g)' \Sigma_g^{-1} (\bar x_g - \mu_g) \bigr]

    with :math:`\mu_g = \nu_g + \Lambda_g \alpha_g`.

    Parameters
    ----------
    groups : mapping of str to Moments
        Each group's, of the model's items. Groups whose covariance matrix has no inverse are left out and
        named in the record.
    model, scaling, estimator
        As in `cfa`.
    equal : collection of {"loadings", "intercepts", "residuals"}
        What is the same in all groups.
    released : collection of str
        Parameters that stay free all the same: ``"visual =~ x2"``, ``"x3 ~1"``.
    fourth : mapping of str to FourthMoments, optional
        As in `cfa`, of each group.
    means : bool
        As in `cfa`; several groups always have them.
    near : ConfirmatoryAnalysis, optional
        The same model of the same groups with other parameters equal: its estimates are where the search
        begins. The solution does not depend on it.

    Returns
    -------
    ConfirmatoryAnalysis or NotComputed
        As in `cfa`; also where fewer than two of several groups can be analysed.

    Notes
    -----
    R: ``lavaan::cfa(model, data, group = "g", group.equal = c("loadings", "intercepts"))``.

    References
    ----------
    Jöreskog, K. G. (1971). Simultaneous factor analysis in several populations. Psychometrika, 36, 409-426.
    """
    scaling = scaling or model.scaling
    found = usable("cfa", groups, model.items)
    n = sum(one.n for one in groups.values())
    if not found.groups or (len(groups) > 1 and len(found.groups) < 2):
        if len(groups) == 1:
            return next(iter(found.left_out.values()))
        return NotComputed("cfa", "cfa-too-few-groups", {"groups": tuple(found.left_out)}, n)
    samples = [Sample.of(one, model.items) for one in found.groups.values()]
    table = lay_out(model, scaling, len(samples), means, equal, released)
    distance = NormalLikelihood(samples, table.means)
    k = len(model.items)
    count = len(samples) * (k * (k + 1) // 2 + (k if table.means else 0))
    used = sum(one.n for one in samples)
    solved = solve(
        model,
        table,
        distance,
        [one.covariance for one in samples],
        [one.mean for one in samples],
        count,
        used,
        lay_out(model, "variance", len(samples), means, equal, released) if scaling == "marker" else None,
        None if near is None else continued(table, near.estimates),
    )
    if isinstance(solved, NotComputed):
        return solved
    test = fits.ChiSquare(used * max(solved.found.discrepancy, 0.0), count - table.free)
    baseline, covariance, indices = fits.uncorrelated(samples), solved.inverse / used, None
    if estimator != "ML":
        if fourth is None:
            raise ValueError(f"{estimator} needs the fourth moments of the items")
        chosen = [fourth[key].select(model.items) for key in found.groups]
        corrected = robust(solved, distance, chosen, test, baseline, estimator)
        test, baseline, covariance = corrected.test, corrected.baseline, corrected.covariance
        indices = corrected.indices
    fit = fits.fit_indices(
        test,
        baseline,
        used,
        len(samples),
        table.free,
        fits.srmr(samples, solved.found.implied, table.means),
        _log_likelihood(samples, solved),
        indices,
    )
    method, source = METHODS[estimator]
    return recorded(
        model,
        solved,
        covariance,
        fit,
        estimator,
        scaling,
        tuple(found.groups),
        tuple(one.n for one in samples),
        sum(one.missing for one in samples),
        LISTWISE,
        method,
        source,
        found.left_out,
    )


def _log_likelihood(samples: list[Sample], solved: Solved) -> float:
    n = sum(one.n for one in samples)
    return fits.saturated_log_likelihood(samples) - n * solved.found.discrepancy / 2
