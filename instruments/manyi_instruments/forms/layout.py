"""How a questionnaire is laid out on any form: parts, blocks of questions with the same answers, numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise

from manyi_instruments.definitions.questionnaire import (
    AnswerList,
    AttentionCheck,
    Item,
    MissingCode,
    Question,
    Questionnaire,
    Section,
)
from manyi_instruments.definitions.routing import section_of
from manyi_instruments.forms.wording import in_language, words

#: A matrix needs two rows to be one, and columns enough for each answer to be read.
MATRIX_ROWS = 2
MATRIX_COLUMNS = 11
#: Questions on one page of a phone: few enough that a page is answered before it is scrolled away.
PAGE = 6


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive questions: a matrix with one column an answer, or questions that stand by themselves."""

    questions: tuple[Question, ...]
    matrix: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the questionnaire, or what it has where it declares none.

    Attributes
    ----------
    name : str
        Id of the section; ``about`` for background questions and ``views`` for the items outside sections.
    blocks : tuple of Block
        Its questions.
    section : Section or None
        The section as declared.
    """

    name: str
    blocks: tuple[Block, ...]
    section: Section | None = None

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return the questions of all blocks in the order asked."""
        return tuple(question for block in self.blocks for question in block.questions)

    def title(self, language: str) -> str:
        """Return the heading in a language."""
        return in_language(self.section.title, language) if self.section else words(language)[self.name]


def kind(question: Question) -> str:
    """Return the type of a question; an attention check is a choice."""
    return question.type if isinstance(question, Item) else "choice"


def is_required(question: Question, questionnaire: Questionnaire) -> bool:
    """Return whether a question must be answered; an attention check follows the item it stands after."""
    if isinstance(question, AttentionCheck):
        return questionnaire.item(question.after).required
    return question.required


def offered_missing(question: Question, questionnaire: Questionnaire) -> tuple[MissingCode, ...]:
    """Return the missing answers a respondent may choose.

    Don't know is offered where the item says so; refusing where the item is sensitive, and on every question
    where the questionnaire says so; free text, rankings and codes may simply be left empty.
    """
    if isinstance(question, AttentionCheck) or question.type in ("text", "ranking", "code"):
        return ()
    codes = questionnaire.missing_codes
    offered = [codes["dont_know"]] if question.dont_know else []
    refusable = question.sensitive or questionnaire.offer_refused
    return (*offered, codes["refused"]) if refusable else tuple(offered)


def answers_of(question: Question, questionnaire: Questionnaire) -> AnswerList:
    """Return the answer list of a choice, multiple-choice or ranking question."""
    answers = questionnaire.answer_list(question)
    if answers is None:
        raise TypeError(f"{question.id} has no answer list")
    return answers


def _shared_answers(question: Question, questionnaire: Questionnaire) -> str | None:
    """Return the id of the answer list that lets a question stand in a matrix, else None."""
    if kind(question) != "choice":
        return None
    answers = answers_of(question, questionnaire)
    if len(answers.answers) > MATRIX_COLUMNS or any(answer.other for answer in answers.answers):
        return None
    return question.answers


def _blocks(questions: Iterable[Question], questionnaire: Questionnaire) -> Iterator[Block]:
    lone: tuple[Question, ...] = ()
    for shared, run in groupby(questions, key=lambda question: _shared_answers(question, questionnaire)):
        rows = tuple(run)
        if shared is None or len(rows) < MATRIX_ROWS:
            lone += rows
            continue
        if lone:
            yield Block(lone, matrix=False)
            lone = ()
        yield Block(rows, matrix=True)
    if lone:
        yield Block(lone, matrix=False)


def parts(questionnaire: Questionnaire) -> tuple[Part, ...]:
    """Return the parts of a questionnaire in the order asked: its sections, else background and items.

    Background questions never form a matrix: each is about another thing, though several may be yes or no.
    """
    sections = section_of(questionnaire)
    background = {item.id for item in questionnaire.demographics}

    def part(question: Question) -> tuple[str, Section | None]:
        section = sections[question.id]
        if section is not None:
            return section.id, section
        return ("about" if question.id in background else "views"), None

    found: list[Part] = []
    for (name, section), run in groupby(questionnaire.questions(), key=part):
        questions = tuple(run)
        about = tuple(question for question in questions if question.id in background)
        lone = (Block(about, matrix=False),) if about else ()
        blocks = (*lone, *_blocks(questions[len(about) :], questionnaire))
        found.append(Part(name, blocks, section))
    return tuple(found)


def pages(part: Part, size: int = PAGE) -> tuple[Block, ...]:
    """Return a part's pages of at most ``size`` questions: blocks cut equally, short neighbours joined."""
    found: list[Block] = []
    for block in part.blocks:
        for page in _cut(block, size):
            if found and len(found[-1].questions) + len(page.questions) <= size:
                found[-1] = Block(found[-1].questions + page.questions, matrix=False)
            else:
                found.append(page)
    return tuple(found)


def _cut(block: Block, size: int) -> Iterator[Block]:
    count = -(-len(block.questions) // size)
    bounds = [len(block.questions) * number // count for number in range(count + 1)]
    for start, end in pairwise(bounds):
        yield Block(block.questions[start:end], matrix=False)


def numbers(questionnaire: Questionnaire) -> dict[str, int]:
    """Return the number of every question, 1 up, in the order asked; attention checks are numbered alike."""
    return {question.id: number for number, question in enumerate(questionnaire.questions(), start=1)}
