"""The ``.dta``, read back by pandas, pyreadstat and R's haven."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from manyi.readers.tables.raw_table import read_table
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import score
from manyi_outputs.spss import RoleAnswers
from manyi_outputs.stata import write_dta
from manyi_outputs.stata.answers import stata_names
from manyi_outputs.stata.dta import Column, dta

LONG = "满意度" * 133 + "。"
#: Codes of missing answers, as coded, and what they are in Stata.
LETTERS = {-9.0: "a", -8.0: "b", -7.0: "c", -6.0: "d", -5.0: "e"}


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    return Questionnaire.model_validate(
        {
            "questionnaire": "carers",
            "title": {"zh": "家长问卷：" + "很长的标题" * 20},
            "languages": ["zh"],
            "answer_lists": {
                "agree": {
                    "answers": [
                        {"value": value, "label": {"zh": text}}
                        for value, text in ((1, LONG + "甲"), (2, LONG + "乙"), (3, "同意"))
                    ]
                }
            },
            "scales": [{"id": "S", "title": {"zh": "满意"}}],
            "items": [
                {"id": "Q1", "text": {"zh": LONG}, "answers": "agree", "scale": "S", "reverse": True},
                {"id": "q1", "text": {"zh": "第二题"}, "answers": "agree", "scale": "S"},
                {"id": "float", "text": {"zh": "保留字"}, "answers": "agree", "scale": "S"},
                {"id": "x" * 40, "text": {"zh": "长名"}, "answers": "agree", "scale": "S"},
                {"id": "age", "text": {"zh": "年龄"}, "type": "number", "standalone": True, "integer": False},
                {"id": "open", "text": {"zh": "意见"}, "type": "text"},
                {"id": "essay", "text": {"zh": "作文"}, "type": "text"},
            ],
        }
    )


@pytest.fixture(scope="module")
def answers(questionnaire: Questionnaire) -> RoleAnswers:
    coded = pd.DataFrame(
        {
            "file": "=1+1.csv",
            "row": np.arange(2, 10),
            "school": pd.array(["0012", "0013"] * 4, dtype="string"),
            "stage": pd.array(["primary", pd.NA] * 4, dtype="string"),
            "Q1": [1.0, 2.0, 3.0, -9.0, -8.0, -7.0, -6.0, -5.0],
            "q1": [1.0] * 8,
            "float": [np.nan] * 8,
            "x" * 40: [2.0] * 8,
            "age": [35.5, -9.0, 41.25, 40_000.0, 1e-3, 7.0, 8.0, 9.0],
            "open": pd.array(["=SUM(A1)", "@x", "", pd.NA, "很好", "一", "二", "三"], dtype="string"),
            "essay": pd.array(["长" * 900, "短", pd.NA, "长" * 900, "", "x", "短", "y"], dtype="string"),
        }
    )
    scored = score(coded, questionnaire).assign(kept=True, flag_too_fast=[True, False] * 4)
    return RoleAnswers(
        "carers",
        questionnaire,
        coded,
        scored,
        "家长",
        groups={"stage": {"primary": "小学", "junior": "初中"}},
    )


@pytest.fixture(scope="module")
def path(answers: RoleAnswers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stata 数据") / "家长.dta"
    write_dta(path, answers, "zh")
    return path


@pytest.fixture(scope="module")
def read(path: Path) -> tuple[pd.DataFrame, Any]:
    frame, meta = pyreadstat.read_dta(str(path), user_missing=True)
    return frame, meta


@pytest.fixture(scope="module")
def haven(
    path: Path, require_program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    """Return what R's haven reads: labels, tags of missing values, notes, text."""
    program = require_program("Rscript")
    folder = tmp_path_factory.mktemp("haven")
    script = """
    found <- sapply(c("haven", "jsonlite"), requireNamespace, quietly = TRUE)
    if (!all(found)) quit(status = 3)
    x <- haven::read_dta(commandArgs(TRUE)[1])
    out <- list(
      label = attr(x, "label"), notes = attr(x, "notes"), names = names(x),
      labels = lapply(x, function(v) attr(v, "label")), tags = haven::na_tag(x$Q1),
      values = as.list(attr(x$Q1, "labels")), tagged = haven::na_tag(attr(x$Q1, "labels")),
      named = names(attr(x$Q1, "labels")), numbers = as.numeric(x$Q1), age = as.numeric(x$age),
      open = x$open, essay = x$essay
    )
    cat(jsonlite::toJSON(out, auto_unbox = TRUE, na = "null", digits = NA))
    """
    (folder / "read.R").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [program, str(folder / "read.R"), str(path)], capture_output=True, check=False, timeout=120
    )
    if done.returncode == 3:
        pytest.skip("R has no package haven or jsonlite (Debian: r-cran-haven, r-cran-jsonlite)")
    assert done.returncode == 0, done.stderr.decode()
    return dict(json.loads(done.stdout.decode("utf-8")))


