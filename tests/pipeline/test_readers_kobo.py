"""KoboToolbox exports: headings and cells as the tests of kpi and formpack (``test_exports``) expect them."""

from pathlib import Path

import pytest

from manyi.readers.importing import import_answers
from manyi.readers.platforms.detect import find_platform, read_source
from manyi.readers.platforms.source import SourceTable
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.faults import AnswersFaulty

# An export of KPI's own test suite, row of HXL tags and all.
SYMMETRY = (
    '"start";"end";"What kind of symmetry do you have?";"What kind of symmetry do you have?/Spherical";'
    '"What kind of symmetry do you have?/Radial";"What kind of symmetry do you have?/Bilateral";'
    '"How many segments does your body have?";"Do you have body fluids that occupy intracellular space?";'
    '"Do you descend from an ancestral unicellular organism?";"_id";"_uuid";"_submission_time";'
    '"_validation_status";"_notes";"_status";"_submitted_by";"_tags";"_index"\n'
    '"";"";"#symmetry";"";"";"";"#segments";"#fluids";"";"";"";"";"";"";"";"";"";""\n'
    '"2017-10-23T05:40:39.000-04:00";"2017-10-23T05:41:13.000-04:00";"Spherical Radial Bilateral";"1";"1";'
    '"1";"6";"Yes, and some extracellular space";"No";"61";"48583952-1892-4931-8d9c-869e7b49bafb";'
    '"2017-10-23T09:41:19";"";"";"submitted_via_web";"";"";"1"\n'
    '"2017-10-23T05:41:14.000-04:00";"2017-10-23T05:41:32.000-04:00";"Radial";"0";"1";"0";"3";"Yes";"No";"62";'
    '"317ba7b7-bea4-4a8c-8620-a483c3079c4b";"2017-10-23T09:41:38";"Not Approved";"";'
    '"submitted_via_web";"";"";"2"\n'
)
ROLE = Role.model_validate({"title": {"zh": "受访者"}, "questionnaire": "q.yaml"})
SERVER = ("_id", "_uuid", "_submission_time", "_index")


def export(folder: Path, columns: dict[str, list[str]], name: str = "export.csv") -> Path:
    n = len(next(iter(columns.values())))
    server = {name: [f"{name}{i}" for i in range(n)] for name in SERVER}
    table = {**columns, **server}
    lines = [";".join(f'"{cell}"' for cell in row) for row in [table, *zip(*table.values(), strict=True)]]
    path = folder / name
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def read(folder: Path, columns: dict[str, list[str]]) -> SourceTable:
    return read_source(read_table(export(folder, columns)))


@pytest.fixture
def symmetry(tmp_path: Path) -> SourceTable:
    path = tmp_path / "symmetry.csv"
    path.write_text(SYMMETRY, encoding="utf-8")
    return read_source(read_table(path))


def test_it_is_told_by_its_own_columns(symmetry: SourceTable) -> None:
    assert symmetry.source == "kobo"
    assert symmetry.evidence[:3] == ("_id", "_uuid", "_submission_time")


def test_labels_are_wordings_of_questions(symmetry: SourceTable) -> None:
    assert [(question.text, question.kind) for question in symmetry.questions] == [
        ("What kind of symmetry do you have?", "multiple"),
        ("How many segments does your body have?", "single"),
        ("Do you have body fluids that occupy intracellular space?", "single"),
        ("Do you descend from an ancestral unicellular organism?", "single"),
    ]


def test_one_multiple_choice_is_joined_and_split(symmetry: SourceTable) -> None:
    question = symmetry.questions[0]
    assert question.options == ("Spherical", "Radial", "Bilateral")
    assert question.columns == ("What kind of symmetry do you have?",)


def test_the_row_of_tags_and_what_was_not_approved_are_set_aside(symmetry: SourceTable) -> None:
    assert symmetry.set_aside == {"tag-row": (2,), "submission-rejected": (4,)}


def test_columns_about_the_submission(symmetry: SourceTable) -> None:
    about = (symmetry.submission, symmetry.submitted, symmetry.started, symmetry.finished)
    assert about == ("_uuid", "_submission_time", "start", "end")


