"""Groups too small to be shown are hidden in reliability too, and that is no failure."""

import numpy as np
import pandas as pd
import pytest

from manyi.study.analysis_plan import Analysis
from manyi.topics.topic import Subject
from manyi.topics.topics import topic_tables
from manyi_instruments.definitions.questionnaire import Questionnaire

ITEMS = ["a1", "a2", "a3"]
QUESTIONNAIRE = Questionnaire.model_validate(
    {
        "questionnaire": "q",
        "title": {"en": "q"},
        "languages": ["en"],
        "answer_lists": {
            "five": {"answers": [{"value": value, "label": {"en": str(value)}} for value in range(1, 6)]}
        },
        "scales": [{"id": "A", "title": {"en": "A"}}],
        "items": [{"id": name, "text": {"en": name}, "answers": "five", "scale": "A"} for name in ITEMS],
    }
)


@pytest.fixture(scope="module")
def reliability() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    latent = rng.normal(size=(59, 1))
    answers = np.clip(np.rint(3 + latent + 0.8 * rng.normal(size=(59, 3))), 1, 5)
    frame = pd.DataFrame(answers, columns=ITEMS).assign(town=["big"] * 50 + ["small"] * 9)
    plan = Analysis(groups={"people": ("town",)}, minimum_cell=10)
    return topic_tables([frame], Subject("people", QUESTIONNAIRE, plan))["reliability"].set_index("group")


def test_group_below_the_minimum_shows_no_number(reliability: pd.DataFrame) -> None:
    hidden = reliability.loc[
        "town=small", ["k", "n", "missing", "alpha", "alpha_low", "omega_total", "mean_r"]
    ]
    assert hidden.isna().all()


def test_group_below_the_minimum_says_why(reliability: pd.DataFrame) -> None:
    assert reliability.loc["town=small", "reason"] == "small-cell: minimum=10"


def test_other_groups_are_shown(reliability: pd.DataFrame) -> None:
    assert reliability.loc["town=big", ["k", "n", "reason"]].tolist() == [3, 50, ""]
