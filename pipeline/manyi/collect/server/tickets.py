"""Who is let in, and the answers that travel with a page: both signed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from manyi.collect.server.seals import Seals
from manyi_instruments.forms.web.stored import Stored

#: How far a respondent is through the gate: nobody has agreed, the guardian has, the child has too.
CLOSED, GUARDIAN, PASSED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a link or a code admits to.

    Attributes
    ----------
    role : str
        Whose form it is.
    school, group : str
        School code and class; empty where unknown.
    code : tuple or None
        List and place of the access code that is spent with the answers.
    gate : int
        ``CLOSED``, ``GUARDIAN`` or ``PASSED``.
    """

    role: str
    school: str = ""
    group: str = ""
    code: tuple[str, int] | None = None
    gate: int = CLOSED


@dataclass(frozen=True, slots=True)
class Sheet:
    """Answers under way where there is no script; a page carries them to the next.

    Attributes
    ----------
    id : str
        Of the submission, made by the server: the same through back button, second tab and second click.
    ticket : Ticket
        Whose answers they are.
    definition : str
        Hash of the questionnaire they are given to.
    language : str
        In which the pages are shown.
    answers : Mapping
        Column -> coded value, of the pages that were sent.
    started : int
        When, in seconds since 1970.
    at : int
        When the page that carries it was made.
    seconds : Mapping
        Section -> seconds.
    device : str
        ``phone`` or ``desk``, where the browser says which; else empty.
    """

    id: str
    ticket: Ticket
    definition: str
    language: str
    answers: Mapping[str, Stored] = field(default_factory=dict)
    started: int = 0
    at: int = 0
    seconds: Mapping[str, int] = field(default_factory=dict)
    device: str = ""


def link_token(seals: Seals, role: str, school: str, group: str = "") -> str:
    """Return the token of a link that tells role, school and class."""
    return seals.seal("link", [role, school, group])


def linked(seals: Seals, token: str) -> Ticket | None:
    """Return what a link admits to, None where it was not made here."""
    told = seals.opened("link", token)
    return Ticket(*told) if told is not None else None


def sealed_ticket(seals: Seals, ticket: Ticket) -> str:
    """Return a ticket as it stands in a page."""
    return seals.seal("ticket", _ticket_list(ticket))


def opened_ticket(seals: Seals, sealed: str) -> Ticket | None:
    """Return the ticket of a page, None where it was not made here."""
    told = seals.opened("ticket", sealed)
    return _ticket(told) if told is not None else None


def sealed_sheet(seals: Seals, sheet: Sheet) -> str:
    """Return a sheet as it stands in a page."""
    content = [sheet.id, _ticket_list(sheet.ticket), sheet.definition, sheet.language, dict(sheet.answers)]
    return seals.seal("sheet", [*content, sheet.started, sheet.at, dict(sheet.seconds), sheet.device])


def opened_sheet(seals: Seals, sealed: str) -> Sheet | None:
    """Return the sheet of a page, None where it was not made here."""
    told = seals.opened("sheet", sealed)
    return Sheet(told[0], _ticket(told[1]), *told[2:]) if told is not None else None


def sealed_receipt(seals: Seals, role: str, receipt: str, standing: str) -> str:
    """Return what the last page shows, so that it can be shown in another language."""
    return seals.seal("receipt", [role, receipt, standing])


def opened_receipt(seals: Seals, sealed: str) -> tuple[str, str, str] | None:
    """Return role, receipt and standing of a last page, None where it was not made here."""
    told = seals.opened("receipt", sealed)
    return (told[0], told[1], told[2]) if told is not None else None


def _ticket_list(ticket: Ticket) -> list[str | int | list[str | int] | None]:
    return [ticket.role, ticket.school, ticket.group, list(ticket.code) if ticket.code else None, ticket.gate]


def _ticket(told: list[object]) -> Ticket:
    role, school, group, code, gate = told
    place: tuple[str, int] | None = (str(code[0]), int(code[1])) if isinstance(code, list) else None
    return Ticket(str(role), str(school), str(group), place, gate if isinstance(gate, int) else CLOSED)
