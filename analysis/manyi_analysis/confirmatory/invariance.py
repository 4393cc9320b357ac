"""Measurement invariance: whether a questionnaire measures the same in all groups, step by step."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from manyi_analysis.confirmatory.cfa import Estimator, cfa_groups
from manyi_analysis.confirmatory.full_information import cfa_full_information
from manyi_analysis.confirmatory.model import FactorModel, Scaling
from manyi_analysis.confirmatory.modification import likelihood_of, score_tests
from manyi_analysis.confirmatory.nested import chi2_difference
from manyi_analysis.confirmatory.parameters import Equal, MatrixName, Parameter
from manyi_analysis.confirmatory.solution import ConfirmatoryAnalysis
from manyi_analysis.records import Moments, NotComputed, PatternMoments
from manyi_analysis.records.fourth import FourthMoments

Step = Literal["configural", "metric", "scalar", "strict"]
STEPS: tuple[Step, ...] = ("configural", "metric", "scalar")
EQUAL: Mapping[Step, tuple[Equal, ...]] = {
    "configural": (),
    "metric": ("loadings",),
    "scalar": ("loadings", "intercepts"),
    "strict": ("loadings", "intercepts", "residuals"),
}
#: What a step adds, as matrices of the table.
ADDED: Mapping[Step, tuple[MatrixName, ...]] = {
    "configural": (),
    "metric": ("Lambda", "Beta"),
    "scalar": ("nu",),
    "strict": ("Theta",),
}
#: A step holds if CFI falls by no more (Cheung & Rensvold, 2002) and RMSEA rises by no more (Chen, 2007).
CFI_FALL, RMSEA_RISE = 0.01, 0.015
#: Indicators of a factor that must stay equal for it to be comparable (Byrne, Shavelson & Muthén, 1989).
ANCHORS = 2


@dataclass(frozen=True, slots=True, eq=False)
class InvarianceStep:
    """One model of the sequence, compared with the last one that stood.

    Parameters
    ----------
    step : str
        ``configural``, ``metric``, ``scalar``, ``strict``, or one of them as ``partial scalar``.
    result : ConfirmatoryAnalysis
    against : str
        The step it is compared with; empty for the first.
    delta_chi2, delta_df, p : float, int, float or None
        Likelihood-ratio test of what the step makes equal; scaled for MLM and MLR (Satorra & Bentler, 2001),
        None where that is negative or there is nothing to compare with.
    delta_cfi, delta_rmsea, delta_srmr : float or None
        This step's less the other's.
    released : tuple of str
        Parameters free in every group though the step would make them equal, in the order of release.
    held : bool
        Whether CFI fell by no more than .01 and RMSEA rose by no more than .015; the first step always does.
        After a step without a degree of freedom CFI alone decides.
    """

    step: str
    result: ConfirmatoryAnalysis
    against: str
    delta_chi2: float | None
    delta_df: int | None
    p: float | None
    delta_cfi: float | None
    delta_rmsea: float | None
    delta_srmr: float | None
    released: tuple[str, ...]
    held: bool


@dataclass(frozen=True, slots=True, eq=False)
class Invariance:
    """The sequence of invariance steps.

    Parameters
    ----------
    by : str
        What the groups are of.
    steps : tuple of InvarianceStep
        In the order in which they were tried.
    stopped : NotComputed or None
        Why a step could not be computed, if one could not.
    left_out : mapping of group to NotComputed
        Groups too small or without variance.
    """

    by: str
    model: FactorModel
    steps: tuple[InvarianceStep, ...]
    stopped: NotComputed | None
    left_out: Mapping[str, NotComputed]
    method: str = (
        "multi-group CFA with mean structure; a step holds if CFI falls ≤ .01 and RMSEA rises ≤ .015"
    )
    source: str = "Meredith (1993); Cheung & Rensvold (2002); Chen (2007); Byrne, Shavelson & Muthén (1989)"

    @property
    def groups(self) -> tuple[str, ...]:
        """Return the groups analysed."""
        return self.steps[0].result.groups

    @property
    def n(self) -> int:
        """Return the rows of all groups."""
        return self.steps[0].result.n

    @property
    def missing(self) -> int:
        """Return the rows dropped."""
        return self.steps[0].result.missing

    @property
    def comparable(self) -> bool:
        """Return whether factor means may be compared: scalar invariance holds, fully or in part."""
        return any(step.held and step.step.endswith(("scalar", "strict")) for step in self.steps)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a step: ``by, step, chi2, df, cfi, rmsea, delta_cfi, delta_chi2, p, …``.

        ``p`` is that of ``delta_chi2``; ``chi2_p`` that of the model itself.
        """
        frames = []
        for step in self.steps:
            fit = step.result.fit
            frames.append(
                {
                    "by": self.by,
                    "model": self.model.name,
                    "step": step.step,
                    "groups": len(step.result.groups),
                    "n": step.result.n,
                    "missing": step.result.missing,
                    "estimator": step.result.estimator,
                    "chi2": fit.test.chi2,
                    "df": fit.test.df,
                    "chi2_p": fit.test.p,
                    "cfi": fit.cfi,
                    "tli": fit.tli,
                    "rmsea": fit.rmsea.value,
                    "rmsea_low": fit.rmsea.low,
                    "rmsea_high": fit.rmsea.high,
                    "srmr": fit.srmr,
                    "aic": fit.aic,
                    "bic": fit.bic,
                    "against": step.against,
                    "delta_chi2": step.delta_chi2,
                    "delta_df": step.delta_df,
                    "p": step.p,
                    "delta_cfi": step.delta_cfi,
                    "delta_rmsea": step.delta_rmsea,
                    "delta_srmr": step.delta_srmr,
                    "held": step.held,
                    "released": "; ".join(step.released),
                    "remarks": "; ".join(remark.reason for remark in step.result.remarks),
                }
            )
        return pd.DataFrame(frames)

    def factor_means_frame(self) -> pd.DataFrame:
        """Return the factor means of the last comparable step: ``group, factor, mean, se, z, p``.

        The first group's are 0. In units of its factor's standard deviation where the scaling is by variance.
        Empty if means may not be compared.
        """
        columns = ["group", "factor", "mean", "se", "z", "p", "step"]
        held = [step for step in self.steps if step.held and step.step.endswith(("scalar", "strict"))]
        if not held:
            return pd.DataFrame(columns=columns)
        frame = held[-1].result.parameters_frame()
        frame = frame[(frame["op"] == "~1") & frame["left"].isin(self.model.latents)]
        frame = frame.rename(columns={"left": "factor", "estimate": "mean"}).assign(step=held[-1].step)
        return frame[columns].reset_index(drop=True)


