"""Open answers coded by two people: sheets out, codes back, agreement, quotations without identities."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from scipy import stats

from manyi.voices.masking import Masking, school_names
from manyi.voices.sheet import HEADINGS, TEXTS
from manyi_outputs.tidy import read_table

FIVE = {"values": [1, 2, 3, 4, 5], "zh": list("甲乙丙丁戊")}
PARENTS = {
    "questionnaire": "parents",
    "title": {"zh": "家长"},
    "languages": ["zh"],
    "answer_lists": {"five": FIVE},
    "scales": [{"id": "SAT", "title": {"zh": "满意度"}}],
    "items": [
        {"id": "S1", "text": {"zh": "满意吗？"}, "answers": "five", "scale": "SAT"},
        {"id": "S2", "text": {"zh": "总体如何？"}, "answers": "five", "scale": "SAT"},
        {"id": "OPEN", "text": {"zh": "有什么建议？"}, "type": "text", "standalone": True},
    ],
}
SAID = {
    "teachers": "老师太少，打电话给王老师13812345678也没人接",
    "rooms": "实验小学的教室太旧",
    "both": "老师少，教室也旧",
    "nothing": "=没有意见",
}
#: Two coders: the second misses rooms in every fifth text that names both.
KINDS = list(SAID)


def rows(n: int = 80) -> pd.DataFrame:
    random = np.random.default_rng(4)
    kind = [KINDS[at % 4] for at in range(n)]
    level = [2.0 if each in ("teachers", "both") else 3.6 for each in kind]
    answers = np.clip(np.rint(np.array(level)[:, None] + random.normal(0, 0.8, (n, 2))), 1, 5).astype(int)
    return pd.DataFrame(
        {
            "school": [f"{at % 8 + 1:02d}" for at in range(n)],
            "S1": answers[:, 0],
            "S2": answers[:, 1],
            "OPEN": [SAID[each] for each in kind],
        }
    )


ROSTER = pd.DataFrame(
    {
        "school_code": [f"{at + 1:02d}" for at in range(8)],
        "school_name": ["青禾县实验小学", *[f"青禾县第{at}小学" for at in "一二三四五六七"]],
    }
)


def codes_of(text: str, at: int, coder: str) -> str:
    found = [code for code, word in (("师资", "老师"), ("校舍", "教室")) if word in text]
    if coder == "B" and len(found) == 2 and at % 5 == 0:
        found = found[:1]
    return "；".join(found) or "-"


def fill(path: Path, coder: str, texts: list[str] | None = None) -> list[str]:
    """Write a coder's codes into a sheet as a person would, and return the texts read."""
    book = openpyxl.load_workbook(path)
    sheet = book[TEXTS]
    read = []
    for at, row in enumerate(sheet.iter_rows(min_row=2)):
        read.append(str(row[1].value))
        row[2].value = codes_of(read[-1], at, coder)
    book.save(path)
    return read


