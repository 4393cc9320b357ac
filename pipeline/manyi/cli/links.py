"""``manyi links``: links and QR codes for handing out, and the address of the live page."""

from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.cli.stores import store_option
from manyi.study.folder import StudyFolder, open_study
from manyi_instruments.faults import Fault, Place, StudyFaulty


@manyi_command("links")
@study_argument
@click.option("--url", required=True, metavar="URL", help="网址 · Address respondents reach the server by.")
@click.option("--role", help="角色 · Only this role's links.")
@click.option(
    "--school", "schools", multiple=True, help="学校代码 · Only these; default: the school table's."
)
@click.option("--class", "groups", multiple=True, help="班级 · A link for each of these classes of a school.")
@store_option
def command(
    session: Session,
    folder: Path,
    url: str,
    role: str | None,
    schools: tuple[str, ...],
    groups: tuple[str, ...],
    store: str | None,
) -> None:
    """Write links of roles, schools and classes to links/: a table, and a page of QR codes for printing.

    A link of a school or class is signed with the store's key, so the same link comes out each time and
    nobody can make one for another school. The address of the live page is told here only.

    链接：按角色、学校和班级写出链接和可打印的二维码，并给出进度页的地址。
    """
    from manyi.collect.link_files import Link, write_links
    from manyi.collect.opening import opened_store
    from manyi.collect.server.seals import Seals
    from manyi.collect.server.tickets import link_token
    from manyi.schools.named_schools import named_schools
    from manyi_instruments.forms.packs.links import role_link, site_link

    study = open_study(folder)
    _check(study, url, role)
    base = url.rstrip("/")
    roles = [role] if role else list(study.definition.roles)
    known, unread = named_schools(study, session.language)
    # Without its schools there are still the links of the roles.
    session.tell(*unread)
    named = {code: known.get(code, "") for code in schools} if schools else known
    with opened_store(study, store) as opened:
        seals = Seals(opened.key)
    links = []
    for one in roles:
        entry = study.definition.collection.roles.get(one)
        if entry is None or entry.open:
            links.append(Link(one, "", "", "", role_link(base, one)))
        for code, name in named.items():
            for group in groups or ("",):
                links.append(
                    Link(one, code, name, group, site_link(base, link_token(seals, one, code, group)))
                )
    titles = {one: entry.title for one, entry in study.definition.roles.items()}
    table, page = write_links(study.path / "links", links, titles, session.language)
    live = f"{base}/live/{seals.token('live')}"
    session.result |= {"written": [str(table), str(page)], "links": len(links), "live": live}
    session.say(
        f"{len(links)} 个链接：{table}；打印用二维码：{page}",
        f"{len(links)} links: {table}; QR codes: {page}",
    )
    session.say(f"进度页（请勿公开）：{live}", f"Live page (keep it to yourself): {live}")


def _check(study: StudyFolder, url: str, role: str | None) -> None:
    if role is not None and role not in study.definition.roles:
        details = {"role": role, "roles": ", ".join(study.definition.roles)}
        raise StudyFaulty(Fault("unknown-role", Place(str(study.study_file)), details))
    if not url.startswith(("http://", "https://")) or any(sign in url for sign in "?#\"'<> "):
        raise click.BadParameter("http://… or https://… without ? and #", param_hint="--url")
