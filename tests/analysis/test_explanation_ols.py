"""Least squares from moments against R's lm, sandwich, clubSandwich and car on the California schools."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from manyi_analysis.explanation.blocks import regression_blocks
from manyi_analysis.explanation.clustered import between_clusters, clustered_ols
from manyi_analysis.explanation.ols import Regression, gvif, ols
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.moments import Moments
from manyi_analysis.records.notcomputed import NotComputed

HERE = Path(__file__).parents[1] / "reference" / "explanation"
PUBLISHED = json.loads((HERE / "published.json").read_text(encoding="utf-8"))
R = PUBLISHED["aer_caschools_regression"]
PREDICTORS = ("stratio", "english", "lunch", "calworks", "expenditure", "income", "computer")


@pytest.fixture(scope="module")
def schools() -> pd.DataFrame:
    return pd.read_csv(HERE / "caschools.csv", encoding="utf-8")


@pytest.fixture(scope="module")
def fit(schools: pd.DataFrame) -> Regression:
    result = ols(Moments.of(schools, ("score", *PREDICTORS)), "score", PREDICTORS)
    assert isinstance(result, Regression)
    return result


@pytest.fixture(scope="module")
def clustered(schools: pd.DataFrame) -> Regression:
    moments = GroupedMoments.of(schools, ("score", *PREDICTORS), "county")
    result = clustered_ols(moments, "score", PREDICTORS)
    assert isinstance(result, Regression)
    return result


def column(block: str, name: str) -> list[float]:
    return R[block]["coef"]["values"][name]


def test_coefficients(fit: Regression, compare: Callable[..., None]) -> None:
    compare("ols.b", "r: CASchools", fit.b, column("block4", "Estimate"))


def test_classical_standard_errors(fit: Regression, compare: Callable[..., None]) -> None:
    compare("ols.se", "r: CASchools", fit.se, column("block4", "Std. Error"))


def test_p_values_far_in_the_tail(fit: Regression, compare: Callable[..., None]) -> None:
    compare("ols.p", "r: CASchools", fit.p, column("block4", "Pr(>|t|)"))


def test_confidence_limits(fit: Regression, compare: Callable[..., None]) -> None:
    compare("ols.limits", "r: CASchools", np.column_stack([fit.low, fit.high]), R["block4"]["ci"]["values"])


def test_r_squared(fit: Regression, compare: Callable[..., None]) -> None:
    compare("ols.r2", "r: CASchools", fit.r2, R["block4"]["r2"])


def test_adjusted_r_squared(fit: Regression, compare: Callable[..., None]) -> None:
    compare("ols.r2", "r: CASchools", fit.adj_r2, R["block4"]["adj_r2"])


def test_residual_standard_deviation(fit: Regression, compare: Callable[..., None]) -> None:
    compare("ols.sigma", "r: CASchools", fit.residual_variance**0.5, R["block4"]["sigma"])


def test_standardized_coefficients(fit: Regression, compare: Callable[..., None]) -> None:
    compare("ols.beta", "r: CASchools", fit.beta, list(R["std_beta"].values()))


def test_variance_inflation(fit: Regression, compare: Callable[..., None]) -> None:
    compare("ols.vif", "car: CASchools", fit.vif, list(R["vif"].values()))


def test_gvif_of_one_column_is_its_vif(fit: Regression) -> None:
    assert gvif(fit.correlation, [2]) == pytest.approx(R["vif"]["lunch"], rel=1e-10)


def test_overall_f(fit: Regression, compare: Callable[..., None]) -> None:
    test = fit.wald(PREDICTORS)
    assert not isinstance(test, NotComputed)
    compare("ols.wald", "r: CASchools", (test.f, test.df1, test.df2), R["block4"]["F"], "overall")


def test_last_f_change_is_that_of_nested_anova(fit: Regression, compare: Callable[..., None]) -> None:
    test = fit.wald(PREDICTORS[4:])
    assert not isinstance(test, NotComputed)
    values = R["nested_anova"]["values"]
    compare("ols.wald", "r: CASchools", (test.f, test.p), (values["F"][3], values["Pr(>F)"][3]), "last block")


def test_cluster_robust_standard_errors(clustered: Regression, compare: Callable[..., None]) -> None:
    reference = R["cluster_county"]["b4_CR1"]["values"]["Std. Error"]
    compare("clustered.se", "clubsandwich: CASchools", clustered.se, reference)


def test_cluster_robust_t_has_clusters_less_one_degrees(clustered: Regression) -> None:
    assert (clustered.clusters, clustered.df) == (R["cluster_county"]["n_clusters"], 44)


def test_expenditure_is_not_significant_once_clustered(clustered: Regression) -> None:
    # STATISTICS: by OLS p .0496, clustered with t(44) p .180
    assert clustered.p[PREDICTORS.index("expenditure") + 1] == pytest.approx(0.180, abs=5e-4)


def test_clustering_from_moments_equals_statsmodels_on_rows(
    schools: pd.DataFrame, clustered: Regression, compare: Callable[..., None]
) -> None:
    rows = sm.OLS(schools["score"], sm.add_constant(schools[list(PREDICTORS)]))
    codes = schools["county"].astype("category").cat.codes
    robust = rows.fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
    np.testing.assert_allclose(clustered.covariance, robust.cov_params(), rtol=1e-7, atol=1e-12)
    compare("clustered.se", "statsmodels: CASchools", clustered.se, robust.bse)
    compare("clustered.p", "statsmodels: CASchools", clustered.p, robust.pvalues)


def test_clustered_wald_equals_statsmodels(
    schools: pd.DataFrame, clustered: Regression, compare: Callable[..., None]
) -> None:
    rows = sm.OLS(schools["score"], sm.add_constant(schools[list(PREDICTORS)]))
    codes = schools["county"].astype("category").cat.codes
    robust = rows.fit(cov_type="cluster", cov_kwds={"groups": codes}, use_t=True)
    reference = robust.wald_test("expenditure = 0, income = 0, computer = 0", use_f=True, scalar=True)
    test = clustered.wald(PREDICTORS[4:])
    assert not isinstance(test, NotComputed)
    theirs = [float(reference.statistic), float(reference.pvalue)]
    compare("clustered.wald", "statsmodels: CASchools", [test.f, test.p], theirs)


def test_one_respondent_a_cluster_is_hc1(schools: pd.DataFrame, compare: Callable[..., None]) -> None:
    """Clusters of one row are White's errors, which statsmodels names HC1 (G/(G-1)·(n-1)/(n-k) = n/(n-k))."""
    single = schools.assign(row=np.arange(len(schools)).astype(str))
    result = clustered_ols(GroupedMoments.of(single, ("score", "stratio"), "row"), "score", ("stratio",))
    rows = sm.OLS(schools["score"], sm.add_constant(schools[["stratio"]])).fit(cov_type="HC1")
    assert isinstance(result, Regression)
    compare("clustered.se", "statsmodels: CASchools, HC1", result.se, rows.bse)


