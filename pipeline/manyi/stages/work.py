"""Where the stages leave what they make, below ``results/``."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from manyi.study.folder import StudyFolder
from manyi.study.waves import earlier_wave


def coded_file(study: StudyFolder, role: str) -> Path:
    """Return the file of a role's coded answers, missing answers as codes."""
    return study.results / "coded" / f"{role}.parquet"


def clean_folder(study: StudyFolder, role: str) -> Path:
    """Return the folder of a role's cleaned and scored answers, partitioned by school bucket."""
    return study.results / "clean" / role


def work_folder(study: StudyFolder, stage: str) -> Path:
    """Return the folder of the tables a stage leaves for those after it."""
    return study.results / "work" / stage


def school_table(study: StudyFolder, role: str | None = None) -> Path:
    """Return the file of the school table after splitting, indicators added: that of a role's own wave."""
    wave = earlier_wave(study.definition, role)
    folder = work_folder(study, "schools") if wave is None else wave_folder(study, wave)
    return folder / "schools.parquet"


def undivided_table(study: StudyFolder) -> Path:
    """Return the file of the school table as read: combined schools not divided, no indicators."""
    return study.results / "coded" / "school-table" / "schools.parquet"


def wave_folder(study: StudyFolder, wave: str) -> Path:
    """Return the folder of what an earlier wave's school table says, apart from the current tables."""
    return study.results / "waves" / wave


def tables_folder(study: StudyFolder) -> Path:
    """Return the folder of the tidy result tables."""
    return study.results / "tables"


def school_inputs(study: StudyFolder, role: str | None = None) -> tuple[Path, ...]:
    """Return what a stage that uses the schools reads of them: nothing where the study has none."""
    return (school_table(study, role),) if study.definition.schools is not None else ()


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Give a folder to fill that takes the place of another once it is full, or not at all."""
    temporary = folder.with_name(folder.name + ".part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    yield temporary
    shutil.rmtree(folder, ignore_errors=True)
    temporary.replace(folder)
