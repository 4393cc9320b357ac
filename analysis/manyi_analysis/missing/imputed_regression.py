"""A regression in blocks on completed data sets, pooled: what the missing answers change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.explanation.blocks import BlockRegression, regression_blocks
from manyi_analysis.explanation.ols import INTERCEPT, Regression, WaldTest
from manyi_analysis.missing.chained import ChainedEquations, completed
from manyi_analysis.missing.pooling import Pooled, pool, pool_r2
from manyi_analysis.records.notcomputed import NotComputed

TERM_COLUMNS = (
    *("outcome", "model", "block", "term", "b", "se", "se_type", "t", "df", "p", "low", "high"),
    *("fmi", "reason"),
)
MODEL_COLUMNS = (
    *("outcome", "model", "block", "m", "n", "missing", "rows_imputed", "r2", "delta_r2"),
    *("f_change", "df1", "df2", "p_change", "reason"),
)


@dataclass(frozen=True, slots=True)
class ImputedModel:
    """One model, pooled.

    Parameters
    ----------
    number : int
        1 for the first block.
    block : str
        The block added.
    terms : tuple of (str, str)
        Block and column of every coefficient, the intercept first.
    pooled : Pooled or NotComputed
        Coefficients.
    se_type : str
        Kind of the errors within a data set.
    r2 : float
        Pooled R²; NaN where not computed.
    change : WaldTest or NotComputed
        Pooled test that the block adds nothing.
    """

    number: int
    block: str
    terms: tuple[tuple[str, str], ...]
    pooled: Pooled | NotComputed
    se_type: str
    r2: float
    change: WaldTest | NotComputed


@dataclass(frozen=True, slots=True)
class ImputedRegression:
    """A regression in blocks after multiple imputation.

    Parameters
    ----------
    outcome : str
    m : int
        Completed data sets.
    n, missing : int
        Rows used, and rows left out because the school, a school column, or every answer was missing.
    rows_imputed : int
        Rows used with at least one imputed value.
    gaps : Mapping
        Column -> values imputed in it.
    models : tuple of ImputedModel
    confidence : float
    """

    outcome: str
    m: int
    n: int
    missing: int
    rows_imputed: int
    gaps: Mapping[str, int]
    models: tuple[ImputedModel, ...]
    confidence: float
    method: str = "multiple imputation by chained equations, pooled by Rubin's rules"
    source: str = "Rubin (1987); van Buuren (2018)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a model and coefficient: table ``regression_imputed``."""
        return pd.DataFrame(
            [row for model in self.models for row in self._terms(model)], columns=list(TERM_COLUMNS)
        )

    def models_to_frame(self) -> pd.DataFrame:
        """Return one row a model: table ``regression_imputed_models``."""
        rows = []
        before = 0.0
        for model in self.models:
            row: dict[str, object] = {
                "outcome": self.outcome,
                "model": str(model.number),
                "block": model.block,
                "m": self.m,
                "n": self.n,
                "missing": self.missing,
                "rows_imputed": self.rows_imputed,
                "r2": model.r2,
                "delta_r2": model.r2 - before,
                "reason": model.pooled.reason if isinstance(model.pooled, NotComputed) else "",
            }
            before = model.r2
            if isinstance(model.change, WaldTest):
                change = model.change
                row |= {"f_change": change.f, "df1": change.df1, "df2": change.df2, "p_change": change.p}
            elif not row["reason"]:
                row["reason"] = model.change.reason
            rows.append(row)
        return pd.DataFrame(rows, columns=list(MODEL_COLUMNS))

    def gaps_to_frame(self) -> pd.DataFrame:
        """Return one row a column: ``outcome, column, n, imputed, share``, table ``imputed_values``."""
        counts = np.array(list(self.gaps.values()), dtype=np.int64)
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "column": list(self.gaps),
                "n": self.n,
                "imputed": counts,
                "share": counts / max(self.n, 1),
            }
        )

    def _terms(self, model: ImputedModel) -> list[dict[str, object]]:
        base: dict[str, object] = {"outcome": self.outcome, "model": str(model.number)}
        if isinstance(model.pooled, NotComputed):
            return [{**base, "block": model.block, "term": "", "reason": model.pooled.reason}]
        pooled = model.pooled
        low, high = pooled.interval(self.confidence)
        numbers = zip(
            pooled.estimate, pooled.se, pooled.t, pooled.df, pooled.p, low, high, pooled.fmi, strict=True
        )
        names = ("b", "se", "t", "df", "p", "low", "high", "fmi")
        return [
            {
                **base,
                "block": block,
                "term": term,
                "se_type": model.se_type,
                **dict(zip(names, (float(value) for value in row), strict=True)),
                "reason": "",
            }
            for (block, term), row in zip(model.terms, numbers, strict=True)
        ]


