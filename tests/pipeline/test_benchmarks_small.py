"""The benchmark at a small size: both sides find the same numbers, and the report has its form."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

#: How far manyi and the packages may be apart. Sums agree to rounding; what is searched for agrees as far as
#: the packages' own searches go: minres to 1e-5 on the uniquenesses, REML to 1e-4 on the variance ratio.
APART = {
    "read": 0.0,
    "import": 0.0,
    "clean": 1e-12,
    "pass": 1e-10,
    "reliability": 1e-5,
    "factorability": 1e-10,
    "parallel": 0.0,
    "efa": 1e-4,
    "icc": 1e-4,
    "regression": 1e-9,
    "sav": 1e-12,
}


Record = Mapping[str, Mapping[str, Mapping[str, Mapping[str, float]]]]


@pytest.fixture(scope="module")
def differences(
    tmp_path_factory: pytest.TempPathFactory, run_benchmark: Callable[..., tuple[str, Any]]
) -> Mapping[str, Any]:
    _, found = run_benchmark("run.py", tmp_path_factory.mktemp("agree"), "--sizes", "1k", "--agree")
    return found[0]["differences"]


@pytest.fixture(scope="module")
def measured(
    tmp_path_factory: pytest.TempPathFactory, run_benchmark: Callable[..., tuple[str, Any]]
) -> tuple[str, Record]:
    words = ("--sizes", "400", "--repeats", "1", "--only", "pass", "factorability")
    printed, found = run_benchmark("run.py", tmp_path_factory.mktemp("measured"), *words)
    return printed, found[0]


@pytest.mark.parametrize(("name", "apart"), APART.items())
def test_both_sides_find_the_same_numbers(differences: Mapping[str, float], name: str, apart: float) -> None:
    assert differences[name] <= apart


def test_every_comparison_is_held_to_agree(differences: Mapping[str, float]) -> None:
    assert set(differences) == set(APART)


def test_record_holds_time_and_memory_of_both_sides(
    measured: tuple[str, Record],
) -> None:
    found = measured[1]["comparisons"]["pass"]
    assert {side: set(found[side]) for side in ("manyi", "packages")} == {
        "manyi": {"seconds", "peak"},
        "packages": {"seconds", "peak"},
    }


def test_report_is_a_markdown_table_with_a_row_a_comparison_and_a_sum(
    measured: tuple[str, Record],
) -> None:
    lines = [line for line in measured[0].splitlines() if line.startswith("|")]
    first = [line.split("|")[1].strip() for line in lines]
    assert first == ["", "---", "one pass over the cleaned rows", "KMO, Bartlett", "the statistics both did"]


def test_every_row_of_the_report_has_eight_columns(
    measured: tuple[str, Record],
) -> None:
    assert {line.count("|") for line in measured[0].splitlines() if line.startswith("|")} == {9}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not tell the peak of a process this way")
def test_passing_over_rows_takes_memory(
    measured: tuple[str, Record],
) -> None:
    assert measured[1]["comparisons"]["pass"]["manyi"]["peak"] > 0
