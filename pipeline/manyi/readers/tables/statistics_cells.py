"""Numbers, dates and durations of SPSS and Stata as the text of a cell."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
import numpy.typing as npt

from manyi.readers.tables.dictionary import Holds

Unit = Literal["number", "single", "text", "duration", "seconds", "milliseconds", "days", "weeks", "months",
               "quarters", "halfyears"]  # fmt: skip
Floats = npt.NDArray[np.float64]

#: SPSS counts seconds from the first day of the Gregorian calendar, Stata from 1960.
SPSS_EPOCH, STATA_EPOCH = np.datetime64("1582-10-14", "us"), np.datetime64("1960-01-01", "us")
#: Whole numbers beyond are not all told apart by a double.
EXACT = float(2**53)

_SPSS_DATES = {"DATE", "ADATE", "EDATE", "JDATE", "SDATE", "DATETIME", "YMDHMS", "QYR", "MOYR", "WKYR"}
_SPSS_MOMENTS = {"DATETIME", "YMDHMS"}
_SPSS_DURATIONS = {"TIME", "DTIME", "MTIME"}
_STATA_DATE = re.compile(r"%-?\d*(?P<unit>tc|tC|td|tw|tm|tq|th|d)")
_STATA_UNITS: Mapping[str, Unit] = {
    "tc": "milliseconds",
    "td": "days",
    "d": "days",
    "tw": "weeks",
    "tm": "months",
    "tq": "quarters",
    "th": "halfyears",
}
# Microseconds a datetime64 can count from any of the two epochs.
_FURTHEST = 9.0e18


@dataclass(frozen=True, slots=True)
class CellFormat:
    """How the numbers of one variable are told; ``clock`` says that dates have a time of day."""

    unit: Unit
    epoch: np.datetime64 = STATA_EPOCH
    clock: bool = False

    @property
    def holds(self) -> Holds:
        """Return what the cells are."""
        if self.unit == "text":
            return "text"
        if self.unit in ("number", "single"):
            return "number"
        return "duration" if self.unit == "duration" else "date"


def spss_format(name: str) -> CellFormat:
    """Return how a print format of SPSS tells a number.

    >>> spss_format("EDATE10").unit, spss_format("TIME11.2").unit, spss_format("F8.2").unit
    ('seconds', 'duration', 'number')
    """
    word = re.match(r"[A-Z]*", name.upper())
    kind = word[0] if word else ""
    if kind in _SPSS_DATES:
        return CellFormat("seconds", SPSS_EPOCH, clock=kind in _SPSS_MOMENTS)
    return CellFormat("duration" if kind in _SPSS_DURATIONS else "number")


def stata_format(name: str, single: bool = False) -> CellFormat:
    """Return how a display format of Stata tells a number; ``%tC`` and business days stay numbers.

    Parameters
    ----------
    name : str
        The format.
    single : bool
        Whether the variable is stored as a ``float`` of four bytes.

    >>> stata_format("%td").unit, stata_format("%-12.0g").unit, stata_format("%tCCCYY-NN-DD").unit
    ('days', 'number', 'number')
    """
    found = _STATA_DATE.match(name)
    unit = _STATA_UNITS.get(found["unit"]) if found else None
    return CellFormat(unit or ("single" if single else "number"), clock=unit == "milliseconds")


def number_texts(numbers: Floats, format: CellFormat) -> list[str]:
    """Return the cell text of every number, ``""`` for NaN.

    Whole numbers have no fraction, others the shortest digits that give the same number again, never an
    exponent; dates are ISO 8601, of a format without a clock with a time of day only where it is not
    midnight; durations are ``HH:MM:SS``, hours beyond 24 not carried. A date that no calendar holds stays a
    number.

    Parameters
    ----------
    numbers : (n,) array of float
        As stored.
    format : CellFormat
        Of their variable.

    Examples
    --------
    >>> number_texts(np.array([3.0, 0.1, -1e-7, np.nan, 2.0**60]), CellFormat("number"))
    ['3', '0.1', '-0.0000001', '', '1152921504606846976']
    >>> number_texts(np.array([43870.09, 90000.0]), CellFormat("duration"))
    ['12:11:10.09', '25:00:00']
    >>> number_texts(np.array([23620.0, -1.0]), CellFormat("days"))
    ['2024-09-01', '1959-12-31']
    """
    tell = _TELL.get(format.unit)
    return [
        "" if np.isnan(number) else (tell or _instant)(number, format) for number in numbers.astype(float)
    ]


def _number(number: float, _: CellFormat) -> str:
    if number.is_integer():
        return str(int(number))
    return str(np.format_float_positional(number, unique=True, trim="-"))


def _single(number: float, format: CellFormat) -> str:
    # 0.1 of four bytes is 0.10000000149011612 of eight.
    if number.is_integer():
        return _number(number, format)
    return str(np.format_float_positional(np.float32(number), unique=True, trim="-"))


def _duration(number: float, format: CellFormat) -> str:
    if abs(number) > _FURTHEST / 1e6:
        return _number(number, format)
    minutes, seconds = divmod(_microseconds(abs(number), 1e6), 60_000_000)
    whole, rest = divmod(seconds, 1_000_000)
    fraction = f".{rest:06d}".rstrip("0") if rest else ""
    sign = "-" if number < 0 else ""
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}:{whole:02d}{fraction}"


def _instant(number: float, format: CellFormat) -> str:
    per_unit = {"seconds": 1e6, "milliseconds": 1e3, "days": 86400e6}.get(format.unit)
    if per_unit is None:
        return _period(number, format)
    if abs(number * per_unit) > _FURTHEST:
        return _number(number, format)
    text = str(format.epoch + np.timedelta64(_microseconds(number, per_unit), "us"))
    day, _, clock = text.partition("T")
    clock = clock.rstrip("0").rstrip(".") if "." in clock else clock
    return f"{day} {clock}" if format.clock or clock.strip("0:") else day


def _microseconds(number: float, per_unit: float) -> int:
    # The shortest digits, for 13630809600.25 s in binary is not a whole number of microseconds.
    return round(Decimal(repr(float(number))) * Decimal(per_unit))


def _period(number: float, format: CellFormat) -> str:
    """Return the first day of a Stata week, month, quarter or half-year."""
    if not number.is_integer() or abs(number) > 1e6:
        return _number(number, format)
    count = int(number)
    if format.unit == "weeks":
        # Stata's year has 52 weeks; the first begins on 1 January, the last holds the rest.
        year, week = divmod(count, 52)
        return str(np.datetime64(f"{1960 + year:04d}-01-01", "D") + np.timedelta64(7 * week, "D"))
    months = count * {"months": 1, "quarters": 3, "halfyears": 6}[format.unit]
    return str((np.datetime64("1960-01", "M") + np.timedelta64(months, "M")).astype("datetime64[D]"))


_TELL: Mapping[str, Callable[[float, CellFormat], str]] = {
    "number": _number,
    "single": _single,
    "duration": _duration,
}
