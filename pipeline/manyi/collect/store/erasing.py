"""Erasing answers: a tombstone and a line of the audit stay, and no trace of what was said."""

from collections import Counter
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Engine, delete, func, insert, literal, select

from manyi.collect.store import schema
from manyi.collect.store.conditions import named_conditions
from manyi.collect.store.engine import writing


def erase(connection: Connection, these: ColumnElement[bool], reason: str) -> int:
    """Erase the payloads of the receipts that some rows have, and return how many receipts.

    Every payload of such a receipt goes, those that conflict too.
    """
    answers, stones = schema.answers, schema.tombstones
    month = f"{datetime.now(UTC):%Y-%m}"
    keys = select(answers.c.receipt_hash).where(these)
    found = select(answers.c.receipt_hash, func.min(answers.c.role).label("role")).where(
        answers.c.receipt_hash.in_(keys)
    )
    roles = found.group_by(answers.c.receipt_hash).subquery()
    by_role = select(roles.c.role, func.count()).group_by(roles.c.role).order_by(roles.c.role)
    counts = Counter({role: n for role, n in connection.execute(by_role)})
    if not counts:
        return 0
    stone = select(roles.c.receipt_hash, roles.c.role, literal(reason), literal(month))
    connection.execute(insert(stones).from_select(["receipt_hash", "role", "reason", "month"], stone))
    connection.execute(delete(answers).where(answers.c.receipt_hash.in_(keys)))
    for role, count in counts.items():
        write_audit(connection, reason, role, count)
    return counts.total()


def write_audit(connection: Connection, action: str, role: str, count: int, detail: str = "") -> None:
    """Add a line to the audit."""
    minute = f"{datetime.now(UTC):%Y-%m-%dT%H:%MZ}"
    row = {"minute": minute, "action": action, "role": role, "count": count, "detail": detail}
    connection.execute(insert(schema.audit), row)


def forget_versions(engine: Engine, *, answers: bool, whole: bool = False) -> None:
    """Let PostgreSQL forget what it keeps of rows that were changed or erased; SQLite keeps nothing.

    PostgreSQL writes a changed row anew and keeps the old one until it is cleaned up, both with the number of
    their transaction (``xmin``): the versions of a code list would tell which code was spent with which
    answers. So all lists are written once more, in a transaction that has no answers, and the old versions
    are removed.

    Parameters
    ----------
    engine : Engine
    answers : bool
        Whether answers were erased as well.
    whole : bool
        Whether the table of answers is written anew, which keeps everyone waiting: after a purge.
    """
    if engine.dialect.name != "postgresql":
        return
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE code_lists SET spent = spent")
    with named_conditions(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM code_lists")
        if answers:
            connection.exec_driver_sql(f"VACUUM {'(FULL) ' if whole else ''}answers")