Fit = Callable[
    [Collection[Equal], Collection[str], ConfirmatoryAnalysis | None], ConfirmatoryAnalysis | NotComputed
]


def invariance(
    groups: Mapping[str, Moments] | Mapping[str, PatternMoments],
    model: FactorModel,
    by: str = "",
    steps: Sequence[Step] = STEPS,
    scaling: Scaling = "variance",
    estimator: Estimator = "ML",
    fourth: Mapping[str, FourthMoments] | None = None,
    partial: bool = True,
    released: Sequence[str] = (),
) -> Invariance | NotComputed:
    r"""Test whether loadings, then intercepts, then error variances are the same in all groups.

    A step that does not hold is tried in part: the parameter whose release improves fit most, by score test,
    is set free in all groups, and so on until the step holds or a factor would have fewer than two equal
    indicators. Later steps keep what was released: an item whose loading differs has its own intercept and
    error variance too.

    The groups share :math:`\Lambda` (metric), then :math:`\nu` too (scalar), then :math:`\Theta` too
    (strict); each step is held against the one before by :math:`\Delta\chi^2` and :math:`\Delta CFI`.

    Parameters
    ----------
    groups : mapping of str to Moments or PatternMoments
        Of the model's items, each group's. With patterns all answers are used, else complete rows.
        Roles are groups too: give each role's moments the common items' names.
    model : FactorModel
    by : str
        What the groups are of, for the table.
    steps : sequence of {"configural", "metric", "scalar", "strict"}
        In this order.
    scaling : {"marker", "variance"}
        Fit does not depend on it. With ``variance`` no loading is fixed, so that each can be released.
    estimator, fourth
        As in `cfa_groups`; robust estimators need complete rows.
    partial : bool
        Try steps in part, and stop at one that does not hold even so. Else all steps are fitted whole, each
        compared with the one before.
    released : sequence of str
        Parameters that are free in all groups from the start: ``"visual =~ x2"``, ``"x3 ~1"``.

    Returns
    -------
    Invariance or NotComputed
        Fewer than two groups that can be analysed, or no configural solution.

    Notes
    -----
    R: ``lavaan::cfa(model, data, group = "g", group.equal = ...)``, ``lavTestLRT``, ``lavTestScore``;
    ``semTools::measEq.syntax``.

    References
    ----------
    Cheung, G. W., & Rensvold, R. B. (2002). Evaluating goodness-of-fit indexes for testing measurement
    invariance. Structural Equation Modeling, 9, 233-255.
    Chen, F. F. (2007). Sensitivity of goodness of fit indexes to lack of measurement invariance. Structural
    Equation Modeling, 14, 464-504.
    """

    def fit(
        equal: Collection[Equal], released: Collection[str], near: ConfirmatoryAnalysis | None = None
    ) -> ConfirmatoryAnalysis | NotComputed:
        complete = {key: one for key, one in groups.items() if isinstance(one, Moments)}
        if complete:
            return cfa_groups(complete, model, scaling, equal, released, estimator, fourth, near=near)
        patterns = {key: one for key, one in groups.items() if isinstance(one, PatternMoments)}
        return cfa_full_information(patterns, model, scaling, equal, released, near)

    if len(groups) < 2:
        n = sum(one.n if isinstance(one, Moments) else int(one.n.sum()) for one in groups.values())
        return NotComputed("invariance", "cfa-too-few-groups", {"groups": tuple(groups)}, n)
    first = fit((), (), None)
    if isinstance(first, NotComputed):
        return NotComputed("invariance", first.code, first.details, first.n)
    done = [InvarianceStep("configural", first, "", None, None, None, None, None, None, (), True)]
    stopped: NotComputed | None = None
    free = tuple(dict.fromkeys(released))
    last = done[0]
    for step in steps:
        if step == "configural":
            continue
        free = _carried(free, step)
        tried = _attempt(fit, groups, step, free, last, partial, done)
        if isinstance(tried, NotComputed):
            stopped = tried
            break
        if partial and not tried.held:
            break
        last, free = tried, tried.released
    return Invariance(by, model, tuple(done), stopped, first.left_out)


