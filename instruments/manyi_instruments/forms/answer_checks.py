"""A whole answer sheet checked against the questionnaire, whatever client filled it in.

One check a question, made once a questionnaire and asked of every sheet: a server cannot trust what a browser
or a phone has checked. What is typed is read elsewhere; here every answer is a value already.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from manyi_instruments.definitions.questionnaire import Item, Question, Questionnaire
from manyi_instruments.definitions.routing import Rule, rules
from manyi_instruments.expressions import Node
from manyi_instruments.expressions.deciding import Given, decide
from manyi_instruments.expressions.definite import ALWAYS, NEVER
from manyi_instruments.expressions.tree import Name, nodes_in
from manyi_instruments.faults import Fault, Place
from manyi_instruments.forms.hints import plain
from manyi_instruments.forms.layout import answers_of, is_required, kind, offered_missing
from manyi_instruments.forms.web.entries import LONGEST_OTHER, LONGEST_TEXT
from manyi_instruments.forms.web.stored import has_other, other_column

#: The answer to one question: a value or missing code, the values of a multiple choice, the rank of each
#: answer by its value, a text or code.
SheetAnswer = int | float | str | Sequence[int] | Mapping[str, int]
#: Item -> its answer; ``{item}__text`` -> the text beside an answer. What was not answered is not there.
SheetAnswers = Mapping[str, SheetAnswer]

#: Characters of an answer that a message repeats.
_SHOWN = 60


class _Refused(Exception):
    """An answer cannot stand; ``code`` and ``details`` are those of the fault."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


