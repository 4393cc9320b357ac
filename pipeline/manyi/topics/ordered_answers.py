"""Tables of ordered answers explained: ``ordinal, ordinal_models, proportional_odds, marginal_effects``."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from manyi.study.analysis_plan import Analysis, Regression
from manyi.study.explanation_plan import Ordinal
from manyi.topics.explanation_columns import in_order
from manyi.topics.planned_regression import categorical_terms, headline_block
from manyi.topics.topic import SCHOOL
from manyi_analysis.categorical import (
    DistinctRows,
    OrdinalRegression,
    ProportionalOdds,
    average_marginal_effects,
    ordinal_regression,
    proportional_odds_test,
)
from manyi_analysis.explanation.design import CLUSTER, NumericRows, Term, aliased_columns, numeric_rows
from manyi_analysis.records import Moments, NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire

#: All answers in their order; satisfied or not.
ORDERED, SATISFIED = "ordered", "satisfied"

Frames = dict[str, list[pd.DataFrame]]
#: What opens every row of a model: outcome, answers, link.
Head = dict[str, str | float]


def ordinal_tables(
    answers: pd.DataFrame, questionnaire: Questionnaire, plan: Analysis, role: str, clustered: bool
) -> dict[str, pd.DataFrame]:
    """Return the tables of a role's regressions of single ordered answers.

    These models need rows: equal rows are counted together, so that the cost follows the distinct ones.

    Parameters
    ----------
    answers, questionnaire, plan, role, clustered
        As of `regression_tables`.
    """
    found: Frames = {}
    for entry in plan.regression:
        if entry.role != role or entry.ordinal is None:
            continue
        for outcome in entry.ordinal.outcomes:
            made = _outcome_tables(answers, questionnaire, entry, outcome, clustered, plan.confidence)
            for name, frame in made:
                found.setdefault(name, []).append(frame)
    return {name: in_order(name, pd.concat(frames, ignore_index=True)) for name, frames in found.items()}


def _outcome_tables(
    answers: pd.DataFrame,
    questionnaire: Questionnaire,
    entry: Regression,
    outcome: str,
    clustered: bool,
    confidence: float,
) -> Iterator[tuple[str, pd.DataFrame]]:
    if entry.ordinal is None:
        return
    numeric = _numeric(answers, questionnaire, entry, outcome, clustered)
    if isinstance(numeric, NotComputed):
        yield "ordinal_models", _refused(_head(entry.ordinal, outcome), numeric)
        return
    for head, rows in _models(numeric, entry.ordinal, outcome, clustered):
        yield from _fitted(rows, head, numeric.terms, numeric.missing, confidence)


def ordered_models(
    answers: pd.DataFrame, questionnaire: Questionnaire, entry: Regression, outcome: str, clustered: bool
) -> Iterator[tuple[Head, DistinctRows | NotComputed]]:
    """Yield the models of one single answer: what opens their rows, and the distinct rows to fit them to.

    Parameters
    ----------
    answers, questionnaire, clustered
        As of `ordinal_tables`.
    entry : Regression
    outcome : str
        One of its ordered answers.
    """
    if entry.ordinal is None:
        return
    numeric = _numeric(answers, questionnaire, entry, outcome, clustered)
    if isinstance(numeric, NotComputed):
        yield _head(entry.ordinal, outcome), numeric
    else:
        yield from _models(numeric, entry.ordinal, outcome, clustered)


def _head(wanted: Ordinal, outcome: str) -> Head:
    return {"outcome": outcome, "answer": ORDERED, "link": wanted.link[0]}


def _numeric(
    answers: pd.DataFrame, questionnaire: Questionnaire, entry: Regression, outcome: str, clustered: bool
) -> NumericRows | NotComputed:
    return numeric_rows(
        answers,
        outcome,
        {block: entry.blocks[block] for block in _blocks(entry, questionnaire)},
        categorical_terms(questionnaire, entry),
        SCHOOL if clustered else None,
    )


def _models(
    numeric: NumericRows, wanted: Ordinal, outcome: str, clustered: bool
) -> Iterator[tuple[Head, DistinctRows]]:
    """Yield all answers in their order by each link, then satisfied or not."""
    columns = tuple(column for term in numeric.terms for column in term.columns)
    out = {one.column for one in aliased_columns(Moments.of(numeric.frame, columns), columns)}
    kept = tuple(column for column in columns if column not in out)
    rows = DistinctRows.of(numeric.frame, outcome, kept, CLUSTER if clustered else None)
    for link in wanted.link:
        yield {**_head(wanted, outcome), "link": link}, rows
    if len(rows.levels) > 2:
        # One level fewer than three has no lower half; with two the ordered model is this one.
        least = rows.levels[-2] if wanted.satisfied is None else wanted.satisfied
        head: Head = {"outcome": outcome, "answer": SATISFIED, "link": "logit", "at_least": least}
        yield head, rows.dichotomized(least)


def _blocks(entry: Regression, questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the blocks planned for ordered answers: those up to the headline where none are named."""
    blocks = tuple(entry.blocks)
    if entry.ordinal is not None and entry.ordinal.blocks:
        return tuple(block for block in blocks if block in entry.ordinal.blocks)
    headline = entry.headline or headline_block(entry, questionnaire)
    return blocks[: blocks.index(headline) + 1] if headline in blocks else blocks


