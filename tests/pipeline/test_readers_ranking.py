"""Ranking questions in files of answers: in one cell, a column an answer, a column a rank."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from manyi.readers.decoding.decode import Decoded, decode
from manyi.readers.matching.match import match
from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.source import SourceQuestion
from manyi.readers.tables.raw_table import RawTable
from manyi.study.definition import Role
from manyi_analysis.level.ranking import rankings
from manyi_instruments.definitions.loader import load_questionnaire

DOCS = Path(__file__).parents[2] / "docs"
QUESTIONNAIRE = load_questionnaire("""
questionnaire: q
title: {zh: 问卷, en: Q}
languages: [zh, en]
answer_lists:
  wishes:
    ordered: false
    values: [10, 20, 30]
    zh: [校舍, 师资, 其他]
    en: [buildings, teachers, other]
    other: [30]
items:
  - {id: WISH, text: {zh: 最该改进什么, en: What first}, type: ranking, answers: wishes, heading: ["第1题"]}
  - {id: NOTE, text: {zh: 建议, en: Note}, type: text}
""")
ROLE = Role.model_validate({"title": {"en": "x"}, "questionnaire": "q.yaml"})
COLUMNS = ["WISH__10", "WISH__20", "WISH__30"]


def table(columns: dict[str, Sequence[str]], name: str = "t.csv") -> RawTable:
    cells = pd.DataFrame({key: list(column) for key, column in columns.items()}, dtype="str")
    return RawTable(Path(name), "", tuple(columns), cells, "utf-8", "0" * 64, 2)


def decoded(raw: RawTable, question: SourceQuestion | None = None) -> Decoded:
    source = read_source(raw)
    if question is not None:
        source = replace(source, questions=(question, *source.questions[-1:]))
    found = decode(source, match(source, QUESTIONNAIRE, ROLE), QUESTIONNAIRE, ROLE, "t.csv", "x", "en")
    account = found.cells.iloc[0]
    fates = ("cells_kept", "cells_recoded", "cells_missing", "cells_rejected")
    assert account["cells_read"] == sum(account[fate] for fate in fates)
    kinds = ("no_answer", "dont_know", "not_asked", "refused", "invalid")
    assert account["cells_missing"] == sum(account[f"cells_{kind}"] for kind in kinds)
    return found


def ranks(cell: str) -> list[float]:
    found = decoded(table({"WISH": [cell], "NOTE": ["x"]}))
    return found.answers[COLUMNS].iloc[0].tolist()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("师资→校舍→其他", [2, 1, 3]),
        ("teachers→buildings", [2, 1, -7]),
        ("其他〖食堂〗→师资", [-7, 2, 1]),
        ("20 10 30", [2, 1, 3]),
        ("20;10", [2, 1, -7]),
        ("师资 > 校舍", [2, 1, -7]),
        ("师资", [-7, 1, -7]),
        ("", [-9, -9, -9]),
        ("(跳过)", [-7, -7, -7]),
        ("师资→师资", [-5, -5, -5]),
        ("师资→食堂", [-5, -5, -5]),
    ],
)
def test_one_cell(cell: str, expected: list[float]) -> None:
    assert ranks(cell) == expected


def test_free_text_beside_an_answer_is_kept() -> None:
    found = decoded(table({"WISH": ["其他〖食堂〗→师资"], "NOTE": ["x"]}))
    assert found.answers["WISH__text"].tolist() == ["食堂"]


@pytest.mark.parametrize(
    ("cell", "code"), [("师资→师资", "answer-ranked-twice"), ("师资→食堂", "unknown-answer")]
)
def test_one_cell_refused_says_why(cell: str, code: str) -> None:
    found = decoded(table({"WISH": [cell], "NOTE": ["x"]}))
    assert found.quarantine["code"].tolist() == [code]


# 问卷星 by number: a column an option with its rank, -2 where it has none, -3 where a jump left it out.
BY_NUMBER = {
    "序号": [str(row) for row in range(1, 9)],
    "第1题(校舍)": ["2", "1", "1", "-2", "-3", "3", "2", "-2"],
    "第1题(师资)": ["1", "2", "-2", "1", "-3", "1", "3", "-2"],
    "第1题(其他)": ["3", "3", "2", "-2", "-3", "2", "1", "-2"],
    "2、建议": ["a", "b", "c", "d", "e", "f", "g", "h"],
}
BY_TEXT = {
    "序号": BY_NUMBER["序号"],
    "1、最该改进什么": [
        "师资→校舍→其他",
        "校舍→师资→其他",
        "校舍→其他",
        "师资",
        "(跳过)",
        "师资→其他→校舍",
        "其他→校舍→师资",
        "(空)",
    ],
    "2、建议": BY_NUMBER["2、建议"],
}
EXPECTED = [[2, 1, 3], [1, 2, 3], [1, -7, 2], [-7, 1, -7], [-7] * 3, [3, 1, 2], [2, 3, 1], [-9] * 3]


def test_wenjuanxing_by_number() -> None:
    found = decoded(table(BY_NUMBER, "1_按序号_q_8_8.csv"))
    assert found.answers[COLUMNS].to_numpy().tolist() == EXPECTED


def test_wenjuanxing_by_text_gives_the_same_table() -> None:
    found = decoded(table(BY_TEXT, "1_按文本_q_8_8.csv"))
    assert found.answers[COLUMNS].to_numpy().tolist() == EXPECTED


def test_wenjuanxing_by_number_is_recognised_by_its_ranks() -> None:
    question = read_source(table(BY_NUMBER, "1_按序号_q_8_8.csv")).questions[0]
    assert (question.kind, question.options) == ("ranking", ("校舍", "师资", "其他"))


def test_a_matrix_is_not_taken_for_a_ranking() -> None:
    rows = {**BY_NUMBER, "第1题(其他)": ["3", "3", "2", "-2", "-3", "2", "2", "-2"]}
    kinds = [question.kind for question in read_source(table(rows, "1_按序号_q_8_8.csv")).questions]
    assert kinds[:3] == ["matrix"] * 3


def test_few_rows_do_not_prove_a_ranking() -> None:
    rows = {name: cells[:2] for name, cells in BY_NUMBER.items()}
    assert read_source(table(rows, "1_按序号_q_2_2.csv")).questions[0].kind == "matrix"


def spread(columns: dict[str, Sequence[str]], by_rank: bool = False) -> Decoded:
    """Decode a ranking over columns as a platform that describes it gives it."""
    names = tuple(columns)
    options = ("buildings", "teachers", "other")
    question = SourceQuestion("WISH", "", "What first", "", "ranking", options, names, by_rank=by_rank)
    return decoded(table({**columns, "NOTE": ["x"] * len(columns[names[0]])}), question)


def test_tied_ranks_are_set_aside_both() -> None:
    found = spread({"a": ["1", "1"], "b": ["1", "2"], "c": ["3", "3"]})
    assert found.answers[COLUMNS].to_numpy().tolist() == [[-5, -5, 3], [1, 2, 3]]
    assert found.quarantine[["row", "column", "code"]].to_numpy().tolist() == [
        [2, "a", "rank-tied"],
        [2, "b", "rank-tied"],
    ]


@pytest.mark.parametrize("cell", ["4", "1.5", "first", "-1"])
def test_what_is_no_rank_is_set_aside(cell: str) -> None:
    found = spread({"a": [cell], "b": ["1"], "c": ["2"]})
    assert found.answers[COLUMNS].iloc[0].tolist() == [-5, 1, 2]
    assert found.quarantine["code"].tolist() == ["not-a-rank"]


def test_zero_is_no_rank_beside_ranks_and_no_answer_without() -> None:
    found = spread({"a": ["1", "0"], "b": ["0", "0"], "c": ["", ""]})
    assert found.answers[COLUMNS].to_numpy().tolist() == [[1, -7, -7], [-9, -9, -9]]


# LimeSurvey: a column a rank, Q[1] the answer put first.
def test_a_column_a_rank() -> None:
    found = spread(
        {"Q[1]": ["20", "teachers", "", ""], "Q[2]": ["10", "", "", "30"], "Q[3]": ["30", "", "", ""]}, True
    )
    assert found.answers[COLUMNS].to_numpy().tolist() == [[2, 1, 3], [-7, 1, -7], [-9, -9, -9], [-7, -7, 2]]


def test_an_answer_at_two_ranks_is_set_aside_at_the_second() -> None:
    found = spread({"Q[1]": ["20"], "Q[2]": ["20"], "Q[3]": ["10"]}, True)
    assert found.answers[COLUMNS].iloc[0].tolist() == [3, 1, -5]
    assert found.quarantine[["column", "code"]].to_numpy().tolist() == [["Q[2]", "answer-ranked-twice"]]


def test_a_question_without_a_column_was_not_asked() -> None:
    found = decoded(table({"NOTE": ["x"]}))
    assert found.answers[COLUMNS].iloc[0].tolist() == [-7, -7, -7]


def test_whole_way_to_table_and_sav(run_manyi, write_study, read_csv, likert, tmp_path: Path) -> None:
    import pyreadstat

    definition = """
