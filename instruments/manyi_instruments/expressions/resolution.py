"""Expressions that name one another, put in an order in which each can be computed."""

from collections.abc import Collection, Mapping

from manyi_instruments.expressions.expression import Expression
from manyi_instruments.expressions.faults import expression_fault
from manyi_instruments.expressions.tree import NOWHERE, names_in
from manyi_instruments.faults import Fault


def evaluation_order(
    expressions: Mapping[str, Expression], known: Collection[str] = ()
) -> tuple[tuple[str, ...], dict[str, Fault]]:
    """Return in which order expressions can be computed, and which cannot.

    Parameters
    ----------
    expressions : Mapping[str, Expression]
        Name -> expression, which may name raw columns and other expressions.
    known : collection of str
        The raw columns.

    Returns
    -------
    order : tuple of str
        Names of the expressions that can be computed, each behind those it needs.
    faults : dict
        Name -> why it cannot be: ``formula-circular`` for those that lie on a circle,
        ``formula-unknown-column`` for those that name what is neither a column nor an expression.
        Expressions that only lead to such a one are in neither.

    Examples
    --------
    >>> from manyi_instruments.expressions.expression import parse_expression
    >>> formulas = {"rate": "skilled / pupils", "skilled": "a + b", "x": "y + 1", "y": "2 * x"}
    >>> order, faults = evaluation_order(
    ...     {name: parse_expression(formula) for name, formula in formulas.items()}, {"a", "b", "pupils"}
    ... )
    >>> order, faults["x"].details["circle"]
    (('skilled', 'rate'), 'x → y → x')
    """
    needs = {name: expression.column_names() for name, expression in expressions.items()}
    faults: dict[str, Fault] = {}
    for name, expression in expressions.items():
        unknown = expression.unknown_columns({*known, *expressions})
        if unknown:
            faults[name] = unknown[0]
        elif circle := _circle(name, needs):
            at = next((n.at for n in names_in(expression.tree) if n.name == circle[1]), NOWHERE)
            faults[name] = expression_fault(
                "formula-circular", expression.formula, at, name=name, circle=" → ".join(circle)
            )
    order: list[str] = []
    done = {*known}
    while ready := [
        name
        for name in expressions
        if name not in done and name not in faults and all(need in done for need in needs[name])
    ]:
        order += ready
        done |= set(ready)
    return tuple(order), faults


def _circle(start: str, needs: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the shortest way from a name back to itself; empty where there is none."""
    ways: list[tuple[str, ...]] = [(start,)]
    seen: set[str] = set()
    for way in ways:  # grows while it is read: a breadth-first search
        for need in needs.get(way[-1], ()):
            if need == start:
                return (*way, start)
            if need not in seen:
                seen.add(need)
                ways.append((*way, need))
    return ()
