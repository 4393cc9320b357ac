"""Whether schools differ at all: the test that the variance between them is zero."""

import numpy as np

from manyi_analysis.explanation.ols import ols
from manyi_analysis.multilevel.likelihood_ratio import ROUNDING, LikelihoodRatio, mixture
from manyi_analysis.multilevel.mixed_model import MixedModel
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed


def school_variance_test(model: MixedModel, moments: GroupedMoments) -> LikelihoodRatio | NotComputed:
    r"""Test a random-intercept model against the regression without schools.

    :math:`2 (l_1 - l_0)` on :math:`\tfrac12 \chi^2_0 + \tfrac12 \chi^2_1`.

    Both likelihoods are restricted where the model was fitted by REML; they are those of the same fixed
    effects.

    Parameters
    ----------
    model : MixedModel
        With a random intercept only.
    moments : GroupedMoments
        It was fitted to.

    Returns
    -------
    LikelihoodRatio or NotComputed
        On ½χ²(0) + ½χ²(1). NotComputed where the model has random slopes.

    References
    ----------
    Self, S. G. & Liang, K.-Y. (1987). JASA 82, 605-610, case 5. R: ``lmerTest::ranova(fit)``, its p halved.
    """
    if model.slopes:
        details = {"smaller": "OLS", "larger": model.name or "1"}
        return NotComputed("likelihood-ratio", "boundary-mixture-unknown", details, model.n)
    sums = moments.select((model.outcome, *model.columns)).overall()
    fit = ols(sums, model.outcome, model.columns)
    if isinstance(fit, NotComputed):
        return fit
    n, p = fit.n, len(fit.b)
    squares = fit.residual_variance * (n - p)
    df = n - p if model.method == "REML" else n
    deviance = df * (1.0 + float(np.log(2.0 * np.pi * squares / df)))
    if model.method == "REML":
        # log |X'X|: n times the determinant of the centred cross-products.
        inner = sums.scatter[1:, 1:]
        deviance += float(np.log(n) + (np.linalg.slogdet(inner)[1] if p > 1 else 0.0))
    chi2 = 2.0 * model.loglik + deviance
    chi2 = chi2 if chi2 > ROUNDING else 0.0
    larger, distribution = model.name or "1", "0.5 chi2(0) + 0.5 chi2(1)"
    return LikelihoodRatio("OLS", larger, "var(school) = 0", n, chi2, 1, mixture(chi2, 1), distribution)
