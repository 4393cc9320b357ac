"""A study that has nothing of the default one: other roles, answer lists, languages, schools, no standard."""

import re
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyreadstat
import pytest
import yaml

CHINESE = re.compile("[\u4e00-\u9fff]")
ROLES = ("caregivers", "pupils", "teachers", "principals")
#: Rows of the largest model with the errors planned first.
CAREGIVERS = "role == 'caregivers' and model == 3 and se_type == 'CR1'"
NOT_APPLICABLE = {"school_indicators", "county_cv"}


def words(en: str) -> dict[str, str]:
    """Return a wording in English and Swahili; the second is what no part of the program knows."""
    return {"en": en, "sw": f"{en} (kwa Kiswahili)"}


def answer_list(*labels: str, first: int = 1) -> dict[str, object]:
    answers = [{"value": value, "label": words(label)} for value, label in enumerate(labels, first)]
    return {"answers": answers}


def choices(ids: list[str], answers: str, scale: str, **more: object) -> list[dict[str, object]]:
    return [
        {"id": item, "text": words(f"Statement {item}"), "answers": answers, "scale": scale, **more}
        for item in ids
    ]


YES_NO = answer_list("No", "Yes", first=0)
FOUR = answer_list("Never", "Seldom", "Often", "Always")
SEVEN = answer_list(*(f"Agree {degree} of 7" for degree in range(1, 8)))
STANDALONE = {"standalone": True}
CLUBS = {**answer_list("Chess", "Choir", "Garden"), "ordered": False}
QUESTIONNAIRES = {
    "caregivers": {
        "missing": {"dont_know": {"code": -8, "label": words("Cannot say")}},
        "answer_lists": {"yes_no": YES_NO, "four": FOUR},
        "scales": [
            {"id": "HELP", "title": words("Help"), "score": "sum"},
            {"id": "TRUST", "title": words("Trust")},
        ],
        "demographics": [
            {"id": "kids", "text": words("Children"), "type": "number", "minimum": 1, "maximum": 12},
            {"id": "band", "text": words("Grade"), "type": "number", "minimum": 1, "maximum": 8},
        ],
        "items": [
            *choices([f"h{n}" for n in range(1, 6)], "yes_no", "HELP"),
            *choices([f"t{n}" for n in range(1, 5)], "four", "TRUST", dont_know=True),
        ],
    },
    "pupils": {
        "answer_lists": {"seven": SEVEN, "clubs": CLUBS},
        "scales": [{"id": "BELONG", "title": words("Belonging")}],
        "items": [
            *choices([f"b{n}" for n in range(1, 6)], "seven", "BELONG"),
            *choices(["b6"], "seven", "BELONG", reverse=True),
            {
                "id": "clubs",
                "text": words("Clubs"),
                "type": "multiple",
                "answers": "clubs",
                "standalone": True,
            },
            {"id": "wish", "text": words("A wish"), "type": "text", **STANDALONE},
        ],
    },
    "teachers": {
        "answer_lists": {"four": FOUR},
        "scales": [{"id": "LOAD", "title": words("Workload")}],
        "items": [
            {
                "id": f"w{n}",
                "text": words(f"Hours of task {n}"),
                "type": "number",
                "minimum": 0,
                "maximum": 40,
                "integer": False,
                "scale": "LOAD",
            }
            for n in range(1, 5)
        ],
    },
    "principals": {
        "answer_lists": {"yes_no": YES_NO},
        "scales": [],
        "items": [
            {"id": "roof", "text": words("The roof leaks"), "answers": "yes_no", **STANDALONE},
            {"id": "need", "text": words("Most needed"), "type": "text", **STANDALONE},
        ],
    },
}

#: Two of the roles have no list of five scale items: straight-lining cannot be looked for, and is told.
SHORT_LISTS = ["rule-not-computed", "rule-not-computed"]


