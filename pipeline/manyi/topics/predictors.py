"""Tables on a regression's predictors: ``importance, collinearity, school_means``."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from manyi.topics.planned_regression import PlannedRegression, kept_columns
from manyi_analysis.explanation.clustered import between_clusters
from manyi_analysis.explanation.collinearity import Collinearity, collinearity
from manyi_analysis.explanation.design import Design
from manyi_analysis.explanation.importance import importance
from manyi_analysis.explanation.school_means import SchoolMeanRegression, school_mean_regression
from manyi_analysis.records import NotComputed


def predictor_tables(planned: PlannedRegression) -> dict[str, pd.DataFrame]:
    """Return the tables on a regression's predictors; none where there is no design."""
    built = planned.design
    if built is None:
        return {}
    shares = list(_importance(planned, built))
    tables = {"collinearity": pd.concat(list(_collinearity(planned, built)), ignore_index=True)}
    if shares:
        tables["importance"] = pd.concat(shares, ignore_index=True)
    if built.clustered and planned.headline in planned.blocks:
        tables["school_means"] = _school_means(planned, built)
    return tables


def _importance(planned: PlannedRegression, built: Design) -> Iterator[pd.DataFrame]:
    """Yield the shares of R² by what it is divided among: blocks, the headline's terms, all terms."""
    moments = built.moments.overall()
    for among in planned.entry.importance:
        controls: tuple[str, ...] = ()
        if among == "blocks":
            parts: Mapping[str, Sequence[str]] = {
                block: built.kept((block,)) for block in built.blocks if built.kept((block,))
            }
        elif among == "headline":
            if planned.headline not in planned.blocks:
                continue
            controls = built.kept(planned.before)
            parts = _terms(built, (planned.headline,))
        else:
            parts = _terms(built, built.blocks)
        found = importance(moments, planned.entry.outcome, parts, controls)
        if isinstance(found, NotComputed):
            row = {"outcome": planned.entry.outcome, "term": "", "n": found.n, "reason": found.reason}
            frame = pd.DataFrame([row])
        else:
            frame = found.to_frame()
        # The pass dropped incomplete rows before the moments.
        frame["missing"] = built.missing
        frame.insert(1, "among", among)
        yield frame


def _terms(built: Design, blocks: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the terms of blocks with their columns, those left out of the models left out."""
    kept = set(built.kept(blocks))
    found = {
        term.name: tuple(column for column in term.columns if column in kept)
        for term in built.terms
        if term.block in blocks
    }
    return {name: columns for name, columns in found.items() if columns}


def _collinearity(planned: PlannedRegression, built: Design) -> Iterator[pd.DataFrame]:
    """Yield the predictors of the model of total effects and of the last, with what is to be said of each."""
    for model in dict.fromkeys((len(planned.total), len(planned.blocks))):
        columns = built.kept(built.blocks[:model])
        # An indicator of a stage is constant in the stage of its school, not in a combined school.
        found = collinearity(planned.units or built.moments.overall(), columns)
        head = {"outcome": built.outcome, "model": str(model)}
        if isinstance(found, NotComputed):
            yield pd.DataFrame([{**head, "n": found.n, "missing": built.missing, "reason": found.reason}])
            continue
        frame = found.to_frame().assign(
            missing=built.missing, condition_index=float(found.condition[-1]), reason=""
        )
        frame["advice"] = [_advice(found, planned, column) for column in columns]
        for at, (name, value) in enumerate(head.items()):
            frame.insert(at, name, value)
        yield frame


def _advice(found: Collinearity, planned: PlannedRegression, column: str) -> str:
    """Return what concerns one predictor, several reasons with semicolons between."""
    units = planned.units
    of_school = units is not None and bool(between_clusters(units.select((column,)))[0])
    said = []
    for one in found.advice:
        named = one.details.get("columns", (one.details.get("column"),))
        general = one.code == "few-schools-a-predictor"
        if (general and of_school) or (not general and isinstance(named, list | tuple) and column in named):
            said.append(one.reason)
    return "; ".join(said)


def _school_means(planned: PlannedRegression, built: Design) -> pd.DataFrame:
    """Return the schools' means of the outcome explained by the headline's columns."""
    columns = built.kept((planned.headline,)) if planned.headline is not None else ()
    frames = []
    for weights in ("equal", "respondents"):
        found = school_mean_regression(
            built.moments,
            built.outcome,
            kept_columns(built.moments, columns),
            weights,
            confidence=planned.confidence,
        )
        if not isinstance(found, SchoolMeanRegression):
            row = {"outcome": built.outcome, "weights": weights, "n": found.n, "reason": found.reason}
            frames.append(pd.DataFrame([row]))
            continue
        frame = found.to_frame()
        frame.insert(1, "weights", weights)
        frame.insert(len(frame.columns) - 1, "outcome_reliability", float(found.reliability.icc2[0]))
        frame.insert(len(frame.columns) - 1, "r2", found.r2)
        frame.insert(len(frame.columns) - 1, "adj_r2", found.adj_r2)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
