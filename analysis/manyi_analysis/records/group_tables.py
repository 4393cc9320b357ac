"""Answer counts of every group at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from manyi_analysis.records.grouped import group_codes
from manyi_analysis.records.tables import Tables


@dataclass(frozen=True, slots=True, eq=False)
class GroupTables:
    """Answer counts of k items in each group; ``a + b`` is the record of both data sets together.

    Parameters
    ----------
    columns : tuple of str
        The k items.
    groups : Mapping
        Key -> its tables; keys are values as text, a whole number without decimals.
    """

    columns: tuple[str, ...]
    groups: Mapping[str, Tables]

    @classmethod
    def of(cls, frame: pd.DataFrame, columns: Sequence[str], by: str, pairs: bool = True) -> "GroupTables":
        """Count the answers of every group; a row whose group is missing is in none.

        Parameters
        ----------
        frame : DataFrame
            Rows are respondents; NaN and NA are missing.
        columns : sequence of str
            Items with few different answers.
        by : str
            Column of groups.
        pairs : bool
            Count pairs of items too.
        """
        keys, codes = group_codes(frame[by])
        items = frame[list(columns)]
        found = {
            key: Tables.of(items[codes == place], columns, pairs=pairs) for place, key in enumerate(keys)
        }
        return cls(tuple(columns), found)

    def __add__(self, other: "GroupTables") -> "GroupTables":
        """Return the tables of both data sets together; ``ValueError`` if the columns differ."""
        if self.columns != other.columns:
            raise ValueError(f"tables of different columns: {self.columns} and {other.columns}")
        both = dict(self.groups)
        for key, tables in other.groups.items():
            both[key] = both[key] + tables if key in both else tables
        return GroupTables(self.columns, {key: both[key] for key in sorted(both)})

    def items(self) -> Iterator[tuple[str, Tables]]:
        """Yield every group's key and tables."""
        yield from self.groups.items()