def test_pandas_reads_the_numbers(path: Path, answers: RoleAnswers) -> None:
    frame = pd.read_stata(path, convert_categoricals=False)
    expected = answers.coded["Q1"].where(answers.coded["Q1"] > 0).to_numpy()
    np.testing.assert_array_equal(frame["Q1"].astype(float).to_numpy(), expected)
    np.testing.assert_array_equal(frame["age"].to_numpy()[[0, 2, 3, 4]], [35.5, 41.25, 40_000.0, 1e-3])


def test_pandas_reads_every_kind_of_missing_answer(path: Path) -> None:
    frame = pd.read_stata(path, convert_categoricals=False, convert_missing=True)
    assert [str(value) for value in frame["Q1"].tolist()[3:]] == [".a", ".b", ".c", ".d", ".e"]
    assert str(frame["age"][1]) == ".a"
    assert str(frame["float_"][0]) == "."


def test_pandas_reads_the_labels(path: Path) -> None:
    with pd.read_stata(path, iterator=True) as reader:
        labels, values = reader.variable_labels(), reader.value_labels()
        assert reader.data_label.endswith("…")
    assert labels["Q1"].endswith("…（反向题，原始作答）")
    assert all(len(label) <= 80 for label in labels.values())
    assert [values["Q1"][value] for value in (1, 2, 3)] == [LONG + "甲", LONG + "乙", "同意"]


def test_pyreadstat_reads_letters_of_missing_answers_with_labels(read: tuple[pd.DataFrame, Any]) -> None:
    assert read[0]["Q1"].tolist()[3:] == ["a", "b", "c", "d", "e"]
    labels = read[1].variable_value_labels["Q1"]
    assert [labels[letter] for letter in "abcde"] == ["未作答", "不了解", "跳过未问", "不想回答", "无效答案"]


def test_long_texts_stand_apart_and_whole(read: tuple[pd.DataFrame, Any]) -> None:
    assert read[0]["essay"].tolist() == ["长" * 900, "短", "", "长" * 900, "", "x", "短", "y"]


def test_text_that_begins_with_a_sign_stays_text(read: tuple[pd.DataFrame, Any]) -> None:
    assert read[0]["open"].tolist() == ["=SUM(A1)", "@x", "", "", "很好", "一", "二", "三"]
    assert read[0]["school"].tolist() == ["0012", "0013"] * 4


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("notes", LONG),
        ("notes", "primary = 小学"),
        ("notes", "很长的标题" * 20),
    ],
)
def test_notes_hold_what_did_not_fit(path: Path, column: str, expected: str) -> None:
    content = path.read_bytes()
    start, end = content.index(b"<characteristics>"), content.index(b"</characteristics>")
    assert expected.encode() in content[start:end], column


def test_our_own_reader_knows_missing_values_and_labels(path: Path) -> None:
    raw = read_table(path)
    assert raw.dictionary is not None
    entry = raw.dictionary.variables["Q1"]
    assert entry.missing == (".a", ".b", ".c", ".d", ".e")
    assert (entry.values["3"], entry.values[".b"]) == ("同意", "不了解")


def test_haven_reads_numbers_and_kinds_of_missing_answers(haven: dict[str, Any]) -> None:
    assert haven["numbers"][:3] == [1, 2, 3]
    assert haven["tags"] == [None, None, None, *LETTERS.values()]
    assert haven["age"][:1] == [35.5]


