"""Statistics of bfi as pingouin, factor_analyzer and scipy compute them from rows."""

import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from scipy import stats

from manyi_analysis.correlations import partial, spearman
from manyi_analysis.differences import (
    GroupTest,
    anova,
    chi_square,
    kruskal_wallis,
    mann_whitney,
    student_t,
    welch_anova,
    welch_t,
)
from manyi_analysis.measurement import Bartlett, Kmo, bartlett, kmo
from manyi_analysis.records import GroupCounts, GroupedMoments, Moments, Tables

HERE = Path(__file__).parents[1] / "reference" / "measurement"
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
ITEMS = tuple(BFI.columns[:25])
COMPLETE = BFI[list(ITEMS)].dropna()
NEUROTIC = BFI.assign(N=BFI[["N1", "N2", "N3", "N4", "N5"]].mean(axis=1, skipna=False)).dropna()
BY_GENDER = GroupedMoments.of(NEUROTIC, ["N"], "gender")
BY_EDUCATION = GroupedMoments.of(NEUROTIC, ["N"], "education")
FIRST, SECOND = (NEUROTIC.loc[NEUROTIC["gender"] == gender, "N"] for gender in (1, 2))


def computed(found: object) -> GroupTest:
    assert isinstance(found, GroupTest)
    return found


def test_kmo_as_factor_analyzer(compare: Callable[..., None]) -> None:
    from factor_analyzer import calculate_kmo

    found, (per_item, overall) = kmo(Moments.of(BFI, ITEMS)), calculate_kmo(COMPLETE)
    assert isinstance(found, Kmo)
    compare("kmo", "factor_analyzer: bfi", found.overall, overall, "listwise")
    compare("kmo.item", "factor_analyzer: bfi", found.per_item, per_item)


def test_bartlett_as_factor_analyzer(compare: Callable[..., None]) -> None:
    from factor_analyzer import calculate_bartlett_sphericity

    found, (chi2, _) = bartlett(Moments.of(BFI, ITEMS)), calculate_bartlett_sphericity(COMPLETE)
    assert isinstance(found, Bartlett)
    compare("bartlett.chi2", "factor_analyzer: bfi", found.chi2, chi2)


@pytest.mark.parametrize(("name", "test"), [("student", student_t), ("welch", welch_t)])
def test_t_as_pingouin(name: str, test: Callable[..., object], compare: Callable[..., None]) -> None:
    import pingouin

    row = pingouin.ttest(FIRST, SECOND, correction=name == "welch").iloc[0]
    found = computed(test(BY_GENDER, "N"))
    ours, theirs = [found.statistic, found.df1, found.p], row[["T", "dof", "p_val"]]
    compare(f"difference.{name}", "pingouin: bfi", ours, theirs)


def test_anova_as_pingouin(compare: Callable[..., None]) -> None:
    import pingouin

    with warnings.catch_warnings():
        # pingouin passes arguments that a later pandas calls deprecated.
        warnings.simplefilter("ignore")
        row = pingouin.anova(NEUROTIC, dv="N", between="education").iloc[0]
    found = computed(anova(BY_EDUCATION, "N"))
    compare("difference.anova", "pingouin: bfi", [found.statistic, found.p], row[["F", "p_unc"]])


def test_welch_anova_as_pingouin(compare: Callable[..., None]) -> None:
    import pingouin

    row = pingouin.welch_anova(NEUROTIC, dv="N", between="education").iloc[0]
    found = computed(welch_anova(BY_EDUCATION, "N"))
    ours = [found.df1, found.df2, found.statistic, found.p]
    compare("difference.welch_anova", "pingouin: bfi", ours, row[["ddof1", "ddof2", "F", "p_unc"]])


def test_mann_whitney_as_scipy(compare: Callable[..., None]) -> None:
    found = computed(mann_whitney(GroupCounts.of(NEUROTIC, "N", "gender")))
    theirs = stats.mannwhitneyu(FIRST, SECOND, method="asymptotic")
    compare("difference.mann_whitney", "scipy: bfi", [found.statistic, found.p], list(theirs))


def test_kruskal_wallis_as_scipy(compare: Callable[..., None]) -> None:
    found = computed(kruskal_wallis(GroupCounts.of(NEUROTIC, "A1", "education")))
    theirs = stats.kruskal(*(rows["A1"] for _, rows in NEUROTIC.groupby("education")))
    compare("difference.kruskal_wallis", "scipy: bfi", [found.statistic, found.p], list(theirs))


def test_chi_square_as_scipy(compare: Callable[..., None]) -> None:
    found = computed(chi_square(GroupCounts.of(NEUROTIC, "education", "gender")))
    theirs = stats.chi2_contingency(pd.crosstab(NEUROTIC["gender"], NEUROTIC["education"]))
    ours = [found.statistic, found.df1, found.p]
    compare("difference.chi_square", "scipy: bfi", ours, [theirs.statistic, theirs.dof, theirs.pvalue])


def test_spearman_as_scipy(compare: Callable[..., None]) -> None:
    (found,) = spearman(Tables.of(NEUROTIC, ["A1", "A2"]))
    theirs = stats.spearmanr(NEUROTIC["A1"], NEUROTIC["A2"])
    compare("r.spearman", "scipy: bfi", found.to_frame()["r"], [theirs.statistic])


def test_partial_correlation_as_pingouin(compare: Callable[..., None]) -> None:
    import pingouin

    (found,) = partial(Moments.of(NEUROTIC, ["A1", "A2", "A3"]), ["A1", "A2"], ["A3"])
    with warnings.catch_warnings():
        # As above.
        warnings.simplefilter("ignore")
        theirs = pingouin.partial_corr(NEUROTIC, x="A1", y="A2", covar="A3")["r"]
    compare("r.partial", "pingouin: bfi", found.to_frame()["r"], theirs)
