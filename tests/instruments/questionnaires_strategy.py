"""Hypothesis strategies: any valid questionnaire, and any answers to it.

Test modules load this file by its path (``--import-mode=importlib`` knows no siblings).
"""

from collections.abc import Sequence
from typing import Any

import yaml
from hypothesis import assume
from hypothesis import strategies as st

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.faults import DefinitionFaulty
from manyi_instruments.forms.layout import offered_missing

LANGUAGES = ("zh", "en", "ar", "fr")
#: Signs that some platform or file format gives a meaning to, among words of several scripts.
PIECES = (
    *("老师", "公平", "学校 ", "teachers", "a b", "نعم", "é", "x_y", "3 km", "1.", "第2题", "一、", "A", "B"),
    *(
        "[单选题]",
        "[x]",
        "{y}",
        "${z}",
        "{",
        "}",
        "[",
        "]",
        "=",
        "=1+1",
        "|",
        ", ",
        ";",
        "\t",
        "\n",
        '"',
        "'",
    ),
    *("<b>", "&amp;", "@HIDDEN", "___", "…", "┋", "→", "①", "\\", "%", "#", "Other", "N/A", "-8"),
)


def wording() -> st.SearchStrategy[str]:
    """Return texts of a few pieces, or of four hundred characters; never blank."""
    short = st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join)
    long = (
        st.sampled_from(PIECES).map(lambda piece: (piece + " 很长的文字 ") * 40).map(lambda text: text[:400])
    )
    return st.one_of(short, short, short, long).filter(lambda text: bool(text.strip()))


@st.composite
def worded(draw: st.DrawFn, languages: Sequence[str], tail: str = "") -> dict[str, str]:
    """Return a wording in every language; ``tail`` makes it unlike others."""
    return {language: f"{draw(wording())}{tail}" for language in languages}


@st.composite
def answer_list(draw: st.DrawFn, languages: Sequence[str]) -> dict[str, Any]:
    """Return a list of 2 to 12 answers with values of any order, never those of missing answers."""
    values = draw(
        st.one_of(
            st.integers(2, 12).map(lambda n: list(range(1, n + 1))),
            st.lists(st.integers(-4, 120000), min_size=2, max_size=5, unique=True),
        )
    )
    answers: list[dict[str, Any]] = [
        {"value": value, "label": draw(worded(languages, f" {chr(0x4E00 + 7 * place)}"))}
        for place, value in enumerate(values)
    ]
    if draw(st.booleans()):
        draw(st.sampled_from(answers))["other"] = True
    if draw(st.booleans()):
        draw(st.sampled_from(answers))["exclusive"] = True
    return {"answers": answers, "ordered": draw(st.booleans())}


@st.composite
def condition(draw: st.DrawFn, asked: Sequence[dict[str, Any]], lists: dict[str, Any], depth: int = 2) -> str:
    """Return a condition over the items asked before."""
    if depth and draw(st.integers(0, 2)) == 0:
        left = draw(condition(asked, lists, depth - 1))
        right = draw(condition(asked, lists, depth - 1))
        return draw(st.sampled_from([f"({left}) and ({right})", f"({left}) or ({right})", f"not ({left})"]))
    item = draw(st.sampled_from(asked))
    name, type_ = item["id"], item["type"]
    if type_ in ("ranking", "code"):
        return f"missing({name})"
    if type_ == "text":
        text = draw(st.sampled_from(["yes", "don t", "007", "否", "x=y"]))
        return draw(st.sampled_from([f'{name} == "{text}"', f'{name} != "{text}"', f"missing({name})"]))
    if type_ == "multiple":
        value = draw(st.sampled_from(lists[item["answers"]]["answers"]))["value"]
        return draw(st.sampled_from([f"selected({name}, {value})", f"missing({name})"]))
    numbers = [one["id"] for one in asked if one["type"] in ("number", "choice")]
    other = draw(st.sampled_from(numbers))
    if type_ == "choice":
        limit = draw(st.sampled_from(lists[item["answers"]]["answers"]))["value"]
        equal = [f"{name} == {limit}", f"{name} != {limit}", f"selected({name}, {limit})"]
    else:
        limit = draw(st.sampled_from([0, 3, 12.5, 40]))
        equal = [f"{name} == {limit}", f"abs({name} - {limit}) < 2", f"floor({name} / 4) == 3"]
    compared = [
        *(f"{name} {sign} {limit}" for sign in (">", "<", ">=", "<=")),
        f"{name} + {other} * 2 >= {limit}",
        f"max({name}, {other}) > min({name}, {limit})",
        f"first({name}, {other}) <= {limit}",
        f"if({name} > {limit}, {name}, {other}) != {limit}",
        f"answered({name}, {other}) >= 1",
        f"round({name} / 3) < {limit}",
        f"missing({name})",
        f"{name} / {other} > 1",
    ]
    return draw(st.sampled_from([*equal, *compared]))


