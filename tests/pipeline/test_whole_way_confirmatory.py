"""Confirmatory tables of a whole run are lavaan's: Holzinger and Swineford's pupils as a study."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

REFERENCE = Path(__file__).parents[1] / "reference" / "measurement"
LAVAAN = json.loads((REFERENCE / "confirmatory.json").read_text(encoding="utf-8"))
ROLES = json.loads((REFERENCE / "roles.json").read_text(encoding="utf-8"))
SCALES = {"visual": ["x1", "x2", "x3"], "textual": ["x4", "x5", "x6"], "speed": ["x7", "x8", "x9"]}
CASES = {
    ("correlated", "ML"): "correlated",
    ("correlated", "MLR"): "mlr",
    ("correlated", "MLM"): "mlm",
    ("single", "ML"): "single",
    ("second_order", "ML"): "second_order",
    ("bifactor", "ML"): "bifactor",
}


def questionnaire(scales: dict[str, list[str]], *demographics: dict[str, Any]) -> dict[str, Any]:
    """Return a questionnaire of numbers, whose wording every role shares."""
    return {
        "questionnaire": "tests",
        "title": {"en": "Tests of mental ability"},
        "languages": ["en"],
        "answer_lists": {
            "where": {
                "answers": [{"value": 1, "label": {"en": "Pasteur"}}, {"value": 2, "label": {"en": "Grant"}}],
                "ordered": False,
            }
        },
        "scales": [{"id": scale, "title": {"en": scale}} for scale in scales],
        "demographics": list(demographics),
        "items": [
            {
                "id": item,
                "text": {"en": f"Test {item}"},
                "type": "number",
                "minimum": 0,
                "maximum": 20,
                "integer": False,
                "scale": scale,
            }
            for scale, items in scales.items()
            for item in items
        ],
    }


@pytest.fixture(scope="module")
def study(tmp_path_factory, write_study, run_manyi) -> Path:
    pupils = pd.read_csv(REFERENCE / "holzinger1939.csv", encoding="utf-8")
    pupils["where"] = pupils["school"].map({"Pasteur": 1, "Grant-White": 2})
    items = [item for items in SCALES.values() for item in items]
    known = pupils.dropna(subset=["grade"])
    unit = known["grade"].astype(int).astype(str) + np.where(known["agemo"] < 6, "a", "b")
    visual = known[["x1", "x2", "x3"]].assign(unit=unit)
    where = {"id": "where", "text": {"en": "Which school?"}, "answers": "where"}
    of_unit = {"columns": {"school": "unit"}}
    folder = write_study(
        tmp_path_factory.mktemp("holzinger") / "study",
        {
            "pupils": questionnaire(SCALES, where),
            "pasteur": questionnaire({"visual": SCALES["visual"]}),
            "grant": questionnaire({"visual": SCALES["visual"]}),
        },
        {
            "pupils": {"pupils.csv": pupils[[*items, "where"]]},
            "pasteur": {"a.csv": visual[known["where"] == 1]},
            "grant": {"b.csv": visual[known["where"] == 2]},
        },
        roles={"pasteur": of_unit, "grant": of_unit},
        analysis={
            "groups": {"pupils": ["where"]},
            "confirmatory": {
                "pupils": {
                    "models": ["correlated", "single", "second_order", "bifactor"],
                    "estimator": ["ml", "mlm", "mlr", "fiml"],
                }
            },
            "compare": {"roles": ["pasteur", "grant"]},
        },
    )
    done = run_manyi("run", folder, "--json")
    assert done.stages("failed") + done.stages("left_out") == [], done.out
    return folder


@pytest.fixture(scope="module")
def table(study, read_csv):
    """Return ``table(name, role="pupils") -> frame``."""

    def read(name: str, role: str = "pupils") -> pd.DataFrame:
        frame = read_csv(study, name)
        return frame[frame["role"] == role].reset_index(drop=True)

    return read


@pytest.mark.parametrize("case", CASES, ids="-".join)
@pytest.mark.parametrize(
    ("column", "name"), [("df", "df"), ("srmr", "srmr"), ("aic", "aic"), ("bic", "bic"), ("n", None)]
)
def test_fit_that_estimators_share(table, case, column, name) -> None:
    row = table("cfa_fit").set_index(["model", "estimator"]).loc[case]
    reference = LAVAAN["cases"][CASES[case]]
    expected = reference["n"] if name is None else reference["fit"][name]
    assert row[column] == pytest.approx(expected, rel=1e-7, abs=1e-6)


@pytest.mark.parametrize("case", CASES, ids="-".join)
@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("chi2", "chisq"),
        ("p", "pvalue"),
        ("cfi", "cfi"),
        ("tli", "tli"),
        ("rmsea", "rmsea"),
        ("rmsea_low", "rmsea.ci.lower"),
        ("rmsea_high", "rmsea.ci.upper"),
    ],
)
def test_fit_that_robust_estimators_scale(table, case, column, name) -> None:
    row = table("cfa_fit").set_index(["model", "estimator"]).loc[case]
    scaled = ".scaled" if case[1] != "ML" else ""
    assert row[column] == pytest.approx(LAVAAN["cases"][CASES[case]]["fit"][name + scaled], abs=1e-5)


def test_full_information_of_complete_answers_is_maximum_likelihood(table) -> None:
    fit = table("cfa_fit").set_index(["model", "estimator"])["chi2"]
    expected = LAVAAN["cases"]["means"]["fit"]["chisq"]
    assert fit["correlated", "FIML"] == pytest.approx(expected, abs=1e-6)


def of_loadings(case: str, name: str) -> dict[tuple[str, str], float]:
    listed = LAVAAN["cases"][case]["estimates"]
    rows = zip(*(listed[key] for key in ("left", "op", "right", name)), strict=True)
    return {(left, right): value for left, op, right, value in rows if op == "=~"}


@pytest.mark.parametrize(
    ("column", "case", "name"),
    [
        ("estimate", "correlated", "est"),
        ("se", "correlated", "se"),
        ("std", "correlated", "std"),
        ("se_robust", "mlr", "se"),
    ],
)
def test_loadings(table, column, case, name) -> None:
    rows = table("cfa_loadings").query("model == 'correlated' and estimator == 'ML'")
    found = {(row["factor"], row["item"]): row[column] for row in rows.to_dict("records")}
    assert found == pytest.approx(of_loadings(case, name), abs=1e-5)


@pytest.mark.parametrize("measure", ["cr", "ave", "cr_raw", "ave_raw"])
def test_convergent_validity(table, measure) -> None:
    found = table("convergent").set_index("scale")[measure].to_dict()
    assert found == pytest.approx(LAVAAN["convergent"][measure], abs=1e-6)


def test_factor_correlations(table) -> None:
    listed = LAVAAN["cases"]["correlated"]["estimates"]
    rows = zip(*(listed[key] for key in ("left", "op", "right", "std")), strict=True)
    expected = {
        frozenset((left, right)): value
        for left, op, right, value in rows
        if op == "~~" and left != right and left in SCALES
    }
    found = table("latent_correlations").query("estimator == 'ML'")
    assert {frozenset((row["a"], row["b"])): row["r"] for row in found.to_dict("records")} == pytest.approx(
        expected, abs=1e-5
    )


@pytest.mark.parametrize(
    ("column", "name"), [("htmt", "est"), ("se", "se"), ("low", "low"), ("high", "high")]
)
def test_heterotrait_ratios_without_schools_by_the_delta_method(table, column, name) -> None:
    assert table("htmt")[column].tolist() == pytest.approx(LAVAAN["htmt"]["free"][name][::2], abs=1e-5)


def test_largest_modification_index(table) -> None:
    listed = LAVAAN["modification"]
    place = int(np.argmax(listed["mi"]))
    row = table("modification_indices").iloc[0]
    assert row["parameter"] == f"{listed['left'][place]} {listed['op'][place]} {listed['right'][place]}"
    assert row["mi"] == pytest.approx(listed["mi"][place], abs=1e-4)


def test_models_are_compared_by_their_difference(table) -> None:
    row = table("cfa_comparison").set_index(["estimator", "narrow", "wide"]).loc["ML", "single", "correlated"]
    fits = [LAVAAN["cases"][name]["fit"] for name in ("single", "correlated")]
    assert row["delta_chi2"] == pytest.approx(fits[0]["chisq"] - fits[1]["chisq"], abs=1e-6)
    assert row["delta_df"] == fits[0]["df"] - fits[1]["df"]


def test_three_factors_and_their_second_order_are_one_model(table) -> None:
    rows = table("cfa_comparison").set_index(["estimator", "narrow", "wide"])
    assert rows.loc[("ML", "second_order", "correlated"), "reason"] == "cfa-models-equivalent"


@pytest.mark.parametrize("step", ["configural", "metric", "scalar"])
@pytest.mark.parametrize(
    ("column", "name"), [("chi2", "chisq"), ("df", "df"), ("cfi", "cfi"), ("rmsea", "rmsea"), ("aic", "aic")]
)
def test_invariance_by_group(table, step, column, name) -> None:
    row = table("invariance").set_index("step").loc[step]
    assert row[column] == pytest.approx(LAVAAN["invariance"]["school"][step][name], abs=1e-5)


def test_differences_of_invariance_steps(table) -> None:
    rows = table("invariance").set_index("step").loc[["metric", "scalar"]]
    expected = LAVAAN["invariance"]["school_changes"]
    assert rows["delta_chi2"].tolist() == pytest.approx(expected["chi2"][1:3], abs=1e-5)
    assert rows["p"].tolist() == pytest.approx(expected["p"][1:3], abs=1e-6)


# --- two roles -------------------------------------------------------------------------------------------

BOTH = "pasteur+grant"
STEPS = {"configural": "configural", "metric": "metric", "scalar": "scalar", "partial scalar": "partial"}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("column", "name"), [("chi2", "chisq"), ("df", "df"), ("cfi", "cfi"), ("aic", "aic")]
)
def test_invariance_across_roles(table, step, column, name) -> None:
    row = table("invariance", BOTH).set_index("step").loc[step]
    assert row[column] == pytest.approx(ROLES["visual"]["fit"][STEPS[step]][name], abs=1e-5)


def test_what_differs_between_roles_is_named(table) -> None:
    row = table("invariance", BOTH).set_index("step").loc["partial scalar"]
    assert (row["released"], row["held"]) == ("x3 ~1", True)


def test_latent_mean_of_the_second_role(table) -> None:
    row = table("latent_means", BOTH).set_index("group").loc["grant"]
    assert row["mean"] == pytest.approx(ROLES["visual"]["means"]["partial"]["est"], abs=1e-5)
    assert row["se"] == pytest.approx(ROLES["visual"]["means"]["partial"]["se"], abs=1e-5)


def test_schools_are_compared_on_the_items_that_stayed_equal(table) -> None:
    assert set(table("role_comparison", BOTH)["items"]) == {"x1 x2"}


@pytest.mark.parametrize(("column", "sign"), [("t", -1), ("df", 1), ("p", 1)])
def test_each_school_by_welch(table, column, sign) -> None:
    found = table("role_comparison", BOTH).set_index("school")[column].to_dict()
    # R's first group is the second role here.
    expected = {school: sign * one[column] for school, one in ROLES["schools"].items()}
    assert found == pytest.approx(expected, rel=1e-8)


def test_p_is_adjusted_over_schools(table) -> None:
    found = table("role_comparison", BOTH).set_index("school")["p_adjusted"].to_dict()
    assert found == pytest.approx(ROLES["p_adjusted"], rel=1e-8)


@pytest.mark.parametrize(
    ("column", "name", "sign"), [("mean", "mean_difference", -1), ("sd", "sd", 1), ("r", "r", 1)]
)
def test_agreement_over_schools(table, column, name, sign) -> None:
    row = table("role_agreement", BOTH).iloc[0]
    assert row[column] == pytest.approx(sign * ROLES[name], rel=1e-9)


# --- what a reader gets ----------------------------------------------------------------------------------


def test_the_report_says_what_the_model_came_to(study) -> None:
    page = (study / "results" / "report.html").read_text(encoding="utf-8")
    fit = LAVAAN["cases"]["correlated"]["fit"]
    assert f"CFI = {fit['cfi']:.3f}".replace("0.", ".") in page
    assert "falls short of some usual guides" in page


def test_the_appendix_names_the_guides_as_guides(study) -> None:
    page = (study / "results" / "report.html").read_text(encoding="utf-8")
    assert "They are guides, not rules" in page
    assert "Free in every group: x3 ~1." in page
