"""``manyi collectors``: accounts made, listed, removed; the QR code that a phone scans."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from manyi.cli import cli
from manyi.collect.openrosa.collectors import COLLECTORS, Collectors
from manyi.collect.openrosa.settings import settings_code

STUDY = "study: s\ntitle: {en: Phones}\nlanguage: en\nroles: {p: {title: {en: p}, questionnaire: p.yaml}}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "study.yaml").write_text(STUDY, encoding="utf-8")
    return tmp_path


def run(*words: object, code: int = 0) -> dict[str, Any]:
    done = CliRunner().invoke(cli, [*map(str, words), "--json", "--lang", "en"])
    assert done.exit_code == code, done.output
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def test_account_is_made_and_its_password_shown_once(folder: Path) -> None:
    made = run("collectors", folder, "--add", "village-1", "--school", "3601")
    again = run("collectors", folder)
    found = Collectors(folder / COLLECTORS).of_token(made["token"])
    assert found is not None
    assert (found.name, found.school) == ("village-1", "3601")
    assert again["collectors"] == [{"name": "village-1", "school": "3601", "class": ""}]
    assert "password" not in again


def test_code_for_the_phone_is_written_for_its_owner_only(folder: Path) -> None:
    address = "https://survey.example/odk/"
    made = run("collectors", folder, "--add", "a b", "--address", address)
    path = Path(made["written"])
    assert path == folder / "codes" / "collector-a_b.svg"
    assert path.read_bytes() == settings_code(f"https://survey.example/odk/key/{made['token']}", "Phones")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_account_is_removed(folder: Path) -> None:
    run("collectors", folder, "--add", "one")
    assert run("collectors", folder, "--remove", "one")["collectors"] == []


def test_removing_nobody_is_told(folder: Path) -> None:
    ran = run("collectors", folder, "--remove", "one", code=1)
    assert [fault["code"] for fault in ran["faults"]] == ["collector-unknown"]
