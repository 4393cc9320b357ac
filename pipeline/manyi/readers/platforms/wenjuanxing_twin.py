"""The by-number twin of a 问卷星 export by text: what number every option has on the form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from manyi.readers.platforms.detect import read_source
from manyi.readers.platforms.source import SourceQuestion, SourceTable, split_answers
from manyi.readers.tables.raw_table import read_table
from manyi.readers.wording import answer_key, question_key
from manyi_instruments.faults import ManyiError

# What tells the two downloads of one survey apart in their file names, today and some years ago.
_NAME_PAIRS = (("按文本", "按序号"), ("_0.", "_2."))
_WHERE_FROM = ("序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP", "用户ID")


@dataclass(frozen=True, slots=True)
class Companion:
    """Option numbers learnt from the twin of a by-text export.

    Attributes
    ----------
    file : str
        Name of the twin.
    numbers : Mapping
        Heading of a single-choice question in the by-text export -> label -> its number on the form.
    options : Mapping
        Heading of a multiple-choice question in the by-text export -> all its options in form order.
    headings : Mapping
        Heading in the by-text export -> heading in the twin.
    """

    file: str
    numbers: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)


def find_companion(source: SourceTable) -> Companion | None:
    """Find the by-number twin beside a by-text export and prove that it holds the same answers.

    Parameters
    ----------
    source : SourceTable
        The by-text export.

    Returns
    -------
    Companion or None
        None where no file of the name the platform gives stands in the same folder, or where any label goes
        with two numbers, any number with two labels, or any tick with an option not named: then it is the
        export of something else.
    """
    for path in _twin_paths(source.raw.path):
        try:
            twin = read_source(read_table(path))
        except ManyiError:
            continue
        learnt = learn_numbers(source, twin)
        if learnt is not None:
            return learnt
    return None


def learn_numbers(source: SourceTable, twin: SourceTable) -> Companion | None:
    """Return what a by-number export tells of a by-text one, or None where it is not the same answers.

    Parameters
    ----------
    source, twin : SourceTable
        Exports of 问卷星 by text and by number, row for row with the same ``序号``, times and sources.
    """
    if source.source != "wenjuanxing" or source.style != "text":
        return None
    if twin.source != "wenjuanxing" or twin.style != "number" or not same_submissions(source, twin):
        return None
    return _learn(source, twin)


def same_submissions(source: SourceTable, twin: SourceTable) -> bool:
    """Return whether two exports hold the same submissions, row for row: numbers, times, where from."""
    shared = [name for name in _WHERE_FROM if name in source.metadata and name in twin.metadata]
    left, right = source.raw.cells, twin.raw.cells
    return (
        len(left) == len(right)
        and "序号" in shared
        and all(left[name].equals(right[name]) for name in shared)
    )


def partner(question: SourceQuestion, twin: SourceTable) -> SourceQuestion | None:
    """Return the question of another export that is this one: by its heading, else by number and row."""
    exact = [other for other in twin.questions if other.heading == question.heading]
    if len(exact) == 1:
        return exact[0]
    alike = [
        other
        for other in twin.questions
        if other.number == question.number and question_key(other.row) == question_key(question.row)
    ]
    return alike[0] if len(alike) == 1 else None


def _twin_paths(path: Path) -> Iterator[Path]:
    for text, number in _NAME_PAIRS:
        if text in path.name:
            twin = path.with_name(number.join(path.name.rsplit(text, 1)))
            if twin.is_file():
                yield twin


def _learn(source: SourceTable, twin: SourceTable) -> Companion | None:
    numbers: dict[str, Mapping[str, int]] = {}
    options: dict[str, tuple[str, ...]] = {}
    headings: dict[str, str] = {}
    for question in source.questions:
        other = partner(question, twin)
        if other is None:
            continue
        headings[question.heading] = other.heading
        if other.split:
            if not _options_agree(source, question, twin, other):
                return None
            options[question.heading] = other.options
        elif question.kind in ("single", "matrix"):
            learnt = _numbers(source, question, twin, other)
            if learnt is None:
                return None
            numbers[question.heading] = learnt
    return Companion(twin.raw.path.name, numbers, options, headings) if numbers or options else None


def _numbers(
    source: SourceTable, question: SourceQuestion, twin: SourceTable, other: SourceQuestion
) -> dict[str, int] | None:
    """Return label -> number where each label goes with one number and each number with one label."""
    labels = source.raw.cells[question.columns[0]].str.strip()
    pairs = pd.DataFrame(
        {"label": labels.to_numpy(), "number": twin.raw.cells[other.columns[0]].str.strip().to_numpy()}
    ).drop_duplicates()
    known: dict[str, int] = {}
    for label, number in pairs.itertuples(index=False):
        if label in source.missing or not label or number in twin.missing:
            continue
        if not number.isdigit() or known.setdefault(label.split("〖")[0].strip(), int(number)) != int(number):
            return None
    return known if len(set(known.values())) == len(known) else None


def _options_agree(
    source: SourceTable, question: SourceQuestion, twin: SourceTable, other: SourceQuestion
) -> bool:
    """Return whether the options named in each cell are ticked, or ranked in that order, in the twin."""
    chosen = source.raw.column(question.columns[0])
    orders = [_order(cell, source.separator) for cell in chosen.cells]
    for option, column in zip(other.options, other.columns, strict=True):
        key = answer_key(option)
        places = [order.get(key, 0) for order in orders]
        told = [str(place) if other.kind == "ranking" else str(int(place > 0)) for place in places]
        cells = twin.raw.column(column)
        marks = [
            mark if mark.isdigit() else "0" for mark in (cell.split("〖")[0].strip() for cell in cells.cells)
        ]
        if not np.array_equal(np.array(told)[chosen.codes], np.array(marks)[cells.codes]):
            return False
    return True


def _order(cell: str, separator: str) -> dict[str, int]:
    parts = [answer_key(part.split("〖")[0]) for part in split_answers(cell, separator)]
    return {part: place for place, part in enumerate(parts, start=1)}
