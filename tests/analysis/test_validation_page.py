"""docs/validation.md lists the comparisons these tests make, and every public statistic is compared."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "validation.md"
RERUN = "run: pytest tests/analysis --write-validation"
#: The project's fair tolerances; a catalogue that allowed more would be found.
FAIR = {
    "alpha": 1e-10,
    "alpha.limits": 1e-10,
    "kmo": 1e-10,
    "kmo.item": 1e-10,
    "eigenvalues": 1e-10,
    "omega": 1e-4,
    "omega.hierarchical": 1e-4,
    "efa.pattern": 1e-5,
    "efa.phi": 1e-5,
    "cfa.chi2": 1e-6,
    "cfa.cfi": 1e-6,
    "cfa.rmsea": 1e-6,
    "cfa.srmr": 1e-6,
    "cfa.estimate": 1e-5,
    "cfa.se": 1e-5,
    "invariance.fit": 1e-6,
    "ols.b": 1e-9,
    "ols.se": 1e-9,
    "clustered.se": 1e-9,
    "cr2.se": 1e-9,
    "mixed.variance": 1e-4,
    "mixed.loglik": 1e-6,
    "icc.variance": 1e-4,
    "icc.loglik": 1e-6,
    "difference.welch": 1e-8,
    "difference.anova": 1e-8,
    "difference.kruskal_wallis": 1e-8,
    "pairs.p": 1e-5,
    "polychoric": 1e-3,
}


def printed() -> dict[tuple[str, ...], str]:
    """Return the lines of the page: statistic, source, n and tolerance, and the difference printed."""
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = line.replace("\\|", "¦").strip("| ").split(" | ")
        if len(cells) == 5 and cells[2].isdigit():
            what, source, n, difference, tolerance = (cell.replace("¦", "\\|") for cell in cells)
            found[what, source, n, tolerance] = difference
    return found


def public() -> Iterator[str]:
    """Yield the public functions that docs/functions.md lists."""
    path = ROOT / "docs" / "generate_functions.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for room in module.rooms():
        yield from room.names


def test_every_comparison_made_stands_on_the_page(comparisons: Any) -> None:
    known = {(what, source, tolerance) for what, source, _, tolerance in printed()}
    assert {(what, source, limit) for what, source, _, limit in comparisons.lines()} - known == set(), RERUN


def test_the_page_lists_the_comparisons_of_a_whole_run_and_no_others(all_comparisons: Any) -> None:
    assert list(printed()) == list(all_comparisons.lines()), RERUN


def test_no_difference_exceeds_its_tolerance(comparisons: Any) -> None:
    assert [row.cells for row, found in comparisons.rows.items() if found.excess > 1] == []


def test_no_difference_printed_exceeds_an_absolute_tolerance(comparisons: Any) -> None:
    over, absolute = [], 0
    assert comparisons.rows
    for line, difference in printed().items():
        if "·" not in line[3]:
            absolute += 1
            # Both are printed with one digit.
            over += [line] if float(difference) > float(line[3]) * 1.01 else []
    assert absolute > 100
    assert over == []


@pytest.mark.parametrize("statistic", FAIR)
def test_tolerance_is_not_above_the_fair_one(statistic: str, comparisons: Any) -> None:
    assert comparisons.statistics[statistic].tolerance <= FAIR[statistic]


def test_every_statistic_of_the_catalogue_is_compared(all_comparisons: Any) -> None:
    ids = list(all_comparisons.statistics)
    elsewhere = {one.id for one in all_comparisons.statistics.values() if one.tables}
    assert sorted(set(ids) - {ids[row.place] for row in all_comparisons.rows}) == sorted(elsewhere)


def test_every_public_function_is_compared_or_says_why_not(comparisons: Any) -> None:
    compared = {name for one in comparisons.statistics.values() for name in one.functions}
    assert sorted(set(public()) - compared - set(comparisons.without)) == []


def test_the_catalogue_names_functions_that_are_there(comparisons: Any) -> None:
    named = {name for one in comparisons.statistics.values() for name in one.functions}
    assert sorted((named | set(comparisons.without)) - set(public())) == []


def test_no_function_is_both_compared_and_excused(comparisons: Any) -> None:
    named = {name for one in comparisons.statistics.values() for name in one.functions}
    assert sorted(named & set(comparisons.without)) == []
