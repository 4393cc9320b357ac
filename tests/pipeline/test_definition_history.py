"""Definitions kept beside their forms, answers to an earlier one, ``manyi diff``, and ``manyi packs``."""

import csv
import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from manyi.cli import cli
from manyi.collect.code_file import write_codes
from manyi.collect.packs import read_codes, school_sites
from manyi.study.folder import open_study
from manyi.study.history import history_faults, keep_definition
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.loader import load_questionnaire
from manyi_instruments.faults import AnswersFaulty

QUESTIONNAIRE = """
# A comment that is kept too.
questionnaire: families
title: {zh: 家庭问卷, en: Families}
languages: [zh, en]
introduction: {zh: 您好。, en: Hello.}
answer_lists:
  agree: {values: [1, 2, 3], zh: [不同意, 一般, 同意], en: [against, so so, for]}
items:
  - {id: T1, text: {zh: 我信任学校, en: I trust the school}, answers: agree, standalone: true}
  - {id: T2, text: {zh: 我信任老师, en: I trust teachers}, answers: agree, standalone: true}
"""
STUDY = """
study: families-2026
title: {zh: 家庭调查, en: Survey of families}
language: en
contact: {zh: 督导室, en: Office of inspection}
collection: {retention: "2027-08-31"}
roles:
  families: {title: {zh: 家庭, en: families}, questionnaire: instruments/families.yaml, minutes: 5}
schools: {table: data/schools.csv, code: school_code, name: school_name}
"""


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    for name in ("instruments", "data/responses/families"):
        (folder / name).mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "instruments" / "families.yaml").write_text(QUESTIONNAIRE, encoding="utf-8")
    (folder / "data" / "schools.csv").write_text(
        "school_code,school_name\n0102,第一小学\n0203,镇中心小学\n", encoding="utf-8-sig"
    )
    return folder


def edit(study: Path, old: str, new: str) -> None:
    path = study / "instruments" / "families.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def called(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [*map(str, arguments)])


