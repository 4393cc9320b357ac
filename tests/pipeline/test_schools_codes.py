"""School codes after a spreadsheet: repaired where the digits are still there, else reported."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from manyi.schools.table import match_schools, repair_code

KNOWN = ["2133000001", "0033000002", "3133000003"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2133000001", "2133000001"),
        ("2133000001.0", "2133000001"),
        ("2133000001.00", "2133000001"),
        (" 2133000001 ", "2133000001"),
        ("'2133000001", "2133000001"),
        ('="0033000002"', "0033000002"),
        ("２１３３０００００１", "2133000001"),
        ("2133\u00a0000001", "2133000001"),
        ("\ufeff2133000001", "2133000001"),
        ("33000002", "0033000002"),
        ("33000002.0", "0033000002"),
        ("2.133000001E+09", "2133000001"),
        ("2.1330000010e+9", "2133000001"),
        ("", ""),
    ],
)
def test_repair(written: str, code: str) -> None:
    assert repair_code(written, 10).code == code


@pytest.mark.parametrize("written", ["2.13E+09", "2.1330E+09", "2E+09", "2.13300000123E+09"])
def test_lost_digits_are_not_invented(written: str) -> None:
    assert repair_code(written, 10).reason == "school-code-rounded"


@pytest.mark.parametrize("written", ["101", "21330000011", "1"])
def test_other_lengths_are_left_and_told(written: str) -> None:
    assert repair_code(written, 10) == (written, "school-code-length")


@pytest.mark.parametrize("written", ["3E5", "S-001", "第一小学", "1.5"])
def test_codes_that_are_no_numbers_are_left_alone(written: str) -> None:
    assert repair_code(written).reason == ""


@settings(deadline=None, max_examples=50)
@given(st.integers(1_000_000, 9_999_999_999))
def test_a_code_survives_a_spreadsheet(number: int) -> None:
    code = f"{number:010d}"
    for written in (str(number), f"{number}.0", f"'{code}", f" {code}"):
        assert repair_code(written, 10).code == code


def match(*codes: str | None) -> pd.DataFrame:
    result = match_schools(pd.Series(codes, dtype="object"), KNOWN)
    return pd.DataFrame({"code": result.codes, "matched": result.matched})


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2133000001", "2133000001"),
        ("2133000001.0", "2133000001"),
        ("33000002", "0033000002"),
        ("0033000002 ", "0033000002"),
        ("３１３３０００００３", "3133000003"),
    ],
)
def test_answers_find_their_school(written: str, code: str) -> None:
    assert match(written)["code"].item() == code


def test_an_unknown_school_keeps_its_code() -> None:
    assert match("9999")["code"].item() == "9999"


def test_an_unknown_school_is_not_matched() -> None:
    assert not match("9999")["matched"].item()


def test_rows_stay_in_order() -> None:
    assert match("33000002", "9999", "2133000001")["matched"].tolist() == [True, False, True]


def test_empty_codes_are_missing() -> None:
    assert match("", None, "  ")["code"].isna().all()


def test_empty_codes_are_counted_apart() -> None:
    assert match_schools(pd.Series(["", None, "9999"], dtype="object"), KNOWN).blank == 2


def test_unmatched_codes_are_listed_with_their_number() -> None:
    result = match_schools(pd.Series(["9999", "9999", "2133000001", "2.1E+09"]), KNOWN)
    assert result.unmatched.to_dict("records") == [
        {"value": "9999", "n": 2, "reason": "school-unknown"},
        {"value": "2.1E+09", "n": 1, "reason": "school-code-rounded"},
    ]


def test_repaired_codes_are_listed_with_their_number() -> None:
    result = match_schools(pd.Series(["33000002", "33000002", "2133000001"]), KNOWN)
    assert result.repaired.to_dict("records") == [{"value": "33000002", "repaired": "0033000002", "n": 2}]


def test_a_code_that_fits_two_schools_is_matched_to_neither() -> None:
    result = match_schools(pd.Series(["21"]), ["0021", "00021"])
    assert result.unmatched["reason"].tolist() == ["school-code-ambiguous"]


def test_an_exact_code_wins_over_a_similar_one() -> None:
    assert match_schools(pd.Series(["0021"]), ["0021", "00021"]).codes.tolist() == ["0021"]


def test_short_codes_of_a_study_without_a_standard() -> None:
    assert match_schools(pd.Series(["1", "2.0", "30"]), ["1", "2", "30"]).matched.all()


def test_the_index_of_the_answers_is_kept() -> None:
    codes = pd.Series(["33000002", "9999"], index=[7, 3])
    assert match_schools(codes, KNOWN).codes.index.tolist() == [7, 3]


def test_answers_without_any_code() -> None:
    result = match_schools(pd.Series([pd.NA, pd.NA], dtype="string"), KNOWN)
    assert (result.blank, len(result.unmatched), result.matched.tolist()) == (2, 0, [False, False])
