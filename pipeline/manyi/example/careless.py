"""Careless people, planted in honest answers: who skips, rushes, breaks off, answers one thing throughout.

The faults are planted in different people, so that each rule has its own; where one careless person breaks
two rules (a straight-liner seldom passes the attention check) both flags are counted.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.example.answers import Answers
from manyi.example.county import County
from manyi.example.truth import RoleTruth
from manyi_instruments.definitions.questionnaire import Item, Questionnaire

Flag = NDArray[np.bool_]
Integers = NDArray[np.int64]

#: Texts in the place of an answer, by how the answers are delivered.
STRAY = {
    "parents": ("7", "55", "44", "0", "5分", "四", "33"),
    "teachers": ("同意", "还可以", "满意", "不好说", "很重要吧"),
    "students": ("7", "55", "0", "4分", "五", "45"),
}


class People:
    """The people of a role in random order, each given away once."""

    def __init__(self, rng: np.random.Generator, count: int) -> None:
        self.order = rng.permutation(count)

    def take(self, number: int, among: Flag | None = None) -> Integers:
        """Return ``number`` people not yet taken, of those that ``among`` allows."""
        allowed = self.order if among is None else self.order[among[self.order]]
        taken = allowed[:number]
        self.order = self.order[~np.isin(self.order, taken)]
        return taken.astype(np.int64)


class Planting:
    """Faults being planted in a role's answers: the table, what its columns are, who has which fault."""

    def __init__(
        self,
        role: RoleTruth,
        county: County,
        answers: Answers,
        questionnaire: Questionnaire,
        rng: np.random.Generator,
    ) -> None:
        self.role, self.county, self.questionnaire, self.rng = role, county, questionnaire, rng
        self.unit = answers.unit.copy()
        self.names = list(answers.values.columns)
        self.table = answers.values.to_numpy(dtype=np.int64, copy=True)
        self.codes = {kind: entry.code for kind, entry in questionnaire.missing_codes.items()}
        scaled = {item.id for item in questionnaire.items if item.scale is not None}
        rated = {item.id for item in questionnaire.items if item.type == "choice"}
        self.scale_columns = self._columns(scaled)
        self.rated_columns = self._columns(rated)
        self.check_columns = self._columns({check.id for check in questionnaire.attention})
        self.expected = np.array([check.expected for check in questionnaire.attention])
        self.people = People(rng, len(self.table))
        self.area = county.units["area"].to_numpy()[self.unit]
        half = rng.random(len(self.table)) < 0.5
        self.paper: Flag = (
            half & (self.area == "rural") if role.paper else np.zeros(len(self.table), dtype=bool)
        )
        self.stray: list[tuple[int, str, str]] = []
        self.planted: dict[str, Integers] = {}

    def run(self) -> None:
        """Plant everything; ``planted`` then holds the rows of each fault."""
        self.leave_blank()
        self.planted = {
            "straight_lining": self.straight_lining(),
            "out_of_range": self.out_of_range(),
            "too_fast": self.too_fast(),
            "attention_failed": self.attention_failed(),
            "too_many_missing": self.too_many_missing(),
        }
        honest = np.ones(len(self.table), dtype=bool)
        honest[self.planted["straight_lining"]] = False
        self.vary(honest)
        self.stray_cells()

    def _columns(self, names: set[str]) -> Integers:
        return np.array([index for index, name in enumerate(self.names) if name in names], dtype=np.int64)

    def leave_blank(self) -> None:
        """Leave cells without answer: don't know, blank, declined; never where an answer is required."""
        shape = len(self.table)
        background = {question.item: question.blank for question in self.role.background}
        for index, question in enumerate(self.questionnaire.questions()):
            if not isinstance(question, Item) or question.type != "choice" or question.required:
                continue
            chance = self.rng.random(shape)
            blank = background.get(question.id, self.role.blank)
            limit = blank + self.role.refused
            unsure = limit + (self.role.dont_know if question.dont_know else 0.0)
            self.table[chance < unsure, index] = self.codes["dont_know"]
            self.table[chance < limit, index] = self.codes["refused"]
            self.table[chance < blank, index] = self.codes["no_answer"]

    def straight_lining(self) -> Integers:
        """Let people, one a school at most, give one answer throughout, attention checks included."""
        school = pd.factorize(self.county.units["school"])[0][self.unit]
        order = self.people.order
        first = order[~pd.Series(school[order]).duplicated().to_numpy()]
        among = np.zeros(len(self.table), dtype=bool)
        among[first] = True
        rows = self.people.take(self.role.faults.straight_lining, among)
        answer = self.rng.choice([3, 4, 5], size=len(rows), p=[0.5, 0.3, 0.2])
        columns = np.concatenate([self.rated_columns, self.check_columns])
        self.table[np.ix_(rows, columns)] = answer[:, None]
        return rows

    def too_fast(self) -> Integers:
        """Let people click through at random in a few seconds."""
        rows = self.people.take(self.role.faults.too_fast, ~self.paper)
        columns = np.concatenate([self.rated_columns, self.check_columns])
        self.table[np.ix_(rows, columns)] = self.rng.integers(1, 6, (len(rows), len(columns)))
        return rows

    def attention_failed(self) -> Integers:
        """Let people answer half of the items at random and the attention checks otherwise than asked."""
        rows = self.people.take(self.role.faults.attention_failed)
        shape = (len(rows), len(self.rated_columns))
        cells = np.ix_(rows, self.rated_columns)
        careless = self.rng.random(shape) < 0.5
        self.table[cells] = np.where(careless, self.rng.integers(1, 6, shape), self.table[cells])
        shift = self.rng.integers(1, 5, (len(rows), len(self.check_columns)))
        self.table[np.ix_(rows, self.check_columns)] = (self.expected - 1 + shift) % 5 + 1
        return rows

    def too_many_missing(self) -> Integers:
        """Let people break off after the attention check, before half of the scale items."""
        rows = self.people.take(self.role.faults.too_many_missing)
        after = int((self.scale_columns < self.check_columns.max()).sum())
        last = self.rng.integers(after, int(0.48 * len(self.scale_columns)) + 1, len(rows))
        end = np.maximum(self.scale_columns[last - 1], self.check_columns.max())
        beyond = np.arange(len(self.names)) > end[:, None]
        self.table[rows] = np.where(beyond, self.codes["no_answer"], self.table[rows])
        return rows

    def out_of_range(self) -> Integers:
        """Let a quarter of a few people's answers be no answers: a column slipped, an old form."""
        among = self.paper if self.role.paper else None
        rows = self.people.take(self.role.faults.out_of_range, among)
        asked = sum(item.type in ("choice", "number") for item in self.questionnaire.all_items())
        count = int(np.ceil(0.25 * asked))
        spread = np.linspace(0, len(self.rated_columns) - 1, count).round().astype(np.int64)
        texts = self.rng.choice(STRAY[self.role.role][:3], size=(len(rows), count))
        for row, cells in zip(rows, texts, strict=True):
            for column, text in zip(self.rated_columns[spread], cells, strict=True):
                self._plant(int(row), int(column), str(text))
        return rows

    def stray_cells(self) -> None:
        """Put a text that is no answer into one cell of ordinary people's answers."""
        rows = self.people.take(self.role.faults.stray_cells, self.paper if self.role.paper else None)
        columns = self.rng.choice(self.rated_columns, size=len(rows))
        texts = self.rng.choice(STRAY[self.role.role], size=len(rows))
        for row, column, text in zip(rows, columns, texts, strict=True):
            self._plant(int(row), int(column), str(text))

    def _plant(self, row: int, column: int, text: str) -> None:
        self.table[row, column] = self.codes["invalid"]
        self.stray.append((row, self.names[column], text))

    def vary(self, rows: Flag) -> None:
        """Change one answer of honest people who answered all scale items alike.

        Rare (a few answered items, all the same), but the planted counts are to be exact.
        """
        values = self.table[:, self.scale_columns]
        answered = values > 0
        low = np.where(answered, values, 99).min(axis=1)
        high = np.where(answered, values, -99).max(axis=1)
        alike = np.flatnonzero(rows & (low == high))
        first = self.scale_columns[answered[alike].argmax(axis=1)]
        self.table[alike, first] = np.where(self.table[alike, first] > 1, self.table[alike, first] - 1, 2)
