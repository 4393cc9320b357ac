"""Moments as platforms spell them: ISO 8601, 2024/5/1 8:05:00, 2024年5月1日, 5/28/2024 3:04 PM."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Moments = NDArray[np.datetime64]

# Google writes "8:36:23 PM EST" and "1:34:49 下午 GMT+8".
_HALF = r"上午|下午|[AaPp][Mm]"
_OFFSET = (
    rf"(:\d{{2}}(?:\.\d+)?(?: (?:{_HALF}))?) ?"
    r"(?:[Zz]|UTC|GMT(?:[+-]\d{1,2}(?::?\d{2})?)?|[+-]\d{2}(?::?\d{2})?|[A-Z]{3,5})$"
)
_ZONED = r":\d{2}(?:\.\d+)? ?(?:[Zz]|[+-]\d{2}(?::?\d{2})?)$"
_CLOCK = (
    rf"(?:[ T]+(?P<half>{_HALF})? ?(?P<hour>\d{{1,2}}):(?P<minute>\d{{2}})"
    rf"(?::(?P<second>\d{{2}})(?:\.\d+)?)?(?: ?(?P<noon>{_HALF}))?)?$"
)
_YEAR_FIRST = r"^(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?" + _CLOCK
_YEAR_LAST = r"^(?P<first>\d{1,2})[-/.](?P<second_part>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK
_AFTERNOON = ("下午", "pm")
_UNKNOWN = np.datetime64("NaT", "s")


def moments_of(cells: "pd.Series[str]") -> Moments:
    """Return the moments of a column, as a clock on the wall showed them.

    Parameters
    ----------
    cells : Series of str, shape (n,)
        A time zone behind the time is left out: two columns of one file are told in one.

    Returns
    -------
    array of datetime64[s], shape (n,)
        NaT where a cell is blank, or no moment. Whether ``5/6/2024`` is in May or in June is told by the
        other cells of the column; where none tells, it is NaT.

    Examples
    --------
    >>> moments_of(pd.Series(["2024/5/1 8:05:00", "2024-05-01T08:05:00.123+08:00", "x"])).astype(str).tolist()
    ['2024-05-01T08:05:00', '2024-05-01T08:05:00', 'NaT']
    >>> moments_of(pd.Series(["5/6/2024 1:02 PM", "5/28/2024"])).astype(str).tolist()
    ['2024-05-06T13:02:00', '2024-05-28T00:00:00']
    >>> moments_of(pd.Series(["5/6/2024"])).astype(str).tolist()
    ['NaT']
    >>> moments_of(pd.Series(["2018/12/12 8:36:23 PM EST", "2017/6/14 1:34 下午 GMT+8"])).astype(str).tolist()
    ['2018-12-12T20:36:23', '2017-06-14T13:34:00']
    """
    texts = cells.astype("str").str.strip().str.replace(_OFFSET, r"\1", regex=True)
    found = pd.to_datetime(texts, format="ISO8601", errors="coerce").to_numpy().astype("datetime64[s]")
    left = np.isnat(found) & (texts != "").to_numpy(dtype=bool)
    if left.any():
        codes, different = pd.factorize(texts[left])
        found[left] = _spelt(pd.Series(different, dtype="str"))[codes]
    return found


def seconds_between(start: "pd.Series[str]", end: "pd.Series[str]") -> NDArray[np.float64]:
    """Return the time from one moment to another.

    Parameters
    ----------
    start, end : Series of str, shape (n,)
        Where both tell their time zone, it is respected: the clock of a device may change its zone.

    Returns
    -------
    array of float64, shape (n,)
        Seconds; NaN where a moment is unknown, or only one of them tells its zone.

    Examples
    --------
    >>> begun = pd.Series(["2024-05-01T08:00:00.250+08:00", "2024-05-01 08:00:00", "2024-05-01T08:00:00Z"])
    >>> ended = pd.Series(["2024-05-01T09:00:30.750+09:00", "2024-05-01 08:01:00", "2024-05-01 08:00:30"])
    >>> seconds_between(begun, ended).tolist()
    [30.5, 60.0, nan]
    """
    zoned = [column.astype("str").str.strip().str.contains(_ZONED) for column in (start, end)]
    both = (zoned[0] & zoned[1]).to_numpy(dtype=bool)
    neither = ~(zoned[0] | zoned[1]).to_numpy(dtype=bool)
    seconds = np.full(len(start), np.nan)
    if both.any():
        first, last = (
            pd.to_datetime(column[both], format="ISO8601", errors="coerce", utc=True)
            for column in (start, end)
        )
        seconds[both] = (last - first).dt.total_seconds().to_numpy()
    if neither.any():
        gone = moments_of(end[neither]) - moments_of(start[neither])
        seconds[neither] = gone / np.timedelta64(1, "s")
    return seconds


def _spelt(texts: "pd.Series[str]") -> Moments:
    found = _moment(texts.str.extract(_YEAR_FIRST))
    parts = texts.str.extract(_YEAR_LAST)
    first, second = (pd.to_numeric(parts[name]) for name in ("first", "second_part"))
    day_first, month_first = bool((first > 12).any()), bool((second > 12).any())
    if day_first != month_first:
        names = (
            {"first": "day", "second_part": "month"}
            if day_first
            else {"first": "month", "second_part": "day"}
        )
        found = np.where(np.isnat(found), _moment(parts.rename(columns=names)), found)
    return found


def _moment(parts: pd.DataFrame) -> Moments:
    """Return moments of their parts, NaT where a part is missing or no such day exists."""
    half = (parts["half"].fillna(parts["noon"])).str.lower()
    hour = pd.to_numeric(parts["hour"]).fillna(0)
    afternoon = half.isin(_AFTERNOON)
    hour = hour.where(half.isna(), hour % 12) + 12 * afternoon
    numbers = {name: pd.to_numeric(parts[name]) for name in ("year", "month", "day")}
    numbers |= {"hour": hour}
    numbers |= {name: pd.to_numeric(parts[name]).fillna(0) for name in ("minute", "second")}
    whole = pd.DataFrame(numbers)
    complete = whole.notna().all(axis=1).to_numpy(dtype=bool)
    found = np.full(len(parts), _UNKNOWN)
    moments = pd.to_datetime(whole[complete], errors="coerce")
    found[complete] = moments.to_numpy().astype("datetime64[s]")
    return found
