"""Roles on the items they share: which these are, when means are compared, what is hidden."""

import numpy as np
import pandas as pd
import pytest

from manyi.study.confirmatory_plan import Compare
from manyi.topics.common_items import CommonScale, common_scales
from manyi.topics.one_pass import gather
from manyi.topics.roles import comparison_sets, comparison_tables
from manyi_analysis.level.role_comparison import schools_to_hide
from manyi_analysis.records import GroupedMoments
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.questionnaires import bundled_questionnaires

NAMES = ("s1", "s2", "s3", "s4")


@pytest.fixture(scope="module")
def bundled() -> dict[str, Questionnaire]:
    return {role: load_questionnaire(path) for role, path in bundled_questionnaires().items()}


def shared(
    questionnaires: dict[str, Questionnaire], plan: Compare | None = None
) -> dict[tuple[str, str], set[str]]:
    found = common_scales(questionnaires, plan or Compare())
    return {(one.role, one.scale): set(one.items) for one in found}


def test_bundled_questionnaires_share_the_questions_of_social_recognition(bundled) -> None:
    found = shared({role: bundled[role] for role in ("parents", "teachers", "students")})
    assert found == {("parents+teachers", "SAT"): {"SAT1", "SAT3", "SAT4"}}


def test_items_are_named_in_the_plan_where_wordings_differ(bundled) -> None:
    items = {
        name: {"parents": f"P_SAT{place}", "teachers": f"T_SAT{place}"}
        for place, name in enumerate(("county", "school", "quality"), 1)
    }
    found = shared(bundled, Compare(roles=("parents", "teachers"), items=items))
    assert found == {("parents+teachers", "SAT"): {"county", "school", "quality"}}


def two(scale_questionnaire, **changes) -> dict[str, Questionnaire]:
    first = scale_questionnaire({"S": list(NAMES)})
    second = scale_questionnaire({"S": list(NAMES)}, questionnaire="other")
    for name, change in changes.items():
        next(item for item in second["items"] if item["id"] == name).update(change)
    return {"a": Questionnaire.model_validate(first), "b": Questionnaire.model_validate(second)}


def test_equal_ids_are_one_item(scale_questionnaire) -> None:
    assert shared(two(scale_questionnaire)) == {("a+b", "S"): set(NAMES)}


def test_a_reversed_item_is_another(scale_questionnaire) -> None:
    assert shared(two(scale_questionnaire, s2={"reverse": True})) == {("a+b", "S"): {"s1", "s3", "s4"}}


def test_other_labels_are_other_answers(scale_questionnaire) -> None:
    questionnaires = two(scale_questionnaire)
    lists = questionnaires["b"].model_dump()
    lists["answer_lists"]["points"]["answers"][2]["label"] = {"en": "no view"}
    questionnaires["b"] = Questionnaire.model_validate(lists)
    assert shared(questionnaires) == {}


def test_wordings_agree_but_for_blanks_and_case(scale_questionnaire) -> None:
    questionnaires = two(
        scale_questionnaire,
        s1={"id": "t1", "text": {"en": "wording  of S1 "}},
        s2={"id": "t2", "text": {"en": "something else"}},
    )
    assert shared(questionnaires) == {("a+b", "S"): {"s1", "s3", "s4"}}


# --- the tables ------------------------------------------------------------------------------------------


def role(
    n: int, seed: int, schools: int, shift: float = 0.0, move: dict[str, float] | None = None
) -> pd.DataFrame:
    """Return answers with one factor; ``move`` adds to single items what the factor does not."""
    rng = np.random.default_rng(seed)
    school = np.arange(n) % schools
    factor = rng.standard_normal(n) + shift + 0.3 * np.sin(school)
    frame = pd.DataFrame(
        {
            name: 3 + 0.8 * factor + (move or {}).get(name, 0.0) + 0.6 * rng.standard_normal(n)
            for name in NAMES
        }
    )
    return frame.assign(school=[f"{one:02d}" for one in school])


@pytest.fixture
def tables(scale_questionnaire):
    """Return ``tables(first, second, minimum=10) -> comparison tables``."""
    (common,) = common_scales(two(scale_questionnaire), Compare())

    def make(first: pd.DataFrame, second: pd.DataFrame, minimum: int = 10) -> dict[str, pd.DataFrame]:
        gathered = [
            gather([frame], comparison_sets(common, place)) for place, frame in enumerate((first, second))
        ]
        return comparison_tables(common, (gathered[0], gathered[1]), minimum=minimum)

    return make


