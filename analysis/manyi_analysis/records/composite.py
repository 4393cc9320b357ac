"""The moments of a weighted sum of columns, from the moments of the columns."""

from collections.abc import Sequence

import numpy as np

from manyi_analysis.records.grouped import GroupedMoments


def composite(record: GroupedMoments, name: str, columns: Sequence[str]) -> GroupedMoments:
    r"""Return the moments of the mean of some columns in each group, on the same rows.

    .. math:: \bar x = w'x, \quad \operatorname{SS}(\bar x) = w' S w

    Parameters
    ----------
    record : GroupedMoments
        Of the columns and perhaps others; rows are those complete on all.
    name : str
        Of the one column there then is.
    columns : sequence of str
        Averaged with equal weights.
    """
    chosen = record.select(columns)
    weights = np.full(len(chosen.columns), 1 / len(chosen.columns))
    return GroupedMoments(
        (name,),
        chosen.keys,
        chosen.n,
        chosen.dropped,
        chosen.ungrouped,
        np.array([chosen.shift @ weights]),
        (chosen.total @ weights)[:, None],
        np.einsum("gij,i,j->g", chosen.cross, weights, weights)[:, None, None],
    )