@pytest.fixture(scope="module")
def coded(
    tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> tuple[Path, Any, list[str]]:
    """Return a study whose open answers two people coded, its run, and the texts they read."""
    study = write_study(
        tmp_path_factory.mktemp("voices") / "study",
        {"parents": PARENTS},
        {"parents": {"a.csv": rows()}},
        ROSTER,
        schools={"table": "data/schools.csv", "code": "school_code", "name": "school_name"},
        language="zh",
        analysis={"minimum_cell": 10},
    )
    notes = study / "data" / "interviews"
    notes.mkdir()
    (notes / "校长甲.txt").write_text("经费不够。\n\n老师留不住，联系我 a.b@c.cn。", encoding="gb18030")
    (study / "coding").mkdir()
    (study / "coding" / "names.txt").write_text("赵铁柱\n", encoding="utf-8")
    done = run_manyi("code", study, "--json")
    assert done.code == 0, done.err
    texts = [fill(study / "coding" / "parents-OPEN" / f"{coder}.xlsx", coder) for coder in ("A", "B")]
    return study, run_manyi("run", study, "--json"), texts[0]


def result(study: Path, name: str) -> pd.DataFrame:
    return read_table(study / "results" / "tables" / f"{name}.csv")


def given() -> pd.DataFrame:
    """Return what both coders gave, from the rule they followed."""
    texts = rows()["OPEN"]
    return pd.DataFrame(
        {
            f"{code} {coder}": [code in codes_of(text, at, coder) for at, text in enumerate(texts)]
            for code in ("师资", "校舍")
            for coder in "AB"
        }
    )


def test_coders_read_no_identity(coded: tuple[Path, Any, list[str]]) -> None:
    together = "".join(coded[2])
    assert not [word for word in ("13812345678", "王老师", "实验小学") if word in together]
    assert "［电话］" in together
    assert "［学校］" in together


def test_a_text_that_begins_with_equals_is_no_formula(coded: tuple[Path, Any, list[str]]) -> None:
    assert "=没有意见" in coded[2]


def test_frequencies_are_those_of_the_rule(coded: tuple[Path, Any, list[str]]) -> None:
    table = result(coded[0], "codes").set_index("code")
    both = given()
    for code in ("师资", "校舍"):
        assert table.loc[code, "any"] == (both[f"{code} A"] | both[f"{code} B"]).sum()
        assert table.loc[code, "agreed"] == (both[f"{code} A"] & both[f"{code} B"]).sum()


def test_kappa_is_that_of_its_definition_in_scikit_learn(coded: tuple[Path, Any, list[str]]) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    table = result(coded[0], "coding_agreement").set_index("code")
    both = given()
    theirs = metrics.cohen_kappa_score(both["校舍 A"], both["校舍 B"])
    assert table.loc["校舍", "kappa"] == pytest.approx(theirs, abs=1e-12)
    assert table.loc["校舍", "kappa"] < 1


def test_several_codes_have_no_agreement_together(coded: tuple[Path, Any, list[str]]) -> None:
    table = result(coded[0], "coding_agreement").set_index("code")
    assert table.loc["all", "reason"] == "coding-several-codes"


def test_joint_display_is_the_difference_of_means(coded: tuple[Path, Any, list[str]]) -> None:
    row = result(coded[0], "joint_display").set_index("code").loc["师资"]
    frame = rows()
    index = (frame[["S1", "S2"]].mean(axis=1) - 1) / 4 * 100
    said = frame["OPEN"].str.contains("老师")
    assert row["with"] == pytest.approx(index[said].mean())
    assert row["difference"] == pytest.approx(index[said].mean() - index[~said].mean())


def test_its_interval_is_clustered_as_in_statsmodels(coded: tuple[Path, Any, list[str]]) -> None:
    import statsmodels.api as sm

    row = result(coded[0], "joint_display").set_index("code").loc["师资"]
    frame = rows()
    said = frame["OPEN"].str.contains("老师").astype(float).rename("said")
    index = (frame[["S1", "S2"]].mean(axis=1) - 1) / 4 * 100
    fit = sm.OLS(index, sm.add_constant(said)).fit(
        cov_type="cluster", cov_kwds={"groups": frame["school"].astype(int)}, use_t=True
    )
    reach = stats.t.ppf(0.975, 7) * fit.bse["said"]
    assert [row["low"], row["high"]] == pytest.approx(
        [fit.params["said"] - reach, fit.params["said"] + reach]
    )


def test_quotations_are_masked_and_what_was_masked_is_told(coded: tuple[Path, Any, list[str]]) -> None:
    assert not result(coded[0], "quotations")["text"].str.contains("1381234|王老师|实验小学").any()
    masked = result(coded[0], "masked").set_index("kind")["n"]
    assert masked[["phone", "person", "school"]].tolist() == [20, 20, 20]


def test_no_page_shows_an_identity(
    coded: tuple[Path, Any, list[str]], read_workbook: Callable[[Path], Any]
) -> None:
    page = (coded[0] / "results" / "report.html").read_text(encoding="utf-8")
    assert "他们怎么说" in page
    assert "13812345678" not in page
    book = read_workbook(coded[0] / "results" / "appendix.xlsx")
    cells = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    assert "按编码的引文" in cells
    assert "13812345678" not in cells


def test_interview_notes_are_paragraphs_to_code(coded: tuple[Path, Any, list[str]]) -> None:
    sheet = openpyxl.load_workbook(coded[0] / "coding" / "interviews-notes" / "A.xlsx")[TEXTS]
    found = [[str(cell) for cell in row[:2]] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert found == [["校长甲.txt#1", "经费不够。"], ["校长甲.txt#2", "老师留不住，联系我 ［邮箱］。"]]


def test_a_sheet_is_never_overwritten(
    coded: tuple[Path, Any, list[str]], run_manyi: Callable[..., Any]
) -> None:
    path = coded[0] / "coding" / "parents-OPEN" / "A.xlsx"
    before = path.read_bytes()
    done = run_manyi("code", coded[0], "--json")
    assert "coding-sheet-kept" in done.codes
    assert path.read_bytes() == before


@pytest.fixture
def spoilt(coded: tuple[Path, Any, list[str]], tmp_path: Path) -> Path:
    """Return a copy of the study of which a test may spoil sheets."""
    import shutil

    shutil.copytree(coded[0], tmp_path / "study")
    return tmp_path / "study"


def test_a_spoilt_sheet_is_named_and_the_other_counts(spoilt: Path, run_manyi: Callable[..., Any]) -> None:
    path = spoilt / "coding" / "parents-OPEN" / "B.xlsx"
    book = openpyxl.load_workbook(path)
    book[TEXTS]["C1"].value = "mine"
    book.save(path)
    done = run_manyi("run", spoilt, "--json")
    assert "coding-sheet-unlike" in done.codes
    assert set(result(spoilt, "codes")["coders"]) == {1}
    assert result(spoilt, "coding_agreement")["reason"].str.startswith("agreement-no-texts").any()


def test_rows_of_nobody_and_rows_twice_are_told(spoilt: Path, run_manyi: Callable[..., Any]) -> None:
    path = spoilt / "coding" / "parents-OPEN" / "B.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book[TEXTS]
    sheet.append([sheet["A2"].value, "", "校舍", ""])
    sheet.append(["a.csv#9999", "", "校舍", ""])
    book["codebook 编码表"].append(["校舍", "校舍陈旧", ""])
    book.save(path)
    done = run_manyi("run", spoilt, "--json")
    assert {"coding-unknown-unit", "coding-unit-twice", "coding-code-unlisted"} <= set(done.codes)
    assert "校舍陈旧" in set(result(spoilt, "codes")["title"])


def test_nothing_to_code_is_named(spoilt: Path, run_manyi: Callable[..., Any]) -> None:
    assert "coding-nothing-open" in run_manyi("code", spoilt, "--item", "NONE", "--json").codes


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("请打0471-6543210或138 1234 5678", "请打［电话］或［电话］"),
        ("身份证150102199001011234", "身份证［证件号］"),
        ("微信号：abc_12345", "微信号：［账号］"),
        ("李校长和欧阳建国老师", "［某］校长和［某］老师"),
        ("对于老师和学生，语文老师很好", "对于老师和学生，语文老师很好"),
        ("赵铁柱说过", "［某］说过"),
        ("代码0199026003的学校", "代码［编号］的学校"),
        ("班里有55人，2000元", "班里有55人，2000元"),
    ],
)
def test_what_identifies_is_masked_and_nothing_else(text: str, masked: str) -> None:
    masking = Masking({"school": set(), "code": {"0199026003"}, "name": {"赵铁柱"}}, "zh")
    assert masking(text).text == masked


def test_the_longest_name_is_masked_whole() -> None:
    names = school_names(["青禾县实验小学", "青禾县第一小学", "青禾县第二小学"])
    assert Masking({"school": names}, "zh")("青禾县实验小学和第一小学").text == "［学校］和［学校］"


def test_headings_are_told_by_their_first_word() -> None:
    assert [heading.split()[0] for heading in HEADINGS] == ["unit", "text", "codes", "memo"]
