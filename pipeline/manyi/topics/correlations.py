"""Tables of correlations: of respondents, within schools and between them, and of what is correlated."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import pandas as pd

from manyi.study.analysis_plan import Correlations
from manyi.topics.instrument import missing_rule, not_ordinal
from manyi.topics.measures import Measure, measure, measures, reported
from manyi.topics.one_pass import Gathered, MomentSet, TableSet
from manyi.topics.topic import SCHOOL, Subject
from manyi_analysis.correlations import (
    Correlation,
    NoCorrelation,
    clustered_pearson,
    correlation_frame,
    partial,
    pearson,
    polychoric_pairs,
    school_means,
    spearman,
    within_schools,
)
from manyi_analysis.differences import Adjustment, adjusted
from manyi_analysis.measurement.polychoric import polychoric_correlations
from manyi_analysis.records import GroupedMoments, Moments, NotComputed, PairwiseMoments, Tables

Found = Correlation | NoCorrelation


class CorrelationsTopic:
    """How the scales of one role go together."""

    def __init__(self, subject: Subject) -> None:
        plan = subject.plan.correlations.get(subject.role, Correlations())
        self.correlations = plan
        self.plan = subject.plan
        self.schooled = subject.schooled
        wanted = measures(subject, plan.variables or _scales_first(subject))
        self.blank = tuple(each for each in wanted if each.column in subject.blank)
        self.nominal = tuple(each for each in wanted if each.named and each not in self.blank)
        self.variables = tuple(each for each in wanted if each not in (*self.blank, *self.nominal))
        columns = [each.column for each in self.variables]
        self.columns = tuple(columns) if len(columns) > 1 else ()
        self.ordinal = _ordinal(subject, self.variables)
        self.controls = {name: _control(subject, name) for name in plan.controls}

    @property
    def methods(self) -> tuple[str, ...]:
        """Return the methods asked for, partial correlations wherever controls are named."""
        return (*self.correlations.methods, *(("partial",) if self.controls else ()))

    def sets(self) -> dict[object, MomentSet | TableSet]:
        """Return moments of the variables, with the controls, and by school; and counts of pairs."""
        if not self.columns:
            return {}
        rows, complete = self.plan.missing, self.plan.missing == "listwise"
        sets: dict[object, MomentSet | TableSet] = {"all": MomentSet(self.columns, rows=rows)}
        if self.schooled:
            sets["schools"] = MomentSet(self.columns, SCHOOL)
        if not self._control_faults and self.controls:
            sets["controls"] = MomentSet(self._held, rows=rows)
        if "spearman" in self.methods:
            sets["pairs"] = TableSet(self.columns, complete, pairs=True)
        elif "polychoric" in self.methods and self.ordinal:
            sets["pairs"] = TableSet(self.ordinal, complete, pairs=True)
        return sets

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``correlations`` and ``correlation_variables``."""
        found: list[Found] = []
        if self.columns:
            found = [*self._respondents(gathered), *self._schools(gathered)]
            found = [self._apart(each) for each in found]
        found += self._left_out()
        if not found:
            return {}
        frame = correlation_frame([self._named(each) for each in found])
        frame["missing_rule"] = ""
        frame["family"] = frame["level"] + ": " + frame["method"] + frame.apply(self._items, axis=1)
        tables = {"correlations": _adjusted(frame, self.correlations.adjustment)}
        moments = gathered.get("all")
        if isinstance(moments, Moments | PairwiseMoments):
            rule = missing_rule(moments)
            of_schools = frame["level"] != "respondent"
            frame["missing_rule"] = [("listwise" if apart else rule) for apart in of_schools]
            tables["correlation_variables"] = self._described(moments)
        return tables

    # --- the correlations ----------------------------------------------------------------------------------

    def _respondents(self, gathered: Mapping[object, Gathered]) -> list[Found]:
        moments, schools, pairs = (gathered.get(key) for key in ("all", "schools", "pairs"))
        confidence = self.plan.confidence
        found: list[Found] = []
        if "pearson" in self.methods and isinstance(moments, Moments | PairwiseMoments):
            of_schools = schools if isinstance(schools, GroupedMoments) else None
            found += _clustered(pearson(moments, None, confidence), of_schools, confidence)
        if isinstance(pairs, Tables):
            if "spearman" in self.methods:
                found += spearman(pairs, self.columns, confidence)
            if "polychoric" in self.methods and self.ordinal:
                found += _polychoric(pairs, self.ordinal, confidence)
        return found + self._partial(gathered)

    def _partial(self, gathered: Mapping[object, Gathered]) -> list[Found]:
        if not self.controls:
            return []
        reason = next(iter(self._control_faults), None)
        if reason is not None:
            return [
                NoCorrelation(a, b, "respondent", "partial", reason) for a, b in combinations(self.columns, 2)
            ]
        moments, free = gathered["controls"], [name for name in self.columns if name not in self._controls]
        if not isinstance(moments, Moments | PairwiseMoments):
            raise TypeError(f"correlations need moments, not {type(moments).__name__}")
        return list(partial(moments, free, self._controls, self.plan.confidence))

    def _schools(self, gathered: Mapping[object, Gathered]) -> list[Found]:
        schools = gathered.get("schools")
        if not isinstance(schools, GroupedMoments) or int((schools.n > 0).sum()) < 2:
            return []
        smallest, confidence = self.correlations.smallest_school, self.plan.confidence
        within = within_schools(schools, None, confidence)
        return [*within, *school_means(schools, None, smallest, confidence)]

    # --- what has none -------------------------------------------------------------------------------------

    def _apart(self, each: Found) -> Found:
        """Return a correlation, or why there is none: a scale is not correlated with its own items."""
        known = {one.column: one for one in self.variables}
        a, b = known[each.a], known[each.b]
        if a.scale != b.name and b.scale != a.name:
            return each
        n = each.n if isinstance(each, Correlation) else each.reason.n
        reason = NotComputed(each.method, "correlation-part-of-whole", {"a": a.name, "b": b.name}, n)
        return NoCorrelation(each.a, each.b, each.level, each.method, reason)

    def _left_out(self) -> list[Found]:
        """Return, for each variable that cannot be correlated, its pairs with the others and the reason."""
        found: list[Found] = []
        done: list[Measure] = []
        for code, group in (("correlation-blank", self.blank), ("correlation-nominal", self.nominal)):
            for each in group:
                done.append(each)
                reason = NotComputed("pearson", code, {"variable": each.name})
                found += [
                    NoCorrelation(other.column, each.column, "respondent", "pearson", reason)
                    for other in (*self.variables, *(one for one in done if one is not each))
                ]
        return found

    @property
    def _held(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.columns, *self._controls)))

    @property
    def _controls(self) -> tuple[str, ...]:
        return tuple(held for held in self.controls.values() if isinstance(held, str))

    @property
    def _control_faults(self) -> tuple[NotComputed, ...]:
        return tuple(held for held in self.controls.values() if isinstance(held, NotComputed))

    def _items(self, row: "pd.Series[str]") -> str:
        """Return the addition to the family of pairs with an item whose scale is correlated too."""
        scales = {one.name for one in self.variables}
        parts = {one.name for one in self.variables if one.scale in scales}
        return ", items" if {row["a"], row["b"]} & parts else ""

    # --- names ---------------------------------------------------------------------------------------------

    def _named(self, each: Found) -> Found:
        """Return a correlation under the names of the plan."""
        known = (*self.variables, *self.blank, *self.nominal)
        names = {one.column: one.name for one in known}
        if isinstance(each, NoCorrelation):
            return replace(each, a=names[each.a], b=names[each.b])
        controls = {column: name for name, column in self.controls.items() if isinstance(column, str)}
        held = tuple(controls.get(column, column) for column in each.controls)
        return replace(each, a=names[each.a], b=names[each.b], controls=held)

    def _described(self, moments: Moments | PairwiseMoments) -> pd.DataFrame:
        """Return n, mean and standard deviation of every variable, on the rows of the correlations."""
        n = (
            moments.counts.diagonal()
            if isinstance(moments, PairwiseMoments)
            else [moments.n] * len(moments.columns)
        )
        rows = moments.n + moments.missing
        frame = pd.DataFrame(
            {
                "variable": [each.name for each in self.variables],
                "kind": [each.kind for each in self.variables],
                "n": n,
                "missing": [rows - int(held) for held in n],
                "missing_rule": missing_rule(moments),
                "mean": moments.mean,
                "sd": moments.sd,
            }
        )
        return frame


