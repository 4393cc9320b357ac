"""Spoiling honest answers the way real answers are spoiled, and counting what was planted.

The faults are planted in different people, so that each rule has its own; where one careless person breaks two
rules (a straight-liner seldom passes the attention check) both flags are counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
OPENED = np.datetime64("2025-05-19T07:30:00")
COLLECTED_DAYS = 11
OPEN_ANSWERS = (
    "希望给农村学校多配些音乐、体育、美术老师。",
    "好老师总是调到城里去，希望能留住他们。",
    "作业少一点，孩子能多睡一会儿。",
    "班里人太多，老师顾不过来。",
    "操场下雨就不能用，希望修一修。",
    "希望各个学校的条件都差不多，不用再择校。",
    "课后服务内容能再丰富一些。",
    "学校的电脑教室应该多开放。",
    "校车路线再多一条就好了。",
    "希望学校多听听家长的意见。",
    "经费要向薄弱学校倾斜。",
    "教师培训能更贴近课堂。",
    "检查太多，影响教学。",
    "无",
)


@dataclass(frozen=True, slots=True, eq=False)
class Received:
    """A role's answers as received, in the order submitted, and what was planted in them.

    Attributes
    ----------
    values : DataFrame
        One integer column a question: the value or a missing code; -5 where a stray text stands.
    unit : ndarray
        Row of the county's units.
    school : Series of str
        The school code as written.
    person : Series of str
        Access code, empty where persons are not known.
    submitted : ndarray of datetime64[s]
    seconds : ndarray
        Duration; NaN on paper.
    paper : ndarray of bool
        Answered on paper.
    open_answer : Series of str
        Free text.
    stray : DataFrame
        ``row, item, text``: cells that hold no answer.
    flags : Mapping
        Rule -> the rows it must flag.
    repaired : int
        School codes written otherwise than in the school table that can be repaired.
    """

    values: pd.DataFrame
    unit: Integers
    school: pd.Series
    person: pd.Series
    submitted: NDArray[np.datetime64]
    seconds: NDArray[np.float64]
    paper: Flag
    open_answer: pd.Series
    stray: pd.DataFrame
    flags: Mapping[str, Flag]
    repaired: int

    def excluded(self, rules: Sequence[str]) -> dict[str, int]:
        """Return how many rows each rule excludes, a row counted under the first rule that does."""
        remaining = np.ones(len(self.values), dtype=bool)
        counts = {}
        for rule in rules:
            counts[rule] = int((remaining & self.flags[rule]).sum())
            remaining &= ~self.flags[rule]
        return {**counts, "kept": int(remaining.sum())}


class _People:
    """The people of a role in random order, each given away once."""

    def __init__(self, rng: np.random.Generator, count: int) -> None:
        self.order = rng.permutation(count)

    def take(self, number: int, among: Flag | None = None) -> Integers:
        """Return ``number`` people not yet taken, of those that ``among`` allows."""
        allowed = self.order if among is None else self.order[among[self.order]]
        taken = allowed[:number]
        self.order = self.order[~np.isin(self.order, taken)]
        return taken.astype(np.int64)


class _Spoiler:
    """The spoiling under way: a table of answers, and the roles that its columns play."""

    def __init__(
        self, role: RoleTruth, county: County, answers: Answers, questionnaire: Questionnaire, rng: np.random.Generator
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
        self.people = _People(rng, len(self.table))
        self.area = county.units["area"].to_numpy()[self.unit]
        half = rng.random(len(self.table)) < 0.5
        self.paper: Flag = half & (self.area == "rural") if role.paper else np.zeros(len(self.table), dtype=bool)
        self.stray: list[tuple[int, str, str]] = []

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
        """Let a quarter of the answers of a few people be no answers at all: a column slipped, an old form."""
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
        """Change one answer of honest people who answered all scale items alike, so that none is a straight-liner.

        Rare (a few answered items, all the same), but the planted counts are to be exact.
        """
        values = self.table[:, self.scale_columns]
        answered = values > 0
        low = np.where(answered, values, 99).min(axis=1)
        high = np.where(answered, values, -99).max(axis=1)
        alike = np.flatnonzero(rows & (low == high))
        first = self.scale_columns[answered[alike].argmax(axis=1)]
        self.table[alike, first] = np.where(self.table[alike, first] > 1, self.table[alike, first] - 1, 2)


def spoil(
    role: RoleTruth,
    county: County,
    answers: Answers,
    questionnaire: Questionnaire,
    rng: np.random.Generator,
) -> Received:
    """Plant the faults of a role into honest answers.

    Parameters
    ----------
    role : RoleTruth
        How many of each fault.
    county : County
        The schools.
    answers : Answers
        Honest answers; not changed.
    questionnaire : Questionnaire
        The questions.
    rng : numpy.random.Generator
        Source of chance.

    Returns
    -------
    Received
        All rows, duplicates included, in the order submitted.
    """
    work = _Spoiler(role, county, answers, questionnaire, rng)
    work.leave_blank()
    planted = {
        "straight_lining": work.straight_lining(),
        "out_of_range": work.out_of_range(),
        "too_fast": work.too_fast(),
        "attention_failed": work.attention_failed(),
        "too_many_missing": work.too_many_missing(),
    }
    honest = np.ones(len(work.table), dtype=bool)
    honest[planted["straight_lining"]] = False
    work.vary(honest)
    work.stray_cells()
    person = _access_codes(len(work.table), rng) if role.role == "students" else pd.Series([""] * len(work.table))
    spoken = rng.random(len(work.table)) < 0.08
    open_answer = pd.Series(np.where(spoken, rng.choice(OPEN_ANSWERS, size=len(work.table)), ""))
    open_answer[planted["too_many_missing"]] = ""
    submitted = OPENED + _moments(rng, len(work.table))
    seconds = _seconds(work, planted["too_fast"])
    source = work.people.take(role.faults.duplicate - 1)
    source = np.append(source, source[0])
    again = np.concatenate([np.arange(len(work.table)), source])
    later = submitted[again] + np.where(np.arange(len(again)) < len(submitted), 0, 60 * rng.integers(2, 40, len(again)))
    later = np.where(np.arange(len(again)) == len(again) - 1, later + np.timedelta64(3600, "s"), later)
    table = _second_attempts(work, again, role, rng)
    order = np.argsort(later, kind="stable")
    school, repaired = _written_codes(work, again, source, rng)
    flags = _flags(work, table, again, planted)
    stray = pd.DataFrame(work.stray, columns=["row", "item", "text"])
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    again_seconds = seconds[again] + np.where(np.arange(len(again)) < len(seconds), 0.0, rng.integers(-30, 30, len(again)))
    return Received(
        values=pd.DataFrame(table[order], columns=work.names),
        unit=work.unit[again][order],
        school=school.iloc[order].reset_index(drop=True),
        person=person.iloc[again[order]].reset_index(drop=True),
        submitted=later[order],
        seconds=again_seconds[order],
        paper=work.paper[again][order],
        open_answer=open_answer.iloc[again[order]].reset_index(drop=True),
        stray=stray.assign(row=place[stray["row"].to_numpy()]),
        flags={rule: flag[order] for rule, flag in flags.items()},
        repaired=repaired,
    )


def _moments(rng: np.random.Generator, count: int) -> NDArray[np.timedelta64]:
    """Return moments after opening: any day, mostly in the evening."""
    day = rng.integers(0, COLLECTED_DAYS, count) * 86400
    hour = np.clip(rng.normal(11.5 * 3600, 2.2 * 3600, count), 600, 15.5 * 3600)
    return (day + hour).astype("timedelta64[s]")


def _seconds(work: _Spoiler, fast: Integers) -> NDArray[np.float64]:
    """Return durations in whole seconds, NaN on paper."""
    answered = np.maximum((work.table > work.codes["no_answer"]).sum(axis=1), 1)
    pace = np.maximum(np.exp(work.rng.normal(np.log(work.role.seconds_per_question), 0.4, len(answered))), 2.4)
    seconds = np.rint(pace * answered + 12)
    left_open = work.rng.random(len(answered)) < 0.01
    seconds[left_open] += np.rint(work.rng.exponential(5400, int(left_open.sum())))
    seconds[fast] = work.rng.integers(9, 21, len(fast))
    return np.where(work.paper, np.nan, seconds)


def _second_attempts(
    work: _Spoiler, again: Integers, role: RoleTruth, rng: np.random.Generator
) -> Integers:
    """Return the answers with the repeated rows; a known person's second attempt differs a little."""
    table = work.table[again]
    if role.role == "students":
        copies = np.arange(len(work.table), len(again))[::2]
        columns = rng.choice(work.rated_columns, size=(len(copies), 5))
        for row, changed in zip(copies, columns, strict=True):
            table[row, changed] = rng.integers(1, 6, 5)
    return table


