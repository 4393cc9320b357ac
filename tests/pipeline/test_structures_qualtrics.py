"""Qualtrics's survey files (.qsf).

The shape is that of exported surveys: ``SurveyEntry`` and ``SurveyElements`` with blocks (BL), flow (FL) and
questions (SQ), as in the one public repositories carry as test data (SV_6mudEEycYo5zehT); translations stand
under ``Language``, which is an empty list where there are none.
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from manyi.readers.importing import Imported, import_answers
from manyi.readers.platforms.qualtrics import known_share, read_qualtrics
from manyi.readers.structures.find import find_structure, is_structure, read_structure
from manyi.readers.structures.qualtrics_qsf import is_qualtrics_qsf, read_qualtrics_qsf
from manyi.readers.structures.structure import Structure, StructuredQuestion
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import AnswersFaulty, FileUnreadable

Payload = dict[str, Any]


def displays(*labels: str, texts: tuple[str, ...] = ()) -> dict[str, Payload]:
    return {
        str(place): {"Display": label, **({"TextEntry": "true"} if label in texts else {})}
        for place, label in enumerate(labels, start=1)
    }


def question(ident: str, tag: str, kind: str, selector: str, text: str = "Question", **more: Any) -> Payload:
    payload = {
        "QuestionText": text,
        "DataExportTag": tag,
        "QuestionID": ident,
        "QuestionType": kind,
        "Selector": selector,
        "Validation": {"Settings": {"ForceResponse": "OFF", "Type": "None"}},
        "Language": [],
        **more,
    }
    return {"Element": "SQ", "PrimaryAttribute": ident, "Payload": payload}


def survey(*questions: Payload, blocks: object = None, flow: object = None, language: str = "EN") -> Payload:
    asked = [{"Type": "Question", "QuestionID": element["PrimaryAttribute"]} for element in questions]
    default = [{"Type": "Default", "ID": "BL_1", "BlockElements": asked}]
    return {
        "SurveyEntry": {"SurveyID": "SV_1", "SurveyName": "Parents", "SurveyLanguage": language},
        "SurveyElements": [
            {"Element": "BL", "PrimaryAttribute": "Survey Blocks", "Payload": blocks or default},
            {
                "Element": "FL",
                "PrimaryAttribute": "Survey Flow",
                "Payload": flow or {"Type": "Root", "Flow": []},
            },
            {"Element": "SO", "PrimaryAttribute": "Survey Options", "Payload": {"BackButton": "false"}},
            *questions,
        ],
    }


def read(folder: Path, content: Payload) -> Structure:
    path = folder / "Parents.qsf"
    path.write_text(json.dumps(content), encoding="utf-8")
    return read_qualtrics_qsf(path)


def one(folder: Path, element: Payload) -> StructuredQuestion:
    return read(folder, survey(element)).questions[0]


LIST = {"Choices": displays("No", "Some", "Yes"), "ChoiceOrder": ["1", "2", "3"]}
GRID = {
    "Choices": displays("Teachers", "Building"),
    "ChoiceOrder": ["2", "1"],
    "Answers": displays("Bad", "Good"),
    "AnswerOrder": [1, 2],
    "ChoiceDataExportTags": False,
}


@pytest.mark.parametrize(
    ("kind", "selector", "more", "entries"),
    [
        ("MC", "SAVR", LIST, [("Q1", "single")]),
        ("MC", "DL", LIST, [("Q1", "single")]),
        ("MC", "MAVR", LIST, [("Q1", "multiple")]),
        ("MC", "MSB", LIST, [("Q1", "multiple")]),
        ("RO", "DND", LIST, [("Q1", "ranking")]),
        ("TE", "ML", {}, [("Q1", "text")]),
        ("TE", "FORM", LIST, [("Q1_1", "text"), ("Q1_2", "text"), ("Q1_3", "text")]),
        ("Slider", "HSLIDER", LIST, [("Q1_1", "number"), ("Q1_2", "number"), ("Q1_3", "number")]),
        ("CS", "VRTL", LIST, [("Q1_1", "number"), ("Q1_2", "number"), ("Q1_3", "number")]),
        (
            "Matrix",
            "Likert",
            {**GRID, "SubSelector": "SingleAnswer"},
            [("Q1_2", "matrix"), ("Q1_1", "matrix")],
        ),
        (
            "Matrix",
            "Likert",
            {**GRID, "SubSelector": "MultipleAnswer"},
            [("Q1_2", "multiple"), ("Q1_1", "multiple")],
        ),
        (
            "Matrix",
            "TE",
            {**GRID, "SubSelector": "Short"},
            [("Q1_2_1", "text"), ("Q1_2_2", "text"), ("Q1_1_1", "text"), ("Q1_1_2", "text")],
        ),
    ],
)
def test_every_type_has_the_columns_of_its_exports(
    tmp_path: Path, kind: str, selector: str, more: Payload, entries: list[tuple[str, str]]
) -> None:
    found = read(tmp_path, survey(question("QID1", "Q1", kind, selector, **more)))
    assert [(entry.code, entry.kind) for entry in found.questions] == entries
    assert found.faults == ()


def test_a_number_is_told_by_its_validation(tmp_path: Path) -> None:
    settings = {"Type": "ContentType", "ContentType": "ValidNumber", "ForceResponse": "ON"}
    found = one(tmp_path, question("QID1", "age", "TE", "SL", Validation={"Settings": settings}))
    assert (found.kind, found.required) == ("number", True)


def test_answers_are_recoded_and_in_the_order_shown(tmp_path: Path) -> None:
    """Qualtrics's own sample: choices 2, 3, 1 in this order are recoded to 1, 2, 3."""
    found = one(
        tmp_path,
        question(
            "QID18",
            "Q18",
            "MC",
            "SAVR",
            Choices=displays("third", "first", "second"),
            ChoiceOrder=["2", "3", "1"],
            RecodeValues={"1": "3", "2": "1", "3": "2"},
        ),
    )
    assert [(answer.code, answer.labels["en"]) for answer in found.answers] == [
        ("1", "first"),
        ("2", "second"),
        ("3", "third"),
    ]


