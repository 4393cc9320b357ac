"""Files of SPSS and Stata: their cells as text, and their dictionary."""

import io
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from manyi.readers.tables.delimited import Content
from manyi.readers.tables.dictionary import FileDictionary, Measure, ResponseSet, VariableEntry
from manyi.readers.tables.encoding import is_plausible_chinese
from manyi.readers.tables.statistics_cells import (
    EXACT,
    CellFormat,
    number_texts,
    spss_format,
    stata_format,
)
from manyi_instruments.faults import Fault, FileUnreadable, Place

#: Tried in turn where the file names no encoding or the one it names is wrong.
ENCODINGS = ("UTF-8", "GB18030", "BIG5")
_SAMPLE_ROWS = 1000
# What one chunk of rows may take in memory, and all cells as text: a small file can unpack into either.
_CHUNK_BYTES = 1 << 27
_MOST_BYTES = 1 << 32
_ENCRYPTED = b"ENCRYPTEDSAV"
_MEASURES = ("nominal", "ordinal", "scale")
_WESTERN = "windows-1252"
_REPLACEMENT = "\ufffd"
_UNDECODABLE = "requested encoding"

# pyreadstat's metadata record and its data frames.
_Meta = Any
_Read = Callable[..., tuple[pd.DataFrame, _Meta]]


def statistics_format(data: bytes) -> str | None:
    r"""Return ``.sav``, ``.zsav``, ``.por`` or ``.dta`` where the first bytes are those of such a file.

    >>> [statistics_format(data) for data in (b"$FL2@(#) SPSS", b"$FL3@(#)", b"r\x02\x01\x00", b"a,b")]
    ['.sav', '.zsav', '.dta', None]
    """
    if data.startswith(b"$FL2") or data[8:20] == _ENCRYPTED:
        return ".sav"
    if data.startswith(b"$FL3"):
        return ".zsav"
    if data.startswith(b"<stata_dta>") or (
        # Release, byte order, file type, unused: Stata 5 to 12.
        data[:1] in {bytes([release]) for release in (105, 108, *range(110, 116))}
        and data[1:2] in (b"\x01", b"\x02")
        and data[2:4] == b"\x01\x00"
    ):
        return ".dta"
    portable = b"SPSS PORT FILE" in data[:200] or b"SPSSPORT" in data[:600].replace(b"\r\n", b"")
    return ".por" if portable else None


def read_statistics_file(path: Path, data: bytes, format: str) -> Content:
    """Read an SPSS or Stata file.

    Parameters
    ----------
    path : Path
        Named in faults only.
    data : bytes
        The file's bytes.
    format : str
        See ``statistics_format``.

    Returns
    -------
    Content
        With the file's dictionary. System-missing cells and blank strings are ``""``; user-missing cells
        hold their value, Stata's extended missing values ``.a`` to ``.z``. Rows count from 1, as the data
        view of both programs does.

    Raises
    ------
    FileUnreadable
        ``statistics-file-damaged``, ``statistics-file-encoding``, ``statistics-file-password``,
        ``file-too-large`` or ``file-header-only``.

    Notes
    -----
    pyreadstat converts dates one by one and fails on those beyond the year 9999, so it leaves them as
    numbers here. It is given the file in chunks of rows, because it keeps a Python object for every string.
    """
    file = _StatisticsFile(path, data, format)
    if data[8:20] == _ENCRYPTED:
        file.refuse("statistics-file-password")
    if data.startswith(b"<stata_dta>") and not data.rstrip().endswith(b"</stata_dta>"):
        # ReadStat would read the answers and leave out the value labels, which stand at the end.
        file.refuse("statistics-file-damaged", format=format, reason="</stata_dta> …")
    return file.read()


