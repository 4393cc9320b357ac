"""Sums by level and school: the same however the rows are divided, and those that pandas adds up."""

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.records.level_sums import ALL, SQUARE, TOTAL, LevelSums, N, Outcome

OUTCOMES = (Outcome("A", "A", cuts=(4.0, 3.0)), Outcome("SUM", "SUM", parts=3, cuts=(4.0, 3.0)))


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    random = np.random.default_rng(5)
    size = 900
    frame = pd.DataFrame(
        {
            "A": random.integers(1, 6, size).astype(float),
            "SUM": random.integers(3, 16, size).astype(float),
            "G": random.choice([1.0, 2.0, 3.0, np.nan], size),
            "H": random.choice(["rural", "urban", None], size),
            "school": random.choice(["01", "02", "03", None], size),
        }
    )
    frame.loc[random.random(size) < 0.1, "A"] = np.nan
    return frame


@pytest.fixture(scope="module")
def sums(rows: pd.DataFrame) -> LevelSums:
    return LevelSums.of(rows, OUTCOMES, ("G", "H"), "school")


@pytest.mark.parametrize("group", ["G", "H"])
@pytest.mark.parametrize(("at", "column", "parts"), [(0, "A", 1), (1, "SUM", 3)])
def test_sums_are_those_of_pandas(
    rows: pd.DataFrame, sums: LevelSums, group: str, at: int, column: str, parts: int
) -> None:
    value = rows[column] / parts
    keyed = rows.assign(value=value, school=rows["school"].fillna("none"), top=(value >= 4) * 1.0).dropna(
        subset=[group, "value"]
    )
    expected = keyed.groupby([group, "school"])
    table = sums.sums[group][at]
    for place, level in enumerate(sorted(keyed[group].unique())):
        for school, name in enumerate([*sums.schools, "none"]):
            found = expected.get_group((level, name))
            moved = found["value"] - sums.shift[at]
            want = [len(moved), moved.sum(), (moved**2).sum(), found["top"].sum()]
            np.testing.assert_allclose(table[[N, TOTAL, SQUARE, 3], place, school], want, atol=1e-9)


def test_parts_add_up_to_the_whole(rows: pd.DataFrame, sums: LevelSums) -> None:
    """Parts that know other schools and levels, and another shift."""
    parts = [rows[:200], rows[200:230], rows[230:]]
    parts[0] = parts[0][(parts[0]["school"] != "02") & (parts[0]["G"] != 2.0)]
    left = rows[:200].drop(parts[0].index)
    whole = LevelSums.of(parts[0], OUTCOMES, ("G", "H"), "school")
    for part in (left, *parts[1:]):
        whole = whole + LevelSums.of(part, OUTCOMES, ("G", "H"), "school", shift=np.array([3.5, 1.0]))
    assert (whole.schools, dict(whole.levels)) == (sums.schools, dict(sums.levels))
    moved = whole.shifted(sums.shift)
    for group in (ALL, "G", "H"):
        np.testing.assert_allclose(moved.sums[group], sums.sums[group], atol=1e-9)
    np.testing.assert_array_equal(whole.cells, sums.cells)
    np.testing.assert_array_equal(whole.rows, sums.rows)


def test_cells_count_every_respondent(rows: pd.DataFrame, sums: LevelSums) -> None:
    assert sums.rows.sum() == len(rows)
    expected = rows[["school", "G", "H"]].drop_duplicates()
    assert len(sums.cells) == len(expected)


def test_without_schools_everybody_is_in_the_last_place(rows: pd.DataFrame) -> None:
    sums = LevelSums.of(rows, OUTCOMES, ("G",))
    assert sums.schools == ()
    assert sums.sums[ALL].shape == (2, 5, 1, 1)


def test_nobody(rows: pd.DataFrame) -> None:
    """An outcome without a value, and a group without one."""
    empty = rows.assign(A=np.nan, G=np.nan)
    sums = LevelSums.of(empty, OUTCOMES, ("G",), "school")
    assert sums.levels["G"] == ()
    assert sums.sums[ALL][0].sum() == 0


def test_other_groups_cannot_be_added(rows: pd.DataFrame, sums: LevelSums) -> None:
    with pytest.raises(ValueError, match="different outcomes or groups"):
        sums + LevelSums.of(rows, OUTCOMES, ("G",), "school")
