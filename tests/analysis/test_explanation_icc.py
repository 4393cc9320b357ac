"""Intraclass correlation against lme4 and the analysis of variance of R."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.explanation.icc import IntraclassCorrelation, intraclass_correlation
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed

HERE = Path(__file__).parents[1] / "reference" / "explanation"
SHARED = Path(__file__).parents[2] / ".." / "shared"
PUBLISHED = json.loads((HERE / "published.json").read_text(encoding="utf-8"))
R = json.loads((HERE / "explanation.json").read_text(encoding="utf-8"))["icc"]


def estimate(frame: pd.DataFrame, outcome: str, school: str) -> IntraclassCorrelation:
    result = intraclass_correlation(GroupedMoments.of(frame, (outcome,), school), outcome)
    assert isinstance(result, IntraclassCorrelation)
    return result


def swmd() -> pd.DataFrame:
    frame = pd.read_csv(HERE / "swmd.csv", encoding="utf-8")
    return frame.assign(m=frame.filter(like="Item").mean(axis=1))


@pytest.fixture(scope="module")
def classes() -> IntraclassCorrelation:
    return estimate(swmd(), "m", "classId")


@pytest.fixture(scope="module")
def counties() -> IntraclassCorrelation:
    return estimate(pd.read_csv(HERE / "caschools.csv", encoding="utf-8"), "score", "county")


def test_icc_of_pupils_in_classes(classes: IntraclassCorrelation) -> None:
    assert classes.icc_reml == pytest.approx(0.177210, abs=5e-7)


def test_anova_icc_of_pupils_in_classes(classes: IntraclassCorrelation, compare: Callable[..., None]) -> None:
    compare("icc.anova", "r: SWMD", classes.icc_anova, R["swmd_anova"])


@pytest.mark.parametrize(
    ("ours", "theirs", "statistic"),
    [
        ("variance_school", "variance_school", "icc.variance"),
        ("variance_residual", "variance_residual", "icc.variance"),
        ("icc_reml", "icc", "icc.reml"),
        ("mean", "mean", "icc.mean"),
        ("se", "se", "icc.mean"),
        ("loglik", "loglik", "icc.loglik"),
    ],
)
@pytest.mark.parametrize("data", ["swmd", "swmd_four_classes", "caschools"])
def test_random_intercept_model_equals_lme4(
    data: str, ours: str, theirs: str, statistic: str, compare: Callable[..., None]
) -> None:
    frame = swmd()
    outcome, school = "m", "classId"
    if data == "caschools":
        frame, outcome, school = pd.read_csv(HERE / "caschools.csv", encoding="utf-8"), "score", "county"
    elif data == "swmd_four_classes":
        frame = frame[frame["classId"].isin(sorted(frame["classId"].unique())[:4])]
    source = "lme4: CASchools" if data == "caschools" else "lme4: SWMD"
    compare(statistic, source, getattr(estimate(frame, outcome, school), ours), R[data][theirs])


def test_published_icc_of_districts_in_counties(
    counties: IntraclassCorrelation, compare: Callable[..., None]
) -> None:
    reference = PUBLISHED["lme4_caschools_county"]["null"]["icc"]["ICC_adjusted"]
    compare("icc.reml", "performance: CASchools", counties.icc_reml, reference)


def test_published_likelihood_of_districts_in_counties(
    counties: IntraclassCorrelation, compare: Callable[..., None]
) -> None:
    reference = PUBLISHED["lme4_caschools_county"]["null"]["logLik"]
    compare("icc.loglik", "lme4: CASchools", counties.loglik, reference)


@pytest.fixture(scope="module")
def boundary() -> IntraclassCorrelation:
    return estimate(pd.read_csv(HERE / "boundary_singular.csv", encoding="utf-8"), "y", "g")


def test_boundary_is_said_aloud(boundary: IntraclassCorrelation) -> None:
    assert boundary.singular
    assert boundary.icc_reml == 0
    assert boundary.icc_anova < 0


def test_likelihood_on_the_boundary(boundary: IntraclassCorrelation) -> None:
    assert boundary.loglik == pytest.approx(PUBLISHED["lme4_boundary"]["fit"]["logLik"], rel=1e-12)


def test_residual_variance_on_the_boundary(
    boundary: IntraclassCorrelation, compare: Callable[..., None]
) -> None:
    reference = PUBLISHED["lme4_boundary"]["fit"]["varcomp"]["vcov"][1]
    compare("icc.variance", "lme4: simulated, singular", boundary.variance_residual, reference)


def test_high_school_and_beyond() -> None:
    """Raudenbush & Bryk's null model: tau 8.61, sigma² 39.15, ICC .18."""
    data = SHARED / "reference" / "data" / "mlmrev_hsb82.csv"
    if not data.exists():
        pytest.skip("the folder shared beside the checkout is absent")
    result = estimate(pd.read_csv(data, encoding="utf-8"), "mAch", "school")
    reference = PUBLISHED["mlmrev_hsb82_multilevel"]["null"]
    found = [result.variance_school, result.variance_residual]
    np.testing.assert_allclose(found, reference["varcomp"]["vcov"], rtol=1e-6)
    assert result.loglik == pytest.approx(reference["logLik"], rel=1e-11)


