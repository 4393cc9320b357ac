"""Files of Stata: releases, labels, extended missing values, dates; as R's haven and pandas write them."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from manyi.readers.importing import import_answers
from manyi.readers.platforms.detect import read_source
from manyi.readers.tables.raw_table import RawTable, read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import FileUnreadable

#: Written by haven; see stata.R there. Releases 8 and 10 to 13 declare no encoding.
FILES = Path(__file__).parents[1] / "reference" / "statistics_files"
TABLE = json.loads((FILES / "stata.json").read_text(encoding="utf-8"))
RELEASES = (8, 10, 12, 13, 14)
ROLE = Role.model_validate({"title": {"en": "x"}, "questionnaire": "q.yaml"})
QUESTIONNAIRE = Questionnaire.model_validate(
    yaml.safe_load("""
questionnaire: stata
title: {zh: 问卷}
languages: [zh]
answer_lists:
  satisfied: {answers: [{value: 1, label: {zh: 非常不满意}}, {value: 5, label: {zh: 非常满意}}]}
items:
  - {id: q1, text: {zh: 您满意吗}, answers: satisfied, standalone: true}
  - {id: essay, text: {zh: 说明}, type: text}
""")
)


@pytest.fixture(scope="module", params=RELEASES)
def raw(request: pytest.FixtureRequest) -> RawTable:
    return read_table(FILES / f"stata_{request.param}.dta")


@pytest.mark.parametrize("column", ["id", "q1", "day", "moment", "essay"])
def test_every_cell_is_the_one_r_holds(raw: RawTable, column: str) -> None:
    assert raw.cells[column].tolist() == TABLE[column]


def test_every_number_is_the_one_r_holds(raw: RawTable) -> None:
    told = [float(cell) if cell else None for cell in raw.cells["share"]]
    assert told == [None if value is None else pytest.approx(value, rel=1e-14) for value in TABLE["share"]]


def test_extended_missing_values_are_declared_with_their_labels(raw: RawTable) -> None:
    assert raw.dictionary is not None
    entry = raw.dictionary.variables["q1"]
    assert entry.missing == (".a", ".b")
    assert entry.values == {"1": "非常不满意", "5": "非常满意", ".a": "不知道", ".b": "拒绝回答"}


def test_the_variable_label_is_the_question(raw: RawTable) -> None:
    assert next(q for q in read_source(raw).questions if q.heading == "q1").text == "您满意吗"


@pytest.mark.parametrize(("release", "told"), [(8, True), (13, True), (14, False)])
def test_an_encoding_is_told_where_it_had_to_be_found(release: int, told: bool) -> None:
    raw = read_table(FILES / f"stata_{release}.dta")
    assert raw.encoding == "UTF-8"
    assert [fault.code for fault in raw.faults] == (["statistics-encoding-guessed"] if told else [])


def test_each_kind_of_missing_answer_is_stored_by_its_label() -> None:
    found = import_answers([FILES / "stata_14.dta"], QUESTIONNAIRE, ROLE, "people")
    # .a don't know, .b refused, . no answer.
    assert found.answers["q1"].tolist() == [1.0, 5.0, -8.0, -6.0, -9.0]


# pandas writes the format by itself, without ReadStat.


@pytest.mark.parametrize("version", [114, 117, 118, 119])
def test_what_pandas_writes_is_read_back(version: int, tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "small": np.array([1, 2, 100], dtype=np.int8),
            "single": np.array([0.1, -2.5, 1e6], dtype=np.float32),
            "large": [0.1, 1 / 3, 330106200901.0],
            "month": pd.to_datetime(["2024-09-01", "1959-12-01", "2000-02-01"]),
            "text": ["a", "", "long " * 40 + "end"],
        }
    )
    path = tmp_path / "pandas.dta"
    frame.to_stata(
        path,
        version=version,
        write_index=False,
        convert_dates={"month": "tm"},
        value_labels={"small": {1: "low", 2: "high"}},
        variable_labels={"small": "How much?"},
    )
    cells = read_table(path).cells
    assert cells["small"].tolist() == ["1", "2", "100"]
    assert cells["single"].tolist() == ["0.1", "-2.5", "1000000"]
    assert cells["large"].tolist() == ["0.1", "0.3333333333333333", "330106200901"]
    assert cells["month"].tolist() == ["2024-09-01", "1959-12-01", "2000-02-01"]
    assert cells["text"].tolist() == frame["text"].tolist()


@pytest.mark.parametrize("format", ["td", "tw", "tq", "th"])
def test_a_date_of_every_format_is_the_day_pandas_wrote(format: str, tmp_path: Path) -> None:
    # First days of a Stata week, quarter and half-year alike.
    days = ["2024-01-01", "1955-07-01", "2000-01-01"]
    frame = pd.DataFrame({"day": pd.to_datetime(days)})
    frame.to_stata(tmp_path / "day.dta", write_index=False, convert_dates={"day": format})
    expected = pd.read_stata(tmp_path / "day.dta")["day"].dt.strftime("%Y-%m-%d").tolist()
    assert read_table(tmp_path / "day.dta").cells["day"].tolist() == expected


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("share", [0.3, 0.7, 0.9])
def test_a_file_cut_short_is_damaged(release: int, share: float, tmp_path: Path) -> None:
    data = (FILES / f"stata_{release}.dta").read_bytes()
    assert refusal(data[: int(len(data) * share)], tmp_path) == "statistics-file-damaged"


@pytest.mark.parametrize("release", [13, 14])
def test_a_file_without_its_end_is_damaged_though_all_answers_are_there(release: int, tmp_path: Path) -> None:
    data = (FILES / f"stata_{release}.dta").read_bytes()
    assert refusal(data[:-20], tmp_path) == "statistics-file-damaged"


def test_value_labels_that_are_cut_off_an_older_file_are_told(tmp_path: Path) -> None:
    data = (FILES / "stata_10.dta").read_bytes()
    (tmp_path / "cut.dta").write_bytes(data[:-40])
    codes = [fault.code for fault in read_table(tmp_path / "cut.dta").faults]
    assert "value-labels-absent" in codes


def refusal(data: bytes, tmp_path: Path) -> str:
    (tmp_path / "data.dta").write_bytes(data)
    with pytest.raises(FileUnreadable) as caught:
        read_table(tmp_path / "data.dta")
    return caught.value.faults[0].code
