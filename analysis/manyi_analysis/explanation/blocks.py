"""Regression in blocks: what each block adds on the same rows, and total and direct effects of its terms."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd

from manyi_analysis.explanation.clustered import FEW_CLUSTERS, clustered_ols
from manyi_analysis.explanation.design import Design, Term, design
from manyi_analysis.explanation.ols import INTERCEPT, Regression, WaldTest, gvif, ols
from manyi_analysis.records.notcomputed import NotComputed

REGRESSION_COLUMNS = (
    *("outcome", "model", "block", "term", "b", "se", "se_type", "beta", "t", "df", "p", "low", "high"),
    *("vif", "vif_scaled", "reference", "effect", "reason"),
)
MODEL_COLUMNS = (
    *("outcome", "model", "block", "n", "missing", "clusters", "r2", "adj_r2", "delta_r2"),
    *("f_change", "df1", "df2", "p_change", "reason", "note"),
)
WORDS = ("outcome", "model", "block", "term", "se_type", "reference", "effect", "reason", "note")
COUNTS = ("n", "missing", "clusters", "df1", "df2")


@dataclass(frozen=True, slots=True)
class BlockModel:
    """The model after a block was entered.

    Parameters
    ----------
    number : int
        1 for the first block.
    block : str
        The block added.
    fit : Regression or NotComputed
        All blocks up to this one.
    delta_r2 : float or NotComputed
        R² less that of the model before; of the first block, its R².
    change : WaldTest or NotComputed
        Test that the block adds nothing, on the same rows.
    """

    number: int
    block: str
    fit: Regression | NotComputed
    delta_r2: float | NotComputed
    change: WaldTest | NotComputed


@dataclass(frozen=True, slots=True)
class BlockRegression:
    """One outcome explained in blocks.

    Parameters
    ----------
    outcome : str
        Column explained.
    blocks : Mapping
        Block -> names of its terms, in the order entered.
    design : Design or NotComputed
        Columns and rows of every model.
    models : tuple of BlockModel
        One a block.
    """

    outcome: str
    blocks: Mapping[str, tuple[str, ...]]
    design: Design | NotComputed
    models: tuple[BlockModel, ...]

    def effect(self, block: str, model: int) -> str:
        """Return what a block's coefficients mean in a model.

        Parameters
        ----------
        block : str
            Block of the term.
        model : int
            Number of the model.

        Returns
        -------
        str
            ``"total"`` where the block was entered last while others are still to come, ``"direct"`` once a
            later block stands beside it (what is left when the later block's part is taken out), empty for
            the last block, which no model takes apart.
        """
        order = list(self.blocks).index(block) + 1
        if model > order:
            return "direct"
        return "total" if order < len(self.blocks) else ""

    def to_frame(self) -> pd.DataFrame:
        """Return one row a model and coefficient, aliased columns with their reason: table ``regression``."""
        rows = [row for model in self.models for row in self._rows(model)]
        return _table(rows, REGRESSION_COLUMNS)

    def models_to_frame(self) -> pd.DataFrame:
        """Return one row a model: table ``regression_models``."""
        return _table([self._model_row(model) for model in self.models], MODEL_COLUMNS)

    def _rows(self, model: BlockModel) -> list[dict[str, object]]:
        base: dict[str, object] = {"outcome": self.outcome, "model": str(model.number), "reason": ""}
        entered = list(self.blocks)[: model.number]
        if isinstance(self.design, NotComputed) or isinstance(model.fit, NotComputed):
            failed = model.fit if isinstance(model.fit, NotComputed) else self.design
            reason = failed.reason if isinstance(failed, NotComputed) else ""
            terms = [("", INTERCEPT), *((block, name) for block in entered for name in self._names(block))]
            return [
                {
                    **base,
                    "block": block,
                    "term": name,
                    "effect": self.effect(block, model.number) if block else "",
                    "reason": reason,
                }
                for block, name in terms
            ]
        estimates = cast(
            dict[str, dict[str, object]], model.fit.to_frame().set_index("term").to_dict("index")
        )
        result = [base | estimates[INTERCEPT] | {"block": "", "term": INTERCEPT, "effect": ""}]
        why = {alias.column: alias.reason.reason for alias in self.design.aliased}
        for term in self.design.terms:
            if term.block not in entered:
                continue
            base |= {"block": term.block, "effect": self.effect(term.block, model.number)}
            inflation = _inflation(model.fit, term)
            for column in term.columns:
                row = {**base, "term": column, "reference": term.reference}
                if column in why:
                    result.append({**row, "reason": why[column]})
                    continue
                result.append(row | estimates[column] | inflation)
                if term.dummies:
                    result[-1]["beta"] = np.nan
        return result

    def _names(self, block: str) -> tuple[str, ...]:
        if isinstance(self.design, NotComputed):
            return self.blocks[block]
        return tuple(column for term in self.design.terms if term.block == block for column in term.columns)

    def _model_row(self, model: BlockModel) -> dict[str, object]:
        row: dict[str, object] = {"outcome": self.outcome, "model": str(model.number), "block": model.block}
        row |= {"reason": "", "note": ""}
        if isinstance(self.design, Design):
            row |= {
                "n": self.design.n,
                "missing": self.design.missing,
                "clusters": self.design.clusters if self.design.clustered else np.nan,
            }
        if isinstance(model.fit, NotComputed):
            return {**row, "reason": model.fit.reason}
        row |= {"r2": model.fit.r2, "adj_r2": model.fit.adj_r2, "note": _note(model.fit)}
        if not isinstance(model.delta_r2, NotComputed):
            row["delta_r2"] = model.delta_r2
        if isinstance(model.change, NotComputed):
            return {**row, "reason": model.change.reason}
        change = model.change
        return row | {"f_change": change.f, "df1": change.df1, "df2": change.df2, "p_change": change.p}


def regression_blocks(
    frame: pd.DataFrame,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    cluster: str | None = None,
    categorical: Mapping[str, Iterable[object]] | None = None,
    confidence: float = 0.95,
) -> BlockRegression:
    """Explain `outcome` in blocks entered one after the other, with errors clustered by school.

    Formula: that of `ols`, with a cluster that of `clustered_ols`; ΔR² = R²_m - R²_(m-1), tested by F =
    b'V⁻¹b/q of the block's q coefficients.

    Parameters
    ----------
    frame : DataFrame
        Scored answers, one row a respondent, school indicators joined; NaN is missing.
    outcome : str
        Numeric column.
    blocks : Mapping
        Block name -> columns, in the order entered: background, school indicators, perceived scales.
        Perceived quality mediates what schools have, so it stands last: see ``effect``.
    cluster : str, optional
        Column of the school. Without it errors are classical and the F-change is the ordinary one.
    categorical : Mapping, optional
        Term -> its levels, used as dummies.
    confidence : float
        Level of the confidence limits.

    Returns
    -------
    BlockRegression
        Every model on the same rows. A model that cannot be computed holds the reason; the others stand.

    References
    ----------
    Cohen, J., Cohen, P., West, S. G. & Aiken, L. S. (2003). Applied Multiple Regression, 3rd ed., sec. 5.4;
    Cameron, A. C. & Miller, D. L. (2015). Journal of Human Resources 50, 317-372. R: ``anova(lm(y ~ block1),
    lm(y ~ block1 + block2))``; clustered ``clubSandwich::Wald_test(fit, constrain_zero(block), vcovCR(fit,
    school, "CR1S"), test = "Naive-F")``.
    """
    plan = {name: tuple(terms) for name, terms in blocks.items()}
    built = design(frame, outcome, plan, categorical, cluster)
    if isinstance(built, NotComputed):
        failed = tuple(
            BlockModel(number, block, built, built, built) for number, block in enumerate(plan, start=1)
        )
        return BlockRegression(outcome, plan, built, failed)
    return design_regression(built, confidence)


def design_regression(built: Design, confidence: float = 0.95) -> BlockRegression:
    """Fit the models of a design: all that `regression_blocks` does after the pass over the respondents.

    Parameters
    ----------
    built : Design
        Terms and per-school moments.
    confidence : float
        Level of the confidence limits.
    """
    models: list[BlockModel] = []
    for number, block in enumerate(built.blocks, start=1):
        columns = built.kept(built.blocks[:number])
        fit = (
            clustered_ols(built.moments, built.outcome, columns, confidence)
            if built.clustered
            else ols(built.moments.overall(), built.outcome, columns, confidence)
        )
        if isinstance(fit, NotComputed):
            models.append(BlockModel(number, block, fit, fit, fit))
            continue
        before: float | NotComputed = 0.0
        if models:
            earlier = models[-1].fit
            before = earlier if isinstance(earlier, NotComputed) else earlier.r2
        gained = before if isinstance(before, NotComputed) else fit.r2 - before
        models.append(BlockModel(number, block, fit, gained, fit.wald(built.kept((block,)))))
    plan = {block: tuple(term.name for term in built.terms if term.block == block) for block in built.blocks}
    return BlockRegression(built.outcome, plan, built, tuple(models))


def _inflation(fit: Regression, term: Term) -> dict[str, float]:
    """Return a term's VIF, or GVIF where several columns stand for it, and GVIF^(1/(2q))."""
    at = [fit.columns.index(column) for column in term.columns if column in fit.columns]
    if not at:
        return {}
    value = gvif(fit.correlation, at)
    return {"vif": value, "vif_scaled": value ** (1.0 / (2 * len(at)))}


def _note(fit: Regression) -> str:
    if 0 < fit.clusters < FEW_CLUSTERS:
        return NotComputed("regression", "few-clusters", {"clusters": fit.clusters}, fit.n).reason
    return ""


def _table(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> pd.DataFrame:
    """Return rows as a table: words empty where absent, complete counts as integers, the rest as floats."""
    empty: dict[str, object] = {name: "" if name in WORDS else np.nan for name in columns}
    frame = pd.DataFrame([{**empty, **row} for row in rows], columns=list(columns))
    counts = {name: np.int64 for name in COUNTS if name in frame and frame[name].notna().all()}
    numbers = {name: np.float64 for name in columns if name not in WORDS}
    return frame.astype({**numbers, **counts})
