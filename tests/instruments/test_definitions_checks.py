"""What items, scales and answer lists mean to one another: one fault a small questionnaire."""

import pytest

from manyi_instruments.definitions.loader import check_questionnaire, load_questionnaire

HEAD = """questionnaire: q
title: {en: Q}
languages: [en]
answer_lists:
  agree: {values: [1, 2, 3], en: [a, b, c]}
  names: {values: [1, 2, 3], en: [x, y, z], ordered: false}
  long: {values: [1, 2, 3, 4, 5, 6, 7], en: [l, m, n, o, p, q, r]}
"""
SCALE = "scales: [{id: S, title: {en: S}}]\n"
TWO = """  - {id: A, text: {en: A?}, answers: agree, scale: S}
  - {id: B, text: {en: B?}, answers: agree, scale: S}
"""


def codes(text: str, severity: str = "error") -> list[str]:
    """Return the codes of all faults of one severity."""
    return [fault.code for fault in check_questionnaire(text, "q.yaml") if fault.severity == severity]


def item(fields: str, more: str = "") -> str:
    """Return a questionnaire with one item beside a sound scale."""
    return f"{HEAD}{more}{SCALE}items:\n{TWO}  - {{id: X, text: {{en: X?}}, {fields}}}\n"


def test_sound_questionnaire_has_no_faults() -> None:
    assert check_questionnaire(item("type: text")) == ()


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ("answers: agree", "item-without-scale"),
        ("type: number, minimum: 0, maximum: 9", "item-without-scale"),
        ("type: multiple, answers: agree, scale: S", "item-not-scorable"),
        ("type: text, scale: S", "item-not-scorable"),
        ("answers: names, scale: S", "scale-unordered"),
        ("answers: names, standalone: true, reverse: true", "reverse-unbounded"),
        ("type: number, standalone: true, reverse: true, minimum: 0", "reverse-unbounded"),
        ("type: multiple, answers: agree, reverse: true", "reverse-unbounded"),
        ("type: multiple", "answers-missing"),
        ("standalone: true", "answers-missing"),
        ("type: number, answers: agree, standalone: true", "answers-not-wanted"),
        ("type: text, maximum: 3", "bounds-not-wanted"),
        ("type: number, standalone: true, minimum: 9, maximum: 0", "minimum-above-maximum"),
        ("type: number, standalone: true, minimum: -10, maximum: 10", "missing-code-is-answer"),
        ("type: number, standalone: true, maximum: 10", "missing-code-is-answer"),
        ("answers: agree, scale: s", "scale-not-defined"),
        ("answers: Agree, scale: S", "answer-list-not-defined"),
        ("answers: agree, standalone: true, importance_of: T", "scale-not-defined"),
        ("answers: agree, scale: S, standalone: true", "standalone-with-scale"),
    ],
)
def test_item_fault(fields: str, code: str) -> None:
    assert codes(item(fields)) == [code] * len(codes(item(fields)))
    assert code in codes(item(fields))


@pytest.mark.parametrize(
    "fields",
    [
        "type: number, standalone: true, reverse: true, minimum: 0, maximum: 10",
        "type: number, scale: S, minimum: 1, maximum: 3",
        "answers: agree, standalone: true, reverse: true",
        "type: multiple, answers: names",
        "type: text",
        "answers: agree, standalone: true, importance_of: S",
    ],
)
def test_item_that_is_sound(fields: str) -> None:
    assert codes(item(fields)) == []


@pytest.mark.parametrize("name", ["file", "Row", "school", "kept", "flag_too_fast", "SECONDS"])
def test_reserved_name(name: str) -> None:
    assert codes(item("type: text").replace("id: X", f"id: {name}")) == ["reserved-id"]


@pytest.mark.parametrize("name", ["all", "By", "TO", "with"])
def test_word_of_spss(name: str) -> None:
    assert codes(item("type: text").replace("id: X", f"id: {name}")) == ["spss-word"]


@pytest.mark.parametrize("name", ["a", "s", "S"])
def test_ids_that_differ_only_in_case_or_name_a_scale(name: str) -> None:
    assert codes(item("type: text").replace("id: X", f"id: {name}")) == ["duplicate-id"]


