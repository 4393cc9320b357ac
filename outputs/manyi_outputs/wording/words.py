"""The words of one language, looked up by key."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from manyi_instruments.faults import Fault, StudyFaulty
from manyi_outputs.wording.numerals import Numerals


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language.

    Parameters
    ----------
    language : str
        Code of the language, the name of its file.
    entries : Mapping
        ``section.key -> words``, with ``{placeholders}``.
    """

    language: str
    entries: Mapping[str, str]

    def __call__(self, key: str, /, **details: object) -> str:
        """Return the words of a key with its placeholders filled; ``KeyError`` where there is no such key."""
        text = self.entries[key]
        return text.format_map(details) if details else text

    def term(self, section: str, name: str) -> str:
        """Return the word for a name that comes from data, or the name itself where no word is known."""
        return self.entries.get(f"{section}.{name}", name)

    def among(self, section: str, name: str) -> bool:
        """Return whether a section has a word for the name."""
        return f"{section}.{name}" in self.entries

    @property
    def numerals(self) -> Numerals:
        """Return how this language writes numbers."""
        return Numerals(leading_zero=self("numbers.leading_zero") == "yes")


def languages() -> tuple[str, ...]:
    """Return the codes of the languages that have a file here."""
    names = (source.name for source in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml")))


@cache
def wording(language: str) -> Wording:
    """Return the words of a language.

    Parameters
    ----------
    language : str
        Code such as ``zh``.

    Returns
    -------
    Wording

    Raises
    ------
    StudyFaulty
        ``output-language-unknown``: no file of that language.

    Examples
    --------
    >>> wording("en")("table.number", number=3)
    'Table 3'
    """
    known = languages()
    if language not in known:
        raise StudyFaulty(
            Fault("output-language-unknown", details={"language": language, "known": ", ".join(known)})
        )
    source = files(__package__).joinpath(f"{language}.toml")
    sections = tomllib.loads(source.read_text(encoding="utf-8"))
    entries = {f"{section}.{key}": text for section, keys in sections.items() for key, text in keys.items()}
    return Wording(language, entries)
