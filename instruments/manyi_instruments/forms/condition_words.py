"""Conditions in plain words, for paper, field manuals and whoever checks them: who answers a question."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from manyi_instruments.definitions.questionnaire import AttentionCheck, Question, Questionnaire
from manyi_instruments.expressions import Node, parse_expression
from manyi_instruments.expressions.definite import ALWAYS, GIVEN, NEVER, surely
from manyi_instruments.expressions.functions import SELECTED
from manyi_instruments.expressions.notation import written
from manyi_instruments.expressions.tree import (
    COMPARISONS,
    CONNECTIVES,
    Call,
    Minus,
    Name,
    Not,
    Number,
    Operation,
    Text,
)
from manyi_instruments.forms.question_words import Answers, QuestionWords, bare
from manyi_instruments.forms.wording import words

#: How comparisons are called in ``wording.toml``, and which way they point with their sides changed.
CALLED: Mapping[str, str] = {
    ">=": "cond_at_least",
    "<=": "cond_at_most",
    ">": "cond_more",
    "<": "cond_less",
    "==": "cond_same",
    "!=": "cond_other",
}
TURNED: Mapping[str, str] = {">=": "<=", "<=": ">=", ">": "<", "<": ">", "==": "==", "!=": "!="}
SIGNS: Mapping[str, str] = {"+": " + ", "-": " − ", "*": " × ", "/": " ÷ "}


def condition_words(condition: Node, questionnaire: Questionnaire, language: str) -> str:
    """Return a two-valued condition as a clause.

    Parameters
    ----------
    condition : Node
        As ``Rule.asked`` or ``surely`` gives it.
    questionnaire : Questionnaire
        Tells the numbers of the questions and the labels of the answers.
    language : str
        Any; the forms' own words fall back to English.

    Examples
    --------
    >>> from manyi_instruments.definitions.loader import load_questionnaire
    >>> questionnaire = load_questionnaire('''
    ... questionnaire: q
    ... title: {en: T}
    ... languages: [en]
    ... answer_lists: {yes_no: {values: [0, 1], en: ["no", "yes"]}}
    ... items:
    ...   - {id: BUS, text: {en: Is there a bus?}, answers: yes_no, standalone: true}
    ...   - {id: WAIT, text: {en: How long do you wait?}, type: number, minimum: 0, standalone: true}
    ... ''')
    >>> tree = surely(parse_expression("BUS == 1 and WAIT > 30").tree)
    >>> condition_words(tree, questionnaire, "en")
    'question 1 is “yes” and the number in question 2 is more than 30'
    """
    return _Speaker(questionnaire, language).clause(condition)


def skip_instruction(
    condition: str | Node | None,
    questionnaire: Questionnaire,
    language: str,
    *,
    of: str = "only_if",
    first: int = 0,
    last: int = 0,
) -> str:
    """Return what tells a respondent when to answer; empty where everybody answers.

    Parameters
    ----------
    condition : str, Node or None
        As written in the questionnaire, or two-valued.
    questionnaire, language
        As for :func:`condition_words`.
    of : str
        ``only_if`` for a question, ``only_if_part`` for a section, ``only_if_range`` for the questions from
        number ``first`` to ``last``.
    """
    if isinstance(condition, str):
        condition = surely(parse_expression(condition, questionnaire.kinds()).tree)
    if condition is None or condition == ALWAYS:
        return ""
    own = words(language)
    if condition == NEVER and of == "only_if":
        return own["not_to_answer"]
    said = condition_words(condition, questionnaire, language)
    if said == own["cond_always"]:
        return ""
    return own[of].format(condition=said, first=first, last=last)


def own_condition(question: Question, questionnaire: Questionnaire) -> str | None:
    """Return the condition of a question as written; an attention check shares that of its item."""
    if isinstance(question, AttentionCheck):
        return questionnaire.item(question.after).relevant
    return question.relevant


class _Speaker(QuestionWords):
    """Says conditions."""

    # --- conditions ---------------------------------------------------------------------------------------

    def clause(self, node: Node) -> str:
        """Return a condition in words."""
        held = self.holding(node)
        if held is not None:
            return self.of_choice(*held)
        match node:
            case Operation(sign="and" | "or" as sign):
                return self.own[f"cond_{sign}"].join(self.joined(sign, node))
            case Operation(sign=sign, left=left, right=right) if sign in COMPARISONS:
                return self.compared(sign, left, right)
            case Not(operand=operand):
                return self.denied(operand)
            case Call(function=function, arguments=(argument,)) if function == GIVEN:
                return self.of_question("cond_answered", argument)
            case Call(function=function, arguments=(name, answer)) if function == SELECTED:
                return self.of_question("cond_one_chosen", name, labels=self.label(name, answer))
            case _ if node == ALWAYS:
                return self.own["cond_always"]
            case _ if node == NEVER:
                return self.own["cond_never"]
            case _:
                return self.term(node)

    def denied(self, operand: Node) -> str:
        """Return the opposite of a condition in words."""
        match operand:
            case Call(function=function, arguments=(Name() as name,)) if function == GIVEN:
                unsaid = self.unsaid(name)
                if unsaid:
                    return self.of_question("cond_not_answered_or", name, labels=unsaid)
                return self.of_question("cond_not_answered", name)
            case Call(function=function, arguments=(name, answer)) if function == SELECTED:
                return self.of_question("cond_not_chosen", name, labels=self.label(name, answer))
            case Not(operand=inner):
                return self.clause(inner)
            case _:
                return self.own["cond_not"].format(condition=self.grouped(operand))

    def joined(self, sign: str, node: Operation) -> list[str]:
        """Return the parts one word joins, in words; those about one choice are one."""
        merged: dict[str | Node, tuple[str, Answers] | Node] = {}
        for part in _parts(sign, node):
            held = self.holding(part)
            if held is None:
                merged.setdefault(part, part)
                continue
            item, answers = held
            known = merged.get(item)
            if isinstance(known, tuple):
                answers = known[1] & answers if sign == "and" else known[1] | answers
            merged[item] = (item, answers)
        parts = list(merged.values())
        if sign == "and":
            parts = [part for part in parts if isinstance(part, tuple) or not _goes_unsaid(part, parts)]
        ticked = self.ticked([part for part in parts if not isinstance(part, tuple)]) if sign == "or" else {}
        of_node = self.clause if len(parts) == 1 else self.grouped
        said = [
            self.of_choice(*part) if isinstance(part, tuple) else ticked.get(part) or of_node(part)
            for part in parts
        ]
        return list(dict.fromkeys(said))

    def ticked(self, parts: Sequence[Node]) -> dict[Node, str]:
        """Return what is said of several answers to one multiple choice, for every part that names one."""
        named: dict[Node, dict[Node, str]] = {}
        for part in parts:
            match part:
                case Call(function=function, arguments=(Name() as name, answer)) if function == SELECTED:
                    named.setdefault(name, {})[part] = self.label(name, answer)
        return {
            part: self.of_question("cond_one_chosen", name, labels=self.listed(list(labels.values())))
            for name, labels in named.items()
            for part in labels
        }

    def grouped(self, node: Node) -> str:
        """Return a condition in words, in brackets where it joins several."""
        match node:
            case Operation(sign="and" | "or" as sign) if self.holding(node) is None:
                said = self.joined(sign, node)
                together = self.own[f"cond_{sign}"].join(said)
                return self.own["cond_group"].format(condition=together) if len(said) > 1 else together
            case _:
                return self.clause(node)

    def compared(self, sign: str, left: Node, right: Node) -> str:
        """Return a comparison in words."""
        if isinstance(left, Number | Text) and not isinstance(right, Number | Text):
            sign, left, right = TURNED[sign], right, left
        return self.own[CALLED[sign]].format(left=self.term(left), right=self.term(right))

    # --- answers to a single choice -----------------------------------------------------------------------

    def holding(self, node: Node) -> tuple[str, Answers] | None:
        """Return the one single choice a condition is about, and the answers under which it holds."""
        match node:
            case Operation(sign=sign, left=Name(name=name), right=Number(value=value)) if sign in COMPARISONS:
                return self.chosen(name, lambda answer: _compare(answer, sign, value))
            case Operation(sign=sign, left=Number(value=value), right=Name(name=name)) if sign in COMPARISONS:
                return self.chosen(name, lambda answer: _compare(answer, TURNED[sign], value))
            case Call(function=function, arguments=(Name(name=name),)) if function == GIVEN:
                return self.chosen(name, lambda answer: True)
            case Call(function=function, arguments=(Name(name=name), wanted)) if function == SELECTED:
                return self.chosen(name, lambda answer: _is(answer, wanted))
            case Not(operand=operand):
                held = self.holding(operand)
                if held is None:
                    return None
                every = frozenset([*self.values(held[0]), None])
                return held[0], every - held[1]
            case Operation(sign="and" | "or" as sign, left=left, right=right):
                one, two = self.holding(left), self.holding(right)
                if one is None or two is None or one[0] != two[0]:
                    return None
                return one[0], one[1] & two[1] if sign == "and" else one[1] | two[1]
            case _:
                return None

    def chosen(self, item: str, holds: Callable[[int], bool]) -> tuple[str, Answers] | None:
        values = self.values(item)
        return (item, frozenset(value for value in values if holds(value))) if values else None

    # --- terms --------------------------------------------------------------------------------------------

    def term(self, node: Node) -> str:
        """Return a number or text in words."""
        counted = _counted(node)
        if len(counted) > 1:
            questions = self.own["cond_labels"].join(map(self.question, counted))
            return self.own["cond_count"].format(questions=questions)
        match node:
            case Number() | Text():
                return bare(node) if isinstance(node, Number) else self.quoted(bare(node))
            case Name():
                return self.named(node)
            case Minus(operand=operand):
                return f"−{self.factor(operand)}"
            case Operation(sign=sign, left=left, right=right) if sign in SIGNS:
                return f"{self.factor(left, sign)}{SIGNS[sign]}{self.factor(right, sign)}"
            case Call(function="if", arguments=(condition, yes, no)):
                said = {"condition": self.clause(condition), "yes": self.term(yes), "no": self.term(no)}
                return self.own["cond_if"].format(**said)
            case Call(function="min" | "max" as function, arguments=arguments):
                terms = self.own["cond_labels"].join(map(self.term, arguments))
                return self.own[f"cond_{function}"].format(terms=terms)
            case Call(function="abs" | "ceil" | "floor" | "round" as function, arguments=(inner,)):
                return self.own[f"cond_{function}"].format(term=self.factor(inner))
            case _:
                # Whatever else there may be is written as it would be in a questionnaire.
                return self.quoted(written(node))

    def factor(self, node: Node, beside: str = "*") -> str:
        """Return a term, in brackets where without them it would be read otherwise."""
        said = self.term(node)
        together = isinstance(node, Operation) and len(_counted(node)) < 2
        sums = isinstance(node, Operation) and node.sign in "+-" and beside != "+"
        product = isinstance(node, Operation) and node.sign in "*/" and beside in "*/"
        return self.own["cond_group"].format(condition=said) if together and (sums or product) else said


def _compare(answer: int, sign: str, value: float) -> bool:
    truths = {
        ">=": answer >= value,
        "<=": answer <= value,
        ">": answer > value,
        "<": answer < value,
        "==": answer == value,
        "!=": answer != value,
    }
    return truths[sign]


def _is(answer: int, wanted: Node) -> bool:
    match wanted:
        case Number(value=value):
            return answer == value
        case Text(value=text):
            return text == str(answer)
        case _:
            return False


def _parts(sign: str, node: Node) -> Iterator[Node]:
    """Yield the conditions that one word joins."""
    if isinstance(node, Operation) and node.sign == sign:
        yield from _parts(sign, node.left)
        yield from _parts(sign, node.right)
    else:
        yield node


def _goes_unsaid(part: Node, parts: Iterable[object]) -> bool:
    """Return whether a condition only says that a question is answered which another one compares."""
    match part:
        case Operation(sign="!=", left=Number(value=left), right=Number(value=right)):
            # A divisor that is written as a number.
            return left != right
        case Call(function=function, arguments=(Name() as name,)) if function == GIVEN:
            return any(name in _compared_names(other) for other in parts)
        case _:
            return False


def _compared_names(node: object) -> Iterator[Node]:
    """Yield the names whose values a comparison needs whatever else is so."""
    match node:
        case Operation(sign=sign, left=left, right=right) if sign not in CONNECTIVES:
            yield from (*_compared_names(left), *_compared_names(right))
        case Call(function="if", arguments=(_, yes, no)):
            yield from set(_compared_names(yes)) & set(_compared_names(no))
        case Call(function=function, arguments=(Name() as name, _)) if function == SELECTED:
            yield name
        case Call(arguments=arguments) if node.kind == "number":
            yield from (name for argument in arguments for name in _compared_names(argument))
        case Minus(operand=operand):
            yield from _compared_names(operand)
        case Name():
            yield node


def _counted(node: Node) -> tuple[Node, ...]:
    """Return the questions of a sum of ``if(given(question), 1, 0)``, which is how many are answered."""
    match node:
        case Operation(sign="+", left=left, right=right):
            one, two = _counted(left), _counted(right)
            return (*one, *two) if one and two else ()
        case Call(
            function="if",
            arguments=(
                Call(function=function, arguments=(Name() as name,)),
                Number(value=1.0),
                Number(value=0.0),
            ),
        ) if function == GIVEN:
            return (name,)
        case _:
            return ()
