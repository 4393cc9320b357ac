"""Paper typed in twice: the sheet manyi makes, filled in as typists do, and imported again."""

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner

import manyi
from manyi.cli import cli
from manyi.readers.importing import Imported, import_answers
from manyi.readers.platforms.detect import find_platform
from manyi.readers.tables.entry_workbook import answer_tables, is_entry_workbook
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.faults import FileUnreadable
from manyi_instruments.forms.entry.workbook import entry_workbook

QUESTIONNAIRE = Path(__file__).parents[1] / "instruments" / "forms_everything.yaml"
ROLE = Role(title={"en": "Parents"}, questionnaire="instruments/parents.yaml")

#: One paper, as the codes beside its circles.
PAPER: Mapping[str, object] = {
    "school": "0102",
    "CODE": "L05",
    "AGE": 40,
    "BOARDS": 1,
    "WALK": 0,
    "WAYS/3": 1,
    "WAYS/5": 1,
    "WAYS__text": "boat",
    "KM": 2.5,
    "WAIT": 10,
    "BUSSAFE": 1,
    "RANK/1": 1,
    "RANK/2": 2,
    "DORM": 4,
    "DORM1": 5,
    "DORM2": 2,
    "S1": -8,
    "S2": 3,
    "CHECK": 4,
    "S5": 4,
    "T1": 10,
    "T2": 7,
    "WISH": "more buses",
}
Entry = Mapping[str, Mapping[str, object]]
Fill = Callable[..., Path]


@pytest.fixture
def fill(tmp_path: Path) -> Fill:
    """Return what types papers into a workbook: serial -> answers that differ from ``PAPER``."""

    def typed(name: str, entry1: Entry | None = None, entry2: Entry | None = None) -> Path:
        book = openpyxl.load_workbook(BytesIO(entry_workbook(load_questionnaire(QUESTIONNAIRE))))
        for sheet_name, papers in (("entry1", entry1 or {}), ("entry2", entry2 or {})):
            sheet = book[sheet_name]
            codes = {str(cell.value).split("\n")[0]: cell.column for cell in sheet[1]}
            for row, (serial, differs) in enumerate(papers.items(), start=2):
                for code, value in {"serial": serial.split("@")[0], **PAPER, **differs}.items():
                    sheet.cell(row, codes[code]).value = value
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        book.save(path)
        return path

    return typed


def imported(*paths: Path) -> Imported:
    return import_answers(paths, load_questionnaire(QUESTIONNAIRE), ROLE, "parents", language="en")


def codes_of(found: Imported) -> list[str]:
    return [fault.code for fault in found.faults]


def test_the_sheet_is_known_by_its_headings(fill: Fill) -> None:
    raw = read_table(fill("a.xlsx", {"1": {}}), "entry1")
    assert find_platform(raw).name == "entry"


def test_a_sheet_saved_as_csv_is_known_too(fill: Fill, tmp_path: Path) -> None:
    raw = read_table(fill("a.xlsx", {"1": {}}), "entry1")
    path = tmp_path / "a.csv"
    raw.cells.set_axis(list(raw.headings), axis=1).to_csv(path, index=False, encoding="utf-8-sig")
    found = imported(path)
    assert found.files["source"].tolist() == ["entry"]
    assert found.answers["AGE"].tolist() == [40.0]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("school", "0102"),
        ("submission", "0001"),
        ("AGE", 40.0),
        ("KM", 2.5),
        ("WAYS__3", 1.0),
        ("WAYS__1", 0.0),
        ("WAYS__text", "boat"),
        ("RANK__2", 2.0),
        ("RANK__3", -7.0),
        ("S1", -8.0),
        ("S3", -7.0),
        ("CHECK", 4.0),
        ("WISH", "more buses"),
    ],
)
def test_a_paper_comes_back_as_it_was_typed(column: str, value: object, fill: Fill) -> None:
    found = imported(fill("a.xlsx", {"0001": {}}))
    assert found.answers[column].tolist() == [value]
    assert found.quarantine.empty


def test_every_column_of_the_sheet_is_taken(fill: Fill) -> None:
    found = imported(fill("a.xlsx", {"0001": {}}))
    assert found.cells["columns_unmatched"].tolist() == [0]
    assert not set(codes_of(found)) & {"columns-unmatched", "item-without-column", "file-other-sheets"}


def test_answers_keep_the_hash_of_the_sheet_they_were_typed_into(fill: Fill) -> None:
    found = imported(fill("a.xlsx", {"0001": {}}))
    assert found.answers["definition"].tolist() == [definition_hash(load_questionnaire(QUESTIONNAIRE))]


def test_two_entries_that_agree_give_the_table_of_one(fill: Fill) -> None:
    papers = {"0001": {}, "0002": {"AGE": 33}}
    once, twice = imported(fill("once/a.xlsx", papers)), imported(fill("twice/a.xlsx", papers, papers))
    drop = ["CODE"]  # hashed with a key that is drawn anew
    pd.testing.assert_frame_equal(once.answers.drop(columns=drop), twice.answers.drop(columns=drop))
    assert twice.disagreements.empty


