"""Decoding cells: every spelling of an answer, every reason to refuse one, and accounts that add up."""

import string
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manyi.readers.decoding.cell_rules import Fate, choice_rule, multiple_rule, number_rule, tick_rule
from manyi.readers.decoding.decode import Decoded, decode, question_columns
from manyi.readers.matching.match import match
from manyi.readers.platforms.detect import read_source
from manyi.readers.tables.raw_table import RawTable
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault

QUESTIONNAIRE = Questionnaire.model_validate(
    yaml.safe_load("""
questionnaire: mixed
title: {zh: 问卷}
languages: [zh, en]
answer_lists:
  agree:
    answers:
      - {value: 5, label: {zh: 非常同意, en: strongly agree}}
      - {value: 4, label: {zh: 同意, en: agree}}
      - {value: 3, label: {zh: 一般, en: neutral}}
      - {value: 2, label: {zh: 不同意, en: disagree}}
      - {value: 1, label: {zh: 非常不同意, en: strongly disagree}}
  yes_no:
    ordered: false
    answers: [{value: 0, label: {zh: 否, en: "no"}}, {value: 1, label: {zh: 是, en: "yes"}}]
  bands: {answers: [{value: 1, label: {zh: "16~19岁"}}, {value: 2, label: {zh: "20～24岁"}}]}
  hobby:
    ordered: false
    answers:
      - {value: 1, label: {zh: 运动}}
      - {value: 2, label: {zh: "ACG文化(动漫、游戏等)"}}
      - {value: 9, label: {zh: 其他【请注明】}, other: true}
items:
  - {id: AGREE, text: {zh: 甲}, answers: agree, dont_know: true, standalone: true}
  - {id: STAYS, text: {zh: 乙}, answers: yes_no, standalone: true}
  - {id: BAND, text: {zh: 丙}, answers: bands, standalone: true}
  - {id: HOBBY, text: {zh: 丁}, type: multiple, answers: hobby}
  - {id: AGE, text: {zh: 戊}, type: number, minimum: 0, maximum: 120, standalone: true}
  - {id: KM, text: {zh: 己}, type: number, integer: false, unit: {zh: 公里, en: km}, standalone: true}
  - {id: NOTE, text: {zh: 庚}, type: text}
""")
)
ROLE = Role.model_validate({"title": {"en": "x"}, "questionnaire": "q.yaml"})
INVALID, NOT_ASKED, DONT_KNOW, NO_ANSWER, REFUSED = -5.0, -7.0, -8.0, -9.0, -6.0


def table(columns: dict[str, Sequence[str]], name: str = "t.csv") -> RawTable:
    cells = pd.DataFrame({key: list(column) for key, column in columns.items()}, dtype="str")
    return RawTable(Path(name), "", tuple(columns), cells, "utf-8", "0" * 64, 2)


def decoded(columns: dict[str, Sequence[str]], name: str = "t.csv", role: Role = ROLE) -> Decoded:
    source = read_source(table(columns, name))
    found = decode(source, match(source, QUESTIONNAIRE, role), QUESTIONNAIRE, role, name, "caregivers", "en")
    assert all("{" not in fault.message("zh") + fault.message("en") for fault in found.faults)
    return found


def one(item: str, cell: str) -> tuple[float, str]:
    """Return what one cell becomes, and the code it is quarantined with."""
    found = decoded({item: [cell], "NOTE": ["x"]})
    codes = found.quarantine["code"].tolist()
    return float(found.answers[item].iloc[0]), codes[0] if codes else ""


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("4", 4),
        ("4.0", 4),
        (" 4 ", 4),
        ("４", 4),
        ("同意", 4),
        (" 非常 同意。", 5),
        ("Strongly Agree", 5),
        ("4. 同意", 4),
        ("2、同意", 4),
        ("B.同意", 4),
        ("b) agree", 4),
        ("", NO_ANSWER),
        ("   ", NO_ANSWER),
        ("NA", NO_ANSWER),
        ("(空)", NO_ANSWER),
        ("(跳过)", NOT_ASKED),
        ("不了解", DONT_KNOW),
        ("Don't know", DONT_KNOW),
        ("don’t know", DONT_KNOW),
        ("-8", DONT_KNOW),
        ("-9.0", NO_ANSWER),
        ("不想回答", REFUSED),
    ],
)
def test_choice(cell: str, value: float) -> None:
    assert one("AGREE", cell) == (value, "")


