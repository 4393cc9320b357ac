"""Requests to a real ``manyi serve``: what becomes of every sheet, and what is refused."""

import csv
import gzip
import io
import json
import re
import secrets
import socket
import string
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from manyi.collect.server.progress import Tally, hidden_parts, progress
from manyi.collect.server.site import bundle, own_asset
from manyi.study.folder import open_study
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.forms.layout import answers_of, is_required, kind


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory,
    collecting_study: Callable[..., Path],
    serve_study: Callable[..., Any],
) -> Any:
    folder = tmp_path_factory.mktemp("requests") / "study"
    collecting_study(folder, {"roles": {"students": {"gate": "guardian"}, "principals": {"open": False}}})
    return serve_study(folder)


@pytest.fixture(scope="module")
def client(server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.address, timeout=30) as client:
        yield client


@pytest.fixture(scope="module")
def ticket(client: httpx.Client) -> str:
    found = re.search(r'name="_ticket" value="([^"]+)"', client.get("/f/society").text)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def sheet(server: Any) -> dict[str, Any]:
    """Return a sheet of the role ``society``: the first answer to whatever must be answered."""
    questionnaire = open_study(server.study).questionnaires["society"]
    answers = {
        one.id: answers_of(one, questionnaire).values[0]
        for one in questionnaire.questions()
        if is_required(one, questionnaire) and kind(one) == "choice"
    }
    return {"answers": answers, "form": definition_hash(questionnaire), "started": "2026-11-20T01:02Z"}


Send = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def send(client: httpx.Client, ticket: str) -> Send:
    """Return ``send(sheet, id, **headers)``."""

    def post(sheet: Any, name: str | None = None, **headers: str) -> httpx.Response:
        told = {
            "Content-Type": "application/json",
            "X-Manyi-Id": name or secrets.token_hex(16),
            "X-Manyi-Ticket": ticket,
            **{key.replace("_", "-"): value for key, value in headers.items()},
        }
        body = sheet if isinstance(sheet, bytes) else json.dumps(sheet).encode()
        return client.post("/api/submissions", content=body, headers=told)

    return post


# --- what becomes of a sheet -------------------------------------------------------------------------------


def test_resend_has_the_same_receipt(send: Send, sheet: dict[str, Any], server: Any) -> None:
    name = secrets.token_hex(16)
    before = len(server.stored("society"))
    first, second = send(sheet, name), send(sheet, name)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["receipt"] == second.json()["receipt"] != ""
    assert len(server.stored("society")) == before + 1


def test_other_content_under_one_id_is_kept_beside(send: Send, sheet: dict[str, Any], server: Any) -> None:
    name = secrets.token_hex(16)
    before = len(server.stored("society"))
    assert send(sheet, name).status_code == 201
    other = send({**sheet, "language": "en"}, name)
    assert (other.status_code, other.json()["standing"]) == (409, "conflict")
    assert len(server.stored("society")) == before + 2


@pytest.mark.parametrize("form", ["0123456789ab", ""], ids=["retired", "none"])
def test_other_definition_is_kept_aside(send: Send, sheet: dict[str, Any], form: str) -> None:
    reply = send({**sheet, "form": form, "answers": {"GONE": 1}})
    assert (reply.status_code, reply.json()["standing"]) == (202, "aside")
    assert reply.json()["receipt"] != ""


def test_faulty_answer_is_told_while_somebody_can_correct_it(
    send: Send, sheet: dict[str, Any], server: Any
) -> None:
    before = len(server.stored("society"))
    question = next(iter(sheet["answers"]))
    reply = send({**sheet, "answers": {**sheet["answers"], question: 77}})
    assert reply.status_code == 422
    assert reply.json()["faults"] == [{"field": question, "code": "sent-not-in-list"}]
    assert len(server.stored("society")) == before


def test_faulty_answer_from_the_queue_is_kept_aside(send: Send, sheet: dict[str, Any]) -> None:
    question = next(iter(sheet["answers"]))
    reply = send({**sheet, "answers": {**sheet["answers"], question: 77}}, X_Manyi_Queued="1")
    assert (reply.status_code, reply.json()["standing"]) == (202, "aside")


def test_withdrawn_sheet_does_not_come_back(send: Send, sheet: dict[str, Any], client: httpx.Client) -> None:
    name = secrets.token_hex(16)
    receipt = send(sheet, name).json()["receipt"]
    assert client.post("/withdraw", data={"receipt": receipt}).status_code == 200
    again = send(sheet, name)
    assert (again.status_code, again.json()) == (410, {"standing": "withdrawn", "receipt": ""})


