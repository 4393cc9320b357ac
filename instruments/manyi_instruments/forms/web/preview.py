"""The preview: every page in every language in one file, which sends nothing and needs nothing else."""

from dataclasses import replace
from typing import Any

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.forms.web.delivery import content_security_policy
from manyi_instruments.forms.web.pages import WebForm, web_form
from manyi_instruments.forms.web.reading import stored_reading
from manyi_instruments.forms.web.rendering import (
    environment,
    frame_context,
    introduction_context,
    page_context,
)


def render_preview(questionnaire: Questionnaire) -> str:
    """Return the whole questionnaire as one page of HTML.

    With the script it is gone through page by page, conditions and checks included, and the language can be
    changed on the way; without it all pages of a language stand below each other. Its content security policy
    forbids to send a form or to load anything.
    """
    form = web_form(questionnaire)
    # The page opens in the first language. It stands last, so that a style can hide it behind a chosen one.
    versions = [_version(form, language) for language in reversed(questionnaire.languages)]
    first = questionnaire.languages[0]
    return (
        environment()
        .get_template("preview.html")
        .render(
            **frame_context(form, first, None),
            policy=content_security_policy(form_action="'none'"),
            versions=versions,
        )
    )


def _version(form: WebForm, language: str) -> dict[str, Any]:
    """Return what the form in one language shows."""
    pages = []
    for page in form.pages:
        # Everything is shown until the script hides it: without one, nothing could bring it forth.
        reading = replace(
            stored_reading(form, page, {}), asked=tuple(question.id for question in page.questions)
        )
        context = page_context(form, language, page, {}, reading, prefix=f"{language}-")
        pages.append({**context, "last": page is form.pages[-1]})
    return {
        **frame_context(form, language, None),
        "opening": introduction_context(form, language),
        "pages": pages,
    }
