"""The stages of earlier school tables: each read and held against today's standard, apart from today's."""

from functools import partial
from pathlib import Path

from manyi.stages.stage import Stage
from manyi.stages.work import wave_folder, work_folder
from manyi.study.definition import Schools
from manyi.study.folder import StudyFolder
from manyi.study.places import placed, placing
from manyi_instruments.faults import Fault, Place, StudyFaulty

#: What an earlier table tells in the study's own result tables: how it was read.
READING = ("import_cells", "quarantine", "repaired_codes")


def earlier_schools_stages(study: StudyFolder, schools: Schools) -> list[Stage]:
    """Return a stage for each earlier wave of the school table, which the later ones do not wait for."""
    return [_stage(study, schools, wave) for wave in schools.earlier]


def _stage(study: StudyFolder, schools: Schools, wave: str) -> Stage:
    own = schools.model_copy(update={"table": schools.earlier[wave], "wave": wave, "earlier": {}})
    return Stage(
        name=f"schools:{wave}",
        run=partial(_evaluate, study, own, wave),
        inputs=(*(study.path / name for name in own.files.values()), *study.standard_files),
        outputs=(wave_folder(study, wave), work_folder(study, f"schools-{wave}")),
        parameters={"schools": own.model_dump(mode="json"), "language": study.definition.language},
    )


def _evaluate(study: StudyFolder, schools: Schools, wave: str) -> tuple[Fault, ...]:
    from manyi.schools.files import read_school_files
    from manyi.stages.tables import write_pieces
    from manyi_analysis.records import NotComputed
    from manyi_analysis.resources import evaluate_schools

    paths: dict[str, Path] = {stage: study.path / name for stage, name in schools.files.items()}
    place = Place(str(study.study_file))
    absent = [
        Fault("schools-not-found", place, {"path": path}) for path in paths.values() if not path.is_file()
    ]
    if absent:
        raise StudyFaulty(absent)
    with placing(study, list(paths.values())):
        read = read_school_files(paths, schools, study.standard, study.definition.language)
    faults, frame, pieces = list(read.faults), read.frame, {}
    if study.standard is not None and len(frame):
        evaluation = evaluate_schools(frame, study.standard)
        frame = evaluation.schools
        pieces["school_indicators"] = evaluation.indicators.to_frame()
        if isinstance(evaluation.variation, NotComputed):
            faults.append(evaluation.variation.fault(Place(read.file)))
        else:
            pieces["county_cv"] = evaluation.variation.to_frame()
    write_pieces(wave_folder(study, wave), {**pieces, "schools": frame})
    readings = (read.cells, read.quarantine, read.repaired)
    write_pieces(work_folder(study, f"schools-{wave}"), dict(zip(READING, readings, strict=True)))
    return placed(study, list(paths.values()), faults)