def test_a_scale_from_zero_is_listed_without_ids(tmp_path: Path) -> None:
    """The recommendation question keeps its choices in a list."""
    found = one(
        tmp_path,
        question(
            "QID15",
            "Q15",
            "MC",
            "NPS",
            Choices=[{"Display": str(point)} for point in range(11)],
            ChoiceOrder=[str(point) for point in range(11)],
        ),
    )
    assert [answer.code for answer in found.answers] == [str(point) for point in range(11)]


def test_wordings_in_all_languages(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        survey(
            question(
                "QID5",
                "Q5",
                "Matrix",
                "Likert",
                text="<div>Are you <b>satisfied</b> with:</div>",
                SubSelector="SingleAnswer",
                **GRID,
                Language={
                    "ZH-S": {
                        "QuestionText": "您满意吗？",
                        "Choices": displays("教师", "校舍"),
                        "Answers": displays("不", "是"),
                    }
                },
            )
        ),
    )
    assert (found.languages, dict(found.title)) == (("en", "zh"), {"en": "Parents"})
    row = found.questions[1]
    assert row.texts == {"en": "Are you satisfied with:—Teachers", "zh": "您满意吗？—教师"}
    assert (row.group, row.stem) == ("Q5", {"en": "Are you satisfied with:", "zh": "您满意吗？"})
    assert [dict(answer.labels) for answer in row.answers] == [
        {"en": "Bad", "zh": "不"},
        {"en": "Good", "zh": "是"},
    ]


def test_rows_with_names_of_their_own(tmp_path: Path) -> None:
    grid = {**GRID, "ChoiceDataExportTags": {"1": "teachers", "2": "building"}}
    found = read(tmp_path, survey(question("QID5", "Q5", "Matrix", "Likert", **grid)))
    assert [entry.code for entry in found.questions] == ["building", "teachers"]
    assert {entry.group for entry in found.questions} == {"Q5"}


def test_text_beside_an_answer(tmp_path: Path) -> None:
    choices = displays("Teacher", "Doctor", "Other:", texts=("Other:",))
    found = one(
        tmp_path, question("QID11", "Q11", "MC", "SAVR", Choices=choices, ChoiceOrder=["2", "1", "3"])
    )
    assert found.other == "Q11_3_TEXT"