def as_json(*arguments: str | Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(called(*arguments, "--json").stdout)
    return found


def today(study: Path) -> str:
    return definition_hash(load_questionnaire(study / "instruments" / "families.yaml"))


def answer(study: Path, definition: str, name: str = "answers.csv") -> None:
    rows = ["school,T1,T2,definition", f"0102,1,2,{definition}", f"0102,3,2,{definition}"]
    (study / "data" / "responses" / "families" / name).write_text("\n".join(rows), encoding="utf-8")


# --- definitions are kept -----------------------------------------------------------------------------------


def test_the_definition_is_kept_letter_by_letter(study: Path) -> None:
    path = keep_definition(open_study(study), "families")
    assert path == study / "instruments" / "history" / f"families-{today(study)}.yaml"
    assert path.read_bytes() == (study / "instruments" / "families.yaml").read_bytes()
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_a_kept_definition_is_never_written_again(study: Path) -> None:
    path = keep_definition(open_study(study), "families")
    before = path.read_bytes()
    # A note changes the file and not the definition.
    edit(study, "languages:", "note: mine\nlanguages:")
    assert keep_definition(open_study(study), "families") == path
    assert path.read_bytes() == before


def test_every_edit_keeps_another_definition(study: Path) -> None:
    first = keep_definition(open_study(study), "families")
    edit(study, "我信任学校", "我很信任学校")
    second = keep_definition(open_study(study), "families")
    assert first != second
    assert first.is_file()
    assert second.is_file()


def test_forms_keep_the_definitions_they_are_made_from(study: Path) -> None:
    found = as_json("forms", study)
    assert found["kept"] == [str(study / "instruments" / "history" / f"families-{today(study)}.yaml")]
    assert Path(found["kept"][0]).is_file()


# --- answers given to an earlier definition -----------------------------------------------------------------


def run_after_edit(study: Path, old: str, new: str) -> str:
    keep_definition(open_study(study), "families")
    before = today(study)
    answer(study, before)
    edit(study, old, new)
    called("run", study)
    return before


def test_answers_to_a_definition_that_differs_unsafely_are_told(study: Path) -> None:
    before = run_after_edit(study, "values: [1, 2, 3]", "values: [3, 2, 1]")
    faults = {fault["code"]: fault for fault in as_json("check", study)["faults"]}
    told = faults["answers-of-unsafe-definition"]
    assert told["severity"] == "warning"
    assert before in told["what"]
    assert "2 answers" in told["what"]
    assert "T1, T2" in told["what"]
    assert "answers-renumbered" in told["what"]
    assert "answers-of-unsafe-definition" in {fault["code"] for fault in as_json("run", study)["faults"]}


def test_answers_to_a_definition_that_is_worded_otherwise_are_not_told(study: Path) -> None:
    run_after_edit(study, "我信任学校", "我很信任学校")
    assert list(history_faults(open_study(study))) == []


def test_a_kept_definition_that_nobody_answered_is_not_told(study: Path) -> None:
    keep_definition(open_study(study), "families")
    edit(study, "values: [1, 2, 3]", "values: [3, 2, 1]")
    answer(study, today(study))
    called("run", study)
    assert list(history_faults(open_study(study))) == []


@pytest.mark.parametrize("content", ["questionnaire: [", None])
def test_a_kept_definition_that_was_changed_is_named(content: str | None, study: Path) -> None:
    before = run_after_edit(study, "values: [1, 2, 3]", "values: [3, 2, 1]")
    kept = study / "instruments" / "history" / f"families-{before}.yaml"
    kept.write_text(content or kept.read_text(encoding="utf-8").replace("老师", "学校"), encoding="utf-8")
    assert [(fault.code, fault.severity) for fault in history_faults(open_study(study))] == [
        ("history-damaged", "warning")
    ]


def test_a_study_without_history_loads_no_tables(study: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from manyi.study.folder import open_study;"
        "from manyi.study.history import history_faults;"
        f"list(history_faults(open_study(Path({str(study)!r})))); print('pyarrow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, encoding="utf-8")
    assert done.stdout.strip() == "False"


# --- manyi diff ---------------------------------------------------------------------------------------------


def test_diff_tells_each_edit_with_place_verdict_and_remedy(study: Path) -> None:
    old = keep_definition(open_study(study), "families")
    edit(study, "我信任学校", "我很信任学校")
    new = study / "instruments" / "families.yaml"
    done = called("diff", old, new, "--json", "--lang", "en")
    assert done.exit_code == 0
    (change,) = json.loads(done.stdout)["changes"]["families"]
    assert change["kind"] == "wording"
    assert change["verdict"] == "other-stimulus"
    assert change["items"] == ["T1"]
    assert (change["before"], change["after"]) == ("我信任学校", "我很信任学校")
    assert (change["line"], change["column"]) == (10, 25)
    assert change["remedy"].startswith("A corrected slip may keep the id")


def test_diff_ends_with_1_where_an_item_needs_a_new_name(study: Path) -> None:
    old = keep_definition(open_study(study), "families")
    edit(study, "answers: agree, standalone: true}\n  - {id: T2", "type: text}\n  - {id: T2")
    done = called("diff", old, study / "instruments" / "families.yaml", "--lang", "en")
    assert done.exit_code == 1
    assert "needs a new name" in done.stdout
    assert "families.yaml:10" in done.stdout
    assert "diff-unsafe" in done.stderr


@pytest.mark.parametrize(("language", "said"), [("zh", "没有差别"), ("en", "no difference")])
def test_diff_of_a_definition_and_itself_is_empty(language: str, said: str, study: Path) -> None:
    path = study / "instruments" / "families.yaml"
    done = called("diff", path, path, "--lang", language)
    assert (done.exit_code, said in done.stdout) == (0, True)


def test_diff_compares_studies_role_by_role(study: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    (later / "instruments").mkdir(parents=True)
    text = STUDY.replace(
        "roles:\n", "roles:\n  others: {title: {en: others}, questionnaire: instruments/families.yaml}\n"
    )
    (later / "study.yaml").write_text(text, encoding="utf-8")
    (later / "instruments" / "families.yaml").write_text(
        QUESTIONNAIRE.replace("[1, 2, 3]", "[1, 3, 2]"), encoding="utf-8"
    )
    found = as_json("diff", study, later)
    assert [change["kind"] for change in found["changes"]["families"]] == ["answers-renumbered"]
    assert found["roles_not_compared"] == ["others"]


def test_diff_of_a_study_and_a_file_is_refused(study: Path) -> None:
    found = as_json("diff", study, study / "instruments" / "families.yaml")
    assert [fault["code"] for fault in found["faults"]] == ["diff-unlike"]


def test_diff_of_a_faulty_definition_tells_its_faults(study: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(QUESTIONNAIRE.replace("answers: agree", "answers: none_such"), encoding="utf-8")
    done = called("diff", broken, study / "instruments" / "families.yaml", "--json")
    assert done.exit_code == 1
    assert "answer-list-not-defined" in {fault["code"] for fault in json.loads(done.stdout)["faults"]}


# --- manyi packs --------------------------------------------------------------------------------------------

CODES = [f"0{n:03d}-4567-89AB-C" for n in range(12)]


def test_packs_are_made_of_everything_that_is_given(study: Path) -> None:
    write_codes(study / "codes", [code.replace("-", "") for code in CODES], "families", "0102", "=3")
    found = as_json("packs", study, "--base-url", "https://s.example.org/x/", "--school", "all")
    assert found["faults"] == []
    assert sorted(Path(path).name for path in found["packs"]) == [
        *("families-information.pdf", "families-poster.pdf", "families-posters-schools.pdf"),
        *("manual.en.pdf", "manual.zh.pdf", "slips-families-0102-_3-1.pdf"),
    ]
    assert all(Path(path).read_bytes().startswith(b"%PDF") for path in found["packs"])


@pytest.mark.skipif(sys.platform == "win32", reason="rights of files are POSIX's")
def test_slips_can_be_read_by_their_owner_only(study: Path) -> None:
    write_codes(study / "codes", [code.replace("-", "") for code in CODES], "families", "0102", "")
    for _ in range(2):
        as_json("packs", study, "--base-url", "https://s.example.org")
    (path,) = (study / "forms" / "packs").glob("slips-*.pdf")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_an_address_posters_and_slips_are_left_out_and_named(study: Path) -> None:
    found = as_json("packs", study)
    assert [fault["code"] for fault in found["faults"]] == ["pack-no-address"]
    names = {Path(path).name for path in found["packs"]}
    assert names == {"families-information.pdf", "manual.zh.pdf", "manual.en.pdf"}


def test_an_address_without_encryption_is_told(study: Path) -> None:
    found = as_json("packs", study, "--base-url", "http://s.example.org")
    assert [fault["code"] for fault in found["faults"]] == ["pack-link-open"]


def test_a_code_file_is_read_as_it_was_written(study: Path) -> None:
    path = write_codes(study / "codes", [code.replace("-", "") for code in CODES], "families", "0102", "=3")
    role, slips = read_codes(path, {"families": None})
    assert role == "families"
    assert [slip.code for slip in slips] == CODES
    assert {(slip.school, slip.group) for slip in slips} == {("0102", "=3")}


@pytest.mark.parametrize(
    ("rows", "row"),
    [
        ([["a", "b"], ["1", "2"]], 1),
        ([["code", "role", "school", "class"]], 1),
        ([["code", "role", "school", "class"], ["0001-0002", "strangers", "", ""]], 2),
        (
            [
                ["code", "role", "school", "class"],
                ["0001-0002", "families", "", ""],
                ["oops", "families", "", ""],
            ],
            3,
        ),
    ],
)
def test_a_file_that_is_no_list_of_codes_is_named(rows: list[list[str]], row: int, tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    with pytest.raises(AnswersFaulty) as raised:
        read_codes(path, {"families": None})
    (fault,) = raised.value.faults
    assert (fault.code, fault.place.row) == ("pack-codes-unreadable", row)


def test_posters_of_schools_have_their_names(study: Path) -> None:
    sites, faults = school_sites(open_study(study), ["all"], "", "en")
    assert [(site.school, site.name) for site in sites] == [("0102", "第一小学"), ("0203", "镇中心小学")]
    assert faults == []


def test_a_school_that_is_not_in_the_table_is_told(study: Path) -> None:
    sites, faults = school_sites(open_study(study), ["0103"], "", "en")
    assert [site.school for site in sites] == ["0103"]
    assert [fault.code for fault in faults] == ["pack-no-such-school"]
