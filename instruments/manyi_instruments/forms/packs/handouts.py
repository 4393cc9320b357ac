"""Posters, slips with access codes, and information sheets as PDF."""

from collections.abc import Sequence
from dataclasses import dataclass

from manyi_instruments.definitions.questionnaire import Text
from manyi_instruments.forms.packs.facts import Audience, Survey
from manyi_instruments.forms.packs.links import code_link, role_link
from manyi_instruments.forms.packs.typesetting import typeset
from manyi_instruments.forms.packs.wording import pack_words
from manyi_instruments.forms.paper.layout import qr_svg
from manyi_instruments.forms.wording import in_language


@dataclass(frozen=True, slots=True)
class Site:
    """A school, or a class of it: its code, its name where known, the class, and the address of its form.

    Without an address it is that of the role's form, open to all.
    """

    school: str = ""
    name: str = ""
    group: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Slip:
    """One access code, in groups of four, and whom it admits."""

    code: str
    school: str = ""
    group: str = ""


def posters(survey: Survey, audience: Audience, base: str, sites: Sequence[Site] = (Site(),)) -> bytes:
    """Return posters to hang up, a page each.

    Each shows the study's title, whom it is for, the QR code of the questionnaire's address with school and
    class, the short address without them, how long it takes, that taking part is voluntary and, where answers
    carry nothing that identifies a person, that no names are taken.

    Parameters
    ----------
    survey, audience
        What is told.
    base : str
        Address of the server.
    sites : sequence of Site
        A poster each; the default is open to all schools.

    Returns
    -------
    bytes
        An A4 PDF with all fonts embedded.

    Raises
    ------
    DefinitionFaulty, ManyiError
        As `typeset` does.
    """
    pages = []
    for site in sites:
        link = site.link or role_link(base, audience.role)
        pages.append({"qr": qr_svg(link), "link": link, "site": _site_lines(audience, site)})
    said = {
        "link": role_link(base, audience.role),
        "title": _each(audience, survey.title),
        "for": _each(audience, audience.title),
        "scan": _own(audience, "scan"),
        "facts": _facts(audience),
        "contact": _contact(survey, audience),
        "pages": pages,
    }
    return typeset("poster.typ", said, audience.languages, audience.role)


def slips(survey: Survey, audience: Audience, base: str, codes: Sequence[Slip]) -> bytes:
    """Return sheets of slips to cut up and hand out, ten a page, in the order given.

    Parameters
    ----------
    survey, audience
        What is told.
    base : str
        Address of the server.
    codes : sequence of Slip
        One slip each.

    Returns
    -------
    bytes
        An A4 PDF; whoever has it can answer in the place of others.
    """
    said = {
        "title": _each(audience, survey.title),
        "code_name": _own(audience, "code"),
        "once": _own(audience, "once"),
        "typed": _own(audience, "typed"),
        "link": code_link(base),
        "slips": [
            {
                "qr": qr_svg(code_link(base, slip.code)),
                "code": slip.code,
                "site": _labelled(audience, slip),
            }
            for slip in codes
        ],
    }
    return typeset("slips.typ", said, audience.languages, audience.role)


def information_sheet(survey: Survey, audience: Audience, base: str = "") -> bytes:
    """Return what respondents and guardians of minors read before, each language on pages of its own.

    It holds the questionnaire's introduction and the facts that were given: nothing is promised that nobody
    promised.

    Parameters
    ----------
    survey, audience
        What is told.
    base : str
        Address of the server; empty where there is none.
    """
    questionnaire = audience.questionnaire
    n = sum(1 for _ in questionnaire.questions())
    pages = []
    for language in audience.languages:
        own = pack_words(language)
        rows = [
            (own["about_for"], in_language(audience.title, language)),
            (own["about_form"], in_language(questionnaire.title, language)),
            (own["about_questions"], str(n)),
        ]
        if audience.minutes is not None:
            rows.append((own["about_minutes"], own["about_minutes_n"].format(n=audience.minutes)))
        if base:
            rows.append((own["about_link"], role_link(base, audience.role)))
        if survey.retention is not None:
            rows.append((own["about_retention"], survey.retention.isoformat()))
        if survey.contact is not None:
            rows.append((own["about_contact"], in_language(survey.contact, language)))
        introduction = in_language(questionnaire.introduction, language) if questionnaire.introduction else ""
        pages.append(
            {
                "title": in_language(survey.title, language),
                "heading": own["information"],
                "to": own["information_to"],
                "introduction": [line for line in introduction.split("\n") if line.strip()],
                "rows": rows,
            }
        )
    return typeset("information.typ", {"pages": pages}, audience.languages, audience.role)


def _each(audience: Audience, wording: Text) -> list[str]:
    said = [in_language(wording, language) for language in audience.languages]
    return list(dict.fromkeys(said))


def _own(audience: Audience, key: str, **details: object) -> list[str]:
    said = [pack_words(language)[key].format(**details) for language in audience.languages]
    return list(dict.fromkeys(said))


def _facts(audience: Audience) -> list[list[str]]:
    facts = [_own(audience, "minutes", n=audience.minutes)] if audience.minutes is not None else []
    facts.append(_own(audience, "voluntary"))
    if audience.anonymous:
        facts.append(_own(audience, "anonymous"))
    return facts


def _contact(survey: Survey, audience: Audience) -> list[str]:
    if survey.contact is None:
        return []
    said = [
        pack_words(language)["contact"].format(contact=in_language(survey.contact, language))
        for language in audience.languages
    ]
    return list(dict.fromkeys(said))


def _site_lines(audience: Audience, site: Site) -> list[list[str]]:
    lines = []
    if site.school:
        school = f"{site.name} {site.school}".strip()
        lines.append(_own(audience, "school", school=school))
    if site.group:
        lines.append(_own(audience, "class", group=site.group))
    return lines


def _labelled(audience: Audience, slip: Slip) -> str:
    """Return school and class in one line, their labels in both languages."""
    told = {"school_label": slip.school, "class_label": slip.group}
    parts = [" ".join((*_own(audience, key), value)) for key, value in told.items() if value]
    return " · ".join(parts)
