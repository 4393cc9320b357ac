"""The server below a path of its own, behind Debian's nginx with the lines that the documentation shows."""

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

PAGE = Path(__file__).parents[2] / "docs" / "collection.md"
CONFIGURATION = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        {location}
    }}
}}
"""


@pytest.fixture(scope="module")
def proxied(
    tmp_path_factory: pytest.TempPathFactory,
    collecting_study: Callable[..., Path],
    serve_study: Callable[..., Any],
    require_program: Callable[[str], str],
) -> Iterator[tuple[str, Any]]:
    """Return the address below nginx, and the server."""
    program = require_program("nginx")
    folder = tmp_path_factory.mktemp("proxy")
    server = serve_study(collecting_study(folder / "study", {}), "--root-path", "/survey")
    shown = re.search(r"```nginx\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown is not None
    own = server.address.removesuffix("/survey")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    location = shown[1].replace("http://127.0.0.1:8000", own)
    file = folder / "nginx.conf"
    file.write_text(CONFIGURATION.format(folder=folder, port=port, location=location), encoding="utf-8")
    nginx = subprocess.Popen([program, "-p", str(folder), "-c", str(file), "-g", "daemon off;"])
    address = f"http://127.0.0.1:{port}/survey"
    for _ in range(100):
        try:
            httpx.get(f"{address}/health")
            break
        except httpx.TransportError:
            time.sleep(0.1)
    yield address, server
    nginx.terminate()
    nginx.wait(10)


@pytest.mark.parametrize("script", [True, False], ids=["script", "none"])
def test_whole_answer_below_a_path(proxied: tuple[str, Any], browser: Browser, script: bool) -> None:
    address, server = proxied
    before = len(server.stored("society"))
    context = browser.new_context(locale="en-US", java_script_enabled=script)
    page = context.new_page()
    failed: list[str] = []
    page.on("response", lambda reply: failed.append(reply.url) if reply.status >= 400 else None)
    page.goto(f"{address}/")
    page.locator("a[href$='/f/society']").click()
    page.get_by_role("button", name="Start").click()
    for _ in range(20):
        page.locator("[data-id]:visible").first.wait_for()
        for question in page.locator("[data-id]:visible").all():
            if question.locator("label.option").count():
                question.locator("label.option").nth(0).click()
        button = page.locator("form button.go:visible")
        last = button.inner_text() == "Submit"
        place = page.locator(".place:visible").inner_text()
        button.click()
        if last:
            break
        expect(page.locator(".place:visible")).not_to_have_text(place)
    expect(page.locator(".receipt:visible")).to_have_text(re.compile(r"[0-9A-Z-]{19}"))
    context.close()
    assert failed == []
    assert len(server.stored("society")) == before + 1


@pytest.mark.parametrize("path", ["/", "/f/society", "/w/society", "/code", "/withdraw"])
def test_every_address_lies_below_the_path(proxied: tuple[str, Any], path: str) -> None:
    address, _ = proxied
    text = httpx.get(f"{address}{path}").text
    addresses = re.findall(r'(?:href|src|action)="(/[^"]*)"', text)
    assert addresses
    assert [one for one in addresses if not one.startswith("/survey/")] == []
