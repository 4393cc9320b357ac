"""The answers as received: careless people, duplicates and damaged school codes, all of them counted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.example.answers import Answers
from manyi.example.careless import Flag, Integers, Planting
from manyi.example.county import County
from manyi.example.truth import RoleTruth
from manyi_instruments.definitions.questionnaire import Questionnaire

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
    school: "pd.Series[str]"
    person: "pd.Series[str]"
    submitted: NDArray[np.datetime64]
    seconds: NDArray[np.float64]
    paper: Flag
    open_answer: "pd.Series[str]"
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
    work = Planting(role, county, answers, questionnaire, rng)
    work.run()
    count = len(work.table)
    person = pd.Series(_access_codes(count, rng) if role.access_codes else [""] * count)
    open_answer = _open_answers(work)
    again = _with_duplicates(work)
    submitted = _submitted(work, again)
    seconds = _seconds(work, again)
    table = _second_attempts(work, again)
    school, repaired = _written_codes(work, again)
    order = np.argsort(submitted, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    stray = pd.DataFrame(work.stray, columns=["row", "item", "text"])
    return Received(
        values=pd.DataFrame(table[order], columns=work.names),
        unit=work.unit[again][order],
        school=school.iloc[order].reset_index(drop=True),
        person=person.iloc[again[order]].reset_index(drop=True),
        submitted=submitted[order],
        seconds=seconds[order],
        paper=work.paper[again][order],
        open_answer=open_answer.iloc[again[order]].reset_index(drop=True),
        stray=stray.assign(row=place[stray["row"].to_numpy()]),
        flags={rule: flag[order] for rule, flag in _flags(work, table, again).items()},
        repaired=repaired,
    )


def _with_duplicates(work: Planting) -> Integers:
    """Return the rows with those sent again at the end; one of them is sent three times."""
    source = work.people.take(work.role.faults.duplicate - 1)
    return np.concatenate([np.arange(len(work.table)), source, source[:1]])


def _open_answers(work: Planting) -> "pd.Series[str]":
    count = len(work.table)
    spoken = work.rng.random(count) < 0.08
    spoken[work.planted["too_many_missing"]] = False
    said = work.rng.choice(np.array(OPEN_ANSWERS, dtype=object), size=count)
    return pd.Series(np.where(spoken, said, ""), dtype="str")


def _submitted(work: Planting, again: Integers) -> NDArray[np.datetime64]:
    """Return moments of submission: any day, mostly in the evening; what is sent again comes later."""
    count = len(work.table)
    day = work.rng.integers(0, COLLECTED_DAYS, count) * 86400
    hour = np.clip(work.rng.normal(11.5 * 3600, 2.2 * 3600, count), 600, 15.5 * 3600)
    later = 60 * work.rng.integers(2, 40, len(again))
    later[:count] = 0
    later[-1] += 3600
    return np.asarray(OPENED + (day + hour).astype("timedelta64[s]")[again] + later.astype("timedelta64[s]"))


def _seconds(work: Planting, again: Integers) -> NDArray[np.float64]:
    """Return durations in whole seconds, NaN on paper."""
    answered = np.maximum((work.table > work.codes["no_answer"]).sum(axis=1), 1)
    usual = np.log(work.role.seconds_per_question)
    pace = np.maximum(np.exp(work.rng.normal(usual, 0.4, len(answered))), 2.4)
    seconds = np.rint(pace * answered + 12)
    left_open = work.rng.random(len(answered)) < 0.01
    seconds[left_open] += np.rint(work.rng.exponential(5400, int(left_open.sum())))
    fast = work.planted["too_fast"]
    seconds[fast] = work.rng.integers(9, 21, len(fast))
    difference = work.rng.integers(-30, 30, len(again)).astype(float)
    difference[: len(answered)] = 0.0
    return np.where(work.paper[again], np.nan, seconds[again] + difference)


def _second_attempts(work: Planting, again: Integers) -> Integers:
    """Return the answers with the repeated rows; a known person's second attempt may differ a little."""
    table = work.table[again]
    if work.role.access_codes:
        copies = np.arange(len(work.table), len(again))[::2]
        columns = work.rng.choice(work.rated_columns, size=(len(copies), 5))
        table[copies[:, None], columns] = work.rng.integers(1, 6, columns.shape)
    return table


def _access_codes(count: int, rng: np.random.Generator) -> list[str]:
    """Return one-use access codes, without letters and digits that look alike."""
    alphabet = np.array(list("ABCDEFGHJKMNPQRSTUVWXYZ23456789"))
    numbers = rng.choice(len(alphabet) ** 6, size=count, replace=False)
    digits = numbers[:, None] // len(alphabet) ** np.arange(6) % len(alphabet)
    return ["".join(letters[:3]) + "-" + "".join(letters[3:]) for letters in alphabet[digits]]


def _written_codes(work: Planting, again: Integers) -> tuple["pd.Series[str]", int]:
    """Return school codes as written, some without zeros, some as numbers; and how many can be repaired.

    Codes of rows that are sent again stay whole: the same person writes the same code.
    """
    codes = work.county.units["school"].to_numpy(dtype=object)[work.unit]
    listed = work.county.units["listed"].to_numpy(dtype=bool)[work.unit]
    written = codes.copy()
    once = listed & ~np.isin(np.arange(len(codes)), again[len(codes) :])
    zero = np.array([code.startswith("0") for code in codes])
    lost = work.rng.permutation(np.flatnonzero(once & zero))[: work.role.faults.lost_zeros]
    number = work.rng.permutation(np.flatnonzero(once & ~zero))[: work.role.faults.number_codes]
    written[lost] = [code.lstrip("0") for code in codes[lost]]
    written[number] = [f"{code}.0" for code in codes[number]]
    return pd.Series(written[again]), len(lost) + len(number)


def _flags(work: Planting, table: Integers, again: Integers) -> dict[str, Flag]:
    """Return the rows each rule must flag."""
    flags = {}
    for rule in ("out_of_range", "too_many_missing", "straight_lining", "too_fast"):
        flag = np.zeros(len(work.table), dtype=bool)
        flag[work.planted[rule]] = True
        flags[rule] = flag[again]
    checks = table[:, work.check_columns]
    flags["attention_failed"] = np.asarray(((checks != work.expected) & (checks > 0)).any(axis=1))
    flags["duplicate"] = np.arange(len(again)) >= len(work.table)
    flags["unknown_school"] = ~work.county.units["listed"].to_numpy(dtype=bool)[work.unit[again]]
    return flags
