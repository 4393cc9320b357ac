"""Which tables the appendix has, in which order, under which numbers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from manyi_outputs.appendix.basis import Sources, with_basis
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
from manyi_outputs.appendix.kinds import is_main
from manyi_outputs.appendix.levels import levels
from manyi_outputs.appendix.missing import imputed, missing
from manyi_outputs.appendix.monitoring import monitoring
from manyi_outputs.appendix.multilevel import multilevel
from manyi_outputs.appendix.predictors import predictors
from manyi_outputs.appendix.provenance import SourcedTables, WatchedTables
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


Part = Literal["main", "supplement"]


@dataclass(frozen=True, slots=True)
class Numbered:
    """A table with its number.

    Parameters
    ----------
    label : str
        Such as ``表1``, ``表3-1`` or ``附表1``.
    table : Table
    part : {"main", "supplement"}
        Printed first, or behind with numbers of its own.
    builder : str
        What laid it out.
    read : tuple of str
        The result tables its builder looked at.
    """

    label: str
    table: Table
    part: Part = "main"
    builder: str = ""
    read: tuple[str, ...] = ()


def appendix(tables: Tables, context: Context) -> tuple[Numbered, ...]:
    """Return the tables these results can fill, numbered in the order of a thesis.

    The main part comes first, numbered 1, 2 … or by the chapter; the supplement follows, numbered S1, S2 ….
    Which table is of which part is the plan's choice, ``context.main``.

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
    return tuple(sorted(numbered(tables, context), key=lambda entry: entry.part != "main"))


def numbered(tables: Tables, context: Context) -> Iterator[Numbered]:
    """Yield the tables of `appendix` with their numbers one by one, as they are laid out."""
    count: dict[Part, int] = {"main": 0, "supplement": 0}
    sources = Sources(tables)
    for build in _BUILDERS:
        watched = WatchedTables(tables)
        for bare in build(watched, context):
            table = with_basis(bare, sources, context)
            part: Part = "main" if is_main(table, context.main) else "supplement"
            count[part] += 1
            label = table_label(count[part], context, part)
            yield Numbered(label, table, part, build.__name__, watched.read)


def sourced(builder: str, tables: Tables, context: Context, *names: str) -> dict[str, Table]:
    """Return what one builder lays out, its numbers with their places in the result tables.

    Parameters
    ----------
    builder : str
        Of a table of `appendix` of the same tables and context.
    tables : Mapping
        Name -> tidy result table.
    context : Context
        Language and titles.
    names : str
        Only the numbers of these result tables get their places; none named, those of all.

    Returns
    -------
    dict
        Key -> table, without the note on its basis.
    """
    build = next(build for build in _BUILDERS if build.__name__ == builder)
    return {table.key: table for table in build(SourcedTables(tables, names), context)}


def table_label(number: int, context: Context, part: Part = "main") -> str:
    """Return the number of a table in words: ``表1``, ``表3-1``, ``表A1``, ``附表1``."""
    chapter, words = context.chapter, context.words
    if part == "supplement":
        return words("table.supplement", number=number)
    if not chapter:
        return words("table.number", number=number)
    key = "table.letter" if chapter.isalpha() else "table.chapter"
    return words(key, chapter=chapter, number=number)
