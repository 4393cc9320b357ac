"""Write docs/commands.md from the command line's own help, so that the two cannot differ."""

from pathlib import Path

import click

from manyi.cli import COMMANDS, cli

TARGET = Path(__file__).parent / "commands.md"
#: Width of the help, whatever terminal this runs in.
WIDTH = 100
HEAD = """# Commands

Made from `--help` by `docs/generate_commands.py`; a test compares. Every command takes `--json` (one JSON
object on stdout) and `--lang zh|en`; progress goes to stderr, on a terminal only. Exit codes: 0 done, 1 an
input unreadable, a definition faulty or a planned result not computed, 2 usage, 3 internal error.

`DIR` is the study folder; where it stands in brackets, the folder one is in is taken. `python -m manyi` is
the same as `manyi`.
"""


def reference() -> str:
    """Return the reference of all commands as Markdown."""
    parts = [HEAD]
    with cli.make_context("manyi", [], resilient_parsing=True, terminal_width=WIDTH) as top:
        parts.append(f"```text\n{cli.get_help(top)}\n```\n")
        for name in COMMANDS:
            command = cli.get_command(top, name)
            if command is None:
                raise SystemExit(f"command {name} is listed but cannot be loaded")
            with click.Context(command, info_name=name, parent=top, terminal_width=WIDTH) as context:
                parts.append(f"## manyi {name}\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    TARGET.write_text(reference(), encoding="utf-8")
