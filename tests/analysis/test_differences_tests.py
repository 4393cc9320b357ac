"""Tests of differences against R (tests/reference/differences/differences.R), from counts and moments."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from manyi_analysis.differences import (
    Effect,
    GroupTest,
    PairTest,
    adjusted,
    anova,
    chi_square,
    cliffs_delta,
    dunn,
    equal_variances,
    equivalence,
    explained_variance,
    fisher_exact,
    games_howell,
    kruskal_wallis,
    mann_whitney,
    standardized_difference,
    student_t,
    tukey,
    welch_anova,
    welch_t,
)
from manyi_analysis.differences.noncentral import f_noncentrality
from manyi_analysis.differences.samples import Samples, samples
from manyi_analysis.differences.studentized_range import studentized_range_quantile, studentized_range_sf
from manyi_analysis.records import GroupedMoments, NotComputed, Tables
from manyi_analysis.records.group_counts import GroupCounts

HERE = Path(__file__).parents[1] / "reference"
R = json.loads((HERE / "differences" / "differences.json").read_text(encoding="utf-8"))
EXACT = 1e-8
#: Why effectsize's limits of noncentrality are less exact.
SIMPLEX = "limits by a simplex search"
EFFECTS = {"cohens_d": "Cohen's d", "hedges_g": "Hedges' g", "hedges_g_av": "Hedges' g, average variance"}
#: R's noncentral distributions are good to about 1e-9 of a probability.
LIMITS = 1e-7


@pytest.fixture(scope="module")
def bfi() -> pd.DataFrame:
    frame = pd.read_csv(HERE / "measurement" / "bfi.csv", encoding="utf-8")
    neurotic = frame[[f"N{number}" for number in range(1, 6)]].mean(axis=1, skipna=False)
    return frame.assign(N=neurotic, high=(frame["A1"] >= 4).where(frame["A1"].notna()).astype(float))


@pytest.fixture(scope="module")
def complete(bfi: pd.DataFrame) -> pd.DataFrame:
    return bfi.dropna(subset=["N", "gender", "education"])


@pytest.fixture(scope="module")
def by_gender(complete: pd.DataFrame) -> GroupedMoments:
    return GroupedMoments.of(complete, ["N"], "gender")


@pytest.fixture(scope="module")
def by_education(complete: pd.DataFrame) -> GroupedMoments:
    return GroupedMoments.of(complete, ["N"], "education")


@pytest.fixture(scope="module")
def ages(bfi: pd.DataFrame) -> GroupedMoments:
    return GroupedMoments.of(bfi, ["age"], "education")


def computed(found: GroupTest | NotComputed) -> GroupTest:
    assert isinstance(found, GroupTest)
    return found


def limits(effect: Effect | NotComputed) -> list[float]:
    assert isinstance(effect, Effect)
    return [effect.value, effect.low, effect.high]


@pytest.mark.parametrize(("name", "test"), [("student", student_t), ("welch", welch_t)])
def test_t(by_gender: GroupedMoments, name: str, test: object, compare: Callable[..., None]) -> None:
    found, reference = computed(test(by_gender, "N")), R["two"][name]  # type: ignore[operator]
    ours, theirs = (found.statistic, found.df1, found.p), [reference[key] for key in ("statistic", "df", "p")]
    compare(f"difference.{name}", "r: bfi", ours, theirs)


@pytest.mark.parametrize(("name", "test"), [("student", student_t), ("welch", welch_t)])
def test_limits_of_the_difference_of_two_means(
    by_gender: GroupedMoments, name: str, test: object, compare: Callable[..., None]
) -> None:
    found = computed(test(by_gender, "N"))  # type: ignore[operator]
    ours = [found.difference_low, found.difference_high]
    compare("difference.limits", "r: bfi", ours, R["two"][name]["ci"], name.capitalize())


@pytest.mark.parametrize(
    ("name", "pooled", "corrected"),
    [("cohens_d", True, False), ("hedges_g", True, True), ("hedges_g_av", False, True)],
)
def test_standardized_difference(
    by_gender: GroupedMoments, name: str, pooled: bool, corrected: bool, compare: Callable[..., None]
) -> None:
    two = samples(by_gender, "N", "t")
    assert isinstance(two, Samples)
    found = standardized_difference(two, pooled, corrected)
    assert found.name == name
    compare("effect.d", "r: bfi", limits(found), R["two"]["exact"][name], EFFECTS[name])
    theirs = R["two"]["effectsize"][name]
    compare("effect.d", "effectsize: bfi", limits(found), theirs, EFFECTS[name], 2e-7, "", SIMPLEX)


def test_effect_goes_with_the_test(by_gender: GroupedMoments) -> None:
    names = [computed(test(by_gender, "N")).effect for test in (student_t, welch_t)]
    assert [effect.name for effect in names if isinstance(effect, Effect)] == ["hedges_g", "hedges_g_av"]


def test_equivalence(by_gender: GroupedMoments, compare: Callable[..., None]) -> None:
    found, reference = equivalence(by_gender, "N", 0.4), R["two"]["equivalence"]
    assert not isinstance(found, NotComputed)
    theirs = [reference["low"]["statistic"], reference["high"]["statistic"]]
    theirs += [max(reference["low"]["p"], reference["high"]["p"]), *reference["ci"]]
    ours = [found.t_low, found.t_high, found.p, found.low, found.high]
    compare("difference.equivalence", "r: bfi", ours, theirs)
    assert found.equivalent


def test_equivalence_needs_a_margin(by_gender: GroupedMoments) -> None:
    with pytest.raises(ValueError, match="above 0"):
        equivalence(by_gender, "N", 0.0)


def test_anova(by_education: GroupedMoments, compare: Callable[..., None]) -> None:
    found, reference = computed(anova(by_education, "N")), R["several"]["anova"]
    assert [found.df1, found.df2] == reference["df"]
    compare("difference.anova", "r: bfi", [found.statistic, found.p], [reference["f"], reference["p"]])


def test_welch_anova(by_education: GroupedMoments, compare: Callable[..., None]) -> None:
    found, reference = computed(welch_anova(by_education, "N")), R["several"]["welch"]
    ours = [found.df1, found.df2, found.statistic, found.p]
    compare(
        "difference.welch_anova", "r: bfi", ours, [*reference["df"], reference["statistic"], reference["p"]]
    )


def test_small_p_of_anova(ages: GroupedMoments, compare: Callable[..., None]) -> None:
    reference = R["several"]["age"]
    compare("difference.anova", "r: bfi", computed(anova(ages, "age")).p, reference["p"])
    compare("difference.welch_anova", "r: bfi", computed(welch_anova(ages, "age")).p, reference["welch"]["p"])


@pytest.mark.parametrize(
    ("measure", "name"),
    [("eta_squared", "eta"), ("omega_squared", "omega"), ("epsilon_squared", "epsilon")],
)
def test_explained_variance(
    by_education: GroupedMoments, measure: str, name: str, compare: Callable[..., None]
) -> None:
    found = limits(computed(anova(by_education, "N", measure=measure)).effect)  # type: ignore[arg-type]
    compare("effect.share", "effectsize: bfi", found[0], R["several"][name], measure.replace("_", " "))
    compare("effect.share_limits", "r: bfi", found[1:], R["several"]["limits"])


def test_limits_of_a_large_share(ages: GroupedMoments, compare: Callable[..., None]) -> None:
    found = limits(computed(anova(ages, "age")).effect)
    compare("effect.share_limits", "r: bfi", found[1:], R["several"]["age"]["limits"])


def test_limits_of_the_share_by_welch(by_education: GroupedMoments, compare: Callable[..., None]) -> None:
    found = limits(computed(welch_anova(by_education, "N")).effect)
    compare("effect.share_limits", "r: bfi", found[1:], R["several"]["welch_limits"], "Welch")


def test_limits_convert_to_those_of_effectsize(compare: Callable[..., None]) -> None:
    """effectsize divides λ by λ + df2, Steiger by λ + n: the limits of λ are the same."""
    reference = R["several"]["anova"]
    _, high = f_noncentrality(reference["f"], *reference["df"], 0.95)
    theirs = R["several"]["eta_limits_effectsize"][1]
    ours = high / (high + reference["df"][1])
    compare("effect.share_limits", "effectsize: bfi", ours, theirs, "", 1e-7, "", SIMPLEX)


def test_a_share_below_zero_is_zero() -> None:
    assert explained_variance(0.5, 3.0, 96.0, 100).value == 0.0


@pytest.mark.parametrize(("center", "name"), [("mean", "levene"), ("median", "brown_forsythe")])
def test_equal_variances(
    complete: pd.DataFrame, center: str, name: str, compare: Callable[..., None]
) -> None:
    found = computed(equal_variances(GroupCounts.of(complete, "N", "education"), center))  # type: ignore[arg-type]
    reference = R["variances"][name]
    assert found.test == name
    ours, theirs = [found.statistic, found.p], [reference["f"], reference["p"]]
    compare("difference.variances", "car: bfi", ours, theirs, name.replace("_", "-"))


def pairs(found: tuple[PairTest, ...] | NotComputed) -> tuple[PairTest, ...]:
    assert not isinstance(found, NotComputed)
    return found


@pytest.mark.parametrize(("data", "name"), [("by_education", "tukey"), ("ages", "tukey_age")])
def test_tukey(request: pytest.FixtureRequest, data: str, name: str, compare: Callable[..., None]) -> None:
    """TukeyHSD's differences are the second group less the first."""
    groups = request.getfixturevalue(data)
    reference = np.array(R["pairs"][name])
    found = pairs(tukey(groups, groups.columns[0]))
    ours = [[-pair.difference, -pair.high, -pair.low] for pair in found]
    compare("pairs.limits", "r: bfi", ours, reference[:, :3], "Tukey")
    compare("pairs.p", "r: bfi", [pair.p for pair in found], reference[:, 3], "Tukey")


