"""Edits of a questionnaire in the field: every kind is found, told, and given its verdict."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from manyi_instruments.changes import VERDICTS, Change, compare_definitions
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import (
    Answer,
    AnswerList,
    AttentionCheck,
    Definition,
    Item,
    MissingCode,
    Questionnaire,
    Scale,
    Section,
)
from manyi_instruments.faults import wordings
from manyi_instruments.questionnaires import bundled_questionnaires


def strategy() -> ModuleType:
    path = Path(__file__).with_name("questionnaires_strategy.py")
    spec = importlib.util.spec_from_file_location("questionnaires_strategy_of_changes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


QUESTIONNAIRES = strategy().questionnaires
LANGUAGES = strategy().LANGUAGES

TEXT = """
questionnaire: field
title: {zh: 看护人问卷, en: Caregivers}
languages: [zh, en]
introduction: {zh: 您好。, en: Hello.}
answer_lists:
  agree: {values: [1, 2, 3], zh: [不同意, 一般, 同意], en: [against, so so, for]}
  places: {values: [1, 2], zh: [城, 乡], en: [town, village], ordered: false}
scales:
  - {id: TRUST, title: {zh: 信任, en: trust}}
  - {id: CARE, title: {zh: 关爱, en: care}}
demographics:
  - {id: PLACE, text: {zh: 住哪里？, en: Where do you live?}, answers: places}
  - {id: AGE, text: {zh: 年龄, en: Age}, type: number, minimum: 18, maximum: 99, unit: {zh: 岁, en: years}}
  - id: CODE
    text: {zh: 编码, en: Code}
    type: code
    parts: [{text: {zh: 姓的首字母, en: first letter}}, {text: {zh: 生日, en: day}, of: digits, length: 2}]
items:
  - {id: T1, text: {zh: 我信任学校, en: I trust the school}, answers: agree, scale: TRUST}
  - {id: T2, text: {zh: 我信任老师, en: I trust teachers}, answers: agree, scale: TRUST}
  - {id: T3, text: {zh: 老师不公平, en: Teachers are unfair}, answers: agree, scale: TRUST, reverse: true}
  - {id: C1, text: {zh: 老师关心, en: Teachers care}, answers: agree, scale: CARE, relevant: T1 >= 2}
  - {id: C2, text: {zh: 学校关心, en: The school cares}, answers: agree, scale: CARE}
  - {id: EVENTS, text: {zh: 参加过什么, en: What did you attend}, type: multiple, answers: places}
  - {id: WISH, text: {zh: 建议, en: Wishes}, type: text}
attention:
  - {id: CHECK, text: {zh: 请选同意, en: Choose for}, answers: agree, expected: 3, after: T2}
sections:
  - {id: S1, title: {zh: 一, en: One}, first: PLACE}
  - {id: S2, title: {zh: 二, en: Two}, first: C1, introduction: {zh: 想一想。, en: Think.}}
