"""Questions of SPSS files: response sets, columns of platforms, our own file back, a scale's coefficient."""

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from manyi.readers.drafting.draft import draft_questionnaire
from manyi.readers.importing import Imported, import_answers
from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.source import SourceQuestion, SourceTable
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role, Study
from manyi_analysis.measurement import cronbach_alpha
from manyi_analysis.records.moments import Moments
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import AnswersFaulty
from manyi_instruments.scoring import score
from manyi_outputs.spss import RoleAnswers, write_sav

EXAMPLES = Path(__file__).parents[2] / ".." / "shared" / "examples" / "sav_features"
#: Written by PSPP, see spss.sps there.
FILES = Path(__file__).parents[1] / "reference" / "statistics_files"
ROLE = Role.model_validate({"title": {"en": "x"}, "questionnaire": "q.yaml"})
Pspp = Callable[[str], str]

needs_examples = pytest.mark.skipif(
    not EXAMPLES.is_dir(), reason="the folder `shared` is not beside the checkout"
)


def asked(path: Path, heading: str) -> SourceQuestion:
    return next(question for question in source(path).questions if question.heading == heading)


def source(path: Path) -> SourceTable:
    return read_source(read_table(path))


# Response sets.

SETS = Questionnaire.model_validate(
    yaml.safe_load("""
questionnaire: sets
title: {zh: 问卷}
languages: [zh]
answer_lists:
  doing:
    ordered: false
    answers: [{value: 1, label: {zh: 音乐}}, {value: 2, label: {zh: 运动}}, {value: 3, label: {zh: 阅读}}]
  subject:
    ordered: false
    answers: [{value: 1, label: {zh: 语文}}, {value: 2, label: {zh: 数学}}, {value: 3, label: {zh: 英语}}]
items:
  - {id: acts, text: {zh: 参加过的活动}, type: multiple, answers: doing}
  - {id: SUB, text: {zh: 喜欢的科目}, type: multiple, answers: subject}
  - {id: age, text: {zh: 年龄}, type: number, minimum: 18, maximum: 99, standalone: true}
""")
)


@pytest.fixture(scope="module")
def sets() -> Imported:
    return import_answers([FILES / "sets.sav"], SETS, ROLE, "people")


def test_a_dichotomous_set_is_one_question_whose_counted_value_ticks(sets: Imported) -> None:
    ticks = sets.answers[["acts__1", "acts__2", "acts__3"]].to_numpy().tolist()
    # Music, sports, reading; 2 is "not chosen", 9 declared missing, a blank beside an answer no tick.
    assert ticks == [[0, 1, 0], [0, 0, 1], [0, 0, 0], [1, 0, 1], [1, -9, 0]]


def test_the_counts_of_the_set_are_those_of_pspp(sets: Imported, run_pspp: Pspp) -> None:
    printed = run_pspp(
        f"GET FILE='{(FILES / 'sets.sav').resolve()}'.\n"
        "COUNT n = LongVariableNumberOne LongVariableNumberTwo w3 (1).\nDESCRIPTIVES n /STATISTICS=SUM.\n"
    )
    total = float(re.findall(r"^n,\d+,(\d+(?:\.\d+)?)", printed, re.MULTILINE)[0])
    assert (sets.answers[["acts__1", "acts__2", "acts__3"]] == 1).to_numpy().sum() == total


def test_a_category_set_holds_the_codes_of_the_answers_chosen(sets: Imported) -> None:
    ticks = sets.answers[["SUB__1", "SUB__2", "SUB__3"]].to_numpy().tolist()
    assert ticks == [[1, 1, 0], [0, 0, 1], [-9] * 3, [1, 1, 0], [-6] * 3]


def test_a_labelled_code_of_a_number_is_its_kind_and_no_number(sets: Imported) -> None:
    assert sets.answers["age"].tolist() == [35, -8, -9, -9, 40]


def test_every_cell_of_the_sets_is_accounted_for(sets: Imported) -> None:
    account = sets.cells.iloc[0]
    fates = ["cells_kept", "cells_recoded", "cells_missing", "cells_rejected"]
    assert account["cells_read"] == 5 * 7 == account[fates].sum()


def test_a_counted_text_ticks() -> None:
    question = asked(FILES / "sets.sav", "heard")
    assert (question.counted, question.columns) == ("yes", ("s1", "s2"))


@needs_examples
def test_sets_of_a_real_file_are_those_pspp_displays(run_pspp: Pspp) -> None:
    path = EXAMPLES / "pyreadstat_simple_alltypes.sav"
    printed = run_pspp(f"GET FILE='{path.resolve()}'.\nMRSETS /DISPLAY NAME=ALL.\n")
    found = {question.heading: question for question in source(path).questions if len(question.columns) > 1}
    assert set(found) == set(re.findall(r"^\$(\w+),", printed, re.MULTILINE))
    assert found["mymrset"].columns == ("bool1", "bool2", "bool3")
    assert found["categorical_array"].coded