def test_answer_lists_that_differ_only_in_case() -> None:
    assert codes(item("type: text", "  AGREE: {values: [1, 2], en: [a, b]}\n")) == ["duplicate-id"]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ("answers: agree, standalone: true, reverse: true", "x_R"),
        ("type: multiple, answers: names", "X__2"),
        ("answers: other, standalone: true", "X__text"),
    ],
)
def test_name_of_a_generated_column_is_taken(fields: str, name: str) -> None:
    text = item(fields, "  other: {values: [1, 2], en: [yes it is, else], other: [2]}\n")
    assert codes(text + f"  - {{id: {name}, type: text, text: {{en: Y?}}}}\n") == ["generated-name-taken"]


def test_name_too_long_for_its_columns_in_spss() -> None:
    text = item(
        "type: multiple, answers: far", "  far: {values: [1, 1000000000000000000000000000000], en: [i, j]}\n"
    )
    assert codes(text.replace("id: X", f"id: {'X' * 40}")) == ["name-too-long"]


def test_name_above_forty_characters() -> None:
    assert codes(item("type: text").replace("id: X", f"id: {'X' * 41}")) == ["text-too-long"]


def test_negative_value_in_a_multiple_choice() -> None:
    text = item("type: multiple, answers: minus", "  minus: {values: [-1, 1], en: [i, j]}\n")
    assert codes(text) == ["multiple-negative"]


def test_scale_with_one_item_is_a_warning() -> None:
    text = HEAD + SCALE + "items: [{id: A, text: {en: A?}, answers: agree, scale: S}]\n"
    assert (codes(text), codes(text, "warning")) == ([], ["scale-with-one-item"])


def test_warnings_do_not_keep_a_questionnaire_from_loading() -> None:
    text = HEAD + SCALE + "items: [{id: A, text: {en: A?}, answers: agree, scale: S}]\n"
    assert load_questionnaire(text).items_of("S")[0].id == "A"


def test_scale_of_unequal_ranges_is_a_warning() -> None:
    assert codes(item("answers: long, scale: S"), "warning") == ["scale-of-unequal-ranges"]


def test_number_without_bounds_is_a_warning() -> None:
    assert codes(item("type: number, standalone: true"), "warning") == ["number-unbounded"]


def test_same_words_twice_is_a_warning() -> None:
    assert codes(item("type: text").replace("X?", "A?"), "warning") == ["same-words"]


def test_language_not_declared_is_a_warning() -> None:
    text = item("type: text").replace("{en: X?}", "{en: X?, zh: 问}")
    assert (codes(text), codes(text, "warning")) == ([], ["language-not-declared"])


def test_same_language_twice() -> None:
    assert codes(item("type: text").replace("languages: [en]", "languages: [en, en]")) == ["duplicate-id"]


def test_translation_missing_names_the_language() -> None:
    faults = check_questionnaire(item("type: text").replace("languages: [en]", "languages: [en, fr]"))
    assert {(fault.code, fault.details["language"]) for fault in faults} == {("translation-missing", "fr")}


def test_translation_missing_in_a_short_list_is_told_once_a_list() -> None:
    faults = check_questionnaire(item("type: text").replace("languages: [en]", "languages: [en, fr]"))
    assert [fault.details["where"] for fault in faults][1:4] == ["agree", "names", "long"]


@pytest.mark.parametrize(
    ("offer", "line"),
    [("offer_refused: true\n", 3), ("items: [{id: X, dont_know: true, type: text, text: {fr: X}}]\n", 3)],
)
def test_answer_offered_without_a_wording_in_the_language(offer: str, line: int) -> None:
    text = "{questionnaire: q, title: {fr: Q}, languages: [fr],\n\n" + offer.strip() + "}"
    faults = [fault for fault in check_questionnaire(text, "q.yaml") if fault.code == "translation-missing"]
    assert [(fault.place.line, fault.details["language"]) for fault in faults] == [(line, "fr")]


def test_answer_offered_with_a_wording_of_its_own() -> None:
    text = "languages: [fr]\nquestionnaire: q\ntitle: {fr: Q}\noffer_refused: true\n"
    text += (
        "missing: {refused: {code: -6, label: {fr: sans avis}}}\nitems: [{id: X, type: text, text: {fr: X}}]"
    )
    assert check_questionnaire(text) == ()


def test_same_label_for_two_answers() -> None:
    assert codes(item("type: text").replace("en: [a, b, c]", "en: [a, b, a]")) == ["duplicate-label"]


