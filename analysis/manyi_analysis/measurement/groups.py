"""A statistic in every group of a study: the same function, on each group's moments."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import pandas as pd

from manyi_analysis.records import GroupedMoments, Moments, NotComputed


class Framed(Protocol):
    """A result record."""

    def to_frame(self) -> pd.DataFrame:
        """Return the record as a tidy table."""


Result = TypeVar("Result", bound=Framed)


def by_group(
    grouped: GroupedMoments, statistic: Callable[[Moments], Result | NotComputed]
) -> dict[str, Result | NotComputed]:
    """Return a statistic of every group, by the group's key.

    Parameters
    ----------
    grouped : GroupedMoments
        Of the statistic's items.
    statistic : callable
        Of one group's `Moments`; for example ``cronbach_alpha``.
    """
    return grouped.each(statistic)


def frame_by_group(results: dict[str, Result | NotComputed]) -> pd.DataFrame:
    """Return the groups' tables one under the other.

    Columns ``group``, those of the record, and ``reason``, which says why a group has no result.
    """
    frames = []
    for key, result in results.items():
        frame = result.to_frame()
        if isinstance(result, NotComputed):
            frame = frame.drop(columns="statistic")
        elif "reason" not in frame:
            frame = frame.assign(reason="")
        frame.insert(0, "group", key)
        frames.append(frame)
    computed = [frame for frame in frames if not frame.columns.equals(pd.Index(["group", "n", "reason"]))]
    columns = list(computed[0].columns) if computed else ["group", "n", "reason"]
    if not frames:
        return pd.DataFrame(columns=columns)
    return pd.concat([frame.reindex(columns=columns) for frame in frames], ignore_index=True)
