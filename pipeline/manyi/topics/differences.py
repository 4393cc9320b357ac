"""Tables of differences between groups: tests, what is compared, pairs of groups, answers by group."""

from collections.abc import Iterator, Mapping

import pandas as pd

from manyi.study.analysis_plan import Differences
from manyi.topics.measures import Measure, measures, reported
from manyi.topics.one_pass import Gathered, NestedSet
from manyi.topics.topic import SCHOOL, Subject
from manyi_analysis.differences import RULE, answer_shares, differences, group_means
from manyi_analysis.records import NestedCounts, NotComputed


class DifferencesTopic:
    """How groups of one role differ."""

    def __init__(self, subject: Subject) -> None:
        plan = subject.plan.differences.get(subject.role, Differences())
        self.differences = plan
        self.plan = subject.plan
        self.school = SCHOOL if subject.schooled else None
        wanted = measures(subject, plan.outcomes or reported(subject))
        self.outcomes = tuple(each for each in wanted if each.column not in subject.blank)
        self.blank = tuple(each for each in wanted if each.column in subject.blank)
        self.by = tuple(dict.fromkeys(plan.by or subject.plan.groups.get(subject.role, ())))

    def sets(self) -> dict[object, NestedSet]:
        """Return the counts of every outcome by every column of groups, within schools."""
        return {
            (outcome.name, by): NestedSet(outcome.column, by, None if by == self.school else self.school)
            for by in self.by
            for outcome in self._of(by)
        }

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``differences, group_means, pairwise_differences, group_answers``."""
        plan, minimum = self.differences, self.plan.minimum_cell
        found = differences(
            ((record, outcome.kind) for outcome, _, record in self._counted(gathered)),
            minimum,
            plan.beside,
            plan.adjustment,
            self.plan.confidence,
            protect=True,
        )
        tests = found.to_frame()
        if self.blank:
            tests = pd.concat([tests, self._blank(tests)], ignore_index=True)
        means, answers = [], []
        for outcome, by, record in self._counted(gathered):
            counts = record.by_group()
            if outcome.kind == "nominal":
                answers.append(answer_shares(counts, minimum, protect=True).to_frame().assign(by=by))
            else:
                means.append(group_means(counts, minimum, protect=True).to_frame().assign(by=by))
        tables = {
            "differences": tests,
            "group_means": _joined(means),
            "pairwise_differences": found.pairwise_frame(),
            "group_answers": _joined(answers),
        }
        return {name: self._named(table) for name, table in tables.items() if len(table)}

    def _of(self, by: str) -> tuple[Measure, ...]:
        """Return the outcomes compared by a column: all but the column itself."""
        return tuple(outcome for outcome in self.outcomes if by not in (outcome.name, outcome.column))

    def _counted(self, gathered: Mapping[object, Gathered]) -> Iterator[tuple[Measure, str, NestedCounts]]:
        for by in self.by:
            for outcome in self._of(by):
                record = gathered[outcome.name, by]
                if isinstance(record, NestedCounts):
                    yield outcome, by, record

    def _blank(self, tests: pd.DataFrame) -> pd.DataFrame:
        """Return why outcomes that nobody answered were not compared."""
        rows = [
            {
                "outcome": outcome.name,
                "by": by,
                "test": RULE[outcome.kind].several,
                "n": 0,
                "chosen": True,
                "kind": outcome.kind,
                "family": f"{by}: {outcome.kind}",
                "reason": _blank_reason(outcome),
                "note": "",
                "adjustment": self.differences.adjustment,
            }
            for by in self.by
            for outcome in self.blank
        ]
        frame = pd.DataFrame(rows, columns=tests.columns)
        return frame.astype({name: tests[name].dtype for name in tests if tests[name].dtype == float})

    def _named(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table with the names of the plan in place of columns, and ``by`` behind the outcome."""
        names = {outcome.column: outcome.name for outcome in self.outcomes}
        rest = [name for name in table.columns if name not in ("outcome", "by")]
        return table.assign(outcome=table["outcome"].replace(names))[["outcome", "by", *rest]]


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def _blank_reason(outcome: Measure) -> str:
    return NotComputed("difference", "difference-outcome-blank", {"outcome": outcome.name}).reason