def test_the_order_of_the_second_entry_does_not_matter(fill: Fill) -> None:
    papers = {"0001": {}, "0002": {"AGE": 33}}
    found = imported(fill("a.xlsx", papers, dict(reversed(papers.items()))))
    assert found.disagreements.empty
    assert len(found.answers) == 2


DIFFERENT = {"0001": {}, "0002": {"AGE": 41}, "0003": {"WAYS/5": None, "RANK/2": 3, "WISH": "more busses"}}
SAME: Entry = {"0001": {}, "0002": {}, "0003": {}}


def test_every_disagreement_is_listed(fill: Fill) -> None:
    found = imported(fill("a.xlsx", SAME, DIFFERENT)).disagreements
    assert found[["serial", "item", "column", "first", "second"]].to_numpy().tolist() == [
        ["0002", "AGE", "AGE", "40", "41"],
        ["0003", "WAYS", "WAYS/5", "1", ""],
        ["0003", "RANK", "RANK/2", "2", "3"],
        ["0003", "WISH", "WISH", "more buses", "more busses"],
    ]


def test_the_list_says_where_both_entries_stand(fill: Fill) -> None:
    found = imported(fill("a.xlsx", SAME, dict(reversed(DIFFERENT.items())))).disagreements
    where = ["first_file", "first_row", "second_file", "second_row"]
    assert found.loc[found["item"] == "AGE", where].to_numpy().tolist() == [["a.xlsx", 3, "a.xlsx#entry2", 3]]
    assert found.loc[found["item"] == "WISH", where].to_numpy().tolist() == [
        ["a.xlsx", 4, "a.xlsx#entry2", 2]
    ]


def test_each_disagreement_is_an_error_at_its_cell(fill: Fill) -> None:
    found = imported(fill("a.xlsx", SAME, DIFFERENT))
    told = [fault for fault in found.faults if fault.code == "entry-disagrees"]
    assert [(one.place.sheet, one.place.row, one.place.field, one.severity) for one in told] == [
        ("entry1", 3, "AGE", "error"),
        ("entry1", 4, "WAYS/5", "error"),
        ("entry1", 4, "RANK/2", "error"),
        ("entry1", 4, "WISH", "error"),
    ]


def test_cells_that_differ_are_held_back_and_the_others_imported(fill: Fill) -> None:
    answers = imported(fill("a.xlsx", SAME, DIFFERENT)).answers
    assert answers["AGE"].tolist() == [40.0, -5.0, 40.0]
    assert answers["WAYS__5"].tolist() == [1.0, 1.0, -5.0]
    assert answers["WAYS__3"].tolist() == [1.0, 1.0, 1.0]
    assert answers["RANK__2"].tolist() == [2.0, 2.0, -5.0]
    assert answers["WISH"].isna().tolist() == [False, False, True]
    assert answers["KM"].tolist() == [2.5, 2.5, 2.5]


def test_cells_held_back_stand_in_the_quarantine_with_both_entries(fill: Fill) -> None:
    quarantine = imported(fill("a.xlsx", SAME, DIFFERENT)).quarantine
    held = quarantine[quarantine["code"] == "entries-disagree"]
    assert held["value"].tolist() == ["40 ‖ 41", "1 ‖ ", "2 ‖ 3", "more buses ‖ more busses"]
    assert held["reason"].iloc[0] == "The two entries differ: first '40', second '41'."


def test_rows_and_cells_balance(fill: Fill) -> None:
    cells = imported(fill("a.xlsx", SAME, DIFFERENT)).cells
    assert cells[["rows_read", "rows_kept", "rows_quarantined"]].to_numpy().tolist() == [[3, 3, 0], [3, 0, 3]]
    assert cells["cells_rejected"].tolist() == [4, 0]


def test_a_school_code_that_differs_is_held_back(fill: Fill) -> None:
    found = imported(fill("a.xlsx", {"0001": {}, "0002": {}}, {"0001": {}, "0002": {"school": "0103"}}))
    assert found.answers["school"].isna().tolist() == [False, True]
    assert found.disagreements[["column", "first", "second"]].to_numpy().tolist() == [
        ["school", "0102", "0103"]
    ]


def test_self_generated_codes_are_not_shown(fill: Fill) -> None:
    found = imported(fill("a.xlsx", {"0001": {}}, {"0001": {"CODE": "K17"}}))
    assert found.disagreements[["column", "first", "second"]].to_numpy().tolist() == [["CODE", "•••", "•••"]]
    shown = found.quarantine.to_csv() + "".join(fault.what("en") for fault in found.faults)
    assert "L05" not in shown
    assert "K17" not in shown


