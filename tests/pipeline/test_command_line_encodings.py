"""Consoles that speak GBK or ASCII, text opened without naming its encoding, CSV for Excel, Chinese paths."""

import json
import shutil
from pathlib import Path

import pytest

#: What Python takes the console for, and what then arrives there: click speaks UTF-8 to an ASCII console.
CONSOLES = pytest.mark.parametrize(("encoding", "arrives"), [("gbk", "gbk"), ("ascii", "utf-8")])


@CONSOLES
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("command", ["run", "status", "check", "forms"])
def test_commands_on_a_console_that_is_not_utf8(run_manyi, copied, command, lang, encoding, arrives) -> None:
    done = run_manyi(command, copied, "--lang", lang, PYTHONIOENCODING=encoding)
    assert done.code == 0, done.stderr
    done.stdout.decode(arrives)


@pytest.fixture(scope="module")
def copied(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the small study below a path with spaces and Chinese characters."""
    return shutil.copytree(town, tmp_path_factory.mktemp("研究 与 数据") / "小 镇")


def test_a_gbk_console_shows_chinese(run_manyi, copied: Path) -> None:
    done = run_manyi("status", copied, "--lang", "zh", PYTHONIOENCODING="gbk")
    assert "import:carers: 最新" in done.stdout.decode("gbk").splitlines()


def test_a_gbk_console_shows_a_question_mark_for_what_gbk_lacks(run_manyi, tmp_path: Path) -> None:
    done = run_manyi("run", tmp_path / "élève 学生", "--lang", "zh", PYTHONIOENCODING="gbk")
    assert "élève 学生".encode("gbk", "replace") in done.stderr


@CONSOLES
def test_help_on_a_console_that_is_not_utf8(run_manyi, encoding: str, arrives: str) -> None:
    done = run_manyi("--help", PYTHONIOENCODING=encoding)
    assert done.code == 0
    assert "导入答卷" in done.stdout.decode(arrives)


@CONSOLES
def test_json_loses_no_character_whatever_the_console(
    run_manyi, copied: Path, encoding: str, arrives
) -> None:
    done = run_manyi("forms", copied, "--json", PYTHONIOENCODING=encoding)
    names = [Path(path) for path in json.loads(done.stdout.decode(arrives))["forms"]]
    assert names
    assert all(path.parent == copied / "forms" and path.is_file() for path in names)


@CONSOLES
def test_errors_on_a_console_that_is_not_utf8(run_manyi, tmp_path: Path, encoding: str, arrives: str) -> None:
    done = run_manyi("run", tmp_path / "élève für 学生", "--lang", "zh", PYTHONIOENCODING=encoding)
    assert done.code == 1
    assert "里没有 study.yaml" in done.stderr.decode(arrives)


def test_the_whole_way_names_the_encoding_of_all_it_opens(demo_result) -> None:
    assert demo_result[1].encodings_not_named == []


def test_every_command_names_the_encoding_of_all_it_opens(run_manyi, copied: Path, tmp_path: Path) -> None:
    shutil.rmtree(copied / "results")
    answers = copied / "data" / "responses" / "pupils" / "pupils.csv"
    made = tmp_path / "新 study"
    calls = [
        ("run", copied),
        ("run", copied),
        ("status", copied),
        ("check", copied),
        ("forms", copied),
        ("new", made, "--from", answers, "--role", "pupils"),
        ("ingest", made, answers, "--role", "pupils"),
        ("new", tmp_path / "bundled"),
    ]
    for call in calls:
        done = run_manyi(*call, PYTHONWARNDEFAULTENCODING="1", PYTHONWARNINGS="always::EncodingWarning")
        assert (call[0], done.code, done.encodings_not_named) == (call[0], 0, [])


def test_text_opened_without_naming_its_encoding_would_be_found(run_python) -> None:
    code = "import sys; open(sys.argv[1]).close()"
    done = run_python(code, __file__, PYTHONWARNDEFAULTENCODING="1", PYTHONWARNINGS="always::EncodingWarning")
    assert "EncodingWarning" in done.err


def test_every_csv_begins_with_the_mark_by_which_excel_knows_utf8(demo_study: Path) -> None:
    written = [demo_study / "data" / "schools.csv", *(demo_study / "results" / "tables").glob("*.csv")]
    assert len(written) > 20
    assert [path.name for path in sorted(written) if not path.read_bytes().startswith(b"\xef\xbb\xbf")] == []


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
