"""School codes are text: repair those a spreadsheet took for numbers, match them against the roster."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

#: What a spreadsheet puts before text that looks like a number, quotation marks, invisible characters.
_AROUND = re.compile(r"^['’‘\"`＇=]+|['’\"`]+$|[\s\u200b\u200e\u200f\u2060\ufeff]+")
_FLOAT = re.compile(r"(\d+)\.0*")
_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+(\d{1,2})")
#: Codes do not lose more zeros than this in practice; a shorter number is another kind of code.
_MOST_ZEROS = 3


class Repair(NamedTuple):
    """A code after repair; ``reason`` is a fault of the catalogue where it cannot be repaired."""

    code: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class MatchedCodes:
    """School codes of answers held against the school table.

    Attributes
    ----------
    codes : Series of string
        One a row: the code as the school table spells it; where there is no such school, the code as it was
        written; NA where the cell was empty.
    matched : Series of bool
        Whether the school is known. False for empty cells too.
    repaired : DataFrame
        ``value, repaired, n``: what was written, what it was taken for, in how many rows.
    unmatched : DataFrame
        ``value, n, reason``: codes without a school. The reason is a fault of the catalogue.
    """

    codes: "pd.Series[str]"
    matched: "pd.Series[bool]"
    repaired: pd.DataFrame
    unmatched: pd.DataFrame

    @property
    def blank(self) -> int:
        """Return how many cells were empty."""
        return int(self.codes.isna().sum())


def fold_code(value: str) -> str:
    """Return a code without spaces, invisible characters and quotation marks, full-width digits made plain.

    Examples
    --------
    >>> fold_code("'２１３３ 000001 ")
    '2133000001'
    """
    return _AROUND.sub("", unicodedata.normalize("NFKC", value))


def repair_code(value: str, length: int | None = None) -> Repair:
    """Undo what spreadsheets do to codes.

    Parameters
    ----------
    value : str
        The cell.
    length : int, optional
        Digits a code has; numbers up to three digits shorter get their leading zeros back. None: no zeros.

    Returns
    -------
    Repair
        The code. Its reason is ``school-code-rounded`` where digits are lost for good, as in ``2.13357E+09``;
        ``school-code-length`` where the number of digits is wrong and not explained by lost zeros.

    Examples
    --------
    >>> repair_code("2133000001.0").code
    '2133000001'
    >>> repair_code("33000001", 10).code
    '0033000001'
    >>> repair_code("2.133000001E+09").code
    '2133000001'
    >>> repair_code("2.13357E+09").reason
    'school-code-rounded'
    """
    code = fold_code(value)
    if match := _FLOAT.fullmatch(code):
        code = match[1]
    elif match := _SCIENTIFIC.fullmatch(code):
        digits, exponent = match[1] + (match[2] or ""), int(match[3])
        if len(digits.rstrip("0")) > exponent + 1:
            return Repair(code, "school-code-rounded")
        if len(digits) < exponent + 1:
            return Repair(code, "school-code-rounded")
        code = digits[: exponent + 1]
    if length is None or not code.isdecimal() or len(code) == length:
        return Repair(code)
    if 0 < length - len(code) <= _MOST_ZEROS:
        return Repair(code.zfill(length))
    return Repair(code, "school-code-length")


def match_schools(codes: "pd.Series[str]", known: Sequence[str]) -> MatchedCodes:
    """Find the school of each code.

    Tried in turn: as written; without spaces, quotation marks and full-width digits; as a number turned back
    into text; with the leading zeros one school of the table has. A code that would fit two schools is
    matched to neither.

    Parameters
    ----------
    codes : Series of str
        Codes as written in the answers; NA and empty for none.
    known : sequence of str
        Codes of the school table.

    Returns
    -------
    MatchedCodes
        Every row is in ``codes``; every code without a school is in ``unmatched``.

    Examples
    --------
    >>> result = match_schools(pd.Series(["0021", "21", "21.0", "99", None]), ["0021", "0035"])
    >>> result.codes.tolist()[:4], result.blank
    (['0021', '0021', '0021', '99'], 1)
    >>> result.unmatched.to_dict("records")
    [{'value': '99', 'n': 1, 'reason': 'school-unknown'}]
    """
    text = codes.astype("string").str.strip()
    text = text.mask(text == "")
    counts = text.value_counts(sort=False)
    index = _index(known)
    found = {value: _find(value, index) for value in counts.index}
    schools = {value: repair.code for value, repair in found.items() if not repair.reason}
    matched = text.isin(list(schools)).astype(bool)
    repaired = [(value, school, int(counts[value])) for value, school in schools.items() if school != value]
    unmatched = [
        (value, int(counts[value]), repair.reason) for value, repair in found.items() if repair.reason
    ]
    return MatchedCodes(
        codes=text.map(schools).astype("string").fillna(text),
        matched=matched,
        repaired=pd.DataFrame(repaired, columns=["value", "repaired", "n"]),
        unmatched=pd.DataFrame(unmatched, columns=["value", "n", "reason"]),
    )


def _index(known: Sequence[str]) -> Mapping[str, Mapping[str, set[str]]]:
    """Return the known codes by what is left of them after each way of losing something."""
    index: dict[str, dict[str, set[str]]] = {way: defaultdict(set) for way in ("exact", "folded", "digits")}
    for code in dict.fromkeys(known):
        index["exact"][code].add(code)
        folded = fold_code(code)
        index["folded"][folded].add(code)
        if folded.isdecimal():
            index["digits"][folded.lstrip("0")].add(code)
    return index


def _find(value: str, index: Mapping[str, Mapping[str, set[str]]]) -> Repair:
    repair = repair_code(value)
    tried: tuple[tuple[str, str], ...] = (("exact", value), ("folded", fold_code(value)))
    if not repair.reason:
        tried = (*tried, ("folded", repair.code))
        if repair.code.isdecimal():
            tried = (*tried, ("digits", repair.code.lstrip("0")))
    for way, key in tried:
        schools = index[way].get(key, set())
        if len(schools) == 1:
            return Repair(next(iter(schools)))
        if schools:
            return Repair(value, "school-code-ambiguous")
    return Repair(value, repair.reason or "school-unknown")
