"""Whether a correlation matrix is worth factoring: KMO, Bartlett's test, eigenvalues."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.measurement.conditions import unmet, unmet_by_matrix
from manyi_analysis.records import Correlated, NotComputed


@dataclass(frozen=True, slots=True)
class Kmo:
    """Kaiser-Meyer-Olkin measure of sampling adequacy, overall and of each item."""

    items: tuple[str, ...]
    n: int
    missing: int
    overall: float
    per_item: tuple[float, ...]
    method: str = "KMO from correlations and anti-image correlations"
    source: str = "Kaiser (1974)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row an item and, first, one for all: ``item`` ("all"), ``n, missing, kmo``."""
        return pd.DataFrame(
            {
                "item": ["all", *self.items],
                "n": self.n,
                "missing": self.missing,
                "kmo": [self.overall, *self.per_item],
            }
        )


def kmo(moments: Correlated) -> Kmo | NotComputed:
    r"""Compute the Kaiser-Meyer-Olkin measure.

    .. math:: \sum_{i \ne j} r_{ij}^2 \Big/ \Bigl(\sum_{i \ne j} r_{ij}^2 + \sum_{i \ne j} q_{ij}^2\Bigr)

    with the partial correlations :math:`q_{ij}` of each pair given all other items. An item's own measure
    sums over its row.

    Returns
    -------
    Kmo or NotComputed
        One item, a constant item, not more rows than items, a singular or not positive definite matrix.

    Notes
    -----
    R: ``psych::KMO(x)``; SPSS: FACTOR /PRINT=KMO.

    References
    ----------
    Kaiser, H. F. (1974). An index of factorial simplicity. Psychometrika, 39, 31-36.
    """
    reason = unmet_by_matrix("kmo", moments)
    if reason is not None:
        return reason
    correlation = moments.correlation
    inverse = np.linalg.inv(correlation)
    scale = np.sqrt(np.diagonal(inverse))
    partial = (inverse / np.outer(scale, scale)) ** 2
    squared = correlation**2
    np.fill_diagonal(partial, 0)
    np.fill_diagonal(squared, 0)
    shared, apart = squared.sum(axis=0), partial.sum(axis=0)
    if shared.sum() == 0:
        return NotComputed("kmo", "no-correlation", {"items": moments.columns}, moments.n)
    # An item that correlates with nothing shares nothing: its measure is 0, not 0/0.
    per_item = shared / np.where(shared + apart > 0, shared + apart, 1)
    return Kmo(
        items=moments.columns,
        n=moments.n,
        missing=moments.missing,
        overall=float(shared.sum() / (shared.sum() + apart.sum())),
        per_item=tuple(per_item.tolist()),
    )


@dataclass(frozen=True, slots=True)
class Bartlett:
    """Bartlett's test of sphericity. Null hypothesis: the items do not correlate in the population."""

    items: tuple[str, ...]
    n: int
    missing: int
    chi2: float
    df: int
    p: float
    null: str = "no item correlates with another in the population"
    method: str = "Bartlett's test of sphericity"
    source: str = "Bartlett (1951)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``n, missing, bartlett_chi2, bartlett_df, bartlett_p``."""
        return pd.DataFrame(
            {
                "n": [self.n],
                "missing": [self.missing],
                "bartlett_chi2": [self.chi2],
                "bartlett_df": [self.df],
                "bartlett_p": [self.p],
            }
        )


def bartlett(moments: Correlated) -> Bartlett | NotComputed:
    r"""Test whether the correlation matrix is the identity.

    .. math:: \chi^2 = -\bigl(n - 1 - (2k + 5)/6\bigr) \ln |R|, \quad df = k (k - 1) / 2

    Returns
    -------
    Bartlett or NotComputed
        As for `kmo`.

    Notes
    -----
    R: ``psych::cortest.bartlett(R, n)``; SPSS: FACTOR /PRINT=KMO.

    References
    ----------
    Bartlett, M. S. (1951). The effect of standardization on a χ² approximation in factor analysis.
    Biometrika, 38, 337-344.
    """
    reason = unmet_by_matrix("bartlett", moments)
    if reason is not None:
        return reason
    k, n = len(moments.columns), moments.n
    log_determinant = float(np.linalg.slogdet(moments.correlation).logabsdet)
    chi2 = -(n - 1 - (2 * k + 5) / 6) * log_determinant
    df = k * (k - 1) // 2
    return Bartlett(moments.columns, n, moments.missing, chi2, df, float(stats.chi2.sf(chi2, df)))


@dataclass(frozen=True, slots=True)
class Eigenvalues:
    """Eigenvalues of the correlation matrix, descending: variances of the principal components."""

    items: tuple[str, ...]
    n: int
    missing: int
    values: tuple[float, ...]
    method: str = "eigenvalues of the correlation matrix; those above 1 by Kaiser's rule"
    source: str = "Kaiser (1960)"

    @property
    def kaiser(self) -> int:
        """Return how many are above 1: a rule for components that keeps too many; see `parallel`."""
        return sum(value > 1 for value in self.values)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a component: ``number, eigenvalue, proportion, cumulative``."""
        values = np.array(self.values)
        share = values / len(self.items)
        return pd.DataFrame(
            {
                "number": np.arange(1, len(values) + 1),
                "eigenvalue": values,
                "proportion": share,
                "cumulative": share.cumsum(),
            }
        )


def eigenvalues(moments: Correlated) -> Eigenvalues | NotComputed:
    r"""Compute the eigenvalues of the correlation matrix.

    .. math:: R v_j = \lambda_j v_j

    in descending order, with how many exceed 1 (Kaiser's rule) and the line of the scree.

    Returns
    -------
    Eigenvalues or NotComputed
        One item, a constant item, fewer than two rows. A singular matrix has eigenvalues all the same.

    Notes
    -----
    R: ``eigen(cor(x))$values``.

    References
    ----------
    Kaiser, H. F. (1960). The application of electronic computers to factor analysis. Educational and
    Psychological Measurement, 20, 141-151. Cattell, R. B. (1966). The scree test for the number of factors.
    Multivariate Behavioral Research, 1, 245-276.
    """
    reason = unmet("eigenvalues", moments)
    if reason is not None:
        return reason
    values = np.linalg.eigvalsh(moments.correlation)[::-1]
    return Eigenvalues(moments.columns, moments.n, moments.missing, tuple(values.tolist()))
