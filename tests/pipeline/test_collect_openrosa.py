"""OpenRosa against a running server, with the requests that ODK Collect makes.

Their shape is that of collect's `OkHttpConnection` and `OpenRosaHttpInterface`: `X-OpenRosa-Version: 1.0` on
every request, HEAD on the submission address before the first POST, one part `xml_submission_file` with a
file name and the type `text/xml`, digest authentication with MD5 after a 401. The instance is the form's
own, as pyxform made it, filled in.
"""

import base64
import hashlib
import json
import socket
import sqlite3
import threading
import time
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Mount

from manyi.collect.collection import Collection
from manyi.collect.openrosa.authentication import NONCE_LIFE, Authentication
from manyi.collect.openrosa.collectors import COLLECTORS, Collectors, NewCollector, new_collector
from manyi.collect.openrosa.routes import routes
from manyi.collect.openrosa.settings import settings_text
from manyi.collect.openrosa.submission import read_instance
from manyi.collect.payload import Payload, read_payload
from manyi.collect.store import AnswerStore, GroupWriter, Kept, Standing, open_engine
from manyi.study.folder import open_study
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.faults import ManyiError

INSTRUMENTS = Path(__file__).parents[1] / "instruments"
COLLECT = {"X-OpenRosa-Version": "1.0", "User-Agent": "org.odk.collect.android/v2025.2.3 Dalvik/2.1.0"}
XFORMS = "{http://www.w3.org/2002/xforms}"
LIST = "{http://openrosa.org/xforms/xformsList}"
REPLY = "{http://openrosa.org/http/response}"
ANSWERS = {
    **{"school": "3601", "CODE": "A07", "AGE": "41", "BOARDS": "0", "WALK": "0", "WAYS": "3 5"},
    **{"WAYS__text": "摩托车", "KM": "3.5", "WAIT": "20", "BUSSAFE": "1", "RANK": "4 1 2 3 5 6", "S1": "-8"},
    **{"S2": "3", "CHECK": "4", "S5": "5", "T1": "9", "T2": "10", "WISH": "多一点 <课外> 活动 & 书"},
    **{"start": "2026-05-01T09:00:10.123+08:00", "end": "2026-05-01T09:06:40.623+08:00"},
}
PAYLOAD = {
    **{"CODE": "A07", "AGE": 41, "BOARDS": 0, "WALK": 0, "WAYS": [3, 5], "WAYS__text": "摩托车", "KM": 3.5},
    **{"WAIT": 20, "BUSSAFE": 1, "RANK": {"4": 1, "1": 2, "2": 3, "3": 4, "5": 5, "6": 6}, "S1": -8, "S2": 3},
    **{"CHECK": 4, "S5": 5, "T1": 9, "T2": 10, "WISH": "多一点 <课外> 活动 & 书"},
}


@dataclass
class Running:
    """A server and what it collects."""

    address: str
    collection: Collection
    account: NewCollector

    @property
    def auth(self) -> httpx.DigestAuth:
        return httpx.DigestAuth(self.account.collector.name, self.account.password)

    def stored(self, role: str = "travel") -> list[Kept]:
        return list(self.collection.store.kept(role, list(Standing)))

    def fresh(self) -> str:
        """Return an id nobody used."""
        return f"uuid:{time.perf_counter_ns():032x}"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("study")
    (folder / "data").mkdir()
    (folder / "study.yaml").write_text(
        "study: phones\ntitle: {zh: 手机, en: Phones}\nlanguage: zh\nroles:\n"
        f"  travel: {{title: {{zh: 家长}}, questionnaire: {INSTRUMENTS / 'forms_everything.yaml'}}}\n"
        f"  again: {{title: {{zh: 再次}}, questionnaire: {INSTRUMENTS / 'forms_everything.yaml'}}}\n",
        encoding="utf-8",
    )
    study = open_study(folder)
    store = AnswerStore(open_engine(f"sqlite:///{study.store_file}"))
    writer = GroupWriter(store)
    account = Collectors(folder / COLLECTORS).add("village-1")
    collection = Collection.of(study, store, writer)
    application = Starlette(routes=[Mount("/odk", routes=routes(collection))])
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(application, port=port, log_level="error", access_log=False))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield Running(f"http://127.0.0.1:{port}/odk", collection, account)
    server.should_exit = True
    thread.join()
    writer.close()
    store.close()


