"""Ranking questions: one cell of answers in order, a column an answer with its rank, or a column a rank."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.readers.decoding.account import Account
from manyi.readers.decoding.cell_rules import (
    MULTIPLE_SEPARATORS,
    Fate,
    Reading,
    Rule,
    choice_rule,
    missing_rule,
    plain_text,
)
from manyi.readers.decoding.reading import held_back
from manyi.readers.matching.match import Match
from manyi.readers.platforms.source import NUMERIC, SourceQuestion, SourceTable
from manyi.readers.tables.column import Codes
from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.faults import Fault

#: What stands between the answers of one cell, beside the separators of a multiple choice.
ARROWS = ("→", "⟶", "->", ">", "＞")

Values = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_Column = tuple[str, Codes, dict[str, Reading]]


@dataclass(frozen=True, slots=True)
class Ranks:
    """The coded columns of one ranking question.

    Attributes
    ----------
    columns : Mapping
        ``{item}__{value}`` -> (n,) array: rank from 1; ``not_asked`` for an answer without a rank beside
        answers that have one; the missing code of the question where no answer has; ``invalid``.
    texts : tuple of (codes, readings)
        Columns whose cells may hold free text beside an answer.
    """

    columns: Mapping[str, Values]
    texts: tuple[tuple[Codes, Mapping[str, Reading]], ...]


def order_rule(
    item: Item, source: SourceTable, questionnaire: Questionnaire, found: SourceQuestion | None = None
) -> Rule:
    """Return the rule of a cell that holds the answers of a ranking in order, the first one ranked 1.

    Parts are joined by ``→`` ``->`` ``>``, the platform's separator, ``;`` ``|`` ``、`` ``,`` a line break
    or, by ODK and Kobo, a blank, wherever every part is then an answer. ``values`` of the reading are the
    answers in order. One unknown part rejects the cell; so does an answer that stands twice.
    """
    missing = missing_rule(source, questionnaire, found)
    single = choice_rule(item, source, questionnaire, found=found)
    separators = dict.fromkeys((*ARROWS, source.separator, *MULTIPLE_SEPARATORS, " "))

    def parts(cell: str) -> Iterator[list[str]]:
        yield [cell]
        for separator in separators:
            if separator and separator in cell.strip():
                yield [part for part in cell.split(separator) if part.strip()]

    def read(cell: str) -> Reading:
        absent = missing(cell)
        if absent is not None:
            return absent
        for split in parts(cell):
            readings = [single(part) for part in split]
            if readings and all(reading.fate in (Fate.KEPT, Fate.RECODED) for reading in readings):
                values = tuple(value for reading in readings for value in reading.values)
                if len(set(values)) < len(values):
                    return _rejected("answer-ranked-twice", cell, item)
                texts = [reading.other for reading in readings if reading.other]
                return Reading(Fate.RECODED, values, other="；".join(texts) or None)
        return _rejected("unknown-answer", cell, item)

    return read


def rank_rule(item: Item, count: int, source: SourceTable, questionnaire: Questionnaire) -> Rule:
    """Return the rule of one answer's column: its rank, a whole number from 1 to ``count``; 0 is none."""
    missing = missing_rule(source, questionnaire)
    not_asked = float(questionnaire.missing_codes["not_asked"].code)

    def read(cell: str) -> Reading:
        plain = plain_text(cell)
        if NUMERIC.fullmatch(plain):
            rank = float(plain)
            if rank == 0.0:
                return Reading(Fate.MISSING, (not_asked,), "not_asked")
            if rank.is_integer() and 1 <= rank <= count:
                kept = cell.strip() == str(int(rank))
                return Reading(Fate.KEPT if kept else Fate.RECODED, (rank,))
        return missing(cell) or _rejected("not-a-rank", cell, item, count=count)

    return read


