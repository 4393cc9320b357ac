"""From the cells of a file to coded answers, every cell accounted for."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.readers.decoding.account import Account, Codes
from manyi.readers.decoding.cell_rules import (
    Fate,
    Reading,
    Rule,
    choice_rule,
    missing_rule,
    multiple_rule,
    number_rule,
    plain_text,
    tick_rule,
)
from manyi.readers.decoding.submission import repaired_codes, seconds_of, texts_of
from manyi.readers.matching.match import Match, Matching, Question
from manyi.readers.platforms.source import NUMERIC, SourceTable
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.faults import Fault, Place

ABOUT = ("file", "row", "person", "school", "stage", "submitted", "seconds")

Values = npt.NDArray[np.float64]
_Holds = Callable[["pd.Series[str]", int], "pd.Series[bool]"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """Coded answers of one file.

    Attributes
    ----------
    answers : DataFrame
        ``file, row, person, school, stage, submitted, seconds`` and the questions in asking order: float64
        with missing codes and never NaN for choice and number, ``{item}__{value}`` 1/0 for multiple choice,
        string (NA for none) for text and for ``{item}__text`` beside an answer.
    quarantine : DataFrame
        ``role, file, row, column, item, value, code, reason``: cells stored as ``invalid``, and rows that are
        no answer sheet (column and item empty).
    cells : DataFrame
        One row: ``rows_read = rows_kept + rows_quarantined``; over the question columns of the kept rows
        ``cells_read = cells_kept + cells_recoded + cells_missing + cells_rejected``; missing by kind;
        the columns that are not questions and those unmatched, by their number.
    repaired_codes : DataFrame
        ``role, file, value, repaired, n``: school codes that had become a number (``1000303.0``).
    faults : tuple of Fault
        Warnings.
    """

    answers: pd.DataFrame
    quarantine: pd.DataFrame
    cells: pd.DataFrame
    repaired_codes: pd.DataFrame
    faults: tuple[Fault, ...] = ()


def decode(
    source: SourceTable,
    matching: Matching,
    questionnaire: Questionnaire,
    role: Role,
    file_name: str,
    role_id: str = "",
    language: str = "zh",
) -> Decoded:
    """Decode the answers of one file.

    Parameters
    ----------
    source, matching
        The file and what its columns are.
    questionnaire : Questionnaire
        Values, labels and missing codes.
    role : Role
        ``role.stage`` gives the stage.
    file_name : str
        Stands in the column ``file``.
    role_id : str
        Stands in the column ``role`` of quarantine and cells.
    language : str
        Of the reasons in the quarantine.

    Returns
    -------
    Decoded
        A row that is blank throughout or repeats the headings is quarantined; a cell that means nothing
        is stored as ``invalid`` and quarantined.
    """
    work = _Work(source, questionnaire, Account(role_id, file_name, language))
    work.set_aside_rows()
    matches = {found.item: found for found in matching.matches}
    columns: dict[str, object] = {}
    for question in questionnaire.questions():
        columns.update(work.question(question, matches.get(question.id)))
    about, repaired = _about(work, matching)
    answers = pd.DataFrame({**about, **columns})
    if role.stage is not None and role.stage.item in answers:
        answers["stage"] = _stages(answers[role.stage.item], role.stage.stages)
    return Decoded(
        answers=answers,
        quarantine=work.account.quarantine(),
        cells=work.account.ledger(work.rows_read, len(work.cells), len(source.raw.headings), matching),
        repaired_codes=repaired,
        faults=tuple(work.faults),
    )


def question_columns(questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the columns of the questions in a coded table, in asking order."""
    names: list[str] = []
    for question in questionnaire.questions():
        names.extend(_columns_of(question, questionnaire))
    return tuple(names)


def _columns_of(question: Question, questionnaire: Questionnaire) -> tuple[str, ...]:
    answers = questionnaire.answer_list(question)
    if answers is None:
        return (question.id,)
    other = (f"{question.id}__text",) if any(answer.other for answer in answers.answers) else ()
    if isinstance(question, Item) and question.type == "multiple":
        return (*(f"{question.id}__{value}" for value in answers.values), *other)
    return (question.id, *other)


