"""What SPSS forbids or cannot hold, as PSPP reads it back: names, long and colliding labels, no answers."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import score
from manyi_outputs.context import Context
from manyi_outputs.spss import RoleAnswers, Variable, write_sav, write_syntax
from manyi_outputs.spss.documents import document
from manyi_outputs.spss.labels import distinct, shortened, spss_names

LONG = "满意度" * 133 + "。"
REASON = "因为学校离家近、老师认真负责、同学友好、食堂干净、活动丰富、设施齐全、管理规范、家校沟通顺畅、"
ANSWERS = [REASON + "所以很满意", REASON + "所以较满意", "一般"]


@pytest.fixture(scope="module")
def questionnaire() -> Questionnaire:
    ids = ("ALL", "BY", "With", "Q1", "q1", "A" * 40, "to")
    items = [
        {
            "id": name,
            "text": {"zh": f"{name}：{LONG}"},
            "answers": "reasons",
            "scale": "S",
            "reverse": name == "Q1",
        }
        for name in ids
    ]
    items.append({"id": "why", "text": {"zh": LONG}, "type": "multiple", "answers": "parts"})
    items.append({"id": "open", "text": {"zh": "请说明"}, "type": "text"})
    # The loader refuses such ids; columns of a school table come with any name, so the file has to hold them.
    return Questionnaire.model_validate(
        {
            "questionnaire": "hard",
            "title": {"zh": "一份题目很长、标签很长、名称又犯忌的问卷，用来检验写出的文件"},
            "languages": ["zh"],
            "answer_lists": {
                "reasons": {
                    "answers": [
                        {"value": value, "label": {"zh": text}} for value, text in enumerate(ANSWERS, start=1)
                    ]
                },
                "parts": {
                    "answers": [
                        {"value": 1, "label": {"zh": "老师"}},
                        {"value": 2, "label": {"zh": "设施"}},
                    ],
                    "ordered": False,
                },
            },
            "scales": [{"id": "S", "title": {"zh": "满意"}}],
            "items": items,
        }
    )


@pytest.fixture(scope="module")
def answers(questionnaire: Questionnaire) -> RoleAnswers:
    rng = np.random.default_rng(7)
    coded = pd.DataFrame({"file": "=1+1.csv", "row": np.arange(2, 62), "school": "0012"})
    for item in questionnaire.items:
        if item.type == "choice":
            coded[item.id] = rng.integers(1, 4, 60).astype(float)
    coded["to"] = np.nan
    coded["why__1"], coded["why__2"] = 1.0, np.nan
    coded["open"] = pd.array(["=SUM(A1:A9)", "@x", "-1+2", pd.NA] * 15, dtype="string")
    return RoleAnswers("hard", questionnaire, coded, score(coded, questionnaire).assign(kept=True), "人")


@pytest.fixture(scope="module")
def context(questionnaire: Questionnaire) -> Context:
    return Context("研究", "zh", {"hard": questionnaire}, roles={"hard": "人"})


@pytest.fixture(scope="module")
def found(answers: RoleAnswers, sav: Path) -> dict[str, Variable]:
    return {variable.column: variable for variable in write_sav(sav.with_name("again.sav"), answers, "zh")}


@pytest.fixture(scope="module")
def sav(answers: RoleAnswers, context: Context, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hard") / "hard.sav"
    write_syntax(path.with_suffix(".sps"), answers, write_sav(path, answers, "zh"), {}, context)
    return path


@pytest.fixture(scope="module")
def pspp(require_program: Callable[[str], str]) -> Callable[[str, Path], str]:
    program = require_program("pspp")

    def run(commands: str, folder: Path) -> str:
        (folder / "run.sps").write_text(commands, encoding="utf-8")
        command = [program, "run.sps", "-O", "format=csv"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60)
        text = done.stdout.decode("utf-8")
        assert done.returncode == 0, text
        assert "warning" not in text
        return text

    return run


@pytest.fixture(scope="module")
def dictionary(sav: Path, pspp: Callable[[str, Path], str]) -> str:
    return pspp(f"SYSFILE INFO FILE='{sav.name}'.\nGET FILE='{sav.name}'.\nDISPLAY DICTIONARY.", sav.parent)


def test_reserved_words_and_cases_get_other_names(dictionary: str) -> None:
    for name in ("ALL_", "BY_", "With_", "Q1", "q1_2", "to_", "A" * 40):
        assert f"\n{name}," in dictionary


def test_names_that_end_in_a_full_stop_or_begin_with_a_sign() -> None:
    names = spss_names(["end.", "#scratch", "$system", "1st", "a b", "", "。"])
    assert list(names.values()) == ["end", "v#scratch", "v$system", "v1st", "a_b", "v", "v_"]


@pytest.mark.parametrize("column", ["题" * 40, "题" * 40 + "_r", "x" * 70 + "__12"])
def test_names_too_long_in_bytes_are_cut_and_keep_their_ending(column: str) -> None:
    name = spss_names([column])[column]
    assert len(name.encode()) <= 64
    assert name.endswith(column[column.find("_") :] if "_" in column else "题")


def test_two_names_alike_once_cut_are_told_apart() -> None:
    names = spss_names(["题" * 40 + "甲", "题" * 40 + "乙"])
    assert len({name.upper() for name in names.values()}) == 2


def test_pspp_shows_the_label_shortened(dictionary: str, found: dict[str, Variable]) -> None:
    assert found["ALL"].short_label.endswith("…")
    assert len(found["ALL"].short_label.encode()) <= 256
    assert found["ALL"].short_label in dictionary


def test_a_recoded_item_says_so_behind_a_label_that_was_cut(
    dictionary: str, found: dict[str, Variable]
) -> None:
    assert found["Q1_r"].short_label.endswith("…（反向计分）")
    assert found["Q1"].short_label.endswith("…（反向题，原始作答）")
    assert found["Q1_r"].short_label in dictionary


def test_answers_of_one_question_are_told_apart_behind_a_label_that_was_cut(
    found: dict[str, Variable],
) -> None:
    assert [found[f"why__{value}"].short_label[-4:] for value in (1, 2)] == ["…：老师", "…：设施"]


def test_value_labels_alike_once_cut_are_told_apart(dictionary: str, found: dict[str, Variable]) -> None:
    short = [found["ALL"].short_values[value] for value in (1.0, 2.0, 3.0)]
    assert [label[-5:] for label in short[:2]] == ["… [1]", "… [2]"]
    assert short[2] == "一般"
    assert all(len(label.encode()) <= 120 for label in short)
    assert all(label in dictionary for label in short)


def test_labels_that_fit_stay_as_they_are() -> None:
    assert distinct({1.0: "同", 2.0: "同"}) == {1.0: "同", 2.0: "同"}


def test_the_document_holds_labels_in_full(sav: Path, pspp: Callable[[str, Path], str]) -> None:
    printed = pspp(f"GET FILE='{sav.name}'.\nDISPLAY DOCUMENTS.", sav.parent)
    joined = "".join(line.strip(' "') for line in printed.splitlines())
    assert f"ALL：{LONG}" in joined.replace(" ", "")
    assert (REASON + "所以较满意") in joined


def test_lines_of_a_document_fit() -> None:
    assert all(len(line.encode()) <= 80 for line in document([LONG, "x" * 500, "word " * 60]))


def test_a_document_says_which_codes_were_left_out(tmp_path: Path) -> None:
    codes = {"no_answer": -3, "dont_know": -2, "not_asked": -1, "refused": 98, "invalid": 99}
    definition = {
        "questionnaire": "q",
        "title": {"en": "Q"},
        "languages": ["en"],
        "missing": {kind: {"code": code, "label": {"en": kind}} for kind, code in codes.items()},
        "answer_lists": {"yes": {"values": [0, 1], "en": ["no", "yes"]}},
        "items": [{"id": "A", "text": {"en": "A?"}, "answers": "yes", "standalone": True}],
    }
    asked = load_questionnaire(json.dumps(definition))
    coded = pd.DataFrame({"file": "a.csv", "row": [2, 3], "A": [1.0, 99.0]})
    write_sav(tmp_path / "q.sav", RoleAnswers("q", asked, coded, score(coded, asked)), "en")
    _, meta = pyreadstat.read_sav(str(tmp_path / "q.sav"), user_missing=True)
    assert "A: missing codes 99 do not fit and became system-missing" in "".join(meta.notes)


def test_text_that_begins_with_a_sign_stays_text(sav: Path) -> None:
    frame, _ = pyreadstat.read_sav(str(sav))
    assert frame["open"].head(4).tolist() == ["=SUM(A1:A9)", "@x", "-1+2", ""]
    assert set(frame["source_file"]) == {"=1+1.csv"}


def test_a_column_without_an_answer_is_system_missing(sav: Path, pspp: Callable[[str, Path], str]) -> None:
    printed = pspp(f"SET TVARS=NAMES.\nGET FILE='{sav.name}'.\nDESCRIPTIVES to_ why__2 why__1.", sav.parent)
    rows = {line.split(",")[0]: line.split(",")[1] for line in printed.splitlines() if "," in line}
    assert (rows["to_"], rows["why__2"], rows["why__1"]) == ("0", "0", "60")


def test_the_syntax_runs(sav: Path, pspp: Callable[[str, Path], str]) -> None:
    text = sav.with_suffix(".sps").read_text(encoding="utf-8-sig")
    assert "$why" in pspp(text + "\nMRSETS /DISPLAY NAME=ALL.\n", sav.parent)
    assert max(len(line.encode()) for line in text.splitlines()) <= 256


def test_the_syntax_says_every_shortened_label_in_full(sav: Path) -> None:
    text = sav.with_suffix(".sps").read_text(encoding="utf-8-sig")
    assert LONG in "".join(line.strip() for line in text.splitlines())


def test_roles_of_variables(sav: Path, pspp: Callable[[str, Path], str]) -> None:
    text = sav.with_suffix(".sps").read_text(encoding="utf-8-sig")
    printed = pspp(text + "\nDISPLAY DICTIONARY /VARIABLES=S school BY_.\n", sav.parent)
    roles = {line.split(",")[0]: line.split(",")[4] for line in printed.splitlines() if line.count(",") >= 8}
    assert (roles["S"], roles["school"], roles["BY_"]) == ("Input", "None", "Input")


def test_no_rows(
    answers: RoleAnswers, context: Context, tmp_path: Path, pspp: Callable[[str, Path], str]
) -> None:
    empty = RoleAnswers("hard", answers.questionnaire, answers.coded.head(0), answers.scored.head(0), "人")
    write_sav(tmp_path / "empty.sav", empty, "zh")
    printed = pspp("GET FILE='empty.sav'.\nDISPLAY DICTIONARY.", tmp_path)
    assert "\nALL_," in printed
    frame, _ = pyreadstat.read_sav(str(tmp_path / "empty.sav"))
    assert len(frame) == 0


def test_the_same_answers_make_the_same_file(sav: Path, answers: RoleAnswers, tmp_path: Path) -> None:
    """The header's date and time, bytes 92 to 108, do not tell when it was written."""
    write_sav(tmp_path / "hard.sav", answers, "zh")
    assert (tmp_path / "hard.sav").read_bytes() == sav.read_bytes()
    assert sav.read_bytes()[92:109] == b"01 Jan 7000:00:00"


def test_pspp_reads_the_header(dictionary: str) -> None:
    assert "Created,01 Jan 70 00:00:00" in dictionary


@pytest.mark.parametrize(
    ("text", "tail", "expected"),
    [("短", "（反向）", "短（反向）"), ("a" * 20, "b" * 30, "…" + "b" * 17 + "…"), ("a\nb", "", "a b")],
)
def test_shortening_keeps_the_end(text: str, tail: str, expected: str) -> None:
    short = shortened(text, 30, tail)
    assert len(short.encode()) <= 30
    assert short.endswith(expected[-4:])
    assert (short == expected) == (len((text + tail).encode()) <= 30)


def test_meta_of_the_file(sav: Path) -> None:
    meta: Any = pyreadstat.read_sav(str(sav), user_missing=True)[1]
    assert len(meta.file_label.encode()) <= 64
    assert meta.file_label.endswith("…")
    assert meta.missing_ranges["ALL_"] == [{"lo": -9.0, "hi": -5.0}]
