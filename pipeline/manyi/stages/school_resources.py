"""The schools stage: raw administrative columns to indicators, verdicts and variation between schools."""

from functools import partial
from pathlib import Path

from manyi.stages.stage import Stage
from manyi.stages.work import work_folder
from manyi.study.definition import Schools
from manyi.study.folder import StudyFolder
from manyi.study.places import placed, placing
from manyi_instruments.faults import Fault, Place, StudyFaulty
from manyi_instruments.standards import bundled_standards


def schools_stage(study: StudyFolder, schools: Schools) -> Stage:
    """Return the stage that reads the school table and holds it against the standard."""
    inputs = [study.path / schools.table]
    if schools.standard is not None and schools.standard not in bundled_standards():
        inputs.append(study.path / schools.standard)
    return Stage(
        name="schools",
        run=partial(_evaluate, study, schools),
        inputs=tuple(inputs),
        outputs=(work_folder(study, "schools"),),
        parameters={"schools": schools.model_dump(mode="json"), "language": study.definition.language},
    )


def _evaluate(study: StudyFolder, schools: Schools) -> tuple[Fault, ...]:
    from manyi.schools.table import read_schools
    from manyi.stages.tables import write_pieces
    from manyi_analysis.records import NotComputed
    from manyi_analysis.resources import evaluate_schools

    path: Path = study.path / schools.table
    if not path.is_file():
        raise StudyFaulty(Fault("schools-not-found", Place(str(study.study_file)), {"path": path}))
    standard = study.standard
    with placing(study, [path]):
        read = read_schools(path, schools, standard, study.definition.language)
    pieces = {"import_cells": read.cells, "quarantine": read.quarantine, "repaired_codes": read.repaired}
    frame = read.frame
    faults = list(read.faults)
    if standard is not None and len(frame):
        evaluation = evaluate_schools(frame, standard)
        frame = evaluation.schools
        pieces["school_indicators"] = evaluation.indicators.to_frame()
        for name, found in (("school_verdicts", evaluation.verdicts), ("county_cv", evaluation.variation)):
            if isinstance(found, NotComputed):
                faults.append(found.fault(Place(str(path))))
            else:
                pieces[name] = found.to_frame()
    write_pieces(work_folder(study, "schools"), {**pieces, "schools": frame})
    return placed(study, [path], faults)
