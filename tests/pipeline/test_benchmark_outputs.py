"""The benchmark of the outputs on a small study: what it deletes is made again, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def found(
    town: Path, tmp_path_factory: pytest.TempPathFactory, run_benchmark: Callable[..., tuple[str, Any]]
) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("outputs")
    return run_benchmark("outputs.py", folder, str(town), "--repeats", "1")[1]


def test_it_times_the_stages_that_write_outputs(found: dict[str, Any]) -> None:
    names = {name.partition(":")[0] for name in found["stages"]}
    assert names == {"appendix", "figures", "report", "word", "spss", "stata", "syntax"}


def test_the_whole_takes_longer_than_any_stage_and_than_nothing(found: dict[str, Any]) -> None:
    assert found["wall"] > max(found["stages"].values())
    assert found["wall"] > found["idle"]
