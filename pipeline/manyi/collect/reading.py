"""What a study's store holds of each role, and its answers as tables: for ``manyi run``."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.collect.opening import VARIABLE, has_store, opened_store, store_address
from manyi_instruments.faults import Fault, Place

if TYPE_CHECKING:
    from manyi.readers.tables.raw_table import RawTable
    from manyi.study.folder import StudyFolder


def collected(study: "StudyFolder") -> dict[str, str]:
    """Return role -> a word that changes with the store's answers, of every role that has any.

    A study without a store loads no database.

    Raises
    ------
    ManyiError
        As :func:`~manyi.collect.opening.opened_store` and the store tell.
    """
    file = study.store_file
    if VARIABLE not in os.environ and file is not None and not file.is_file():
        return {}
    if not has_store(study):
        return {}
    with opened_store(study) as store:
        state = store.state()
        return {count.role: state for count in store.counts() if count.n}


def store_name(address: str) -> str:
    """Return how the store is called where answers tell their file: never with user or password.

    Examples
    --------
    >>> store_name("sqlite:////home/a/study/data/answers.sqlite")
    'answers.sqlite'
    >>> store_name("postgresql://who:secret@host/satisfaction")
    'satisfaction'
    """
    from sqlalchemy.engine import make_url

    database = make_url(address).database or ""
    return Path(database).name or "answers"


def stored_tables(study: "StudyFolder", role: str) -> tuple["RawTable", ...]:
    """Return a role's answers in the study's store as a table; nothing where it has none.

    Raises
    ------
    ManyiError
        As :func:`~manyi.collect.opening.opened_store` and the store tell.
    """
    if role not in study.collected:
        return ()
    from manyi.collect.store.records import Standing
    from manyi.collect.stored_table import stored_table

    kept = (Standing.accepted, Standing.conflict, Standing.code_spent, Standing.aside)
    plan = study.definition.collection
    name = store_name(store_address(study))
    with opened_store(study) as store:
        rows = store.kept(role, kept)
        table = stored_table(rows, study.questionnaires[role], name, plan.definitions, plan.utc_offset)
    file = study.store_file
    return (replace(table, path=file) if file is not None and file.name == name else table,)


def store_faults(study: "StudyFolder") -> Iterator[Fault]:
    """Yield ``store-absent`` where ``study.yaml`` names a file that is not there."""
    named = study.definition.collection.store
    file = study.store_file
    if named is not None and file is not None and not file.is_file():
        yield Fault("store-absent", Place(str(study.study_file)), {"store": named}, "warning")
