"""Persons asked twice: a code of their own in form and file, hashed, linked; coefficients as psych::ICC."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from manyi.readers.decoding.code_cells import concealed, normalised
from manyi.study.checks import study_faults
from manyi.study.folder import open_study

REFERENCE = Path(__file__).parents[1] / "reference" / "measurement" / "reliability.json"
R = json.loads(REFERENCE.read_text(encoding="utf-8"))["retest"]
WAVES = pd.DataFrame(R["waves"])
PERSONS = len(WAVES)
PARTS = [
    {"text": {"en": "first letter of your mother's given name", "zh": "母亲名字拼音的首字母"}},
    {"text": {"en": "day of your birth", "zh": "出生日期的日"}, "of": "digits", "length": 2},
    {"text": {"en": "last letter of your birthplace", "zh": "出生地拼音的末字母"}},
    {"text": {"en": "last digit of your phone", "zh": "手机末位"}, "of": "digits"},
]
#: Written differently at every occasion, and one code a person all the same.
CODES = [f"{chr(65 + at % 26)}{at % 31:02d}{chr(65 + at // 26)}{at % 10}" for at in range(PERSONS)]
WIDE = str.maketrans("0123456789ABC", "０１２３４５６７８９ＡＢＣ")


def questionnaire(name: str) -> dict[str, Any]:
    number = {"type": "number", "minimum": 0, "maximum": 10, "integer": False}
    return {
        "questionnaire": name,
        "title": {"en": "Well-being", "zh": "幸福感"},
        "languages": ["en", "zh"],
        "answer_lists": {"five": {"values": [1, 2, 3, 4, 5], "en": list("abcde"), "zh": list("甲乙丙丁戊")}},
        "scales": [
            {"id": "WELL", "title": {"en": "well-being", "zh": "幸福感"}},
            {"id": "SAME", "title": {"en": "nothing", "zh": "无"}},
        ],
        "items": [
            {
                "id": "CODE",
                "text": {"en": "Your own code", "zh": "您的识别码"},
                "type": "code",
                "parts": PARTS,
            },
            {"id": "W1", "text": {"en": "How well?", "zh": "怎么样？"}, "scale": "WELL", **number},
            {"id": "S1", "text": {"en": "Same?", "zh": "一样？"}, "answers": "five", "scale": "SAME"},
            {"id": "S2", "text": {"en": "Alike?", "zh": "相同？"}, "answers": "five", "scale": "SAME"},
        ],
    }


def occasion(scores: pd.Series, codes: list[str], more: list[tuple[str, float]]) -> pd.DataFrame:
    extra = pd.DataFrame(more, columns=["CODE", "W1"])
    rows = pd.concat([pd.DataFrame({"CODE": codes, "W1": scores}), extra], ignore_index=True)
    return rows.assign(S1=3, S2=3)


@pytest.fixture(scope="module")
def asked_twice(
    tmp_path_factory: pytest.TempPathFactory,
    write_study: Callable[..., Path],
    run_manyi: Callable[..., Any],
) -> tuple[Path, Any]:
    """Return a study of two occasions, run, and the run; not to be changed."""
    first = occasion(
        WAVES["first"],
        [code.lower() for code in CODES],
        # One without a code, two with the same, one who never came back, one that is no code.
        [("", 5.0), ("Z99Z9", 1.0), ("z99z9", 9.0), ("Y88Y8", 4.0), ("Li Lei", 2.0)],
    )
    order = np.random.default_rng(3).permutation(PERSONS)
    again = occasion(
        WAVES["second"].iloc[order].reset_index(drop=True),
        [f" {CODES[at][0]}-{CODES[at][1:].translate(WIDE)} " for at in order],
        [("Z99Z9", 3.0), ("X77X7", 4.0), ("X76X7", 4.0), ("", 1.0)],
    )
    study = write_study(
        tmp_path_factory.mktemp("retest") / "study",
        {"pupils": questionnaire("pupils"), "again": questionnaire("again")},
        {"pupils": {"pupils.csv": first}, "again": {"again.csv": again}},
        analysis={
            "retest": {"pupils": {"second": "again"}},
            "satisfaction": {"pupils": ["SAME"], "again": []},
        },
    )
    return study, run_manyi("run", study, "--json")


@pytest.fixture(scope="module")
def table(asked_twice: tuple[Path, Any], read_csv: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return read_csv(asked_twice[0], "retest").set_index("index")


@pytest.mark.parametrize("measure", ["WELL", "W1"])
@pytest.mark.parametrize(("name", "key"), [("icc_agreement", "icc2"), ("icc_consistency", "icc3")])
def test_coefficients_are_those_of_psych(table: pd.DataFrame, measure: str, name: str, key: str) -> None:
    ours = table.loc[measure, [name, f"{name}_low", f"{name}_high"]].astype(float)
    np.testing.assert_allclose(ours, R["waves_icc"][key], atol=1e-9)


def test_correlation_is_that_of_cor_test(table: pd.DataFrame) -> None:
    np.testing.assert_allclose(
        table.loc["WELL", ["r", "r_low", "r_high"]].astype(float), R["pearson"], atol=1e-9
    )


def test_standard_error_of_measurement_is_that_of_aov(table: pd.DataFrame) -> None:
    assert table.loc["WELL", "sem"] == pytest.approx(R["error"], abs=1e-9)


def test_who_was_linked_and_who_not_is_counted(table: pd.DataFrame) -> None:
    row = table.loc["WELL"]
    assert row["linked"] == PERSONS == row["n"]
    # Y88Y8; X77X7 and X76X7; Z99Z9 twice at the first; two blank and one that has other parts.
    counts = ["only_first", "only_second", "ambiguous", "without_code"]
    assert row[counts].tolist() == [1, 2, 1, 3]


def test_a_scale_without_spread_says_why(asked_twice: tuple[Path, Any], table: pd.DataFrame) -> None:
    assert table.loc["SAME", "reason"].startswith("constant-item")
    assert "result-not-computed" in asked_twice[1].codes


def test_a_code_stands_nowhere_in_the_results(
    asked_twice: tuple[Path, Any], read_workbook: Callable[[Path], Any]
) -> None:
    """Not in a table, a frame, a label or a sheet: neither as written nor normalised."""
    results = asked_twice[0] / "results"
    sought = re.compile("|".join([*CODES[:40], "Z99Z9", "Y88Y8", "Li Lei"]), re.IGNORECASE)
    for path in results.rglob("*.parquet"):
        frame = pd.read_parquet(path)
        for name in frame.columns[[not pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]]:
            found = frame[name].dropna().astype(str)
            assert not found.str.contains(sought).any(), (path, name)
    for path in [*results.rglob("*.csv"), *results.rglob("*.html"), *results.rglob("*.sps")]:
        assert not sought.search(path.read_text(encoding="utf-8-sig")), path
    book = read_workbook(results / "appendix.xlsx")
    cells = [str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row]
    assert not any(sought.search(cell) for cell in cells)


@pytest.mark.parametrize("file", ["pupils", "again", "pooled"])
def test_a_code_is_no_variable_for_spss(asked_twice: tuple[Path, Any], file: str) -> None:
    frame, _ = pyreadstat.read_sav(asked_twice[0] / "results" / "spss" / f"{file}.sav")
    assert "WELL" in frame
    assert not [name for name in frame if "CODE" in name.upper()]


def test_a_code_goes_no_further_than_coded_answers(asked_twice: tuple[Path, Any]) -> None:
    results = asked_twice[0] / "results"
    coded = pd.read_parquet(results / "coded" / "pupils.parquet")
    assert coded["CODE"].dropna().str.fullmatch("[0-9a-f]{16}").all()
    assert "CODE" not in pd.read_parquet(results / "clean" / "pupils")


def test_a_code_that_cannot_be_read_is_masked(
    asked_twice: tuple[Path, Any], read_csv: Callable[..., pd.DataFrame]
) -> None:
    rows = read_csv(asked_twice[0], "quarantine").query("item == 'CODE'")
    assert rows[["code", "value"]].to_numpy().tolist() == [["code-unlike-parts", "•••"]]


def test_a_second_run_makes_nothing_again(
    asked_twice: tuple[Path, Any], run_manyi: Callable[..., Any]
) -> None:
    again = run_manyi("run", asked_twice[0], "--json").json
    assert {stage["state"] for stage in again["stages"]} == {"reused"}


def test_appendix_and_report_tell_it(
    asked_twice: tuple[Path, Any], read_workbook: Callable[[Path], Any]
) -> None:
    page = (asked_twice[0] / "results" / "report.html").read_text(encoding="utf-8")
    assert "ICC(2,1)" in page
    book = read_workbook(asked_twice[0] / "results" / "appendix.xlsx")
    cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert any(f"({PERSONS} persons)" in cell for cell in cells)


@pytest.mark.parametrize(
    ("retest", "code"),
    [
        ({"pupils": {"second": "nobody"}}, "plan-unknown-role"),
        ({"pupils": {"second": "pupils"}}, "retest-itself"),
        ({"pupils": {"second": "plain"}}, "retest-without-code"),
        ({"pupils": {"second": "again", "within": ["clas"]}}, "plan-unknown-variable"),
    ],
)
def test_a_plan_that_cannot_be_is_told(
    tmp_path: Path, write_study: Callable[..., Path], retest: dict[str, Any], code: str
) -> None:
    plain = {**questionnaire("plain"), "items": questionnaire("plain")["items"][1:]}
    study = write_study(
        tmp_path / "study",
        {"pupils": questionnaire("pupils"), "again": questionnaire("again"), "plain": plain},
        {},
        analysis={"retest": retest},
    )
    assert code in {fault.code for fault in study_faults(open_study(study))}


def test_the_school_tells_equal_codes_apart(
    tmp_path: Path,
    write_study: Callable[..., Path],
    run_manyi: Callable[..., Any],
    read_csv: Callable[..., pd.DataFrame],
) -> None:
    """Both schools have the same codes: without the school nobody could be linked."""
    frames = {}
    for role, column in (("pupils", "first"), ("again", "second")):
        half = PERSONS // 2
        rows = occasion(WAVES[column].iloc[: 2 * half], CODES[:half] * 2, [])
        frames[role] = {f"{role}.csv": rows.assign(school=["01"] * half + ["02"] * half)}
    study = write_study(
        tmp_path / "study",
        {role: questionnaire(role) for role in frames},
        frames,
        analysis={"retest": {"pupils": {"second": "again", "within": ["school"]}}},
    )
    run_manyi("run", study, "--json")
    row = read_csv(study, "retest").set_index("index").loc["WELL"]
    assert (row["linked"], row["ambiguous"]) == (2 * (PERSONS // 2), 0)


@pytest.mark.parametrize("cell", ["l05é", "Ｌ０５Ｅ", " L-05 e ", "L.05/E"])
def test_one_code_however_written(cell: str) -> None:
    assert normalised(cell) == "L05E"


def test_hashes_agree_under_one_key_only() -> None:
    codes = pd.Series(["L05E", None, "L05E"], dtype="string")
    one, other = concealed(codes, b"one"), concealed(codes, b"other")
    assert one[0] == one[2]
    assert pd.isna(one[1])
    assert one[0] != other[0]
