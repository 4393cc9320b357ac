"""What a statistics file says about its own columns: labels, missing values, formats, response sets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Measure = Literal["nominal", "ordinal", "scale", "unknown"]
Holds = Literal["number", "text", "date", "duration"]


@dataclass(frozen=True, slots=True)
class VariableEntry:
    """One variable as the file describes it.

    Attributes
    ----------
    name : str
        As read; SPSS and Stata know no two variables of one name.
    label : str
        What was asked; empty where the file has none.
    values : Mapping
        Cell text -> label, in the order of the file.
    missing : tuple of str
        Cell texts declared to be user-missing; of Stata the extended missing values ``.a`` to ``.z`` that
        have a label or occur.
    ranges : tuple of (float, float)
        Ranges of user-missing numbers, both bounds among them.
    measure : str
        ``nominal``, ``ordinal``, ``scale`` or ``unknown``.
    format : str
        The program's own print format, such as ``F8.2``, ``ADATE10`` or ``%td``.
    holds : str
        ``number``, ``text``, ``date`` (dates and times of day) or ``duration``.
    """

    name: str
    label: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    ranges: tuple[tuple[float, float], ...] = ()
    measure: Measure = "unknown"
    format: str = ""
    holds: Holds = "number"

    def missing_among(self, cells: Iterable[str]) -> tuple[str, ...]:
        """Return the cell texts that are user-missing, in the order given.

        Parameters
        ----------
        cells : iterable of str
            Distinct cell texts; a range of dates or durations is compared with none.

        Examples
        --------
        >>> VariableEntry("q", missing=("99",), ranges=((-9.0, -5.0),)).missing_among(["1", "-8", "99", "-5"])
        ('-8', '99', '-5')
        """
        declared = set(self.missing)
        return tuple(cell for cell in cells if cell in declared or self._in_range(cell))

    def _in_range(self, cell: str) -> bool:
        if not self.ranges or self.holds != "number":
            return False
        try:
            number = float(cell)
        except ValueError:
            return False
        return any(low <= number <= high for low, high in self.ranges)


@dataclass(frozen=True, slots=True)
class ResponseSet:
    """A multiple-response set: one question over several variables.

    Attributes
    ----------
    name : str
        Without its ``$``.
    label : str
        What was asked; may be empty.
    variables : tuple of str
        Names of its variables.
    counted : str or None
        Of a dichotomous set the cell text that means chosen; None for a category set, whose variables hold
        the codes of the answers chosen.
    labels_from_values : bool
        Whether an option is named by the label of the counted value (``CATEGORYLABELS=COUNTEDVALUES``)
        rather than by the label of its variable.
    """

    name: str
    label: str
    variables: tuple[str, ...]
    counted: str | None
    labels_from_values: bool = False


@dataclass(frozen=True, slots=True)
class FileDictionary:
    """The dictionary of an SPSS or Stata file.

    Attributes
    ----------
    program : str
        ``spss`` or ``stata``.
    format : str
        ``.sav``, ``.zsav``, ``.por`` or ``.dta``.
    label : str
        Label of the file.
    notes : tuple of str
        Documents (SPSS) or notes (Stata).
    variables : Mapping
        Name -> entry, in the order of the file.
    sets : tuple of ResponseSet
        Multiple-response sets.
    """

    program: Literal["spss", "stata"]
    format: str
    label: str
    notes: tuple[str, ...]
    variables: Mapping[str, VariableEntry]
    sets: tuple[ResponseSet, ...] = ()
