"""问卷星: file formats, headings, multiple choices, filled-in matrices, submissions and devices.

Shapes are those of the platform's help pages and of the exports in ../shared/examples/wjx_reportgen.
"""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from manyi.readers.decoding.decode import Decoded, decode
from manyi.readers.matching.match import match
from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.source import SourceTable
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.loader import load_questionnaire

ROLE = Role.model_validate({"title": {"en": "x"}, "questionnaire": "q.yaml"})
META = {
    "序号": ["1", "2", "3", "5"],
    "提交答卷时间": ["2024/5/1 8:00:00", "2024/5/1 8:01:00", "2024/5/1 9:00:00", "2024/5/2 7:30:12"],
    "所用时间": ["136秒", "2分3秒", "1小时0分1秒", "59秒"],
    "来源": ["微信", "链接", "微信", "微信"],
    "来源详情": ["N/A", "直接访问", "N/A", "N/A"],
    "来自IP": [
        "112.65.61.220(上海-上海)",
        "1.2.3.4(北京-北京)",
        "1.2.3.4(北京-北京)",
        "240e:1::2(河北-唐山)",
    ],
}
QUESTIONNAIRE = load_questionnaire("""
questionnaire: q
title: {zh: 问卷}
languages: [zh]
answer_lists:
  five: {values: [1, 2, 3, 4, 5], zh: [很不满意, 不满意, 一般, 满意, 很满意]}
  hobby: {values: [1, 2, 3], zh: [运动, 阅读, 其他], ordered: false, other: [3]}
items:
  - {id: HOBBY, text: {zh: 爱好}, type: multiple, answers: hobby, heading: ["第2题"]}
  - {id: GRADE, text: {zh: 总体打分}, answers: five, standalone: true}
  - {id: WHO, text: {zh: 您是谁}, answers: hobby, standalone: true}
""")


def write(
    folder: Path, columns: dict[str, list[str]], name: str = "1_按文本_问卷_4_4.csv", **kwargs: str
) -> Path:
    path = folder / name
    frame = pd.DataFrame({**META, **columns})
    if path.suffix == ".csv":
        frame.to_csv(path, index=False, encoding=kwargs.get("encoding", "utf-8-sig"))
    else:
        frame.to_excel(path, index=False)
    return path


def export(folder: Path, columns: dict[str, list[str]], name: str = "1_按文本_问卷_4_4.csv") -> SourceTable:
    return read_source(read_table(write(folder, columns, name)))


def decoded(folder: Path, columns: dict[str, list[str]], name: str) -> Decoded:
    source = export(folder, columns, name)
    return decode(source, match(source, QUESTIONNAIRE, ROLE), QUESTIONNAIRE, ROLE, name, "x", "en")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-8"])
def test_csv_in_every_encoding_it_was_ever_saved_in(tmp_path: Path, encoding: str) -> None:
    source = read_source(
        read_table(write(tmp_path, {"1、性别": ["男", "女", "男", "女"]}, encoding=encoding))
    )
    assert (source.source, source.questions[0].options) == ("wenjuanxing", ("男", "女"))


def test_xlsx(tmp_path: Path) -> None:
    source = export(tmp_path, {"1、性别": ["男", "女", "男", "女"]}, "1_按文本_问卷_4_4.xlsx")
    assert (source.source, source.style, source.submission) == ("wenjuanxing", "text", "序号")


def test_durations_submissions_and_devices(tmp_path: Path) -> None:
    columns = {"2、爱好": ["运动", "阅读", "运动", "阅读"]}
    answers = decoded(tmp_path, columns, "1_按文本_问卷_4_4.csv").answers
    assert answers["seconds"].tolist() == [136.0, 123.0, 3601.0, 59.0]
    assert answers["submission"].tolist() == ["1", "2", "3", "5"]
    assert answers["device"].tolist() == ["112.65.61.220", "1.2.3.4", "1.2.3.4", "240e:1::2"]
    assert answers["person"].isna().all()


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        (
            "1_按文本_问卷_4_4.csv",
            {"2、爱好": ["运动┋其他〖钓鱼〗", "阅读", "(空)", "(跳过)"]},
        ),
        (
            "1_按序号_问卷_4_4.csv",
            {
                "第2题(运动)": ["1", "0", "-2", "-3"],
                "第2题(阅读)": ["0", "1", "-2", "-3"],
                "第2题(其他)": ["1〖钓鱼〗", "0", "-2", "-3"],
            },
        ),
        (
            "1_按序号_问卷_4_4.csv",
            {
                "2、爱好(运动)": ["1", "0", "-2", "-3"],
                "2、阅读": ["0", "1", "-2", "-3"],
                "2、其他": ["1〖钓鱼〗", "0", "-2", "-3"],
            },
        ),
        ("1_按序号_问卷_4_4.csv", {"2、爱好": ["1┋3〖钓鱼〗", "2", "-2", "-3"]}),
    ],
)
def test_multiple_choice_by_text_and_number_gives_one_table(
    tmp_path: Path, name: str, columns: dict[str, list[str]]
) -> None:
    answers = decoded(tmp_path, columns, name).answers
    expected = [[1, 0, 1], [0, 1, 0], [-9, -9, -9], [-7, -7, -7]]
    assert answers[["HOBBY__1", "HOBBY__2", "HOBBY__3"]].to_numpy().tolist() == expected
    assert answers["HOBBY__text"].tolist()[0] == "钓鱼"