@pytest.mark.parametrize(("data", "name"), [("by_education", "games_howell"), ("ages", "games_howell_age")])
def test_games_howell(
    request: pytest.FixtureRequest, data: str, name: str, compare: Callable[..., None]
) -> None:
    groups = request.getfixturevalue(data)
    reference = np.array(R["pairs"][name])
    found = pairs(games_howell(groups, groups.columns[0]))
    ours = [[pair.difference, pair.low, pair.high, pair.statistic, pair.df] for pair in found]
    compare("pairs.limits", "r: bfi", ours, reference[:, :5], "Games-Howell")
    compare("pairs.p", "r: bfi", [pair.p for pair in found], reference[:, 5], "Games-Howell")


def test_games_howell_of_rstatix(ages: GroupedMoments, compare: Callable[..., None]) -> None:
    reference, found = R["pairs"]["rstatix_age"], pairs(games_howell(ages, "age"))
    ours = [[-pair.difference, -pair.high] for pair in found]
    compare(
        "pairs.limits",
        "rstatix: bfi",
        ours,
        np.transpose([reference["estimate"], reference["low"]]),
        "Games-Howell",
    )


def test_studentized_range_probability(compare: Callable[..., None]) -> None:
    """R's ptukey is off by 1e-4 at 2 degrees of freedom and takes more than 25,000 as infinitely many."""
    reference = R["range"]
    grid = [(q, k, df) for df in reference["df"] for k in reference["groups"] for q in reference["q"]]
    found = np.array([studentized_range_sf(q, k, df) for q, k, df in grid])
    rough = np.array([df < 20 or df > 25_000 for _, _, df in grid])
    expected = np.array(reference["p"])
    compare("pairs.range", "r", found[~rough], expected[~rough], "probability")
    of, because = "probability, few or many degrees of freedom", "ptukey is off by 1e-4"
    compare("pairs.range", "r", found[rough], expected[rough], of, 2e-4, because=because)


