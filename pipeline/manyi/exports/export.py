"""An export from asking to files: what is stale of cleaning first, then the files."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from manyi.exports.asked import Asked
from manyi.stages.exporting import export_folder, export_stages, foreign_files, stages_before
from manyi.stages.manifest import open_manifest
from manyi.stages.pipeline import roles_without_answers, stages_of
from manyi.stages.runner import run_stages
from manyi.stages.stage import StageOutcome
from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault, ManyiError, Place, StudyFaulty


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of an export.

    Parameters
    ----------
    state : str
        ``done``, ``reused``, ``failed`` or ``left_out``, as of a stage.
    files : tuple of Path
        Empty where it failed.
    faults : tuple of Fault
        Of the export: who could be told from the files; of earlier steps only where one failed.
    """

    state: str
    files: tuple[Path, ...]
    faults: tuple[Fault, ...]


def export_answers(
    study: StudyFolder,
    form: str,
    target: Path | None = None,
    roles: Sequence[str] = (),
    all_rows: bool = False,
    with_text: bool = False,
    language: str | None = None,
) -> Exported:
    """Write the answers of a study in one format.

    Parameters
    ----------
    study : StudyFolder
    form : str
        One of `manyi.exports.formats.FORMATS`.
    target : Path, optional
        Folder of the files; default ``results/export/<format>``.
    roles : sequence of str
        Empty for all that have answers.
    all_rows : bool
        Every submission received, not only those kept for analysis.
    with_text : bool
        Open answers and keys of persons too.
    language : str, optional
        Of labels; default the study's.

    Raises
    ------
    StudyFaulty
        ``unknown-role``; ``no-answers`` where no role asked for has any.
    ManyiError
        ``export-file-in-the-way``: the folder named holds a file of that name which no export made.
    """
    folder = export_folder(study, form, target)
    chosen = _roles(study, roles)
    asked = Asked(form, chosen, folder, language or study.definition.language, all_rows, with_text)
    stages, manifest = export_stages(study, asked), open_manifest(study)
    in_the_way = foreign_files(study, stages, manifest) if target is not None else ()
    if in_the_way:
        raise ManyiError(in_the_way)
    before = stages_before(study, stages_of(study), chosen)
    outcomes = run_stages([*before, *stages], manifest)
    failed = [fault for one in outcomes[: len(before)] if one.state == "failed" for fault in one.faults]
    made = outcomes[len(before) :]
    files = [path for one, stage in zip(made, stages, strict=True) if _made(one) for path in stage.outputs]
    there = [path for path in files if path.is_file()]
    states = [one.state for one in made]
    state = next(one for one in ("failed", "left_out", "done", "reused") if one in states)
    told = [fault for one in made for fault in one.faults]
    return Exported(state, tuple(dict.fromkeys(there)), (*failed, *told))


def _made(outcome: StageOutcome) -> bool:
    return outcome.state in ("done", "reused")


def _roles(study: StudyFolder, roles: Sequence[str]) -> tuple[str, ...]:
    unknown = [role for role in roles if role not in study.definition.roles]
    if unknown:
        known = ", ".join(study.definition.roles)
        place = Place(str(study.study_file))
        raise StudyFaulty([Fault("unknown-role", place, {"role": role, "roles": known}) for role in unknown])
    chosen = [role for role in study.questionnaires if not roles or role in roles]
    lacking = [role for role in chosen if not study.has_answers(role)]
    if len(lacking) == len(chosen):
        wanted = {str(study.answers_folder(role)) for role in lacking or roles}
        raise StudyFaulty(
            [fault for fault in roles_without_answers(study) if not wanted or fault.place.file in wanted]
        )
    return tuple(role for role in chosen if role not in lacking)
