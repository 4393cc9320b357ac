"""Forms for other platforms: any valid questionnaire gives every form, or a reason; what is lost is told."""

import csv
import importlib.util
import io
import json
import sys
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import docx
import pytest
from hypothesis import HealthCheck, given, settings

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import ManyiError
from manyi_instruments.forms import FORMS
from manyi_instruments.questionnaires import bundled_questionnaires

PLATFORMS = ("wenjuanxing", "limesurvey", "surveyjs", "redcap", "ddi")


def beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


STRATEGY = beside("questionnaires_strategy")


def bundled(name: str) -> Questionnaire:
    return load_questionnaire(bundled_questionnaires()[name].read_text(encoding="utf-8"))


def asked_with(condition: str, **more: str) -> Questionnaire:
    return load_questionnaire(f"""
questionnaire: q
title: {{en: T}}
languages: [en]
answer_lists:
  yes_no: {{values: [0, 1], en: ["no", "yes"]}}
  ways:
    ordered: false
    answers:
      - {{value: 1, label: {{en: bus}}}}
      - {{value: 2, label: {{en: other}}, other: true}}
      - {{value: 3, label: {{en: none}}, exclusive: true}}
items:
  - {{id: BUS, text: {{en: Is there a bus?}}, answers: yes_no, standalone: true, dont_know: true}}
  - {{id: AGE, text: {{en: Age}}, type: number, minimum: 0, maximum: 99, standalone: true, dont_know: true}}
  - {{id: WAYS, text: {{en: Ways}}, type: multiple, answers: ways}}
  - {{id: KIND, text: {{en: Kind}}, answers: ways, standalone: true}}
  - {{id: NAME, text: {{en: Name}}, type: text}}
  - {{id: ORDER, text: {{en: Order}}, type: ranking, answers: ways}}
  - {{id: LAST, text: {{en: Last}}, type: text, relevant: '{condition}'}}
""")


def tsv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter="\t"))


def dictionary(content: bytes) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return {row["Variable / Field Name"]: row for row in rows}


def elements(survey: dict) -> list[dict]:
    return [element for page in survey["pages"] for element in page["elements"]]


def visible_if(questionnaire: Questionnaire, name: str) -> str:
    (content,) = FORMS["surveyjs"](questionnaire, "r").files.values()
    return next(one["visibleIf"] for one in elements(json.loads(content)) if one["name"] == name)


def relevance(questionnaire: Questionnaire, name: str) -> str:
    (content,) = FORMS["limesurvey"](questionnaire, "r").files.values()
    return next(row["relevance"] for row in tsv(content) if row["class"] == "Q" and row["name"] == name)


def branching(questionnaire: Questionnaire, name: str) -> str:
    (content,) = FORMS["redcap"](questionnaire, "r").files.values()
    return dictionary(content)[name]["Branching Logic (Show field only if...)"]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(STRATEGY.questionnaires())
def test_any_questionnaire_gives_every_form_or_a_named_reason(questionnaire: Questionnaire) -> None:
    for kind in (*PLATFORMS, "xlsform", "web", "entry"):
        assert_made_or_told(questionnaire, kind)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(STRATEGY.questionnaires())
def test_any_questionnaire_is_printed_or_a_reason_named(questionnaire: Questionnaire) -> None:
    # Typesetting takes a second a language: fewer are drawn.
    for kind in ("paper", "word"):
        assert_made_or_told(questionnaire, kind)


def assert_made_or_told(questionnaire: Questionnaire, kind: str) -> None:
    """Check that there are files, or faults in both languages."""
    try:
        made = FORMS[kind](questionnaire, "role")
        faults = made.faults
        assert made.files or any(fault.severity == "error" for fault in faults)
        assert all(made.files.values())
    except ManyiError as error:
        faults = error.faults
    assert all(fault.message("en") and fault.message("zh") for fault in faults)


def test_a_title_longer_than_office_properties_is_printed_whole() -> None:
    long = "满意度" * 100
    head = f"questionnaire: q\ntitle: {{zh: {long}}}\nlanguages: [zh]\n"
    text = head + "items: [{id: A, text: {zh: 为何}, type: text}]"
    (content,) = FORMS["word"](load_questionnaire(text), "r").files.values()
    assert long in "".join(one.text for one in docx.Document(io.BytesIO(content)).paragraphs)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(STRATEGY.questionnaires())
