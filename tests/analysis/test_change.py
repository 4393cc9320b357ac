"""Change, differences in differences, funnel limits, shrinkage against R, diff-diff and hand-made tables."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.change import (
    Change,
    FunnelLimits,
    GroupTimeEffects,
    ShrunkenMeans,
    TwoWayEffect,
    change_of_estimates,
    change_of_schools,
    funnel_limits,
    group_time_effects,
    shrunken_means,
    two_way_fixed_effects,
)
from manyi_analysis.records.notcomputed import NotComputed

FOLDER = Path(__file__).parents[1] / "reference" / "change"
R = json.loads((FOLDER / "change_r.json").read_text(encoding="utf-8"))
R_FUNNEL = json.loads((FOLDER / "funnel.json").read_text(encoding="utf-8"))
DIFFERENCES = json.loads((FOLDER / "group_time.json").read_text(encoding="utf-8"))
PANEL = pd.read_csv(FOLDER / "panel.csv", encoding="utf-8")
UNITS = pd.read_csv(FOLDER / "units.csv", encoding="utf-8")
Compare = Callable[..., None]
THIRTY = "thirty units"
FIRST = PANEL.loc[PANEL["period"] == 1, "outcome"].to_numpy()
LAST = PANEL.loc[PANEL["period"] == 4, "outcome"].to_numpy()


def changed(result: Change | NotComputed) -> Change:
    assert isinstance(result, Change)
    return result


@pytest.mark.parametrize("part", ["change", "low", "high", "p"])
def test_change_of_the_same_schools_is_the_paired_t_test(part: str, compare: Compare) -> None:
    ours = getattr(changed(change_of_schools(FIRST, LAST)), part)
    compare("change.schools", f"r: {THIRTY}, paired t-test", ours, R["paired"][part], part)


@pytest.mark.parametrize("part", ["change", "se"])
def test_weighted_change_with_hc1_errors(part: str, compare: Compare) -> None:
    found = changed(change_of_schools(FIRST, LAST, UNITS["weight"].to_numpy(float)))
    compare(
        "change.schools", f"sandwich: {THIRTY}, HC1", getattr(found, part), R["weighted"][part], "weighted"
    )


def test_a_school_in_one_wave_only_is_counted() -> None:
    before = FIRST.copy()
    before[:3] = np.nan
    found = changed(change_of_schools(before, LAST))
    assert (found.n, found.missing) == (27, 3)


def test_change_of_two_samples_is_welchs_t_test(compare: Compare) -> None:
    from scipy.stats import ttest_ind

    a, b = FIRST[:12], LAST[12:]
    errors = [part.std(ddof=1) / np.sqrt(len(part)) for part in (a, b)]
    found = changed(change_of_estimates(a.mean(), b.mean(), *errors, len(a) - 1, len(b) - 1))
    expected = ttest_ind(b, a, equal_var=False)
    theirs = [expected.pvalue, expected.df]
    compare("change.estimates", f"scipy: {THIRTY}, Welch's t-test", [found.p, found.df], theirs)


TWO_WAY = {"estimate": f"plm: {THIRTY}", "se": f"sandwich: {THIRTY}"}


def two_way() -> TwoWayEffect:
    treated = (PANEL["period"] >= PANEL["begins"]).to_numpy(float)
    result = two_way_fixed_effects(
        PANEL["outcome"].to_numpy(), treated, PANEL["unit"].to_numpy(object), PANEL["period"].to_numpy(float)
    )
    assert isinstance(result, TwoWayEffect)
    return result


@pytest.mark.parametrize("part", ["estimate", "se"])
def test_two_way_fixed_effects_of_plm(part: str, compare: Compare) -> None:
    compare(f"two_way.{part}", TWO_WAY[part], getattr(two_way(), part), R["two_way"][part])


def test_units_that_begin_at_different_waves_are_told() -> None:
    assert (two_way().staggered, two_way().treated) == (True, 20)


def effects(controls: str) -> GroupTimeEffects:
    result = group_time_effects(PANEL, controls)  # type: ignore[arg-type]
    assert isinstance(result, GroupTimeEffects)
    return result


CONTROLS = {"never": "controls never treated", "not_yet": "controls not yet treated"}


@pytest.mark.parametrize("controls", ["never", "not_yet"])
@pytest.mark.parametrize("cell", sorted(DIFFERENCES["never"]["effects"]))
def test_group_time_effect_of_diff_diff(controls: str, cell: str, compare: Compare) -> None:
    group, period = map(float, cell.split("-"))
    line = effects(controls).frame.set_index(["group", "period"]).loc[(group, period)]
    ours, theirs = [line["estimate"], line["se"]], DIFFERENCES[controls]["effects"][cell]
    compare("group_time", f"diff_diff: {THIRTY}", ours, theirs, CONTROLS[controls])


@pytest.mark.parametrize("controls", ["never", "not_yet"])
@pytest.mark.parametrize(
    ("kind", "value"), [("event", -1), ("event", 0), ("event", 1), ("event", 2), ("group", 2), ("group", 3)]
)
def test_means_of_effects_of_diff_diff(controls: str, kind: str, value: int, compare: Compare) -> None:
    line = effects(controls).summary.set_index(["kind", "value"]).loc[(kind, float(value))]
    ours, theirs = [line["estimate"], line["se"]], DIFFERENCES[controls][kind][str(value)]
    compare("group_time.means", f"diff_diff: {THIRTY}", ours, theirs, CONTROLS[controls])


@pytest.mark.parametrize("controls", ["never", "not_yet"])
def test_overall_effect_of_diff_diff(controls: str, compare: Compare) -> None:
    line = effects(controls).summary.query("kind == 'overall'").iloc[0]
    ours, theirs = [line["estimate"], line["se"]], DIFFERENCES[controls]["overall"]
    compare("group_time.means", f"diff_diff: {THIRTY}", ours, theirs, CONTROLS[controls])


def test_a_unit_that_misses_a_wave_is_counted() -> None:
    result = group_time_effects(PANEL.drop(index=0))
    assert isinstance(result, GroupTimeEffects)
    assert (result.n, result.missing) == (29, 1)


def shrunken() -> ShrunkenMeans:
    result = shrunken_means(UNITS["mean"].to_numpy(), UNITS["se"].to_numpy())
    assert isinstance(result, ShrunkenMeans)
    return result


@pytest.mark.parametrize(("part", "name"), [("mean", "mean"), ("se", "se"), ("variance", "tau2")])
def test_shrinkage_of_metafor(part: str, name: str, compare: Compare) -> None:
    compare("shrinkage", f"metafor: {THIRTY}", getattr(shrunken(), part), R["shrinkage"][name], part)


def test_shrunken_means_of_metafor(compare: Compare) -> None:
    ours = shrunken().frame["shrunken"]
    compare("shrinkage.means", f"metafor: {THIRTY}", ours, R["shrinkage"]["blup"])


def test_errors_of_shrunken_means_of_metafor(compare: Compare) -> None:
    ours = shrunken().frame["shrunken_se"]
    compare("shrinkage.means", f"metafor: {THIRTY}", ours, R["shrinkage"]["blup_se"], "standard errors")


def test_units_that_do_not_differ_are_shrunk_to_the_mean() -> None:
    result = shrunken_means(np.array([1.0, 1.01, 0.99]), np.ones(3))
    assert isinstance(result, ShrunkenMeans)
    assert (result.variance, set(result.frame["shrunken"].round(12))) == (0.0, {1.0})


LIMITS = ["low_95", "high_95", "low_998", "high_998"]


def thirty(overdispersion: str) -> FunnelLimits:
    units = UNITS["mean"].to_numpy(), UNITS["se"].to_numpy()
    result = funnel_limits(*units, overdispersion=overdispersion)  # type: ignore[arg-type]
    assert isinstance(result, FunnelLimits)
    return result


@pytest.mark.parametrize("overdispersion", ["none", "multiplicative"])
def test_limits_of_the_funnel_of_r(overdispersion: str, compare: Compare) -> None:
    ours, theirs = thirty(overdispersion).frame[LIMITS], R_FUNNEL[overdispersion]["limits"]
    compare("funnel.limits", f"r: {THIRTY}", ours, theirs, f"overdispersion {overdispersion}")


@pytest.mark.parametrize("overdispersion", ["none", "multiplicative"])
def test_places_in_the_funnel_of_r(overdispersion: str, compare: Compare) -> None:
    places = {"inside": 0, "beyond_95": 1, "beyond_998": 2}
    ours, theirs = thirty(overdispersion).frame["place"].map(places), R_FUNNEL[overdispersion]["place"]
    compare("funnel.place", f"r: {THIRTY}", ours, theirs, f"overdispersion {overdispersion}")


@pytest.mark.parametrize(("part", "name"), [("target", "target"), ("dispersion", "phi")])
def test_target_and_overdispersion_of_r(part: str, name: str, compare: Compare) -> None:
    compare("funnel.target", f"r: {THIRTY}", getattr(thirty("multiplicative"), part), R_FUNNEL[name], part)


# Three units around 3.0: z of 1, -2.5 and 4; normal points 1.96 and 3.09 (Spiegelhalter 2005, section 3).
FUNNEL = np.array([3.1, 2.5, 3.4]), np.array([0.1, 0.2, 0.1])


def funnel(**options: object) -> FunnelLimits:
    result = funnel_limits(*FUNNEL, 3.0, **options)  # type: ignore[arg-type]
    assert isinstance(result, FunnelLimits)
    return result


def test_places_in_the_funnel_by_hand() -> None:
    assert funnel().frame["place"].tolist() == ["inside", "beyond_95", "beyond_998"]


def test_limits_of_the_funnel_by_hand() -> None:
    line = funnel().frame.iloc[1]
    assert [line["low_95"], line["high_998"]] == pytest.approx(
        [3 - 1.959964 * 0.2, 3 + 3.090232 * 0.2], abs=1e-6
    )


def test_overdispersion_by_hand() -> None:
    found = funnel(overdispersion="multiplicative", winsorized=0.0)
    assert found.dispersion == pytest.approx((1 + 6.25 + 16) / 3)
    assert found.frame["place"].tolist() == ["inside"] * 3


def panel_of(begins: float) -> pd.DataFrame:
    return PANEL.assign(begins=begins)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (change_of_schools(np.array([1.0]), np.array([2.0])), "change-too-few-schools"),
        (change_of_schools(np.array([1.0, 2]), np.array([2.0, 3])), "change-without-error"),
        (change_of_estimates(1, 2, np.nan, 0.1), "change-without-error"),
        (group_time_effects(panel_of(np.nan)), "panel-nobody-treated"),
        (group_time_effects(panel_of(2.0)), "panel-nobody-to-compare"),
        (
            two_way_fixed_effects(
                FIRST[:4],
                np.array([0.0, 1, 0, 1]),
                np.array(list("aabb"), dtype=object),
                np.array([1.0, 2, 1, 2]),
            ),
            "treatment-not-separable",
        ),
        (
            two_way_fixed_effects(FIRST[:2], np.ones(2), np.array(["a", "b"], dtype=object), np.ones(2)),
            "panel-too-small",
        ),
        (funnel_limits(np.array([1.0]), np.array([0.1])), "comparison-too-few-units"),
        (shrunken_means(np.ones(2), np.ones(2)), "comparison-too-few-units"),
    ],
)
def test_what_cannot_be_told_says_why(result: object, code: str) -> None:
    assert isinstance(result, NotComputed)
    assert result.code == code
    assert all("{" not in result.fault().message(language) for language in ("zh", "en"))
