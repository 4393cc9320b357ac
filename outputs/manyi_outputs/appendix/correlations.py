"""Tables of correlations: of scales, within and between schools, of single items, and partial ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.missing import missing_rule
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.appendix.regression import probability_note
from manyi_outputs.appendix.table import Cell, Column, Row, Table
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import stars

#: Level and method of what stands on one side of a diagonal.
Side = tuple[str, str]
PEARSON, SPEARMAN = ("respondent", "pearson"), ("respondent", "spearman")
POLYCHORIC, PARTIAL = ("respondent", "polychoric"), ("respondent", "partial")
WITHIN, BETWEEN = ("within_school", "pearson"), ("school_means", "pearson")


@dataclass(frozen=True, slots=True)
class Matrix:
    """The correlations of one role.

    Parameters
    ----------
    role : str
    variables : list of records
        Rows of table `correlation_variables`.
    pairs : Mapping
        Level and method -> both variables -> row of table `correlations`.
    alpha : Mapping
        Scale -> Cronbach's alpha, where reliability was computed.
    """

    role: str
    variables: list[Record]
    pairs: Mapping[Side, Mapping[frozenset[str], Record]]
    alpha: Mapping[str, float]

    @property
    def whole(self) -> list[str]:
        """Return scales and single variables: all but the items of a scale that stands beside them."""
        parts = set(self.parts)
        return [name for name in self._names if name not in parts]

    @property
    def parts(self) -> list[str]:
        """Return the items that were not correlated with their own scale."""
        known = {name: str(row["kind"]) for name, row in zip(self._names, self.variables, strict=True)}
        apart = {
            name
            for rows in self.pairs.values()
            for pair, row in rows.items()
            if str(row.get("reason") or "").startswith("correlation-part-of-whole")
            for name in pair
        }
        return [name for name in self._names if name in apart and known[name] != "scale"]

    @property
    def items(self) -> list[str]:
        """Return the items that have polychoric correlations."""
        known = {name for pair in self.pairs.get(POLYCHORIC, {}) for name in pair}
        return [name for name in self._names if name in known]

    @property
    def _names(self) -> list[str]:
        return [str(row["variable"]) for row in self.variables]

    def described(self, name: str) -> Record:
        """Return n, mean and standard deviation of a variable."""
        return next((row for row in self.variables if str(row["variable"]) == name), {})

    def row(self, side: Side, a: str, b: str) -> Record:
        """Return the correlation of two variables, nothing where there is none."""
        return self.pairs.get(side, {}).get(frozenset((a, b)), {})


def matrices(tables: Tables) -> list[Matrix]:
    """Return the correlations of every role."""
    variables = dict(grouped(records(tables, "correlation_variables"), "role"))
    alphas: dict[str, dict[str, float]] = {}
    for row in records(tables, "reliability"):
        value = number(row.get("alpha"))
        if str(row.get("group", "all")) == "all" and value is not None:
            alphas.setdefault(str(row["role"]), {})[str(row["scale"])] = value
    made = []
    for (role,), rows in grouped(records(tables, "correlations"), "role"):
        pairs: dict[Side, dict[frozenset[str], Record]] = {}
        for row in rows:
            side = (str(row["level"]), str(row["method"]))
            pairs.setdefault(side, {})[frozenset((str(row["a"]), str(row["b"])))] = row
        made.append(Matrix(role, variables.get((role,), []), pairs, alphas.get(role, {})))
    return made


def correlations(tables: Tables, context: Context) -> list[Table]:
    """Return the correlation matrices of every role."""
    made = []
    for matrix in matrices(tables):
        made += [
            _scales(matrix, context),
            _levels(matrix, context),
            _items(matrix, context),
            _partial(matrix, context),
        ]
    return [table for table in made if table is not None]


def relied_on(row: Record) -> float | None:
    """Return the adjusted p that allows for schools where there is one, else the plain adjusted one."""
    clustered = number(row.get("p_clustered_adjusted"))
    return number(row.get("p_adjusted")) if clustered is None else clustered


# --- the four tables ---------------------------------------------------------------------------------------


def _scales(matrix: Matrix, context: Context) -> Table | None:
    """Return Pearson's below the diagonal, Spearman's above, alpha on it, M and SD before them."""
    names = matrix.whole
    above = SPEARMAN if SPEARMAN in matrix.pairs else None
    if len(names) < 2 or not {PEARSON, SPEARMAN} & set(matrix.pairs):
        return None
    words, rows = context.words, [matrix.row(PEARSON, a, b) for a in names for b in names if a != b]
    n = [float(row["n"]) for row in rows if given(row.get("n"))]
    clustered = any(given(row.get("p_clustered_adjusted")) for row in rows)
    general = [
        words("note.correlations", n=_span(n, context), rule=missing_rule(matrix.variables, context)),
        words("note.correlations_alpha") if matrix.alpha else "",
        words("note.correlations_spearman") if above else "",
        _tested(matrix, PEARSON, names, context),
        words("note.correlations_clustered") if clustered else "",
        words("note.correlation_cause"),
    ]
    return _table(
        "correlations", matrix, names, PEARSON, above, general, context, alpha=True, described=True,
        unstarred=SPEARMAN if clustered else None,
    )  # fmt: skip


def _levels(matrix: Matrix, context: Context) -> Table | None:
    """Return the correlations within schools below the diagonal, between their means above."""
    names = matrix.whole
    if len(names) < 2 or WITHIN not in matrix.pairs:
        return None
    words = context.words
    schools = [
        float(row["n"])
        for a in names
        for b in names
        if a != b and given((row := matrix.row(BETWEEN, a, b)).get("n"))
    ]
    general = [
        words("note.correlation_levels", schools=_span(schools, context)),
        _tested(matrix, WITHIN, names, context),
        words("note.correlation_cause"),
    ]
    return _table("correlation_levels", matrix, names, WITHIN, BETWEEN, general, context)


def _items(matrix: Matrix, context: Context) -> Table | None:
    """Return the polychoric correlations of items below the diagonal, Pearson's above."""
    if POLYCHORIC not in matrix.pairs:
        return None
    words, names = context.words, matrix.items
    above = PEARSON if PEARSON in matrix.pairs else None
    general = [
        words("note.correlation_items"),
        _tested(matrix, POLYCHORIC, names, context),
        words("note.correlation_cause"),
    ]
    return _table("correlation_items", matrix, names, POLYCHORIC, above, general, context, described=True)


