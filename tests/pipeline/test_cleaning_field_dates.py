"""The day of submission is read in the ways platforms write it, and never guessed."""

import numpy as np
import pandas as pd
import pytest

from manyi.cleaning import clean
from manyi.cleaning.submission_days import submission_days
from manyi.study.definition import Study
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.definitions.yaml_source import read_yaml_model


def read(*texts: str | None, zone: str | None = None, day_first: bool | None = None) -> list[str]:
    found = submission_days(pd.Series(list(texts), dtype="string"), zone, day_first)
    return [str(day) for day in found.days]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-04",
        "2026/3/4 13:02:11",  # 问卷星
        "2026年3月4日 下午1:02",
        "2026-03-04T13:02:11.000+08:00",  # Kobo
        "2026-03-04T05:02:11.213Z",  # ODK Central
        "2026-03-04 13:02:11",  # LimeSurvey, Qualtrics
        "2026/03/04 1:02:11 PM GMT+8",  # Google Forms
        "1772600531",
        "1772600531000",
        "20260304",
        "20260304130211",
        "Mar 4, 2026 1:02 PM",
        "04-MAR-2026 13:02:11",  # SPSS
        "March 4 2026",
        "  2026.3.4  ",
    ],
)
def test_one_day_in_many_ways(text: str) -> None:
    assert read(text) == ["2026-03-04"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-04T17:30:00Z", "2026-03-05"),
        ("2026-03-04T17:30:00+00:00", "2026-03-05"),
        ("2026/03/04 17:30:00 +0000", "2026-03-05"),
        ("2026-03-04T23:30:00+08:00", "2026-03-04"),
        ("2026-03-04 17:30:00", "2026-03-04"),
        # 2026-03-04 17:30:00 UTC
        ("1772645400", "2026-03-05"),
    ],
)
def test_times_that_name_a_zone_are_moved_to_the_study(text: str, day: str) -> None:
    assert read(text, zone="Asia/Shanghai") == [day]


def test_without_a_zone_the_day_written_counts() -> None:
    assert read("2026-03-04T17:30:00Z") == ["2026-03-04"]


def test_a_number_above_twelve_shows_the_order_for_all() -> None:
    assert read("3/4/2026 10:00", "3/25/2026 10:00") == ["2026-03-04", "2026-03-25"]
    assert read("4/3/2026 10:00", "25/3/2026 10:00") == ["2026-03-04", "2026-03-25"]


def test_an_order_that_nothing_shows_is_not_guessed() -> None:
    found = submission_days(pd.Series(["3/4/2026", "5/4/2026", "2026-03-04"], dtype="string"))
    assert (np.isnat(found.days).tolist(), found.unread, found.undecided) == ([True, True, False], 2, 2)


def test_dates_that_show_both_orders_leave_the_others_unread() -> None:
    assert read("25/3/2026", "3/25/2026", "3/4/2026") == ["2026-03-25", "2026-03-25", "NaT"]


@pytest.mark.parametrize(("day_first", "day"), [(True, "2026-04-03"), (False, "2026-03-04")])
def test_the_study_can_say_the_order(day_first: bool, day: str) -> None:
    assert read("3/4/2026", day_first=day_first) == [day]


@pytest.mark.parametrize("text", ["yesterday", "2026-13-40", "12:30:00", "2026-02-30", "1/2/26"])
def test_what_is_no_day_is_counted_with_an_example(text: str) -> None:
    found = submission_days(pd.Series(["2026-03-04", text, None, ""], dtype="string"))
    assert (found.given, found.unread, found.example) == (2, 1, text)


FIVE = {"answers": [{"value": value, "label": {"en": str(value)}} for value in range(1, 6)]}
KEY = Questionnaire.model_validate(
    {
        "questionnaire": "q",
        "title": {"en": "q"},
        "languages": ["en"],
        "answer_lists": {"five": FIVE},
        "scales": [{"id": "S", "title": {"en": "S"}}],
        "items": [{"id": "a", "text": {"en": "a"}, "answers": "five", "scale": "S"}],
    }
)


def cleaned(texts: list[str], **dates: object) -> object:
    study = Study.model_validate(
        {
            "study": "s",
            "title": {"en": "s"},
            "roles": {"people": {"title": {"en": "p"}, "questionnaire": "q"}},
            "field_dates": dates,
            "cleaning": {"exclude": ["before_field"]},
        }
    )
    frame = pd.DataFrame({"a": np.ones(len(texts)), "submitted": pd.Series(texts, dtype="string")})
    about = {"file": "f", "row": range(2, len(texts) + 2), "person": pd.NA, "school": pd.NA, "stage": pd.NA}
    return clean(frame.assign(**about, seconds=np.nan), KEY, study, "people", None)


def test_answers_outside_the_field_are_flagged_and_the_limits_belong_to_it() -> None:
    texts = ["2026-03-01 23:59", "2026-03-02 00:00", "2026-03-31 23:59", "2026-04-01 00:00", "soon", ""]
    answers = cleaned(texts, first="2026-03-02", last="2026-03-31").answers
    assert answers["flag_before_field"].tolist() == [True, False, False, False, False, False]
    assert answers["flag_after_field"].tolist() == [False, False, False, True, False, False]
    assert answers["kept"].tolist() == [False, True, True, True, True, True]


def test_without_a_last_day_nothing_is_late() -> None:
    assert "flag_after_field" not in cleaned(["2026-04-01"], first="2026-03-02").answers


def test_answers_without_times_are_told() -> None:
    found = cleaned(["", ""], first="2026-03-02")
    assert [(lack.rule, lack.needs) for lack in found.found.lacks] == [("before_field", "submitted")]


STUDY_YAML = """study: s
title: {{en: s}}
roles:
  people: {{title: {{en: p}}, questionnaire: q.yaml}}
field_dates: {dates}
"""


@pytest.mark.parametrize(
    ("dates", "code"),
    [
        ("{first: '2026-03-02', last: '2026-03-01'}", "field-dates-reversed"),
        ("{first: '2026-03-02', zone: Asia/Peking}", "field-zone-unknown"),
        ("{last: '2026-03-02'}", "missing-key"),
    ],
)
def test_dates_that_cannot_be_are_faults_with_their_line(dates: str, code: str) -> None:
    found = read_yaml_model(STUDY_YAML.format(dates=dates), Study, "study.yaml")
    assert [(fault.code, fault.place.line) for fault in found.faults] == [(code, 5)]


def test_a_date_without_quotation_marks_is_told() -> None:
    found = read_yaml_model(STUDY_YAML.format(dates="{first: 2026-03-02}"), Study, "study.yaml")
    assert [(fault.code, fault.place.line) for fault in found.faults] == [("yaml-date", 5)]


def test_dates_are_read_from_yaml() -> None:
    dates = "{first: '2026-03-02', last: '2026-03-31', zone: Asia/Shanghai, day_first: true}"
    found = read_yaml_model(STUDY_YAML.format(dates=dates), Study, "study.yaml")
    assert found.model is not None
    assert found.model.field_dates is not None
    assert str(found.model.field_dates.last) == "2026-03-31"