def test_missing_code_that_is_an_answer_of_a_list_in_use() -> None:
    text = item("answers: minus, standalone: true", "  minus: {values: [-9, 1], en: [i, j]}\n")
    assert codes(text) == ["missing-code-is-answer"]


def test_missing_code_of_a_list_not_in_use_is_no_fault() -> None:
    assert codes(item("type: text", "  minus: {values: [-9, 1], en: [i, j]}\n")) == []


def test_own_missing_code_equal_to_a_default_one() -> None:
    assert codes(item("type: text") + "missing: {refused: {code: -8, label: {en: no}}}\n") == [
        "duplicate-missing-code",
        "yaml-boolean",
    ]


def test_unknown_kind_of_missing_answer() -> None:
    faults = check_questionnaire(item("type: text") + "missing: {dunno: {code: -4, label: {en: d}}}\n")
    assert [(fault.code, fault.details["nearest"]) for fault in faults] == [
        ("value-not-allowed", "dont_know")
    ]


def test_answer_list_name_that_is_no_name() -> None:
    assert codes(item("type: text", "  列表: {values: [1, 2], en: [i, j]}\n")) == ["key-refused"]


def test_questionnaire_that_asks_nothing() -> None:
    assert codes("questionnaire: q\ntitle: {en: Q}\nlanguages: [en]\n") == ["nothing-asked"]


def test_attention_check_expects_an_answer_of_its_list() -> None:
    text = (
        item("type: text") + "attention: [{id: T, text: {en: T?}, answers: agree, expected: 4, after: A}]\n"
    )
    assert codes(text) == ["answer-not-in-list"]


def test_attention_check_after_an_unknown_item() -> None:
    text = (
        item("type: text") + "attention: [{id: T, text: {en: T?}, answers: agree, expected: 3, after: C}]\n"
    )
    assert codes(text) == ["attention-after-unknown"]


def test_heading_of_two_questions() -> None:
    text = item("type: text, heading: [Q1]").replace("id: A,", "id: A, heading: [Q1],")
    assert codes(text) == ["duplicate-heading"]


SHORT = """questionnaire: q
title: {en: Q}
languages: [en]
items: [{id: X, type: text, text: {en: X?}}]
answer_lists:
"""


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ("{values: [1, 2], en: [a]}", ("label-count", 27)),
        ("{values: [1, 2], en: [a, b], other: [3]}", ("answer-not-in-list", 43)),
        ("{values: [1, 2], en: [a, b], exclusive: [x]}", ("not-whole-number", 47)),
        ("{values: [1, 2], en: [a, b], orderd: false}", ("unknown-key", 35)),
        ("{values: [1, x], en: [a, b]}", ("not-whole-number", 19)),
        ("{values: [1, 2], en: a}", ("not-list", 27)),
        ("{values: 1, en: [a, b]}", ("not-list", 15)),
        ("{values: [1, 2], en: [a, 5]}", ("text-unquoted", 31)),
        ("{values: [1], en: [a]}", ("too-few", 15)),
        ("{en: [a, b]}", ("missing-key", 6)),
        ("{values: [1, 2], en: [a, ' ']}", ("empty-text", 31)),
    ],
)
def test_fault_of_a_short_answer_list(form: str, place: tuple[str, int]) -> None:
    faults = check_questionnaire(f"{SHORT}  l: {form}\n")
    assert place in [(fault.code, fault.place.column) for fault in faults if fault.place.line == 6]


def test_short_and_long_form_are_the_same() -> None:
    short = "  l: {values: [1, 2, 9], en: [a, b, c], other: [9], exclusive: [2], ordered: false}\n"
    long = """  l:
    ordered: false
    answers:
      - {value: 1, label: {en: a}}
      - {value: 2, label: {en: b}, exclusive: true}
      - {value: 9, label: {en: c}, other: true}
"""
    assert load_questionnaire(SHORT + short) == load_questionnaire(SHORT + long)


def test_language_named_like_a_norwegian_no_can_be_quoted() -> None:
    text = SHORT.replace("[en]", '["no"]').replace("en:", '"no":') + '  l: {values: [1, 2], "no": [a, b]}\n'
    assert load_questionnaire(text).answer_lists["l"].answers[1].label == {"no": "b"}
