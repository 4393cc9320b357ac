"""Blanks where nothing was asked, answers where nothing was asked, and the definition answers were given to.

The expected codes are worked out by hand from what `docs/questionnaire.md` says of conditions: one that is
neither true nor false does not hold, and an answer that was not asked for counts as missing behind it.
"""

import csv
from pathlib import Path

import pandas as pd
import pytest

from manyi.readers.answer_file import Reading
from manyi.readers.importing import Imported, import_answers
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.faults import DefinitionFaulty

ROLE = Role.model_validate({"title": {"zh": "家长"}, "questionnaire": "q.yaml"})
QUESTIONNAIRE = load_questionnaire("""
questionnaire: q
title: {zh: 上学, en: School way}
languages: [zh, en]
answer_lists:
  yes_no: {values: [0, 1], zh: [否, 是], en: ["no", "yes"]}
  agree: {values: [1, 2, 3], zh: [不同意, 一般, 同意], en: [disagree, neither, agree]}
  ways:
    ordered: false
    answers:
      - {value: 1, label: {zh: 步行, en: on foot}}
      - {value: 2, label: {zh: 校车, en: school bus}}
      - {value: 3, label: {zh: 其他, en: other}, other: true}
items:
  - {id: BUS, text: {zh: 有校车吗, en: Is there a bus}, answers: yes_no, standalone: true, dont_know: true}
  - {id: WAIT, text: {zh: 等几分钟, en: Minutes}, type: number, minimum: 0, maximum: 90, standalone: true,
     dont_know: true, relevant: BUS == 1}
  - {id: LONG, text: {zh: 等得久吗, en: Too long}, answers: agree, standalone: true, relevant: WAIT > 10}
  - {id: WHY, text: {zh: 为什么, en: Why}, type: text, relevant: LONG == 3}
  - {id: HOW, text: {zh: 怎样去, en: How}, type: multiple, answers: ways, relevant: missing(WHY) or BUS == 1}
  - {id: RIDE, text: {zh: 喜欢吗, en: Liked}, answers: agree, standalone: true}
  - {id: ORDER, text: {zh: 排序, en: Order}, type: ranking, answers: ways}
attention:
  - {id: CHECK, text: {zh: 请选同意, en: Choose agree}, answers: agree, expected: 3, after: LONG}
sections:
  - {id: riders, title: {zh: 坐车, en: Riders}, first: RIDE, relevant: "selected(HOW, 2)"}
""")
NO, DONT_KNOW, UNASKED = -9.0, -8.0, -7.0


def written(folder: Path, columns: dict[str, list[str]], name: str = "answers.csv") -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([list(columns), *zip(*columns.values(), strict=True)])
    return path


def read(folder: Path, columns: dict[str, list[str]], source: str = "auto") -> Imported:
    return import_answers([written(folder, columns)], QUESTIONNAIRE, ROLE, "parents", source)


def plain(**answers: list[str]) -> dict[str, list[str]]:
    """Return a whole table: questions not given are blank."""
    n = len(next(iter(answers.values())))
    names = ("BUS", "WAIT", "LONG", "CHECK", "WHY", "HOW", "RIDE", "ORDER")
    return {"n": [f"p{row}" for row in range(n)], **{name: answers.get(name, [""] * n) for name in names}}


def codes(found: Imported) -> list[str]:
    return [fault.code for fault in found.faults]


@pytest.mark.parametrize(
    ("bus", "expected"), [("1", NO), ("0", UNASKED), ("", UNASKED), ("-8", UNASKED), ("x", UNASKED)]
)
def test_blank_is_not_asked_where_the_condition_does_not_hold(
    tmp_path: Path, bus: str, expected: float
) -> None:
    assert read(tmp_path, plain(BUS=[bus, "1"], WAIT=["", "5"])).answers["WAIT"].tolist() == [expected, 5]


def test_conditions_follow_one_another(tmp_path: Path) -> None:
    # Who is not asked WAIT is not asked LONG, and who is not asked LONG not the check behind it.
    found = read(tmp_path, plain(BUS=["1", "1", "0"], WAIT=["30", "5", ""], LONG=["", "", ""]))
    assert found.answers["LONG"].tolist() == [NO, UNASKED, UNASKED]


def test_attention_check_is_asked_with_its_item(tmp_path: Path) -> None:
    found = read(tmp_path, plain(BUS=["1", "1"], WAIT=["30", "5"], CHECK=["", ""]))
    assert found.answers["CHECK"].tolist() == [NO, UNASKED]


def test_answer_that_was_not_asked_for_counts_as_missing_behind_it(tmp_path: Path) -> None:
    # WAIT of 30 minutes where there is no bus: kept, and yet LONG is not asked.
    found = read(tmp_path, plain(BUS=["0", "1"], WAIT=["30", "30"], LONG=["", ""]))
    assert found.answers["LONG"].tolist() == [UNASKED, NO]


