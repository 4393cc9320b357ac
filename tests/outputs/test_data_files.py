"""Answers as CSV, Parquet and Excel: the same rows in each, labels beside them, no person by default."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_outputs.data_files import (
    DataSet,
    codebook_table,
    data_set,
    persons,
    write_codebook,
    write_csv,
    write_data_workbook,
    write_parquet,
)
from manyi_outputs.data_files.persons import singled_out
from manyi_outputs.spss import RoleAnswers

REFERENCE = Path(__file__).parents[1] / "reference"
#: What R's psych::describe says of bfi (tests/reference/data_files/described.R).
DESCRIBED = pd.read_csv(REFERENCE / "data_files" / "described.csv", encoding="utf-8").set_index("item")
ALONE = pd.read_csv(REFERENCE / "data_files" / "alone.csv", encoding="utf-8")
WORDS = ["=1+1", "@SUM(A1)", "-无意见", "+86 的电话", "满意，“很好”", "-5", "两行\n文字", ""]


@pytest.fixture(scope="module")
def data(bfi_answers: RoleAnswers) -> DataSet:
    return data_set(bfi_answers, "zh", with_text=True)


@pytest.fixture(scope="module")
def worded(bfi_answers: RoleAnswers) -> RoleAnswers:
    """Return eight rows with an open answer, a code of the respondent's, and labels of 400 characters."""
    definition = bfi_answers.questionnaire.model_dump(mode="json", exclude_defaults=True)
    long = "很" * 400
    definition["items"][0]["text"]["zh"] = long
    definition["answer_lists"]["six"]["answers"][0]["label"]["zh"] = long
    definition["items"].append(
        {"id": "WHY", "text": {"zh": "为什么？", "en": "Why?"}, "type": "text", "standalone": True}
    )
    questionnaire = load_questionnaire(json.dumps(definition, ensure_ascii=False))
    coded = bfi_answers.coded.head(len(WORDS)).assign(WHY=WORDS, person=[f"p{n}" for n in range(len(WORDS))])
    return replace(
        bfi_answers, questionnaire=questionnaire, coded=coded, scored=bfi_answers.scored.head(len(WORDS))
    )


def as_read(path: Path) -> pd.DataFrame:
    return pd.read_csv(
        path, encoding="utf-8-sig", dtype={"school": str}, na_values=[""], keep_default_na=False
    )


# --- CSV ---------------------------------------------------------------------------------------------------


