"""The schools stage: raw administrative columns to indicators, verdicts and variation between schools."""

from functools import partial
from pathlib import Path

from manyi.stages.stage import Stage
from manyi.stages.work import undivided_table, work_folder
from manyi.study.definition import Schools
from manyi.study.folder import StudyFolder
from manyi.study.places import placed, placing
from manyi_instruments.faults import Fault, Place, StudyFaulty


def schools_stage(study: StudyFolder, schools: Schools) -> Stage:
    """Return the stage that reads the school table and holds its schools against the standard."""
    own = schools.model_dump(mode="json", exclude={"equity", "facts", "county", "earlier"})
    return Stage(
        name="schools",
        run=partial(_evaluate, study, schools),
        inputs=(*study.schools_files.values(), *study.standard_files),
        outputs=(work_folder(study, "schools"), undivided_table(study)),
        parameters={"schools": own, "language": study.definition.language},
    )


def _evaluate(study: StudyFolder, schools: Schools) -> tuple[Fault, ...]:
    from manyi.schools.files import read_school_files
    from manyi.stages.tables import write_pieces
    from manyi_analysis.records import NotComputed
    from manyi_analysis.resources import evaluate_schools

    paths: dict[str, Path] = study.schools_files
    absent = [path for path in paths.values() if not path.is_file()]
    if absent:
        place = Place(str(study.study_file))
        raise StudyFaulty(Fault("schools-not-found", place, {"path": path}) for path in absent)
    standard = study.standard
    with placing(study, list(paths.values())):
        read = read_school_files(paths, schools, standard, study.definition.language)
    pieces = {"import_cells": read.cells, "quarantine": read.quarantine, "repaired_codes": read.repaired}
    frame = read.frame
    faults = list(read.faults)
    if standard is not None and len(frame):
        evaluation = evaluate_schools(frame, standard)
        frame = evaluation.schools
        pieces["school_indicators"] = evaluation.indicators.to_frame()
        for name, found in (("school_verdicts", evaluation.verdicts), ("county_cv", evaluation.variation)):
            if isinstance(found, NotComputed):
                faults.append(found.fault(Place(read.file)))
            else:
                pieces[name] = found.to_frame()
    write_pieces(work_folder(study, "schools"), {**pieces, "schools": frame})
    undivided_table(study).parent.mkdir(parents=True, exist_ok=True)
    read.frame.to_parquet(undivided_table(study), index=False)
    return placed(study, list(paths.values()), faults)
