"""What the truth implies for the statistics of five-point answers, simulated with plain numpy.

The true parameters speak of latent variables; an analysis sees answers cut into five categories and scores
that are means of three to five of them. ``implied`` draws the study again and again (the same schools, new
school effects, new people, honest and complete answers), computes each statistic from its formula, returns
its mean and standard deviation over the draws. Nothing of ``manyi_analysis`` is used: the analysis is held
against it. ``python -m manyi.example.population FILE`` writes the reference file of the tests.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.example.answers import draw_answers
from manyi.example.county import County
from manyi.example.folder import SEED, build_example
from manyi.example.roles import TRUTH
from manyi.example.truth import INDICATORS, RoleTruth
from manyi_instruments.definitions.questionnaire import Questionnaire

Array = NDArray[np.float64]

#: Numeric background of each role's regression; names of the first have their dummies after them.
BACKGROUND = {
    "parents": (("P_EXP1", "P_INC", "P_EDU"), ("P_HUKOU", "P_BOARD")),
    "teachers": (("T_EXP1", "T_YEARS"), ("T_ROT",)),
    "students": ((), ("S_SEX", "S_BOARD", "S_LIVE")),
}
REPLICATES = 240


def truth_digest(county: County) -> str:
    """Return a digest of true parameters and schools, which tells whether stored values are out of date."""
    text = json.dumps(asdict(TRUTH), sort_keys=True) + county.units.to_csv(index=False, float_format="%.6f")
    return hashlib.sha256(text.encode()).hexdigest()


def implied(
    role: RoleTruth, county: County, questionnaire: Questionnaire, replicates: int, seed: int
) -> dict[str, dict[str, float]]:
    """Return mean and standard deviation of every statistic over repeated studies of one role.

    Parameters
    ----------
    role : RoleTruth
        True parameters.
    county : County
        The schools, the same in every replicate; answers from unlisted schools are left out.
    questionnaire : Questionnaire
        Items of the scales and their keys.
    replicates : int
        Number of studies drawn.
    seed : int
        Source of chance.

    Returns
    -------
    dict
        Name of the statistic -> ``mean`` and ``sd``. Names: ``alpha:SCALE``, ``loading:ITEM`` (one factor a
        scale), ``omega:SCALE``, ``icc:SAT``, ``validity:SCALE`` (correlation of score and latent variable),
        ``b1:TERM``, ``b2:TERM``, ``b3:TERM`` (coefficients of the model with one, two and three blocks).
    """
    draws: list[dict[str, float]] = []
    for number in range(replicates):
        rng = np.random.default_rng((seed, number))
        draws.append(_statistics(role, county, questionnaire, rng))
    table = pd.DataFrame(draws)
    mean, spread = table.mean(), table.std()
    return {str(name): {"mean": float(mean[name]), "sd": float(spread[name])} for name in table.columns}


def _statistics(
    role: RoleTruth, county: County, questionnaire: Questionnaire, rng: np.random.Generator
) -> dict[str, float]:
    answers = draw_answers(TRUTH, role, county, questionnaire, rng)
    listed = county.units["listed"].to_numpy()[answers.unit]
    values = answers.values.loc[listed].reset_index(drop=True)
    unit = answers.unit[listed]
    latent = {scale.scale: answers.quality[listed, k] for k, scale in enumerate(role.scales)}
    latent[role.satisfaction.scale] = answers.satisfaction[listed]
    found: dict[str, float] = {}
    scores: dict[str, Array] = {}
    for scale, truth in latent.items():
        items = keyed(values, questionnaire, scale)
        scores[scale] = items.mean(axis=1)
        correlation = np.asarray(np.corrcoef(items.T))
        found[f"alpha:{scale}"] = alpha(np.asarray(np.cov(items.T)))
        loadings = one_factor(correlation)
        for item, loading in zip(questionnaire.items_of(scale), loadings, strict=True):
            found[f"loading:{item.id}"] = float(loading)
        found[f"omega:{scale}"] = omega(correlation, loadings)
        found[f"validity:{scale}"] = float(np.corrcoef(scores[scale], truth)[0, 1])
    school = pd.factorize(county.units["school"])[0][unit]
    outcome = scores.pop(role.satisfaction.scale)
    found["icc:SAT"] = icc_anova(outcome, school)
    found["sd:SAT"] = float(outcome.std(ddof=1))
    fulfilment = {role.fulfilment: values[role.fulfilment].to_numpy(dtype=float)}
    background = _background(role, values) | _stage(county, unit)
    blocks = (background, _indicators(county, unit), fulfilment | scores)
    columns: dict[str, Array] = {"(constant)": np.ones(len(values))}
    for model, block in enumerate(blocks, start=1):
        columns |= block
        b = np.linalg.lstsq(np.column_stack(list(columns.values())), outcome, rcond=None)[0]
        found |= {f"b{model}:{term}": float(value) for term, value in zip(columns, b, strict=True)}
    return found


def keyed(values: pd.DataFrame, questionnaire: Questionnaire, scale: str) -> Array:
    """Return the items of a scale, reverse-keyed ones turned round; shape (n, k)."""
    columns = []
    for item in questionnaire.items_of(scale):
        answers = questionnaire.answer_lists[str(item.answers)]
        column = values[item.id].to_numpy(dtype=float)
        columns.append(answers.low + answers.high - column if item.reverse else column)
    return np.column_stack(columns)


def alpha(covariance: Array) -> float:
    """Return Cronbach's (1951) alpha: k/(k-1) (1 - trace / sum)."""
    k = len(covariance)
    return float(k / (k - 1) * (1 - np.trace(covariance) / covariance.sum()))


