"""How much each predictor or block adds to R²: dominance analysis, whose averages are LMG shares."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.explanation.ols import ols
from manyi_analysis.records.moments import Moments
from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]

#: Predictors or blocks up to which all subsets are fitted: 4096 models.
MOST_TERMS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Importance:
    """The R² of a regression, divided among P predictors or blocks of predictors.

    Parameters
    ----------
    outcome : str
        Column explained.
    terms : tuple of str
        The P predictors or blocks.
    columns : tuple of tuple of str
        Columns of each.
    controls : tuple of str
        Columns that stand in every model; what they explain is not divided.
    n, missing : int
        Rows used and dropped (listwise).
    r2, r2_controls : float
        R² with all columns, and with the controls alone.
    subsets : ndarray, shape (2**P,)
        R² of every subset of the terms; bit i of the index tells whether term i is in it.
    beta : ndarray, shape (P,)
        Standardized coefficient in the full model; NaN for a block of several columns.
    """

    outcome: str
    terms: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    controls: tuple[str, ...]
    n: int
    missing: int
    r2: float
    r2_controls: float
    subsets: Array
    beta: Array
    method: str = "dominance analysis, LMG"
    source: str = "Lindeman, Merenda & Gold (1980); Budescu (1993); Azen & Budescu (2003)"

    def _gains(self, term: int) -> tuple[Array, npt.NDArray[np.int64]]:
        """Return what a term adds to every subset without it, and the sizes of those subsets."""
        masks = np.arange(len(self.subsets))
        without = masks[(masks >> term) & 1 == 0]
        sizes = np.array([int(mask).bit_count() for mask in without], dtype=np.int64)
        return self.subsets[without | (1 << term)] - self.subsets[without], sizes

    @property
    def conditional(self) -> Array:
        """Return the mean gain of each term in subsets of 0 to P - 1 others, shape (P, P)."""
        size = len(self.terms)
        result = np.empty((size, size))
        for term in range(size):
            gains, sizes = self._gains(term)
            result[term] = np.bincount(sizes, gains, size) / np.array(
                [comb(size - 1, k) for k in range(size)]
            )
        return result

    @property
    def share(self) -> Array:
        """Return the part of R² that is each term's, shape (P,): they add to `r2` - `r2_controls`."""
        return np.asarray(self.conditional.mean(axis=1))

    @property
    def dominance(self) -> Array:
        """Return in which share of subsets without both the row's term adds more than the column's, (P, P).

        1 is complete dominance, 0 the reverse; gains that are equal count half. The diagonal is NaN.
        """
        size = len(self.terms)
        masks = np.arange(len(self.subsets))
        result = np.full((size, size), np.nan)
        for i in range(size):
            for j in range(size):
                if i != j:
                    rest = masks[(masks >> i) & 1 | (masks >> j) & 1 == 0]
                    less = self.subsets[rest | (1 << i)] - self.subsets[rest | (1 << j)]
                    result[i, j] = float((less > 0).mean() + (less == 0).mean() / 2.0)
        return result

    def to_frame(self) -> pd.DataFrame:
        """Return one row a term: table ``importance``.

        ``share`` is the part of R², ``percent`` the same of what is divided, ``alone`` the gain over the
        controls when it is first, ``last`` when it is last.
        """
        conditional, share = self.conditional, self.share
        divided = self.r2 - self.r2_controls
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "term": self.terms,
                "share": share,
                "percent": 100.0 * share / divided if divided > 0 else np.nan,
                "alone": conditional[:, 0],
                "last": conditional[:, -1],
                "beta": self.beta,
                "rank": pd.Series(-share).rank(method="min").astype(int).to_numpy(),
                "r2": self.r2,
                "n": self.n,
                "missing": self.missing,
                "reason": "",
            }
        )


