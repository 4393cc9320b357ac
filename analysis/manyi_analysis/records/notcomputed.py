"""What stands where a statistic could not be computed: its name, the reason and how many rows there were."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from manyi_instruments.faults import Fault, Place


@dataclass(frozen=True, slots=True)
class NotComputed:
    """A statistic that could not be computed, and why.

    Parameters
    ----------
    statistic : str
        Name of the statistic, for example ``"cronbach_alpha"``.
    code : str
        Key of the fault catalogue, for example ``"constant-item"``.
    details : Mapping
        Values for the placeholders of the wording.
    n : int
        Rows there were to compute it from.
    """

    statistic: str
    code: str
    details: Mapping[str, object] = field(default_factory=dict)
    n: int = 0

    @property
    def reason(self) -> str:
        """Return the code and its details on one line, the ``reason`` column of the tables.

        >>> NotComputed("cronbach_alpha", "constant-item", {"items": ("Q1", "Q2")}).reason
        'constant-item: items=Q1 Q2'
        """
        details = ", ".join(f"{key}={_plain(value)}" for key, value in self.details.items())
        return f"{self.code}: {details}" if details else self.code

    def fault(self, place: Place | None = None) -> Fault:
        """Return the fault of the catalogue, for messages in a user's language."""
        details = {"statistic": self.statistic, "n": self.n}
        details.update({key: _plain(value) for key, value in self.details.items()})
        return Fault(self.code, place if place is not None else Place(), details)

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``statistic, n, reason``."""
        return pd.DataFrame({"statistic": [self.statistic], "n": [self.n], "reason": [self.reason]})


def _plain(value: object) -> str:
    """Return a detail as words: the members of a list side by side."""
    if isinstance(value, list | tuple | set | frozenset):
        return " ".join(str(member) for member in value)
    return str(value)
