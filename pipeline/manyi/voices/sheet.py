"""The coding sheet: one workbook a coder, written to be filled in, read back as codes."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.study.folder import StudyFolder
from manyi_instruments.faults import AnswersFaulty, Fault, Place

if TYPE_CHECKING:
    import pandas as pd

TEXTS, CODEBOOK = "texts 原文", "codebook 编码表"
HEADINGS = ("unit 编号", "text 原文", "codes 编码", "memo 备注")
OF_CODES = ("code 编码", "title 名称", "definition 定义")
#: Between several codes of one text.
BETWEEN = re.compile(r"[;；,，、\n]+")
#: Written by a coder who read a text and found no code in it; a blank cell was not coded.
NO_CODE = "-"
WIDTHS = {"A": 26, "B": 80, "C": 26, "D": 30}


@dataclass(frozen=True, slots=True)
class CoderSheet:
    """What one coder wrote.

    Parameters
    ----------
    coder : str
        Name of the file.
    codes : dict
        Unit -> its codes; empty for a text in which none was found. Texts left blank are not there.
    codebook : dict
        Code -> title.
    faults : tuple of Fault
    """

    coder: str
    codes: dict[str, tuple[str, ...]]
    codebook: dict[str, str]
    faults: tuple[Fault, ...]


def coding_folder(study: StudyFolder, role: str, item: str) -> Path:
    """Return the folder of the coding sheets of one open question, a file a coder."""
    return study.path / "coding" / f"{role}-{item}"


def sheet_files(study: StudyFolder, role: str, item: str) -> tuple[Path, ...]:
    """Return the coding sheets there are, in name order."""
    folder = coding_folder(study, role, item)
    return tuple(sorted(folder.glob("[!.~]*.xlsx"))) if folder.is_dir() else ()


def write_sheet(path: Path, passages: "pd.DataFrame", codebook: Mapping[str, str]) -> None:
    """Write an empty coding sheet.

    Parameters
    ----------
    path : Path
    passages : DataFrame
        ``unit, text``.
    codebook : Mapping
        Code -> title; the coders' list goes on below it.
    """
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font
    from openpyxl.worksheet.worksheet import Worksheet

    from manyi_outputs.files import write_whole

    workbook = Workbook()
    texts = workbook.active
    if not isinstance(texts, Worksheet):
        raise TypeError("a new workbook begins with a sheet")
    texts.title = TEXTS
    rows = [
        HEADINGS,
        *((unit, text, "", "") for unit, text in zip(passages["unit"], passages["text"], strict=True)),
    ]
    codes = workbook.create_sheet(CODEBOOK)
    listed = [OF_CODES, *((code, title, "") for code, title in codebook.items())]
    for sheet, lines in ((texts, rows), (codes, listed)):
        for number, line in enumerate(lines, start=1):
            for column, value in enumerate(line, start=1):
                cell = sheet.cell(number, column)
                # Set as text: an answer that begins with = is no formula.
                cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
                cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                cell.font = Font(bold=number == 1)
        sheet.freeze_panes = "A2"
        for letter, width in WIDTHS.items():
            sheet.column_dimensions[letter].width = width
    buffer = io.BytesIO()
    workbook.save(buffer)
    write_whole(path, buffer.getvalue())


def read_sheet(path: Path, units: Sequence[str]) -> CoderSheet:
    """Read what one coder wrote.

    Parameters
    ----------
    path : Path
    units : sequence of str
        The units there are.

    Raises
    ------
    AnswersFaulty
        ``coding-sheet-unlike``: a heading of the sheet is missing.
    FileUnreadable
        As for any table.
    """
    from manyi.readers.tables.raw_table import read_table

    raw = read_table(path, TEXTS)
    names = {str(heading).split()[0]: heading for heading in raw.cells.columns if str(heading).strip()}
    lacking = [heading for heading in HEADINGS[:3] if heading.split()[0] not in names]
    if lacking:
        place = Place(path.name, sheet=TEXTS)
        raise AnswersFaulty(Fault("coding-sheet-unlike", place, {"headings": ", ".join(lacking)}))
    known, found, faults = set(units), {}, []
    unknown: list[str] = []
    twice: list[str] = []
    for unit, cell in zip(raw.cells[names["unit"]].str.strip(), raw.cells[names["codes"]], strict=True):
        written = str(cell).strip()
        if not unit or not written:
            continue
        if unit not in known:
            unknown.append(unit)
        elif unit in found:
            twice.append(unit)
        else:
            parts = (part.strip() for part in BETWEEN.split(written))
            found[unit] = tuple(dict.fromkeys(part for part in parts if part not in ("", NO_CODE)))
    for code, listed in (("coding-unknown-unit", unknown), ("coding-unit-twice", twice)):
        if listed:
            details = {"n": len(listed), "units": ", ".join(listed[:5])}
            faults.append(Fault(code, Place(path.name, sheet=TEXTS), details, "warning"))
    codebook = _codebook(path)
    used = dict.fromkeys(code for codes in found.values() for code in codes)
    unlisted = [code for code in used if codebook and code not in codebook]
    if unlisted:
        details = {"codes": ", ".join(unlisted)}
        faults.append(Fault("coding-code-unlisted", Place(path.name, sheet=CODEBOOK), details, "warning"))
    return CoderSheet(path.stem, found, codebook, tuple(faults))


def _codebook(path: Path) -> dict[str, str]:
    """Return the codes that the second sheet lists; none where it is empty or gone."""
    from manyi.readers.tables.raw_table import read_table
    from manyi_instruments.faults import FileUnreadable

    try:
        raw = read_table(path, CODEBOOK)
    except FileUnreadable:
        return {}
    names = {str(heading).split()[0]: heading for heading in raw.cells.columns if str(heading).strip()}
    if "code" not in names:
        return {}
    codes = raw.cells[names["code"]].str.strip()
    titles = raw.cells[names["title"]].str.strip() if "title" in names else codes
    return {code: title or code for code, title in zip(codes, titles, strict=True) if code}
