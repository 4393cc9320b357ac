"""The main results under every way to exclude: alphas, indices and coefficients, each from one pass."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import add

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.explanation.clustered import clustered_ols
from manyi_analysis.explanation.design import Design, aliased_columns, design, level_name
from manyi_analysis.explanation.ols import ols
from manyi_analysis.level.interval import mean_interval, share_interval
from manyi_analysis.level.satisfaction import SHARES, respondent_values
from manyi_analysis.measurement.reliability import cronbach_alpha
from manyi_analysis.records.grouped import GroupedMoments, group_codes
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.pairwise_groups import PairwiseGroups
from manyi_analysis.robustness.exclusion import Flag, Signatures
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import IndexDefinition

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

COLUMNS = (
    *("variant", "rule", "kept", "statistic", "outcome", "term", "n"),
    *("value", "low", "high", "difference", "reason"),
)
#: Column of the groups beside the answers; no item or scale holds a space.
_GROUP = " group"


@dataclass(frozen=True, slots=True)
class Estimate:
    """One result under one variant.

    Parameters
    ----------
    term : str
        Of a coefficient; empty for the others.
    n : int
        Respondents it rests on.
    value, low, high : float
        The result and its confidence limits; NaN where there is a reason.
    reason : str
        Why there is no result, or why it is not shown.
    """

    term: str
    n: int
    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One statistic under every variant.

    Parameters
    ----------
    statistic : {"alpha", "index", "coefficient"}
    outcome : str
        Scale, measure, or outcome of the regression.
    signatures : Signatures
        The variants and whom they keep.
    estimates : tuple of tuple of Estimate
        For each variant its estimates, the same terms in the same order; the plan's first.
    """

    statistic: str
    outcome: str
    signatures: Signatures
    estimates: tuple[tuple[Estimate, ...], ...]

    def to_frame(self) -> pd.DataFrame:
        """Return one row a variant and term: table ``sensitivity``. ``difference``: value less the plan's."""
        planned = {estimate.term: estimate.value for estimate in self.estimates[0]}
        rows = [
            (
                *(variant.kind, variant.rule, int(kept), self.statistic, self.outcome, found.term, found.n),
                *(found.value, found.low, found.high),
                *(found.value - planned.get(found.term, np.nan), found.reason),
            )
            for variant, kept, estimates in zip(
                self.signatures.variants, self.signatures.rows, self.estimates, strict=True
            )
            for found in estimates
        ]
        return pd.DataFrame(rows, columns=list(COLUMNS))


def alpha_sensitivity(
    answers: pd.DataFrame,
    scale: str,
    items: Sequence[str],
    signatures: Signatures,
    minimum: int,
    confidence: float = 0.95,
    pairwise: bool = False,
) -> Sensitivity:
    """Return Cronbach's alpha of a scale under every variant.

    Formula: that of `cronbach_alpha` with Feldt's limits, on the rows that each variant keeps.

    Parameters
    ----------
    answers : DataFrame
        Scored answers of all respondents, excluded ones too, in the order of ``signatures.code``.
    scale : str
        Its id.
    items : sequence of str
        Its keyed items.
    signatures : Signatures
        The variants.
    minimum : int
        A variant that differs from another by fewer respondents is not shown.
    confidence : float
        Level of Feldt's limits.
    pairwise : bool
        Each covariance on the rows that have both items; else rows complete on all items.

    References
    ----------
    Steegen, S., Tuerlinckx, F., Gelman, A., & Vanpaemel, W. (2016). Increasing transparency through a
    multiverse analysis. Perspectives on Psychological Science, 11, 702-712. R: ``psych::alpha(x[keep,
    ])$total``.
    """
    frame = pd.DataFrame({name: answers[name] for name in items})
    frame[_GROUP] = signatures.code
    grouped = (PairwiseGroups if pairwise else GroupedMoments).of(frame, items, _GROUP)
    parts = [moments for _, moments in grouped.items()]

    def found(kept: Flag) -> tuple[Estimate, ...]:
        chosen = [part for part, use in zip(parts, kept, strict=True) if use]
        if not chosen:
            return (_nobody("cronbach_alpha"),)
        alpha = cronbach_alpha(reduce(add, chosen), confidence)
        if isinstance(alpha, NotComputed):
            return (Estimate("", alpha.n, reason=alpha.reason),)
        return (Estimate("", alpha.n, alpha.alpha, alpha.low, alpha.high),)

    counts = np.array([moments.n for moments in parts], dtype=np.int64)
    return _under_each("alpha", scale, signatures, counts, minimum, found)


