"""Backups while the store serves, their check, and the way back, on SQLite and on PostgreSQL and across."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from manyi.collect.store import AnswerStore, GroupWriter, Standing, Submission, open_engine
from manyi.collect.store.backup import back_up, check_backup, restore
from manyi_instruments.faults import ManyiError


@pytest.fixture
def store(store_address: str) -> Iterator[AnswerStore]:
    store = AnswerStore(open_engine(store_address))
    yield store
    store.close()


def submission(id: str, payload: bytes = b'{"Q1": 4}', place: tuple[str, int] | None = None) -> Submission:
    return Submission(id, "pupils", "abcdef012345", payload, "330", "三班", place, minute="2026-11-22T05:00Z")


def content(store: AnswerStore) -> list[object]:
    return [
        sorted(store.kept("pupils", tuple(Standing)), key=lambda kept: (kept.id, kept.payload)),
        store.counts(),
        store.withdrawn(),
        store.codes.issued(),
        store.key,
        [(line["action"], line["count"]) for line in store.audit()],
    ]


def filled(store: AnswerStore) -> list[str]:
    """Fill a store with everything it can hold; return the codes, of which the first two are spent."""
    codes = store.codes.make("pupils", "330", "三班", 30)
    places = [found[1] for code in codes if (found := store.codes.find(code))]
    store.accept(
        [submission("one", place=places[0]), submission("two", place=places[1]), submission("three")]
    )
    store.accept([submission("two", b"other"), submission("four", place=places[0])])
    store.withdraw(store.receipt("three"))
    return codes


@pytest.fixture(params=["sqlite", "postgresql"])
def other_address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'restored.sqlite'}"
    return request.getfixturevalue("postgresql")()


def test_a_restored_store_is_the_one_that_was_backed_up(
    store: AnswerStore, other_address: str, tmp_path: Path
) -> None:
    codes = filled(store)
    before = content(store)
    assert back_up(store, tmp_path / "backup").answers == 4
    engine = open_engine(other_address)
    assert restore(tmp_path / "backup", engine) == 4
    restored = AnswerStore(engine)
    assert content(restored)[:-1] == before[:-1]
    assert content(restored)[-1] == [*before[-1], ("restored", 4)]
    # It goes on as the first would have: receipts, resends, spent codes, what was withdrawn.
    assert restored.receipt("one") == store.receipt("one")
    places = [found[1] for code in codes if (found := restored.codes.find(code))]
    given = [submission("one"), submission("three"), submission("x", place=places[1])]
    standings = [one.standing for one in restored.accept([*given, submission("y", place=places[2])])]
    assert standings == [Standing.repeated, Standing.withdrawn, Standing.code_spent, Standing.accepted]
    restored.log("after")
    restored.close()


def test_a_backup_while_it_serves_is_of_one_moment(store: AnswerStore, tmp_path: Path) -> None:
    codes = store.codes.make("pupils", "330", "", 3000)
    places = iter([found[1] for code in codes if (found := store.codes.find(code))])
    writer, stop = GroupWriter(store), threading.Event()
    acknowledged: list[str] = []

    def load(name: int) -> None:
        number = 0
        while not stop.is_set() and (place := next(places, None)) is not None:
            id = f"{name}-{number}"
            writer.submit(submission(id, place=place)).result(60)
            acknowledged.append(id)
            number += 1

    threads = [threading.Thread(target=load, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for number in range(5):
        before = set(acknowledged)
        made = back_up(store, tmp_path / f"backup-{number}").path
        with closing(sqlite3.connect(made)) as connection:
            ids = [row[0] for row in connection.execute("SELECT id FROM answers")]
            (spent,) = connection.execute("SELECT spent FROM code_lists").fetchone()
        # Each answer spent one code: of two moments, the numbers would differ.
        assert int.from_bytes(spent, "little").bit_count() == len(ids)
        assert before <= set(ids)
    stop.set()
    for thread in threads:
        thread.join()
    writer.close()


def test_a_backup_replaces_an_earlier_one_and_no_other_file(store: AnswerStore, tmp_path: Path) -> None:
    filled(store)
    back_up(store, tmp_path / "backup")
    store.accept([submission("later")])
    assert back_up(store, tmp_path / "backup").answers == 5
    (tmp_path / "thesis.docx").write_bytes(b"years of work")
    with pytest.raises(ManyiError) as caught:
        back_up(store, tmp_path / "thesis.docx")
    assert caught.value.faults[0].code == "backup-exists"
    assert (tmp_path / "thesis.docx").read_bytes() == b"years of work"


def test_a_store_is_not_overwritten_by_its_own_backup(tmp_path: Path) -> None:
    file = tmp_path / "answers.sqlite"
    store = AnswerStore(open_engine(f"sqlite:///{file}"))
    store.accept([submission("one")])
    with pytest.raises(ManyiError) as caught:
        back_up(store, file)
    assert caught.value.faults[0].code == "backup-exists"
    assert store.counts()[0].n == 1
    store.close()


def test_nothing_but_the_backup_is_left(store: AnswerStore, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    back_up(store, folder / "backup")
    assert [path.name for path in folder.iterdir()] == ["backup"]


def test_a_backup_is_a_line_of_the_audit(store: AnswerStore, tmp_path: Path) -> None:
    filled(store)
    back_up(store, tmp_path / "backup")
    assert [(line["action"], line["count"]) for line in store.audit()][-1] == ("backup", 4)


@pytest.mark.parametrize("spoil", ["cut", "bits", "other"])
def test_a_damaged_backup_is_refused(tmp_path: Path, spoil: str) -> None:
    store = AnswerStore(open_engine(f"sqlite:///{tmp_path / 'answers.sqlite'}"))
    store.accept([submission(f"id-{n}", b"%d" % n * 300) for n in range(300)])
    made = back_up(store, tmp_path / "backup").path
    store.close()
    content = bytearray(made.read_bytes())
    if spoil == "cut":
        content = content[: len(content) // 2]
    elif spoil == "bits":
        for at in range(4096 * 8, len(content), 4096):
            content[at : at + 40] = b"\xff" * 40
    else:
        content = bytearray(b"name,score\n")
    made.write_bytes(content)
    engine = open_engine(f"sqlite:///{tmp_path / 'new.sqlite'}")
    for use in (lambda: check_backup(made), lambda: restore(made, engine)):
        with pytest.raises(ManyiError) as caught:
            use()
        assert caught.value.faults[0].code == "backup-damaged"
    engine.dispose()


def test_a_backup_is_restored_into_an_empty_store_only(store: AnswerStore, tmp_path: Path) -> None:
    filled(store)
    back_up(store, tmp_path / "backup")
    before = content(store)
    with pytest.raises(ManyiError) as caught:
        restore(tmp_path / "backup", store.engine)
    assert caught.value.faults[0].code == "restore-not-empty"
    assert content(store) == before


def test_a_restored_backup_can_be_larger_than_one_page(
    store: AnswerStore, other_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("manyi.collect.store.backup.PAGE", 100)
    store.accept([submission(f"id-{number}", b"%d" % number) for number in range(1234)])
    back_up(store, tmp_path / "backup")
    engine = open_engine(other_address)
    restore(tmp_path / "backup", engine)
    restored = AnswerStore(engine)
    assert {(kept.id, kept.payload) for kept in restored.kept("pupils")} == {
        (f"id-{number}", b"%d" % number) for number in range(1234)
    }
    restored.close()


def test_postgresql_serves_on_while_a_backup_reads(postgresql: Callable[[], str], tmp_path: Path) -> None:
    store = AnswerStore(open_engine(postgresql()))
    store.accept([submission("one")])
    from manyi.collect.store.backup import _snapshot

    with _snapshot(store.engine) as read:
        assert read.exec_driver_sql("SELECT count(*) FROM answers").scalar_one() == 1
        store.accept([submission("two")])
        assert read.exec_driver_sql("SELECT count(*) FROM answers").scalar_one() == 1
    assert len(list(store.kept("pupils"))) == 2
    store.close()
