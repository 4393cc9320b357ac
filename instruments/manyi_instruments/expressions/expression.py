"""A parsed expression: what it names, what it gives, and its values over columns."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from manyi_instruments.expressions.faults import expression_fault
from manyi_instruments.expressions.functions import FUNCTIONS
from manyi_instruments.expressions.notation import written
from manyi_instruments.expressions.parsing import RESERVED, parse
from manyi_instruments.expressions.tokens import tokens_of
from manyi_instruments.expressions.tree import Call, Kind, Name, Node, names_in, nodes_in
from manyi_instruments.faults import Fault

if TYPE_CHECKING:
    from manyi_instruments.expressions.computing import Values
    from manyi_instruments.expressions.evaluation import Columns, Evaluated


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression.

    Parameters
    ----------
    formula : str
        As written.
    tree : Node
        As parsed.
    """

    formula: str
    tree: Node

    @property
    def kind(self) -> Kind:
        """Return what it gives: ``number``, ``truth`` for a condition, ``text``."""
        return self.tree.kind

    @property
    def over_rows(self) -> tuple[str, ...]:
        """Return the functions it calls that make one number of all rows.

        Examples
        --------
        >>> parse_expression("100 * sum(t_cert) / sum(teachers)").over_rows
        ('sum',)
        """
        called = (node.function for node in nodes_in(self.tree) if isinstance(node, Call))
        return tuple(
            dict.fromkeys(name for name in called if name in FUNCTIONS and FUNCTIONS[name].over_rows)
        )

    def column_names(self) -> tuple[str, ...]:
        """Return the names it mentions, each once, in the order of their first mention.

        Examples
        --------
        >>> parse_expression("100*(t_pe+t_music)/pupils").column_names()
        ('t_pe', 't_music', 'pupils')
        """
        return tuple(dict.fromkeys(node.name for node in names_in(self.tree)))

    def unknown_columns(self, known: Collection[str]) -> tuple[Fault, ...]:
        """Return a fault for each name that is not among ``known``, at its first mention."""
        return tuple(
            expression_fault(
                "formula-unknown-column",
                self.formula,
                name.at,
                name=name.name,
                known=", ".join(sorted(known)),
            )
            for name in self._first_mentions()
            if name.name not in known
        )

    def _first_mentions(self) -> Iterator[Name]:
        seen: set[str] = set()
        for name in names_in(self.tree):
            if name.name not in seen:
                seen.add(name.name)
                yield name

    def evaluate(self, columns: "Columns") -> "Values":
        """Return the expression's value in every row.

        Parameters
        ----------
        columns : Mapping[str, array_like (n,)]
            Every name the expression mentions: numpy arrays, pandas columns or single values. NaN is missing.
            For ``selected(item, answer)`` of a multiple choice, the column ``item__answer`` (1 chosen, 0 not)
            stands for the item.

        Returns
        -------
        ndarray (n,)
            NaN where an input is missing or a divisor is zero. ``and`` and ``or`` follow Kleene: false
            ``and`` missing is false, true ``or`` missing is true.

        Examples
        --------
        >>> import numpy as np
        >>> columns = {"t_key": np.array([3.0]), "pupils": np.array([150.0])}
        >>> parse_expression("100*t_key/pupils").evaluate(columns)
        array([2.])
        """
        return self.run(columns).values

    def run(self, columns: "Columns") -> "Evaluated":
        """Return the expression's values and where a zero divisor stood.

        Raises
        ------
        KeyError
            If a name the expression mentions is not in ``columns``.
        """
        # A study that is only opened needs no arrays.
        import numpy as np

        from manyi_instruments.expressions.evaluation import Evaluated, run

        rows = np.broadcast_shapes(*(np.shape(values) for values in columns.values()))
        result = run(self.tree, columns)
        return Evaluated(
            np.broadcast_to(result.values, rows).copy(),
            np.broadcast_to(result.divided_by_zero, rows).astype(np.bool_),
        )

    def __str__(self) -> str:
        """Return the expression in its plainest form."""
        return written(self.tree)


def parse_expression(formula: str, kinds: Mapping[str, Kind] | None = None) -> Expression:
    """Parse an expression.

    Parameters
    ----------
    formula : str
        The expression, of one line or several.
    kinds : Mapping[str, Kind], optional
        What each name holds; names that are not in it hold numbers.

    Raises
    ------
    DefinitionFaulty
        With line and column at which the expression cannot be read, and what was expected there.

    Examples
    --------
    >>> parse_expression("pupils >= 100 or funds > 0").kind
    'truth'
    >>> parse_expression("public and area != 'rural'", {"public": "truth", "area": "text"}).column_names()
    ('public', 'area')
    """
    return _parsed(formula, tuple(sorted((kinds or {}).items())))


@lru_cache(maxsize=2048)
def _parsed(formula: str, kinds: tuple[tuple[str, Kind], ...]) -> Expression:
    return Expression(formula, parse(formula, dict(kinds)))


def undeclared_names(formula: str, known: Collection[str]) -> tuple[Fault, ...]:
    """Return a fault for each name of a formula that is not known, even where the formula cannot be parsed.

    A name nobody declared is taken for a number, so that a condition on it would be blamed for its kind.

    Examples
    --------
    >>> [fault.details["name"] for fault in undeclared_names("day_publik and pupils <", {"pupils"})]
    ['day_publik']
    """
    tokens = tokens_of(formula)
    told = ", ".join(sorted(known))
    return tuple(
        expression_fault("formula-unknown-column", formula, token.at, name=token.text, known=told)
        for token, following in pairwise(tokens)
        if token.kind == "name"
        and token.text not in RESERVED
        and following.text != "("
        and token.text not in known
    )