def test_forms_are_well_formed_in_their_own_formats(questionnaire: Questionnaire) -> None:
    made = {kind: FORMS[kind](questionnaire, "role").files for kind in PLATFORMS}
    (survey,) = made["surveyjs"].values()
    names = [element["name"] for element in elements(json.loads(survey))]
    assert len(names) == len(set(names))
    (document,) = made["ddi"].values()
    ElementTree.fromstring(document)
    (structure,) = made["limesurvey"].values()
    rows = tsv(structure)
    assert {row["class"] for row in rows} <= {"S", "SL", "G", "Q", "SQ", "A"}
    asked = {(row["name"], row["language"]) for row in rows if row["class"] == "Q"}
    assert len(asked) == sum(row["class"] == "Q" for row in rows)
    assert all(row["name"].isalnum() and len(row["name"]) <= 20 for row in rows if row["class"] == "Q")
    assert all(row["name"].isalnum() and len(row["name"]) <= 5 for row in rows if row["class"] == "A")
    for content in made["redcap"].values():
        fields = list(dictionary(content))
        assert len(fields) == len(set(fields)) == content.count(b"\r\n") - 1 - _lines_within(content)
        assert all(len(field) <= 26 for field in fields)


def _lines_within(content: bytes) -> int:
    """Return the line ends inside of cells: of the file's own none, texts have plain ones."""
    rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return sum(cell.count("\r\n") for row in rows for cell in row)


GIVEN = {
    "BUS == 1": (
        "({BUS} notempty) and ({BUS} <> -8)",
        '!is_empty(BUS.NAOK) and BUS.NAOK != "N8"',
        "[bus] <> '' and [bus] <> '-8'",
    ),
    "selected(WAYS, 1)": ("{WAYS} contains 1", 'WAYS_1.NAOK == "Y"', "[ways(1)] = '1'"),
    "selected(WAYS, 2)": ("{WAYS} contains 2", "!is_empty(WAYS_other.NAOK)", "[ways(2)] = '1'"),
    "selected(KIND, 2)": ("{KIND} = 2", 'KIND.NAOK == "-oth-"', "[kind] = '2'"),
    "missing(ORDER)": (
        "!({ORDER} notempty)",
        "!(!is_empty(ORDER_1.NAOK) or !is_empty(ORDER_2.NAOK) or !is_empty(ORDER_3.NAOK))",
        "[order_r1] = '' and [order_r2] = '' and [order_r3] = ''",
    ),
}


@pytest.mark.parametrize("condition", GIVEN)
def test_conditions_as_each_platform_spells_them(condition: str) -> None:
    questionnaire = asked_with(condition)
    surveyjs, limesurvey, redcap = GIVEN[condition]
    assert surveyjs in visible_if(questionnaire, "LAST")
    assert limesurvey in relevance(questionnaire, "LAST")
    assert redcap in branching(questionnaire, "last")


def test_redcap_compares_fields_with_quoted_codes_and_numbers_without() -> None:
    assert "[bus] = '1'" in branching(asked_with("BUS == 1"), "last")
    assert "[age] >= 18" in branching(asked_with("AGE >= 18"), "last")


@pytest.mark.parametrize(
    ("kind", "condition"),
    [("redcap", "floor(AGE / 10) == 3"), ("limesurvey", 'NAME == "{{x}}"'), ("surveyjs", 'NAME == "a\\\\b"')],
)
def test_a_condition_a_platform_cannot_say_is_left_out_and_told(kind: str, condition: str) -> None:
    made = FORMS[kind](asked_with(condition.replace("{{", "{").replace("}}", "}")), "r")
    (fault,) = [one for one in made.faults if one.code == "form-conditions-not-expressed"]
    assert fault.details["items"] == "LAST"
    assert b"LAST" in b"".join(made.files.values()).upper()


def test_wenjuanxing_tells_everything_its_text_has_no_words_for() -> None:
    made = FORMS["wenjuanxing"](asked_with("BUS == 1"), "r")
    told = {fault.code: fault.details["items"] for fault in made.faults}
    assert told == {
        "form-codes-not-expressed": "BUS",
        "form-bounds-not-expressed": "AGE",
        "form-exclusive-not-expressed": "WAYS",
        "form-conditions-not-expressed": "LAST",
    }


def test_names_too_long_for_a_platform_are_told() -> None:
    text = """
questionnaire: q
title: {en: T}
languages: [en]
items:
  - {id: A_VERY_LONG_NAME_OF_A_QUESTION, text: {en: One}, type: text}
  - {id: A_VERY_LONG_NAME_OF_A_QUESTIONNAIRE, text: {en: Two}, type: text}
"""
    made = FORMS["limesurvey"](load_questionnaire(text), "r")
    assert [fault.code for fault in made.faults] == ["form-names-changed"]
    assert "AVERYLONGNAMEOFAQUES, " in str(made.faults[0].details["items"])