@pytest.mark.parametrize(
    ("item", "cell", "code"),
    [
        ("AGREE", "6", "answer-out-of-list"),
        ("AGREE", "0", "answer-out-of-list"),
        ("AGREE", "4.5", "answer-out-of-list"),
        ("AGREE", "-1", "answer-out-of-list"),
        ("AGREE", "很好", "unknown-answer"),
        ("AGREE", "=SUM(A1)", "unknown-answer"),
        ("AGREE", "同意┋一般", "several-answers"),
        ("AGREE", "5. 同意", "prefix-disagrees"),
        ("STAYS", "也许", "unknown-answer"),
        ("HOBBY", "", ""),
        ("AGE", "三十", "not-a-number"),
        ("AGE", "30-35", "not-a-number"),
        ("AGE", "约30", "not-a-number"),
        ("AGE", "3万", "not-a-number"),
        ("AGE", "30.5", "number-not-whole"),
        ("AGE", "-1", "number-out-of-bounds"),
        ("AGE", "121", "number-out-of-bounds"),
        ("AGE", "1,2", "not-a-number"),
        ("KM", "3岁", "not-a-number"),
        ("KM", "3千米", "not-a-number"),
    ],
)
def test_refused(item: str, cell: str, code: str) -> None:
    if item == "HOBBY":
        assert decoded({item: [cell], "NOTE": ["x"]}).quarantine.empty
    else:
        assert one(item, cell) == (INVALID, code)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("是", 1),
        ("否", 0),
        ("Yes", 1),
        ("NO", 0),
        ("TRUE", 1),
        ("false", 0),
        ("有", 1),
        ("没有", 0),
        ("√", 1),
        ("1", 1),
    ],
)
def test_yes_and_no(cell: str, value: float) -> None:
    assert one("STAYS", cell) == (value, "")


@pytest.mark.parametrize(
    ("item", "cell", "value"),
    [
        ("AGE", "35", 35),
        ("AGE", "35岁", 35),
        ("AGE", "３５ 周岁", 35),
        ("AGE", "35.0", 35),
        ("AGE", "0", 0),
        ("KM", "2.5公里", 2.5),
        ("KM", "2.5 KM", 2.5),
        ("KM", "1,234.5", 1234.5),
        ("BAND", "16-19岁", 1),
        ("BAND", "20~24岁", 2),
    ],
)
def test_numbers_and_bands(item: str, cell: str, value: float) -> None:
    assert one(item, cell) == (value, "")


def test_option_numbers_count_answers_whatever_their_values() -> None:
    found = decoded(
        {"序号": ["1", "2", "3", "4"], "1、甲": ["1", "5", "6", "-3"], "2、乙": ["1", "2", "-2", "1"]},
        "按序号.csv",
    )
    assert found.answers["AGREE"].tolist() == [5, 1, DONT_KNOW, NOT_ASKED]
    assert found.answers["STAYS"].tolist() == [0, 1, NO_ANSWER, 0]


def test_scores_are_values_not_places() -> None:
    found = decoded({"序号": ["1", "2"], "1、甲": ["1", "5"]}, "按分数.csv")
    assert found.answers["AGREE"].tolist() == [1, 5]


def test_an_option_number_beyond_the_list_makes_the_whole_column_unsure() -> None:
    found = decoded(
        {"序号": ["1", "2", "3", "4"], "1、丙": ["1", "3", "2", "-2"], "2、乙": ["1", "2", "1", "1"]},
        "按序号.csv",
    )
    assert found.answers["BAND"].tolist() == [INVALID, INVALID, INVALID, NO_ANSWER]
    assert found.quarantine["code"].tolist() == ["option-number-unsure"] * 3
    assert [fault.code for fault in found.faults] == ["option-number-unsure"]


@pytest.mark.parametrize(
    ("cell", "ticks", "other"),
    [
        ("运动", [1, 0, 0], None),
        ("运动┋ACG文化(动漫、游戏等)", [1, 1, 0], None),
        ("运动;其他【请注明】〖宠物〗", [1, 0, 1], "宠物"),
        ("其他【请注明】：宠物", [0, 0, 1], "宠物"),
        ("ACG文化（动漫、游戏等）", [0, 1, 0], None),
        ("1|9", [1, 0, 1], None),
        ("", [NO_ANSWER] * 3, None),
        ("(跳过)", [NOT_ASKED] * 3, None),
        ("运动┋游泳", [INVALID] * 3, None),
    ],
)
def test_multiple_choice_in_one_cell(cell: str, ticks: list[float], other: str | None) -> None:
    answers = decoded({"HOBBY": [cell], "NOTE": ["x"]}).answers
    assert answers[["HOBBY__1", "HOBBY__2", "HOBBY__9"]].iloc[0].tolist() == ticks
    assert (None if pd.isna(answers["HOBBY__text"].iloc[0]) else answers["HOBBY__text"].iloc[0]) == other


