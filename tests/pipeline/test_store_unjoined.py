"""Nothing in a store joins a spent code to answers: columns, row numbers, transactions, old versions."""

import itertools
import sqlite3
import struct
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from manyi.collect.store import AnswerStore, GroupWriter, Submission, open_engine
from manyi.collect.store.backup import back_up
from manyi.collect.store.schema import answers, code_lists, metadata

CLASS = 30
#: What a row of a code list may tell; none of it is of one code, or of a time.
OF_A_LIST = {"list", "role", "school", "class", "hashes", "spent"}


@pytest.fixture
def store(store_address: str) -> Iterator[AnswerStore]:
    store = AnswerStore(open_engine(store_address))
    yield store
    store.close()


def answered(store: AnswerStore, number: int, words: str = "words") -> list[tuple[str, int]]:
    """Have some of a class answer, each in a transaction of its own; return the places of their codes."""
    codes = store.codes.make("pupils", "330", "1", CLASS)
    places = [place for code in codes[:number] if (found := store.codes.find(code)) for place in found[1:]]
    for at, place in enumerate(places):
        payload = f'{{"Q1": "{words} of pupil {at}"}}'.encode()
        store.accept([Submission(f"id-{at}", "pupils", "abcdef012345", payload, "330", "1", place)])
    return places


def test_no_column_of_answers_names_a_code_or_list() -> None:
    assert {column.name for column in answers.columns} == {
        *("receipt_hash", "digest", "id", "standing", "role", "definition", "school", "class", "minute"),
        "payload",
    }
    assert {column.name for column in code_lists.columns} == OF_A_LIST


def test_what_both_tables_tell_is_the_role_school_and_class_only() -> None:
    shared = {column.name for column in answers.columns} & {column.name for column in code_lists.columns}
    assert shared == {"role", "school", "class"}


def test_one_row_a_list_however_many_codes_are_spent(store: AnswerStore) -> None:
    places = answered(store, 20)
    with store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT spent FROM code_lists").all()
    assert len(rows) == 1
    bits = int.from_bytes(bytes(rows[0][0]), "little")
    assert bits == sum(1 << at for _, at in places)


def test_no_code_stands_in_the_store_in_clear(store: AnswerStore, tmp_path: Path) -> None:
    codes = store.codes.make("pupils", "330", "1", CLASS)
    made = back_up(store, tmp_path / "backup.sqlite").path.read_bytes()
    assert not any(code.encode() in made for code in codes)


def test_places_do_not_tell_the_order_in_which_codes_were_printed(store: AnswerStore) -> None:
    codes = store.codes.make("pupils", "330", "1", 200)
    places = [found[1][1] for code in codes if (found := store.codes.find(code))]
    assert sorted(places) == list(range(200))
    rises = sum(a < b for a, b in itertools.pairwise(places))
    # 199 steps of a random order rise 99.5 times, standard deviation 4.1: six of them either way.
    assert 75 < rises < 124


# --- SQLite


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sqlite" / "answers.sqlite"


@pytest.fixture
def on_sqlite(file: Path) -> Iterator[AnswerStore]:
    file.parent.mkdir()
    store = AnswerStore(open_engine(f"sqlite:///{file}"))
    yield store
    store.close()


def test_sqlite_rows_have_no_number(on_sqlite: AnswerStore, file: Path) -> None:
    answered(on_sqlite, 3)
    with sqlite3.connect(file) as connection:
        for table in ("answers", "code_lists", "tombstones"):
            with pytest.raises(sqlite3.OperationalError, match="no such column: rowid"):
                connection.execute(f"SELECT rowid FROM {table}")
    connection.close()


def test_sqlite_keeps_answers_in_the_order_of_a_hash_not_of_their_coming(
    on_sqlite: AnswerStore, file: Path
) -> None:
    answered(on_sqlite, CLASS)
    with sqlite3.connect(file) as connection:
        order = [int(row[0][3:]) for row in connection.execute("SELECT id FROM answers")]
    connection.close()
    assert sorted(order) == list(range(CLASS))
    assert order not in (sorted(order), sorted(order, reverse=True))


def test_sqlite_leaves_no_journal_and_no_log(on_sqlite: AnswerStore, file: Path) -> None:
    answered(on_sqlite, 5)
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    with on_sqlite.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "delete"


