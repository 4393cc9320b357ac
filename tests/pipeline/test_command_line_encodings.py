"""Consoles that speak GBK or ASCII, text opened without naming its encoding, CSV for Excel, Chinese paths."""

import json
import shutil
from pathlib import Path

import pytest

CONSOLES = pytest.mark.parametrize("encoding", ["gbk", "ascii"])
STRICT = ("-X", "warn_default_encoding", "-W", "error::EncodingWarning")


@CONSOLES
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("command", ["run", "status", "check", "forms"])
def test_commands_on_a_console_that_is_not_utf8(run_manyi, copied, command, lang, encoding) -> None:
    done = run_manyi(command, copied, "--lang", lang, PYTHONIOENCODING=encoding)
    assert done.code == 0, done.stderr
    done.stdout.decode(encoding)


@pytest.fixture(scope="module")
def copied(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the small study below a path with spaces and Chinese characters."""
    return shutil.copytree(town, tmp_path_factory.mktemp("研究 与 数据") / "小 镇")


def test_a_gbk_console_shows_chinese(run_manyi, copied: Path) -> None:
    done = run_manyi("status", copied, "--lang", "zh", PYTHONIOENCODING="gbk")
    assert "import:carers: 最新" in done.stdout.decode("gbk").splitlines()


def test_an_ascii_console_shows_what_it_can(run_manyi, copied: Path) -> None:
    done = run_manyi("status", copied, "--lang", "zh", PYTHONIOENCODING="ascii")
    assert "import:carers: ??" in done.stdout.decode("ascii").splitlines()


@CONSOLES
def test_help_on_a_console_that_is_not_utf8(run_manyi, encoding: str) -> None:
    done = run_manyi("--help", PYTHONIOENCODING=encoding)
    assert done.code == 0
    assert "ingest" in done.stdout.decode(encoding)


@CONSOLES
def test_json_loses_no_character_whatever_the_console(run_manyi, copied: Path, encoding: str) -> None:
    done = run_manyi("forms", copied, "--json", PYTHONIOENCODING=encoding)
    names = [Path(path) for path in json.loads(done.stdout.decode(encoding))["forms"]]
    assert names
    assert all(path.parent == copied / "forms" and path.is_file() for path in names)


@CONSOLES
def test_errors_on_a_console_that_is_not_utf8(run_manyi, tmp_path: Path, encoding: str) -> None:
    # é and ü are not in GBK either; neither console may end in an error of its own.
    done = run_manyi("run", tmp_path / "élève für 学生", "--lang", "zh", PYTHONIOENCODING=encoding)
    assert done.code == 1
    assert "study-not-found" in done.stderr.decode(encoding)


# `manyi demo` runs with these flags in the fixture `demo_study`.
@pytest.mark.parametrize(
    "command", [("run",), ("status",), ("check",), ("forms",), ("check", "--json"), ("status", "--json")]
)
def test_no_text_is_opened_without_naming_its_encoding(run_manyi, copied: Path, command) -> None:
    done = run_manyi(command[0], copied, *command[1:], python=STRICT)
    assert (done.code, done.err) == (0, "")


def test_new_and_ingest_name_the_encoding_of_what_they_open(run_manyi, copied: Path, tmp_path: Path) -> None:
    answers = copied / "data" / "responses" / "pupils" / "pupils.csv"
    made = tmp_path / "新 study"
    drafted = run_manyi("new", made, "--from", answers, "--role", "pupils", "--json", python=STRICT)
    again = run_manyi("ingest", made, answers, "--role", "pupils", "--json", python=STRICT)
    bundled = run_manyi("new", tmp_path / "bundled", "--json", python=STRICT)
    assert (drafted.code, again.code, bundled.code) == (0, 0, 0), drafted.out + again.out + bundled.out


def test_every_csv_begins_with_the_mark_by_which_excel_knows_utf8(demo_study: Path) -> None:
    written = sorted((demo_study / "results" / "tables").glob("*.csv")) + [
        demo_study / "data" / "schools.csv"
    ]
    assert len(written) > 20
    assert [path.name for path in written if not path.read_bytes().startswith(b"\xef\xbb\xbf")] == []


def test_school_table_of_a_new_study_begins_with_the_mark_too(run_manyi, tmp_path: Path) -> None:
    run_manyi("new", tmp_path / "study")
    assert (tmp_path / "study" / "data" / "schools.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_answers_in_any_encoding_of_a_chinese_office_come_to_the_same(
    run_manyi, tmp_path: Path, encoding: str
) -> None:
    rows = [
        "学校,老师讲得清楚吗,满意度",
        *(f"第{n % 3 + 1}小学,{'很好' if n % 4 else '较差'},{n % 5 + 1}" for n in range(24)),
    ]
    file = tmp_path / "答卷 汇总.csv"
    file.write_bytes("\n".join(rows).encode(encoding))
    study = tmp_path / "研究 study"
    assert run_manyi("new", study, "--from", file, "--role", "people", "--json").code == 0
    done = run_manyi("ingest", study, file, "--role", "people", "--json")
    (account,) = done.json["import"]
    assert (account["rows_kept"], account["cells_missing"], account["cells_rejected"]) == (24, 0, 0)
    text = (study / "instruments" / "people.yaml").read_text(encoding="utf-8")
    assert "老师讲得清楚吗" in text
    assert "较差" in text
