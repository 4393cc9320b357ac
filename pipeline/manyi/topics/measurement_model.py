"""The factor models planned for a role: which scales and items enter, under the items' own ids."""

from dataclasses import dataclass, replace
from typing import TypeVar

from manyi.study.confirmatory_plan import Confirmatory, Model
from manyi.topics.topic import Subject
from manyi_analysis.confirmatory import (
    FactorModel,
    bifactor,
    correlated_factors,
    second_order,
    single_factor,
)
from manyi_analysis.records import GroupedMoments, Moments, Tables

Record = TypeVar("Record", Moments, GroupedMoments, Tables)
#: Name of the factor beside the scales' own, and what is put behind it where a scale or item is called so.
GENERAL = "general"


@dataclass(frozen=True, slots=True)
class MeasurementModel:
    """What a role's confirmatory factor analysis is of.

    Parameters
    ----------
    scales : dict
        Scale id -> ids of its items.
    columns : tuple of str
        The items' keyed columns in the scored answers, in the order of the scales.
    plan : Confirmatory
    """

    scales: dict[str, tuple[str, ...]]
    columns: tuple[str, ...]
    plan: Confirmatory

    @classmethod
    def of(cls, subject: Subject) -> "MeasurementModel":
        """Read it off questionnaire and plan; without a plan, of all scales of two items or more."""
        plan = subject.plan.confirmatory.get(subject.role)
        wanted = plan.scales if plan is not None else ()
        scales = {
            scale.id: subject.questionnaire.items_of(scale.id)
            for scale in subject.questionnaire.scales
            if (scale.id in wanted if wanted else True)
        }
        if not wanted:
            # A factor of one item has no error of its own to be told from.
            scales = {scale: items for scale, items in scales.items() if len(items) > 1}
        scales = {scale: items for scale, items in scales.items() if items}
        return cls(
            {scale: tuple(item.id for item in items) for scale, items in scales.items()},
            tuple(item.keyed_name for items in scales.values() for item in items),
            plan if plan is not None else Confirmatory(),
        )

    @property
    def items(self) -> tuple[str, ...]:
        """Return the ids of all items, in the order of the columns."""
        return tuple(item for items in self.scales.values() for item in items)

    def own_names(self, record: Record) -> Record:
        """Return a record of the columns under the items' ids."""
        return replace(record, columns=self.items)

    def models(self) -> dict[str, FactorModel]:
        """Return the planned models by name, the main one first."""
        # Of one scale, its factor is the single one: one model, not two.
        if len(self.scales) == 1:
            chosen: tuple[Model, ...] = tuple(
                dict.fromkeys("single" if name == "correlated" else name for name in self.plan.models)
            )
        else:
            chosen = self.plan.models
        return {name: self.model(name) for name in dict.fromkeys(chosen)}

    def model(self, name: Model) -> FactorModel:
        """Return one of the models."""
        errors = tuple(pair for pair in self.plan.errors if set(pair) <= set(self.items))
        general = GENERAL
        while general in self.scales or general in self.items:
            general += "_factor"
        if name == "correlated" or (name == "single" and len(self.scales) == 1):
            return correlated_factors(self.scales, name, errors)
        make = {"single": single_factor, "second_order": second_order, "bifactor": bifactor}[name]
        return make(self.scales, general, name, errors)


#: Models that are special cases of others: every parameter of the first is one of the second's, some fixed.
WITHIN: dict[str, tuple[str, ...]] = {
    "single": ("second_order", "correlated", "bifactor"),
    "second_order": ("correlated", "bifactor"),
    "correlated": (),
    "bifactor": (),
}
