"""The zip package of a workbook, looked into before anything of it is unpacked into memory."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from manyi_instruments.faults import Fault, FileUnreadable, Place

#: What a workbook may grow to. The XML of real sheets is 10 to 30 times its packed size.
MOST_BYTES = 1 << 30
MOST_RATIO = 300
MOST_PARTS = 10_000
MOST_CELLS = 25_000_000
MOST_TEXT = 1 << 30
_SMALL = 16 << 20
_CHUNK = 1 << 20
_LONGEST_CELL = 16 << 20
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCAL = struct.Struct("<4s22x2H")

# Cells that hold something: an element that is neither closed at once nor empty.
_COLUMN = re.compile(rb"""[ \t\r\n]r=["']([A-Z]{1,3})\d+["'][^>/]*>\s*<[^/]""")
_ROW = re.compile(rb"""[ \t\r\n]r=["'][A-Z]{1,3}(\d+)["'][^>/]*>\s*<[^/]""")
_CELL = re.compile(rb"<(?:\w+:)?c[ >]")
_SHARED = re.compile(rb"""t=["']s["'][^>]*>\s*<(?:\w+:)?v>(\d+)<""")
_STRING_END = re.compile(rb"</(?:\w+:)?si>|<(?:\w+:)?si\s*/>")
_ENTITIES = tuple(
    text.encode(encoding)
    for text in ("<!DOCTYPE", "<!ENTITY")
    for encoding in ("utf-8", "utf-16-le", "utf-16-be")
)


@dataclass(slots=True)
class _Extent:
    """How far the filled cells of one part reach, and how much text of the shared strings they show."""

    columns: set[bytes] = field(default_factory=set)
    rows: int = 0
    cells: int = 0
    shared: int = 0
    texts: int = 0


class Package:
    """The parts of an ``.xlsx`` or ``.xlsm`` file.

    Parameters
    ----------
    path : Path
        Named in faults only.
    data : bytes
        The file's bytes.

    Raises
    ------
    FileUnreadable
        ``file-workbook-damaged``: no zip directory, a part that is cut off. ``file-other-format``: a zip
        package of something else. ``file-workbook-bomb``: parts that would unpack to more than a workbook
        can hold, hold more than the directory says, or define XML entities.
    """

    def __init__(self, path: Path, data: bytes) -> None:
        self.path = path
        self._data = data
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError, OSError, struct.error, RuntimeError) as error:
            raise self.damaged(str(error)) from None
        with archive:
            self._parts = {info.filename: info for info in archive.infolist()}
            count = len(archive.infolist())
        if count > MOST_PARTS or count > len(self._parts):
            raise self.bomb(f"{count} parts, {len(self._parts)} names")
        self._refuse_other_packages()
        self._check_directory()

    def names(self) -> tuple[str, ...]:
        """Return the names of all parts."""
        return tuple(self._parts)

    def damaged(self, reason: str) -> FileUnreadable:
        """Return the fault of a package that cannot be read."""
        details = {"file": self.path.name, "reason": reason.strip().rstrip(".") or "zip"}
        return FileUnreadable(Fault("file-workbook-damaged", Place(file=self.path.name), details))

    def bomb(self, reason: str) -> FileUnreadable:
        """Return the fault of a package that would fill the memory."""
        details = {"file": self.path.name, "reason": reason}
        return FileUnreadable(Fault("file-workbook-bomb", Place(file=self.path.name), details))

    def check(self) -> None:
        """Unpack every XML part once, piece by piece, and refuse what a reader could not hold.

        Raises
        ------
        FileUnreadable
            As for the class; ``file-too-many-cells`` for cells further apart than memory reaches.
        """
        total = 0
        extents: dict[str, _Extent] = {}
        for name in self._parts:
            if not name.lower().endswith((".xml", ".rels")):
                continue
            extent = _Extent()
            for piece in self.pieces(name):
                total += len(piece)
                if total > MOST_BYTES:
                    raise self.bomb(f"{name}: > {MOST_BYTES >> 20} MB")
                if any(mark in piece for mark in _ENTITIES):
                    raise self.bomb(f"{name}: <!DOCTYPE")
                _measure(piece, extent)
            if extent.cells or extent.texts:
                extents[name] = extent
        for extent in extents.values():
            columns = max((column_number(letters) for letters in extent.columns), default=1)
            if columns * extent.rows > MOST_CELLS:
                details = {
                    "file": self.path.name,
                    "rows": extent.rows,
                    "columns": columns,
                    "most": MOST_CELLS,
                }
                raise FileUnreadable(Fault("file-too-many-cells", Place(file=self.path.name), details))
        self._check_shared_text(extents)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a part piece by piece, cut before a ``<``, never more than its directory entry says."""
        tail = b""
        for chunk in self._unpacked(name):
            cut = chunk.rfind(b"<")
            if cut < 0:
                tail += chunk
                if len(tail) > _LONGEST_CELL:
                    raise self.bomb(f"{name}: {len(tail)} bytes of text")
                continue
            yield tail + chunk[:cut]
            tail = chunk[cut:]
        if tail:
            yield tail

    def read(self, name: str) -> bytes:
        """Return a whole part; it was measured by :meth:`check`."""
        return b"".join(self.pieces(name))

    def _refuse_other_packages(self) -> None:
        if "xl/workbook.xml" in self._parts or any(name.endswith("/workbook.xml") for name in self._parts):
            return
        known = {
            "xl/workbook.bin": "Excel (.xlsb)",
            "mimetype": "OpenDocument (.ods)",
            "word/document.xml": "Word (.docx)",
            "ppt/presentation.xml": "PowerPoint (.pptx)",
            "Index/Document.iwa": "Numbers",
        }
        found = next((title for part, title in known.items() if part in self._parts), "ZIP")
        details = {"file": self.path.name, "format": found}
        raise FileUnreadable(Fault("file-other-format", Place(file=self.path.name), details))

    def _check_directory(self) -> None:
        total = 0
        for name, info in self._parts.items():
            if info.flag_bits & 1:
                raise FileUnreadable(
                    Fault("file-password", Place(file=self.path.name), {"file": self.path.name})
                )
            if info.compress_type not in _METHODS:
                raise self.damaged(f"{name}: compression {info.compress_type}")
            total += info.file_size
            if info.file_size > _SMALL and info.file_size > MOST_RATIO * max(info.compress_size, 1):
                ratio = info.file_size // max(info.compress_size, 1)
                raise self.bomb(f"{name}: {info.file_size >> 20} MB, 1 : {ratio}")
        if total > MOST_BYTES:
            raise self.bomb(f"{total >> 20} MB")

    def _unpacked(self, name: str) -> Iterator[bytes]:
        info = self._parts[name]
        start = info.header_offset
        header = self._data[start : start + _LOCAL.size]
        if len(header) < _LOCAL.size or header[:4] != b"PK\x03\x04":
            raise self.damaged(name)
        _, names, extra = _LOCAL.unpack(header)
        start += _LOCAL.size + names + extra
        packed = memoryview(self._data)[start : start + info.compress_size]
        if len(packed) < info.compress_size:
            raise self.damaged(name)
        unpacked = 0
        for chunk in _inflated(packed) if info.compress_type else _slices(packed):
            if isinstance(chunk, str):
                raise self.damaged(f"{name}: {chunk}")
            unpacked += len(chunk)
            if unpacked > info.file_size:
                # The directory lies: a reader that trusts it would be led on without end.
                raise self.bomb(f"{name}: > {info.file_size} bytes")
            yield chunk
        if unpacked < info.file_size:
            raise self.damaged(name)

    def _check_shared_text(self, extents: dict[str, _Extent]) -> None:
        """Refuse few long strings that very many cells show: each cell would hold a copy."""
        sources = [name for name, extent in extents.items() if extent.texts]
        longest = max((_lengths(self.read(name)).max(initial=0) for name in sources), default=0)
        for name, extent in extents.items():
            if extent.shared * int(longest) <= MOST_TEXT:
                continue
            lengths = _lengths(self.read(sources[0]))
            shown = 0
            for piece in self.pieces(name):
                places = np.array(_SHARED.findall(piece), dtype=np.int64)
                shown += int(lengths[places[places < len(lengths)]].sum())
                if shown > MOST_TEXT:
                    raise self.bomb(f"{name}: > {MOST_TEXT >> 20} MB")


def _measure(piece: bytes, extent: _Extent) -> None:
    cells = len(_CELL.findall(piece))
    if cells:
        extent.cells += cells
        extent.columns.update(_COLUMN.findall(piece))
        rows = set(_ROW.findall(piece))
        extent.rows = max([extent.rows, *map(int, rows)])
        extent.shared += piece.count(b't="s"') + piece.count(b"t='s'")
    extent.texts += len(_STRING_END.findall(piece)) if b"si" in piece else 0


def _lengths(strings: bytes) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Return the bytes of every shared string, its markup among them."""
    ends = np.array([found.start() for found in _STRING_END.finditer(strings)], dtype=np.int64)
    return np.diff(ends, prepend=0)


def column_number(letters: bytes) -> int:
    """Return the number of a column.

    >>> column_number(b"A"), column_number(b"AA"), column_number(b"XFD")
    (1, 27, 16384)
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _slices(packed: memoryview, size: int = _CHUNK) -> Iterator[bytes]:
    for start in range(0, len(packed), size):
        yield bytes(packed[start : start + size])


def _inflated(packed: memoryview) -> Iterator[bytes | str]:
    """Yield what a deflated part unpacks to in pieces of bounded size, or as a ``str`` why it cannot be."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in _slices(packed, 1 << 16):
            rest = piece
            while rest and not inflater.eof:
                chunk = inflater.decompress(rest, _CHUNK)
                rest = inflater.unconsumed_tail
                yield chunk
        while not inflater.eof and (chunk := inflater.decompress(b"", _CHUNK)):
            yield chunk
    except zlib.error as error:
        yield str(error)
