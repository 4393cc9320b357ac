"""Every language has every word, with the same placeholders, and numbers are written by its rules."""

import re
from pathlib import Path
from string import Formatter

import pytest

import manyi_outputs
from manyi_instruments.faults import StudyFaulty
from manyi_outputs.wording import Kind, Numerals, languages, wording

SOURCE = Path(manyi_outputs.__file__).parent
#: A setting of matplotlib and names of templates look like keys.
NOT_WORDS = {"figure.facecolor", "report.css", "report.html", "report.js"}
#: Sections looked up by names that come from data.
FROM_DATA = (
    "multilevel_model.",
    "importance_among.",
    "link.",
    "path.",
    "interval.",
    "cleaning_choice.",
    "rule.",
    "stage.",
    "definition.",
    "definition_short.",
    "verdict.",
    "block.",
    "term.",
    "column.",
    "level.",
    "test.",
    "effect.",
    "adjustment.",
    "against_all.",
    "importance_cross.",
    "importance_kind.",
    "importance_measure.",
    "outcome_kind.",
    "quadrant.",
    "factor_model.",
    "invariance.",
    "area.",
    "area_part.",
    "bound.",
    "needed.",
    "inequality.",
    "alert.",
    "certification.",
    "change_of.",
    "funnel.",
    "masked.",
    "unit_level.",
    "voices.",
    "relation.",
    "verdict_short.",
    "magnitude.",
    "source.",
)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def used() -> tuple[set[str], list[str]]:
    """Return the keys written out in code and templates, and the patterns of keys that are put together."""
    sources = [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.html")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    sections = {key.partition(".")[0] for key in wording("zh").entries}
    keys = set(re.findall(rf"""["']((?:{"|".join(sections)})\.\w+)["']""", text))
    keys -= NOT_WORDS
    patterns = re.findall(rf"""f["']((?:{"|".join(sections)})\.\w*\{{[^}}]+\}}\w*)["']""", text)
    return keys, [re.sub(r"\{[^}]+\}", r"\\w+", pattern.replace(".", r"\.")) for pattern in patterns]


def test_chinese_and_english_are_there() -> None:
    assert set(languages()) >= {"zh", "en"}


@pytest.mark.parametrize("language", languages())
def test_languages_have_the_same_keys(language: str) -> None:
    assert set(wording(language).entries) == set(wording("zh").entries)


@pytest.mark.parametrize("language", languages())
def test_languages_have_the_same_placeholders(language: str) -> None:
    theirs, ours = wording(language).entries, wording("zh").entries
    assert {key: placeholders(text) for key, text in theirs.items()} == {
        key: placeholders(text) for key, text in ours.items()
    }


def test_every_key_in_code_has_words() -> None:
    assert used()[0] - set(wording("zh").entries) == set()


def test_no_word_is_idle() -> None:
    keys, patterns = used()
    idle = {
        key
        for key in wording("zh").entries
        if key not in keys
        and not key.startswith(FROM_DATA)
        and not any(re.fullmatch(pattern, key) for pattern in patterns)
    }
    assert idle == set()


def test_a_language_without_words_is_a_named_fault() -> None:
    with pytest.raises(StudyFaulty) as caught:
        wording("fr")
    assert caught.value.faults[0].code == "output-language-unknown"


# The examples of APA 7, section 6.36, and of Chinese theses.
@pytest.mark.parametrize(
    ("leading_zero", "kind", "value", "shown"),
    [
        (False, Kind.bounded, 0.704, ".704"),
        (False, Kind.bounded, -0.48, "−.480"),
        (False, Kind.bounded, 1.0, "1.000"),
        (False, Kind.p, 0.0004, "<.001"),
        (False, Kind.coefficient, 0.704, "0.704"),
        (True, Kind.bounded, 0.812, "0.812"),
        (True, Kind.p, 0.001, "0.001"),
        (True, Kind.mean, 2.675, "2.68"),
        (True, Kind.mean, -0.001, "0.00"),
        (True, Kind.share, 0.92836, "92.8%"),
        (True, Kind.amount, 2500.4, "2500"),
        (True, Kind.amount, 4.249, "4.25"),
        (True, Kind.df, 12.5, "12.5"),
    ],
)
def test_numbers_in_words(leading_zero: bool, kind: Kind, value: float, shown: str) -> None:
    assert Numerals(leading_zero).text(kind, value) == shown