def _fitted(
    rows: DistinctRows,
    head: Head,
    terms: tuple[Term, ...],
    missing: int,
    confidence: float,
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the tables of one model: coefficients, fit, parallel slopes, marginal effects."""
    link = str(head["link"])
    fit = ordinal_regression(rows, link, confidence)
    if not isinstance(fit, OrdinalRegression):
        yield "ordinal_models", _refused(head, fit)
        return
    yield "ordinal", _headed(fit.to_frame(), head)
    yield "ordinal_models", _headed(fit.model_to_frame().assign(missing=missing), head)
    groups = [
        tuple(column for column in term.columns if column in rows.columns)
        for term in terms
        if any(column in rows.columns for column in term.columns)
    ]
    if not fit.binary:
        test = proportional_odds_test(rows, link, groups)
        if isinstance(test, NotComputed):
            yield "proportional_odds", _refused(head, test)
        else:
            yield "proportional_odds", _headed(_for_schools(test), head)
    effects = average_marginal_effects(
        fit,
        rows,
        fit.levels[-2] if len(fit.levels) > 2 else None,
        [group for group in groups if len(group) > 1],
    )
    yield "marginal_effects", _headed(effects.to_frame(), head)


def _for_schools(found: ProportionalOdds) -> pd.DataFrame:
    """Return the tests, clustered ones with F beside χ².

    A covariance estimated from G schools makes χ² of many slopes far too large. F = χ² (G - q)/(q (G - 1)) on
    q and G - q, Hotelling's T² for the mean of G scores, allows for it.
    """
    frame = found.to_frame()
    schools, q = found.clusters, frame["df"].to_numpy(dtype=np.float64)
    frame["f"] = frame["df2"] = frame["p_f"] = np.nan
    usable = (schools > q) & frame["chi2"].notna().to_numpy()
    f = frame["chi2"].to_numpy()[usable] * (schools - q[usable]) / (q[usable] * (schools - 1.0))
    frame.loc[usable, "f"], frame.loc[usable, "df2"] = f, schools - q[usable]
    frame.loc[usable, "p_f"] = stats.f.sf(f, q[usable], schools - q[usable])
    return frame


def _headed(frame: pd.DataFrame, head: Head) -> pd.DataFrame:
    rest = frame.drop(columns=[name for name in head if name in frame])
    for at, (name, value) in enumerate(head.items()):
        rest.insert(at, name, value)
    return rest


def _refused(head: Head, why: NotComputed) -> pd.DataFrame:
    return pd.DataFrame([{**head, "n": why.n, "reason": why.reason}])
