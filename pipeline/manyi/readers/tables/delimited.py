"""Delimited text: its encoding, its delimiter, its cells."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from manyi_instruments.faults import Fault, FileUnreadable, Place

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 1 << 18
_SAMPLE_RECORDS = 200


@dataclass(frozen=True, slots=True)
class Content:
    """Headings and cells of a file, before its columns are named."""

    headings: tuple[str, ...]
    cells: pd.DataFrame
    encoding: str
    first_data_row: int
    sheet: str = ""
    faults: tuple[Fault, ...] = ()


def read_delimited(path: Path, data: bytes) -> Content:
    """Read delimited text of any of the known encodings and delimiters.

    Parameters
    ----------
    path : Path
        Named in faults only.
    data : bytes
        The file's bytes.

    Returns
    -------
    Content
        A quoted cell may hold line breaks; row numbers count records, as a spreadsheet does.

    Raises
    ------
    FileUnreadable
        ``file-binary``, ``file-encoding``, ``file-empty``, ``file-header-only`` or ``file-quote-open``.
    """
    text, encoding = decode_text(path, data)
    text = text.rstrip("\r\n\x1a")
    declared, text, skipped = _declared_delimiter(text)
    delimiter = declared or sniff_delimiter(text[:_SAMPLE])
    header_index, headings = _header(path, text, delimiter)
    cells = None
    if header_index == 0 and text.count('"') % 2 == 0:
        cells = _vectorised(text, delimiter, len(headings))
    faults: tuple[Fault, ...] = ()
    if cells is None:
        headings, cells, faults = _record_by_record(path, text, delimiter, header_index, headings, skipped)
    if not len(cells):
        details = {"file": path.name, "columns": len(headings)}
        raise FileUnreadable(Fault("file-header-only", Place(file=path.name), details))
    return Content(tuple(headings), cells, encoding, header_index + skipped + 2, faults=faults)


def decode_text(path: Path, data: bytes) -> tuple[str, str]:
    """Return the text and its encoding: a byte order mark, then strict UTF-8, then plausible GB18030."""
    place = Place(file=path.name)
    try:
        if data.startswith(b"\xef\xbb\xbf"):
            return data.decode("utf-8-sig"), "utf-8-sig"
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            return data.decode("utf-16"), "utf-16"
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileUnreadable(Fault("file-encoding", place, {"file": path.name, "line": line})) from None
    if b"\x00" in data:
        return _utf16_without_mark(path, data)
    try:
        text = data.decode("utf-8")
        if not _has_control_characters(text[:_SAMPLE]):
            return text, "utf-8"
        raise FileUnreadable(Fault("file-binary", place, {"file": path.name}))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    if _has_control_characters(data[:_SAMPLE].decode("latin-1")):
        raise FileUnreadable(Fault("file-binary", place, {"file": path.name}))
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        text = ""
    if not _is_plausible_chinese(text[: 4 * _SAMPLE]):
        raise FileUnreadable(Fault("file-encoding", place, {"file": path.name, "line": line}))
    return text, "gb18030"


def sniff_delimiter(sample: str) -> str:
    """Return the delimiter that cuts the records of a sample most evenly.

    >>> sniff_delimiter('a;"b,c";d' + chr(10) + '1;"2,5";3')
    ';'
    """
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
        try:
            records = [record for record in islice(reader, _SAMPLE_RECORDS) if record]
        except csv.Error:
            continue
        # The sample may end inside a record.
        records = records[:-1] if len(records) > 2 and len(sample) >= _SAMPLE else records
        width = len(records[0]) if records else 0
        if width < 2:
            continue
        even = sum(len(record) == width for record in records) / len(records)
        if (round(even, 2), width) > best_score:
            best, best_score = delimiter, (round(even, 2), width)
    return best


def _declared_delimiter(text: str) -> tuple[str | None, str, int]:
    # Excel writes and obeys a first line "sep=;".
    first, _, rest = text.partition("\n")
    first = first.strip().strip('"')
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4], rest, 1
    return None, text, 0


def _header(path: Path, text: str, delimiter: str) -> tuple[int, list[str]]:
    reader = csv.reader(io.StringIO(text[: 4 * _SAMPLE], newline=""), delimiter=delimiter)
    try:
        for index, record in enumerate(reader):
            if any(cell.strip() for cell in record):
                return index, record
    except csv.Error:
        raise FileUnreadable(
            Fault("file-quote-open", Place(file=path.name, row=1), {"file": path.name, "row": 1})
        ) from None
    raise FileUnreadable(Fault("file-empty", Place(file=path.name), {"file": path.name}))


def _vectorised(text: str, delimiter: str, width: int) -> pd.DataFrame | None:
    """Return all records but the first; None where a record has not ``width`` cells."""
    names = [f"f{number}" for number in range(width)]
    try:
        table = pacsv.read_csv(
            pa.py_buffer(text.encode("utf-8")),
            read_options=pacsv.ReadOptions(column_names=names, block_size=1 << 24, encoding="utf8"),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values='"' in text, ignore_empty_lines=False
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    frame: pd.DataFrame = table.slice(1).to_pandas()
    return frame


def _record_by_record(
    path: Path, text: str, delimiter: str, header_index: int, headings: Sequence[str], skipped: int
) -> tuple[list[str], pd.DataFrame, tuple[Fault, ...]]:
    csv.field_size_limit(2**31 - 1)
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    body = records[header_index + 1 :]
    last = body[-1] if body else list(headings)
    if text.count('"') % 2 and any("\n" in cell for cell in last[-1:]):
        row = len(records) + skipped
        raise FileUnreadable(
            Fault("file-quote-open", Place(file=path.name, row=row), {"file": path.name, "row": row})
        )
    width = len(headings)
    lengths = [len(record) for record in body]
    widest = max([width, *(length for length in lengths if length > width)])
    rows = [record + [""] * (widest - len(record)) for record in body]
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(widest)]
    while len(columns) > width and not any(cell.strip() for cell in columns[-1]):
        columns.pop()
    faults: tuple[Fault, ...] = ()
    # An empty line is an empty row, not a row of another length; surplus empty cells say nothing.
    ragged = [
        index
        for index, record in enumerate(body)
        if record and (len(record) < width or any(cell.strip() for cell in record[width:]))
    ]
    if ragged:
        row = ragged[0] + header_index + skipped + 2
        details = {"n": len(ragged), "row": row, "columns": width}
        faults = (Fault("file-ragged", Place(file=path.name, row=row), details, "warning"),)
    frame = pd.DataFrame({number: column for number, column in enumerate(columns)}, dtype="str")
    return list(headings) + [""] * (len(columns) - width), frame, faults


def _utf16_without_mark(path: Path, data: bytes) -> tuple[str, str]:
    for encoding in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = text[:_SAMPLE]
        if any(mark in sample for mark in ",;\t\n") and not _has_control_characters(sample):
            plausible = sum(character.isascii() for character in sample) / len(sample) > 0.2
            if plausible or _is_plausible_chinese(sample):
                return text, encoding
    raise FileUnreadable(Fault("file-binary", Place(file=path.name), {"file": path.name}))


def _has_control_characters(sample: str) -> bool:
    return any(character < "\t" or "\x0e" <= character <= "\x19" for character in set(sample))


def _is_plausible_chinese(sample: str) -> bool:
    """Tell whether non-ASCII characters are mostly those of GB 2312, as in real text of mainland China.

    Big5, Shift-JIS and Latin-1 text often decodes as GB18030 too, but into rare characters.
    """
    counts = Counter(sample)
    foreign = {character: n for character, n in counts.items() if not character.isascii()}
    if not foreign:
        return False
    common = sum(n for character, n in foreign.items() if _in_gb2312(character))
    return common / sum(foreign.values()) >= 0.8


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return character in "—·〖〗┋→～€"
    return True
