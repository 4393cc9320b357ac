"""What a second run makes again and why, and what it leaves alone."""

import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
import yaml

#: The stages whose files hold words.
WORDED = [
    "figures",
    "appendix",
    "spss:carers",
    "spss:pupils",
    "stata:carers",
    "stata:pupils",
    "spss:pooled",
    "syntax",
    "spss:schools",
    "report",
    "word",
]
SAMPLE = [
    "import:carers",
    "import:pupils",
    "schools",
    "clean:carers",
    "clean:pupils",
    "analyse:carers",
    "analyse:pupils",
    "sensitivity:carers",
    "sensitivity:pupils",
    "tables",
    *WORDED,
]
#: Runs the command line in this process and tells whether pandas or numpy was loaded.
IN_PROCESS = """
import sys
from manyi.cli import main
try:
    main()
except SystemExit as end:
    print("pandas" in sys.modules, "numpy" in sys.modules, end.code, file=sys.stderr)
"""


@pytest.fixture
def study(town: Path, tmp_path: Path) -> Path:
    return shutil.copytree(town, tmp_path / "study")


def made_again(run_manyi, study: Path) -> list[str]:
    done = run_manyi("run", study, "--json")
    assert done.code == 0, done.out
    assert sorted(stage["name"] for stage in done.json["stages"]) == sorted(SAMPLE)
    return done.stages("done")


def cause(run_manyi, study: Path, stage: str) -> str:
    stale = run_manyi("status", study, "--json").json["stale"]
    return stale.get(stage, "")


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_second_run_makes_nothing_again(run_manyi, study: Path) -> None:
    done = run_manyi("run", study, "--json")
    assert (done.stages("reused"), done.stages("done")) == (SAMPLE, [])


def test_a_second_run_of_the_example_county_makes_nothing_again(run_manyi, demo_study: Path) -> None:
    done = run_manyi("run", demo_study, "--json")
    assert {stage["state"] for stage in done.json["stages"]} == {"reused"}


def test_a_second_run_says_again_what_was_found(run_manyi, demo_result) -> None:
    folder, first = demo_result
    assert run_manyi("run", folder, "--json").json["faults"] == first.json["faults"]


def test_a_second_run_of_the_example_county_loads_no_pandas(run_python, demo_study: Path) -> None:
    code = IN_PROCESS.replace("main()", "sys.argv[0] = 'manyi'; main()")
    done = run_python(code, "run", demo_study, "--json")
    assert done.err.split()[0] == "False"
    assert done.err.split()[-1] == "0"


def test_status_of_a_finished_study_finds_nothing_stale(run_manyi, study: Path) -> None:
    assert run_manyi("status", study, "--json").json["stale"] == {}


def test_moving_the_study_makes_nothing_again(run_manyi, study: Path, tmp_path: Path) -> None:
    moved = study.rename(tmp_path / "搬到 这里")
    assert made_again(run_manyi, moved) == []


def test_a_new_answer_touches_its_role_and_what_is_joined(run_manyi, study: Path) -> None:
    with (study / "data/responses/carers/carers.csv").open("a", encoding="utf-8") as stream:
        stream.write("003,1,2,3,4,5,4,3,2\n")
    assert cause(run_manyi, study, "import:carers") == "input data/responses/carers/carers.csv"
    assert made_again(run_manyi, study) == [
        "import:carers",
        "clean:carers",
        "analyse:carers",
        "sensitivity:carers",
        "tables",
        "figures",
        "appendix",
        "spss:carers",
        "stata:carers",
        "spss:pooled",
        "syntax",
        "spss:schools",
        "report",
        "word",
    ]


def test_a_file_dropped_in_is_noticed_and_one_taken_away_too(run_manyi, study: Path, read_csv) -> None:
    new = study / "data/responses/pupils/later.csv"
    new.write_text("school,p1,p2,p3,p4,p5\n004,1,2,3,4,5\n", encoding="utf-8")
    assert "import:pupils" in made_again(run_manyi, study)
    kept = read_csv(study, "ledger").query("role == 'pupils' and step == 'kept'")
    assert kept["n"].tolist() == [91]
    new.unlink()
    assert "import:pupils" in made_again(run_manyi, study)
    kept = read_csv(study, "ledger").query("role == 'pupils' and step == 'kept'")
    assert kept["n"].tolist() == [90]


def test_a_wording_touches_what_shows_it_and_no_number(run_manyi, study: Path) -> None:
    before = {path.name: path.read_bytes() for path in (study / "results/tables").glob("*.csv")}
    edit(study / "instruments/pupils.yaml", "Wording of p1", "Other wording of p1")
    assert cause(run_manyi, study, "import:pupils") == "input instruments/pupils.yaml"
    again = made_again(run_manyi, study)
    assert {"spss:pupils", "appendix", "figures", "report", "word"} <= set(again)
    assert not {"import:carers", "clean:carers", "analyse:carers", "schools", "spss:carers"} & set(again)
    after = {path.name: path.read_bytes() for path in (study / "results/tables").glob("*.csv")}
    assert after == before


