"""What a confirmatory analysis needs of the data: counts, means and covariances of each group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from manyi_analysis.measurement.conditions import unmet_by_matrix
from manyi_analysis.records import Moments, NotComputed
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Means and covariances of one group.

    Parameters
    ----------
    n, missing : int
        Rows used and dropped.
    mean : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
        Divisor n, as maximum likelihood has it.
    """

    n: int
    missing: int
    mean: Floats
    covariance: Floats

    @classmethod
    def of(cls, moments: Moments, items: Sequence[str]) -> "Sample":
        """Take them from listwise moments of the items; their rows must be those that have all items."""
        chosen = moments.select(items)
        return cls(chosen.n, chosen.missing, chosen.mean, chosen.scatter / chosen.n)


@dataclass(frozen=True, slots=True)
class Usable:
    """The groups that can be analysed, and why others cannot."""

    groups: Mapping[str, Moments]
    left_out: Mapping[str, NotComputed]


def usable(statistic: str, groups: Mapping[str, Moments], items: Sequence[str]) -> Usable:
    """Part groups whose covariance matrix can be inverted from the others."""
    kept: dict[str, Moments] = {}
    left_out: dict[str, NotComputed] = {}
    for key, moments in groups.items():
        chosen = moments.select(items)
        reason = unmet_by_matrix(statistic, chosen)
        if reason is None:
            kept[key] = chosen
        else:
            left_out[key] = reason
    return Usable(kept, left_out)
