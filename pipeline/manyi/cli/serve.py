"""``manyi serve``: collect answers on the web."""

import logging
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from manyi.cli.session import Session, manyi_command, study_argument
from manyi.cli.stores import store_option
from manyi.study.folder import open_study
from manyi_instruments.faults import Fault, ManyiError, Place, StudyFaulty

if TYPE_CHECKING:
    from manyi.study.folder import StudyFolder


@manyi_command("serve")
@study_argument
@click.option("--host", default="127.0.0.1", show_default=True, help="地址 · Address to listen at.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="端口 · Port.")
@click.option("--root-path", default="", help="子路径 · Path below which a proxy shows the site: /survey.")
@click.option(
    "--proxy", default="127.0.0.1", show_default=True, help="代理 · Addresses of proxies that are believed."
)
@store_option
def command(
    session: Session, folder: Path, host: str, port: int, root_path: str, proxy: str, store: str | None
) -> None:
    """Serve the study's forms and keep the answers, until it is interrupted.

    Answers are on disk when a respondent sees the receipt. No address, browser or moment of a respondent is
    kept; there is no access log. Links, QR codes and the live page: manyi links.

    在线收集：提供网页问卷并保存答卷；链接、二维码和进度页见 manyi links。
    """
    import uvicorn

    from manyi.collect.collection import Collection
    from manyi.collect.opening import opened_store
    from manyi.collect.server.app import collection_app
    from manyi.collect.store import GroupWriter

    study = open_study(folder)
    _check_roles(study)
    root = "/" + root_path.strip("/") if root_path.strip("/") else ""
    with opened_store(study, store) as opened, _listening(host, port) as listener:
        writer = GroupWriter(opened)
        try:
            app = collection_app(Collection.of(study, opened, writer))
            address = f"http://{host}:{listener.getsockname()[1]}{root}/"
            session.say(f"正在收集：{address}（按 Ctrl+C 结束）", f"Collecting at {address} (Ctrl+C ends it)")
            if not session.as_json:
                sys.stdout.flush()
            _log_to_stderr()
            settings: dict[str, Any] = {
                "root_path": root,
                "forwarded_allow_ips": proxy,
                "access_log": False,
                "server_header": False,
                "log_config": None,
                "timeout_graceful_shutdown": 10,
                "h11_max_incomplete_event_size": 65_536,
            }
            # uvicorn ends well at either signal, then raises it again: by then there is nothing left to end.
            for one in (signal.SIGINT, signal.SIGTERM):
                signal.signal(one, lambda *_: None)
            uvicorn.Server(uvicorn.Config(app, **settings)).run([listener])
        finally:
            writer.close()
    session.result |= {"address": address}


def _check_roles(study: "StudyFolder") -> None:
    """Refuse what would make the server show other forms than the study means."""
    from manyi.study.checks import study_faults

    known = study.definition.roles
    for role in study.definition.collection.roles:
        if role not in known:
            details = {"role": role, "roles": ", ".join(known)}
            raise StudyFaulty(Fault("unknown-role", Place(str(study.study_file)), details))
    missing = [role for role in known if role not in study.questionnaires]
    if missing:
        raise StudyFaulty([fault for fault in study_faults(study, tables=False) if fault.severity == "error"])


def _listening(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        details = {"host": host, "port": port, "reason": error.strerror}
        raise ManyiError(Fault("serve-address", details=details)) from error
    listener.setblocking(False)
    return listener


def _log_to_stderr() -> None:
    """Write the server's own log, which names patterns of addresses, and uvicorn's errors."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M"))
    for name in ("manyi.serve", "uvicorn.error"):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO if name == "manyi.serve" else logging.WARNING)
        logger.propagate = False
