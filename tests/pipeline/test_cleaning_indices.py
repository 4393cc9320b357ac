"""Rules cut from indices: through coded answers and blocks of rows they are what R finds on the answers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi.cleaning import apply_rules, blocks, clean
from manyi.cleaning.index_summary import index_summary
from manyi.study.cleaning_plan import Rules
from manyi.study.definition import Study
from manyi_instruments.definitions.questionnaire import Questionnaire

REFERENCE = Path(__file__).parents[1] / "reference"
R = json.loads((REFERENCE / "careless" / "missing_answers.json").read_text(encoding="utf-8"))
REVERSED = ("A1", "C4", "C5", "E1", "E2", "O2", "O5")
LETTERS = "ACENO"


def answer_list(high: int) -> dict[str, Any]:
    return {"answers": [{"value": value, "label": {"en": str(value)}} for value in range(1, high + 1)]}


BFI = Questionnaire.model_validate(
    {
        "questionnaire": "bfi",
        "title": {"en": "bfi"},
        "languages": ["en"],
        "answer_lists": {"six": answer_list(6)},
        "scales": [{"id": letter, "title": {"en": letter}} for letter in LETTERS],
        "items": [
            {
                "id": f"{letter}{number}",
                "text": {"en": "x"},
                "answers": "six",
                "scale": letter,
                "reverse": f"{letter}{number}" in REVERSED,
            }
            for letter in LETTERS
            for number in range(1, 6)
        ],
    }
)


def coded(frame: pd.DataFrame, **columns: object) -> pd.DataFrame:
    about = {"file": "f", "row": range(2, len(frame) + 2), "person": pd.NA, "school": "s", "stage": pd.NA}
    found = frame.copy()
    for name, value in {**about, "submitted": "", "seconds": np.nan, **columns}.items():
        found[name] = value
    return found


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    frame = pd.read_csv(REFERENCE / "measurement" / "bfi.csv", encoding="utf-8").iloc[:, :25]
    return coded(frame.astype(float).fillna(-9.0))


RULES = Rules.model_validate(
    {
        "longstring": {},
        "irv": {"low": 0.5, "high": 2.2},
        "even_odd": {},
        "synonyms": {"critical": 0.45},
        "antonyms": {"critical": -0.35},
        "mahalanobis": {"p": 0.01},
    }
)
THEIRS = {
    "longstring": "longstring",
    "irv": "irv",
    "even_odd": "evenodd",
    "synonyms": "synonyms",
    "antonyms": "antonyms",
    "mahalanobis": "mahad",
}


@pytest.fixture(scope="module")
def found(bfi: pd.DataFrame) -> Any:
    return apply_rules(bfi, BFI, RULES)


@pytest.mark.parametrize("name", THEIRS)
def test_index_is_that_of_r(found: Any, name: str) -> None:
    theirs = np.array(R[THEIRS[name]]["first"], dtype=float)
    np.testing.assert_allclose(found.indices[name][: len(theirs)], theirs, rtol=0, atol=1e-10)


def test_indices_do_not_depend_on_the_size_of_a_block(
    bfi: pd.DataFrame, found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(blocks, "ROWS", 97)
    again = apply_rules(bfi, BFI, RULES)
    for name, values in found.indices.items():
        np.testing.assert_allclose(again.indices[name], values, rtol=0, atol=1e-9, err_msg=name)


@pytest.mark.parametrize(("largest", "held"), [(63, "int8"), (0, "float64")])
def test_indices_do_not_depend_on_the_type_of_a_block(
    bfi: pd.DataFrame, found: Any, monkeypatch: pytest.MonkeyPatch, largest: int, held: str
) -> None:
    monkeypatch.setattr(blocks, "SMALL", largest)
    block = next(blocks.blocks(bfi, ["A1", "A2"], BFI))
    assert block.values.dtype == held
    again = apply_rules(bfi, BFI, RULES)
    for name, values in found.indices.items():
        np.testing.assert_array_equal(again.indices[name], values, err_msg=name)
    for name, flag in found.flags.items():
        assert np.array_equal(again.flags[name], flag), name


@pytest.mark.parametrize(
    ("rule", "index", "low", "high"),
    [
        # Half of 25 items on one list, rounded down.
        ("longstring", "longstring", -np.inf, 12),
        ("irv", "irv", 0.5, 2.2),
        ("even_odd", "even_odd", -np.inf, -0.3),
        ("synonyms", "synonyms", 0.0, np.inf),
        ("antonyms", "antonyms", -np.inf, 0.0),
        # R: qchisq(.99, 25)
        ("mahalanobis", "mahalanobis", -np.inf, 44.31410489621915),
    ],
)
def test_rule_cuts_its_index(found: Any, rule: str, index: str, low: float, high: float) -> None:
    values = found.indices[index]
    expected = (values < low) | (values > high)
    assert np.array_equal(found.flags[rule], expected)
    assert expected.any()


def test_longest_run_can_be_named(bfi: pd.DataFrame) -> None:
    flags = apply_rules(bfi, BFI, Rules.model_validate({"longstring": {"longest": 8}})).flags
    assert np.array_equal(flags["longstring"], apply_rules(bfi, BFI, RULES).indices["longstring"] > 8)


def small(**items: Any) -> Questionnaire:
    """Return a questionnaire of items: id -> answer list, or a mapping of what else it says."""
    said = {name: {"answers": item} if isinstance(item, str) else item for name, item in items.items()}
    return Questionnaire.model_validate(
        {
            "questionnaire": "q",
            "title": {"en": "q"},
            "languages": ["en"],
            "answer_lists": {"five": answer_list(5), "seven": answer_list(7)},
            "scales": [{"id": "S", "title": {"en": "S"}}, {"id": "T", "title": {"en": "T"}}],
            "items": [
                {"id": name, "text": {"en": name}, "scale": "S", **item} for name, item in said.items()
            ],
        }
    )


def flagged(frame: pd.DataFrame, questionnaire: Questionnaire, **rules: object) -> dict[str, list[int]]:
    found = apply_rules(frame, questionnaire, Rules.model_validate(rules))
    return {name: np.flatnonzero(flag).tolist() for name, flag in found.flags.items()}


def test_a_run_goes_on_over_items_of_other_lists_but_not_into_them() -> None:
    key = small(a1="five", a2="five", b1="seven", a3="five", b2="seven")
    rows = pd.DataFrame([[4, 4, 4, 4, 4], [4, 4, 1, 4, 2]], columns=["a1", "a2", "b1", "a3", "b2"])
    found = apply_rules(coded(rows.astype(float)), key, Rules())
    assert found.indices["longstring"].tolist() == [3.0, 3.0]


def test_contradiction_between_an_item_and_its_reverse() -> None:
    key = small(a1="five", a2="five", r={"answers": "five", "reverse": True})
    rows = pd.DataFrame(
        [[5, 5, 5], [1, 1, 1], [5, 4, 5], [4, 4, 4], [3, 3, 3], [5, 5, 1], [5, -9, 5], [-9, -9, 5]],
        columns=["a1", "a2", "r"],
    )
    # Row 2: one of two pairs, not more than half. Row 6: the one pair answered.
    assert flagged(coded(rows.astype(float)), key, reverse_pairs={}) == {"reverse_pairs": [0, 1, 6]}


def test_extremes_can_be_wider_and_pairs_more() -> None:
    key = small(a1="five", a2="five", r={"answers": "five", "reverse": True})
    rows = pd.DataFrame([[4, 4, 5], [5, -9, 5], [3, 3, 3]], columns=["a1", "a2", "r"]).astype(float)
    rule = {"extreme": 2, "minimum_pairs": 2}
    assert flagged(coded(rows), key, reverse_pairs=rule) == {"reverse_pairs": [0]}


def test_named_pairs_take_the_place_of_those_of_the_scales() -> None:
    key = small(a1="five", b1={"answers": "seven", "scale": "T"}, r={"answers": "five", "reverse": True})
    rows = pd.DataFrame([[5, 1, 5], [1, 7, 5], [5, 7, 5]], columns=["a1", "b1", "r"]).astype(float)
    rule = {"pairs": (("a1", "b1"), ("a1", "of_another_role"))}
    assert flagged(coded(rows), key, reverse_pairs=rule) == {"reverse_pairs": [0, 1]}


def test_even_odd_does_not_depend_on_the_length_of_the_lists() -> None:
    """Answers at the same place of their range, on five points and on nine (x becomes 2x - 1)."""
    nine = answer_list(9)
    names = [f"{scale}{number}" for scale in "abc" for number in range(1, 5)]
    same, mixed = (
        Questionnaire.model_validate(
            {
                "questionnaire": "q",
                "title": {"en": "q"},
                "languages": ["en"],
                "answer_lists": {"five": answer_list(5), "nine": nine},
                "scales": [{"id": scale, "title": {"en": scale}} for scale in "abc"],
                "items": [
                    {
                        "id": name,
                        "text": {"en": name},
                        "scale": name[0],
                        "answers": "nine" if name[0] in longer else "five",
                    }
                    for name in names
                ],
            }
        )
        for longer in ("", "bc")
    )
    rows = pd.DataFrame(np.random.default_rng(3).integers(1, 6, (40, 12)), columns=names).astype(float)
    wide = rows.assign(**{name: 2 * rows[name] - 1 for name in names if name[0] in "bc"})
    of_five = apply_rules(coded(rows), same, Rules()).indices["even_odd"]
    np.testing.assert_allclose(
        apply_rules(coded(wide), mixed, Rules()).indices["even_odd"], of_five, atol=1e-12
    )


FIVE = small(a="five", b="five", c="five", d="five")


def test_speed_relative_to_the_median() -> None:
    rows = pd.DataFrame([[1, 2, 3, 4]] * 5 + [[1, -9, -9, -9]], columns=list("abcd")).astype(float)
    # Seconds an item: 10, 10, 10, 5, 4, 4; their median is 7.5, and 7.5 / 4 = 1.875.
    frame = coded(rows, seconds=[40.0, 40, 40, 20, 16, 4])
    assert flagged(frame, FIVE, too_fast={"seconds_per_item": None, "relative_speed": 1.8}) == {
        "too_fast": [4, 5]
    }


def test_speed_in_all() -> None:
    rows = pd.DataFrame([[1, 2, 3, 4]] * 3, columns=list("abcd")).astype(float)
    frame = coded(rows, seconds=[59.0, 60.0, np.nan])
    assert flagged(frame, FIVE, too_fast={"seconds_per_item": None, "seconds": 60.0}) == {"too_fast": [0]}


def test_a_submission_counts_once_a_file() -> None:
    rows = pd.DataFrame(np.arange(16).reshape(4, 4) % 5 + 1, columns=list("abcd")).astype(float)
    frame = coded(rows, submission=["7", "7", "7", pd.NA], file=["f", "g", "f", "f"])
    assert flagged(frame, FIVE, duplicate={"by": "person"}) == {"duplicate": [2]}


def test_devices_may_be_used_so_often() -> None:
    rows = pd.DataFrame(np.arange(20).reshape(5, 4) % 5 + 1, columns=list("abcd")).astype(float)
    frame = coded(rows, device=["x", "x", pd.NA, "x", pd.NA])
    assert flagged(frame, FIVE, same_device={"allowed": 2}) == {"same_device": [3]}


def test_own_columns_do_not_make_answers_differ() -> None:
    rows = pd.DataFrame([[1, 2, 3, 4]] * 2, columns=list("abcd")).astype(float)
    frame = coded(rows, submission=["1", "2"], device=["x", "y"], submitted=["a", "b"])
    assert flagged(frame, FIVE, duplicate={"minimum_items": 4}) == {"duplicate": [1]}


@pytest.mark.parametrize("column", ["remark", "stage", "school"])
def test_a_text_makes_answers_differ(column: str) -> None:
    rows = pd.DataFrame([[1, 2, 3, 4]] * 3, columns=list("abcd")).astype(float)
    frame = coded(rows).assign(**{column: ["one", "two", "one"]})
    assert flagged(frame, FIVE, duplicate={"minimum_items": 4}) == {"duplicate": [2]}


def lacks(frame: pd.DataFrame, questionnaire: Questionnaire, **rules: object) -> list[tuple[str, str]]:
    found = apply_rules(frame, questionnaire, Rules.model_validate(rules))
    return [(lack.rule, lack.needs or (lack.reason.code if lack.reason else "")) for lack in found.lacks]


ROWS = coded(pd.DataFrame([[1, 2, 3, 4], [2, 3, 4, 4]], columns=list("abcd")).astype(float))


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"too_fast": {"relative_speed": 2.0}}, ("too_fast", "seconds")),
        ({"attention_failed": {}}, ("attention_failed", "attention")),
        ({"reverse_pairs": {}}, ("reverse_pairs", "reverse")),
        ({"even_odd": {}}, ("even_odd", "scales")),
        ({"straight_lining": {"minimum_items": 5}}, ("straight_lining", "answer-lists-too-short")),
        ({"duplicate": {"by": "person"}}, ("duplicate", "person")),
        ({"same_device": {}}, ("same_device", "device")),
        ({"synonyms": {}}, ("synonyms", "too-few-item-pairs")),
        ({"mahalanobis": {}}, ("mahalanobis", "constant-item")),
    ],
)
def test_a_rule_without_what_it_needs_is_told(rules: dict[str, object], told: tuple[str, str]) -> None:
    # Two rows correlate perfectly; constant items correlate with nothing.
    frame = ROWS.assign(c=4.0, d=4.0) if {"mahalanobis", "synonyms"} & set(rules) else ROWS
    assert lacks(frame, FIVE, **rules) == [told]


def test_such_a_rule_flags_nobody() -> None:
    assert flagged(ROWS, FIVE, too_fast={}, same_device={}) == {"too_fast": [], "same_device": []}


def test_rules_that_have_what_they_need_are_not_told() -> None:
    assert lacks(ROWS.assign(seconds=9.0), FIVE, too_fast={}, longstring={}, duplicate={}) == []


STUDY = {
    "study": "s",
    "title": {"en": "s"},
    "roles": {"people": {"title": {"en": "p"}, "questionnaire": "q"}},
    "cleaning": {"rules": {"longstring": {}}, "exclude": ["longstring"]},
}


def test_every_row_keeps_indices_and_flags(bfi: pd.DataFrame) -> None:
    answers = clean(bfi, BFI, Study.model_validate(STUDY), "people", None).answers
    assert len(answers) == len(bfi)
    assert answers["index_longstring"].to_numpy()[:120].tolist() == R["longstring"]["first"]
    assert np.array_equal(answers["kept"], ~answers["flag_longstring"])


def test_summary_tells_distribution_and_cut(found: Any) -> None:
    table = index_summary(found, 10).set_index("index")
    row = table.loc["mahalanobis"]
    assert row["mean"] == pytest.approx(R["mahad"]["mean"], abs=1e-10)
    assert row["maximum"] == pytest.approx(R["mahad"]["max"], abs=1e-9)
    assert row["flagged"] == found.flags["mahalanobis"].sum()
    assert table.loc["seconds", "reason"] == "index-without-data: needs=seconds"


def test_summary_of_few_respondents_is_hidden() -> None:
    table = index_summary(apply_rules(ROWS, FIVE, Rules()), 3).set_index("index")
    assert table.loc["irv", ["mean", "minimum", "p50", "maximum"]].isna().all()
    assert table.loc["irv", "reason"] == "small-cell: minimum=3"


def test_no_rows_no_fault() -> None:
    found = apply_rules(ROWS.iloc[:0], FIVE, RULES)
    assert (found.lacks, {len(flag) for flag in found.flags.values()}) == ((), {0})
