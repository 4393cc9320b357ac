"""User-missing values as SPSS holds them: three at most, or a range and one more."""

from collections.abc import Collection
from dataclasses import dataclass

#: Discrete missing values a variable may have.
MOST = 3


@dataclass(frozen=True, slots=True)
class MissingValues:
    """The missing values of one variable.

    Parameters
    ----------
    discrete : tuple of float
    low, high : float or None
        Both bounds of a range, or neither.
    dropped : tuple of float
        Codes that fit neither way: their cells become system-missing.
    """

    discrete: tuple[float, ...] = ()
    low: float | None = None
    high: float | None = None
    dropped: tuple[float, ...] = ()

    def ranges(self) -> list[float | dict[str, float]]:
        """Return the form that pyreadstat takes."""
        made: list[float | dict[str, float]] = []
        if self.low is not None and self.high is not None:
            made.append({"lo": self.low, "hi": self.high})
        return made + list(self.discrete)

    def syntax(self) -> str:
        """Return the values as ``MISSING VALUES`` writes them, such as ``(-9 THRU -5)``."""
        parts = [f"{value:g}" for value in self.discrete]
        if self.low is not None and self.high is not None:
            parts.insert(0, f"{self.low:g} THRU {self.high:g}")
        return f"({', '.join(parts)})"


def missing_values(codes: Collection[int], low: float | None, high: float | None) -> MissingValues:
    """Fit missing codes into what SPSS allows, without swallowing a valid answer.

    Parameters
    ----------
    codes : collection of int
        Missing codes of the questionnaire.
    low, high : float or None
        Smallest and largest valid answer; None where there is no bound.

    Returns
    -------
    MissingValues

    Examples
    --------
    >>> missing_values([-9, -8, -7, -6, -5], 1, 5).syntax()
    '(-9 THRU -5)'
    >>> missing_values([-1, 97, 98, 99], 0, 10).syntax()
    '(97 THRU 99, -1)'
    >>> missing_values([8, 9], 1, 5).syntax()
    '(8, 9)'
    """
    values = sorted(float(code) for code in codes)
    if len(values) <= MOST:
        return MissingValues(discrete=tuple(values))
    below = [value for value in values if low is not None and value < low]
    above = [value for value in values if high is not None and value > high]
    wide, rest = (below, above) if len(below) >= len(above) else (above, below)
    if len(wide) < MOST:
        return MissingValues(discrete=tuple(values[:MOST]), dropped=tuple(values[MOST:]))
    return MissingValues(tuple(rest[:1]), wide[0], wide[-1], dropped=tuple(rest[1:]))