@pytest.mark.parametrize(
    ("one", "other"), [(3, "3.0"), ("４", 4), ("more  buses", "more buses "), (2.50, "2.5")]
)
def test_what_means_the_same_agrees(one: object, other: object, fill: Fill) -> None:
    column = "WISH" if isinstance(one, str) and "buses" in one else "KM" if one == 2.5 else "S2"
    assert imported(fill("a.xlsx", {"1": {column: one}}, {"1": {column: other}})).disagreements.empty


def test_nothing_typed_and_zero_differ(fill: Fill) -> None:
    found = imported(fill("a.xlsx", {"1": {"WALK": 0}}, {"1": {"WALK": None}})).disagreements
    assert found["column"].tolist() == ["WALK"]


def test_two_files_are_two_entries(fill: Fill) -> None:
    first, second = fill("one.xlsx", SAME), fill("two.xlsx", None, DIFFERENT)
    found = imported(first, second)
    assert len(found.answers) == 3
    assert found.disagreements["second_file"].unique().tolist() == ["two.xlsx#entry2"]


def test_two_files_typed_into_the_same_sheet_are_two_entries(fill: Fill) -> None:
    found = imported(fill("one.xlsx", SAME), fill("two.xlsx", DIFFERENT))
    assert len(found.answers) == 3
    assert len(found.disagreements) == 4


def test_once_the_first_entry_is_corrected_all_is_imported(fill: Fill) -> None:
    found = imported(fill("a.xlsx", DIFFERENT, DIFFERENT))
    assert found.disagreements.empty
    assert found.answers["AGE"].tolist() == [40.0, 41.0, 40.0]
    assert "entry-disagrees" not in codes_of(found)


def test_serial_numbers_may_begin_anew_in_every_school(fill: Fill) -> None:
    papers = {"1": {}, "1@": {"school": "0103", "AGE": 22}}
    found = imported(fill("a.xlsx", papers, papers))
    assert found.disagreements.empty
    assert found.answers["AGE"].tolist() == [40.0, 22.0]


def test_a_serial_number_that_stands_twice_is_refused(fill: Fill) -> None:
    found = imported(fill("a.xlsx", {"1": {}, "1@": {}, "2": {}}))
    assert found.answers["submission"].tolist() == ["2"]
    assert found.quarantine["code"].tolist() == ["row-serial-twice"] * 2
    assert "serial-twice" in codes_of(found)


def test_a_paper_of_the_second_entry_alone_is_not_counted(fill: Fill) -> None:
    found = imported(fill("a.xlsx", {"1": {}, "2": {}}, {"1": {}, "9": {}}))
    assert found.answers["submission"].tolist() == ["1", "2"]
    assert {"entries-unpaired", "entered-once"} <= set(codes_of(found))


def test_a_second_entry_without_any_first_is_taken(fill: Fill) -> None:
    assert len(imported(fill("a.xlsx", None, {"1": {}, "2": {}})).answers) == 2


def test_an_entry_workbook_nobody_typed_into_is_refused(fill: Fill) -> None:
    with pytest.raises(FileUnreadable) as raised:
        answer_tables(fill("a.xlsx"))
    assert [fault.code for fault in raised.value.faults] == ["file-header-only"]


def test_no_other_workbook_is_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)
    assert not is_entry_workbook(path)


# --- in a study ---------------------------------------------------------------------------------------------


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    (folder / "instruments").mkdir(parents=True)
    (folder / "instruments/parents.yaml").write_text(QUESTIONNAIRE.read_text("utf-8"), encoding="utf-8")
    (folder / "study.yaml").write_text(
        "study: s\ntitle: {en: S}\nlanguage: en\n"
        "roles: {parents: {title: {en: Parents}, questionnaire: instruments/parents.yaml}}\n",
        encoding="utf-8",
    )
    return folder


def test_ingest_tells_the_disagreements_and_goes_on(fill: Fill, study: Path) -> None:
    path = fill("a.xlsx", SAME, DIFFERENT)
    ran = CliRunner().invoke(cli, ["ingest", str(study), str(path), "--role", "parents", "--lang", "en"])
    assert ran.exit_code == 1, ran.output
    assert "first '40', second '41'" in ran.output
    assert "3 questionnaires were entered twice" in ran.output


def test_a_cell_held_back_is_shown_as_such(fill: Fill, study: Path) -> None:
    path = fill("a.xlsx", SAME, DIFFERENT)
    CliRunner().invoke(cli, ["ingest", str(study), str(path), "--role", "parents"])
    (cell,) = [one for one in manyi.open(study).raw("parents", "a.xlsx", 3).cells if one.item == "AGE"]
    assert (cell.cell, cell.fate, cell.code) == ("40", "rejected", "entries-disagree")


def test_a_row_of_the_second_entry_is_shown_as_such(fill: Fill, study: Path) -> None:
    path = fill("a.xlsx", SAME, DIFFERENT)
    CliRunner().invoke(cli, ["ingest", str(study), str(path), "--role", "parents"])
    row = manyi.open(study).raw("parents", "a.xlsx#entry2", 3)
    assert [code for code, _ in row.set_aside] == ["row-second-entry"]
