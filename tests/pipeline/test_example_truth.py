"""The analysis of the spoiled and cleaned example county finds its truth again, within its sampling error.

The truth of latent variables is in ``manyi.example.roles``. What it implies for five-point answers is in
``tests/reference/example_county.json``: mean and sampling standard deviation over 240 studies drawn from the
model, each statistic from its formula in plain numpy (``manyi.example.population``). Many quantities are
compared, so each family is held to the two-sided normal limit of its size (Bonferroni, 1 in 1,000).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from manyi.cleaning import clean
from manyi.example import Example, build_example, write_example
from manyi.example.answers import draw_answers
from manyi.example.population import implied, keyed, truth_digest
from manyi.example.roles import NULL_INDICATOR, TRUTH
from manyi.example.truth import INDICATORS
from manyi.readers.importing import import_answers
from manyi.schools.table import read_schools
from manyi.study.definition import Study
from manyi.study.folder import open_study
from manyi_analysis.explanation.blocks import BlockRegression, regression_blocks
from manyi_analysis.explanation.icc import IntraclassCorrelation, intraclass_correlation
from manyi_analysis.measurement.efa import FactorAnalysis, efa
from manyi_analysis.measurement.parallel import ParallelAnalysis, parallel_analysis
from manyi_analysis.measurement.reliability import Alpha, Omega, cronbach_alpha, omega_total
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.moments import Moments
from manyi_analysis.resources import evaluate_schools
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.standards import load_standard

REFERENCE = Path(__file__).parents[1] / "reference" / "example_county.json"
ROLES = ("parents", "teachers", "students")
SCALES = [(role.role, scale.scale) for role in TRUTH.roles for scale in (*role.scales, role.satisfaction)]
EFFECTS = [(role, name) for role in ROLES for name in INDICATORS]


@pytest.fixture(scope="module")
def example() -> Example:
    return build_example()


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(REFERENCE.read_text(encoding="utf-8"))
    return stored


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, dict[str, pd.DataFrame]]:
    """Return the study and each role's answers: written, imported, cleaned, scored, with indicators."""
    folder = tmp_path_factory.mktemp("truth") / "county"
    write_example(folder)
    study = open_study(folder)
    assert study.definition.schools is not None
    assert study.schools_file is not None
    standard = load_standard("national-2017")
    roster = read_schools(study.schools_file, study.definition.schools, standard).frame
    indicators = evaluate_schools(roster, standard).schools[["school", "stage", *INDICATORS]]
    found = {}
    for role in ROLES:
        questionnaire, about = study.questionnaires[role], study.definition.roles[role]
        coded = import_answers(study.answer_files(role), questionnaire, about, role).answers
        answers = clean(coded, questionnaire, study.definition, role, roster).answers
        found[role] = answers[answers["kept"]].merge(indicators, on=["school", "stage"], how="left")
    return study.definition, found


