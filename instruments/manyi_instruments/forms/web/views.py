"""What the templates show: questions with their words in one language and their fields filled."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Question, Questionnaire
from manyi_instruments.expressions.definite import ALWAYS, NEVER
from manyi_instruments.forms.hints import bounds_in_words
from manyi_instruments.forms.layout import answers_of, is_required, kind, offered_missing
from manyi_instruments.forms.web.answer_faults import AnswerFault
from manyi_instruments.forms.web.browser_conditions import as_json
from manyi_instruments.forms.web.entries import LONGEST_OTHER, LONGEST_TEXT
from manyi_instruments.forms.web.fields import (
    field_names,
    missing_field,
    part_field,
    rank_field,
    text_field,
)
from manyi_instruments.forms.web.pages import Page, WebForm
from manyi_instruments.forms.web.reading import Reading
from manyi_instruments.forms.wording import in_language, words

#: A matrix is a table on wide screens where its headings can be read: columns, width of one, width of all.
#: Widths in Latin letters; a Chinese character takes two.
COLUMNS, COLUMN_WIDTH, HEADING_WIDTH = 11, 36, 130
#: Answers this short stand beside each other, from so many on.
TINY_LABEL, SHORT_LABEL, MANY_ANSWERS = 3, 9, 6
#: More answers than a reader scans as a list are a drop-down list.
LONGEST_LIST = 15


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to choose, or one row of a ranking or code."""

    name: str
    value: str
    label: str
    checked: bool = False
    missing: bool = False
    alone: bool = False
    other: bool = False
    entered: str = ""
    length: int = 0
    hint: str = ""
    digits: bool = False


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question as shown.

    Attributes
    ----------
    key : str
        Prefix of the ids of its elements, unique in the document.
    widget : str
        ``choice``, ``select``, ``multiple``, ``ranking``, ``number``, ``text`` or ``code``.
    asked, refused : str
        Its conditions as JSON; empty where there are none.
    visible : bool
        Whether it is shown from the start.
    compact : str
        Classes of a question whose answers stand beside each other.
    """

    id: str
    key: str
    widget: str
    number: int
    text: str
    hints: tuple[str, ...]
    required: bool
    visible: bool
    further: bool
    options: tuple[Option, ...]
    entered: str = ""
    unit: str = ""
    limit: int = 0
    inputmode: str = ""
    whole: bool = False
    low: str = ""
    high: str = ""
    bounds: str = ""
    other: Option | None = None
    error: str = ""
    error_field: str = ""
    asked: str = ""
    refused: str = ""
    refusal: str = ""
    compact: str = ""

    @property
    def described(self) -> str:
        """Return the ids of what describes its fields: hint and error."""
        ids = [f"{self.key}-hint"] if self.hints else []
        return " ".join([*ids, f"{self.key}-error"] if self.error else ids)

    @property
    def target(self) -> str:
        """Return the id of the field an error is linked to."""
        return f"{self.key}-{self.error_field}" if self.error_field else self.key


@dataclass(frozen=True, slots=True)
class BlockView:
    """Questions that stand together; a matrix has a heading over its columns.

    ``columns`` are the answers of a matrix that is a table on wide screens, empty where it is none.
    """

    questions: tuple[QuestionView, ...]
    columns: tuple[Option, ...] = ()


def block_views(form: WebForm, page: Page, language: str, reading: Reading, prefix: str) -> list[BlockView]:
    """Return the questions of a page, filled as it was sent."""
    shown = _Shown(form, language, reading, prefix)
    blocks = []
    for block in page.blocks:
        questions = tuple(map(shown.question, block.questions))
        columns = _columns(questions) if block.matrix else ()
        if columns:
            questions = tuple(replace(question, options=_cells(question, columns)) for question in questions)
        blocks.append(BlockView(questions, columns))
    return blocks


def _columns(questions: Sequence[QuestionView]) -> tuple[Option, ...]:
    """Return the columns of a matrix, missing answers last; none where the table could not be read."""
    substantive = {
        option.value: option for question in questions for option in question.options if not option.missing
    }
    missing = {
        option.value: option for question in questions for option in question.options if option.missing
    }
    columns = (*substantive.values(), *missing.values())
    widths = [_width(option.label) for option in columns]
    if len(columns) > COLUMNS or max(widths) > COLUMN_WIDTH or sum(widths) > HEADING_WIDTH:
        return ()
    return columns


def _cells(question: QuestionView, columns: Iterable[Option]) -> tuple[Option, ...]:
    """Return a row's options, one a column; without a name where the row does not offer it."""
    own = {option.value: option for option in question.options}
    return tuple(own.get(column.value) or replace(column, name="") for column in columns)


def _compact(options: Sequence[Option]) -> str:
    """Return how close together many short answers stand; empty where they stand below each other."""
    widest = max((_width(option.label) for option in options), default=0)
    if len(options) < MANY_ANSWERS or widest > SHORT_LABEL:
        return ""
    return "short tiny" if widest <= TINY_LABEL else "short"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