@pytest.mark.parametrize("kind", PLATFORMS)
def test_300_items_with_a_12_point_scale_and_400_characters(kind: str) -> None:
    label = "很长的选项 with words and signs [=]{x} " * 12
    points = [{"value": n, "label": {"en": f"{label[:395]} {n:02}"}} for n in range(1, 13)]
    items = [
        {
            "id": f"Q{n}",
            "text": {"en": f"=Question\t[{n}]\n{{x}} {label[:380]}"},
            "answers": "p",
            "scale": "S",
        }
        for n in range(300)
    ]
    definition = {
        "questionnaire": "q",
        "title": {"en": "T"},
        "languages": ["en"],
        "answer_lists": {"p": {"answers": points}},
        "scales": [{"id": "S", "title": {"en": "S"}}],
        "items": items,
    }
    made = FORMS[kind](load_questionnaire(json.dumps(definition, ensure_ascii=False)), "r")
    assert len(b"".join(made.files.values())) > 100_000


#: Children of elements in the order of codebook.xsd 2.5 (the types of those names), as far as used here.
DDI_ORDER = {
    "codeBook": ("docDscr", "stdyDscr", "fileDscr", "dataDscr", "otherMat"),
    "stdyDscr": ("citation", "studyAuthorization", "stdyInfo", "method", "dataAccs", "othrStdyMat", "notes"),
    "citation": ("titlStmt", "rspStmt", "prodStmt", "distStmt", "serStmt", "verStmt", "biblCit", "notes"),
    "titlStmt": ("titl", "subTitl", "altTitl", "parTitl", "IDNo"),
    "verStmt": ("version", "verResp", "notes"),
    "dataDscr": ("varGrp", "nCubeGrp", "var", "nCube", "notes"),
    "varGrp": ("labl", "txt", "concept", "defntn", "universe", "notes"),
    "var": (
        *("location", "labl", "imputation", "security", "embargo", "respUnit", "anlysUnit", "qstn", "valrng"),
        *(
            "invalrng",
            "undocCod",
            "universe",
            "TotlResp",
            "sumStat",
            "txt",
            "stdCatgry",
            "catgryGrp",
            "catgry",
        ),
        *("codInstr", "verStmt", "concept", "derivation", "varFormat", "geoMap", "catLevel", "notes"),
    ),
    "catgry": ("catValu", "labl", "txt", "catStat", "mrow"),
}
DDI = "{ddi:codebook:2_5}"


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(STRATEGY.questionnaires())
def test_ddi_follows_the_order_of_the_schema_and_its_references_lead_somewhere(
    questionnaire: Questionnaire,
) -> None:
    (content,) = FORMS["ddi"](questionnaire, "r").files.values()
    root = ElementTree.fromstring(content)
    ids = [element.get("ID") for element in root.iter() if element.get("ID")]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        order = DDI_ORDER.get(element.tag.removeprefix(DDI))
        if order is not None:
            places = [order.index(child.tag.removeprefix(DDI)) for child in element]
            assert places == sorted(places), element.tag
        for name in ("qstn", "var"):
            assert set((element.get(name) or "").split()) <= set(ids)


def test_ddi_tells_who_is_asked() -> None:
    (content,) = FORMS["ddi"](asked_with("BUS == 1"), "r").files.values()
    root = ElementTree.fromstring(content)
    (variable,) = [one for one in root.iter(f"{DDI}var") if one.get("name") == "LAST"]
    (asker,) = [one for one in root.iter(f"{DDI}var") if one.get("name") == "BUS"]
    assert variable.findtext(f"{DDI}universe")
    assert variable.findtext(f"{DDI}universe") == variable.findtext(f"{DDI}qstn/{DDI}preQTxt")
    forward = asker.find(f"{DDI}qstn/{DDI}forward")
    assert forward is not None
    assert (forward.get("qstn"), forward.text) == ("Q_LAST", "LAST")


@pytest.mark.parametrize("name", sorted(bundled_questionnaires()))
@pytest.mark.parametrize("kind", PLATFORMS)
def test_bundled_questionnaires_lose_nothing_but_what_wenjuanxing_lacks(kind: str, name: str) -> None:
    made = FORMS[kind](bundled(name), name)
    lacking = {
        *("form-required-not-expressed", "form-codes-not-expressed", "form-keys-not-carried"),
        "form-hints-not-expressed",
    }
    assert {fault.code for fault in made.faults} <= (lacking if kind == "wenjuanxing" else set())
