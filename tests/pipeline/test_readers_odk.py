"""ODK Central exports. Rows as central-backend's own tests expect them (``briefcase``, ``select-many``)."""

from pathlib import Path

import pytest

from manyi.readers.importing import import_answers
from manyi.readers.platforms.detect import find_platform, read_source
from manyi.readers.platforms.source import SourceTable
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.faults import AnswersFaulty

LAST = (
    "KEY,SubmitterID,SubmitterName,AttachmentsPresent,AttachmentsExpected,Status,ReviewState,DeviceID,Edits,"
    "FormVersion"
)
SELECT = f"""\
SubmissionDate,meta-instanceID,q1,q1/a,q1/b,g1-q2,g1-q2/x,g1-q2/y,g1-q2/z,{LAST}
2018-01-01T00:00:00.000Z,one,a b,1,1,x y z,1,1,1,one,5,Alice,0,0,,,,0,2
2018-01-01T00:00:00.000Z,two,b,0,1,x,1,0,0,two,5,Alice,0,0,,approved,,0,
2018-01-01T00:00:00.000Z,three,,0,0,z,0,0,1,three,5,Alice,0,0,,hasIssues,,0,2
2018-01-01T00:00:00.000Z,four,a,1,0,z,0,0,1,four,5,Alice,0,0,,rejected,,0,2
2018-01-01T00:00:00.000Z,,,,,,,,,five,5,Alice,0,0,not decrypted,,,0,2
2018-01-01T00:00:00.000Z,,,,,,,,,six,5,Alice,0,0,missing encrypted form data,,,0,2
"""
QUESTIONNAIRE = load_questionnaire("""
questionnaire: letters
title: {en: Letters}
languages: [en]
answer_lists:
  ab: {values: [1, 2], en: [a, b], ordered: false}
  xyz: {values: [1, 2, 3], en: [x, y, z], ordered: false}
items:
  - {id: q1, text: {en: First}, type: multiple, answers: ab}
  - {id: q2, text: {en: Second}, type: multiple, answers: xyz}
""")
ROLE = Role.model_validate({"title": {"en": "Readers"}, "questionnaire": "q.yaml"})


def table(folder: Path, text: str = SELECT) -> Path:
    path = folder / "selectMultiple.csv"
    path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, text: str = SELECT) -> SourceTable:
    return read_source(read_table(table(folder, text)))


def test_it_is_told_by_its_own_columns(tmp_path: Path) -> None:
    source = read(tmp_path)
    assert (source.source, source.evidence[:2]) == ("odk", ("SubmissionDate", "KEY"))


def test_names_stand_behind_their_groups(tmp_path: Path) -> None:
    assert [question.code for question in read(tmp_path).questions] == ["q1", "q2"]


def test_a_skipped_multiple_choice_is_missing_though_its_columns_hold_0(tmp_path: Path) -> None:
    found = import_answers([table(tmp_path)], QUESTIONNAIRE, ROLE, "readers").answers
    assert found[["q1__1", "q1__2"]].to_numpy().tolist() == [[1, 1], [0, 1], [-9, -9]]


def test_rejected_and_encrypted_submissions_are_set_aside_by_name(tmp_path: Path) -> None:
    found = import_answers([table(tmp_path)], QUESTIONNAIRE, ROLE, "readers")
    assert found.quarantine[["row", "code"]].to_numpy().tolist() == [
        [5, "submission-rejected"],
        [6, "submission-encrypted"],
        [7, "submission-encrypted"],
    ]
    assert found.cells[["rows_read", "rows_kept"]].iloc[0].tolist() == [6, 3]


def test_the_key_is_the_submission(tmp_path: Path) -> None:
    found = import_answers([table(tmp_path)], QUESTIONNAIRE, ROLE, "readers").answers
    assert found["submission"].tolist() == ["one", "two", "three"]


def test_without_groups_a_dash_belongs_to_the_name(tmp_path: Path) -> None:
    text = f"SubmissionDate,instanceID,q-1,{LAST}\n2018-01-01T00:00:00.000Z,one,4,one,5,Alice,0,0,,,,0,2\n"
    assert [question.code for question in read(tmp_path, text).questions] == ["q-1"]


def test_nodes_the_form_makes_for_itself_are_no_questions(tmp_path: Path) -> None:
    headings = "t-generated_table_list_label_2,t-reserved_name_for_field_list_labels_3,t-q1,home-Latitude"
    text = f"SubmissionDate,{headings},{LAST}\n2018-01-01T00:00:00.000Z,,,4,30.1,one,5,Alice,0,0,,,,0,2\n"
    assert [question.code for question in read(tmp_path, text).questions] == ["q1"]


def test_the_file_of_a_repeat_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, "name,age,PARENT_KEY,KEY\nAlice,4,one,one/children/child[1]\n")
    assert find_platform(read_table(path)).name == "odk"
    with pytest.raises(AnswersFaulty) as error:
        import_answers([path], QUESTIONNAIRE, ROLE, "readers")
    assert [fault.code for fault in error.value.faults] == ["repeat-table"]
    assert error.value.faults[0].details["columns"] == "PARENT_KEY"
