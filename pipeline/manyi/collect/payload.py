"""The payload: one person's answer sheet as the store keeps it, JSON in UTF-8."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from manyi_instruments.definitions.identity import LENGTH
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.definitions.routing import Rule
from manyi_instruments.faults import AnswersFaulty, Fault, Place
from manyi_instruments.forms.answer_checks import AnswerChecks, SheetAnswer, SheetAnswers
from manyi_instruments.forms.layout import kind
from manyi_instruments.forms.web.stored import (
    Answers,
    answer_columns,
    has_other,
    missing_answer,
    other_column,
)

#: Bytes of a payload: 60 long open answers in Chinese.
MOST_BYTES = 1_000_000
#: Answers and sections of a payload, and characters of one text whatever the questionnaire says.
MOST_ANSWERS = 2000
MOST_SECTIONS = 200
LONGEST_TEXT = 20_000
#: Coarse classes of device, nothing finer; ``odk`` is an app for OpenRosa forms, empty: not told.
DEVICES = ("", "phone", "tablet", "desk", "odk")
#: Whole numbers that every client tells apart.
_LARGEST = 2**53

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_LANGUAGE = re.compile(r"(?:[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3})?")
_MINUTE = re.compile(r"(?:\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z)?")
_HASH = re.compile(rf"(?:[0-9a-f]{{{LENGTH}}})?")


@dataclass(frozen=True, slots=True)
class Payload:
    """One person's answers and what is known of their making, without anything of the person or the line.

    Attributes
    ----------
    answers : Mapping
        Item -> value or missing code, list of the values of a multiple choice, rank of each answer by its
        value, text; ``{item}__text`` -> the text beside an answer. What was not answered is not there.
    form : str
        Hash of the definition the answers were given to; empty where the client did not tell.
    language : str
        In which it was filled in; empty where not told.
    device : str
        One of ``DEVICES``.
    started : str
        When, to the minute, ISO 8601 in UTC; empty where not told.
    seconds : Mapping
        Section -> seconds spent on it; under ``""`` what is known of the whole only.
    """

    answers: SheetAnswers
    form: str = ""
    language: str = ""
    device: str = ""
    started: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)


_FIELDS = frozenset(Payload.__slots__)


def read_payload(data: bytes) -> Payload:
    """Read a payload, strictly: what is not described here is refused.

    Parameters
    ----------
    data : bytes
        A JSON object with ``answers``, ``language``, ``device``, ``started``, ``seconds``, ``form``; all but
        ``answers`` may be left out.

    Raises
    ------
    AnswersFaulty
        ``payload-too-large``, ``payload-not-json``, ``payload-field`` (every field that is not sound).

    Notes
    -----
    Whether the answers fit the questionnaire is for :func:`check_answers`.

    Examples
    --------
    >>> read_payload('{"answers": {"AGE": 41, "WAYS": [1, 3]}, "device": "phone"}'.encode()).answers
    {'AGE': 41, 'WAYS': [1, 3]}
    """
    if len(data) > MOST_BYTES:
        raise AnswersFaulty(Fault("payload-too-large", details={"n": len(data), "most": MOST_BYTES}))
    try:
        held = json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        reason = str(error) if isinstance(error, ValueError) else "too deep"
        raise AnswersFaulty(Fault("payload-not-json", details={"reason": reason[:120]})) from None
    if not isinstance(held, dict):
        raise AnswersFaulty(Fault("payload-not-json", details={"reason": "no object"}))
    unsound = sorted({*(held.keys() - _FIELDS), *_unsound(held)})
    if unsound:
        raise AnswersFaulty([_field_fault(name) for name in unsound])
    return Payload(**held)


def payload_bytes(payload: Payload) -> bytes:
    """Return a payload as it is kept: the same bytes for the same content.

    Examples
    --------
    >>> payload_bytes(Payload({"AGE": 41}, form="0123456789ab", seconds={"about": 12.0}))
    b'{"answers":{"AGE":41},"form":"0123456789ab","seconds":{"about":12.0}}'
    """
    told = {name: getattr(payload, name) for name in Payload.__slots__}
    kept = {name: value for name, value in told.items() if name == "answers" or value}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def check_answers(
    questionnaire: Questionnaire, rules: Mapping[str, Rule], payload: Payload
) -> tuple[Fault, ...]:
    """Return what cannot stand in a payload by the questionnaire: :meth:`AnswerChecks.faults`.

    Who checks many payloads keeps the :class:`AnswerChecks` of the questionnaire, which cost more to make
    than to ask.
    """
    return AnswerChecks(questionnaire, rules).faults(payload.answers)


def sheet_answers(questionnaire: Questionnaire, columns: Answers) -> dict[str, SheetAnswer]:
    """Return the answers of a sheet of coded columns, as the web pages gather them, question by question.

    Parameters
    ----------
    questionnaire : Questionnaire
        What was asked.
    columns : Mapping
        Column -> coded value, as :mod:`manyi_instruments.forms.web.stored` says.

    Returns
    -------
    dict
        As ``Payload.answers``; questions left out or not asked are not there.
    """
    codes = {code.code for code in questionnaire.missing_codes.values()}
    found: dict[str, SheetAnswer] = {}
    for question in questionnaire.questions():
        absent = [missing_answer(question, questionnaire, why) for why in ("no_answer", "not_asked")]
        held = {column: columns.get(column) for column in absent[0]}
        if kind(question) in ("multiple", "ranking"):
            by_value = {value: held[name] for value, name in answer_columns(question, questionnaire).items()}
            stored = set(by_value.values())
            given = {value: one for value, one in by_value.items() if isinstance(one, int) and one > 0}
            given = {value: one for value, one in given.items() if one not in codes}
            if given and kind(question) == "ranking":
                found[question.id] = {str(value): rank for value, rank in given.items()}
            elif given:
                found[question.id] = list(given)
            elif len(stored) == 1 and all(held != one for one in absent):
                said = stored.pop()
                if isinstance(said, int) and said in codes:
                    found[question.id] = said
        else:
            answer = held[question.id]
            left_out = {one[question.id] for one in absent}
            if answer is not None and answer != "" and answer not in left_out:
                found[question.id] = answer
        if has_other(question, questionnaire):
            text = columns.get(other_column(question))
            if isinstance(text, str) and text:
                found[other_column(question)] = text
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _field_fault(name: str) -> Fault:
    shown = name if len(name) <= 80 else f"{name[:80]}…"
    return Fault("payload-field", Place(field=shown), {"field": shown})


def _unsound(held: Mapping[str, Any]) -> list[str]:
    """Return the fields that are not sound: of the payload itself, and the answers by their names."""
    answers = held.get("answers")
    found: list[str] = []
    if not isinstance(answers, dict) or len(answers) > MOST_ANSWERS:
        found.append("answers")
    else:
        found += [name for name in answers if not _NAME.fullmatch(name)]
        found += [name for name, answer in answers.items() if not (_is_whole(answer) or _sound(answer))]
    for name, pattern in (("language", _LANGUAGE), ("started", _MINUTE), ("form", _HASH)):
        text = held.get(name, "")
        if not isinstance(text, str) or not pattern.fullmatch(text):
            found.append(name)
    if held.get("device", "") not in DEVICES:
        found.append("device")
    if not _sound_seconds(held.get("seconds", {})):
        found.append("seconds")
    return found


def _sound(answer: object) -> bool:
    """Return whether something that is no whole number may be an answer to some question."""
    if isinstance(answer, str):
        return 0 < len(answer) <= LONGEST_TEXT and "\x00" not in answer and _encodes(answer)
    if isinstance(answer, list):
        return 0 < len(answer) <= MOST_ANSWERS and all(map(_is_whole, answer))
    if isinstance(answer, dict):
        return 0 < len(answer) <= MOST_ANSWERS and all(
            len(value) <= 20 and _encodes(value) and _is_whole(rank) for value, rank in answer.items()
        )
    return type(answer) is float and math.isfinite(answer)


def _is_whole(value: object) -> bool:
    return type(value) is int and -_LARGEST < value < _LARGEST


def _encodes(text: str) -> bool:
    """Return whether a text is Unicode: JSON may spell half of a pair of surrogates."""
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)


def _sound_seconds(seconds: object) -> bool:
    if not isinstance(seconds, dict) or len(seconds) > MOST_SECTIONS:
        return False
    return all(
        (not name or _NAME.fullmatch(name)) and type(spent) in (int, float) and 0 <= spent < 1e8
        for name, spent in seconds.items()
    )
