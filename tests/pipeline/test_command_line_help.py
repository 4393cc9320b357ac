"""Help: instant, complete, the same from everywhere."""

from pathlib import Path

import click
import pytest

from manyi.cli import COMMANDS, cli

HEAVY = ("pandas", "numpy", "yaml", "pydantic", "scipy", "rich", "pyarrow")
#: Prints which of HEAVY a call of the command line has loaded.
LOADED = """
import sys
from click.testing import CliRunner
import manyi.cli
at_import = [name for name in sys.argv[1].split(",") if name in sys.modules]
done = CliRunner().invoke(manyi.cli.cli, sys.argv[2:])
after = [name for name in sys.argv[1].split(",") if name in sys.modules]
print(at_import, after, done.exit_code)
"""


def test_help_loads_nothing_heavy(run_python) -> None:
    done = run_python(LOADED, ",".join(HEAVY), "--help")
    assert done.out.strip() == "[] [] 0"


def test_version_loads_nothing_heavy(run_python) -> None:
    assert run_python(LOADED, ",".join(HEAVY), "--version").out.strip() == "[] [] 0"


def test_importing_the_command_line_loads_click_and_the_standard_library_only(run_python) -> None:
    code = (
        "import sys; before = set(sys.modules); import manyi.cli; "
        "new = {name.split('.')[0] for name in set(sys.modules) - before}; "
        "print(sorted(name for name in new if name not in sys.stdlib_module_names))"
    )
    assert run_python(code).out.strip() == "['click', 'manyi']"


def test_importing_the_facade_package_loads_no_pandas(run_python) -> None:
    assert run_python("import sys, manyi; print('pandas' in sys.modules)").out.strip() == "False"


def test_help_lists_every_command(run_manyi) -> None:
    done = run_manyi("--help")
    listed = [line.split()[0] for line in done.out.splitlines() if line.startswith("  ") and "·" in line]
    assert done.code == 0
    assert [name for name in listed if name in COMMANDS] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_json_and_a_language(name: str) -> None:
    with click.Context(cli) as context:
        command = cli.get_command(context, name)
        assert command is not None
        options = {flag for option in command.params for flag in option.opts}
    assert {"--json", "--lang"} <= options


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_every_command_says_what_it_does_in_both_languages(name: str) -> None:
    with click.Context(cli) as context:
        command = cli.get_command(context, name)
        assert command is not None
        text = command.get_help(context)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in text)
    assert len(text.encode("ascii", "ignore").split()) > 10


def test_python_m_manyi_says_its_version(run_manyi) -> None:
    from importlib.metadata import version

    done = run_manyi("--version")
    assert (done.code, done.out.split()) == (0, ["manyi", version("manyi")])


def test_reference_of_commands_is_what_help_says() -> None:
    import runpy

    root = Path(__file__).parents[2]
    reference = runpy.run_path(str(root / "docs" / "generate_commands.py"))["reference"]
    assert (root / "docs" / "commands.md").read_text(encoding="utf-8") == reference()
