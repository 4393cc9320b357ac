"""What the cells of a 问卷星 export hold: wordings, option numbers or scores, ticks or ranks."""

import math
import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from manyi.readers.platforms.source import Style, guess_kind, is_numeric
from manyi.readers.platforms.wenjuanxing_headings import AskedColumn, is_numbered
from manyi.readers.tables.raw_table import RawTable

#: Joins the answers of a multiple choice in one cell.
SEPARATOR = "┋"
#: What only its exports by text hold, besides.
TEXT_MARKS = (SEPARATOR, "(跳过)", "(空)", "〖", "→")
TOTALS = ("总分", "总得分")
_FILE_STYLE: dict[str, Style] = {"按文本": "text", "按序号": "number", "按分数": "score"}
_TICKS = {"0", "1"}
_BY_CHANCE = 0.01
_SHARE_OF_SUMS = 0.9


def tell_style(raw: RawTable, asked: Sequence[AskedColumn]) -> tuple[Style, str]:
    """Return whether cells hold wordings, option numbers or scores, and what tells.

    The file name; marks that only wordings carry; a total that is the sum of the columns, as scores add up;
    columns of 0 and 1; wordings that repeat. Numbers without any of these are option numbers.
    """
    for mark, style in _FILE_STYLE.items():
        if mark in raw.path.name:
            return style, f"{style}: {mark}"
    total = _total(raw, asked)
    if total:
        return "score", f"score: {total} = Σ"
    for mark in TEXT_MARKS:
        if any(mark in _unnumbered(cell) for column in asked for cell in column.found) or _occurs(raw, mark):
            return "text", f"text: {mark}"
    for column in asked:
        if column.old_row and column.found and set(column.found) <= _TICKS:
            return "number", f"number: {column.heading} 0/1"
    for column in asked:
        if column.found and not is_numeric(column.found) and guess_kind(column.found, SEPARATOR) == "single":
            return "text", f"text: {column.heading}: {next(iter(column.found))}"
    return "number", "number: 1, 2, 3 …"


def are_ticks(group: Sequence[AskedColumn]) -> bool:
    """Return whether columns are the options of one multiple choice: 0 and 1, free text beside a 1."""
    texts = {cell.split("〖")[0].strip() for column in group for cell in column.found}
    return len(group) > 1 and texts <= _TICKS


def are_ranks(raw: RawTable, group: Sequence[AskedColumn]) -> bool:
    r"""Return whether columns are the options of one ranking, each cell its rank.

    In every row the numbers given are then 1, 2 … m, each once. That can happen by chance in a matrix of few
    rows: of m answers from 1 to m in one of m!/mᵐ of the cases, so it is believed where the product over the
    rows is below 1 in 100.
    """
    if len(group) < 2 or not all(is_numeric(column.found) for column in group if column.found):
        return False
    numbers = np.column_stack([_numbers(raw, column.name) for column in group])
    ranks = np.sort(np.where(numbers > 0, numbers, np.nan), axis=1)
    given = (~np.isnan(ranks)).sum(axis=1)
    places = np.arange(1, len(group) + 1)
    if not np.all(np.where(places <= given[:, None], ranks == places, np.isnan(ranks))):
        return False
    counts = np.bincount(given, minlength=len(group) + 1).tolist()
    chance = sum(n * (math.lgamma(m + 1) - m * math.log(m)) for m, n in enumerate(counts) if m)
    return bool(chance < math.log(_BY_CHANCE))


def occurring_marks(raw: RawTable) -> list[str]:
    """Return the marks of the platform that stand in some cell."""
    return [mark for mark in TEXT_MARKS if mark != "→" and _occurs(raw, mark)]


def _unnumbered(cell: str) -> str:
    # By number, too, free text stands behind the number of its option, and numbers are joined.
    return "" if re.fullmatch(r"\d+(?:〖.*〗)?(?:[┋→]\d+(?:〖.*〗)?)*", cell, re.DOTALL) else cell


def _occurs(raw: RawTable, mark: str) -> bool:
    return any(mark in _unnumbered(cell) for name in raw.cells.columns for cell in raw.column(name).cells)


def _total(raw: RawTable, asked: Sequence[AskedColumn]) -> str:
    """Return the heading of a total that is the sum of the questions' columns in most rows."""
    for name, heading in zip(raw.cells.columns, raw.headings, strict=True):
        if heading.strip() not in TOTALS:
            continue
        columns = [column for column in asked if is_numbered(column.heading) and is_numeric(column.found)]
        if len(columns) < 2:
            continue
        scores = np.column_stack([_numbers(raw, column.name) for column in columns])
        sums = np.nansum(np.where(scores >= 0, scores, 0.0), axis=1)
        total = _numbers(raw, name)
        known = ~np.isnan(total)
        if known.sum() > 1 and np.ptp(total[known]) > 0:
            agree = np.isclose(sums[known], total[known])
            if agree.mean() >= _SHARE_OF_SUMS:
                return heading.strip()
    return ""


def _numbers(raw: RawTable, name: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    column = raw.column(name)
    numbers = pd.to_numeric(pd.Series(column.cells, dtype="str"), errors="coerce")
    return np.asarray(numbers, dtype=np.float64)[column.codes]