def _partial(matrix: Matrix, context: Context) -> Table | None:
    """Return the partial correlations below the diagonal, Pearson's above."""
    if PARTIAL not in matrix.pairs:
        return None
    words = context.words
    held = dict.fromkeys(
        name
        for row in matrix.pairs[PARTIAL].values()
        if given(row.get("controls"))
        for name in str(row["controls"]).split()
    )
    names = [name for name in matrix.whole if name not in held]
    controls = words("numbers.list").join(context.index(matrix.role, name) for name in held) or "—"
    general = [
        words("note.correlation_partial", controls=controls),
        _tested(matrix, PARTIAL, names, context),
        words("note.correlation_cause"),
    ]
    above = PEARSON if PEARSON in matrix.pairs else None
    return _table("correlation_partial", matrix, names, PARTIAL, above, general, context)


# --- their layout ------------------------------------------------------------------------------------------


def _table(
    key: str,
    matrix: Matrix,
    names: Sequence[str],
    below: Side,
    above: Side | None,
    general: Sequence[str],
    context: Context,
    *,
    alpha: bool = False,
    described: bool = False,
    unstarred: Side | None = None,
) -> Table:
    """Return a square of correlations, numbered rows above numbered columns.

    Parameters
    ----------
    key : str
        Of the title.
    matrix : Matrix
    names : sequence of str
        Variables, in order.
    below, above : (level, method)
        What stands on either side of the diagonal; above nothing if None.
    general : sequence of str
        Notes, empty ones left out.
    context : Context
    alpha, described : bool
        Alpha on the diagonal; mean and standard deviation before the correlations.
    unstarred : (level, method), optional
        Printed without stars: its p takes respondents as independent.
    """
    words, notes = context.words, Footnotes(context)
    sides = {True: below, False: above}
    body = []
    for i, a in enumerate(names):
        row = matrix.described(a)
        cells = [Cell(f"{i + 1} {context.index(matrix.role, a)}")]
        if described:
            cells += [notes.cell(row.get(name), Kind.mean) for name in ("mean", "sd")]
        for j, b in enumerate(names):
            side = sides[j < i]
            if i == j:
                cells.append(_diagonal(matrix.alpha.get(a) if alpha else None))
            elif side is None:
                cells.append(Cell(""))
            else:
                cells.append(_cell(matrix.row(side, a, b), notes, starred=side != unstarred))
        body.append(Row(tuple(cells)))
    before = [Column(words(f"heading.{name}"), width=7) for name in ("mean", "sd")] if described else []
    columns = (
        Column(words("heading.variable"), width=26, words=True),
        *before,
        *(Column(str(number), width=9, room="***") for number in range(1, len(names) + 1)),
    )
    return Table(
        key=f"{key}-{matrix.role}",
        section="correlations",
        title=words(f"title.{key}", role=context.role(matrix.role)),
        columns=columns,
        rows=tuple(body),
        notes=tuple(note for note in general if note),
        specific=notes.specific,
        probability=probability_note(context),
    )


def _diagonal(alpha: float | None) -> Cell:
    return Cell(None) if alpha is None else Cell(alpha, Kind.bounded, bold=True)


def _cell(row: Record, notes: Footnotes, *, starred: bool) -> Cell:
    p = relied_on(row)
    mark = "*" * stars(p) if starred and p is not None else ""
    return notes.cell(row.get("r"), Kind.bounded, row.get("reason"), mark=mark)


def _tested(matrix: Matrix, side: Side, names: Sequence[str], context: Context) -> str:
    """Return how the probabilities were adjusted, and for how many pairs."""
    shown = [matrix.row(side, a, b) for a in names for b in names if a != b]
    families = {row["family"]: row.get("adjustment", "none") for row in shown if given(row.get("p"))}
    if not families:
        return ""
    of_family = [row for row in matrix.pairs[side].values() if row.get("family") in families]
    adjustment = context.words.term("adjustment", str(next(iter(families.values()))))
    pairs = sum(given(row.get("p")) for row in of_family)
    return context.words("note.correlation_family", adjustment=adjustment, pairs=pairs)


def _span(values: Sequence[float], context: Context) -> str:
    if not values:
        return "—"
    low, high = (context.numerals.text(Kind.count, value) for value in (min(values), max(values)))
    return low if low == high else f"{low}–{high}"
