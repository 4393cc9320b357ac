"""One row of a raw file as it stands, and what became of every cell of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.collect.opening import store_address
from manyi.collect.reading import store_name, stored_tables
from manyi.stages.importing import reading_of
from manyi.stages.manifest import file_hash
from manyi.stages.tables import read_pieces
from manyi.stages.work import clean_folder, coded_file, work_folder
from manyi.study.folder import StudyFolder
from manyi.study.places import names_of
from manyi_instruments.faults import AnswersFaulty, Fault, FileUnreadable, Place, StudyFaulty

if TYPE_CHECKING:
    import pandas as pd

    from manyi.readers.answer_file import AnswerFile
    from manyi.readers.tables.raw_table import RawTable

#: As `manyi.readers.platforms.own_server` is named; loading a reader loads pandas.
OWN_SERVER = "manyi"
_ABOUT = ("school", "person", "submitted", "seconds", "submission", "device", "definition")


@dataclass(frozen=True, slots=True)
class RawCell:
    """One cell of a raw file and what became of it.

    Attributes
    ----------
    column : str
        Heading; a heading that repeats carries its number.
    cell : str
        The text as it stands in the file.
    item : str
        The question that took it, or ``school``, ``person`` …; empty where none did.
    how : str
        By what the column was matched; empty for columns that are no question.
    fate : str
        ``kept``, ``recoded``, ``missing``, ``rejected``; ``about`` for school, person, time; ``metadata`` for
        the platform's own columns; ``unread`` for a column no question takes; ``row_aside`` where the whole
        row was set aside; ``file_unused`` where the file was not used.
    kind : str
        Kind of missing answer.
    stored : Mapping
        Column of the coded answers -> value stored; empty where nothing was.
    code, reason : str
        Why it was rejected.
    """

    column: str
    cell: str
    item: str = ""
    how: str = ""
    fate: str = "unread"
    kind: str = ""
    stored: Mapping[str, object] = field(default_factory=dict)
    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row of a raw file.

    Attributes
    ----------
    role, file, row
        Where it stands; ``row`` as a spreadsheet counts.
    sha256 : str
        Digest of the file, that of the import.
    cells : tuple of RawCell
        In the order of the file.
    set_aside : tuple of (str, str)
        Code and reason where the whole row was set aside.
    flags : tuple of str
        Cleaning rules that flag the row.
    kept : bool or None
        Whether it enters the analysis; None before cleaning, or where the row was set aside.
    """

    role: str
    file: str
    row: int
    sha256: str
    cells: tuple[RawCell, ...]
    set_aside: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()
    kept: bool | None = None

    def to_frame(self) -> "pd.DataFrame":
        """Return a row a cell; ``stored`` as text."""
        import pandas as pd

        records = [{**asdict(cell), "stored": _text(cell.stored)} for cell in self.cells]
        return pd.DataFrame(records, columns=list(RawCell.__slots__))


def raw_row(study: StudyFolder, role: str, file: str, row: int, item: str | None = None) -> RawRow:
    """Read one row of a raw file again and tell what became of it.

    Parameters
    ----------
    study : StudyFolder
        A study whose role was imported.
    role : str
        The role.
    file : str
        As the column ``file`` of answers and quarantine names it.
    row : int
        As a spreadsheet counts, headings being row 1.
    item : str, optional
        Only the cells of this question.

    Raises
    ------
    StudyFaulty
        ``unknown-role``, ``not-imported``, ``raw-file-unknown``, ``raw-item-unknown``.
    FileUnreadable
        ``raw-file-changed``: the file is not the one that was imported; ``raw-row-unknown``; and whatever
        keeps a file from being read.
    """
    pieces = _import_of(study, role)
    path, known = _file(study, role, file, pieces["import_files"])
    stored = next((table for table in stored_tables(study, role) if table.path.name == file), None)
    sha256 = stored.sha256 if stored is not None else file_hash(path)
    place = Place(file=file, row=row)
    if sha256 != known["sha256"]:
        details = {"file": file, "then": str(known["sha256"])[:12], "now": sha256[:12]}
        raise FileUnreadable(Fault("raw-file-changed", place, details))
    if stored is None:
        found, raw = _read(study, role, path, file, row)
    else:
        found, raw = reading_of(study, role).of_store().file(stored, file, OWN_SERVER, row), stored
    if not raw.has_row(row):
        last = raw.first_data_row + len(raw.cells) - 1
        asked = {"file": file, "row": row, "first": raw.first_data_row, "last": last}
        raise FileUnreadable(Fault("raw-row-unknown", place, asked))
    quarantine = pieces["quarantine"]
    own = quarantine[(quarantine["file"] == file) & (quarantine["row"] == row)]
    whole = own[(own["item"] == "") & (own["column"] == "")]
    aside = tuple(zip(whole["code"].tolist(), whole["reason"].tolist(), strict=True))
    if found is not None:
        other = next((name for name, rows in found.decoded.elsewhere.items() if row in rows), None)
        if other is not None:
            fault = Fault("row-elsewhere", details={"role": other})
            aside = ((fault.code, fault.what(study.definition.language)),)
    used = bool(known["used"])
    coded = _stored(study, role, file, row) if used and not aside else {}
    if found is None:
        cells = tuple(RawCell(name, raw.cell(row, name)) for name in map(str, raw.cells.columns))
    else:
        fate = "file_unused" if not used else "row_aside" if aside else ""
        held = own[own["code"] == "entries-disagree"]
        told = zip(held["column"], zip(held["code"], held["reason"], strict=True), strict=True)
        cells = tuple(_cells(study, found, row, coded, fate, dict(told)))
    if item is not None:
        cells = tuple(cell for cell in cells if cell.item == item)
        if not cells:
            raise StudyFaulty(Fault("raw-item-unknown", place, {"item": item, "file": file}))
    flags, kept = _flags(study, role, file, row)
    return RawRow(role, file, row, sha256, cells, aside, flags, kept)


