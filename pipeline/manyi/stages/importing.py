"""The import stage: a role's answer files to coded answers, every row and cell accounted for."""

import secrets
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from manyi.readers.matching.mapping_file import read_mapping
from manyi.stages.stage import Stage
from manyi.stages.work import coded_file, work_folder
from manyi.study.folder import StudyFolder
from manyi.study.places import placed, placing
from manyi.study.row_shares import row_share
from manyi_instruments.faults import AnswersFaulty, Fault, Place

if TYPE_CHECKING:
    from manyi.readers.answer_file import Reading


def import_stage(study: StudyFolder, role: str) -> Stage:
    """Return the stage that reads a role's answer files."""
    files = study.answer_files(role)
    mappings = tuple(study.mapping_file(role, path) for path in files)
    coded = study.questionnaires[role].code_item is not None
    share = row_share(study, role)
    key = (study.code_key_file,) if coded else ()
    stored = study.collected.get(role)
    return Stage(
        name=f"import:{role}",
        run=partial(_import, study, role),
        inputs=(*files, study.questionnaire_file(role), *study.structure_files(), *mappings, *key),
        outputs=(coded_file(study, role), work_folder(study, f"import-{role}")),
        parameters={
            "role": study.definition.roles[role].model_dump(mode="json"),
            "sources": {path.name: study.source_of(path) for path in files},
            "language": study.definition.language,
            "decided": {path.name: read_mapping(path).decided() for path in mappings},
            "share": None if share is None else asdict(share),
            "store": None if stored is None else [stored, *_of_store(study)],
        },
        kept=(*mappings, *key),
    )


def reading_of(study: StudyFolder, role: str) -> "Reading":
    """Return how a role's answer files are read, one by one: as the stage reads them together."""
    from manyi.readers.answer_file import Reading

    return Reading(
        study.questionnaires[role],
        study.definition.roles[role],
        role,
        study.definition.language,
        structures=study.structure_files(),
        mappings={path: study.mapping_file(role, path) for path in study.answer_files(role)},
        share=row_share(study, role),
    )


def _of_store(study: StudyFolder) -> tuple[str, ...]:
    """Return what decides how the rows of the store are read."""
    plan = study.definition.collection
    return (plan.utc_offset, *plan.definitions)


def _code_key(study: StudyFolder) -> bytes:
    """Return the key of the hashes of self-generated codes, made on first need.

    Two imports may look at once: the file is written beside and then linked, whole or not at all.
    """
    path = study.code_key_file
    if not path.is_file():
        new = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        new.parent.mkdir(parents=True, exist_ok=True)
        new.touch(mode=0o600)
        new.write_text(secrets.token_hex(32) + "\n", encoding="utf-8")
        with suppress(FileExistsError):
            path.hardlink_to(new)
        new.unlink()
    return path.read_text(encoding="utf-8").strip().encode("utf-8")


def _import(study: StudyFolder, role: str) -> tuple[Fault, ...]:
    from manyi.collect.reading import stored_tables
    from manyi.readers.importing import import_answers
    from manyi.stages.tables import write_answers, write_pieces

    files = study.answer_files(role)
    stored = stored_tables(study, role)
    if not files and not stored:
        details = {"role": role, "folder": study.answers_folder(role)}
        raise AnswersFaulty(Fault("no-answers", Place(str(study.answers_folder(role))), details))
    known = (*files, *(table.path for table in stored))
    with placing(study, known):
        imported = import_answers(
            files,
            study.questionnaires[role],
            study.definition.roles[role],
            role,
            source={path: study.source_of(path) for path in files},
            language=study.definition.language,
            structures=study.structure_files(),
            mappings={path: study.mapping_file(role, path) for path in files},
            code_key=_code_key(study) if study.questionnaires[role].code_item is not None else None,
            share=row_share(study, role),
            stored=stored,
        )
    write_answers(imported.answers, coded_file(study, role))
    pieces = {
        "import_cells": imported.cells,
        "quarantine": imported.quarantine,
        "repaired_codes": imported.repaired_codes,
        "import_files": imported.files.assign(role=role),
        "matching": imported.matching().assign(role=role),
        "entry_disagreements": imported.disagreements,
    }
    write_pieces(work_folder(study, f"import-{role}"), pieces)
    return placed(study, known, imported.faults)
