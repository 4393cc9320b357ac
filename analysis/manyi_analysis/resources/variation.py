"""How unequal the schools of a county are: the pupil-weighted coefficient of variation."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.resources.indicators import SchoolIndicators
from manyi_analysis.resources.thresholds import at_most
from manyi_instruments.standards.definition import COMPOSITE, Standard, VariationRule

FloatArray = NDArray[np.float64]

COLUMNS = ("stage", "indicator", "schools", "pupils", "mean", "sd", "cv", "limit", "met", "missing", "reason")


@dataclass(frozen=True, slots=True)
class Variation:
    """Weighted mean, standard deviation and coefficient of variation.

    Parameters
    ----------
    n : int
        Schools used.
    missing : int
        Schools dropped: no value, or no weight.
    weight : float
        Sum of the weights.
    mean, sd, cv : float
        See :func:`weighted_variation`.
    """

    n: int
    missing: int
    weight: float
    mean: float
    sd: float
    cv: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``n, missing, weight, mean, sd, cv``."""
        names = ("n", "missing", "weight", "mean", "sd", "cv")
        return pd.DataFrame({name: [getattr(self, name)] for name in names})


def weighted_variation(values: FloatArray, weights: FloatArray) -> Variation | NotComputed:
    r"""Coefficient of variation between schools, weighted by their pupils.

    .. math::

        \bar X = \frac{\sum P_i X_i}{\sum P_i}, \quad
        S = \sqrt{\sum \frac{P_i}{P_N} (X_i - \bar X)^2}, \quad CV = S / \bar X

    with :math:`P_N = \sum P_i`. For :math:`X_i = x_i / P_i` the mean is the county's
    :math:`\sum x_i / \sum P_i`. The standard deviation divides by the pupils, not by the schools less one.

    Parameters
    ----------
    values : ndarray, shape (n,)
        The indicator of each school; NaN is missing and drops the school.
    weights : ndarray, shape (n,)
        Its pupils; NaN, zero and less drop the school.

    Returns
    -------
    Variation or NotComputed
        NotComputed with fewer than two schools, or where the mean is zero or negative.

    References
    ----------
    教督〔2017〕6号 and 教督〔2012〕3号, 校际差异系数; worked example in source E of the bundled standard.
    R: ``m <- weighted.mean(x, p); sqrt(weighted.mean((x - m)^2, p)) / m``

    Examples
    --------
    >>> pupils = np.array([45.0, 37, 89, 76, 55])
    >>> books = np.array([279.0, 137, 935, 160, 402])
    >>> result = weighted_variation(books / pupils, pupils)
    >>> f"{result.mean:.3f} {result.sd:.3f} {result.cv:.4f}"
    '6.334 3.264 0.5153'
    """
    used = _usable(values, weights)
    n, missing = int(used.sum()), int((~used).sum())
    if n < 2:
        return NotComputed("county_cv", "variation-too-few-schools", {"schools": n}, n)
    x, weight = values[used], weights[used]
    total = float(weight.sum())
    mean = float(weight @ x) / total
    if mean <= 0:
        return NotComputed("county_cv", "variation-mean-not-positive", {"mean": mean}, n)
    sd = float(np.sqrt(weight @ (x - mean) ** 2 / total))
    return Variation(n, missing, total, mean, sd, sd / mean)