def _scales_first(subject: Subject) -> tuple[str, ...]:
    """Return the scales of a role, then the other measures of its satisfaction."""
    scales = tuple(scale.id for scale in subject.questionnaire.scales)
    return tuple(dict.fromkeys((*scales, *reported(subject))))


def _ordinal(subject: Subject, variables: Sequence[Measure]) -> tuple[str, ...]:
    """Return the items that have polychoric correlations: two at least, on lists that are not too long."""
    items = {name for item in subject.questionnaire.items for name in (item.id, item.keyed_name)}
    found = tuple(
        each.column
        for each in variables
        if each.kind == "ordinal"
        and each.column in items
        and not_ordinal(subject.questionnaire, (each.column,)) is None
    )
    return found if len(found) > 1 else ()


def _control(subject: Subject, name: str) -> str | NotComputed:
    """Return a control's column, or why nothing can be held constant by it."""
    found = measure(subject.questionnaire, name)
    column = name if found is None else found.column
    if column in subject.blank:
        return NotComputed("partial", "correlation-blank", {"variable": name})
    names = column in subject.words if found is None else found.named
    return NotComputed("partial", "correlation-nominal", {"variable": name}) if names else column


def _clustered(found: Sequence[Found], schools: GroupedMoments | None, confidence: float) -> list[Found]:
    """Return correlations with the p that allows for schools, of the respondents who have one."""
    if schools is None or int((schools.n > 0).sum()) < 2:
        return list(found)
    tested = {(each.a, each.b): each for each in clustered_pearson(schools, None, confidence)}
    return [
        replace(each, p_clustered=beside.p_clustered, clusters=beside.clusters)
        if isinstance(each, Correlation) and isinstance(beside := tested[each.a, each.b], Correlation)
        else each
        for each in found
    ]


def _polychoric(pairs: Tables, items: tuple[str, ...], confidence: float) -> list[Found]:
    """Return the polychoric correlations of items; where one item allows none, those of the other pairs."""
    whole = polychoric_correlations(pairs, items)
    if not isinstance(whole, NotComputed):
        return list(polychoric_pairs(whole, confidence))
    found: list[Found] = []
    for a, b in combinations(items, 2):
        one = polychoric_correlations(pairs, (a, b))
        if isinstance(one, NotComputed):
            found.append(NoCorrelation(a, b, "respondent", "polychoric", one))
        else:
            found += polychoric_pairs(one, confidence)
    return found


def _adjusted(frame: pd.DataFrame, adjustment: Adjustment) -> pd.DataFrame:
    """Add the probabilities adjusted within each family."""
    frame["adjustment"] = adjustment
    for name in ("p", "p_clustered"):
        values = frame[name].astype("float64")
        frame[f"{name}_adjusted"] = values.groupby(frame["family"]).transform(
            lambda family: pd.Series(adjusted(family.tolist(), adjustment), family.index)
        )
    return frame
