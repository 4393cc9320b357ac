"""The table ``gap``: what respondents perceive less what they expected, pair by pair."""

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from manyi.topics.instrument import rated_column
from manyi.topics.one_pass import Gathered, MomentSet
from manyi.topics.topic import SCHOOL, Subject
from manyi_analysis.level.gap import Gap, expectation_gap, gap_frame
from manyi_analysis.records import GroupedMoments, Moments, NotComputed
from manyi_instruments.scoring import score_bounds

#: The columns of the table without ``role``; what could not be computed has the first two, n and reason.
COLUMNS = [
    "expectation",
    "perception",
    "n",
    "missing",
    "mean_expectation",
    "mean_perception",
    "gap",
    "se",
    "low",
    "high",
    "t",
    "df",
    "p",
    "p_adjusted",
    "schools",
    "se_clustered",
    "low_clustered",
    "high_clustered",
    "p_clustered",
    "p_clustered_adjusted",
    "effect",
    "effect_name",
    "effect_low",
    "effect_high",
    "correlation",
    "adjustment",
    "reason",
]

Pair = tuple[str, str]


class GapsTopic:
    """Where expectations are met."""

    def __init__(self, subject: Subject) -> None:
        self.questionnaire, self.confidence = subject.questionnaire, subject.plan.confidence
        self.pairs: dict[Pair, Pair] = {}
        for pair in dict.fromkeys(subject.plan.gaps.get(subject.role, ())):
            columns = [rated_column(self.questionnaire, name) for name in pair]
            if set(columns) <= set(subject.columns):
                self.pairs[pair] = columns[0], columns[1]
        self.school = SCHOOL if subject.schooled else None

    def sets(self) -> dict[object, MomentSet]:
        """Return the moments of each pair whose parts can be subtracted, by school where there are any."""
        ranges = {name: score_bounds(self.questionnaire, name) for pair in self.pairs for name in pair}
        return {
            pair: MomentSet(columns, self.school)
            for pair, columns in self.pairs.items()
            if ranges[pair[0]] is not None and ranges[pair[0]] == ranges[pair[1]]
        }

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``gap``; the p-values of a role are adjusted together."""
        if not self.pairs:
            return {}
        found = [self._gap(pair, gathered.get(pair)) for pair in self.pairs]
        return {"gap": gap_frame(found).reindex(columns=COLUMNS)}

    def _gap(self, pair: Pair, moments: Gathered | None) -> Gap | NotComputed:
        names: dict[str, object] = dict(zip(("expectation", "perception"), pair, strict=True))
        if not isinstance(moments, Moments | GroupedMoments):
            return NotComputed("expectation_gap", "gap-unlike-ranges", names)
        found = expectation_gap(moments, *self.pairs[pair], self.confidence)
        if isinstance(found, NotComputed):
            return NotComputed(found.statistic, found.code, {**found.details, **names}, found.n)
        # A reverse-keyed item stands under its own name.
        return replace(found, expectation=pair[0], perception=pair[1])
