"""The sample on disk: ``plan/sample.csv`` and ``.xlsx``, a record that nothing replaces silently."""

from pathlib import Path

import pandas as pd

from manyi.sampling.places import LIST, WORKBOOK, plan_folder, sample_file
from manyi.sampling.plan import SamplePlan
from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault, Place, StudyFaulty


def refuse_second(study: StudyFolder, again: bool) -> None:
    """Refuse to draw where a sample was drawn already, unless it is asked for.

    Raises
    ------
    StudyFaulty
        ``sample-exists``.
    """
    present = _present(study)
    if present and not again:
        raise StudyFaulty(Fault("sample-exists", Place(str(present[0])), {"path": present[0]}))


def make_room(study: StudyFolder) -> tuple[Fault, ...]:
    """Keep an earlier sample under another name: ``sample.earlier-1.csv``."""
    present, number = _present(study), 1
    while any(_earlier(path, number).exists() for path in present):
        number += 1
    faults = []
    for path in present:
        kept = path.rename(_earlier(path, number))
        if path.name == LIST:
            faults.append(Fault("sample-kept", Place(str(path)), {"kept": kept.name}, "warning"))
    return tuple(faults)


def _present(study: StudyFolder) -> list[Path]:
    return [path for path in (sample_file(study), plan_folder(study) / WORKBOOK) if path.exists()]


def _earlier(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}.earlier-{number}{path.suffix}")


def write_list(study: StudyFolder, plan: SamplePlan) -> Path:
    """Write ``plan/sample.csv``: words in quotation marks, numbers at full precision."""
    from manyi_outputs.tidy import write_tables

    (path,) = write_tables(plan_folder(study), {Path(LIST).stem: plan.frame})
    return path


def read_list(path: Path) -> pd.DataFrame:
    """Read a list of cells back: every column as text, nothing for an empty cell.

    Raises
    ------
    FileUnreadable
        The file cannot be read as a table.
    """
    from manyi.readers.tables.raw_table import read_table

    return read_table(path).cells
