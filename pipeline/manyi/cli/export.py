"""``manyi export``: the answers for other programs, other people and archives."""

from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.study.folder import open_study

FORMATS = ("sav", "xlsx", "csv", "parquet", "stata", "r", "ddi", "datapackage")


@manyi_command("export")
@study_argument
@click.option(
    "--format", "form", required=True, type=click.Choice(FORMATS), help="格式 · Format of the files."
)
@click.option("--role", "roles", multiple=True, help="角色 · Only this role; several times for several.")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    help="目标文件夹 · Folder for the files; default results/export/FORMAT.",
)
@click.option("--all-rows", is_flag=True, help="全部答卷 · Also submissions that cleaning excluded.")
@click.option(
    "--with-text", is_flag=True, help="含开放作答与个人标识 · Also open answers and keys of persons."
)
def command(
    session: Session,
    folder: Path,
    form: str,
    roles: tuple[str, ...],
    target: Path | None,
    all_rows: bool,
    with_text: bool,
) -> None:
    """Write cleaned and scored answers for other programs, with labels and codes as the format can hold them.

    Open answers and what leads back to one person's submission stay out unless --with-text asks for them;
    the command says which other columns could tell a person together. Files edited by hand are set aside.

    数据导出：清理计分后的答卷，供 SPSS、Excel、Stata、R、Python 与数据档案使用，附变量与取值标签。
    """
    from manyi.exports.export import export_answers

    done = export_answers(
        open_study(folder), form, target, roles, all_rows, with_text, session.chosen_language
    )
    session.tell(*done.faults)
    session.result |= {
        "format": form,
        "state": done.state,
        "written": [str(path) for path in done.files],
    }
    for path in done.files:
        session.say(f"→ {path}", f"→ {path}")
