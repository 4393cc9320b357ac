"""问卷星 exports: every spelling of headings and cells that the platform is known to write."""

from pathlib import Path

import pandas as pd
import pytest

from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.source import SourceTable
from manyi.readers.tables.raw_table import read_table
from manyi_instruments.faults import AnswersFaulty

META = {
    "序号": ["1", "2", "3"],
    "提交答卷时间": ["2024/5/1 8:00:00"] * 3,
    "所用时间": ["123秒", "2分3秒", "1小时0分1秒"],
}
SHARED = Path(__file__).parents[2] / ".." / "shared"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the folder `shared` is not beside the checkout"
)


def export(
    folder: Path, columns: dict[str, list[str]], name: str = "问卷.csv", source: str = "auto"
) -> SourceTable:
    path = folder / name
    pd.DataFrame({**META, **columns}).to_csv(path, index=False, encoding="utf-8-sig")
    return read_source(read_table(path), source)


def test_metadata_columns_are_no_questions(tmp_path: Path) -> None:
    source = export(
        tmp_path, {"1、性别": ["男", "女", "男"], "来自IP": ["", "", ""], "用户ID": ["a", "b", "c"]}
    )
    assert source.source == "wenjuanxing"
    assert [question.heading for question in source.questions] == ["1、性别"]
    assert (source.submitted, source.seconds, source.person) == ("提交答卷时间", "所用时间", "用户ID")


def test_the_serial_number_is_no_person(tmp_path: Path) -> None:
    assert export(tmp_path, {"1、性别": ["男", "女", "男"]}).person is None


def test_new_matrix_headings_give_stem_to_every_row(tmp_path: Path) -> None:
    columns = {
        "8、请评价——学校的—教学质量": ["满意", "一般", "满意"],
        "8、管理水平": ["满意", "满意", "一般"],
        "9、年级": ["一", "二", "一"],
    }
    questions = export(tmp_path, columns).questions
    assert [(q.number, q.text, q.row, q.kind) for q in questions] == [
        ("8", "请评价——学校的", "教学质量", "matrix"),
        ("8", "请评价——学校的", "管理水平", "matrix"),
        ("9", "年级", "", "single"),
    ]


def test_old_matrix_headings(tmp_path: Path) -> None:
    columns = {
        "第8题(教学质量(含作业))": ["满意", "一般", "满意"],
        "第8题(管理水平)": ["满意", "满意", "一般"],
    }
    questions = export(tmp_path, columns).questions
    assert [(q.number, q.row, q.kind) for q in questions] == [
        ("8", "教学质量(含作业)", "matrix"),
        ("8", "管理水平", "matrix"),
    ]


def test_old_headings_with_0_and_1_are_one_multiple_choice(tmp_path: Path) -> None:
    columns = {
        "第6题(运动)": ["1", "0", "-3"],
        "第6题(ACG(动漫、游戏等))": ["0", "1", "-3"],
        "7、年级": ["1", "2", "3"],
    }
    source = export(tmp_path, columns)
    question = source.questions[0]
    assert source.style == "number"
    assert (question.kind, question.options) == ("multiple", ("运动", "ACG(动漫、游戏等)"))
    assert question.columns == ("第6题(运动)", "第6题(ACG(动漫、游戏等))")


def test_new_headings_with_0_and_1_are_one_multiple_choice_by_number(tmp_path: Path) -> None:
    columns = {"6、兴趣(运动)": ["1", "0", "1"], "6、阅读": ["0", "1", "1"], "7、年级": ["1", "2", "3"]}
    question = export(tmp_path, columns, "1_按序号_问卷_3_3.csv").questions[0]
    assert (question.kind, question.text, question.options) == ("multiple", "兴趣", ("运动", "阅读"))


def test_matrix_by_number_is_told_from_multiple_choice_by_its_numbers(tmp_path: Path) -> None:
    columns = {"第8题(教学)": ["1", "5", "-2"], "第8题(管理)": ["2", "1", "4"]}
    source = export(tmp_path, columns)
    assert [question.kind for question in source.questions] == ["matrix", "matrix"]


