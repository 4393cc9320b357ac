"""Where in a role's answers each rule finds what it looks at."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from manyi.cleaning.blocks import narrowed
from manyi_analysis.careless.answered import Answers
from manyi_instruments.definitions.questionnaire import Item, Questionnaire

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class Layout:
    """The rated questions of a questionnaire in the order asked, and which of them are what.

    Parameters
    ----------
    questionnaire : Questionnaire
        Its choice and number items and its attention checks are rows of the blocks that rules read; parts of
        multiple choices and rankings are no ratings.
    """

    questionnaire: Questionnaire

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return the columns: items, then attention checks."""
        checks = (check.id for check in self.questionnaire.attention)
        return (*(item.id for item in self.items), *checks)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """Return the choice and number items in the order asked."""
        return tuple(item for item in self.questionnaire.all_items() if item.type in ("choice", "number"))

    @cached_property
    def item_rows(self) -> Positions:
        """Return the rows of a block that are items."""
        return np.arange(len(self.items))

    @cached_property
    def check_rows(self) -> Positions:
        """Return the rows of a block that are attention checks."""
        return np.arange(len(self.items), len(self.columns))

    @cached_property
    def scale_rows(self) -> Positions:
        """Return the rows of a block that are items of a scale."""
        return self._rows(item.scale is not None for item in self.items)

    @cached_property
    def choice_rows(self) -> Positions:
        """Return the rows that are items of a scale answered from a list: what patterns are looked for in."""
        return self._rows(item.scale is not None and item.answers is not None for item in self.items)

    @cached_property
    def lists(self) -> dict[str, Positions]:
        """Return answer list -> rows of the scale items answered from it."""
        members: defaultdict[str, list[int]] = defaultdict(list)
        for row in self.choice_rows.tolist():
            members[str(self.items[row].answers)].append(row)
        return {name: np.array(rows, dtype=np.intp) for name, rows in members.items()}

    @cached_property
    def scales(self) -> dict[str, Positions]:
        """Return scale -> rows of its items, for scales all of whose items have bounds."""
        members: dict[str, list[int]] = {scale.id: [] for scale in self.questionnaire.scales}
        for row, item in enumerate(self.items):
            if item.scale is not None:
                members[item.scale].append(row)
        return {
            name: np.array(rows, dtype=np.intp)
            for name, rows in members.items()
            if rows and np.isfinite(self.low[rows]).all()
        }

    @cached_property
    def low(self) -> NDArray[np.float64]:
        """Return each item's smallest answer, NaN where it has no bounds."""
        return self._bounds[:, 0]

    @cached_property
    def high(self) -> NDArray[np.float64]:
        """Return each item's largest answer, NaN where it has no bounds."""
        return self._bounds[:, 1]

    @cached_property
    def reverse(self) -> NDArray[np.bool_]:
        """Return which items are reverse-keyed."""
        return np.array([item.reverse for item in self.items], dtype=bool)

    @cached_property
    def expected(self) -> NDArray[np.float64]:
        """Return the answer each attention check asks for."""
        return np.array([check.expected for check in self.questionnaire.attention], dtype=np.float64)

    def keyed(self, values: Answers, rows: Positions) -> Answers:
        """Return answers with reverse-keyed items recoded: ``low + high - x``.

        Parameters
        ----------
        values : ndarray, shape (len(rows), respondents)
            Of the items at ``rows``; left as they are. What a missing answer becomes means nothing.
        rows : ndarray of int
        """
        turned = self.reverse[rows]
        ends = narrowed((self.low[rows] + self.high[rows])[turned, None])
        found = values.astype(np.promote_types(values.dtype, ends.dtype))
        found[turned] = ends - found[turned]
        return found

    def pairs(self, named: Sequence[tuple[str, str]]) -> tuple[tuple[int, int], ...]:
        """Return rows of items that should agree once keyed.

        Parameters
        ----------
        named : sequence of (str, str)
            Ids of items; pairs of which this questionnaire lacks an item are another role's. Empty: every
            reverse-keyed item with every other item of its scale that is not reverse-keyed.
        """
        place = {item.id: row for row, item in enumerate(self.items) if np.isfinite(self.low[row])}
        if named:
            return tuple((place[a], place[b]) for a, b in named if a in place and b in place)
        return tuple(
            (int(a), int(b))
            for rows in self.scales.values()
            for a in rows[self.reverse[rows]]
            for b in rows[~self.reverse[rows]]
        )

    @cached_property
    def _bounds(self) -> NDArray[np.float64]:
        found = [self.questionnaire.bounds(item) or (np.nan, np.nan) for item in self.items]
        return np.array(found, dtype=np.float64).reshape(len(self.items), 2)

    def _rows(self, wanted: Iterable[bool]) -> Positions:
        return np.flatnonzero(np.fromiter(wanted, dtype=bool, count=len(self.items)))
