"""Confirmatory results in the appendix: lavaan's numbers in their places, marks, notes, what is improper."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_outputs.appendix.confirmatory import confirmatory
from manyi_outputs.appendix.discriminant import MARK, discriminant
from manyi_outputs.appendix.invariance import invariance
from manyi_outputs.appendix.roles import roles_compared
from manyi_outputs.appendix.table import Table
from manyi_outputs.context import Context
from manyi_outputs.report.structure import roles_findings, structure

REFERENCE = Path(__file__).parents[1] / "reference" / "measurement" / "confirmatory.json"
LAVAAN = json.loads(REFERENCE.read_text(encoding="utf-8"))
SCALES = ("visual", "textual", "speed")
HEYWOOD = "cfa-negative-error-variance: model=correlated, group=–, items=x7"


@pytest.fixture(params=["zh", "en"])
def context(request: pytest.FixtureRequest) -> Context:
    return Context("Study", request.param, {}, roles={"pupils": "pupils", "parents": "parents"})


def fit_row(model: str, case: str, **more: object) -> dict[str, object]:
    fit = LAVAAN["cases"][case]["fit"]
    names = {"chi2": "chisq", "df": "df", "cfi": "cfi", "tli": "tli", "rmsea": "rmsea", "srmr": "srmr"}
    names |= {"rmsea_low": "rmsea.ci.lower", "rmsea_high": "rmsea.ci.upper", "aic": "aic", "bic": "bic"}
    numbers = {name: fit[key] for name, key in names.items()}
    given = {"role": "pupils", "model": model, "estimator": "ML", "n": 301, "remark": "", "reason": ""}
    return {**given, **numbers, **more}


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    validity = LAVAAN["convergent"]
    convergent = [
        {
            "role": "pupils", "scale": scale, "model": "correlated", "estimator": "ML", "n": 301,
            "missing": 0, "cr": validity["cr"][scale], "ave": validity["ave"][scale],
            "sqrt_ave": validity["ave"][scale] ** 0.5, "remark": "", "reason": "",
        }
        for scale in SCALES
    ]  # fmt: skip
    listed = LAVAAN["cases"]["correlated"]["estimates"]
    rows = list(zip(*(listed[key] for key in ("left", "op", "right", "est", "se", "std")), strict=True))
    loadings = [
        {
            "role": "pupils", "model": "correlated", "estimator": "ML", "factor": left, "item": right,
            "estimate": est, "se": se, "std": std, "z": est / se if se else np.nan,
            "p": 0.0 if se else np.nan, "free": bool(se), "se_robust": np.nan, "reason": "",
        }
        for left, op, right, est, se, std in rows
        if op == "=~"
    ]  # fmt: skip
    correlations = [
        {"role": "pupils", "model": "correlated", "estimator": "ML", "a": left, "b": right, "r": std,
         "fornell_larcker": {left, right} != {"visual", "textual"}}
        for left, op, right, _, _, std in rows
        if op == "~~" and left != right and left in SCALES
    ]  # fmt: skip
    pairs = [("visual", "textual"), ("visual", "speed"), ("textual", "speed")]
    ratios = [
        {"role": "pupils", "scale_a": a, "scale_b": b, "htmt": value, "low": low, "high": high, "reason": ""}
        for (a, b), value, low, high in zip(
            pairs, *(LAVAAN["htmt"]["free"][key][::2] for key in ("est", "low", "high")), strict=True
        )
    ]
    return {
        "cfa_fit": pd.DataFrame([fit_row("correlated", "correlated"), fit_row("single", "single")]),
        "convergent": pd.DataFrame(convergent),
        "cfa_loadings": pd.DataFrame(loadings),
        "latent_correlations": pd.DataFrame(correlations),
        "htmt": pd.DataFrame(ratios),
    }


def of(made: list[Table], key: str) -> Table:
    return next(table for table in made if table.key == key)


def test_fit_of_each_model(tables, context) -> None:
    table = of(confirmatory(tables, context), "cfa_fit")
    body = [row.cells for row in table.rows if row.kind == "body"]
    fit = LAVAAN["cases"]["correlated"]["fit"]
    shown = [cell.value for cell in body[0][2:]]
    expected = [301, fit["chisq"], fit["df"], fit["chisq"] / fit["df"], fit["cfi"], fit["tli"], fit["rmsea"]]
    assert shown[:7] == pytest.approx(expected)


def test_guides_are_cited_as_guides(tables, context) -> None:
    notes = " ".join(of(confirmatory(tables, context), "cfa_fit").notes)
    assert "Hu" in notes
    assert "1999" in notes


def test_loadings_with_reliability_on_the_first_item_of_each_scale(tables, context) -> None:
    table = of(confirmatory(tables, context), "convergent-pupils")
    body = [row.cells for row in table.rows if row.kind == "body"]
    assert len(body) == 9
    given = {place: cells[-2].value for place, cells in enumerate(body) if isinstance(cells[-2].value, float)}
    assert given == {place: LAVAAN["convergent"]["cr"][s] for place, s in zip((0, 3, 6), SCALES, strict=True)}


def test_a_fixed_loading_has_no_error(tables, context) -> None:
    body = [
        row.cells for row in of(confirmatory(tables, context), "convergent-pupils").rows if row.kind == "body"
    ]
    assert [cell.value for cell in body[0][3:6]] == [None, None, None]
    assert None not in [cell.value for cell in body[1][3:6]]


def test_triangle_holds_correlations_roots_and_ratios(tables, context) -> None:
    body = [row.cells for row in of(discriminant(tables, context), "discriminant-pupils").rows]
    assert body[1][2].bold
    assert body[1][2].value == pytest.approx(LAVAAN["convergent"]["ave"]["textual"] ** 0.5)
    assert body[0][2].value == pytest.approx(LAVAAN["htmt"]["free"]["est"][0])
    correlation = tables["latent_correlations"].iloc[0]
    assert body[1][1].value == pytest.approx(correlation["r"])


def test_scales_that_are_not_told_apart_are_marked(tables, context) -> None:
    body = [row.cells for row in of(discriminant(tables, context), "discriminant-pupils").rows]
    assert [
        (row, place) for row, cells in enumerate(body) for place, cell in enumerate(cells) if cell.mark
    ] == [(1, 1)]
    tables["htmt"].loc[1, "htmt"] = 0.9
    body = [row.cells for row in of(discriminant(tables, context), "discriminant-pupils").rows]
    assert body[0][3].mark == MARK


def test_an_improper_solution_is_said_beside_its_numbers(tables, context) -> None:
    tables["cfa_fit"].loc[0, "remark"] = HEYWOOD
    tables["convergent"]["remark"] = HEYWOOD
    made = confirmatory(tables, context)
    fit = of(made, "cfa_fit")
    assert next(row for row in fit.rows if row.kind == "body").cells[0].note == "a"
    assert "x7" in dict(fit.specific)["a"]
    assert any("x7" in note for note in of(made, "convergent-pupils").notes)


def test_a_model_without_a_solution_has_dashes_and_its_reason(tables, context) -> None:
    row = {**fit_row("bifactor", "bifactor"), "reason": "cfa-not-converged: model=bifactor, iterations=130"}
    lost = {name: np.nan for name in ("chi2", "df", "cfi", "tli", "rmsea", "srmr", "aic", "bic")}
    tables["cfa_fit"] = pd.DataFrame([{**row, **lost}])
    table = of(confirmatory(tables, context), "cfa_fit")
    cells = next(row for row in table.rows if row.kind == "body").cells
    assert cells[3].value is None
    assert "130" in dict(table.specific)[cells[3].note]
    finding = structure({"cfa_fit": tables["cfa_fit"]}, context)[0]
    assert (finding.kind, "130" in finding.lead) == ("unknown", True)


def test_the_report_holds_fit_against_the_guides(tables, context) -> None:
    lead = structure(tables, context)[0].lead
    fit = LAVAAN["cases"]["correlated"]["fit"]
    shown = f"{fit['cfi']:.3f}"
    assert (shown if context.language == "zh" else shown.removeprefix("0")) in lead
    assert ("未全部达到" if context.language == "zh" else "falls short") in lead


def step(name: str, **more: object) -> dict[str, object]:
    given = {"role": "pupils", "scale": "all", "by": "school", "step": name, "n": 301, "reason": ""}
    return {**given, "released": "", "left_out": "", "remark": "", "held": True, **more}


def test_steps_with_what_was_released_and_who_was_left_out(context) -> None:
    rows = [
        step("configural", chi2=115.85, left_out="x, y"),
        step("partial scalar", chi2=129.42, delta_cfi=-0.005, released="x3 ~1; x7 ~1"),
    ]
    table = of(invariance({"invariance": pd.DataFrame(rows)}, context), "invariance")
    body = [row.cells for row in table.rows if row.kind == "body"]
    notes = dict(table.specific)
    assert "x3 ~1, x7 ~1" in notes[body[1][0].note]
    assert "x" in notes[body[0][0].note]


def test_roles_whose_means_do_not_compare_show_the_reason(context) -> None:
    row = {
        "role": "parents+pupils", "scale": "S", "role_a": "parents", "role_b": "pupils", "items": "s1 s2 s3",
        "schools": 12, "mean": np.nan, "r": 0.4, "invariance": "metric", "comparable": False,
        "reason": "roles-not-invariant: scale=S, level=metric",
    }  # fmt: skip
    tables = {"role_agreement": pd.DataFrame([row])}
    table = of(roles_compared(tables, context), "role_agreement")
    cells = table.rows[0].cells
    assert cells[5].value is None
    assert cells[5].note in dict(table.specific)
    assert roles_findings(tables, context)[0].kind == "unknown"


def test_hidden_schools_are_counted_and_not_listed(context) -> None:
    opening = {
        "role": "parents+pupils",
        "scale": "S",
        "role_a": "parents",
        "role_b": "pupils",
        "items": "s1 s2",
    }
    shown = {"n_a": 30, "n_b": 20, "mean_a": 3.5, "mean_b": 3.2, "difference": 0.3, "low": 0.1, "high": 0.5}
    rows = [
        {**opening, "school": "01", **shown, "p_adjusted": 0.04, "reason": ""},
        {**opening, "school": "02", "reason": "small-cell: minimum=10"},
        {**opening, "school": "03", "reason": "small-cell: minimum=10"},
    ]
    table = of(
        roles_compared({"role_comparison": pd.DataFrame(rows)}, context), "role_comparison-parents+pupils-S"
    )
    assert [row.cells[0].value for row in table.rows] == ["01"]
    assert any("2" in note for note in table.notes[1:])
