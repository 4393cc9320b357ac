"""Files that cannot be read: named each, exit 1, nothing lost, and the rest of the run as ever."""

from pathlib import Path

import pandas as pd
import pytest

ITEMS = ["a1", "a2", "a3", "a4"]
HEADINGS = ",".join(ITEMS)
PASSWORD = Path(__file__).parents[1] / "reference" / "readers" / "password.xlsx"
#: Role -> content of its only file, and the fault by which it is named.
UNREADABLE = {
    "empty": ("answers.csv", b"", "file-empty"),
    "blank": ("answers.csv", b"\xef\xbb\xbf\r\n \r\n", "file-empty"),
    "headings": ("answers.csv", HEADINGS.encode(), "file-header-only"),
    "binary": ("answers.csv", bytes(range(256)) * 20, "file-binary"),
    "encoding": ("answers.csv", b"a1,a2,a3,a4\n1,2,3,\x81\x20\xff\xfe\n" * 9, "file-encoding"),
    "cut": ("answers.xlsx", b"PK\x03\x04" + bytes(200), "file-workbook-damaged"),
    "webpage": ("answers.xls", b"<html><body><table><tr><td>a1</td></tr></table></body></html>", "file-html"),
    "locked": ("answers.xlsx", PASSWORD.read_bytes(), "file-password"),
    "quote": ("answers.csv", (HEADINGS + '\n1,"2,3,4\n' + "1,2,3,4\n" * 5).encode(), "file-quote-open"),
    "column": ("answers.csv", b"a1,a2,a3\n" + b"1,2,3\n" * 20, "item-without-column"),
    "other": ("answers.csv", b"name,town\n" + b"Ann,Oslo\nBo,Bergen\n" * 10, "nothing-matched"),
}


@pytest.fixture(scope="module")
def run(tmp_path_factory, write_study, scale_questionnaire, likert, run_manyi):
    """Return a study with one unreadable file a role and one sound role, and how its run ended."""
    answers = {role: {name: content} for role, (name, content, _) in UNREADABLE.items()}
    answers["sound"] = {"answers.csv": likert(ITEMS, 40, 31)}
    questionnaire = scale_questionnaire({"A": ITEMS})
    folder = write_study(
        tmp_path_factory.mktemp("unreadable") / "study",
        dict.fromkeys(answers, questionnaire),
        answers,
        analysis={"factors": {"sound": {"number": 1}}},
    )
    return folder, run_manyi("run", folder, "--json")


def failed(run) -> set[str]:
    return {name.removeprefix("import:") for name in run[1].stages("failed") if name.startswith("import:")}


def test_exit_code_is_1(run) -> None:
    assert run[1].code == 1


@pytest.mark.parametrize(("role", "name", "code"), [(r, n, c) for r, (n, _, c) in UNREADABLE.items()])
def test_each_is_named_with_its_place(run, role: str, name: str, code: str) -> None:
    place = f"data/responses/{role}/{name}"
    told = [fault["code"] for fault in run[1].json["faults"] if fault.get("file") == place]
    assert told == [code]


def test_only_the_roles_without_a_readable_file_have_no_answers(run) -> None:
    # A missing column is told, and the other three are imported.
    assert failed(run) == set(UNREADABLE) - {"column"}


def test_a_result_that_needs_a_missing_column_says_that_there_are_no_rows(run, read_csv) -> None:
    row = read_csv(run[0], "reliability").query("role == 'column'").iloc[0]
    assert (row["n"], row["missing"], row["reason"]) == (0, 20, "too-few-rows: needed=2")


def test_a_missing_column_is_not_asked_rather_than_lost(run, read_csv) -> None:
    answers = pd.read_parquet(run[0] / "results" / "coded" / "column.parquet")
    assert len(answers) == 20
    assert answers["a4"].unique().tolist() == [-7]
    assert answers[["a1", "a2", "a3"]].to_numpy().tolist() == [[1, 2, 3]] * 20


def test_the_sound_role_has_its_results(run, read_csv) -> None:
    found = read_csv(run[0], "reliability").query("role == 'sound'")
    assert found["alpha"].notna().all()
    assert read_csv(run[0], "loadings").query("role == 'sound'")["item"].tolist() == ITEMS


def test_appendix_and_report_are_written(run) -> None:
    assert run[1].json["outputs"] == [
        str(run[0] / "results" / name) for name in ("appendix.xlsx", "report.html", "report.docx")
    ]


def test_files_are_as_they_were(run) -> None:
    for role, (name, content, _) in UNREADABLE.items():
        assert (run[0] / "data" / "responses" / role / name).read_bytes() == content


def test_one_unreadable_file_of_two_leaves_the_other(
    run_manyi, write_study, scale_questionnaire, likert, read_csv, tmp_path: Path
) -> None:
    files = {"first.csv": likert(ITEMS, 30, 32), "second.csv": b""}
    questionnaire = {"people": scale_questionnaire({"A": ITEMS})}
    study = write_study(
        tmp_path / "study", questionnaire, {"people": files}, analysis={"factors": {"people": {"number": 1}}}
    )
    done = run_manyi("run", study, "--json")
    assert (done.code, done.codes) == (1, ["file-empty"])
    assert read_csv(study, "ledger").query("step == 'kept'")["n"].tolist() == [30]


def test_an_unreadable_school_table_is_named(run_manyi, write_town, tmp_path: Path) -> None:
    study = write_town(tmp_path / "study")
    (study / "data" / "schools.csv").write_bytes(b"")
    done = run_manyi("run", study, "--json")
    assert (done.code, done.codes) == (1, ["file-empty"])
    assert done.stages("done")[:2] == ["import:carers", "import:pupils"]


def test_a_run_after_the_file_was_mended_makes_what_was_missing(
    run_manyi, write_town, town: Path, tmp_path: Path
) -> None:
    study = write_town(tmp_path / "study")
    whole = (study / "data" / "schools.csv").read_bytes()
    (study / "data" / "schools.csv").write_bytes(b"")
    run_manyi("run", study, "--json")
    (study / "data" / "schools.csv").write_bytes(whole)
    done = run_manyi("run", study, "--json")
    assert (done.code, done.stages("reused")[:2]) == (0, ["import:carers", "import:pupils"])
    for table in (town / "results" / "tables").glob("*.csv"):
        assert (study / "results" / "tables" / table.name).read_bytes() == table.read_bytes()


def test_a_file_that_becomes_unreadable_takes_back_what_was_built_on_it(
    run_manyi, write_town, tmp_path: Path, read_csv
) -> None:
    study = write_town(tmp_path / "study")
    run_manyi("run", study)
    (study / "data/responses/pupils/pupils.csv").write_bytes(b"")
    done = run_manyi("run", study, "--json")
    assert (done.code, done.codes) == (1, ["file-empty"])
    assert set(read_csv(study, "reliability")["role"]) == {"carers"}
    assert not (study / "results" / "coded" / "pupils.parquet").exists()
