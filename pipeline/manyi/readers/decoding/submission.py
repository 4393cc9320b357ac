"""What a file says about a submission: when it came, how long it took, who and which school sent it."""

import re
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.readers.wording import answer_key
from manyi_instruments.definitions.questionnaire import MissingKind

_WORDS = re.compile(
    r"(?:(?P<days>\d+)(?:天|days?|d))?(?:(?P<hours>\d+)(?:小时|时|hours?|h))?"
    r"(?:(?P<minutes>\d+)(?:分钟|分|minutes?|mins?|m))?(?:(?P<seconds>\d+(?:\.\d+)?)(?:秒钟|秒|seconds?|secs?|s))?"
)
_CLOCK = re.compile(r"(?:(?P<hours>\d+):)?(?P<minutes>\d{1,2}):(?P<seconds>\d{2}(?:\.\d+)?)")
_DIGITS = re.compile(r"\d+(?:\.\d*)?")
_WENT_NUMBER = re.compile(r"(?P<code>\d+)\.0+")
_WENT_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d+")


def duration(text: str) -> float | None:
    """Return a duration in seconds, or None where the text is none.

    >>> [duration(text) for text in ("123秒", "2分3秒", "1小时0分1秒", "1:02:03", "一会儿")]
    [123.0, 123.0, 3601.0, 3723.0, None]
    """
    plain = answer_key(text)
    if _DIGITS.fullmatch(plain):
        return float(plain)
    found = _CLOCK.fullmatch(plain) or _WORDS.fullmatch(plain)
    if found is None or not any(found.groups()):
        return None
    parts = {key: float(value) for key, value in found.groupdict().items() if value}
    weights = {"days": 86400.0, "hours": 3600.0, "minutes": 60.0, "seconds": 1.0}
    return sum(weights[key] * value for key, value in parts.items())


def seconds_of(
    cells: "pd.Series[str]", missing: Mapping[str, MissingKind]
) -> tuple[npt.NDArray[np.float64], dict[str, int]]:
    """Return durations in seconds (NaN where there is none) and how often each unclear text occurs."""
    codes, uniques = pd.factorize(cells)
    seconds, unclear = [], {}
    counts = np.bincount(codes, minlength=len(uniques))
    for index, cell in enumerate(uniques):
        text = str(cell).strip()
        found = duration(text) if text and text not in missing else None
        if found is None and text and text not in missing:
            unclear[text] = int(counts[index])
        seconds.append(np.nan if found is None else found)
    return np.array(seconds, dtype=np.float64)[codes], unclear


def texts_of(
    cells: "pd.Series[str]", missing: Mapping[str, MissingKind], repair: bool
) -> tuple["pd.Series[str]", dict[tuple[str, str], int]]:
    """Return texts (NA where there is none), and with ``repair`` the codes that had become numbers.

    ``1000303.0`` and ``1.000303E+06`` are the code ``1000303``; zeros lost at the front are for whoever
    knows the codes.
    """
    if not repair:
        plain = cells.astype("string").str.strip()
        return plain.mask((plain == "") | plain.isin(list(missing))).reset_index(drop=True), {}
    codes, uniques = pd.factorize(cells)
    counts = np.bincount(codes, minlength=len(uniques))
    texts: list[str | None] = []
    repairs: dict[tuple[str, str], int] = {}
    for index, cell in enumerate(uniques):
        text = str(cell).strip()
        if not text or text in missing:
            texts.append(None)
            continue
        code = whole_code(text)
        if code != text:
            repairs[text, code] = int(counts[index])
        texts.append(code)
    found = pd.Series(texts, dtype="string").take(codes).reset_index(drop=True)
    return found, repairs


def whole_code(text: str) -> str:
    """Return a code that had become a number as it was.

    >>> whole_code("1000303.0"), whole_code("1.000303E+06"), whole_code("007"), whole_code("1.5E+0")
    ('1000303', '1000303', '007', '1.5E+0')
    """
    number = _WENT_NUMBER.fullmatch(text)
    if number:
        return number["code"]
    if _WENT_SCIENTIFIC.fullmatch(text) and float(text).is_integer() and float(text) < 2**53:
        return str(int(float(text)))
    return text


def repaired_codes(repairs: Mapping[tuple[str, str], int], role_id: str, file_name: str) -> pd.DataFrame:
    """Return the table of repaired school codes."""
    return pd.DataFrame(
        {
            "role": pd.Series([role_id] * len(repairs), dtype="str"),
            "file": pd.Series([file_name] * len(repairs), dtype="str"),
            "value": pd.Series([value for value, _ in repairs], dtype="str"),
            "repaired": pd.Series([code for _, code in repairs], dtype="str"),
            "n": pd.Series(list(repairs.values()), dtype="int64"),
        }
    )
