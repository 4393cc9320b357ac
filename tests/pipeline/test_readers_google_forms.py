"""Google Forms exports: the real file of a course evaluation, and the spellings of other languages."""

from pathlib import Path

import pandas as pd
import pytest

from manyi.readers.decoding.moments import moments_of
from manyi.readers.importing import import_answers
from manyi.readers.platforms.detect import find_platform, read_source
from manyi.readers.platforms.google_forms import joined_options
from manyi.readers.platforms.source import SourceTable
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.loader import load_questionnaire

SHARED = Path(__file__).parents[2] / ".." / "shared"
REAL = SHARED / "examples" / "gforms_jrg94" / "evaluation-survey-history.csv"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the folder `shared` is not beside the checkout"
)
ROLE = Role.model_validate({"title": {"en": "Students"}, "questionnaire": "q.yaml"})


def export(folder: Path, columns: dict[str, list[str]], name: str = "answers.csv") -> Path:
    path = folder / name
    pd.DataFrame(columns).to_csv(path, index=False, encoding="utf-8")
    return path


def read(folder: Path, columns: dict[str, list[str]]) -> SourceTable:
    return read_source(read_table(export(folder, columns)))


@pytest.fixture(scope="module")
def real() -> SourceTable:
    return read_source(read_table(REAL))


@needs_shared
def test_the_real_file_is_recognised(real: SourceTable) -> None:
    assert (real.source, real.submitted) == ("google", "Timestamp")
    assert real.evidence == ("Timestamp", "2018/12/12 8:36:23 PM EST", "';'")


@needs_shared
def test_grids_of_the_real_file(real: SourceTable) -> None:
    grids = pd.Series([question.text for question in real.questions if question.kind == "matrix"])
    # As SOURCE.md and the headings of the file count them.
    assert grids.value_counts(sort=False).to_dict() == {
        "Contribution to learning": 4,
        "Skill and responsiveness of the instructor": 6,
        "Course content": 4,
    }


@needs_shared
def test_free_text_of_the_real_file_is_text_though_it_holds_commas(real: SourceTable) -> None:
    texts = [question.text for question in real.questions if question.kind == "text"]
    assert texts == [
        "What aspects of this course were most useful or valuable?",
        "How would you improve this course?",
        "Instructor Testimonial",
        "Got an Idea for an Article?",
    ]


@needs_shared
def test_the_real_file_imports_whole() -> None:
    questionnaire = load_questionnaire("""
questionnaire: course
title: {en: Course}
languages: [en]
answer_lists:
  agree: {values: [1, 2, 3, 4, 5], en: [Strongly disagree, Disagree, Neutral, Agree, Strongly agree]}
items:
  - {id: CLEAR, text: {en: Learning objectives were clear}, answers: agree, standalone: true}
""")
    found = import_answers([REAL], questionnaire, ROLE, "students")
    # wc counts 96 answers below the headings; the file's own cells, counted by hand with grep.
    assert found.answers["CLEAR"].value_counts().sum() == 96
    assert found.quarantine.empty


@needs_shared
def test_every_moment_of_the_real_file_is_read(real: SourceTable) -> None:
    moments = moments_of(real.raw.cells["Timestamp"])
    assert str(moments[0]) == "2018-12-12T20:36:23"
    assert not pd.isna(moments).any()


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("时间戳记", "2017/06/14 1:34:49 下午 GMT+8"),
        ("時間戳記", "2017/6/14 下午 1:34:49"),
        ("Timestamp", "6/14/2017 13:34:49"),
        ("Timestamp", "2017/06/14 1:34:49 PM CEST"),
        ("Zeitstempel", "14.06.2017 13:34:49"),
        ("Horodateur", "14/06/2017 13:34:49"),
        ("타임스탬프", "2017/06/14 1:34:49 오후 GMT+9"),
    ],
)
def test_time_stamps_of_other_languages(tmp_path: Path, heading: str, cell: str) -> None:
    assert find_platform(read_table(export(tmp_path, {heading: [cell], "Q": ["x"]}))).name == "google"


@pytest.mark.parametrize(
    ("heading", "cell"), [("Timestamp", "1497447289"), ("timestamp", "2017/06/14 13:34:49"), ("Time", "x")]
)
def test_other_tables_with_a_time_are_not_googles(tmp_path: Path, heading: str, cell: str) -> None:
    assert find_platform(read_table(export(tmp_path, {heading: [cell], "Q": ["x"]}))).name == "table"


