"""Headings that are numbers only: accepted where number, order and answers all agree, else only proposed."""

from pathlib import Path

import pandas as pd
import pytest

from manyi.readers.matching.match import match
from manyi.readers.matching.matched import Matching
from manyi.readers.platforms.detect import read_source
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import Questionnaire

ROLE = Role.model_validate({"title": {"en": "r"}, "questionnaire": "q.yaml"})
POINTS = [{"value": value, "label": {"zh": label}} for value, label in enumerate("低中高", start=1)]
YESNO = [{"value": 1, "label": {"zh": "是"}}, {"value": 0, "label": {"zh": "否"}}]
ASKED = Questionnaire.model_validate(
    {
        "questionnaire": "q",
        "title": {"zh": "问卷"},
        "languages": ["zh"],
        "answer_lists": {"points": {"answers": POINTS}, "yesno": {"answers": YESNO}},
        "demographics": [
            {"id": "AGE", "text": {"zh": "年龄"}, "type": "number", "minimum": 6, "maximum": 99}
        ],
        "items": [
            {"id": "TEACH", "text": {"zh": "讲课清楚"}, "answers": "points", "standalone": True},
            {"id": "CLEAN", "text": {"zh": "教室干净"}, "answers": "points", "standalone": True},
            {"id": "BUS", "text": {"zh": "坐校车"}, "answers": "yesno", "standalone": True},
            {"id": "WISH", "text": {"zh": "建议"}, "type": "text"},
        ],
    }
)
CELLS = [["35", "40"], ["低", "高"], ["中", "高"], ["是", "否"], ["多开家长会", ""]]
ITEMS = ["AGE", "TEACH", "CLEAN", "BUS", "WISH"]


def matching(folder: Path, headings: list[str], cells: list[list[str]]) -> Matching:
    path = folder / "t.csv"
    frame = pd.DataFrame({number: column for number, column in enumerate(cells)})
    frame.to_csv(path, index=False, header=headings, encoding="utf-8")
    return match(read_source(read_table(path), "table"), ASKED, ROLE)


def numbered(pattern: str, first: int = 1) -> list[str]:
    return [pattern.format(first + number) for number in range(len(CELLS))]


def codes(found: Matching) -> list[str]:
    return [fault.code for fault in found.faults]


@pytest.mark.parametrize(
    "pattern", ["第{}题", "第 {} 题", "Q{}", "q{:02d}", "{}", "{}、", "({})", "VAR{:05d}", "Ｑ_{}"]
)
def test_numbered_headings_are_accepted(tmp_path: Path, pattern: str) -> None:
    found = matching(tmp_path, numbered(pattern), CELLS)
    assert [(one.item, one.how) for one in found.matches] == [(item, "number and order") for item in ITEMS]


def test_a_warning_says_what_was_taken_for_what(tmp_path: Path) -> None:
    found = matching(tmp_path, numbered("第{}题"), CELLS)
    assert codes(found) == ["matched-by-number"]
    details = found.faults[0].details
    assert [details[key] for key in ("n", "column", "item", "last_column", "last_item")] == [
        5,
        "第1题",
        "AGE",
        "第5题",
        "WISH",
    ]


def test_numbers_may_begin_where_the_first_part_is_found_by_name(tmp_path: Path) -> None:
    found = matching(tmp_path, ["年龄", "Q2", "Q3", "Q4", "Q5"], CELLS)
    assert [one.how for one in found.matches] == ["text"] + ["number and order"] * 4


def test_columns_with_a_wording_of_their_own_do_not_count(tmp_path: Path) -> None:
    found = matching(tmp_path, ["编号", *numbered("Q{}")], [["a7", "b9"], *CELLS])
    assert [one.item for one in found.matches] == ITEMS
    assert found.unmatched_columns == ("编号",)


REFUSED = {
    "one column too few": (numbered("Q{}")[:4], CELLS[:4]),
    "one column too many": ([*numbered("Q{}"), "Q6"], [*CELLS, ["是", "否"]]),
    "a number is left out": (["Q1", "Q2", "Q4", "Q5", "Q6"], CELLS),
    "the columns stand in another order": (
        ["Q2", "Q1", "Q3", "Q4", "Q5"],
        [CELLS[number] for number in (1, 0, 2, 3, 4)],
    ),
    "two prefixes": (["A1", "A2", "B3", "B4", "B5"], CELLS),
    "one cell of one column cannot be read": (numbered("Q{}"), [*CELLS[:3], ["是", "也许"], CELLS[4]]),
    "a number beyond the bounds": (numbered("Q{}"), [["35", "430"], *CELLS[1:]]),
    "two columns have changed places": (numbered("Q{}"), [CELLS[number] for number in (0, 3, 2, 1, 4)]),
}


@pytest.mark.parametrize("why", list(REFUSED))
def test_any_disagreement_leaves_a_proposal_only(tmp_path: Path, why: str) -> None:
    found = matching(tmp_path, *REFUSED[why])
    assert found.matches == ()
    assert found.proposals
    assert "matched-by-number" not in codes(found)


def test_a_part_found_by_name_out_of_order_leaves_proposals_only(tmp_path: Path) -> None:
    order = (1, 2, 3, 4, 0)
    found = matching(tmp_path, ["Q2", "Q3", "Q4", "Q5", "年龄"], [CELLS[number] for number in order])
    assert [one.item for one in found.matches] == ["AGE"]


def test_two_columns_are_too_few_to_agree_by_more_than_chance(tmp_path: Path) -> None:
    found = matching(tmp_path, ["年龄", "讲课清楚", "教室干净", "Q4", "Q5"], CELLS)
    assert [one.item for one in found.matches] == ["AGE", "TEACH", "CLEAN"]


def test_every_row_counts(tmp_path: Path) -> None:
    # One impossible answer in the last of 5,000 rows is enough.
    cells = [[*column[:1] * 4999, column[0]] for column in CELLS]
    cells[3] = [*["是"] * 4999, "也许"]
    assert matching(tmp_path, numbered("Q{}"), cells).matches == ()