def test_duration_is_end_less_start(tmp_path: Path) -> None:
    path = tmp_path / "symmetry.csv"
    path.write_text(SYMMETRY, encoding="utf-8")
    questionnaire = load_questionnaire("""
questionnaire: animals
title: {en: Animals}
languages: [en]
answer_lists:
  ways: {values: [1, 2, 3], en: [Spherical, Radial, Bilateral], ordered: false}
items:
  - {id: KIND, text: {en: "What kind of symmetry do you have?"}, type: multiple, answers: ways}
""")
    found = import_answers([path], questionnaire, ROLE, "animals").answers
    assert found["seconds"].tolist() == [34.0]
    assert found["submission"].tolist() == ["48583952-1892-4931-8d9c-869e7b49bafb"]
    assert found[["KIND__1", "KIND__2", "KIND__3"]].to_numpy().tolist() == [[1.0, 1.0, 1.0]]


def test_without_the_end_there_is_no_duration(tmp_path: Path) -> None:
    columns = {"start": ["2024-05-01T08:00:00.000+08:00"], "q1": ["1"]}
    assert read(tmp_path, columns).started is None


def test_groups_stand_before_names(tmp_path: Path) -> None:
    source = read(tmp_path, {"sat/part/q1": ["1", "2"], "sat/q2": ["2", "2"], "q3": ["1", "1"]})
    assert [question.code for question in source.questions] == ["q1", "q2", "q3"]


def test_split_columns_alone(tmp_path: Path) -> None:
    source = read(tmp_path, {"g/m/a": ["1", "0", ""], "g/m/b": ["0", "0", ""], "g/q": ["4", "5", "4"]})
    question = source.questions[0]
    assert (question.code, question.options, question.columns) == ("m", ("a", "b"), ("g/m/a", "g/m/b"))


def test_joined_labels_are_read_from_the_split_columns(tmp_path: Path) -> None:
    columns = {
        "How?": ["by phone by mail", "by mail"],
        "How?/by phone": ["1", "0"],
        "How?/by mail": ["1", "1"],
    }
    question = read(tmp_path, columns).questions[0]
    assert question.columns == ("How?/by phone", "How?/by mail")


def test_joined_names_are_read_from_their_column(tmp_path: Path) -> None:
    columns = {"m": ["a b", ""], "m/a": ["1", ""], "m/b": ["1", ""]}
    source = read(tmp_path, columns)
    assert source.questions[0].columns == ("m",)
    assert {"m/a", "m/b"} <= set(source.metadata)


def test_two_words_of_a_label_are_not_two_answers(tmp_path: Path) -> None:
    cells = ["strongly agree", "agree", "neutral", "strongly agree", "agree", "neutral"]
    assert read(tmp_path, {"good": cells}).questions[0].kind == "single"


@pytest.mark.parametrize(
    "heading",
    [
        "table/generated_table_list_label_3",
        "table/reserved_name_for_field_list_labels_4",
        "__version__",
        "_version_",
        "formhub/uuid",
        "meta/instanceID",
        "meta/rootUuid",
        "_home_latitude",
        "children[1]/age",
        "deviceid",
        "username",
    ],
)
def test_what_nobody_was_asked_is_no_question(tmp_path: Path, heading: str) -> None:
    source = read(tmp_path, {heading: ["x", "y"], "q1": ["1", "2"]})
    assert [question.code for question in source.questions] == ["q1"]
    assert heading in source.metadata


def test_blanks_of_the_older_server_are_missing(tmp_path: Path) -> None:
    source = read(tmp_path, {"q1": ["n/a", "2"]})
    assert source.missing["n/a"] == "no_answer"


def test_text_beside_an_answer_has_a_column(tmp_path: Path) -> None:
    columns = {"g/sex": ["male", "other", "male"], "g/sex_other": ["", "both", ""]}
    assert read(tmp_path, columns).questions[0].other == "g/sex_other"


def test_the_table_of_a_repeat_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "children.csv"
    path.write_text("age,_index,_parent_table_name,_parent_index\n4,1,form,1\n6,2,form,1\n", encoding="utf-8")
    raw = read_table(path)
    assert find_platform(raw).name == "kobo"
    with pytest.raises(AnswersFaulty) as error:
        read_source(raw)
    assert [fault.code for fault in error.value.faults] == ["repeat-table"]


def test_a_table_with_an_id_is_not_kobos(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("_id,_index,q1\n1,1,4\n2,2,5\n", encoding="utf-8")
    assert find_platform(read_table(path)).name == "table"
