"""Common method variance: a latent factor that all items share, instead of Harman's single-factor test."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.confirmatory.cfa import cfa
from manyi_analysis.confirmatory.model import correlated_factors, method_factor
from manyi_analysis.confirmatory.nested import chi2_difference
from manyi_analysis.confirmatory.solution import ConfirmatoryAnalysis
from manyi_analysis.records import Moments, NotComputed


@dataclass(frozen=True, slots=True, eq=False)
class MethodVariance:
    """The scales' factors with and without a method factor beside them.

    Parameters
    ----------
    without, with_method : ConfirmatoryAnalysis
        The two models.
    delta_chi2, delta_df, p
        Likelihood-ratio test. Null hypothesis: the method factor has no loadings.
    delta_cfi, delta_rmsea : float
        With the method factor less without.
    variance_share : float
        Mean share of the items' variance that the method factor explains.
    trait_share : float
        Mean share that the scales' factors explain beside it.
    largest_change : float
        The largest change of a standardized loading when the method factor comes in.
    equal : bool
        Whether the method factor has one loading for all items.
    """

    without: ConfirmatoryAnalysis
    with_method: ConfirmatoryAnalysis
    delta_chi2: float | None
    delta_df: int
    p: float | None
    delta_cfi: float
    delta_rmsea: float
    variance_share: float
    trait_share: float
    largest_change: float
    equal: bool
    method: str = "latent method factor beside the scales' factors, uncorrelated with them"
    source: str = "Podsakoff, MacKenzie, Lee & Podsakoff (2003); Williams, Cote & Buckley (1989)"

    @property
    def n(self) -> int:
        """Return the rows used."""
        return self.without.n

    @property
    def missing(self) -> int:
        """Return the rows dropped."""
        return self.without.missing

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``n, missing, delta_chi2, delta_df, p, …, variance_share, trait_share``."""
        return pd.DataFrame(
            {
                "n": [self.n],
                "missing": [self.missing],
                "delta_chi2": [self.delta_chi2],
                "delta_df": [self.delta_df],
                "p": [self.p],
                "delta_cfi": [self.delta_cfi],
                "delta_rmsea": [self.delta_rmsea],
                "variance_share": [self.variance_share],
                "trait_share": [self.trait_share],
                "largest_change": [self.largest_change],
                "equal_loadings": [self.equal],
                "remarks": ["; ".join(remark.reason for remark in self.with_method.remarks)],
            }
        )


def method_variance(
    moments: Moments,
    scales: Mapping[str, Sequence[str]],
    equal: bool = False,
    factor: str = "method",
) -> MethodVariance | NotComputed:
    r"""Compare the scales' correlated factors with the same and a method factor on all items.

    Harman's single factor says nothing once scales differ at all; a method factor beside them shows how much
    of the items' variance it takes, and whether loadings change when it does.

    The share is the mean of the squared standardized loadings on the method factor, :math:`\sum_i \mu_i^2 /
    k`, and the models are compared by :math:`\Delta\chi^2`.

    Parameters
    ----------
    moments : Moments
        Of the items of all scales.
    scales : mapping of scale to items
        At least two scales.
    equal : bool
        One method loading for all items: a single parameter, where free loadings are not identified.
    factor : str
        Name of the method factor; no scale or item may have it.

    Returns
    -------
    MethodVariance or NotComputed
        What `cfa` says of either model. Negative variances of the larger one stand in its ``remarks``.

    Notes
    -----
    R: ``lavaan::lavTestLRT(cfa(without, std.lv = TRUE), cfa(with, std.lv = TRUE))``.

    References
    ----------
    Podsakoff, P. M., MacKenzie, S. B., Lee, J.-Y., & Podsakoff, N. P. (2003). Common method biases in
    behavioral research. Journal of Applied Psychology, 88, 879-903.
    """
    wide = method_factor(scales, factor, equal=equal)
    without = cfa(moments, correlated_factors(scales), "variance")
    if isinstance(without, NotComputed):
        return without
    with_method = cfa(moments, wide, "variance")
    if isinstance(with_method, NotComputed):
        return with_method
    delta_chi2, delta_df, p = chi2_difference(without, with_method)
    before, after = without.standardized_loadings(), with_method.standardized_loadings()
    traits, method = after[:, :-1], after[:, -1]
    return MethodVariance(
        without=without,
        with_method=with_method,
        delta_chi2=delta_chi2,
        delta_df=delta_df,
        p=p,
        delta_cfi=with_method.fit.cfi - without.fit.cfi,
        delta_rmsea=with_method.fit.rmsea.value - without.fit.rmsea.value,
        variance_share=float((method**2).mean()),
        trait_share=float((traits**2).sum(axis=1).mean()),
        largest_change=float(np.abs(traits - before).max()),
        equal=equal,
    )
