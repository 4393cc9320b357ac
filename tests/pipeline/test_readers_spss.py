"""Files of SPSS: cells, labels, missing values and encodings, as PSPP reads the same files."""

import csv
import io
import re
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.source import SourceQuestion, SourceTable
from manyi.readers.tables.raw_table import RawTable, read_table
from manyi_instruments.faults import FileUnreadable

EXAMPLES = Path(__file__).parents[2] / ".." / "shared" / "examples" / "sav_features"
#: Written by PSPP, see spss.sps there.
FILES = Path(__file__).parents[1] / "reference" / "statistics_files"
FEATURES = (
    "haven_datetime",
    "haven_labelled-num-na",
    "haven_umlauts",
    "pspp_hotel",
    "pyreadstat_hebrews",
    "pyreadstat_missing_char",
    "pyreadstat_sample",
    "pyreadstat_sample_missing",
    "pyreadstat_simple_alltypes",
    "pyreadstat_test_width",
)
Pspp = Callable[[str], str]

needs_examples = pytest.mark.skipif(
    not EXAMPLES.is_dir(), reason="the folder `shared` is not beside the checkout"
)


def as_pspp_saves(run_pspp: Pspp, path: Path) -> list[list[str]]:
    """Return the cells PSPP finds in a file, its dates told as ISO 8601."""
    text = run_pspp(
        f"GET FILE='{path.resolve()}'.\nSAVE TRANSLATE /OUTFILE='out.csv' /TYPE=CSV /REPLACE /CELLS=VALUES "
        "/TEXTOPTIONS FORMAT=PLAIN.\n"
    )
    return [[iso(cell) for cell in row] for row in csv.reader(io.StringIO(text))]


def iso(cell: str) -> str:
    found = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4,})(?: (\d\d:\d\d:\d\d))?", cell)
    if found is None:
        return cell.strip()
    clock = f" {found[4]}" if found[4] else ""
    return f"{found[3]}-{found[1]}-{found[2]}{clock}"


def rows(raw: RawTable) -> list[list[str]]:
    # PSPP's CSV cuts fractions of seconds off.
    cells = raw.cells.map(lambda cell: re.sub(r"(:\d\d)\.\d+$", r"\1", cell))
    return [[str(cell) for cell in row] for row in cells.to_numpy().tolist()]


@needs_examples
@pytest.mark.parametrize("name", FEATURES)
def test_every_cell_is_the_one_pspp_reads(name: str, run_pspp: Pspp) -> None:
    path = EXAMPLES / f"{name}.sav"
    assert rows(read_table(path)) == as_pspp_saves(run_pspp, path)


@pytest.mark.parametrize("name", ["sets.sav", "sets.zsav", "sets_gb18030.sav"])
def test_every_compression_and_encoding_holds_the_cells_pspp_reads(name: str, run_pspp: Pspp) -> None:
    assert rows(read_table(FILES / name)) == as_pspp_saves(run_pspp, FILES / name)


def test_a_portable_file_holds_the_cells_of_the_system_file_it_was_made_from() -> None:
    assert rows(read_table(FILES / "sets.por")) == rows(read_table(FILES / "sets.sav"))


def test_a_portable_file_keeps_its_user_missing_values() -> None:
    # pyreadstat.read_por blanks them.
    entry = read_table(FILES / "sets.por").dictionary.variables["AGE"]  # type: ignore[union-attr]
    assert (entry.missing, entry.ranges) == (("999",), ((-np.inf, 0.0),))


def test_labels_a_portable_file_could_not_store_are_told_and_not_shown() -> None:
    raw = read_table(FILES / "sets.por")
    assert [fault.code for fault in raw.faults] == ["labels-lost"]
    assert raw.dictionary is not None
    assert raw.dictionary.variables["AGE"].label == ""


@needs_examples
def test_a_date_beyond_the_calendar_of_python_is_read() -> None:
    assert read_table(EXAMPLES / "haven_datetime.sav").cells["date.posix"].iloc[0] == "201416-09-22 00:00:00"


@needs_examples
def test_fractions_of_seconds_are_kept() -> None:
    # PSPP's LIST shows 12:11:10.09.
    assert read_table(EXAMPLES / "haven_datetime.sav").cells["time"].iloc[0] == "12:11:10.09"


