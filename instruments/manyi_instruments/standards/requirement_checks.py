"""What the shape of a standard cannot show of its requirements, facts, exemptions and recognition."""

from collections.abc import Collection, Iterator

from manyi_instruments.expressions import Expression, Kind, Node, evaluation_order
from manyi_instruments.expressions.functions import FUNCTIONS
from manyi_instruments.expressions.tree import Call, Name, parts_of
from manyi_instruments.faults import DefinitionFaulty
from manyi_instruments.standards.definition import FRAME_NAMES, STAGES_TAUGHT, Standard
from manyi_instruments.standards.problems import (
    Path,
    Problem,
    closing_problems,
    formula_problems,
    problem,
    unknown,
)
from manyi_instruments.standards.requirements import Bound, Requirement


def check_requirements(standard: Standard) -> Iterator[Problem]:
    """Yield every fault of the parts of a standard that are about the county and the whole school."""
    yield from _facts(standard)
    yield from _derived(standard)
    for at, requirement in enumerate(standard.requirements):
        yield from _requirement(standard, ("requirements", at), requirement)
    for at, exemption in enumerate(standard.exemptions):
        path: Path = ("exemptions", at)
        members = standard.ids
        yield from unknown((*path, "of"), "indicator", exemption.of, members)
        yield from formula_problems(
            standard, (*path, "condition"), exemption.condition, "truth", row_names(standard)
        )
    yield from _recognition(standard)


def row_names(standard: Standard) -> tuple[str, ...]:
    """Return every name a formula over schools can use."""
    return (*standard.columns, *standard.groupings, *standard.derived, *standard.facts, STAGES_TAUGHT)


def names_by_row(expression: Expression) -> tuple[Name, ...]:
    """Return the names of an expression that stand outside every function over rows.

    Examples
    --------
    >>> from manyi_instruments.expressions import parse_expression
    >>> [name.name for name in names_by_row(parse_expression("100 * sum(t_cert) / teachers"))]
    ['teachers']
    """

    def outside(node: Node) -> Iterator[Name]:
        match node:
            case Call(function=function) if function in FUNCTIONS and FUNCTIONS[function].over_rows:
                return
            case Name():
                yield node
            case _:
                for part in parts_of(node):
                    yield from outside(part)

    return tuple(outside(expression.tree))


def _facts(standard: Standard) -> Iterator[Problem]:
    taken = (*standard.columns, *standard.groupings, *FRAME_NAMES, STAGES_TAUGHT)
    for section in ("facts", "derived"):
        for name in getattr(standard, section):
            if name in taken:
                yield problem((section, name), "standard-name-taken", name=name)


def _derived(standard: Standard) -> Iterator[Problem]:
    parsed: dict[str, Expression] = {}
    for name, formula in standard.derived.items():
        found = list(formula_problems(standard, ("derived", name), formula, "number", row_names(standard)))
        yield from found
        if not found:
            parsed[name] = standard.expression(formula)
    _, faults = evaluation_order(parsed, [name for name in row_names(standard) if name not in parsed])
    yield from (Problem(("derived", name), fault) for name, fault in faults.items())


def _requirement(standard: Standard, path: Path, requirement: Requirement) -> Iterator[Problem]:
    yield from unknown((*path, "area"), "area", (requirement.area,), standard.areas)
    yield from unknown((*path, "source"), "source", requirement.source, standard.sources)
    yield from unknown((*path, "stages"), "stage", requirement.stages, standard.stages)
    known = row_names(standard)
    if requirement.where is not None:
        yield from formula_problems(standard, (*path, "where"), requirement.where, "truth", known)
    for name, bound in requirement.bounds.items():
        yield from _bound(standard, (*path, "bounds", name), requirement, bound, known)


def _bound(
    standard: Standard, path: Path, requirement: Requirement, bound: Bound, known: Collection[str]
) -> Iterator[Problem]:
    formulas = {"formula": bound.formula}
    if isinstance(bound.threshold, str):
        formulas["threshold"] = bound.threshold
    for key, formula in formulas.items():
        kind: Kind = "number" if key == "threshold" or bound.threshold is not None else "truth"
        found = list(formula_problems(standard, (*path, key), formula, kind, known))
        yield from found
        if not found and requirement.level == "county":
            yield from _county_formula(standard, (*path, key), formula)
    if isinstance(bound.threshold, dict):
        yield from unknown((*path, "threshold"), "stage", bound.threshold, standard.stages)
    if bound.closed_by is not None:
        numbers = [name for name, column in standard.columns.items() if column.type == "number"]
        numbers += [name for name, fact in standard.facts.items() if fact.type == "number"]
        yield from unknown((*path, "closed_by"), "column", (bound.closed_by,), numbers)
        yield from closing_problems((*path, "closed_by"), bound.closed_by, (bound.formula,))


def _county_formula(standard: Standard, path: Path, formula: str) -> Iterator[Problem]:
    """Yield a fault where a formula of the county would give each school a value of its own."""
    county = {name for name, fact in standard.facts.items() if fact.level == "county"}
    expression = standard.expression(formula)
    schools = tuple(dict.fromkeys(n.name for n in names_by_row(expression) if n.name not in county))
    if schools:
        yield problem(path, "formula-not-county", formula=formula, names=", ".join(schools))


def _recognition(standard: Standard) -> Iterator[Problem]:
    recognition = standard.recognition
    if recognition is None:
        return
    path: Path = ("recognition",)
    yield from unknown((*path, "source"), "source", recognition.source, standard.sources)
    for key in ("fact", "residents"):
        name = getattr(recognition, key)
        if name is not None:
            yield from unknown((*path, key), "fact", (name,), standard.facts)
    yield from unknown((*path, "use"), "definition", (recognition.use,), recognition.definitions)
    for group, definition in recognition.groups.items():
        conditions: dict[Path, str] = {
            ("recognizes", name): text for name, text in definition.recognizes.items()
        }
        if definition.where is not None:
            conditions[("where",)] = definition.where
        for keys, condition in conditions.items():
            yield from _condition(standard, (*path, "groups", group, *keys), condition)
        for name, counted in recognition.definitions.items():
            if counted.recognizes not in definition.recognizes:
                yield problem(
                    (*path, "groups", group),
                    "standard-recognition-lacking",
                    group=group,
                    definition=name,
                    condition=counted.recognizes,
                )


def _condition(standard: Standard, path: Path, condition: str) -> Iterator[Problem]:
    """Yield faults of a condition on answers; which items there are is the study's to know."""
    try:
        expression = standard.expression(condition)
    except DefinitionFaulty as error:
        yield from (Problem(path, fault) for fault in error.faults)
        return
    if expression.kind != "truth":
        yield problem(path, "formula-not-truth", formula=condition)