def one_factor(correlation: Array) -> Array:
    """Return least-squares loadings of one factor (Harman and Jones, 1966): iterated principal axes."""
    communality = 1 - 1 / np.diag(np.linalg.inv(correlation))
    loadings = np.zeros(len(correlation))
    for _ in range(2000):
        reduced = correlation.copy()
        np.fill_diagonal(reduced, communality)
        eigenvalues, vectors = np.linalg.eigh(reduced)
        loadings = vectors[:, -1] * np.sqrt(max(eigenvalues[-1], 0.0))
        if np.abs(loadings**2 - communality).max() < 1e-10:
            break
        communality = loadings**2
    return np.asarray(loadings * np.sign(loadings.sum()))


def omega(correlation: Array, loadings: Array) -> float:
    """Return McDonald's (1999) omega of standardized items: (Σλ)² / Σr."""
    return float(loadings.sum() ** 2 / correlation.sum())


def icc_anova(outcome: Array, school: NDArray[np.int64]) -> float:
    """Return ICC(1) from the mean squares between and within (Snijders and Bosker, 2012, 3.3)."""
    size = np.bincount(school).astype(float)
    here = size > 0
    total = np.bincount(school, outcome)
    mean = total[here] / size[here]
    n, groups = len(outcome), int(here.sum())
    between = float((size[here] * (mean - outcome.mean()) ** 2).sum()) / (groups - 1)
    within = float((outcome**2).sum() - (size[here] * mean**2).sum()) / (n - groups)
    usual = (n - float((size**2).sum()) / n) / (groups - 1)
    component = (between - within) / usual
    return component / (component + within)


def _background(role: RoleTruth, values: pd.DataFrame) -> dict[str, Array]:
    numeric, categorical = BACKGROUND[role.role]
    columns = {name: values[name].to_numpy(dtype=float) for name in numeric}
    for name in categorical:
        for level in sorted(values[name].unique())[1:]:
            columns[f"{name}={level}"] = (values[name] == level).to_numpy(dtype=float)
    return columns


def _stage(county: County, unit: NDArray[np.int64]) -> dict[str, Array]:
    junior = (county.units["stage"] == "junior").to_numpy(dtype=float)
    return {"stage=junior": np.asarray(junior[unit], dtype=np.float64)}


def _indicators(county: County, unit: NDArray[np.int64]) -> dict[str, Array]:
    return {name: county.units[name].to_numpy(dtype=float)[unit] for name in INDICATORS}


def reference(replicates: int = REPLICATES, seed: int = SEED) -> dict[str, object]:
    """Return the implied values of every role of the example county of a seed."""
    example = build_example(seed)
    roles: Mapping[str, object] = {
        role.role: implied(role, example.county, example.questionnaires[role.role], replicates, seed + 1)
        for role in TRUTH.roles
    }
    return {
        "source": "python -m manyi.example.population; plain numpy, nothing of manyi_analysis",
        "seed": seed,
        "replicates": replicates,
        "truth": truth_digest(example.county),
        "roles": roles,
    }


if __name__ == "__main__":
    report = json.dumps(reference(), indent=1, ensure_ascii=False) + "\n"
    Path(sys.argv[1]).write_text(report, encoding="utf-8")
