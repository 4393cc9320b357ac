"""Several studies compared: as one study of all counties, statsmodels; every reason not to compare."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from manyi.comparison.instrument import instrument_hash, likeness
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_outputs.tidy import read_table

COUNTIES = ("Arden", "Brook", "Cedar")
ITEMS = ("S1", "S2", "S3")
QUESTIONNAIRE: dict[str, Any] = {
    "questionnaire": "parents",
    "title": {"en": "Parents"},
    "languages": ["en"],
    "answer_lists": {"five": {"values": [1, 2, 3, 4, 5], "en": list("abcde")}},
    "scales": [{"id": "SAT", "title": {"en": "satisfaction"}}],
    "items": [
        {"id": item, "text": {"en": f"Satisfied {item}?"}, "answers": "five", "scale": "SAT"}
        for item in ITEMS
    ],
}
PLAN: dict[str, Any] = {"satisfaction": {"parents": ["SAT", "S1"]}}


def answers() -> pd.DataFrame:
    """Return answers of six schools a county, school codes being the same in each; one school has four."""
    random = np.random.default_rng(17)
    parts = []
    for at, county in enumerate(COUNTIES):
        for school in range(6):
            n = 4 if (at, school) == (1, 0) else 14 + 2 * school
            level = 3 + (at - 1) * 0.4 + random.normal(0, 0.25)
            person = random.normal(0, 0.8, (n, 1))
            scores = np.clip(np.rint(level + person + random.normal(0, 0.6, (n, 3))), 1, 5).astype(int)
            known = {"county": county, "school": f"{school + 1:02d}"}
            parts.append(pd.DataFrame(scores, columns=list(ITEMS)).assign(**known))
    return pd.concat(parts, ignore_index=True)


ROWS = answers()


def write_county(
    folder: Path,
    county: str,
    write_study: Callable[..., Path],
    questionnaire: dict[str, Any] = QUESTIONNAIRE,
    rows: pd.DataFrame | None = None,
    **more: Any,
) -> Path:
    own = ROWS[ROWS["county"] == county].drop(columns="county") if rows is None else rows
    roster = pd.DataFrame({"school_code": sorted(own["school"].unique())})
    return write_study(
        folder / county,
        {"parents": questionnaire},
        {"parents": {f"{county}.csv": own}},
        roster,
        **{"study": county.lower(), "analysis": PLAN, **more},
    )


@pytest.fixture(scope="module")
def counties(
    tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> dict[str, Path]:
    """Return three studies, run; not to be changed."""
    folder = tmp_path_factory.mktemp("compared")
    found = {county: write_county(folder, county, write_study) for county in COUNTIES}
    for study in found.values():
        assert run_manyi("run", study, "--json").code == 0
    return found


@pytest.fixture(scope="module")
def compared(counties: dict[str, Path], run_manyi: Callable[..., Any]) -> tuple[Path, Any]:
    """Return the folder of their comparison and the call; not to be changed."""
    folder = next(iter(counties.values())).parent / "comparison"
    done = run_manyi("compare", *counties.values(), "--to", folder, "--json")
    assert (done.code, done.codes) == (0, []), done.out
    return folder, done


def table(folder: Path, name: str) -> pd.DataFrame:
    return read_table(folder / "tables" / f"{name}.csv")


def units(folder: Path, level: str, index: str = "SAT") -> pd.DataFrame:
    found = table(folder, "unit_comparison")
    return found[(found["level"] == level) & (found["index"] == index)].set_index("unit")


def score(rows: pd.DataFrame) -> pd.Series:
    return (rows[list(ITEMS)].mean(axis=1) - 1) / 4 * 100


def test_counties_are_means_with_errors_clustered_as_in_statsmodels(compared: tuple[Path, Any]) -> None:
    import statsmodels.api as sm

    ours = units(compared[0], "county")
    for name, rows in ROWS.groupby("county"):
        fit = sm.OLS(score(rows), np.ones(len(rows))).fit(
            cov_type="cluster", cov_kwds={"groups": rows["school"].astype(int)}
        )
        assert ours.loc[name.lower(), "value"] == pytest.approx(score(rows).mean())
        assert ours.loc[name.lower(), "se"] == pytest.approx(float(fit.bse.iloc[0]), rel=1e-9)


def test_errors_of_schools_are_of_the_mean_square_within_all(compared: tuple[Path, Any]) -> None:
    import statsmodels.formula.api as smf

    frame = ROWS.assign(y=score(ROWS), unit=ROWS["county"].str.lower() + " " + ROWS["school"])
    sigma = np.sqrt(smf.ols("y ~ C(unit)", frame).fit().mse_resid)
    ours = units(compared[0], "school")
    size = frame.groupby("unit").size()
    np.testing.assert_allclose(ours["se"].astype(float), sigma / np.sqrt(size[ours.index]), rtol=1e-9)


def test_three_studies_are_as_one_study_of_three_counties(
    compared: tuple[Path, Any],
    tmp_path: Path,
    write_study: Callable[..., Path],
    run_manyi: Callable[..., Any],
) -> None:
    together = ROWS.assign(school=ROWS["county"].str.lower() + " " + ROWS["school"])
    roster = together[["school", "county"]].drop_duplicates().rename(columns={"school": "school_code"})
    study = write_study(
        tmp_path / "all",
        {"parents": QUESTIONNAIRE},
        {"parents": {"a.csv": together.drop(columns="county")}},
        roster.assign(county=roster["county"].str.lower()),
        analysis={**PLAN, "counties": "county"},
    )
    run_manyi("run", study, "--json")
    theirs = read_table(study / "results" / "tables" / "unit_comparison.csv")
    ours = table(compared[0], "unit_comparison")[list(theirs.columns)]
    # Blanks are no part of a code within a study.
    ours["unit"] = ours["unit"].str.replace(" ", "")
    keys = ["level", "index", "unit"]
    pd.testing.assert_frame_equal(
        ours.sort_values(keys, ignore_index=True), theirs.sort_values(keys, ignore_index=True), rtol=1e-9
    )


def test_small_schools_are_counted_and_not_named(compared: tuple[Path, Any]) -> None:
    found = table(compared[0], "units_not_shown").query("index == 'SAT'")
    # A second one beside the school of four: else it would follow from its county's mean.
    assert found[["level", "county", "units"]].to_numpy().tolist() == [["school", "brook", 2]]
    assert found["reason"].str.startswith("small-cell").all()
    assert "brook 01" not in set(units(compared[0], "school").index)


def test_instruments_are_the_same(compared: tuple[Path, Any]) -> None:
    found = table(compared[0], "compared_instruments")
    assert set(found["relation"]) == {"same"}
    assert found["sha256"].nunique() == 1


def test_workbook_holds_the_tables(compared: tuple[Path, Any], read_workbook: Callable[[Path], Any]) -> None:
    book = read_workbook(compared[0] / "comparison.xlsx")
    cells = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    for words in ("Counties Compared: arden", "Side by Side", "Studies and Instruments Compared"):
        assert words in cells


def test_page_has_a_funnel_plot_of_counties_and_of_schools(compared: tuple[Path, Any]) -> None:
    page = (compared[0] / "comparison.html").read_text(encoding="utf-8")
    assert page.count("Funnel plot:") >= 2
    assert "counties lie beyond" in page
    assert sorted(path.name for path in (compared[0] / "figures").iterdir()) == [
        "captions.csv",
        "funnel-county-parents.svg",
        "funnel-school-parents.svg",
    ]


def test_page_in_chinese(counties: dict[str, Path], tmp_path: Path, run_manyi: Callable[..., Any]) -> None:
    done = run_manyi("compare", *counties.values(), "--to", tmp_path / "对比", "--lang", "zh")
    assert done.code == 0
    assert "漏斗图" in (tmp_path / "对比" / "comparison.html").read_text(encoding="utf-8")


def test_every_column_is_documented(compared: tuple[Path, Any], with_standard: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "compare.md").read_text(encoding="utf-8")
    made = {
        path.stem for folder in (compared[0], with_standard) for path in (folder / "tables").glob("*.csv")
    }
    for name in sorted(made - {"unit_comparison"}):
        section = page.partition(f"### {name}\n")[2].partition("\n### ")[0].partition("\n## ")[0]
        listed = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
        folder = next(
            one for one in (compared[0], with_standard) if (one / "tables" / f"{name}.csv").is_file()
        )
        assert listed == list(table(folder, name).columns), name


# --- verdicts and equity ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def with_standard(
    tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> Path:
    """Return the comparison of two counties held against the national standard; not to be changed."""
    folder = tmp_path_factory.mktemp("standards")
    studies = []
    for at, county in enumerate(COUNTIES[:2]):
        study = write_county(
            folder,
            county,
            write_study,
            schools={
                "table": "data/schools.csv",
                "standard": "national-2017",
                "county": f"{county} county",
            },
        )
        roster = pd.DataFrame(
            {
                "school_code": [f"{school:02d}" for school in range(1, 7)],
                "school_name": [f"School {school}" for school in range(1, 7)],
                "stage": "primary",
                "pupils": [300 + 40 * school for school in range(6)],
                "t_college": 0,
                "t_master": 0,
                "t_doctor": 0,
                "t_bachelor": [14 + at * 3 + school for school in range(6)],
            }
        )
        (study / "data" / "schools.csv").write_text(roster.to_csv(index=False), encoding="utf-8-sig")
        run_manyi("run", study, "--json")
        studies.append(study)
    target = folder / "comparison"
    done = run_manyi("compare", *studies, "--to", target, "--json")
    assert done.code == 0, done.out
    return target


def test_counties_of_a_standard_stand_side_by_side(with_standard: Path) -> None:
    of_counties = table(with_standard, "compared_standard")
    found = of_counties.query("indicator == 'R1' and bound == 'cv' and stage == 'primary'")
    assert found["county"].tolist() == ["Arden county", "Brook county"]
    pupils = np.array([300 + 40 * school for school in range(6)])
    for at, value in enumerate(found["value"].astype(float)):
        x = np.array([14 + at * 3 + school for school in range(6)]) / pupils
        mean = np.average(x, weights=pupils)
        sd = np.sqrt(np.average((x - mean) ** 2, weights=pupils))
        assert value == pytest.approx(sd / mean)


def test_equity_is_that_of_each_study(with_standard: Path) -> None:
    found = table(with_standard, "compared_equity").query("indicator == 'R1' and measure == 'gini'")
    for study, rows in found.groupby("study"):
        own = read_table(with_standard.parent / study / "results" / "tables" / "equity.csv")
        expected = own.query("indicator == 'R1' and measure == 'gini'")["value"]
        assert rows["value"].tolist() == expected.tolist()


def test_verdicts_are_in_the_workbook(with_standard: Path, read_workbook: Callable[[Path], Any]) -> None:
    book = read_workbook(with_standard / "comparison.xlsx")
    cells = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    for words in ("Verdicts of the Counties", "Inequality Between Schools by County", "Brook county"):
        assert words in cells


# --- reasons not to compare ---------------------------------------------------------------------------------


@pytest.fixture
def other(
    tmp_path: Path, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> Callable[..., Path]:
    """Return ``other(questionnaire, rename)``: the second county asked otherwise, run."""

    def make(questionnaire: dict[str, Any], rename: dict[str, str] | None = None, **more: Any) -> Path:
        rows = ROWS[ROWS["county"] == "Brook"].drop(columns="county").rename(columns=rename or {})
        study = write_county(tmp_path, "Brook", write_study, questionnaire, rows, **more)
        assert run_manyi("run", study, "--json").code == 0
        return study

    return make


def reworded() -> tuple[dict[str, Any], dict[str, str]]:
    """Return a questionnaire of other ids, and how its columns are called."""
    names = {item: f"Q{at}" for at, item in enumerate(ITEMS, 1)}
    told = copy.deepcopy(QUESTIONNAIRE)
    told["scales"] = [{"id": "PLEASED", "title": {"en": "pleased"}}]
    for item in told["items"]:
        item |= {"id": names[item["id"]], "scale": "PLEASED"}
    return told, names


def test_a_study_with_itself(counties: dict[str, Path], run_manyi: Callable[..., Any]) -> None:
    arden = counties["Arden"]
    assert run_manyi("compare", arden, arden / "study.yaml", "--json").codes == ["compare-same-study"]


def test_one_study_alone(counties: dict[str, Path], run_manyi: Callable[..., Any]) -> None:
    assert run_manyi("compare", counties["Arden"], "--json").codes == ["compare-one-study"]


def test_a_copy_of_a_study(counties: dict[str, Path], tmp_path: Path, run_manyi: Callable[..., Any]) -> None:
    shutil.copytree(counties["Arden"], tmp_path / "copy")
    done = run_manyi("compare", counties["Arden"], tmp_path / "copy", "--to", tmp_path / "c", "--json")
    assert done.codes == ["compare-same-answers"]
    assert not (tmp_path / "c").exists()


def test_a_study_not_run(
    counties: dict[str, Path], tmp_path: Path, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    fresh = write_county(tmp_path, "Brook", write_study)
    done = run_manyi("compare", counties["Arden"], fresh, "--to", tmp_path / "c", "--json")
    assert (done.code, done.codes) == (1, ["compare-not-run"])


def test_a_study_that_is_none(
    counties: dict[str, Path], tmp_path: Path, run_manyi: Callable[..., Any]
) -> None:
    done = run_manyi("compare", counties["Arden"], tmp_path / "none", "--json")
    assert done.codes == ["study-not-found"]


def test_other_instruments_are_named_with_what_differs(
    counties: dict[str, Path], other: Callable[..., Path], tmp_path: Path, run_manyi: Callable[..., Any]
) -> None:
    changed = copy.deepcopy(QUESTIONNAIRE)
    changed["items"][1]["text"] = {"en": "How glad?"}
    done = run_manyi("compare", counties["Arden"], other(changed), "--to", tmp_path / "c", "--json")
    assert done.codes == ["compare-instruments-differ", "compare-nothing-common"]
    assert "S2" in done.json["faults"][0]["what"]


def test_the_rest_is_compared_without_the_other_instrument(
    counties: dict[str, Path], other: Callable[..., Path], tmp_path: Path, run_manyi: Callable[..., Any]
) -> None:
    changed = copy.deepcopy(QUESTIONNAIRE)
    changed["items"][1]["reverse"] = True
    studies = (counties["Arden"], other(changed), counties["Cedar"])
    done = run_manyi("compare", *studies, "--to", tmp_path / "c", "--json")
    assert (done.code, done.codes) == (1, ["compare-instruments-differ"])
    assert set(units(tmp_path / "c", "county").index) == {"arden", "cedar"}
    rows = table(tmp_path / "c", "compared_instruments").query("study == 'Brook'")
    assert rows["reason"].str.startswith("compare-instruments-differ").all()


def test_a_mapping_makes_other_names_the_same(
    counties: dict[str, Path],
    compared: tuple[Path, Any],
    other: Callable[..., Path],
    tmp_path: Path,
    run_manyi: Callable[..., Any],
) -> None:
    told, names = reworded()
    study = other(told, names, analysis={"satisfaction": {"parents": ["PLEASED"]}})
    mapping = tmp_path / "mapping.yaml"
    entry = {"scales": {"parents": {"SAT": "PLEASED"}}, "items": {"parents": names}, "county": "brook"}
    mapping.write_text(yaml.safe_dump({"studies": {"Brook": entry}}), encoding="utf-8")
    studies = (counties["Arden"], study, counties["Cedar"])
    done = run_manyi("compare", *studies, "--to", tmp_path / "c", "--mapping", mapping, "--json")
    assert (done.code, done.codes) == (0, [])
    pd.testing.assert_frame_equal(
        table(tmp_path / "c", "unit_comparison"), table(compared[0], "unit_comparison")
    )
    assert set(table(tmp_path / "c", "compared_instruments").query("study == 'Brook'")["relation"]) == {
        "mapped"
    }


def test_what_a_mapping_does_not_name_is_not_compared(
    counties: dict[str, Path], other: Callable[..., Path], tmp_path: Path, run_manyi: Callable[..., Any]
) -> None:
    told, names = reworded()
    study = other(told, names, analysis={"satisfaction": {"parents": ["PLEASED"]}})
    mapping = tmp_path / "mapping.yaml"
    entry = {"scales": {"parents": {"SAT": "PLEASED"}}}
    mapping.write_text(yaml.safe_dump({"studies": {"Brook": entry}}), encoding="utf-8")
    run_manyi("compare", counties["Arden"], study, "--to", tmp_path / "c", "--mapping", mapping, "--json")
    rows = table(tmp_path / "c", "compared_instruments").query("study == 'Brook'").set_index("index")
    assert rows.loc["SAT", "remark"].startswith("compare-scale-items")
    assert rows.loc["S1", "reason"].startswith("compare-not-mapped")
    assert set(units(tmp_path / "c", "county", "S1").index) <= {"arden", ""}


def test_a_scale_of_other_answers_is_not_compared(
    counties: dict[str, Path], other: Callable[..., Path], tmp_path: Path, run_manyi: Callable[..., Any]
) -> None:
    longer = copy.deepcopy(QUESTIONNAIRE)
    longer["answer_lists"]["five"] = {"values": [1, 2, 3, 4, 5, 6], "en": list("abcdef")}
    mapping = tmp_path / "mapping.yaml"
    entry = {"scales": {"parents": {"SAT": "SAT"}}}
    mapping.write_text(yaml.safe_dump({"studies": {"Brook": entry}}), encoding="utf-8")
    studies = (counties["Arden"], other(longer), counties["Cedar"])
    run_manyi("compare", *studies, "--to", tmp_path / "c", "--mapping", mapping, "--json")
    rows = table(tmp_path / "c", "compared_instruments").query("study == 'Brook'").set_index("index")
    assert rows.loc["SAT", "reason"].startswith("compare-ranges-differ")


def test_faults_of_a_mapping_have_their_lines(
    counties: dict[str, Path], tmp_path: Path, run_manyi: Callable[..., Any]
) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(
        "studies:\n  Brock: {county: x}\n  Brook:\n    scales:\n      parents: {SAT: STA}\n", encoding="utf-8"
    )
    done = run_manyi("compare", counties["Arden"], counties["Brook"], "--mapping", mapping, "--json")
    told = [(fault["code"], fault["line"]) for fault in done.json["faults"]]
    assert told == [("compare-mapping-name", 2), ("compare-mapping-name", 5)]


def test_another_language_is_compared_with_a_remark(
    counties: dict[str, Path], other: Callable[..., Path], tmp_path: Path, run_manyi: Callable[..., Any]
) -> None:
    chinese = copy.deepcopy(QUESTIONNAIRE)
    chinese |= {"languages": ["zh"], "title": {"zh": "家长"}}
    chinese["answer_lists"] = {"five": {"values": [1, 2, 3, 4, 5], "zh": list("甲乙丙丁戊")}}
    chinese["scales"] = [{"id": "SAT", "title": {"zh": "满意度"}}]
    for item in chinese["items"]:
        item["text"] = {"zh": f"满意吗{item['id']}？"}
    done = run_manyi("compare", counties["Arden"], other(chinese), "--to", tmp_path / "c", "--json")
    assert done.codes == ["compare-other-language"]
    rows = table(tmp_path / "c", "compared_instruments").query("study == 'Brook'")
    assert set(rows["relation"]) == {"translated"}
    assert rows["remark"].str.startswith("compare-other-language").all()


def test_other_definitions_are_named(
    counties: dict[str, Path], other: Callable[..., Path], tmp_path: Path, run_manyi: Callable[..., Any]
) -> None:
    study = other(QUESTIONNAIRE, analysis={**PLAN, "index": "top2", "minimum_cell": 25})
    done = run_manyi("compare", counties["Arden"], study, "--to", tmp_path / "c", "--json")
    assert done.codes == ["compare-defined-otherwise"]
    # The index is the first study's; no study shows less than its own rule lets it.
    assert set(table(tmp_path / "c", "unit_comparison")["definition"]) == {"share_of_range"}
    schools = units(tmp_path / "c", "school")
    assert (schools["n"].dropna() >= 25).all()


def test_counties_of_one_name(
    counties: dict[str, Path], other: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    study = other(QUESTIONNAIRE, schools={"table": "data/schools.csv", "county": "arden"})
    assert run_manyi("compare", counties["Arden"], study, "--json").codes == ["compare-county-twice"]


def test_a_study_changed_since_its_run(
    counties: dict[str, Path], other: Callable[..., Path], tmp_path: Path, run_manyi: Callable[..., Any]
) -> None:
    study = other(QUESTIONNAIRE)
    file = study / "data" / "responses" / "parents" / "Brook.csv"
    file.write_text(file.read_text(encoding="utf-8-sig") + "06,1,1,1\n", encoding="utf-8-sig")
    done = run_manyi("compare", counties["Arden"], study, "--to", tmp_path / "c", "--json")
    assert (done.code, done.codes) == (0, ["compare-stale"])


# --- instruments --------------------------------------------------------------------------------------------


def definition(**changes: Any) -> Questionnaire:
    told = {**copy.deepcopy(QUESTIONNAIRE), **changes}
    told["answer_lists"] = {
        "five": {"answers": [{"value": at, "label": {"en": name}} for at, name in enumerate("abcde", 1)]}
    }
    return Questionnaire.model_validate(told)


def test_a_title_is_no_part_of_an_instrument() -> None:
    assert instrument_hash(definition()) == instrument_hash(definition(title={"en": "Carers"}))


def test_the_wording_of_an_item_is() -> None:
    other = definition()
    items = [item.model_copy(update={"text": {"en": "else"}}) for item in other.items[:1]]
    changed = other.model_copy(update={"items": (*items, *other.items[1:])})
    assert likeness(definition(), changed).items == ("S1",)
