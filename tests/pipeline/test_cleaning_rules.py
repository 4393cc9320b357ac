"""Cleaning rules on small tables whose answer can be read off."""

import numpy as np
import pandas as pd
import pytest

from manyi.cleaning import flags
from manyi.cleaning.ledger import ledger
from manyi.study.cleaning_plan import Rules
from manyi_instruments.definitions.questionnaire import Questionnaire

LIST = {"answers": [{"value": v, "label": {"en": str(v)}} for v in range(1, 6)]}
QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "questionnaire": "q",
        "title": {"en": "q"},
        "languages": ["en"],
        "answer_lists": {"five": LIST, "other": LIST},
        "scales": [{"id": "A", "title": {"en": "A"}}, {"id": "B", "title": {"en": "B"}}],
        "items": [
            *({"id": f"a{i}", "text": {"en": "a"}, "answers": "five", "scale": "A"} for i in range(1, 5)),
            *({"id": f"b{i}", "text": {"en": "b"}, "answers": "other", "scale": "B"} for i in range(1, 3)),
        ],
        "attention": [{"id": "att", "text": {"en": "3!"}, "answers": "five", "expected": 3, "after": "a4"}],
    }
)
ITEMS = ["a1", "a2", "a3", "a4", "b1", "b2"]


def coded(rows: list[list[float]], **columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=ITEMS, dtype=float)
    about = {"file": "f", "row": range(2, len(rows) + 2), "person": pd.NA, "school": "s", "stage": pd.NA}
    for name, value in {**about, "submitted": "", "seconds": np.nan, "att": 3.0, **columns}.items():
        frame[name] = value
    return frame


def flagged(frame: pd.DataFrame, rules: dict[str, object]) -> dict[str, list[int]]:
    found = flags(frame, QUESTIONNAIRE, Rules.model_validate(rules))
    return {name: np.flatnonzero(flag).tolist() for name, flag in found.items()}


def test_no_rule_no_flag() -> None:
    assert flagged(coded([[1, 1, 1, 1, 1, 1]]), {}) == {}


def test_straight_lining_needs_one_whole_list_alike() -> None:
    frame = coded([[3, 3, 3, 3, 1, 5], [3, 3, 3, 4, 5, 5], [3, -9, 3, 3, 1, 2], [3, -9, -9, 3, 1, 2]])
    # The list of b holds two items, fewer than the minimum: row 1 is not straight-lining.
    assert flagged(frame, {"straight_lining": {"minimum_items": 3}}) == {"straight_lining": [0, 2]}


def test_too_many_missing_counts_dont_know_but_not_what_was_not_asked() -> None:
    frame = coded([[1, 1, 1, -9, -9, -8], [1, -8, -9, -9, -9, 1], [1, 1, -7, -7, -7, -7], [-7] * 6])
    assert flagged(frame, {"too_many_missing": {"share": 0.5}}) == {"too_many_missing": [1, 3]}


def test_out_of_range_is_a_share_of_invalid_cells() -> None:
    frame = coded([[1, 2, 3, 4, 5, -5], [1, 2, -5, -5, 1, 1]])
    assert flagged(frame, {"out_of_range": {"share": 0.2}}) == {"out_of_range": [1]}


def test_too_fast_counts_answered_questions_and_spares_unknown_durations() -> None:
    rows = [[1, 2, 3, 4, 5, 1]] * 3 + [[1, -9, -9, -9, -9, -9]]
    frame = coded(rows, seconds=[6.9, 7.0, np.nan, 3.0])
    assert flagged(frame, {"too_fast": {"seconds_per_item": 1.0}}) == {"too_fast": [0]}


def test_attention_left_blank_is_not_failed() -> None:
    frame = coded([[1, 2, 3, 4, 5, 1]] * 3, att=[3.0, 4.0, -9.0])
    assert flagged(frame, {"attention_failed": {}}) == {"attention_failed": [1]}


@pytest.mark.parametrize(("keep", "expected"), [("first", [1]), ("last", [0])])
def test_two_answers_of_one_person(keep: str, expected: list[int]) -> None:
    frame = coded([[1, 2, 3, 4, 5, 1], [5, 4, 3, 2, 1, 1], [1, 1, 2, 2, 3, 3]], person=["p", "p", pd.NA])
    assert flagged(frame, {"duplicate": {"by": "person", "keep": keep}}) == {"duplicate": expected}


def test_same_answers_count_within_a_school_and_where_enough_are_answered() -> None:
    row = [1.0, 2, 3, 4, 5, 1]
    frame = coded(
        [row, row, row, [1, -9, -9, -9, -9, -9], [1, -9, -9, -9, -9, -9]], school=["s", "s", "t", "s", "s"]
    )
    assert flagged(frame, {"duplicate": {"by": "answers", "minimum_items": 4}}) == {"duplicate": [1]}


def test_ledger_counts_a_row_under_the_first_rule_that_excludes_it() -> None:
    found = {"a": np.array([True, True, False, False]), "b": np.array([False, True, True, False])}
    rows = ledger(found, ["b", "a"], 4, 10).to_records(index=False).tolist()
    assert rows == [
        ("issued", "", 10),
        ("received", "", 4),
        ("flagged", "a", 2),
        ("flagged", "b", 2),
        ("excluded", "b", 2),
        ("excluded", "a", 1),
        ("kept", "", 1),
    ]


def test_flags_leave_the_answers_alone() -> None:
    frame = coded([[1, 2, 3, 4, 5, 1]])
    before = frame.copy()
    rules = {
        "straight_lining": {},
        "too_many_missing": {},
        "duplicate": {},
        "too_fast": {},
        "attention_failed": {},
    }
    flags(frame, QUESTIONNAIRE, Rules.model_validate(rules))
    pd.testing.assert_frame_equal(frame, before)
