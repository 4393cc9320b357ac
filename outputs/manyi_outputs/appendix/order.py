"""Which tables the appendix has, in which order, under which numbers."""

from collections.abc import Callable
from dataclasses import dataclass

from manyi_outputs.appendix.careless import careless
from manyi_outputs.appendix.common_method import common_method
from manyi_outputs.appendix.compared import compared
from manyi_outputs.appendix.confirmatory import confirmatory
from manyi_outputs.appendix.correlations import correlations
from manyi_outputs.appendix.counties import counties
from manyi_outputs.appendix.differences import differences
from manyi_outputs.appendix.discriminant import discriminant
from manyi_outputs.appendix.equity import equity
from manyi_outputs.appendix.explained import explained
from manyi_outputs.appendix.gaps import gaps
from manyi_outputs.appendix.imputed_models import imputed_models
from manyi_outputs.appendix.invariance import invariance
from manyi_outputs.appendix.items import items
from manyi_outputs.appendix.levels import levels
from manyi_outputs.appendix.missing import imputed, missing
from manyi_outputs.appendix.monitoring import monitoring
from manyi_outputs.appendix.multilevel import multilevel
from manyi_outputs.appendix.predictors import predictors
from manyi_outputs.appendix.records import Tables
from manyi_outputs.appendix.regression import regression
from manyi_outputs.appendix.reliability import reliability
from manyi_outputs.appendix.retest import retest
from manyi_outputs.appendix.robustness import robustness
from manyi_outputs.appendix.roles import roles_compared
from manyi_outputs.appendix.sample import sample
from manyi_outputs.appendix.satisfaction import satisfaction
from manyi_outputs.appendix.school_levels import school_levels
from manyi_outputs.appendix.schools import schools
from manyi_outputs.appendix.standard import standard
from manyi_outputs.appendix.table import Table
from manyi_outputs.appendix.validity import validity
from manyi_outputs.appendix.voices import voices
from manyi_outputs.appendix.weighted import weighted
from manyi_outputs.context import Context

_BUILDERS: tuple[Callable[[Tables, Context], list[Table]], ...] = (
    sample,
    careless,
    items,
    missing,
    reliability,
    retest,
    validity,
    common_method,
    confirmatory,
    discriminant,
    invariance,
    levels,
    satisfaction,
    school_levels,
    counties,
    compared,
    weighted,
    gaps,
    roles_compared,
    differences,
    correlations,
    regression,
    predictors,
    multilevel,
    explained,
    imputed,
    imputed_models,
    robustness,
    monitoring,
    voices,
    schools,
    standard,
    equity,
)


@dataclass(frozen=True, slots=True)
class Numbered:
    """A table with its number.

    Parameters
    ----------
    label : str
        Such as ``表1`` or ``表3-1``.
    table : Table
    """

    label: str
    table: Table


def appendix(tables: Tables, context: Context) -> tuple[Numbered, ...]:
    """Return the tables these results can fill, numbered from 1 in the order of a thesis.

    Parameters
    ----------
    tables : Mapping
        Name -> tidy result table. A table that is absent or empty is left out.
    context : Context
        Language and titles.

    Returns
    -------
    tuple of Numbered
    """
    made = [table for build in _BUILDERS for table in build(tables, context)]
    return tuple(Numbered(_label(number, context), table) for number, table in enumerate(made, start=1))


def _label(number: int, context: Context) -> str:
    if context.chapter:
        return context.words("table.chapter", chapter=context.chapter, number=number)
    return context.words("table.number", number=number)
