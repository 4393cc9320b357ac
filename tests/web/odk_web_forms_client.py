"""ODK Web Forms in Chromium, as a respondent sees it: served from npm's packages, filled in, sent.

Test modules load this file by its path (``--import-mode=importlib`` knows no siblings).
"""

import threading
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

HOST = """<!doctype html><meta charset="utf-8">
<script type="importmap">{"imports": {
  "vue": "/vue/dist/vue.runtime.esm-browser.prod.js",
  "web-forms": "/@getodk/web-forms/dist/index.js"
}}</script>
<div id="app"></div>
<script type="module">
import { createApp, h } from "vue";
import { OdkWebForm, webFormsPlugin } from "web-forms";
const formXml = await (await fetch("/form.xml")).text();
const onSubmit = async ({ status, data }) => {
  window.sent = { status, xml: await data[0].get("xml_submission_file").text() };
};
const fetchFormAttachment = async () => new Response("", { status: 404 });
createApp({ render: () => h(OdkWebForm, { formXml, fetchFormAttachment, onSubmit }) })
  .use(webFormsPlugin).mount("#app");
</script>"""


@dataclass
class Client:
    """The form as pyxform made it, and where the client shows it."""

    xform: str
    address: str = ""


@contextmanager
def served(client: Client, node_modules: Path) -> Iterator[Client]:
    """Serve the client and its form; the form may be changed between two visits."""
    kinds = {"/": "text/html", "/form.xml": "text/xml", "/favicon.ico": "image/x-icon"}

    class Handler(SimpleHTTPRequestHandler):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments, directory=str(node_modules))

        def do_GET(self) -> None:
            if self.path not in kinds:
                return super().do_GET()
            content = {"/": HOST, "/form.xml": client.xform}.get(self.path, "").encode()
            self.send_response(200)
            self.send_header("Content-Type", f"{kinds[self.path]}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    client.address = f"http://127.0.0.1:{server.server_port}/"
    yield client
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass(frozen=True)
class Form:
    """A form that a respondent has before them; ``texts`` are the wordings of its questions."""

    page: Page
    texts: Mapping[str, str]

    @classmethod
    def opened(cls, page: Page, client: Client, texts: Mapping[str, str]) -> "Form":
        page.set_default_timeout(10_000)
        page.goto(client.address)
        page.locator(".question-container").first.wait_for()
        return cls(page, texts)

    def asked(self) -> set[str]:
        """Return the questions that can be seen."""
        shown = self.page.locator(".question-container:visible label[for]").all_inner_texts()
        return {name for name, text in self.texts.items() if text in [label.strip() for label in shown]}

    def question(self, name: str) -> Locator:
        text = self.page.get_by_text(self.texts[name], exact=True)
        return self.page.locator(".question-container:visible").filter(has=text)

    def fill(self, name: str, answer: str | list[str]) -> None:
        question = self.question(name)
        if isinstance(answer, list):
            for value in answer:
                question.locator(f"label[for$='_{value}']").click()
        elif question.locator("input[type=radio]").count():
            question.locator(f"label[for$='_{answer}']").click()
        else:
            field = question.locator("input, textarea").first
            # A field for numbers listens to keys: a value put into it at once is not taken.
            field.clear()
            field.press_sequentially(answer)
            field.blur()

    def rank(self, name: str, first: str) -> None:
        """Put one answer before all others."""
        question = self.question(name)
        question.get_by_role("button", name="Rank items").click()
        option = question.locator(".rank-option").filter(has_text=first)
        up = option.locator("button").first
        while up.is_enabled():
            up.click()

    def send(self) -> ET.Element:
        """Press Send; return the submission that the client makes."""
        self._press_send()
        self.page.wait_for_function("window.sent")
        sent = self.page.evaluate("window.sent")
        assert sent["status"] == "ready"
        return ET.fromstring(sent["xml"])

    def refused(self) -> bool:
        """Press Send; say whether the client names questions to mend instead of making a submission."""
        self._press_send()
        self.page.locator(".form-error-message").first.wait_for()
        return self.page.evaluate("window.sent") is None

    def _press_send(self) -> None:
        self.page.evaluate("window.sent = null")
        self.page.get_by_role("button", name="Send").click()