# Files of platforms, and our own.


def test_the_columns_of_wenjuanxing_are_known_by_their_labels(tmp_path: Path) -> None:
    # No such file is public: codes as in its export by number, labels as its Excel export words headings.
    import pyreadstat

    frame = pd.DataFrame(
        {
            "Q0": [1.0, 2.0],
            "T1": ["2024/9/1 8:30:00", "2024/9/1 9:00:00"],
            "T2": ["136秒", "95秒"],
            "Q1": [2.0, 1.0],
            "Q2_1": [1.0, 0.0],
            "Q2_2": [0.0, 1.0],
            "Q3_R1": [5.0, 4.0],
            "Q3_R2": [1.0, -3.0],
        }
    )
    labels = [
        "序号",
        "提交答卷时间",
        "所用时间",
        "1、您的性别",
        "2(运动)",
        "2(阅读)",
        "3、满意度—教师",
        "3、满意度—食堂",
    ]
    degrees = {1: "很不满意", 2: "不满意", 3: "一般", 4: "满意", 5: "很满意", -3: "(跳过)"}
    pyreadstat.write_sav(
        frame,
        tmp_path / "wjx.sav",
        column_labels=labels,
        variable_value_labels={"Q1": {1: "男", 2: "女"}, "Q3_R1": degrees, "Q3_R2": degrees},
    )
    table = source(tmp_path / "wjx.sav")
    assert (table.submitted, table.seconds, table.metadata) == ("T1", "T2", ("Q0", "T1", "T2"))
    shown = [(q.number, q.text, q.row, q.kind, q.options) for q in table.questions]
    assert shown[0] == ("1", "您的性别", "", "single", ("男", "女"))
    assert shown[1] == ("2", "2", "", "multiple", ("运动", "阅读"))
    assert [row[:4] for row in shown[2:]] == [
        ("3", "满意度", "教师", "matrix"),
        ("3", "满意度", "食堂", "matrix"),
    ]


@needs_examples
def test_the_columns_of_qualtrics_are_no_questions() -> None:
    table = source(EXAMPLES / "pyreadstat_test_width.sav")
    assert (table.submission, table.started, table.seconds) == (
        "ResponseId",
        "StartDate",
        "Duration__in_seconds_",
    )
    assert table.questions == ()


OWN = Questionnaire.model_validate(
    yaml.safe_load("""
questionnaire: own
title: {zh: 自家问卷}
languages: [zh, en]
answer_lists:
  agree:
    answers: [{value: 1, label: {zh: 不同意}}, {value: 2, label: {zh: 一般}}, {value: 3, label: {zh: 同意}}]
  doing:
    ordered: false
    answers: [{value: 1, label: {zh: 运动}}, {value: 4, label: {zh: 其他}, other: true}]
scales: [{id: trust, title: {zh: 信任}, score: mean}]
items:
  - {id: A1, text: {zh: 甲}, answers: agree, scale: trust, dont_know: true}
  - {id: A2, text: {zh: 乙}, answers: agree, scale: trust, reverse: true}
  - {id: DO, text: {zh: 丙}, type: multiple, answers: doing}
  - {id: AGE, text: {zh: 丁}, type: number, minimum: 0, maximum: 120, standalone: true}
  - {id: NOTE, text: {zh: 戊}, type: text}
""")
)


@pytest.fixture(scope="module")
def coded() -> pd.DataFrame:
    note = pd.Series(["很好", pd.NA, "无", pd.NA, "x", pd.NA], dtype="string")
    return pd.DataFrame(
        {
            "file": "a.csv",
            "row": range(2, 8),
            "person": pd.Series(["p1", "p2", "p3", "p4", "p5", "p6"], dtype="string"),
            "school": pd.Series(["0101"] * 6, dtype="string"),
            "stage": pd.Series([pd.NA] * 6, dtype="string"),
            "submitted": pd.Series(["2024-09-01 08:00:00"] * 6, dtype="string"),
            "seconds": [60.0, 61.5, np.nan, 70.0, 80.0, 90.0],
            "A1": [1.0, -9.0, -8.0, -7.0, -6.0, -5.0],
            "A2": [3.0, 2.0, 1.0, -9.0, -6.0, 2.0],
            "DO__1": [1.0, 0.0, -9.0, -7.0, 1.0, 0.0],
            "DO__4": [0.0, 1.0, -9.0, -7.0, 1.0, 1.0],
            "DO__text": pd.Series([pd.NA, "值日", pd.NA, pd.NA, pd.NA, "唱歌"], dtype="string"),
            "AGE": [35.0, -9.0, -8.0, -5.0, 0.0, 120.0],
            "NOTE": note,
        }
    )