def form_xml(running: Running, role: str = "travel") -> ET.Element:
    sent = httpx.get(f"{running.address}/forms/{role}.xml", headers=COLLECT, auth=running.auth)
    assert sent.status_code == 200
    return ET.fromstring(sent.content)


def filled(running: Running, instance: str, answers: dict[str, str], role: str = "travel") -> bytes:
    """Return the form's own instance, filled in as the app does."""
    model = form_xml(running, role).find(f".//{XFORMS}instance")
    assert model is not None
    root = model[0]
    known = {node.tag.rpartition("}")[2]: node for node in root.iter()}
    told = {**answers, "definition": definition_hash(running.collection.forms[role].questionnaire)}
    for name, text in {**told, **answers, "instanceID": instance}.items():
        known[name].text = text
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def post(running: Running, xml: bytes, **more: Any) -> httpx.Response:
    files = {"xml_submission_file": ("travel_2026-05-01.xml", xml, "text/xml"), **more.pop("files", {})}
    address = f"{running.address}/submission?deviceID=collect%3AaBcDeF"
    options = {"headers": COLLECT, "auth": running.auth, "files": files, **more}
    return httpx.post(address, **options)


def said(reply: httpx.Response) -> str:
    message = ET.fromstring(reply.content).find(f"{REPLY}message")
    assert message is not None
    return message.text or ""


# --- what phones ask for


def test_list_of_forms(running: Running) -> None:
    reply = httpx.get(f"{running.address}/formList", headers=COLLECT, auth=running.auth)
    forms = ET.fromstring(reply.content).findall(f"{LIST}xform")
    assert reply.headers["content-type"] == "text/xml; charset=utf-8"
    assert [form.findtext(f"{LIST}formID") for form in forms] == ["travel", "again"]
    assert forms[0].findtext(f"{LIST}downloadUrl") == f"{running.address}/forms/travel.xml"


def test_list_of_one_form(running: Running) -> None:
    reply = httpx.get(f"{running.address}/formList?formID=again", headers=COLLECT, auth=running.auth)
    assert [form.findtext(f"{LIST}formID") for form in ET.fromstring(reply.content)] == ["again"]


def test_hash_of_the_list_is_that_of_the_form(running: Running) -> None:
    listed = httpx.get(f"{running.address}/formList", headers=COLLECT, auth=running.auth)
    form = httpx.get(f"{running.address}/forms/travel.xml", headers=COLLECT, auth=running.auth)
    told = ET.fromstring(listed.content)[0].findtext(f"{LIST}hash")
    assert told == f"md5:{hashlib.md5(form.content).hexdigest()}"


def test_form_is_named_after_the_role_and_versioned_by_the_definition(running: Running) -> None:
    model = form_xml(running, "again").find(f".//{XFORMS}instance")
    assert model is not None
    digest = definition_hash(running.collection.forms["again"].questionnaire)
    assert (model[0].get("id"), model[0].get("version")) == ("again", f"3.0-{digest}")


def test_form_that_is_not_there(running: Running) -> None:
    reply = httpx.get(f"{running.address}/forms/none.xml", headers=COLLECT, auth=running.auth)
    assert (reply.status_code, said(reply)) == (404, "没有这个表单。")


def test_manifest_lists_no_media(running: Running) -> None:
    reply = httpx.get(f"{running.address}/forms/travel/manifest", headers=COLLECT, auth=running.auth)
    root = ET.fromstring(reply.content)
    assert (root.tag, len(root)) == ("{http://openrosa.org/xforms/xformsManifest}manifest", 0)


def test_head_of_the_submission_tells_where_and_how_much(running: Running) -> None:
    reply = httpx.head(f"{running.address}/submission", headers=COLLECT, auth=running.auth)
    assert reply.status_code == 204
    assert reply.headers["location"] == f"{running.address}/submission"
    assert reply.headers["x-openrosa-accept-content-length"] == "1000000"


@pytest.mark.parametrize("path", ["formList", "forms/travel.xml", "forms/travel/manifest", "forms/x.xml"])
def test_every_reply_has_the_headers_of_openrosa(running: Running, path: str) -> None:
    reply = httpx.get(f"{running.address}/{path}", headers=COLLECT, auth=running.auth)
    assert reply.headers["x-openrosa-version"] == "1.0"
    assert len(reply.headers.get_list("date")) == 1


# --- logging in


def test_without_login_both_algorithms_are_offered_md5_first(running: Running) -> None:
    reply = httpx.get(f"{running.address}/formList", headers=COLLECT)
    offered = reply.headers.get_list("www-authenticate")
    assert reply.status_code == 401
    assert [part.split("algorithm=")[1].split(",")[0] for part in offered] == ["MD5", "SHA-256"]


