"""The statistics of a survey as manyi computes them."""

import pickle
from functools import partial
from pathlib import Path
from typing import Any

import factor_analyzer.rotator  # noqa: F401  imported by manyi when it first rotates: no part of the work
import numpy as np
import pandas as pd
from survey import KEYED, OUTCOME, QUESTIONS, ROLE, SCALES
from work import Numbers, Work, kept_rows, study_folder

from manyi.cleaning import clean
from manyi.readers.importing import import_answers
from manyi.readers.tables.raw_table import read_table
from manyi.stages.work import clean_folder, coded_file, school_table
from manyi.study.folder import StudyFolder, open_study
from manyi.topics.explanation import block_tables, icc_table
from manyi.topics.one_pass import MomentSet, TableSet, Wanted, gather
from manyi.topics.planned_regression import planned_regressions
from manyi_analysis.measurement import (
    bartlett,
    cronbach_alpha,
    efa,
    item_analysis,
    kmo,
    omega_total,
    parallel_analysis,
)
from manyi_analysis.records import Moments
from manyi_outputs.spss import RoleAnswers, write_sav

RECORDS = "records.pickle"
SCALE_ITEMS = {scale: tuple(name for name in KEYED if name.startswith(scale)) for scale in SCALES}
TERMS = ("books", "computers", "TEA", "RES", "SAF", "COM")


def _answers_file(folder: Path) -> Path:
    return open_study(folder).answer_files(ROLE)[0]


def _import(folder: Path) -> pd.DataFrame:
    study = open_study(folder)
    role = study.definition.roles[ROLE]
    return import_answers(study.answer_files(ROLE), study.questionnaires[ROLE], role, ROLE).answers


def _coded_values(coded: pd.DataFrame) -> Numbers:
    return {"answers": coded[list(QUESTIONS)].where(lambda cell: cell >= 0, -1).to_numpy(dtype=np.int8)}


def _load_coded(folder: Path) -> tuple[StudyFolder, pd.DataFrame, pd.DataFrame]:
    study = open_study(folder)
    roster = pd.read_parquet(school_table(study)).assign(stage=pd.NA)
    return study, pd.read_parquet(coded_file(study, ROLE)), roster


def _clean(given: tuple[StudyFolder, pd.DataFrame, pd.DataFrame]) -> pd.DataFrame:
    study, coded, roster = given
    return clean(coded, study.questionnaires[ROLE], study.definition, ROLE, roster).answers


def _cleaned_values(answers: pd.DataFrame) -> Numbers:
    return {"scores": answers[list(SCALES)].to_numpy(), "kept": answers["kept"].to_numpy(dtype=float)}


def _partition(path: Path) -> pd.DataFrame:
    frame = pd.read_parquet(path, columns=[*KEYED, "GRADE", "kept"])
    return frame[frame["kept"]]


def _sets() -> dict[object, Wanted]:
    """Return what the packages' side computes too: moments of items, scales and grades, counts of answers."""
    sets: dict[object, Wanted] = {"factors": MomentSet(KEYED)}
    for scale, items in SCALE_ITEMS.items():
        sets["moments", scale] = MomentSet(items)
        sets["grades", scale] = MomentSet(items, "GRADE")
        sets["counts", scale] = TableSet(items)
    return sets


def _pass(folder: Path) -> tuple[Path, dict[Any, Any]]:
    buckets = sorted(clean_folder(open_study(folder), ROLE).glob("*.parquet"))
    return folder, gather([partial(_partition, path) for path in buckets], _sets())


def _gathered_values(given: tuple[Path, dict[Any, Any]]) -> Numbers:
    folder, records = given
    with (folder / RECORDS).open("wb") as file:
        pickle.dump(records, file)
    numbers = {"covariance": records["factors"].covariance}
    for scale in SCALES:
        numbers[f"mean {scale}"] = records["moments", scale].mean
        groups = [moments.covariance for _, moments in records["grades", scale].items()]
        numbers[f"groups {scale}"] = np.array(groups)
        numbers[f"counts {scale}"] = records["counts", scale].counts.astype(float)
    return numbers


