"""The gap between what respondents expected and what they perceive: a paired difference, item by item."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from manyi_analysis.differences.adjustment import Adjustment, adjusted
from manyi_analysis.differences.comparison import Effect
from manyi_analysis.differences.noncentral import t_noncentrality
from manyi_analysis.level.interval import Interval, mean_interval
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.moments import Moments
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True)
class Gap:
    """Perception less expectation of the same respondents.

    Parameters
    ----------
    expectation, perception : str
        The two columns.
    n, missing : int
        Respondents who have both; who lack one (or, with schools, the school).
    mean_expectation, mean_perception : float
        Of those respondents.
    plain : Interval
        The gap with limits from the paired t.
    clustered : Interval or None
        The same with schools allowed for; None where fewer than two are known.
    p, p_clustered : float
        That the gap is zero, on n - 1 and on S - 1 degrees of freedom; the second NaN without schools.
    effect : Effect
        d_z, the gap over its standard deviation.
    correlation : float
        Of expectation and perception; NaN where one of them does not vary.
    """

    expectation: str
    perception: str
    n: int
    missing: int
    mean_expectation: float
    mean_perception: float
    plain: Interval
    clustered: Interval | None
    p: float
    p_clustered: float
    effect: Effect
    correlation: float

    def row(self) -> dict[str, object]:
        """Return the row of the table ``gaps``."""
        schools = self.clustered
        return {
            "expectation": self.expectation,
            "perception": self.perception,
            "n": self.n,
            "missing": self.missing,
            "mean_expectation": self.mean_expectation,
            "mean_perception": self.mean_perception,
            "gap": self.plain.value,
            "se": self.plain.se,
            "low": self.plain.low,
            "high": self.plain.high,
            "t": self.plain.value / self.plain.se,
            "df": self.n - 1,
            "p": self.p,
            "schools": 0 if schools is None else schools.schools,
            "se_clustered": np.nan if schools is None else schools.se,
            "low_clustered": np.nan if schools is None else schools.low,
            "high_clustered": np.nan if schools is None else schools.high,
            "p_clustered": self.p_clustered,
            "effect": self.effect.value,
            "effect_name": self.effect.name,
            "effect_low": self.effect.low,
            "effect_high": self.effect.high,
            "correlation": self.correlation,
            "reason": "",
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row; see `gap_frame`."""
        return gap_frame([self])


def expectation_gap(
    moments: Moments | GroupedMoments, expectation: str, perception: str, confidence: float = 0.95
) -> Gap | NotComputed:
    """Compare what respondents perceive with what they expected.

    gap = perception - expectation; t = mean gap / (s/√n) on n - 1, and d_z = mean gap / s.

    Parameters
    ----------
    moments : Moments or GroupedMoments
        Of both columns, listwise; one group a school where errors are to allow for schools.
    expectation, perception : str
        Columns on one scale: a gap between unlike scales means nothing.
    confidence : float
        Level of all limits; of d_z by noncentral t.

    Returns
    -------
    Gap or NotComputed
        NotComputed with fewer than two respondents, or where all have the same gap.

    References
    ----------
    Parasuraman, A., Zeithaml, V. A. & Berry, L. L. (1985). J. Marketing 49(4), 41-50; Goulet-Pelletier,
    J.-C. & Cousineau, D. (2018). Quantitative Methods for Psychology 14, 242-265 (d_z). R:
    ``t.test(perception, expectation, paired = TRUE)``, ``effectsize::cohens_d(paired = TRUE)``.
    """
    chosen = moments.select((expectation, perception))
    whole = chosen.overall() if isinstance(chosen, GroupedMoments) else chosen
    details: dict[str, object] = {"expectation": expectation, "perception": perception}
    if whole.n < 2:
        return NotComputed("expectation_gap", "too-few-rows", {**details, "needed": 2}, whole.n)
    spread = whole.covariance
    variance = float(spread[0, 0] + spread[1, 1] - 2.0 * spread[0, 1])
    if not variance > 1e-12 * float(spread[0, 0] + spread[1, 1]):
        return NotComputed("expectation_gap", "gap-no-difference", details, whole.n)
    difference = float(whole.mean[1] - whole.mean[0])
    n, total, square = _differences(chosen, difference)
    plain = _moved(mean_interval(n, total, square, False, confidence), difference)
    schools = int((n[:-1] > 0).sum())
    clustered = None
    if isinstance(chosen, GroupedMoments) and schools > 1:
        clustered = _moved(mean_interval(n, total, square, True, confidence), difference)
    sd = float(np.sqrt(variance))
    low, high = t_noncentrality(plain.value / plain.se, whole.n - 1.0, confidence)
    scale = 1.0 / np.sqrt(whole.n)
    return Gap(
        expectation=expectation,
        perception=perception,
        n=whole.n,
        missing=whole.missing,
        mean_expectation=float(whole.mean[0]),
        mean_perception=float(whole.mean[1]),
        plain=plain,
        clustered=clustered,
        p=_probability(plain, whole.n - 1),
        p_clustered=np.nan if clustered is None else _probability(clustered, schools - 1),
        effect=Effect("cohens_dz", difference / sd, low * scale, high * scale, confidence, "noncentral t"),
        correlation=float(whole.correlation[0, 1]),
    )


def gap_frame(gaps: Sequence[Gap | NotComputed], adjustment: Adjustment = "holm") -> pd.DataFrame:
    """Return one row a gap: table ``gaps`` without ``role``, p adjusted over all of them as one family."""
    rows = []
    for gap in gaps:
        if isinstance(gap, Gap):
            rows.append(gap.row())
        else:
            named = {name: gap.details.get(name, "") for name in ("expectation", "perception")}
            rows.append({**named, "n": gap.n, "reason": gap.reason})
    frame = pd.DataFrame(rows)
    for name in ("p", "p_clustered"):
        if name in frame:
            values = frame[name].astype(np.float64).tolist()
            frame[f"{name}_adjusted"] = adjusted(values, adjustment)
    return frame.assign(adjustment=adjustment)


def _differences(chosen: Moments | GroupedMoments, middle: float) -> tuple[Floats, Floats, Floats]:
    """Return n, sum and sum of squares of the differences about `middle` by school, last without one."""
    step = float(chosen.shift[1] - chosen.shift[0]) - middle
    if isinstance(chosen, GroupedMoments):
        n, total, cross = chosen.n.astype(np.float64), chosen.total, chosen.cross
    else:
        n, total, cross = np.array([float(chosen.n)]), chosen.total[None], chosen.cross[None]
    sums = total[:, 1] - total[:, 0]
    squares = cross[:, 1, 1] + cross[:, 0, 0] - 2.0 * cross[:, 0, 1]
    square = squares + 2.0 * step * sums + n * step**2
    return np.append(n, 0.0), np.append(sums + n * step, 0.0), np.append(square, 0.0)


def _moved(found: Interval, middle: float) -> Interval:
    value, low, high = (part + middle for part in (found.value, found.low, found.high))
    return Interval(found.n, found.schools, value, found.se, low, high, found.method)


def _probability(found: Interval, df: int) -> float:
    if not found.se > 0:
        return np.nan
    return 2.0 * float(special.stdtr(df, -abs(found.value) / found.se))
