"""The store's answers of one role as a table of text, as if a platform had exported them."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from manyi.collect.store.records import Kept, Standing
from manyi.readers.platforms import own_server
from manyi.readers.tables.raw_table import RawTable
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.forms.answer_checks import AnswerChecks
from manyi_instruments.forms.web.stored import has_other, other_column

#: Bytes of a row's number, 15 decimal digits: as many as a spreadsheet keeps.
_ROW_BYTES = 6
#: Payloads read together: their answers are cells before the next ones come.
_TOGETHER = 1000
#: A payload that says nothing.
_NOTHING: Mapping[str, Any] = {"answers": {}}

Content = Mapping[str, Any]


def stored_table(
    rows: Iterable[Kept],
    questionnaire: Questionnaire,
    name: str,
    definitions: Collection[str] = (),
    utc_offset: str = "+00:00",
) -> RawTable:
    """Return the rows of one role, accepted or not, as a table of text.

    Parameters
    ----------
    rows : iterable of Kept
        All of them: what does not count is told apart by its standing, not left out.
    questionnaire : Questionnaire
        Names the columns; answers to other questions have columns of their own behind these.
    name : str
        Stands for the file.
    definitions : collection of str
        Hashes of definitions whose answers are taken in though the server had put them aside, where they
        pass today's checks.
    utc_offset : str
        Clock by which submissions are dated, ``+08:00``.

    Returns
    -------
    RawTable
        Headings as :mod:`manyi.readers.platforms.own_server` reads them. ``numbers`` are made from the ids:
        the number of a row stays the same whatever comes and goes beside it.
    """
    work = _Table(questionnaire, definitions, _Clock(utc_offset))
    coming = iter(rows)
    while some := list(islice(coming, _TOGETHER)):
        work.add(some)
    return RawTable(
        path=Path(name),
        sheet="",
        headings=tuple(work.columns),
        cells=pd.DataFrame(
            {column: pd.Series(texts, dtype="str") for column, texts in work.columns.items()}, copy=False
        ),
        encoding="utf-8",
        sha256=work.digest.hexdigest(),
        first_data_row=1,
        size=work.size,
        numbers=np.array(work.numbers, dtype=np.int64),
    )


class _Spelling(dict[object, str]):
    """The cell of each different answer of one column, spelt once."""

    def __missing__(self, value: object) -> str:
        text = _spelt(value)
        self[value] = text
        return text


class _Table:
    """A table under way."""

    def __init__(self, questionnaire: Questionnaire, definitions: Collection[str], clock: "_Clock") -> None:
        self.taken = {definition_hash(questionnaire), *definitions}
        self.checks = AnswerChecks(questionnaire)
        self.clock = clock
        self.columns: dict[str, list[str]] = {heading: [] for heading in own_server.ABOUT}
        for question in questionnaire.questions():
            self.columns[question.id] = []
            if has_other(question, questionnaire):
                self.columns[other_column(question)] = []
        self.spelt: dict[str, _Spelling] = {}
        self.numbers: list[int] = []
        self.used: set[int] = set()
        self.digest = hashlib.sha256()
        self.size = 0

    def add(self, rows: Sequence[Kept]) -> None:
        """Add rows: first what stands before their answers, then the answers column by column."""
        contents = _contents(rows)
        for row, content in zip(rows, contents, strict=True):
            self.numbers.append(self.number(row))
            self.digest.update(f"{row.id}\0{row.standing}\0{row.definition}\0".encode() + row.payload)
            self.size += len(row.payload)
            standing, faults = self.standing(row, content)
            told = _NOTHING if content is None else content
            about = (
                *(row.id, standing, faults, row.school, row.group, self.clock[row.minute]),
                *(_total(told.get("seconds")), self.clock[str(told.get("started", ""))], row.definition),
                *(str(told.get("language", "")), str(told.get("device", ""))),
            )
            for heading, text in zip(own_server.ABOUT, about, strict=True):
                self.columns[heading].append(text)
        answers = [_NOTHING["answers"] if content is None else content["answers"] for content in contents]
        before = len(self.numbers) - len(rows)
        for other in sorted(set().union(*answers) - self.columns.keys()):
            self.columns[other] = [""] * before
        for column in islice(self.columns, len(own_server.ABOUT), None):
            self.columns[column] += self.cells(column, answers)

    def cells(self, column: str, answers: Sequence[Content]) -> list[str]:
        """Return the cells of some rows."""
        spelt = self.spelt.setdefault(column, _Spelling({None: ""}))
        try:
            return [spelt[one.get(column)] for one in answers]
        except TypeError:
            # Lists and mappings, of a multiple choice and a ranking, are no keys.
            return [_spelt(one.get(column)) for one in answers]

    def standing(self, row: Kept, content: Content | None) -> tuple[str, str]:
        """Return what becomes of a row, and what is wrong with it."""
        if content is None:
            return "faulty", "payload-not-json"
        if row.standing is not Standing.aside:
            return str(row.standing), ""
        if row.definition not in self.taken:
            return "other-form", ""
        faults = self.checks.faults(content["answers"])
        told = ", ".join(f"{fault.code} {fault.place.field}" for fault in faults)
        return ("faulty" if faults else own_server.ACCEPTED), told

    def number(self, row: Kept) -> int:
        """Return a number that only the row's own id decides, whatever rows there are beside it.

        One id may have several rows; those that do not count are numbered by their payload too.
        """
        name = row.id.encode()
        if row.standing in (Standing.conflict, Standing.code_spent):
            name += b"\0" + row.definition.encode() + row.payload
        number = int.from_bytes(hashlib.sha256(name).digest()[:_ROW_BYTES]) + 1
        while number in self.used:
            number += 1
        self.used.add(number)
        return number


class _Clock(dict[str, str]):
    """Minutes in UTC by the clock of the place; what is no minute stays as it is."""

    def __init__(self, utc_offset: str) -> None:
        super().__init__({"": ""})
        hours, minutes = utc_offset[1:].split(":")
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        self.ahead = -ahead if utc_offset.startswith("-") else ahead
        self.utc_offset = utc_offset

    def __missing__(self, minute: str) -> str:
        try:
            moment = datetime.fromisoformat(minute.replace("Z", "+00:00")).astimezone(UTC)
            text = f"{moment + self.ahead:%Y-%m-%dT%H:%M}{self.utc_offset}"
        except (ValueError, OverflowError):
            text = minute
        self[minute] = text
        return text


def _contents(rows: Sequence[Kept]) -> list[Content | None]:
    """Return the payloads read; None for one that holds no answers."""
    try:
        found = json.loads(b"[" + b",".join(row.payload for row in rows) + b"]")
    except ValueError:
        found = []
    if len(found) != len(rows):
        found = [_content(row.payload) for row in rows]
    return [one if isinstance(one, dict) and isinstance(one.get("answers"), dict) else None for one in found]


def _content(payload: bytes) -> object:
    try:
        return json.loads(payload)
    except (ValueError, RecursionError):
        return None


def _total(seconds: object) -> str:
    """Return the seconds of all sections as a number without a power of ten."""
    if not isinstance(seconds, dict) or not seconds:
        return ""
    try:
        return f"{sum(seconds.values()):.1f}".removesuffix(".0")
    except TypeError:
        return ""


def _spelt(value: object) -> str:
    """Return one answer as a cell.

    Examples
    --------
    >>> _spelt([1, 3]), _spelt({"4": 2, "1": 1}), _spelt(2.0), _spelt(-8), _spelt("a")
    ('1 3', '1 4', '2', '-8', 'a')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict):
        return own_server.SEPARATOR.join(sorted(value, key=lambda one: (str(value[one]).zfill(9), one)))
    if isinstance(value, list):
        return own_server.SEPARATOR.join(map(str, value))
    return "" if value is None else str(value)
