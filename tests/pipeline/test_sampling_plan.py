"""``manyi plan``: the sample proposed, drawn once, the same for the same seed, and nothing of it lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml

from manyi.sampling.plan import SamplePlan, propose_sample
from manyi.study.sampling_plan import Sampling

STAGES = ("primary", "junior")
#: 60 schools in three areas; every third has both stages.
ROSTER = pd.DataFrame(
    [
        (
            f"0{number:03d}",
            f"School {number}",
            stage,
            ("urban", "town", "rural")[number % 3],
            20 + 37 * number,
            2 + number,
        )
        for number in range(1, 61)
        for stage in (STAGES if number % 3 == 0 else STAGES[number % 2 :][:1])
    ],
    columns=["school", "school_name", "stage", "area", "pupils", "teachers"],
)
OFFICIAL = {
    "residents": 412_000,
    "per_mille": 1.5,
    "strata": ["area", "stage"],
    "roles": {
        "parents": {"population": "pupils", "share": 0.5, "minimum_share": 0.5},
        "pupils": {"population": "pupils", "grades": {"primary": [3, 4, 5, 6], "junior": [7, 8, 9]}},
        "teachers": {"population": "teachers"},
        "deputies": {"population": 280},
        "public": {},
    },
}


def plan(roster: pd.DataFrame = ROSTER, **changes: Any) -> SamplePlan:
    return propose_sample(Sampling.model_validate({**OFFICIAL, **changes}), roster)


def codes(found: SamplePlan) -> list[str]:
    return [fault.code for fault in found.faults]


def of(found: SamplePlan, role: str) -> pd.DataFrame:
    return found.frame[found.frame["role"] == role]


# --- how many ----------------------------------------------------------------------------------------------


def test_total_of_the_official_rule() -> None:
    # 1.5 per thousand of 412,000 residents.
    assert plan().total == 618


def test_half_of_them_are_parents_and_the_others_share_equally() -> None:
    sizes = {role: size.target for role, size in plan().sizes.items()}
    assert sizes == {"parents": 309, "pupils": 78, "teachers": 77, "deputies": 77, "public": 77}


def test_total_is_not_below_the_floor() -> None:
    assert plan(residents=100_000, floor=600).total == 600


def test_parents_stay_half_when_others_are_enlarged() -> None:
    roles = {**OFFICIAL["roles"], "teachers": {"population": "teachers", "size": 400}}
    sizes = {role: size.target for role, size in plan(roles=roles).sizes.items()}
    assert sizes["parents"] == sum(number for role, number in sizes.items() if role != "parents")


def test_more_are_asked_than_are_expected_to_answer() -> None:
    roles = {**OFFICIAL["roles"], "parents": {"population": "pupils", "share": 0.5, "response": 0.75}}
    assert plan(roles=roles).sizes["parents"].invited == 412


def test_precision_of_krejcie_and_morgan() -> None:
    # Krejcie & Morgan (1970): 278 of 1,000 (277.7 before rounding).
    found = plan(residents=None, roles={"public": {"population": 1000, "precision": {"margin": 0.05}}})
    assert found.sizes["public"].target == 278


def test_few_schools_cannot_give_a_precision() -> None:
    roles = {"pupils": {"population": "pupils", "precision": {"margin": 0.02, "icc": 0.3}}}
    assert codes(plan(residents=None, roles=roles)) == ["precision-needs-more-schools"]


# --- where -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["parents", "pupils", "teachers"])
def test_every_person_asked_is_listed(role: str) -> None:
    found = plan(residents=824_000)
    assert of(found, role)["sample"].sum() == found.sizes[role].invited


def test_strata_are_served_in_proportion() -> None:
    asked = of(plan(), "parents").groupby("stratum")["sample"].sum()
    persons = ROSTER.groupby(ROSTER["area"] + " · " + ROSTER["stage"])["pupils"].sum()
    quota = 309 * persons / persons.sum()
    assert (asked - quota).abs().max() < 1


def test_strata_can_follow_residents_instead() -> None:
    residents = {"area": {"urban": 300_000, "town": 80_000, "rural": 32_000}}
    found = of(plan(strata=["area"], residents_by=residents), "parents")
    asked = found.groupby("stratum")["sample"].sum().to_dict()
    # 309 · 300/412 = 225.0, 309 · 80/412 = 60.0, 309 · 32/412 = 24.0
    assert asked == {"urban": 225, "town": 60, "rural": 24}


@pytest.mark.parametrize("schools", ["all", 24])
@pytest.mark.parametrize("draw", ["pps", "srs"])
def test_every_school_drawn_has_its_minimum(schools: Any, draw: str) -> None:
    roles = {"pupils": {"population": "pupils", "size": 400, "minimum": 3}}
    found = plan(residents=None, schools=schools, draw=draw, roles=roles)
    assert found.frame["sample"].min() >= 3


def test_where_all_schools_are_surveyed_weights_add_up_to_the_population() -> None:
    found = of(plan(), "teachers")
    np.testing.assert_allclose((found["sample"] * found["weight"]).sum(), ROSTER["teachers"].sum())


def test_probability_is_that_of_the_school_times_that_in_it() -> None:
    found = plan(schools=24)
    inside = found.frame[found.frame["school"] != ""]
    expected = inside["school_probability"] * inside["sample"] / inside["population"]
    np.testing.assert_allclose(inside["probability"].astype(float), expected.astype(float))


@pytest.mark.parametrize("draw", ["pps", "srs"])
def test_inclusion_probabilities_of_schools_add_up_to_the_schools_drawn(draw: str) -> None:
    # Horvitz & Thompson: over many draws, drawn schools weighted by 1/π estimate the number of schools.
    roles = {"pupils": {"population": "pupils", "size": 300}}
    estimates = []
    for seed in range(300):
        found = plan(residents=None, schools=24, draw=draw, strata=["area"], seed=seed, roles=roles).frame
        drawn = found.drop_duplicates(["stratum", "school"])
        estimates.append((1 / drawn["school_probability"].astype(float)).sum())
    assert np.mean(estimates) == pytest.approx(60, abs=4 * np.std(estimates) / np.sqrt(300))


def test_drawing_in_proportion_to_size_gives_everybody_of_a_stratum_about_the_same_chance() -> None:
    roles = {"pupils": {"population": "pupils", "size": 3000}}
    found = plan(residents=None, schools=24, strata=["area"], roles=roles).frame
    spread = found.groupby("stratum")["weight"].agg(lambda weight: weight.std() / weight.mean())
    assert spread.max() < 0.02


def test_strata_have_two_schools_at_least() -> None:
    found = plan(schools=14).frame
    assert found[found["school"] != ""].groupby("stratum")["school"].nunique().min() == 2


def test_grades_get_equal_numbers_over_the_county() -> None:
    found = of(plan(), "pupils")
    parts = [part.split("=") for cell in found["grades"] for part in cell.split()]
    totals = pd.DataFrame(parts, columns=["grade", "n"]).astype(int).groupby("grade")["n"].sum()
    assert totals.loc[3:6].max() - totals.loc[3:6].min() <= 1
    assert totals.loc[7:9].max() - totals.loc[7:9].min() <= 1


def test_part_of_the_pupils_who_may_be_asked() -> None:
    roles = {"pupils": {"population": "pupils", "size": 300, "factor": {"primary": 0.5}}}
    found = plan(residents=None, roles=roles).frame
    primary = ROSTER[ROSTER["stage"] == "primary"]["pupils"]
    assert found[found["stage"] == "primary"]["population"].sum() == np.rint(primary * 0.5).sum()


def test_the_same_seed_draws_the_same_schools() -> None:
    pd.testing.assert_frame_equal(plan(schools=24).frame, plan(schools=24).frame)


def test_another_seed_draws_others() -> None:
    assert set(plan(schools=24).frame["school"]) != set(plan(schools=24, seed=1).frame["school"])


def test_order_of_the_school_table_does_not_matter() -> None:
    turned = ROSTER.sample(frac=1.0, random_state=5)
    assert set(plan(turned, schools=24).frame["school"]) == set(plan(schools=24).frame["school"])


def test_weight_of_a_group_outside_schools() -> None:
    assert of(plan(), "deputies")["weight"].item() == pytest.approx(280 / 77)


def test_a_group_of_unknown_size_has_no_weight() -> None:
    assert of(plan(), "public")["weight"].isna().all()


# --- faults ------------------------------------------------------------------------------------------------


def roles_with(**entry: Any) -> dict[str, Any]:
    return {"residents": None, "roles": {"pupils": {"population": "pupils", "size": 100, **entry}}}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (roles_with(population="pupil"), "sampling-column-unknown"),
        (roles_with(population="area"), "sampling-column-not-numbers"),
        ({"strata": ["areas"]}, "sampling-column-unknown"),
        ({"roles": {"a": {"share": 0.7}, "b": {"share": 0.6}}}, "sampling-shares-above-one"),
        ({"roles": {"a": {"share": 0.4, "minimum_share": 0.5}, "b": {}}}, "sampling-share-below-minimum"),
        ({"residents": None, "roles": {"a": {}}}, "sampling-size-unknown"),
        ({"schools": 5}, "sampling-strata-exceed-schools"),
        ({"residents_by": {"area": {"urban": 1, "town": 1}}}, "sampling-level-unknown"),
    ],
)
def test_plan_that_cannot_be_drawn(changes: dict[str, Any], code: str) -> None:
    found = plan(**changes)
    assert code in codes(found)
    assert not found.sound
    assert found.frame.empty


def test_without_a_school_table_nothing_is_drawn() -> None:
    found = propose_sample(Sampling.model_validate(OFFICIAL), None)
    assert set(codes(found)) == {"sampling-without-schools"}


def test_more_asked_than_there_are_is_told_and_all_are_asked() -> None:
    found = plan(**roles_with(population="teachers", size=5000))
    assert codes(found) == ["sample-exceeds-population"]
    assert found.frame["sample"].sum() == ROSTER["teachers"].sum()


def test_a_minimum_above_the_number_raises_it_and_is_told() -> None:
    found = plan(**roles_with(size=10))
    assert codes(found) == ["sample-raised-to-minimum"]
    assert found.frame["sample"].tolist() == [1] * len(ROSTER)


def test_schools_without_a_number_are_told() -> None:
    blank = ROSTER.assign(pupils=ROSTER["pupils"].where(ROSTER["school"] != "0005").astype(float))
    found = plan(blank)
    assert codes(found)[0] == "sampling-rows-without-number"
    assert "0005" not in set(found.frame["school"])


# --- the command -------------------------------------------------------------------------------------------


@pytest.fixture
def study(tmp_path: Path, write_town: Callable[[Path], Path]) -> Path:
    folder = write_town(tmp_path / "town")
    roster = pd.read_csv(folder / "data" / "schools.csv", dtype={"school_code": str}, encoding="utf-8-sig")
    roster.assign(pupils=range(100, 200, 10)).to_csv(
        folder / "data" / "schools.csv", index=False, encoding="utf-8-sig"
    )
    said = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    said["sampling"] = {
        "residents": 100_000,
        "per_mille": 1.5,
        "roles": {
            "carers": {"population": "pupils", "share": 0.6, "minimum_share": 0.5},
            "pupils": {"population": "pupils"},
        },
    }
    (folder / "study.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    return folder


def listed(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "plan" / "sample.csv", encoding="utf-8-sig", dtype={"school": str})


def test_plan_is_told_as_json(study: Path, run_manyi: Callable[..., Any]) -> None:
    done = run_manyi("plan", study, "--json")
    assert done.code == 0, done.out
    assert {role["role"]: role["invited"] for role in done.json["roles"]} == {"carers": 90, "pupils": 60}


def test_list_holds_everybody(study: Path, run_manyi: Callable[..., Any]) -> None:
    run_manyi("plan", study)
    assert listed(study).groupby("role")["sample"].sum().to_dict() == {"carers": 90, "pupils": 60}


def test_a_drawn_sample_is_not_overwritten(study: Path, run_manyi: Callable[..., Any]) -> None:
    run_manyi("plan", study)
    before = {path.name: path.read_bytes() for path in (study / "plan").iterdir()}
    done = run_manyi("plan", study, "--json")
    assert (done.code, done.codes) == (1, ["sample-exists"])
    assert {path.name: path.read_bytes() for path in (study / "plan").iterdir()} == before


def test_drawing_again_keeps_what_was_drawn(study: Path, run_manyi: Callable[..., Any]) -> None:
    run_manyi("plan", study)
    before = (study / "plan" / "sample.csv").read_bytes()
    done = run_manyi("plan", study, "--again", "--json")
    assert (done.code, done.codes) == (0, ["sample-kept"])
    assert (study / "plan" / "sample.earlier-1.csv").read_bytes() == before


def test_the_same_study_gives_the_same_files(study: Path, run_manyi: Callable[..., Any]) -> None:
    run_manyi("plan", study)
    run_manyi("plan", study, "--again")
    for name in ("csv", "xlsx"):
        one, two = (study / "plan" / f"sample{part}.{name}" for part in ("", ".earlier-1"))
        assert one.read_bytes() == two.read_bytes()


def test_the_sample_does_not_depend_on_the_language(study: Path, run_manyi: Callable[..., Any]) -> None:
    run_manyi("plan", study, "--lang", "zh")
    run_manyi("plan", study, "--again", "--lang", "en")
    one, two = (study / "plan" / name for name in ("sample.csv", "sample.earlier-1.csv"))
    assert one.read_bytes() == two.read_bytes()


@pytest.mark.parametrize(("language", "heading"), [("zh", "发放份数"), ("en", "Asked")])
def test_excel_list_asks_as_many_as_the_csv(
    study: Path, run_manyi: Callable[..., Any], language: str, heading: str
) -> None:
    run_manyi("plan", study, "--lang", language)
    book = openpyxl.load_workbook(study / "plan" / "sample.xlsx", rich_text=False)
    sheet = book.worksheets[2]
    rows = list(sheet.iter_rows(values_only=True))
    head = next(number for number, row in enumerate(rows) if heading in row)
    column = rows[head].index(heading)
    asked = [row[column] for row in rows[head + 1 :] if isinstance(row[column], int)]
    assert asked == listed(study).sort_values(["school", "role"])["sample"].tolist()


def test_excel_list_prints_on_a4_one_page_wide_with_its_headings(
    study: Path, run_manyi: Callable[..., Any]
) -> None:
    run_manyi("plan", study)
    for sheet in openpyxl.load_workbook(study / "plan" / "sample.xlsx").worksheets[1:]:
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth) == (9, 1)
        assert sheet.print_title_rows


def test_school_codes_stay_text_in_excel(study: Path, run_manyi: Callable[..., Any]) -> None:
    run_manyi("plan", study)
    sheet = openpyxl.load_workbook(study / "plan" / "sample.xlsx").worksheets[2]
    assert "001" in [cell.value for cell in sheet["A"]]


def test_a_study_without_sampling_is_told_what_to_write(town: Path, run_manyi: Callable[..., Any]) -> None:
    done = run_manyi("plan", town, "--json")
    assert (done.code, done.codes) == (1, ["sampling-missing"])
    assert not (town / "plan").exists()


def test_a_plan_that_cannot_be_drawn_writes_nothing(study: Path, run_manyi: Callable[..., Any]) -> None:
    text = (
        (study / "study.yaml").read_text(encoding="utf-8").replace("population: pupils", "population: pupil")
    )
    (study / "study.yaml").write_text(text, encoding="utf-8")
    done = run_manyi("plan", study, "--json")
    assert done.code == 1
    assert set(done.codes) == {"sampling-column-unknown"}
    assert not (study / "plan").exists()