@needs_examples
@pytest.mark.parametrize(
    ("file", "variable", "label"),
    [
        ("haven_umlauts", "var1", "This is an ä-umlaut"),
        ("pyreadstat_simple_alltypes", "bool1", "Response #1"),
    ],
)
def test_variable_labels_are_read(file: str, variable: str, label: str) -> None:
    dictionary = read_table(EXAMPLES / f"{file}.sav").dictionary
    assert dictionary is not None
    assert dictionary.variables[variable].label == label


@needs_examples
def test_a_hebrew_name_is_the_heading() -> None:
    assert read_table(EXAMPLES / "pyreadstat_hebrews.sav").headings == ("ותק_ב",)


@needs_examples
@pytest.mark.parametrize(
    ("file", "variable", "missing", "ranges"),
    # As `DISPLAY DICTIONARY` of PSPP lists them.
    [
        ("haven_labelled-num-na", "VAR00002", ("9",), ()),
        ("pyreadstat_missing_char", "mychar", ("Z",), ()),
        ("pyreadstat_sample_missing", "mynum", ("-1",), ((2000.0, 3000.0),)),
        ("pyreadstat_sample_missing", "myord", ("-1", "-2", "-3"), ()),
        ("pyreadstat_simple_alltypes", "x", ("7", "8", "99"), ()),
        ("pyreadstat_simple_alltypes", "z", ("999",), ((-999.0, 0.0),)),
    ],
)
def test_user_missing_values_are_those_pspp_lists(
    file: str, variable: str, missing: tuple[str, ...], ranges: tuple[tuple[float, float], ...]
) -> None:
    dictionary = read_table(EXAMPLES / f"{file}.sav").dictionary
    assert dictionary is not None
    found = dictionary.variables[variable]
    assert (found.missing, found.ranges) == (missing, ranges)


@needs_examples
def test_notes_and_measures_are_read() -> None:
    dictionary = read_table(EXAMPLES / "pyreadstat_sample.sav").dictionary
    assert dictionary is not None
    assert dictionary.notes[0] == "some test text as notes"
    assert dictionary.variables["myord"].measure == "ordinal"


@needs_examples
def test_a_range_of_missing_values_is_told_by_the_cells_in_it() -> None:
    question = asked(EXAMPLES / "pyreadstat_sample_missing.sav", "mynum")
    assert dict(question.missing) == {"-1": "no_answer", "2500": "no_answer"}


@needs_examples
def test_the_kind_of_a_missing_value_is_that_of_its_label() -> None:
    assert asked(EXAMPLES / "pyreadstat_simple_alltypes.sav", "z").missing["999"] == "not_asked"


def asked(path: Path, heading: str) -> SourceQuestion:
    return next(question for question in source(path).questions if question.heading == heading)


def source(path: Path) -> SourceTable:
    return read_source(read_table(path))


# Encodings.


def test_text_in_a_declared_code_page_is_read_without_a_word() -> None:
    raw = read_table(FILES / "sets_gb18030.sav")
    assert (raw.encoding, raw.faults) == ("GB18030", ())


def test_chinese_in_a_file_that_declares_western_text_is_recognised_and_told() -> None:
    raw = read_table(FILES / "sets_undeclared.sav")
    assert raw.dictionary is not None
    assert raw.dictionary.variables["age"].label == "年龄"
    assert (raw.encoding, [fault.code for fault in raw.faults]) == (
        "GB18030",
        ["statistics-encoding-guessed"],
    )


def test_western_text_is_not_taken_for_chinese(tmp_path: Path, run_pspp: Pspp) -> None:
    # In Windows-1252 "mäßig" is "m溥ig" of GB18030.
    path = tmp_path / "west.sav"
    run_pspp(
        "SET LOCALE='windows-1252'.\nDATA LIST LIST /q (F1.0).\nBEGIN DATA\n1\nEND DATA.\n"
        f"VARIABLE LABELS q 'mäßig'.\nSAVE OUTFILE='{path}'.\n"
    )
    raw = read_table(path)
    assert raw.dictionary is not None
    assert (raw.encoding, raw.dictionary.variables["q"].label) == ("WINDOWS-1252", "mäßig")


# Damage.


def refusal(data: bytes, tmp_path: Path, name: str = "data.sav") -> str:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(FileUnreadable) as caught:
        read_table(tmp_path / name)
    return caught.value.faults[0].code


@pytest.mark.parametrize("name", ["sets.sav", "sets.zsav", "sets.por"])
@pytest.mark.parametrize("share", [0.35, 0.6, 0.95])
def test_a_file_cut_short_is_damaged(name: str, share: float, tmp_path: Path) -> None:
    data = (FILES / name).read_bytes()
    assert refusal(data[: int(len(data) * share)], tmp_path) == "statistics-file-damaged"