@st.composite
def definitions(draw: st.DrawFn, most: int = 7) -> dict[str, Any]:
    """Return a questionnaire as a mapping; nearly always a valid one."""
    languages = draw(st.lists(st.sampled_from(LANGUAGES), min_size=1, max_size=3, unique=True))
    lists = {f"list{n}": draw(answer_list(languages)) for n in range(draw(st.integers(1, 3)))}
    items: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, most))):
        items.append(draw(_item(number, languages, lists, items)))
    background = draw(st.integers(0, min(2, len(items) - 1)))
    definition: dict[str, Any] = {
        "questionnaire": "drawn",
        "title": draw(worded(languages)),
        "languages": languages,
        "answer_lists": lists,
        "scales": [{"id": "SCALE", "title": draw(worded(languages))}],
        "demographics": [_without_scale(item) for item in items[:background]],
        "items": items[background:],
        "offer_refused": draw(st.booleans()),
        "missing": {
            kind: {"code": code, "label": {language: f"{kind} {language}" for language in languages}}
            for kind, code in (("no_answer", -9), ("dont_know", -8), ("not_asked", -7), ("refused", -6))
        }
        | {"invalid": {"code": -5, "label": dict.fromkeys(languages, "invalid")}},
    }
    if draw(st.booleans()):
        definition["introduction"] = draw(worded(languages))
    if draw(st.booleans()):
        first = draw(st.integers(0, len(items) - 1))
        section: dict[str, Any] = {
            "id": "part",
            "title": draw(worded(languages)),
            "first": items[first]["id"],
        }
        if first and draw(st.booleans()):
            section["relevant"] = draw(condition(items[:first], lists, 1))
        if draw(st.booleans()):
            section["introduction"] = draw(worded(languages))
        definition["sections"] = [section]
    if draw(st.booleans()):
        listed = draw(st.sampled_from(sorted(lists)))
        expected = draw(st.sampled_from(lists[listed]["answers"]))["value"]
        after = draw(st.sampled_from(items[background:]))["id"]
        check = {"id": "CHECK", "text": draw(worded(languages, " 检查")), "answers": listed}
        definition["attention"] = [{**check, "expected": expected, "after": after}]
    if not any(item.get("scale") for item in definition["items"]):
        definition["scales"] = []
    return definition


@st.composite
def _item(
    draw: st.DrawFn,
    number: int,
    languages: Sequence[str],
    lists: dict[str, Any],
    before: list[dict[str, Any]],
) -> dict[str, Any]:
    types = ["choice"] * 4 + ["multiple", "ranking", "number", "text"]
    if not any(item["type"] == "code" for item in before):
        types.append("code")
    type_ = draw(st.sampled_from(types))
    names = [f"Q{number}", f"Q_{number}", f"A_VERY_LONG_NAME_OF_QUESTION_{number}"]
    item: dict[str, Any] = {
        "id": draw(st.sampled_from(names)),
        "text": draw(worded(languages, f" {chr(0x5E00 + 11 * number)}")),
        "type": type_,
        "required": draw(st.booleans()),
    }
    if type_ in ("choice", "multiple", "ranking"):
        item["answers"] = draw(st.sampled_from(sorted(lists)))
    if type_ == "number":
        item |= {"minimum": 0, "maximum": draw(st.sampled_from([10, 99.5])), "integer": draw(st.booleans())}
        if draw(st.booleans()):
            item["unit"] = draw(worded(languages))
    if type_ == "code":
        part = {"text": draw(worded(languages))}
        item["parts"] = [part, {**part, "of": "digits", "length": 2}]
        return item
    if type_ not in ("text", "ranking"):
        item |= {"dont_know": draw(st.booleans()), "sensitive": draw(st.booleans())}
    if type_ in ("choice", "number"):
        ordered = type_ == "number" or lists[item["answers"]]["ordered"]
        if ordered and draw(st.booleans()):
            item |= {"scale": "SCALE", "reverse": draw(st.booleans())}
        else:
            item["standalone"] = True
    if draw(st.booleans()):
        item["hint"] = draw(worded(languages))
    if before and draw(st.booleans()):
        item["relevant"] = draw(condition(before, lists))
    if type_ == "number" and draw(st.booleans()):
        item["constraint"] = f"{item['id']} < 9 or {draw(condition([*before, item], lists, 1))}"
        if draw(st.booleans()):
            item["constraint_message"] = draw(worded(languages))
    return item


def _without_scale(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item as background: it belongs to no scale, and need not say so."""
    left_out = ("scale", "reverse", "standalone")
    return {key: value for key, value in item.items() if key not in left_out}


@st.composite
def questionnaires(draw: st.DrawFn, most: int = 7) -> Questionnaire:
    """Return a questionnaire that was checked as a user's file is."""
    definition = draw(definitions(most))
    try:
        return load_questionnaire(yaml.safe_dump(definition, allow_unicode=True, sort_keys=False))
    except DefinitionFaulty as error:
        # Conditions that are always or never true are refused, and mixed scales may be.
        assume(all(fault.severity == "warning" for fault in error.faults))
        raise


@st.composite
def answers(draw: st.DrawFn, questionnaire: Questionnaire) -> dict[str, Any]:
    """Return what one respondent chose, question by question: a number, a text, a list, or None."""
    return {question.id: draw(_answer(questionnaire, question)) for question in questionnaire.questions()}


def _answer(questionnaire: Questionnaire, question: Any) -> st.SearchStrategy[Any]:
    kind = question.type if isinstance(question, Item) else "choice"
    listed = questionnaire.answer_list(question)
    offered = [code.code for code in offered_missing(question, questionnaire)]
    if kind == "choice":
        return st.sampled_from([None, *offered, *listed.values, *listed.values])
    if kind == "multiple":
        alone = [answer.value for answer in listed.answers if answer.exclusive]
        others = [value for value in listed.values if value not in alone]
        several = (
            st.lists(st.sampled_from(others), min_size=1, unique=True).map(sorted) if others else st.none()
        )
        return st.one_of(
            st.none(), several, st.sampled_from([[value] for value in [*listed.values, *offered]])
        )
    if kind == "ranking":
        return st.one_of(st.none(), st.permutations(listed.values))
    if kind == "number":
        whole = [0, 3, 5, 9, 10] if question.integer else [0.5, 2.25, 8, 10]
        return st.sampled_from([None, *offered, *whole])
    if kind == "code":
        return st.sampled_from([None, "A12", "b07"])
    return st.sampled_from([None, "yes", "007", "否", '更多 课后; "活动"', "line\nbreak, 2"])