"""

#: Edits of the text above: what is written instead of what, the kind it is, and of which questions.
EDITS = [
    ("我信任学校", "我很信任学校", "wording", ("T1",)),
    ("I trust teachers", "I trust the teachers", "wording", ("T2",)),
    ("en: years}}", "en: years}, hint: {zh: 周岁, en: full}}", "instruction", ("AGE",)),
    ("zh: 您好。", "zh: 你好。", "introduction", ()),
    ("zh: 想一想。", "zh: 请想一想。", "introduction", ()),
    ("zh: 看护人问卷", "zh: 家长问卷", "introduction", ()),
    (
        "[不同意, 一般, 同意]",
        "[不同意, 不确定, 同意]",
        "answer-wording",
        ("T1", "T2", "CHECK", "T3", "C1", "C2"),
    ),
    ("values: [1, 2, 3]", "values: [1, 3, 2]", "answers-renumbered", ("T1", "T2", "CHECK", "T3", "C1", "C2")),
    (
        "zh: [城, 乡], en: [town, village]",
        "zh: [乡, 城], en: [village, town]",
        "answers-renumbered",
        ("EVENTS",),
    ),
    (
        "values: [1, 2, 3], zh: [不同意, 一般, 同意], en: [against, so so, for]",
        "values: [1, 2, 3, 4], zh: [不同意, 一般, 同意, 完全], en: [against, so so, for, fully]",
        "answer-added",
        ("T1", "T2", "CHECK", "T3", "C1", "C2"),
    ),
    (
        "values: [1, 2, 3], zh: [不同意, 一般, 同意], en: [against, so so, for]",
        "values: [1, 3], zh: [不同意, 同意], en: [against, for]",
        "answer-removed",
        ("T1", "T2", "CHECK", "T3", "C1", "C2"),
    ),
    (
        "values: [1, 2], zh: [城, 乡], en: [town, village]",
        "values: [1, 2, 3], zh: [城, 乡, 镇], en: [town, village, market]",
        "answer-offered",
        ("PLACE",),
    ),
    (
        "values: [1, 2], zh: [城, 乡], en: [town, village]",
        "values: [1, 2, 3], zh: [城, 乡, 镇], en: [town, village, market]",
        "answer-added",
        ("EVENTS",),
    ),
    (
        "values: [1, 2], zh: [城, 乡], en: [town, village]",
        "values: [2, 1], zh: [乡, 城], en: [village, town]",
        "answer-order",
        ("PLACE",),
    ),
    ("en: [town, village], ordered: false", "en: [town, village]", "answers-ordered", ("PLACE", "EVENTS")),
    ("scale: TRUST, reverse: true", "scale: TRUST", "polarity", ("T3",)),
    ("type: number, minimum: 18, maximum: 99, unit: {zh: 岁, en: years}", "type: text", "type", ("AGE",)),
    ("type: multiple, answers", "type: ranking, answers", "type", ("EVENTS",)),
    ("maximum: 99", "maximum: 120", "bounds-widened", ("AGE",)),
    ("minimum: 18", "minimum: 21", "bounds-narrowed", ("AGE",)),
    ("maximum: 99", "maximum: 99, integer: false", "bounds-widened", ("AGE",)),
    ("en: years", "en: months", "unit", ("AGE",)),
    ("of: digits, length: 2", "of: digits, length: 4", "code-parts", ("CODE",)),
    ("zh: 姓的首字母", "zh: 名的首字母", "code-parts", ("CODE",)),
    ("en: Wishes}, type: text", "en: Wishes}, type: text, required: true", "required", ("WISH",)),
    (
        "answers: agree, scale: CARE}",
        "answers: agree, scale: CARE, dont_know: true}",
        "missing-offered",
        ("C2",),
    ),
    (
        "answers: agree, scale: CARE}",
        "answers: agree, scale: CARE, sensitive: true}",
        "missing-offered",
        ("C2",),
    ),
    ("introduction: {zh: 您好。", "offer_refused: true\nintroduction: {zh: 您好。", "missing-offered", ()),
    ("relevant: T1 >= 2", "relevant: T1 >= 3", "condition", ("C1",)),
    ("first: C1,", "first: C1, relevant: T1 >= 2,", "condition", ("C1", "C2", "EVENTS", "WISH")),
    ("unit: {zh: 岁, en: years}", "unit: {zh: 岁, en: years}, constraint: AGE != 50", "constraint", ("AGE",)),
    ("scale: CARE}", "scale: TRUST}", "scale-membership", ("C2",)),
    (
        "{id: CARE, title: {zh: 关爱, en: care}}",
        "{id: CARE, title: {zh: 关爱, en: care}, score: sum}",
        "scale",
        (),
    ),
    (
        "{id: CARE, title: {zh: 关爱, en: care}}",
        "{id: CARE, title: {zh: 关爱, en: care}, minimum_answered: 1}",
        "scale",
        (),
    ),
    ("expected: 3", "expected: 2", "expected", ("CHECK",)),
    ("after: T2", "after: T3", "order", ("CHECK",)),
    ("first: C1", "first: C2", "section", ()),
    ("type: text}", "type: text, links: [A1]}", "analysis", ("WISH",)),
    ("type: text}", "type: text, heading: [建议框]}", "documentation", ("WISH",)),
    ("zh: 关爱", "zh: 关怀", "documentation", ()),
    ("questionnaire: field", "questionnaire: later", "documentation", ()),
    ("languages: [zh, en]", "languages: [en, zh]", "language-order", ()),
    ("answers: places}\n  - {id: AGE", "answers: spots}\n  - {id: AGE", "list-name", ("PLACE",)),
    (
        "introduction: {zh: 您好。",
        "missing: {dont_know: {code: -88, label: {zh: 不了解, en: don't know}}}\nintroduction: {zh: 您好。",
        "missing-code",
        (),
    ),
    (
        "introduction: {zh: 您好。",
        "missing: {dont_know: {code: -8, label: {zh: 不清楚, en: don't know}}}\nintroduction: {zh: 您好。",
        "answer-wording",
        (),
    ),
]


def edited(old: str, new: str) -> Questionnaire:
    assert TEXT.count(old) >= 1
    text = TEXT.replace(old, new, 1)
    if "spots" in text:
        spots = "  spots: {values: [1, 2], zh: [城, 乡], en: [town, village], ordered: false}\nscales:"
        text = text.replace("scales:", spots, 1)
    return load_questionnaire(text)


@pytest.fixture(scope="module")
def original() -> Questionnaire:
    return load_questionnaire(TEXT)


@pytest.mark.parametrize(("old", "new", "kind", "items"), EDITS, ids=[f"{e[2]}-{e[1][:20]}" for e in EDITS])
def test_an_edit_is_found_with_its_kind_and_questions(
    old: str, new: str, kind: str, items: tuple[str, ...], original: Questionnaire
) -> None:
    found = compare_definitions(original, edited(old, new))
    assert (kind, items) in {(change.kind, change.items) for change in found}


@pytest.mark.parametrize(("old", "new", "kind", "items"), EDITS, ids=[f"{e[2]}-{e[1][:20]}" for e in EDITS])
def test_nothing_graver_than_the_edit_is_told(
    old: str, new: str, kind: str, items: tuple[str, ...], original: Questionnaire
) -> None:
    found = compare_definitions(original, edited(old, new))
    # An answer list that two questions share for two purposes has two verdicts.
    graver = {"answer-added"} if kind == "answer-offered" else set()
    gravest = {"answers-renumbered"} if kind == "answer-order" else graver
    unsafe = {change.kind for change in found if change.unsafe} - gravest
    assert unsafe <= ({kind} if VERDICTS[kind] == "new-name" else set())


def test_an_item_taken_away_is_found(original: Questionnaire) -> None:
    shorter = original.model_copy(update={"items": original.items[:-1]})
    assert kinds(compare_definitions(original, shorter)) == {("item-removed", ("WISH",))}


def test_an_item_added_to_a_scale_changes_its_scores(original: Questionnaire) -> None:
    shorter = original.model_copy(update={"items": tuple(one for one in original.items if one.id != "C2")})
    assert kinds(compare_definitions(shorter, original)) == {
        ("item-added", ("C2",)),
        ("scale-membership", ("C2",)),
    }


def test_an_item_that_moved_is_told_alone(original: Questionnaire) -> None:
    items = list(original.items)
    items.insert(4, items.pop(0))
    moved = original.model_copy(update={"items": tuple(items)})
    assert [(c.kind, c.items, c.before, c.after) for c in compare_definitions(original, moved)] == [
        ("order", ("T1",), "4", "9")
    ]


def test_an_item_renamed_is_no_item_removed(original: Questionnaire) -> None:
    renamed = edited("{id: WISH", "{id: WISHES")
    assert [(c.kind, c.before, c.after) for c in compare_definitions(original, renamed)] == [
        ("item-renamed", "WISH", "WISHES")
    ]


def test_an_item_that_becomes_background_is_found(original: Questionnaire) -> None:
    wish = original.items[-1]
    other = original.model_copy(
        update={"demographics": (*original.demographics, wish), "items": original.items[:-1]}
    )
    assert ("background", ("WISH",)) in kinds(compare_definitions(original, other))


def test_languages_added_and_removed_are_found(original: Questionnaire) -> None:
    chinese = original.model_copy(update={"languages": ("zh",)})
    assert kinds(compare_definitions(chinese, original)) == {("language-added", ())}
    assert kinds(compare_definitions(original, chinese)) == {("language-removed", ())}


def test_sections_added_and_removed_are_found(original: Questionnaire) -> None:
    without = original.model_copy(update={"sections": original.sections[:1]})
    assert kinds(compare_definitions(original, without)) == {("section", ())}
    assert kinds(compare_definitions(without, original)) == {("section", ())}


def test_a_scale_added_is_found(original: Questionnaire) -> None:
    without = original.model_copy(update={"scales": original.scales[:1]})
    assert kinds(compare_definitions(without, original)) == {("scale", ())}


def test_the_gravest_stand_first(original: Questionnaire) -> None:
    found = compare_definitions(
        original, edited("maximum: 99, unit: {zh: 岁, en: years}", "unit: {zh: 月, en: months}")
    )
    order = ["new-name", "recomputed", "other-stimulus", "safe"]
    verdicts = [order.index(change.verdict) for change in found]
    assert verdicts == sorted(verdicts)
    assert [change.kind for change in found] == ["unit", "unit", "bounds-widened"]


@pytest.mark.parametrize("kind", sorted(VERDICTS))
def test_every_kind_has_words_in_both_languages(kind: str) -> None:
    fault = Change(kind, ("T1",), "before", "after").fault()
    assert f"edited-{kind}" in wordings()
    assert all(text.strip() for language in ("zh", "en") for text in fault.as_dict(language).values())


def test_every_kind_is_shown_by_some_test(original: Questionnaire) -> None:
    elsewhere = {
        "item-added",
        "item-removed",
        "item-renamed",
        "background",
        "language-added",
        "language-removed",
    }
    assert set(VERDICTS) - {edit[2] for edit in EDITS} - elsewhere == {"answer-behaviour"}
    lists = dict(original.answer_lists)
    places = lists["places"].answers
    lists["places"] = lists["places"].model_copy(
        update={"answers": (places[0], places[1].model_copy(update={"exclusive": True}))}
    )
    found = compare_definitions(original, original.model_copy(update={"answer_lists": lists}))
    assert ("answer-behaviour", ("EVENTS",)) in kinds(found)


def kinds(changes: tuple[Change, ...]) -> set[tuple[str, tuple[str, ...]]]:
    return {(change.kind, change.items) for change in changes}


# --- any questionnaire --------------------------------------------------------------------------------------

#: Nothing is made smaller: shrinking questionnaires takes minutes, and the path says what was not found.
SETTINGS = settings(
    max_examples=60,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("name", sorted(bundled_questionnaires()))
def test_a_bundled_questionnaire_does_not_differ_from_itself(name: str) -> None:
    source = Path(str(bundled_questionnaires()[name]))
    assert compare_definitions(load_questionnaire(source), load_questionnaire(source)) == ()


@SETTINGS
@given(QUESTIONNAIRES())
def test_any_questionnaire_does_not_differ_from_itself(questionnaire: Questionnaire) -> None:
    again = Questionnaire.model_validate_json(questionnaire.model_dump_json())
    assert definition_hash(again) == definition_hash(questionnaire)
    assert compare_definitions(questionnaire, again) == ()


def leaves(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to every single value of a definition."""
    if isinstance(node, Definition):
        return [leaf for key in type(node).model_fields for leaf in leaves(getattr(node, key), (*path, key))]
    if isinstance(node, dict):
        return [leaf for key, value in node.items() for leaf in leaves(value, (*path, key))]
    if isinstance(node, tuple) and node and not isinstance(node[0], str):
        return [leaf for place, value in enumerate(node) for leaf in leaves(value, (*path, place))]
    return [path]


