"""``manyi backup``: the store of collected answers copied while it serves, and restored."""

from pathlib import Path

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.cli.stores import store_option
from manyi.study.folder import open_study
from manyi_instruments.faults import Fault, FileUnreadable, Place


@manyi_command("backup")
@study_argument
@click.option("--to", "target", type=click.Path(path_type=Path, dir_okay=False), help="写到 · File to write.")
@click.option(
    "--restore",
    "source",
    type=click.Path(path_type=Path, dir_okay=False),
    help="恢复 · Write this backup into the store, which must be empty.",
)
@store_option
def command(
    session: Session, folder: Path, target: Path | None, source: Path | None, store: str | None
) -> None:
    """Copy the store of collected answers into one file, consistent while the server runs; or restore one.

    The file is an SQLite database whatever the store is, checked before it takes its name. It holds answers
    and the store's key: keep it as safe as the store.

    备份与恢复：服务运行中也能得到一致的备份；恢复只写入空库。
    """
    from manyi.collect.opening import has_store, opened_store, store_address
    from manyi.collect.store.backup import back_up, restore
    from manyi.collect.store.engine import open_engine

    if (target is None) == (source is None):
        raise click.UsageError("Give either --to FILE or --restore FILE.")
    study = open_study(folder)
    if source is not None:
        if not source.is_file():
            raise FileUnreadable(Fault("file-not-found", Place(str(source)), {"path": source}))
        engine = open_engine(store_address(study, store))
        try:
            count = restore(source, engine)
        finally:
            engine.dispose()
        session.result |= {"restored": str(source), "answers": count}
        session.say(f"已恢复 {count} 份答卷。", f"{count} answers restored.")
        return
    if target is None or not has_store(study, store):
        raise FileUnreadable(Fault("store-none", Place(str(study.path))))
    with opened_store(study, store) as opened:
        made = back_up(opened, target)
    session.result |= {"written": str(made.path), "answers": made.answers, "bytes": made.size}
    session.say(f"{made.answers} 份答卷已备份：{made.path}", f"{made.answers} answers backed up: {made.path}")
