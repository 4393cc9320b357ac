"""What a document says of the data of one variable: how many, how large, how often each answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts and moments of one variable, unweighted.

    Parameters
    ----------
    valid, invalid : int
        Rows with an answer, and without one for whatever reason.
    summary : Mapping
        ``min, max, mean, medn, stdev`` as the schema calls them -> number; only those that make sense.
    counts : Mapping
        Value or code of a missing answer -> rows.
    """

    valid: int
    invalid: int
    summary: Mapping[str, float] = field(default_factory=dict)
    counts: Mapping[int, int] = field(default_factory=dict)
