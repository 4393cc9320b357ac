"""Counts by group and school in the one pass: what pandas finds, groups and schools coded once."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi.topics import one_pass
from manyi.topics.one_pass import NestedSet, TableSet, gather

OUTCOMES = ("score", "item")
SETS = {(outcome, by): NestedSet(outcome, by, "school") for outcome in OUTCOMES for by in ("g", "h")}


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"score": rng.integers(3, 16, 900) / 3, "item": rng.integers(1, 6, 900) * 1.0})
    frame["g"], frame["h"] = rng.integers(7, 10, 900) * 1.0, rng.choice(["x", "y"], 900)
    frame["school"] = rng.choice(["007", "12", "305", "9"], 900)
    return frame.mask(rng.random(frame.shape) < 0.05)


def cells(found: Any) -> dict[tuple[Any, ...], int]:
    """Return the counts by school, group and value, those without a school too."""
    frame = found.to_frame()
    keys = zip(frame["school"], frame["group"], frame["value"], strict=True)
    return dict(zip(keys, frame["n"].tolist(), strict=True))


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("pieces", [1, 3])
def test_cells_are_those_of_pandas(answers: pd.DataFrame, outcome: str, pieces: int) -> None:
    parts = [answers.iloc[rows] for rows in np.array_split(np.arange(len(answers)), pieces)]
    found = gather(parts, SETS)[outcome, "h"]
    given = answers.dropna(subset=[outcome, "h"]).fillna({"school": ""})
    assert cells(found) == given.groupby(["school", "h", outcome]).size().to_dict()


def test_who_is_not_counted_is_told(answers: pd.DataFrame) -> None:
    found = gather([answers.head(500), answers.tail(400)], SETS)["score", "g"]
    grouped = answers["g"].notna()
    assert found.ungrouped == (~grouped).sum()
    assert found.missing == (grouped & answers["score"].isna()).sum()


def test_every_column_of_groups_is_coded_once(answers: pd.DataFrame, monkeypatch: pytest.MonkeyPatch) -> None:
    coded = []
    real = one_pass.group_codes

    def spy(groups: "pd.Series[Any]") -> Any:
        coded.append(groups.name)
        return real(groups)

    monkeypatch.setattr(one_pass, "group_codes", spy)
    gather([answers], SETS)
    assert sorted(coded) == ["g", "h", "school"]


def test_an_outcome_nobody_has(answers: pd.DataFrame) -> None:
    found = gather([answers.assign(score=np.nan)], SETS)["score", "g"]
    assert (len(found.count), found.missing) == (0, answers["g"].notna().sum())


@pytest.mark.parametrize("columns", [("score", "item"), ("item", "other")])
def test_pairs_of_scores_and_of_items_are_counted_alike(
    answers: pd.DataFrame, columns: tuple[str, str]
) -> None:
    frame = answers.assign(other=answers["item"].shift(1))
    found = gather(
        [frame.head(300), frame.tail(600)], {"pairs": TableSet(columns, complete=False, pairs=True)}
    )
    counted = found["pairs"].table(*columns)
    expected = pd.crosstab(frame[columns[0]], frame[columns[1]])
    np.testing.assert_array_equal(counted.to_numpy(), expected.to_numpy())
