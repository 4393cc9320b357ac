"""Whether two questionnaires are one instrument: the same key, the same wording, or neither."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal

from manyi_instruments.definitions.questionnaire import Item, Questionnaire

Relation = Literal["same", "translated", "mapped", "differs", "absent"]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How one questionnaire stands to another.

    Parameters
    ----------
    relation : str
        ``same``; ``translated``: the same key, no wording differs in a language that both have, and not the
        same languages; ``differs``.
    items : tuple of str
        Items (and ``scales``, ``missing``) that differ.
    """

    relation: Relation
    items: tuple[str, ...] = ()


def instrument_hash(questionnaire: Questionnaire) -> str:
    """Return the SHA-256 of what an instrument is: items, scales, answers, missing codes and their wording.

    Titles, sections, notes, demographics and attention checks are left out: counties have lists of places of
    their own.
    """
    languages = sorted(questionnaire.languages)
    spoken = {language: _wording(questionnaire, language) for language in languages}
    content = json.dumps([_key(questionnaire), spoken], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8")).hexdigest()


def likeness(first: Questionnaire, second: Questionnaire) -> Likeness:
    """Return how the second questionnaire stands to the first."""
    if instrument_hash(first) == instrument_hash(second):
        return Likeness("same")
    keys = (_key(first), _key(second))
    differing = _different(keys[0], keys[1])
    shared = [language for language in first.languages if language in second.languages]
    for language in shared:
        differing += _different(_wording(first, language), _wording(second, language))
    found = tuple(dict.fromkeys(differing))
    return Likeness("differs", found) if found else Likeness("translated")


def _different(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    return [name for name in dict.fromkeys([*first, *second]) if first.get(name) != second.get(name)]


def _key(questionnaire: Questionnaire) -> dict[str, Any]:
    """Return what scores rest on, item by item."""
    scales = [(scale.id, scale.score, scale.minimum_answered) for scale in questionnaire.scales]
    missing = sorted((kind, code.code) for kind, code in questionnaire.missing_codes.items())
    items = {item.id: _item_key(questionnaire, item) for item in questionnaire.items}
    return {"scales": scales, "missing": missing, **items}


def _item_key(questionnaire: Questionnaire, item: Item) -> list[object]:
    answers = questionnaire.answer_list(item)
    values = list(answers.values) if answers is not None else []
    return [item.type, item.scale, item.standalone, item.reverse, values, item.minimum, item.maximum]


def _wording(questionnaire: Questionnaire, language: str) -> dict[str, Any]:
    """Return what respondents read of each item in one language, blanks made single."""
    found = {}
    for item in questionnaire.items:
        answers = questionnaire.answer_list(item)
        labels = [answer.label.get(language, "") for answer in answers.answers] if answers else []
        texts = [item.text.get(language, ""), *labels]
        found[item.id] = [" ".join(text.split()) for text in texts]
    return found
