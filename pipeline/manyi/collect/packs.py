"""What goes to a study's schools with its forms: posters, slips, information sheets, field manuals."""

import csv
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.collect.code_file import HEADINGS
from manyi.schools.named_schools import named_schools
from manyi.study.folder import StudyFolder
from manyi_instruments.faults import AnswersFaulty, Fault, Place
from manyi_instruments.forms.packs.facts import Audience, Survey
from manyi_instruments.forms.packs.handouts import Site, Slip, information_sheet, posters, slips
from manyi_instruments.forms.packs.links import site_link
from manyi_instruments.forms.packs.manual import field_manual

if TYPE_CHECKING:
    from manyi.collect.server.seals import Seals

#: As spreadsheets guard a cell that they would take for a formula.
_GUARD = "'"


def survey_of(study: StudyFolder) -> Survey:
    """Return what a study tells of itself."""
    definition = study.definition
    return Survey(definition.title, definition.contact, definition.collection.retention)


def audiences_of(study: StudyFolder) -> dict[str, Audience]:
    """Return role -> those who are asked; a role whose questionnaire is faulty is left out."""
    roles = study.definition.roles
    return {
        role: Audience(
            role,
            roles[role].title,
            questionnaire,
            roles[role].minutes,
            roles[role].issued,
            anonymous=roles[role].columns.person is None,
        )
        for role, questionnaire in study.questionnaires.items()
    }


def papers(
    study: StudyFolder, base: str, sites: Sequence[Site], seals: "Seals | None"
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of everything but the slips.

    Parameters
    ----------
    study : StudyFolder
        Whose.
    base : str
        Address of the server; empty where there is none, and no posters.
    sites : sequence of Site
        Schools and classes that get a poster of their own.
    seals : Seals or None
        Of the store: signs the links of schools and classes, as ``manyi links`` does. None without sites.
    """
    survey, audiences = survey_of(study), audiences_of(study)
    for role, audience in audiences.items():
        if base:
            yield f"{role}-poster.pdf", posters(survey, audience, base)
            if sites and seals is not None:
                own = [replace(one, link=_link(base, seals, role, one)) for one in sites]
                yield f"{role}-posters-schools.pdf", posters(survey, audience, base, own)
        yield f"{role}-information.pdf", information_sheet(survey, audience, base)
    spoken = [audience.languages for audience in audiences.values()]
    for language in dict.fromkeys(language for languages in spoken for language in languages):
        yield f"manual.{language}.pdf", field_manual(survey, tuple(audiences.values()), language)


def _link(base: str, seals: "Seals", role: str, site: Site) -> str:
    from manyi.collect.server.tickets import link_token

    return site_link(base, link_token(seals, role, site.school, site.group))


def slip_sheet(study: StudyFolder, base: str, path: Path) -> bytes:
    """Return the slips of a file that ``manyi codes`` wrote.

    Raises
    ------
    AnswersFaulty
        ``pack-codes-unreadable``.
    """
    audiences = audiences_of(study)
    role, codes = read_codes(path, audiences)
    return slips(survey_of(study), audiences[role], base, codes)


def read_codes(path: Path, roles: Mapping[str, object]) -> tuple[str, tuple[Slip, ...]]:
    """Return role and codes of a file that ``manyi codes`` wrote.

    Raises
    ------
    AnswersFaulty
        ``pack-codes-unreadable``, with the line that is none.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, 1) from error
    if not lines or tuple(lines[0]) != HEADINGS or len(lines) == 1:
        raise _unreadable(path, 1)
    found = []
    for number, line in enumerate(lines[1:], start=2):
        if (
            len(line) != len(HEADINGS)
            or not _is_code(line[0])
            or line[1] not in roles
            or line[1] != lines[1][1]
        ):
            raise _unreadable(path, number)
        found.append(Slip(line[0], line[2].removeprefix(_GUARD), line[3].removeprefix(_GUARD)))
    return lines[1][1], tuple(found)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that holds codes: readable by its owner only, from the first byte on."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def school_sites(
    study: StudyFolder, wanted: Sequence[str], group: str, language: str
) -> tuple[list[Site], list[Fault]]:
    """Return the schools that get posters with their names, and a warning for each without.

    Parameters
    ----------
    study : StudyFolder
        Whose school table has the names.
    wanted : sequence of str
        Codes; ``all`` for every school of the table.
    group : str
        Class of all of them; empty for none.
    language : str
        Of the table's messages.
    """
    names, unread = named_schools(study, language) if wanted else ({}, ())
    codes = list(dict.fromkeys(code for one in wanted for code in (names if one == "all" else (one,))))
    place = Place(str(study.schools_file or study.study_file))
    faults = list(unread)
    for code in codes:
        if code not in names and not unread:
            near = ", ".join(get_close_matches(code, names, n=3)) or "–"
            faults.append(Fault("pack-no-such-school", place, {"school": code, "near": near}, "warning"))
    return [Site(code, names.get(code, ""), group) for code in codes], faults


def _is_code(text: str) -> bool:
    return re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{1,4})+", text) is not None


def _unreadable(path: Path, row: int) -> AnswersFaulty:
    return AnswersFaulty(Fault("pack-codes-unreadable", Place(str(path), row=row)))
