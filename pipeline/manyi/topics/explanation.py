"""Result tables that explain: intraclass correlations and regressions in blocks."""

from collections.abc import Sequence

import pandas as pd

from manyi.study.analysis_plan import Analysis, Regression
from manyi.study.variables import variables
from manyi.topics.topic import SCHOOL
from manyi_analysis.explanation.blocks import regression_blocks
from manyi_analysis.explanation.icc import intraclass_correlation
from manyi_analysis.records import GroupedMoments, NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire


def icc_table(answers: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
    """Return the table ``icc``: how much of each score lies between schools.

    Parameters
    ----------
    answers : DataFrame
        Kept rows of scored answers with ``school``.
    outcomes : sequence of str
        Scores.
    """
    frames = []
    # Codes are looked up once, not once an outcome.
    schools = answers[SCHOOL].astype("category")
    for outcome in outcomes:
        scored = pd.DataFrame({outcome: answers[outcome], SCHOOL: schools})
        moments = GroupedMoments.of(scored, (outcome,), SCHOOL)
        found = intraclass_correlation(moments, outcome)
        frame = found.to_frame()
        if isinstance(found, NotComputed):
            frame = pd.DataFrame({"outcome": [outcome], "n": [found.n], "reason": [found.reason]})
        frames.append(frame)
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()


def regression_tables(
    answers: pd.DataFrame, questionnaire: Questionnaire, plan: Analysis, role: str, clustered: bool
) -> dict[str, pd.DataFrame]:
    """Return the tables ``regression`` and ``regression_models`` of a role's planned regressions.

    Parameters
    ----------
    answers : DataFrame
        Kept rows of scored answers, the planned school columns joined.
    questionnaire, plan, role
        The definitions.
    clustered : bool
        Whether answers carry a school: errors are then clustered by it.
    """
    terms, models = [], []
    for regression in plan.regression:
        if regression.role != role:
            continue
        found = regression_blocks(
            answers,
            regression.outcome,
            regression.blocks,
            cluster=SCHOOL if clustered else None,
            categorical=categorical_terms(questionnaire, regression),
            confidence=plan.confidence,
        )
        frame = found.to_frame()
        headline = regression.headline or headline_block(regression, questionnaire)
        frame["effect"] = frame["effect"].where(frame["block"] == headline, "")
        terms.append(frame)
        models.append(found.models_to_frame())
    found_tables = {"regression": terms, "regression_models": models}
    return {name: pd.concat(frames, ignore_index=True) for name, frames in found_tables.items() if frames}


def headline_block(regression: Regression, questionnaire: Questionnaire) -> str | None:
    """Return the first block that holds a term the questionnaire does not: a school column; else None."""
    own = variables(questionnaire)
    return next((block for block, terms in regression.blocks.items() if set(terms) - own), None)


def categorical_terms(questionnaire: Questionnaire, regression: Regression) -> dict[str, tuple[int, ...]]:
    """Return the terms whose answers are names, not an order, with their answers in the order asked."""
    found = {}
    items = {item.id: item for item in questionnaire.all_items()}
    for name in regression.terms:
        if name in items and items[name].type == "choice":
            answers = questionnaire.answer_list(items[name])
            if answers is not None and not answers.ordered:
                found[name] = answers.values
    return found
