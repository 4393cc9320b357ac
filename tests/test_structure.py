"""The shape of the tree: what a module may hold and know, and that the catalogue of faults is whole."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

from manyi.study.definition import Study
from manyi.study.template import template_text
from manyi_instruments.faults import wordings
from manyi_instruments.questionnaires import bundled_questionnaires
from manyi_instruments.standards import bundled_standards, load_standard

ROOT = Path(__file__).parents[1]
FOLDERS = ("instruments", "analysis", "outputs", "pipeline")
MODULES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
EXAMPLE = ROOT / "pipeline" / "manyi" / "example"
LONGEST = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "base", "core"}


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


every_module = pytest.mark.parametrize("path", MODULES, ids=name)


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def strings(path: Path) -> tuple[str, ...]:
    """Return the strings of a module that are no docstrings."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree(path))
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    return tuple(
        node.value
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    )


def identifiers(path: Path) -> set[str]:
    """Return names that a module gives: variables, functions, classes and parameters."""
    nodes = list(ast.walk(tree(path)))
    given = {node.id for node in nodes if isinstance(node, ast.Name)}
    given |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    return given | {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}


@cache
def of_the_default_study() -> frozenset[str]:
    """Return the ids of roles, questionnaires, items, scales, standards, indicators that the YAML brings."""
    study = Study.model_validate(yaml.safe_load(template_text()))
    known = {*study.roles, *bundled_questionnaires(), *bundled_standards()}
    known |= {
        indicator.id for standard in bundled_standards() for indicator in load_standard(standard).indicators
    }
    for source in bundled_questionnaires().values():
        definition = yaml.safe_load(source.read_text(encoding="utf-8"))
        for part in ("scales", "items", "demographics", "attention"):
            known |= {entry["id"] for entry in definition.get(part, ())}
    return frozenset(known)


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 100


def test_the_default_study_has_names_to_look_for() -> None:
    assert {"parents", "society", "national-2017", "R1", "SAT", "P_SAT1"} <= of_the_default_study()


@every_module
def test_no_module_is_longer_than_a_reader_can_follow(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@every_module
def test_nothing_is_left_for_later(path: Path) -> None:
    assert (
        re.findall(r"\b(?:TODO|FIXME|XXX|HACK)\b|NotImplementedError", path.read_text(encoding="utf-8")) == []
    )


@every_module
def test_a_module_is_one_thing_a_reader_can_name(path: Path) -> None:
    assert path.stem not in VAGUE
    assert not VAGUE & set(path.relative_to(ROOT).parts)


@every_module
def test_a_module_says_what_it_is(path: Path) -> None:
    assert (ast.get_docstring(tree(path)) or "").strip()


@pytest.mark.parametrize("path", [path for path in MODULES if EXAMPLE not in path.parents], ids=name)
def test_code_knows_no_role_item_indicator_or_standard(path: Path) -> None:
    known = of_the_default_study()
    found = {text for text in strings(path) if text in known}
    found |= {
        word
        for text in strings(path)
        for word in re.findall(r"[\w-]+", text)
        if word in known and "_" in word
    }
    roles = {*bundled_questionnaires(), *bundled_standards()}
    assert found | (identifiers(path) & roles) == set()


def fault_codes(path: Path) -> Iterator[str]:
    """Yield the codes that a module writes into faults and into results that could not be computed."""
    place = {"Fault": 0, "NotComputed": 1}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in place:
            number = place[node.func.id]
            code = node.args[number] if len(node.args) > number else None
            code = next((word.value for word in node.keywords if word.arg == "code"), code)
            if isinstance(code, ast.Constant):
                yield str(code.value)


def composed(path: Path, code: str) -> bool:
    """Return whether a module puts a code together, or details behind it: ``f"unknown-{kind}"``."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            parts = [str(v.value) if isinstance(v, ast.Constant) else None for v in node.values]
            pattern = "".join("[a-z-]+" if part is None else re.escape(part) for part in parts)
            first = parts[0] or ""
            if first.startswith(f"{code}:") or (len(first) >= 6 and re.fullmatch(pattern, code)):
                return True
    return False


@every_module
def test_every_code_of_a_module_stands_in_the_catalogue(path: Path) -> None:
    assert [code for code in fault_codes(path) if code not in wordings()] == []


@pytest.mark.parametrize("code", sorted(wordings()))
def test_every_code_of_the_catalogue_is_used(code: str) -> None:
    written = any(code in strings(path) for path in MODULES)
    assert written or any(composed(path, code) for path in MODULES)


@pytest.mark.parametrize("code", sorted(wordings()))
def test_every_wording_is_whole_in_both_languages(code: str) -> None:
    zh, en = (wordings()[code][language] for language in ("zh", "en"))
    assert all((zh.what, zh.why, zh.remedy, en.what, en.why, en.remedy))
    assert len(re.findall("[\u4e00-\u9fff]", zh.what + zh.why + zh.remedy)) > 5
    # A heading or wording that a Chinese platform writes may be quoted in English.
    english = en.what + en.why + en.remedy
    assert len(re.findall("[a-z]", english)) > 4 * len(re.findall("[\u4e00-\u9fff]", english))


@pytest.mark.parametrize("code", sorted(wordings()))
def test_both_languages_ask_for_the_same_details(code: str) -> None:
    asked = {
        language: set(re.findall(r"(?<!\{)\{(\w+)", " ".join((entry.what, entry.why, entry.remedy))))
        for language, entry in wordings()[code].items()
    }
    assert asked["zh"] == asked["en"]


def test_the_ignore_file_cannot_hide_a_package() -> None:
    lines = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    patterns = [line.strip().strip("/") for line in lines if line.strip() and not line.startswith("#")]
    folders = {part for path in MODULES for part in path.relative_to(ROOT).parts}
    assert [pattern for pattern in patterns if pattern in folders - {"__pycache__"}] == []


def test_constraints_name_no_host_and_one_exact_version_a_package() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line.strip() and not line.startswith("#")]
    assert [line for line in packages if not re.fullmatch(r"[\w.\-]+==[\w.!+\-]+(\s*;.*)?", line)] == []
    names = [line.split("==")[0].lower().replace("_", "-") for line in packages]
    assert len(names) == len(set(names))