def mutated(node: Any, path: tuple[Any, ...]) -> Any:
    """Return a copy in which the value at a path is another one."""
    key, rest = path[0], path[1:]
    if not rest:
        old = getattr(node, key) if isinstance(node, Definition) else node[key]
        new = GIVEN[key] if old is None else other(old)
        return node.model_copy(update={key: new}) if isinstance(node, Definition) else {**node, key: new}
    if isinstance(node, Definition):
        return node.model_copy(update={key: mutated(getattr(node, key), rest)})
    if isinstance(node, dict):
        return {**node, key: mutated(node[key], rest)}
    return tuple(mutated(value, rest) if place == key else value for place, value in enumerate(node))


def other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return f"{value} other"
    return ("other", *value) if isinstance(value, tuple) else value + 1000


#: What is given to keys that hold nothing.
GIVEN = {
    **dict.fromkeys(("relevant", "constraint"), "1 == 1"),
    **dict.fromkeys(
        ("hint", "unit", "introduction", "constraint_message"), dict.fromkeys(LANGUAGES, "other")
    ),
    **{"minimum": -7.0, "maximum": 7.0, "minimum_answered": 1},
}


#: Values that name other parts: another name there is another edit, or no questionnaire.
NAMES = {
    *("id", "first", "after", "answers", "type", "scale", "importance_of", "score", "of", "languages"),
    # Lists of parts, where they are empty.
    *("attention", "scales", "sections", "demographics", "items", "parts", "missing"),
}