def test_a_common_scale_names_both_roles(scale_questionnaire) -> None:
    (common,) = common_scales(two(scale_questionnaire, s1={"reverse": False}), Compare())
    assert isinstance(common, CommonScale)
    assert (common.role, common.columns(1)) == ("a+b", NAMES)


def test_where_measurement_is_the_same_schools_are_compared(tables) -> None:
    found = tables(role(600, 1, 12), role(360, 2, 12, shift=0.4))
    rows = found["role_comparison"]
    assert rows["comparable"].all()
    assert rows["invariance"].eq("scalar").all()
    assert rows["difference"].notna().all()
    assert set(rows["items"]) == {" ".join(NAMES)}


def test_an_item_that_moves_alone_is_left_out_of_the_comparison(tables) -> None:
    found = tables(role(900, 1, 12), role(900, 2, 12, move={"s3": 0.8}))
    assert found["role_comparison"]["invariance"].eq("partial_scalar").all()
    assert set(found["role_comparison"]["items"]) == {"s1 s2 s4"}


def test_where_most_items_move_no_mean_is_shown_and_the_reason_is(tables) -> None:
    found = tables(role(900, 1, 12), role(900, 2, 12, move={"s2": 1.0, "s3": -1.0, "s4": 0.5}))
    rows, agreement = found["role_comparison"], found["role_agreement"].iloc[0]
    assert rows["reason"].tolist() == ["roles-not-invariant: scale=S, level=metric"]
    assert rows[["mean_a", "mean_b", "difference", "p"]].isna().all(axis=None)
    assert np.isnan(agreement["mean"])
    assert -1 <= agreement["r"] <= 1
    assert len(found["latent_means"]) == 0


def test_too_few_answers_leave_invariance_untested_and_means_uncompared(tables) -> None:
    found = tables(role(600, 1, 12), role(8, 2, 4))
    assert found["invariance"]["reason"].str.startswith("invariance-small-groups").all()
    assert found["role_comparison"]["reason"].tolist() == ["roles-not-invariant: scale=S, level=untested"]


def test_a_role_without_answers_is_a_reason(tables) -> None:
    found = tables(role(600, 1, 12), role(600, 2, 12).head(0))
    assert found["role_agreement"]["reason"].str.len().gt(0).all()


def test_small_schools_and_one_more_are_hidden(tables) -> None:
    second = role(360, 2, 12)
    small = second[second["school"] == "03"].iloc[:4]
    second = pd.concat([second[second["school"] != "03"], small])
    rows = tables(role(600, 1, 12), second)["role_comparison"].set_index("school")
    hidden = rows[rows["n_a"].isna()]
    assert len(hidden) == 2
    assert "03" in hidden.index
    assert hidden["reason"].eq("small-cell: minimum=10").all()
    assert hidden[["n_b", "mean_a", "mean_b", "difference"]].isna().all(axis=None)


def sizes(**of_schools: int) -> GroupedMoments:
    rows = [school for school, n in of_schools.items() for _ in range(n)]
    return GroupedMoments.of(
        pd.DataFrame({"x": np.arange(len(rows), dtype=float), "school": rows}), ("x",), "school"
    )


@pytest.mark.parametrize(
    ("first", "second", "more"),
    [
        ({"a": 20, "b": 20, "c": 30}, {"a": 20, "b": 20, "c": 20}, ()),
        # Four, five and the twelve of a school that the other role does not have are enough together.
        ({"a": 20, "b": 20, "c": 30}, {"a": 4, "b": 5, "c": 20, "d": 12}, ()),
        ({"a": 20, "b": 20, "c": 30}, {"a": 4, "b": 20, "c": 25}, ("b",)),
        ({"a": 4, "b": 7, "c": 30}, {"a": 20, "b": 20, "c": 30}, ()),
    ],
)
def test_what_is_hidden_so_that_no_small_school_follows(first, second, more) -> None:
    assert schools_to_hide(sizes(**first), sizes(**second), 10) == more
