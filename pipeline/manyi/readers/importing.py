"""Importing the answers of one role: all its files, each read once, every row and cell accounted for."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from manyi.readers.decoding.account import QUARANTINE
from manyi.readers.decoding.decode import ABOUT, Decoded, decode, question_columns
from manyi.readers.decoding.submission import repaired_codes
from manyi.readers.matching.match import Matching, match
from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.source import SourceTable
from manyi.readers.platforms.wenjuanxing_twin import learn_numbers
from manyi.readers.tables.raw_table import read_table
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import AnswersFaulty, Fault, FileUnreadable, ManyiError, Place

# Fewer cells may agree by chance.
_FEWEST_CELLS = 200


@dataclass(frozen=True, slots=True)
class Imported:
    """The coded answers of one role and the account of how they came about.

    Attributes
    ----------
    answers : DataFrame
        Coded answers of all files, see ``Decoded.answers``; the columns do not depend on the files.
    quarantine : DataFrame
        Cells and rows set aside, with reasons.
    cells : DataFrame
        The account, one row a file that was imported (``import_cells``).
    repaired_codes : DataFrame
        School codes that had become numbers.
    files : DataFrame
        One row a file given: ``file, sha256, source, style, evidence, encoding, rows, used``.
    matchings : tuple of (str, Matching)
        Which column was read as which question, by file.
    faults : tuple of Fault
        Warnings, and as errors the files that could not be read while others could.
    """

    answers: pd.DataFrame
    quarantine: pd.DataFrame
    cells: pd.DataFrame
    repaired_codes: pd.DataFrame
    files: pd.DataFrame
    matchings: tuple[tuple[str, Matching], ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    source: SourceTable
    matching: Matching
    decoded: Decoded


def import_answers(
    paths: Iterable[Path | str],
    questionnaire: Questionnaire,
    role: Role,
    role_id: str,
    source: str | Mapping[Path, str] = "auto",
    language: str = "zh",
) -> Imported:
    """Import the files of one role.

    A file that is identical to an earlier one, or holds the same answers in another form (问卷星 by text and
    by number), adds nothing; ``faults`` says so. Of two forms the one with wordings is kept: it alone has the
    free text beside answers.

    Parameters
    ----------
    paths : iterable of Path or str
        In the order in which they are to be read.
    questionnaire : Questionnaire
        What was asked.
    role : Role
        Columns that are not questions, and the rule of the stage.
    role_id : str
        Stands in the column ``role`` of quarantine and account.
    source : {"auto", "wenjuanxing", "table"} or Mapping
        Platform of the files, or of each by its path.
    language : str
        Of the reasons in the quarantine.

    Returns
    -------
    Imported
        If one file of several cannot be read or matched, its faults stand in ``faults`` and the others are
        imported.

    Raises
    ------
    FileUnreadable, AnswersFaulty
        If no file can be imported; with the faults of all.
    """
    listed = [Path(path) for path in paths]
    names = _names(listed)
    by_digest: dict[str, str] = {}
    read: list[_File] = []
    about: list[dict[str, object]] = []
    faults: list[Fault] = []
    errors: list[ManyiError] = []
    for path, name in zip(listed, names, strict=True):
        try:
            raw = read_table(path)
            about.append(
                {"file": name, "sha256": raw.sha256, "encoding": raw.encoding, "rows": len(raw.cells)}
            )
            if raw.sha256 in by_digest:
                details = {"file": name, "other": by_digest[raw.sha256]}
                faults.append(Fault("same-file", Place(file=name), details, "warning"))
                about[-1]["used"] = False
                continue
            table = read_source(raw, source if isinstance(source, str) else source.get(path, "auto"))
            matching = match(table, questionnaire, role)
            decoded = decode(table, matching, questionnaire, role, name, role_id, language)
        except (FileUnreadable, AnswersFaulty) as error:
            errors.append(error)
            continue
        by_digest[raw.sha256] = name
        read.append(_File(name, table, matching, decoded))
    if errors and not read:
        raise type(errors[0])([fault for error in errors for fault in error.faults])
    faults.extend(fault for error in errors for fault in error.faults)
    used, repeated = _without_repeats(read, questionnaire)
    faults.extend(repeated)
    faults.extend(fault for file in used for fault in (*file.matching.faults, *file.decoded.faults))
    return Imported(
        answers=_stack([file.decoded.answers for file in used], [*ABOUT, *question_columns(questionnaire)]),
        quarantine=_stack([file.decoded.quarantine for file in used], QUARANTINE),
        cells=_stack([file.decoded.cells for file in used], ("role", "file")),
        repaired_codes=_stack(
            [file.decoded.repaired_codes for file in used], repaired_codes({}, "", "").columns.tolist()
        ),
        files=_files(about, read, {file.name for file in used}),
        matchings=tuple((file.name, file.matching) for file in used),
        faults=tuple(faults),
    )


def _names(paths: Sequence[Path]) -> list[str]:
    """Return a name for every path: the file's, with its folder where two files are called alike."""
    counts = Counter(path.name for path in paths)
    return [path.name if counts[path.name] == 1 else f"{path.parent.name}/{path.name}" for path in paths]


def _without_repeats(read: Sequence[_File], questionnaire: Questionnaire) -> tuple[list[_File], list[Fault]]:
    """Leave out files that hold the answers of another file: a proven twin, or equal row by row."""
    compared = [name for name in question_columns(questionnaire) if not name.endswith("__text")]
    texts = [file for file in read if file.source.style == "text"]
    kept: dict[str, _File] = {}
    faults = []
    for file in read:
        original = next((text for text in texts if learn_numbers(text.source, file.source) is not None), None)
        answers = file.decoded.answers[["row", "person", "school", "submitted", *compared]]
        key = file.name
        if original is None and len(read) > 1 and answers.size >= _FEWEST_CELLS:
            hashes = pd.util.hash_pandas_object(answers, index=False)
            key = hashlib.sha256(hashes.to_numpy().tobytes()).hexdigest()
            original = kept.get(key)
        if original is None:
            kept[key] = file
            continue
        details = {"file": file.name, "other": original.name, "n": str(len(answers))}
        faults.append(Fault("same-answers", Place(file=file.name), details, "warning"))
    return list(kept.values()), faults


def _stack(frames: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if filled:
        return pd.concat(filled, ignore_index=True)
    return frames[0].reset_index(drop=True) if frames else pd.DataFrame(columns=list(columns))


def _files(about: Sequence[dict[str, object]], read: Sequence[_File], used: set[str]) -> pd.DataFrame:
    found = {file.name: file for file in read}
    records = []
    for record in about:
        file = found.get(str(record["file"]))
        source = {
            "source": file.source.source if file else "",
            "style": file.source.style if file else "",
            "evidence": "; ".join(file.source.evidence) if file else "",
            "used": record.get("used", record["file"] in used),
        }
        records.append({**record, **source})
    columns = ("file", "sha256", "encoding", "rows", "source", "style", "evidence", "used")
    return pd.DataFrame(records, columns=pd.Index(columns))
