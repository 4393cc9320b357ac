"""docs/functions.md is what the docstrings say, says all it should, and its example gives what is printed."""

import doctest
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "functions.md"


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    path = ROOT / "docs" / "generate_functions.py"
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_page_is_what_the_docstrings_say(generator: ModuleType) -> None:
    assert PAGE.read_text(encoding="utf-8") == generator.reference(), "run: python docs/generate_functions.py"


def test_every_statistic_has_formula_source_and_r_call(generator: ModuleType) -> None:
    assert generator.lacking() == {}


def test_names_are_given_once(generator: ModuleType) -> None:
    names = [name for room in generator.rooms() for name in room.names]
    assert len(names) > 100
    assert len(set(names)) == len(names)


def test_formulas_are_closed(generator: ModuleType) -> None:
    text = generator.reference()
    assert text.count("```math\n") > 30
    assert ":math:" not in text
    assert ".. math" not in text


def examples() -> list[str]:
    return re.findall(r"^```pycon\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_example_gives_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    test = doctest.DocTestParser().get_doctest("\n".join(examples()), {}, PAGE.name, str(PAGE), 0)
    assert len(test.examples) > 20
    told: list[str] = []
    assert doctest.DocTestRunner().run(test, out=told.append).failed == 0, "".join(told)