def index_sensitivity(
    answers: pd.DataFrame,
    questionnaire: Questionnaire,
    measure: str,
    definition: IndexDefinition,
    signatures: Signatures,
    minimum: int,
    confidence: float = 0.95,
    school: str | None = None,
) -> Sensitivity:
    """Return the satisfaction index of a measure under every variant.

    Formula: that of `satisfaction`, on the rows that each variant keeps.

    Parameters
    ----------
    answers, signatures, minimum, confidence
        As in :func:`alpha_sensitivity`.
    questionnaire : Questionnaire
        Tells items, reverse keys and bounds.
    measure : str
        Scale or item.
    definition : str
        How a score becomes 0 to 100.
    school : str, optional
        Column of the school that limits allow for.

    References
    ----------
    Steegen, S., Tuerlinckx, F., Gelman, A., & Vanpaemel, W. (2016). Perspectives on Psychological Science,
    11, 702-712. R: ``clubSandwich::conf_int(lm(x ~ 1, subset = keep), "CR1S", school, test = "naive-t")``.
    """
    values = respondent_values(answers, questionnaire, measure, definition)
    if isinstance(values, NotComputed):
        lost = Estimate("", values.n, reason=values.reason)
        return Sensitivity("index", measure, signatures, tuple((lost,) for _ in signatures.variants))
    schools, place = group_codes(answers[school]) if school is not None else ((), np.full(len(values), -1))
    used = ~np.isnan(values)
    shape = (signatures.kept.shape[1], len(schools) + 1)
    flat = (signatures.code * shape[1] + np.where(place < 0, len(schools), place))[used]
    scale = 100.0 if definition in SHARES else 1.0
    shift = 0.0 if definition in SHARES or not used.any() else float(values[used].mean())
    moved = values[used] / scale - shift
    size = shape[0] * shape[1]
    n, total, square = (
        np.bincount(flat, weights, minlength=size).reshape(shape).astype(np.float64)
        for weights in (None, moved, moved**2)
    )

    def found(kept: Flag) -> tuple[Estimate, ...]:
        sums = [part[kept].sum(axis=0) for part in (n, total, square)]
        if not sums[0].sum():
            return (_nobody("satisfaction"),)
        clustered = len(schools) > 0
        if definition in SHARES:
            about = share_interval(sums[0], sums[1], clustered, confidence)
        else:
            about = mean_interval(sums[0], sums[1], sums[2], clustered, confidence)
        value, low, high = ((part + shift) * scale for part in (about.value, about.low, about.high))
        return (Estimate("", about.n, value, low, high),)

    counts = n.sum(axis=1).astype(np.int64)
    return _under_each("index", measure, signatures, counts, minimum, found)


def coefficient_sensitivity(
    answers: pd.DataFrame,
    outcome: str,
    blocks: Mapping[str, Sequence[str]],
    headline: str,
    signatures: Signatures,
    minimum: int,
    confidence: float = 0.95,
    cluster: str | None = None,
    categorical: Mapping[str, Iterable[object]] | None = None,
) -> Sensitivity:
    """Return the coefficients of the headline block under every variant.

    They are those of the model in which the block was entered last: total effects, where blocks follow it.
    Errors are clustered as in the regression itself. Rows must be complete on the terms of all blocks.

    Formula: that of `regression_blocks`, on the rows that each variant keeps.

    Parameters
    ----------
    answers, signatures, minimum, confidence
        As in :func:`alpha_sensitivity`; school columns joined.
    outcome, blocks, cluster, categorical
        As in :func:`manyi_analysis.explanation.blocks.regression_blocks`.
    headline : str
        Block whose coefficients are followed.

    References
    ----------
    Steegen, S., Tuerlinckx, F., Gelman, A., & Vanpaemel, W. (2016). Perspectives on Psychological Science,
    11, 702-712. R: ``clubSandwich::conf_int(lm(formula, subset = keep), "CR1S", school, test = "naive-t")``.
    """
    names = [name for terms in blocks.values() for name in terms]
    groups, schools = _groups(answers, signatures, cluster)
    frame = pd.DataFrame({name: answers[name] for name in dict.fromkeys((outcome, *names))})
    frame[_GROUP] = groups
    planned = signatures.kept[0][signatures.code] & frame.notna().all(axis=1).to_numpy()
    levels = _levels(frame, names, dict(categorical or {}), planned)
    built = design(frame, outcome, blocks, levels, _GROUP)
    if isinstance(built, NotComputed):
        lost = tuple(Estimate(name, built.n, reason=built.reason) for name in blocks[headline])
        return Sensitivity("coefficient", outcome, signatures, tuple(lost for _ in signatures.variants))
    entered = list(blocks)[: list(blocks).index(headline) + 1]
    number = np.array([int(key) for key in built.moments.keys], dtype=np.intp)
    of_school, of_signature = number % max(len(schools), 1), number // max(len(schools), 1)

    def found(kept: Flag) -> tuple[Estimate, ...]:
        moments = _of_schools(built.moments, schools, of_school, of_signature, kept)
        columns = tuple(column for term in built.terms for column in term.columns)
        return _coefficients(
            replace(
                built,
                moments=moments,
                clustered=cluster is not None,
                aliased=aliased_columns(moments.overall(), columns) if moments.n.sum() > 1 else (),
            ),
            entered,
            headline,
            confidence,
        )

    counts = np.bincount(of_signature, built.moments.n, minlength=signatures.kept.shape[1]).astype(np.int64)
    return _under_each("coefficient", outcome, signatures, counts, minimum, found)


