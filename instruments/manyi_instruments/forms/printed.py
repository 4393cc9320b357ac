"""What a form on paper says, in which order and in one language or two; PDF and Word only lay it out."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import groupby

from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Question, Questionnaire
from manyi_instruments.definitions.questionnaire import Text as Wording
from manyi_instruments.forms.condition_words import own_condition, skip_instruction
from manyi_instruments.forms.definition_mark import definition_mark
from manyi_instruments.forms.hints import code_hint, plain
from manyi_instruments.forms.layout import Block, Part, answers_of, kind, numbers, offered_missing, parts
from manyi_instruments.forms.wording import in_language, words

#: One wording in each language of the form, or once where all are alike.
Said = tuple[str, ...]

#: Boxes for a number without a largest value, for a school code and a serial number; lines for free text.
OPEN_DIGITS = 4
SCHOOL_BOXES = 10
SERIAL_BOXES = 6
TEXT_LINES = 3


@dataclass(frozen=True, slots=True)
class PrintedAnswer:
    """An answer to tick: the code that is keyed in, its label, and whether text is written beside it."""

    code: str
    label: Said
    other: bool = False


@dataclass(frozen=True, slots=True)
class PrintedQuestion:
    """One question.

    Attributes
    ----------
    number : int
        As on every form.
    kind : str
        ``choice``, ``multiple``, ``ranking``, ``number`` (boxes for digits or letters) or ``text``.
    text, note, hint : tuple of str
        Its wording; what stands in brackets behind it; what stands below it.
    condition : tuple of str
        Who answers it and those behind it with the same condition; empty where that was told before.
    answers : tuple of PrintedAnswer
        To tick; of a number the missing answers it offers.
    whole, decimals : int
        Boxes before and behind the decimal point.
    unit : tuple of str
        Of a number.
    lines : int
        For free text.
    missing : tuple of str
        In a matrix: the codes of the missing answers this row offers.
    """

    id: str
    number: int
    kind: str
    text: Said
    note: Said = ()
    hint: Said = ()
    condition: Said = ()
    answers: tuple[PrintedAnswer, ...] = ()
    whole: int = 0
    decimals: int = 0
    unit: Said = ()
    lines: int = 0
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedBlock:
    """Questions by themselves, or the rows of a matrix, its columns and the missing answers behind them."""

    matrix: bool
    questions: tuple[PrintedQuestion, ...]
    columns: tuple[PrintedAnswer, ...] = ()
    missing: tuple[PrintedAnswer, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintedPart:
    """A section: heading, who answers it, what stands above its questions."""

    heading: Said
    condition: Said
    introduction: Said
    blocks: tuple[PrintedBlock, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """A form on paper.

    Attributes
    ----------
    languages : tuple of str
        One or two.
    mark : str
        Of the definition, for the QR code.
    own : Mapping of str to tuple of str
        The forms' own words by key of ``wording.toml``.
    how : tuple of tuple of str
        How to fill in the form, a line each.
    """

    languages: tuple[str, ...]
    mark: str
    title: Said
    introduction: Said
    own: dict[str, Said]
    how: tuple[Said, ...]
    parts: tuple[PrintedPart, ...]
    footer: str


_OWN = ("school", "serial", "how_title", "how_chosen", "how_taken_back", "choose_row", "thanks", "pages")


def printed_form(questionnaire: Questionnaire, languages: Sequence[str]) -> Printed:
    """Return everything a form on paper says.

    Parameters
    ----------
    questionnaire : Questionnaire
        Reverse keys, scales and expected answers are not shown.
    languages : sequence of str
        One or two of the questionnaire's languages, the first one leading.
    """
    return _Printer(questionnaire, tuple(languages)).form()


@dataclass(frozen=True)
class _Printer:
    questionnaire: Questionnaire
    languages: tuple[str, ...]

    # --- wordings -----------------------------------------------------------------------------------------

    def each(self, say: Callable[[str], str]) -> Said:
        """Return what is said in each language: once where it is alike, nothing where nothing is said."""
        said = tuple(map(say, self.languages))
        if not any(said):
            return ()
        return said[:1] if len(set(said)) == 1 else said

    def text(self, wording: Wording | None) -> Said:
        """Return one of the questionnaire's wordings."""
        return self.each(lambda language: in_language(wording, language) if wording else "")

    def own(self, key: str, **details: object) -> Said:
        """Return one of the forms' own wordings."""
        return self.each(lambda language: words(language)[key].format(**details))

    def asked(self, question: Question) -> str | None:
        return own_condition(question, self.questionnaire)

    # --- the form -----------------------------------------------------------------------------------------

    def form(self) -> Printed:
        mark = definition_mark(self.questionnaire, self.languages)
        version = {"questionnaire": self.questionnaire.questionnaire, "version": self.questionnaire.version}
        footer = self.own("footer", **version)
        return Printed(
            languages=self.languages,
            mark=mark.written(),
            title=self.text(self.questionnaire.title),
            introduction=self.text(self.questionnaire.introduction),
            own={key: self.each(lambda language, key=key: words(language)[key]) for key in _OWN},  # type: ignore[misc]
            how=tuple(self.how()),
            parts=tuple(self.parts()),
            footer=f"{footer[0]} · {mark.hash}",
        )

    def how(self) -> Iterator[Said]:
        """Yield how to fill in the form: only what this questionnaire needs."""
        questions = tuple(self.questionnaire.questions())
        kinds = {kind(question) for question in questions}
        yield self.own("how_tick")
        yield self.own("how_one_unless" if "multiple" in kinds else "how_one")
        yield self.own("how_correct")
        if any(self.asked(question) for question in questions) or any(
            section.relevant for section in self.questionnaire.sections
        ):
            yield self.own("how_skip")
        if "ranking" in kinds:
            yield self.own("how_rank")
        if any(offered_missing(question, self.questionnaire) for question in questions):
            yield self.each(self.how_missing)
        if "text" in kinds:
            yield self.own("how_names")

    def how_missing(self, language: str) -> str:
        """Return that a missing answer is a valid one too."""
        own = words(language)
        offered = [
            code
            for question in self.questionnaire.questions()
            for code in offered_missing(question, self.questionnaire)
        ]
        labels = dict.fromkeys(in_language(code.label, language) for code in offered)
        answers = own["how_missing_or"].join(
            own["how_missing_answer"].format(label=label) for label in labels
        )
        return own["how_missing"].format(answers=answers)

    def parts(self) -> Iterator[PrintedPart]:
        """Yield headings and blocks; parts are numbered where there are several and numerals for all."""
        found = parts(self.questionnaire)
        numerals = min(len(words(language)["numerals"]) for language in self.languages)
        for place, part in enumerate(found):
            section = part.section
            yield PrintedPart(
                heading=self.heading(part, place if 1 < len(found) <= numerals else None),
                condition=self.each(
                    lambda language, section=section: skip_instruction(  # type: ignore[misc]
                        section.relevant if section else None, self.questionnaire, language, of="only_if_part"
                    )
                ),
                introduction=self.text(section.introduction if section else None),
                blocks=tuple(map(self.block, part.blocks)),
            )

    def heading(self, part: Part, place: int | None) -> Said:
        def say(language: str) -> str:
            own, title = words(language), part.title(language)
            return title if place is None else own["part"].format(number=own["numerals"][place], title=title)

        return self.each(say)

    def block(self, block: Block) -> PrintedBlock:
        conditions = self.conditions(block.questions)
        if not block.matrix:
            lone = tuple(self.lone(question, conditions.get(question.id, ())) for question in block.questions)
            return PrintedBlock(False, lone)
        missing = {
            code.code: PrintedAnswer(str(code.code), self.text(code.label))
            for question in block.questions
            for code in offered_missing(question, self.questionnaire)
        }
        rows = tuple(
            PrintedQuestion(
                question.id,
                self.numbers[question.id],
                "choice",
                self.text(question.text),
                hint=self.hint(question),
                condition=conditions.get(question.id, ()),
                missing=tuple(str(code.code) for code in offered_missing(question, self.questionnaire)),
            )
            for question in block.questions
        )
        return PrintedBlock(True, rows, self.answers(block.questions[0]), tuple(missing.values()))

    @cached_property
    def numbers(self) -> dict[str, int]:
        return numbers(self.questionnaire)

    def conditions(self, questions: Sequence[Question]) -> dict[str, Said]:
        """Return who answers, at the first of the questions that follow each other with one condition."""
        told: dict[str, Said] = {}
        for condition, run in groupby(questions, key=self.asked):
            ids = [question.id for question in run]
            first, last = self.numbers[ids[0]], self.numbers[ids[-1]]
            of = "only_if" if first == last else "only_if_range"
            told[ids[0]] = self.each(
                lambda language, condition=condition, of=of, first=first, last=last: skip_instruction(  # type: ignore[misc]
                    condition, self.questionnaire, language, of=of, first=first, last=last
                )
            )
        return told

    def lone(self, question: Question, condition: Said) -> PrintedQuestion:
        """Return a question that stands by itself: its words and how it is answered."""
        asked = kind(question)
        offered = offered_missing(question, self.questionnaire)
        missing = tuple(PrintedAnswer(str(code.code), self.text(code.label)) for code in offered)
        unit: Said = ()
        hint, whole, decimals, answers = self.hint(question), 0, 0, missing
        if asked in ("choice", "multiple", "ranking"):
            answers = self.answers(question) + missing
        elif isinstance(question, Item) and asked == "code":
            # Boxes as for a number, one a character.
            whole = sum(part.length for part in question.parts)
            own = partial(code_hint, question)
            hint = self.each(lambda language: " ".join((*self.hint_in(question, language), own(language))))
        elif isinstance(question, Item) and asked == "number":
            whole, decimals = digits(question)
            unit = self.text(question.unit)
        return PrintedQuestion(
            question.id,
            self.numbers[question.id],
            "number" if asked == "code" else asked,
            self.text(question.text),
            self.note(question),
            hint,
            condition,
            answers,
            whole,
            decimals,
            unit,
            TEXT_LINES if asked == "text" else 0,
        )

    def answers(self, question: Question) -> tuple[PrintedAnswer, ...]:
        listed = answers_of(question, self.questionnaire).answers
        return tuple(PrintedAnswer(str(one.value), self.text(one.label), one.other) for one in listed)

    def hint(self, question: Question) -> Said:
        """Return a question's hint and what its constraint asks for: paper refuses nothing by itself."""
        return self.each(lambda language: " ".join(self.hint_in(question, language)))

    def hint_in(self, question: Question, language: str) -> list[str]:
        """Return the same in one language, a wording each."""
        if isinstance(question, AttentionCheck):
            return []
        told = (question.hint, question.constraint_message)
        return [in_language(wording, language) for wording in told if wording]

    def note(self, question: Question) -> Said:
        """Return what stands in brackets behind a question: choose several, rank, or the bounds."""
        if kind(question) == "multiple":
            return self.each(lambda language: _note(words(language)["choose_all"], language))
        if kind(question) == "ranking":
            return self.each(lambda language: _note(words(language)["rank_boxes"], language))
        if isinstance(question, Item) and question.type == "number":
            bounds = _bounds(question)
            return (_note(bounds, self.languages[0]),) if bounds else ()
        return ()


