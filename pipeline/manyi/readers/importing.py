"""Importing the answers of one role: all its files, each read once, every row and cell accounted for."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
import pandas as pd

from manyi.readers.answer_file import AnswerFile, Reading
from manyi.readers.decoding.about import ABOUT
from manyi.readers.decoding.account import QUARANTINE, require_balance
from manyi.readers.decoding.code_cells import concealed
from manyi.readers.decoding.decode import question_columns
from manyi.readers.decoding.submission import repaired_codes
from manyi.readers.direction import direction_faults
from manyi.readers.double_entry import compare_entries
from manyi.readers.matching.keeping import keep_proposals
from manyi.readers.matching.match import Matching, nothing_matched
from manyi.readers.matching.matched import MATCHING
from manyi.readers.platforms.own_server import OWN_SERVER
from manyi.readers.repeats import find_repeats
from manyi.readers.structures.find import refuse_structure
from manyi.readers.tables.entry_workbook import answer_tables
from manyi.readers.tables.raw_table import RawTable
from manyi.study.definition import Role
from manyi.study.places import names_of
from manyi.study.row_shares import RowShare, own_share
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import AnswersFaulty, Fault, FileUnreadable, ManyiError, Place

#: What a file is known by, and what was found in it: one row a file given.
FILES = (
    *("file", "sha256", "size", "encoding", "rows", "source", "style", "structure", "evidence"),
    *("used", "same_as"),
)


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
        One row a file given: ``FILES``.
    matchings : tuple of (str, Matching)
        Which column was read as which question, by file.
    disagreements : DataFrame
        Cells in which two entries of one paper questionnaire differ: ``double_entry.DISAGREEMENTS``.
    faults : tuple of Fault
        Warnings, and as errors the files that could not be read while others could.
    """

    answers: pd.DataFrame
    quarantine: pd.DataFrame
    cells: pd.DataFrame
    repaired_codes: pd.DataFrame
    files: pd.DataFrame
    matchings: tuple[tuple[str, Matching], ...]
    disagreements: pd.DataFrame
    faults: tuple[Fault, ...]

    def matching(self) -> pd.DataFrame:
        """Return how every question was found in every file: ``file, item, column, how, score``."""
        frames = [matching.to_frame().assign(file=name) for name, matching in self.matchings]
        columns = ["file", *MATCHING]
        return _stack(frames, columns)[columns]


def import_answers(
    paths: Iterable[Path | str],
    questionnaire: Questionnaire,
    role: Role,
    role_id: str,
    source: str | Mapping[Path, str] = "auto",
    language: str = "zh",
    structures: Sequence[Path] = (),
    mappings: Mapping[Path, Path] | None = None,
    code_key: bytes | None = None,
    share: RowShare | None = None,
    stored: Sequence[RawTable] = (),
) -> Imported:
    """Import the files of one role.

    A file that is identical to an earlier one, or holds the same answers in another form (问卷星 by text and
    by number), adds nothing; ``faults`` says so. Of two forms the one with wordings is kept: it alone has the
    free text beside answers. Of a later, longer export of the same survey only the new rows are added, see
    `find_repeats`; the others stand in the quarantine.

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
    source : str or Mapping
        Platform of the files as ``detect.SOURCES`` names it, or of each by its path.
    language : str
        Of the reasons in the quarantine.
    structures : sequence of Path
        Folders of structure files, or such files: the one that fits a file gives its labels.
    mappings : Mapping, optional
        File of answers -> its mapping file: what a person decided is read from it, what is proposed is
        written into it.
    code_key : bytes, optional
        Of the hashes that are stored in place of self-generated codes; to find persons again it must be the
        same for both occasions. Without it a key is made that nobody keeps.
    share : RowShare, optional
        Which rows are the role's own, where its files hold rows of several; default what ``role.rows`` says
        by itself, all other rows being nobody's.
    stored : sequence of RawTable
        Tables of the study's own store. What ``role`` says of columns and rows is of files, not of them.

    Returns
    -------
    Imported
        If one file of several cannot be read or matched, its faults stand in ``faults`` and the others are
        imported.

    Raises
    ------
    FileUnreadable, AnswersFaulty
        If no file can be imported; with the faults of all.
    AccountUnbalancedError
        If a row or a cell was lost on the way: a mistake of the program.
    """
    listed = [Path(path) for path in paths]
    names = names_of(listed)
    reading = Reading(
        questionnaire, role, role_id, language, tuple(structures), mappings or {}, share or own_share(role)
    )
    by_digest: dict[str, str] = {}
    read: list[AnswerFile] = []
    about: list[dict[str, object]] = []
    faults: list[Fault] = []
    errors: list[ManyiError] = []
    collected = [(table.path, table.path.name, table) for table in stored]
    for path, name, raw in chain(_tables(zip(listed, names, strict=True), errors), collected):
        try:
            known = {"sha256": raw.sha256, "size": raw.size, "encoding": raw.encoding, "rows": len(raw.cells)}
            about.append({"file": name, **known})
            content = f"{raw.sha256}{raw.sheet}"
            if content in by_digest:
                details = {"file": name, "other": by_digest[content]}
                faults.append(Fault("same-file", Place(file=name), details, "warning"))
                about[-1]["same_as"] = by_digest[content]
                continue
            if raw.numbers is not None:
                file = reading.of_store().file(raw, name, OWN_SERVER.name)
            else:
                told = source if isinstance(source, str) else source.get(path, "auto")
                file = reading.file(raw, name, told)
            # A platform may have more heading rows than one.
            about[-1]["rows"] = len(file.source.raw.cells)
            waiting = keep_proposals(file, questionnaire, language)
            if not file.matching.matches:
                raise AnswersFaulty((nothing_matched(file.source, questionnaire), *waiting))
            faults.extend(waiting)
        except (FileUnreadable, AnswersFaulty) as error:
            errors.append(error)
            continue
        by_digest[content] = name
        read.append(file)
    if errors and not read:
        raise type(errors[0])([fault for error in errors for fault in error.faults])
    faults.extend(fault for error in errors for fault in error.faults)
    if reading.share is not None and not any(len(file.decoded.answers) for file in read):
        faults.append(_nothing_own(reading.share, role_id, read))
        raise AnswersFaulty([fault for fault in faults if fault.severity == "error"])
    entries = compare_entries({file.name: file.source for file in read}, role_id, questionnaire.code_item)
    faults.extend(entries.faults)
    read = [
        reading.again(file, entries.changed[file.name]) if file.name in entries.changed else file
        for file in read
    ]
    repeats = find_repeats(read, questionnaire)
    faults.extend(repeats.faults)
    used = [
        reading.without(file, repeats.rows[file.name]) if file.name in repeats.rows else file
        for file in read
        if file.name not in repeats.left_out
    ]
    faults.extend(fault for file in used for fault in (*file.matching.faults, *file.decoded.faults))
    faults.extend(direction_faults({file.name: file.decoded.answers for file in used}, questionnaire))
    cells = _stack([file.decoded.cells for file in used], ("role", "file"))
    if len(cells):
        require_balance(cells)
    answers = _stack([file.decoded.answers for file in used], [*ABOUT, *question_columns(questionnaire)])
    return Imported(
        answers=_without_codes(_without_addresses(answers), questionnaire, code_key),
        quarantine=_stack([file.decoded.quarantine for file in used], QUARANTINE),
        cells=cells,
        repaired_codes=_stack(
            [file.decoded.repaired_codes for file in used], repaired_codes({}, "", "").columns.tolist()
        ),
        files=_files(about, read, repeats.left_out),
        disagreements=entries.disagreements,
        matchings=tuple((file.name, file.matching) for file in used),
        faults=tuple(faults),
    )


