"""The catalogue of this area: complete in both languages, and every entry in use."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

import manyi_instruments

CATALOGUE = files("manyi_instruments.faults.catalogue").joinpath("definitions.toml")
ENTRIES = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
DEFINITIONS = Path(manyi_instruments.__file__).parent / "definitions"


def placeholders(entry: dict[str, str]) -> set[str]:
    """Return the details a wording asks for, all parts together."""
    return set(re.findall(r"(?<!\{)\{(\w+)\}", " ".join(entry.values())))


@pytest.mark.parametrize("code", ENTRIES)
def test_entry_has_what_why_and_remedy_in_both_languages(code: str) -> None:
    assert {language: sorted(entry) for language, entry in ENTRIES[code].items()} == {
        "zh": ["remedy", "what", "why"],
        "en": ["remedy", "what", "why"],
    }


@pytest.mark.parametrize("code", ENTRIES)
def test_both_languages_tell_the_same_details(code: str) -> None:
    assert placeholders(ENTRIES[code]["zh"]) == placeholders(ENTRIES[code]["en"])


@pytest.mark.parametrize("code", ENTRIES)
def test_chinese_is_chinese_and_english_is_not(code: str) -> None:
    assert all(re.search("[\u4e00-\u9fff]", words) for words in ENTRIES[code]["zh"].values())
    assert not any(re.search("[\u4e00-\u9fff]", words) for words in ENTRIES[code]["en"].values())


@pytest.mark.parametrize("code", ENTRIES)
def test_entry_is_used_by_the_definitions(code: str) -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in DEFINITIONS.rglob("*.py"))
    assert f'"{code}"' in sources
