"""``manyi packs``: what goes to schools with the forms."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.cli.stores import store_option
from manyi.study.folder import StudyFolder, open_study
from manyi_instruments.faults import Fault, ManyiError, Place

if TYPE_CHECKING:
    from manyi.collect.server.seals import Seals


@manyi_command("packs")
@study_argument
@click.option("--base-url", metavar="URL", help="网址 · Address of the server, for posters and slips.")
@click.option(
    "--school",
    "schools",
    multiple=True,
    metavar="CODE",
    help="学校代码 · A poster for this school too; can be repeated; all: every school of the table.",
)
@click.option("--class", "group", default="", help="班级 · Class on these posters.")
@store_option
def command(
    session: Session,
    folder: Path,
    base_url: str | None,
    schools: tuple[str, ...],
    group: str,
    store: str | None,
) -> None:
    """Write posters, slips of access codes, information sheets and field manuals into forms/packs/.

    Slips are made of every list in codes/. Papers tell what study.yaml and the questionnaires tell, nothing
    else; what is not given there is left out, and named.

    学校材料：海报、访问码纸条、调查说明（给受访者和监护人）、现场手册（PDF）。
    """
    from manyi.collect.packs import (
        audiences_of,
        papers,
        school_sites,
        slip_sheet,
        survey_of,
        write_private,
    )
    from manyi_instruments.forms.packs.facts import unknown_facts
    from manyi_instruments.forms.packs.links import base_address, is_open_to_readers

    study = open_study(folder)
    place = Place(str(study.study_file))
    base = base_address(base_url) if base_url else ""
    if not base:
        session.tell(Fault("pack-no-address", place, severity="warning"))
    elif is_open_to_readers(base):
        session.tell(Fault("pack-link-open", details={"address": base}, severity="warning"))
    audiences = audiences_of(study)
    session.tell(*unknown_facts(survey_of(study), tuple(audiences.values()), str(study.study_file)))
    for audience in audiences.values():
        if not audience.anonymous:
            session.tell(Fault("pack-identified", place, {"role": audience.role}, "warning"))
    sites, faults = school_sites(study, schools, group, session.language)
    session.tell(*faults)
    target = study.forms / "packs"
    target.mkdir(parents=True, exist_ok=True)
    written = []
    for name, content in papers(study, base, sites, _seals(study, store) if sites and base else None):
        (target / name).write_bytes(content)
        written.append(str(target / name))
    for path in sorted((study.path / "codes").glob("*.csv")) if base else ():
        try:
            content = slip_sheet(study, base, path)
        except ManyiError as error:
            # One list that cannot be read must not keep the others from being printed.
            session.tell(*error.faults)
            continue
        made = target / f"slips-{path.stem}.pdf"
        write_private(made, content)
        written.append(str(made))
    session.result["packs"] = written
    for name in written:
        session.say(f"→ {name}", f"→ {name}")


def _seals(study: StudyFolder, store: str | None) -> "Seals":
    """Return what signs the links of schools: made from the key of the study's store."""
    from manyi.collect.opening import opened_store
    from manyi.collect.server.seals import Seals

    with opened_store(study, store) as opened:
        return Seals(opened.key)
