"""Delimited text: its delimiter, its headings, its cells."""

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

from manyi.readers.tables.dictionary import FileDictionary
from manyi.readers.tables.encoding import LONGEST_LINE, decode_text
from manyi.readers.tables.headings import SAMPLE_ROWS, Headings, find_headings
from manyi_instruments.faults import Fault, FileUnreadable, Place

DELIMITERS = (",", ";", "\t", "|")
#: Columns a table may have: more than any questionnaire, and what a spreadsheet can show.
MOST_COLUMNS = 20_000
_SAMPLE = 1 << 18
_SAMPLE_RECORDS = 200
_MOST_PADDED = 25_000_000
#: What some programs write between cells that is no delimiter we read, in the order in which it is suspected.
_OTHER_DELIMITERS = ("^", "~", "；", "，", "、", "¦", "\x1f", ":", "：", " ", "\u3000")


@dataclass(frozen=True, slots=True)
class Content:
    """Headings and cells of a file, before its columns are named."""

    headings: tuple[str, ...]
    cells: pd.DataFrame
    encoding: str
    first_data_row: int
    sheet: str = ""
    faults: tuple[Fault, ...] = ()
    dictionary: FileDictionary | None = None
    heading_rows: int = 1
    delimiter: str = ""


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
        A quoted cell may hold line breaks; row numbers count records, as a spreadsheet does. Titles above
        the headings are passed over and headings in several rows joined, each with a warning.

    Raises
    ------
    FileUnreadable
        Those of ``decode_text``, ``file-empty``, ``file-header-only``, ``file-quote-open``,
        ``file-delimiter-unknown`` or ``file-too-many-columns``.
    """
    text, encoding = decode_text(path, data)
    declared, start = _declared_delimiter(text)
    end, skipped = max(start, _end(text)), int(declared is not None)
    delimiter = declared or sniff_delimiter(text[start : min(end, start + _SAMPLE)])
    found = _headings(path, text[start : min(end, start + 4 * LONGEST_LINE)], delimiter, declared is not None)
    headings, cells = list(found.texts), None
    quotes = text.count('"', start, end)
    if quotes % 2 == 0:
        body = _bytes_of(text, start, end, data, encoding)
        cells = _vectorised(body, delimiter, len(headings), found.last, quoted=quotes > 0)
    faults: tuple[Fault, ...] = ()
    if cells is None:
        text = text[start:end]
        headings, cells, faults = _record_by_record(path, text, delimiter, found.last, headings, skipped)
    if not len(cells):
        details: dict[str, object] = {"file": path.name, "columns": len(headings)}
        raise FileUnreadable(Fault("file-header-only", Place(file=path.name), details))
    return Content(
        tuple(headings),
        cells,
        encoding,
        found.last + skipped + 2,
        faults=(*found.faults(path, "", skipped), *faults),
        heading_rows=found.last - found.first + 1,
        delimiter=delimiter,
    )


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
        # Titles above the headings are shorter than the table.
        width = Counter(map(len, records)).most_common(1)[0][0] if records else 0
        if width < 2:
            continue
        even = sum(len(record) == width for record in records) / len(records)
        if (round(even, 2), width) > best_score:
            best, best_score = delimiter, (round(even, 2), width)
    return best


def _declared_delimiter(text: str) -> tuple[str | None, int]:
    """Return the delimiter of a first line "sep=;", as Excel writes and obeys, and where the table begins."""
    line = text.find("\n")
    first = (text if line < 0 else text[:line]).strip().strip('"')
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4], len(text) if line < 0 else line + 1
    return None, 0


def _end(text: str) -> int:
    """Return where a text ends without its last line breaks; a large one is not copied for that."""
    end = len(text)
    while end and text[end - 1] in "\r\n\x1a":
        end -= 1
    return end


def _bytes_of(text: str, start: int, end: int, data: bytes, encoding: str) -> memoryview:
    """Return a part of the text in UTF-8: the file's own bytes where they are that already."""
    if encoding not in ("utf-8", "utf-8-sig"):
        return memoryview(text[start:end].encode("utf-8"))
    mark = 3 if encoding == "utf-8-sig" else 0
    # What is cut at the end is ASCII: as many bytes as characters.
    return memoryview(data)[mark + len(text[:start].encode("utf-8")) : len(data) - (len(text) - end)]


def _first_records(text: str, delimiter: str) -> list[list[str]]:
    """Return the first records of a text: of its beginning, where that holds one more than asked for."""
    for length in (_SAMPLE, len(text)):
        records = list(
            islice(csv.reader(io.StringIO(text[:length], newline=""), delimiter=delimiter), SAMPLE_ROWS + 1)
        )
        if len(records) > SAMPLE_ROWS:
            break
    return records[:SAMPLE_ROWS]


def _headings(path: Path, text: str, delimiter: str, declared: bool) -> Headings:
    """Return the headings; refuse a table of too many columns, or of one that another sign cuts."""
    place = Place(file=path.name, row=1)
    csv.field_size_limit(2**31 - 1)
    try:
        records = _first_records(text, delimiter)
    except csv.Error:
        raise FileUnreadable(Fault("file-quote-open", place, {"file": path.name, "row": 1})) from None
    if not any(cell.strip() for record in records for cell in record):
        raise FileUnreadable(Fault("file-empty", Place(file=path.name), {"file": path.name}))
    widest = max(map(len, records))
    if widest > MOST_COLUMNS:
        details = {"file": path.name, "columns": widest, "most": MOST_COLUMNS}
        raise FileUnreadable(Fault("file-too-many-columns", place, details))
    if widest == 1 and not declared and (sign := _uncut(records)):
        told = {"file": path.name, "sign": sign, "heading": records[0][0].strip()[:60]}
        raise FileUnreadable(Fault("file-delimiter-unknown", place, told))
    return find_headings(records)


def _uncut(records: Sequence[Sequence[str]]) -> str:
    """Return the sign that stands equally often in every line of a table read as one column."""
    lines = [record[0] for record in records if record and record[0].strip()]
    for sign in _OTHER_DELIMITERS:
        count = lines[0].count(sign)
        if count and len(lines) > 2 and all(line.count(sign) == count for line in lines):
            return sign
    return ""


def _vectorised(
    body: memoryview, delimiter: str, width: int, last: int, *, quoted: bool
) -> pd.DataFrame | None:
    """Return all records behind the last heading row; None where a record has not ``width`` cells."""
    names = [f"f{number}" for number in range(width)]
    try:
        table = pacsv.read_csv(
            pa.py_buffer(body),
            read_options=pacsv.ReadOptions(column_names=names, block_size=1 << 24, encoding="utf8"),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=quoted, ignore_empty_lines=False
            ),
            convert_options=pacsv.ConvertOptions(
                # As pandas holds texts: another type would be converted cell by cell.
                column_types=dict.fromkeys(names, pa.large_string()),
                strings_can_be_null=False,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    frame: pd.DataFrame = table.slice(last + 1).to_pandas()
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
    if widest > MOST_COLUMNS or (widest > width and widest * len(body) > _MOST_PADDED):
        row = lengths.index(widest) + header_index + skipped + 2
        details: dict[str, object] = {"file": path.name, "columns": widest, "most": MOST_COLUMNS}
        raise FileUnreadable(Fault("file-too-many-columns", Place(file=path.name, row=row), details))
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