@pytest.mark.parametrize(("name", "password"), [("village-1", "WRONG"), ("nobody", "x"), ("", "")])
def test_wrong_login(running: Running, name: str, password: str) -> None:
    auth = httpx.DigestAuth(name, password)
    reply = httpx.get(f"{running.address}/formList", headers=COLLECT, auth=auth)
    assert reply.status_code == 401


@pytest.mark.parametrize(
    "header",
    [
        "Basic " + base64.b64encode(b"village-1:x").decode(),
        "Digest",
        "Digest username",
        'Digest username="a", realm="manyi", uri="/odk/formList", nonce="zz", response="é"',
        'Digest username="a", realm="manyi", algorithm=MD4, uri="/odk/formList", response="0"',
        "Digest " + "x" * 5000,
    ],
)
def test_header_that_is_no_login(running: Running, header: str) -> None:
    sent = {**COLLECT, "Authorization": header.encode()}
    assert httpx.get(f"{running.address}/formList", headers=sent).status_code == 401


def test_token_in_the_address_stands_for_the_login(running: Running) -> None:
    base = f"{running.address}/key/{running.account.token}"
    reply = httpx.get(f"{base}/formList", headers=COLLECT)
    address = ET.fromstring(reply.content)[0].findtext(f"{LIST}downloadUrl")
    assert address == f"{base}/forms/travel.xml"
    assert httpx.get(address, headers=COLLECT).status_code == 200
    assert httpx.head(f"{base}/submission", headers=COLLECT).status_code == 204


def test_wrong_token_is_offered_no_password(running: Running) -> None:
    reply = httpx.get(f"{running.address}/key/wrong/formList", headers=COLLECT)
    assert (reply.status_code, "www-authenticate" in reply.headers) == (401, False)