questionnaire: q
title: {en: Q}
languages: [en]
answer_lists:
  wishes: {values: [1, 2], en: [books, teachers], ordered: false}
  five: {values: [1, 2, 3, 4, 5], en: [a, b, c, d, e]}
scales:
  - {id: S, title: {en: S}}
items:
  - {id: s1, text: {en: s1}, answers: five, scale: S}
  - {id: s2, text: {en: s2}, answers: five, scale: S}
  - {id: s3, text: {en: s3}, answers: five, scale: S}
  - {id: WISH, text: {en: What first}, type: ranking, answers: wishes}
"""
    answers = likert(["s1", "s2", "s3"], 40, 7).assign(
        WISH=["books→teachers"] * 25 + ["teachers"] * 10 + [""] * 5
    )
    study = write_study(tmp_path / "study", {"people": definition}, {"people": {"a.csv": answers}})
    done = run_manyi("run", study, "--json")
    assert done.code == 0, done.out + done.err
    found = read_csv(study, "rankings")
    assert found["answer"].tolist() == [1, 2]
    assert found["n"].tolist() == [25, 35]
    assert found["first_share"].tolist() == [25 / 35, 10 / 35]
    assert found["mean_rank"].tolist() == [1.0, (25 * 2 + 10) / 35]
    frame, meta = pyreadstat.read_sav(study / "results/spss/people.sav", user_missing=True)
    assert frame["WISH__1"].value_counts().to_dict() == {1.0: 25, -7.0: 10, -9.0: 5}
    assert meta.variable_value_labels["WISH__1"][-7.0] == "not asked, or given no rank"


def test_columns_of_the_table_are_documented() -> None:
    text = (DOCS / "tables.md").read_text(encoding="utf-8")
    part = text[text.index("#### rankings") :].split("\n#", 1)[0]
    documented = re.findall(r"^\| `(\w+)` \|", part, flags=re.MULTILINE)
    frame = rankings(pd.DataFrame({name: [1.0] for name in COLUMNS}), QUESTIONNAIRE).to_frame()
    assert documented == ["role", *frame.columns]
