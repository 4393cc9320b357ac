"""A study's store, opened: as said on the command line, else in the environment, else in the study."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.study.collection_plan import STORE

if TYPE_CHECKING:
    from manyi.collect.store.store import AnswerStore
    from manyi.study.folder import StudyFolder

#: Environment variable that names the store: where its address has a password.
VARIABLE = "MANYI_STORE"


def store_address(study: "StudyFolder", said: str | None = None) -> str:
    """Return the address of a study's store, which need not be there yet.

    Parameters
    ----------
    study : StudyFolder
    said : str, optional
        Address, or path of an SQLite file, that goes before the environment's ``MANYI_STORE`` and the
        study's ``collection.store``.
    """
    from manyi.collect.store.engine import sqlite_address

    wanted = said or os.environ.get(VARIABLE)
    if wanted:
        return wanted if "://" in wanted else sqlite_address(Path(wanted).absolute())
    if study.store_file is None:
        return study.store_address
    return sqlite_address(study.store_file.absolute())


def has_store(study: "StudyFolder", said: str | None = None) -> bool:
    """Return whether there is a store to read: an SQLite file that is there, or any database server."""
    wanted = said or os.environ.get(VARIABLE) or study.definition.collection.store or STORE
    if "://" not in wanted:
        # As store_address: what is said is below where one is, what the study says is below the study.
        return (Path(wanted) if said or os.environ.get(VARIABLE) else study.path / wanted).is_file()
    return not wanted.startswith("sqlite") or Path(wanted.partition(":///")[2]).is_file()


@contextmanager
def opened_store(study: "StudyFolder", said: str | None = None) -> Iterator["AnswerStore"]:
    """Open a study's store; one is made where there is none.

    Raises
    ------
    ManyiError
        As :func:`~manyi.collect.store.engine.open_engine` and the store tell.
    """
    from manyi.collect.store.engine import open_engine
    from manyi.collect.store.store import AnswerStore

    address = store_address(study, said)
    if said is None and not os.environ.get(VARIABLE) and study.store_file == study.path / STORE:
        study.store_file.parent.mkdir(exist_ok=True)
    store = AnswerStore(open_engine(address))
    try:
        yield store
    finally:
        store.close()
