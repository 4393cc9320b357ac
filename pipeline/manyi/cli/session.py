"""What every command shares: language, ``--json``, exit codes, progress, and faults told in words."""

import errno
import functools
import json
import locale
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from manyi_instruments.faults import Fault, ManyiError, Place

#: What a disk, a folder or its owner refuses: no mistake of the program's.
UNWRITABLE = (
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.ENOSPC,
    errno.EDQUOT,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.ENAMETOOLONG,
)
EXIT_FAILED = 1
EXIT_INTERNAL = 3


def console_language() -> str:
    """Return the language of messages: ``MANYI_LANG``, else Chinese where the machine speaks it."""
    wanted = os.environ.get("MANYI_LANG")
    if wanted in ("zh", "en"):
        return wanted
    spoken = (os.environ.get("LC_ALL") or os.environ.get("LANG") or locale.getlocale()[0] or "").lower()
    return "zh" if spoken.startswith(("zh", "chinese")) else "en"


def json_text(value: object, indent: int | None = None) -> str:
    """Return JSON that loses no character, whatever the encoding of stdout can show."""
    speaks_unicode = (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
    return json.dumps(value, ensure_ascii=not speaks_unicode, indent=indent, default=str)


@dataclass
class Session:
    """One call of a command."""

    as_json: bool
    chosen_language: str | None
    result: dict[str, Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def language(self) -> str:
        """Return the language of messages."""
        return self.chosen_language or console_language()

    def say(self, zh: str, en: str) -> None:
        """Print a line for a person; nothing under ``--json``."""
        if not self.as_json:
            click.echo(zh if self.language == "zh" else en)

    def tell(self, *faults: Fault) -> None:
        """Keep faults; the command ends with 1 if one is an error."""
        for fault in faults:
            # A definition's fault is told before the run and may be met again by a stage.
            if fault not in self.faults:
                self.faults.append(fault)

    @contextmanager
    def progress(self, total: int) -> Iterator[Callable[[str, str], None]]:
        """Show a progress bar on stderr, on a terminal only.

        Yields
        ------
        callable
            ``(stage name, state)`` as `run_stages` calls it.
        """
        if self.as_json or not sys.stderr.isatty():
            yield lambda name, state: None
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task("", total=total)

            def advance(name: str, state: str) -> None:
                bar.update(task, description=name, advance=0 if state == "start" else 1)

            yield advance

    def finish(self) -> int:
        """Print what was found and return the exit code."""
        code = EXIT_FAILED if any(fault.severity == "error" for fault in self.faults) else 0
        if self.as_json:
            faults = [fault.as_dict(self.language) for fault in self.faults]
            click.echo(json_text({"ok": code == 0, **self.result, "faults": faults}))
        else:
            for fault in self.faults:
                mark = {
                    "zh": {"error": "错误", "warning": "提醒"},
                    "en": {"error": "error", "warning": "warning"},
                }
                label = mark[self.language][fault.severity]
                click.echo(f"{label} [{fault.code}] {fault.message(self.language)}", err=True)
        return code


def manyi_command(name: str, **settings: Any) -> Callable[[Callable[..., None]], click.Command]:
    """Make a command of a function ``(session, …)``: adds ``--json`` and ``--lang`` and the exit codes."""

    def make(function: Callable[..., None]) -> click.Command:
        @functools.wraps(function)
        def called(as_json: bool, lang: str | None, **arguments: Any) -> None:
            session = Session(as_json, lang)
            try:
                function(session, **arguments)
            except ManyiError as error:
                session.tell(*error.faults)
            except (click.ClickException, BrokenPipeError):
                raise
            except OSError as error:
                if error.errno not in UNWRITABLE:
                    sys.exit(_internal(session, error))
                details = {"path": error.filename or arguments.get("folder", ""), "reason": error.strerror}
                session.tell(Fault("cannot-write", Place(str(error.filename or "")), details))
            except Exception as error:
                sys.exit(_internal(session, error))
            sys.exit(session.finish())

        lang = click.option(
            "--lang", type=click.Choice(["zh", "en"]), help="语言 · Language of messages and outputs."
        )
        as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
        decorate: Callable[[Callable[..., None]], click.Command] = click.command(name, **settings)
        return decorate(lang(as_json(called)))

    return make


def tell_usage(error: click.UsageError) -> None:
    """Print a mistake in the use of a command as the one JSON object on stdout."""
    session = Session(as_json=True, chosen_language=None)
    command = error.ctx.command_path if error.ctx is not None else "manyi"
    session.tell(Fault("usage", details={"problem": error.format_message(), "command": command}))
    session.finish()


def _internal(session: Session, error: Exception) -> int:
    """Keep the traceback of our own mistake in a file and say where; users' mistakes never come here."""
    log = Path.cwd() / "manyi-error.log"
    trace = "".join(traceback.format_exception(error))
    try:
        log.write_text(trace, encoding="utf-8")
        where = str(log)
    except OSError:
        where = "stderr"
        click.echo(trace, err=True)
    session.tell(Fault("internal-error", details={"error": f"{type(error).__name__}: {error}", "log": where}))
    session.finish()
    return EXIT_INTERNAL


study_argument = click.argument(
    "folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path, file_okay=True, dir_okay=True)
)
