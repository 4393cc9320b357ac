"""Texts without identities: phones, accounts, numbers, persons with a title, names and codes known."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any

#: Names of one letter or sign would be found in ordinary words.
SHORTEST = 2


@dataclass(frozen=True, slots=True)
class Masked:
    """A text without identities.

    Parameters
    ----------
    text : str
        With a mark in the place of everything that was masked.
    kinds : dict
        Kind of identity -> how often it was masked.
    """

    text: str
    kinds: dict[str, int]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of identity: how it is found, and the mark put in its place."""

    name: str
    mark: str
    pattern: re.Pattern[str]


class Masking:
    """What is masked in one study.

    Parameters
    ----------
    known : Mapping
        Kind (``school``, ``code``, ``name``) -> names that stand for a person or a school; longest first.
    language : str
        Of the marks.

    Notes
    -----
    A machine finds the forms it was told of. Who reads the quotations must still look for what it cannot
    know: a nickname, a position held by one person only, an event everybody remembers.
    """

    def __init__(self, known: Mapping[str, Iterable[str]], language: str = "zh") -> None:
        self.kinds: list[Kind] = []
        for name, entries in known.items():
            listed = sorted({entry.strip() for entry in entries}, key=lambda entry: (-len(entry), entry))
            long = [re.escape(entry) for entry in listed if len(entry) >= SHORTEST]
            if long:
                marks = _described()["known"][name]
                mark = marks.get(language, marks["en"])
                # A code inside a longer number is another number.
                edges = (r"(?<![0-9A-Za-z])(?:", r")(?![0-9A-Za-z])") if name == "code" else ("(?:", ")")
                self.kinds.append(Kind(name, mark, re.compile(edges[0] + "|".join(long) + edges[1])))
        self.kinds += _general(language)

    def __call__(self, text: str) -> Masked:
        """Return a text with every identity that is found masked."""
        counted: Counter[str] = Counter()
        for kind in self.kinds:
            text, n = kind.pattern.subn(partial(_marked, kind.mark), text)
            counted[kind.name] += n
        return Masked(text, {name: n for name, n in counted.items() if n})


def _marked(mark: str, found: re.Match[str]) -> str:
    """Return the mark with what stays: before it where it stood before, else behind."""
    kept = found.groupdict().get("keep")
    if not kept:
        return mark
    return kept + mark if found.group().startswith(kept) else mark + kept


@cache
def _described() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("identities.toml").read_text(encoding="utf-8"))


@cache
def _general(language: str) -> tuple[Kind, ...]:
    return tuple(
        Kind(entry["name"], entry["mark"].get(language, entry["mark"]["en"]), re.compile(entry["pattern"]))
        for entry in _described()["kind"]
    )


def school_names(full: Iterable[str]) -> set[str]:
    """Return names of schools as people write them too: without what many of them begin with.

    Examples
    --------
    >>> sorted(school_names(["青禾县实验小学", "青禾县博文学校"]))
    ['博文学校', '县博文学校', '县实验小学', '实验小学', '青禾县博文学校', '青禾县实验小学']
    """
    names = {name.strip() for name in full if name and name.strip()}
    heads = Counter(name[:length] for name in names for length in range(2, min(5, len(name) - 2)))
    common = {head for head, n in heads.items() if n > 1 and n >= len(names) / 4}
    short = {name.removeprefix(head) for name in names for head in common if name.startswith(head)}
    return names | {name for name in short if len(name) > SHORTEST}
