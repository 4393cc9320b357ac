"""Importing all files of a role: repeats, faulty files beside good ones, and one order of columns."""

from pathlib import Path

import pandas as pd
import pytest

from manyi.readers.importing import import_answers
from manyi.study.definition import Role
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.faults import AnswersFaulty, FileUnreadable

QUESTIONNAIRE = load_questionnaire("""
questionnaire: pupils
title: {zh: 问卷}
languages: [zh]
answer_lists:
  agree: {values: [1, 2, 3], zh: [同意, 一般, 不同意]}
items:
  - {id: A1, text: {zh: 老师好}, answers: agree, standalone: true}
  - {id: A2, text: {zh: 饭菜好}, answers: agree, standalone: true}
  - {id: AGE, text: {zh: 年龄}, type: number, minimum: 5, maximum: 20, standalone: true}
""")
ROLE = Role.model_validate({"title": {"zh": "学生"}, "questionnaire": "q.yaml"})
LABELS = {"1": "同意", "2": "一般", "3": "不同意"}


def answers(n: int, shift: int = 0) -> dict[str, list[str]]:
    return {
        "1、老师好": [str((i + shift) % 3 + 1) for i in range(n)],
        "2、饭菜好": [str((i // 3 + shift) % 3 + 1) for i in range(n)],
        "3、年龄": [str(8 + (i * 7 + shift) % 9) for i in range(n)],
    }


def write(folder: Path, name: str, columns: dict[str, list[str]], encoding: str = "utf-8") -> Path:
    path = folder / name
    pd.DataFrame(columns).to_csv(path, index=False, encoding=encoding)
    return path


def meta(n: int) -> dict[str, list[str]]:
    return {
        "序号": [str(i + 1) for i in range(n)],
        "提交答卷时间": ["2024/5/1"] * n,
        "所用时间": ["60秒"] * n,
    }


def by_text(columns: dict[str, list[str]]) -> dict[str, list[str]]:
    return {key: [LABELS.get(cell, cell) for cell in cells] for key, cells in columns.items()}


def test_files_follow_each_other(tmp_path: Path) -> None:
    paths = [
        write(tmp_path, "甲 校.csv", answers(30)),
        write(tmp_path, "b.csv", answers(20, shift=1), "gb18030"),
    ]
    found = import_answers(paths, QUESTIONNAIRE, ROLE, "pupils")
    assert found.answers["file"].value_counts(sort=False).to_dict() == {"甲 校.csv": 30, "b.csv": 20}
    assert found.cells["rows_kept"].tolist() == [30, 20]
    assert found.files["encoding"].tolist() == ["utf-8", "gb18030"]


def test_columns_do_not_depend_on_the_file(tmp_path: Path) -> None:
    first, second, third = answers(5).items()
    mixed = write(tmp_path, "a.csv", dict([third, ("天气", ["晴"] * 5), first, second]))
    plain = write(tmp_path, "b.csv", answers(5))
    left = import_answers([mixed], QUESTIONNAIRE, ROLE, "pupils").answers
    right = import_answers([plain], QUESTIONNAIRE, ROLE, "pupils").answers
    pd.testing.assert_frame_equal(left.drop(columns="file"), right.drop(columns="file"))


def test_an_identical_file_adds_nothing_and_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", answers(30))
    copy = tmp_path / "副本.csv"
    copy.write_bytes(path.read_bytes())
    found = import_answers([path, copy], QUESTIONNAIRE, ROLE, "pupils")
    assert len(found.answers) == 30
    assert [(fault.code, fault.details["other"]) for fault in found.faults] == [("same-file", "a.csv")]
    assert found.files["used"].tolist() == [True, False]


def test_an_identical_workbook_adds_nothing_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    pd.DataFrame(answers(30)).to_excel(path, sheet_name="答卷", index=False)
    copy = tmp_path / "副本.xlsx"
    copy.write_bytes(path.read_bytes())
    found = import_answers([path, copy], QUESTIONNAIRE, ROLE, "pupils")
    assert (len(found.answers), [fault.code for fault in found.faults]) == (30, ["same-file"])
    assert found.files["same_as"].fillna("").tolist() == ["", "a.xlsx"]


def test_the_same_answers_in_another_format_add_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", answers(80))
    pd.DataFrame(answers(80)).to_excel(tmp_path / "a.xlsx", index=False)
    found = import_answers([path, tmp_path / "a.xlsx"], QUESTIONNAIRE, ROLE, "pupils")
    assert (len(found.answers), [fault.code for fault in found.faults]) == (80, ["same-answers"])


def test_of_text_and_number_exports_the_text_is_kept(tmp_path: Path) -> None:
    number = write(tmp_path, "1_按序号_x.csv", {**meta(9), **answers(9)})
    text = write(tmp_path, "1_按文本_x.csv", {**meta(9), **by_text(answers(9))})
    found = import_answers([number, text], QUESTIONNAIRE, ROLE, "pupils")
    assert found.answers["file"].unique().tolist() == ["1_按文本_x.csv"]
    assert [fault.code for fault in found.faults] == ["same-answers"]


def test_equal_answers_of_few_cells_are_two_files(tmp_path: Path) -> None:
    paths = [write(tmp_path, "a.csv", answers(3)), write(tmp_path, "b.csv", {**answers(3), "x": ["1"] * 3})]
    assert len(import_answers(paths, QUESTIONNAIRE, ROLE, "pupils").answers) == 6


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for name, shift in (("一小", 0), ("二小", 1)):
        (tmp_path / name).mkdir()
        write(tmp_path / name, "答卷.csv", answers(5, shift))
    paths = [tmp_path / name / "答卷.csv" for name in ("一小", "二小")]
    found = import_answers(paths, QUESTIONNAIRE, ROLE, "pupils")
    assert found.answers["file"].unique().tolist() == ["一小/答卷.csv", "二小/答卷.csv"]


def test_a_faulty_file_does_not_stop_the_others(tmp_path: Path) -> None:
    good = write(tmp_path, "a.csv", answers(5))
    (tmp_path / "空.csv").write_bytes(b"")
    other = write(tmp_path, "天气.csv", {"天气": ["晴"], "温度": ["20"]})
    found = import_answers([tmp_path / "空.csv", good, other], QUESTIONNAIRE, ROLE, "pupils")
    assert len(found.answers) == 5
    errors = [(fault.code, fault.severity) for fault in found.faults if fault.severity == "error"]
    assert errors == [("file-empty", "error"), ("nothing-matched", "error")]
    assert found.files["used"].tolist() == [True, False]


def test_no_good_file_raises_all_faults(tmp_path: Path) -> None:
    (tmp_path / "空.csv").write_bytes(b"")
    with pytest.raises(FileUnreadable) as caught:
        import_answers([tmp_path / "空.csv", tmp_path / "无.csv"], QUESTIONNAIRE, ROLE, "pupils")
    assert [fault.code for fault in caught.value.faults] == ["file-empty", "file-missing"]


def test_a_missing_column_is_told_and_its_answers_were_not_asked(tmp_path: Path) -> None:
    columns = answers(5)
    del columns["2、饭菜好"]
    found = import_answers([write(tmp_path, "a.csv", columns)], QUESTIONNAIRE, ROLE, "pupils")
    assert [(fault.code, fault.details["item"]) for fault in found.faults] == [("item-without-column", "A2")]
    assert found.answers["A2"].unique().tolist() == [-7.0]


def test_text_in_a_number_is_quarantined_with_its_place(tmp_path: Path) -> None:
    columns = answers(5)
    columns["3、年龄"][2] = "十岁"
    found = import_answers([write(tmp_path, "a.csv", columns)], QUESTIONNAIRE, ROLE, "pupils")
    listed = found.quarantine[["role", "file", "row", "column", "value", "code"]].to_numpy().tolist()
    assert listed == [["pupils", "a.csv", 4, "3、年龄", "十岁", "not-a-number"]]
    assert found.quarantine["reason"].tolist() == ["题目“AGE”要填数字，这里是“十岁”。"]


def test_two_columns_with_the_same_heading_are_not_guessed_between(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("老师好,老师好,年龄\n1,2,9\n", encoding="utf-8")
    with pytest.raises(AnswersFaulty) as caught:
        import_answers([path], QUESTIONNAIRE, ROLE, "pupils")
    assert [fault.code for fault in caught.value.faults] == ["column-ambiguous"]


def test_no_files_give_an_empty_table_of_the_same_columns(tmp_path: Path) -> None:
    some = import_answers([write(tmp_path, "a.csv", answers(5))], QUESTIONNAIRE, ROLE, "pupils").answers
    none = import_answers([], QUESTIONNAIRE, ROLE, "pupils").answers
    assert (none.columns.tolist(), len(none)) == (some.columns.tolist(), 0)
