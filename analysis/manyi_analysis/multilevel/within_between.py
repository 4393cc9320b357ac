"""School means, deviations from them and cross-level products, made from per-school moments."""

from collections.abc import Sequence

import numpy as np

from manyi_analysis.explanation.clustered import between_clusters
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats


def mean_name(column: str) -> str:
    """Return the name of a column's school mean."""
    return f"mean({column})"


def within_name(column: str) -> str:
    """Return the name of a column's deviation from its school mean."""
    return f"within({column})"


def product_name(respondent: str, school: str) -> str:
    """Return the name of the product of two columns.

    >>> product_name("within(ses)", "sector")
    'within(ses):sector'
    """
    return f"{respondent}:{school}"


def with_school_means(moments: GroupedMoments, columns: Sequence[str]) -> GroupedMoments:
    r"""Add, for each column, its school mean and the deviations: :math:`\bar x_g`, :math:`x_{ig} - \bar x_g`.

    A school's mean is the same for its respondents, and a deviation is the column less a constant, so both
    follow from the school's sums. The mean is that of the listwise rows of `moments`: a mean over all of a
    school's respondents must be joined to the rows before the pass.

    Parameters
    ----------
    moments : GroupedMoments
        One group a school.
    columns : sequence of str
        Respondent columns to split.

    Returns
    -------
    GroupedMoments
        The same rows; at the end ``mean(x)`` and ``within(x)`` of every column. A model of ``within(x)`` and
        ``mean(x)`` gives the within and the between slope; one of ``x`` and ``mean(x)`` gives as the slope
        of the mean their difference, the contextual effect.

    References
    ----------
    Mundlak, Y. (1978). Econometrica 46, 69-85; Raudenbush, S. W. & Bryk, A. S. (2002). Hierarchical Linear
    Models, 2nd ed., 135-141; Enders, C. K. & Tofighi, D. (2007). Psychological Methods 12, 121-138. R:
    ``ave(x, school)``, ``x - ave(x, school)``.
    """
    at = [moments.columns.index(name) for name in columns]
    groups, k, new = len(moments.keys), len(moments.columns), len(at)
    used = moments.n > 0
    means = np.where(used[:, None], moments.mean[:, at], moments.shift[at])
    weights = np.zeros((groups, 2 * new, k))
    constants = np.zeros((groups, 2 * new))
    for position, index in enumerate(at):
        weights[:, new + position, index] = 1.0
        constants[:, position] = means[:, position]
        constants[:, new + position] = -means[:, position]
    names = (*(mean_name(name) for name in columns), *(within_name(name) for name in columns))
    return _with_affine(moments, names, weights, constants)


def with_products(moments: GroupedMoments, pairs: Sequence[tuple[str, str]]) -> GroupedMoments | NotComputed:
    r"""Add products of a respondent column and a school column, :math:`x_{ig} z_g`: cross-level interactions.

    Parameters
    ----------
    moments : GroupedMoments
        One group a school.
    pairs : sequence of (str, str)
        Any column, and one that is the same for all respondents of a school.

    Returns
    -------
    GroupedMoments or NotComputed
        The same rows with a column ``x:z`` for each pair at the end. NotComputed where the second column of
        a pair varies within schools: that product needs the rows.

    References
    ----------
    Snijders, T. & Bosker, R. (2012). Multilevel Analysis, 2nd ed., sec. 5.2.1. R: ``x:z``.
    """
    constant = between_clusters(moments)
    used = moments.n > 0
    groups, k = len(moments.keys), len(moments.columns)
    weights = np.zeros((groups, len(pairs), k))
    for position, (respondent, school) in enumerate(pairs):
        at = moments.columns.index(school)
        if not constant[at]:
            details: dict[str, object] = {"respondent": respondent, "school": school}
            return NotComputed("multilevel", "product-not-of-school", details, int(moments.n.sum()))
        value = np.where(used, moments.mean[:, at], 0.0)
        weights[:, position, moments.columns.index(respondent)] = value
    names = tuple(product_name(*pair) for pair in pairs)
    return _with_affine(moments, names, weights, np.zeros((groups, len(pairs))))


def _with_affine(
    moments: GroupedMoments, names: Sequence[str], weights: Floats, constants: Floats
) -> GroupedMoments:
    """Add columns that within each group are ``weights @ x + constant``.

    Parameters
    ----------
    moments : GroupedMoments
        Of k columns in G groups.
    names : sequence of str
        The m new columns.
    weights : ndarray, shape (G, m, k)
    constants : ndarray, shape (G, m)
    """
    n = moments.n.astype(np.float64)
    level = constants + weights @ moments.shift
    sums = np.einsum("gmk,gk->gm", weights, moments.total) + n[:, None] * level
    shift = sums.sum(axis=0) / max(n.sum(), 1.0)
    level = level - shift
    total = sums - n[:, None] * shift
    linear = np.einsum("gmk,gkl->gml", weights, moments.cross)
    mixed = linear + level[:, :, None] * moments.total[:, None, :]
    weighted = total - n[:, None] * level
    both = (
        np.einsum("gml,gol->gmo", linear, weights)
        + weighted[:, :, None] * level[:, None, :]
        + level[:, :, None] * weighted[:, None, :]
        + n[:, None, None] * level[:, :, None] * level[:, None, :]
    )
    upper = np.concatenate([moments.cross, mixed.transpose(0, 2, 1)], axis=2)
    lower = np.concatenate([mixed, both], axis=2)
    return GroupedMoments(
        (*moments.columns, *names),
        moments.keys,
        moments.n,
        moments.dropped,
        moments.ungrouped,
        np.concatenate([moments.shift, shift]),
        np.concatenate([moments.total, total], axis=1),
        np.concatenate([upper, lower], axis=1),
    )