SHEET = ["6/14/2017 13:34:49"] * 4
OWN = ["2017/06/14 1:34:49 PM EST"] * 4


def test_ticks_of_the_sheet_are_joined_by_commas(tmp_path: Path) -> None:
    cells = ["Bus, On foot", "On foot", "Bus", "Bus, On foot"]
    source = read(tmp_path, {"Timestamp": SHEET, "How do you come?": cells})
    assert source.separator == ", "
    assert (source.questions[0].kind, source.questions[0].options) == ("multiple", ("Bus", "On foot"))


def test_ticks_of_the_forms_own_file_are_joined_by_semicolons(tmp_path: Path) -> None:
    cells = ["Bus;On foot, alone", "On foot, alone", "Bus", "Bus;On foot, alone"]
    source = read(tmp_path, {"Timestamp": OWN, "How do you come?": cells})
    assert source.separator == ";"
    assert source.questions[0].options == ("Bus", "On foot, alone")


def test_a_grid_of_ticks_is_multiple_choice_row_by_row(tmp_path: Path) -> None:
    cells = ["Mon, Tue", "Mon", "Tue", "Mon, Tue"]
    source = read(tmp_path, {"Timestamp": SHEET, "When [bus]": cells, "When [on foot]": cells})
    assert [(q.text, q.row, q.kind) for q in source.questions] == [
        ("When", "bus", "multiple"),
        ("When", "on foot", "multiple"),
    ]


def test_brackets_of_one_heading_are_no_grid(tmp_path: Path) -> None:
    source = read(tmp_path, {"Timestamp": SHEET, "Age [years]": ["31", "32", "33", "34"]})
    assert (source.questions[0].text, source.questions[0].row) == ("Age [years]", "")


def test_a_line_break_in_a_grid_heading_is_a_blank(tmp_path: Path) -> None:
    columns = {"Timestamp": SHEET, "Rate\n it [a]": ["1"] * 4, "Rate it [b]": ["2"] * 4}
    assert [(q.text, q.row) for q in read(tmp_path, columns).questions] == [
        ("Rate it", "a"),
        ("Rate it", "b"),
    ]


def test_what_a_form_collects_beside_is_no_question(tmp_path: Path) -> None:
    columns = {
        "Timestamp": SHEET,
        "Email Address": ["a@example.org"] * 4,
        "Score": ["8 / 10"] * 4,
        "Capital?": ["Rome"] * 4,
        "Capital? [Score]": ["1 / 1"] * 4,
        "Capital? [Feedback]": [""] * 4,
    }
    source = read(tmp_path, columns)
    assert [question.text for question in source.questions] == ["Capital?"]
    assert source.person is None


def test_headings_that_branches_repeat_stay_questions_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    path.write_text("Timestamp,Why?,Why?\n6/14/2017 13:34:49,a,\n6/14/2017 13:35:49,,b\n", encoding="utf-8")
    source = read_source(read_table(path))
    assert [question.columns for question in source.questions] == [("Why? (1)",), ("Why? (2)",)]


def test_an_option_that_holds_a_comma_is_told_by_the_questionnaire(tmp_path: Path) -> None:
    questionnaire = load_questionnaire("""
questionnaire: commas
title: {en: Commas}
languages: [en]
answer_lists:
  ways:
    ordered: false
    answers:
      - {value: 1, label: {en: "Yes, but later"}}
      - {value: 2, label: {en: "Yes"}}
      - {value: 3, label: {en: "No, never, ever"}}
items:
  - {id: Q, text: {en: "Will you?"}, type: multiple, answers: ways}
""")
    cells = ["Yes, but later, No, never, ever", "Yes, Yes, but later", "Yes", "No, never, ever"]
    path = export(tmp_path, {"Timestamp": SHEET, "Will you?": cells})
    found = import_answers([path], questionnaire, ROLE, "students")
    assert found.quarantine.empty
    assert found.answers[["Q__1", "Q__2", "Q__3"]].to_numpy().tolist() == [
        [1, 0, 1],
        [1, 1, 0],
        [0, 1, 0],
        [0, 0, 1],
    ]


def test_free_text_makes_no_options() -> None:
    assert joined_options({"First, this": 1, "second, that": 1, "third": 1}, ", ") == ()
