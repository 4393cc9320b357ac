"""The table ``importance_performance``: which attributes matter, and which are poor (IPA)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from manyi.study.level_plan import Importance
from manyi.topics.instrument import rated_column
from manyi.topics.one_pass import Gathered, MomentSet
from manyi.topics.topic import SCHOOL, Subject
from manyi_analysis.level.importance_performance import ImportancePerformance, importance_performance
from manyi_analysis.records import GroupedMoments, Moments, NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import score_bounds

#: The columns of the table without ``role``; what could not be computed has the first two, n and reason.
COLUMNS = [
    "measure",
    "outcome",
    "attribute",
    "importance_item",
    "importance",
    "importance_low",
    "importance_high",
    "performance",
    "performance_low",
    "performance_high",
    "quadrant",
    "certain",
    "cross",
    "importance_cross",
    "performance_cross",
    "n",
    "missing",
    "clustered",
    "reason",
]


@dataclass(frozen=True, slots=True)
class _Grid:
    """A planned grid: the names of its attributes, what rates them, and the columns of all of these."""

    plan: Importance
    attributes: tuple[str, ...]
    stated: dict[str, str]
    column: dict[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns read, each once."""
        names = [*self.attributes, *self.stated.values()]
        if self.plan.measure != "stated" and self.plan.outcome is not None:
            names.append(self.plan.outcome)
        return tuple(dict.fromkeys(self.column[name] for name in names if self.column[name]))


class ImportanceTopic:
    """What to improve first."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        planned = [entry for entry in subject.plan.importance if entry.role == subject.role]
        self.grids = [_grid(subject.questionnaire, entry) for entry in planned]
        self.school = SCHOOL if subject.schooled else None

    def sets(self) -> dict[object, MomentSet]:
        """Return the moments of each grid's ratings and outcome, by school where there are any."""
        return {
            number: MomentSet(grid.columns, self.school)
            for number, grid in enumerate(self.grids)
            if self._unsound(grid) is None
        }

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``importance_performance``, a grid below another."""
        frames = []
        for number, grid in enumerate(self.grids):
            found = self._found(grid, gathered.get(number))
            outcome = grid.plan.outcome if grid.plan.measure != "stated" else None
            about = {"measure": grid.plan.measure, "outcome": outcome or ""}
            if isinstance(found, NotComputed):
                frame = pd.DataFrame([{**about, "attribute": "", "n": found.n, "reason": found.reason}])
            else:
                # Points stand in the order of the attributes.
                frame = found.to_frame().assign(**about, attribute=grid.attributes, reason="")
                frame["importance_item"] = [grid.stated.get(name, "") for name in grid.attributes]
            frames.append(frame.reindex(columns=COLUMNS))
        return {"importance_performance": pd.concat(frames, ignore_index=True)} if frames else {}

    def _found(self, grid: _Grid, moments: Gathered | None) -> ImportancePerformance | NotComputed:
        reason = self._unsound(grid)
        if reason is not None or not isinstance(moments, Moments | GroupedMoments):
            return reason or NotComputed("importance_performance", "importance-no-attributes")
        bounds = score_bounds(self.subject.questionnaire, grid.attributes[0])
        outcome = grid.plan.outcome
        return importance_performance(
            moments,
            [grid.column[name] for name in grid.attributes],
            None if outcome is None else grid.column[outcome],
            {grid.column[name]: grid.column[rating] for name, rating in grid.stated.items()},
            grid.plan.measure,
            grid.plan.cross,
            None if bounds is None else (bounds[0] + bounds[1]) / 2.0,
            confidence=self.subject.plan.confidence,
        )

    def _unsound(self, grid: _Grid) -> NotComputed | None:
        """Return why a grid makes no sense, known before any answer is read; None where it does."""
        plan, questionnaire = grid.plan, self.subject.questionnaire
        absent = [name for name, column in grid.column.items() if column not in self.subject.columns]
        if absent:
            return _refused("importance-unknown", {"what": tuple(absent)})
        if len(grid.attributes) < 2:
            return _refused("importance-no-attributes", {})
        if plan.measure == "stated":
            unrated = [name for name in grid.attributes if name not in grid.stated]
            if unrated:
                return _refused("importance-not-stated", {"attribute": unrated[0]})
        elif plan.outcome is None or plan.outcome in grid.attributes:
            return _refused("importance-no-outcome", {"measure": plan.measure})
        if len({score_bounds(questionnaire, name) for name in grid.attributes}) > 1:
            return _refused("importance-unlike-ranges", {"attributes": grid.attributes})
        rated = {score_bounds(questionnaire, name) for name in grid.stated.values()}
        if plan.cross == "midpoint" and plan.measure == "stated":
            rated.add(score_bounds(questionnaire, grid.attributes[0]))
        if len(rated) > 1:
            return _refused("importance-unlike-ranges", {"attributes": tuple(grid.stated.values())})
        return None


def _grid(questionnaire: Questionnaire, plan: Importance) -> _Grid:
    rating = {
        item.importance_of: item.id for item in questionnaire.all_items() if item.importance_of is not None
    }
    rating |= plan.stated
    attributes: Sequence[str] = plan.attributes or [
        scale.id for scale in questionnaire.scales if scale.id in rating and scale.id != plan.outcome
    ]
    stated = {name: rating[name] for name in attributes if name in rating} if plan.measure == "stated" else {}
    names = [*attributes, *stated.values()]
    if plan.measure != "stated" and plan.outcome is not None:
        names.append(plan.outcome)
    column = {name: rated_column(questionnaire, name) for name in names}
    return _Grid(plan, tuple(dict.fromkeys(attributes)), stated, column)


def _refused(code: str, details: dict[str, object]) -> NotComputed:
    return NotComputed("importance_performance", code, details)