def test_digest_of_rfc_7616(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 7616, 3.9.1: the worked example, with SHA-256 and with MD5."""
    monkeypatch.setattr("manyi.collect.openrosa.collectors.REALM", "http-auth@example.org")
    monkeypatch.setattr("manyi.collect.openrosa.authentication.REALM", "http-auth@example.org")
    monkeypatch.setattr("manyi.collect.openrosa.collectors.new_code", lambda: "")
    monkeypatch.setattr("manyi.collect.openrosa.collectors.grouped", lambda _: "Circle of Life")
    accounts = Collectors(tmp_path / "collectors.json")
    accounts.add("Mufasa")
    authentication = Authentication(accounts)
    # Its nonce is the example's, not ours; only that it is old must keep it out.
    for algorithm, response in (
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ):
        header = (
            'Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", '
            f'algorithm={algorithm}, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, '
            'cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, '
            f'response="{response}", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
        )
        monkeypatch.setattr(Authentication, "_age", lambda self, nonce: 1.0)
        found = authentication.login(header, "GET", "/dir/index.html", "")
        assert found.collector is not None
        assert found.collector.name == "Mufasa"
        monkeypatch.setattr(Authentication, "_age", lambda self, nonce: NONCE_LIFE + 1.0)
        assert authentication.login(header, "GET", "/dir/index.html", "").stale
        monkeypatch.setattr(Authentication, "_age", lambda self, nonce: 1.0)
        assert authentication.login(header, "POST", "/dir/index.html", "").collector is None
        assert authentication.login(header, "GET", "/dir/other.html", "").collector is None


def test_login_goes_on_after_the_server_was_started_anew(running: Running) -> None:
    """A nonce of another process is told to be stale: the app asks nobody for the password again."""
    other = Authentication(Collectors(running.collection.study.path / COLLECTORS))
    nonce = other.challenges()[0].split('nonce="')[1].split('"')[0]
    first = running.account.collector.digests["MD5"]
    second = hashlib.md5(b"GET:/odk/formList").hexdigest()
    response = hashlib.md5(f"{first}:{nonce}:00000001:abc:auth:{second}".encode()).hexdigest()
    header = (
        f'Digest username="village-1", realm="manyi", nonce="{nonce}", uri="/odk/formList", qop=auth, '
        f'nc=00000001, cnonce="abc", response="{response}"'
    )
    sent = {**COLLECT, "Authorization": header.encode()}
    reply = httpx.get(f"{running.address}/formList", headers=sent)
    assert reply.status_code == 401
    assert all("stale=true" in offered for offered in reply.headers.get_list("www-authenticate"))


def test_password_and_token_are_kept_as_hashes(running: Running) -> None:
    file = running.collection.study.path / COLLECTORS
    text = file.read_text(encoding="utf-8")
    assert running.account.password not in text
    assert running.account.token not in text
    assert file.stat().st_mode & 0o077 == 0


def test_removed_account_is_refused_at_once(running: Running) -> None:
    accounts = Collectors(running.collection.study.path / COLLECTORS)
    short = accounts.add("for a day")
    address = f"{running.address}/key/{short.token}/formList"
    assert httpx.get(address, headers=COLLECT).status_code == 200
    assert accounts.remove("for a day")
    assert httpx.get(address, headers=COLLECT).status_code == 401


@pytest.mark.parametrize("name", ["", "a:b", 'a"b', "a\nb", "x" * 65, "村小"])
def test_name_that_cannot_log_in(name: str) -> None:
    with pytest.raises(ManyiError) as raised:
        new_collector(name)
    assert raised.value.faults[0].code == "collector-name"


def test_settings_of_the_app_are_json_zlib_base64() -> None:
    settings = json.loads(
        zlib.decompress(base64.b64decode(settings_text("https://a.example/odk/key/t", "出行")))
    )
    assert settings["general"]["server_url"] == "https://a.example/odk/key/t"
    assert settings["project"] == {"name": "出行"}


# --- submissions


def test_filled_form_is_taken_in_whole(running: Running) -> None:
    instance = running.fresh()
    reply = post(running, filled(running, instance, ANSWERS))
    kept = next(row for row in running.stored() if row.id == instance)
    assert reply.status_code == 201
    assert (kept.standing, kept.school, kept.definition) == (
        Standing.accepted,
        "3601",
        definition_hash(running.collection.forms["travel"].questionnaire),
    )
    assert read_payload(kept.payload) == Payload(
        answers=PAYLOAD,
        form=kept.definition,
        device="odk",
        started="2026-05-01T01:00Z",
        seconds={"": 390.5},
    )


def test_receipt_is_told_and_withdraws(running: Running) -> None:
    instance = running.fresh()
    reply = post(running, filled(running, instance, ANSWERS))
    receipt = said(reply).split("回执：")[1].split("（")[0]
    assert running.collection.store.withdraw(receipt)
    assert instance not in {row.id for row in running.stored()}
    again = post(running, filled(running, instance, ANSWERS))
    assert (again.status_code, said(again)) == (202, "这份答卷已撤回，没有保存。")
    assert instance not in {row.id for row in running.stored()}


def test_resend_is_taken_in_once(running: Running) -> None:
    instance = running.fresh()
    replies = [post(running, filled(running, instance, ANSWERS)) for _ in range(3)]
    assert {reply.status_code for reply in replies} == {201}
    assert len({said(reply) for reply in replies}) == 1
    assert [row.id for row in running.stored()].count(instance) == 1


def test_other_answers_under_the_same_id_are_kept_beside(running: Running) -> None:
    instance = running.fresh()
    post(running, filled(running, instance, ANSWERS))
    reply = post(running, filled(running, instance, ANSWERS | {"S2": "4"}))
    standings = sorted(row.standing for row in running.stored() if row.id == instance)
    assert (reply.status_code, standings) == (409, [Standing.accepted, Standing.conflict])


@pytest.mark.parametrize(
    ("changed", "name", "held"),
    [
        ({"S2": "7"}, "S2", 7),
        ({"S2": "three"}, "S2", "three"),
        ({"AGE": "17"}, "AGE", 17),
        ({"KM": "1,5"}, "KM", "1,5"),
        ({"WAYS": "3 x"}, "WAYS", "3 x"),
        ({"RANK": "4 4"}, "RANK", "4 4"),
        ({"CODE": "907"}, "CODE", "907"),
        ({"DORM": "4"}, "DORM", 4),
    ],
)
def test_answers_that_cannot_stand_are_kept_aside_as_they_came(
    running: Running, changed: dict[str, str], name: str, held: object
) -> None:
    instance = running.fresh()
    reply = post(running, filled(running, instance, ANSWERS | changed))
    kept = next(row for row in running.stored() if row.id == instance)
    assert (reply.status_code, kept.standing) == (202, Standing.aside)
    assert read_payload(kept.payload).answers == {**PAYLOAD, name: held}


def test_old_version_is_kept_aside(running: Running) -> None:
    instance = running.fresh()
    reply = post(running, filled(running, instance, ANSWERS | {"definition": "0123456789ab"}))
    kept = next(row for row in running.stored() if row.id == instance)
    assert (reply.status_code, kept.standing, kept.definition) == (202, Standing.aside, "0123456789ab")
    assert "请更新表单" in said(reply)


def test_form_nobody_knows_is_kept_aside(running: Running) -> None:
    instance = running.fresh()
    xml = (
        f'<data id="wells" version="1" xmlns:o="http://openrosa.org/xforms"><g><DEPTH>12</DEPTH><深>五</深></g>'
        f"<o:meta><o:instanceID>{instance}</o:instanceID></o:meta></data>"
    )
    reply = post(running, xml.encode())
    (kept,) = running.stored("wells")
    assert (reply.status_code, kept.standing) == (202, Standing.aside)
    assert json.loads(kept.payload)["answers"] == {"DEPTH": "12", "深": "五"}


def test_field_the_form_does_not_have_is_kept_aside_with_the_rest(running: Running) -> None:
    instance = running.fresh()
    root = ET.fromstring(filled(running, instance, ANSWERS))
    ET.SubElement(root, f"{XFORMS}EXTRA").text = "1"
    reply = post(running, ET.tostring(root, encoding="utf-8"))
    kept = next(row for row in running.stored() if row.id == instance)
    assert (reply.status_code, kept.standing) == (202, Standing.aside)
    assert read_payload(kept.payload).answers == {**PAYLOAD, "EXTRA": "1"}


def test_nothing_of_the_phone_is_stored(running: Running) -> None:
    instance = running.fresh()
    phone = (
        b"<deviceid>collect:aBcDeF</deviceid><username>wang.fang</username><phonenumber>13800000000</phonenumber>"
        b"<meta><deviceID>collect:aBcDeF</deviceID><userID>username:wang.fang</userID></meta></data>"
    )
    reply = post(running, filled(running, instance, ANSWERS).replace(b"</data>", phone))
    file = running.collection.study.store_file
    assert file is not None
    with sqlite3.connect(file) as connection:
        everything = "\n".join(connection.iterdump()).encode()
    connection.close()
    held = next(row for row in running.stored() if row.id == instance).payload
    assert reply.status_code == 201
    for secret in (b"aBcDeF", b"wang.fang", b"13800000000", b"Dalvik", b"127.0.0.1", b"village-1"):
        assert secret not in everything
        assert secret.hex().encode() not in everything.lower()
        assert secret not in held


def test_school_and_class_of_the_collector_go_before_the_form(running: Running) -> None:
    accounts = Collectors(running.collection.study.path / COLLECTORS)
    bound = accounts.add("bound", school="4402", group="3-1")
    instance = running.fresh()
    files = {"xml_submission_file": ("a.xml", filled(running, instance, ANSWERS), "text/xml")}
    address = f"{running.address}/key/{bound.token}/submission"
    assert httpx.post(address, files=files, headers=COLLECT).status_code == 201
    kept = next(row for row in running.stored() if row.id == instance)
    assert (kept.school, kept.group) == ("4402", "3-1")


def test_submission_without_an_id_gets_the_hash_of_its_content(running: Running) -> None:
    xml = filled(running, "", ANSWERS | {"T1": "1"})
    assert [post(running, xml).status_code for _ in range(2)] == [201, 201]
    made = [row for row in running.stored() if row.id.startswith("sha256:")]
    assert len(made) == 1


def test_xml_by_itself_as_scripts_send_it(running: Running) -> None:
    instance = running.fresh()
    sent = {**COLLECT, "Content-Type": "application/xml"}
    xml = filled(running, instance, ANSWERS)
    reply = httpx.post(f"{running.address}/submission", content=xml, headers=sent, auth=running.auth)
    assert reply.status_code == 201
    assert instance in {row.id for row in running.stored()}


def test_attachments_are_refused_with_a_reason_and_nothing_is_kept(running: Running) -> None:
    instance = running.fresh()
    photo = {"1714.jpg": ("1714.jpg", b"\xff\xd8\xff", "image/jpeg")}
    reply = post(running, filled(running, instance, ANSWERS), files=photo)
    assert reply.status_code == 400
    assert "1714.jpg" in said(reply)
    assert instance not in {row.id for row in running.stored()}


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<data",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="x-none"?><data/>',
        b'<!DOCTYPE d [<!ENTITY a "aa">]><d>&a;</d>',
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>',
    ],
)
def test_what_is_no_xml_is_refused(running: Running, xml: bytes) -> None:
    reply = post(running, xml)
    assert reply.status_code == 400
    assert said(reply)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"a=1", "application/x-www-form-urlencoded"),
        (b"", "multipart/form-data"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="other"\r\n\r\n1\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
    ],
)
def test_what_is_no_multipart_is_refused(running: Running, content: bytes, kind: str) -> None:
    sent = {**COLLECT, "Content-Type": kind}
    reply = httpx.post(f"{running.address}/submission", content=content, headers=sent, auth=running.auth)
    assert reply.status_code == 400
    assert said(reply)


@pytest.mark.parametrize("told", [True, False])
def test_submission_that_is_too_large(running: Running, told: bool) -> None:
    content = b"x" * 1_000_001
    sent = {**COLLECT, "Content-Type": "text/xml"}
    address = f"{running.address}/key/{running.account.token}/submission"
    pieces = iter([content]) if not told else content
    reply = httpx.post(address, content=pieces, headers=sent)
    assert (reply.status_code, ET.fromstring(reply.content).tag) == (413, f"{REPLY}OpenRosaResponse")


def test_reply_in_the_language_of_the_phone(running: Running) -> None:
    sent = {**COLLECT, "Accept-Language": "en-GB,en;q=0.9"}
    reply = post(running, filled(running, running.fresh(), ANSWERS), headers=sent)
    assert said(reply).startswith("Received. Receipt: ")


def test_store_that_takes_nothing_in_is_told_and_the_phone_keeps_the_answers(
    tmp_path: Path, run_async: Callable[..., Any]
) -> None:
    """A writer that was closed stands for a store that cannot write: 503, and when to come again."""
    folder = tmp_path
    (folder / "data").mkdir()
    (folder / "study.yaml").write_text(
        "study: s\ntitle: {en: S}\nlanguage: en\nroles:\n"
        f"  travel: {{title: {{en: T}}, questionnaire: {INSTRUMENTS / 'forms_everything.yaml'}}}\n",
        encoding="utf-8",
    )
    study = open_study(folder)
    store = AnswerStore(open_engine(f"sqlite:///{study.store_file}"))
    writer = GroupWriter(store)
    token = Collectors(folder / COLLECTORS).add("c").token
    application = Starlette(routes=routes(Collection.of(study, store, writer)))
    writer.close()

    async def post_one() -> httpx.Response:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://server") as client:
            sent = {"Content-Type": "text/xml"}
            xml = b'<d id="travel"><S2>1</S2></d>'
            return await client.post(f"/key/{token}/submission", content=xml, headers=sent)

    reply = run_async(post_one())
    assert (reply.status_code, int(reply.headers["retry-after"]) > 0) == (503, True)
    store.close()


# --- whatever is sent

NAMES = st.sampled_from([*ANSWERS, "EXTRA", "问", "g-1", "group", "S2__text"])
WORDS = st.one_of(
    st.sampled_from(
        ["", "3", "-8", "3 5", "4 4", "1e5", "٣", "9" * 30, "NaN", "2026-05-01T09:00:00", "x" * 5000]
    ),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=20),
)
TREES = st.recursive(
    st.tuples(NAMES, WORDS),
    lambda inner: st.tuples(NAMES, st.lists(inner, max_size=4)),
    max_leaves=12,
)


def node(tree: tuple[str, Any]) -> ET.Element:
    name, held = tree
    made = ET.Element(name)
    if isinstance(held, str):
        made.text = held
    else:
        made.extend(map(node, held))
    return made


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trees=st.lists(TREES, max_size=8), id=st.one_of(st.just("travel"), WORDS), version=WORDS)
def test_no_answer_is_lost_whatever_is_sent(
    running: Running, trees: list[Any], id: str, version: str
) -> None:
    root = ET.Element("data", {"id": id, "version": version})
    root.extend(map(node, trees))
    xml = ET.tostring(root, encoding="utf-8")
    instance = read_instance(xml, running.collection)
    made, _ = running.collection.submission(instance.id, instance.role, instance.payload, instance.school)
    held = json.loads(made.payload)["answers"]
    own = {*ANSWERS} - {"school", "start", "end"}
    sent = [one for one in ET.fromstring(xml).iter() if one is not root and not len(one)]
    texts = [(one.tag, (one.text or "").strip()) for one in sent]
    for name, text in texts:
        if text and (name in own or name not in ANSWERS):
            assert name in held
            if isinstance(held[name], str):
                assert text in held[name]
    assert running.collection.store.accept([made])[0].standing in Standing
