"""How a number is written: decimals by kind of quantity, leading zeros, p-values, stars."""

import math
import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import Enum


class Kind(Enum):
    """What a number is, which decides how it is written."""

    text = "text"
    count = "count"
    mean = "mean"
    coefficient = "coefficient"
    ratio = "ratio"
    bounded = "bounded"
    p = "p"
    statistic = "statistic"
    df = "df"
    share = "share"
    index = "index"
    amount = "amount"


#: Decimals by kind. ``share`` is stored as a fraction and shown as a percentage.
DECIMALS = {
    Kind.count: 0,
    Kind.mean: 2,
    Kind.coefficient: 3,
    Kind.ratio: 2,
    Kind.bounded: 3,
    Kind.p: 3,
    Kind.statistic: 2,
    Kind.df: 0,
    Kind.share: 1,
    Kind.index: 1,
    Kind.amount: 2,
}
#: A test is called significant, a difference or gap one, below this.
SIGNIFICANT = 0.05
#: Limits of one, two and three stars.
STARS = (SIGNIFICANT, 0.01, 0.001)
_SMALLEST_P = 0.001
_SYMBOL = re.compile(r"(?<![A-Za-z0-9])(n|M|SD|B|SE|t|p|r|h|k|df1|df2|df|F|R)(?![A-Za-z0-9.])")
_FEW_DIGITS = 100
#: A coefficient below this would show as nought: it gets two significant digits, within the decimals allowed.
_COARSE = 0.0005
#: A ratio this near to 1 would show as 1: its distance from 1 gets two significant digits.
_NEAR_ONE = 0.005
_MOST_DECIMALS = 8


def stars(p: float) -> int:
    """Return how many stars a p-value earns; none where it is missing.

    Examples
    --------
    >>> [stars(p) for p in (0.2, 0.049, 0.01, 0.0099, 0.0001, float("nan"))]
    [0, 1, 1, 2, 3, 0]
    """
    return sum(p < limit for limit in STARS)


def statistic_runs(text: str) -> list[tuple[str, bool]]:
    """Split a heading into its parts, each with whether it is the symbol of a statistic, set in italics.

    Examples
    --------
    >>> statistic_runs("p of F change")
    [('p', True), (' of ', False), ('F', True), (' change', False)]
    """
    parts = _SYMBOL.split(text)
    return [(part, position % 2 == 1) for position, part in enumerate(parts) if part]


@dataclass(frozen=True, slots=True)
class Numerals:
    """The number rules of one language.

    Parameters
    ----------
    leading_zero : bool
        Whether quantities that cannot exceed 1 keep the zero before the point.
    """

    leading_zero: bool

    def cell_format(self, kind: Kind, value: float, mark: str = "", room: str = "") -> str:
        """Return the spreadsheet number format with which the unrounded number is shown.

        Parameters
        ----------
        kind : Kind
            What the number is.
        value : float
            The number, which decides the decimals of amounts and degrees of freedom.
        mark : str
            Signs behind the number, such as stars.
        room : str
            The longest mark of the column: what is not used of it stays as a gap and points stay aligned.

        Returns
        -------
        str

        Examples
        --------
        >>> Numerals(leading_zero=True).cell_format(Kind.coefficient, 0.2, mark="**", room="***")
        '0.000"**"_*'
        >>> Numerals(leading_zero=False).cell_format(Kind.p, 0.2)
        '[<0.001]"<.001";.000'
        """
        number = self._digits(kind, value)
        if kind is Kind.share:
            number += "%"
        elif kind is Kind.p:
            number = f'[<{_SMALLEST_P}]"<{self._bound(str(_SMALLEST_P))}";{number}'
        shown = f'"{mark}"' if mark else ""
        return number + shown + "".join(f"_{sign}" for sign in room[len(mark) :])

    def text(self, kind: Kind, value: float) -> str:
        """Return the number as words for a page, rounded half away from zero in its shortest decimal form.

        Examples
        --------
        >>> Numerals(leading_zero=False).text(Kind.bounded, -0.8125)
        '−.813'
        >>> Numerals(leading_zero=True).text(Kind.p, 0.00002)
        '<0.001'
        >>> Numerals(leading_zero=True).text(Kind.coefficient, 0.0000234)
        '0.000023'
        >>> Numerals(leading_zero=True).text(Kind.coefficient, 0.0000000875)
        '0.00000009'
        >>> [Numerals(leading_zero=True).text(Kind.ratio, value) for value in (1.2449, 1.000093, 1.0)]
        ['1.24', '1.000093', '1.00']
        """
        if kind is Kind.p and value < _SMALLEST_P:
            return "<" + self._bound(f"{_SMALLEST_P}")
        if kind is Kind.share:
            return f"{_rounded(value * 100, DECIMALS[kind])}%"
        digits = _rounded(value, self._decimals(kind, value))
        return self._bound(digits) if kind in (Kind.bounded, Kind.p) else digits

    def _decimals(self, kind: Kind, value: float) -> int:
        if kind is Kind.df and not float(value).is_integer():
            return 1
        if kind is Kind.amount and abs(value) >= _FEW_DIGITS:
            return 0
        if kind is Kind.coefficient and 0 < abs(value) < _COARSE:
            return _two_digits(abs(value))
        if kind is Kind.ratio and 0 < abs(value - 1) < _NEAR_ONE:
            return _two_digits(abs(value - 1))
        return DECIMALS[kind]

    def _digits(self, kind: Kind, value: float) -> str:
        decimals = self._decimals(kind, value)
        whole = "" if kind in (Kind.bounded, Kind.p) and not self.leading_zero else "0"
        return f"{whole}.{'0' * decimals}" if decimals else "0"

    def _bound(self, digits: str) -> str:
        return digits if self.leading_zero else digits.replace("0.", ".", 1) if _below_one(digits) else digits


def _two_digits(size: float) -> int:
    """Return the decimals that show two significant digits of a size below 1, within those allowed."""
    return min(_MOST_DECIMALS, 1 - math.floor(math.log10(size)))


def _below_one(digits: str) -> bool:
    return digits.lstrip("−").startswith("0.")


def _rounded(value: float, decimals: int) -> str:
    """Return the number as a spreadsheet would show it, with a true minus sign and no minus zero."""
    digits = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    # In decimals throughout: below a millionth Python would write 9E-8.
    return f"−{-digits:f}" if digits < 0 else f"{abs(digits):f}"