def test_multiple_choice_over_columns() -> None:
    columns = {
        "HOBBY__1": ["1", "1", "", "0", "0"],
        "HOBBY__2": ["0", "", "", "0", "1"],
        "HOBBY__9": ["0", "", "", "0", "1"],
    }
    found = decoded({**columns, "HOBBY__text": ["", "", "", "", "宠物"], "乙": ["1"] * 5})
    assert found.answers["HOBBY__1"].tolist() == [1, 1, NO_ANSWER, 0, 0]
    assert found.answers["HOBBY__2"].tolist() == [0, 0, NO_ANSWER, 0, 1]
    assert found.answers["HOBBY__text"].tolist()[-1] == "宠物"
    assert found.cells["cells_recoded"].iloc[0] == 2


def test_a_tick_that_is_none_is_refused() -> None:
    found = decoded(
        {"序号": ["1", "2"], "第1题(运动)": ["1", "0"], "第1题(其他【请注明】)": ["0", "1"]}, "按序号.csv"
    )
    assert found.answers["HOBBY__2"].tolist() == [NOT_ASKED, NOT_ASKED]
    assert {fault.code for fault in found.faults} == set()


def test_free_text_beside_an_answer_without_room_for_it_is_told() -> None:
    found = decoded({"AGREE": ["同意〖有时〗", "同意"]})
    assert found.answers["AGREE"].tolist() == [4, 4]
    assert [(fault.code, fault.details["n"]) for fault in found.faults] == [("other-text-not-kept", 1)]


def test_text_stays_as_written() -> None:
    cells = ["=1+1", " 好 ", "4.0", "-", ""]
    assert decoded({"NOTE": cells, "STAYS": ["1"] * 5}).answers["NOTE"].fillna("∅").tolist() == [
        "=1+1",
        "好",
        "4.0",
        "-",
        "∅",
    ]


def test_quarantine_names_row_column_value_and_reason() -> None:
    entry = decoded({"甲": ["4", "很好", "很好"], "乙": ["1", "1", "1"]}).quarantine.iloc[1]
    assert (entry["role"], entry["file"], entry["row"], entry["column"]) == ("caregivers", "t.csv", 4, "甲")
    assert (entry["item"], entry["value"], entry["code"]) == ("AGREE", "很好", "unknown-answer")
    assert entry["reason"] == "'很好' is no answer of the question 'AGREE'."


def test_blank_rows_and_repeated_headings_are_set_aside() -> None:
    found = decoded({"甲": ["4", "", "甲", "3"], "乙": ["1", " ", "乙", ""]})
    assert found.answers["row"].tolist() == [2, 5]
    assert found.quarantine[["row", "code"]].to_numpy().tolist() == [[3, "empty-row"], [4, "heading-row"]]
    assert found.cells[["rows_read", "rows_kept", "rows_quarantined"]].iloc[0].tolist() == [4, 2, 2]


def test_an_item_without_column_was_not_asked() -> None:
    answers = decoded({"甲": ["4"]}).answers
    assert (answers["STAYS"].iloc[0], answers["HOBBY__9"].iloc[0]) == (NOT_ASKED, NOT_ASKED)
    assert answers["NOTE"].isna().all()


def test_school_person_time_and_stage() -> None:
    role = Role.model_validate(
        {
            "title": {"en": "x"},
            "questionnaire": "q",
            "columns": {"school": "校", "person": "人", "submitted": "时", "seconds": "秒"},
            "stage": {"item": "STAYS", "stages": {"primary": [0], "junior": [1]}},
        }
    )
    columns = {"校": ["1000303.0", "0012", ""], "人": ["a", "", "b"], "时": ["2024-05-01"] * 3}
    found = decoded({**columns, "秒": ["2分3秒", "1:00:01", "很久"], "乙": ["1", "0", ""]}, role=role)
    assert found.answers["school"].fillna("∅").tolist() == ["1000303", "0012", "∅"]
    assert found.answers["person"].fillna("∅").tolist() == ["a", "∅", "b"]
    assert found.answers["seconds"].fillna(-1).tolist() == [123, 3601, -1]
    assert found.answers["stage"].fillna("∅").tolist() == ["junior", "primary", "∅"]
    assert found.repaired_codes[["value", "repaired", "n"]].to_numpy().tolist() == [
        ["1000303.0", "1000303", 1]
    ]
    assert [fault.code for fault in found.faults] == ["duration-unclear"]


