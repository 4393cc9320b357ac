"""The whole answer sheet: every column of the questionnaire, once the last page was sent."""

from dataclasses import dataclass

from manyi_instruments.definitions.questionnaire import Question
from manyi_instruments.forms.web.fields import fields_of
from manyi_instruments.forms.web.pages import Page, WebForm
from manyi_instruments.forms.web.reading import QuestionReader
from manyi_instruments.forms.web.stored import (
    Answers,
    Stored,
    coded_columns,
    columns_of,
    missing_answer,
    number_in,
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One person's answers to the whole questionnaire.

    Attributes
    ----------
    answers : dict
        Every column, in asking order; what was never reached or cannot stand is ``no_answer``, what was
        not asked is ``not_asked`` even where an earlier answer, changed since, had led to it.
    unfinished : tuple of Page
        Pages that were not sent, or hold an answer that cannot stand beside the others.
    """

    answers: dict[str, Stored]
    unfinished: tuple[Page, ...]


def complete(form: WebForm, answers: Answers) -> Sheet:
    """Return the answer sheet of the answers gathered page by page.

    Parameters
    ----------
    form : WebForm
        What was asked.
    answers : Mapping
        The answers of all pages that were sent, later ones over earlier ones. They are read once more as if
        they were sent now, so they may come from a draft that was kept in a browser.
    """
    questionnaire = form.questionnaire
    fields: dict[str, list[str]] = {}
    for question in questionnaire.questions():
        fields.update(fields_of(question, questionnaire, answers))
    reader = QuestionReader(form, fields, {})
    stored: dict[str, Stored] = {}
    open_questions: set[str] = set()
    for question in questionnaire.questions():
        reader.question(question)
        is_asked = question.id in reader.asked[-1:]
        stored.update(missing_answer(question, questionnaire, "no_answer" if is_asked else "not_asked"))
        if is_asked and _was_skipped(question, form, answers):
            open_questions.add(question.id)
    stored.update(reader.answers)
    open_questions |= {fault.question.id for fault in reader.faults if fault.question is not None}
    unfinished = tuple(
        page for page in form.pages if any(question.id in open_questions for question in page.questions)
    )
    return Sheet(stored, unfinished)


def _was_skipped(question: Question, form: WebForm, answers: Answers) -> bool:
    """Return whether a question has no answer of its own: not sent, or not asked when its page was sent."""
    if any(column not in answers for column in columns_of(question, form.questionnaire)):
        return True
    coded = coded_columns(question, form.questionnaire)
    code = form.questionnaire.missing_codes["not_asked"].code
    return bool(coded) and all(number_in(answers, column) == code for column in coded)
