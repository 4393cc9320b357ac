"""The functions of the expression language: what each takes and gives; computing.py computes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from manyi_instruments.expressions.tree import Kind

#: ``any`` takes every kind; ``same`` the kind of the other ``same`` arguments, which the result has too.
Wanted = Kind | Literal["any", "same"]


@dataclass(frozen=True, slots=True)
class Function:
    """One function.

    Attributes
    ----------
    takes : tuple
        Kind of each argument; the last one stands for all that follow.
    fewest, most : int
        How many arguments; ``most`` None for any number.
    gives : str
        Kind of the result, or ``same``.
    over_rows : bool
        True where one number is made of all rows. Such a function has no place in a rule that is decided
        while one person answers.
    """

    takes: tuple[Wanted, ...]
    fewest: int
    most: int | None
    gives: Kind | Literal["same"]
    over_rows: bool = False

    def wanted(self, number: int) -> Wanted:
        """Return the kind of the argument of that number, from 0."""
        return self.takes[min(number, len(self.takes) - 1)]


FUNCTIONS: Mapping[str, Function] = {
    "min": Function(("number",), 2, None, "number"),
    "max": Function(("number",), 2, None, "number"),
    "abs": Function(("number",), 1, 1, "number"),
    "ceil": Function(("number",), 1, 1, "number"),
    "floor": Function(("number",), 1, 1, "number"),
    "round": Function(("number",), 1, 1, "number"),
    "if": Function(("truth", "same", "same"), 3, 3, "same"),
    "first": Function(("same",), 2, None, "same"),
    "missing": Function(("any",), 1, 1, "truth"),
    "answered": Function(("any",), 1, None, "number"),
    "sum": Function(("number",), 1, 1, "number", over_rows=True),
    "mean": Function(("number",), 1, 1, "number", over_rows=True),
    "count": Function(("truth",), 1, 1, "number", over_rows=True),
}

#: ``selected(item, answer)``: whether a single or multiple choice holds an answer. Its first argument is a
#: name, its second a number or text as written, so that it stands apart from the functions of values.
SELECTED = "selected"
#: Over rows, what is missing in one row and what is divided by zero there makes the result missing.
STRICT = ("sum", "mean")
