"""Proposals: scores against R's stringdist, the best assignment against all others, nothing read unasked."""

import json
import time
from itertools import permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi.readers.matching.answer_proposals import AnswerProposal, propose_answers
from manyi.readers.matching.match import match
from manyi.readers.matching.matched import Matching
from manyi.readers.matching.proposals import Proposal
from manyi.readers.matching.similarity import likeness
from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.source import DescribedAnswer, SourceQuestion
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import Questionnaire

REFERENCE = Path(__file__).parents[1] / "reference" / "readers" / "matching.json"
DICE = json.loads(REFERENCE.read_text(encoding="utf-8"))["dice"]
ROLE = Role.model_validate({"title": {"en": "r"}, "questionnaire": "q.yaml"})
POINTS = {
    "answers": [
        {"value": value, "label": {"zh": label}}
        for value, label in enumerate(["很不满意", "不满意", "一般", "满意", "很满意"], start=1)
    ]
}


def asked(texts: dict[str, str], points: dict[str, object] = POINTS) -> Questionnaire:
    items = [
        {"id": item, "text": {"zh": text}, "answers": "points", "standalone": True}
        for item, text in texts.items()
    ]
    return Questionnaire.model_validate(
        {
            "questionnaire": "q",
            "title": {"zh": "问卷"},
            "languages": ["zh"],
            "answer_lists": {"points": points},
            "items": items,
        }
    )


SCHOOL = asked(
    {"TEACH": "老师讲课清楚", "CLEAN": "教室干净整洁", "WHOLE": "您对学校总体满意吗", "BUS": "校车准时"}
)


def matching(folder: Path, columns: dict[str, list[str]], questionnaire: Questionnaire = SCHOOL) -> Matching:
    path = folder / "t.csv"
    pd.DataFrame(columns).to_csv(path, index=False, encoding="utf-8")
    return match(read_source(read_table(path), "table"), questionnaire, ROLE)


def proposals(
    folder: Path, columns: dict[str, list[str]], questionnaire: Questionnaire = SCHOOL
) -> dict[str, Proposal]:
    return {one.item: one for one in matching(folder, columns, questionnaire).proposals}


# --- likeness ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", DICE, ids=lambda case: f"{case['a']}-{case['b']}")
def test_likeness_as_r(case: dict[str, object]) -> None:
    assert likeness([[str(case["a"])]], [[str(case["b"])]])[0, 0] == pytest.approx(case["dice"], abs=1e-12)


def test_likeness_is_that_of_the_best_wordings() -> None:
    best = max(case["dice"] for case in DICE[:3])
    left = [[case["a"] for case in DICE[:3]], ["无关"]]
    right = [["xyz"], [case["b"] for case in DICE[:3]]]
    assert likeness(left, right).tolist() == [[0.0, pytest.approx(best)], [0.0, 0.0]]


def test_wordings_are_compared_after_normalisation() -> None:
    assert likeness([["8、老师讲课清楚？"]], [["老师 讲课清楚 [单选题]"]])[0, 0] == 1.0


def test_other_numbers_halve_the_likeness() -> None:
    same, other = likeness([["SAT1"]], [["sat 1"], ["SAT2"]])[0]
    # Of five bigrams with the ends three are shared: ^s, sa, at.
    assert (same, other) == (1.0, pytest.approx(2 * 3 / 10 / 2))


def test_blocks_give_what_one_pair_gives() -> None:
    rng = np.random.default_rng(1)
    words = ["".join(rng.choice(list("学校老师满意清楚干净"), 6)) for _ in range(600)]
    whole = likeness([[word] for word in words], [[word] for word in words[:7]])
    assert whole[[0, 255, 256, 599], 3].tolist() == [
        likeness([[words[row]]], [[words[3]]])[0, 0] for row in (0, 255, 256, 599)
    ]


def test_no_wording_is_like_nothing() -> None:
    assert likeness([[""]], [["？"], ["a"]]).tolist() == [[0.0, 0.0]]


# --- scores ------------------------------------------------------------------------------------------------


def test_score_is_the_formula_documented(tmp_path: Path) -> None:
    # Wording from R; four of five answers readable; not beside the question found; no number.
    case = DICE[2]
    found = proposals(
        tmp_path,
        {case["b"]: ["满意", "很满意", "一般", "不满意", "没意见"], "校车准时": ["一般"] * 5, "x": ["1"] * 5},
        asked({"WHOLE": case["a"], "A": "甲乙", "B": "丙丁", "BUS": "校车准时"}),
    )["WHOLE"]
    assert found.wording == pytest.approx(case["dice"])
    assert found.answers == pytest.approx(0.8)
    # Asked first, and the first column: as far from the front as in the questionnaire.
    assert found.order == 1.0
    assert found.score == pytest.approx(0.70 * case["dice"] + 0.15 * 0.8 + 0.10 * 1.0)


