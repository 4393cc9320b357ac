"""Pairwise moments of every group at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.records.grouped import group_codes
from manyi_analysis.records.pairwise import PairwiseMoments
from manyi_analysis.records.rows import Floats, default_shift


@dataclass(frozen=True, slots=True, eq=False)
class PairwiseGroups:
    """Pairwise moments of k columns in each group; ``a + b`` is the record of both data sets together.

    Parameters
    ----------
    columns : tuple of str
        The k columns.
    groups : Mapping
        Key -> its moments; keys are values as text, a whole number without decimals.
    """

    columns: tuple[str, ...]
    groups: Mapping[str, PairwiseMoments]

    @classmethod
    def of(
        cls, frame: pd.DataFrame, columns: Sequence[str], by: str, shift: Floats | None = None
    ) -> "PairwiseGroups":
        """Read the moments of every group; parameters as in `GroupedMoments.of`."""
        fixed = default_shift(frame, columns) if shift is None else np.asarray(shift, dtype=np.float64)
        keys, codes = group_codes(frame[by])
        found = {
            key: PairwiseMoments.of(frame[codes == place], columns, fixed) for place, key in enumerate(keys)
        }
        return cls(tuple(columns), found)

    def __add__(self, other: "PairwiseGroups") -> "PairwiseGroups":
        """Return the moments of both data sets together; ``ValueError`` if the columns differ."""
        if self.columns != other.columns:
            raise ValueError(f"moments of different columns: {self.columns} and {other.columns}")
        both = dict(self.groups)
        for key, moments in other.groups.items():
            both[key] = both[key] + moments if key in both else moments
        return PairwiseGroups(self.columns, {key: both[key] for key in sorted(both)})

    def items(self) -> Iterator[tuple[str, PairwiseMoments]]:
        """Yield every group's key and moments."""
        yield from self.groups.items()
