"""Dominance analysis against relaimpo and all subsets fitted with lm, on the California schools."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.explanation.importance import Importance, importance
from manyi_analysis.records import Moments, NotComputed

HERE = Path(__file__).parents[1] / "reference" / "explanation"
R = json.loads((HERE / "multilevel.json").read_text(encoding="utf-8"))["dominance"]
Compare = Callable[..., None]
#: R relaimpo::calc.relimp(type = "lmg") of the seven predictors.
LMG = {
    "stratio": 0.0134383272597966,
    "english": 0.154948443605541,
    "lunch": 0.31134360965126,
    "calworks": 0.127610743599583,
    "expenditure": 0.013530112456468,
    "income": 0.183429377254432,
    "computer": 0.00367178996569795,
}


@pytest.fixture(scope="module")
def moments() -> Moments:
    return Moments.of(pd.read_csv(HERE / "caschools.csv", encoding="utf-8"), ("score", *LMG))


@pytest.fixture(scope="module")
def found(moments: Moments) -> Importance:
    result = importance(moments, "score", tuple(LMG))
    assert isinstance(result, Importance)
    return result


def test_shares_equal_lmg(found: Importance, compare: Compare) -> None:
    compare("importance.share", "relaimpo: CASchools", found.share, list(LMG.values()))


def test_shares_add_to_r2(found: Importance, compare: Compare) -> None:
    # R lm: R² of the seven predictors.
    compare("importance.share", "r: CASchools, lm", found.share.sum(), 0.807972403792778, "their sum")


def test_conditional_dominance_equals_all_subsets_by_lm(found: Importance, compare: Compare) -> None:
    compare("importance.conditional", "r: CASchools, lm of all subsets", found.conditional, R["conditional"])


def test_blocks_after_a_control_equal_all_subsets_by_lm(moments: Moments, compare: Compare) -> None:
    blocks = {"poverty": ("lunch", "calworks"), "means": ("stratio", "expenditure", "computer")}
    result = importance(moments, "score", {**blocks, "english": ("english",)}, ("income",))
    assert isinstance(result, Importance)
    source = "r: CASchools, lm of all subsets"
    compare("importance.share", source, result.share, R["blocks"], "blocks after a control")
    assert result.share.sum() == pytest.approx(result.r2 - result.r2_controls, abs=1e-13)
    assert np.isnan(result.beta[:2]).all()


def test_standardized_coefficients_equal_r(found: Importance, compare: Compare) -> None:
    # R lm on scaled columns.
    theirs = [-0.0276228755633309, -0.202866406373893, -0.528134287284878, -0.0551555086322017]
    theirs += [0.05802079581413, 0.234757481964303, 0.00949898881411586]
    compare("importance.beta", "r: CASchools, lm", found.beta, theirs)


def test_what_adds_more_to_every_subset_dominates_completely(found: Importance) -> None:
    lunch = found.terms.index("lunch")
    others = [at for at in range(len(found.terms)) if at != lunch]
    assert (found.dominance[lunch, others] == 1.0).all()
    assert (found.dominance[others, lunch] == 0.0).all()


def test_the_table_ranks_by_share(found: Importance) -> None:
    frame = found.to_frame()
    assert list(frame.sort_values("rank")["term"][:3]) == ["lunch", "income", "english"]
    assert frame["percent"].sum() == pytest.approx(100.0)


def test_too_many_terms_say_why(moments: Moments) -> None:
    result = importance(moments, "score", {f"b{number}": ("lunch",) for number in range(13)})
    assert isinstance(result, NotComputed)
    assert result.code == "importance-terms"


def test_dependent_terms_say_why() -> None:
    frame = pd.DataFrame({"y": [1.0, 2, 4, 3, 5], "a": [1.0, 2, 3, 4, 5], "b": [2.0, 4, 6, 8, 10]})
    result = importance(Moments.of(frame, ("y", "a", "b")), "y", ("a", "b"))
    assert isinstance(result, NotComputed)
    assert result.code == "regression-collinear"
