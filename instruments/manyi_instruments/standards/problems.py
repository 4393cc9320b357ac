"""A fault of a standard and the keys that lead to it, before its line and column are known."""

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from manyi_instruments.expressions import Kind, undeclared_names
from manyi_instruments.faults import DefinitionFaulty, Fault
from manyi_instruments.standards.definition import Standard

Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """A fault of a standard and the keys that lead to it: ``("indicators", 3, "formula")``."""

    path: Path
    fault: Fault


def problem(path: Path, code: str, **details: object) -> Problem:
    """Return a fault at the keys that lead to it."""
    return Problem(path, Fault(code, details=details))


def unknown(path: Path, kind: str, names: Iterable[str], known: Collection[str]) -> Iterator[Problem]:
    """Yield a fault for each name that leads nowhere."""
    for name in names:
        if name not in known:
            yield problem(path, f"standard-unknown-{kind}", name=name, known=", ".join(sorted(known)))


def formula_problems(
    standard: Standard, path: Path, formula: str, kind: Kind | None, known: Collection[str]
) -> Iterator[Problem]:
    """Yield what is wrong with a formula: how it reads, what it names, what it gives (None: either)."""
    try:
        expression = standard.expression(formula)
    except DefinitionFaulty as error:
        try:
            undeclared = undeclared_names(formula, known)
        except DefinitionFaulty:
            undeclared = ()
        yield from (Problem(path, fault) for fault in undeclared or error.faults)
        return
    yield from (Problem(path, fault) for fault in expression.unknown_columns(known))
    if kind is not None and expression.kind != kind:
        yield problem(path, f"formula-not-{kind}", formula=formula)


def closing_problems(path: Path, column: str, formulas: Iterable[str]) -> Iterator[Problem]:
    """Yield a fault for each formula that does not name the column whose change would close its gap."""
    for formula in formulas:
        if not re.search(rf"(?<!\w){re.escape(column)}(?!\w)", formula):
            yield problem(path, "standard-closing-unused", name=column, formula=formula)