def test_single_choice_with_free_text_by_number(tmp_path: Path) -> None:
    found = decoded(tmp_path, {"3、您是谁": ["3〖教师〗", "1", "2", "-3"]}, "1_按序号_问卷_4_4.csv")
    assert found.answers["WHO"].tolist() == [3, 1, 2, -7]
    assert found.answers["WHO__text"].tolist()[0] == "教师"


def test_scale_points_stand_as_digits_in_an_export_by_text(tmp_path: Path) -> None:
    found = decoded(tmp_path, {"4、总体打分": ["5", "1", "(空)", "满意"]}, "1_按文本_问卷_4_4.csv")
    assert found.answers["GRADE"].tolist() == [5, 1, -9, 4]


def test_matrix_that_is_filled_in_holds_texts(tmp_path: Path) -> None:
    columns = {"9、请填写—姓名": ["甲", "乙", "丙", "丁"], "9、电话": ["我忘了", "没有", "不便说", "在家"]}
    questions = export(tmp_path, columns).questions
    assert [(q.text, q.row, q.kind) for q in questions] == [
        ("请填写", "姓名", "text"),
        ("请填写", "电话", "text"),
    ]


def test_matrix_with_sliders_holds_numbers(tmp_path: Path) -> None:
    columns = {"9、打分—教学": ["88.5", "70", "100", "0"], "9、管理": ["61", "72.5", "33", "9"]}
    questions = export(tmp_path, columns).questions
    assert [(q.row, q.kind) for q in questions] == [("教学", "number"), ("管理", "number")]


def test_table_that_grows_keeps_rows_and_columns(tmp_path: Path) -> None:
    columns = {
        "10、家庭成员—第1行—称谓": ["父亲", "母亲", "父亲", "母亲"],
        "10、第1行—年龄": ["41", "38", "45", "50"],
        "10、第2行—称谓": ["", "父亲", "", "父亲"],
        "10、第2行—年龄": ["", "40", "", "52"],
    }
    questions = export(tmp_path, columns).questions
    assert len(questions) == len({q.columns for q in questions}) == 4
    assert {q.number for q in questions} == {"10"}


def test_total_is_no_question(tmp_path: Path) -> None:
    source = export(tmp_path, {"1、性别": ["男", "女", "男", "女"], "总分": ["3", "4", "5", "6"]})
    assert [q.heading for q in source.questions] == ["1、性别"]
    assert "总分" in source.metadata


def test_a_total_that_is_the_sum_of_the_columns_tells_scores(tmp_path: Path) -> None:
    columns = {"1、甲": ["1", "5", "3", "-3"], "2、乙": ["2", "4", "4", "1"], "总分": ["3", "9", "7", "1"]}
    assert export(tmp_path, columns, "改过名.csv").style == "score"


def test_a_total_that_is_no_sum_does_not(tmp_path: Path) -> None:
    columns = {"1、甲": ["1", "5", "3", "2"], "2、乙": ["2", "4", "4", "1"], "总分": ["90", "85", "70", "60"]}
    assert export(tmp_path, columns, "改过名.csv").style == "number"


def test_numbers_joined_by_the_separator_are_no_wordings(tmp_path: Path) -> None:
    columns = {"1、爱好": ["1┋2", "2", "3〖钓鱼〗", "1┋3〖围棋〗"], "2、性别": ["1", "2", "1", "2"]}
    assert export(tmp_path, columns, "改过名.csv").style == "number"


def test_headings_with_tabs_and_breaks_over_a_matrix(tmp_path: Path) -> None:
    columns = {
        "8、请\t评价\n—教学\t质量": ["满意", "一般", "满意", "满意"],
        "8、管理\n水平": ["满意", "满意", "一般", "一般"],
    }
    questions = export(tmp_path, columns).questions
    assert [(q.text, q.row) for q in questions] == [("请 评价", "教学 质量"), ("请 评价", "管理 水平")]


def test_error_values_are_refused_and_not_blank(tmp_path: Path) -> None:
    path = tmp_path / "1_按序号_问卷_4_4.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["序号", "提交答卷时间", "4、总体打分"])
    for row, cell in enumerate(["#N/A", 5, 4], start=1):
        sheet.append([row, "2024/5/1 8:00:00", cell])
    sheet["C2"].data_type = "e"
    book.save(path)
    source = read_source(read_table(path))
    found = decode(source, match(source, QUESTIONNAIRE, ROLE), QUESTIONNAIRE, ROLE, path.name, "x", "en")
    assert found.answers["GRADE"].tolist() == [-5, 5, 4]
    assert found.quarantine["value"].tolist() == ["#N/A"]
