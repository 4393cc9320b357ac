"""The day on which answers were submitted, from the texts that platforms write."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Days = NDArray[np.datetime64]

#: A day in numbers at the start of a text: ``2026-03-04``, ``2026/3/4``, ``2026年3月4日``, ``4.3.2026``.
_NUMBERS = r"^(?P<day>\d{1,4}[-/.年]\s?\d{1,2}[-/.月]\s?\d{1,4})"
#: A day with the month in words: ``Mar 4, 2026``, ``4-Mar-2026``.
_WORDS = r"^(?P<day>(?:[A-Za-z]{3,9}\.?\s\d{1,2},?\s\d{4}|\d{1,2}[-\s][A-Za-z]{3,9}[-\s]\d{4}))"
#: Digits only: seconds or milliseconds since 1970, or year, month, day (and time) without marks.
_DIGITS = r"^(?P<day>\d{8}|\d{10}(?:\.\d+)?|\d{13}|\d{14})$"
#: A zone behind a time of day.
_OFFSET = r":\d{2}(?:\.\d+)?\s?(?P<zone>Z|[+-]\d{2}:?\d{2})$"
_PART = re.compile(r"\d+")
_MONTHS = ("%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y")


@dataclass(frozen=True, slots=True, eq=False)
class SubmissionDays:
    """Days read from texts.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (respondents,)
        NaT where there is no text or none that could be read.
    given : int
        Texts there were.
    unread : int
        Texts that could not be read as a day.
    undecided : int
        Of these, the ones that are one day by day/month and another by month/day.
    example : str
        One of the unread texts.
    """

    days: Days
    given: int
    unread: int
    undecided: int
    example: str


def submission_days(
    submitted: "pd.Series[str]", zone: str | None = None, day_first: bool | None = None
) -> SubmissionDays:
    """Read the day of every submission.

    Read are ISO 8601, year/month/day with any of ``- / .`` or 年月日, day and month before the year, months
    in words, seconds and milliseconds since 1970. The time of day behind it may be written in any way.

    Parameters
    ----------
    submitted : Series of str, shape (respondents,)
        As written; blank or NA for none.
    zone : str, optional
        Time zone of the study. Times that name a zone of their own (``Z``, ``+08:00``) and times since 1970
        are moved to it; without it the former count by the day written, the latter by the day in UTC.
    day_first : bool, optional
        Whether 3/4/2026 is in April. Default: what the texts show (a number above 12 is a day); where they do
        not show it, such texts stay unread.

    Returns
    -------
    SubmissionDays
        Nothing is guessed: what could not be read is counted.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = pc.utf8_trim_whitespace(pa.array(submitted, type=pa.string(), from_pandas=True))
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    days: Days = np.full(len(submitted), "NaT", dtype="datetime64[D]")
    undecided = _by_token(days, texts, _NUMBERS, day_first)
    _by_token(days, texts, _WORDS, day_first)
    _digits(days, texts, zone)
    if zone is not None:
        _moved(days, texts, zone)
    there = np.asarray(pc.is_valid(texts))
    unread = there & np.isnat(days)
    example = str(texts[int(unread.argmax())]) if unread.any() else ""
    return SubmissionDays(days, int(there.sum()), int(unread.sum()), undecided, example)


def _by_token(days: Days, texts: Any, pattern: str, day_first: bool | None) -> int:
    """Fill in the days whose text begins with a date; the different dates are few. Return the undecided."""
    tokens, codes = _tokens(texts, pattern)
    if not tokens:
        return 0
    parts = [[int(part) for part in _PART.findall(token)] for token in tokens]
    if day_first is None:
        day_first = _order_shown(parts)
    known = [_day(token, numbers, day_first) for token, numbers in zip(tokens, parts, strict=True)]
    lookup = np.array([*known, None], dtype="datetime64[D]")
    used = codes >= 0
    days[used] = lookup[codes[used]]
    if day_first is not None:
        return 0
    open_order = np.array([len(n) == 3 and n[2] > 31 and max(n[:2]) <= 12 for n in parts])
    return int((used & np.append(open_order, False)[codes] & np.isnat(days)).sum())


def _tokens(texts: Any, pattern: str) -> tuple[list[str], NDArray[np.int64]]:
    """Return the different texts a pattern takes out, and which of them each row has (-1: none)."""
    import pyarrow.compute as pc

    found = pc.struct_field(pc.extract_regex(texts, pattern), "day").dictionary_encode()
    codes = pc.fill_null(found.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    return found.dictionary.to_pylist(), codes


def _order_shown(parts: list[list[int]]) -> bool | None:
    """Return whether the day stands first in dates that end with the year; None if no date shows it."""
    before_year = [numbers for numbers in parts if len(numbers) == 3 and numbers[2] > 31]
    first = any(numbers[0] > 12 for numbers in before_year)
    second = any(numbers[1] > 12 for numbers in before_year)
    return first if first != second else None


def _day(token: str, numbers: list[int], day_first: bool | None) -> date | None:
    try:
        if len(numbers) == 3 and numbers[0] > 31:
            return date(*numbers)
        if len(numbers) == 3 and numbers[2] > 31:
            # One of the two is above 12: only one reading is a day.
            decided = day_first if max(numbers[:2]) <= 12 else numbers[0] > 12
            if decided is None:
                return None
            day, month = numbers[:2] if decided else numbers[1::-1]
            return date(numbers[2], month, day)
        return _in_words(token)
    except ValueError:
        return None


def _in_words(token: str) -> date | None:
    plain = re.sub(r"[-,.\s]+", " ", token)
    for layout in _MONTHS:
        try:
            return datetime.strptime(plain, layout).date()
        except ValueError:
            continue
    return None


def _digits(days: Days, texts: Any, zone: str | None) -> None:
    """Fill in the days of texts that are digits only."""
    tokens, codes = _tokens(texts, _DIGITS)
    if not tokens:
        return
    written = pd.Series(tokens, dtype="str")
    whole = written.str.partition(".")[0].str.len()
    compact = pd.to_datetime(
        written.where(whole.isin([8, 14])).str[:8], format="%Y%m%d", errors="coerce"
    ).to_numpy(dtype="datetime64[D]")
    numbers = written.where(whole.isin([10, 13])).to_numpy(dtype=np.float64, na_value=np.nan)
    clock = pd.Series(pd.to_datetime(numbers / np.where(whole == 13, 1000.0, 1.0), unit="s", utc=True))
    if zone is not None:
        clock = clock.dt.tz_convert(zone)
    since = clock.dt.tz_localize(None).to_numpy(dtype="datetime64[D]")
    lookup = np.append(np.where(np.isnat(compact), since, compact), np.datetime64("NaT", "D"))
    used = codes >= 0
    days[used] = lookup[codes[used]]


def _moved(days: Days, texts: Any, zone: str) -> None:
    """Move to the study's zone what names a zone of its own."""
    import pyarrow.compute as pc

    named = np.asarray(pc.fill_null(pc.match_substring_regex(texts, _OFFSET), False)) & ~np.isnat(days)
    if not named.any():
        return
    plain = pc.replace_substring_regex(pc.filter(texts, named), r"^(\d{4})[/.](\d{1,2})[/.]", r"\1-\2-")
    clock = pd.to_datetime(plain.to_pandas(), format="ISO8601", utc=True, errors="coerce")
    moved = clock.dt.tz_convert(zone).dt.tz_localize(None).to_numpy(dtype="datetime64[D]")
    days[named] = np.where(np.isnat(moved), days[named], moved)
