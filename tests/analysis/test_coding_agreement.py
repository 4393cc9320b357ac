"""Agreement of coders against psych and the worked examples of Fleiss and Krippendorff."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from manyi_analysis.coding import Agreement, cohen_kappa, fleiss_kappa, krippendorff_alpha
from manyi_analysis.records.notcomputed import NotComputed

FOLDER = Path(__file__).parents[1] / "reference" / "coding"
R = json.loads((FOLDER / "agreement_r.json").read_text(encoding="utf-8"))
CODES = pd.read_csv(FOLDER / "codes.csv", encoding="utf-8").astype("object")
Compare = Callable[..., None]
SIXTY = "sixty codes"
FIRST, SECOND = CODES["first"].to_numpy(), CODES["second"].to_numpy()

# Krippendorff (2011), "Computing Krippendorff's alpha-reliability", example C: four coders, twelve units.
N = np.nan
KRIPPENDORFF = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, N, N, N],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, N, 3],
        [N, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, N],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, N],
    ]
)
# Ten subjects, fourteen raters, five categories; kappa printed as 0.210 (P̄ 0.378, P̄e 0.213).
FLEISS = np.array(
    [[0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1],
     [7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]],
    dtype=float,
)  # fmt: skip


def agreed(result: Agreement | NotComputed) -> Agreement:
    assert isinstance(result, Agreement)
    return result


@pytest.mark.parametrize(
    ("weights", "name"), [("none", "kappa"), ("linear", "linear"), ("quadratic", "quadratic")]
)
def test_kappa_of_psych(weights: str, name: str, compare: Compare) -> None:
    found = agreed(cohen_kappa(FIRST, SECOND, weights))  # type: ignore[arg-type]
    compare("kappa", f"psych: {SIXTY}", found.value, R[name], f"weights {weights}")


def test_error_of_kappa_of_psych(compare: Compare) -> None:
    ours = agreed(cohen_kappa(FIRST, SECOND)).se
    compare("kappa.se", f"psych: {SIXTY}", ours, R["kappa_se"], "weights none")


@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_error_of_weighted_kappa_of_statsmodels(weights: str, compare: Compare) -> None:
    # psych 2.2.9 prints .0447 and .0218 where Fleiss, Cohen & Everitt (1969) give .0454 and .0247.
    from statsmodels.stats.inter_rater import cohens_kappa

    expected = cohens_kappa(pd.crosstab(FIRST, SECOND).to_numpy(), wt=weights).std_kappa
    found = agreed(cohen_kappa(FIRST, SECOND, weights))  # type: ignore[arg-type]
    compare("kappa.se", f"statsmodels: {SIXTY}", found.se, expected, f"weights {weights}")


@pytest.mark.parametrize(("name", "value"), [("value", 0.210), ("observed", 0.378), ("expected", 0.213)])
def test_fleiss_worked_example(name: str, value: float, compare: Compare) -> None:
    ours = getattr(agreed(fleiss_kappa(FLEISS)), name)
    printed = {"tolerance": 5e-4, "because": "three decimals"}
    compare("kappa.fleiss", "fleiss: ten subjects, fourteen raters", ours, value, **printed)


def test_fleiss_of_statsmodels(compare: Compare) -> None:
    from statsmodels.stats.inter_rater import fleiss_kappa as theirs

    ours = agreed(fleiss_kappa(FLEISS)).value
    compare("kappa.fleiss", "statsmodels: ten subjects, fourteen raters", ours, theirs(FLEISS))


def test_fleiss_of_two_coders_is_scotts_pi() -> None:
    # Scott's pi of 3 agreements of 4, both categories used half the time: (0.75 - 0.5) / 0.5.
    counts = np.array([[2.0, 0], [0, 2], [1, 1], [2, 0], [0, 2], [1, 1], [2, 0], [0, 2]])
    assert agreed(fleiss_kappa(counts)).value == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("metric", "printed", "precise"),
    [
        ("nominal", 0.743, 0.743421052631579),
        ("ordinal", 0.815, 0.8153875037548814),
        ("interval", 0.849, 0.8491071428571428),
        ("ratio", 0.797, 0.7974027747116121),
    ],
)
def test_krippendorffs_worked_example(metric: str, printed: float, precise: float, compare: Compare) -> None:
    found = agreed(krippendorff_alpha(KRIPPENDORFF, metric))  # type: ignore[arg-type]
    units = "four coders, twelve units"
    rounded = {"tolerance": 5e-4, "because": "three decimals"}
    compare("krippendorff", "krippendorff", found.value, printed, metric, **rounded)
    compare("krippendorff", f"krippendorff_py: {units}", found.value, precise, metric)


def test_a_unit_coded_once_is_dropped_and_counted() -> None:
    found = agreed(krippendorff_alpha(KRIPPENDORFF))
    assert (found.n, found.missing) == (11, 1)


def test_a_text_one_of_two_did_not_code_is_dropped() -> None:
    first = np.array(["a", "b", None, "a"], dtype=object)
    found = agreed(cohen_kappa(first, np.array(["a", "b", "b", "b"], dtype=object)))
    assert (found.n, found.missing) == (3, 1)


@pytest.mark.parametrize(
    ("result", "code"),
    [
        (cohen_kappa(np.array(["a", "a"]), np.array(["a", "a"])), "agreement-one-category"),
        (cohen_kappa(np.array([None], dtype=object), np.array(["a"], dtype=object)), "agreement-no-texts"),
        (fleiss_kappa(np.zeros((0, 3))), "agreement-no-texts"),
        (fleiss_kappa(np.array([[3.0, 0], [3, 0]])), "agreement-one-category"),
        (krippendorff_alpha(np.array([[1.0, 2], [np.nan, np.nan]])), "agreement-no-texts"),
        (krippendorff_alpha(np.ones((2, 4))), "agreement-one-category"),
    ],
)
def test_what_has_no_agreement_says_why(result: Agreement | NotComputed, code: str) -> None:
    assert isinstance(result, NotComputed)
    assert result.code == code
    assert all("{" not in result.fault().message(language) for language in ("zh", "en"))