def imputed_regression(
    frame: pd.DataFrame,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    cluster: str | None = None,
    categorical: Mapping[str, Iterable[object]] | None = None,
    auxiliary: Sequence[str] = (),
    plan: ChainedEquations | None = None,
    confidence: float = 0.95,
) -> ImputedRegression | NotComputed:
    """Explain `outcome` in blocks with missing answers imputed m times, and pool.

    Imputed are columns that differ between respondents of a school. Rows that lack the school, a column of
    the school, or every other column are left out: nothing is known to impute them from.

    Formula: those of `regression_blocks` in every data set and of `pool` over them.

    Parameters
    ----------
    frame, outcome, blocks, cluster, categorical, confidence
        As in `regression_blocks`.
    auxiliary : sequence of str
        Numeric columns that help to predict what is missing and are in no model.
    plan : ChainedEquations, optional
        Number of data sets, rounds, donors and seed.

    Returns
    -------
    ImputedRegression or NotComputed
        Nothing is missing (``nothing-missing``); a column is absent; fewer than two data sets are asked
        for; no row is left.

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. R: ``mice``, ``mitml``.
    """
    wanted = plan or ChainedEquations()
    terms = [name for members in blocks.values() for name in members]
    columns = list(dict.fromkeys([outcome, *terms, *auxiliary]))
    absent = tuple(name for name in [*columns, *([cluster] if cluster else [])] if name not in frame)
    if absent:
        details: dict[str, object] = {"outcome": outcome, "columns": absent}
        return NotComputed("imputed_regression", "regression-column-missing", details, len(frame))
    if wanted.m < 2:
        return NotComputed("imputed_regression", "imputations-few", {"columns": 1, "m": wanted.m}, len(frame))
    rows = _usable(frame, columns, cluster)
    gaps = {name: int(rows[name].isna().sum()) for name in columns}
    if rows.empty or any(count == len(rows) for count in gaps.values()):
        emptiest = str(frame[columns].notna().sum().idxmin())
        details = {"outcome": outcome, "rows": len(frame), "column": emptiest}
        return NotComputed("imputed_regression", "regression-no-rows", details, 0)
    if not any(gaps.values()):
        return NotComputed("imputed_regression", "nothing-missing", {"columns": tuple(columns)}, len(rows))
    levels = {name: tuple(values) for name, values in (categorical or {}).items()}
    fits = [
        regression_blocks(data, outcome, blocks, cluster, levels, confidence)
        for data in completed(rows, columns, tuple(levels), cluster, wanted)
    ]
    return ImputedRegression(
        outcome=outcome,
        m=wanted.m,
        n=len(rows),
        missing=len(frame) - len(rows),
        rows_imputed=int(rows[columns].isna().any(axis=1).sum()),
        gaps={name: count for name, count in gaps.items() if count},
        models=tuple(_pooled(fits, at) for at in range(len(blocks))),
        confidence=confidence,
    )


def _usable(frame: pd.DataFrame, columns: Sequence[str], cluster: str | None) -> pd.DataFrame:
    own = list(columns)
    keep = np.ones(len(frame), dtype=bool)
    if cluster is not None:
        keep &= frame[cluster].notna().to_numpy()
        groups = frame[keep].groupby(cluster, sort=False, observed=True)[own].nunique()
        fixed = [name for name in own if int(groups[name].max() if len(groups) else 0) <= 1]
        # A column that is the same for all of a school is the school's: it is known or it is not.
        keep &= frame[fixed].notna().all(axis=1).to_numpy()
        own = [name for name in own if name not in fixed]
    if own:
        keep &= frame[own].notna().any(axis=1).to_numpy()
    return frame[keep].reset_index(drop=True)


def _pooled(fits: Sequence[BlockRegression], at: int) -> ImputedModel:
    models = [fit.models[at] for fit in fits]
    first = models[0]
    failed = next((model.fit for model in models if isinstance(model.fit, NotComputed)), None)
    results = [model.fit for model in models if isinstance(model.fit, Regression)]
    differs = len({fit.columns for fit in results}) > 1
    if failed is not None or differs:
        reason = failed or NotComputed("imputed_regression", "imputations-differ", {"block": first.block}, 0)
        return ImputedModel(first.number, first.block, (), reason, "", float("nan"), reason)
    columns = results[0].columns
    pooled = pool([fit.b for fit in results], [fit.covariance for fit in results], results[0].df)
    block_of = _block_of(fits[0])
    terms = (("", INTERCEPT), *((block_of[column], column) for column in columns))
    added = [place for place, column in enumerate(columns, start=1) if block_of[column] == first.block]
    names = [columns[place - 1] for place in added]
    change: WaldTest | NotComputed
    if added:
        change = pooled.wald(added, names)
    else:
        change = NotComputed("F-change", "block-adds-nothing", {"outcome": results[0].outcome}, 0)
    r2 = pool_r2([fit.r2 for fit in results])
    return ImputedModel(first.number, first.block, terms, pooled, results[0].se_type, r2, change)


def _block_of(fit: BlockRegression) -> dict[str, str]:
    if isinstance(fit.design, NotComputed):
        return {}
    return {column: term.block for term in fit.design.terms for column in term.columns}