def decode_ranking(
    item: Item,
    found: Match,
    cells: pd.DataFrame,
    rows: Codes,
    source: SourceTable,
    questionnaire: Questionnaire,
    account: Account,
) -> Ranks:
    """Decode one ranking question and enter its cells in the account.

    Parameters
    ----------
    item : Item
        Of type ``ranking``.
    found : Match
        Where the file holds it.
    cells : DataFrame
        The rows kept.
    rows : (n,) array of int
        Their rows in the file.
    source, questionnaire
        The file and what was asked.
    account : Account
        Receives every cell.

    Returns
    -------
    Ranks
        A rank given to two answers by one respondent is ``invalid`` for both (``rank-tied``).
    """
    answers = questionnaire.answer_list(item)
    values = answers.values if answers is not None else ()
    work = _Work(item, values, cells, rows, questionnaire, account)
    if not found.source.split:
        return work.one_cell(found.source.columns[0], order_rule(item, source, questionnaire, found.source))
    if found.source.by_rank:
        return work.by_rank(
            list(found.options.values()), choice_rule(item, source, questionnaire, found=found.source)
        )
    rule = held_back(rank_rule(item, len(values), source, questionnaire), source.held)
    return work.by_answer(found.options, rule)


def _rejected(code: str, cell: str, item: Item, **more: object) -> Reading:
    return Reading(Fate.REJECTED, code=code, details={"value": cell.strip(), "item": item.id, **more})


