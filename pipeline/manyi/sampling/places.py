"""Where the sample lies in a study, and which file design weights are read from."""

from pathlib import Path

from manyi.study.folder import StudyFolder
from manyi.study.sampling_plan import RoleWeights

#: What ``design`` may say instead of a file: the list drawn, or the numbers of the school table.
PLAN, SCHOOLS = "plan", "schools"
FOLDER = "plan"
LIST = "sample.csv"
WORKBOOK = "sample.xlsx"


def plan_folder(study: StudyFolder) -> Path:
    """Return the folder of the sample."""
    return study.path / FOLDER


def sample_file(study: StudyFolder) -> Path:
    """Return the list that design weights are read from."""
    return plan_folder(study) / LIST


def design_file(study: StudyFolder, weights: RoleWeights) -> Path | None:
    """Return the file design weights are read from; None where there is none."""
    if weights.design in ("", SCHOOLS):
        return None
    return sample_file(study) if weights.design == PLAN else study.path / weights.design
