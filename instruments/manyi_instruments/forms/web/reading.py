"""A page as it was sent: read against the questionnaire, as if nothing had been checked before."""

from dataclasses import dataclass, replace

from manyi_instruments.definitions.questionnaire import Question
from manyi_instruments.expressions.deciding import Given, decide
from manyi_instruments.forms.layout import is_required
from manyi_instruments.forms.web.answer_faults import AnswerFault
from manyi_instruments.forms.web.entries import Entry, read_entry
from manyi_instruments.forms.web.fields import SHOWN_FIELD, Fields, field_names, fields_of
from manyi_instruments.forms.web.pages import Page, WebForm
from manyi_instruments.forms.web.stored import (
    Answers,
    Stored,
    coded_columns,
    columns_of,
    given,
    missing_answer,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page that was sent holds.

    Attributes
    ----------
    answers : dict
        Column -> coded value, of every question of the page that is sound: answered, left out (``no_answer``)
        or not asked (``not_asked``, whatever was sent for it; a text has no codes and is absent then).
    faults : tuple of AnswerFault
        What cannot be stored, in the order asked.
    asked : tuple of str
        The questions of the page that a person with these answers is asked.
    further : tuple of str
        Those of them that were not visible when the page was sent: the answers on the page led to them. The
        page is to be shown again. Never any where a script showed them at once.
    fields : Mapping
        What was sent for questions of the page, to be shown again.
    """

    answers: dict[str, Stored]
    faults: tuple[AnswerFault, ...]
    asked: tuple[str, ...]
    further: tuple[str, ...]
    fields: Fields

    @property
    def complete(self) -> bool:
        """Return whether the respondent may go on."""
        return not self.faults and not self.further

    def quiet(self) -> "Reading":
        """Return the reading without its complaints: to show a page as it stands, in another language."""
        shown = tuple(one for one in self.asked if one not in self.further)
        return replace(self, faults=(), asked=shown, further=())

    def merged(self, form: WebForm, page: Page, before: Answers) -> dict[str, Stored]:
        """Return the answers gathered so far with those of this page in place of what it held before."""
        own = {column for question in page.questions for column in columns_of(question, form.questionnaire)}
        return {column: held for column, held in before.items() if column not in own} | self.answers


def read_page(form: WebForm, page: Page, fields: Fields, before: Answers) -> Reading:
    """Read a page that was sent.

    Parameters
    ----------
    form, page
        What was shown.
    fields : Mapping
        Form fields: name -> values. Names that begin with ``_`` are the form's own; ``_shown`` lists the
        questions that were visible, all of them where it is absent.
    before : Mapping
        Answers of other pages, as stored. What they hold for questions of this page is not looked at.

    Returns
    -------
    Reading
        Never raises, whatever was sent.
    """
    own = {name for question in page.questions for name in field_names(question, form.questionnaire)}
    stray = [name for name in fields if name not in own and not name.startswith("_")]
    work = QuestionReader(form, fields, held_before(form, page, before))
    for question in page.questions:
        work.question(question)
    work.faults += [AnswerFault("web_unknown_field", None, name) for name in stray[:1]]
    sent = {name: tuple(values) for name, values in fields.items() if name in own}
    return Reading(work.answers, tuple(work.faults), tuple(work.asked), tuple(work.further), sent)


def stored_reading(form: WebForm, page: Page, answers: Answers) -> Reading:
    """Return a page as its stored answers fill it; nothing is complained of."""
    fields: dict[str, list[str]] = {}
    for question in page.questions:
        fields.update(fields_of(question, form.questionnaire, answers))
    found = read_page(form, page, fields, answers)
    return Reading(found.answers, (), found.asked, (), fields)


def held_before(form: WebForm, page: Page, before: Answers) -> dict[str, Given]:
    """Return the answers that conditions of the page see: of questions asked on earlier pages."""
    first = page.questions[0].id
    held: dict[str, Given] = {}
    for question in form.questionnaire.questions():
        if question.id == first:
            break
        if decide(form.rules[question.id].asked, held):
            held[question.id] = given(question, form.questionnaire, before)
    return held


class QuestionReader:
    """Reads question after question: conditions see the answers read so far.

    Parameters
    ----------
    form : WebForm
        What is asked.
    fields : Mapping
        What was sent.
    held : dict
        Answers to the questions before the first one that is read.
    """

    def __init__(self, form: WebForm, fields: Fields, held: dict[str, Given]) -> None:
        self.form = form
        self.fields = fields
        self.held = held
        shown = fields.get(SHOWN_FIELD)
        self.shown = None if shown is None else set(" ".join(shown).split())
        self.answers: dict[str, Stored] = {}
        self.faults: list[AnswerFault] = []
        self.asked: list[str] = []
        self.further: list[str] = []

    def question(self, question: Question) -> None:
        """Read one question."""
        questionnaire = self.form.questionnaire
        if not decide(self.form.rules[question.id].asked, self.held):
            skipped = missing_answer(question, questionnaire, "not_asked")
            self.answers.update(
                {column: skipped[column] for column in coded_columns(question, questionnaire)}
            )
            return
        self.asked.append(question.id)
        if self.shown is not None and question.id not in self.shown:
            self.further.append(question.id)
            return
        entry = self.checked(question, read_entry(question, questionnaire, self.fields))
        if entry.fault is not None:
            self.faults.append(entry.fault)
            return
        self.answers.update(entry.stored)
        self.held[question.id] = given(question, questionnaire, entry.stored)

    def checked(self, question: Question, entry: Entry) -> Entry:
        """Return an entry with the fault of an answer that is wanted and not there, or is refused."""
        if entry.fault is not None:
            return entry
        questionnaire = self.form.questionnaire
        held = given(question, questionnaire, entry.stored)
        if is_required(question, questionnaire) and held is None and not self.declined(question, entry):
            return Entry({}, AnswerFault("required", question, question.id))
        if decide(self.form.rules[question.id].refused, {**self.held, question.id: held}):
            return Entry({}, AnswerFault("web_constraint", question, question.id))
        return entry

    def declined(self, question: Question, entry: Entry) -> bool:
        """Return whether a missing answer was chosen, which is an answer to a question that wants one."""
        left_out = missing_answer(question, self.form.questionnaire, "no_answer")
        return any(entry.stored[column] != left_out[column] for column in left_out)