def _import_of(study: StudyFolder, role: str) -> "dict[str, pd.DataFrame]":
    if role not in study.definition.roles:
        details = {"role": role, "roles": ", ".join(study.definition.roles)}
        raise StudyFaulty(Fault("unknown-role", Place(str(study.study_file)), details))
    pieces = read_pieces(work_folder(study, f"import-{role}"))
    if "import_files" not in pieces:
        details = {"role": role, "folder": str(study.path)}
        raise StudyFaulty(Fault("not-imported", Place(str(study.path)), details))
    return pieces


def _file(
    study: StudyFolder, role: str, name: str, files: "pd.DataFrame"
) -> tuple[Path, Mapping[str, object]]:
    from manyi.readers.tables.entry_workbook import file_of

    paths = study.answer_files(role)
    by_name = dict(zip(names_of(paths), paths, strict=True))
    if role in study.collected:
        by_name |= {name: study.store_file or Path(name) for name in [store_name(store_address(study))]}
    known = files[files["file"] == name]
    if file_of(name) not in by_name or known.empty:
        details = {"file": name, "role": role, "files": "、".join(files["file"].tolist())}
        raise StudyFaulty(Fault("raw-file-unknown", Place(file=name), details))
    return by_name[file_of(name)], {str(key): value for key, value in known.iloc[0].to_dict().items()}


def _read(
    study: StudyFolder, role: str, path: Path, name: str, row: int
) -> tuple["AnswerFile | None", "RawTable"]:
    """Read the file as the import did; a file whose columns cannot be told has its cells only."""
    from manyi.readers.tables.entry_workbook import answer_tables

    tables = answer_tables(path)
    raw = next((raw for behind, raw in tables.items() if behind and name.endswith(behind)), tables.get(""))
    if raw is None:
        raise StudyFaulty(
            Fault("raw-file-unknown", Place(file=name), {"file": name, "role": role, "files": path.name})
        )
    try:
        found = reading_of(study, role).file(raw, name, study.source_of(path), watched=row)
    except AnswersFaulty:
        return None, raw
    return found, found.source.raw


def _cells(
    study: StudyFolder,
    found: "AnswerFile",
    row: int,
    coded: Mapping[str, object],
    fate: str,
    held: Mapping[str, tuple[str, str]],
) -> "list[RawCell]":
    raw, matching = found.source.raw, found.matching
    match_of = {column: match for match in matching.matches for column in match.columns_read()}
    about = {getattr(matching, key): key for key in _ABOUT if getattr(matching, key) is not None}
    cells = []
    for column in map(str, raw.cells.columns):
        text = raw.cell(row, column)
        seen = found.decoded.seen.get(column)
        match = match_of.get(column)
        if match is not None:
            stored = _of_item(match.item, coded)
            if column in held and not fate:
                # What another file says of this cell is known to the import only.
                told = ("rejected", "", stored, *held[column])
                cells.append(RawCell(column, text, match.item, match.how, *told))
                continue
            if fate or seen is None:
                cells.append(RawCell(column, text, match.item, match.how, fate or "unread"))
                continue
            fault = seen.fault
            reason = fault.what(study.definition.language) if fault else ""
            said = (seen.fate.name.lower(), seen.kind, stored, fault.code if fault else "", reason)
            cells.append(RawCell(column, text, match.item, match.how, *said))
        elif column in about:
            key = about[column]
            cells.append(RawCell(column, text, key, "", fate or "about", "", _of_item(key, coded)))
        else:
            cells.append(RawCell(column, text, fate=fate or _unread(column, matching.metadata)))
    return cells


def _unread(column: str, metadata: tuple[str, ...]) -> str:
    return "metadata" if column in metadata else "unread"


def _of_item(item: str, coded: Mapping[str, object]) -> dict[str, object]:
    """Return what is stored for an item: its own column, or one an answer of a multiple choice."""
    return {name: value for name, value in coded.items() if name == item or name.startswith(f"{item}__")}


def _stored(study: StudyFolder, role: str, file: str, row: int) -> dict[str, object]:
    import pandas as pd

    path = coded_file(study, role)
    if not path.is_file():
        return {}
    answers = pd.read_parquet(path, filters=[("file", "==", file), ("row", "==", row)])
    if answers.empty:
        return {}
    values = {str(name): value for name, value in answers.iloc[0].to_dict().items()}
    return {name: None if pd.isna(value) else value for name, value in values.items()}


def _flags(study: StudyFolder, role: str, file: str, row: int) -> tuple[tuple[str, ...], bool | None]:
    import pandas as pd

    folder = clean_folder(study, role)
    if not folder.is_dir():
        return (), None
    answers = pd.read_parquet(folder, filters=[("file", "==", file), ("row", "==", row)])
    if answers.empty:
        return (), None
    found = answers.iloc[0]
    flags = tuple(
        str(name).removeprefix("flag_")
        for name in answers.columns
        if str(name).startswith("flag_") and bool(found[name])
    )
    return flags, bool(found["kept"])


def _text(stored: Mapping[str, object]) -> str:
    """Return values stored as text: one alone, several with their columns.

    >>> _text({"AGE": 35.0}), _text({"HELP__1": 1.0, "HELP__2": 0.0}), _text({"NOTE": None})
    ('35', 'HELP__1=1, HELP__2=0', '')
    """
    spelt = {
        name: "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
        for name, value in stored.items()
    }
    if len(spelt) == 1:
        return next(iter(spelt.values()))
    return ", ".join(f"{name}={value}" for name, value in spelt.items())
