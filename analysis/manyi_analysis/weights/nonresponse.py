"""Non-response: respondents of a school stand for those of it who did not answer."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class NonResponse:
    """Factors by which design weights are enlarged.

    Parameters
    ----------
    factor : (cells,) array
        Of every cell.
    pool : (cells,) array of int
        Cells of one number were collapsed into one.
    respondents, sampled : (cells,) array
        Respondents, and those asked, counted with their design weight.
    """

    factor: Array
    pool: Indices
    respondents: npt.NDArray[np.int64]
    sampled: Array

    @property
    def collapsed(self) -> npt.NDArray[np.bool_]:
        """Return which cells share a factor with another."""
        return np.asarray(np.bincount(self.pool)[self.pool] > 1)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a cell: ``sampled, respondents, factor, pool, collapsed``."""
        return pd.DataFrame(
            {
                "sampled": self.sampled,
                "respondents": self.respondents,
                "factor": self.factor,
                "pool": self.pool,
                "collapsed": self.collapsed,
            }
        )


def adjust_for_nonresponse(
    design: Array,
    sampled: Array,
    respondents: npt.NDArray[np.int64],
    group: Indices,
    minimum: int = 5,
) -> NonResponse | NotComputed:
    r"""Return the factor of every cell: those asked over those who answered, counted with design weights.

    .. math:: a_g = \frac{\sum_{c \in g} d_c s_c}{\sum_{c \in g} d_c m_c}

    Cells with fewer than `minimum` respondents, none among them, are collapsed: all such cells of a group
    become one. Where they are too few together, they take in the group's smallest sufficient cell; where a
    group has none, its cells are joined with the like of other groups.

    Parameters
    ----------
    design : (cells,) array
        Design weight of a respondent of the cell.
    sampled : (cells,) array
        Persons asked in the cell.
    respondents : (cells,) array of int
        Persons who answered.
    group : (cells,) array of int
        Class of the cell; cells are collapsed within it first.
    minimum : int
        Respondents a cell must have to stand alone.

    Returns
    -------
    NonResponse or NotComputed
        ``too-few-respondents`` where all cells together have fewer than `minimum`.

    References
    ----------
    Oh, H. L. & Scheuren, F. J. (1983). Weighting adjustment for unit nonresponse, in Incomplete Data in
    Sample Surveys 2; Kalton, G. & Flores-Cervantes, I. (2003). Journal of Official Statistics 19, 81-97. R:
    ``survey::postStratify(respondents, ~cell, totals of all asked)``.

    Examples
    --------
    >>> one = np.ones(3)
    >>> found = adjust_for_nonresponse(one * 10, one * 20, np.array([10, 8, 2]), np.zeros(3, np.intp))
    >>> found.factor.tolist(), found.pool.tolist()
    ([2.0, 4.0, 4.0], [0, 1, 1])
    """
    if respondents.sum() < minimum:
        details = {"minimum": minimum, "respondents": int(respondents.sum())}
        return NotComputed("weights", "too-few-respondents", details, int(respondents.sum()))
    pool = np.arange(design.size)
    left: list[int] = []
    for number in np.unique(group):
        members = np.flatnonzero(group == number)
        lacking = _collapse(pool, members, respondents, minimum)
        left += lacking
    if left:
        # What no group could hold: together, and if need be with the smallest sufficient cell of all.
        first = min(left)
        pool[np.isin(pool, pool[left])] = pool[first]
        _complete(pool, first, np.arange(design.size), respondents, minimum)
    weighted = np.bincount(pool, design * respondents, minlength=design.size)
    asked = np.bincount(pool, design * sampled, minlength=design.size)
    factor = np.divide(asked, weighted, out=np.zeros_like(asked), where=weighted > 0)
    order = np.unique(pool, return_inverse=True)[1].astype(np.intp)
    return NonResponse(factor[pool], order, respondents, design * sampled)


def _collapse(pool: Indices, members: Indices, respondents: npt.NDArray[np.int64], minimum: int) -> list[int]:
    """Collapse the small cells of one group in place; return its cells where it has too few respondents."""
    small = members[respondents[members] < minimum]
    if not small.size:
        return []
    if respondents[members].sum() < minimum:
        return [int(member) for member in members]
    pool[small] = pool[small[0]]
    _complete(pool, int(small[0]), members, respondents, minimum)
    return []


def _complete(
    pool: Indices, first: int, members: Indices, respondents: npt.NDArray[np.int64], minimum: int
) -> None:
    """Add to the pool of a cell the smallest other pools among the members until it is large enough."""
    while True:
        sizes = np.bincount(pool, respondents, minlength=pool.size)
        if sizes[pool[first]] >= minimum:
            return
        others = np.unique(pool[members])
        others = others[others != pool[first]]
        smallest = others[np.argmin(sizes[others])]
        pool[pool == smallest] = pool[first]
