"""Velicer's minimum average partial: how many components leave the least shared between items."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.measurement.conditions import unmet_by_matrix
from manyi_analysis.records import Correlated, NotComputed


@dataclass(frozen=True, slots=True)
class MinimumAveragePartial:
    """Average partial correlations after none, one, two, … components are taken out.

    Parameters
    ----------
    items : tuple of str
        The k items.
    n, missing : int
        Rows used and dropped.
    squared : tuple of float
        Mean squared partial correlation after 0, 1, … components (Velicer, 1976).
    fourth : tuple of float
        Mean fourth power (Velicer, Eaton & Fava, 2000).
    """

    items: tuple[str, ...]
    n: int
    missing: int
    squared: tuple[float, ...]
    fourth: tuple[float, ...]
    method: str = "minimum average partial of principal components"
    source: str = "Velicer (1976); Velicer, Eaton & Fava (2000)"

    @property
    def number(self) -> int:
        """Return the number of components by the original rule, squared partials."""
        return int(np.argmin(self.squared))

    @property
    def number_revised(self) -> int:
        """Return the number of components by the revised rule, fourth powers."""
        return int(np.argmin(self.fourth))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a number of components taken out: ``number, squared, fourth``."""
        return pd.DataFrame(
            {"number": np.arange(len(self.squared)), "squared": self.squared, "fourth": self.fourth}
        )


def minimum_average_partial(moments: Correlated) -> MinimumAveragePartial | NotComputed:
    r"""Compute Velicer's minimum average partial test.

    With the loadings :math:`A_m` of the first m principal components, :math:`R - A_m A_m'` scaled to unit
    diagonal holds the partial correlations; their mean square, or mean fourth power, is least where the
    components left describe single items.

    Parameters
    ----------
    moments : Moments, PairwiseMoments or PolychoricCorrelations
        The items.

    Returns
    -------
    MinimumAveragePartial or NotComputed
        Fewer than three items, a constant item, not more rows than items, a singular matrix.

    Notes
    -----
    R: ``psych::vss(x)$map`` is ``squared`` from one component on; O'Connor's ``map.R`` prints both.

    References
    ----------
    Velicer, W. F. (1976). Determining the number of components from the matrix of partial correlations.
    Psychometrika, 41, 321-327. Velicer, W. F., Eaton, C. A., & Fava, J. L. (2000). Construct explication
    through factor or component analysis. In Goffin & Helmes (Eds.), Problems and solutions in human
    assessment (pp. 41-71). O'Connor, B. P. (2000). Behavior Research Methods, 32, 396-402.
    """
    reason = unmet_by_matrix("minimum_average_partial", moments, items=3)
    if reason is not None:
        return reason
    correlation = moments.correlation
    k = len(correlation)
    values, vectors = np.linalg.eigh(correlation)
    loadings = (vectors * np.sqrt(values))[:, ::-1]
    squared, fourth = [], []
    rest = correlation.copy()
    for taken in range(k):
        if taken:
            rest -= np.outer(loadings[:, taken - 1], loadings[:, taken - 1])
        left = np.diagonal(rest)
        # Components that describe one item wholly leave nothing of it to correlate.
        if left.min() <= 1e-12:
            break
        partial = rest / np.sqrt(np.outer(left, left))
        np.fill_diagonal(partial, 0)
        squared.append(float((partial**2).sum()) / (k * (k - 1)))
        fourth.append(float((partial**4).sum()) / (k * (k - 1)))
    return MinimumAveragePartial(moments.columns, moments.n, moments.missing, tuple(squared), tuple(fourth))
