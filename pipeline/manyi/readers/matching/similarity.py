"""How alike wordings are, all of one side against all of the other at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from manyi.readers.wording import question_key

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Shares = npt.NDArray[np.float64]
#: Wordings of one side that are compared at a time, so that memory stays bounded.
_BLOCK = 256
#: What is left of the likeness of two wordings with different numbers: item 3 is not item 4.
_OTHER_NUMBER = 0.5


def likeness(left: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> Shares:
    """Return how alike the wordings of two sides are: of each pair, its best two wordings.

    The measure is the Dice coefficient of the sets of character bigrams, ``2 |A ∩ B| / (|A| + |B|)``, after
    normalisation of width, case, blanks, punctuation and numbering; the ends of a wording count as
    characters. It is halved where both wordings hold digits and these differ.

    Parameters
    ----------
    left, right : sequence of sequences of str
        The wordings of each question: its languages, its id; blanks are left out.

    Returns
    -------
    ndarray, shape (left, right)
        0 (nothing in common, or no wording) to 1.

    References
    ----------
    Dice (1945), Measures of the amount of ecologic association between species. Ecology 26(3), 297-302.
    Equivalent R: ``stringdist::stringdist(a, b, method = "jaccard", q = 2)`` gives J = 1 - distance;
    Dice is ``2 J / (1 + J)``.

    Examples
    --------
    >>> likeness([["night"]], [["nacht"], ["night!"]]).round(3).tolist()
    [[0.5, 1.0]]
    """
    result = np.zeros((len(left), len(right)))
    left_keys, left_of = _keys(left)
    right_keys, right_of = _keys(right)
    if not left_keys or not right_keys:
        return result
    index: dict[str, int] = {}
    right_grams = _bigrams(right_keys, index)
    left_grams = _bigrams(left_keys, index)
    width = len(index)
    right_sets = _matrix(right_grams, width).T.tocsc()
    right_sizes = np.array([len(grams) for grams in right_grams], dtype=np.float64)
    left_digits, right_digits = _digits(left_keys, right_keys)
    # Wordings of one owner stand together, so that the best of each is a reduction over a run.
    runs = np.flatnonzero(np.diff(right_of, prepend=-1))
    for start in range(0, len(left_keys), _BLOCK):
        block = left_grams[start : start + _BLOCK]
        shared = (_matrix(block, width) @ right_sets).toarray()
        sizes = np.array([len(grams) for grams in block], dtype=np.float64)
        dice = 2.0 * shared / (sizes[:, None] + right_sizes[None, :])
        digits = left_digits[start : start + _BLOCK, None]
        differ = (digits != right_digits[None, :]) & (digits > 0) & (right_digits[None, :] > 0)
        dice[differ] *= _OTHER_NUMBER
        best = np.maximum.reduceat(dice, runs, axis=1)
        for row, owner in enumerate(left_of[start : start + _BLOCK].tolist()):
            result[owner, right_of[runs]] = np.maximum(result[owner, right_of[runs]], best[row])
    return result


def _keys(sides: Sequence[Sequence[str]]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Return the different normalised wordings, and whose each is."""
    keys: list[str] = []
    owners: list[int] = []
    for owner, wordings in enumerate(sides):
        for key in dict.fromkeys(filter(None, map(question_key, wordings))):
            keys.append(key)
            owners.append(owner)
    return keys, np.array(owners, dtype=np.int64)


def _bigrams(keys: Sequence[str], index: dict[str, int]) -> list[list[int]]:
    """Return the different bigrams of each wording by their number; new ones are added to the index."""
    found = []
    for key in keys:
        ended = f"\x02{key}\x03"
        grams = {ended[at : at + 2] for at in range(len(ended) - 1)}
        found.append([index.setdefault(gram, len(index)) for gram in grams])
    return found


def _matrix(grams: Sequence[Sequence[int]], width: int) -> "csr_matrix":
    from scipy.sparse import csr_matrix

    starts = np.cumsum([0, *map(len, grams)])
    columns = np.array([gram for one in grams for gram in one], dtype=np.int64)
    return csr_matrix((np.ones(len(columns)), columns, starts), shape=(len(grams), width))


def _digits(left: Sequence[str], right: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return a number for the digits of each wording, the same for the same digits, 0 for none."""
    known: dict[str, int] = {"": 0}

    def coded(keys: Sequence[str]) -> npt.NDArray[np.int64]:
        digits = ("".join(character if character.isdigit() else " " for character in key) for key in keys)
        return np.array(
            [known.setdefault(" ".join(text.split()), len(known)) for text in digits], dtype=np.int64
        )

    return coded(left), coded(right)
