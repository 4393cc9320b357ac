"""Steps of invariance: where the search begins, what is free from the start, steps without freedom."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.confirmatory import (
    ConfirmatoryAnalysis,
    Invariance,
    cfa,
    correlated_factors,
    invariance,
    second_order,
)
from manyi_analysis.confirmatory.cfa import cfa_groups
from manyi_analysis.confirmatory.implied import Structure
from manyi_analysis.confirmatory.standardized import standardized, standardized_errors
from manyi_analysis.records import GroupedMoments, Moments

HOLZINGER = pd.read_csv(
    Path(__file__).parents[1] / "reference" / "measurement" / "holzinger1939.csv", encoding="utf-8"
)
SCALES = {"visual": ("x1", "x2", "x3"), "textual": ("x4", "x5", "x6"), "speed": ("x7", "x8", "x9")}
MODEL = correlated_factors(SCALES)
SCHOOLS = dict(GroupedMoments.of(HOLZINGER, MODEL.items, "school").items())


def test_where_the_search_begins_does_not_matter() -> None:
    configural = cfa_groups(SCHOOLS, MODEL)
    assert isinstance(configural, ConfirmatoryAnalysis)
    equal = ("loadings", "intercepts")
    cold, warm = (
        cfa_groups(SCHOOLS, MODEL, equal=equal),
        cfa_groups(SCHOOLS, MODEL, equal=equal, near=configural),
    )
    assert isinstance(cold, ConfirmatoryAnalysis)
    assert isinstance(warm, ConfirmatoryAnalysis)
    np.testing.assert_allclose(warm.estimates, cold.estimates, atol=1e-7)


def slopes_by_differences(found: ConfirmatoryAnalysis) -> np.ndarray:
    structure, step = Structure(found.table), 1e-6
    columns = []
    for place in range(len(found.free)):
        moved = [found.free.copy(), found.free.copy()]
        moved[0][place] += step
        moved[1][place] -= step
        columns.append((standardized(structure, moved[0]) - standardized(structure, moved[1])) / (2 * step))
    return np.array(columns).T


@pytest.mark.parametrize(
    "model", [MODEL, second_order(SCALES), correlated_factors(SCALES, errors=[("x7", "x8")])]
)
@pytest.mark.parametrize("scaling", ["marker", "variance"])
def test_standardized_errors_are_those_of_numerical_derivatives(model, scaling) -> None:
    found = cfa(Moments.of(HOLZINGER, MODEL.items), model, scaling, means=True)
    assert isinstance(found, ConfirmatoryAnalysis)
    slopes = slopes_by_differences(found)
    expected = np.sqrt(np.clip(((slopes @ found.covariance) * slopes).sum(axis=1), 0, None))
    own = standardized_errors(Structure(found.table), found.free, found.covariance)
    np.testing.assert_allclose(own, expected, atol=1e-6)


def test_what_the_plan_releases_is_free_from_the_metric_step_on() -> None:
    found = invariance(SCHOOLS, MODEL, partial=False, released=("visual =~ x2",))
    assert isinstance(found, Invariance)
    assert [step.released for step in found.steps] == [
        (),
        ("visual =~ x2",),
        ("visual =~ x2", "x2 ~1"),
    ]
    assert [step.result.fit.test.df for step in found.steps] == [48, 53, 58]


def test_an_intercept_released_leaves_the_metric_step_whole() -> None:
    found = invariance(SCHOOLS, MODEL, partial=False, released=("x3 ~1",))
    assert isinstance(found, Invariance)
    assert [step.step for step in found.steps] == ["configural", "metric", "partial scalar"]


def test_after_a_saturated_step_rmsea_has_no_say() -> None:
    model = correlated_factors({"textual": SCALES["textual"]})
    found = invariance(SCHOOLS, model, partial=False)
    assert isinstance(found, Invariance)
    metric = found.steps[1]
    assert found.steps[0].result.fit.test.df == 0
    assert (metric.delta_rmsea, metric.held) == (
        None,
        metric.delta_cfi is not None and metric.delta_cfi >= -0.01,
    )
