"""The benchmark of one large file at a small size: it measures what it says, on a file that has it all."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

ROWS = 4_000


@pytest.fixture(scope="module")
def ran(
    tmp_path_factory: pytest.TempPathFactory, run_benchmark: Callable[..., tuple[str, Any]]
) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("large")
    return folder, run_benchmark("large_file.py", folder, "--rows", str(ROWS), "--repeats", "1")[1]


def test_every_row_is_imported(ran: tuple[Path, dict[str, Any]]) -> None:
    account = pd.read_parquet(ran[0] / "results" / "work" / "import-pupils" / "import_cells.parquet")
    assert account.loc[0, ["rows_read", "rows_kept"]].tolist() == [ROWS, ROWS]
    assert account.loc[0, "cells_read"] == ROWS * 40


def test_the_file_holds_what_cleaning_looks_for(ran: tuple[Path, dict[str, Any]]) -> None:
    ledger = pd.read_parquet(ran[0] / "results" / "work" / "clean-pupils" / "ledger.parquet")
    flagged = ledger[ledger["step"] == "flagged"].set_index("reason")["n"]
    assert (flagged[["straight_lining", "longstring", "too_fast", "duplicate"]] > 0).all()


def test_ratios_are_those_of_the_times(ran: tuple[Path, dict[str, Any]]) -> None:
    found = ran[1]
    base = found["read_csv"]["seconds"]
    assert {name: one["seconds"] / base for name, one in found.items()} == {
        name: pytest.approx(one["ratio"]) for name, one in found.items()
    }


def test_both_stages_together_are_their_sum(ran: tuple[Path, dict[str, Any]]) -> None:
    parts = sum(ran[1][stage]["seconds"] for stage in ("import:pupils", "clean:pupils"))
    assert ran[1]["import and clean"]["seconds"] == pytest.approx(parts)
