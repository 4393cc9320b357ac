"""Staggered treatment: the effect in each wave on each group of units that began together."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.notcomputed import NotComputed

FloatArray = NDArray[np.float64]
Controls = Literal["never", "not_yet"]


@dataclass(frozen=True, slots=True)
class GroupTimeEffects:
    """Effects by group and wave, and their means.

    Parameters
    ----------
    frame : DataFrame
        One row a group and wave: ``group, period, estimate, se, low, high, treated, controls``. Waves before
        the group begins are placebos: their effects should be nothing.
    summary : DataFrame
        ``kind, value, estimate, se, low, high``. ``kind`` is ``overall`` (mean over treated groups and waves,
        by units), ``group``, ``event`` (waves since the beginning, ``value``) or ``period``.
    n : int
        Units used.
    missing : int
        Units dropped: not in every wave, or treated in the first.
    """

    frame: pd.DataFrame
    summary: pd.DataFrame
    n: int
    missing: int

    def to_frame(self) -> pd.DataFrame:
        """Return one row a group and wave."""
        return self.frame.copy()


def group_time_effects(
    panel: pd.DataFrame,
    controls: Controls = "never",
    level: float = 0.95,
) -> GroupTimeEffects | NotComputed:
    r"""Estimate group-time effects without covariates.

    .. math::

        ATT(g, t) = E[Y_t - Y_b \mid G = g] - E[Y_t - Y_b \mid C], \quad
        b = g - 1 \text{ for } t \ge g, \; t - 1 \text{ before}

    with C the units never treated, or those not treated by t either. Each unit's share in an estimate (its
    influence function) gives the errors of every effect and of every mean of effects; the weights of means,
    group sizes, are estimated too and their share is added.

    Parameters
    ----------
    panel : DataFrame
        ``unit, period, outcome, begins``: one row a unit and wave; ``begins`` is the unit's first treated
        wave, NaN for never. Waves may be any ascending numbers; g − 1 is the wave before g.
    controls : {"never", "not_yet"}
        Whom the treated are compared with.
    level : float
        Of the (pointwise) intervals.

    Returns
    -------
    GroupTimeEffects or NotComputed
        NotComputed where there is no treated group or nobody to compare with.

    References
    ----------
    Callaway, B. & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods.
    J. Econometrics 225, 200-230. R: ``did::att_gt(control_group = "nevertreated", bstrap = FALSE)``.
    """
    wide = panel.pivot(index="unit", columns="period", values="outcome").sort_index(axis=1)
    begins = panel.groupby("unit")["begins"].first().reindex(wide.index).to_numpy(np.float64)
    waves = wide.columns.to_numpy(np.float64)
    y = wide.to_numpy(np.float64)
    kept = np.isfinite(y).all(axis=1) & ~(begins <= waves[0])
    y, begins = y[kept], begins[kept]
    n = len(y)
    groups = np.unique(begins[np.isfinite(begins) & (begins <= waves[-1])])
    begins = np.where(begins > waves[-1], np.nan, begins)
    if not len(groups):
        return NotComputed("group_time_effects", "panel-nobody-treated", {}, n)
    rows, influences = [], []
    for g in groups:
        for at in range(1, len(waves)):
            base = int(np.searchsorted(waves, g)) - 1 if waves[at] >= g else at - 1
            effect = _effect(y, begins, g, waves, at, base, controls)
            if effect is not None:
                estimate, influence, treated, compared = effect
                rows.append((g, waves[at], estimate, treated, compared))
                influences.append(influence)
    if not rows:
        return NotComputed("group_time_effects", "panel-nobody-to-compare", {}, n)
    frame = pd.DataFrame(rows, columns=["group", "period", "estimate", "treated", "controls"])
    shares = np.stack(influences)
    frame = _with_errors(frame, shares, level)
    columns = ["group", "period", "estimate", "se", "low", "high", "treated", "controls"]
    return GroupTimeEffects(
        frame[columns], _summary(frame, shares, begins, waves, level), n, int((~kept).sum())
    )


def _effect(
    y: FloatArray,
    begins: FloatArray,
    g: float,
    waves: FloatArray,
    at: int,
    base: int,
    controls: Controls,
) -> tuple[float, FloatArray, int, int] | None:
    """Return the effect, each unit's influence on it, how many were treated and compared."""
    own = begins == g
    other = np.isnan(begins)
    if controls == "not_yet":
        other |= (begins > max(waves[at], waves[base])) & ~own
    if not own.any() or not other.any():
        return None
    change = y[:, at] - y[:, base]
    n, p_own, p_other = len(y), own.mean(), other.mean()
    mean_own, mean_other = float(change[own].mean()), float(change[other].mean())
    influence = own / p_own * (change - mean_own) - other / p_other * (change - mean_other)
    return mean_own - mean_other, np.asarray(influence / n), int(own.sum()), int(other.sum())


def _with_errors(frame: pd.DataFrame, shares: FloatArray, level: float) -> pd.DataFrame:
    from scipy.stats import norm

    se = np.sqrt((shares**2).sum(axis=1))
    half = norm.ppf((1 + level) / 2) * se
    return frame.assign(se=se, low=frame["estimate"] - half, high=frame["estimate"] + half)


def _summary(
    frame: pd.DataFrame, shares: FloatArray, begins: FloatArray, waves: FloatArray, level: float
) -> pd.DataFrame:
    group, period = frame["group"].to_numpy(), frame["period"].to_numpy()
    position = {wave: at for at, wave in enumerate(waves)}
    event = np.array(
        [position[t] - int(np.searchsorted(waves, g)) for g, t in zip(group, period, strict=True)]
    )
    after = period >= group
    chosen: list[tuple[str, float, NDArray[np.bool_]]] = [("overall", np.nan, after)]
    chosen += [("group", g, after & (group == g)) for g in np.unique(group)]
    chosen += [("event", e, event == e) for e in np.unique(event)]
    chosen += [("period", t, after & (period == t)) for t in np.unique(period[after])]
    rows, influences = [], []
    n = len(begins)
    for kind, value, rows_chosen in chosen:
        if not rows_chosen.any():
            continue
        at = np.flatnonzero(rows_chosen)
        size = np.array([(begins == g).mean() for g in group[at]])
        weight = size / size.sum()
        estimates = frame["estimate"].to_numpy()[at]
        # Group sizes are estimated: a unit shifts them by (1[G = g] - P(G = g)) / n.
        shift = (begins[None, :] == group[at][:, None]) - size[:, None]
        of_weights = (shift / size.sum() - weight[:, None] * shift.sum(axis=0) / size.sum()) / n
        influences.append(weight @ shares[at] + estimates @ of_weights)
        rows.append((kind, value, float(weight @ estimates)))
    summary = pd.DataFrame(rows, columns=["kind", "value", "estimate"])
    return _with_errors(summary, np.stack(influences), level)[
        ["kind", "value", "estimate", "se", "low", "high"]
    ]
