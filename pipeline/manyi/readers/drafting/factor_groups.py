"""Which neighbours on one answer list make several scales rather than one: by factor analysis."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

#: Fewer items cannot make two scales of three.
FEWEST_ITEMS = 6
FEWEST_ROWS = 100
#: Smallest pattern loading, as texts on factor analysis ask for; and its least lead over the next.
LEAST_LOADING = 0.32
LEAST_LEAD = 0.10


@dataclass(frozen=True, slots=True)
class FactorGroups:
    """Items grouped by the factor they load on.

    Attributes
    ----------
    groups : tuple of tuple of int
        Places of the items of each group, in the order of the file; at least three.
    loose : tuple of (int, float)
        Places of items that load on none or on several factors, with their largest loading.
    n : int
        Rows used.
    """

    groups: tuple[tuple[int, ...], ...]
    loose: tuple[tuple[int, float], ...]
    n: int


def factor_groups(answers: npt.NDArray[np.float64], seed: int = 1) -> FactorGroups | None:
    """Group items by their factors, where parallel analysis finds several.

    Minres and oblimin on the complete rows, as many factors as parallel analysis finds.

    Parameters
    ----------
    answers : (n, k) array
        NaN for missing.
    seed : int
        Of the parallel analysis.

    Returns
    -------
    FactorGroups or None
        None where there is one factor only, fewer than 100 complete rows or 6 items, no solution, or where
        fewer than two factors have three items of their own.
    """
    from manyi_analysis.measurement import efa, parallel_analysis
    from manyi_analysis.records import Moments, NotComputed

    if answers.shape[1] < FEWEST_ITEMS:
        return None
    names = [str(place) for place in range(answers.shape[1])]
    moments = Moments.of(pd.DataFrame(answers, columns=names), names)
    if moments.n < FEWEST_ROWS:
        return None
    parallel = parallel_analysis(moments, seed=seed)
    if isinstance(parallel, NotComputed) or parallel.number_of_factors < 2:
        return None
    found = efa(moments, parallel.number_of_factors, "minres", "oblimin")
    if isinstance(found, NotComputed):
        return None
    loadings = np.abs(np.asarray(found.pattern))
    ranked = np.sort(loadings, axis=1)
    largest, next_one = ranked[:, -1], ranked[:, -2]
    clear = (largest >= LEAST_LOADING) & (largest - next_one >= LEAST_LEAD)
    factor = loadings.argmax(axis=1)
    groups = [
        tuple(int(place) for place in np.flatnonzero(clear & (factor == one)))
        for one in range(loadings.shape[1])
    ]
    kept = sorted(group for group in groups if len(group) >= 3)
    if len(kept) < 2:
        return None
    inside = {place for group in kept for place in group}
    loose = [(place, float(largest[place])) for place in range(answers.shape[1]) if place not in inside]
    return FactorGroups(tuple(kept), tuple(loose), moments.n)
