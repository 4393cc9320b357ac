"""What tests in a real browser share: Chromium, packages from npm, a server made of the web form."""

import hashlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, sync_playwright

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.forms.web.completing import complete
from manyi_instruments.forms.web.delivery import Delivery, content_security_policy
from manyi_instruments.forms.web.pages import next_page, previous_page, web_form
from manyi_instruments.forms.web.reading import Reading, read_page
from manyi_instruments.forms.web.rendering import render_introduction, render_page, render_thanks
from manyi_instruments.forms.web.stored import Stored

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def browser(require_program: Callable[[str], str]) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=require_program("chromium"), args=["--no-sandbox"]
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """Return the folder of the packages that the lock file pins, installed once outside the tree."""
    npm = shutil.which("npm")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = Path(tempfile.gettempdir()) / f"manyi-web-tests-{hashlib.sha256(lock).hexdigest()[:12]}"
    if (folder / "node_modules" / ".package-lock.json").exists():
        return folder / "node_modules"
    if npm is None:
        if "MANYI_CI" in os.environ:
            pytest.fail("npm is not installed")
        pytest.skip("npm is not installed")
    # Another worker may install them too: the folder appears when it is whole.
    making = Path(tempfile.mkdtemp(prefix=folder.name))
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, making / name)
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=making, capture_output=True, check=False, timeout=300)
    if done.returncode != 0:
        said = f"npm could not install the packages: {done.stderr.decode()[-500:]}"
        if "MANYI_CI" in os.environ:
            pytest.fail(said)
        pytest.skip(said)
    with suppress(OSError):
        making.rename(folder)
    return folder / "node_modules"


@dataclass
class Person:
    """One respondent of the test server."""

    language: str
    answers: dict[str, Stored] = field(default_factory=dict)
    page: int = 0
    finished: dict[str, Stored] | None = None


@dataclass
class Survey:
    """The server, and the respondents it has seen."""

    address: str
    people: dict[str, Person]
    posted: list[dict[str, list[str]]]

    @property
    def last(self) -> Person:
        return list(self.people.values())[-1]


class _Server:
    """What any server has to do with the web form: keep the answers, and send the page that comes next."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.form = web_form(questionnaire)
        self.people: dict[str, Person] = {}
        self.posted: list[dict[str, list[str]]] = []

    def start(self) -> str:
        token = secrets.token_hex(8)
        self.people[token] = Person(self.form.questionnaire.languages[0])
        return self.page(token)

    def delivery(self, token: str) -> Delivery:
        return Delivery(action="/answer", hidden={"_token": token})

    def page(self, token: str, reading: Reading | None = None) -> str:
        person, delivery = self.people[token], self.delivery(token)
        if person.finished is not None:
            return render_thanks(self.form, person.language, "AB12-CD34", delivery)
        if person.page == 0:
            return render_introduction(self.form, person.language, delivery)
        page = self.form.pages[person.page - 1]
        return render_page(self.form, person.language, page, person.answers, reading, delivery)

    def answer(self, fields: dict[str, list[str]]) -> str:
        self.posted.append(fields)
        token = fields["_token"][0]
        person = self.people[token]
        going = fields.get("_go", [""])[0]
        reading = None
        if person.page:
            page = self.form.pages[person.page - 1]
            reading = read_page(self.form, page, fields, person.answers)
            person.answers = reading.merged(self.form, page, person.answers)
        if "_language" in fields:
            person.language = fields["_language"][0]
            return self.page(token, reading.quiet() if reading else None)
        if going == "back":
            earlier = previous_page(self.form, person.answers, person.page)
            person.page = earlier.number if earlier else 0
        elif reading is None or reading.complete:
            later = next_page(self.form, person.answers, person.page)
            sheet = complete(self.form, person.answers)
            if later is not None:
                person.page = later.number
            elif sheet.unfinished:
                person.page = sheet.unfinished[0].number
            else:
                person.finished = sheet.answers
        else:
            return self.page(token, reading)
        return self.page(token)


def _handler(server: _Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # A browser asks for an icon where the policy is bypassed.
            self.send(server.start() if self.path == "/" else "", 200)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8")
            self.send(server.answer(parse_qs(body, keep_blank_values=True)), 200)

        def send(self, html: str, status: int) -> None:
            content = html.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", content_security_policy())
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    return Handler


@pytest.fixture
def serve() -> Iterator[Callable[[Questionnaire], Survey]]:
    """Return ``serve(questionnaire)``: a server of its web form on this machine."""
    running: list[tuple[ThreadingHTTPServer, threading.Thread]] = []

    def start(questionnaire: Questionnaire) -> Survey:
        server = _Server(questionnaire)
        http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(server))
        thread = threading.Thread(target=http.serve_forever, daemon=True)
        thread.start()
        running.append((http, thread))
        return Survey(f"http://127.0.0.1:{http.server_port}/", server.people, server.posted)

    yield start
    for http, thread in running:
        http.shutdown()
        http.server_close()
        thread.join()


@dataclass
class Collecting:
    """A ``manyi serve`` under way."""

    address: str
    study: Path
    process: "subprocess.Popen[str]"

    def stored(self, role: str) -> list[dict[str, Any]]:
        """Return the rows of the store, their payloads read."""
        from manyi.collect.opening import opened_store
        from manyi.collect.store import Standing
        from manyi.study.folder import open_study

        with opened_store(open_study(self.study)) as store:
            kept = list(store.kept(role, Standing))
        return [
            {
                **json.loads(one.payload),
                "standing": str(one.standing),
                "school": one.school,
                "class": one.group,
            }
            for one in kept
        ]

    def codes(self, role: str, school: str, group: str, count: int) -> list[str]:
        from manyi.collect.opening import opened_store
        from manyi.study.folder import open_study

        with opened_store(open_study(self.study)) as store:
            return store.codes.make(role, school, group, count)


@pytest.fixture(scope="session")
def collecting_study() -> Callable[[Path, Mapping[str, Any]], Path]:
    """Return what writes the study of the bundled questionnaires, with the settings of its collection."""

    def write(folder: Path, settings: Mapping[str, Any]) -> Path:
        subprocess.run([sys.executable, "-m", "manyi", "new", str(folder)], check=True, capture_output=True)
        file = folder / "study.yaml"
        text = f"{file.read_text(encoding='utf-8')}\ncollection: {json.dumps(settings)}\n"
        file.write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture(scope="session")
def serve_study() -> Iterator[Callable[..., Collecting]]:
    """Return ``serve_study(folder, *options)``: the real server in a process of its own."""
    running: list[subprocess.Popen[str]] = []

    def start(folder: Path, *options: str) -> Collecting:
        command = [
            sys.executable,
            "-m",
            "manyi",
            "serve",
            str(folder),
            "--port",
            "0",
            "--lang",
            "en",
            *options,
        ]
        with (folder / "serve.log").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, encoding="utf-8"
            )
        running.append(process)
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"http://\S+", said)
        assert found is not None, (folder / "serve.log").read_text(encoding="utf-8")
        return Collecting(found[0].rstrip("/"), folder, process)

    yield start
    for process in running:
        process.terminate()
        process.wait(30)
        if process.stdout is not None:
            process.stdout.close()