def _carried(released: tuple[str, ...], step: Step) -> tuple[str, ...]:
    """Return what stays free in a step: with a loading, the item's intercept, and so on."""
    further = []
    for text in released:
        item = text.split(" =~ ")[1] if " =~ " in text else text.removesuffix(" ~1")
        if step == "scalar":
            further.append(f"{item} ~1")
        elif step == "strict":
            further.append(f"{item} ~~ {item}")
    return tuple(dict.fromkeys((*released, *further)))


def _attempt(
    fit: Fit,
    groups: Mapping[str, Moments] | Mapping[str, PatternMoments],
    step: Step,
    released: tuple[str, ...],
    last: InvarianceStep,
    partial: bool,
    done: list[InvarianceStep],
) -> InvarianceStep | NotComputed:
    """Fit a step, in part if it does not hold whole; the whole step and the last one are kept in ``done``."""
    began, near = released, last.result
    while True:
        result = fit(EQUAL[step], released, near)
        if isinstance(result, NotComputed):
            return NotComputed("invariance", result.code, result.details, result.n)
        concerned = [text for text in released if " =~ " in text or step != "metric"]
        name = f"partial {step}" if concerned else step
        current = _compared(name, result, last, released)
        if released == began:
            done.append(current)
        worst = None if current.held or not partial else _worst(result, groups, step, released)
        if worst is None:
            if released != began:
                done.append(current)
            return current
        released, near = (*released, worst), result


def _worst(
    result: ConfirmatoryAnalysis,
    groups: Mapping[str, Moments] | Mapping[str, PatternMoments],
    step: Step,
    released: tuple[str, ...],
) -> str | None:
    """Return the equal parameter whose release in a group gains most, or None if none may be released."""
    shared: dict[int, list[Parameter]] = {}
    for row in result.table.rows:
        if row.free >= 0 and row.matrix in ADDED[step]:
            shared.setdefault(row.free, []).append(row)
    candidates = [
        row
        for rows in shared.values()
        if len({row.group for row in rows}) > 1
        for row in rows
        if _may_go(row, result.model, released)
    ]
    # Of two groups, releasing in one is releasing in the other.
    if len(result.groups) == 2:
        candidates = [row for row in candidates if row.group == 1]
    if not candidates:
        return None
    gains = score_tests(result, likelihood_of(result, groups), candidates)
    finite = [
        (gain[0], row.text) for gain, row in zip(gains, candidates, strict=True) if np.isfinite(gain[0])
    ]
    return max(finite)[1] if finite else None


def _may_go(row: Parameter, model: FactorModel, released: tuple[str, ...]) -> bool:
    """Return whether a parameter may be released: two indicators of each of its factors must stay equal."""
    if row.text in released or (row.matrix == "Theta" and row.row != row.column):
        return False
    if row.matrix == "Theta":
        return True
    indicator = row.right if row.op == "=~" else row.left
    for by in model.factors.values():
        if indicator not in by:
            continue
        equal = [
            one
            for one in by
            if not any(text == f"{one} ~1" or text.endswith(f"=~ {one}") for text in released)
        ]
        if indicator in equal and len(equal) <= ANCHORS:
            return False
    return True


def _compared(
    name: str, result: ConfirmatoryAnalysis, last: InvarianceStep, released: tuple[str, ...]
) -> InvarianceStep:
    here, there = result.fit, last.result.fit
    delta_chi2, delta_df, p = chi2_difference(result, last.result)
    delta_cfi = here.cfi - there.cfi
    # A model without a degree of freedom has no RMSEA: 0 by definition says nothing about fit.
    delta_rmsea = here.rmsea.value - there.rmsea.value if there.test.df > 0 else None
    return InvarianceStep(
        name,
        result,
        last.step,
        delta_chi2,
        delta_df,
        p,
        delta_cfi,
        delta_rmsea,
        here.srmr - there.srmr,
        released,
        delta_cfi >= -CFI_FALL and (delta_rmsea is None or delta_rmsea <= RMSEA_RISE),
    )