def test_answer_that_was_not_asked_for_is_kept(tmp_path: Path) -> None:
    found = read(tmp_path, plain(BUS=["0", "1"], WAIT=["30", "30"]))
    assert found.answers["WAIT"].tolist() == [30, 30]


def test_answers_that_were_not_asked_for_are_told_with_their_rows(tmp_path: Path) -> None:
    found = read(tmp_path, plain(BUS=["0", "1", "0"], WAIT=["30", "30", "-8"]))
    fault = next(fault for fault in found.faults if fault.code == "answer-unasked")
    details = {key: fault.details[key] for key in ("item", "n", "rows", "condition")}
    assert details == {"item": "WAIT", "n": 2, "rows": "2, 4", "condition": "BUS == 1"}


def test_answers_that_were_not_asked_for_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, plain(BUS=["0", "1", "0"], WAIT=["30", "30", "-8"]))
    assert found.cells["answers_unasked"].tolist() == [2]


def test_dont_know_that_was_not_asked_for_stays_dont_know(tmp_path: Path) -> None:
    assert read(tmp_path, plain(BUS=["0", "1"], WAIT=["-8", "5"])).answers["WAIT"].tolist() == [DONT_KNOW, 5]


def test_account_moves_blanks_to_not_asked(tmp_path: Path) -> None:
    # 8 columns by 2 rows. Row 1, no bus: WAIT, LONG, CHECK, WHY were not asked; HOW was (WHY is missing),
    # and RIDE and ORDER not, for want of HOW. Row 2: WAIT was asked; LONG, CHECK, WHY were not for 5 minutes,
    # nor RIDE and ORDER.
    found = read(tmp_path, plain(BUS=["0", "1"], WAIT=["", "5"])).cells.iloc[0]
    counts = (found["cells_kept"], found["cells_no_answer"], found["cells_not_asked"], found["cells_missing"])
    assert counts == (3, 2, 11, 13)


def test_section_that_is_not_asked_leaves_out_all_its_questions(tmp_path: Path) -> None:
    answers = read(tmp_path, plain(BUS=["1", "1"], HOW=["步行", "校车"])).answers
    assert answers["RIDE"].tolist() == [UNASKED, NO]
    assert answers["ORDER__1"].tolist() == [UNASKED, NO]


def test_text_that_was_not_asked_is_counted_so(tmp_path: Path) -> None:
    found = read(tmp_path, plain(BUS=["1"] * 3, WAIT=["30"] * 3, LONG=["3", "3", "1"], WHY=["x", "", ""]))
    assert found.answers["WHY"].fillna("∅").tolist() == ["x", "∅", "∅"]


def test_multiple_choice_split_over_columns_is_not_asked_as_a_whole(tmp_path: Path) -> None:
    # HOW is asked where WHY is missing or there is a bus: row 2 wrote WHY without being asked, which counts
    # as missing; so all are asked HOW but nobody here answers it, as 0 0 0 or blank.
    ticks = {"HOW/1": ["0", "", "1"], "HOW/2": ["0", "", "0"], "HOW/3": ["0", "", "0"]}
    table = {"n": ["a", "b", "c"], "BUS": ["0", "0", "1"], **ticks, "RIDE": ["", "", ""]}
    answers = read(tmp_path, table).answers
    assert answers["HOW__1"].tolist() == [0, NO, 1]


def test_zeros_of_a_multiple_choice_that_was_not_asked_are_not_asked(tmp_path: Path) -> None:
    # A platform that writes 0 for what was skipped would lower every share.
    asked = load_questionnaire(
        """
questionnaire: q
title: {en: T}
languages: [en]
answer_lists: {ways: {values: [1, 2], en: [bus, car]}, yes_no: {values: [0, 1], en: ["no", "yes"]}}
items:
  - {id: BUS, text: {en: Bus}, answers: yes_no, standalone: true}
  - {id: HOW, text: {en: How}, type: multiple, answers: ways, relevant: BUS == 1}
"""
    )
    table = {"n": ["a", "b", "c"], "BUS": ["0", "1", "0"], "HOW/1": ["0", "0", "1"], "HOW/2": ["0", "0", "0"]}
    found = import_answers([written(tmp_path, table)], asked, ROLE, "parents")
    assert found.answers["HOW__1"].tolist() == [UNASKED, 0, 1]
    assert found.cells[["cells_kept", "cells_not_asked", "answers_unasked"]].iloc[0].tolist() == [7, 2, 1]


def test_platform_that_says_itself_what_was_skipped_is_believed(tmp_path: Path) -> None:
    # 问卷星, by text: (跳过) where its own logic skipped, (空) where the respondent did.
    columns = {
        "序号": ["1", "2", "3"],
        "提交答卷时间": ["2024/5/1 8:00:00"] * 3,
        "所用时间": ["60秒"] * 3,
        "来源": ["链接"] * 3,
        "来自IP": ["1.2.3.4(北京-北京)"] * 3,
        "1、有校车吗": ["是", "否", "是"],
        "2、等几分钟": ["(跳过)", "(跳过)", "(空)"],
    }
    assert read(tmp_path, columns).answers["WAIT"].tolist() == [UNASKED, UNASKED, NO]