def _records(folder: Path) -> dict[Any, Any]:
    with (folder / RECORDS).open("rb") as file:
        return dict(pickle.load(file))


def _factors(folder: Path) -> Moments:
    moments: Moments = _records(folder)["factors"]
    return moments


def _reliability(records: dict[Any, Any]) -> list[tuple[Any, Any, Any]]:
    return [
        (
            cronbach_alpha(records["moments", scale]),
            omega_total(records["moments", scale]),
            item_analysis(records["moments", scale], records["counts", scale]),
        )
        for scale in SCALES
    ]


def _reliability_values(found: list[tuple[Any, Any, Any]]) -> Numbers:
    columns = ["mean", "sd", "skew", "kurtosis", "item_rest_r", "alpha_if_deleted"]
    return {
        "alpha": np.array([alpha.alpha for alpha, _, _ in found]),
        "omega": np.array([omega.omega_total for _, omega, _ in found]),
        "items": np.concatenate([items.to_frame()[columns].to_numpy() for _, _, items in found]),
    }


def _factorability(moments: Moments) -> tuple[Any, Any]:
    return kmo(moments), bartlett(moments)


def _factorability_values(found: tuple[Any, Any]) -> Numbers:
    return {"kmo": np.array([found[0].overall, *found[0].per_item]), "chi2": np.array([found[1].chi2])}


def _efa(moments: Moments) -> Any:
    return efa(moments, len(SCALES), "minres", "oblimin")


def _efa_values(found: Any) -> Numbers:
    return {"pattern": np.sort(np.abs(found.pattern), axis=1)}


def _icc(rows: pd.DataFrame) -> pd.DataFrame:
    return icc_table(rows, (OUTCOME,))


def _regression(given: tuple[StudyFolder, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    study, rows = given
    plan = study.definition.analysis
    (planned,) = planned_regressions(rows, study.questionnaires[ROLE], plan, ROLE, True)
    return block_tables(planned)


def _regression_values(tables: dict[str, pd.DataFrame]) -> Numbers:
    table = tables["regression"]
    last = table[(table["model"] == "3") & (table["se_type"] == "CR1")].set_index("term").loc[list(TERMS)]
    return {"b": last["b"].to_numpy(), "se": last["se"].to_numpy(), "p": last["p"].to_numpy()}


def _load_answers(folder: Path) -> tuple[Path, RoleAnswers]:
    study = open_study(folder)
    coded, scored = pd.read_parquet(coded_file(study, ROLE)), pd.read_parquet(clean_folder(study, ROLE))
    scored = coded[["file", "row"]].merge(scored, on=["file", "row"], validate="one_to_one")
    return folder / "manyi.sav", RoleAnswers(ROLE, study.questionnaires[ROLE], coded, scored)


def _sav(given: tuple[Path, RoleAnswers]) -> Path:
    write_sav(given[0], given[1], "en")
    return given[0]


def sav_values(path: Path) -> Numbers:
    """Return the means of the scores read back from a ``.sav``."""
    import pyreadstat

    frame, _ = pyreadstat.read_sav(str(path), usecols=list(SCALES))
    return {"means": frame[list(SCALES)].mean().to_numpy()}


WORKS: dict[str, Work] = {
    "read": Work(_answers_file, read_table, lambda raw: {"cells": np.array(raw.cells.shape)}),
    "import": Work(study_folder, _import, _coded_values),
    "clean": Work(_load_coded, _clean, _cleaned_values),
    "pass": Work(study_folder, _pass, _gathered_values),
    "reliability": Work(_records, _reliability, _reliability_values),
    "factorability": Work(_factors, _factorability, _factorability_values),
    "parallel": Work(
        _factors, parallel_analysis, lambda found: {"number": np.array([found.number_of_components])}
    ),
    "efa": Work(_factors, _efa, _efa_values),
    "icc": Work(kept_rows, _icc, lambda table: {"icc": table["icc_reml"].to_numpy()}),
    "regression": Work(
        lambda folder: (open_study(folder), kept_rows(folder)), _regression, _regression_values
    ),
    "sav": Work(_load_answers, _sav, sav_values),
}
