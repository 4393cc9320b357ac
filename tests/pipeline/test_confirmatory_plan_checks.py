"""Names in the plan of confirmatory analyses and of comparing roles that nothing defines are told."""

from typing import Any

import pytest

from manyi.study.checks import plan_faults
from manyi.study.folder import open_study
from manyi_instruments.faults import StudyFaulty

SCALES = {"S": ["s1", "s2", "s3"]}


@pytest.fixture
def told(tmp_path, write_study, scale_questionnaire, likert):
    """Return ``told(analysis) -> [(code, where, name)]``."""

    def tell(analysis: dict[str, Any]) -> list[tuple[str, str, str]]:
        folder = write_study(
            tmp_path / "study",
            {role: scale_questionnaire(SCALES) for role in ("a", "b")},
            {"a": {"a.csv": likert(SCALES["S"], 20, 1)}},
            analysis=analysis,
        )
        faults = plan_faults(open_study(folder))
        return [(fault.code, fault.details["where"], str(fault.details.get("name", ""))) for fault in faults]

    return tell


@pytest.mark.parametrize(
    ("model", "where", "name"),
    [
        ({"scales": ["T"]}, "scales", "T"),
        ({"errors": [["s1", "s9"]]}, "errors", "s9"),
        ({"released": ["S =~ s8"]}, "released", "s8"),
        ({"released": ["s7 ~1"]}, "released", "s7"),
        ({"invariance": ["town"]}, "invariance", "town"),
    ],
)
def test_an_unknown_name_in_a_model(told, model, where, name) -> None:
    found = told({"confirmatory": {"a": model}})
    assert found == [("plan-unknown-variable", f"analysis.confirmatory.a.{where}", name)]


def test_a_model_of_an_unknown_role(told) -> None:
    codes = {code for code, _, _ in told({"confirmatory": {"z": {"scales": ["S"]}}})}
    assert codes == {"plan-unknown-role"}


def test_common_items_are_items_of_their_roles(told) -> None:
    items = {"one": {"a": "s1", "b": "x1"}, "two": {"a": "s2", "z": "s2"}}
    found = told({"compare": {"roles": ["a", "b"], "items": items}})
    assert found == [
        ("plan-unknown-variable", "analysis.compare.items", "x1"),
        ("plan-unknown-role", "analysis.compare.items", ""),
    ]


def test_a_sound_plan_has_no_faults(told) -> None:
    plan = {
        "confirmatory": {
            "a": {"scales": ["S"], "estimator": "wlsmv", "errors": [["s1", "s2"]], "invariance": []}
        },
        "compare": {"items": {"one": {"a": "s1", "b": "s1"}}},
    }
    assert told(plan) == []


@pytest.mark.parametrize("estimator", ["gls", ["ml", "gls"], []])
def test_an_estimator_there_is_not(told, estimator) -> None:
    with pytest.raises(StudyFaulty):
        told({"confirmatory": {"a": {"estimator": estimator}}})