def test_moment_and_line_of_a_person_are_not_kept(send: Send, sheet: dict[str, Any], server: Any) -> None:
    agent = "Mozilla/5.0 (a phone like no other)"
    send(sheet, User_Agent=agent, X_Forwarded_For="203.0.113.9")
    held = b"".join(path.read_bytes() for path in (server.study / "data").glob("answers.sqlite*"))
    log = (server.study / "serve.log").read_bytes()
    assert [word for word in (agent.encode(), b"203.0.113.9", b"127.0.0.1") if word in held + log] == []


# --- what is refused ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "text/plain"}, 415),
        ({"X_Manyi_Id": "short"}, 422),
        ({"X_Manyi_Ticket": "x.y"}, 403),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
    ],
)
def test_sheet_is_refused(send: Send, sheet: dict[str, Any], headers: dict[str, str], status: int) -> None:
    assert send(sheet, **headers).status_code == status


def test_ticket_is_no_link_and_a_link_no_ticket(
    client: httpx.Client, ticket: str, send: Send, sheet: dict[str, Any], server: Any
) -> None:
    assert client.get(f"/c/{ticket}").status_code == 404
    link = links_of(server)["class"]
    assert send(sheet, X_Manyi_Ticket=link.rpartition("/")[2]).status_code == 403


@pytest.mark.parametrize("path", ["/api/submissions", "/code", "/withdraw", "/f/society"])
def test_large_body_is_refused_before_it_is_read(server: Any, ticket: str, path: str) -> None:
    kind = "application/json" if path.startswith("/api") else "application/x-www-form-urlencoded"
    head = [f"POST {path} HTTP/1.1", "Host: here", f"Content-Type: {kind}", "Content-Length: 50000000"]
    head += [f"X-Manyi-Id: {'a' * 20}", f"X-Manyi-Ticket: {ticket}", "", ""]
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        # Nothing of the body is sent, and the answer is there all the same.
        connection.sendall("\r\n".join(head).encode())
        assert connection.recv(100).split()[1] == b"413"


