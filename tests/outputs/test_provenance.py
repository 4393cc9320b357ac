"""Numbers that know which result table, row and column they stand in, through sums and differences too."""

from io import BytesIO
from zipfile import ZIP_STORED, ZipFile

import pandas as pd
import pytest

from manyi_instruments.timeless import add_part, without_times
from manyi_outputs.appendix.provenance import (
    Origin,
    Sourced,
    SourcedTables,
    WatchedTables,
    as_int,
    calculated,
    counted,
    stated,
)
from manyi_outputs.appendix.records import number, records

TABLES = {
    "gaps": pd.DataFrame({"school": ["a", "b"], "low": [1.5, 2.0], "high": [4.5, 5.0], "n": [3, 4]}),
    "other": pd.DataFrame({"x": [0.25]}),
}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, object]]:
    return records(SourcedTables(TABLES), "gaps")


def test_a_number_knows_its_place(rows) -> None:
    assert rows[1]["high"].origins == (Origin("gaps", 2, "high"),)


def test_a_number_is_the_number_it_was(rows) -> None:
    assert [row["high"] for row in rows] == [4.5, 5.0]


def test_a_count_becomes_a_float_and_keeps_its_place(rows) -> None:
    assert number(rows[0]["n"]).origins == (Origin("gaps", 1, "n"),)


def test_a_half_width_knows_both_limits(rows) -> None:
    half = (rows[0]["high"] - rows[0]["low"]) / 2
    assert (half, half.origins, half.formula) == (
        1.5,
        (Origin("gaps", 1, "high"), Origin("gaps", 1, "low")),
        "(high − low) ÷ 2",
    )


def test_a_number_on_the_right_is_calculated_with_too(rows) -> None:
    assert (10 - rows[0]["low"]).formula == "10 − low"


def test_a_total_is_one_sum(rows) -> None:
    total = sum(row["n"] for row in rows)
    assert (total, total.formula, len(total.origins)) == (7.0, "sum(n)", 2)


def test_a_total_of_one_row_is_that_row(rows) -> None:
    total = sum(row["n"] for row in rows[:1])
    assert (total.formula, total.origins) == ("", (Origin("gaps", 1, "n"),))


def test_the_size_of_a_change_is_written_with_bars(rows) -> None:
    change = abs(rows[0]["low"] - rows[0]["high"])
    assert (change, change.formula) == (3.0, "|low − high|")


def test_the_largest_of_several_keeps_its_own_place(rows) -> None:
    assert max(row["high"] for row in rows).origins == (Origin("gaps", 2, "high"),)


def test_what_a_builder_calculates_by_hand_names_its_rows(rows) -> None:
    made = calculated(2, "count(n)", rows, "n")
    assert (made, made.origins) == (2.0, (Origin("gaps", 1, "n"), Origin("gaps", 2, "n")))


def test_without_tracing_a_number_is_a_float() -> None:
    plain = records(TABLES, "gaps")
    assert {type(value) for value in (plain[0]["low"], calculated(2, "count(n)", plain, "n"))} == {float}


def test_only_the_tables_named_are_traced() -> None:
    tables = SourcedTables(TABLES, ["other"])
    read = [records(tables, "gaps")[0]["low"], records(tables, "other")[0]["x"]]
    assert [isinstance(value, Sourced) for value in read] == [False, True]


def test_tables_looked_at_are_noted_and_others_are_not() -> None:
    watched = WatchedTables(TABLES)
    records(watched, "gaps")
    records(watched, "absent")
    assert watched.read == ("gaps",)


def _package(moment: str) -> bytes:
    core = f'<dcterms:created xsi:type="dcterms:W3CDTF">{moment}</dcterms:created>'
    written = BytesIO()
    with ZipFile(written, "w") as package:
        package.writestr("docProps/core.xml", core)
        package.writestr("part.xml", "<a/>")
    return written.getvalue()


def test_a_package_does_not_say_when_it_was_saved() -> None:
    first, second = (without_times(_package(moment)) for moment in ("2026-01-31T10:00:00Z", "2031-07-19Z"))
    assert first == second


def test_a_part_is_changed_on_the_way() -> None:
    made = without_times(_package("2026-01-31T10:00:00Z"), lambda name, part: part.replace(b"<a/>", b"<b/>"))
    with ZipFile(BytesIO(made)) as package:
        assert package.read("part.xml") == b"<b/>"


def test_a_part_says_nothing_of_the_system_it_was_written_on() -> None:
    written = BytesIO()
    with ZipFile(written, "w") as package:
        add_part(package, "picture.png", b"png", ZIP_STORED)
    with ZipFile(written) as package:
        entry = package.getinfo("picture.png")
    assert (entry.create_system, entry.date_time, entry.external_attr) == (
        3,
        (1980, 1, 1, 0, 0, 0),
        0o644 << 16,
    )


def test_a_count_of_rows_is_whole_and_names_them(rows) -> None:
    made = counted(2, "count(n)", rows, "n")
    assert (f"{made}", made.origins) == ("2", (Origin("gaps", 1, "n"), Origin("gaps", 2, "n")))


def test_a_whole_number_read_from_a_float_keeps_its_place(rows) -> None:
    made = as_int(rows[0]["high"])
    assert (f"{made}", made.origins) == ("4", (Origin("gaps", 1, "high"),))


def test_a_number_that_is_set_says_where() -> None:
    made = stated(0.95, "work hu1999")
    assert (made, made.origins, made.formula) == (0.95, (), "work hu1999")


@pytest.mark.parametrize(
    "read",
    [
        lambda row: {**row}["low"],
        lambda row: dict(row.items())["low"],
        lambda row: next(value for value in row.values() if value == 2.0),
        lambda row: row.get("low"),
    ],
)
def test_every_way_to_read_a_row_keeps_the_places(rows, read) -> None:
    assert read(rows[1]).origins == (Origin("gaps", 2, "low"),)


def test_a_column_that_is_not_there_is_what_was_asked_for(rows) -> None:
    assert (rows[0].get("none"), rows[0].get("none", 7)) == (None, 7)


def test_a_table_is_taken_apart_once() -> None:
    tables = SourcedTables(TABLES)
    assert records(tables, "gaps")[0] is records(tables, "gaps")[0]