def _about(work: "_Work", matching: Matching) -> tuple[dict[str, object], pd.DataFrame]:
    cells, n = work.cells, len(work.cells)
    blank = pd.Series(pd.NA, index=range(n), dtype="string")
    school, repaired = blank, repaired_codes({}, work.account.role_id, work.account.file_name)
    if matching.school is not None:
        school, repairs = texts_of(cells[matching.school], work.source.missing, repair=True)
        repaired = repaired_codes(repairs, work.account.role_id, work.account.file_name)
    person = blank
    if matching.person is not None:
        person, _ = texts_of(cells[matching.person], work.source.missing, repair=False)
    submitted = pd.Series("", index=range(n), dtype="string")
    if matching.submitted is not None:
        submitted = cells[matching.submitted].astype("string").str.strip().reset_index(drop=True)
    seconds: Values = np.full(n, np.nan)
    if matching.seconds is not None:
        seconds, unclear = seconds_of(cells[matching.seconds], work.source.missing)
        if unclear:
            place = Place(file=work.account.file_name, field=matching.seconds)
            details = {"n": sum(unclear.values()), "value": next(iter(unclear))}
            work.faults.append(Fault("duration-unclear", place, details, "warning"))
    about = {
        "file": pd.Series(work.account.file_name, index=range(n), dtype="string"),
        "row": work.rows,
        "person": person,
        "school": school,
        "stage": blank,
        "submitted": submitted,
        "seconds": seconds,
    }
    return about, repaired


def _stages(values: "pd.Series[float]", stages: Mapping[str, Iterable[int]]) -> "pd.Series[str]":
    names = {float(value): name for name, members in stages.items() for value in members}
    return values.map(names).astype("string")


