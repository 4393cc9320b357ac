"""What the documentation of a function says of its number: in words, as a formula, and from whom."""

import ast
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.MULTILINE)
_ROLE = re.compile(r":\w+:`([^`]*)`")
_MATH = re.compile(r"^\.\. math::[ \t]*(.*(?:\n+ {2,}.*)*)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FunctionAccount:
    """A function that computed a number.

    Parameters
    ----------
    name : str
        With its package: ``manyi_analysis.measurement.cronbach_alpha``.
    does : str
        In words.
    formula : tuple of str
        In LaTeX; empty where the words are all.
    notes : str
        Such as the equivalent call in R.
    references : str
        Where it is from.
    """

    name: str
    does: str
    formula: tuple[str, ...]
    notes: str
    references: str


def documentation(name: str) -> str:
    """Return the docstring of a function or class by its full name, from its source: nothing is imported.

    A name may be shorter than that of the module it is defined in, as packages give their functions.

    Raises
    ------
    LookupError
        There is none of that name.
    """
    module, _, own = name.rpartition(".")
    for node in ast.iter_child_nodes(_source(module)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == own:
            return ast.get_docstring(node) or ""
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            given = {each.asname or each.name: each.name for each in node.names}
            if own in given:
                return documentation(f"{node.module}.{given[own]}")
    raise LookupError(name)


@cache
def _source(module: str) -> ast.Module:
    package, *below = module.split(".")
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(module)
    path = Path(spec.submodule_search_locations[0], *below)
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    if not file.is_file():
        raise LookupError(module)
    return ast.parse(file.read_text(encoding="utf-8"))


def function_account(name: str) -> FunctionAccount:
    """Return what the docstring of a function says.

    Raises
    ------
    LookupError
        There is no function of that name.
    """
    parts = _SECTION.split(documentation(name))
    sections = dict(zip(parts[1::2], parts[2::2], strict=True))
    formula = tuple(_flat(found) for found in _MATH.findall(parts[0]))
    return FunctionAccount(
        name,
        _flat(_MATH.sub("", parts[0])),
        formula,
        _flat(sections.get("Notes", "")),
        _flat(sections.get("References", "")),
    )


def _flat(text: str) -> str:
    """Return a text on one line, without the marks of a documentation page."""
    return re.sub(r"\s+", " ", _ROLE.sub(r"\1", text).replace("``", "`")).strip()
