"""What is measured: a piece of work with what it needs, and the numbers it found."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from survey import ROLE

from manyi.stages.analysing import with_school_columns
from manyi.stages.work import clean_folder
from manyi.study.folder import open_study

Numbers = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Work:
    """One side of a comparison.

    Parameters
    ----------
    load : callable
        Study folder -> what the work starts from; not timed.
    run : callable
        The work that is timed.
    numbers : callable
        Result -> the numbers that both sides must agree on, by name, in the same order and shape.
    """

    load: Callable[[Path], Any]
    run: Callable[[Any], Any]
    numbers: Callable[[Any], Numbers]


def study_folder(folder: Path) -> Path:
    """Return the folder itself: work that reads its own files starts from there."""
    return folder


def kept_rows(folder: Path) -> pd.DataFrame:
    """Return the cleaned rows that count, with their school's columns: what both sides analyse."""
    study = open_study(folder)
    answers = pd.read_parquet(clean_folder(study, ROLE))
    rows = with_school_columns(study, answers[answers["kept"]], ("books", "computers"))
    pa.default_memory_pool().release_unused()
    return rows
