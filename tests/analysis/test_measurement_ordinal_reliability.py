"""Ordinal alpha and omega, and categorical omega, against psych and semTools."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import (
    OrdinalAlpha,
    OrdinalOmega,
    cronbach_alpha,
    ordinal_alpha,
    ordinal_omega,
    polychoric_correlations,
)
from manyi_analysis.measurement.ordinal_reliability import answer_covariances
from manyi_analysis.records import Moments, NotComputed, Tables

HERE = Path(__file__).parents[1] / "reference" / "measurement"
R = json.loads((HERE / "polychoric.json").read_text(encoding="utf-8"))["agree"]
PSYCH = json.loads((HERE / "psych_bfi_polychoric.json").read_text(encoding="utf-8"))
ITEMS = ("A1", "A2", "A3", "A4", "A5")
ALL = pd.read_csv(HERE / "bfi.csv", encoding="utf-8").assign(A1=lambda frame: 7 - frame["A1"])
AGREE = ALL[list(ITEMS)].dropna()
POLYCHORIC = polychoric_correlations(Tables.of(AGREE, ITEMS))


@pytest.fixture(scope="module")
def omega() -> OrdinalOmega:
    result = ordinal_omega(POLYCHORIC)
    assert isinstance(result, OrdinalOmega)
    return result


def test_ordinal_alpha_as_psych(compare):
    result = ordinal_alpha(POLYCHORIC)
    assert isinstance(result, OrdinalAlpha)
    compare("alpha.ordinal", "psych: bfi, listwise on the scale", result.alpha, R["alpha"])


def test_ordinal_alpha_on_the_rows_complete_on_all_25_items_as_psych(compare):
    complete = ALL[ALL.iloc[:, :25].notna().all(axis=1)]
    result = ordinal_alpha(polychoric_correlations(Tables.of(complete, ITEMS)))
    because = "adds .5 to empty cells"
    expected = PSYCH["ordinal_alpha_agree"]
    compare("alpha.ordinal", "psych: bfi", result.alpha, expected, tolerance=1e-4, because=because)


def test_ordinal_omega_as_psych(omega, compare):
    compare("omega.ordinal", "psych: bfi", omega.latent, R["omega"])


def test_loadings_as_lavaan_by_unweighted_least_squares(omega, compare):
    compare("omega.loadings", "lavaan: bfi", omega.loadings, R["loadings"], "polychoric", 1e-6)


def test_categorical_omega_as_semtools(omega, compare):
    compare("omega.categorical", "semtools: bfi", omega.categorical, R["compRelSEM"])


def test_covariance_of_answers_from_thresholds_as_observed():
    # The variances follow from the thresholds alone, and these from the shares: they must agree exactly.
    implied = np.diagonal(answer_covariances(POLYCHORIC.thresholds, POLYCHORIC.correlation))
    assert implied == pytest.approx(AGREE.var(ddof=0).to_numpy(), rel=1e-12)


def test_ordinal_alpha_has_no_interval():
    frame = ordinal_alpha(POLYCHORIC).to_frame()
    assert list(frame) == ["k", "n", "missing", "alpha_ordinal", "mean_r_polychoric"]


def test_ordinal_alpha_is_above_alpha_of_the_answers():
    assert ordinal_alpha(POLYCHORIC).alpha > cronbach_alpha(Moments.of(AGREE, ITEMS)).alpha


def test_omega_of_two_items_is_not_identified():
    result = ordinal_omega(POLYCHORIC.select(["A2", "A3"]))
    assert isinstance(result, NotComputed)
    assert (result.statistic, result.reason) == ("ordinal_omega", "too-few-items: k=2, needed=3")


def test_alpha_of_items_that_cancel_out():
    frame = pd.DataFrame({"a": AGREE["A2"], "b": -AGREE["A2"]})
    result = ordinal_alpha(polychoric_correlations(Tables.of(frame, ["a", "b"])))
    assert isinstance(result, OrdinalAlpha)
    assert result.alpha < -100
