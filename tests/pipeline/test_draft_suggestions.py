"""Drafts from small files: types, answer lists, ids, scales and background, each suggestion by itself."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from manyi.readers.drafting.draft import Draft, draft_questionnaire
from manyi.readers.drafting.likert import order_labels
from manyi.readers.importing import import_answers
from manyi.study.definition import Role, Study
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.faults import AnswersFaulty, FileUnreadable

SATISFIED = ["非常不满意", "不满意", "一般", "满意", "非常满意"]


def draft(
    folder: Path, columns: dict[str, list[str]], name: str = "答卷.csv", encoding: str = "utf-8"
) -> Draft:
    path = folder / name
    pd.DataFrame(columns).to_csv(path, index=False, encoding=encoding)
    return draft_questionnaire(path, name="people")


def questionnaire(found: Draft) -> Questionnaire:
    assert all("{" not in fault.message("zh") + fault.message("en") for fault in found.faults)
    return load_questionnaire(found.yaml)


def labels(found: Draft, item_id: str) -> list[tuple[int, str]]:
    loaded = questionnaire(found)
    item = loaded.item(item_id)
    answers = loaded.answer_list(item)
    assert answers is not None
    return [(answer.value, answer.label[found.language]) for answer in answers.answers]


def item(found: Draft, item_id: str) -> Item:
    return questionnaire(found).item(item_id)


def ratings(seed: int, n: int = 60, points: int = 5) -> list[str]:
    return [str(value) for value in np.random.default_rng(seed).integers(1, points + 1, n)]


def factor(n: int, k: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(n, 1)) + rng.normal(scale=0.7, size=(n, k))
    return np.clip(np.round(latent * 1.1 + 3), 1, 5).astype(int)


def test_a_gb18030_file_imports_whole(tmp_path: Path) -> None:
    words = [SATISFIED[value - 1] for value in factor(80, 1)[:, 0]]
    columns = {
        "学校代码": ["00123", "00456"] * 40,
        "您对教学满意吗？": words,
        "您的建议": [f"建议{i}" for i in range(80)],
    }
    found = draft(tmp_path, columns, encoding="gb18030")
    study = Study.model_validate(yaml.safe_load(found.study_yaml("people", "满意度")))
    result = import_answers([tmp_path / "答卷.csv"], questionnaire(found), study.roles["people"], "people")
    assert result.files["encoding"].tolist() == ["gb18030"]
    assert result.answers["school"].unique().tolist() == ["00123", "00456"]
    assert result.cells[["cells_rejected", "columns_unmatched"]].iloc[0].tolist() == [0, 0]


def test_known_wordings_are_ordered_low_to_high(tmp_path: Path) -> None:
    found = draft(tmp_path, {"满意吗": [SATISFIED[i % 5] for i in (3, 1, 4, 0, 2, 2, 3, 3, 1, 0)]})
    assert labels(found, "Q1") == list(enumerate(SATISFIED, start=1))


def test_unknown_wordings_are_unordered(tmp_path: Path) -> None:
    found = draft(tmp_path, {"最喜欢的课": ["语文", "数学", "英语", "语文", "数学", "英语"] * 2})
    loaded = questionnaire(found)
    assert loaded.answer_lists["Q1_answers"].ordered is False


def test_a_dont_know_is_no_degree(tmp_path: Path) -> None:
    found = draft(tmp_path, {"满意吗": [*SATISFIED, "不清楚"] * 3})
    assert item(found, "Q1").dont_know is True
    assert [label for _, label in labels(found, "Q1")] == SATISFIED
    result = import_answers([tmp_path / "答卷.csv"], questionnaire(found), study_role(found), "people")
    assert (result.answers["Q1"] == -8).sum() == 3


def study_role(found: Draft) -> Role:
    return Study.model_validate(yaml.safe_load(found.study_yaml("people", "x"))).roles["people"]


def test_yes_and_no(tmp_path: Path) -> None:
    assert labels(draft(tmp_path, {"住校吗": ["是", "否", "否", "是"]}), "Q1") == [(1, "是"), (0, "否")]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "2", "3", "4"] * 10, "choice"),
        (["1.0", "2.0", "5.0", "3.0"] * 10, "choice"),
        ([str(20 + i) for i in range(40)], "number"),
        (["1.5", "2.25", "3.75", "4.0"] * 10, "number"),
        (["35岁", "36", "41", "29"] * 10, "number"),
        ([f"我觉得{i}" for i in range(40)], "text"),
        (["运动┋阅读", "运动", "阅读", "阅读┋美食"] * 10, "multiple"),
        ([""] * 39 + [" "], "text"),
        (["A→B→C", "B→A→C", "C→A→B", "A→C→B"] * 10, "ranking"),
        ([f"我走{i}→到{i}" for i in range(40)], "text"),
    ],
)
def test_type_follows_from_the_cells(tmp_path: Path, cells: list[str], kind: str) -> None:
    found = draft(tmp_path, {"题目": cells, "另一题": ["1", "2"] * (len(cells) // 2)})
    assert item(found, "Q1").type == kind


def test_points_nobody_chose_are_filled_in(tmp_path: Path) -> None:
    assert [value for value, _ in labels(draft(tmp_path, {"rate": ["1", "2", "5", "2"] * 5}), "rate")] == [
        1,
        2,
        3,
        4,
        5,
    ]


def test_items_of_one_stem_share_the_widest_list(tmp_path: Path) -> None:
    data = factor(60, 3)
    columns = {f"SAT{k + 1}": [str(value) for value in data[:, k]] for k in range(3)}
    columns["SAT2"] = [str(max(int(value), 2)) for value in columns["SAT2"]]
    loaded = questionnaire(draft(tmp_path, columns))
    assert {loaded.item(f"SAT{k}").answers for k in (1, 2, 3)} == {"points1to5"}


def test_a_far_number_is_pointed_at_as_possible_missing_code(tmp_path: Path) -> None:
    found = draft(tmp_path, {"rate": ["1", "2", "3", "9"] * 10})
    assert [fault.details["value"] for fault in found.faults if fault.code == "suggest-top-code"] == [9]


def test_missing_codes_of_manyi_come_back_as_missing(tmp_path: Path) -> None:
    found = draft(tmp_path, {"rate": ["1", "2", "3", "-9", "-8.0"] * 8})
    result = import_answers([tmp_path / "答卷.csv"], questionnaire(found), study_role(found), "people")
    assert sorted(result.answers["rate"].unique()) == [-9, -8, 1, 2, 3]


def test_split_multiple_choice_is_one_item(tmp_path: Path) -> None:
    columns = {"hobby/运动": ["1", "0"] * 10, "hobby/阅读": ["0", "1"] * 10, "x": ["1", "2"] * 10}
    found = draft(tmp_path, columns)
    assert (item(found, "hobby").type, labels(found, "hobby")) == ("multiple", [(1, "运动"), (2, "阅读")])


def test_matrix_of_wenjuanxing_is_a_scale(tmp_path: Path) -> None:
    data = factor(60, 3)
    columns = {"序号": [str(i) for i in range(60)], "提交答卷时间": ["x"] * 60, "所用时间": ["90秒"] * 60}
    for k, heading in enumerate(("8、您对学校满意吗—教学", "8、管理", "8、环境")):
        columns[heading] = [SATISFIED[value - 1] for value in data[:, k]]
    found = draft(tmp_path, columns)
    assert [(scale.id, scale.title, scale.items) for scale in found.scales] == [
        ("Q8", "您对学校满意吗", ("Q8_1", "Q8_2", "Q8_3"))
    ]


def test_neighbours_with_the_same_answers_are_a_scale(tmp_path: Path) -> None:
    data = factor(80, 4)
    columns = {f"对{name}的看法": [str(v) for v in data[:, k]] for k, name in enumerate("甲乙丙丁")}
    found = draft(tmp_path, {"性别": ["男", "女"] * 40, **columns})
    assert [scale.items for scale in found.scales] == [("Q2", "Q3", "Q4", "Q5")]
    assert [question.id for question in questionnaire(found).demographics] == ["Q1"]


def test_a_neighbour_that_does_not_correlate_is_left_out_and_told(tmp_path: Path) -> None:
    data = factor(200, 4)
    columns = {f"对{name}的看法": [str(v) for v in data[:, k]] for k, name in enumerate("甲乙丙丁")}
    found = draft(tmp_path, {"难度": ratings(7, 200), **columns})
    assert [scale.items for scale in found.scales] == [("Q2", "Q3", "Q4", "Q5")]
    assert [fault.details["item"] for fault in found.faults if fault.code == "suggest-left-out"] == ["Q1"]


def test_headings_that_differ_only_in_their_number_are_a_scale(tmp_path: Path) -> None:
    data = factor(60, 6)
    columns = {f"教师{k + 1}": [str(v) for v in data[:, k]] for k in range(3)}
    columns |= {f"环境_{k + 1}": [str(v) for v in data[:, k + 3]] for k in range(3)}
    found = draft(tmp_path, columns)
    assert [(scale.title, scale.items) for scale in found.scales] == [
        ("教师", ("Q1", "Q2", "Q3")),
        ("环境", ("Q4", "Q5", "Q6")),
    ]


def test_an_item_against_the_others_is_suggested_as_reversed(tmp_path: Path) -> None:
    data = factor(200, 4)
    columns = {f"S{k + 1}": [str(v if k != 2 else 6 - v) for v in data[:, k]] for k in range(4)}
    found = draft(tmp_path, columns)
    loaded = questionnaire(found)
    assert [question.id for question in loaded.items if question.reverse] == ["S3"]
    assert "reverse: true  # 建议，请确认 suggestion: please confirm" in found.yaml


@pytest.mark.parametrize(
    ("headings", "ids"),
    [
        (["A 1", "B-2", "a_1"], ["A_1", "B_2", "a_1_2"]),
        (["school_name", "row", "file"], ["school_name", "row_2", "file_2"]),
        (["x_r", "flag_a", "with"], ["x_r_item", "Q_flag_a", "with_2"]),
        (["yes", "null", "2nd"], ["yes_2", "null_2", "Q3"]),
        (["题一", "How satisfied are you with your school today?", "Ünal"], ["Q1", "Q2", "Q3"]),
    ],
)
def test_ids_are_safe_and_unique(tmp_path: Path, headings: list[str], ids: list[str]) -> None:
    path = tmp_path / "t.csv"
    rows = [headings, *[[str(i % 3 + 1)] * 3 for i in range(20)]]
    path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    found = draft_questionnaire(path, source="table", name="people")
    if "row" in headings:
        # manyi's own columns are no questions.
        assert [question.id for question in found.items] == ["school_name"]
    else:
        assert [question.id for question in found.items] == ids
        assert {question.id for question in questionnaire(found).all_items()} == set(ids)


def test_hard_headings_survive_the_yaml(tmp_path: Path) -> None:
    headings = [
        '他说："好"\t吗?',
        "a: b #c",
        "多行\n标题",
        "零宽\u200b空格",
        "{x: [1]}",
        "- y",
        "'单引号'",
        "反\\斜杠",
    ]
    found = draft(tmp_path, {heading: ["1", "2", "3", "2"] * 5 for heading in headings})
    assert [question.heading[0] for question in (*questionnaire(found).questions(),)] == [
        h.strip() for h in headings
    ]
    result = import_answers([tmp_path / "答卷.csv"], questionnaire(found), study_role(found), "people")
    assert result.cells["columns_unmatched"].iloc[0] == 0


def test_repeated_and_empty_headings_still_import_whole(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = [["rate", "rate", "", "1、性别", "1、性别"], *[[str(i % 4 + 1)] * 5 for i in range(20)]]
    path.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    found = draft_questionnaire(path, name="people")
    result = import_answers([path], questionnaire(found), study_role(found), "people")
    account = result.cells.iloc[0]
    assert (account["columns_questions"], account["cells_kept"], account["columns_unmatched"]) == (5, 100, 0)


def test_ages_in_an_export_by_number_are_no_options(tmp_path: Path) -> None:
    columns = {"序号": [str(i) for i in range(40)], "提交答卷时间": ["x"] * 40, "所用时间": ["9秒"] * 40}
    found = draft(
        tmp_path, {**columns, "1、年级": ["1", "2", "3", "4"] * 10, "2、年龄": ["8", "9", "10", "11"] * 10}
    )
    assert (item(found, "Q1").type, item(found, "Q2").type) == ("choice", "number")


def test_person_time_and_duration_columns_are_no_questions(tmp_path: Path) -> None:
    columns = {"学号": [f"s{i}" for i in range(20)], "提交时间": ["2024-05-01"] * 20, "用时": ["60"] * 20}
    found = draft(tmp_path, {**columns, "满意吗": ["1", "2", "3", "4"] * 5})
    assert dict(found.columns) == {"person": "学号", "submitted": "提交时间", "seconds": "用时"}
    assert "too_fast" in found.study_yaml("people", "x")


def test_language_follows_the_headings(tmp_path: Path) -> None:
    english = draft(tmp_path, {"satisfied": ["1", "2"] * 10})
    chinese = draft(tmp_path, {"满意": ["1", "2"] * 10})
    assert (english.language, chinese.language) == ("en", "zh")


def test_satisfaction_is_regressed_on_the_other_scales(tmp_path: Path) -> None:
    data = factor(100, 6)
    columns = {f"QUAL{k + 1}": [str(v) for v in data[:, k]] for k in range(3)}
    columns |= {f"SATISFACTION{k + 1}": [str(v) for v in data[:, k + 3]] for k in range(3)}
    study = Study.model_validate(yaml.safe_load(draft(tmp_path, columns).study_yaml("people", "x")))
    plan = study.analysis.regression
    assert [(regression.outcome, dict(regression.blocks)) for regression in plan] == [
        ("SATISFACTION", {"scales": ("QUAL",)})
    ]


def test_a_file_without_questions_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnswersFaulty, match="no column that could be a question"):
        draft(tmp_path, {"序号": ["1", "2"], "提交答卷时间": ["a", "b"], "所用时间": ["1秒", "2秒"]})


def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable):
        draft_questionnaire(tmp_path / "无.csv")


@pytest.mark.parametrize(
    "ordered",
    [
        ["非常不同意", "比较不同意", "一般", "比较同意", "非常同意"],
        ["很不认可", "不太认可", "一般", "认可", "非常认可"],
        ["从不", "很少", "有时", "经常", "总是"],
        ["很差", "较差", "一般", "较好", "很好"],
        ["小学及以下", "初中", "高中或中专", "大专", "本科", "硕士及以上"],
        ["strongly disagree", "disagree", "neutral", "agree", "strongly agree"],
        ["Never", "Rarely", "Sometimes", "Often", "Always"],
        ["Very dissatisfied", "Dissatisfied", "Satisfied", "Very satisfied"],
        ["18岁以下", "18～25岁", "26～30岁", "60岁以上"],
        ["一年级", "二年级", "六年级", "九年级"],
        ["少于1小时", "1-2小时", "3小时以上"],
    ],
)
def test_order_of_wordings(ordered: list[str]) -> None:
    found = order_labels(ordered[::-1])
    assert found is not None
    assert list(found.labels) == ordered


@pytest.mark.parametrize(
    "words", [["男", "女"], ["语文", "数学"], ["满意", "同意"], ["好", "好的"], ["10元", "10 元整"]]
)
def test_wordings_without_a_known_order(words: list[str]) -> None:
    assert order_labels(words) is None
