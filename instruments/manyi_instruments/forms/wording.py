"""What forms say beside the questionnaire's own words, and the names of languages: data, not code."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from manyi_instruments.definitions.questionnaire import Text

#: Language of the forms' own words where theirs is not among the wordings.
FALLBACK = "en"


@cache
def _table(name: str) -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def words(language: str) -> Mapping[str, str]:
    """Return the forms' own words in a language.

    Parameters
    ----------
    language : str
        Language code; ``zh-Hans`` falls back to ``zh``, an unworded language to English. English words in a
        text that runs from right to left are isolated, so that their punctuation stays where it belongs.

    Returns
    -------
    Mapping
        Key of ``wording.toml`` to words with ``{placeholders}``.

    Examples
    --------
    >>> words("zh-Hans")["school"]
    '学校代码'
    >>> words("sw")["school"]
    'School code'
    """
    spoken = words_language(language)
    own = _table("wording.toml")[spoken]
    if right_to_left(language) and not right_to_left(spoken):
        return {key: isolated(said) if key != "numerals" else said for key, said in own.items()}
    return own


def words_language(language: str) -> str:
    """Return the language in which :func:`words` answers.

    Examples
    --------
    >>> words_language("zh-Hans"), words_language("sw")
    ('zh', 'en')
    """
    table = _table("wording.toml")
    return next((code for code in (language, language.split("-")[0]) if code in table), FALLBACK)


def isolated(text: str) -> str:
    """Return a text that runs from left to right whatever runs around it (Unicode LRI … PDI)."""
    return f"\u2066{text}\u2069"


def language_name(language: str) -> str:
    """Return a language's own name, or its code where ``languages.toml`` has none.

    Examples
    --------
    >>> language_name("zh"), language_name("xq")
    ('中文', 'xq')
    """
    entry = _table("languages.toml").get(language)
    return entry["name"] if entry else language


def language_label(language: str) -> str:
    """Return the name under which a language stands in headings: its own name and its code.

    Examples
    --------
    >>> language_label("zh")
    '中文 (zh)'
    """
    return f"{language_name(language)} ({language})"


def right_to_left(language: str) -> bool:
    """Return whether a language is written from right to left."""
    table = _table("languages.toml")
    entry = table.get(language) or table.get(language.split("-")[0])
    return bool(entry and entry.get("rtl"))


def in_language(text: Text, language: str) -> str:
    """Return a wording in a language; where it is missing, the first wording there is, never nothing.

    Examples
    --------
    >>> in_language({"zh": "年级", "en": "grade"}, "en")
    'grade'
    """
    return text.get(language) or next(iter(text.values()))