def _note(note: str, language: str) -> str:
    return words(language)["note"].format(note=note)


def _bounds(item: Item) -> str:
    """Return the bounds of a number in signs; a count's lowest value of 0 goes without saying."""
    if item.minimum is not None and item.maximum is not None:
        return f"{plain(item.minimum)}–{plain(item.maximum)}"
    if item.maximum is not None:
        return f"≤ {plain(item.maximum)}"
    return f"≥ {plain(item.minimum)}" if item.minimum else ""


def digits(item: Item) -> tuple[int, int]:
    """Return how many boxes a number needs before and behind the decimal point.

    Examples
    --------
    >>> digits(Item(id="AGE", text={"en": "Age"}, type="number", minimum=18, maximum=99))
    (2, 0)
    >>> digits(Item(id="KM", text={"en": "Distance"}, type="number", integer=False, maximum=120.5))
    (3, 1)
    """
    bounds = [bound for bound in (item.minimum, item.maximum) if bound is not None]
    if item.maximum is None:
        whole = max([OPEN_DIGITS, *(len(str(math.floor(abs(bound)))) for bound in bounds)])
    else:
        whole = max(len(str(math.floor(abs(bound)))) for bound in bounds)
    sign = int(any(bound < 0 for bound in bounds))
    if item.integer:
        return whole + sign, 0
    written = [format(bound, ".6f").rstrip("0").partition(".")[2] for bound in bounds]
    return whole + sign, max([1, *map(len, written)])
