"""Answers that are wrong in ordinary ways: kept, recoded or set aside with a reason; the run ends with 0."""

from pathlib import Path

import pandas as pd
import pytest

ITEMS = ["a1", "a2", "a3", "a4"]


@pytest.fixture(scope="module")
def run(tmp_path_factory, write_study, scale_questionnaire, likert, run_manyi):
    """Return a study of 60 answers, each mistake in rows of its own, and how its run ended."""
    rows = likert(ITEMS, 60, 11).astype(object)
    rows.insert(0, "person", pd.Series([f"p{row}" for row in range(60)], dtype=object))
    rows.insert(1, "school", pd.Series([["101", "102", "103"][row % 3] for row in range(60)], dtype=object))
    rows["age"] = pd.Series([30 + row % 20 for row in range(60)], dtype=object)
    rows.loc[0, "age"] = "about forty"
    rows.loc[1, "age"] = 400
    rows.loc[2, "a2"] = 9
    rows.loc[3, "a3"] = "often"
    rows.loc[4, "school"] = "999"
    rows.loc[5, "school"] = ""
    rows.loc[7, "person"] = "p6"
    rows.loc[8, ITEMS] = ""
    age = {"id": "age", "text": {"en": "Age"}, "type": "number", "minimum": 18, "maximum": 99}
    roster = pd.DataFrame({"school_code": ["101", "102", "103"], "books": [5, 9, 14]})
    folder = write_study(
        tmp_path_factory.mktemp("ordinary") / "study",
        {"people": scale_questionnaire({"A": ITEMS}, demographics=[age])},
        {"people": {"people.csv": rows}},
        roster=roster,
        roles={"people": {"columns": {"school": "school", "person": "person"}}},
        cleaning={
            "rules": {"duplicate": {"by": "person"}, "too_many_missing": {"share": 0.5}},
            "exclude": ["too_many_missing", "duplicate"],
        },
        analysis={"factors": {"people": {"number": 1}}},
    )
    return folder, run_manyi("run", folder, "--json")


@pytest.fixture(scope="module")
def quarantine(run, read_csv) -> pd.DataFrame:
    return read_csv(run[0], "quarantine").query("role == 'people'")


def set_aside(quarantine: pd.DataFrame, row: int) -> list[tuple[str, str, str]]:
    """Return column, value and code of what was set aside in a row as a spreadsheet counts."""
    found = quarantine[quarantine["row"] == row]
    return [(c, str(v), k) for c, v, k in zip(found["column"], found["value"], found["code"], strict=True)]


def test_all_of_it_is_ordinary(run) -> None:
    assert (run[1].code, run[1].stages("failed")) == (0, [])


def test_nothing_is_said_to_be_an_error(run) -> None:
    assert [fault for fault in run[1].json["faults"] if fault["severity"] == "error"] == []


def test_text_in_a_number_is_set_aside_with_place_value_and_reason(quarantine: pd.DataFrame) -> None:
    assert set_aside(quarantine, 2) == [("age", "about forty", "not-a-number")]


def test_a_number_out_of_bounds_is_set_aside(quarantine: pd.DataFrame) -> None:
    assert set_aside(quarantine, 3) == [("age", "400", "number-out-of-bounds")]


def test_an_answer_outside_its_list_is_set_aside(quarantine: pd.DataFrame) -> None:
    assert set_aside(quarantine, 4) == [("a2", "9", "answer-out-of-list")]


def test_a_wording_nobody_offered_is_set_aside(quarantine: pd.DataFrame) -> None:
    assert set_aside(quarantine, 5) == [("a3", "often", "unknown-answer")]


def test_every_cell_set_aside_says_why_in_words(quarantine: pd.DataFrame) -> None:
    assert len(quarantine) == 4
    assert quarantine["reason"].str.len().min() > 10


def test_every_row_and_cell_is_accounted_for(run, read_csv) -> None:
    account = read_csv(run[0], "import_cells").query("role == 'people'").iloc[0]
    assert (account["rows_read"], account["rows_kept"], account["rows_quarantined"]) == (60, 60, 0)
    fates = ["cells_kept", "cells_recoded", "cells_missing", "cells_rejected"]
    assert account["cells_read"] == account[fates].sum()
    assert account["cells_rejected"] == 4


def test_an_unknown_school_is_listed(run, read_csv) -> None:
    listed = read_csv(run[0], "unmatched_schools")
    assert listed.loc[listed["school"] == "999", ["reason", "n"]].to_numpy().tolist() == [
        ["school-unknown", 1]
    ]


def test_a_missing_school_is_listed(run, read_csv) -> None:
    listed = read_csv(run[0], "unmatched_schools")
    assert listed.loc[listed["school"].isna(), ["reason", "n"]].to_numpy().tolist() == [
        ["school-code-missing", 1]
    ]


def test_answers_of_an_unknown_school_are_analysed(run, read_csv) -> None:
    ledger = read_csv(run[0], "ledger")
    assert ledger.query("step == 'flagged' and reason == 'unknown_school'")["n"].tolist() == [2]
    assert ledger.query("step == 'excluded' and reason == 'unknown_school'").empty


def test_of_two_answers_of_one_person_the_first_counts(run, read_csv) -> None:
    ledger = read_csv(run[0], "ledger")
    assert ledger.query("step == 'excluded' and reason == 'duplicate'")["n"].tolist() == [1]
    answers = pd.read_parquet(run[0] / "results" / "clean" / "people")
    assert answers.loc[answers["person"] == "p6", "kept"].tolist() == [True, False]


def test_the_ledger_adds_up(run, read_csv) -> None:
    ledger = read_csv(run[0], "ledger").set_index(["step", "reason"])["n"]
    assert ledger["excluded"].to_dict() == {"too_many_missing": 1, "duplicate": 1}
    assert ledger["received"].sum() - ledger["excluded"].sum() == ledger["kept"].sum() == 58


def test_every_answer_received_is_still_there(run) -> None:
    answers = pd.read_parquet(run[0] / "results" / "clean" / "people")
    assert answers["row"].tolist() == list(range(2, 62))


def test_statistics_use_what_is_left(run, read_csv) -> None:
    # 58 rows kept; a2 of row 4 and a3 of row 5 were set aside.
    row = read_csv(run[0], "reliability").iloc[0]
    assert (row["n"], row["missing"]) == (56, 2)
    assert 0 < row["alpha"] < 1


def test_the_raw_file_is_as_it_was(run) -> None:
    raw = (Path(run[0]) / "data/responses/people/people.csv").read_text(encoding="utf-8-sig")
    assert "about forty" in raw