def test_numbers_that_restart_do_not_join_questions(tmp_path: Path) -> None:
    columns = {
        "1、性别": ["男", "女", "男"],
        "1、年级": ["一", "二", "一"],
        "2、班级": ["甲", "乙", "甲"],
        "1、住校": ["是", "否", "是"],
    }
    questions = export(tmp_path, columns).questions
    assert [(q.number, q.text, q.kind) for q in questions] == [
        ("1", "性别", "single"),
        ("1", "年级", "single"),
        ("2", "班级", "single"),
        ("1", "住校", "single"),
    ]


def test_tabs_and_line_breaks_in_headings(tmp_path: Path) -> None:
    question = export(tmp_path, {"3、性\t别\n ": ["男", "女", "男"]}).questions[0]
    assert (question.heading, question.text) == ("3、性\t别\n ", "性 别")


@pytest.mark.parametrize(
    ("name", "cells", "style"),
    [
        ("1_按文本_x_3_3.csv", ["1", "2", "3"], "text"),
        ("1_按序号_x_3_3.csv", ["1", "2", "3"], "number"),
        ("1_按分数_x_3_3.csv", ["1", "2", "3"], "score"),
        ("x.csv", ["1", "2", "3"], "number"),
        ("x.csv", ["满意", "一般", "满意"], "text"),
        ("x.csv", ["(跳过)", "(空)", "3"], "text"),
    ],
)
def test_what_cells_hold_is_told_by_file_name_then_by_cells(
    tmp_path: Path, name: str, cells: list[str], style: str
) -> None:
    assert export(tmp_path, {"1、满意吗": cells, "2、年龄": ["30", "41", "52"]}, name).style == style


def test_an_export_by_score_is_warned_of(tmp_path: Path) -> None:
    source = export(tmp_path, {"1、满意吗": ["1", "2", "3"]}, "1_按分数_x_3_3.csv")
    assert [fault.code for fault in source.faults] == ["export-by-score"]


def test_minus_2_and_3_are_missing_by_number_only(tmp_path: Path) -> None:
    by_number = export(tmp_path, {"1、温度": ["-2", "-3", "3"]}, "1_按序号_x.csv")
    by_text = export(tmp_path, {"1、温度": ["-2", "-3", "3"]}, "1_按文本_x.csv")
    assert (by_number.missing["-2"], by_number.missing["-3"]) == ("no_answer", "not_asked")
    assert "-2" not in by_text.missing


def test_options_are_listed_without_their_free_text(tmp_path: Path) -> None:
    question = export(tmp_path, {"1、爱好": ["运动┋其他〖宠物〗", "其他〖军事〗", "阅读"]}).questions[0]
    assert (question.kind, question.options) == ("multiple", ("运动", "其他", "阅读"))


def test_a_plain_table_is_not_taken_for_an_export(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("性别,满意度\n男,5\n女,4\n", encoding="utf-8")
    assert read_source(read_table(path)).source == "table"


def test_a_platform_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("性别,满意度\n男,5\n女,4\n", encoding="utf-8")
    with pytest.raises(AnswersFaulty) as caught:
        read_source(read_table(path), "wenjuanxing")
    assert [fault.code for fault in caught.value.faults] == ["source-not-recognised"]


def test_an_unknown_source_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plain.csv"
    path.write_text("a,b\n1,5\n", encoding="utf-8")
    with pytest.raises(AnswersFaulty, match="Unknown source 'kobo2'"):
        read_source(read_table(path), "kobo2")


def test_an_export_read_as_plain_table_on_request(tmp_path: Path) -> None:
    source = export(tmp_path, {"1、性别": ["男", "女", "男"]}, source="table")
    assert [question.heading for question in source.questions] == [*META, "1、性别"]


@needs_shared
@pytest.mark.parametrize(
    ("name", "style", "questions"), [("wjx_800_800_0.xls", "text", 8), ("wjx_800_800_2.xls", "number", 8)]
)
def test_real_exports(name: str, style: str, questions: int) -> None:
    source = read_source(read_table(SHARED / "examples" / "wjx_reportgen" / name))
    assert (source.source, source.style, len(source.questions)) == ("wenjuanxing", style, questions)


@needs_shared
def test_real_export_by_number_holds_two_multiple_choices() -> None:
    source = read_source(read_table(SHARED / "examples" / "wjx_reportgen" / "wjx_800_800_2.xls"))
    found = [(question.heading, len(question.options)) for question in source.questions if question.split]
    assert found == [("第6题", 14), ("第8题", 10)]