def test_between_the_neighbours_counts_half(tmp_path: Path) -> None:
    columns = {
        "老师讲课清楚": ["一般"],
        "a": ["x"],
        "b": ["y"],
        "总体满意学校吗": ["一般"],
        "c": ["z"],
        "校车准时": ["一般"],
    }
    assert proposals(tmp_path, columns)["WHOLE"].order == 0.5


def test_a_number_only_heading_is_worth_less_than_a_wording(tmp_path: Path) -> None:
    found = proposals(tmp_path, {"第3题": ["满意", "一般"], "老师讲课清楚": ["一般", "一般"]})
    assert found["WHOLE"].wording is None
    assert found["WHOLE"].score == pytest.approx(0.30 * 1.0 + 0.20 * found["WHOLE"].order + 0.20)


def test_unlike_columns_are_not_proposed(tmp_path: Path) -> None:
    assert proposals(tmp_path, {"老师讲课清楚": ["一般"], "天气": ["晴"], "备注": ["无"]}) == {}


def test_item_four_is_not_proposed_for_item_three(tmp_path: Path) -> None:
    questionnaire = asked({"SAT3": "甲甲甲", "OTHER": "其他情况"})
    assert proposals(tmp_path, {"SAT4": ["一般"], "其他情况": ["一般"]}, questionnaire) == {}


def test_nothing_proposed_is_read(tmp_path: Path) -> None:
    found = matching(tmp_path, {"老师讲得清楚": ["一般"], "校车准时": ["满意"]})
    assert [one.item for one in found.matches] == ["BUS"]
    assert found.columns_read() == {"校车准时"}
    assert [one.column for one in found.proposals] == ["老师讲得清楚"]


def test_a_close_second_is_named(tmp_path: Path) -> None:
    found = proposals(tmp_path, {"老师讲得清楚": ["一般"], "老师讲的清楚": ["一般"], "校车准时": ["满意"]})[
        "TEACH"
    ]
    assert {found.column, found.runner_up} == {"老师讲得清楚", "老师讲的清楚"}


def test_a_distant_second_is_not_named(tmp_path: Path) -> None:
    found = proposals(tmp_path, {"老师讲得清楚": ["一般"], "教室很干净": ["一般"], "校车准时": ["满意"]})[
        "TEACH"
    ]
    assert (found.column, found.runner_up) == ("老师讲得清楚", "")


def test_no_column_is_proposed_twice_and_the_sum_is_the_highest(tmp_path: Path) -> None:
    texts = {"A": "老师讲课清楚明白", "B": "老师讲课清楚", "C": "老师上课清楚明白"}
    headings = ["老师讲课很清楚明白", "老师上课讲得清楚", "老师讲课清楚吗明白"]
    found = proposals(tmp_path, {heading: ["一般", "满意"] for heading in headings}, asked(texts))
    assert len({one.column for one in found.values()}) == len(found) == 3
    order = np.eye(3) + 0.5 * (1 - np.eye(3))
    wording = likeness([[text, item] for item, text in texts.items()], [[heading] for heading in headings])
    scores = 0.70 * wording + 0.15 + 0.10 * order
    best = max(
        sum(scores[row, column] for row, column in enumerate(order)) for order in permutations(range(3))
    )
    assert sum(one.score for one in found.values()) == pytest.approx(best)


def test_split_multiple_is_proposed_whole(tmp_path: Path) -> None:
    questionnaire = Questionnaire.model_validate(
        {
            "questionnaire": "q",
            "title": {"zh": "问卷"},
            "languages": ["zh"],
            "answer_lists": {
                "hobby": {
                    "answers": [{"value": 1, "label": {"zh": "运动"}}, {"value": 2, "label": {"zh": "阅读"}}]
                }
            },
            "items": [
                {"id": "HOBBY", "text": {"zh": "孩子的兴趣爱好"}, "type": "multiple", "answers": "hobby"}
            ],
        }
    )
    columns = {"孩子兴趣和爱好(运动)": ["1", "0"], "孩子兴趣和爱好(跳舞)": ["0", "1"]}
    found = proposals(tmp_path, columns, questionnaire)["HOBBY"]
    assert (found.column, found.answers) == ("孩子兴趣和爱好", 0.5)


