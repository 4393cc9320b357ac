"""Tables of items, reliability, factors, common method variance and levels, against R and PSPP."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi.study.analysis_plan import Analysis, Factors
from manyi.topics.common_method import CommonMethodTopic
from manyi.topics.factors import FactorsTopic
from manyi.topics.items import ItemsTopic
from manyi.topics.levels import LevelsTopic
from manyi.topics.one_pass import gather
from manyi.topics.ordinal import OrdinalTopic
from manyi.topics.reliability import ReliabilityTopic
from manyi.topics.topic import Subject
from manyi_instruments.definitions.questionnaire import Questionnaire

HERE = Path(__file__).parents[1] / "reference" / "measurement"


def reference(name: str) -> dict[str, Any]:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))


R, POLYCHORIC, PSYCH = reference("reliability"), reference("polychoric"), reference("psych_bfi_efa")
OMEGA, LAVAAN = reference("psych_bfi_omega"), reference("confirmatory")["cases"]
BFI = pd.read_csv(HERE / "bfi.csv", encoding="utf-8")
ITEMS = list(BFI.columns[:25])
FIVE = {letter: [f"{letter}{number}" for number in range(1, 6)] for letter in "ACENO"}
TOPICS = (ReliabilityTopic, OrdinalTopic, ItemsTopic, FactorsTopic, CommonMethodTopic, LevelsTopic)


def questionnaire(
    scales: Mapping[str, list[str]], reverse: tuple[str, ...] = (), high: int = 6, low: int = 1
) -> Questionnaire:
    points = [{"value": value, "label": {"en": str(value)}} for value in range(low, high + 1)]
    return Questionnaire.model_validate(
        {
            "questionnaire": "q",
            "title": {"en": "q"},
            "languages": ["en"],
            "answer_lists": {"points": {"answers": points}},
            "scales": [{"id": scale, "title": {"en": scale}} for scale in scales],
            "items": [
                {
                    "id": name,
                    "text": {"en": name},
                    "answers": "points",
                    "scale": scale,
                    "reverse": name in reverse,
                }
                for scale, items in scales.items()
                for name in items
            ],
        }
    )


def tables(
    frame: pd.DataFrame,
    scales: Mapping[str, list[str]],
    reverse: tuple[str, ...] = (),
    high: int = 6,
    **plan: Any,
) -> dict[str, pd.DataFrame]:
    """Return the tables of all topics of this page; reverse-keyed columns are added."""
    keyed = frame.assign(**{f"{name}_r": high + 1 - frame[name] for name in reverse})
    schooled = "school" in frame
    subject = Subject(
        "people", questionnaire(scales, reverse, high), Analysis(**plan), frozenset(keyed), schooled
    )
    found: dict[str, pd.DataFrame] = {}
    for make in TOPICS:
        topic = make(subject)
        sets = topic.sets()
        found |= topic.tables(gather([keyed], sets) if sets else {})
    return {name: table for name, table in found.items() if len(table)}


@pytest.fixture(scope="module")
def bfi() -> dict[str, pd.DataFrame]:
    """Return the tables of all 25 items, turned round as psych::omega turns them."""
    keys = OMEGA["bfi25_nf5"]["keys"]
    reverse = tuple(name for name, key in zip(ITEMS, keys, strict=True) if key < 0)
    return tables(BFI, FIVE, reverse)


def of(table: pd.DataFrame, **where: str) -> pd.Series:
    """Return the one row that these columns pick out."""
    for name, value in where.items():
        table = table[table[name] == value]
    assert len(table) == 1
    return table.iloc[0]


# --- items -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def neuroticism() -> pd.DataFrame:
    return tables(BFI, {"N": FIVE["N"]})["items"].set_index("item")


@pytest.mark.parametrize("item", FIVE["N"])
@pytest.mark.parametrize(
    ("column", "theirs"),
    [
        ("cr", "cr"),
        ("cr_df", "df"),
        ("cr_pooled", "cr_pooled"),
        ("levene_f", "levene_f"),
        ("mean_low", "mean_low"),
        ("mean_high", "mean_high"),
    ],
)
def test_extreme_groups_as_r(neuroticism: pd.DataFrame, item: str, column: str, theirs: str) -> None:
    assert neuroticism.loc[item, column] == pytest.approx(R["extremes"]["items"][item][theirs], rel=1e-8)


@pytest.mark.parametrize("column", ["n_low", "n_high", "low_cut", "high_cut"])
def test_sizes_and_cuts_of_the_extreme_groups_as_r(neuroticism: pd.DataFrame, column: str) -> None:
    assert set(neuroticism[column]) == {R["extremes"][column.removesuffix("_cut")]}


@pytest.mark.parametrize("end", ["floor", "ceiling"])
def test_floor_and_ceiling_as_r(end: str) -> None:
    # R counted each item on its own rows.
    found = tables(BFI, {"N": FIVE["N"]}, missing="pairwise")["items"].set_index("item")[end]
    expected = [R["ranges"][end][name] for name in FIVE["N"]]
    np.testing.assert_allclose(found[FIVE["N"]], expected, rtol=1e-10)


def test_an_answer_nobody_gave_still_bounds_the_list() -> None:
    never = BFI[FIVE["N"]].replace(6, 5)
    found = tables(never, {"N": FIVE["N"]})["items"]
    assert (found["ceiling"] == 0).all()


def test_floor_effect_from_15_percent(neuroticism: pd.DataFrame) -> None:
    assert (neuroticism["floor_effect"] == (neuroticism["floor"] >= 0.15)).all()
    assert set(neuroticism["floor_effect"]) == {True, False}


# --- reliability -------------------------------------------------------------------------------------------


def test_omega_of_the_whole_takes_its_scales_as_group_factors(bfi: dict[str, pd.DataFrame]) -> None:
    row = of(bfi["omega"], group="all", scale="all")
    assert row["group_factors"] == 5
    assert row["omega_h"] == pytest.approx(OMEGA["bfi25_nf5"]["omega_h"], abs=1e-4)


def test_omega_limit_as_psych(bfi: dict[str, pd.DataFrame]) -> None:
    row = of(bfi["omega"], group="all", scale="all")
    assert row["omega_limit"] == pytest.approx(OMEGA["bfi25_nf5"]["omega_lim"], abs=1e-4)


def test_a_scale_of_ten_items_has_three_group_factors() -> None:
    ten = FIVE["A"] + FIVE["E"]
    # psych's value is of the rows complete on all 25 items.
    found = tables(BFI[ITEMS].dropna(), {"T": ten}, ("A1", "E1", "E2"))["omega"]
    expected = OMEGA["agree_extraversion10_nf3"]
    row = of(found, scale="T")
    assert row["omega_h"] == pytest.approx(expected["omega_h"], abs=1e-4)
    assert row["omega_total_group"] == pytest.approx(expected["omega_tot"], abs=1e-4)


def test_a_scale_of_five_items_says_why_it_has_no_omega_hierarchical(bfi: dict[str, pd.DataFrame]) -> None:
    row = of(bfi["omega"], group="all", scale="A")
    assert (row["omega_h"], row["reason_h"]) == (
        pytest.approx(np.nan, nan_ok=True),
        "few-items-for-group-factors: k=5, needed=9",
    )


def test_two_scales_are_too_few_group_factors() -> None:
    found = tables(BFI, {"A": FIVE["A"], "N": FIVE["N"]}, ("A1",))["omega"]
    assert of(found, scale="all")["reason_h"] == "few-group-factors: factors=2, needed=3"


def test_omega_total_of_a_scale_is_that_of_reliability(bfi: dict[str, pd.DataFrame]) -> None:
    np.testing.assert_array_equal(bfi["omega"]["omega_total"], bfi["reliability"]["omega_total"])


@pytest.fixture(scope="module")
def six() -> dict[str, pd.DataFrame]:
    return tables(BFI, {"S": [*FIVE["N"], "C5"]}, ("C5",))


@pytest.mark.parametrize(
    ("coefficient", "theirs"),
    [
        ("lambda_2", "lambda2"),
        ("lambda_3", "alpha"),
        ("lambda_4", "maxrb"),
        ("split_half_mean", "meanr"),
        ("split_half_worst", "minrb"),
    ],
)
def test_bounds_as_psych(six: dict[str, pd.DataFrame], coefficient: str, theirs: str) -> None:
    found = of(six["guttman"], coefficient=coefficient)["value"]
    assert found == pytest.approx(R["split"]["psych_six"][theirs], abs=1e-10)


def test_splits_are_named_and_have_their_lengths(bfi: dict[str, pd.DataFrame]) -> None:
    halves = bfi["split_half"].query("scale == 'A'").set_index("split")
    assert halves[["k_first", "k_second"]].to_dict("index") == {
        "odd-even": {"k_first": 3, "k_second": 2},
        "first-second": {"k_first": 3, "k_second": 2},
    }


def test_more_than_twenty_items_have_no_lambda_4_and_a_reason(bfi: dict[str, pd.DataFrame]) -> None:
    row = of(bfi["guttman"], scale="all", coefficient="lambda_4")
    assert row["reason"] == "many-splits: k=25, most=20"


def test_ordinal_alpha_as_r() -> None:
    found = of(tables(BFI, {"A": FIVE["A"]}, ("A1",))["ordinal_reliability"], scale="A")
    assert found["alpha_ordinal"] == pytest.approx(POLYCHORIC["agree"]["alpha"], abs=1e-3)


def test_ordinal_omega_as_r() -> None:
    found = of(tables(BFI, {"A": FIVE["A"]}, ("A1",))["ordinal_reliability"], scale="A")
    assert found["omega_ordinal"] == pytest.approx(POLYCHORIC["agree"]["omega"], abs=1e-3)


def test_ordinal_alpha_rests_on_the_rows_of_alpha(bfi: dict[str, pd.DataFrame]) -> None:
    pd.testing.assert_series_equal(
        bfi["ordinal_reliability"]["n"], bfi["reliability"]["n"], check_dtype=False
    )


def test_by_group_the_coefficients_are_those_of_the_group_alone() -> None:
    frame = BFI.assign(sex=BFI["gender"].map({1: "m", 2: "f"}))
    whole = tables(frame, {"A": FIVE["A"]}, ("A1",), groups={"people": ("sex",)})
    alone = tables(frame[frame["sex"] == "m"], {"A": FIVE["A"]}, ("A1",))
    for table, column in (
        ("omega", "omega_total"),
        ("ordinal_reliability", "alpha_ordinal"),
        ("split_half", "spearman_brown"),
    ):
        found = whole[table].query("group == 'sex=m'")[column].to_numpy()
        np.testing.assert_allclose(found, alone[table][column], rtol=1e-9)


def test_a_small_group_is_hidden_in_every_table() -> None:
    frame = BFI.assign(town=["small"] * 9 + ["big"] * (len(BFI) - 9))
    found = tables(frame, {"A": FIVE["A"]}, ("A1",), groups={"people": ("town",)})
    for table in ("reliability", "omega", "split_half", "guttman", "ordinal_reliability"):
        row = of(found[table], group="town=small")
        assert row["reason"] == "small-cell: minimum=10"
        numbers = row.drop(["group", "scale", "reason", "reason_h", "remark"], errors="ignore")
        assert numbers.isna().all(), table


# --- factors -----------------------------------------------------------------------------------------------


def test_kmo_of_every_item_as_psych(bfi: dict[str, pd.DataFrame]) -> None:
    # A measure of squared correlations: turning items round does not change it.
    np.testing.assert_allclose(bfi["kmo_items"]["kmo"], list(PSYCH["KMO"]["MSAi"].values()), atol=1e-10)


def test_average_partials_as_vss(bfi: dict[str, pd.DataFrame]) -> None:
    np.testing.assert_allclose(bfi["map"]["squared"].iloc[1:9], R["map"]["vss"], atol=1e-10)


@pytest.mark.parametrize("power", ["squared", "fourth"])
def test_average_partials_as_oconnor(bfi: dict[str, pd.DataFrame], power: str) -> None:
    theirs = R["map"]["bfi"][power]
    np.testing.assert_allclose(bfi["map"][power].iloc[: len(theirs)], theirs, atol=1e-10)


def test_number_by_map_is_five(bfi: dict[str, pd.DataFrame]) -> None:
    assert bfi["factorability"].loc[0, ["factors_map", "factors_map_revised"]].tolist() == [5, 5]


def test_pairwise_kmo_as_psych() -> None:
    plan = {"people": Factors(missing="pairwise")}
    found = tables(BFI, FIVE, factors=plan)["factorability"].iloc[0]
    assert found["kmo"] == pytest.approx(PSYCH["KMO_pairwise2800"]["MSA"], abs=1e-10)
    assert found["missing_rule"] == "pairwise"


def test_em_takes_the_correlations_of_lavaan() -> None:
    plan = {"people": Factors(missing="em", number=1)}
    found = tables(BFI, {"A": FIVE["A"]}, ("A1",), factors=plan)["factorability"].iloc[0]
    assert found["smallest_eigenvalue"] == pytest.approx(np.linalg.eigvalsh(R["em"])[0], abs=1e-6)
    assert found["missing_rule"] == "em"


def test_em_counts_the_rows_of_the_pair_with_fewest() -> None:
    plan = {"people": Factors(missing="em", number=1)}
    found = tables(BFI, {"A": FIVE["A"]}, ("A1",), factors=plan)["factorability"].iloc[0]
    present = BFI[FIVE["A"]].notna().to_numpy(dtype=int)
    assert found["n"] == (present.T @ present).min()


def test_em_with_too_many_items_says_so() -> None:
    rng = np.random.default_rng(3)
    names = [f"i{number}" for number in range(63)]
    frame = pd.DataFrame(rng.integers(1, 7, (100, 63)).astype(float), columns=names)
    found = tables(frame, {"S": names}, factors={"people": Factors(missing="em")})["factorability"].iloc[0]
    assert found["reason"] == "many-columns: k=63, most=62"


def test_polychoric_eigenvalues_are_those_of_lavaans_correlations() -> None:
    found = tables(BFI, {"A": FIVE["A"]})["eigenvalues"]["component_polychoric"]
    expected = np.linalg.eigvalsh(POLYCHORIC["listwise"]["correlation"])[::-1]
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_the_polychoric_matrix_is_factored_where_the_plan_says_so() -> None:
    plan = {"people": Factors(matrix="polychoric", number=1, rotation="none")}
    found = tables(BFI, {"A": FIVE["A"]}, ("A1",), factors=plan)
    loadings = found["loadings"]["pattern"].abs()
    np.testing.assert_allclose(loadings, np.abs(POLYCHORIC["agree"]["loadings"]), atol=1e-3)
    assert found["factorability"].loc[0, "matrix"] == "polychoric"


def test_a_heywood_case_is_said() -> None:
    # Harman's five socio-economic variables, which factanal puts at the bound with two factors.
    given = reference("measurement")["harman5"]
    frame = pd.DataFrame(given["data"], columns=given["columns"])
    plan = {"people": Factors(number=2, extraction="ml", rotation="none")}
    names = list(frame.columns)
    found = tables(frame, {"S": names}, factors=plan)["factorability"].iloc[0]
    at_bound = [name for name, unique in zip(names, given["uniquenesses"], strict=True) if unique <= 0.0051]
    assert found["remark"] == f"heywood-case: items={' '.join(at_bound)}"


def test_a_pairwise_matrix_that_contradicts_itself_is_a_reason() -> None:
    rng = np.random.default_rng(0)
    base = rng.integers(1, 7, 300).astype(float)
    frame = pd.DataFrame({"a": base, "b": base, "c": 7 - base})
    third = np.arange(300) % 3
    noise = rng.permutation(base)
    # a and b agree, b and c agree, a and c oppose: each on rows of its own.
    frame.loc[third == 0, "c"] = np.nan
    frame.loc[third == 1, "a"] = np.nan
    frame.loc[third == 2, "b"] = np.nan
    frame.loc[third == 1, "c"] = frame.loc[third == 1, "b"]
    frame["d"] = noise
    plan = {"people": Factors(missing="pairwise", number=1)}
    found = tables(frame, {"S": ["a", "b", "c", "d"]}, factors=plan)["factorability"].iloc[0]
    assert found["smallest_eigenvalue"] < 0
    assert found["reason"].startswith("not-positive-definite")
    assert np.isnan(found["kmo"])


# --- common method variance --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def holzinger() -> pd.DataFrame:
    """Return the table of nine tests in three scales; only moments are looked at."""
    frame = pd.read_csv(HERE / "holzinger1939.csv", encoding="utf-8")
    names = [f"x{number}" for number in range(1, 10)]
    scales = {"visual": names[:3], "textual": names[3:6], "speed": names[6:]}
    topic = CommonMethodTopic(Subject("people", questionnaire(scales), Analysis()))
    return topic.tables(gather([frame], topic.sets()))["common_method"].set_index("method")


def test_method_factor_improves_fit_as_in_lavaan(holzinger: pd.DataFrame) -> None:
    chi2 = {name: LAVAAN[name]["fit"]["chisq"] for name in ("correlated", "method_equal")}
    found = holzinger.loc["method_factor", "delta_chi2"]
    assert found == pytest.approx(chi2["correlated"] - chi2["method_equal"], abs=1e-6)


def test_share_of_the_method_factor_as_in_lavaan(holzinger: pd.DataFrame) -> None:
    listed = LAVAAN["method_equal"]["estimates"]
    rows = zip(listed["left"], listed["op"], listed["std"], strict=True)
    squares = [std**2 for left, op, std in rows if left == "method" and op == "=~"]
    assert holzinger.loc["method_factor", "share"] == pytest.approx(np.mean(squares), abs=1e-5)


def test_harmans_component_is_the_first_eigenvalue_of_psych(bfi: dict[str, pd.DataFrame]) -> None:
    row = of(bfi["common_method"], method="harman_component")
    assert row["share"] == pytest.approx(PSYCH["eigen"][0] / 25, abs=1e-10)
    assert row["evidence"] == "weak"


def test_one_scale_has_no_common_method() -> None:
    assert "common_method" not in tables(BFI, {"A": FIVE["A"]})


def test_scales_of_one_item_are_no_scales_of_a_method_factor() -> None:
    found = tables(BFI, {"A": FIVE["A"], "ONE": ["N1"]}, ("A1",))["common_method"]
    assert of(found, method="method_factor")["reason"] == "few-scales: scales=1, needed=2"


# --- levels ------------------------------------------------------------------------------------------------

NESTED = ["A2", "A3", "A5", "E4"]


@pytest.fixture(scope="module")
def nested() -> dict[str, pd.DataFrame]:
    """Return the tables of four items, with forty respondents of an age as a school."""
    rows = BFI[[*NESTED, "age"]].dropna()
    balanced = pd.concat([part.iloc[:40] for _, part in rows.groupby("age") if len(part) >= 40])
    return tables(balanced.rename(columns={"age": "school"}), {"S": NESTED})


def test_icc_of_items_as_multilevel(nested: dict[str, pd.DataFrame]) -> None:
    found = nested["item_icc"].set_index("item").loc[NESTED, "icc_anova"]
    np.testing.assert_allclose(found, R["two_level"]["balanced"]["icc"], atol=1e-8)


def test_alpha_within_is_that_of_lavaans_matrix(nested: dict[str, pd.DataFrame]) -> None:
    sigma = np.array(R["two_level"]["balanced"]["within"])
    k = len(sigma)
    expected = k / (k - 1) * (1 - np.trace(sigma) / sigma.sum())
    assert of(nested["two_level"], level="within")["alpha"] == pytest.approx(expected, abs=1e-5)


def test_between_schools_n_are_the_schools(nested: dict[str, pd.DataFrame]) -> None:
    row = of(nested["two_level"], level="between")
    assert row["n"] == row["schools"] == R["two_level"]["balanced"]["groups"]


def test_answers_without_schools_have_no_levels() -> None:
    assert not {"two_level", "item_icc"} & set(tables(BFI, {"A": FIVE["A"]}))
