"""Print how many answer sheets a second ``manyi serve`` acknowledges over HTTP, and that all are kept.

    python benchmarks/server.py [--store postgresql://…] [--seconds 30] [--connections 200]

A study with a questionnaire of 60 items is served by its own process. A second process holds the connections
open, as many people's browsers do, and sends a sheet of 60 answers on each as soon as the one before is
acknowledged. Afterwards the store is read: every acknowledged id must be there once. Beside it stands a bare
commit of the same disk.
"""

import argparse
import asyncio
import json
import re
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from store import bare_commit

from manyi.collect.opening import opened_store
from manyi.study.folder import open_study
from manyi_instruments.definitions.identity import definition_hash

STUDY = """study: load
title: {zh: 压力测试, en: Load}
language: en
roles:
  pupils: {title: {zh: 学生, en: Pupils}, questionnaire: instruments/pupils.yaml}
"""
ITEMS = 60
#: Id, status and seconds of one sheet.
Told = tuple[str, int, float]


@dataclass(frozen=True, slots=True)
class Load:
    """What one run acknowledged, and the times of single sheets in milliseconds."""

    acknowledged: tuple[str, ...]
    refused: Mapping[int, int]
    seconds: float
    times: tuple[float, ...]


def study(folder: Path) -> Path:
    """Write the study that is served."""
    items = "\n".join(
        f"  - {{id: Q{at:02d}, text: {{en: 'Statement {at}.'}}, answers: agree, scale: S}}"
        for at in range(ITEMS)
    )
    (folder / "instruments").mkdir(parents=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    (folder / "instruments" / "pupils.yaml").write_text(
        "questionnaire: pupils\ntitle: {en: Pupils}\nlanguages: [en]\nanswer_lists:\n"
        "  agree: {values: [1, 2, 3, 4, 5], en: [a, b, c, d, e]}\n"
        f"scales: [{{id: S, title: {{en: Scale}}}}]\nitems:\n{items}\n",
        encoding="utf-8",
    )
    return folder


def sheet(form: str) -> bytes:
    """Return one answer sheet as a browser sends it."""
    answers = {f"Q{at:02d}": secrets.randbelow(5) + 1 for at in range(ITEMS)}
    told = {"answers": answers, "language": "en", "device": "phone", "form": form, "seconds": {"views": 300}}
    return json.dumps(told).encode()


async def one_connection(
    port: int, ticket: str, form: str, until: float, load: list[tuple[str, int, float]]
) -> None:
    """Send one sheet after another on one connection until the time is over."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until:
        name, body = secrets.token_hex(16), sheet(form)
        head = (
            f"POST /api/submissions HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
            f"X-Manyi-Id: {name}\r\nX-Manyi-Ticket: {ticket}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        started = time.perf_counter()
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", answer.lower())[1])  # type: ignore[index]
        await reader.readexactly(length)
        load.append((name, int(answer[9:12]), time.perf_counter() - started))
    writer.close()


async def loaded(port: int, ticket: str, form: str, seconds: float, connections: int) -> Load:
    """Hold the connections open and return what was acknowledged."""
    told: list[Told] = []
    started = time.perf_counter()
    await asyncio.gather(
        *(one_connection(port, ticket, form, started + seconds, told) for _ in range(connections))
    )
    taken = time.perf_counter() - started
    good = tuple(name for name, status, _ in told if status == 201)
    refused = Counter(status for _, status, _ in told if status != 201)
    return Load(good, refused, taken, tuple(sorted(spent * 1e3 for *_, spent in told)))


def kept(folder: Path, store: str | None) -> list[str]:
    """Return the ids of all answers the store holds."""
    with opened_store(open_study(folder), store) as opened:
        return [one.id for one in opened.kept("pupils")]


def main() -> None:
    """Serve, load, count."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--store")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--connections", type=int, default=200)
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder) as made:
        folder = study(Path(made) / "study")
        command = [sys.executable, "-m", "manyi", "serve", str(folder), "--port", "0"]
        command += ["--store", asked.store] if asked.store else []
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            said = server.stdout.readline() if server.stdout else ""
            port = int(re.search(r":(\d+)/", said)[1])  # type: ignore[index]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/f/pupils") as answer:
                page = answer.read().decode()
            ticket = re.search(r'name="_ticket" value="([^"]+)"', page)[1]  # type: ignore[index]
            form = definition_hash(open_study(folder).questionnaires["pupils"])
            before = set(kept(folder, asked.store))
            load = asyncio.run(loaded(port, ticket, form, asked.seconds, asked.connections))
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)
        bare = bare_commit(Path(made), journal=not asked.store)
        there = [name for name in kept(folder, asked.store) if name not in before]
        print(f"{ITEMS} items, {asked.connections} connections, {load.seconds:.1f} s")
        rate = len(load.acknowledged) / load.seconds
        print(
            f"acknowledged {len(load.acknowledged):,} = {rate:,.0f}/s; refused {dict(load.refused) or 'none'}"
        )
        p99 = load.times[int(len(load.times) * 0.99)]
        print(
            f"p50 {statistics.median(load.times):.0f} ms, p99 {p99:.0f} ms, longest {load.times[-1]:.0f} ms"
        )
        print(f"bare commit {bare:.2f} ms = {1000 / bare:,.0f}/s; ratio {rate * bare / 1000:.1f}")
        once = len(there) == len(set(there)) and set(load.acknowledged) <= set(there)
        print(f"kept: {len(there):,}; every acknowledged one once: {'yes' if once else 'NO'}")
        if not once:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
