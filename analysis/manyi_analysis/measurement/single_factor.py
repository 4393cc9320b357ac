"""Harman's single-factor test: how much one unrotated factor of all items explains."""

from dataclasses import dataclass

import pandas as pd

from manyi_analysis.measurement.conditions import unmet_by_matrix
from manyi_analysis.measurement.extraction import one_factor, principal_components
from manyi_analysis.records import Correlated, NotComputed


@dataclass(frozen=True, slots=True)
class SingleFactor:
    """Variance that the first component, and one common factor, explain of all items together.

    A share below one half does not show that there is no common-method variance (Podsakoff et al., 2003):
    it is weak evidence, and is reported as such. A model with a latent method factor is better.

    Parameters
    ----------
    items : tuple of str
        The k items.
    n, missing : int
        Rows used and dropped.
    component_share : float
        Of the first unrotated principal component; what most papers print.
    factor_share : float
        Of one minres factor, which leaves out what is unique to an item.
    """

    items: tuple[str, ...]
    n: int
    missing: int
    component_share: float
    factor_share: float
    method: str = "share of the items' variance of one unrotated component, and of one minres factor"
    source: str = "Harman (1976); Podsakoff, MacKenzie, Lee & Podsakoff (2003)"
    evidence: str = "weak"

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``k, n, missing, component_share, factor_share, evidence``."""
        return pd.DataFrame(
            {
                "k": [len(self.items)],
                "n": [self.n],
                "missing": [self.missing],
                "component_share": [self.component_share],
                "factor_share": [self.factor_share],
                "evidence": [self.evidence],
            }
        )


def harman_single_factor(moments: Correlated) -> SingleFactor | NotComputed:
    r"""Compute the share of variance of a single unrotated factor of all items.

    .. math:: \lambda_1 / k \quad \text{and} \quad \sum_i \ell_i^2 / k

    with the largest eigenvalue of the correlations of k items, and the loadings of one minres factor.

    Parameters
    ----------
    moments : Moments or PairwiseMoments
        All items of the questionnaire that were answered by the same person.

    Returns
    -------
    SingleFactor or NotComputed
        Fewer than three items, a constant item, not more rows than items, a singular matrix.

    Notes
    -----
    R: ``psych::principal(x, 1)``, ``psych::fa(x, 1, fm = "minres")``: Proportion Var.

    References
    ----------
    Podsakoff, P. M., MacKenzie, S. B., Lee, J.-Y., & Podsakoff, N. P. (2003). Common method biases in
    behavioral research. Journal of Applied Psychology, 88, 879-903.
    """
    reason = unmet_by_matrix("harman_single_factor", moments, items=3)
    if reason is not None:
        return reason
    factor = one_factor("harman_single_factor", moments)
    if isinstance(factor, NotComputed):
        return factor
    correlation = moments.correlation
    k = len(correlation)
    return SingleFactor(
        items=moments.columns,
        n=moments.n,
        missing=moments.missing,
        component_share=float((principal_components(correlation, 1).loadings ** 2).sum()) / k,
        factor_share=float((factor.loadings**2).sum()) / k,
    )
