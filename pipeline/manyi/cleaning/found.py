"""What the rules found: flags, the indices they were cut from, and what they lacked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from manyi.cleaning.blocks import Flag, Floats
from manyi_analysis.records.notcomputed import NotComputed


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a rule cuts an index: respondents below ``low`` or above ``high`` are flagged.

    Parameters
    ----------
    rule, index : str
        Rule of ``study.yaml``; index it looks at.
    low, high : float
        NaN where there is no limit on that side.
    """

    rule: str
    index: str
    low: float = np.nan
    high: float = np.nan

    def beyond(self, values: Floats) -> Flag:
        """Return who lies beyond the cut; an index that says nothing flags nobody."""
        with np.errstate(invalid="ignore"):
            return np.asarray((values < self.low) | (values > self.high))


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a rule that the plan asks for could not look at anybody.

    Parameters
    ----------
    rule : str
        Rule of ``study.yaml``.
    needs : str
        What the answers or the questionnaire do not have, by its name there: ``seconds``, ``attention``.
    reason : NotComputed or None
        Why its index could not be computed, where that is the cause.
    """

    rule: str
    needs: str = ""
    reason: NotComputed | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What cleaning found in the answers of one role.

    Parameters
    ----------
    flags : Mapping
        Rule -> who is flagged, shape (respondents,).
    indices : Mapping
        Index -> its value for every respondent, NaN where it says nothing.
    cuts : tuple of Cut
        Where rules cut the indices.
    reasons : Mapping
        Index -> why it says nothing about anybody.
    lacks : tuple of Lack
        Rules asked for that could not look at anybody.
    """

    flags: Mapping[str, Flag]
    indices: Mapping[str, Floats] = field(default_factory=dict)
    cuts: tuple[Cut, ...] = ()
    reasons: Mapping[str, NotComputed] = field(default_factory=dict)
    lacks: tuple[Lack, ...] = ()
