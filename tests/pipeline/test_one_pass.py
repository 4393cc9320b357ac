"""The one pass: what partitions give together is what pandas finds on all rows."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi.topics.one_pass import MomentSet, TableSet, gather

ITEMS = ("a", "b", "c")
SETS = {
    "all": MomentSet(ITEMS),
    "again": MomentSet(ITEMS),
    "two": MomentSet(("a", "b")),
    "school": MomentSet(ITEMS, "school"),
    "counts": TableSet(ITEMS),
}


@pytest.fixture(scope="module")
def answers() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    frame = pd.DataFrame(rng.integers(1, 6, (400, 3)), columns=list(ITEMS), dtype=float)
    frame = frame.mask(rng.random(frame.shape) < 0.1)
    return frame.assign(school=rng.choice(["007", "12", "305"], len(frame)))


@pytest.fixture(scope="module")
def files(answers: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("partitions")
    paths = [folder / f"{number}.parquet" for number in range(3)]
    for path, rows in zip(paths, np.array_split(np.arange(len(answers)), 3), strict=True):
        answers.iloc[rows].to_parquet(path)
    return paths


def loaders(files: list[Path]) -> Iterator[partial[pd.DataFrame]]:
    return (partial(pd.read_parquet, path) for path in files)


def test_covariances_over_partitions(answers: pd.DataFrame, files: list[Path]) -> None:
    found = gather(loaders(files), SETS)["all"]
    np.testing.assert_allclose(found.covariance, answers[list(ITEMS)].dropna().cov(), rtol=1e-13)


def test_each_set_is_listwise_over_its_own_columns(answers: pd.DataFrame, files: list[Path]) -> None:
    found = gather(loaders(files), SETS)
    kept = {name: len(answers[list(SETS[name].columns)].dropna()) for name in ("all", "two")}
    assert {name: found[name].n for name in kept} == kept


def test_groups_over_partitions(answers: pd.DataFrame, files: list[Path]) -> None:
    found = gather(loaders(files), SETS)["school"].group("007")
    own = answers.loc[answers["school"] == "007", list(ITEMS)].dropna()
    np.testing.assert_allclose(found.covariance, own.cov(), rtol=1e-13)


def test_answers_are_counted_on_complete_rows(answers: pd.DataFrame, files: list[Path]) -> None:
    found = gather(loaders(files), SETS)["counts"]
    expected = answers[list(ITEMS)].dropna()["b"].value_counts().sort_index()
    assert found.answers("b")[1].tolist() == expected.tolist()


def test_a_set_asked_for_twice_is_read_once(files: list[Path]) -> None:
    found = gather(loaders(files), SETS)
    assert found["again"] is found["all"]


def test_every_partition_is_loaded_once(files: list[Path]) -> None:
    loaded: list[Path] = []

    def load(path: Path) -> pd.DataFrame:
        loaded.append(path)
        return pd.read_parquet(path)

    gather((partial(load, path) for path in files), SETS)
    assert loaded == files


def test_workers_find_the_same_to_the_last_bit(files: list[Path]) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as workers:
        beside = gather(loaders(files), SETS, workers)["school"]
    np.testing.assert_array_equal(beside.cross, gather(loaders(files), SETS)["school"].cross)
