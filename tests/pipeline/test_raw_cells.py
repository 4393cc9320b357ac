"""Every raw cell can be had again: as it stands, who took it, what became of it; and the accounts shown."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import manyi
from manyi.readers.decoding.account import AccountUnbalancedError, require_balance
from manyi.stages.raw_row import RawCell, RawRow
from manyi_instruments.faults import ManyiError

QUESTIONNAIRE = """
questionnaire: pupils
title: {en: Pupils}
languages: [en]
answer_lists:
  agree: {values: [1, 2, 3, 4, 5], en: [never, seldom, sometimes, often, always]}
  sport: {values: [1, 2], en: [ball, chess], ordered: false}
items:
  - {id: A1, text: {en: The lessons are good}, answers: agree, standalone: true}
  - {id: A2, text: {en: The meals are good}, answers: agree, standalone: true}
  - {id: AGE, text: {en: Age}, type: number, minimum: 5, maximum: 20, standalone: true}
  - {id: PLAY, text: {en: Play}, type: multiple, answers: sport}
  - {id: NOTE, text: {en: Note}, type: text}
"""
STUDY = """
study: school
title: {en: School}
language: en
roles:
  pupils:
    title: {en: Pupils}
    questionnaire: instruments/pupils.yaml
    columns: {school: School code}
cleaning:
  rules: {out_of_range: {}, duplicate: {}}
  exclude: [out_of_range]