@pytest.mark.parametrize("df", [1.5, 2.0, 5.5, 20.0, 1e6])
def test_studentized_range_of_two_is_the_t_of_student(df: float) -> None:
    """The range of two means over their error is √2·|t|."""
    for q in (0.1, 1.0, 3.5, 9.0, 40.0):
        exact = 2.0 * stats.t.sf(q / np.sqrt(2.0), df)
        assert studentized_range_sf(q, 2, df) == pytest.approx(exact, abs=1e-9)


@pytest.mark.parametrize("groups", [3, 5, 10])
def test_studentized_range_of_few_degrees_of_freedom(groups: int, compare: Callable[..., None]) -> None:
    for q in (1.0, 5.0, 9.0):
        exact = stats.studentized_range.sf(q, groups, 2.0)
        compare("pairs.range", "scipy", studentized_range_sf(q, groups, 2.0), exact, "probability")


def test_studentized_range_quantile(compare: Callable[..., None]) -> None:
    """R's qtukey stops its secant method at 1e-4; scipy's inverts the probability to rounding."""
    reference = R["range"]
    place = [position for position, df in enumerate(reference["df"]) if df >= 20]
    found = [
        [studentized_range_quantile(0.95, groups, reference["df"][position]) for position in place]
        for groups in reference["groups"]
    ]
    theirs, because = np.array(reference["quantile"])[:, place], "qtukey stops at 1e-4"
    compare("pairs.range", "r", found, theirs, "quantile", 2e-4, because=because)