@dataclass(frozen=True, slots=True)
class CountyVariation:
    """The coefficients of variation of a county, held against their limits.

    Parameters
    ----------
    standard : str
        Id of the standard that decided.
    frame : DataFrame
        One row a stage and indicator: ``stage, indicator, schools, pupils, mean, sd, cv, limit, met,
        missing, reason``. Where the standard limits the mean of the coefficients, ``met`` is NA in the
        indicators' rows and a row ``composite`` a stage holds their mean against the limit.
    """

    standard: str
    frame: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the tidy table ``county_cv``."""
        return self.frame.copy()


def county_cv(indicators: SchoolIndicators, standard: Standard) -> CountyVariation | NotComputed:
    """Hold the variation between the schools of each stage against the standard's limits.

    Formula: that of `weighted_variation` over the schools of a stage, weights the pupils; met where CV ≤
    limit.

    Parameters
    ----------
    indicators : SchoolIndicators
        From :func:`school_indicators`; schools that are not evaluated do not enter.
    standard : Standard
        Its ``rules.cv`` and the indicators marked ``cv``.

    Returns
    -------
    CountyVariation or NotComputed
        NotComputed where the standard has no such rule. A limit includes itself.

    References
    ----------
    The standard's ``rules.cv``. R: ``sqrt(weighted.mean((x - m)^2, p)) / m`` by stage, ``m <-
    weighted.mean(x, p)``.
    """
    rule = standard.rules.cv
    if rule is None:
        return NotComputed("county_cv", "standard-no-cv-rule", {"standard": standard.standard})
    parts = [
        _limited(_of_stage(indicators, standard, stage), rule, stage)
        for stage in standard.evaluated_stages
        if stage in rule.limit
    ]
    frame = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLUMNS))
    return CountyVariation(standard.standard, frame[list(COLUMNS)].astype({"met": "boolean"}))


def _of_stage(indicators: SchoolIndicators, standard: Standard, stage: str) -> pd.DataFrame:
    """Return the variation of each indicator that is limited, at one stage."""
    rows = [
        _row(indicators, stage, indicator.id)
        for indicator in standard.indicators
        if indicator.cv and indicator.expression(stage) is not None
    ]
    return pd.DataFrame(rows, columns=[column for column in COLUMNS if column not in ("limit", "met")])


def _row(indicators: SchoolIndicators, stage: str, indicator: str) -> dict[str, object]:
    frame = indicators.frame
    at = ((frame["stage"] == stage) & (frame["indicator"] == indicator)).to_numpy(bool) & indicators.evaluated
    values, weights = frame["value"].to_numpy(np.float64)[at], indicators.weight[at]
    used = _usable(values, weights)
    result = weighted_variation(values, weights)
    numbers = (
        (result.mean, result.sd, result.cv) if isinstance(result, Variation) else (np.nan, np.nan, np.nan)
    )
    return {
        "stage": stage,
        "indicator": indicator,
        "schools": result.n,
        "pupils": float(np.nansum(frame["pupils"].to_numpy(np.float64)[at][used])),
        **dict(zip(("mean", "sd", "cv"), numbers, strict=True)),
        "missing": int((~used).sum()),
        "reason": "" if isinstance(result, Variation) else result.reason,
    }


def _usable(values: FloatArray, weights: FloatArray) -> NDArray[np.bool_]:
    result: NDArray[np.bool_] = np.isfinite(values) & np.isfinite(weights) & (np.nan_to_num(weights) > 0)
    return result


def _limited(frame: pd.DataFrame, rule: VariationRule, stage: str) -> pd.DataFrame:
    """Hold each coefficient, or their mean, against the limit of the stage."""
    limit = rule.limit[stage]
    if rule.per == "composite":
        return pd.concat([frame, _composite(frame, stage).assign(limit=limit).pipe(_held)], ignore_index=True)
    return frame.assign(limit=limit).pipe(_held)


def _composite(frame: pd.DataFrame, stage: str) -> pd.DataFrame:
    """Return the row of the mean of all coefficients; missing where any of them is."""
    lacking = frame.loc[frame["reason"] != "", "indicator"].tolist()
    told = NotComputed("county_cv", "variation-composite-incomplete", {"indicators": lacking}).reason
    return pd.DataFrame(
        {
            "stage": [stage],
            "indicator": [COMPOSITE],
            "schools": [frame["schools"].min()],
            "pupils": [frame["pupils"].min()],
            "mean": [np.nan],
            "sd": [np.nan],
            "cv": [np.nan if lacking else frame["cv"].mean()],
            "missing": [frame["missing"].max()],
            "reason": [told if lacking else ""],
        }
    )


def _held(frame: pd.DataFrame) -> pd.DataFrame:
    cv = frame["cv"].to_numpy(np.float64)
    met = pd.array(at_most(cv, frame["limit"].to_numpy(np.float64)), dtype="boolean")
    return frame.assign(met=met).assign(met=lambda held: held["met"].mask(np.isnan(cv)))