@pytest.fixture(scope="module")
def own(coded: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    path = tmp_path_factory.mktemp("own") / "people.sav"
    write_sav(path, RoleAnswers("people", OWN, coded, score(coded, OWN)), "zh")
    return import_answers([path], OWN, ROLE, "people")


@pytest.mark.parametrize("column", ["A1", "A2", "DO__1", "DO__4", "AGE", "seconds"])
def test_our_own_file_comes_back_with_every_value_and_kind_of_missing(
    column: str, own: Imported, coded: pd.DataFrame
) -> None:
    np.testing.assert_array_equal(own.answers[column].to_numpy(), coded[column].to_numpy())


@pytest.mark.parametrize("column", ["DO__text", "NOTE", "person", "school", "submitted"])
def test_our_own_file_comes_back_with_every_text(column: str, own: Imported, coded: pd.DataFrame) -> None:
    assert own.answers[column].fillna("").tolist() == coded[column].fillna("").tolist()


def test_what_our_own_file_holds_beside_answers_is_told_and_not_read(own: Imported) -> None:
    unread = next(fault for fault in own.faults if fault.code == "columns-unmatched")
    assert unread.details["columns"] == "A2_r、trust"


def test_our_own_file_is_read_without_a_cell_refused(own: Imported) -> None:
    assert own.quarantine.empty


def test_the_parents_of_the_example_county_come_back_from_their_own_file(demo_study: Path) -> None:
    study = Study.model_validate(yaml.safe_load((demo_study / "study.yaml").read_text(encoding="utf-8")))
    role = study.roles["parents"]
    questionnaire = load_questionnaire(demo_study / role.questionnaire)
    back = import_answers([demo_study / "results" / "spss" / "parents.sav"], questionnaire, role, "parents")
    first = pd.read_parquet(demo_study / "results" / "coded" / "parents.parquet")
    asked_for = [name for name in first if name.split("__")[0] in {q.id for q in questionnaire.questions()}]
    pd.testing.assert_frame_equal(
        back.answers[asked_for].fillna("").astype(str), first[asked_for].fillna("").astype(str)
    )


# A scale, from file to coefficient.

HOTEL = Questionnaire.model_validate(
    yaml.safe_load("""
questionnaire: hotel
title: {en: hotel}
languages: [en]
answer_lists:
  agree:
    answers:
      - {value: 1, label: {en: Strongly disagree}}
      - {value: 2, label: {en: Disagree}}
      - {value: 3, label: {en: No opinion}}
      - {value: 4, label: {en: Agree}}
      - {value: 5, label: {en: Strongly agree}}
scales: [{id: guests, title: {en: satisfaction}, score: mean}]
items:
  - {id: service, text: {en: I am satisfied with the level of service}, answers: agree, scale: guests}
  - {id: slow, text: {en: The staff were slow in responding}, answers: agree, scale: guests, reverse: true}
  - {id: worries, heading: [v4], text: {en: Concerns}, answers: agree, scale: guests}
""")
)


@needs_examples
def test_alpha_of_the_hotel_survey_is_that_of_pspps_manual() -> None:
    # GNU PSPP manual, "Testing data consistency": v1, reversed v3 and v4, alpha .81.
    found = import_answers([EXAMPLES / "pspp_hotel.sav"], HOTEL, ROLE, "guests")
    scored = score(found.answers, HOTEL)[["service", "slow_r", "worries"]]
    alpha = cronbach_alpha(Moments.of(scored, list(scored)))
    assert round(alpha.alpha, 2) == 0.81  # type: ignore[union-attr]


@needs_examples
def test_frequencies_of_the_hotel_survey_are_those_of_pspp(run_pspp: Pspp) -> None:
    path = EXAMPLES / "pspp_hotel.sav"
    found = import_answers([path], HOTEL, ROLE, "guests").answers["slow"].value_counts().sort_index()
    printed = run_pspp(f"GET FILE='{path.resolve()}'.\nFREQUENCIES v3.\n")
    counts = re.findall(r"^(?:Valid)?,(Strongly Disagree|Disagree|No Opinion|Agree|Strongly Agree),(\d+),",
                        printed, re.MULTILINE)  # fmt: skip
    order = ["Strongly Disagree", "Disagree", "No Opinion", "Agree", "Strongly Agree"]
    assert {order.index(label) + 1: int(n) for label, n in counts} == found.to_dict()


@needs_examples
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.sav")), ids=lambda path: path.stem)
def test_every_real_file_is_drafted_and_imported_whole_or_refused_with_its_reason(path: Path) -> None:
    if path.stem == "pyreadstat_test_width":
        # All its columns are Qualtrics' own.
        with pytest.raises(AnswersFaulty) as caught:
            draft_questionnaire(path)
        assert caught.value.faults[0].code == "nothing-to-draft"
        return
    draft = draft_questionnaire(path, name="people")
    study = Study.model_validate(yaml.safe_load(draft.study_yaml("people", "x")))
    found = import_answers([path], load_questionnaire(draft.yaml), study.roles["people"], "people")
    account = found.cells.iloc[0]
    assert (account["columns_unmatched"], account["cells_rejected"], account["rows_quarantined"]) == (0, 0, 0)
