"""The pages of a web form: one section a page, long ones cut, and the way through them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import Question, Questionnaire
from manyi_instruments.definitions.routing import Rule, rules
from manyi_instruments.expressions.deciding import Given, decide
from manyi_instruments.forms.layout import Block, Part, parts
from manyi_instruments.forms.layout import numbers as question_numbers
from manyi_instruments.forms.web.stored import Answers, given

#: Questions on one page: a matrix of them stands on one screen of a desk, and few pages are sent to a phone.
PAGE = 8


@dataclass(frozen=True, slots=True)
class Page:
    """Questions that are answered and sent together.

    Attributes
    ----------
    number : int
        From 1; 0 is the introduction, which has no questions.
    part : Part
        The section it belongs to.
    blocks : tuple of Block
        Its questions; a matrix that was cut is one on every page.
    place, places : int
        Which page of its section it is, from 1, and how many the section has.
    """

    number: int
    part: Part
    blocks: tuple[Block, ...]
    place: int = 1
    places: int = 1

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return the questions in the order asked."""
        return tuple(question for block in self.blocks for question in block.questions)


@dataclass(frozen=True, slots=True)
class WebForm:
    """A questionnaire made ready: what every request needs is worked out once.

    Attributes
    ----------
    questionnaire : Questionnaire
        What is asked.
    pages : tuple of Page
        In the order asked; ``pages[n - 1]`` has number ``n``.
    rules : Mapping
        Question -> when it is asked and when its answer is refused.
    numbers : Mapping
        Question -> its number in the questionnaire, as on paper.
    definition : str
        ``definition_hash`` of the questionnaire.
    """

    questionnaire: Questionnaire
    pages: tuple[Page, ...]
    rules: Mapping[str, Rule]
    numbers: Mapping[str, int]
    definition: str


def web_form(questionnaire: Questionnaire, size: int = PAGE) -> WebForm:
    """Return the web form of a questionnaire, with at most ``size`` questions a page."""
    cut = [cut_page for part in parts(questionnaire) for cut_page in _pages(part, size)]
    pages = tuple(replace(page, number=number) for number, page in enumerate(cut, start=1))
    return WebForm(
        questionnaire=questionnaire,
        pages=pages,
        rules=rules(questionnaire),
        numbers=question_numbers(questionnaire),
        definition=definition_hash(questionnaire),
    )


def _pages(part: Part, size: int) -> list[Page]:
    """Return the pages of a part: long blocks cut equally, short neighbours joined."""
    found: list[list[Block]] = []
    for block in part.blocks:
        for piece in _pieces(block, size):
            room = size - sum(len(one.questions) for one in found[-1]) if found else 0
            if len(piece.questions) <= room:
                found[-1].append(piece)
            else:
                found.append([piece])
    return [Page(0, part, tuple(blocks), place, len(found)) for place, blocks in enumerate(found, start=1)]


def _pieces(block: Block, size: int) -> Iterator[Block]:
    count = -(-len(block.questions) // size)
    bounds = [len(block.questions) * number // count for number in range(count + 1)]
    for start, end in pairwise(bounds):
        yield Block(block.questions[start:end], block.matrix and end - start > 1)


def asked(form: WebForm, answers: Answers) -> tuple[str, ...]:
    """Return the questions a person with these answers is asked, in order.

    An answer that is stored for a question that is no longer asked, because an earlier answer was changed,
    counts as missing for those behind it.
    """
    held: dict[str, Given] = {}
    found: list[str] = []
    for question in form.questionnaire.questions():
        if decide(form.rules[question.id].asked, held):
            found.append(question.id)
            held[question.id] = given(question, form.questionnaire, answers)
    return tuple(found)


def pages_asked(form: WebForm, answers: Answers) -> tuple[Page, ...]:
    """Return the pages on which a person with these answers is asked anything."""
    own = set(asked(form, answers))
    return tuple(page for page in form.pages if any(question.id in own for question in page.questions))


def next_page(form: WebForm, answers: Answers, after: int = 0) -> Page | None:
    """Return the next page with anything to ask; None after the last one."""
    return next((page for page in pages_asked(form, answers) if page.number > after), None)


def previous_page(form: WebForm, answers: Answers, before: int) -> Page | None:
    """Return the page before; None before the first one, where the introduction is."""
    earlier = [page for page in pages_asked(form, answers) if page.number < before]
    return earlier[-1] if earlier else None
