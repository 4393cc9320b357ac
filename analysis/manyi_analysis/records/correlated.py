"""What statistics of covariances ask of a record of moments, listwise or pairwise."""

from typing import Protocol

from manyi_analysis.records.rows import Floats


class Correlated(Protocol):
    """Means, covariances and correlations of k columns, and the rows they rest on.

    `Moments` (listwise) and `PairwiseMoments` (each pair on its own rows) are both.
    """

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the k columns."""

    @property
    def n(self) -> int:
        """Return the rows used; pairwise, of the pair that has fewest."""

    @property
    def missing(self) -> int:
        """Return the rows not used."""

    @property
    def mean(self) -> Floats:
        """Return the means, shape (k,)."""

    @property
    def sd(self) -> Floats:
        """Return the standard deviations, shape (k,)."""

    @property
    def covariance(self) -> Floats:
        """Return the covariance matrix, shape (k, k)."""

    @property
    def correlation(self) -> Floats:
        """Return the correlation matrix, shape (k, k)."""

    @property
    def constant(self) -> tuple[str, ...]:
        """Return the columns without variance."""
