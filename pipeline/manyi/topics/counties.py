"""Counties and schools held side by side without a league table: funnel limits and shrunken means."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from manyi.topics.one_pass import Gathered, LevelSet
from manyi.topics.topic import SCHOOL, Subject
from manyi_analysis.change import funnel_limits, shrunken_means
from manyi_analysis.level.interval import Interval
from manyi_analysis.level.satisfaction import IndexLine, index_levels, index_outcomes
from manyi_analysis.level.school_satisfaction import school_levels
from manyi_analysis.records import LevelSums, NotComputed
from manyi_analysis.records.level_sums import ALL, SQUARE, TOTAL, N

COLUMNS = ["level", "unit", "index", "definition", "n", "value", "se", "target", "z"]
COLUMNS += ["low_95", "high_95", "low_998", "high_998", "place"]
COLUMNS += ["reliability", "shrunken", "low", "high", "reason"]


class CountiesTopic:
    """Each index of every county, and of every school, against the limits for its size."""

    def __init__(self, subject: Subject) -> None:
        plan, self.questionnaire = subject.plan, subject.questionnaire
        self.plan, self.column = plan, plan.counties
        scales = tuple(scale.id for scale in subject.questionnaire.scales)
        self.measures = tuple(dict.fromkeys(plan.satisfaction.get(subject.role, scales)))
        known = self.column in subject.columns and self.column not in subject.blank
        self.wanted = bool(known and subject.schooled and self.measures)
        outcomes = index_outcomes(subject.questionnaire, self.measures)
        self.outcomes = tuple(entry for entry in outcomes if entry.column in subject.columns)

    def sets(self) -> dict[object, LevelSet]:
        """Return the sums of the measures by county and school."""
        if not self.wanted or self.column is None:
            return {}
        return {"counties": LevelSet(self.outcomes, (self.column,), SCHOOL)}

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``unit_comparison``: counties with errors clustered by school, schools with their own."""
        sums = gathered.get("counties")
        if not isinstance(sums, LevelSums) or self.column is None:
            return {}
        parts = []
        for measure in self.measures:
            parts.append(self._placed(self._counties(sums, measure), "county", measure))
            parts.append(self._placed(self._schools(sums, measure), "school", measure))
        return {"unit_comparison": pd.concat(parts, ignore_index=True)}

    def _counties(self, sums: LevelSums, measure: str) -> pd.DataFrame:
        """Return unit, n, value, se of the counties that may be shown."""
        plan, column = self.plan, str(self.column)
        found = index_levels(
            sums,
            self.questionnaire,
            [measure],
            plan.index,
            [column],
            SCHOOL,
            plan.minimum_cell,
            plan.confidence,
            (column,),
        )
        rows = [
            {"unit": cell.level, "n": cell.result.n, "value": cell.result.value, "se": cell.result.se}
            for cell in found.cells
            if cell.group == column and isinstance(cell.result, Interval)
        ]
        return pd.DataFrame(rows, columns=["unit", "n", "value", "se"])

    def _schools(self, sums: LevelSums, measure: str) -> pd.DataFrame:
        """Return unit, n, value, se of the schools that may be shown: se = σ/√n, σ within schools."""
        plan, empty = self.plan, pd.DataFrame(columns=["unit", "n", "value", "se"])
        line = IndexLine.of(sums, self.questionnaire, measure, plan.index)
        if isinstance(line, NotComputed):
            return empty
        shown = school_levels(
            sums,
            self.questionnaire,
            [measure],
            (plan.index,),
            plan.index,
            plan.minimum_cell,
            plan.confidence,
        ).dropna(subset="value")
        table = sums.sums[ALL][line.at][:, 0, :-1]
        total = table[TOTAL] if line.cut is None else table[3 + line.cut]
        square = table[SQUARE] if line.cut is None else total
        n = table[N]
        used = n > 0
        within = float((square[used] - total[used] ** 2 / n[used]).sum())
        df = float((n[used] - 1).sum())
        if df <= 0 or not len(shown):
            return empty
        sigma = line.slope * np.sqrt(max(within, 0.0) / df)
        size = shown["n"].to_numpy(np.float64)
        known = {"unit": shown["school"].astype(str), "n": size, "value": shown["value"]}
        return pd.DataFrame({**known, "se": sigma / np.sqrt(size)})

    def _placed(self, units: pd.DataFrame, level: str, measure: str) -> pd.DataFrame:
        """Return the rows of one level: limits for its size, the mean drawn towards that of all."""
        known = {"level": level, "index": measure, "definition": self.plan.index}
        value, se = units["value"].to_numpy(np.float64), units["se"].to_numpy(np.float64)
        sound = np.isfinite(value) & np.isfinite(se) & (se > 0)
        units, value, se = units[sound].reset_index(drop=True), value[sound], se[sound]
        limits = funnel_limits(value, se)
        if isinstance(limits, NotComputed):
            return pd.DataFrame([{**known, "unit": "", "reason": limits.reason}], columns=COLUMNS)
        table = units.assign(**known, target=limits.target, reason="")
        for name in ("z", "low_95", "high_95", "low_998", "high_998", "place"):
            table[name] = limits.frame[name].to_numpy()
        shrunk = shrunken_means(value, se, self.plan.confidence)
        if isinstance(shrunk, NotComputed):
            table["reason"] = shrunk.reason
        else:
            for name in ("reliability", "shrunken", "low", "high"):
                table[name] = shrunk.frame[name].to_numpy()
        return table.reindex(columns=COLUMNS)