def importance(
    moments: Moments,
    outcome: str,
    terms: Sequence[str] | Mapping[str, Sequence[str]],
    controls: Sequence[str] = (),
) -> Importance | NotComputed:
    r"""Divide R² among predictors or blocks by averaging what each adds over all orders of entry.

    Of k terms, over the sets S of s others:

    .. math::

        C_{js} = \binom{k - 1}{s}^{-1} \sum_{|S| = s} \bigl(R^2_{S \cup j} - R^2_S\bigr), \quad
        LMG_j = \frac{1}{k} \sum_{s = 0}^{k - 1} C_{js}

    :math:`C_{js}` is conditional dominance, the share LMG general dominance; a term dominates another
    completely where it adds more to every set.

    Parameters
    ----------
    moments : Moments
        Of outcome, predictors and controls, listwise.
    outcome : str
        Column explained.
    terms : sequence of str, or mapping of block to columns
        At most 12; a categorical predictor is a block of its dummies.
    controls : sequence of str
        Columns that stand in every model.

    Returns
    -------
    Importance or NotComputed
        NotComputed as for `ols`, with more than 12 terms, or with none.

    References
    ----------
    Lindeman, R. H., Merenda, P. F. & Gold, R. Z. (1980). Introduction to Bivariate and Multivariate Analysis,
    119 ff.; Azen, R. & Budescu, D. V. (2003). Psychological Methods 8, 129-148. R:
    ``relaimpo::calc.relimp(fit, type = "lmg")``, ``domir::domir``.
    """
    blocks = (
        {name: tuple(terms[name]) for name in terms}
        if isinstance(terms, Mapping)
        else {name: (name,) for name in terms}
    )
    if not 0 < len(blocks) <= MOST_TERMS:
        details: dict[str, object] = {"outcome": outcome, "terms": len(blocks), "most": MOST_TERMS}
        return NotComputed("importance", "importance-terms", details, moments.n)
    columns = tuple(column for block in blocks.values() for column in block)
    fit = ols(moments, outcome, (*controls, *columns))
    if isinstance(fit, NotComputed):
        return fit
    sums = moments.select((*controls, *columns, outcome))
    matrix = sums.correlation
    fixed = list(range(len(controls)))
    start = _partial(matrix, fixed)
    places: list[list[int]] = []
    position = 0
    for block in blocks.values():
        places.append(list(range(position, position + len(block))))
        position += len(block)
    subsets = np.empty(2 ** len(blocks))
    for mask, left in _residuals(start, places):
        subsets[mask] = 1.0 - left
    betas = dict(zip(fit.columns, fit.beta, strict=True))
    return Importance(
        outcome=outcome,
        terms=tuple(blocks),
        columns=tuple(blocks.values()),
        controls=tuple(controls),
        n=fit.n,
        missing=sums.missing,
        r2=float(subsets[-1]),
        r2_controls=float(subsets[0]),
        subsets=subsets,
        beta=np.array([betas[block[0]] if len(block) == 1 else np.nan for block in blocks.values()]),
    )


def _partial(matrix: Array, taken: Sequence[int]) -> Array:
    """Return the covariances left when some columns are partialled out of the others."""
    rest = [index for index in range(len(matrix)) if index not in set(taken)]
    if not taken:
        return matrix
    inside = matrix[np.ix_(taken, taken)]
    across = matrix[np.ix_(taken, rest)]
    return np.asarray(matrix[np.ix_(rest, rest)] - across.T @ np.linalg.solve(inside, across))


def _residuals(matrix: Array, places: Sequence[Sequence[int]]) -> Iterator[tuple[int, float]]:
    """Yield every subset of the blocks, as bits, and the variance of the last column that it leaves.

    Each subset is reached once, by partialling one block out of what a smaller subset left.
    """

    def walk(left: Array, first: int, mask: int, offset: int) -> Iterator[tuple[int, float]]:
        yield mask, float(left[-1, -1])
        for block in range(first, len(places)):
            # Blocks before it were passed over for good: they are dropped, so what is left shrinks.
            begin = places[block][0] - offset
            end = begin + len(places[block])
            rest = _partial(left[begin:, begin:], range(end - begin))
            yield from walk(rest, block + 1, mask | (1 << block), offset + end)

    yield from walk(matrix, 0, 0, 0)
