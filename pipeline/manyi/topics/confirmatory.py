"""Tables of the confirmatory factor analysis: fit, loadings, validity of scales, invariance by group."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from manyi.study.confirmatory_plan import Confirmatory
from manyi.topics.confirmatory_tables import (
    comparison_table,
    convergent_table,
    fit_table,
    latent_correlation_table,
    loading_table,
    modification_table,
)
from manyi.topics.discriminant import htmt_table
from manyi.topics.estimating import Data
from manyi.topics.group_invariance import (
    ALL_SCALES,
    MOST_GROUPS,
    TRUTH,
    Grouped,
    each_scale,
    grouped_rows,
    invariance_rows,
    invariance_test,
    latent_mean_rows,
)
from manyi.topics.measurement_model import MeasurementModel
from manyi.topics.one_pass import Gathered, MomentSet, SampleSet, TableSet, Wanted
from manyi.topics.topic import SCHOOL, Subject
from manyi_analysis.confirmatory import FactorModel
from manyi_analysis.confirmatory.cfa import Estimator as Likelihood
from manyi_analysis.records import GroupedMoments, Moments, RowSample, Tables

#: Estimators whose errors and tests rest on joint answers of complete rows.
OF_COMPLETE_ROWS = {"mlm", "mlr", "wlsmv"}
ROBUST: dict[str, Likelihood] = {"mlm": "MLM", "mlr": "MLR"}


class ConfirmatoryTopic:
    """Whether the items measure the scales they were written for, in all groups."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.model = MeasurementModel.of(subject)
        self.plan: Confirmatory = self.model.plan
        self.asked = subject.role in subject.plan.confirmatory
        planned = self.plan.invariance
        self.groups = subject.plan.groups.get(subject.role, ()) if planned is None else planned

    def sets(self) -> dict[object, Wanted]:
        """Return moments of all items, by group and by school, and rows where an estimator needs them."""
        columns, plan = self.model.columns, self.plan
        if not columns:
            return {}
        sets: dict[object, Wanted] = {"moments": MomentSet(columns)}
        groups = tuple(name for name in self.groups if name not in columns)
        wide, seed = (*columns, *groups), self.subject.plan.seed
        if OF_COMPLETE_ROWS & set(plan.estimator):
            sets["complete"] = SampleSet(wide, plan.sample, columns, seed)
        if "fiml" in plan.estimator:
            sets["rows"] = SampleSet(wide, plan.sample, (), seed)
        if "wlsmv" in plan.estimator:
            sets["tables"] = TableSet(columns, pairs=True)
        if self.subject.schooled and len(self.model.scales) > 1:
            sets["schools"] = MomentSet(columns, SCHOOL)
        for group in self.groups:
            sets["group", group] = MomentSet(columns, group)
            for scale in self._each_scale():
                sets["group", group, scale] = MomentSet(self._columns_of(scale), group)
        return sets

    def tables(self, gathered: Mapping[object, Gathered]) -> dict[str, pd.DataFrame]:
        """Return ``cfa_fit``, ``cfa_loadings``, ``convergent``, ``htmt``, ``invariance`` and others."""
        if not self.model.columns:
            return {}
        data = self._data(gathered)
        models = self.model.models()
        fits = data.fit_all(models, self.plan.estimator)
        main = next(iter(models))
        measured = "correlated" if "correlated" in models else main
        confidence = self.subject.plan.confidence
        schools = gathered.get("schools")
        tables = {
            "cfa_fit": fit_table(fits, self.model, data),
            "cfa_comparison": comparison_table(fits, tuple(models), data),
            "cfa_loadings": loading_table(fits, confidence),
            "latent_correlations": latent_correlation_table(fits, measured, confidence),
            "convergent": convergent_table(fits, measured, self.model.scales),
            "htmt": htmt_table(
                data,
                self.model.scales,
                self.model.own_names(schools) if isinstance(schools, GroupedMoments) else None,
                self.subject.plan.seed,
                confidence,
            ),
            "modification_indices": modification_table(
                fits[main, self.plan.estimator[0]], main, self.plan.estimator[0], data
            ),
        }
        return tables | self._invariance(gathered, models[measured])

    def _each_scale(self) -> dict[str, FactorModel]:
        return each_scale(self.model.scales) if self.plan.each_scale and len(self.model.scales) > 1 else {}

    def _columns_of(self, scale: str) -> tuple[str, ...]:
        of = dict(zip(self.model.items, self.model.columns, strict=True))
        return tuple(of[item] for item in self.model.scales[scale])

    def _data(self, gathered: Mapping[object, Gathered]) -> Data:
        moments, tables = gathered["moments"], gathered.get("tables")
        complete, rows = gathered.get("complete"), gathered.get("rows")
        if not isinstance(moments, Moments):
            raise TypeError("confirmatory factor analysis needs moments of complete rows")
        return Data.of(
            self.model.own_names(moments),
            self.plan.estimator,
            complete if isinstance(complete, RowSample) else None,
            rows if isinstance(rows, RowSample) else None,
            self.model.own_names(tables) if isinstance(tables, Tables) else None,
        )

    def _invariance(self, gathered: Mapping[object, Gathered], model: FactorModel) -> dict[str, pd.DataFrame]:
        tests = [_Test(ALL_SCALES, group, model, self._grouped(gathered, group)) for group in self.groups] + [
            _Test(scale, group, one, self._of_scale(gathered, group, scale))
            for group in self.groups
            for scale, one in self._each_scale().items()
        ]
        frames, means = [], []
        for test in tests:
            found, left_out = invariance_test(
                test.data,
                test.model,
                test.by,
                self.plan.partial,
                self.plan.released,
                MOST_GROUPS if self.plan.invariance is None else None,
                self.subject.plan.minimum_cell,
            )
            frames.append(invariance_rows(found, test.scale, test.by, left_out, test.data.name))
            means.append(latent_mean_rows(found, test.scale, test.by))
        if not frames:
            return {}
        filled = [frame for frame in means if len(frame)] or means[:1]
        rows = pd.concat([frame.astype(object) for frame in frames], ignore_index=True)
        return {
            "invariance": rows.infer_objects().astype(TRUTH),
            "latent_means": pd.concat(filled, ignore_index=True),
        }

    def _grouped(self, gathered: Mapping[object, Gathered], group: str) -> Grouped:
        """Return the groups as the first estimator takes them; ordinal ones by maximum likelihood."""
        first, items = self.plan.estimator[0], self.model.items
        rows = gathered.get("rows")
        if first == "fiml" and isinstance(rows, RowSample):
            return grouped_rows(rows, items, self.model.columns, group)
        moments = gathered["group", group]
        if not isinstance(moments, GroupedMoments):
            raise TypeError("invariance needs moments by group")
        groups = dict(self.model.own_names(moments).items())
        complete = gathered.get("complete")
        if first in ROBUST and isinstance(complete, RowSample):
            return grouped_rows(complete, items, self.model.columns, group, groups, ROBUST[first])
        return Grouped(groups)

    def _of_scale(self, gathered: Mapping[object, Gathered], group: str, scale: str) -> Grouped:
        moments = gathered["group", group, scale]
        if not isinstance(moments, GroupedMoments):
            raise TypeError("invariance needs moments by group")
        return Grouped(dict(moments.select(self._columns_of(scale)).items()))


@dataclass(frozen=True, slots=True, eq=False)
class _Test:
    scale: str
    by: str
    model: FactorModel
    data: Grouped
