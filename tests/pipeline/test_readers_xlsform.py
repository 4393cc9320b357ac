"""XLSForms: pyxform's own examples, the columns and types they may have, and manyi's forms read back."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from manyi.readers.structures.find import is_structure, read_structure
from manyi.readers.structures.structure import Structure, StructuredQuestion
from manyi.readers.structures.xlsform_types import form_type
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Item
from manyi_instruments.faults import AnswersFaulty, ManyiError
from manyi_instruments.forms.xlsform.form import xlsform
from manyi_instruments.forms.xlsform.workbook import write_xlsform
from manyi_instruments.questionnaires import bundled_questionnaires

SHARED = Path(__file__).parents[2] / ".." / "shared"
EXAMPLES = SHARED / "examples" / "pyxform_examples"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the folder `shared` is not beside the checkout"
)
# Counted by pyxform 4.5: the answered leaves of the form, without notes, metadata, media and repeats.
QUESTIONS = {
    "attribute_columns_test.xlsx": 16,
    "choice_filter_test.xlsx": 3,
    "flat_xlsform_test.xlsx": 22,
    "group.xlsx": 3,
    "specify_other.xlsx": 1,
    "table-list.xls": 4,
    "unknown_question_type.xls": 36,
    "xlsform_spec_test.xlsx": 16,
}
Rows = Sequence[Mapping[str, str]]


def write(
    folder: Path, survey: Rows, choices: Rows = (), settings: Rows = (), name: str = "form.xlsx"
) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in (("survey", survey), ("choices", choices), ("settings", settings)):
        if rows:
            sheet = book.create_sheet(title)
            columns = list(dict.fromkeys(column for row in rows for column in row))
            sheet.append(columns)
            for row in rows:
                sheet.append([row.get(column, "") for column in columns])
    book.save(folder / name)
    return folder / name


def read(folder: Path, survey: Rows, choices: Rows = (), settings: Rows = ()) -> Structure:
    return read_structure(write(folder, survey, choices, settings))


def question(structure: Structure, code: str) -> StructuredQuestion:
    return next(found for found in structure.questions if found.code == code)


YES_NO = ({"list_name": "yn", "name": "1", "label": "Yes"}, {"list_name": "yn", "name": "0", "label": "No"})


@needs_shared
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_example_of_pyxform_is_read(name: str) -> None:
    assert len(read_structure(EXAMPLES / name).questions) == QUESTIONS[name]


@needs_shared
def test_every_example_is_told_to_be_a_form() -> None:
    files = [path for path in EXAMPLES.iterdir() if path.suffix in (".xls", ".xlsx")]
    assert {path.name for path in files} == set(QUESTIONS)
    assert all(map(is_structure, files))


@needs_shared
@pytest.mark.parametrize(
    "name",
    [name for name in QUESTIONS if name not in ("unknown_question_type.xls", "choice_filter_test.xlsx")],
)
def test_questions_are_those_pyxform_makes_nodes_of(name: str) -> None:
    from pyxform import xls2xform
    from pyxform.question import Question

    survey = xls2xform.convert(str(EXAMPLES / name), validate=False)._survey
    made = {node.name: node.type for node in survey.iter_descendants() if isinstance(node, Question)}
    mine = read_structure(EXAMPLES / name)
    asked = {found.code for found in mine.questions}
    assert asked <= set(made)
    # What pyxform makes beside is what nobody is asked, and the text it adds for "other".
    generated = {name for name in made if name.startswith(("generated_", "reserved_"))} | {
        "instanceID",
        "instanceName",
    }
    generated |= {found.other for found in mine.questions}
    assert set(made) - asked - generated <= set(mine.unasked)


@needs_shared
def test_languages_of_an_example() -> None:
    structure = read_structure(EXAMPLES / "flat_xlsform_test.xlsx")
    assert structure.languages == ("en", "zh")
    assert question(structure, "address").texts == {"en": "Enter an address", "zh": "您好"}


@needs_shared
def test_or_other_adds_an_answer_and_names_its_text() -> None:
    found = question(read_structure(EXAMPLES / "specify_other.xlsx"), "sex")
    assert [answer.code for answer in found.answers] == ["male", "female", "other"]
    assert found.other == "sex_other"


@needs_shared
def test_rows_of_a_table_list_are_a_matrix() -> None:
    found = question(read_structure(EXAMPLES / "table-list.xls"), "table_list_4")
    assert (found.kind, found.stem) == ("matrix", {"": "Table (made with an easier method)"})
    assert found.texts == {"": "Table (made with an easier method)—Question 2"}


@needs_shared
def test_an_unknown_type_is_told() -> None:
    faults = read_structure(EXAMPLES / "unknown_question_type.xls").faults
    assert [(fault.code, fault.details["type"]) for fault in faults] == [
        ("structure-type-unknown", "unknown")
    ]


@pytest.mark.parametrize(
    ("cell", "kind", "choices"),
    [
        ("select_one yn", "single", "yn"),
        ("select one from yn", "single", "yn"),
        ("select1 yn", "single", "yn"),
        ("add select one prompt using yn", "single", "yn"),
        ("select_one_from_file schools.csv", "single", "schools.csv"),
        ("select_multiple  happy_sad", "multiple", "happy_sad"),
        ("select all that apply from yn", "multiple", "yn"),
        ("rank yn", "ranking", "yn"),
        ("Integer", "number", ""),
        ("range", "number", ""),
        ("q int", "number", ""),
        ("add decimal prompt", "number", ""),
        ("date", "text", ""),
        ("phone number", "text", ""),
    ],
)
def test_types_of_questions(cell: str, kind: str, choices: str) -> None:
    found = form_type(cell)
    assert (found.kind, found.choices, found.known) == (kind, choices, True)


@pytest.mark.parametrize(
    ("cell", "role"),
    [
        ("note", "note"),
        ("get start time", "start"),
        ("end", "end"),
        ("deviceid", "device"),
        ("get phone number", "metadata"),
        ("geopoint", "metadata"),
        ("calculate", "calculation"),
        ("begin repeat", "begin"),
        ("end_group", "end_of"),
        ("csv-external", "nothing"),
    ],
)
def test_types_that_ask_nothing(cell: str, role: str) -> None:
    assert (form_type(cell).kind, form_type(cell).role) == (None, role)


def test_a_bare_label_is_in_the_default_language(tmp_path: Path) -> None:
    survey = [{"type": "text", "name": "q", "label": "题", "label::English (en)": "Question"}]
    found = read(tmp_path, survey, settings=[{"default_language": "中文 (zh)", "form_title": "问卷"}])
    assert found.languages == ("zh", "en")
    assert (found.title, found.questions[0].texts) == ({"zh": "问卷"}, {"zh": "题", "en": "Question"})


def test_groups_conditions_and_keys(tmp_path: Path) -> None:
    survey = [
        {"type": "begin_group", "name": "a"},
        {"type": "begin group", "name": "b", "label": "B"},
        {
            "type": "select_one yn",
            "name": "q",
            "label": "Q",
            "required": "true()",
            "relevant": "${p} = 1",
            "bind::ps:scale": "S",
            "bind::ps:reverse": "true",
        },
        {"type": "end_group"},
        {"type": "end group", "name": "a"},
    ]
    found = read(tmp_path, survey, YES_NO).questions[0]
    assert (found.group, found.required, found.relevant) == ("a/b", True, "${p} = 1")
    assert found.keys == {"scale": "S", "reverse": "true"}
    assert [(answer.code, answer.labels) for answer in found.answers] == [
        ("1", {"": "Yes"}),
        ("0", {"": "No"}),
    ]


def test_a_grid_of_list_nolabel_rows(tmp_path: Path) -> None:
    survey = [
        {"type": "begin_group", "name": "g", "label": "Rate", "appearance": "field-list"},
        {"type": "select_one yn", "name": "h", "label": "x", "appearance": "label"},
        {"type": "select_one yn", "name": "r1", "label": "Food", "appearance": "list-nolabel"},
        {"type": "end_group"},
    ]
    found = read(tmp_path, survey, YES_NO)
    assert found.unasked == {"h": "heading"}
    assert [(q.code, q.kind, q.texts) for q in found.questions] == [("r1", "matrix", {"": "Rate—Food"})]


def test_blocks_of_kobotoolbox(tmp_path: Path) -> None:
    # As formpack expands them: ``score__row`` and ``rank__level`` in their group, a matrix as m_row_column.
    survey = [
        {"type": "begin_score", "name": "s", "label": "Rate", "kobo--score-choices": "yn"},
        {"type": "score__row", "name": "food", "label": "Food"},
        {"type": "end_score"},
        {"type": "begin_rank", "name": "r", "label": "Top needs", "kobo--rank-items": "yn"},
        {"type": "rank__level", "name": "n1", "label": "1st"},
        {"type": "end_rank"},
        {"type": "begin_kobomatrix", "name": "m", "label": "Items", "kobo--matrix_list": "yn"},
        {"type": "integer", "name": "n", "label": "How many?"},
        {"type": "end_kobomatrix"},
    ]
    found = read(tmp_path, survey, YES_NO)
    assert [(q.code, q.kind, len(q.answers), q.texts[""]) for q in found.questions] == [
        ("food", "matrix", 2, "Rate—Food"),
        ("n1", "matrix", 2, "Top needs—1st"),
        ("m_1_n", "number", 0, "Yes—How many?"),
        ("m_0_n", "number", 0, "No—How many?"),
    ]


def test_questions_in_repeats_are_left_out_and_told(tmp_path: Path) -> None:
    survey = [
        {"type": "text", "name": "q", "label": "Q"},
        {"type": "begin_repeat", "name": "child", "label": "Children"},
        {"type": "integer", "name": "age", "label": "Age"},
        {"type": "end_repeat"},
    ]
    found = read(tmp_path, survey)
    assert [q.code for q in found.questions] == ["q"]
    assert found.unasked == {"child_count": "metadata", "age": "repeat"}
    assert [(fault.code, fault.place.row) for fault in found.faults] == [("structure-repeat", 3)]


@pytest.mark.parametrize(
    ("survey", "code", "row"),
    [
        ([{"type": "text", "label": "Q"}], "structure-columns-missing", None),
        ([{"type": "text", "name": "q"}, {"type": "text"}], "structure-name-missing", 3),
        (
            [{"type": "begin_group", "name": "g"}, {"type": "text", "name": "q"}],
            "structure-groups-unbalanced",
            2,
        ),
        ([{"type": "text", "name": "q"}, {"type": "end_group"}], "structure-groups-unbalanced", 3),
        ([{"type": "note", "name": "n"}], "structure-empty", None),
    ],
)
def test_a_faulty_form_is_refused_with_its_row(
    tmp_path: Path, survey: Rows, code: str, row: int | None
) -> None:
    from manyi.readers.structures.xlsform import read_xlsform

    with pytest.raises(AnswersFaulty) as error:
        read_xlsform(write(tmp_path, survey))
    assert [(fault.code, fault.place.row) for fault in error.value.faults] == [(code, row)]


def test_a_list_that_is_not_there_is_told(tmp_path: Path) -> None:
    found = read(tmp_path, [{"type": "select_one gone", "name": "q", "label": "Q"}])
    assert [(fault.code, fault.details["list"]) for fault in found.faults] == [
        ("structure-list-missing", "gone")
    ]
    assert found.questions[0].answers == ()


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04 no archive", b"\xd0\xcf\x11\xe0 no workbook", b"a,b\n1,2\n"]
)
def test_what_is_no_form_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.xlsx"
    path.write_bytes(content)
    with pytest.raises(ManyiError) as error:
        read_structure(path)
    assert [fault.code for fault in error.value.faults] == ["structure-not-recognised"]


@pytest.mark.parametrize("name", bundled_questionnaires())
@pytest.mark.parametrize("layout", ["list", "grid"])
def test_our_own_forms_say_what_they_were_made_from(tmp_path: Path, name: str, layout: str) -> None:
    source = bundled_questionnaires()[name].read_text(encoding="utf-8")
    questionnaire = load_questionnaire(source)
    path = tmp_path / f"{name}.xlsx"
    write_xlsform(xlsform(questionnaire, layout=layout), path)  # type: ignore[arg-type]
    found = {asked.code: asked for asked in read_structure(path).questions}
    assert [code for code in found if code != "school"] == [asked.id for asked in questionnaire.questions()]
    for asked in questionnaire.questions():
        described = found[asked.id]
        assert all(described.texts[language].endswith(text) for language, text in asked.text.items())
        listed = questionnaire.answer_list(asked)
        if listed is not None:
            told = [(answer.code, answer.labels) for answer in described.answers if answer.missing is None]
            assert told == [(str(answer.value), answer.label) for answer in listed.answers]
        if isinstance(asked, Item):
            kinds = {answer.missing for answer in described.answers} - {None}
            assert ("dont_know" in kinds) == (asked.dont_know and listed is not None)
            assert described.keys.get("scale") == asked.scale
            assert asked.scale is None or described.keys["reverse"] == str(asked.reverse).lower()