#: Answer -> what conditions see of it (None for a missing code); raises ``_Refused``.
_Check = Callable[[SheetAnswer], Given]


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question ready for checking; ``asked`` and ``refused`` are None where nothing needs deciding.

    ``known`` says what conditions see of each answer to a choice that is always asked and never refused:
    most questions are such, and looking the answer up is all there is to check. ``named`` are the questions
    that ``asked`` looks at.
    """

    id: str
    asked: Node | None
    refused: Node | None
    required: bool
    check: _Check
    text: str
    others: frozenset[int]
    known: Mapping[int, Given]
    named: frozenset[str]


class AnswerChecks:
    """The checks of a questionnaire, made ready once.

    Parameters
    ----------
    questionnaire : Questionnaire
        What was asked.
    rules : Mapping, optional
        As :func:`~manyi_instruments.definitions.routing.rules` returns them.
    """

    def __init__(self, questionnaire: Questionnaire, rules_of: Mapping[str, Rule] | None = None) -> None:
        known = rules(questionnaire) if rules_of is None else rules_of
        ready = [_ready(one, questionnaire, known[one.id]) for one in questionnaire.questions()]
        self._all = tuple((one.id, one.known, one) for one in ready)
        self._names = frozenset(name for one in ready for name in (one.id, one.text) if name)

    def faults(self, answers: SheetAnswers) -> tuple[Fault, ...]:
        """Return what cannot stand in an answer sheet, in the order asked; nothing where all can.

        Parameters
        ----------
        answers : Mapping
            The whole sheet, see ``SheetAnswers``.

        Returns
        -------
        tuple of Fault
            ``sent-not-in-list``, ``sent-shape``, ``sent-not-number``, ``sent-not-whole``,
            ``sent-out-of-bounds``, ``sent-too-long``, ``sent-signs``, ``sent-exclusive``, ``sent-ranks``,
            ``sent-code``, ``sent-constraint``, ``sent-required``, ``sent-unasked``, ``sent-text-alone``,
            ``sent-unknown-field``; ``place.field`` is the question.

        Examples
        --------
        >>> from manyi_instruments.definitions.loader import load_questionnaire
        >>> checks = AnswerChecks(load_questionnaire('''
        ... questionnaire: q
        ... title: {en: T}
        ... languages: [en]
        ... answer_lists: {yes_no: {values: [0, 1], en: ["no", "yes"]}}
        ... items:
        ...   - {id: BUS, text: {en: Is there a bus?}, answers: yes_no, standalone: true}
        ...   - {id: WAIT, text: {en: How long do you wait?}, type: number, minimum: 0, standalone: true,
        ...      relevant: BUS == 1}
        ... '''))
        >>> checks.faults({"BUS": 1, "WAIT": 10})
        ()
        >>> [fault.code for fault in checks.faults({"BUS": 0, "WAIT": 10, "TRAIN": 1})]
        ['sent-unasked', 'sent-unknown-field']
        """
        held: dict[str, Given] = {}
        found: list[Fault] = []
        unsure: set[str] = set()
        for name, known, one in self._all:
            sent = answers.get(name)
            # True == 1 and 1.0 == 1, but neither is an answer.
            if type(sent) is int and sent in known:
                held[name] = known[sent]
                continue
            beside = answers.get(one.text) if one.text else None
            if one.asked is not None and not decide(one.asked, held):
                if not unsure.isdisjoint(one.named):
                    # What it follows from is told; whether it was asked nobody can say.
                    unsure.add(name)
                elif sent is not None or beside is not None:
                    found.append(_fault("sent-unasked", name))
                continue
            if sent is None:
                if one.required:
                    found.append(_fault("sent-required", one.id))
                if beside is not None:
                    found.append(_fault("sent-text-alone", one.text, item=one.id))
                continue
            try:
                held[one.id] = one.check(sent)
                if one.refused is not None and decide(one.refused, held):
                    raise _Refused("sent-constraint")
                if beside is not None:
                    _check_beside(beside, held[one.id], one)
            except _Refused as refusal:
                unsure.add(name)
                found.append(_fault(refusal.code, one.id, **refusal.details))
        if not answers.keys() <= self._names:
            found += [_fault("sent-unknown-field", name) for name in sorted(answers.keys() - self._names)]
        return tuple(found)


def _fault(code: str, field: str, /, **details: object) -> Fault:
    return Fault(code, Place(field=field), {"item": field, **details})


def _ready(question: Question, questionnaire: Questionnaire, rule: Rule) -> _Asked:
    beside = has_other(question, questionnaire)
    others = answers_of(question, questionnaire).answers if beside else ()
    always = rule.asked == ALWAYS and rule.refused == NEVER
    looked_up = kind(question) == "choice" and always and not beside
    return _Asked(
        id=question.id,
        asked=None if rule.asked == ALWAYS else rule.asked,
        refused=None if rule.refused == NEVER else rule.refused,
        required=is_required(question, questionnaire),
        check=_check_of(question, questionnaire),
        text=other_column(question) if beside else "",
        others=frozenset(answer.value for answer in others if answer.other),
        known=_known(question, questionnaire) if looked_up else {},
        named=frozenset(node.name for node in nodes_in(rule.asked) if isinstance(node, Name)),
    )


def _check_of(question: Question, questionnaire: Questionnaire) -> _Check:
    """Return the check of one question by its type."""
    match kind(question):
        case "multiple":
            return _multiple(question, questionnaire)
        case "ranking":
            return _ranking(answers_of(question, questionnaire).values)
        case "number" if isinstance(question, Item):
            return _number(question, questionnaire)
        case "text":
            return lambda sent: _text(sent, LONGEST_TEXT)
        case "code" if isinstance(question, Item):
            return _code(question)
        case _:
            return _choice(question, questionnaire)


def _known(question: Question, questionnaire: Questionnaire) -> dict[int, Given]:
    """Return what conditions see of every answer a choice takes: nothing of a missing answer."""
    known: dict[int, Given] = {value: value for value in answers_of(question, questionnaire).values}
    return known | {code.code: None for code in offered_missing(question, questionnaire)}


def _choice(question: Question, questionnaire: Questionnaire) -> _Check:
    known = _known(question, questionnaire)

    def check(sent: SheetAnswer) -> Given:
        if type(sent) is not int or sent not in known:
            raise _Refused("sent-not-in-list", value=_shown(sent))
        return known[sent]

    return check


def _multiple(question: Question, questionnaire: Questionnaire) -> _Check:
    answers = answers_of(question, questionnaire).answers
    values = frozenset(answer.value for answer in answers)
    alone = frozenset(answer.value for answer in answers if answer.exclusive)
    codes = frozenset(code.code for code in offered_missing(question, questionnaire))

    def check(sent: SheetAnswer) -> Given:
        if type(sent) is int:
            if sent not in codes:
                raise _Refused("sent-not-in-list", value=sent)
            return None
        if not isinstance(sent, Sequence) or isinstance(sent, str) or not sent:
            raise _Refused("sent-shape", value=_shown(sent))
        for value in sent:
            if type(value) is not int or value not in values:
                raise _Refused("sent-not-in-list", value=_shown(value))
        if len(set(sent)) < len(sent):
            raise _Refused("sent-shape", value=_shown(sent))
        if len(sent) > 1 and not alone.isdisjoint(sent):
            raise _Refused("sent-exclusive", value=min(alone.intersection(sent)))
        return sent

    return check


def _ranking(values: Collection[int]) -> _Check:
    known = {str(value): value for value in values}

    def check(sent: SheetAnswer) -> Given:
        if not isinstance(sent, Mapping) or not sent:
            raise _Refused("sent-shape", value=_shown(sent))
        if not sent.keys() <= known.keys():
            raise _Refused("sent-not-in-list", value=_shown(min(sent.keys() - known.keys())))
        ranks = list(sent.values())
        whole = all(type(rank) is int for rank in ranks)
        if not whole or sorted(ranks) != list(range(1, len(ranks) + 1)):
            raise _Refused("sent-ranks", value=_shown(sent))
        return tuple(known[value] for value in sent)

    return check


def _number(item: Item, questionnaire: Questionnaire) -> _Check:
    offered = frozenset(code.code for code in offered_missing(item, questionnaire))
    taken = frozenset(code.code for code in questionnaire.missing_codes.values())
    low = -math.inf if item.minimum is None else item.minimum
    high = math.inf if item.maximum is None else item.maximum
    ends = {
        "low": "−∞" if item.minimum is None else plain(item.minimum),
        "high": "∞" if item.maximum is None else plain(item.maximum),
    }

    def check(sent: SheetAnswer) -> Given:
        if type(sent) not in (int, float) or not isinstance(sent, int | float) or not math.isfinite(sent):
            raise _Refused("sent-not-number", value=_shown(sent))
        if sent in offered:
            return None
        if not low <= sent <= high:
            raise _Refused("sent-out-of-bounds", value=_shown(sent), **ends)
        if item.integer and sent != math.floor(sent):
            raise _Refused("sent-not-whole", value=_shown(sent))
        if sent in taken and (item.minimum is None or item.maximum is None):
            # Stored it would be a missing answer.
            raise _Refused("sent-not-number", value=_shown(sent))
        return sent

    return check


def _code(item: Item) -> _Check:
    pattern = re.compile(item.pattern)

    def check(sent: SheetAnswer) -> Given:
        if not isinstance(sent, str) or not pattern.fullmatch(sent):
            # What a person made up to be found again is not repeated.
            raise _Refused("sent-code")
        return sent

    return check


def _text(sent: SheetAnswer, longest: int) -> str:
    if not isinstance(sent, str) or not sent.strip():
        raise _Refused("sent-shape", value=_shown(sent))
    if len(sent) > longest:
        raise _Refused("sent-too-long", n=len(sent), most=longest)
    if not sent.isprintable() and any(map(_is_control, sent)):
        raise _Refused("sent-signs")
    return sent


def _is_control(sign: str) -> bool:
    return sign not in "\n\t" and unicodedata.category(sign) in ("Cc", "Cs")


def _check_beside(sent: SheetAnswer, given: Given, one: _Asked) -> None:
    _text(sent, LONGEST_OTHER)
    chosen = given in one.others if isinstance(given, int) else not one.others.isdisjoint(_values(given))
    if not chosen:
        raise _Refused("sent-text-alone")


def _values(given: Given) -> Collection[int]:
    return () if given is None or isinstance(given, int | float | str) else given


def _shown(sent: object) -> str:
    text = str(sent)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
