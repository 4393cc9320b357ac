"""Headings of 问卷星 exports: the number, the wording and the row of a matrix that stand in them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from manyi.readers.wording import without_numbering

_NEW = re.compile(r"^\s*(?P<number>\d+)\s*[、.．]\s*(?P<text>.*\S)\s*$", re.DOTALL)
_OLD = re.compile(r"^\s*第\s*(?P<number>\d+)\s*题\s*(?:[(（](?P<row>.*)[)）])?\s*$", re.DOTALL)
# A Chinese dash is two characters; a single one joins question and row.
_JOIN = re.compile(r"(?<!—)—(?!—)")
_ROW_IN_BRACKETS = re.compile(r"^(?P<text>.+?)[(（](?P<row>.+)[)）]$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class AskedColumn:
    """One column that asks.

    Attributes
    ----------
    name : str
        In ``RawTable.cells``.
    heading : str
        As read.
    number : str
        Of the question; empty where the heading has none.
    text : str
        What stands behind the number, blanks made single.
    old_row : str or None
        What stands in brackets in ``第8题(row)``; None for headings of the new form.
    found : Mapping
        How often each cell text occurs, missing marks left out.
    """

    name: str
    heading: str
    number: str
    text: str
    old_row: str | None
    found: Mapping[str, int]


def is_numbered(heading: str) -> bool:
    """Return whether a heading is ``8、…``, ``8.…`` or ``第8题(…)``."""
    return is_old(heading) or _NEW.match(heading) is not None


def is_old(heading: str) -> bool:
    """Return whether a heading is ``第8题(…)``.

    >>> is_old("第8题(教学质量)"), is_old("8、教学质量")
    (True, False)
    """
    return _OLD.match(heading) is not None


def parse_heading(name: str, heading: str, found: Mapping[str, int]) -> AskedColumn:
    r"""Return the parts of a heading, whatever TABs and line breaks stand in it.

    >>> parse_heading("a", "3、性\t别\n ", {}).text, parse_heading("b", "第8题(教学(含作业))", {}).old_row
    ('性 别', '教学(含作业)')
    """
    old = _OLD.match(heading)
    if old:
        return AskedColumn(name, heading, old["number"], "", " ".join((old["row"] or "").split()), found)
    new = _NEW.match(heading)
    if new:
        return AskedColumn(name, heading, new["number"], " ".join(new["text"].split()), None, found)
    return AskedColumn(name, heading, "", without_numbering(heading), None, found)


class Grouping:
    """Key of consecutive columns of one question; numbering may restart, so the number alone is no key."""

    def __init__(self) -> None:
        self.serial = 0
        self.last = ("", False)

    def __call__(self, column: AskedColumn) -> int:
        """Return the serial number of the question the column belongs to."""
        here = (column.number, column.old_row is not None)
        if not column.number or here != self.last:
            self.serial += 1
        self.last = here
        return self.serial


def stem_and_rows(group: Sequence[AskedColumn]) -> tuple[str, list[str]]:
    """Return the wording above the rows of one question, and each row; no rows where it has none.

    ``8、stem—row`` stands over the first column and ``8、row`` over those behind it; older exports repeat the
    stem, write ``8、stem(row)``, or ``第8题(row)`` throughout. The rows of a table that respondents lengthen
    (自增表格) are ``row—column``.
    """
    first = group[0]
    if first.old_row is not None:
        return "", [column.old_row or "" for column in group]
    stem, row = _stem_and_row(first.text)
    if not row:
        return stem, []
    return stem, [row, *(_own_row(column.text, stem) for column in group[1:])]


def _stem_and_row(text: str) -> tuple[str, str]:
    joins = list(_JOIN.finditer(text))
    if joins:
        return text[: joins[-1].start()].strip(), text[joins[-1].end() :].strip()
    brackets = _ROW_IN_BRACKETS.match(text)
    return (brackets["text"].strip(), brackets["row"].strip()) if brackets else (text, "")


def _own_row(text: str, stem: str) -> str:
    row = text.removeprefix(stem).lstrip("—").strip() if stem and text.startswith(stem) else text
    return row[1:-1] if row[:1] in "(（" and row[-1:] in ")）" else row
