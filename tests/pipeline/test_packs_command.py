"""``manyi packs``, ``codes`` and ``links`` of a new study: its school table is empty yet, and they go on."""

from pathlib import Path

import pytest


@pytest.fixture
def new_study(tmp_path: Path, run_manyi) -> Path:
    folder = tmp_path / "study"
    assert run_manyi("new", folder).code == 0
    return folder


def test_codes_are_made_before_the_school_table_is_filled(new_study: Path, run_manyi) -> None:
    done = run_manyi("codes", new_study, "--role", "parents", "--school", "0101", "--count", "30", "--json")
    assert (done.code, done.codes) == (0, ["file-header-only"])
    assert len(Path(done.json["written"]).read_text(encoding="utf-8-sig").splitlines()) == 31


def test_packs_hold_posters_and_the_slips_of_every_list(new_study: Path, run_manyi) -> None:
    run_manyi("codes", new_study, "--role", "parents", "--school", "0101", "--count", "30")
    done = run_manyi("packs", new_study, "--base-url", "https://s.example.org", "--school", "0101", "--json")
    assert done.code == 0
    made = {Path(path).name for path in done.json["packs"]}
    assert {"parents-poster.pdf", "parents-posters-schools.pdf", "manual.zh.pdf"} <= made
    assert any(name.startswith("slips-parents-0101") for name in made)


def test_links_of_named_schools_need_no_table(new_study: Path, run_manyi) -> None:
    done = run_manyi("links", new_study, "--url", "https://s.example.org", "--school", "0101", "--json")
    assert done.code == 0
    table = Path(done.json["written"][0]).read_text(encoding="utf-8-sig")
    assert "https://s.example.org/f/parents" in table
    assert "https://s.example.org/c/" in table


def test_links_name_the_schools_of_the_table(demo_study: Path, tmp_path: Path, run_manyi) -> None:
    import shutil

    copy = shutil.copytree(
        demo_study, tmp_path / "copy", ignore=shutil.ignore_patterns("results", "responses")
    )
    done = run_manyi("links", copy, "--url", "https://s.example.org", "--role", "parents", "--json")
    assert done.code == 0
    assert "青禾县实验小学" in Path(done.json["written"][0]).read_text(encoding="utf-8-sig")
