"""Result tables survive the way to a file and back: digits, text codes, missing values, order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manyi_instruments.faults import FileUnreadable, ManyiError
from manyi_outputs.tidy import StoredTables, read_table, rows_of, write_tables

TABLE = pd.DataFrame(
    {
        "school": ["0012", "3412000001", "12e3"],
        "b": [0.1 + 0.2, np.nan, -1e-300],
        "n": [1, 2, 3],
        "met": pd.array([True, pd.NA, False], dtype="boolean"),
        "count": pd.array([1, pd.NA, 3], dtype="Int64"),
        "reason": ["", 'a "quoted", one\nover two lines', "=SUM(A1)"],
    }
)

#: Every kind of column with and without missing values, and text that the file could be mistaken about.
AWKWARD = pd.DataFrame(
    {
        "text": ["", None, 'a "quoted", one\nover two lines', '"'],
        "more": [",", "\n", "a,b", None],
        "whole": pd.Series(["0102", "True", "1", ""], dtype="str"),
        "nothing": [np.nan] * 4,
        "number": [0.1 + 0.2, np.nan, -1e-300, 2.0],
        "n": [1, 2, 3, -4],
        "count": pd.array([1, pd.NA, 3, 2**53 + 1], dtype="Int64"),
        "kept": [True, False, True, True],
        "met": pd.array([True, pd.NA, False, pd.NA], dtype="boolean"),
    }
).astype({"text": "str", "more": "str"})
HEADING = '"a","b"\n'


def told(rows: list[dict[str, Any]]) -> list[dict[str, tuple[type, Any]]]:
    """Return rows as type and value of each cell, a missing one, equal to nothing, by its type alone."""
    return [
        {name: (type(value), None if pd.isna(value) else value) for name, value in row.items()}
        for row in rows
    ]


def test_a_table_comes_back_the_same(tmp_path: Path) -> None:
    write_tables(tmp_path, {"x": TABLE})
    pd.testing.assert_frame_equal(StoredTables(tmp_path)["x"], TABLE)


def test_pandas_reads_the_same_digits(tmp_path: Path) -> None:
    write_tables(tmp_path, {"x": TABLE})
    seen = pd.read_csv(tmp_path / "x.csv", encoding="utf-8-sig")
    assert seen["b"].to_numpy()[[0, 2]].tolist() == [0.30000000000000004, -1e-300]


def test_excel_sees_utf8(tmp_path: Path) -> None:
    write_tables(tmp_path, {"x": TABLE})
    assert (tmp_path / "x.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_the_same_table_is_the_same_file(tmp_path: Path) -> None:
    first, second = (write_tables(tmp_path / name, {"x": TABLE})[0].read_bytes() for name in "ab")
    assert first == second


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    write_tables(tmp_path, {"empty": TABLE.head(0)})
    assert list(StoredTables(tmp_path)["empty"].columns) == list(TABLE.columns)


def test_rows_of_a_stored_table_are_those_of_the_frame(tmp_path: Path) -> None:
    path = write_tables(tmp_path, {"x": AWKWARD})[0]
    rows = told(StoredTables(tmp_path).rows("x"))
    assert rows == told(rows_of(read_table(path)))
    assert rows == told(rows_of(AWKWARD))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=12),
            st.floats(allow_nan=False),
        ),
        min_size=1,
    )
)
def test_any_words_and_numbers_come_back(tmp_path: Path, rows: list[tuple[str, float]]) -> None:
    frame = pd.DataFrame(rows, columns=["word", "number"]).astype({"word": "str"})
    write_tables(tmp_path, {"any": frame})
    pd.testing.assert_frame_equal(read_table(tmp_path / "any.csv"), frame, check_exact=True)


def test_a_file_cut_short_is_a_named_fault(tmp_path: Path) -> None:
    path = write_tables(tmp_path, {"x": TABLE})[0]
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(FileUnreadable) as caught:
        read_table(path)
    assert caught.value.faults[0].code == "table-not-readable"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (HEADING + '"x"y,1\n', "a quotation mark"),
        (HEADING + 'y"x",1\n', "a quotation mark"),
        (HEADING + '"x,1\n', "a quotation mark"),
        (HEADING + '"x",1', "the last line"),
        (HEADING + '"x"\n', "a line has more or fewer fields"),
        (HEADING + '"x",1,2\n', "a line has more or fewer fields"),
        (HEADING + '"x",1\n\n', "a line has more or fewer fields"),
        (HEADING + '"x",one\n', "could not convert"),
    ],
)
@pytest.mark.parametrize("read", [read_table, lambda path: StoredTables(path.parent).rows("x")])
def test_a_broken_file_is_a_named_fault(
    read: Callable[[Path], object], content: str, error: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(content, encoding="utf-8-sig", newline="\n")
    with pytest.raises(FileUnreadable) as caught:
        read(path)
    (fault,) = caught.value.faults
    assert fault.code == "table-not-readable"
    assert str(fault.details["error"]).startswith(error)


def test_a_place_that_cannot_be_written_is_a_named_fault(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(ManyiError) as caught:
        write_tables(tmp_path / "taken", {"x": TABLE})
    assert caught.value.faults[0].code == "output-not-writable"
