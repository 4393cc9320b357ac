"""Whether a model fits worse than a wider one it is a special case of."""

from scipy import stats

from manyi_analysis.confirmatory.solution import ConfirmatoryAnalysis


def chi2_difference(
    narrow: ConfirmatoryAnalysis, wide: ConfirmatoryAnalysis
) -> tuple[float | None, int, float | None]:
    """Return the likelihood-ratio test of a model within another: statistic, degrees of freedom, p.

    Of scaled tests, :math:`(T_0 - T_1) / c_d` with :math:`c_d = (df_0 c_0 - df_1 c_1) / (df_0 - df_1)` and T
    before scaling (Satorra & Bentler, 2001); None where :math:`c_d` is not positive.

    Parameters
    ----------
    narrow, wide : ConfirmatoryAnalysis
        Of the same rows; the first has more equal or fixed parameters.

    Notes
    -----
    R: ``lavaan::lavTestLRT(wide, narrow)``, ``method = "satorra.bentler.2001"``.

    References
    ----------
    Satorra, A., & Bentler, P. M. (2001). A scaled difference chi-square test statistic for moment structure
    analysis. Psychometrika, 66, 507-514.
    """
    first, second = narrow.fit.test, wide.fit.test
    df = first.df - second.df
    if df <= 0:
        return None, df, None
    scaling = (first.df * first.scaling - second.df * second.scaling) / df
    if scaling <= 0:
        return None, df, None
    statistic = (first.unscaled - second.unscaled) / scaling
    return statistic, df, float(stats.chi2.sf(max(statistic, 0.0), df))
