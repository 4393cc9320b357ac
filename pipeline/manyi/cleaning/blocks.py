"""A role's ratings some thousand rows at a time, so that a rule never holds a copy of all answers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.careless.answered import Answers
from manyi_instruments.definitions.questionnaire import Questionnaire

Flag = NDArray[np.bool_]
Floats = NDArray[np.float64]

#: Rows of a block: 40 columns of int8 fill 0.7 MB, which the second-level cache of a processor holds.
ROWS = 16384
#: Largest amount of a number held as int8: the sum or difference of two is held by int8 too.
SMALL = 63
#: Multiplier of Knuth's multiplicative hash for 64 bits (2^64 divided by the golden ratio).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some rows of the ratings.

    Parameters
    ----------
    rows : slice
        Which rows of the table.
    stored : ndarray of int8 or float64, shape (columns, rows)
        Answers and codes of missing answers; int8 where all are whole and none is beyond `SMALL`.
    values : ndarray of the same type, shape (columns, rows)
        Answers, 0 where missing for whatever reason.
    given : ndarray of bool, shape (columns, rows)
        Which of them were given.
    invalid, not_asked : ndarray of bool, shape (columns, rows)
        Which of the missing ones are no answer of the list, and which were left out by design.
    """

    rows: slice
    stored: Answers
    values: Answers
    given: Flag
    invalid: Flag
    not_asked: Flag

    def answers(self) -> Floats:
        """Return the answers, NaN where missing, shape (columns, rows)."""
        return np.where(self.given, self.values, np.nan)

    def hashes(self, places: NDArray[np.intp]) -> NDArray[np.uint64]:
        """Return a hash of each row's stored values in some of the columns, shape (rows,).

        Of the whole parts only, so that a value has one hash in blocks of either type.
        """
        found = np.zeros(self.stored.shape[1], dtype=np.uint64)
        for place in places:
            with np.errstate(invalid="ignore"):
                found ^= self.stored[place].astype(np.int64).view(np.uint64)
            found *= _SPREAD
        return found


def shares(rows: int, number: int) -> list[range]:
    """Return the rows in shares of whole blocks, one a thread; fewer where there are not so many blocks.

    >>> shares(20_000, 2), shares(10, 2)
    ([range(0, 16384), range(16384, 20000)], [range(0, 10)])
    """
    step = max(-(-rows // (ROWS * number)), 1) * ROWS
    return [range(start, min(start + step, rows)) for start in range(0, rows, step)]


def blocks(
    coded: pd.DataFrame,
    columns: Sequence[str],
    questionnaire: Questionnaire,
    within: range | None = None,
) -> Iterator[Block]:
    """Yield the ratings block by block; a buffer is used again, so take what is needed at once.

    Parameters
    ----------
    coded : DataFrame
        Coded answers, missing answers as codes.
    columns : sequence of str
        Number columns of it.
    questionnaire : Questionnaire
        Tells the codes.
    within : range, optional
        The rows; all by default.
    """
    within = within if within is not None else range(len(coded))
    sources = [coded[name].to_numpy(dtype=np.float64, na_value=np.nan) for name in columns]
    buffer = np.empty((len(sources), min(ROWS, len(within))))
    for start in range(within.start, within.stop, ROWS):
        stop = min(start + ROWS, within.stop)
        stored = buffer[:, : stop - start]
        for row, source in enumerate(sources):
            stored[row] = source[start:stop]
        yield _block(slice(start, stop), narrowed(stored), questionnaire)


def narrowed(numbers: Floats) -> Answers:
    """Return numbers as int8 where all are whole and small: an eighth of the bytes to go through.

    >>> narrowed(np.array([1.0, -9.0])), narrowed(np.array([1.5])), narrowed(np.array([100.0]))
    (array([ 1, -9], dtype=int8), array([1.5]), array([100.]))
    """
    with np.errstate(invalid="ignore"):
        narrow = numbers.astype(np.int8)
    small = int(narrow.min(initial=0)) >= -SMALL and int(narrow.max(initial=0)) <= SMALL
    return narrow if small and np.array_equal(narrow, numbers) else numbers


def _block(rows: slice, stored: Answers, questionnaire: Questionnaire) -> Block:
    code = {kind: entry.code for kind, entry in questionnaire.missing_codes.items()}
    if stored.dtype == np.float64:
        stored[np.isnan(stored)] = code["no_answer"]
    given = np.ones(stored.shape, dtype=bool)
    for missing in set(code.values()):
        given &= stored != missing
    return Block(
        rows,
        stored,
        # Faster by a multiple than np.where on cells that are missing here and there.
        stored * given,
        given,
        stored == code["invalid"],
        stored == code["not_asked"],
    )