def test_balanced_reml_is_the_anova_estimate() -> None:
    """With equal schools REML equals the analysis of variance (Searle, Casella & McCulloch 1992, 3.8)."""
    frame = swmd().groupby("classId").head(12)
    size = frame.groupby("classId")["m"].transform("size")
    result = estimate(frame[size == 12], "m", "classId")
    assert result.icc_reml == pytest.approx(result.icc_anova, rel=1e-9)


def test_design_effect_of_the_mean_school(classes: IntraclassCorrelation) -> None:
    assert classes.design_effect == pytest.approx(1 + (651 / 30 - 1) * 0.177210313369095, rel=1e-7)


def test_slope_of_the_likelihood_is_zero_at_the_estimate(classes: IntraclassCorrelation) -> None:
    """A likelihood 1e-5 to either side of the estimate is lower: the optimum is not a grid point."""
    frame = swmd()
    sizes = frame.groupby("classId")["m"].size().to_numpy(dtype=float)
    y, school = frame["m"].to_numpy(), frame["classId"]
    one = np.ones(len(y))

    def loglik(ratio: float) -> float:
        same = (school.to_numpy()[:, None] == school.to_numpy()[None, :]).astype(float)
        v = np.eye(len(y)) + ratio * same
        inverse = np.linalg.inv(v)
        information = one @ inverse @ one
        rest = y - (one @ inverse @ y) / information
        df = len(y) - 1
        squares = rest @ inverse @ rest
        return -0.5 * (
            df * (1 + np.log(2 * np.pi * squares / df)) + np.log1p(sizes * ratio).sum() + np.log(information)
        )

    best = classes.variance_school / classes.variance_residual
    assert loglik(best) == pytest.approx(classes.loglik, rel=1e-10)
    assert loglik(best) > max(loglik(best * 1.001), loglik(best * 0.999))


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"y": [1.0, 2, 3], "s": ["a"] * 3}, "icc-few-schools"),
        ({"y": [1.0, 2, 3], "s": ["a", "b", "c"]}, "icc-one-a-school"),
        ({"y": [2.5] * 4, "s": ["a", "a", "b", "b"]}, "icc-constant-outcome"),
        ({"y": [1.1, 1.1, 2.3, 2.3], "s": ["a", "a", "b", "b"]}, "icc-nothing-within"),
        ({"y": [np.nan] * 2, "s": ["a", "b"]}, "icc-few-schools"),
    ],
)
def test_what_cannot_be_computed_says_why(frame: dict[str, list[object]], code: str) -> None:
    result = intraclass_correlation(GroupedMoments.of(pd.DataFrame(frame), ("y",), "s"), "y")
    assert isinstance(result, NotComputed)
    assert result.code == code
    assert "{" not in result.fault().message("zh") + result.fault().message("en")


def test_frame_has_the_contracts_columns(classes: IntraclassCorrelation) -> None:
    wanted = "outcome n schools icc_reml icc_anova variance_school variance_residual design_effect singular"
    assert set(wanted.split()) | {"reason"} <= set(classes.to_frame().columns)
