"""Two roles school by school: against R on SWMD, and Bland and Altman's own example."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.correlations import Correlation, NoCorrelation
from manyi_analysis.level.role_comparison import Agreement, RoleComparison, agreement, compare_roles
from manyi_analysis.records import GroupedMoments, NotComputed

HERE = Path(__file__).parents[1] / "reference"
R = json.loads((HERE / "differences" / "differences.json").read_text(encoding="utf-8"))["roles"]
#: Peak expiratory flow of 17 subjects by two meters: Bland & Altman (1986), table 1, first readings.
WRIGHT = np.array([494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427.0])
MINI = np.array([512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451.0])


@pytest.fixture(scope="module")
def roles() -> tuple[GroupedMoments, GroupedMoments]:
    frame = pd.read_csv(HERE / "explanation" / "swmd.csv", encoding="utf-8")
    frame["m"] = frame.filter(like="Item").mean(axis=1)
    odd = frame.groupby("classId").cumcount() % 2 == 0
    first, second = (GroupedMoments.of(frame[chosen], ["m"], "classId") for chosen in (odd, ~odd))
    return first, second


@pytest.fixture(scope="module")
def found(roles: tuple[GroupedMoments, GroupedMoments]) -> RoleComparison:
    return compare_roles(*roles, "m", ("odd", "even"), invariance="scalar", minimum=2)


def test_difference_of_every_school(found: RoleComparison, compare: Callable[..., None]) -> None:
    columns = ["mean_a", "mean_b", "low", "high", "p"]
    compare("roles.school", "r: SWMD", found.to_frame()[columns], R["schools"])


def test_agreement_over_schools(found: RoleComparison, compare: Callable[..., None]) -> None:
    known, reference = found.agreement, R["agreement"]
    assert isinstance(known, Agreement)
    ours, because = [known.lower_limit, known.upper_limit], "takes 1.96 for the quantile"
    compare(
        "roles.agreement", "r: SWMD", ours, [reference["low"], reference["high"]], "limits", 1e-4, "", because
    )
    compare(
        "roles.agreement", "r: SWMD", [known.mean, known.sd], [reference["mean"], reference["sd"]], "mean, SD"
    )


def test_mean_difference_over_schools(found: RoleComparison, compare: Callable[..., None]) -> None:
    known, reference = found.agreement, R["test"]
    assert isinstance(known, Agreement)
    compare("roles.mean", "r: SWMD", [known.low, known.high, known.p], [*reference["ci"], reference["p"]])


def test_correlation_of_the_roles_means(found: RoleComparison, compare: Callable[..., None]) -> None:
    assert isinstance(found.correlation, Correlation)
    ours, reference = [found.correlation.r, found.correlation.p], R["correlation"]
    compare("roles.r", "r: SWMD", ours, [reference["estimate"], reference["p"]])


def test_bland_and_altman(compare: Callable[..., None]) -> None:
    """Mean -2.1 l/min, SD 38.8, standard error of a limit 16.3 (Lancet 327, p. 309)."""
    known = agreement(WRIGHT - MINI)
    assert isinstance(known, Agreement)
    ours, because = [known.mean, known.sd, known.limit_se], "one decimal"
    compare("roles.agreement", "bland", ours, [-2.1, 38.8, 16.3], "", 0.05, "", because)


def test_chance_is_told_from_schools_that_differ() -> None:
    known = agreement(np.array([-1.0, 0.0, 1.0]), np.array([0.5, 0.5, 0.5]))
    assert isinstance(known, Agreement)
    assert known.chance_share == pytest.approx(0.25)
    assert known.sd_beyond_chance == pytest.approx(np.sqrt(0.75))


def test_small_schools_are_hidden_and_not_summed_up(roles: tuple[GroupedMoments, GroupedMoments]) -> None:
    result = compare_roles(*roles, "m", ("odd", "even"), "scalar", minimum=11)
    frame = result.to_frame()
    hidden = frame["reason"] == "small-cell: minimum=11"
    assert 0 < hidden.sum() < len(frame)
    assert frame.loc[hidden, ["n_a", "n_b", "mean_a", "mean_b", "difference"]].isna().all(axis=None)
    assert isinstance(result.agreement, Agreement)
    assert result.agreement.schools == (~hidden).sum()


def test_a_school_of_one_role_is_hidden(roles: tuple[GroupedMoments, GroupedMoments]) -> None:
    first, second = roles
    fewer = GroupedMoments.of(pd.DataFrame({"m": [1.0, 2, 3], "s": ["x"] * 3}), ["m"], "s")
    frame = compare_roles(first, second + fewer, "m", ("odd", "even"), minimum=2).to_frame()
    assert frame.set_index("school").loc["x", "reason"] == "small-cell: minimum=2"


@pytest.mark.parametrize(
    ("invariance", "said"),
    [
        ("scalar", ""),
        ("partial_scalar", ""),
        ("metric", "roles-not-invariant"),
        ("untested", "roles-not-invariant"),
    ],
)
def test_invariance_is_said(roles: tuple[GroupedMoments, GroupedMoments], invariance: str, said: str) -> None:
    result = compare_roles(*roles, "m", ("odd", "even"), invariance)  # type: ignore[arg-type]
    assert result.note.split(":")[0] == said
    assert result.to_frame()["note"].unique().tolist() == [result.note]


def test_two_schools_are_too_few_to_sum_up() -> None:
    frame = pd.DataFrame({"m": [1.0, 2, 3, 4], "s": ["a", "a", "b", "b"]})
    record = GroupedMoments.of(frame, ["m"], "s")
    result = compare_roles(record, record, "m", ("x", "y"), minimum=2)
    assert isinstance(result.agreement, NotComputed)
    assert result.agreement.code == "roles-few-schools"
    assert isinstance(result.correlation, NoCorrelation)
    assert result.agreement_frame()["reason"].str.startswith("roles-few-schools").all()
