"""Ranks of schools with what can be said of them: a rank alone says more than the answers do."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
#: Rows of the table of pairs held at a time.
BLOCK = 256


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """Ranks of S schools, 1 the highest.

    Parameters
    ----------
    rank : (S,) array of int
        1 and the number of schools above; equal values share it.
    low, high : (S,) array of int
        Best and worst rank that the answers do not speak against.
    """

    rank: Counts
    low: Counts
    high: Counts


def school_ranks(value: Array, low: Array, high: Array) -> Ranks:
    r"""Return ranks with confidence sets from the limits of every school.

    School i is above j where the interval of their difference excludes zero:
    :math:`x_i - x_j > \sqrt{(x_i - l_i)^2 + (u_j - x_j)^2}`. The best rank is 1 and the schools above, the
    worst S less the schools below. With limits of level 1 - α/(S - 1) each school's set holds its true rank
    with probability 1 - α at least (Bonferroni over its S - 1 comparisons); the sets of all together do not.

    Parameters
    ----------
    value, low, high : (S,) array
        Index and its limits of every school, without missing values.

    References
    ----------
    Mogstad, M., Romano, J. P., Shaikh, A. M. & Wilhelm, D. (2024). Inference for ranks with applications to
    mobility across neighbourhoods and academic achievement across countries. Review of Economic Studies 91,
    476-518. The difference: Zou, G. Y. & Donner, A. (2008). Statistics in Medicine 27, 1693-1702; of shares
    with Wilson's limits it is method 10 of Newcombe, R. G. (1998). Statistics in Medicine 17, 873-890. R:
    package ``csranks`` has the same sets with other critical values.

    Examples
    --------
    >>> found = school_ranks(np.array([80.0, 78.0, 50.0]), np.array([75.0, 73, 45]), np.array([85.0, 83, 55]))
    >>> found.rank.tolist(), found.low.tolist(), found.high.tolist()
    ([1, 2, 3], [1, 1, 3], [2, 2, 3])
    """
    schools = len(value)
    order = np.argsort(-value, kind="stable")
    x, below, above = value[order], (value - low)[order] ** 2, (high - value)[order] ** 2
    better, worse = np.zeros(schools, dtype=np.int64), np.zeros(schools, dtype=np.int64)
    # Highest first: only later schools can be below, and each pair is looked at once.
    for start in range(0, schools, BLOCK):
        own = slice(start, min(start + BLOCK, schools))
        apart = (x[own, None] - x[start:]) ** 2 > below[own, None] + above[start:]
        apart &= np.arange(own.start, own.stop)[:, None] < np.arange(start, schools)
        worse[own] = apart.sum(axis=1)
        better[start:] += apart.sum(axis=0)
    rank = 1 + np.searchsorted(-x, -value, side="left")
    best, worst = np.zeros(schools, dtype=np.int64), np.zeros(schools, dtype=np.int64)
    best[order], worst[order] = 1 + better, schools - worse
    return Ranks(rank.astype(np.int64), best, worst)