@pytest.fixture(scope="module")
def run(tmp_path_factory, write_study, likert, run_manyi):
    """Return the study and how its run ended; the answers come in four different shapes."""
    rng = np.random.default_rng(77)
    campuses = [f"N-{number}" for number in range(1, 13)]
    roster = pd.DataFrame(
        {
            "campus": campuses,
            "called": [f"Campus {number}" for number in range(1, 13)],
            "garden_m2": rng.integers(50, 900, 12),
            "boreholes": rng.integers(0, 4, 12),
        }
    )
    labels = ["Never", "Seldom", "Often", "Always"]
    help_items = likert([f"h{n}" for n in range(1, 6)], 240, 1, high=1, low=0)
    trust = likert([f"t{n}" for n in range(1, 5)], 240, 2, high=4).map(lambda value: labels[value - 1])
    caregivers = pd.concat([help_items.replace({0: "No", 1: "Yes"}), trust], axis=1)
    caregivers.insert(0, "where", rng.choice(campuses, 240))
    caregivers["kids"] = rng.integers(1, 6, 240)
    caregivers["band"] = rng.integers(1, 9, 240)
    pupils = likert([f"b{n}" for n in range(1, 7)], 300, 3, high=7)
    pupils["b6"] = 8 - pupils["b6"]
    pupils["clubs"] = rng.choice(["Chess", "Choir┋Garden", "Garden", ""], 300)
    pupils["wish"] = rng.choice(["a pitch", "more books", ""], 300)
    pupils.insert(0, "where", rng.choice(campuses, 300))
    hours = likert([f"w{n}" for n in range(1, 5)], 80, 4, high=9) + rng.uniform(0, 0.9, (80, 4)).round(2)
    principals = pd.DataFrame({"roof": rng.integers(0, 2, 12), "need": [f"need {n}" for n in range(12)]})
    columns = {"columns": {"school": "where"}}
    folder = write_study(
        tmp_path_factory.mktemp("other") / "a study",
        {
            role: {"questionnaire": role, "title": words(role), "languages": ["en", "sw"], **definition}
            for role, definition in QUESTIONNAIRES.items()
        },
        {
            "caregivers": {"caregivers.csv": caregivers},
            "pupils": {"pupils.csv": pupils},
            "teachers": {"teachers.csv": hours},
            "principals": {"principals.csv": principals},
        },
        roster=roster,
        roles={"caregivers": {**columns, "issued": 300}, "pupils": columns},
        title=words("A study of campuses"),
        schools={"table": "data/schools.csv", "code": "campus", "name": "called"},
        cleaning={"rules": {"straight_lining": {"minimum_items": 5}}, "exclude": []},
        analysis={
            "groups": {"caregivers": ["kids"]},
            "factors": {"pupils": {"number": 1}, "caregivers": {"number": 2}, "teachers": {"number": 1}},
            "satisfaction": {"pupils": ["BELONG", "b1"], "caregivers": ["TRUST"]},
            "minimum_cell": 5,
            "regression": [
                {
                    "role": "caregivers",
                    "outcome": "TRUST",
                    "blocks": {"family": ["kids"], "campus": ["garden_m2", "boreholes"], "help": ["HELP"]},
                },
                {
                    "role": "pupils",
                    "outcome": "BELONG",
                    "blocks": {"campus": ["boreholes"], "clubs": ["clubs__2"]},
                },
            ],
        },
    )
    return folder, run_manyi("run", folder, "--json")


def contract() -> dict[str, list[str]]:
    """Return the tables of the whole way and their columns, as the issue names them."""
    text = (Path(__file__).parents[1] / "reference" / "tables_whole_way.txt").read_text(encoding="utf-8")
    lines = [line.split(": ") for line in text.splitlines() if line and not line.startswith("#")]
    return {name: columns.split(",") for name, columns in lines}


def test_it_runs_without_a_fault(run) -> None:
    assert (run[1].code, run[1].codes) == (0, SHORT_LISTS)


@pytest.mark.parametrize("name", sorted(set(contract()) - NOT_APPLICABLE))
def test_every_table_that_applies_is_there_with_its_columns(run, read_csv, name: str) -> None:
    frame = read_csv(run[0], name)
    assert len(frame) > 0
    assert [column for column in contract()[name] if column not in frame] == []


def test_no_table_of_a_standard_is_made_without_one(run) -> None:
    made = {path.stem for path in (run[0] / "results" / "tables").glob("*.csv")}
    assert made & {*NOT_APPLICABLE, "school_verdicts"} == set()


def test_roles_are_those_of_the_study(run, read_csv) -> None:
    assert read_csv(run[0], "ledger")["role"].unique().tolist() == list(ROLES)


def test_a_scale_of_yes_and_no_has_its_alpha(run, read_csv) -> None:
    row = read_csv(run[0], "reliability").query("role == 'caregivers' and scale == 'HELP' and group == 'all'")
    assert row[["k", "n"]].to_numpy().tolist() == [[5, 240]]
    # Loadings of .7 on a normal factor cut in two: phi about .33, so that five items have an alpha about .7.
    assert 0.55 < row["alpha"].iloc[0] < 0.85


def test_a_sum_is_a_sum(run) -> None:
    answers = pd.read_parquet(run[0] / "results" / "clean" / "caregivers")
    assert (answers["HELP"] == answers[[f"h{n}" for n in range(1, 6)]].sum(axis=1)).all()


def test_a_seven_point_item_is_reversed_on_its_own_range(run) -> None:
    answers = pd.read_parquet(run[0] / "results" / "clean" / "pupils")
    assert (answers["b6_r"] == 8 - answers["b6"]).all()


def test_numbers_that_are_no_integers_make_a_scale(run, read_csv) -> None:
    raw = pd.read_csv(run[0] / "data/responses/teachers/teachers.csv", encoding="utf-8-sig")
    k, total = raw.shape[1], raw.sum(axis=1).var()
    alpha = k / (k - 1) * (1 - raw.var().sum() / total)
    row = read_csv(run[0], "reliability").query("role == 'teachers' and scale == 'LOAD'").iloc[0]
    assert row["alpha"] == pytest.approx(alpha, abs=1e-12)


