"""Which definition an answer was given to: a hash of all that respondents see and scoring rests on."""

import hashlib
import json

from manyi_instruments.definitions.questionnaire import Questionnaire

#: Keys that change neither what is asked nor how it is scored.
PRIVATE = ("note", "heading")
#: Hexadecimal digits: 48 bits, enough to tell the versions of one study apart and short enough to print.
LENGTH = 12


def definition_hash(questionnaire: Questionnaire) -> str:
    """Return the hash of a questionnaire; notes, headings and the order of keys do not change it.

    Examples
    --------
    >>> from manyi_instruments.definitions.loader import load_questionnaire
    >>> text = '''questionnaire: q
    ... title: {en: T}
    ... languages: [en]
    ... items: [{id: A, text: {en: Why?}, type: text}]'''
    >>> noted = text + chr(10) + "note: mine"
    >>> definition_hash(load_questionnaire(text)) == definition_hash(load_questionnaire(noted))
    True
    """
    content = _without_private(questionnaire.model_dump(mode="json"))
    written = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()[:LENGTH]


def _without_private(node: object) -> object:
    if isinstance(node, dict):
        return {key: _without_private(value) for key, value in node.items() if key not in PRIVATE}
    return [_without_private(value) for value in node] if isinstance(node, list) else node
