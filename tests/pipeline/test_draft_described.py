"""Drafts from files that describe themselves, and from answers whose scales only a factor analysis tells."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from openpyxl import Workbook

from manyi.readers.drafting.draft import Draft, draft_questionnaire
from manyi.readers.drafting.drafted import DraftedList
from manyi.readers.drafting.factor_groups import factor_groups
from manyi.readers.importing import import_answers
from manyi.study.creation import study_from_file
from manyi.study.definition import Role
from manyi_analysis.measurement import Alpha, cronbach_alpha
from manyi_analysis.records import Moments
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.scoring import score

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / ".." / "shared" / "examples"
BFI = ROOT / "tests" / "reference" / "measurement" / "bfi.csv"
ROLE = Role(title={"en": "people"}, questionnaire="people.yaml")
SATISFIED = ("very satisfied", "satisfied", "neutral", "dissatisfied", "very dissatisfied")
TRAITS = ("A", "C", "E", "N", "O")

real = pytest.mark.skipif(not EXAMPLES.is_dir(), reason="no folder shared beside the checkout")


def bfi_items() -> pd.DataFrame:
    frame = pd.read_csv(BFI, encoding="utf-8")
    return frame[[f"{trait}{number}" for trait in TRAITS for number in range(1, 6)]]


def test_numbered_items_are_divided_by_their_factors(tmp_path: Path) -> None:
    """bfi with mere numbers for names: every scale suggested holds items of one trait only."""
    items = bfi_items()
    numbered = items.set_axis([f"Q{number}" for number in range(1, 26)], axis=1).astype("Int64")
    numbered.to_csv(tmp_path / "answers.csv", index=False, encoding="utf-8")
    drafted = draft_questionnaire(tmp_path / "answers.csv")
    traits = [{items.columns[int(name[1:]) - 1][0] for name in scale.items} for scale in drafted.scales]
    assert traits == [{trait} for trait in TRAITS]


def test_factor_scales_say_what_they_rest_on(tmp_path: Path) -> None:
    numbered = bfi_items().set_axis([f"Q{number}" for number in range(1, 26)], axis=1).astype("Int64")
    numbered.to_csv(tmp_path / "answers.csv", index=False, encoding="utf-8")
    assert "suggest-scale-factor" in {
        fault.code for fault in draft_questionnaire(tmp_path / "answers.csv").faults
    }


def test_one_factor_is_one_scale() -> None:
    assert factor_groups(bfi_items()[[f"N{number}" for number in range(1, 6)]].to_numpy()) is None


def test_few_rows_are_not_divided() -> None:
    assert factor_groups(bfi_items().to_numpy()[:90]) is None


def limesurvey() -> Draft:
    folder = EXAMPLES / "limesurvey_rse2017" / "us"
    return draft_questionnaire(folder / "public_data.csv", structures=[folder / "structure_import.txt"])


@real
def test_scales_of_a_limesurvey_are_those_its_codes_name() -> None:
    """The survey's own codes: perfCheck1-7, turnOver1-4, affSat1-4, progRSE1-5, percEmp1-4, affRec1-5."""
    found = {scale.id: len(scale.items) for scale in limesurvey().scales}
    assert {name.rpartition("_")[2]: k for name, k in found.items() if "_" in name} == {
        "perfCheck": 7,
        "turnOver": 4,
        "affSat": 4,
        "progRSE": 5,
        "percEmp": 4,
        "affRec": 5,
    }


@real
def test_a_limesurvey_draft_has_answers_nobody_chose() -> None:
    answers = next(item.answers for item in limesurvey().items if item.id == "socio1")
    assert answers is not None
    assert "Afghanistan" in {answer.label for answer in answers.answers}


@real
def test_a_limesurvey_draft_takes_the_structure_beside_it(tmp_path: Path) -> None:
    written, _ = study_from_file(
        tmp_path / "study", EXAMPLES / "limesurvey_rse2017" / "us" / "public_data.csv", "rse"
    )
    assert (tmp_path / "study" / "data" / "structures" / "structure_import.txt") in written


@real
def test_the_same_limesurvey_imports_with_its_draft() -> None:
    folder = EXAMPLES / "limesurvey_rse2017" / "us"
    found = import_answers(
        [folder / "public_data.csv"],
        load_questionnaire(limesurvey().yaml),
        ROLE,
        "rse",
        structures=[folder / "structure_import.txt"],
    )
    assert found.cells["cells_rejected"].tolist() == [0]


@real
def test_alpha_of_the_hotel_file_is_that_of_the_pspp_manual() -> None:
    """The tutorial of the PSPP manual: alpha of v1, v3 and v4 is .81 once v3 is reversed."""
    path = EXAMPLES / "sav_features" / "pspp_hotel.sav"
    drafted = load_questionnaire(draft_questionnaire(path).yaml)
    found = import_answers([path], drafted, ROLE, "guests")
    scored = score(found.answers, drafted)
    scored["v3_r"] = 6 - scored["v3"]
    alpha = cronbach_alpha(Moments.of(scored, ["v1", "v3_r", "v4"]))
    assert isinstance(alpha, Alpha)
    assert round(alpha.alpha, 2) == 0.81


