"""Web pages of a questionnaire: introduction, pages of questions, thanks."""

import json
import re
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from manyi_instruments.expressions.deciding import Given
from manyi_instruments.expressions.tree import names_in
from manyi_instruments.forms.layout import is_required
from manyi_instruments.forms.web.delivery import Delivery, asset
from manyi_instruments.forms.web.pages import Page, WebForm, pages_asked
from manyi_instruments.forms.web.reading import Reading, held_before, stored_reading
from manyi_instruments.forms.web.stored import Answers
from manyi_instruments.forms.web.views import block_views
from manyi_instruments.forms.wording import (
    in_language,
    language_name,
    right_to_left,
    words,
    words_language,
)

#: Wordings the script puts into the page.
SCRIPT_WORDS = (
    "required",
    "web_not_number",
    "web_not_whole",
    "web_rank_twice",
    "web_rank_gap",
    "web_code",
    "web_errors",
    "web_error",
    "pages",
)


@cache
def environment() -> Environment:
    """Return the templates; a server adds pages of its own by extending ``frame.html``."""
    return Environment(
        loader=PackageLoader("manyi_instruments.forms.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render_introduction(form: WebForm, language: str, delivery: Delivery | None = None) -> str:
    """Return the first page: what respondents are told before they start, and the button that starts.

    Parameters
    ----------
    form : WebForm
        The questionnaire.
    language : str
        One of its languages.
    delivery : Delivery, optional
        Default: posted to its own address, styles and script inside.
    """
    return _rendered("introduction.html", form, language, delivery, **introduction_context(form, language))


def render_page(
    form: WebForm,
    language: str,
    page: Page,
    answers: Answers,
    reading: Reading | None = None,
    delivery: Delivery | None = None,
) -> str:
    """Return a page of questions.

    Parameters
    ----------
    form, page
        What is asked.
    language : str
        One of the questionnaire's.
    answers : Mapping
        All answers so far, as stored: those of this page fill it, those of others decide who is asked what.
    reading : Reading, optional
        The page as it was just sent, where it is shown again: with what was sent, its faults at the
        questions and in a summary, and the questions that its answers led to. A reading without either,
        as after a change of language, complains of nothing.
    delivery : Delivery, optional
        Default: posted to its own address, styles and script inside.

    Returns
    -------
    str
        HTML. It works without the script; with it, questions appear and disappear while the page is
        answered, and faults are told before it is sent.
    """
    found = reading or stored_reading(form, page, answers)
    return _rendered(
        "page.html", form, language, delivery, **page_context(form, language, page, answers, found)
    )


def render_thanks(form: WebForm, language: str, receipt: str = "", delivery: Delivery | None = None) -> str:
    """Return the last page, with the receipt code where there is one."""
    return _rendered("thanks.html", form, language, delivery, receipt=receipt, page=None)


def introduction_context(form: WebForm, language: str) -> dict[str, Any]:
    """Return what the introduction shows."""
    questionnaire = form.questionnaire
    introduction = questionnaire.introduction
    return {
        "page": None,
        "paragraphs": paragraphs(in_language(introduction, language)) if introduction else (),
        "some_required": any(is_required(one, questionnaire) for one in questionnaire.questions()),
    }


def page_context(
    form: WebForm, language: str, page: Page, answers: Answers, reading: Reading, prefix: str = "q-"
) -> dict[str, Any]:
    """Return what a page of questions shows."""
    blocks = block_views(form, page, language, reading, prefix)
    questions = [question for block in blocks for question in block.questions]
    section = page.part.section
    introduction = section.introduction if section and page.place == 1 else None
    ways = pages_asked(form, {**answers, **reading.answers})
    stray = [fault.message(language) for fault in reading.faults if fault.question is None]
    return {
        "page": page,
        "title": page_title(page, language),
        "introduction": paragraphs(in_language(introduction, language)) if introduction else (),
        "blocks": blocks,
        "wrong": [question for question in questions if question.error],
        "stray": stray,
        "further": [question for question in questions if question.further],
        "shown": " ".join(reading.asked),
        "held": needed_answers(form, page, answers),
        "conditional": any(question.asked or question.refused for question in questions),
        "last": not any(one.number > page.number for one in ways),
    }


def page_title(page: Page, language: str) -> str:
    """Return the heading of a page: its section and, where that has several, which page of it."""
    title = page.part.title(language)
    if page.places == 1:
        return title
    return words(language)["page_of"].format(title=title, page=page.place, pages=page.places)


def needed_answers(form: WebForm, page: Page, answers: Answers) -> str:
    """Return as JSON the answers of earlier pages that conditions of this page name, and no others."""
    held = held_before(form, page, answers)
    rules = [form.rules[question.id] for question in page.questions]
    named = {name.name for rule in rules for node in (rule.asked, rule.refused) for name in names_in(node)}
    needed: dict[str, Given] = {name: held[name] for name in sorted(named) if name in held}
    return as_attribute(needed)


def as_attribute(value: object) -> str:
    """Return JSON without blanks, for a data attribute."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def paragraphs(text: str) -> tuple[str, ...]:
    r"""Return the paragraphs of a text: blank lines divide them.

    Examples
    --------
    >>> paragraphs("One.\n\nTwo.")
    ('One.', 'Two.')
    """
    return tuple(part.strip() for part in re.split(r"\n\s*\n|\n", text) if part.strip())


def frame_context(form: WebForm, language: str, delivery: Delivery | None) -> dict[str, Any]:
    """Return what every page shows, whatever it holds: names, languages, words, styles and script."""
    questionnaire = form.questionnaire
    own = words(language)
    delivery = delivery or Delivery()
    return {
        "questionnaire": questionnaire,
        "name": in_language(questionnaire.title, language),
        "language": language,
        "direction": direction(language),
        "languages": [(code, language_name(code), direction(code)) for code in questionnaire.languages],
        "pages": len(form.pages),
        "definition": form.definition,
        "delivery": delivery,
        "plain": own,
        "say": Saying(language),
        "script_words": as_attribute({key: own[key] for key in SCRIPT_WORDS}),
        "css": "" if delivery.stylesheet else Markup(asset("form.css")),
        "js": "" if delivery.script else Markup(asset("form.js")),
    }


def direction(language: str) -> str:
    """Return the direction a language is written in, as HTML names it."""
    return "rtl" if right_to_left(language) else "ltr"


class Saying:
    """The forms' own words for a template; marked as what they are where they are in another language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.spoken = words_language(language)

    def __call__(self, key: str, **details: object) -> Markup:
        """Return the words of a key with its details."""
        said = Markup.escape(words(self.language)[key].format_map(details))
        if self.spoken == self.language or self.language.startswith(f"{self.spoken}-"):
            return said
        return Markup('<span lang="{}" dir="{}">{}</span>').format(self.spoken, direction(self.spoken), said)


def _rendered(
    template: str, form: WebForm, language: str, delivery: Delivery | None, **context: object
) -> str:
    return environment().get_template(template).render(**frame_context(form, language, delivery), **context)
