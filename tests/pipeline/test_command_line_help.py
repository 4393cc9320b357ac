"""Help: instant, complete, the same from everywhere."""

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


@pytest.fixture(scope="module")
def top() -> click.Context:
    # With its settings: a command keeps the help option of the first context it meets.
    return cli.make_context("manyi", [], resilient_parsing=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_json_and_a_language(top: click.Context, name: str) -> None:
    command = cli.get_command(top, name)
    assert command is not None
    assert {"--json", "--lang"} <= {flag for option in command.params for flag in option.opts}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_every_command_says_what_it_does_in_both_languages(top: click.Context, name: str) -> None:
    command = cli.get_command(top, name)
    assert command is not None
    text = command.get_help(click.Context(command, info_name=name, parent=top))
    assert any("\u4e00" <= letter <= "\u9fff" for letter in text)
    assert len(text.encode("ascii", "ignore").split()) > 10


def test_python_m_manyi_says_its_version(run_manyi) -> None:
    from importlib.metadata import version

    done = run_manyi("--version")
    assert (done.code, done.out.split()) == (0, ["manyi", version("manyi")])