def test_csv_begins_with_a_mark_so_that_excel_reads_chinese(data: DataSet, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", data)
    assert (tmp_path / "a.csv").read_bytes().startswith(b'\xef\xbb\xbf"school","file","')


def test_csv_holds_the_codes_of_missing_answers(data: DataSet, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", data)
    read = as_read(tmp_path / "a.csv")
    assert (read["A1"] == -9).sum() == len(read) - DESCRIBED.loc["A1", "n"]


@pytest.mark.parametrize("item", ["A1", "C4", "O5", "age"])
def test_csv_holds_every_answer(data: DataSet, tmp_path: Path, item: str) -> None:
    write_csv(tmp_path / "a.csv", data)
    read = as_read(tmp_path / "a.csv")
    valid = read.loc[read[item] >= 0, item]
    assert valid.mean() == pytest.approx(DESCRIBED.loc[item, "mean"], rel=1e-13)


def test_csv_holds_scores_to_the_last_digit(data: DataSet, bfi_answers: RoleAnswers, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", data)
    pd.testing.assert_series_equal(as_read(tmp_path / "a.csv")["N"], bfi_answers.scored["N"])


def test_csv_keeps_school_codes_as_words(data: DataSet, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", data)
    assert as_read(tmp_path / "a.csv")["school"].unique().tolist() == ["0012"]


def test_no_spreadsheet_computes_a_text_of_a_csv(worded: RoleAnswers, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", data_set(worded, "zh", with_text=True))
    written = [text.removeprefix("'") for text in as_read(tmp_path / "a.csv")["WHY"].fillna("")]
    computed = [text for text in as_read(tmp_path / "a.csv")["WHY"].fillna("") if text[:1] in "=@+" and text]
    assert (written, computed) == (WORDS, [])


def test_a_number_written_as_words_keeps_its_sign(worded: RoleAnswers, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", data_set(worded, "zh", with_text=True))
    assert "-5" in as_read(tmp_path / "a.csv")["WHY"].tolist()


# --- codebook ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", ["A1", "N3", "age"])
def test_codebook_counts_valid_answers(data: DataSet, item: str) -> None:
    book = codebook_table(data).set_index("变量")
    assert book.loc[item, "有效数"] == DESCRIBED.loc[item, "n"]


def test_codebook_lists_codes_with_their_labels_in_full(worded: RoleAnswers, tmp_path: Path) -> None:
    write_codebook(tmp_path / "book.csv", data_set(worded, "zh"))
    book = pd.read_csv(tmp_path / "book.csv", encoding="utf-8-sig").set_index("变量")
    assert book.loc["A1", "含义"] == "很" * 400 + "（反向题，原始作答）"
    assert book.loc["A1", "取值"].split(";")[0] == "1=" + "很" * 400
    assert book.loc["A1", "缺失代码"].startswith("未作答 (-9); 不了解 (-8)")


def test_codebook_says_which_items_are_reversed(data: DataSet) -> None:
    book = codebook_table(data).set_index("变量")
    found = [name for name in book.index if book.loc[name, "反向"] == "是" and not name.endswith("_r")]
    assert found == ["A1", "C4", "C5", "E1", "E2", "O2", "O5"]


# --- persons -----------------------------------------------------------------------------------------------


def test_open_answers_and_keys_stay_out_unless_asked_for(worded: RoleAnswers) -> None:
    found = persons(data_set(worded, "zh"))
    assert (found.texts, found.keys, found.left_out) == ((), (), ("person", "file", "row", "WHY"))


def test_open_answers_and_keys_are_named_where_asked_for(worded: RoleAnswers) -> None:
    found = persons(data_set(worded, "zh", with_text=True))
    assert (found.texts, found.keys, found.left_out) == (("WHY",), ("person", "file", "row"), ())


def test_columns_that_tell_a_person_together_are_named(data: DataSet) -> None:
    assert persons(data).together == ("school", "gender", "media__1", "media__2", "age")


@pytest.mark.parametrize(("columns", "n"), list(ALONE.itertuples(index=False, name=None)))
def test_rows_alone_with_their_combination_are_counted(bfi: pd.DataFrame, columns: str, n: int) -> None:
    assert singled_out(bfi, columns.split()) == n


# --- Parquet -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def parquet(data: DataSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("parquet") / "adults.parquet"
    write_parquet(path, data)
    return path


def test_parquet_fields_tell_labels_and_codes(parquet: Path) -> None:
    told = pq.read_schema(parquet).field("C4").metadata
    assert told[b"label"].decode() == "题目 C4：我很符合（反向题，原始作答）"
    assert json.loads(told[b"value_labels"])["6"] == "非常符合"
    assert json.loads(told[b"missing_values"])["-9"] == "未作答"
    assert told[b"reverse_keyed"] == b"true"


def test_parquet_has_the_codebook_for_readers_without_metadata_of_fields(parquet: Path) -> None:
    book = json.loads(pq.read_metadata(parquet).metadata[b"codebook"])
    assert book["gender"]["value_labels"] == {"1": "男", "2": "女"}


def test_parquet_types_are_those_of_the_answers(parquet: Path) -> None:
    schema = pq.read_schema(parquet)
    assert [str(schema.field(name).type) for name in ("A1", "A", "school")] == ["int64", "double", "string"]


@pytest.mark.parametrize("item", ["A1", "age"])
def test_parquet_holds_every_answer(parquet: Path, item: str) -> None:
    column = pq.read_table(parquet)[item].to_pandas()
    assert column[column >= 0].mean() == pytest.approx(DESCRIBED.loc[item, "mean"], rel=1e-13)


# --- Excel -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workbook(worded: RoleAnswers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("xlsx") / "成人.xlsx"
    write_data_workbook(path, data_set(worded, "zh", with_text=True), most_rows=6)
    return path


def column_of(path: Path, sheet: str, name: str) -> list[Any]:
    rows = list(openpyxl.load_workbook(path)[sheet].iter_rows())
    place = [cell.value for cell in rows[0]].index(name)
    return [row[place] for row in rows[1:]]


def test_workbook_goes_on_in_further_sheets(workbook: Path) -> None:
    assert openpyxl.load_workbook(workbook).sheetnames == ["数据", "数据 2", "变量说明", "说明"]


def test_workbook_stores_words_as_words(workbook: Path) -> None:
    cells = column_of(workbook, "数据", "WHY") + column_of(workbook, "数据 2", "WHY")
    assert [cell.value or "" for cell in cells] == WORDS
    assert {cell.data_type for cell in cells if cell.value} == {"s"}


def test_workbook_stores_numbers_as_numbers(workbook: Path, bfi: pd.DataFrame) -> None:
    cells = column_of(workbook, "数据", "A2")
    assert [(cell.data_type, cell.value) for cell in cells] == [("n", value) for value in bfi["A2"].head(5)]


def test_workbook_has_the_codebook_with_labels_in_full(workbook: Path) -> None:
    labels = [cell.value for cell in column_of(workbook, "变量说明", "含义")]
    assert "很" * 400 + "（反向题，原始作答）" in labels


def test_workbook_says_what_could_tell_a_person(workbook: Path) -> None:
    sheet = openpyxl.load_workbook(workbook)["说明"]
    told = {str(row[0].value): str(row[1].value) for row in sheet.iter_rows()}
    assert told["开放作答（可能写出姓名）"] == "WHY"
    assert "8 行中有" in told["组合起来可能识别个人"]


def test_control_characters_do_not_keep_a_workbook_from_being_written(
    worded: RoleAnswers, tmp_path: Path
) -> None:
    spoilt = replace(worded, coded=worded.coded.assign(WHY="a\x07b\x00"))
    write_data_workbook(tmp_path / "a.xlsx", data_set(spoilt, "en", with_text=True))
    assert {cell.value for cell in column_of(tmp_path / "a.xlsx", "data", "WHY")} == {"ab"}


# --- nobody answered ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nobody(bfi_answers: RoleAnswers) -> DataSet:
    empty = replace(bfi_answers, coded=bfi_answers.coded.head(0), scored=bfi_answers.scored.head(0))
    return data_set(empty, "en")


def test_csv_of_nobody_has_its_headings(nobody: DataSet, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", nobody)
    read = as_read(tmp_path / "a.csv")
    assert (len(read), "A1_r" in read) == (0, True)


def test_parquet_of_nobody_has_its_labels(nobody: DataSet, tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", nobody)
    assert pq.read_schema(tmp_path / "a.parquet").field("gender").metadata[b"label"] == b"Sex"


def test_workbook_of_nobody_has_its_headings(nobody: DataSet, tmp_path: Path) -> None:
    write_data_workbook(tmp_path / "a.xlsx", nobody)
    assert column_of(tmp_path / "a.xlsx", "data", "A1") == []
