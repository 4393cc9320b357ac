"""A regression in blocks on completed data sets, pooled: what the missing answers change."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.explanation.bias_reduced import bias_reduced_ols
from manyi_analysis.explanation.blocks import BlockRegression, regression_blocks
from manyi_analysis.explanation.ols import WaldTest
from manyi_analysis.missing.chained import ChainedEquations
from manyi_analysis.missing.completed_fits import CompletedFit, PooledFit, completed_regression, pool_fits
from manyi_analysis.missing.imputations import Imputations, imputations
from manyi_analysis.missing.pooling import Pooled, pool_r2
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
    fits : tuple of PooledFit
        The coefficients with every kind of error, those of the headline first.
    """

    number: int
    block: str
    terms: tuple[tuple[str, str], ...]
    pooled: Pooled | NotComputed
    se_type: str
    r2: float
    change: WaldTest | NotComputed
    fits: tuple[PooledFit, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class CompletedModel:
    """One model of a regression in blocks on one completed data set.

    Parameters
    ----------
    number : int
        1 for the first block.
    block : str
        The block added.
    blocks : tuple of str
        Block of every coefficient, empty for the intercept.
    fit : CompletedFit or NotComputed
        With CR1 or classical errors.
    reduced : CompletedFit or NotComputed or None
        With CR2 errors; None where they are not wanted.
    """

    number: int
    block: str
    blocks: tuple[str, ...]
    fit: CompletedFit | NotComputed
    reduced: CompletedFit | NotComputed | None


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
        rows: list[dict[str, object]] = []
        for fit in model.fits:
            frame = fit.to_frame(self.confidence).rename(columns={"estimate": "b"})
            frame.insert(0, "block", [block for block, _ in model.terms])
            for row in frame.to_dict("records"):
                rows.append({**base, **{str(name): value for name, value in row.items()}, "reason": ""})
        return rows


def imputed_regression(
    frame: pd.DataFrame,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    cluster: str | None = None,
    categorical: Mapping[str, Iterable[object]] | None = None,
    auxiliary: Sequence[str] = (),
    plan: ChainedEquations | None = None,
    confidence: float = 0.95,
    errors: Sequence[str] = ("CR1",),
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
    errors : sequence of {"CR1", "CR2"}
        Of clustered errors, those of the headline first.

    Returns
    -------
    ImputedRegression or NotComputed
        Nothing is missing (``nothing-missing``); a column is absent; fewer than two data sets are asked
        for; no row is left.

    References
    ----------
    Rubin, D. B. (1987). Multiple Imputation for Nonresponse in Surveys. R: ``mice``, ``mitml``.
    """
    levels = {name: tuple(values) for name, values in (categorical or {}).items()}
    terms = [name for members in blocks.values() for name in members]
    given = imputations(frame, outcome, [*terms, *auxiliary], tuple(levels), cluster, plan)
    if isinstance(given, NotComputed):
        return given
    sets = [
        completed_models(regression_blocks(data, outcome, blocks, cluster, levels, confidence), errors)
        for data in given.sets()
    ]
    return pooled_regression(outcome, given, sets, errors, confidence)


def completed_models(found: BlockRegression, errors: Sequence[str] = ("CR1",)) -> tuple[CompletedModel, ...]:
    """Keep what pooling needs of a regression in blocks on one completed data set.

    Parameters
    ----------
    found : BlockRegression
        Of the completed data set.
    errors : sequence of str
        With ``CR2`` among them, those too where the answers have schools.
    """
    built = found.design
    kept = []
    for model in found.models:
        if isinstance(built, NotComputed) or isinstance(model.fit, NotComputed):
            reason = model.fit if isinstance(model.fit, NotComputed) else built
            if isinstance(reason, NotComputed):
                kept.append(CompletedModel(model.number, model.block, (), reason, None))
            continue
        block_of = {column: term.block for term in built.terms for column in term.columns}
        blocks = ("", *(block_of[column] for column in model.fit.columns))
        reduced: CompletedFit | NotComputed | None = None
        if "CR2" in errors and built.clustered:
            fit = bias_reduced_ols(built.moments, built.outcome, model.fit.columns)
            reduced = fit if isinstance(fit, NotComputed) else completed_regression(fit)
        kept.append(
            CompletedModel(model.number, model.block, blocks, completed_regression(model.fit), reduced)
        )
    return tuple(kept)


def pooled_regression(
    outcome: str,
    given: Imputations,
    sets: Sequence[Sequence[CompletedModel]],
    errors: Sequence[str] = ("CR1",),
    confidence: float = 0.95,
) -> ImputedRegression:
    """Pool a regression in blocks over the completed data sets.

    Formula: that of `pool`; the test of a block is D1 with CR1 or classical errors.

    Parameters
    ----------
    outcome : str
    given : Imputations
        The data sets.
    sets : sequence
        What `completed_models` kept of each.
    errors : sequence of str
        Kinds of errors, those of the headline first.
    confidence : float
        Level of the confidence limits.
    """
    return ImputedRegression(
        outcome=outcome,
        m=len(sets),
        n=given.n,
        missing=given.missing,
        rows_imputed=given.rows_imputed,
        gaps=given.gaps,
        models=tuple(_pooled([models[at] for models in sets], errors, outcome) for at in range(len(sets[0]))),
        confidence=confidence,
    )


def _pooled(models: Sequence[CompletedModel], errors: Sequence[str], outcome: str) -> ImputedModel:
    first = models[0]
    found = pool_fits([model.fit for model in models], first.block)
    if isinstance(found, NotComputed):
        return ImputedModel(first.number, first.block, (), found, "", float("nan"), found)
    terms = tuple(zip(first.blocks, found.terms, strict=True))
    added = [place for place, (block, _) in enumerate(terms) if place and block == first.block]
    change: WaldTest | NotComputed
    if added:
        change = found.pooled.wald(added, [terms[place][1] for place in added])
    else:
        change = NotComputed("F-change", "block-adds-nothing", {"outcome": outcome}, 0)
    r2 = pool_r2([model.fit.measures["r2"] for model in models if isinstance(model.fit, CompletedFit)])
    rows = [found]
    known = [model.reduced for model in models if model.reduced is not None]
    reduced = pool_fits(known, first.block) if len(known) == len(models) else None
    if isinstance(reduced, PooledFit):
        # Where the plan wants CR2 only, these stand in the place of the others.
        rows = (
            [reduced] if "CR1" not in errors else [found, reduced] if errors[0] == "CR1" else [reduced, found]
        )
    return ImputedModel(
        first.number, first.block, terms, found.pooled, found.se_type, r2, change, tuple(rows)
    )
