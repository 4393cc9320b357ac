"""What these papers say beside the study's own words: data, not code."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from manyi_instruments.forms.wording import words_language


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files(__package__).joinpath("wording.toml").read_text(encoding="utf-8"))


def pack_words(language: str) -> Mapping[str, str]:
    """Return the papers' own words; in English where a language has none.

    Examples
    --------
    >>> pack_words("en")["minutes"].format(n=10)
    'It takes about 10 minutes.'
    """
    return _table()[words_language(language)]