def test_a_multiple_choice_is_counted_by_answer(run, read_csv) -> None:
    raw = pd.read_csv(run[0] / "data/responses/pupils/pupils.csv", encoding="utf-8-sig")["clubs"]
    shares = read_csv(run[0], "answers").query("item == 'clubs'")
    assert dict(zip(shares["answer"], shares["n"], strict=True)) == {
        value: int(raw.str.contains(club, na=False).sum())
        for value, club in enumerate(("Chess", "Choir", "Garden"), 1)
    }


def test_an_open_answer_is_kept_word_by_word(run) -> None:
    raw = pd.read_csv(run[0] / "data/responses/pupils/pupils.csv", encoding="utf-8-sig")["wish"]
    answers = pd.read_parquet(run[0] / "results" / "clean" / "pupils")["wish"]
    assert answers.dropna().tolist() == raw.dropna().tolist()


def test_columns_of_the_campuses_explain(run, read_csv) -> None:
    terms = read_csv(run[0], "regression").query(CAREGIVERS).set_index("term")
    assert terms.loc[["kids", "garden_m2", "boreholes", "HELP"], "b"].notna().all()
    assert terms.loc["boreholes", "df"] == 11, "t with one degree less than there are campuses"


def test_the_regression_agrees_with_statsmodels_on_the_rows(run, read_csv) -> None:
    import statsmodels.api as sm

    answers = pd.read_parquet(run[0] / "results" / "clean" / "caregivers")
    roster = pd.read_csv(run[0] / "data/schools.csv", encoding="utf-8-sig")
    rows = answers.merge(roster, left_on="school", right_on="campus").dropna(subset=["TRUST"])
    names = ["kids", "garden_m2", "boreholes", "HELP"]
    fitted = sm.OLS(rows["TRUST"], sm.add_constant(rows[names].astype(float))).fit(
        cov_type="cluster", cov_kwds={"groups": rows["school"].astype("category").cat.codes}
    )
    found = read_csv(run[0], "regression").query(CAREGIVERS).set_index("term")
    np.testing.assert_allclose(found.loc[names, "b"], fitted.params[names], rtol=1e-9)
    np.testing.assert_allclose(found.loc[names, "se"], fitted.bse[names], rtol=1e-9)


def test_appendix_and_report_need_no_chinese(run) -> None:
    book = openpyxl.load_workbook(run[0] / "results" / "appendix.xlsx")
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    page = (run[0] / "results" / "report.html").read_text(encoding="utf-8")
    text = re.sub(r"<style.*?</style>|<script.*?</script>", "", page, flags=re.DOTALL)
    assert [cell for cell in (*book.sheetnames, *cells) if CHINESE.search(cell)] == []
    assert CHINESE.findall(text) == []


def test_report_shows_the_titles_of_the_study(run) -> None:
    page = (run[0] / "results" / "report.html").read_text(encoding="utf-8")
    assert all(title in page for title in ("A study of campuses", "caregivers", "Belonging", "Workload"))


def test_spss_files_carry_the_labels_of_the_questionnaire(run) -> None:
    _, meta = pyreadstat.read_sav(run[0] / "results" / "spss" / "caregivers.sav")
    assert meta.column_names_to_labels["t1"] == "Statement t1"
    assert meta.variable_value_labels["h1"][1.0] == "Yes"
    assert {0.0, 1.0} < set(meta.variable_value_labels["h1"])


def test_pooled_file_holds_every_answer_of_every_role(run) -> None:
    frame, _ = pyreadstat.read_sav(run[0] / "results" / "spss" / "pooled.sav")
    assert len(frame) == 240 + 300 + 80 + 12


def test_forms_are_made_in_both_languages(run, run_manyi) -> None:
    done = run_manyi("forms", run[0], "--json")
    assert done.code == 0
    # The text for 问卷星 has no room for some of the questionnaire, and says so.
    assert {fault.get("severity") for fault in done.json["faults"]} <= {"warning"}
    assert all(code.startswith("form-") for code in done.codes)
    names = {Path(path).name for path in done.json["forms"]}
    assert {f"{role}.xlsx" for role in ROLES} <= names
    assert {name for name in names if name.startswith("pupils") and name.endswith(".pdf")} == {
        "pupils.en.pdf",
        "pupils.sw.pdf",
        "pupils.en-sw.pdf",
    }


def test_the_same_study_can_be_reported_in_chinese(run, run_manyi, tmp_path: Path) -> None:
    import shutil

    study = shutil.copytree(run[0], tmp_path / "study")
    definition = yaml.safe_load((study / "study.yaml").read_text(encoding="utf-8"))
    definition["title"]["zh"] = "校园研究"
    (study / "study.yaml").write_text(yaml.safe_dump(definition, allow_unicode=True), encoding="utf-8")
    done = run_manyi("run", study, "--lang", "zh", "--json")
    assert (done.code, done.codes) == (0, SHORT_LISTS)
    page = (study / "results" / "report.html").read_text(encoding="utf-8")
    assert "校园研究" in page
    assert "Belonging" in page, "what has no Chinese wording is shown in a language it has"