@pytest.mark.parametrize(("groups", "df"), [(3, 5.5), (5, 480.27)])
def test_studentized_range_quantile_of_scipy(groups: int, df: float, compare: Callable[..., None]) -> None:
    exact = stats.studentized_range.ppf(0.95, groups, df)
    compare("pairs.range", "scipy", studentized_range_quantile(0.95, groups, df), exact, "quantile")


@pytest.fixture(scope="module")
def item_by_gender(complete: pd.DataFrame) -> GroupCounts:
    return GroupCounts.of(complete, "A1", "gender")


@pytest.fixture(scope="module")
def item_by_education(complete: pd.DataFrame) -> GroupCounts:
    return GroupCounts.of(complete, "A1", "education")


def test_mann_whitney(item_by_gender: GroupCounts, compare: Callable[..., None]) -> None:
    found, reference = computed(mann_whitney(item_by_gender)), R["ranks"]["mann_whitney"]
    ours, theirs = [found.statistic, found.p], [reference["statistic"], reference["p"]]
    compare("difference.mann_whitney", "r: bfi", ours, theirs)


def test_published_mann_whitney_of_a_score(complete: pd.DataFrame, compare: Callable[..., None]) -> None:
    """W and p of the project's reference values (group_tests_bfi)."""
    found = computed(mann_whitney(GroupCounts.of(complete, "N", "gender")))
    ours = [found.statistic, found.p]
    compare("difference.mann_whitney", "r: bfi", ours, [587327.5, 5.86221954408114e-08])


def test_exact_mann_whitney_of_small_groups_without_ties(compare: Callable[..., None]) -> None:
    reference = R["ranks"]["exact"]
    values = [*reference["x"], *reference["y"]]
    frame = pd.DataFrame({"y": values, "g": [1] * len(reference["x"]) + [2] * len(reference["y"])})
    found = computed(mann_whitney(GroupCounts.of(frame, "y", "g")))
    ours, theirs = [found.statistic, found.p], [reference["statistic"], reference["p"]]
    compare("difference.mann_whitney", "r: two small groups", ours, theirs, "exact")


def test_kruskal_wallis(item_by_education: GroupCounts, compare: Callable[..., None]) -> None:
    found, reference = computed(kruskal_wallis(item_by_education)), R["ranks"]["kruskal_wallis"]
    ours, theirs = [found.statistic, found.p], [reference["statistic"], reference["p"]]
    compare("difference.kruskal_wallis", "r: bfi", ours, theirs)


def test_rank_epsilon(item_by_education: GroupCounts, compare: Callable[..., None]) -> None:
    found = limits(computed(kruskal_wallis(item_by_education)).effect)
    compare("effect.rank_epsilon", "effectsize: bfi", found[0], R["ranks"]["epsilon"])
    compare("effect.rank_epsilon", "r: bfi", found[1:], R["ranks"]["epsilon_limits"], "limits")


def test_counts_from_tables_give_the_same_test(complete: pd.DataFrame) -> None:
    tables = Tables.of(complete, ["A1", "education"])
    found = computed(kruskal_wallis(GroupCounts.from_tables(tables, "A1", "education")))
    assert found.statistic == pytest.approx(R["ranks"]["kruskal_wallis"]["statistic"], rel=EXACT)


def test_rank_biserial_is_the_delta_of_cliff(
    item_by_gender: GroupCounts, compare: Callable[..., None]
) -> None:
    found = limits(computed(mann_whitney(item_by_gender)).effect)
    compare("effect.delta", "effectsize: bfi", found[0], R["ranks"]["rank_biserial"][0])


def test_limits_of_the_delta(item_by_gender: GroupCounts, compare: Callable[..., None]) -> None:
    found = limits(computed(mann_whitney(item_by_gender)).effect)
    compare("effect.delta", "r: bfi", found, R["ranks"]["cliff"])


def test_delta_of_a_small_example(compare: Callable[..., None]) -> None:
    """Example of the documentation of R's effsize: delta -0.25, limits -0.7265846 and 0.3890062."""
    first, second = np.array([2, 3, 3, 1, 1]), np.array([1, 1, 1, 2, 1])
    found = limits(cliffs_delta(first, second))
    compare("effect.delta", "r: example of effsize", found, R["ranks"]["cliff_example"])
    theirs, because = [-0.25, -0.7265846, 0.3890062], "seven decimals"
    compare("effect.delta", "effsize", found, theirs, "", 5e-8, "", because)


