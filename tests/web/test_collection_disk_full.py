"""The server on a disk that becomes full: 503 with a time, nothing acknowledged lost, no restart needed."""

import json
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from manyi.collect.store import AnswerStore, open_engine
from manyi.study.folder import open_study
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.forms.layout import answers_of, is_required, kind

MIB = 1 << 20


def test_full_disk_is_told_and_goes_by(
    small_disk: Path, collecting_study: Callable[..., Path], serve_study: Callable[..., Any]
) -> None:
    folder = collecting_study(small_disk / "study", {})
    questionnaire = open_study(folder).questionnaires["society"]
    answers: dict[str, Any] = {
        one.id: answers_of(one, questionnaire).values[0]
        for one in questionnaire.questions()
        if is_required(one, questionnaire) and kind(one) == "choice"
    }
    (said,) = [one.id for one in questionnaire.questions() if kind(one) == "text"][:1]
    sheet = {
        "answers": {**answers, said: "满" * 500},
        "form": definition_hash(questionnaire),
        "started": "2026-11-20T01:02Z",
    }
    server = serve_study(folder)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 8 * MIB)
    with httpx.Client(base_url=server.address, timeout=60) as client:
        found = re.search(r'name="_ticket" value="([^"]+)"', client.get("/f/society").text)
        assert found is not None
        head = {"Content-Type": "application/json", "X-Manyi-Ticket": found[1]}

        def send(name: str) -> httpx.Response:
            return client.post(
                "/api/submissions", content=json.dumps(sheet), headers=head | {"X-Manyi-Id": name}
            )

        kept: list[str] = []
        for _ in range(6000):
            name = secrets.token_hex(16)
            reply = send(name)
            if reply.status_code != 201:
                break
            kept.append(name)
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "60")
        assert client.get("/f/society").status_code == 200
        ballast.unlink()
        assert send(name).status_code == 201
        assert send(kept[0]).status_code == 200
    server.process.terminate()
    assert server.process.wait(30) == 0
    store = AnswerStore(open_engine(f"sqlite:///{folder / 'data' / 'answers.sqlite'}"))
    assert sorted(row.id for row in store.kept("society")) == sorted([*kept, name])
    assert len(kept) > 100
    store.close()