def _under_each(
    statistic: str,
    outcome: str,
    signatures: Signatures,
    counts: Counts,
    minimum: int,
    found: Callable[[Flag], tuple[Estimate, ...]],
) -> Sensitivity:
    """Compute a statistic under every variant; what would show few persons' answers is left out."""
    hidden = signatures.hidden(counts, minimum)
    reason = NotComputed("sensitivity", "sensitivity-small", {"minimum": minimum}).reason
    estimates = []
    for kept, hide in zip(signatures.kept, hidden, strict=True):
        computed = found(kept)
        if hide:
            computed = tuple(Estimate(estimate.term, estimate.n, reason=reason) for estimate in computed)
        estimates.append(computed)
    return Sensitivity(statistic, outcome, signatures, tuple(estimates))


def _nobody(statistic: str) -> Estimate:
    return Estimate("", 0, reason=NotComputed(statistic, "too-few-rows", {"needed": 2}, 0).reason)


def _groups(
    answers: pd.DataFrame, signatures: Signatures, cluster: str | None
) -> "tuple[pd.Series[int], tuple[str, ...]]":
    """Return the number of each respondent's signature and school together, NA without a school."""
    if cluster is None:
        return pd.Series(signatures.code, index=answers.index, dtype="Int64"), ()
    schools, place = group_codes(answers[cluster])
    together = pd.Series(signatures.code * max(len(schools), 1) + place, index=answers.index, dtype="Int64")
    return together.mask(place < 0), schools


def _levels(
    frame: pd.DataFrame, names: Sequence[str], listed: dict[str, Iterable[object]], planned: Flag
) -> dict[str, Iterable[object]]:
    """Return the levels of each categorical term, those the plan keeps first: its reference holds for all."""
    found: dict[str, Iterable[object]] = {}
    for name in names:
        if name not in listed and pd.api.types.is_numeric_dtype(frame[name]):
            continue
        levels = [level_name(level) for level in listed.get(name, ())]
        levels += sorted({level_name(value) for value in frame[name].dropna().unique()}.difference(levels))
        kept = {level_name(value) for value in frame.loc[planned, name].unique()}
        found[name] = sorted(levels, key=lambda level, kept=kept: level not in kept)  # type: ignore[misc]
    return found


def _of_schools(
    moments: GroupedMoments,
    schools: tuple[str, ...],
    of_school: npt.NDArray[np.intp],
    of_signature: npt.NDArray[np.intp],
    kept: Flag,
) -> GroupedMoments:
    """Return the moments of the schools, summed over the signatures a variant keeps."""
    size, k = max(len(schools), 1), len(moments.columns)
    n, dropped = np.zeros(size, np.int64), np.zeros(size, np.int64)
    total, cross = np.zeros((size, k)), np.zeros((size, k, k))
    for signature in np.flatnonzero(kept):
        at = np.flatnonzero(of_signature == signature)
        # A school stands once in a signature, so plain indexing adds every part.
        place = of_school[at]
        n[place] += moments.n[at]
        dropped[place] += moments.dropped[at]
        total[place] += moments.total[at]
        cross[place] += moments.cross[at]
    return GroupedMoments(moments.columns, schools or ("",), n, dropped, 0, moments.shift, total, cross)


def _coefficients(
    built: Design, entered: Sequence[str], headline: str, confidence: float
) -> tuple[Estimate, ...]:
    """Return the headline block's coefficients in the model of the blocks entered."""
    columns = built.kept(entered)
    fit = (
        clustered_ols(built.moments, built.outcome, columns, confidence)
        if built.clustered
        else ols(built.moments.overall(), built.outcome, columns, confidence)
    )
    why = {alias.column: alias.reason.reason for alias in built.aliased}
    estimates = []
    for term in built.terms:
        for column in term.columns if term.block == headline else ():
            if isinstance(fit, NotComputed):
                estimates.append(Estimate(column, built.n, reason=fit.reason))
            elif column in why:
                estimates.append(Estimate(column, fit.n, reason=why[column]))
            else:
                at = fit.columns.index(column) + 1
                value, low, high = (float(part[at]) for part in (fit.b, fit.low, fit.high))
                estimates.append(Estimate(column, fit.n, value, low, high))
    return tuple(estimates)


def sensitivity_table(found: Iterable[Sensitivity]) -> pd.DataFrame:
    """Return the rows of several statistics one under the other."""
    frames = [sensitivity.to_frame() for sensitivity in found]
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