def test_delta_without_overlap_is_limited_by_the_smaller_group() -> None:
    found = cliffs_delta(np.array([0, 0, 20]), np.array([15, 5, 0]))
    assert found.value == 1.0
    assert found.high == 1.0
    assert found.low == pytest.approx((20 - 1.959963984540054**2) / (20 + 1.959963984540054**2))


def test_dunn(item_by_education: GroupCounts, compare: Callable[..., None]) -> None:
    """rstatix's differences are the second group less the first."""
    reference, found = R["pairs"]["dunn"], pairs(dunn(item_by_education))
    ours = [[-pair.statistic, pair.p, pair.p_adjusted] for pair in found]
    theirs = np.transpose([reference[name] for name in ("statistic", "p", "p_adjusted")])
    compare("pairs.dunn", "rstatix: bfi", ours, theirs)


def test_chi_square(complete: pd.DataFrame, compare: Callable[..., None]) -> None:
    found = computed(chi_square(GroupCounts.of(complete, "education", "gender")))
    reference = R["tables"]["chi"]
    ours, theirs = (found.statistic, found.df1, found.p), [reference[key] for key in ("statistic", "df", "p")]
    compare("difference.chi_square", "r: bfi", ours, theirs)


def test_cramers_v(complete: pd.DataFrame, compare: Callable[..., None]) -> None:
    found = limits(computed(chi_square(GroupCounts.of(complete, "education", "gender"))).effect)
    compare("effect.v", "r: bfi", found, R["tables"]["v_exact"])
    compare("effect.v", "effectsize: bfi", found, R["tables"]["v"], "", 1e-6, "", SIMPLEX)


@pytest.mark.parametrize(("correct", "name"), [(True, "yates"), (False, "plain")])
def test_two_by_two(complete: pd.DataFrame, correct: bool, name: str, compare: Callable[..., None]) -> None:
    found = computed(chi_square(GroupCounts.of(complete, "high", "gender"), correct=correct))
    reference, of = R["tables"][name], "2 by 2, Yates" if correct else "2 by 2"
    ours, theirs = [found.statistic, found.p], [reference["statistic"], reference["p"]]
    compare("difference.chi_square", "r: bfi", ours, theirs, of)


def two_by_two(table: list[list[int]]) -> GroupCounts:
    return GroupCounts("y", ("1", "2"), np.array([0.0, 1.0]), np.array(table), 0, 0)


def test_fisher_of_the_lady_tasting_tea(compare: Callable[..., None]) -> None:
    found = computed(fisher_exact(two_by_two([[3, 1], [1, 3]])))
    compare("difference.fisher", "r: lady tasting tea", found.p, R["tables"]["fisher"]["tea"]["p"])
    theirs = R["tables"]["fisher"]["tea_ratio"]
    compare("effect.odds_ratio", "r: lady tasting tea", limits(found.effect), theirs)


def test_fisher_of_a_large_table(complete: pd.DataFrame, compare: Callable[..., None]) -> None:
    found = computed(fisher_exact(GroupCounts.of(complete, "high", "gender")))
    compare("difference.fisher", "r: bfi", found.p, R["tables"]["fisher"]["big"]["p"])
    compare("effect.odds_ratio", "r: bfi", limits(found.effect), R["tables"]["fisher"]["big_ratio"])


def test_fisher_of_a_table_with_an_empty_cell() -> None:
    """R prints odds ratio 0 or infinity; the finite limit is compared at the accuracy of R's root finding."""
    found, reference = computed(fisher_exact(two_by_two([[7, 0], [12, 5]]))), R["tables"]["fisher"]["small"]
    assert found.p == pytest.approx(reference["p"], rel=1e-12)
    effect = limits(found.effect)
    assert np.isinf(effect[0])
    assert np.isinf(effect[2])
    assert effect[1] == pytest.approx(reference["ci"][0], rel=1e-3)


@pytest.mark.parametrize("method", ["holm", "bh", "bonferroni"])
def test_adjustment(method: str, compare: Callable[..., None]) -> None:
    p = [np.nan if value is None else value for value in R["adjust"]["p"]]
    reference = [np.nan if value is None else value for value in R["adjust"][method]]
    compare("difference.adjusted", "r", adjusted(p, method), reference, method)  # type: ignore[arg-type]
