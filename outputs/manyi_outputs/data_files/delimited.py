"""A data set as CSV: words in quotation marks, numbers at full precision, nothing for a missing cell."""

import io
from pathlib import Path

import pandas as pd

from manyi_outputs.data_files.codebook import codebook_table
from manyi_outputs.data_files.data_set import DataSet
from manyi_outputs.data_files.formulas import FORMULA, guarded
from manyi_outputs.files import write_whole

#: Excel takes a file for UTF-8 only where it begins with a byte-order mark.
MARK = b"\xef\xbb\xbf"


def write_csv(path: Path, data: DataSet) -> None:
    """Write the rows, missing answers as their codes.

    A cell of words that a spreadsheet would compute stands behind an apostrophe.

    Parameters
    ----------
    path : Path
    data : DataSet

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    write_frame(path, data.frame)


def write_codebook(path: Path, data: DataSet) -> None:
    """Write the codebook of a data set.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    write_frame(path, codebook_table(data))


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a table as CSV in UTF-8 with a byte-order mark.

    Parameters
    ----------
    path : Path
    frame : DataFrame
        Text is escaped as of `guarded`; whole numbers have no decimal point, others every digit.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    import pyarrow as pa
    import pyarrow.csv

    arrays = [_safe(pa.Array.from_pandas(frame[name])) for name in frame.columns]
    table = pa.table(arrays, names=[str(name) for name in frame.columns])
    made = io.BytesIO()
    made.write(MARK)
    pyarrow.csv.write_csv(table, made)
    write_whole(path, made.getvalue())


def _safe(array: "object") -> "object":
    """Return a column whose words no spreadsheet computes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not isinstance(array, pa.Array | pa.ChunkedArray) or not (
        pa.types.is_string(array.type) or pa.types.is_large_string(array.type)
    ):
        return array
    if not pc.any(pc.match_substring_regex(array, FORMULA)).as_py():
        return array
    return pa.array([None if text is None else guarded(text) for text in array.to_pylist()], pa.string())
