"""Labels that say why there is no answer: the kind of missing answer a file's own words mean."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from manyi.readers.wording import answer_key
from manyi_instruments.definitions.questionnaire import MissingKind

# "98 = Don't know", "-9: refused", "(99) n/a"
_NUMBERED = re.compile(r"^[\s(（\[]*[-−–]?\d+\s*[)）\]]?\s*[-=:：.、)）]*\s*(?=\D)")
_BRACKETS = re.compile(r"^(?P<outside>[^(（\[]*)[(（\[](?P<inside>[^)）\]]*)[)）\]]\s*$")


_UNSURE = "unsure"


@cache
def _words() -> tuple[Mapping[str, MissingKind], frozenset[str]]:
    """Return the kind of every word, and the words that can be an answer too."""
    sections = tomllib.loads((files(__package__) / "missing_labels.toml").read_text(encoding="utf-8"))
    unsure = frozenset(answer_key(word) for word in sections.pop(_UNSURE)["words"])
    kinds = {
        answer_key(word): cast(MissingKind, kind)
        for kind, section in sections.items()
        for word in section["words"]
    }
    return kinds, unsure


def missing_kind(label: str, declared: bool = True) -> MissingKind | None:
    """Return the kind of missing answer a label speaks of, or None where it is an answer.

    Parameters
    ----------
    label : str
        In any of the languages of ``missing_labels.toml``; a number before it and one of the words in
        brackets behind or around it are understood.
    declared : bool
        Whether the file declares the code to be missing. If not, words that can as well be an answer, such
        as "not sure", count as one.

    Examples
    --------
    >>> labels = ("拒绝回答", "98 = Don’t know", "不适用（跳过）", "满意", "[Refused]")
    >>> [missing_kind(label) for label in labels]
    ['refused', 'dont_know', 'not_asked', None, 'refused']
    >>> missing_kind("not sure"), missing_kind("not sure", declared=False)
    ('dont_know', None)
    """
    kinds, unsure = _words()
    words = kinds if declared else {key: kind for key, kind in kinds.items() if key not in unsure}
    for text in (label, _NUMBERED.sub("", label)):
        kind = words.get(answer_key(text))
        if kind is not None:
            return kind
        brackets = _BRACKETS.match(text.strip())
        if brackets:
            outside, inside = answer_key(brackets["outside"]), answer_key(brackets["inside"])
            found = words.get(outside) or (words.get(inside) if not outside else None)
            if found is not None:
                return found
    return None
