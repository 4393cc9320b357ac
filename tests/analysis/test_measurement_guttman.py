"""Guttman's bounds and split halves against loops written in R, psych and PSPP."""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.measurement import (
    GuttmanLambdas,
    SplitHalf,
    cronbach_alpha,
    guttman_lambdas,
    odd_even,
    split_half,
)
from manyi_analysis.records import Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "measurement"
R = json.loads((HERE / "reliability.json").read_text(encoding="utf-8"))["split"]
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
KEYED = BFI.assign(**{item: 7 - BFI[item] for item in ("A1", "C4", "C5", "E1", "E2", "O2", "O5")})
SCALES = {
    "five": ["A1", "A2", "A3", "A4", "A5"],
    "six": ["N1", "N2", "N3", "N4", "N5", "C5"],
    "ten": [f"{scale}{number}" for scale in "EA" for number in range(1, 6)],
}
NEUROTICISM = ["N1", "N2", "N3", "N4", "N5"]


def moments(scale: str) -> Moments:
    return Moments.of(KEYED, SCALES[scale])


def lambdas(record: Moments) -> GuttmanLambdas:
    result = guttman_lambdas(record)
    assert isinstance(result, GuttmanLambdas)
    return result


@pytest.mark.parametrize("scale", ["five", "six"])
@pytest.mark.parametrize("coefficient", list(R["loops"]["five"]))
def test_bound_as_defined(scale, coefficient, compare):
    values = lambdas(moments(scale)).to_frame().set_index("coefficient")["value"]
    statistic = "split.all" if coefficient.startswith("split") else "lambdas"
    compare(statistic, "r: bfi", values[coefficient], R["loops"][scale][coefficient])


@pytest.mark.parametrize("scale", ["six", "ten"])
@pytest.mark.parametrize(("ours", "theirs"), [("best", "maxrb"), ("worst", "minrb"), ("mean", "meanr")])
def test_split_halves_as_psych(scale, ours, theirs, compare):
    halves = lambdas(moments(scale)).halves
    compare("split.all", "psych: bfi", getattr(halves, ours), R[f"psych_{scale}"][theirs])


@pytest.mark.parametrize("scale", ["six", "ten"])
@pytest.mark.parametrize(("ours", "theirs"), [("lambda_2", "lambda2"), ("lambda_6", "lambda6")])
def test_bound_as_psych(scale, ours, theirs, compare):
    compare("lambdas", "psych: bfi", getattr(lambdas(moments(scale)), ours), R[f"psych_{scale}"][theirs])


@pytest.mark.parametrize("number", ["1", "2", "3", "5", "6"])
def test_bound_of_standardized_items_as_guttman_of_psych(number, compare):
    frame = KEYED[SCALES["six"]].dropna()
    standardized = (frame - frame.mean()) / frame.std()
    result = lambdas(Moments.of(standardized, list(frame)))
    found = getattr(result, f"lambda_{number}")
    compare("lambdas", "psych: bfi", found, R["guttman_six"][f"lambda.{number}"])


def test_third_bound_is_alpha():
    record = moments("ten")
    assert lambdas(record).lambda_3 == pytest.approx(cronbach_alpha(record).alpha, abs=1e-14)


def test_mean_of_all_halves_of_an_even_number_of_items_is_alpha():
    result = lambdas(moments("ten"))
    assert result.halves.mean == pytest.approx(result.lambda_3, abs=1e-13)


def test_best_half_gives_the_fourth_bound():
    record = moments("five")
    result = lambdas(record)
    assert split_half(record, result.halves.best_half).guttman == pytest.approx(result.lambda_4, abs=1e-14)


def test_number_of_splits():
    assert [lambdas(moments(scale)).halves.splits for scale in ("five", "six", "ten")] == [10, 10, 126]


def test_above_twenty_items_the_fourth_bound_is_left_out_with_a_reason():
    result = lambdas(Moments.of(KEYED, list(KEYED.columns[:21])))
    frame = result.to_frame().set_index("coefficient")
    assert np.isnan(frame.loc["lambda_4", "value"])
    assert frame.loc["split_half_mean", "reason"] == "many-splits: k=21, most=20"


def test_item_twice_leaves_the_sixth_bound_out_with_a_reason():
    frame = KEYED.assign(again=KEYED["N1"])
    result = lambdas(Moments.of(frame, ["N1", "N2", "again"]))
    assert result.lambda_6 is None
    assert result.reasons[0].reason == "singular-correlations: items=N1 again"


def pspp() -> dict[str, dict[str, float]]:
    """Return PSPP's tables of split halves: scale to label to number."""
    found: dict[str, dict[str, float]] = {}
    scale, label, part = "", "", ""
    with (HERE / "split_half.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            if len(row) == 1 and row[0].startswith("Scale: "):
                scale = row[0].removeprefix("Scale: ")
                found[scale] = {}
            if len(row) == 4:
                label, part = row[0] or label, row[1] or part
                found[scale][f"{label} {part} {row[2]}".strip()] = float(row[3])
    return found


PSPP = pspp()
SPLITS = {
    "odd-even": (NEUROTICISM, odd_even(NEUROTICISM)),
    "first-second": (NEUROTICISM, None),
    "six": ([*NEUROTICISM, "O1"], None),
}


def halves(scale: str) -> SplitHalf:
    items, first = SPLITS[scale]
    result = split_half(Moments.of(BFI, items), first)
    assert isinstance(result, SplitHalf)
    return result


@pytest.mark.parametrize("scale", list(SPLITS))
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("r", "Correlation Between Forms"),
        ("spearman_brown", "Spearman-Brown Coefficient Equal Length"),
        ("unequal_length", "Unequal Length"),
        ("guttman", "Guttman Split-Half Coefficient"),
        ("alpha_first", "Cronbach's Alpha Part 1 Value"),
        ("alpha_second", "Cronbach's Alpha Part 2 Value"),
    ],
)
def test_split_half_as_pspp(scale, ours, theirs, compare):
    printed = {
        label: value for label, value in PSPP[scale].items() if label.startswith(theirs) or theirs in label
    }
    compare(f"split.{ours}", "pspp: bfi", getattr(halves(scale), ours), next(iter(printed.values())))


@pytest.mark.parametrize(("scale", "name"), [("odd-even", "odd-even"), ("first-second", "first-second")])
def test_split_is_named(scale, name):
    assert halves(scale).split == name


def test_the_longer_half_comes_first():
    assert halves("first-second").first == ("N1", "N2", "N3")


def test_halves_that_do_not_go_together():
    frame = pd.DataFrame({"a": [1, 2, 3, 4.0], "b": [4, 3, 2, 2.0]})
    result = split_half(Moments.of(frame, ["a", "b"]))
    assert isinstance(result, NotComputed)
    assert result.code == "halves-unrelated"


def test_half_with_an_unknown_item():
    with pytest.raises(ValueError, match="no half"):
        split_half(moments("five"), ["A1", "B1"])


@pytest.mark.parametrize("statistic", [guttman_lambdas, split_half])
@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (KEYED[["A1"]], "one-item-scale"),
        (KEYED[["A1", "A2"]].assign(A2=2.0), "constant-item"),
        (KEYED[["A1", "A2"]].iloc[:1], "too-few-rows"),
    ],
)
def test_reason(statistic, frame, code):
    result = statistic(Moments.of(frame, list(frame)))
    assert isinstance(result, NotComputed)
    assert result.code == code
