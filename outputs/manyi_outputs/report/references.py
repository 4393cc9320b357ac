"""Works cited: those of the methods whose results the tables hold, as a reference list has them."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

#: More authors than these are cut off after the third: GB/T 7714-2015, 8.1.2.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Reference:
    """One entry of a reference list.

    Parameters
    ----------
    key : str
        Of ``references.toml``.
    runs : tuple of (text, italic)
        The entry, divided where it changes between upright and italics.
    """

    key: str
    runs: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        """Return the entry without its italics."""
        return "".join(text for text, _ in self.runs)


def references(keys: Iterable[str], style: str) -> tuple[Reference, ...]:
    """Return the works cited, in the order of the list.

    Parameters
    ----------
    keys : iterable of str
        Of ``references.toml``, in any order; each counts once.
    style : {"gbt7714", "apa7"}
        GB/T 7714-2015, or the Publication Manual of the American Psychological Association, 7th edition.

    Returns
    -------
    tuple of Reference
        By the first author's family name, then the year.
    """
    known = _works()
    write = {"gbt7714": _gbt, "apa7": _apa}[style]
    order = sorted(set(keys), key=lambda key: (known[key]["authors"][0].lower(), known[key]["year"], key))
    return tuple(Reference(key, write(known[key])) for key in order)


@cache
def _works() -> Mapping[str, Any]:
    source = files(__package__).joinpath("references.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def _authors(work: Mapping[str, Any]) -> list[tuple[str, str]]:
    names = work["authors"]
    return list(zip(names[::2], names[1::2], strict=True))


def _apa(work: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
    names = [f"{family}, {given}" for family, given in _authors(work)]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, & {names[-1]}"
    head = f"{listed} ({work['year']}). "
    stop = "" if work["title"].endswith("?") else "."
    if work["kind"] == "J":
        volume = f", {work['volume']}"
        rest = f"({work['issue']}), {work['pages']}."
        return (f"{head}{work['title']}{stop} ", False), (work["journal"] + volume, True), (rest, False)
    if work["kind"] == "C":
        tail = f" [Paper presentation]. {work['publisher']}, {work['place']}."
        return (head, False), (work["title"], True), (tail, False)
    edition = f" ({work['edition']})" if "edition" in work else ""
    return (head, False), (work["title"], True), (f"{edition}. {work['publisher']}.", False)


def _gbt(work: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
    names = [
        f"{family.upper()} {given.replace('.', '').replace('-', ' ')}" for family, given in _authors(work)
    ]
    listed = ", ".join(names[:_NAMED]) + (", et al" if len(names) > _NAMED else "")
    text = f"{listed}. {work['title']}[{work['kind']}]. "
    pages = str(work.get("pages", "")).replace("–", "-")
    if work["kind"] == "J":
        issue = str(work["issue"]).replace("–", "-")
        text += f"{work['journal']}, {work['year']}, {work['volume']}({issue}): {pages}."
    else:
        edition = f"{work['edition']} " if "edition" in work else ""
        text += f"{edition}{work['place']}: {work['publisher']}, {work['year']}."
    return ((text, False),)
