"""Workbooks of Excel since 2007 (``.xlsx``, ``.xlsm``)."""

import io
import re
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path, PurePosixPath

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from manyi.readers.tables.package import Package, column_number
from manyi.readers.tables.sheet import Merged, Rows, Sheet, is_empty
from manyi_instruments.faults import Fault, FileUnreadable, Place

_RELATIONS = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_P = rb"(?:\w+:)?"
#: A cell that holds a formula or an error, and what the formula gave when it was last calculated.
_CELL = re.compile(
    rb"<" + _P + rb"""c\s(?=[^>]*?\br=["'](?P<column>[A-Z]{1,3})(?P<row>\d+)["'])(?P<about>[^>]*[^>/])>"""
    rb"(?P<inside>(?:(?!</" + _P + rb"c>).)*)</" + _P + rb"c>",
    re.DOTALL,
)
_FORMULA = re.compile(rb"<" + _P + rb"f(?:\s[^>]*)?>(?P<text>.*?)</" + _P + rb"f>", re.DOTALL)
_ANY_FORMULA = re.compile(rb"<" + _P + rb"f[\s/>]")
_VALUE = re.compile(rb"<" + _P + rb"v(?:\s[^>]*)?>(?P<text>.*?)</" + _P + rb"v>", re.DOTALL)
_ERROR = re.compile(rb"""\bt=["']e["']""")


def read_xlsx(path: Path, data: bytes, wanted: str | None) -> Sheet:
    """Read one sheet of an ``.xlsx`` workbook with calamine, once its package is known to be harmless.

    Parameters
    ----------
    path : Path
        Named in faults only.
    data : bytes
        The file's bytes.
    wanted : str or None
        Sheet to read; the first visible one with cells by default.

    Returns
    -------
    Sheet
        Formulas as they were last calculated; error values (``#N/A``) and formulas that never were
        calculated as their text, so that they are refused and listed and do not pass for "no answer".

    Raises
    ------
    FileUnreadable
        Those of ``Package``, ``file-password``, ``file-workbook-damaged``, ``file-sheet-missing`` or
        ``file-empty``.
    """
    package = Package(path, data)
    package.check()
    try:
        sheet = _chosen(path, CalamineWorkbook.from_filelike(io.BytesIO(data)), wanted)
    except PasswordError:
        raise FileUnreadable(Fault("file-password", Place(file=path.name), {"file": path.name})) from None
    except (CalamineError, OSError, ValueError) as error:
        raise package.damaged(str(error)) from None
    # What the Rust library raises on its own mistakes derives from BaseException and has no public name.
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise package.damaged(str(error)) from None
    _restore_lost_cells(package, sheet)
    return sheet


def _chosen(path: Path, workbook: CalamineWorkbook, wanted: str | None) -> Sheet:
    names = list(workbook.sheet_names)
    if wanted is not None and wanted not in names:
        details = {"file": path.name, "sheet": wanted, "sheets": "、".join(names)}
        raise FileUnreadable(Fault("file-sheet-missing", Place(file=path.name), details))
    visible = [
        meta.name for meta in workbook.sheets_metadata if meta.visible == SheetVisibleEnum.Visible
    ] or names
    found: Sheet | None = None
    others = []
    for name in [wanted] if wanted is not None else visible:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.end is None:
            continue
        if found is not None:
            others.append(name)
            continue
        rows: Rows = [list(row) for row in sheet.to_python(skip_empty_area=False)]
        while rows and is_empty(rows[-1]):
            rows.pop()
        merged: list[Merged] = [
            (top, bottom, left, right) for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        ]
        if rows:
            found = Sheet(name, rows, tuple(merged))
    if found is None:
        raise FileUnreadable(Fault("file-empty", Place(file=path.name), {"file": path.name}))
    return Sheet(found.name, found.rows, found.merged, tuple(others))


def _restore_lost_cells(package: Package, sheet: Sheet) -> None:
    """Put error values and formulas that were never calculated where calamine left a blank."""
    part = _part_of(package, sheet.name)
    if part is None:
        return
    rest = b""
    for piece in package.pieces(part):
        rest += piece
        end = rest.rfind(b"</row>")
        end = rest.rfind(b":row>") if end < 0 else end
        if end < 0:
            continue
        _restore(rest[:end], sheet.rows)
        rest = rest[end:]
    _restore(rest, sheet.rows)


def _restore(text: bytes, rows: Rows) -> None:
    if _ANY_FORMULA.search(text) is None and _ERROR.search(text) is None:
        return
    for cell in _CELL.finditer(text):
        error = _ERROR.search(cell["about"]) is not None
        if not error and _ANY_FORMULA.search(cell["inside"]) is None:
            continue
        row, column = int(cell["row"]) - 1, column_number(cell["column"]) - 1
        if row >= len(rows) or column >= len(rows[row]) or rows[row][column] != "":
            continue
        value, formula = _VALUE.search(cell["inside"]), _FORMULA.search(cell["inside"])
        if value is not None and value["text"].strip():
            rows[row][column] = _text(value["text"])
        elif not _is_empty_text(cell["about"], value):
            rows[row][column] = "=" + (_text(formula["text"]) if formula is not None else "")


def _is_empty_text(about: bytes, value: "re.Match[bytes] | None") -> bool:
    """Return whether a formula was calculated and gave an empty text, which is a blank and not lost."""
    return value is not None and re.search(rb"""\bt=["']str["']""", about) is not None


def _text(markup: bytes) -> str:
    return unescape(markup.decode("utf-8", "replace")).strip()


def _part_of(package: Package, sheet: str) -> str | None:
    """Return the name of the part that holds a sheet."""
    try:
        book = next(name for name in package.names() if name.endswith("workbook.xml"))
        folder = PurePosixPath(book).parent
        relations = f"{folder}/_rels/workbook.xml.rels"
        targets = {
            found.get("Id"): found.get("Target", "") for found in ET.fromstring(package.read(relations))
        }
        for found in ET.fromstring(package.read(book)).iter():
            if found.tag.endswith("}sheet") and found.get("name") == sheet:
                target = targets.get(found.get(_RELATIONS), "")
                part = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
                return part if part in package.names() else None
    except (ET.ParseError, KeyError, StopIteration):
        return None
    return None