@dataclass(frozen=True, slots=True)
class _Work:
    item: Item
    values: tuple[int, ...]
    cells: pd.DataFrame
    rows: Codes
    questionnaire: Questionnaire
    account: Account

    def code(self, kind: str) -> float:
        codes = self.questionnaire.missing_codes
        return next(float(code.code) for name, code in codes.items() if name == kind)

    def one_cell(self, column: str, rule: Rule) -> Ranks:
        """Read answers in order from one cell."""
        codes, readings = self._read(column, rule)
        self.account.column(column, self.item.id, self.rows, codes, readings)
        not_asked, invalid = self.code("not_asked"), self.code("invalid")
        columns = {}
        for value in self.values:
            ranks = []
            for reading in readings.values():
                if reading.fate == Fate.MISSING:
                    ranks.append(reading.values[0])
                elif reading.fate == Fate.REJECTED:
                    ranks.append(invalid)
                else:
                    order = reading.values
                    ranks.append(order.index(value) + 1.0 if value in order else not_asked)
            columns[f"{self.item.id}__{value}"] = np.array(ranks, dtype=np.float64)[codes]
        return Ranks(columns, ((codes, readings),))

    def by_answer(self, options: Mapping[int, str], rule: Rule) -> Ranks:
        """Read ranks from a column an answer; two answers of one rank are told and set aside."""
        read = {value: (column, *self._read(column, rule)) for value, column in options.items()}
        stored = {value: self._values(codes, readings) for value, (_, codes, readings) in read.items()}
        given = {value: self._given(codes, readings) for value, (_, codes, readings) in read.items()}
        ranks = np.column_stack([np.where(given[value], stored[value], np.nan) for value in read])
        tied = np.zeros(ranks.shape, dtype=bool)
        for rank in range(1, len(self.values) + 1):
            same = ranks == rank
            tied |= same & (same.sum(axis=1) > 1)[:, None]
        answered: Flags = np.logical_or.reduce(list(given.values()))
        columns = {}
        for place, (value, (column, codes, readings)) in enumerate(read.items()):
            self._enter((column, codes, readings), answered, tied[:, place], "rank-tied")
            coded = self._settled(stored[value], codes, readings, answered)
            coded[tied[:, place]] = self.code("invalid")
            columns[f"{self.item.id}__{value}"] = coded
        return Ranks(columns, tuple((codes, readings) for _, codes, readings in read.values()))

    def by_rank(self, ordered: list[str], rule: Rule) -> Ranks:
        """Read answers from a column a rank; one that stands twice is set aside at the second."""
        read: list[_Column] = [(column, *self._read(column, rule)) for column in ordered]
        stored = [self._values(codes, readings) for _, codes, readings in read]
        given = np.column_stack([self._given(codes, readings) for _, codes, readings in read])
        answered: Flags = np.logical_or.reduce(given, axis=1)
        rejected = np.zeros(len(self.cells), dtype=bool)
        ranks = {value: np.full(len(self.cells), np.nan) for value in self.values}
        for place, (column, codes, readings) in enumerate(read):
            again = np.zeros(len(self.cells), dtype=bool)
            for value, found in ranks.items():
                here = given[:, place] & (stored[place] == value)
                again |= here & ~np.isnan(found)
                found[here & np.isnan(found)] = place + 1.0
            refused = self._holding(codes, readings, lambda reading: reading.fate == Fate.REJECTED)
            rejected |= refused | again
            self._enter((column, codes, readings), answered, again, "answer-ranked-twice")
        # With no answer at all, the first rank's column says why; beside a cell refused nobody knows.
        _, codes, readings = read[0]
        rest = self._settled(stored[0], codes, readings, answered)
        rest[answered] = self.code("not_asked")
        rest[rejected] = self.code("invalid")
        columns = {
            f"{self.item.id}__{value}": np.where(np.isnan(found), rest, found)
            for value, found in ranks.items()
        }
        return Ranks(columns, tuple((codes, readings) for _, codes, readings in read))

    def _read(self, column: str, rule: Rule) -> tuple[Codes, dict[str, Reading]]:
        codes, uniques = pd.factorize(self.cells[column])
        return codes.astype(np.int64), {str(cell): rule(str(cell)) for cell in uniques}

    def _values(self, codes: Codes, readings: Mapping[str, Reading]) -> Values:
        invalid = self.code("invalid")
        kept = [reading.values[0] if reading.values else invalid for reading in readings.values()]
        return np.array(kept, dtype=np.float64)[codes]

    def _holding(
        self, codes: Codes, readings: Mapping[str, Reading], holds: Callable[[Reading], bool]
    ) -> Flags:
        return np.array([holds(reading) for reading in readings.values()], dtype=bool)[codes]

    def _given(self, codes: Codes, readings: Mapping[str, Reading]) -> Flags:
        return self._holding(codes, readings, lambda reading: reading.fate in (Fate.KEPT, Fate.RECODED))

    def _missing(self, codes: Codes, readings: Mapping[str, Reading]) -> Flags:
        return self._holding(codes, readings, lambda reading: reading.fate == Fate.MISSING)

    def _settled(
        self, stored: Values, codes: Codes, readings: Mapping[str, Reading], answered: Flags
    ) -> Values:
        """Return what is stored: beside ranks a missing cell is an answer without a rank, else no answer."""
        missing = self._missing(codes, readings)
        settled = stored.copy()
        settled[missing & answered] = self.code("not_asked")
        settled[self._zeros(codes, readings) & ~answered] = self.code("no_answer")
        return settled

    def _zeros(self, codes: Codes, readings: Mapping[str, Reading]) -> Flags:
        numbers = [plain_text(cell) for cell in readings]
        zeros = [NUMERIC.fullmatch(text) is not None and float(text) == 0.0 for text in numbers]
        return np.array(zeros, dtype=bool)[codes]

    def _enter(self, column: _Column, answered: Flags, refused: Flags, code: str) -> None:
        """Enter one column in the account: cells refused for what stands in others, and answers unranked."""
        name, codes, readings = column
        unranked = self._missing(codes, readings) & answered
        zero = self._zeros(codes, readings) & ~answered
        told = (name, self.item.id, self.rows, self.cells[name])
        self.account.settle(*told, unranked, Fate.MISSING, "not_asked")
        self.account.settle(*told, zero, Fate.MISSING, "no_answer")
        self.account.fates[Fate.REJECTED] += int(refused.sum())
        for index, cell in enumerate(readings):
            where = np.flatnonzero(refused & (codes == index))
            if where.size:
                details = {"value": cell.strip(), "item": self.item.id}
                self.account.enter(self.rows[where], name, self.item.id, cell, Fault(code, details=details))
        rest = ~(refused | unranked | zero)
        self.account.column(name, self.item.id, self.rows, codes, readings, rest)
