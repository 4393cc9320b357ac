"""The tables of the store.

No table joins an access code to answers. Spent codes are bits of one number a list: they have no time and no
order, and a row that is written anew with every code tells of none. Answers are keyed by the hash of their
receipt, which follows from the client's random id, and SQLite keeps them in the order of that key
(``WITHOUT ROWID``), not of their coming. One key serves resends and withdrawals alike, so that taking an
answer in touches one page.
"""

from sqlalchemy import CheckConstraint, Column, Index, Integer, LargeBinary, MetaData, String, Table

metadata = MetaData()


def _text(name: str, longest: int, key: str | None = None) -> Column[str]:
    """Return a column of short text, whose length SQLite holds to as well."""
    check = CheckConstraint(f'length("{name}") <= {longest}')
    return Column(name, String(longest), check, nullable=False, key=key or name)


#: Every payload that was taken in and not withdrawn. One receipt may have several rows: conflicting payloads.
answers = Table(
    "answers",
    metadata,
    Column("receipt_hash", LargeBinary, primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    _text("id", 64),
    _text("standing", 16),
    _text("role", 64),
    _text("definition", 64),
    _text("school", 64),
    _text("class", 64, key="group"),
    _text("minute", 20),
    Column("payload", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
#: Counting reads this index, not the payloads.
counted = Index(
    "answers_counted",
    answers.c.role,
    answers.c.standing,
    answers.c.school,
    answers.c.group,
    answers.c.minute,
)

#: One list of access codes a role, school and class: keyed hashes in sorted order, and one bit a spent code.
code_lists = Table(
    "code_lists",
    metadata,
    _text("role", 64),
    _text("school", 64),
    _text("class", 64, key="group"),
    Column("list", String(64), primary_key=True),
    Column("hashes", LargeBinary, nullable=False),
    Column("spent", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

#: What was erased: its key, so that a late resend is known, and the month.
tombstones = Table(
    "tombstones",
    metadata,
    Column("receipt_hash", LargeBinary, primary_key=True),
    _text("role", 64),
    _text("reason", 16),
    _text("month", 7),
    sqlite_with_rowid=False,
)

#: What was done to the store by hand or by rule: no ids, only what, when and how many.
audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    _text("minute", 20),
    _text("action", 32),
    _text("role", 64),
    Column("count", Integer, nullable=False),
    _text("detail", 200),
)

#: Settings the store needs to go on: its key, its layout.
settings = Table(
    "settings",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