def test_a_header_that_promises_more_rows_than_there_are_is_damaged(tmp_path: Path) -> None:
    data = bytearray((FILES / "sets.sav").read_bytes())
    # The number of cases, at byte 80 of the header: a table of ten columns would take 64 GB.
    struct.pack_into("<i", data, 80, 800_000_000)
    assert refusal(bytes(data), tmp_path) == "statistics-file-damaged"


def test_a_file_cut_between_two_chunks_is_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from manyi.readers.tables import statistics_file

    data = bytearray((FILES / "sets.sav").read_bytes())
    struct.pack_into("<i", data, 80, 6)
    # One row a chunk: the sixth is simply not there.
    monkeypatch.setattr(statistics_file, "_CHUNK_BYTES", 1)
    assert refusal(bytes(data), tmp_path) == "statistics-file-damaged"


def test_a_file_that_does_not_say_how_many_rows_it_has_is_read_to_its_end(tmp_path: Path) -> None:
    data = bytearray((FILES / "sets.sav").read_bytes())
    struct.pack_into("<i", data, 80, -1)
    (tmp_path / "unknown.sav").write_bytes(data)
    assert rows(read_table(tmp_path / "unknown.sav")) == rows(read_table(FILES / "sets.sav"))


def test_an_encrypted_file_is_refused_for_its_password(tmp_path: Path) -> None:
    # The head of such a file, as PSPP's manual on the format shows it.
    data = b"\x1c\x00\x00\x00\x00\x00\x00\x00ENCRYPTEDSAV\x15\x00\x00\x00" + bytes(200)
    assert refusal(data, tmp_path) == "statistics-file-password"


def test_a_file_without_cases_is_refused(tmp_path: Path, run_pspp: Pspp) -> None:
    path = tmp_path / "none.sav"
    run_pspp(
        f"GET FILE='{(FILES / 'sets.sav').resolve()}'.\nSELECT IF caseid > 100.\nSAVE OUTFILE='{path}'.\n"
    )
    assert refusal(path.read_bytes(), tmp_path) == "file-header-only"


# Large and odd columns.


def test_long_ids_and_long_texts_come_through_whole(tmp_path: Path) -> None:
    import pyreadstat

    ids, essay = ["9007199254740993", "330106200901011234"], "长文" * 400
    frame = pd.DataFrame({"id": ids, "essay": [essay, "x  "]})
    pyreadstat.write_sav(frame, tmp_path / "long.sav")
    assert rows(read_table(tmp_path / "long.sav")) == [[ids[0], essay], [ids[1], "x"]]


def test_an_id_that_a_number_cannot_hold_is_told(tmp_path: Path) -> None:
    import pyreadstat

    pyreadstat.write_sav(pd.DataFrame({"id": [330106200901011234.0], "n": [2.0]}), tmp_path / "id.sav")
    faults = read_table(tmp_path / "id.sav").faults
    assert [(fault.code, fault.place.field) for fault in faults] == [("number-inexact", "id")]


def test_a_file_of_1024_columns_is_read(tmp_path: Path) -> None:
    import pyreadstat

    frame = pd.DataFrame(np.arange(2048.0).reshape(2, 1024), columns=[f"v{i}" for i in range(1024)])
    pyreadstat.write_sav(frame, tmp_path / "wide.sav")
    expected = frame.astype(int).astype(str).to_numpy().tolist()
    assert rows(read_table(tmp_path / "wide.sav")) == expected


def test_rows_read_in_chunks_are_those_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pyreadstat

    from manyi.readers.tables import statistics_file

    frame = pd.DataFrame({"n": np.arange(1000.0), "t": [f"t{i}" for i in range(1000)]})
    pyreadstat.write_sav(frame, tmp_path / "chunks.sav", row_compress=True)
    monkeypatch.setattr(statistics_file, "_CHUNK_BYTES", 10_000)
    assert rows(read_table(tmp_path / "chunks.sav")) == [[str(i), f"t{i}"] for i in range(1000)]


def test_what_unpacks_beyond_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from manyi.readers.tables import statistics_file

    monkeypatch.setattr(statistics_file, "_MOST_BYTES", 100)
    assert refusal((FILES / "sets.zsav").read_bytes(), tmp_path) == "file-too-large"