class _Shown:
    """Questions in one language, as a reading fills them."""

    def __init__(self, form: WebForm, language: str, reading: Reading, prefix: str) -> None:
        self.form = form
        self.questionnaire: Questionnaire = form.questionnaire
        self.language = language
        self.words = words(language)
        self.reading = reading
        self.prefix = prefix
        self.faults: dict[str, AnswerFault] = {}
        for fault in reading.faults:
            if fault.question is not None:
                self.faults.setdefault(fault.question.id, fault)

    def question(self, question: Question) -> QuestionView:
        """Return one question."""
        rule, fault = self.form.rules[question.id], self.faults.get(question.id)
        options = self.options(question)
        view = QuestionView(
            id=question.id,
            key=f"{self.prefix}{question.id}",
            widget=self.widget(question),
            number=self.form.numbers[question.id],
            text=in_language(question.text, self.language),
            hints=self.hints(question),
            required=is_required(question, self.questionnaire),
            visible=question.id in self.reading.asked,
            further=question.id in self.reading.further,
            options=options,
            entered=self.first(question.id),
            other=self.other(question),
            error=fault.message(self.language) if fault else "",
            error_field=self.error_field(question, fault),
            asked=as_json(rule.asked) if rule.asked != ALWAYS else "",
            refused=as_json(rule.refused) if rule.refused != NEVER else "",
            compact=_compact(options),
        )
        return self.bounded(view, question) if isinstance(question, Item) else view

    def bounded(self, view: QuestionView, item: Item) -> QuestionView:
        """Return the view with what a number or text takes."""
        if item.constraint is not None:
            message = item.constraint_message
            refusal = in_language(message, self.language) if message else self.words["web_constraint"]
            view = replace(view, refusal=refusal)
        if item.type == "text":
            return replace(view, limit=LONGEST_TEXT)
        if item.type != "number":
            return view
        positive = item.minimum is not None and item.minimum >= 0
        return replace(
            view,
            unit=in_language(item.unit, self.language) if item.unit else "",
            # The keypads of telephones have no minus.
            inputmode=("numeric" if item.integer else "decimal") if positive else "",
            whole=item.integer,
            low="" if item.minimum is None else repr(item.minimum),
            high="" if item.maximum is None else repr(item.maximum),
            bounds=bounds_in_words(item, self.language),
        )

    def widget(self, question: Question) -> str:
        """Return how a question is answered."""
        if (
            kind(question) == "choice"
            and len(answers_of(question, self.questionnaire).answers) > LONGEST_LIST
        ):
            return "select"
        return kind(question)

    def hints(self, question: Question) -> tuple[str, ...]:
        """Return the small print of a question."""
        if isinstance(question, AttentionCheck):
            return ()
        found = [in_language(question.hint, self.language)] if question.hint else []
        if question.type == "multiple":
            found.append(self.words["web_several"])
        if question.type == "ranking":
            found.append(self.words["web_rank_how"])
        if question.type == "code":
            found.append(self.words["web_code_how"])
        if question.type == "number":
            found += [text for text in (bounds_in_words(question, self.language),) if text]
        return tuple(found)

    def options(self, question: Question) -> tuple[Option, ...]:
        """Return the answers to choose from, the missing answers offered last; rows of a ranking or code."""
        if isinstance(question, Item) and question.type == "code":
            return tuple(self.code_parts(question))
        answers = self.questionnaire.answer_list(question)
        chosen = self.sent(question.id)
        found: list[Option] = []
        for answer in answers.answers if answers else ():
            name = rank_field(question, answer.value) if kind(question) == "ranking" else question.id
            value, label = str(answer.value), in_language(answer.label, self.language)
            ticked, entered = value in chosen, self.first(name)
            found.append(Option(name, value, label, ticked, False, answer.exclusive, answer.other, entered))
        name = missing_field(question) if kind(question) == "number" else question.id
        for code in offered_missing(question, self.questionnaire):
            value, label = str(code.code), in_language(code.label, self.language)
            found.append(Option(name, value, label, value in self.sent(name), True, True))
        return tuple(found)

    def code_parts(self, item: Item) -> Iterable[Option]:
        """Yield the parts of a code."""
        for number, part in enumerate(item.parts, start=1):
            name = part_field(item, number)
            yield Option(
                name,
                str(number),
                in_language(part.text, self.language),
                entered=self.first(name),
                length=part.length,
                hint=self.words[f"code_{part.of}"].format(n=part.length),
                digits=part.of == "digits",
            )

    def other(self, question: Question) -> Option | None:
        """Return the text beside the answers that ask for it."""
        answers = self.questionnaire.answer_list(question)
        others = [answer for answer in answers.answers if answer.other] if answers else []
        if not others:
            return None
        name = text_field(question)
        named = " / ".join(in_language(answer.label, self.language) for answer in others)
        label = self.words["other_text"].format(answer=named)
        return Option(name, "", label, entered=self.first(name), length=LONGEST_OTHER)

    def error_field(self, question: Question, fault: AnswerFault | None) -> str:
        """Return the field to mend, with the value of the option where there are several."""
        if fault is None:
            return ""
        names = field_names(question, self.questionnaire)
        name = fault.name if fault.name in names else names[0]
        if self.widget(question) in ("choice", "multiple") and name == question.id:
            return f"{name}-{answers_of(question, self.questionnaire).values[0]}"
        return name

    def sent(self, name: str) -> Sequence[str]:
        """Return what a field holds."""
        return self.reading.fields.get(name, ())

    def first(self, name: str) -> str:
        """Return the first value of a field."""
        return next(iter(self.sent(name)), "")
