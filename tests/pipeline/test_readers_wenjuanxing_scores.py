"""问卷星 by score: alone, and beside the exports by number and by text of the same answers."""

from pathlib import Path

import pandas as pd
import pytest

from manyi.readers.decoding.decode import Decoded, decode
from manyi.readers.drafting.draft import draft_questionnaire
from manyi.readers.importing import import_answers
from manyi.readers.matching.match import match
from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.source import SourceTable
from manyi.readers.platforms.wenjuanxing_scores import compare_scores
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.loader import load_questionnaire

REAL = Path(__file__).parents[2] / ".." / "shared" / "examples" / "wjx_reportgen"
ROLE = Role.model_validate({"title": {"en": "x"}, "questionnaire": "q.yaml"})
ROWS = 12
META = {
    "序号": [str(row) for row in range(1, ROWS + 1)],
    "提交答卷时间": [f"2024/5/1 8:{row:02d}:00" for row in range(ROWS)],
    "所用时间": ["136秒"] * ROWS,
}
PLACES = ["1", "2", "3", "4", "5", "-2", "5", "4", "3", "2", "1", "3"]
QUESTIONNAIRE = load_questionnaire("""
questionnaire: q
title: {zh: 问卷}
languages: [zh]
answer_lists:
  five: {values: [1, 2, 3, 4, 5], zh: [甲, 乙, 丙, 丁, 戊]}
items:
  - {id: A, text: {zh: 作业太多}, answers: five, standalone: true, reverse: true}
  - {id: B, text: {zh: 老师公平}, answers: five, standalone: true}
  - {id: C, text: {zh: 学校安全}, answers: five, standalone: true}
""")
HEADINGS = {"A": "1、作业太多", "B": "2、老师公平", "C": "3、学校安全"}


def export(folder: Path, style: str, **columns: list[str]) -> SourceTable:
    path = folder / f"77_{style}_问卷_{ROWS}_{ROWS}.csv"
    named = {HEADINGS[item]: cells for item, cells in columns.items()}
    pd.DataFrame({**META, **named}).to_csv(path, index=False, encoding="utf-8-sig")
    return read_source(read_table(path))


def scored(points: dict[str, str]) -> list[str]:
    return [points.get(place, place) for place in PLACES]


SAME = {place: place for place in "12345"}
REVERSED = {"1": "5", "2": "4", "3": "3", "4": "2", "5": "1"}
FROM_ZERO = {"1": "0", "2": "1", "3": "2", "4": "3", "5": "4"}


def decoded(source: SourceTable) -> Decoded:
    return decode(source, match(source, QUESTIONNAIRE, ROLE), QUESTIONNAIRE, ROLE, "t", "x", "en")


def test_reversed_questions_are_named(tmp_path: Path) -> None:
    by_number = export(tmp_path, "按序号", A=PLACES, B=PLACES, C=PLACES)
    by_score = export(tmp_path, "按分数", A=scored(REVERSED), B=scored(SAME), C=scored(FROM_ZERO))
    found = compare_scores(by_score, by_number)
    assert found is not None
    assert (found.reversed, found.changed) == (("1、作业太多",), ("3、学校安全",))
    assert found.points["1、作业太多"] == {"1": 5, "2": 4, "3": 3, "4": 2, "5": 1}


def test_scores_that_are_the_numbers_need_no_warning(tmp_path: Path) -> None:
    by_number = export(tmp_path, "按序号", A=PLACES, B=PLACES)
    found = compare_scores(export(tmp_path, "按分数", A=PLACES, B=PLACES), by_number)
    assert found is not None
    assert found.fault() is None


def test_an_option_with_two_scores_is_another_survey(tmp_path: Path) -> None:
    by_number = export(tmp_path, "按序号", A=PLACES)
    other = scored(SAME)
    other[-1] = "1"
    assert compare_scores(export(tmp_path, "按分数", A=other), by_number) is None


def test_other_submissions_are_not_compared(tmp_path: Path) -> None:
    by_number = export(tmp_path, "按序号", A=PLACES)
    by_score = export(tmp_path, "按分数", A=PLACES)
    path = tmp_path / "77_按分数_问卷_12_12.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace("8:03:00", "8:04:00"), encoding="utf-8-sig")
    assert compare_scores(by_score, by_number) is not None
    assert compare_scores(read_source(read_table(path)), by_number) is None


def test_alone_it_keeps_its_warning(tmp_path: Path) -> None:
    source = export(tmp_path, "按分数", A=PLACES)
    assert [fault.code for fault in source.faults] == ["export-by-score"]


def test_scores_that_are_no_values_set_the_whole_column_aside(tmp_path: Path) -> None:
    found = decoded(export(tmp_path, "按分数", A=scored(FROM_ZERO), B=scored(SAME)))
    assert set(found.answers["A"]) == {-5.0, -9.0}
    assert set(found.quarantine["code"]) == {"score-unsure"}
    assert found.answers["B"].tolist() == [-9.0 if place == "-2" else float(place) for place in PLACES]


def test_beside_the_others_the_scores_are_left_out_and_the_reversed_named(tmp_path: Path) -> None:
    for style, cells in (("按序号", PLACES), ("按分数", scored(REVERSED))):
        export(tmp_path, style, A=cells, B=PLACES, C=PLACES)
    paths = sorted(tmp_path.glob("*.csv"))
    found = import_answers(paths, QUESTIONNAIRE, ROLE, "x", language="en")
    assert len(found.answers) == ROWS
    assert found.answers["A"].tolist() == [-9.0 if place == "-2" else float(place) for place in PLACES]
    told = {fault.code: fault.message("en") for fault in found.faults}
    assert {"scores-reversed", "same-answers"} <= set(told)
    assert "Reversed: 1、作业太多." in told["scores-reversed"]


@pytest.mark.skipif(not REAL.is_dir(), reason="the folder `shared` is not beside the checkout")
@pytest.mark.parametrize(
    "forms", [("按分数", "按序号"), ("按分数", "按文本"), ("按分数", "按序号", "按文本")]
)
def test_real_answers_give_the_same_table_with_their_scores_beside(
    forms: tuple[str, ...], tmp_path: Path
) -> None:
    # No real export by score is at hand: it is the one by number with the points an author could give.
    number = pd.read_excel(REAL / "wjx_800_800_2.xls", dtype=str, keep_default_na=False)
    text = pd.read_excel(REAL / "wjx_800_800_0.xls", dtype=str, keep_default_na=False)
    score = number.copy()
    price = next(name for name in number.columns if name.startswith("2、"))
    highest = number[price].astype(int).max()
    score[price] = [str(highest + 1 - int(cell)) for cell in number[price]]
    for form, frame in (("按分数", score), ("按序号", number), ("按文本", text)):
        frame.assign(序号=range(1, 801)).to_excel(tmp_path / f"9_{form}_x_800_800.xlsx", index=False)
    draft = draft_questionnaire(tmp_path / "9_按文本_x_800_800.xlsx", name="people")
    questionnaire = load_questionnaire(draft.yaml)
    alone = import_answers([tmp_path / "9_按文本_x_800_800.xlsx"], questionnaire, ROLE, "people")
    found = import_answers(
        [tmp_path / f"9_{form}_x_800_800.xlsx" for form in forms], questionnaire, ROLE, "people"
    )
    items = [
        column for column in alone.answers.columns if column.startswith("Q") and not column.endswith("__text")
    ]
    assert len(items) == 30
    pd.testing.assert_frame_equal(found.answers[items], alone.answers[items])
    codes = [fault.code for fault in found.faults]
    assert ("scores-reversed" in codes) == ("按序号" in forms)
