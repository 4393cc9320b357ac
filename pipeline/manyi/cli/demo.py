"""``manyi demo``: the example county, through the whole pipeline."""

from pathlib import Path

import click

from manyi.cli.new import require_empty
from manyi.cli.run import run_study
from manyi.cli.session import Session, manyi_command
from manyi.study.folder import open_study


@manyi_command("demo")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--seed", type=int, default=20170519, show_default=True, help="随机种子 · Seed of the answers.")
def command(session: Session, folder: Path, seed: int) -> None:
    """Write the generated example county into DIR and run the whole pipeline on it.

    示例县：生成 70 所学校的县、约 6,000 份答卷，走完全程。
    """
    from manyi.example import write_example

    require_empty(folder)
    write_example(folder, seed)
    run_study(session, open_study(folder))