@pytest.mark.parametrize("path", ["/code", "/withdraw", "/f/society"])
def test_form_of_another_site_is_refused(client: httpx.Client, path: str) -> None:
    reply = client.post(path, data={"code": "A"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert reply.status_code == 403


def test_sheet_cannot_be_forged(client: httpx.Client) -> None:
    page = client.get("/f/society").text
    found = re.search(r'name="_sheet" value="([^"]+)"', page)
    assert found is not None
    body, _, mac = found[1].rpartition(".")
    for forged in (f"{body[:-4]}AAAA.{mac}", f"{body}.{mac[:-2]}AA", ""):
        assert client.post("/f/society", data={"_sheet": forged, "_page": "0"}).status_code == 400
    assert client.post("/f/parents", data={"_sheet": found[1], "_page": "0"}).status_code == 400


def test_codes_are_tried_only_so_often(
    tmp_path: Path, collecting_study: Callable[..., Path], serve_study: Callable[..., Any]
) -> None:
    server = serve_study(collecting_study(tmp_path / "study", {}))
    guesses = [secrets.token_hex(7).upper() for _ in range(31)]
    with httpx.Client(base_url=server.address) as client:
        replies = [client.post("/code", data={"code": guess}) for guess in guesses]
    assert [reply.status_code for reply in replies[:30]] == [422] * 30
    assert replies[30].status_code == 429
    assert 0 < int(replies[30].headers["Retry-After"]) <= 600
    log = (server.study / "serve.log").read_text(encoding="utf-8")
    assert not any(guess in log for guess in guesses)


def test_store_that_takes_nothing_in_is_told_with_a_time(
    server: Any, sheet: dict[str, Any], tmp_path: Path, run_async: Callable[..., Any]
) -> None:
    # The real application in this process: its writer is closed, as it is while the server shuts down.
    from manyi.collect.collection import Collection
    from manyi.collect.server.app import collection_app
    from manyi.collect.store import AnswerStore, GroupWriter, open_engine, sqlite_address

    store = AnswerStore(open_engine(sqlite_address(tmp_path / "answers.sqlite")))
    writer = GroupWriter(store)
    app = collection_app(Collection.of(open_study(server.study), store, writer))

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            page = (await client.get("/f/society")).text
            writer.close()
            found = re.search(r'name="_ticket" value="([^"]+)"', page)
            assert found is not None
            head = {"Content-Type": "application/json", "X-Manyi-Id": "a" * 20, "X-Manyi-Ticket": found[1]}
            return await client.post("/api/submissions", content=json.dumps(sheet), headers=head)

    reply = run_async(ask())
    store.close()
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, "10")


def test_server_ends_well_and_starts_with_the_same_key(
    tmp_path: Path, collecting_study: Callable[..., Path], serve_study: Callable[..., Any]
) -> None:
    folder = collecting_study(tmp_path / "study", {})
    first = serve_study(folder)
    page = httpx.get(f"{first.address}/f/society").text
    first.process.terminate()
    assert first.process.wait(30) == 0
    second = serve_study(folder)
    found = re.search(r'name="_sheet" value="([^"]+)"', page)
    assert found is not None
    # A page from before the restart goes on.
    fields = {"_sheet": found[1], "_page": "0", "_go": "next"}
    assert httpx.post(f"{second.address}/f/society", data=fields).status_code == 200


def test_port_that_is_taken_is_told(server: Any, run_manyi: Callable[..., Any]) -> None:
    port = server.address.rpartition(":")[2]
    done = run_manyi("serve", server.study, "--port", port, "--json")
    assert (done.code, done.codes) == (1, ["serve-address"])


# --- every reply -------------------------------------------------------------------------------------------

PATHS = [
    "/",
    "/f/society",
    "/f/students",
    "/w/society",
    "/code",
    "/withdraw",
    "/live/x",
    "/health",
    "/nowhere",
]


@pytest.mark.parametrize("path", PATHS)
def test_reply_is_guarded(client: httpx.Client, path: str) -> None:
    reply = client.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "set-cookie" not in reply.headers
    assert "evil.example" not in reply.text
    assert "<script>" not in reply.text
    assert "style=" not in reply.text


@pytest.mark.parametrize("role", ["parents", "teachers", "students"])
def test_page_weighs_little(client: httpx.Client, role: str) -> None:
    with client.stream("GET", f"/w/{role}", headers={"Accept-Encoding": "gzip"}) as reply:
        assert sum(len(piece) for piece in reply.iter_raw()) < 30_000


def test_scripts_weigh_little() -> None:
    scripts = bundle("form.js")[1] + own_asset("worker.js").encode()
    assert len(gzip.compress(scripts)) < 30_000


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PIECES = st.one_of(st.sampled_from(["society", "students", "a.b", "..", "%00", "live"]), WORDS)
HEADER = st.text(string.printable.strip(), max_size=60)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT", "OPTIONS"]),
    path=st.sampled_from(
        ["/f/{}", "/c/{}", "/w/{}", "/live/{}", "/live/{}/progress.csv", "/assets/{}", "/{}"]
    ),
    piece=PIECES,
    query=WORDS,
    language=HEADER,
)
def test_no_address_breaks_the_server(
    client: httpx.Client, method: str, path: str, piece: str, query: str, language: str
) -> None:
    address = f"{client.base_url}".rstrip("/") + path.format(quote(piece, safe="."))
    head = {"Accept-Language": language, "Accept-Encoding": "gzip"}
    reply = client.request(method, address, params={"lang": query}, headers=head)
    assert reply.status_code < 500


FIELDS = st.dictionaries(
    st.one_of(
        st.sampled_from(
            ["_page", "_go", "_shown", "_language", "_gate", "_agree", "_done", "code", "receipt"]
        ),
        WORDS,
    ),
    st.one_of(WORDS, st.sampled_from(["1", "2", "99999999999", "-1", "next", "back", "en", "agree"])),
    max_size=8,
)


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    role=st.sampled_from(["society", "students"]),
    path=st.sampled_from(["/f", "/code", "/withdraw"]),
    fields=FIELDS,
)
def test_no_page_breaks_the_server(
    client: httpx.Client, role: str, path: str, fields: dict[str, str]
) -> None:
    if path == "/f":
        page = client.get(f"/f/{role}").text
        found = re.search(r'name="_sheet" value="([^"]+)"', page)
        assert found is not None
        fields, path = {"_sheet": found[1], **fields}, f"/f/{role}"
    reply = client.post(path, data=fields)
    assert reply.status_code < 500
    assert "Traceback" not in reply.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=st.one_of(st.binary(max_size=200), JSON), data=st.data())
def test_no_sheet_breaks_the_server(
    send: Send, sheet: dict[str, Any], content: object, data: st.DataObject
) -> None:
    if isinstance(content, bytes):
        assert send(content).status_code in (400, 422)
        return
    field = data.draw(
        st.sampled_from(["answers", "form", "language", "device", "started", "seconds", "other"])
    )
    question = data.draw(st.sampled_from([*sheet["answers"], "S_OPEN", "NONE"]))
    told = {**sheet, field: content}
    if isinstance(content, dict) and field == "answers":
        told = {**sheet, "answers": {**sheet["answers"], question: content}}
    queued = data.draw(st.sampled_from(["0", "1"]))
    reply = send(json.dumps(told).encode(), X_Manyi_Queued=queued)
    assert reply.status_code in (200, 201, 202, 422)