def labelled_sav(path: Path) -> None:
    random = np.random.default_rng(4)
    latent = random.normal(size=200)
    columns = {
        f"sat{number}": np.clip(np.round(3 - latent + random.normal(scale=0.8, size=200)), 1, 5)
        for number in range(1, 5)
    }
    columns["sat1"][:5] = 8
    columns["sat2"][:3] = 9
    columns["province"] = random.integers(1, 4, 200).astype(float)
    labels = {
        1.0: "very satisfied",
        2.0: "satisfied",
        3.0: "neutral",
        4.0: "dissatisfied",
        5.0: "very dissatisfied",
    }
    missing = {8.0: "don't know", 9.0: "refused"}
    pyreadstat.write_sav(
        pd.DataFrame(columns),
        str(path),
        column_labels={name: f"How satisfied are you with {name}?" for name in columns},
        variable_value_labels={
            **{f"sat{number}": {**labels, **missing} for number in range(1, 5)},
            "province": {1.0: "Anhui", 2.0: "Gansu", 3.0: "Hebei"},
        },
        missing_ranges={f"sat{number}": [8, 9] for number in range(1, 5)},
        variable_measure={"province": "nominal", **{f"sat{number}": "ordinal" for number in range(1, 5)}},
    )


def answers_of(path: Path, item_id: str) -> DraftedList:
    answers = next(item.answers for item in draft_questionnaire(path).items if item.id == item_id)
    assert answers is not None
    return answers


def test_labels_of_a_sav_become_the_answer_list(tmp_path: Path) -> None:
    labelled_sav(tmp_path / "a.sav")
    found = {answer.value: answer.label for answer in answers_of(tmp_path / "a.sav", "sat1").answers}
    assert found == dict(enumerate(SATISFIED, start=1))


def test_user_missing_codes_are_no_answers(tmp_path: Path) -> None:
    labelled_sav(tmp_path / "a.sav")
    assert max(answer.value for answer in answers_of(tmp_path / "a.sav", "sat1").answers) == 5


def test_codes_that_fall_are_told(tmp_path: Path) -> None:
    labelled_sav(tmp_path / "a.sav")
    assert "suggest-codes-falling" in {fault.code for fault in draft_questionnaire(tmp_path / "a.sav").faults}


def test_names_are_unordered_as_the_file_says(tmp_path: Path) -> None:
    labelled_sav(tmp_path / "a.sav")
    assert not answers_of(tmp_path / "a.sav", "province").ordered


def test_a_labelled_sav_imports_with_its_draft(tmp_path: Path) -> None:
    labelled_sav(tmp_path / "a.sav")
    drafted = load_questionnaire(draft_questionnaire(tmp_path / "a.sav").yaml)
    found = import_answers([tmp_path / "a.sav"], drafted, ROLE, "a")
    row = found.cells.iloc[0]
    assert (row["cells_rejected"], row["cells_dont_know"], row["cells_refused"]) == (0, 5, 3)


def bilingual(folder: Path) -> Path:
    book = Workbook()
    survey = book.active
    survey.title = "survey"
    survey.append(["type", "name", "label::中文 (zh)", "label::English (en)"])
    survey.append(["select_one agree", "like", "我喜欢学校", "I like school"])
    survey.append(["select_one agree", "miss", "我想念学校", "I miss school"])
    choices = book.create_sheet("choices")
    choices.append(["list_name", "name", "label::中文 (zh)", "label::English (en)"])
    for name, zh, en in (("n", "不同意", "disagree"), ("u", "一般", "neutral"), ("y", "同意", "agree")):
        choices.append(["agree", name, zh, en])
    book.create_sheet("settings").append(["form_title"])
    book.save(folder / "form.xlsx")
    cells = ["n", "u", "y", "y"] * 10
    frame = pd.DataFrame({"like": cells, "miss": cells[::-1]})
    for column in (
        "_id",
        "_uuid",
        "_submission_time",
        "_validation_status",
        "_notes",
        "_status",
        "_tags",
        "_index",
    ):
        frame[column] = [f"{column}{row}" for row in range(40)]
    frame.to_csv(folder / "kobo.csv", sep=";", index=False, encoding="utf-8-sig")
    return folder / "kobo.csv"


def test_a_form_in_two_languages_is_drafted_in_both(tmp_path: Path) -> None:
    drafted = draft_questionnaire(bilingual(tmp_path), structures=[tmp_path / "form.xlsx"])
    loaded = load_questionnaire(drafted.yaml)
    assert loaded.languages == ("zh", "en")
    assert loaded.item("like").text == {"zh": "我喜欢学校", "en": "I like school"}


def test_names_of_choices_are_numbered_from_low_to_high(tmp_path: Path) -> None:
    loaded = load_questionnaire(
        draft_questionnaire(bilingual(tmp_path), structures=[tmp_path / "form.xlsx"]).yaml
    )
    answers = loaded.answer_list(loaded.item("like"))
    assert answers is not None
    assert [(answer.value, answer.label["en"]) for answer in answers.answers] == [
        (1, "disagree"),
        (2, "neutral"),
        (3, "agree"),
    ]
