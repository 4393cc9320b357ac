"""What was sent for one question, read by its type: the coded value, or what is wrong with it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from manyi_instruments.definitions.questionnaire import Answer, Item, Question, Questionnaire
from manyi_instruments.forms.layout import answers_of, kind, offered_missing
from manyi_instruments.forms.web.answer_faults import AnswerFault
from manyi_instruments.forms.web.fields import (
    Fields,
    missing_field,
    part_field,
    rank_field,
    text_field,
)
from manyi_instruments.forms.web.stored import (
    Stored,
    answer_columns,
    has_other,
    missing_answer,
    other_column,
)

#: Characters of a text and of the text beside an answer.
LONGEST_TEXT = 4000
LONGEST_OTHER = 500
#: Characters of a number as typed; more is no slip but an attack.
LONGEST_NUMBER = 18

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:[,'\u066c ]\d{3})+(?:\.\d+)?")
_SIGNS = str.maketrans({"\u2212": "-", "\u066b": ".", "\u3002": "."})


@dataclass(frozen=True, slots=True)
class Entry:
    """One question as sent: what is stored, or the fault for which nothing is."""

    stored: dict[str, Stored]
    fault: AnswerFault | None = None


def read_entry(question: Question, questionnaire: Questionnaire, fields: Fields) -> Entry:
    """Return what the fields of a question mean.

    Parameters
    ----------
    question, questionnaire
        What was asked.
    fields : Mapping
        Name -> values sent; those of other questions are not looked at.

    Returns
    -------
    Entry
        Nothing sent is ``no_answer``; whether that may be is for the caller.
    """
    entry = _by_type(question, questionnaire, fields)
    if entry.fault is not None or not has_other(question, questionnaire):
        return entry
    return _with_other(entry, question, questionnaire, _text(fields, text_field(question)))


def _by_type(question: Question, questionnaire: Questionnaire, fields: Fields) -> Entry:
    match kind(question):
        case "multiple":
            return _multiple(question, questionnaire, fields)
        case "ranking":
            return _ranking(question, questionnaire, fields)
        case "number" if isinstance(question, Item):
            return _number(question, questionnaire, fields)
        case "text":
            text = _text(fields, question.id)
            if len(text) > LONGEST_TEXT:
                return _fault("web_too_long", question, n=LONGEST_TEXT)
            return Entry({question.id: text or None})
        case "code" if isinstance(question, Item):
            return _code(question, fields)
        case _:
            return _choice(question, questionnaire, fields)


def _choice(question: Question, questionnaire: Questionnaire, fields: Fields) -> Entry:
    sent = _values(fields, question.id)
    if not sent:
        return Entry(missing_answer(question, questionnaire, "no_answer"))
    if len(sent) > 1:
        return _fault("web_one_answer", question)
    codes = {str(code.code): code.code for code in offered_missing(question, questionnaire)}
    values = {str(value): value for value in answers_of(question, questionnaire).values}
    if sent[0] in codes:
        return Entry(missing_answer(question, questionnaire, codes[sent[0]]))
    if sent[0] not in values:
        return _fault("web_unknown_answer", question)
    return Entry(missing_answer(question, questionnaire, "no_answer") | {question.id: values[sent[0]]})


def _multiple(question: Question, questionnaire: Questionnaire, fields: Fields) -> Entry:
    sent = list(dict.fromkeys(_values(fields, question.id)))
    if not sent:
        return Entry(missing_answer(question, questionnaire, "no_answer"))
    answers = answers_of(question, questionnaire).answers
    alone = {str(answer.value): answer.label for answer in answers if answer.exclusive}
    codes = {str(code.code): code for code in offered_missing(question, questionnaire)}
    alone |= {text: code.label for text, code in codes.items()}
    known = {str(answer.value) for answer in answers} | set(codes)
    if not known.issuperset(sent):
        return _fault("web_unknown_answer", question)
    excluding = [text for text in sent if text in alone]
    if excluding and len(sent) > 1:
        return _fault("exclusive", question, answer=alone[excluding[0]])
    if sent[0] in codes:
        return Entry(missing_answer(question, questionnaire, codes[sent[0]].code))
    columns = answer_columns(question, questionnaire)
    return Entry({column: int(str(value) in sent) for value, column in columns.items()})


def _ranking(question: Question, questionnaire: Questionnaire, fields: Fields) -> Entry:
    columns = answer_columns(question, questionnaire)
    sent = {value: _values(fields, rank_field(question, value)) for value in columns}
    given = {value: texts for value, texts in sent.items() if texts}
    if not given:
        return Entry(missing_answer(question, questionnaire, "no_answer"))
    possible = {str(rank): rank for rank in range(1, len(columns) + 1)}
    if any(len(texts) > 1 or texts[0] not in possible for texts in given.values()):
        return _fault("web_unknown_answer", question)
    ranks = {value: possible[texts[0]] for value, texts in given.items()}
    if len(set(ranks.values())) < len(ranks):
        return _fault("web_rank_twice", question)
    if max(ranks.values()) > len(ranks):
        return _fault("web_rank_gap", question)
    unranked = questionnaire.missing_codes["not_asked"].code
    return Entry({column: ranks.get(value, unranked) for value, column in columns.items()})


def _number(item: Item, questionnaire: Questionnaire, fields: Fields) -> Entry:
    codes = {str(code.code): code for code in offered_missing(item, questionnaire)}
    typed = _values(fields, item.id)
    chosen = list(dict.fromkeys(_values(fields, missing_field(item)))) if codes else []
    if not set(codes).issuperset(chosen):
        return _fault("web_unknown_answer", item)
    if len(typed) + len(chosen) > 1:
        label = codes[chosen[0]].label if chosen else ""
        return _fault("web_number_and_missing" if chosen else "web_one_answer", item, answer=label)
    if chosen:
        return Entry({item.id: codes[chosen[0]].code})
    if not typed:
        return Entry(missing_answer(item, questionnaire, "no_answer"))
    value = parsed_number(typed[0], item)
    taken = {code.code for code in questionnaire.missing_codes.values()}
    if value is None or (value in taken and not _bounded(item, value)):
        return _fault("web_not_number", item)
    if item.integer and not value.is_integer():
        return _fault("web_not_whole", item)
    if not _bounded(item, value):
        return _fault("bounds", item)
    return Entry({item.id: int(value) if value.is_integer() else value})


def parsed_number(text: str, item: Item) -> float | None:
    """Return a number as people type it, None where it is none.

    Full-width and other scripts' digits, a unit of the item behind it, groups of three and a decimal comma
    are understood; ``1,234`` is a group of three.

    Examples
    --------
    >>> item = Item(id="WAY", text={"en": "Way"}, type="number", unit={"zh": "公里", "en": "km"})
    >>> [parsed_number(text, item) for text in ("１２公里", "3,5 km", "1,234", "٧", "far")]
    [12.0, 3.5, 1234.0, 7.0, None]
    """
    plain = unicodedata.normalize("NFKC", text).translate(_SIGNS).strip()
    for unit in (item.unit or {}).values():
        said = unicodedata.normalize("NFKC", unit)
        if said and plain.casefold().endswith(said.casefold()):
            plain = plain[: len(plain) - len(said)].strip()
            break
    if len(plain) > LONGEST_NUMBER:
        return None
    if _GROUPED.fullmatch(plain):
        plain = re.sub(r"[,'\u066c ]", "", plain)
    elif plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    return float(plain) if _NUMBER.fullmatch(plain) else None


def _bounded(item: Item, value: float) -> bool:
    low = item.minimum is None or value >= item.minimum
    return low and (item.maximum is None or value <= item.maximum)


def _code(item: Item, fields: Fields) -> Entry:
    """Read a code from its parts; it is stored in half-width capitals without accents, as an import does."""
    parts = [
        _code_part("".join(_values(fields, part_field(item, number))))
        for number in range(1, len(item.parts) + 1)
    ]
    if not any(parts):
        return Entry({item.id: None})
    if not all(re.fullmatch(part.pattern, text) for part, text in zip(item.parts, parts, strict=True)):
        return _fault("web_code", item, _first_wrong(item, parts))
    return Entry({item.id: "".join(parts)})


def _first_wrong(item: Item, parts: Sequence[str]) -> str:
    """Return the field of the first part of a code that is not as it was asked for."""
    pairs = enumerate(zip(item.parts, parts, strict=True), start=1)
    return next(
        part_field(item, number) for number, (part, text) in pairs if not re.fullmatch(part.pattern, text)
    )


def _code_part(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text[:LONGEST_NUMBER])
    bare = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return re.sub(r"[\W_]+", "", bare).upper()


def _with_other(entry: Entry, question: Question, questionnaire: Questionnaire, text: str) -> Entry:
    """Return the entry with the text beside its answer; a text whose answer was not chosen is a fault."""
    name = text_field(question)
    if len(text) > LONGEST_OTHER:
        return _fault("web_too_long", question, name, n=LONGEST_OTHER)
    others = [answer for answer in answers_of(question, questionnaire).answers if answer.other]
    if text and not any(_is_chosen(answer, question, questionnaire, entry) for answer in others):
        return _fault("web_other_alone", question, name, answer=others[0].label)
    return Entry(entry.stored | {other_column(question): text or None})


def _is_chosen(answer: Answer, question: Question, questionnaire: Questionnaire, entry: Entry) -> bool:
    """Return whether an answer was chosen or, in a ranking, given a rank."""
    if kind(question) == "choice":
        return entry.stored.get(question.id) == answer.value
    columns = answer_columns(question, questionnaire)
    return entry.stored.get(columns[answer.value]) in range(1, len(columns) + 1)


def _values(fields: Fields, name: str) -> list[str]:
    """Return what a field holds, blanks left out: an empty box was left empty."""
    return [value.strip() for value in fields.get(name, ()) if value.strip()]


def _text(fields: Fields, name: str) -> str:
    """Return the text of a field: line ends as LF, no control characters, which a store may refuse."""
    text = "\n".join(fields.get(name, ())).replace("\r\n", "\n").replace("\r", "\n")
    kept = (sign for sign in text if sign in "\n\t" or unicodedata.category(sign) not in ("Cc", "Cs"))
    return "".join(kept).strip()


def _fault(code: str, question: Question, name: str = "", /, **details: object) -> Entry:
    return Entry({}, AnswerFault(code, question, name or question.id, details))
