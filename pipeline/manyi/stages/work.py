"""Where the stages leave what they make, below ``results/``."""

from pathlib import Path

from manyi.study.folder import StudyFolder


def coded_file(study: StudyFolder, role: str) -> Path:
    """Return the file of a role's coded answers, missing answers as codes."""
    return study.results / "coded" / f"{role}.parquet"


def clean_folder(study: StudyFolder, role: str) -> Path:
    """Return the folder of a role's cleaned and scored answers, partitioned by school bucket."""
    return study.results / "clean" / role


def work_folder(study: StudyFolder, stage: str) -> Path:
    """Return the folder of the tables a stage leaves for those after it."""
    return study.results / "work" / stage


def school_table(study: StudyFolder) -> Path:
    """Return the file of the school table after splitting, indicators added."""
    return work_folder(study, "schools") / "schools.parquet"


def tables_folder(study: StudyFolder) -> Path:
    """Return the folder of the tidy result tables."""
    return study.results / "tables"