def test_ten_thousand_columns_take_seconds(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    signs = list("学校老师学生家长课程作业设施食堂安全满意公平负担支持交流")
    texts = {f"I{number}": "".join(rng.choice(signs, 12)) for number in range(120)}
    wordings = ["".join(rng.choice(signs, 12)) for _ in range(10_000 - len(texts))]
    wordings += [text[:8] + "，" + text[9:] for text in texts.values()]
    path = tmp_path / "t.csv"
    header = ",".join(f'"{text} ({number}x)"' for number, text in enumerate(wordings))
    path.write_text("\n".join([header, *[",".join(["满意"] * len(wordings))] * 3]) + "\n", encoding="utf-8")
    source = read_source(read_table(path), "table")
    questionnaire = asked(texts)
    started = time.perf_counter()
    found = match(source, questionnaire, ROLE).proposals
    assert time.perf_counter() - started < 30
    assert len(found) == len(texts)


REAL = {
    "问卷星": "wjx_reportgen/wjx_800_800_0.xls",
    "Google Forms": "gforms_jrg94/evaluation-survey-history.csv",
    "table": "turkiye/turkiye-student-evaluation_generic.csv",
}


@pytest.mark.parametrize("file", list(REAL))
def test_no_proposal_for_headings_of_a_real_file_is_wrong(shared: Path, tmp_path: Path, file: str) -> None:
    """Wordings of a real file, each without its third sign and the columns shuffled, find their questions."""
    source = read_source(read_table(shared / "examples" / REAL[file]))
    wordings = [one.wording for one in source.questions if len(one.columns) == 1 and len(one.wording) > 3]
    items = [
        {"id": f"I{number:03d}", "text": {"en": text}, "type": "text"} for number, text in enumerate(wordings)
    ]
    questionnaire = Questionnaire.model_validate(
        {"questionnaire": "q", "title": {"en": "q"}, "languages": ["en"], "items": items}
    )
    order = np.random.default_rng(4).permutation(len(wordings)).tolist()
    columns = {wordings[number][:2] + wordings[number][3:]: ["a", "b"] for number in order}
    found = matching(tmp_path, columns, questionnaire)
    right = {f"I{number:03d}": text[:2] + text[3:] for number, text in enumerate(wordings)}
    assert [one.item for one in found.proposals if one.column != right[one.item]] == []
    assert len(found.proposals) >= 0.8 * len(wordings)


# --- answers -----------------------------------------------------------------------------------------------


def unknown(cells: dict[str, int], item: str = "TEACH") -> pd.DataFrame:
    values = [cell for cell, n in cells.items() for _ in range(n)]
    return pd.DataFrame({"item": item, "value": values, "code": "unknown-answer"})


def proposed_answers(
    cells: dict[str, int], used: dict[str, dict[str, int]] | None = None
) -> tuple[AnswerProposal, ...]:
    return propose_answers(unknown(cells), SCHOOL, used or {})


def test_a_wording_is_proposed_for_the_label_it_is_like() -> None:
    (found,) = proposed_answers({"很不满意的": 4})
    assert (found.answer, found.label, found.n) == (1, "很不满意", 4)


def test_a_wording_between_two_labels_is_not_proposed() -> None:
    # 不太满意 is as like 很满意 as anything; 满 is like several.
    assert proposed_answers({"满": 3, "天气好": 2}) == ()


def test_numbers_are_never_proposed() -> None:
    assert proposed_answers({"7": 3, "4.5": 1}) == ()


def test_a_code_is_proposed_by_the_label_the_file_gives_it() -> None:
    told = (DescribedAnswer("3", {"": "很不满意的"}), DescribedAnswer("4", {"": "天气好"}))
    column = SourceQuestion("TEACH", "", "", "", "single", (), ("TEACH",), answers=told)
    cells = unknown({"3": 5, "4": 1}).assign(code="described-answer-unknown")
    (found,) = propose_answers(cells, SCHOOL, {}, {"TEACH": column})
    assert (found.cell, found.answer, found.n) == ("3", 1, 5)


def test_what_was_confirmed_is_not_proposed_again() -> None:
    assert proposed_answers({"很不满意的": 4}, {"TEACH": {"很不满意的": 1}}) == ()


def test_a_column_of_many_wordings_holds_no_answers() -> None:
    assert (
        proposed_answers(
            {
                f"很不满意{sign}": 1
                for sign in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒日"
            }
        )
        == ()
    )