@pytest.fixture(scope="module")
def answers(definition: tuple[Study, dict[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    return definition[1]


@pytest.fixture(scope="module")
def regressions(
    definition: tuple[Study, dict[str, pd.DataFrame]], example: Example
) -> dict[str, BlockRegression]:
    """Return the regressions of the study's plan."""
    study, frames = definition
    return {
        plan.role: regression_blocks(
            frames[plan.role],
            plan.outcome,
            plan.blocks,
            "school",
            unordered(example.questionnaires[plan.role]),
        )
        for plan in study.analysis.regression
    }


def unordered(questionnaire: Questionnaire) -> dict[str, tuple[int, ...]]:
    lists = {item.id: questionnaire.answer_list(item) for item in questionnaire.all_items()}
    return {name: found.values for name, found in lists.items() if found is not None and not found.ordered}


def columns(questionnaire: Questionnaire, scale: str) -> list[str]:
    return [item.keyed_name for item in questionnaire.items_of(scale)]


def limit(family: int) -> float:
    return float(stats.norm.isf(0.0005 / family))


def distance(estimate: float, stored: dict[str, float], used: int, drawn: int) -> float:
    """Return how many sampling standard deviations an estimate from ``used`` rows lies from its truth."""
    return (estimate - stored["mean"]) / (stored["sd"] * np.sqrt(drawn / used))


def coefficients(regression: BlockRegression, model: int) -> pd.DataFrame:
    table = regression.to_frame()
    return table[table["model"].astype(str) == str(model)].set_index("term")


def test_reference_belongs_to_this_truth(example: Example, reference: dict[str, Any]) -> None:
    assert reference["truth"] == truth_digest(example.county)


def test_reference_is_what_the_model_gives(example: Example, reference: dict[str, Any]) -> None:
    stored, draws = reference["roles"]["teachers"], 16
    again = implied(TRUTH.role("teachers"), example.county, example.questionnaires["teachers"], draws, 5)
    far = [
        (again[name]["mean"] - stored[name]["mean"]) / (stored[name]["sd"] / np.sqrt(draws))
        for name in stored
    ]
    assert np.abs(far).max() < limit(len(far))


@pytest.mark.parametrize(("role", "indicator"), EFFECTS)
def test_implied_total_effect_is_the_true_one_times_validity(
    example: Example, reference: dict[str, Any], role: str, indicator: str
) -> None:
    """Classical attenuation: a score of validity ρ shows the ρ-fold of an effect on the latent variable.

    Five categories bend the line a little, hence the allowance of .02 beside the simulation error.
    """
    units = example.county.units
    listed = units["listed"].to_numpy(dtype=bool)
    spread = np.linalg.lstsq(
        np.column_stack([example.county.standardized[listed], units.loc[listed, "stage"] == "junior"]).astype(
            float
        ),
        units.loc[listed, indicator].to_numpy(dtype=float) - units.loc[listed, indicator].mean(),
        rcond=None,
    )[0][INDICATORS.index(indicator)]
    stored = reference["roles"][role]
    shown = stored[f"b2:{indicator}"]["mean"] * spread / stored["sd:SAT"]["mean"]
    error = 4 * stored[f"b2:{indicator}"]["sd"] * spread / stored["sd:SAT"]["mean"] / np.sqrt(240)
    true = TRUTH.role(role).total[indicator] * stored["validity:SAT"]["mean"]
    assert abs(shown - true) < 0.02 + error


@pytest.mark.parametrize(("role", "scale"), SCALES)
def test_implied_loadings_are_the_true_ones_attenuated(
    reference: dict[str, Any], role: str, scale: str
) -> None:
    """Cut at c, a normal variable keeps Σφ(c) / σ(category) of its correlations (Olsson et al., 1982)."""
    truth = TRUTH.role(role)
    part = next(part for part in (*truth.scales, truth.satisfaction) if part.scale == scale)
    errors = []
    for number, (loading, location) in enumerate(zip(part.loadings, part.locations, strict=True), start=1):
        cuts = np.array(TRUTH.cuts) - location
        shares = np.diff(np.concatenate([[0.0], stats.norm.cdf(cuts), [1.0]]))
        points = np.arange(1, len(shares) + 1)
        spread = np.sqrt(points**2 @ shares - (points @ shares) ** 2)
        attenuated = loading * stats.norm.pdf(cuts).sum() / spread
        stored = reference["roles"][role][f"loading:{truth.prefix}_{scale}{number}"]["mean"]
        errors.append(abs(stored - attenuated))
    assert max(errors) < 0.03


@pytest.mark.parametrize(("role", "scale"), SCALES)
def test_alpha_is_recovered(
    example: Example, answers: dict[str, pd.DataFrame], reference: dict[str, Any], role: str, scale: str
) -> None:
    items = columns(example.questionnaires[role], scale)
    found = cronbach_alpha(Moments.of(answers[role], items))
    assert isinstance(found, Alpha)
    stored = reference["roles"][role][f"alpha:{scale}"]
    assert abs(distance(found.alpha, stored, found.n, TRUTH.role(role).respondents)) < limit(len(SCALES))


@pytest.mark.parametrize(("role", "scale"), SCALES)
def test_omega_is_recovered(
    example: Example, answers: dict[str, pd.DataFrame], reference: dict[str, Any], role: str, scale: str
) -> None:
    items = columns(example.questionnaires[role], scale)
    found = omega_total(Moments.of(answers[role], items))
    assert isinstance(found, Omega)
    stored = reference["roles"][role][f"omega:{scale}"]
    assert abs(distance(found.omega_total, stored, found.n, TRUTH.role(role).respondents)) < limit(
        len(SCALES)
    )


@pytest.mark.parametrize(("role", "scale"), SCALES)
def test_loadings_are_recovered(
    example: Example, answers: dict[str, pd.DataFrame], reference: dict[str, Any], role: str, scale: str
) -> None:
    questionnaire = example.questionnaires[role]
    found = omega_total(Moments.of(answers[role], columns(questionnaire, scale)))
    assert isinstance(found, Omega)
    stored = [reference["roles"][role][f"loading:{item.id}"] for item in questionnaire.items_of(scale)]
    drawn = TRUTH.role(role).respondents
    far = [distance(x, s, found.n, drawn) for x, s in zip(found.loadings, stored, strict=True)]
    assert np.abs(far).max() < limit(3 * len(SCALES))


@pytest.mark.parametrize("role", ["parents", "students"])
def test_parallel_analysis_finds_the_nine_factors(
    example: Example, answers: dict[str, pd.DataFrame], role: str
) -> None:
    questionnaire = example.questionnaires[role]
    items = [name for scale in TRUTH.role(role).scales for name in columns(questionnaire, scale.scale)]
    found = parallel_analysis(Moments.of(answers[role], items), draws=100)
    assert isinstance(found, ParallelAnalysis)
    assert found.number_of_factors == len(TRUTH.role(role).scales)


@pytest.mark.parametrize("role", ROLES)
def test_every_item_loads_highest_on_the_factor_of_its_scale(
    example: Example, answers: dict[str, pd.DataFrame], role: str
) -> None:
    questionnaire = example.questionnaires[role]
    scales = [scale.scale for scale in TRUTH.role(role).scales]
    items = [name for scale in scales for name in columns(questionnaire, scale)]
    found = efa(Moments.of(answers[role], items), len(scales))
    assert isinstance(found, FactorAnalysis)
    highest = iter(np.abs(found.pattern).argmax(axis=1).tolist())
    factors = [{next(highest) for _ in columns(questionnaire, scale)} for scale in scales]
    assert sorted(len(factor) for factor in factors) == [1] * len(scales)
    assert len(set.union(*factors)) == len(scales)


@pytest.mark.parametrize("role", ROLES)
def test_intraclass_correlation_is_recovered(
    answers: dict[str, pd.DataFrame], reference: dict[str, Any], role: str
) -> None:
    listed = answers[role][~answers[role]["flag_unknown_school"].astype(bool)]
    found = intraclass_correlation(GroupedMoments.of(listed, ["SAT"], "school"), "SAT")
    assert isinstance(found, IntraclassCorrelation)
    stored = reference["roles"][role]["icc:SAT"]
    assert abs(found.icc_anova - stored["mean"]) < limit(len(ROLES)) * stored["sd"]


@pytest.mark.parametrize(("role", "indicator"), EFFECTS)
def test_total_effect_is_recovered_within_its_sampling_error(
    regressions: dict[str, BlockRegression], reference: dict[str, Any], role: str, indicator: str
) -> None:
    row = coefficients(regressions[role], 2).loc[indicator]
    stored = reference["roles"][role][f"b2:{indicator}"]
    assert abs(row["b"] - stored["mean"]) < limit(len(EFFECTS)) * stored["sd"]


@pytest.mark.parametrize(("role", "indicator"), EFFECTS)
def test_direct_effect_is_recovered_within_its_sampling_error(
    regressions: dict[str, BlockRegression], reference: dict[str, Any], role: str, indicator: str
) -> None:
    row = coefficients(regressions[role], 3).loc[indicator]
    stored = reference["roles"][role][f"b3:{indicator}"]
    assert abs(row["b"] - stored["mean"]) < limit(len(EFFECTS)) * stored["sd"]


@pytest.mark.parametrize("role", ROLES)
def test_indicator_without_effect_has_an_interval_that_covers_zero(
    regressions: dict[str, BlockRegression], role: str
) -> None:
    row = coefficients(regressions[role], 2).loc[NULL_INDICATOR]
    assert row["low"] < 0 < row["high"]


@pytest.mark.parametrize("role", ROLES)
def test_indicator_without_effect_has_none_in_the_model(role: str) -> None:
    assert TRUTH.role(role).total[NULL_INDICATOR] == 0.0


@pytest.mark.parametrize("role", ROLES)
def test_expectations_met_have_the_largest_effect_of_all_terms(
    regressions: dict[str, BlockRegression], role: str
) -> None:
    betas = coefficients(regressions[role], 3)["beta"].astype(float).abs()
    assert betas.idxmax() == TRUTH.role(role).fulfilment


def test_income_lowers_satisfaction(regressions: dict[str, BlockRegression]) -> None:
    assert coefficients(regressions["parents"], 2).loc["P_INC", "high"] < 0


def test_intervals_of_the_null_indicator_mostly_cover_zero(example: Example) -> None:
    """Sixty studies of honest teachers: at least 88 % of the 95 % intervals cover zero.

    CR1 errors are a little small where schools differ much in size (Cameron & Miller, 2015).
    """
    truth = TRUTH.role("teachers")
    questionnaire = example.questionnaires["teachers"]
    units = example.county.units
    background = ["T_EXP1", "T_YEARS", "T_ROT"]
    covered = []
    for number in range(60):
        drawn = draw_answers(TRUTH, truth, example.county, questionnaire, np.random.default_rng((11, number)))
        frame = units.loc[drawn.unit, ["school", "stage", "listed", *INDICATORS]].reset_index(drop=True)
        frame[background] = drawn.values[background].astype(float)
        frame["SAT"] = keyed(drawn.values, questionnaire, "SAT").mean(axis=1)
        blocks = {"background": [*background, "stage"], "school": list(INDICATORS)}
        found = regression_blocks(frame[frame["listed"].astype(bool)], "SAT", blocks, "school")
        row = coefficients(found, 2).loc[NULL_INDICATOR]
        covered.append(row["low"] < 0 < row["high"])
    assert np.mean(covered) >= 0.88
