"""The benchmark of one large ``.sav`` at a small size: both sides write the cells that it says."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest

ROWS = 3_000


@pytest.fixture(scope="module")
def ran(
    tmp_path_factory: pytest.TempPathFactory, run_benchmark: Callable[..., tuple[str, Any]]
) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("sav")
    return folder, run_benchmark("sav_file.py", folder, "--rows", str(ROWS), "--repeats", "1")[1]


def test_both_sides_write_the_same_cells(ran: tuple[Path, dict[str, Any]]) -> None:
    ours, theirs = (
        pyreadstat.read_sav(str(ran[0] / f"{side}.sav"), user_missing=True)[0]
        for side in ("manyi", "pyreadstat")
    )
    assert ours.shape == (ROWS, 60)
    pd.testing.assert_frame_equal(ours, theirs, check_dtype=False)


def test_there_are_missing_codes_to_write(ran: tuple[Path, dict[str, Any]]) -> None:
    frame, meta = pyreadstat.read_sav(str(ran[0] / "manyi.sav"), user_missing=True)
    assert 0.02 < float(np.mean(frame["S1_1"] == -9.0)) < 0.04
    assert meta.missing_ranges["S1_1"] == [{"lo": -9.0, "hi": -5.0}]


def test_the_ratio_is_that_of_the_times(ran: tuple[Path, dict[str, Any]]) -> None:
    found = ran[1]
    assert found["manyi"]["ratio"] == found["manyi"]["seconds"] / found["pyreadstat"]["seconds"]