def test_moments_of_parts_give_the_same_regression(schools: pd.DataFrame, clustered: Regression) -> None:
    columns = ("score", *PREDICTORS)
    parts = [GroupedMoments.of(schools.iloc[start::3], columns, "county") for start in range(3)]
    result = clustered_ols(parts[0] + parts[1] + parts[2], "score", PREDICTORS)
    assert isinstance(result, Regression)
    np.testing.assert_allclose(result.se, clustered.se, rtol=1e-10)


def test_columns_that_vary_between_clusters_only_are_found() -> None:
    frame = pd.DataFrame(
        {
            "school": ["a"] * 3 + ["b"] * 2 + ["c"],
            "area": [5.25] * 3 + [7.1] * 2 + [4.3],
            "age": [1.0, 2, 3, 4, 5, 6],
        }
    )
    moments = GroupedMoments.of(frame, ("area", "age"), "school")
    assert between_clusters(moments).tolist() == [True, False]


def failure(result: Regression | NotComputed) -> str:
    assert isinstance(result, NotComputed)
    assert result.fault().message("zh")
    assert "{" not in result.fault().message("en")
    return result.code


def test_constant_outcome_is_refused() -> None:
    frame = pd.DataFrame({"y": [3.3] * 8, "x": range(8)})
    assert failure(ols(Moments.of(frame, ("y", "x")), "y", ("x",))) == "regression-constant-outcome"


def test_collinear_predictors_are_refused(schools: pd.DataFrame) -> None:
    frame = schools.assign(double=schools["lunch"] * 2.0 - 1.0)
    result = ols(Moments.of(frame, ("score", "lunch", "double")), "score", ("lunch", "double"))
    assert failure(result) == "regression-collinear"


def test_fewer_rows_than_coefficients_are_refused(schools: pd.DataFrame) -> None:
    moments = Moments.of(schools.head(8), ("score", *PREDICTORS))
    assert failure(ols(moments, "score", PREDICTORS)) == "regression-few-rows"


def test_an_outcome_made_of_its_predictors_is_refused(schools: pd.DataFrame) -> None:
    frame = schools.assign(total=schools["lunch"] + schools["income"])
    result = ols(Moments.of(frame, ("total", "lunch", "income")), "total", ("lunch", "income"))
    assert failure(result) == "regression-perfect-fit"


def test_one_cluster_is_refused(schools: pd.DataFrame) -> None:
    moments = GroupedMoments.of(schools.assign(county="one"), ("score", "lunch"), "county")
    assert failure(clustered_ols(moments, "score", ("lunch",))) == "regression-one-cluster"


def test_as_many_school_predictors_as_schools_are_refused() -> None:
    rng = np.random.default_rng(1)
    school = np.repeat(np.arange(4), 30)
    level = rng.normal(size=(4, 3))[school]
    frame = pd.DataFrame(level, columns=["R1", "R2", "R3"]).assign(
        y=rng.normal(size=120), school=school.astype(str)
    )
    moments = GroupedMoments.of(frame, ("y", "R1", "R2", "R3"), "school")
    assert failure(clustered_ols(moments, "y", ("R1", "R2", "R3"))) == "regression-few-clusters"
    assert isinstance(clustered_ols(moments, "y", ("R1", "R2")), Regression)


def test_block_of_more_coefficients_than_clusters_has_no_joint_test() -> None:
    rng = np.random.default_rng(2)
    names = [f"x{number}" for number in range(6)]
    frame = pd.DataFrame(rng.normal(size=(90, 7)), columns=["y", *names])
    frame["school"] = np.repeat(list("abcde"), 18)
    result = clustered_ols(GroupedMoments.of(frame, ("y", *names), "school"), "y", names)
    assert isinstance(result, Regression)
    test = result.wald(names)
    assert isinstance(test, NotComputed)
    assert test.code == "wald-few-clusters"


def test_records_mutate_nothing(schools: pd.DataFrame) -> None:
    before = schools.copy(deep=True)
    regression_blocks(schools, "score", {"a": ("stratio",)}, cluster="county")
    pd.testing.assert_frame_equal(schools, before)