@SETTINGS
@given(QUESTIONNAIRES(), st.data())
def test_any_single_mutation_is_found(questionnaire: Questionnaire, data: st.DataObject) -> None:
    paths = [path for path in leaves(questionnaire) if path[-1] not in NAMES]
    path = data.draw(st.sampled_from(paths))
    changed = mutated(questionnaire, path)
    assume(changed != questionnaire)
    # A label of a language that the questionnaire does not have is seen by nobody.
    assume(not (isinstance(path[-1], str) and len(path[-1]) == 2 and path[-1] not in questionnaire.languages))
    assert compare_definitions(questionnaire, changed) != (), path


@SETTINGS
@given(QUESTIONNAIRES(), QUESTIONNAIRES())
def test_questionnaires_without_a_difference_have_one_hash(one: Questionnaire, two: Questionnaire) -> None:
    two = two.model_copy(update={"questionnaire": one.questionnaire})
    if definition_hash(one) != definition_hash(two):
        assert compare_definitions(one, two) != ()


def test_every_key_of_a_questionnaire_is_compared(original: Questionnaire) -> None:
    """A key that is added to the models one day must not be forgotten here."""
    compared = {
        Answer: {"value", "label", "other", "exclusive"},
        AnswerList: {"answers", "ordered"},
        MissingCode: {"code", "label"},
        Scale: {"id", "title", "concept", "minimum_answered", "score"},
        AttentionCheck: {"id", "text", "answers", "expected", "after", "heading"},
        Section: {"id", "title", "first", "introduction", "relevant"},
        Item: {
            *(
                "id",
                "text",
                "type",
                "answers",
                "parts",
                "scale",
                "standalone",
                "reverse",
                "dont_know",
                "required",
            ),
            *(
                "relevant",
                "constraint",
                "constraint_message",
                "minimum",
                "maximum",
                "integer",
                "unit",
                "hint",
            ),
            *("sensitive", "links", "importance_of", "heading", "note"),
        },
    }
    assert {model: set(model.model_fields) for model in compared} == compared
