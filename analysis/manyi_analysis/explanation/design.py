"""The design of a regression in blocks: its numeric columns, its rows and what could not stay in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.moments import Moments
from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]

#: 1 - R² of a column on those before it below which it counts as a combination of them. Cross-products
#: square the condition number, so R's 1e-7 on columns is 1e-14 here, which rounding alone can reach.
COLLINEAR = 1e-10
#: Column of the clusters beside the numeric columns; no item, scale or level name holds a space alone.
CLUSTER = " "


@dataclass(frozen=True, slots=True)
class Term:
    """One predictor as the plan names it, and the numeric columns that stand for it.

    Parameters
    ----------
    name, block : str
        As written in the plan.
    columns : tuple of str
        Numeric columns; for a categorical term one dummy a level but the first, named ``P_ROLE=2``.
    dummies : bool
        The columns hold 0 and 1 only, so a standardized coefficient has no meaning.
    reference : str
        Level the dummies are compared with; empty for a numeric term.
    """

    name: str
    block: str
    columns: tuple[str, ...]
    dummies: bool
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Aliased:
    """A column taken out of the design because the data cannot tell its coefficient, and why."""

    column: str
    reason: NotComputed


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Terms in blocks and the per-school moments of outcome and columns, on the same rows for every block.

    Parameters
    ----------
    outcome : str
        Column explained.
    blocks : tuple of str
        Names in the order entered.
    terms : tuple of Term
        In the order entered.
    aliased : tuple of Aliased
        Columns no model uses.
    moments : GroupedMoments
        Of the outcome, then every column of every term; one group a cluster, or a single one.
    clustered : bool
        Whether the groups are clusters of respondents.
    missing : int
        Rows dropped because the outcome, a term or the cluster is missing.
    without_cluster : int
        How many of them lack only the cluster.
    """

    outcome: str
    blocks: tuple[str, ...]
    terms: tuple[Term, ...]
    aliased: tuple[Aliased, ...]
    moments: GroupedMoments
    clustered: bool
    missing: int
    without_cluster: int

    @property
    def n(self) -> int:
        """Return the number of respondents used."""
        return int(self.moments.n.sum())

    @property
    def clusters(self) -> int:
        """Return the number of clusters with a respondent, 0 where errors are not clustered."""
        return int((self.moments.n > 0).sum()) if self.clustered else 0

    def kept(self, blocks: Sequence[str]) -> tuple[str, ...]:
        """Return the columns that terms of these blocks bring into a model, aliased ones left out."""
        out = {alias.column for alias in self.aliased}
        return tuple(
            column
            for term in self.terms
            if term.block in blocks
            for column in term.columns
            if column not in out
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row a column of the design: ``block, term, column, reference, dummies, reason``."""
        why = {alias.column: alias.reason.reason for alias in self.aliased}
        rows = [
            (term.block, term.name, column, term.reference, term.dummies, why.get(column, ""))
            for term in self.terms
            for column in term.columns
        ]
        return pd.DataFrame(rows, columns=["block", "term", "column", "reference", "dummies", "reason"])


@dataclass(frozen=True, slots=True, eq=False)
class NumericRows:
    """The complete rows of a regression with every term as numbers.

    Parameters
    ----------
    frame : DataFrame
        Outcome, then the columns of every term, then the cluster under the name `CLUSTER`.
    terms : tuple of Term
        In the order entered.
    missing, without_cluster : int
        Rows dropped; those of them that lack only the cluster.
    """

    frame: pd.DataFrame
    terms: tuple[Term, ...]
    missing: int
    without_cluster: int


def level_name(value: object) -> str:
    """Return a level as it stands in a column's name: whole numbers without a decimal point.

    >>> level_name(2.0), level_name("junior")
    ('2', 'junior')
    """
    if isinstance(value, bool | np.bool_):
        return str(int(value))
    if isinstance(value, int | float | np.integer | np.floating):
        return f"{float(value):.12g}"
    return str(value)


def design(
    frame: pd.DataFrame,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    categorical: Mapping[str, Iterable[object]] | None = None,
    cluster: str | None = None,
) -> Design | NotComputed:
    """Build the design of a regression of `outcome` on blocks of terms.

    Parameters
    ----------
    frame : DataFrame
        Scored answers, one row a respondent; NaN is missing.
    outcome : str
        Numeric column.
    blocks : Mapping
        Block name -> columns of `frame`, in the order entered.
    categorical : Mapping, optional
        Term -> its levels in order (a mapping of labels by level will do). The first level that occurs is
        the reference; levels that occur but are not listed follow, sorted. A column of text is categorical
        without being listed.
    cluster : str, optional
        Column of the cluster (school) a respondent belongs to.

    Returns
    -------
    Design or NotComputed
        Rows with a missing outcome, term or cluster are dropped from every block (listwise), so that models
        of successive blocks can be compared. Constant columns and columns that are combinations of those
        before them are found by a Cholesky factorization in order and listed in ``aliased``.
    """
    rows = numeric_rows(frame, outcome, blocks, categorical, cluster)
    if isinstance(rows, NotComputed):
        return rows
    columns = tuple(column for term in rows.terms for column in term.columns)
    moments = GroupedMoments.of(rows.frame, (outcome, *columns), CLUSTER)
    return Design(
        outcome=outcome,
        blocks=tuple(blocks),
        terms=rows.terms,
        aliased=aliased_columns(moments.overall(), columns),
        moments=moments,
        clustered=cluster is not None,
        missing=rows.missing,
        without_cluster=rows.without_cluster,
    )


def numeric_rows(
    frame: pd.DataFrame,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    categorical: Mapping[str, Iterable[object]] | None = None,
    cluster: str | None = None,
) -> NumericRows | NotComputed:
    """Return the complete rows of a regression, categorical terms as dummies.

    Parameters
    ----------
    frame, outcome, blocks, categorical, cluster
        As of `design`.

    Returns
    -------
    NumericRows or NotComputed
        NotComputed where a column is absent or named twice, the outcome is no number, or no row is complete.
    """
    levels = dict(categorical or {})
    names = [name for terms in blocks.values() for name in terms]
    problem = _unusable(frame, outcome, names, cluster)
    if problem is not None:
        return problem
    answered = frame[[outcome, *names]].notna().all(axis=1)
    complete = answered if cluster is None else answered & frame[cluster].notna()
    rows = frame.loc[complete, list(dict.fromkeys((outcome, *names, *((cluster,) if cluster else ()))))]
    if rows.empty:
        emptiest = str(frame[[outcome, *names, *([cluster] if cluster else [])]].notna().sum().idxmin())
        details = {"outcome": outcome, "rows": len(frame), "column": emptiest}
        return NotComputed("regression", "regression-no-rows", details, 0)
    parts: dict[str, npt.NDArray[np.float64]] = {outcome: rows[outcome].to_numpy(dtype=np.float64)}
    terms: list[Term] = []
    for block, members in blocks.items():
        for name in members:
            term, columns = _expand(rows[name], block, levels.get(name))
            terms.append(term)
            parts |= columns
    numeric = pd.DataFrame(parts)
    numeric[CLUSTER] = "" if cluster is None else rows[cluster].astype(str).to_numpy()
    return NumericRows(numeric, tuple(terms), len(frame) - len(numeric), int((answered & ~complete).sum()))


def _unusable(
    frame: pd.DataFrame, outcome: str, names: Sequence[str], cluster: str | None
) -> NotComputed | None:
    wanted = [outcome, *names, *([cluster] if cluster else [])]
    absent = sorted({name for name in wanted if name not in frame.columns})
    if absent:
        details: dict[str, object] = {"outcome": outcome, "columns": tuple(absent)}
        return NotComputed("regression", "regression-column-missing", details, len(frame))
    twice = sorted({name for name in names if names.count(name) > 1 or name == outcome})
    if twice:
        details = {"outcome": outcome, "terms": tuple(twice)}
        return NotComputed("regression", "regression-term-twice", details, len(frame))
    if not pd.api.types.is_numeric_dtype(frame[outcome]):
        return NotComputed("regression", "regression-outcome-not-numeric", {"outcome": outcome}, len(frame))
    return None


def _expand(
    values: pd.Series, block: str, levels: Iterable[object] | None
) -> tuple[Term, dict[str, npt.NDArray[np.float64]]]:
    """Return a term and its numeric columns from its values in the rows used."""
    name = str(values.name)
    if levels is None and pd.api.types.is_numeric_dtype(values):
        column = values.to_numpy(dtype=np.float64)
        binary = bool(np.isin(column, (0.0, 1.0)).all())
        return Term(name, block, (name,), binary), {name: column}
    found = {level_name(value) for value in values.unique()}
    listed = [level_name(level) for level in (levels or ())]
    present = [level for level in listed if level in found]
    present += sorted(found.difference(listed))
    as_text = values.map({value: level_name(value) for value in values.unique()}).to_numpy()
    if len(present) == 1:
        # No contrast is left: the term stands as a constant column, so that it is reported and not lost.
        present.append(present[0])
    columns = {f"{name}={level}": (as_text == level).astype(np.float64) for level in present[1:]}
    return Term(name, block, tuple(columns), True, present[0]), columns


def aliased_columns(moments: Moments, columns: tuple[str, ...]) -> tuple[Aliased, ...]:
    """Return the columns that earlier ones already determine, found by Cholesky in the order entered.

    Parameters
    ----------
    moments : Moments
        That hold the columns, over all clusters.
    columns : tuple of str
        In the order entered.
    """
    sums = moments.select(columns)
    spread = sums.sd
    found: list[Aliased] = []
    varying: list[int] = []
    for index, column in enumerate(columns):
        if not spread[index] > 0:
            reason = NotComputed("regression", "predictor-constant", {"column": column}, sums.n)
            found.append(Aliased(column, reason))
        else:
            varying.append(index)
    scale = spread[varying]
    correlation = sums.covariance[np.ix_(varying, varying)] / np.outer(scale, scale)
    size = len(varying)
    factor = np.zeros((size, size))
    kept: list[int] = []
    for row in range(size):
        width = len(kept)
        for position, earlier in enumerate(kept):
            rest = correlation[row, earlier] - factor[row, :position] @ factor[earlier, :position]
            factor[row, position] = rest / factor[earlier, position]
        left = 1.0 - float(factor[row, :width] @ factor[row, :width])
        if left > COLLINEAR:
            factor[row, width] = np.sqrt(left)
            kept.append(row)
            continue
        weights = np.linalg.solve(correlation[np.ix_(kept, kept)], correlation[kept, row])
        partners = [
            columns[varying[k]] for k, weight in zip(kept, weights, strict=True) if abs(weight) > 1e-6
        ]
        details = {"column": columns[varying[row]], "partners": tuple(partners)}
        reason = NotComputed("regression", "predictor-collinear", details, sums.n)
        found.append(Aliased(columns[varying[row]], reason))
    return tuple(found)
