"""Where the headings of a table are: below titles, in one row, or in several joined to ``group—row``."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from manyi.readers.tables.sheet import Merged
from manyi_instruments.faults import Fault, Place

#: Rows looked at: titles, dates and notes stand above the headings of many tables, further down they do not.
SAMPLE_ROWS = 60
_MOST_TITLES = 10
_MOST_HEADING_ROWS = 4
#: Joins the group and the row of a heading in two rows, as 问卷星 joins matrix and row.
JOIN = "—"
_NUMBER = re.compile(r"[+-]?[\d,]*\.?\d+%?")
#: A label and a colon: a unit, a date, who filled the table in; never a group of columns.
_LABELLED = re.compile(r"^.{1,8}[:：]")

Records = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Headings:
    """The headings of a table and the rows they stand in, counted from 0.

    Attributes
    ----------
    texts : tuple of str
        One a column.
    first, last : int
        First and last row of headings; data begins behind ``last``.
    titles : tuple of str
        What the rows above say.
    evidence : str
        What joined rows were joined for; empty for one row.
    """

    texts: tuple[str, ...]
    first: int
    last: int
    titles: tuple[str, ...] = ()
    evidence: str = ""

    def faults(self, path: Path, sheet: str = "", skipped: int = 0) -> tuple[Fault, ...]:
        """Return warnings of the rows that are no data: titles, and headings in several rows."""
        found = []
        if self.titles:
            details = {"n": len(self.titles), "title": self.titles[0][:60], "row": self.first + skipped + 1}
            place = Place(file=path.name, sheet=sheet, row=self.first + skipped + 1)
            found.append(Fault("file-title-rows", place, details, "warning"))
        if self.last > self.first:
            joined = next((text for text in self.texts if JOIN in text), "")
            told: dict[str, object] = {
                "first": self.first + skipped + 1,
                "last": self.last + skipped + 1,
                "example": joined,
                "evidence": self.evidence,
            }
            place = Place(file=path.name, sheet=sheet, row=self.first + skipped + 1)
            found.append(Fault("file-headings-joined", place, told, "warning"))
        return tuple(found)


def fold(text: str) -> str:
    """Return a heading or a word without spaces, full-width forms and capitals.

    Examples
    --------
    >>> fold("学校（机构） 标识码")
    '学校(机构)标识码'
    """
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def find_headings(records: Records, merged: Sequence[Merged] = ()) -> Headings:
    """Find the headings among the first rows of a table.

    Parameters
    ----------
    records : sequence of sequences of str
        The first rows, one at least with a cell.
    merged : sequence of Merged
        Merged cells, where the file has them.

    Returns
    -------
    Headings
        Rows with one or two cells above a full row of words are titles. A row is a group heading where its
        cells are merged over several columns, or, in a file without merged cells, where blanks stand to the
        right of a heading, words below them that occur nowhere further down, and numbers below those.
    """
    first = next(row for row, record in enumerate(records) if _filled(record))
    width = max(len(record) for record in records)
    start = _below_titles(records, first, merged)
    titles = tuple(_title(records[row]) for row in range(first, start) if _filled(records[row]))
    last, evidence = _merged_depth(records, start, merged, width)
    if last == start:
        last, evidence = _blank_depth(records, start, width)
    texts = _joined(records, start, last, merged, width) if last > start else _padded(records[start], width)
    while len(texts) > len(records[last]) and not texts[-1].strip():
        texts = texts[:-1]
    return Headings(tuple(texts), start, last, titles, evidence)


def _filled(record: Sequence[str]) -> list[int]:
    return [column for column, cell in enumerate(record) if cell.strip()]


def _padded(record: Sequence[str], width: int) -> list[str]:
    return [*record, *[""] * (width - len(record))]


def _title(record: Sequence[str]) -> str:
    return " ".join(cell.strip() for cell in record if cell.strip())


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell.strip()) is not None


def _below_titles(records: Records, first: int, merged: Sequence[Merged]) -> int:
    """Return the row the headings begin at: ``first``, unless titles stand above a full row of words."""
    widest = max(len(_filled(record)) for record in records)
    for row in range(first, min(len(records), first + _MOST_TITLES + 1)):
        filled = _filled(records[row])
        if not filled:
            continue
        if _is_title(records[row], row, filled, widest, merged):
            continue
        words = sum(not _is_number(records[row][column]) for column in filled)
        # Something narrower than the table that is no title: better take the file as it is.
        full = words * 5 >= len(filled) * 4 and (len(filled) * 5 >= widest * 3 or bool(_groups(merged, row)))
        return row if full else first
    return first


def _is_title(
    record: Sequence[str], row: int, filled: Sequence[int], widest: int, merged: Sequence[Merged]
) -> bool:
    spans = [right - left + 1 for top, _, left, right in merged if top == row and right > left]
    if len(filled) == 1 and spans:
        return max(spans) >= max(2, 0.8 * widest)
    labelled = [column for column in filled if _LABELLED.match(record[column].strip())]
    if len(filled) == 1:
        return widest >= 3 and (filled[0] == 0 or bool(labelled))
    return len(filled) == 2 and widest >= 4 and not _groups(merged, row) and bool(labelled)


def _groups(merged: Sequence[Merged], row: int) -> list[Merged]:
    return [found for found in merged if found[0] <= row <= found[1] and found[3] > found[2]]


def _merged_depth(records: Records, start: int, merged: Sequence[Merged], width: int) -> tuple[int, str]:
    """Return the last row of headings by the merged cells, and which cells tell it."""
    last = start
    told: list[Merged] = []
    while last - start < _MOST_HEADING_ROWS - 1 and last + 1 < len(records):
        groups = [found for found in _groups(merged, last) if _has_rows(records, last + 1, found)]
        if not groups:
            break
        told.extend(found for found in groups if found not in told)
        last += 1
    return last, "、".join(_range(found) for found in told[:3])


def _has_rows(records: Records, row: int, group: Merged) -> bool:
    """Return whether words that are no answers stand below a merged heading: no numbers, none met again."""
    below = [column for column in range(group[2], group[3] + 1) if column < len(records[row])]
    words = {column: cell for column in below if (cell := records[row][column].strip())}
    body = [record for record in records[row + 1 :] if _filled(record)]
    again = any(
        column < len(record) and record[column].strip() == cell
        for record in body
        for column, cell in words.items()
    )
    return bool(words) and not again and not any(map(_is_number, words.values()))


def _range(merged: Merged) -> str:
    """Return a range as a spreadsheet writes it.

    >>> _range((0, 0, 1, 27))
    'B1:AB1'
    """
    top, bottom, left, right = merged
    return f"{_letters(left)}{top + 1}:{_letters(right)}{bottom + 1}"


def _letters(column: int) -> str:
    letters, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters


def _blank_depth(records: Records, start: int, width: int) -> tuple[int, str]:
    """Return the last row of headings where a group heading left blanks to its right, and which told it."""
    if start + 1 >= len(records):
        return start, ""
    head, below = _padded(records[start], width), _padded(records[start + 1], width)
    body = [_padded(record, width) for record in records[start + 2 :] if _filled(record)]
    groups: list[tuple[int, int]] = []
    for column in range(width):
        if not below[column].strip():
            # Nothing below: a heading of its own, which must then stand above.
            if not head[column].strip():
                return start, ""
            continue
        if _is_number(below[column]) or any(
            record[column].strip() == below[column].strip() for record in body
        ):
            return start, ""
        if head[column].strip():
            groups.append((column, column))
        elif groups and groups[-1][1] == column - 1:
            groups[-1] = (groups[-1][0], column)
        else:
            return start, ""
    wide = [group for group in groups if group[1] > group[0]]
    columns = [column for left, right in groups for column in range(left, right + 1)]
    if not wide or not body or not _numbers_below(body, columns):
        return start, ""
    return start + 1, "、".join(head[left].strip() for left, _ in wide[:3])


def _numbers_below(body: Records, columns: Sequence[int]) -> bool:
    """Return whether most cells below the rows of a group are numbers: answers, where those are words."""
    cells = [record[column] for record in body for column in columns if record[column].strip()]
    return bool(cells) and sum(map(_is_number, cells)) * 2 > len(cells)


def _joined(records: Records, start: int, last: int, merged: Sequence[Merged], width: int) -> list[str]:
    rows = [_padded(records[row], width) for row in range(start, last + 1)]
    for depth, row in enumerate(range(start, last + 1)):
        spans = [found for found in merged if found[0] == row]
        for top, bottom, left, right in spans:
            for column in range(left, min(right + 1, width)):
                rows[depth][column] = rows[depth][left]
                for further in range(top + 1, min(bottom, last) + 1):
                    rows[further - start][column] = rows[depth][left]
    if not merged:
        for column in range(1, width):
            if not rows[0][column].strip() and rows[-1][column].strip():
                rows[0][column] = rows[0][column - 1]
    texts = []
    for column in range(width):
        parts = [" ".join(row[column].split()) for row in rows]
        texts.append(JOIN.join(dict.fromkeys(part for part in parts if part)))
    return texts
