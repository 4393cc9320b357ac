"""Result tables about missing answers: patterns, Little's test, and regressions after multiple imputation."""

from collections.abc import Iterable

import pandas as pd

from manyi.stages.explanation_tables import CLUSTER, categorical_terms
from manyi.stages.one_pass import MomentSet, gather
from manyi.study.analysis_plan import Analysis, Imputation
from manyi_analysis.level.suppression import SMALL_CELL
from manyi_analysis.missing.chained import ChainedEquations
from manyi_analysis.missing.imputed_regression import ImputedRegression, imputed_regression
from manyi_analysis.missing.little import little_mcar
from manyi_analysis.records import NotComputed, PatternMoments
from manyi_analysis.records.rows import Partition
from manyi_instruments.definitions.questionnaire import Questionnaire

TEST_COLUMNS = ("set", "k", "n", "unanswered", "patterns", "chi2", "df", "p", "reason")


def missing_tables(
    partitions: Iterable[Partition], questionnaire: Questionnaire, minimum: int
) -> dict[str, pd.DataFrame]:
    """Return ``missing_patterns`` and ``mcar``, a set of items a scale.

    Parameters
    ----------
    partitions : iterable
        Kept rows of the role's scored answers.
    questionnaire : Questionnaire
        Its scales.
    minimum : int
        Patterns of fewer rows are joined, so that no single person stands out.
    """
    sets = {
        scale.id: MomentSet(tuple(item.id for item in questionnaire.items_of(scale.id)), rows="patterns")
        for scale in questionnaire.scales
    }
    gathered = gather(partitions, sets) if sets else {}
    found = {name: record for name, record in gathered.items() if isinstance(record, PatternMoments)}
    patterns = [_patterns(name, record, minimum) for name, record in found.items()]
    tests = [_test(name, record) for name, record in found.items()]
    tables = {"missing_patterns": patterns, "mcar": tests}
    return {name: pd.concat(frames, ignore_index=True) for name, frames in tables.items() if frames}


def _patterns(name: str, record: PatternMoments, minimum: int) -> pd.DataFrame:
    rows: list[tuple[str, int, int]] = []
    rare_patterns, rare_rows = 0, 0
    for observed, n in zip(record.observed, record.n.tolist(), strict=True):
        lacking = [column for column, has in zip(record.columns, observed, strict=True) if not has]
        if n >= minimum or not lacking:
            rows.append((" ".join(lacking), len(lacking), n))
        else:
            rare_patterns, rare_rows = rare_patterns + 1, rare_rows + n
    if record.unanswered:
        rows.append((" ".join(record.columns), len(record.columns), record.unanswered))
    frame = pd.DataFrame(rows, columns=["missing", "k_missing", "n"]).astype({"k_missing": "float64"})
    frame["patterns"], frame["reason"] = 1, ""
    if rare_patterns:
        reason = NotComputed("missing_patterns", SMALL_CELL, {"minimum": minimum}).reason
        last = {"missing": "", "n": rare_rows, "patterns": rare_patterns, "reason": reason}
        frame = pd.concat([frame, pd.DataFrame([last])], ignore_index=True)
    frame["share"] = frame["n"] / max(record.rows, 1)
    frame.insert(0, "set", name)
    return frame[["set", "missing", "k_missing", "patterns", "n", "share", "reason"]]


def _test(name: str, record: PatternMoments) -> pd.DataFrame:
    found = little_mcar(record)
    row: dict[str, object] = {"set": name, "k": len(record.columns), "reason": ""}
    if isinstance(found, NotComputed):
        row |= {"n": found.n, "unanswered": record.unanswered, "patterns": len(record.n)}
        row["reason"] = found.reason
    else:
        row |= {str(key): value for key, value in found.to_frame().iloc[0].to_dict().items()}
    return pd.DataFrame([row], columns=list(TEST_COLUMNS))


def imputed_tables(
    answers: pd.DataFrame,
    questionnaire: Questionnaire,
    plan: Analysis,
    wanted: Imputation,
    role: str,
    clustered: bool,
) -> dict[str, pd.DataFrame]:
    """Return ``regression_imputed``, ``regression_imputed_models`` and ``imputed_values`` of a role.

    Parameters
    ----------
    answers : DataFrame
        Kept rows of scored answers, the planned school columns joined.
    questionnaire, plan, wanted, role
        The definitions.
    clustered : bool
        Whether answers carry a school.
    """
    tables: dict[str, list[pd.DataFrame]] = {}
    chain = ChainedEquations(wanted.m, wanted.iterations, wanted.donors, seed=plan.seed)
    for regression in plan.regression:
        if regression.role != role or (wanted.roles and role not in wanted.roles):
            continue
        found = imputed_regression(
            answers,
            regression.outcome,
            regression.blocks,
            cluster=CLUSTER if clustered else None,
            categorical=categorical_terms(questionnaire, regression),
            auxiliary=[
                name
                for name in wanted.auxiliary.get(role, ())
                if name in answers and name not in (regression.outcome, *regression.terms)
            ],
            plan=chain,
            confidence=plan.confidence,
        )
        for name, frame in _frames(found, regression.outcome).items():
            tables.setdefault(name, []).append(frame)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in tables.items()}


def _frames(found: ImputedRegression | NotComputed, outcome: str) -> dict[str, pd.DataFrame]:
    if isinstance(found, NotComputed):
        row = {"outcome": outcome, "n": found.n, "reason": found.reason}
        return {"regression_imputed_models": pd.DataFrame([row])}
    return {
        "regression_imputed": found.to_frame(),
        "regression_imputed_models": found.models_to_frame(),
        "imputed_values": found.gaps_to_frame(),
    }