@dataclass(slots=True)
class _StatisticsFile:
    """One file under way."""

    path: Path
    data: bytes
    format: str

    def read(self) -> Content:
        """Read it in the first encoding in which all of it can be decoded."""
        tried = []
        for encoding in (None, *ENCODINGS):
            try:
                sample, meta = self._call(encoding, row_limit=_SAMPLE_ROWS)
                if encoding is None and (better := self._better(meta, _texts(sample, meta))) is not None:
                    tried.append(self._declared(meta))
                    encoding = better
                return self._content(encoding, tried)
            except _WrongEncoding:
                tried.append(encoding or "")
        self.refuse("statistics-file-encoding", encodings="、".join(ENCODINGS))

    def _content(self, encoding: str | None, tried: list[str]) -> Content:
        _, meta = self._call(encoding, metadataonly=True)
        names = [str(name) for name in meta.column_names]
        formats = {name: _cell_format(name, meta, self.format) for name in names}
        cells, inexact = self._cells(encoding, meta, formats)
        used = encoding or self._declared(meta)
        faults = [self._warning("statistics-encoding-guessed", encoding=used)] if tried else []
        faults += [self._warning("number-inexact", name, column=name) for name in inexact]
        faults += self._lost(meta)
        dictionary = self._dictionary(meta, formats, encoding)
        return Content(tuple(names), cells, used, 1, faults=tuple(faults), dictionary=dictionary)

    def _cells(
        self, encoding: str | None, meta: _Meta, formats: Mapping[str, CellFormat]
    ) -> tuple[pd.DataFrame, list[str]]:
        """Return the cells as text, and the columns with numbers too large to be exact."""
        columns: dict[str, list[pa.Array]] = {name: [] for name in formats}
        inexact: dict[str, None] = {}
        total = rows = 0
        for frame in self._chunks(encoding, meta):
            rows += len(frame)
            for name, format in formats.items():
                values = frame[name].to_numpy()
                texts = _cell_texts(values, format)
                columns[name].append(texts)
                total += texts.nbytes
                if format.unit == "number" and values.dtype.kind == "f" and _beyond_exact(values):
                    inexact[name] = None
            if total > _MOST_BYTES:
                self.refuse("file-too-large", limit=f"{_MOST_BYTES >> 30} GiB")
        if not rows:
            self.refuse("file-header-only", columns=len(formats))
        table = pa.table({f"f{i}": pa.chunked_array(parts) for i, parts in enumerate(columns.values())})
        return table.to_pandas(), list(inexact)

    def _lost(self, meta: _Meta) -> list[Fault]:
        """Return warnings of labels that the file lost or never held."""
        faults = []
        lost = sum(_REPLACEMENT in text for text in _texts(pd.DataFrame(), meta).splitlines())
        if lost:
            faults.append(self._warning("labels-lost", n=lost))
        absent = [name for name, labels in meta.variable_to_label.items() if labels not in meta.value_labels]
        if absent and self.format == ".dta":
            columns = "、".join(absent[:5])
            faults.append(self._warning("value-labels-absent", n=len(absent), columns=columns))
        return faults

    def _chunks(self, encoding: str | None, meta: _Meta) -> Iterator[pd.DataFrame]:
        """Yield the rows in chunks; the header's word on how many there are is not trusted."""
        # A number, and its place among the different ones; a text, and the object around it.
        width = sum(
            max(8, int(size)) + 56 * (int(size) != 8) for size in meta.variable_storage_width.values()
        )
        size = max(1, _CHUNK_BYTES // max(1, width + 8 * len(meta.column_names)))
        offset = 0
        while meta.number_rows is None or offset < meta.number_rows:
            frame, _ = self._call(encoding, row_limit=size, row_offset=offset)
            if not len(frame):
                if meta.number_rows is not None:
                    reason = f"{offset} < {meta.number_rows}"
                    self.refuse("statistics-file-damaged", format=self.format, reason=reason)
                break
            yield frame
            offset += len(frame)
            if meta.number_rows is None and len(frame) < size:
                break

    def _call(self, encoding: str | None, **options: object) -> tuple[pd.DataFrame, _Meta]:
        from pyreadstat import PyreadstatError, ReadstatError

        # The public read_por has no user_missing and would blank those cells.
        from pyreadstat._readstat_parser import parser_entry_point

        parser = {".zsav": "sav/zsav", ".sav": "sav/zsav"}.get(self.format, self.format[1:])
        read = cast(_Read, parser_entry_point)
        given: dict[str, object] = {"encoding": encoding} if encoding is not None else {}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return read(
                    io.BytesIO(self.data),
                    parser_format=parser,
                    user_missing=True,
                    disable_datetime_conversion=True,
                    **given,
                    **options,
                )
        except UnicodeDecodeError as error:
            raise _WrongEncoding(str(error)) from None
        except (ReadstatError, PyreadstatError, ValueError, OverflowError, MemoryError) as error:
            reason = str(error).strip().rstrip(".") or type(error).__name__
            if _UNDECODABLE in reason:
                raise _WrongEncoding(reason) from None
            details = {"file": self.path.name, "format": self.format, "reason": reason}
            place = Place(file=self.path.name)
            raise FileUnreadable(Fault("statistics-file-damaged", place, details)) from None

    def _declared(self, meta: _Meta) -> str:
        """Return the encoding the file says it has, or that its format implies."""
        # Stata 14 and later write UTF-8 and need not say so.
        unicode = self.data[:60].startswith(b"<stata_dta>") and b"<release>117" not in self.data[:60]
        return str(meta.file_encoding or ("UTF-8" if unicode else _WESTERN))

    def _better(self, meta: _Meta, texts: str) -> str | None:
        """Return the encoding that makes sense of bytes that were taken for those of Windows in the West.

        Older files do not say, and such text decodes without an error into another.
        """
        if self._declared(meta).lower() != _WESTERN:
            return None
        try:
            original = texts.encode("cp1252")
        except UnicodeEncodeError:
            return None
        if original.isascii():
            return None
        for encoding in ENCODINGS[:2]:
            try:
                decoded = original.decode(encoding)
            except UnicodeDecodeError:
                continue
            # "mäßig" would be one Chinese character between letters: Chinese comes in runs.
            if encoding == "UTF-8" or (is_plausible_chinese(decoded) and _in_runs(original)):
                return encoding
        return None

    def _dictionary(
        self, meta: _Meta, formats: Mapping[str, CellFormat], encoding: str | None
    ) -> FileDictionary:
        variables = {}
        for name, label in zip(meta.column_names, meta.column_labels, strict=True):
            variables[str(name)] = _entry(str(name), label, meta, formats[name])
        sets = tuple(
            ResponseSet(
                name=name,
                label=found["label"] or "",
                variables=tuple(found["variable_list"]),
                counted=self._counted(name, found, encoding or self._declared(meta)),
                labels_from_values=found["type"] == "E",
            )
            for name, found in meta.mr_sets.items()
        )
        return FileDictionary(
            program="stata" if self.format == ".dta" else "spss",
            format=self.format,
            label=str(meta.file_label or ""),
            notes=tuple(str(note).strip() for note in meta.notes or ()),
            variables=variables,
            sets=sets,
        )

    def _counted(self, name: str, found: Mapping[str, Any], encoding: str) -> str | None:
        """Return the counted value of a dichotomous set, of strings too, which pyreadstat does not tell.

        The record reads ``$name=D3 yes 5 label variables`` or ``$name=E 1 3 yes 5 label variables``.
        """
        if not found["is_dichotomy"]:
            return None
        if found["counted_value"] is not None:
            return str(found["counted_value"])
        start = f"${name}={found['type']}".encode(encoding, "replace")
        record = self.data[self.data.find(start) + len(start) :][:600].lstrip()
        if found["type"] == "E":
            record = record.partition(b" ")[2]
        length, _, rest = record.partition(b" ")
        if not length.isdigit():
            return "1"
        return rest[: int(length)].decode(encoding, "replace").strip()

    def refuse(self, code: str, **details: object) -> NoReturn:
        """Refuse the file."""
        place = Place(file=self.path.name)
        raise FileUnreadable(Fault(code, place, {"file": self.path.name, **details}))

    def _warning(self, code: str, field: str = "", **details: object) -> Fault:
        place = Place(file=self.path.name, field=field) if field else Place(file=self.path.name)
        return Fault(code, place, {"file": self.path.name, **details}, "warning")


class _WrongEncoding(Exception):
    """Text of the file is not valid in the encoding tried."""


def _cell_format(name: str, meta: _Meta, format: str) -> CellFormat:
    told = str(meta.original_variable_types[name] or "")
    stored = meta.readstat_variable_types[name]
    if stored == "string":
        return CellFormat("text")
    return stata_format(told, stored == "float") if format == ".dta" else spss_format(told)


def _entry(name: str, label: object, meta: _Meta, format: CellFormat) -> VariableEntry:
    """Return what the file says about one variable."""
    labels = meta.variable_value_labels.get(name, {})
    values = {_code(value, format): _label(told) for value, told in labels.items() if _label(told)}
    missing: dict[str, None] = {}
    ranges = []
    for span in meta.missing_ranges.get(name, ()):
        if isinstance(span["lo"], str) or span["lo"] == span["hi"]:
            missing[_code(span["lo"], format)] = None
        else:
            ranges.append((float(span["lo"]), float(span["hi"])))
    for tag in meta.missing_user_values.get(name, ()):
        missing[_code(tag, format)] = None
    if format.unit != "text":
        missing.update({code: None for code in values if code[:1] == "." and code[1:].isalpha()})
    measure = meta.variable_measure.get(name)
    return VariableEntry(
        name=name,
        label=_label(label),
        values=values,
        missing=tuple(missing),
        ranges=tuple(ranges),
        measure=cast(Measure, measure if measure in _MEASURES else "unknown"),
        format=str(meta.original_variable_types[name] or ""),
        holds=format.holds,
    )


def _label(told: object) -> str:
    """Return a label on one line; one of replacement characters only, as in ``.por``, says nothing."""
    text = " ".join(str(told or "").split())
    return text if text.replace(_REPLACEMENT, "").strip() else ""


def _code(value: object, format: CellFormat) -> str:
    """Return the text of a cell with this value."""
    if isinstance(value, str):
        # A letter among numbers is one of Stata's extended missing values.
        return value.rstrip() if format.unit == "text" else f".{value}"
    return number_texts(np.array([value], dtype=np.float64), format)[0]


def _cell_texts(values: npt.NDArray[Any], format: CellFormat) -> pa.Array:
    """Return the cells of one column of a chunk; every distinct number is told once."""
    if format.unit == "text":
        texts = pa.array(values, pa.large_string(), from_pandas=True)
        return pc.utf8_rtrim(pc.fill_null(texts, ""), characters=" ")
    codes, uniques = pd.factorize(values)
    if values.dtype.kind in "fiu":
        told = number_texts(np.asarray(uniques, dtype=np.float64), format)
    else:
        told = [_code(value, format) for value in uniques]
    places = pa.array(np.where(codes < 0, len(told), codes))
    return pa.array([*told, ""], pa.large_string()).take(places)


def _beyond_exact(values: npt.NDArray[Any]) -> bool:
    with np.errstate(invalid="ignore"):
        return bool((np.abs(values) > EXACT).any())


def _texts(sample: pd.DataFrame, meta: _Meta) -> str:
    """Return the words of a file: labels, and the strings of its first rows."""
    parts = [str(meta.file_label or ""), *map(str, meta.column_names), *map(str, meta.notes or ())]
    parts += [str(label) for label in meta.column_labels if label]
    parts += [str(label) for labels in meta.value_labels.values() for label in labels.values()]
    for name, stored in meta.readstat_variable_types.items():
        if stored == "string" and name in sample:
            parts += [str(cell) for cell in pd.unique(sample[name].dropna())]
    return "\n".join(parts)


def _in_runs(original: bytes) -> bool:
    """Tell whether most bytes beyond ASCII stand four and more together, two characters of Chinese."""
    runs = [len(run) for run in re.findall(rb"[\x80-\xff]+", original)]
    return sum(run for run in runs if run >= 4) * 2 >= sum(runs)