# --- links and live page -----------------------------------------------------------------------------------


def links_of(server: Any) -> dict[str, str]:
    """Return the links that ``manyi links`` makes: of a role, of a class, of the live page."""
    command = [sys.executable, "-m", "manyi", "links", str(server.study), "--url", server.address, "--json"]
    options = ["--role", "society", "--school", "=1+1", "--class", "五（2）班"]
    done = subprocess.run([*command, *options], check=True, capture_output=True, encoding="utf-8")
    with (server.study / "links" / "links.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {"open": rows[0]["link"], "class": rows[1]["link"], "live": json.loads(done.stdout)["live"]}


def test_class_link_tells_school_and_class(server: Any, sheet: dict[str, Any], send: Send) -> None:
    page = httpx.get(links_of(server)["class"]).text
    found = re.search(r'name="_ticket" value="([^"]+)"', page)
    assert found is not None
    assert send(sheet, X_Manyi_Ticket=found[1]).status_code == 201
    assert ("=1+1", "五（2）班") in {(row["school"], row["class"]) for row in server.stored("society")}


def test_changed_link_leads_nowhere(server: Any) -> None:
    link = links_of(server)["class"]
    body, _, mac = link.rpartition(".")
    assert httpx.get(f"{body[:-2]}AA.{mac}").status_code == 404


def test_table_of_links_holds_no_formula(server: Any) -> None:
    links_of(server)
    assert "'=1+1" in (server.study / "links" / "links.csv").read_text(encoding="utf-8-sig")


def test_live_page_counts_and_hides(server: Any, sheet: dict[str, Any], send: Send) -> None:
    live = links_of(server)["live"]
    page = httpx.get(links_of(server)["class"]).text
    found = re.search(r'name="_ticket" value="([^"]+)"', page)
    assert found is not None
    for _ in range(12):
        assert send({**sheet, "seconds": {"about": 200}}, X_Manyi_Ticket=found[1]).status_code == 201
    rows = list(csv.DictReader(io.StringIO(httpx.get(f"{live}/progress.csv").content.decode("utf-8-sig"))))
    society = next(row for row in rows if row["role"] == "society" and not row["school"])
    assert int(society["received"]) == sum(row["standing"] == "accepted" for row in server.stored("society"))
    school = next(row for row in rows if row["school"])
    assert (school["school"], school["class"]) == ("'=1+1", "")
    assert httpx.get(live, headers={"Accept-Language": "en"}).text.count("<tr") == len(rows) + 1
    assert httpx.get(f"{live[:-1]}_").status_code == 404


@given(counts=st.lists(st.integers(0, 40), max_size=7), least=st.integers(1, 12))
def test_hidden_groups_cannot_be_computed(counts: list[int], least: int) -> None:
    hidden = hidden_parts(counts, 0, least)
    unseen = [count for count, hide in zip(counts, hidden, strict=True) if hide]
    assert not any(0 < count < least for count, hide in zip(counts, hidden, strict=True) if not hide)
    if any(unseen) and sum(counts) >= least:
        # What remains of the sum belongs to several groups, together large enough, or to all there are.
        everything = not any(count for count, hide in zip(counts, hidden, strict=True) if not hide)
        assert everything or (len(unseen) > 1 and sum(unseen) >= least)


def test_progress_of_a_school_is_the_sum_of_its_classes() -> None:
    tallies = {
        ("parents", "1", "a"): Tally(30, 2, 3, [60.0] * 30),
        ("parents", "1", "b"): Tally(20, 0, 0, [120.0] * 20),
        ("parents", "2", "a"): Tally(10, 0, 0, []),
    }
    rows = {(row.school, row.group): row for row in progress(tallies, {("parents", "1", "a"): 40}, 5)}
    assert (rows["1", ""].received, rows["1", ""].seconds, rows["1", ""].flagged) == (50, 60.0, 5 / 52)
    # Class b was given no codes, so what is expected of the school is not known.
    assert (rows["1", "a"].expected, rows["1", ""].expected) == (40, None)
    assert rows["", ""].received == 60


# --- to the results ----------------------------------------------------------------------------------------


def test_collected_answers_are_run(server: Any, run_manyi: Callable[..., Any]) -> None:
    done = run_manyi("run", server.study, "--json")
    assert done.code in (0, 1), done.err
    accepted = sum(row["standing"] == "accepted" for row in server.stored("society"))
    file = server.study / "results" / "tables" / "import_cells.csv"
    with file.open(encoding="utf-8-sig", newline="") as table:
        kept = {row["role"]: int(row["rows_kept"]) for row in csv.DictReader(table)}
    assert kept["society"] == accepted > 0
