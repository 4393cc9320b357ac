"""The completed data sets of one analysis, and what was imputed in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.missing.chained import ChainedEquations, completed
from manyi_analysis.records.notcomputed import NotComputed


@dataclass(frozen=True, slots=True, eq=False)
class Imputations:
    """Rows to complete, and how: every model fitted to them rests on the same m data sets.

    Parameters
    ----------
    rows : DataFrame
        Rows used.
    columns : tuple of str
        Of the model of imputation.
    nominal : tuple of str
        Those whose values are names.
    cluster : str or None
        Column of the school.
    plan : ChainedEquations
    missing : int
        Rows left out because the school, a school column, or every answer was missing.
    """

    rows: pd.DataFrame
    columns: tuple[str, ...]
    nominal: tuple[str, ...]
    cluster: str | None
    plan: ChainedEquations
    missing: int

    @property
    def n(self) -> int:
        """Return the number of rows used."""
        return len(self.rows)

    @property
    def rows_imputed(self) -> int:
        """Return the rows with at least one imputed value."""
        return int(self.rows[list(self.columns)].isna().any(axis=1).sum())

    @property
    def gaps(self) -> dict[str, int]:
        """Return the number of values imputed in each column that lacks any."""
        counts = self.rows[list(self.columns)].isna().sum()
        return {str(name): int(count) for name, count in counts.items() if count}

    def sets(self) -> Iterator[pd.DataFrame]:
        """Yield the m completed data sets, the same at every call."""
        return completed(self.rows, self.columns, self.nominal, self.cluster, self.plan)


def imputations(
    frame: pd.DataFrame,
    outcome: str,
    others: Sequence[str],
    nominal: Sequence[str] = (),
    cluster: str | None = None,
    plan: ChainedEquations | None = None,
    unit: str | None = None,
) -> Imputations | NotComputed:
    """Choose the rows that can be completed.

    Imputed are columns that differ between respondents of a school. Rows that lack the school, a column of
    the school, or every other column are left out: nothing is known to impute them from.

    Parameters
    ----------
    frame : DataFrame
        Rows are respondents; NaN is missing.
    outcome : str
        Column explained.
    others : sequence of str
        Terms, further outcomes and auxiliary columns.
    nominal, cluster, plan
        As in `completed`.
    unit : str, optional
        Column within which a column of the school has one value, such as school and stage where combined
        schools have values of their own for each stage. Default: the cluster.

    Returns
    -------
    Imputations or NotComputed
        Nothing is missing (``nothing-missing``); a column is absent; fewer than two data sets are asked
        for; no row is left.
    """
    wanted = plan or ChainedEquations()
    columns = tuple(dict.fromkeys([outcome, *others]))
    absent = tuple(name for name in [*columns, *([cluster] if cluster else [])] if name not in frame)
    if absent:
        details: dict[str, object] = {"outcome": outcome, "columns": absent}
        return NotComputed("imputed_regression", "regression-column-missing", details, len(frame))
    if wanted.m < 2:
        return NotComputed("imputed_regression", "imputations-few", {"columns": 1, "m": wanted.m}, len(frame))
    rows = _usable(frame, columns, cluster, unit or cluster)
    found = Imputations(rows, columns, tuple(nominal), cluster, wanted, len(frame) - len(rows))
    gaps = found.gaps
    if rows.empty or any(count == len(rows) for count in gaps.values()):
        emptiest = str(frame[list(columns)].notna().sum().idxmin())
        details = {"outcome": outcome, "rows": len(frame), "column": emptiest}
        return NotComputed("imputed_regression", "regression-no-rows", details, 0)
    if not gaps:
        return NotComputed("imputed_regression", "nothing-missing", {"columns": columns}, len(rows))
    return found


def _usable(
    frame: pd.DataFrame, columns: Sequence[str], cluster: str | None, unit: str | None
) -> pd.DataFrame:
    own = list(columns)
    keep = np.ones(len(frame), dtype=bool)
    if cluster is not None and unit is not None:
        keep &= frame[cluster].notna().to_numpy()
        groups = frame[keep].groupby(unit, sort=False, observed=True)[own].nunique()
        fixed = [name for name in own if int(groups[name].max() if len(groups) else 0) <= 1]
        # A column that is the same for all of a school is the school's: it is known or it is not.
        keep &= frame[fixed].notna().all(axis=1).to_numpy()
        own = [name for name in own if name not in fixed]
    if own:
        keep &= frame[own].notna().any(axis=1).to_numpy()
    return frame[keep].reset_index(drop=True)