def test_sqlite_keeps_no_earlier_version_of_the_spent_codes(on_sqlite: AnswerStore, file: Path) -> None:
    """Every earlier number of spent bits would tell, by what was added, the order of the codes."""
    places = answered(on_sqlite, 24)
    on_sqlite.close()
    content = file.read_bytes()
    with sqlite3.connect(file) as connection:
        (hashes,) = connection.execute("SELECT hashes FROM code_lists").fetchone()
    connection.close()
    spent = [bytearray(-(-CLASS // 8))]
    for _, at in places:
        spent.append(bytearray(spent[-1]))
        spent[-1][at // 8] |= 1 << (at % 8)
    # The list's last hash stands right before the number of its spent codes.
    found = [number for number, bits in enumerate(spent) if hashes[-16:] + bytes(bits) in content]
    assert found == [24]


@pytest.mark.parametrize("way", ["withdraw", "purge"])
def test_sqlite_keeps_no_word_of_what_was_erased(on_sqlite: AnswerStore, file: Path, way: str) -> None:
    answered(on_sqlite, 20)
    assert b"words of pupil 7" in file.read_bytes()
    if way == "withdraw":
        on_sqlite.withdraw(on_sqlite.receipt("id-7"))
    else:
        on_sqlite.purge()
    on_sqlite.close()
    left = b"".join(path.read_bytes() for path in file.parent.iterdir())
    assert b"words of pupil 7" not in left
    assert (b"words of pupil 8" in left) is (way == "withdraw")


def test_a_new_file_can_be_read_by_its_owner_only(on_sqlite: AnswerStore, file: Path) -> None:
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_backup_keeps_no_word_of_what_was_erased_before(on_sqlite: AnswerStore, tmp_path: Path) -> None:
    answered(on_sqlite, 20)
    on_sqlite.withdraw(on_sqlite.receipt("id-7"))
    made = back_up(on_sqlite, tmp_path / "backup.sqlite").path
    assert b"words of pupil 7" not in made.read_bytes()
    assert made.stat().st_mode & 0o777 == 0o600


# --- PostgreSQL


@pytest.fixture
def database(postgresql: object) -> str:
    return postgresql()


@pytest.fixture
def on_postgresql(database: str) -> Iterator[AnswerStore]:
    store = AnswerStore(open_engine(database))
    yield store
    store.close()


def rows_of(database: str, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(database, autocommit=True) as connection:
        return connection.execute(query).fetchall()


JOINED = "SELECT count(*) FROM answers a JOIN code_lists c ON a.xmin = c.xmin OR a.xmax = c.xmin"


def test_postgresql_transactions_join_nothing_once_tidied(on_postgresql: AnswerStore, database: str) -> None:
    answered(on_postgresql, 9)
    assert rows_of(database, JOINED) == [(1,)]
    on_postgresql.tidy()
    assert rows_of(database, JOINED) == [(0,)]


def test_closing_the_writer_tidies(on_postgresql: AnswerStore, database: str) -> None:
    answered(on_postgresql, 9)
    writer = GroupWriter(on_postgresql)
    writer.submit(Submission("last", "pupils", "abcdef012345", b"{}")).result()
    writer.close()
    assert rows_of(database, JOINED) == [(0,)]


def test_the_writer_tidies_when_nothing_comes(
    on_postgresql: AnswerStore, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manyi.collect.store.writer.QUIET", 0.2)
    answered(on_postgresql, 9)
    writer = GroupWriter(on_postgresql)
    writer.submit(Submission("last", "pupils", "abcdef012345", b"{}")).result()
    for _ in range(100):
        if rows_of(database, JOINED + " WHERE pg_sleep(0.1) IS NOT NULL") == [(0,)]:
            break
    assert rows_of(database, JOINED) == [(0,)]
    writer.close()


def versions(folder: Path, database: str, table: str) -> list[int]:
    """Return the numbers of the transactions that wrote the row versions in a table's file, erased ones too.

    A page of PostgreSQL has a head of 24 bytes, then four bytes a line: where its row stands and whether it
    is in use (flag 1); a row begins with the number of its transaction (the manual, 65.6).
    """
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        (path,) = connection.execute(f"SELECT pg_relation_filepath('{table}')").fetchone() or ("",)
    content = (folder / path).read_bytes()
    found = []
    for start in range(0, len(content), 8192):
        page = content[start : start + 8192]
        (lower,) = struct.unpack_from("<H", page, 12)
        for at in range(24, lower, 4):
            (line,) = struct.unpack_from("<I", page, at)
            if (line >> 15) & 3 == 1:
                found.append(struct.unpack_from("<I", page, line & 0x7FFF)[0])
    return found


def test_postgresql_keeps_no_old_version_of_a_code_list_once_tidied(
    on_postgresql: AnswerStore, database: str, postgresql: object
) -> None:
    answered(on_postgresql, 9)
    folder = postgresql.server.pgdata
    before = versions(folder, database, "code_lists")
    written = set(versions(folder, database, "answers"))
    # This is the trace: without tidying, a file of the database tells of several codes with which answers.
    assert len(set(before) & written) > 1
    on_postgresql.tidy()
    assert len(versions(folder, database, "code_lists")) == 1
    assert not set(versions(folder, database, "code_lists")) & written


def test_postgresql_keeps_no_row_of_what_was_withdrawn(
    on_postgresql: AnswerStore, database: str, postgresql: object
) -> None:
    answered(on_postgresql, 9)
    on_postgresql.withdraw(on_postgresql.receipt("id-7"))
    assert len(versions(postgresql.server.pgdata, database, "answers")) == 8


def holding(folder: Path, words: bytes) -> list[Path]:
    """Return the files below a folder that hold some bytes."""
    return [path for path in folder.rglob("*") if path.is_file() and words in path.read_bytes()]


def test_postgresql_keeps_no_word_of_what_was_purged(
    on_postgresql: AnswerStore, database: str, postgresql: object
) -> None:
    answered(on_postgresql, 9, words="purged words")
    versions(postgresql.server.pgdata, database, "answers")
    assert holding(postgresql.server.pgdata / "base", b"purged words of pupil")
    on_postgresql.purge()
    versions(postgresql.server.pgdata, database, "answers")
    assert not holding(postgresql.server.pgdata / "base", b"purged words of pupil")


def test_a_backup_of_postgresql_has_no_transactions_at_all(
    on_postgresql: AnswerStore, tmp_path: Path
) -> None:
    answered(on_postgresql, 9)
    made = back_up(on_postgresql, tmp_path / "backup.sqlite").path
    with sqlite3.connect(made) as connection:
        (kept,) = connection.execute("SELECT count(*) FROM answers").fetchone()
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    assert kept == 9
    assert tables - {"sqlite_sequence"} == {table.name for table in metadata.sorted_tables}
