"""The stages of one export: made when it is asked for, again only when something it depends on changed."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from manyi.exports.asked import Asked
from manyi.exports.formats import FORMATS, files_of, numbers_of_factors
from manyi.stages.manifest import Manifest
from manyi.stages.stage import Stage
from manyi.stages.weighting import weights_file
from manyi.stages.work import clean_folder, coded_file, school_inputs
from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault, Place


def export_stages(study: StudyFolder, asked: Asked) -> tuple[Stage, ...]:
    """Return the stages that write one export: one a role, or one where the files belong together.

    As of every output, a file that a person edited is set aside before it is written anew.

    Parameters
    ----------
    study : StudyFolder
    asked : Asked
    """
    if FORMATS[asked.format].whole:
        return (_export_stage(study, asked, asked.format),)
    each = [replace(asked, roles=(role,)) for role in asked.roles]
    return tuple(_export_stage(study, one, f"{asked.format}:{one.roles[0]}") for one in each)


def foreign_files(study: StudyFolder, stages: Sequence[Stage], manifest: Manifest) -> tuple[Fault, ...]:
    """Return a fault for each file in the way that no export made: it is never overwritten."""
    made = {
        key
        for stage in stages
        if (entry := manifest.entries.get(stage.name)) is not None
        for key in entry.outputs
    }
    return tuple(
        Fault("export-file-in-the-way", Place(str(path)), {"path": path})
        for stage in stages
        for path in stage.outputs
        if path.exists() and not made & set(manifest.hashes((path,)))
    )


def _export_stage(study: StudyFolder, asked: Asked, name: str) -> Stage:
    definition = study.definition
    inputs = [study.study_file]
    for role in asked.roles:
        inputs += [coded_file(study, role), clean_folder(study, role), study.questionnaire_file(role)]
        inputs += school_inputs(study, role)
        if role in definition.weights:
            inputs.append(weights_file(study, role))
    return Stage(
        # Of each folder an entry of its own, so that what was edited in one is still known after another.
        name=f"export:{name}{_elsewhere(study, asked)}",
        run=partial(_export, study, asked),
        inputs=tuple(dict.fromkeys(inputs)),
        outputs=files_of(study, asked),
        parameters={
            "roles": list(asked.roles),
            "language": asked.language,
            "all_rows": asked.all_rows,
            "with_text": asked.with_text,
            "factors": numbers_of_factors(study) if asked.format == "r" else {},
        },
        after=tuple(f"clean:{role}" for role in asked.roles),
        intermediate=False,
    )


def stages_before(study: StudyFolder, stages: Sequence[Stage], roles: Sequence[str]) -> list[Stage]:
    """Return the stages of the study that an export of these roles reads from."""
    needed = {f"{step}:{role}" for role in roles for step in ("import", "clean", "weigh")}
    return [stage for stage in stages if stage.name in needed or stage.name.startswith("schools")]


def _elsewhere(study: StudyFolder, asked: Asked) -> str:
    """Return what tells an export to a folder of the user's from that to the usual one.

    A folder outside of the study is told from others by a digest: no manifest holds a folder of the machine.
    """
    if asked.folder == export_folder(study, asked.format):
        return ""
    if asked.folder.is_relative_to(study.path):
        return f"@{asked.folder.relative_to(study.path).as_posix()}"
    outside, root = asked.folder.resolve(), study.path.resolve()
    # From the study on, so that it is the same for a study beside its exports on another machine.
    same_drive = outside.anchor == root.anchor
    way = Path(os.path.relpath(outside, root)) if same_drive else outside
    return f"@outside-{hashlib.sha256(way.as_posix().encode()).hexdigest()[:16]}"


def export_folder(study: StudyFolder, form: str, target: Path | None = None) -> Path:
    """Return where an export goes: the folder named, else the usual one.

    A folder of the study is named from `study` on, however the target was written.
    """
    if target is None:
        return study.results / "export" / form
    folder, root = target.resolve(), study.path.resolve()
    return study.path / folder.relative_to(root) if folder.is_relative_to(root) else target.absolute()


def _export(study: StudyFolder, asked: Asked) -> tuple[Fault, ...]:
    """Write the files and tell who could be told from them."""
    told = FORMATS[asked.format].write(study, asked)
    faults = []
    for role, found in told.items():
        place = Place(str(asked.folder))
        named = (*found.texts, *found.keys)
        if named:
            held: dict[str, object] = {"role": role, "columns": ", ".join(named)}
            faults.append(Fault("export-with-text", place, held, "warning"))
        if found.together:
            details: dict[str, object] = {
                "role": role,
                "columns": ", ".join(found.together),
                "n": found.singled_out,
                "rows": found.rows,
                "left_out": ", ".join(found.left_out) or "–",
            }
            faults.append(Fault("export-singles-out", place, details, "warning"))
    return tuple(faults)
