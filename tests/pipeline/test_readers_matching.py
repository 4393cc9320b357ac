"""Matching columns to questions: by heading, id, text or options, never by a silent guess."""

from pathlib import Path

import pytest
import yaml

from manyi.readers.matching.match import Matching, match
from manyi.readers.platforms.detect import read_source
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import AnswersFaulty

QUESTIONNAIRE = Questionnaire.model_validate(
    yaml.safe_load("""
questionnaire: caregivers
title: {zh: 问卷, en: Survey}
languages: [zh, en]
answer_lists:
  agree: {answers: [{value: 1, label: {zh: 不同意, en: disagree}}, {value: 2, label: {zh: 同意, en: agree}}]}
  hobby: {answers: [{value: 1, label: {zh: 运动, en: sports}}, {value: 2, label: {zh: 阅读, en: reading}}]}
items:
  - {id: Q_TEACH, text: {zh: "老师讲课清楚。", en: "Lessons are clear."}, answers: agree, standalone: true}
  - id: Q_CLEAN
    text: {zh: "教室干净吗？", en: "Is the classroom clean?"}
    answers: agree
    standalone: true
    heading: [clean_room]
  - {id: Q_HOBBY, text: {zh: 爱好, en: Hobbies}, type: multiple, answers: hobby}
attention:
  - {id: ATT, text: {zh: 本题请选同意, en: "Choose agree"}, answers: agree, expected: 2, after: Q_TEACH}
""")
)
ROLE = Role.model_validate({"title": {"en": "Caregivers"}, "questionnaire": "q.yaml"})


def match_headings(
    folder: Path, headings: list[str], cells: list[str] | None = None, role: Role = ROLE
) -> Matching:
    path = folder / "t.csv"
    row = cells or ["1"] * len(headings)
    lines = [",".join(f'"{cell}"' for cell in line) for line in (headings, row, row)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return match(read_source(read_table(path)), QUESTIONNAIRE, role)


def faults_of(folder: Path, headings: list[str], role: Role = ROLE) -> list[str]:
    with pytest.raises(AnswersFaulty) as caught:
        match_headings(folder, headings, role=role)
    assert all("{" not in fault.message("zh") + fault.message("en") for fault in caught.value.faults)
    return [fault.code for fault in caught.value.faults]


@pytest.mark.parametrize(
    ("heading", "item", "how"),
    [
        ("clean_room", "Q_CLEAN", "heading"),
        ("Q_TEACH", "Q_TEACH", "id"),
        ("老师讲课清楚。", "Q_TEACH", "text"),
        ("Lessons are clear.", "Q_TEACH", "text"),
        ("Clean room", "Q_CLEAN", "normalised heading"),
        ("q_teach", "Q_TEACH", "normalised heading"),
        ("12、老师 讲课清楚！", "Q_TEACH", "normalised text"),
        ("Ｑ3. is the CLASSROOM clean", "Q_CLEAN", "normalised text"),
        ("[本题请选同意]", "ATT", "normalised text"),
    ],
)
def test_evidence(tmp_path: Path, heading: str, item: str, how: str) -> None:
    matching = match_headings(tmp_path, [heading])
    assert [(found.item, found.how) for found in matching.matches] == [(item, how)]


def test_what_has_no_partner_is_listed_on_both_sides(tmp_path: Path) -> None:
    matching = match_headings(tmp_path, ["Q_TEACH", "weather", "Q_HOBBY"])
    assert matching.unmatched_columns == ("weather",)
    assert matching.unmatched_items == ("ATT", "Q_CLEAN")
    assert [fault.code for fault in matching.faults] == ["item-without-column"] * 2 + ["columns-unmatched"]


def test_nothing_matched(tmp_path: Path) -> None:
    assert faults_of(tmp_path, ["weather", "price"]) == ["nothing-matched"]


def test_two_columns_of_one_heading_are_ambiguous(tmp_path: Path) -> None:
    assert faults_of(tmp_path, ["Q_TEACH", "Q_TEACH"]) == ["column-ambiguous"]


def test_heading_and_other_language_of_the_same_item_are_ambiguous(tmp_path: Path) -> None:
    assert faults_of(tmp_path, ["老师讲课清楚。", "Lessons are clear."]) == ["column-ambiguous"]


def test_stronger_evidence_settles_what_weaker_would_leave_open(tmp_path: Path) -> None:
    matching = match_headings(tmp_path, ["Q_TEACH", "老师讲课清楚"])
    assert [found.source.heading for found in matching.matches] == ["Q_TEACH"]
    assert matching.unmatched_columns == ("老师讲课清楚",)


def test_one_column_for_two_items_is_ambiguous(tmp_path: Path) -> None:
    items = [item.model_copy(update={"text": {"zh": "同一句话"}}) for item in QUESTIONNAIRE.items[:2]]
    twins = QUESTIONNAIRE.model_copy(update={"items": tuple(items), "attention": ()})
    path = tmp_path / "t.csv"
    path.write_text("同一句话,x\n1,1\n", encoding="utf-8")
    with pytest.raises(AnswersFaulty) as caught:
        match(read_source(read_table(path)), twins, ROLE)
    assert caught.value.faults[0].code == "item-ambiguous"
    assert caught.value.faults[0].details["items"] == "Q_TEACH、Q_CLEAN"


def test_all_faults_at_once(tmp_path: Path) -> None:
    role = ROLE.model_copy(
        update={"columns": ROLE.columns.model_copy(update={"school": "校码", "person": "学号"})}
    )
    codes = faults_of(tmp_path, ["Q_TEACH", "Q_TEACH"], role)
    assert codes == ["about-column-missing", "about-column-missing", "column-ambiguous"]


def test_columns_of_school_and_duration(tmp_path: Path) -> None:
    columns = {"school": "学校代码", "seconds": "用时"}
    role = Role.model_validate({"title": {"en": "x"}, "questionnaire": "q", "columns": columns})
    matching = match_headings(tmp_path, ["学校 代码", "用时", "Q_TEACH"], role=role)
    assert (matching.school, matching.seconds, matching.unmatched_columns) == ("学校 代码", "用时", ())


@pytest.mark.parametrize(
    "headings",
    [
        ["Q_HOBBY__1", "Q_HOBBY__2"],
        ["Q_HOBBY/运动", "Q_HOBBY/阅读"],
        ["爱好[sports]", "爱好[reading]"],
        ["第6题(运动)", "第6题(阅读)"],
    ],
)
def test_multiple_choice_over_columns(tmp_path: Path, headings: list[str]) -> None:
    found = match_headings(tmp_path, headings).matches[0]
    assert (found.item, dict(found.options)) == ("Q_HOBBY", {1: headings[0], 2: headings[1]})


def test_an_option_that_is_no_answer_is_told(tmp_path: Path) -> None:
    matching = match_headings(tmp_path, ["Q_HOBBY/运动", "Q_HOBBY/游泳"])
    codes = [
        (fault.code, fault.details.get("option", fault.details.get("value"))) for fault in matching.faults
    ]
    assert ("option-without-answer", "游泳") in codes
    assert ("answer-without-column", "2") in codes
    assert matching.unmatched_columns == ("Q_HOBBY/游泳",)
