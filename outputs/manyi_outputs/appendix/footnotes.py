"""Cells that say why they are empty: one letter a reason, spelled out below the table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from manyi_outputs.appendix.provenance import as_float
from manyi_outputs.appendix.table import Cell
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind


@dataclass(slots=True)
class Footnotes:
    """The letters given out in one table: for empty cells their reasons, for whole rows remarks."""

    context: Context
    letters: dict[tuple[str, bool], str] = field(default_factory=dict)

    def letter(self, reason: str, *, empty: bool = True) -> str:
        """Return the letter of a reason, the same for the same reason: a, b, … z, aa."""
        key = (reason, empty)
        if key not in self.letters:
            number, letters = len(self.letters) + 1, ""
            while number:
                number, rest = divmod(number - 1, 26)
                letters = chr(ord("a") + rest) + letters
            self.letters[key] = letters
        return self.letters[key]

    def cell(
        self,
        value: object,
        kind: Kind,
        reason: object = "",
        *,
        mark: str = "",
        faint: bool = False,
        bold: bool = False,
    ) -> Cell:
        """Return the cell of a number, or a dash with the letter of the reason it is missing for."""
        if value is None or pd.isna(value):  # type: ignore[call-overload]
            why = said(reason)
            return Cell(None, kind, note=self.letter(why) if why else "")
        return Cell(as_float(value), kind, mark=mark, faint=faint, bold=bold)

    def label(self, text: str, row: Mapping[str, object], *values: str) -> Cell:
        """Return a row's name; with a letter where the row has all its values and yet a remark on them.

        Parameters
        ----------
        text : str
        row : Mapping
            With its ``reason``.
        values : str
            The columns shown: where one is missing, its own cell carries the letter.
        """
        why = said(row.get("reason"))
        empty = any(name in row and pd.isna(row[name]) for name in values)  # type: ignore[call-overload]
        return Cell(text, note=self.letter(why, empty=False) if why and not empty else "")

    @property
    def specific(self) -> tuple[tuple[str, str], ...]:
        """Return each letter with its reason in words."""
        words = self.context.words
        opening = words("note.not_computed") + words("numbers.colon")
        return tuple(
            (letter, (opening if empty else "") + self.context.reason(reason))
            for (reason, empty), letter in self.letters.items()
        )


def said(reason: object) -> str:
    """Return a reason as it stands in a table, nothing for an empty or missing one."""
    return reason.strip() if isinstance(reason, str) else ""
