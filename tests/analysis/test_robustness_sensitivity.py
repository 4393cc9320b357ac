"""Main results under other exclusions: from sums over signatures as R finds them anew on the rows kept."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.explanation.blocks import regression_blocks
from manyi_analysis.robustness import (
    Sensitivity,
    Signatures,
    alpha_sensitivity,
    coefficient_sensitivity,
    exclusion_variants,
    index_sensitivity,
)
from manyi_instruments.definitions.questionnaire import Questionnaire

REFERENCE = Path(__file__).parents[1] / "reference"
R = json.loads((REFERENCE / "careless" / "sensitivity.json").read_text(encoding="utf-8"))
VARIANTS = ("planned", "added_c", "left_out_a", "left_out_b", "none")
NUMBERS = ("n", "value", "low", "high")
PLAN = ("a", "b")
BLOCKS = {
    "background": ["income", "english", "grades"],
    "school": ["stratio", "expenditure"],
    "perceived": ["lunch"],
}


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(REFERENCE / name, encoding="utf-8")


def named(found: Sensitivity) -> pd.DataFrame:
    """Return the rows of a statistic by variant and term."""
    frame = found.to_frame()
    name = frame["variant"] + np.where(frame["rule"] == "", "", "_" + frame["rule"])
    return frame.assign(name=name).set_index(["name", "term"])


def flags_of_bfi(bfi: pd.DataFrame) -> dict[str, np.ndarray]:
    flags = {"a": bfi["age"] < 18, "b": bfi["age"] > 60, "c": bfi["gender"] == 1}
    return {rule: flag.to_numpy() for rule, flag in flags.items()}


@pytest.fixture(scope="module")
def alpha() -> pd.DataFrame:
    bfi = read("measurement/bfi.csv")
    bfi["A1_r"] = 7 - bfi["A1"]
    signatures = Signatures.of(flags_of_bfi(bfi), PLAN)
    return named(alpha_sensitivity(bfi, "agree", ["A1_r", "A2", "A3", "A4", "A5"], signatures, 5))


SWMD = {
    "questionnaire": "swmd",
    "title": {"en": "Wellbeing"},
    "languages": ["en"],
    "answer_lists": {
        "four": {"answers": [{"value": value, "label": {"en": str(value)}} for value in range(1, 5)]}
    },
    "scales": [{"id": "W", "title": {"en": "W"}}],
    "items": [
        {"id": f"Item{number}", "text": {"en": "x"}, "answers": "four", "scale": "W"}
        for number in range(1, 8)
    ],
}


@pytest.fixture(scope="module")
def index() -> pd.DataFrame:
    swmd = read("explanation/swmd.csv")
    swmd["W"] = swmd.filter(like="Item").mean(axis=1)
    row = np.arange(1, len(swmd) + 1)
    signatures = Signatures.of({"a": row % 5 == 0, "b": row % 7 == 0, "c": row % 11 == 0}, PLAN)
    questionnaire = Questionnaire.model_validate(SWMD)
    return named(
        index_sensitivity(swmd, questionnaire, "W", "share_of_range", signatures, 5, school="classId")
    )


def california() -> tuple[pd.DataFrame, Signatures]:
    frame = read("explanation/caschools.csv")
    flags = {"a": frame["income"] > 20, "b": frame["calworks"] > 40, "c": frame["english"] > 50}
    return frame, Signatures.of({rule: flag.to_numpy() for rule, flag in flags.items()}, PLAN)


def coefficients(minimum: int = 5, **changed: object) -> Sensitivity:
    frame, signatures = california()
    frame = frame.assign(**changed)
    return coefficient_sensitivity(frame, "score", BLOCKS, "school", signatures, minimum, cluster="county")


@pytest.fixture(scope="module")
def coefficient() -> pd.DataFrame:
    return named(coefficients())


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_alpha_on_the_rows_a_variant_keeps(
    alpha: pd.DataFrame, variant: str, number: str, compare: Callable[..., None]
) -> None:
    found = alpha.loc[(variant, ""), number]
    compare("sensitivity.alpha", "psych: bfi", found, R["alpha"][variant][number])


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("variant", VARIANTS)
def test_index_on_the_rows_a_variant_keeps(
    index: pd.DataFrame, variant: str, number: str, compare: Callable[..., None]
) -> None:
    found = index.loc[(variant, ""), number]
    compare("sensitivity.index", "clubsandwich: SWMD", found, R["index"][variant][number])


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("term", ["stratio", "expenditure"])
@pytest.mark.parametrize("variant", VARIANTS)
def test_coefficient_on_the_rows_a_variant_keeps(
    coefficient: pd.DataFrame, variant: str, term: str, number: str, compare: Callable[..., None]
) -> None:
    theirs = R["coefficient"][variant][term][number]
    compare(
        "sensitivity.coefficient", "clubsandwich: CASchools", coefficient.loc[(variant, term), number], theirs
    )


def test_plan_equals_the_regression_on_the_rows_kept(coefficient: pd.DataFrame) -> None:
    frame, signatures = california()
    kept = frame[signatures.kept[0][signatures.code]]
    model = regression_blocks(kept, "score", BLOCKS, cluster="county").to_frame()
    row = model[(model["model"] == "2") & (model["term"] == "stratio")].iloc[0]
    assert coefficient.loc[("planned", "stratio"), "value"] == pytest.approx(row["b"], rel=1e-11)


def test_difference_is_from_the_plan(alpha: pd.DataFrame) -> None:
    expected = R["alpha"]["none"]["value"] - R["alpha"]["planned"]["value"]
    assert alpha.loc[("none", ""), "difference"] == pytest.approx(expected, abs=1e-10)


def test_kept_counts_rows_whatever_a_statistic_uses(alpha: pd.DataFrame) -> None:
    bfi = read("measurement/bfi.csv")
    flags = flags_of_bfi(bfi)
    assert alpha.loc[("planned", ""), "kept"] == (~(flags["a"] | flags["b"])).sum()


def test_pairwise_alpha_rests_on_every_pair() -> None:
    bfi = read("measurement/bfi.csv")
    items = ["A2", "A3", "A4", "A5"]
    signatures = Signatures.of(flags_of_bfi(bfi), PLAN)
    found = named(alpha_sensitivity(bfi, "agree", items, signatures, 5, pairwise=True))
    covariance = bfi[items].cov().to_numpy()
    expected = 4 / 3 * (1 - np.trace(covariance) / covariance.sum())
    assert found.loc[("none", ""), "value"] == pytest.approx(expected, abs=1e-12)


def test_one_rule_in_the_plan_needs_no_variant_without_rules() -> None:
    assert [(v.kind, v.rule) for v in exclusion_variants(("a", "b"), ("b",))] == [
        ("planned", ""),
        ("added", "a"),
        ("left_out", "b"),
    ]


def test_a_planned_rule_that_was_not_applied_excludes_nobody() -> None:
    assert exclusion_variants(("a",), ("gone",))[0].excluded == frozenset()


def test_respondents_alike_in_all_variants_share_a_signature() -> None:
    a, b = np.array([1, 1, 0, 0, 1], bool), np.array([0, 1, 1, 0, 0], bool)
    found = Signatures.of({"a": a, "b": b}, ("a", "b"))
    # Flagged by neither, by a, by b, by both: kept by the plan, with a left out, with b left out, by all.
    assert len(set(found.code.tolist())) == 4
    assert found.rows.tolist() == [1, 3, 2, 5]


def test_a_variant_that_few_respondents_tell_apart_is_hidden() -> None:
    frame, signatures = california()
    few = int(california()[0]["calworks"].gt(40).sum())
    found = named(coefficients(minimum=few + 1))
    hidden = found.xs("stratio", level="term")
    apart = {
        variant: int(np.bincount(signatures.code)[signatures.kept[0] ^ kept].sum())
        for variant, kept in zip(VARIANTS, signatures.kept, strict=True)
    }
    assert apart["left_out_b"] <= few < apart["left_out_a"]
    assert hidden.loc["left_out_b", "reason"] == f"sensitivity-small: minimum={few + 1}"
    assert np.isnan(hidden.loc["left_out_b", ["value", "low", "high", "difference"]].astype(float)).all()
    assert len(frame) == hidden.loc["none", "kept"]


def test_a_rule_that_flags_nobody_is_shown_and_changes_nothing() -> None:
    bfi = read("measurement/bfi.csv")
    flags = {**flags_of_bfi(bfi), "idle": np.zeros(len(bfi), dtype=bool)}
    found = named(alpha_sensitivity(bfi, "A", ["A2", "A3"], Signatures.of(flags, PLAN), 50))
    assert found.loc[("added_idle", ""), "difference"] == 0.0


def test_without_schools_errors_are_classical() -> None:
    frame, signatures = california()
    found = named(coefficient_sensitivity(frame, "score", BLOCKS, "school", signatures, 5))
    kept = frame[signatures.kept[0][signatures.code]]
    model = regression_blocks(kept, "score", BLOCKS).to_frame()
    row = model[(model["model"] == "2") & (model["term"] == "stratio")].iloc[0]
    assert found.loc[("planned", "stratio"), "high"] == pytest.approx(row["high"], rel=1e-11)


def test_a_term_that_no_longer_varies_says_so() -> None:
    frame, _ = california()
    only = (frame["income"] > 20).astype(float)
    found = named(coefficients(stratio=only))
    assert found.loc[("planned", "stratio"), "reason"] == "predictor-constant: column=stratio"
    assert np.isfinite(found.loc[("none", "stratio"), "value"])


def test_levels_have_the_reference_of_the_plan() -> None:
    frame, signatures = california()
    # The level that comes first is only among the excluded.
    level = np.where(frame["income"] > 20, "a", np.where(frame["computer"] > 150, "b", "c"))
    blocks = {"school": ["level"], "last": ["english"]}
    found = coefficient_sensitivity(frame.assign(level=level), "score", blocks, "school", signatures, 1)
    assert {estimate.term for estimate in found.estimates[0]} == {"level=a", "level=c"}


def test_excluding_everybody_is_a_reason() -> None:
    bfi = read("measurement/bfi.csv")
    flags = {"all": np.ones(len(bfi), dtype=bool)}
    found = named(alpha_sensitivity(bfi, "A", ["A2", "A3"], Signatures.of(flags, ("all",)), 5))
    assert found.loc[("planned", ""), "reason"] == "too-few-rows: needed=2"