def _tables(
    files: Iterable[tuple[Path, str]], errors: list[ManyiError]
) -> Iterator[tuple[Path, str, RawTable]]:
    """Yield every table of every file with its name; a file that cannot be read is told in ``errors``."""
    for path, name in files:
        try:
            refuse_structure(path)
            tables = answer_tables(path)
        except (FileUnreadable, AnswersFaulty) as error:
            errors.append(error)
            continue
        yield from ((path, f"{name}{behind}", raw) for behind, raw in tables.items())


def _nothing_own(share: RowShare, role_id: str, read: Sequence[AnswerFile]) -> Fault:
    """Return the fault of files of which no row is the role's own."""
    details = {"role": role_id, "column": share.column, "values": "、".join(share.own)}
    return Fault("rows-none-own", Place(file=read[0].name, field=share.column), details)


def _without_addresses(answers: pd.DataFrame) -> pd.DataFrame:
    """Put a code of 16 hexadecimal digits for every address, from SipHash with a key of all addresses.

    Equal addresses have equal codes within one import of a role. A hash without a key would hide nothing: the
    addresses of IPv4 can all be tried. The key can be made only by who holds the raw files.
    """
    addresses = answers["device"]
    known = addresses.notna().to_numpy(dtype=bool) if len(answers) else np.zeros(0, dtype=bool)
    if not known.any():
        return answers
    codes, different = pd.factorize(addresses[known])
    key = hashlib.sha256("\n".join(sorted(different)).encode("utf-8")).hexdigest()[:16]
    hashes = pd.util.hash_array(different.to_numpy(dtype=object), hash_key=key, categorize=False)
    digests = np.array([f"{number:016x}" for number in hashes.tolist()], dtype=object)
    device = np.full(len(answers), pd.NA, dtype=object)
    device[known] = digests[codes]
    return answers.assign(device=pd.Series(device, index=answers.index, dtype="string"))


def _without_codes(answers: pd.DataFrame, questionnaire: Questionnaire, key: bytes | None) -> pd.DataFrame:
    """Put a hash for every self-generated code."""
    item = questionnaire.code_item
    if item is None or item.id not in answers:
        return answers
    hashed = concealed(answers[item.id].astype("string"), key or secrets.token_bytes(32))
    return answers.assign(**{item.id: hashed})


def _stack(frames: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    if filled:
        return pd.concat(filled, ignore_index=True)
    return frames[0].reset_index(drop=True) if frames else pd.DataFrame(columns=list(columns))


def _files(
    about: Sequence[dict[str, object]], read: Sequence[AnswerFile], left_out: Mapping[str, str]
) -> pd.DataFrame:
    found = {file.name: file for file in read}
    records = []
    for known in about:
        name = str(known["file"])
        file = found.get(name)
        record = {
            "source": file.source.source if file else "",
            "style": file.source.style if file else "",
            "structure": file.source.structure if file else "",
            "evidence": "; ".join(file.source.evidence) if file else "",
            "used": file is not None and name not in left_out,
            "same_as": left_out.get(name, ""),
        }
        records.append({**record, **known})
    return pd.DataFrame(records, columns=pd.Index(FILES))
