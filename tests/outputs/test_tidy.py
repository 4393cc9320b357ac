"""Result tables survive the way to a file and back: digits, text codes, missing values, order."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manyi_instruments.faults import FileUnreadable, ManyiError
from manyi_outputs.tidy import read_table, read_tables, write_tables

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


def test_a_table_comes_back_the_same(tmp_path: Path) -> None:
    write_tables(tmp_path, {"x": TABLE})
    pd.testing.assert_frame_equal(read_tables(tmp_path)["x"], TABLE)


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
    assert list(read_tables(tmp_path)["empty"].columns) == list(TABLE.columns)


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


def test_a_place_that_cannot_be_written_is_a_named_fault(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(ManyiError) as caught:
        write_tables(tmp_path / "taken", {"x": TABLE})
    assert caught.value.faults[0].code == "output-not-writable"
