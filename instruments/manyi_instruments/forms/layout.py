"""How a questionnaire is laid out on any form: parts, blocks of questions with the same answers, numbers."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from manyi_instruments.definitions.questionnaire import (
    AnswerList,
    AttentionCheck,
    Item,
    MissingCode,
    Questionnaire,
)

Question = Item | AttentionCheck
PartName = Literal["about", "views"]

#: A matrix needs two rows to be one, and columns enough for each answer to be read.
MATRIX_ROWS = 2
MATRIX_COLUMNS = 11


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive questions: a matrix with one column an answer, or questions that stand by themselves."""

    questions: tuple[Question, ...]
    matrix: bool


@dataclass(frozen=True, slots=True)
class Part:
    """Background questions (``about``) or the questionnaire's items (``views``)."""

    name: PartName
    blocks: tuple[Block, ...]


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
    """Return the parts of a questionnaire in the order asked; empty parts are left out.

    Background questions never form a matrix: each is about another thing, though several may be yes or no.
    """
    questions = tuple(questionnaire.questions())
    about, views = (
        questions[: len(questionnaire.demographics)],
        questions[len(questionnaire.demographics) :],
    )
    found: list[Part] = []
    if about:
        found.append(Part("about", (Block(about, matrix=False),)))
    if views:
        found.append(Part("views", tuple(_blocks(views, questionnaire))))
    return tuple(found)


def numbers(questionnaire: Questionnaire) -> dict[str, int]:
    """Return the number of every question, 1 up, in the order asked; attention checks are numbered alike."""
    return {question.id: number for number, question in enumerate(questionnaire.questions(), start=1)}
