"""Tables of the level of satisfaction: of everybody, by group, and of every school."""

from collections.abc import Mapping
from typing import get_args

import pandas as pd

from manyi.study.variables import variables
from manyi.topics.one_pass import Gathered, LevelSet
from manyi.topics.topic import SCHOOL, Subject
from manyi_analysis.level.satisfaction import index_levels, index_outcomes
from manyi_analysis.level.school_satisfaction import school_levels
from manyi_analysis.records import LevelSums
from manyi_instruments.scoring import IndexDefinition

COLUMNS = ["group", "level", "index", "definition", "n", "value", "low", "high", "se", "schools", "method"]


class SatisfactionTopic:
    """How satisfied everybody, groups and schools are, under every definition of the index."""

    def __init__(self, subject: Subject) -> None:
        plan, questionnaire = subject.plan, subject.questionnaire
        self.questionnaire, self.plan = questionnaire, plan
        scales = tuple(scale.id for scale in questionnaire.scales)
        self.measures = tuple(dict.fromkeys(plan.satisfaction.get(subject.role, scales)))
        self.groups = tuple(dict.fromkeys(plan.groups.get(subject.role, ())))
        self.school = SCHOOL if subject.schooled else None
        self.definitions = _headline_first(plan.index)
        self.ungrouped = _protected(subject)
        outcomes = index_outcomes(questionnaire, self.measures)
        self.outcomes = tuple(entry for entry in outcomes if entry.column in subject.columns)

    def sets(self) -> dict[object, LevelSet]:
        """Return the sums of the measures by level and school; by the role's groups but the school itself."""
        if not self.measures:
            return {}
        groups = tuple(name for name in self.groups if name != SCHOOL)
        return {"levels": LevelSet(self.outcomes, groups, self.school)}

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``satisfaction`` and, of answers with schools, ``school_satisfaction``."""
        sums = gathered.get("levels")
        if not isinstance(sums, LevelSums):
            return {}
        minimum, confidence = self.plan.minimum_cell, self.plan.confidence
        shown = [name for name in self.groups if name != SCHOOL]
        levels = [
            index_levels(
                sums,
                self.questionnaire,
                self.measures,
                definition,
                shown,
                SCHOOL,
                minimum,
                confidence,
                self.ungrouped,
            ).to_frame()
            for definition in self.definitions
        ]
        found = {"satisfaction": self._marked(pd.concat(levels, ignore_index=True))}
        if self.school is not None:
            every, headline = self.definitions, self.plan.index
            schools = school_levels(
                sums, self.questionnaire, self.measures, every, headline, minimum, confidence
            )
            found["school_satisfaction"] = self._marked(schools)
            if SCHOOL in self.groups:
                # The levels of the group are the schools of the other table: hidden in both or in none.
                rows = schools.rename(columns={"school": "level"}).assign(group=SCHOOL)
                rows["schools"] = rows["n"].where(rows["n"].isna(), 0.0)
                both = [found["satisfaction"], self._marked(rows)[found["satisfaction"].columns]]
                found["satisfaction"] = pd.concat(both, ignore_index=True)
        return found

    def _marked(self, frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(headline=frame["definition"] == self.plan.index)


def _headline_first(index: IndexDefinition) -> tuple[IndexDefinition, ...]:
    others: tuple[IndexDefinition, ...] = get_args(IndexDefinition)
    return (index, *(definition for definition in others if definition != index))


def _protected(subject: Subject) -> frozenset[str]:
    """Return the groups in which few respondents without a value are protected like a level."""
    groups = subject.plan.groups.get(subject.role, ())
    if subject.plan.hide_ungrouped == "known":
        # Which schools are not in the school table can be known; who left a question out cannot.
        return frozenset(groups) - variables(subject.questionnaire)
    return frozenset(groups) if subject.plan.hide_ungrouped == "always" else frozenset()
