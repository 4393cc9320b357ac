"""Linear mixed models from per-school moments against R's lme4, lmerTest and performance on HSB82."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.multilevel import MixedModel, mixed_model, with_products, with_school_means
from manyi_analysis.records import GroupedMoments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "multilevel.json").read_text(encoding="utf-8"))
#: lme4's own default fits of the same models, kept beside this repository.
SHARED = Path(__file__).parents[2] / ".." / "shared" / "reference"
MEAN, WITHIN = "mean(ses)", "within(ses)"
#: Name in R -> columns, slopes, method, correlated.
MODELS: dict[str, tuple[tuple[str, ...], tuple[str, ...], str, bool]] = {
    "null": ((), (), "REML", True),
    "intercept": ((MEAN, WITHIN, "public"), (), "REML", True),
    "intercept_ml": ((MEAN, WITHIN, "public"), (), "ML", True),
    "context": (("ses", MEAN, "public"), (), "REML", True),
    "slope": ((MEAN, WITHIN, "public"), (WITHIN,), "REML", True),
    "slope_ml": ((MEAN, WITHIN, "public"), (WITHIN,), "ML", True),
    "uncorrelated": ((MEAN, WITHIN, "public"), (WITHIN,), "REML", False),
    "raw_slope": (("ses", "public"), ("ses",), "REML", True),
    "two_slopes": ((MEAN, WITHIN, "minority", "public"), (WITHIN, "minority"), "REML", True),
    "crossed": ((MEAN, WITHIN, "public", f"{WITHIN}:{MEAN}", f"{WITHIN}:public"), (WITHIN,), "REML", True),
}
every_model = pytest.mark.parametrize("name", list(MODELS))
Fit = Callable[[str], MixedModel]
Compare = Callable[..., None]
LME4, LMERTEST = "lme4: HSB82", "lmertest: HSB82"


def told(name: str) -> str:
    """Return the name of a model as the page has it."""
    return name.replace("_ml", " by ML").replace("_", " ")


@pytest.fixture(scope="module")
def hsb82() -> GroupedMoments:
    frame = pd.read_csv(HERE / "hsb82.csv", encoding="utf-8")
    moments = GroupedMoments.of(frame, ("mAch", "ses", "public", "minority"), "school")
    crossed = with_products(with_school_means(moments, ("ses",)), [(WITHIN, MEAN), (WITHIN, "public")])
    assert isinstance(crossed, GroupedMoments)
    return crossed


@pytest.fixture(scope="module")
def fit(hsb82: GroupedMoments) -> Fit:
    made: dict[str, MixedModel] = {}

    def fitted(name: str) -> MixedModel:
        if name not in made:
            columns, slopes, method, correlated = MODELS[name]
            result = mixed_model(
                hsb82, "mAch", columns, slopes, method=method, correlated=correlated, name=name
            )
            assert isinstance(result, MixedModel)
            made[name] = result
        return made[name]

    return fitted


# With bobyqa at its tightest lme4 still stops where the likelihood is flat to 1e-10: slopes' variances there
# are right to about 1e-5.
@every_model
def test_fixed_effects_equal_lme4(fit: Fit, name: str, compare: Compare) -> None:
    compare("mixed.b", LME4, fit(name).b, np.atleast_1d(R["models"][name]["estimate"]), told(name))


@every_model
def test_standard_errors_equal_lme4(fit: Fit, name: str, compare: Compare) -> None:
    ours = np.sqrt(np.diag(fit(name).covariance))
    compare("mixed.se", LME4, ours, np.atleast_1d(R["models"][name]["se"]), told(name))


@every_model
def test_degrees_of_freedom_equal_lmertest(fit: Fit, name: str, compare: Compare) -> None:
    # lmerTest takes second derivatives numerically.
    ours, theirs = fit(name).to_frame()["df"], np.atleast_1d(R["models"][name]["df"])
    compare("mixed.df", LMERTEST, ours, theirs, told(name))


@every_model
def test_probabilities_equal_lmertest(fit: Fit, name: str, compare: Compare) -> None:
    ours, theirs = fit(name).to_frame()["p"], np.atleast_1d(R["models"][name]["p"])
    compare("mixed.p", LMERTEST, ours, theirs, told(name))


@every_model
def test_variances_equal_lme4(fit: Fit, name: str, compare: Compare) -> None:
    model = fit(name)
    q = len(model.variances)
    at = [(i, i) for i in range(q)]
    if model.correlated:
        at += [(j, i) for i in range(q) for j in range(i + 1, q)]
    ours = [float(model.variances[pair]) for pair in at] + [model.residual_variance]
    compare("mixed.variance", LME4, ours, R["models"][name]["vcov"], told(name))


@every_model
def test_theta_equals_lme4(fit: Fit, name: str, compare: Compare) -> None:
    model = fit(name)
    theirs = np.atleast_1d(R["models"][name]["theta"])
    order = [0, 1, 3, 2, 4, 5] if len(theirs) == 6 else range(len(theirs))
    compare("mixed.theta", LME4, model.theta, theirs[list(order)])


@every_model
def test_log_likelihood_equals_lme4(fit: Fit, name: str, compare: Compare) -> None:
    compare("mixed.loglik", LME4, fit(name).loglik, R["models"][name]["loglik"])


@every_model
def test_information_criteria_equal_lme4(fit: Fit, name: str, compare: Compare) -> None:
    model, theirs = fit(name), R["models"][name]
    compare("mixed.criteria", LME4, (model.aic, model.bic), (theirs["aic"], theirs["bic"]))


@every_model
def test_nakagawa_r2_equals_johnsons_formula(fit: Fit, name: str, compare: Compare) -> None:
    model, theirs = fit(name), R["models"][name]["johnson"]
    compare("mixed.r2", f"{LME4}, Johnson's formula", (model.r2_marginal, model.r2_conditional), theirs)


@pytest.mark.parametrize("name", sorted({*MODELS} - {"uncorrelated", "two_slopes"}))
def test_nakagawa_r2_equals_performance(fit: Fit, name: str, compare: Compare) -> None:
    # performance 0.10.2 leaves out slopes of (x || g), and all random effects of a singular fit.
    parts = ("r2_marginal", "r2_conditional")
    ours, theirs = [getattr(fit(name), part) for part in parts], [R["models"][name][part] for part in parts]
    compare("mixed.r2", "performance: HSB82", ours, theirs)


@every_model
def test_a_fit_is_singular_where_lme4_says_so(fit: Fit, name: str, compare: Compare) -> None:
    compare("mixed.singular", LME4, fit(name).singular, R["models"][name]["singular"])


@every_model
def test_every_model_converges(fit: Fit, name: str) -> None:
    assert fit(name).converged


def test_a_variance_of_zero_is_singular(compare: Compare) -> None:
    frame = pd.read_csv(HERE / "boundary_singular.csv", encoding="utf-8")
    model = mixed_model(GroupedMoments.of(frame, ("y",), "g"), "y")
    assert isinstance(model, MixedModel)
    theirs = R["models"]["boundary"]
    assert model.variances[0, 0] == 0.0
    compare("mixed.singular", "lme4: variance of zero", model.singular, theirs["singular"])
    compare("mixed.loglik", "lme4: variance of zero", model.loglik, theirs["loglik"])
    compare("mixed.df", "lmertest: variance of zero", model.to_frame()["df"][0], theirs["df"])


def test_a_slope_on_the_boundary_is_singular(compare: Compare) -> None:
    frame = pd.read_csv(HERE / "caschools.csv", encoding="utf-8")
    moments = GroupedMoments.of(frame, ("score", "english", "lunch"), "county")
    model = mixed_model(moments, "score", ("english", "lunch"), ("lunch",))
    assert isinstance(model, MixedModel)
    theirs = R["models"]["singular_slope"]
    source = "lme4: CASchools by county"
    compare("mixed.singular", source, model.singular, theirs["singular"])
    compare("mixed.loglik", source, model.loglik, theirs["loglik"])
    compare("mixed.b", source, model.b, theirs["estimate"], tolerance=1e-5, because="its likelihood is flat")


@pytest.mark.parametrize(
    ("statistic", "part"), [("mixed.b", "estimate"), ("mixed.se", "se"), ("mixed.df", "df"), ("mixed.p", "p")]
)
def test_a_sum_of_coefficients_equals_lmertest(fit: Fit, statistic: str, part: str, compare: Compare) -> None:
    between = fit("context").contrast({"ses": 1.0, MEAN: 1.0}, "between")
    compare(statistic, LMERTEST, getattr(between, part), R["contrast"][part], "sum of coefficients")


def test_the_contextual_effect_is_the_between_less_the_within_slope(fit: Fit) -> None:
    # Raw and centred predictors span the same model (Raudenbush & Bryk, 2002, table 5.11).
    split, raw = fit("intercept"), fit("context")
    at = [split.terms.index(MEAN), split.terms.index(WITHIN)]
    assert raw.b[raw.terms.index(MEAN)] == pytest.approx(split.b[at[0]] - split.b[at[1]], rel=1e-9)


@pytest.mark.parametrize(
    ("file", "part", "outcome", "columns", "group", "method"),
    [
        (
            "lme4_caschools_county",
            "REML",
            "score",
            ("stratio", "english", "lunch", "calworks"),
            "county",
            "REML",
        ),
        ("lme4_caschools_county", "ML", "score", ("stratio", "english", "lunch", "calworks"), "county", "ML"),
        ("lme4_caschools_county", "null", "score", (), "county", "REML"),
        ("mlmrev_hsb82_multilevel", "null", "mAch", (), "school", "REML"),
        ("mlmrev_hsb82_multilevel", "ri", "mAch", ("meanses", "cses", "public"), "school", "REML"),
    ],
)
def test_values_handed_over_with_the_task_are_met(
    file: str, part: str, outcome: str, columns: tuple[str, ...], group: str, method: str
) -> None:
    if not SHARED.is_dir():
        pytest.skip("the folder shared is not beside the checkout")
    data = "caschools.csv" if "caschools" in file else "mlmrev_hsb82.csv"
    frame = pd.read_csv(SHARED / "data" / data, encoding="utf-8")
    if "sector" in frame:
        frame["public"] = (frame["sector"] == "Public").astype(float)
    theirs = json.loads((SHARED / f"{file}.json").read_text(encoding="utf-8"))[part]
    model = mixed_model(GroupedMoments.of(frame, (outcome, *columns), group), outcome, columns, method=method)
    assert isinstance(model, MixedModel)
    np.testing.assert_allclose(model.b, np.atleast_1d(theirs["fixef"]["values"]["Estimate"]), rtol=1e-8)
    variances = [model.variances[0, 0], model.residual_variance]
    np.testing.assert_allclose(variances, theirs["varcomp"]["vcov"], rtol=1e-6)
    assert model.loglik == pytest.approx(theirs["logLik"], abs=1e-8)


def test_our_optimum_is_not_below_lme4s_default(fit: Fit) -> None:
    if not SHARED.is_dir():
        pytest.skip("the folder shared is not beside the checkout")
    text = (SHARED / "mlmrev_hsb82_multilevel.json").read_text(encoding="utf-8")
    assert fit("crossed").loglik >= json.loads(text)["rs_cross"]["logLik"]


def test_the_order_of_rows_and_empty_schools_change_nothing() -> None:
    frame = pd.read_csv(HERE / "hsb82.csv", encoding="utf-8")
    frame.loc[frame["school"] == frame["school"].iloc[0], "ses"] = np.nan
    columns = ("mAch", "ses", "public")
    full = mixed_model(GroupedMoments.of(frame, columns, "school"), "mAch", columns[1:], ("ses",))
    kept = frame.dropna().sample(frac=1.0, random_state=1)
    again = mixed_model(GroupedMoments.of(kept, columns, "school"), "mAch", columns[1:], ("ses",))
    assert isinstance(full, MixedModel)
    assert isinstance(again, MixedModel)
    assert (full.schools, full.missing) == (159, 47)
    np.testing.assert_allclose(full.b, again.b, rtol=1e-10)


def test_columns_on_unlike_scales_cost_no_digits(hsb82: GroupedMoments, fit: Fit) -> None:
    frame = pd.read_csv(HERE / "hsb82.csv", encoding="utf-8")
    frame["ses"] = frame["ses"] * 1e6 + 1e9
    moments = GroupedMoments.of(frame, ("mAch", "ses", "public"), "school")
    model = mixed_model(moments, "mAch", ("ses", "public"), ("ses",))
    assert isinstance(model, MixedModel)
    assert model.b[1] * 1e6 == pytest.approx(fit("raw_slope").b[1], rel=1e-6)


def small(**columns: Any) -> GroupedMoments:
    frame = pd.DataFrame(columns)
    return GroupedMoments.of(frame, [name for name in frame if name != "school"], "school")


RNG = np.random.default_rng(5)
N = 60
SCHOOL = np.repeat(np.arange(10), 6)
Y, X = RNG.normal(size=N), RNG.normal(size=N)
Z = np.repeat(RNG.normal(size=10), 6)


@pytest.mark.parametrize(
    ("moments", "columns", "slopes", "code"),
    [
        (small(y=Y, school=np.zeros(N)), (), (), "icc-few-schools"),
        (small(y=Y, school=np.arange(N)), (), (), "icc-one-a-school"),
        (small(y=np.ones(N), school=SCHOOL), (), (), "regression-constant-outcome"),
        (small(y=Z, school=SCHOOL), (), (), "mixed-nothing-within"),
        (small(y=Y, x=X, w=2 * X, school=SCHOOL), ("x", "w"), (), "regression-collinear"),
        (small(y=Y, x=np.ones(N), school=SCHOOL), ("x",), (), "regression-collinear"),
        (small(y=Y, x=X, school=SCHOOL), (), ("x",), "mixed-slope-not-fixed"),
        (small(y=Y, z=Z, school=SCHOOL), ("z",), ("z",), "mixed-slope-of-school"),
        (small(y=Y, z=Z, school=np.repeat([0, 1], 30) * (Z == Z)), ("z",), (), None),
        (small(y=2 * X + 1, x=X, school=SCHOOL), ("x",), (), "regression-perfect-fit"),
        (small(y=2 * X + Z, x=X, school=SCHOOL), ("x",), (), "mixed-nothing-within"),
        (small(y=Y[:20], x=X[:20], school=np.repeat(np.arange(10), 2)), ("x",), ("x",), "mixed-many-effects"),
        (small(y=np.full(N, np.nan), school=SCHOOL), (), (), "icc-few-schools"),
    ],
)
def test_what_cannot_be_fitted_says_why(
    moments: GroupedMoments, columns: tuple[str, ...], slopes: tuple[str, ...], code: str | None
) -> None:
    result = mixed_model(moments, "y", columns, slopes)
    if code is None:
        assert isinstance(result, MixedModel)
    else:
        assert isinstance(result, NotComputed)
        assert result.code == code
        assert result.fault().what("zh")


def test_school_predictors_as_many_as_schools_say_why() -> None:
    schools = np.repeat([0, 1, 2], 20)
    frame = {"y": Y, "a": (schools == 1) * 1.0, "b": (schools == 2) * 1.0, "school": schools}
    result = mixed_model(small(**frame), "y", ("a", "b"))
    assert isinstance(result, NotComputed)
    assert result.code == "regression-few-clusters"


def test_a_product_with_a_column_of_respondents_says_why() -> None:
    result = with_products(small(y=Y, x=X, school=SCHOOL), [("y", "x")])
    assert isinstance(result, NotComputed)
    assert result.code == "product-not-of-school"


def test_means_and_products_equal_those_of_the_rows() -> None:
    frame = pd.DataFrame({"y": Y + 50, "x": X * 3 + 7, "z": Z, "school": SCHOOL})
    made = with_school_means(GroupedMoments.of(frame, ("y", "x", "z"), "school"), ("x",))
    crossed = with_products(made, [("within(x)", "z"), ("x", "mean(x)")])
    assert isinstance(crossed, GroupedMoments)
    mean = frame.groupby("school")["x"].transform("mean")
    rows = frame.assign(**{"mean(x)": mean, "within(x)": frame["x"] - mean})
    rows["within(x):z"] = rows["within(x)"] * rows["z"]
    rows["x:mean(x)"] = rows["x"] * mean
    plain = GroupedMoments.of(rows, crossed.columns, "school")
    np.testing.assert_allclose(crossed.overall().covariance, plain.overall().covariance, atol=1e-9)
    np.testing.assert_allclose(crossed.mean, plain.mean, atol=1e-10)


def test_tables_have_the_columns_of_the_contract(fit: Fit) -> None:
    terms = ["term", "estimate", "se", "df", "df_method", "p", "low", "high"]
    models = ["n", "schools", "var_school", "var_residual", "icc", "r2_marginal", "r2_conditional"]
    models += ["loglik", "aic", "bic", "singular"]
    assert {"outcome", "model", *terms} <= set(fit("slope").to_frame())
    assert {"model", *models} <= set(fit("slope").model_to_frame())
    assert fit("slope").variances_to_frame()["variance"].iloc[0] == fit("slope").variances[0, 0]
