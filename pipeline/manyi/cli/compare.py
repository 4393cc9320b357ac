"""``manyi compare``: several studies side by side, without a league table."""

from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command


@manyi_command("compare")
@click.argument("folders", metavar="STUDY STUDY...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--to",
    "target",
    default="comparison",
    show_default=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="输出 · Where tables, Excel and the page are written.",
)
@click.option(
    "--mapping",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="对应 · How the studies name the same roles, scales and items, where they differ.",
)
def command(session: Session, folders: tuple[Path, ...], target: Path, mapping: Path | None) -> None:
    """Compare studies that have been run, such as counties: funnel limits and shrunken means, no ranks.

    The first study's plan says which indices. Instruments must be the same, or FILE says what is.

    多个研究（例如多个县）对比：漏斗图界限与收缩均值，不排名；达标与均衡结果并列。
    """
    from manyi.comparison.compare import compare_studies, write_comparison

    found = compare_studies(folders, mapping)
    session.tell(*found.faults)
    first = next(iter(found.studies.values()))
    written = write_comparison(target, found, session.chosen_language or first.definition.language)
    session.result |= {
        "studies": list(found.studies),
        "counties": list(found.counties.values()),
        "roles": {role.role: [one.study for one in role.taking_part] for role in found.roles},
        "outputs": [str(path) for path in written],
    }
    for role in found.roles:
        names = ", ".join(found.counties[one.study] for one in role.taking_part)
        session.say(f"{role.role}：{names}", f"{role.role}: {names}")
    for path in (target / "comparison.xlsx", target / "comparison.html"):
        session.say(f"→ {path}", f"→ {path}")