@dataclass(slots=True)
class _Work:
    """The decoding of one file under way."""

    source: SourceTable
    questionnaire: Questionnaire
    account: Account
    cells: pd.DataFrame = field(init=False)
    rows: Codes = field(init=False)
    rows_read: int = field(init=False)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        raw = self.source.raw
        self.cells = raw.cells.reset_index(drop=True)
        self.rows = np.asarray(raw.rows, dtype=np.int64)
        self.rows_read = len(self.cells)

    def set_aside_rows(self) -> None:
        """Quarantine the rows that are no answer sheet: blank throughout, or the headings again."""
        raw = self.source.raw
        blank = _all_rows(raw.cells, lambda column, _: column.str.strip() == "")
        again = _all_rows(raw.cells, lambda column, i: column.str.strip() == raw.headings[i].strip())
        again &= ~blank
        for mask, code in ((blank, "empty-row"), (again, "heading-row")):
            if mask.any():
                first = raw.headings[0].strip() if code == "heading-row" else ""
                self.account.enter(self.rows[mask], "", "", first, Fault(code))
        keep = ~(blank | again)
        if not keep.all():
            self.cells = self.cells[keep].reset_index(drop=True)
            self.rows = self.rows[keep]

    def question(self, question: Question, found: Match | None) -> dict[str, object]:
        """Return the coded columns of one question."""
        n = len(self.cells)
        names = _columns_of(question, self.questionnaire)
        is_text = isinstance(question, Item) and question.type == "text"
        coded: dict[str, object] = {}
        for name in names:
            if is_text or name.endswith("__text"):
                coded[name] = pd.Series(pd.NA, index=range(n), dtype="string")
            else:
                coded[name] = np.full(n, float(self.questionnaire.missing_codes["not_asked"].code))
        if found is None:
            return coded
        if is_text:
            coded[question.id] = self._texts(found.source.columns[0])
        elif isinstance(question, Item) and question.type == "multiple":
            coded.update(self._multiple(question, found))
        else:
            coded.update(self._single(question, found.source.columns[0]))
        if found.other is not None and f"{question.id}__text" in coded:
            coded[f"{question.id}__text"] = self._texts(found.other)
        return coded

    def _single(self, question: Question, column: str) -> dict[str, object]:
        if isinstance(question, Item) and question.type == "number":
            rule: Rule = number_rule(question, self.source, self.questionnaire)
        else:
            rule = choice_rule(question, self.source, self.questionnaire)
        codes, readings = self._read(column, rule)
        readings = self._distrust_places(question, column, readings)
        self.account.column(column, question.id, self.rows, codes, readings)
        coded: dict[str, object] = {question.id: self._values(readings)[codes]}
        coded.update(self._others(question, codes, readings))
        return coded

    def _distrust_places(
        self, question: Question, column: str, readings: dict[str, Reading]
    ) -> dict[str, Reading]:
        """Reject every option number of a column that holds a number beyond the list.

        The list then lacks an option, and nothing tells whether it stands before or after the others.
        """
        answers = self.questionnaire.answer_list(question)
        if self.source.style != "number" or answers is None:
            return readings
        numbers = {cell: float(plain_text(cell)) for cell in readings if NUMERIC.fullmatch(plain_text(cell))}
        beyond = [
            numbers[cell]
            for cell, reading in readings.items()
            if reading.code == "answer-out-of-list" and numbers.get(cell, 0) > len(answers.answers)
        ]
        if not beyond:
            return readings
        details = {"item": question.id, "highest": int(max(beyond)), "answers": len(answers.answers)}
        place = Place(file=self.account.file_name, field=column)
        self.faults.append(Fault("option-number-unsure", place, details, "warning"))
        unsure = Reading(Fate.REJECTED, code="option-number-unsure", details=details)
        return {
            cell: unsure if cell in numbers and reading.fate != Fate.MISSING else reading
            for cell, reading in readings.items()
        }

    def _multiple(self, question: Item, found: Match) -> dict[str, object]:
        if found.source.split:
            return self._ticks(question, found)
        column = found.source.columns[0]
        codes, readings = self._read(column, multiple_rule(question, self.source, self.questionnaire))
        self.account.column(column, question.id, self.rows, codes, readings)
        answers = self.questionnaire.answer_list(question)
        coded: dict[str, object] = {}
        invalid = float(self.questionnaire.missing_codes["invalid"].code)
        for value in answers.values if answers else ():
            ticks = [
                float(value in reading.values)
                if reading.fate in (Fate.KEPT, Fate.RECODED)
                else (reading.values[0] if reading.fate == Fate.MISSING else invalid)
                for reading in readings.values()
            ]
            coded[f"{question.id}__{value}"] = np.array(ticks, dtype=np.float64)[codes]
        coded.update(self._others(question, codes, readings))
        return coded

    def _ticks(self, question: Item, found: Match) -> dict[str, object]:
        """Read a multiple choice with a column an option; a blank beside a tick is a 0."""
        option_of = dict(zip(found.source.columns, found.source.options, strict=True))
        read: dict[int, tuple[Codes, dict[str, Reading]]] = {}
        answered = np.zeros(len(self.cells), dtype=bool)
        for value, column in found.options.items():
            rule = tick_rule(question, value, option_of[column], self.source, self.questionnaire)
            codes, readings = self._read(column, rule)
            read[value] = codes, readings
            given = [reading.fate in (Fate.KEPT, Fate.RECODED) for reading in readings.values()]
            answered |= np.array(given, dtype=bool)[codes]
        coded: dict[str, object] = {}
        for value, (codes, readings) in read.items():
            blank = np.array([not cell.strip() for cell in readings], dtype=bool)[codes] & answered
            values = self._values(readings)[codes]
            values[blank] = 0.0
            self.account.fates[Fate.RECODED] += int(blank.sum())
            self.account.column(found.options[value], question.id, self.rows, codes, readings, ~blank)
            coded[f"{question.id}__{value}"] = values
            coded.update(self._others(question, codes, readings))
        return coded

    def _texts(self, column: str) -> "pd.Series[str]":
        text, _ = texts_of(self.cells[column], self.source.missing, repair=False)
        missing = missing_rule(self.source, self.questionnaire)
        blanks = self.cells[column][text.isna()].value_counts()
        for cell, n in blanks.items():
            reading = missing(str(cell))
            self.account.kinds[str(reading.kind) if reading else "no_answer"] += int(n)
        self.account.fates[Fate.MISSING] += int(text.isna().sum())
        self.account.fates[Fate.KEPT] += int(text.notna().sum())
        return text

    def _read(self, column: str, rule: Rule) -> tuple[Codes, dict[str, Reading]]:
        """Apply a rule once to each different cell of a column."""
        codes, uniques = pd.factorize(self.cells[column])
        return codes.astype(np.int64), {str(cell): rule(str(cell)) for cell in uniques}

    def _values(self, readings: Mapping[str, Reading]) -> Values:
        invalid = float(self.questionnaire.missing_codes["invalid"].code)
        stored = [reading.values[0] if reading.values else invalid for reading in readings.values()]
        return np.array(stored, dtype=np.float64)

    def _others(self, question: Question, codes: Codes, readings: Mapping[str, Reading]) -> dict[str, object]:
        texts = [reading.other for reading in readings.values()]
        if not any(texts):
            return {}
        name = f"{question.id}__text"
        if name in _columns_of(question, self.questionnaire):
            return {name: pd.Series(texts, dtype="string").take(codes).reset_index(drop=True)}
        n = int(np.isin(codes, [index for index, text in enumerate(texts) if text]).sum())
        place = Place(file=self.account.file_name, field=question.id)
        self.faults.append(Fault("other-text-not-kept", place, {"item": question.id, "n": n}, "warning"))
        return {}


def _all_rows(cells: pd.DataFrame, holds: _Holds) -> npt.NDArray[np.bool_]:
    """Return the rows for which every column holds; a column is looked at only where all before it did."""
    left = np.arange(len(cells))
    for index, name in enumerate(cells.columns):
        if not len(left):
            break
        left = left[holds(cells[name].iloc[left], index).to_numpy(dtype=bool)]
    mask = np.zeros(len(cells), dtype=bool)
    mask[left] = True
    return mask