def test_columns_stand_in_asking_order_and_are_never_nan() -> None:
    answers = decoded({"戊": ["30", "x"], "甲": ["4", ""]}).answers
    assert answers.columns.tolist() == [
        "file",
        "row",
        "person",
        "school",
        "stage",
        "submitted",
        "seconds",
        "submission",
        "device",
        "definition",
        *question_columns(QUESTIONNAIRE),
    ]
    numbers = answers[["AGREE", "STAYS", "BAND", "HOBBY__1", "HOBBY__2", "HOBBY__9", "AGE", "KM"]]
    assert (numbers.dtypes == np.float64).all()
    assert not numbers.isna().any().any()


def test_refused_cells_are_worded_in_both_languages() -> None:
    source = read_source(table({"AGREE": ["1"], "AGE": ["1"], "HOBBY": ["1"]}))
    rules = (
        (
            choice_rule(QUESTIONNAIRE.item("AGREE"), source, QUESTIONNAIRE),
            ("9", "很好", "同意┋一般", "5. 同意"),
        ),
        (number_rule(QUESTIONNAIRE.item("AGE"), source, QUESTIONNAIRE), ("三十", "1.5", "999")),
        (multiple_rule(QUESTIONNAIRE.item("HOBBY"), source, QUESTIONNAIRE), ("游泳",)),
        (tick_rule(QUESTIONNAIRE.item("HOBBY"), 1, "运动", source, QUESTIONNAIRE), ("7",)),
    )
    readings = [rule(cell) for rule, cells in rules for cell in cells]
    assert [reading.fate for reading in readings] == [Fate.REJECTED] * 9
    for reading in readings:
        fault = Fault(reading.code, details=reading.details)
        assert "{" not in fault.message("zh") + fault.message("en")


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "1",
            "2",
            "3",
            "4",
            "5",
            "6",
            "同意",
            "不了解",
            "是",
            "否",
            "(跳过)",
            "-9",
            "-3",
            "运动",
            "运动┋其他【请注明】〖x〗",
            "30岁",
            "1e5",
            "NA",
            "=1",
        ]
    ),
    st.text(alphabet=string.printable + "同意不┋〖〗，。４", max_size=6),
)


@given(rows=st.lists(st.tuples(*[CELLS] * 8), min_size=1, max_size=12), by_number=st.booleans())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_row_and_cell_is_accounted_for(rows: list[tuple[str, ...]], by_number: bool) -> None:
    if by_number:
        headings = [
            "序号",
            "1、甲",
            "2、乙",
            "第3题(运动)",
            "第3题(ACG文化(动漫、游戏等))",
            "4、戊",
            "5、庚",
            "6、天气",
        ]
    else:
        headings = ["AGREE", "STAYS", "BAND", "HOBBY", "AGE", "KM", "NOTE", "weather"]
    columns = {heading: [row[place] for row in rows] for place, heading in enumerate(headings)}
    found = decoded(columns, "按序号.csv" if by_number else "t.csv")
    account = found.cells.iloc[0]
    assert account["rows_read"] == len(rows)
    assert account["rows_read"] == account["rows_kept"] + account["rows_quarantined"]
    assert account["rows_kept"] == len(found.answers)
    assert account["cells_read"] == account["rows_kept"] * account["columns_questions"]
    fates = account[["cells_kept", "cells_recoded", "cells_missing", "cells_rejected"]].sum()
    assert account["cells_read"] == fates
    kinds = ["cells_no_answer", "cells_dont_know", "cells_not_asked", "cells_refused", "cells_invalid"]
    assert account["cells_missing"] == account[kinds].sum()
    assert account["cells_rejected"] == (found.quarantine["item"] != "").sum()
    assert account["rows_quarantined"] == (found.quarantine["item"] == "").sum()
    assert (
        account["columns_read"]
        == account[["columns_questions", "columns_metadata", "columns_unmatched"]].sum()
    )


@given(cells=st.lists(CELLS, min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_a_rejected_cell_is_invalid_and_an_invalid_cell_is_listed(cells: list[str]) -> None:
    found = decoded({"AGREE": cells, "NOTE": ["x"] * len(cells)})
    listed = set(found.quarantine.loc[found.quarantine["item"] == "AGREE", "row"])
    invalid = set(found.answers.loc[found.answers["AGREE"] == INVALID, "row"])
    assert listed == invalid - {
        row for row, cell in enumerate(cells, start=2) if cell.strip() in ("-5", "-5.0")
    }