def test_haven_reads_value_labels(haven: dict[str, Any]) -> None:
    labels = dict(zip(haven["named"], haven["tagged"], strict=True))
    assert labels["不了解"] == "b"
    assert haven["named"][:3] == [LONG + "甲", LONG + "乙", "同意"]


def test_haven_reads_texts_and_labels(haven: dict[str, Any]) -> None:
    assert haven["essay"][0] == "长" * 900
    assert haven["open"][4] == "很好"
    assert haven["labels"]["q1_2"] == "第二题"
    assert haven["label"].endswith("…")


def test_haven_reads_the_note_of_the_data(haven: dict[str, Any]) -> None:
    assert "很长的标题" * 20 in str(haven["notes"])


def test_names_within_32_characters_told_apart_whatever_their_case() -> None:
    names = stata_names(["Q1", "q1", "float", "_all", "x" * 40, "x" * 41, "长" * 40 + "_r", "str12", "a.b"])
    assert list(names.values()) == [
        *("Q1", "q1_2", "float_", "v_all", "x" * 29, "x" * 29 + "_2", "长" * 27 + "_r", "str12_", "a_b"),
    ]
    assert all(len(name) <= 32 for name in names.values())


def test_no_rows(answers: RoleAnswers, tmp_path: Path) -> None:
    empty = RoleAnswers("c", answers.questionnaire, answers.coded.head(0), answers.scored.head(0))
    write_dta(tmp_path / "empty.dta", empty, "zh")
    frame = pd.read_stata(tmp_path / "empty.dta")
    assert (len(frame), frame.columns[0]) == (0, "school")


def test_the_same_answers_make_the_same_file(path: Path, answers: RoleAnswers, tmp_path: Path) -> None:
    write_dta(tmp_path / "again.dta", answers, "zh")
    assert (tmp_path / "again.dta").read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        ([1.0, -127.0, 100.0], np.int8),
        ([1.0, 101.0], np.int16),
        ([1.0, 32_741.0], np.int32),
        ([1.0, 2_147_483_621.0], np.float64),
        ([0.5, 1.0], np.float64),
        ([np.inf, 1.0], np.float64),
    ],
)
def test_numbers_are_stored_as_small_as_they_fit(numbers: list[float], kind: type, tmp_path: Path) -> None:
    (tmp_path / "n.dta").write_bytes(dta([Column("n", "", np.array(numbers))], len(numbers), "n"))
    if np.isinf(numbers[0]):
        assert pyreadstat.read_dta(str(tmp_path / "n.dta"))[0]["n"][1] == 1.0
        return
    frame = pd.read_stata(tmp_path / "n.dta")
    assert frame["n"].dtype == kind
    assert frame["n"].tolist() == numbers


def test_it_is_laid_out_as_pandas_lays_out_the_same(tmp_path: Path) -> None:
    """Numbers, text and labels of one frame: apart from the time of writing the bytes are those of pandas."""
    frame = pd.DataFrame({"a": np.array([1, 2, 3], dtype=np.int8), "b": [0.5, np.nan, 2.0]})
    frame.to_stata(
        tmp_path / "theirs.dta",
        write_index=False,
        version=118,
        data_label="x",
        variable_labels={"a": "first", "b": "second"},
        value_labels={"a": {1: "one", 2: "two"}},
    )
    columns = [
        Column("a", "first", frame["a"].to_numpy(dtype=float), format="%8.0g", values={1: "one", 2: "two"}),
        Column("b", "second", frame["b"].to_numpy(), format="%10.0g"),
    ]
    theirs = (tmp_path / "theirs.dta").read_bytes()
    ours = dta(columns, 3, "x")

    def part(content: bytes, name: bytes) -> bytes:
        return content[content.index(b"<" + name + b">") : content.index(b"</" + name + b">")]

    for name in (
        *(b"variable_types", b"varnames", b"sortlist", b"formats", b"value_label_names"),
        *(b"variable_labels", b"characteristics", b"data", b"strls", b"value_labels", b"K", b"N", b"label"),
    ):
        assert part(ours, name) == part(theirs, name), name
