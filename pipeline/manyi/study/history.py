"""Copies of the definitions that forms were made from, and answers given to one that is unlike today's."""

import os
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from manyi.stages.work import coded_file
from manyi.study.folder import StudyFolder
from manyi_instruments.changes import Change, compare_definitions
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault, ManyiError, Place


def history_folder(study: StudyFolder) -> Path:
    """Return the folder of kept definitions."""
    return study.path / "instruments" / "history"


def keep_definition(study: StudyFolder, role: str) -> Path:
    """Keep an exact copy of a role's questionnaire and return its path.

    The copy is named after the definition's hash, is written once and is never changed: a file that is there
    already stays as it is. It is there whole or not at all, even where the machine stops meanwhile.

    Raises
    ------
    DefinitionFaulty
        Where the questionnaire has faults.
    """
    source = study.questionnaire_file(role)
    content = source.read_bytes()
    questionnaire = load_questionnaire(content.decode("utf-8-sig"), str(source))
    folder = history_folder(study)
    path = folder / f"{questionnaire.questionnaire}-{definition_hash(questionnaire)}.yaml"
    if path.is_file():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with new.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    # Two commands may keep the same definition at once: the first copy stays.
    with suppress(FileExistsError):
        path.hardlink_to(new)
    new.unlink()
    return path


def kept_definitions(study: StudyFolder, questionnaire: Questionnaire) -> dict[str, Path]:
    """Return hash -> path of the kept definitions of a questionnaire, without today's."""
    name, today = questionnaire.questionnaire, definition_hash(questionnaire)
    found = {
        path.stem.removeprefix(f"{name}-"): path
        for path in sorted(history_folder(study).glob(f"{name}-*.yaml"))
    }
    return {text: path for text, path in found.items() if len(text) == len(today) and text != today}


def unsafe_changes(path: Path, text: str, questionnaire: Questionnaire) -> tuple[Change, ...]:
    """Return the edits since a kept definition under which questions would need new names.

    Raises
    ------
    ManyiError
        ``history-damaged`` where the file cannot be read or is not the definition of that hash.
    """
    damaged = ManyiError(Fault("history-damaged", Place(str(path)), severity="warning"))
    try:
        kept = load_questionnaire(path)
    except ManyiError as error:
        raise damaged from error
    if definition_hash(kept) != text:
        raise damaged
    return tuple(change for change in compare_definitions(kept, questionnaire) if change.unsafe)


def history_faults(study: StudyFolder) -> Iterator[Fault]:
    """Yield a warning for each kept definition that answers were given to and that today's is unlike.

    Only where a study has kept definitions are its answers looked into, and only the column of their hashes.
    """
    for role, questionnaire in study.questionnaires.items():
        kept = kept_definitions(study, questionnaire)
        if not kept:
            continue
        counts = _answers_by_definition(coded_file(study, role))
        for text, path in kept.items():
            if not counts[text]:
                continue
            try:
                unsafe = unsafe_changes(path, text, questionnaire)
            except ManyiError as error:
                yield from error.faults
                continue
            if unsafe:
                yield _unsafe(role, text, counts[text], path, unsafe)


def _unsafe(role: str, text: str, n: int, path: Path, unsafe: tuple[Change, ...]) -> Fault:
    items = dict.fromkeys(item for change in unsafe for item in change.items)
    details = {
        "role": role,
        "n": n,
        "hash": text,
        "items": ", ".join(items) or "–",
        "kinds": ", ".join(dict.fromkeys(change.kind for change in unsafe)),
    }
    return Fault("answers-of-unsafe-definition", Place(str(path)), details, "warning")


def _answers_by_definition(coded: Path) -> Counter[str]:
    """Return how many imported answers were given to each definition."""
    if not coded.is_file():
        return Counter()
    import pyarrow.parquet as parquet

    if "definition" not in parquet.read_schema(coded).names:
        return Counter()
    column = parquet.read_table(coded, columns=["definition"]).column("definition")
    counts = column.value_counts().to_pylist()
    return Counter({one["values"]: one["counts"] for one in counts if one["values"] is not None})
