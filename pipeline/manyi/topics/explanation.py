"""Result tables that explain: intraclass correlations and regressions in blocks."""

from collections.abc import Sequence

import pandas as pd

from manyi.study.analysis_plan import Analysis
from manyi.topics.explanation_columns import in_order
from manyi.topics.mediated import mediation_table
from manyi.topics.multilevel import multilevel_tables
from manyi.topics.planned_regression import PlannedRegression, planned_regressions
from manyi.topics.predictors import predictor_tables
from manyi.topics.topic import SCHOOL
from manyi_analysis.explanation.bias_reduced import BiasReducedRegression, bias_reduced_ols
from manyi_analysis.explanation.icc import intraclass_correlation
from manyi_analysis.records import GroupedMoments, NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire

#: Columns of a coefficient that depend on how its error is computed.
OF_ERRORS = ("se", "se_type", "t", "df", "p", "low", "high")


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
    """Return all tables of a role's planned regressions, from one pass over the answers for each.

    Parameters
    ----------
    answers : DataFrame
        Kept rows of scored answers, the planned school columns joined.
    questionnaire, plan, role
        The definitions.
    clustered : bool
        Whether answers carry a school: errors are then clustered by it.
    """
    found: dict[str, list[pd.DataFrame]] = {}
    for planned in planned_regressions(answers, questionnaire, plan, role, clustered):
        tables = {**block_tables(planned), **predictor_tables(planned)}
        tables |= multilevel_tables(planned, plan.minimum_cell)
        if planned.entry.mediation:
            tables["mediation"] = mediation_table(planned, plan.seed)
        for name, frame in tables.items():
            if len(frame):
                found.setdefault(name, []).append(frame)
    return {name: in_order(name, pd.concat(frames, ignore_index=True)) for name, frames in found.items()}


def block_tables(planned: PlannedRegression) -> dict[str, pd.DataFrame]:
    """Return ``regression`` and ``regression_models``: the blocks, with every kind of error planned."""
    frame = planned.found.to_frame()
    frame["effect"] = frame["effect"].where(frame["block"] == planned.headline, "")
    models = planned.found.models_to_frame()
    wanted = planned.entry.errors
    reduced = _bias_reduced(planned) if "CR2" in wanted else {}
    frames = [frame]
    if reduced:
        with_reduced = pd.concat([_with_errors(frame, name, fit) for name, fit in reduced.items()])
        # Models that have no such errors, and terms left out, keep the row that says why.
        frames = [frame, with_reduced] if "CR1" in wanted else [_instead(frame, with_reduced)]
        if wanted[0] == "CR2":
            frames.reverse()
        models = _with_wald(planned, models, reduced)
    return {"regression": pd.concat(frames, ignore_index=True), "regression_models": models}


def _bias_reduced(planned: PlannedRegression) -> dict[str, BiasReducedRegression]:
    """Return the models with CR2 errors by name; those that have none left out."""
    built = planned.schooled
    if built is None:
        return {}
    found = {}
    for number in range(1, len(built.blocks) + 1):
        columns = built.kept(built.blocks[:number])
        fit = bias_reduced_ols(built.moments, built.outcome, columns, planned.confidence)
        if isinstance(fit, BiasReducedRegression):
            found[str(number)] = fit
    return found


def _with_errors(frame: pd.DataFrame, model: str, fit: BiasReducedRegression) -> pd.DataFrame:
    """Return a model's rows with other errors; only those of coefficients that were estimated."""
    own = frame[(frame["model"] == model) & frame["b"].notna()].copy()
    errors = fit.to_frame().set_index("term")[list(OF_ERRORS)]
    own[list(OF_ERRORS)] = errors.loc[own["term"]].to_numpy()
    return own.astype({name: "float64" for name in OF_ERRORS if name != "se_type"})


def _instead(frame: pd.DataFrame, reduced: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with CR2 errors in the place of those with CR1."""
    return pd.concat([reduced, frame.drop(index=reduced.index)]).sort_index()


def _with_wald(
    planned: PlannedRegression, models: pd.DataFrame, reduced: dict[str, BiasReducedRegression]
) -> pd.DataFrame:
    """Add the test of each block with CR2 errors: approximate Hotelling."""
    rows = []
    for model, block in zip(models["model"], models["block"], strict=True):
        row: dict[str, object] = {"f_change_cr2": float("nan"), "df2_cr2": float("nan")}
        row |= {"p_change_cr2": float("nan"), "reason_cr2": ""}
        if model in reduced:
            test = reduced[model].wald(planned.columns((str(block),)))
            if isinstance(test, NotComputed):
                row["reason_cr2"] = test.reason
            else:
                row |= {"f_change_cr2": test.f, "df2_cr2": test.df2, "p_change_cr2": test.p}
        rows.append(row)
    return models.join(pd.DataFrame(rows, index=models.index))