def test_blank_mark_of_a_platform_is_a_blank(tmp_path: Path) -> None:
    columns = {
        "序号": ["1", "2"],
        "提交答卷时间": ["2024/5/1 8:00:00"] * 2,
        "所用时间": ["60秒"] * 2,
        "来源": ["链接"] * 2,
        "来自IP": ["1.2.3.4(北京-北京)"] * 2,
        "1、有校车吗": ["否", "是"],
        "2、等几分钟": ["(空)", "(空)"],
    }
    assert read(tmp_path, columns).answers["WAIT"].tolist() == [UNASKED, NO]


def test_question_without_a_column_counts_as_missing(tmp_path: Path) -> None:
    table = plain(WAIT=["", "5"], LONG=["", ""])
    del table["BUS"]
    assert read(tmp_path, table).answers["WAIT"].tolist() == [UNASKED, 5]


def test_raw_row_says_that_a_cell_was_not_asked(tmp_path: Path) -> None:
    raw = read_table(written(tmp_path, plain(BUS=["0", "1"], WAIT=["", ""])))
    seen = Reading(QUESTIONNAIRE, ROLE, "parents").file(raw, "answers.csv", "auto", watched=2).decoded.seen
    assert seen["WAIT"].kind == "not_asked"


def test_raw_row_says_that_an_answer_was_not_asked_for(tmp_path: Path) -> None:
    raw = read_table(written(tmp_path, plain(BUS=["0", "1"], WAIT=["7", ""])))
    seen = Reading(QUESTIONNAIRE, ROLE, "parents").file(raw, "answers.csv", "auto", watched=2).decoded.seen
    assert seen["WAIT"].fault is not None
    assert seen["WAIT"].fault.code == "answer-unasked"


# --- the definition answers were given to -----------------------------------------------------------------

OLD = "0123456789ab"


def test_definition_is_kept_answer_by_answer(tmp_path: Path) -> None:
    today = definition_hash(QUESTIONNAIRE)
    table = {**plain(BUS=["1", "0", "1"]), "definition": [today, OLD, ""]}
    assert read(tmp_path, table).answers["definition"].fillna("∅").tolist() == [today, OLD, "∅"]


def test_answers_to_another_definition_are_told(tmp_path: Path) -> None:
    table = {**plain(BUS=["1", "0", "1"]), "definition": [definition_hash(QUESTIONNAIRE), OLD, OLD]}
    fault = next(fault for fault in read(tmp_path, table).faults if fault.code == "definition-other")
    assert (fault.details["n"], fault.details["answers"]) == (2, 3)
    assert fault.details["others"] == f"{OLD} (n = 2)"


def test_answers_to_the_definition_of_today_are_not_told(tmp_path: Path) -> None:
    table = {**plain(BUS=["1", "0"]), "definition": [definition_hash(QUESTIONNAIRE)] * 2}
    found = read(tmp_path, table)
    assert "definition-other" not in codes(found)
    assert "columns-unmatched" not in [fault.code for fault in found.faults if "definition" in str(fault)]


def test_column_of_that_name_that_holds_no_hashes_is_not_taken(tmp_path: Path) -> None:
    found = read(tmp_path, {**plain(BUS=["1", "0"]), "definition": ["what", "so"]})
    assert found.answers["definition"].isna().all()
    assert any("definition" in str(fault.details.get("columns", "")) for fault in found.faults)


def test_definition_behind_groups_is_found(tmp_path: Path) -> None:
    found = read(tmp_path, {**plain(BUS=["1", "0"]), "page/definition": [OLD, OLD]})
    assert found.answers["definition"].tolist() == [OLD, OLD]


def test_platform_without_it_leaves_it_blank(tmp_path: Path) -> None:
    assert read(tmp_path, plain(BUS=["1", "0"])).answers["definition"].isna().all()


def test_no_item_may_take_its_name() -> None:
    with pytest.raises(DefinitionFaulty) as raised:
        load_questionnaire(
            "questionnaire: q\ntitle: {en: T}\nlanguages: [en]\n"
            "items: [{id: definition, text: {en: A}, type: text}]"
        )
    assert [fault.code for fault in raised.value.faults] == ["reserved-id"]


def test_definition_is_text_whatever_it_looks_like(tmp_path: Path) -> None:
    found = read(tmp_path, {**plain(BUS=["1", "0"]), "definition": ["000000000012", "000000000012"]})
    assert found.answers["definition"].dtype == pd.StringDtype()
    assert found.answers["definition"].tolist() == ["000000000012"] * 2
