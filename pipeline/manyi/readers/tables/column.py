"""One column of a raw table as its different cells: what a rule reads once instead of once a row."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

_SAMPLE = 1000
#: Rows from which on columns are encoded by two threads before anybody asks.
_MANY = 50_000
_THREADS = 2

Codes = NDArray[np.signedinteger[Any]]


@dataclass(frozen=True, slots=True)
class Column:
    """The cells of one column, each different text once.

    Attributes
    ----------
    codes : (n,) array of int8, int16 or int32
        Place of every row's cell in ``cells``: as narrow as their number allows.
    cells : tuple of str
        The different cells in the order in which they first occur.
    """

    codes: Codes
    cells: tuple[str, ...]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Return how often each of ``cells`` occurs."""
        return np.bincount(self.codes, minlength=len(self.cells)).astype(np.int64)

    def where(self, keep: NDArray[np.bool_]) -> "Column":
        """Return the column of some of the rows; cells that no longer occur are left out."""
        codes = self.codes[keep]
        left = np.bincount(codes, minlength=len(self.cells)) > 0
        if left.all():
            return Column(codes, self.cells)
        places = (np.cumsum(left) - 1).astype(self.codes.dtype)
        return Column(
            places[codes], tuple(cell for cell, there in zip(self.cells, left, strict=True) if there)
        )


def encoded(cells: "pd.Series[str]") -> Column:
    """Return the different cells of a column of text, and which row holds which.

    Parameters
    ----------
    cells : Series of str, shape (n,)
        Without missing values.

    Examples
    --------
    >>> encoded(pd.Series(["b", "a", "b"], dtype="str"))
    Column(codes=array([0, 1, 0], dtype=int8), cells=('b', 'a'))
    """
    found = pa.Array.from_pandas(cells)
    whole = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    dictionary = pc.dictionary_encode(whole)
    texts = tuple(dictionary.dictionary.to_pylist())
    narrow = np.int8 if len(texts) <= 2**7 else np.int16 if len(texts) <= 2**15 else np.int32
    return Column(np.asarray(dictionary.indices).astype(narrow), texts)


def encode_repeating(cells: pd.DataFrame) -> Mapping[str, Column]:
    """Return the columns of a large table whose cells repeat, encoded by two threads at once.

    A small table gives none: there nothing is gained. A column of ids gives none either: an encoding would
    be larger than its cells.
    """
    if len(cells) < _MANY:
        return {}
    names = [name for name in cells.columns if cells[name].iloc[:_SAMPLE].nunique() * 2 <= _SAMPLE]
    return dict(zip(names, _side_by_side([cells[name] for name in names]), strict=True))


def _side_by_side(columns: "Iterable[pd.Series[str]]") -> list[Column]:
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(encoded, columns))