def test_the_confidence_level_touches_no_answers(run_manyi, study: Path) -> None:
    definition = yaml.safe_load((study / "study.yaml").read_text(encoding="utf-8"))
    definition["analysis"]["confidence"] = 0.9
    (study / "study.yaml").write_text(yaml.safe_dump(definition, allow_unicode=True), encoding="utf-8")
    assert cause(run_manyi, study, "analyse:carers") == "parameters"
    assert made_again(run_manyi, study) == [
        "analyse:carers",
        "analyse:pupils",
        "sensitivity:carers",
        "sensitivity:pupils",
        "tables",
        "figures",
        "appendix",
        "syntax",
        "spss:schools",
        "report",
        "word",
    ]


def test_a_cleaning_rule_touches_cleaning_and_what_follows_of_both_roles(run_manyi, study: Path) -> None:
    definition = yaml.safe_load((study / "study.yaml").read_text(encoding="utf-8"))
    definition["cleaning"] = {"rules": {"straight_lining": {"minimum_items": 4}}}
    (study / "study.yaml").write_text(yaml.safe_dump(definition, allow_unicode=True), encoding="utf-8")
    again = made_again(run_manyi, study)
    assert not {"import:carers", "import:pupils", "schools"} & set(again)
    assert {"clean:carers", "clean:pupils", "analyse:carers", "analyse:pupils", "tables"} <= set(again)


def test_a_school_column_touches_no_import(run_manyi, study: Path) -> None:
    edit(study / "data/schools.csv", "School 001,11", "School 001,40")
    again = made_again(run_manyi, study)
    assert again[0] == "schools"
    assert "analyse:carers" in again
    assert not {"import:carers", "import:pupils"} & set(again)


def test_another_language_touches_what_is_worded(run_manyi, study: Path) -> None:
    done = run_manyi("run", study, "--lang", "zh", "--json")
    assert done.code == 0
    assert sorted(done.stages("done")) == sorted(WORDED)


def test_deleted_results_are_made_again_to_the_byte(run_manyi, study: Path) -> None:
    before = {path.name: path.read_bytes() for path in (study / "results/tables").glob("*.csv")}
    shutil.rmtree(study / "results")
    assert made_again(run_manyi, study) == SAMPLE
    assert {path.name: path.read_bytes() for path in (study / "results/tables").glob("*.csv")} == before


@pytest.mark.parametrize("name", ["appendix.xlsx", "report.html", "spss/carers.sav", "tables/items.csv"])
def test_a_deleted_output_is_made_again_alone(run_manyi, study: Path, name: str) -> None:
    (study / "results" / name).unlink()
    again = made_again(run_manyi, study)
    assert (study / "results" / name).is_file()
    assert again == {"appendix.xlsx": ["appendix"], "report.html": ["report"]}.get(name) or again == {
        "spss/carers.sav": ["spss:carers"],
        "tables/items.csv": ["tables"],
    }.get(name)


def test_an_edited_appendix_is_kept_aside(run_manyi, study: Path) -> None:
    appendix = study / "results" / "appendix.xlsx"
    book = openpyxl.load_workbook(appendix)
    book.worksheets[0]["H40"] = "my remark"
    book.save(appendix)
    done = run_manyi("run", study, "--json")
    assert (done.code, done.codes, done.stages("done")) == (0, ["output-edited"], ["appendix"])
    (aside,) = (study / "results").glob("appendix.edited-*.xlsx")
    assert openpyxl.load_workbook(aside).worksheets[0]["H40"].value == "my remark"
    assert openpyxl.load_workbook(appendix).worksheets[0]["H40"].value is None


def test_the_same_file_taken_in_twice_adds_nothing(run_manyi, study: Path) -> None:
    file = study / "data/responses/carers/carers.csv"
    done = run_manyi("ingest", study, file, "--role", "carers", "--json")
    assert (done.code, done.codes) == (0, [])
    assert [account["rows_kept"] for account in done.json["import"]] == [80]


def test_the_same_content_under_another_name_adds_nothing(run_manyi, study: Path, tmp_path: Path) -> None:
    copy = tmp_path / "carers (1).csv"
    copy.write_bytes((study / "data/responses/carers/carers.csv").read_bytes())
    done = run_manyi("ingest", study, copy, "--role", "carers", "--json")
    assert (done.code, done.codes) == (0, ["same-file"])
    assert sum(account["rows_kept"] for account in done.json["import"]) == 80


def test_other_content_under_the_same_name_is_refused(run_manyi, study: Path, tmp_path: Path) -> None:
    mine = study / "data/responses/carers/carers.csv"
    before = mine.read_bytes()
    other = tmp_path / "carers.csv"
    pd.read_csv(mine, dtype=str).head(5).to_csv(other, index=False, encoding="utf-8")
    done = run_manyi("ingest", study, other, "--role", "carers", "--json")
    assert (done.code, done.codes) == (1, ["file-name-taken"])
    assert mine.read_bytes() == before


def test_a_damaged_manifest_costs_a_full_run_and_no_more(run_manyi, study: Path) -> None:
    (study / "results" / "manifest.json").write_bytes(b'{"stages": {"import:ca')
    assert made_again(run_manyi, study) == SAMPLE


def test_a_file_that_cannot_be_read_is_not_taken_in(run_manyi, study: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    done = run_manyi("ingest", study, tmp_path / "empty.csv", "--role", "carers", "--json")
    assert (done.code, done.codes) == (1, ["file-empty"])
    assert [path.name for path in (study / "data/responses/carers").iterdir()] == ["carers.csv"]
    assert run_manyi("run", study, "--json").code == 0
