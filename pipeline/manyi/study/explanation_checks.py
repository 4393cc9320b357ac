"""Checks of what is planned beside a regression: names of variables, and of the regression's own terms."""

from collections.abc import Iterator

from manyi.study.analysis_plan import Analysis, Regression
from manyi_instruments.faults import Fault, Place


def explanation_names(where: str, entry: Regression) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the places beside a regression that name variables: where, role, names.

    Parameters
    ----------
    where : str
        Place of the regression in the plan.
    entry : Regression
    """
    if entry.ordinal is not None:
        yield f"{where}.ordinal.outcomes", entry.role, entry.ordinal.outcomes
    if entry.specification is not None:
        yield f"{where}.specification.outcomes", entry.role, entry.specification.outcomes


def explanation_faults(plan: Analysis, place: Place) -> Iterator[Fault]:
    """Yield a fault for each name that must be a term or a block of its regression and is none.

    Parameters
    ----------
    plan : Analysis
    place : Place
        The study file.
    """
    for number, entry in enumerate(plan.regression, start=1):
        for where, names, known in _own(entry):
            for name in dict.fromkeys(names):
                if name not in known:
                    details = {
                        "where": f"analysis.regression[{number}].{where}",
                        "name": name,
                        "known": ", ".join(known),
                    }
                    yield Fault("plan-term-unknown", place, details)


def _own(entry: Regression) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """Yield the places that name terms or blocks of their regression, with what they may name."""
    terms, blocks = entry.terms, tuple(entry.blocks)
    levels = entry.multilevel
    if entry.headline is not None:
        yield "headline", (entry.headline,), blocks
    yield "multilevel.slopes", levels.slopes, terms
    yield "multilevel.centring", levels.centring, terms
    yield "multilevel.interactions", tuple(name for pair in levels.interactions for name in pair), terms
    for number, one in enumerate(entry.mediation, start=1):
        yield f"mediation[{number}].predictors", one.predictors, terms
        yield f"mediation[{number}].mediators", one.mediators, terms
        yield f"mediation[{number}].controls", one.controls or (), terms
    if entry.ordinal is not None:
        yield "ordinal.blocks", entry.ordinal.blocks, blocks
    if entry.specification is not None:
        named = tuple(block for names in entry.specification.controls.values() for block in names)
        yield "specification.controls", named, blocks