def test_side_by_side_columns(tmp_path: Path) -> None:
    column = {"Selector": "Likert", "SubSelector": "SingleAnswer", "Answers": displays("low", "high")}
    found = read(
        tmp_path,
        survey(
            question(
                "QID7",
                "Q7",
                "SBS",
                "SBSMatrix",
                Choices=displays("Sport", "Music"),
                ChoiceOrder=["1", "2"],
                AdditionalQuestions={"1": {**column, "AnswerOrder": ["1", "2"]}, "2": column},
            )
        ),
    )
    assert [entry.code for entry in found.questions] == ["Q7#1_1", "Q7#1_2", "Q7#2_1", "Q7#2_2"]
    assert [answer.labels["en"] for answer in found.questions[3].answers] == ["low", "high"]


def test_conditions_in_the_words_of_the_survey(tmp_path: Path) -> None:
    logic = {
        "0": {
            "0": {"LogicType": "Question", "Description": "<span>If</span> <b>Job</b> Is Selected"},
            "Type": "If",
        },
        "Type": "BooleanExpression",
    }
    found = one(tmp_path, question("QID2", "Q2", "TE", "SL", DisplayLogic=logic))
    assert found.relevant == "If Job Is Selected"


def test_order_of_the_flow_and_the_trash(tmp_path: Path) -> None:
    def block(ident: str, kind: str, *asked: str) -> Payload:
        elements = [{"Type": "Question", "QuestionID": each} for each in asked]
        return {"Type": kind, "ID": ident, "BlockElements": [*elements, {"Type": "Page Break"}]}

    blocks = {
        "0": block("BL_1", "Default", "QID1"),
        "1": block("BL_2", "Standard", "QID2", "QID3"),
        "2": block("BL_T", "Trash", "QID4"),
    }
    branch = {"Type": "Branch", "Flow": [{"Type": "Standard", "ID": "BL_2", "FlowID": "FL_3"}]}
    flow = {"Type": "Root", "Flow": [branch, {"Type": "Block", "ID": "BL_1", "FlowID": "FL_2"}]}
    asked = [question(f"QID{number}", f"Q{number}", "TE", "SL") for number in (4, 1, 3, 2)]
    found = read(tmp_path, survey(*asked, blocks=blocks, flow=flow))
    assert [entry.code for entry in found.questions] == ["Q2", "Q3", "Q1"]


def test_what_nobody_answers_is_left_out(tmp_path: Path) -> None:
    silent = [
        question("QID1", "intro", "DB", "TB"),
        question("QID2", "Q16", "Timing", "PageTimer", Choices=displays("First Click", "Last Click")),
        question("QID3", "Q1.2", "Meta", "Browser", Choices=displays("Browser", "Version")),
    ]
    strange = question("QID4", "Q17", "PGR", "DragAndDrop", **LIST)
    found = read(tmp_path, survey(*silent, strange, question("QID5", "Q5", "TE", "SL")))
    assert [entry.code for entry in found.questions] == ["Q5"]
    assert [(fault.code, fault.details["type"], fault.details["questions"]) for fault in found.faults] == [
        ("structure-type-unknown", "PGR", "Q17")
    ]


EXPORT = """ResponseId,RecordedDate,DistributionChannel,Q1,Q4_1,Q4_2,Q4_2_TEXT,Q5_1,Q5_2,Q10_1,Q10_2
Response ID,Recorded Date,Distribution Channel,Job,Use? - Book,Use? - Other:,Use? - Other: - Text,\
Sat - Teachers,Sat - Building,Rank - Near,Rank - Good
R_1,2024-05-01,anonymous,1,1,1,globe,1,1,1,2
R_2,2024-05-01,anonymous,2,1,,,1,1,2,1
"""


def test_structure_tells_what_cells_do_not(tmp_path: Path) -> None:
    """Rows of a matrix that all hold 1 look like the options of a multiple choice, ranks like a matrix."""
    path = tmp_path / "Parents.csv"
    path.write_text(EXPORT, encoding="utf-8-sig")
    raw = read_table(path)
    structure = read(
        tmp_path,
        survey(
            question("QID1", "Q1", "MC", "SAVR", text="Job", Choices=displays("Teacher", "Doctor")),
            question("QID4", "Q4", "MC", "MAVR", Choices=displays("Book", "Other:", texts=("Other:",))),
            question("QID5", "Q5", "Matrix", "Likert", SubSelector="SingleAnswer", **GRID),
            question("QID10", "Q10", "RO", "DND", Choices=displays("Near", "Good")),
        ),
    )
    assert known_share(raw, structure) == 1.0
    found = {entry.code: entry for entry in read_qualtrics(raw, structure).questions}
    assert {code: entry.kind for code, entry in found.items()} == {
        "Q1": "single",
        "Q4": "multiple",
        "Q5_1": "matrix",
        "Q5_2": "matrix",
        "Q10": "ranking",
    }
    assert (found["Q4"].options, found["Q4"].other) == (("Book", "Other:"), "Q4_2_TEXT")
    assert (found["Q10"].by_rank, found["Q10"].options) == (False, ("Near", "Good"))
    assert [answer.labels["en"] for answer in found["Q5_2"].answers] == ["Bad", "Good"]
    assert found["Q1"].texts == {"en": "Job"}