"""
FIRST = """submission,submitted,School code,A1,The meals are good,AGE,PLAY/ball,PLAY/chess,NOTE,Shoes
s-000000000000001,2024-05-01 08:00:01,1000303.0,4,often,9,1,0,fine,38
s-000000000000002,2024-05-01 08:01:02,1000304,9,-8,nine,1,,,39
,,,,,,,,,
s-000000000000003,2024-05-01 08:02:03,1000304,,5,１２,,,,40
"""
SECOND = FIRST.replace("4,often,9,1,0,fine", "5,often,9,1,0,fine") + (
    "s-000000000000004,2024-05-02 08:00:00,1000303,3,seldom,8,1,1,,41\n"
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory, run_manyi: Callable[..., Any]) -> Path:
    folder = tmp_path_factory.mktemp("raw") / "school"
    (folder / "instruments").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "instruments" / "pupils.yaml").write_text(QUESTIONNAIRE, encoding="utf-8")
    for name, text in (("week1.csv", FIRST), ("week2.csv", SECOND), ("copy.csv", FIRST)):
        file = folder.parent / name
        file.write_text(text, encoding="utf-8")
        done = run_manyi("ingest", folder, file, "--role", "pupils", "--lang", "en")
        assert done.code == 0, done.err
    return folder


def cell(study: Path, file: str, row: int, column: str) -> RawCell:
    (found,) = (cell for cell in manyi.open(study).raw("pupils", file, row).cells if cell.column == column)
    return found


def fate(
    study: Path, row: int, column: str, file: str = "copy.csv"
) -> tuple[str, str, str, dict[str, object]]:
    found = cell(study, file, row, column)
    return found.item, found.fate, found.kind, dict(found.stored)


# Of the files with the same bytes copy.csv comes first by name; week2.csv is the newer export.


def test_a_cell_stands_as_in_the_file(study: Path) -> None:
    assert [cell.cell for cell in manyi.open(study).raw("pupils", "copy.csv", 5).cells] == [
        *("s-000000000000003", "2024-05-01 08:02:03", "1000304", "", "5", "１２", "", "", "", "40")
    ]


@pytest.mark.parametrize(
    ("row", "column", "told"),
    [
        (3, "A1", ("A1", "rejected", "", {"A1": -5.0})),
        (3, "The meals are good", ("A2", "missing", "dont_know", {"A2": -8.0})),
        (3, "AGE", ("AGE", "rejected", "", {"AGE": -5.0})),
        (3, "PLAY/ball", ("PLAY", "kept", "", {"PLAY__1": 1.0, "PLAY__2": 0.0})),
        (3, "PLAY/chess", ("PLAY", "recoded", "", {"PLAY__1": 1.0, "PLAY__2": 0.0})),
        (5, "A1", ("A1", "missing", "no_answer", {"A1": -9.0})),
        (5, "The meals are good", ("A2", "kept", "", {"A2": 5.0})),
        (5, "AGE", ("AGE", "recoded", "", {"AGE": 12.0})),
        (5, "PLAY/ball", ("PLAY", "missing", "no_answer", {"PLAY__1": -9.0, "PLAY__2": -9.0})),
        (5, "NOTE", ("NOTE", "missing", "no_answer", {"NOTE": None})),
        (5, "School code", ("school", "about", "", {"school": "1000304"})),
        (5, "Shoes", ("", "unread", "", {})),
    ],
)
def test_what_became_of_a_cell(study: Path, row: int, column: str, told: tuple[object, ...]) -> None:
    assert fate(study, row, column) == told


def test_by_what_a_column_was_matched(study: Path) -> None:
    assert cell(study, "copy.csv", 3, "A1").how == "id"
    assert cell(study, "copy.csv", 3, "The meals are good").how == "text"


def test_why_a_cell_was_rejected(study: Path) -> None:
    found = cell(study, "copy.csv", 3, "AGE")
    assert (found.code, found.cell) == ("not-a-number", "nine")
    assert "nine" in found.reason


def test_a_row_replaced_is_shown_with_its_reason(study: Path) -> None:
    found = manyi.open(study).raw("pupils", "copy.csv", 2)
    assert [code for code, _ in found.set_aside] == ["row-replaced"]
    assert {cell.fate for cell in found.cells} == {"row_aside"}
    assert cell(study, "copy.csv", 2, "A1").cell == "4"
    assert cell(study, "week2.csv", 2, "A1").stored == {"A1": 5.0}


def test_a_row_repeated_is_shown_with_its_reason(study: Path) -> None:
    found = manyi.open(study).raw("pupils", "week2.csv", 3)
    assert [code for code, _ in found.set_aside] == ["row-repeated"]


def test_a_blank_row_is_shown_with_its_reason(study: Path) -> None:
    found = manyi.open(study).raw("pupils", "copy.csv", 4)
    assert [code for code, _ in found.set_aside] == ["empty-row"]


def test_a_file_that_was_not_used_can_be_looked_into(study: Path) -> None:
    assert cell(study, "week1.csv", 3, "AGE").fate == "file_unused"
    assert cell(study, "week1.csv", 3, "AGE").cell == "nine"


def test_every_quarantined_cell_is_found_in_its_file(study: Path) -> None:
    listed = pd.read_parquet(study / "results" / "work" / "import-pupils" / "quarantine.parquet")
    cells = listed[listed["column"] != ""]
    assert len(cells) == 2
    for entry in cells.itertuples():
        assert cell(study, entry.file, entry.row, entry.column).cell == entry.value


def test_a_frame_has_a_row_a_cell(study: Path) -> None:
    frame = manyi.open(study).raw("pupils", "copy.csv", 5).to_frame()
    assert frame.set_index("column").loc["PLAY/ball", "stored"] == "PLAY__1=-9, PLAY__2=-9"


def test_flags_stand_beside_once_the_answers_were_cleaned(study: Path, run_manyi: Callable[..., Any]) -> None:
    assert manyi.open(study).raw("pupils", "copy.csv", 3).kept is None
    run_manyi("run", study)
    found = manyi.open(study).raw("pupils", "copy.csv", 3)
    assert (found.flags, found.kept) == (("out_of_range",), False)
    assert manyi.open(study).raw("pupils", "copy.csv", 5).kept is True


def test_the_command_shows_the_cells_of_one_question(study: Path, run_manyi: Callable[..., Any]) -> None:
    done = run_manyi(*("raw", study, "--role", "pupils", "--file", "copy.csv", "--row", "3", "--item", "AGE"))
    assert done.code == 0, done.err
    assert "'nine' → AGE [id] = -5  rejected" in done.out
    assert "Shoes" not in done.out


def test_the_command_gives_json(study: Path, run_manyi: Callable[..., Any]) -> None:
    done = run_manyi("raw", study, "--role", "pupils", "--file", "copy.csv", "--row", "5", "--json")
    row = done.json["raw"]
    assert (row["file"], row["row"], len(row["cells"])) == ("copy.csv", 5, 10)
    assert row["cells"][5]["cell"] == "１２"


@pytest.mark.parametrize(
    ("role", "file", "row", "code"),
    [
        ("nobody", "copy.csv", 2, "unknown-role"),
        ("pupils", "other.csv", 2, "raw-file-unknown"),
        ("pupils", "copy.csv", 1, "raw-row-unknown"),
        ("pupils", "copy.csv", 6, "raw-row-unknown"),
    ],
)
def test_what_is_not_there_is_said(study: Path, role: str, file: str, row: int, code: str) -> None:
    with pytest.raises(ManyiError) as caught:
        manyi.open(study).raw(role, file, row)
    assert [fault.code for fault in caught.value.faults] == [code]


def test_a_question_without_a_column_is_said(study: Path, run_manyi: Callable[..., Any]) -> None:
    arguments = ("raw", study, "--role", "pupils", "--file", "copy.csv", "--row", "3", "--item", "A9")
    done = run_manyi(*arguments, "--json")
    assert (done.code, done.codes) == (1, ["raw-item-unknown"])


def test_status_shows_the_account_of_every_file(study: Path, run_manyi: Callable[..., Any]) -> None:
    done = run_manyi("status", study, "--lang", "en")
    assert (
        "copy.csv: 4 rows read = 2 kept + 2 quarantined (1 replaced); 12 cells read = 2 kept + 2 recoded + "
        "6 missing (5 no answer, 1 don't know) + 2 rejected" in done.out
    )
    assert "week1.csv: 296 bytes" in done.out
    assert "the same as copy.csv, adds nothing" in done.out


def test_status_shows_the_account_in_chinese(study: Path, run_manyi: Callable[..., Any]) -> None:
    done = run_manyi("status", study, "--lang", "zh")
    assert "week2.csv：读 5 行 = 保留 2 + 隔离 3（重复 2）" in done.out


def test_status_gives_the_account_as_json(study: Path, run_manyi: Callable[..., Any]) -> None:
    role = run_manyi("status", study, "--json").json["roles"]["pupils"]
    assert [account["rows_kept"] for account in role["import"]] == [2, 2]
    assert [file["used"] for file in role["import_files"]] == [True, False, True]
    assert role["imported"].startswith("20")


def test_status_names_a_file_that_was_not_imported_yet(study: Path, run_manyi: Callable[..., Any]) -> None:
    new = study / "data" / "responses" / "pupils" / "week3.csv"
    new.write_text(SECOND, encoding="utf-8")
    assert run_manyi("status", study, "--json").json["roles"]["pupils"]["not_imported"] == ["week3.csv"]
    new.unlink()


def test_a_file_changed_after_the_import_is_not_shown(study: Path) -> None:
    file = study / "data" / "responses" / "pupils" / "copy.csv"
    file.write_text(FIRST.replace("nine", "ten"), encoding="utf-8")
    try:
        with pytest.raises(ManyiError) as caught:
            manyi.open(study).raw("pupils", "copy.csv", 3)
    finally:
        file.write_text(FIRST, encoding="utf-8")
    assert [fault.code for fault in caught.value.faults] == ["raw-file-changed"]


def test_a_study_not_imported_says_so(study: Path, tmp_path: Path) -> None:
    other = tmp_path / "empty"
    (other / "instruments").mkdir(parents=True)
    for name in ("study.yaml", "instruments/pupils.yaml"):
        (other / name).write_text((study / name).read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ManyiError) as caught:
        manyi.open(other).raw("pupils", "copy.csv", 3)
    assert [fault.code for fault in caught.value.faults] == ["not-imported"]


def test_a_raw_row_is_not_changed_by_looking(study: Path) -> None:
    first, second = (manyi.open(study).raw("pupils", "copy.csv", 3) for _ in range(2))
    assert isinstance(first, RawRow)
    assert first == second


@pytest.mark.parametrize("lost", ["rows_kept", "cells_kept", "cells_no_answer", "columns_metadata"])
def test_an_account_that_does_not_balance_is_our_own_error(study: Path, lost: str) -> None:
    account = pd.read_parquet(study / "results" / "work" / "import-pupils" / "import_cells.parquet")
    require_balance(account)
    account.loc[0, lost] += 1
    with pytest.raises(AccountUnbalancedError):
        require_balance(account)
