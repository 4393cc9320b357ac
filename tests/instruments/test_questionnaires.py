"""The bundled questionnaires: sound, complete in both languages, true to the pools they were written from."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from manyi_instruments.definitions.loader import check_questionnaire, load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.questionnaires import bundled_questionnaires

NAMES = sorted(bundled_questionnaires())
PREFIX = {"parents": "P_", "teachers": "T_", "students": "S_", "principals": "C_", "society": "D_"}
POOLS = Path(__file__).parents[2] / ".." / "shared" / "domain"


def text_of(name: str) -> str:
    return bundled_questionnaires()[name].read_text(encoding="utf-8")


@pytest.fixture(params=NAMES)
def questionnaire(request: pytest.FixtureRequest) -> Questionnaire:
    return load_questionnaire(text_of(request.param), f"{request.param}.yaml")


@cache
def pool(name: str) -> Mapping[str, Any]:
    path = POOLS / f"{name}.yaml"
    if not path.exists():
        pytest.skip("the item pools (shared/domain beside the checkout) are not here")
    loaded: Mapping[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


@pytest.mark.parametrize("name", NAMES)
def test_no_fault_and_no_warning(name: str) -> None:
    assert [fault.message("en") for fault in check_questionnaire(text_of(name), f"{name}.yaml")] == []


def test_five_are_bundled() -> None:
    assert NAMES == ["parents", "principals", "society", "students", "teachers"]


def test_name_is_the_file_s(questionnaire: Questionnaire) -> None:
    assert questionnaire.questionnaire in NAMES


def test_ids_begin_with_the_letter_of_the_role(questionnaire: Questionnaire) -> None:
    prefix = PREFIX[questionnaire.questionnaire]
    assert [question.id for question in questionnaire.questions() if not question.id.startswith(prefix)] == []


def test_it_says_it_is_an_unpiloted_draft(questionnaire: Questionnaire) -> None:
    assert questionnaire.version == "0.1"
    assert "未经试测的草稿" in questionnaire.note
    assert "unpiloted draft" in questionnaire.note


def test_english_is_english(questionnaire: Questionnaire) -> None:
    texts = [question.text["en"] for question in questionnaire.questions()]
    texts += [
        answer.label["en"] for answers in questionnaire.answer_lists.values() for answer in answers.answers
    ]
    texts += [questionnaire.title["en"], (questionnaire.introduction or {})["en"]]
    assert [text for text in texts if re.search("[\u4e00-\u9fff]", text)] == []


def test_chinese_is_chinese(questionnaire: Questionnaire) -> None:
    texts = [question.text["zh"] for question in questionnaire.questions()]
    texts += [
        answer.label["zh"] for answers in questionnaire.answer_lists.values() for answer in answers.answers
    ]
    assert [text for text in texts if not re.search("[\u4e00-\u9fff]", text)] == []


@pytest.mark.parametrize(
    "promise", [("不记名", "anonymous"), ("随时可以停", "stop"), ("电话", "phone number")]
)
@pytest.mark.parametrize("name", ["parents", "teachers", "principals", "society"])
def test_introduction_for_adults_tells_of_privacy_and_choice(name: str, promise: tuple[str, str]) -> None:
    introduction = load_questionnaire(text_of(name)).introduction or {}
    assert promise[0] in introduction["zh"]
    assert promise[1] in introduction["en"]


def test_students_introduction_asks_guardian_and_child() -> None:
    introduction = load_questionnaire(text_of("students")).introduction or {}
    assert "未满 14 周岁的，须先征得您的同意" in introduction["zh"]
    assert "only with your consent" in introduction["en"]
    assert "If you are happy to take part" in introduction["en"]


def test_students_may_refuse_every_question() -> None:
    assert load_questionnaire(text_of("students")).offer_refused


def test_scale_items_may_be_left_out(questionnaire: Questionnaire) -> None:
    assert [item.id for item in questionnaire.items if item.required] == []


def test_no_question_asks_for_the_school_or_a_name(questionnaire: Questionnaire) -> None:
    asked = " ".join(
        question.text["en"] for question in questionnaire.questions() if question.id.endswith("NAME")
    )
    assert asked == ""
    assert not any(
        re.search("您的姓名|学校名称|出生日期", question.text["zh"]) for question in questionnaire.questions()
    )


def test_every_scale_has_at_least_two_items(questionnaire: Questionnaire) -> None:
    assert [scale.id for scale in questionnaire.scales if len(questionnaire.items_of(scale.id)) < 2] == []


def test_satisfaction_scale_is_called_sat(questionnaire: Questionnaire) -> None:
    assert questionnaire.scale("SAT").concept == "satisfaction"


@pytest.mark.parametrize(
    "name", ["sex", "yes_no", "relation", "hukou", "entry", "post", "subject", "kind", "residence"]
)
def test_names_are_unordered(name: str) -> None:
    lists = [load_questionnaire(text_of(role)).answer_lists.get(name) for role in NAMES]
    assert {answers.ordered for answers in lists if answers is not None} == {False}


@pytest.mark.parametrize("name", ["parents", "teachers"])
def test_every_quality_scale_has_its_importance_item(name: str) -> None:
    questionnaire = load_questionnaire(text_of(name))
    rated = [item.importance_of for item in questionnaire.items if item.importance_of]
    assert rated == [scale.id for scale in questionnaire.scales if scale.id != "SAT"]


def pool_items(name: str) -> list[dict[str, Any]]:
    source = pool(name)
    return [*source["items"], *source["overall"]]


@pytest.mark.parametrize("name", ["parents", "teachers", "students"])
def test_items_are_word_for_word_those_of_the_pool(name: str) -> None:
    questionnaire = load_questionnaire(text_of(name))
    for entry in pool_items(name):
        item = questionnaire.item(entry["id"])
        assert (item.text["zh"], item.text["en"]) == (entry["zh"], entry["en"])


@pytest.mark.parametrize("name", ["parents", "teachers", "students"])
def test_keys_dont_knows_and_links_are_those_of_the_pool(name: str) -> None:
    questionnaire = load_questionnaire(text_of(name))
    for entry in pool_items(name):
        item = questionnaire.item(entry["id"])
        expected = (entry["reverse"], entry.get("dk", False), tuple(entry.get("links", ())), entry["scale"])
        assert (item.reverse, item.dont_know, item.links, item.answers) == expected


@pytest.mark.parametrize("name", ["parents", "teachers", "students"])
def test_scales_are_the_dimensions_of_the_pool(name: str) -> None:
    questionnaire = load_questionnaire(text_of(name))
    assert [scale.id for scale in questionnaire.scales] == [*pool(name)["dimensions"], "SAT"]
    for entry in pool_items(name):
        in_scale = entry["dimension"] in pool(name)["dimensions"] or entry["dimension"] == "SAT"
        assert questionnaire.item(entry["id"]).scale == (entry["dimension"] if in_scale else None)


@pytest.mark.parametrize("name", ["parents", "teachers", "students"])
def test_demographics_have_the_codes_of_the_pool(name: str) -> None:
    questionnaire = load_questionnaire(text_of(name))
    for entry in pool(name)["demographics"]:
        item = questionnaire.item(entry["id"])
        answers = questionnaire.answer_list(item)
        assert answers is not None
        assert {answer.value: answer.label["zh"] for answer in answers.answers} == entry["codes"]
        assert item.required is not bool(entry.get("optional"))
        assert item.sensitive is bool(entry.get("sensitive"))


@pytest.mark.parametrize("name", ["parents", "teachers", "students"])
def test_attention_check_is_that_of_the_pool(name: str) -> None:
    (check,) = load_questionnaire(text_of(name)).attention
    (entry,) = pool(name)["attention"]
    assert (check.id, check.expected, check.after) == (entry["id"], entry["expected"], entry["place_after"])


@pytest.mark.parametrize(
    ("name", "source", "subset"),
    [("principals", "teachers", "principal_subset"), ("society", "parents", "society_subset")],
)
def test_shorter_forms_hold_their_subset_in_order(name: str, source: str, subset: str) -> None:
    questionnaire = load_questionnaire(text_of(name))
    expected = [PREFIX[name] + entry[2:] for entry in pool(source)[subset]]
    assert [item.id for item in questionnaire.items if item.type != "text"] == expected


def test_society_form_asks_who_answers_and_where_they_live() -> None:
    questionnaire = load_questionnaire(text_of("society"))
    kinds = questionnaire.answer_list(questionnaire.item("D_KIND"))
    areas = questionnaire.answer_list(questionnaire.item("D_AREA"))
    assert kinds is not None
    assert areas is not None
    assert [answer.label["zh"] for answer in kinds.answers] == ["人大代表", "政协委员", "其他群众"]
    assert [answer.label["zh"] for answer in areas.answers] == ["城区", "镇区", "乡村"]


def test_society_form_rewords_the_gap_between_schools() -> None:
    item = load_questionnaire(text_of("society")).item("D_RES3")
    assert "各学校之间办学条件差距明显" in item.text["zh"]
    assert item.reverse