def _access_codes(count: int, rng: np.random.Generator) -> pd.Series:
    """Return one-use access codes, without letters and digits that look alike."""
    alphabet = np.array(list("ABCDEFGHJKMNPQRSTUVWXYZ23456789"))
    numbers = rng.choice(len(alphabet) ** 6, size=count, replace=False)
    digits = numbers[:, None] // len(alphabet) ** np.arange(6) % len(alphabet)
    return pd.Series(["".join(letters[:3]) + "-" + "".join(letters[3:]) for letters in alphabet[digits]])


def _written_codes(
    work: _Spoiler, again: Integers, source: Integers, rng: np.random.Generator
) -> tuple[pd.Series, int]:
    """Return school codes as written, some without their zeros, some as numbers; and how many can be repaired."""
    codes = work.county.units["school"].to_numpy(dtype=object)[work.unit]
    listed = work.county.units["listed"].to_numpy()[work.unit]
    written = codes.copy()
    once = listed & ~np.isin(np.arange(len(codes)), source)
    zero = np.array([code.startswith("0") for code in codes])
    lost = rng.permutation(np.flatnonzero(once & zero))[: work.role.faults.lost_zeros]
    number = rng.permutation(np.flatnonzero(once & ~zero))[: work.role.faults.number_codes]
    for row in lost:
        written[row] = codes[row].lstrip("0")
    for row in number:
        written[row] = f"{codes[row]}.0"
    return pd.Series(written[again], dtype=object), len(lost) + len(number)


def _flags(
    work: _Spoiler, table: Integers, again: Integers, planted: Mapping[str, Integers]
) -> dict[str, Flag]:
    """Return the rows each rule must flag."""
    flags = {}
    for rule in ("out_of_range", "too_many_missing", "straight_lining", "too_fast"):
        flag = np.zeros(len(work.table), dtype=bool)
        flag[planted[rule]] = True
        flags[rule] = flag[again]
    checks = table[:, work.check_columns]
    flags["attention_failed"] = ((checks != work.expected) & (checks > 0)).any(axis=1)
    flags["duplicate"] = np.arange(len(again)) >= len(work.table)
    flags["unknown_school"] = ~work.county.units["listed"].to_numpy()[work.unit[again]]
    return flags
