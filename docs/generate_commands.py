"""Write docs/commands.md from the command line's own help, so that the two cannot differ."""

from pathlib import Path

import click

from manyi.cli import COMMANDS, cli

HEAD = """# Commands

Made from `--help` by `docs/generate_commands.py`; a test compares. Every command takes `--json` (one JSON
object on stdout) and `--lang zh|en`; progress goes to stderr, on a terminal only. Exit codes: 0 done, 1 an
input unreadable, a definition faulty or a planned result not computed, 2 usage, 3 internal error.
"""


def reference() -> str:
    """Return the reference of all commands as Markdown."""
    parts = [HEAD]
    with click.Context(cli, info_name="manyi", max_content_width=100, terminal_width=100) as top:
        parts.append(f"```\n{cli.get_help(top)}\n```\n")
        for name in COMMANDS:
            command = cli.get_command(top, name)
            if command is None:
                raise SystemExit(f"command {name} is listed but cannot be loaded")
            with click.Context(command, info_name=name, parent=top, terminal_width=100) as context:
                parts.append(f"## manyi {name}\n\n```\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    (Path(__file__).parent / "commands.md").write_text(reference(), encoding="utf-8")
