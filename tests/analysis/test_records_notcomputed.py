"""A record of what could not be computed has a wording in both languages for every code the package uses."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import manyi_analysis
from manyi_analysis.measurement import cronbach_alpha, efa, kmo, omega_total
from manyi_analysis.records import Moments, NotComputed
from manyi_instruments.faults import wordings

SOURCES = Path(manyi_analysis.__file__).parent / "measurement"
CODES = sorted(
    {
        code
        for source in SOURCES.glob("*.py")
        for code in re.findall(r'NotComputed\(\s*"?\w+"?,\s*"([a-z-]+)"', source.read_text(encoding="utf-8"))
    }
)


def test_the_codes_are_found():
    assert {"one-item-scale", "constant-item", "singular-correlations"} <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_every_code_stands_in_the_catalogue(code):
    assert code in wordings()


def test_reason_names_code_and_details():
    assert NotComputed("kmo", "fewer-rows-than-items", {"k": 7}, 3).reason == "fewer-rows-than-items: k=7"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_fault_tells_what_why_and_remedy(language):
    message = NotComputed("kmo", "constant-item", {"items": ("Q1", "Q2")}, 30).fault().message(language)
    assert "Q1 Q2" in message
    assert "kmo" in message


X = np.random.default_rng(0).normal(size=(60, 3))
UNCOMPUTABLE = {
    "one-item-scale": (cronbach_alpha, X[:, :1]),
    "constant-item": (cronbach_alpha, X * [1, 0, 1]),
    "too-few-rows": (cronbach_alpha, X[:1]),
    "no-total-variance": (cronbach_alpha, np.column_stack([X[:, 0], -X[:, 0]])),
    "too-few-items": (omega_total, X[:, :2]),
    "fewer-rows-than-items": (kmo, X[:3]),
    "singular-correlations": (kmo, X[:, [0, 1, 0]]),
    "no-correlation": (kmo, np.array([[1.0, 1], [1, -1], [-1, 1], [-1, -1]])),
    "no-factors": (lambda moments: efa(moments, 0), X),
    "too-many-factors": (lambda moments: efa(moments, 2), X),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("code", UNCOMPUTABLE)
def test_wording_finds_its_details_in_the_record(code, language):
    statistic, values = UNCOMPUTABLE[code]
    columns = [f"q{position}" for position in range(values.shape[1])]
    result = statistic(Moments.of(pd.DataFrame(values, columns=columns), columns))
    assert isinstance(result, NotComputed)
    assert result.code == code
    message = result.fault().message(language)
    assert result.statistic in message
    assert "{" not in message