def test_structure_is_found_by_the_headings(tmp_path: Path) -> None:
    path = tmp_path / "Parents.csv"
    path.write_text(EXPORT, encoding="utf-8-sig")
    folder = tmp_path / "structures"
    folder.mkdir()
    read(folder, survey(question("QID1", "age", "TE", "SL")))
    assert find_structure(read_table(path), "qualtrics", [folder]) is None
    asked = [question(f"QID{n}", f"Q{n}", "MC", "MAVR", Choices=displays("a", "b")) for n in (1, 4, 5, 10)]
    read(folder, survey(*asked))
    found = find_structure(read_table(path), "qualtrics", [folder])
    assert found is not None
    assert found.platform == "qualtrics"


def test_other_json_is_no_survey(tmp_path: Path) -> None:
    path = tmp_path / "data.qsf"
    path.write_text('{"rows": []}', encoding="utf-8")
    assert not is_qualtrics_qsf(path)
    assert not is_structure(path)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"SurveyEntry": {"SurveyName": "Par', "structure-damaged"),
        ('{"SurveyEntry": {}, "SurveyElements": []}', "structure-empty"),
        ('{"SurveyEntry": null, "SurveyElements": {"a": 1}}', "structure-empty"),
        (
            '{"SurveyEntry": {}, "SurveyElements": [null, {"Element": "SQ", "Payload": []}]}',
            "structure-empty",
        ),
        ('{"SurveyEntry":' + "[" * 100_000, "structure-damaged"),
    ],
)
def test_bad_files_are_refused_with_their_reason(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "survey.qsf"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((FileUnreadable, AnswersFaulty)) as caught:
        read_structure(path)
    assert [fault.code for fault in caught.value.faults] == [code]


QUESTIONNAIRE = Questionnaire.model_validate(
    yaml.safe_load("""
questionnaire: parents
title: {en: Parents}
languages: [en]
answer_lists:
  sat: {answers: [{value: 1, label: {en: Bad}}, {value: 2, label: {en: Good}}]}
  near: {ordered: false, answers: [{value: 1, label: {en: Near}}, {value: 2, label: {en: Good}}]}
  use:
    ordered: false
    answers: [{value: 1, label: {en: "Book, map"}}, {value: 2, label: {en: "Other:"}, other: true}]
  job: {ordered: false, answers: [{value: 1, label: {en: Doctor}}, {value: 2, label: {en: Teacher}}]}
items:
  - {id: Q1, text: {en: Job}, answers: job, standalone: true}
  - {id: Q4, text: {en: Use}, type: multiple, answers: use}
  - {id: Q5_1, text: {en: Teachers}, answers: sat, standalone: true}
  - {id: Q5_2, text: {en: Building}, answers: sat, standalone: true}
  - {id: Q6, text: {en: Joined}, type: multiple, answers: use}
  - {id: Q10, text: {en: Rank}, type: ranking, answers: near}
""")
)
HEADINGS = """StartDate,EndDate,Status,IPAddress,ResponseId,RecordedDate,Q1,Q4_1,Q4_2,\
Q4_2_TEXT,Q5_1,Q5_2,Q6,Q10_1,Q10_2
Start Date,End Date,Response Type,IP Address,Response ID,Recorded Date,Job,\
"Use? - Selected Choice - Book, map",Use? - Selected Choice - Other:,Use? - Other: - Text,\
Sat - Teachers,Sat - Building,Joined,Rank - Near,Rank - Good
"{""ImportId"":""startDate""}","{""ImportId"":""endDate""}","{""ImportId"":""status""}",\
"{""ImportId"":""ipAddress""}","{""ImportId"":""_recordId""}","{""ImportId"":""recordedDate""}",\
"{""ImportId"":""QID1""}","{""ImportId"":""QID4"",""choiceId"":""1""}","{""ImportId"":""QID4"",""choiceId"":""2""}",\
"{""ImportId"":""QID4_2_TEXT""}","{""ImportId"":""QID5_1""}","{""ImportId"":""QID5_2""}","{""ImportId"":""QID6""}",\
"{""ImportId"":""QID10_1""}","{""ImportId"":""QID10_2""}"
"""
ABOUT = "2024-05-01 08:00:00,2024-05-01 08:05:00,{status},10.0.0.{n},R_0000{n},2024-05-01 08:05:00"
BY_VALUE = ['1,1,1,globe,1,-99,"1,2",1,2', "2,1,,,2,1,1,2,1", "2,,,,2,1,,,", "1,1,,,1,1,2,1,2"]
BY_LABEL = [
    'Teacher,"Book, map",Other:,globe,Bad,-99,"Book, map,Other:",1,2',
    'Doctor,"Book, map",,,Good,Bad,"Book, map",2,1',
    "Doctor,,,,Good,Bad,,,",
    'Teacher,"Book, map",,,Bad,Bad,Other:,1,2',
]


def imported(folder: Path, rows: list[str], preview: str) -> Imported:
    asked = [
        question("QID1", "Q1", "MC", "SAVR", Choices=displays("Teacher", "Doctor")),
        question("QID4", "Q4", "MC", "MAVR", Choices=displays("Book, map", "Other:", texts=("Other:",))),
        question("QID5", "Q5", "Matrix", "Likert", SubSelector="SingleAnswer", **GRID),
        question("QID6", "Q6", "MC", "MAVR", Choices=displays("Book, map", "Other:")),
        question("QID10", "Q10", "RO", "DND", Choices=displays("Near", "Good")),
    ]
    read(folder, survey(*asked))
    path = folder / "Parents.csv"
    lines = [
        f"{ABOUT.format(n=n, status=preview if n == 3 else 0)},{row}\n" for n, row in enumerate(rows, start=1)
    ]
    path.write_text(HEADINGS + "".join(lines), encoding="utf-8-sig")
    role = Role.model_validate({"title": {"en": "Parents"}, "questionnaire": "parents.yaml"})
    return import_answers([path], QUESTIONNAIRE, role, "parents", language="en", structures=[folder])


def test_values_and_labels_are_the_same_answers(tmp_path: Path) -> None:
    by_value = imported(tmp_path, BY_VALUE, "1")
    by_label = imported(tmp_path, BY_LABEL, "Survey Preview")
    pd.testing.assert_frame_equal(by_value.answers, by_label.answers)


def test_values_are_those_of_the_labels(tmp_path: Path) -> None:
    """Qualtrics numbers Teacher 1 and Doctor 2, the questionnaire the other way round."""
    found = imported(tmp_path, BY_VALUE, "1").answers
    coded = {
        "Q1": [2.0, 1.0, 2.0],
        "Q4__1": [1.0, 1.0, 1.0],
        "Q4__2": [1.0, 0.0, 0.0],
        "Q5_2": [-9.0, 1.0, 1.0],
        "Q6__1": [1.0, 1.0, 0.0],
        "Q6__2": [1.0, 0.0, 1.0],
        "Q10__1": [1.0, 2.0, 1.0],
    }
    assert found[list(coded)].to_dict("list") == coded
    assert found["Q4__text"].fillna("").tolist() == ["globe", "", ""]
    assert found["submission"].tolist() == ["R_00001", "R_00002", "R_00004"]
    assert found["seconds"].tolist() == [300.0, 300.0, 300.0]


def test_the_preview_stands_in_the_quarantine_and_headings_nowhere(tmp_path: Path) -> None:
    found = imported(tmp_path, BY_VALUE, "1")
    assert found.quarantine[["row", "code", "reason"]].to_numpy().tolist() == [
        [6, "preview-row", "This row was filled in from the preview and is no answer sheet."]
    ]
    assert found.cells[["rows_read", "rows_kept", "rows_quarantined"]].to_numpy().tolist() == [[4, 3, 1]]
    assert found.files["rows"].tolist() == [4]
