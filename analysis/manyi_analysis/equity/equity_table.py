"""The tidy table ``equity``: every measure of every indicator at every stage."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.equity.decomposition import theil_decomposition
from manyi_analysis.equity.group_gap import group_gap
from manyi_analysis.equity.inequality import (
    FloatArray,
    Inequality,
    atkinson,
    gini,
    lorenz_curve,
    mcloone,
    range_ratio,
    theil,
)
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.resources.indicators import SchoolIndicators
from manyi_analysis.resources.variation import Variation, weighted_variation

COLUMNS = ("stage", "indicator", "measure", "component", "value", "n", "missing", "reason")
LORENZ_COLUMNS = ("stage", "indicator", "pupils", "resource")
VALUE = "value"


@dataclass(frozen=True, slots=True)
class Equity:
    """Inequality of every indicator.

    Parameters
    ----------
    frame : DataFrame
        ``stage, indicator, measure, component, value, n, missing, reason``. ``component`` is ``value`` for
        measures of one number; ``total, between, within, between_share, within:<group>`` for decompositions,
        whose measure is ``theil_t by <grouping>``; ``mean_first`` to ``ratio_high`` for gaps, whose
        measure is ``gap <first>-<second> by <grouping>``. A measure that could not be computed has one row,
        its value NaN and a reason.
    lorenz : DataFrame
        Points of the Lorenz curves: ``stage, indicator, pupils, resource``.
    """

    frame: pd.DataFrame
    lorenz: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the tidy table ``equity``."""
        return self.frame.copy()


def equity_table(
    indicators: SchoolIndicators,
    schools: pd.DataFrame,
    groupings: Sequence[str] = (),
    gaps: Sequence[tuple[str, str, str]] = (),
    aversions: Sequence[float] = (0.5, 1.0),
) -> Equity:
    """Measure the inequality of every indicator between the schools of every stage.

    Parameters
    ----------
    indicators : SchoolIndicators
        Schools that are not evaluated do not enter; weights are its own.
    schools : DataFrame
        One row a school and stage with ``school, stage`` and the columns of the groupings.
    groupings : sequence of str
        Columns by which Theil is divided: urban-rural, township.
    gaps : sequence of (grouping, first, second)
        Pairs of groups whose gap is told.
    aversions : sequence of float
        Of the Atkinson indices.

    Returns
    -------
    Equity

    Notes
    -----
    Formulas: those of `gini`, `theil`, `theil_decomposition`, `atkinson`, `mcloone`, `range_ratio` and
    `group_gap`, of each indicator at each stage. R: ``by(schools, stage, measure)``.

    References
    ----------
    Berne, R. & Stiefel, L. (1984). The measurement of equity in school finance.
    """
    frame = indicators.frame.assign(weight=indicators.weight)[indicators.evaluated]
    wanted = list(dict.fromkeys([*groupings, *(grouping for grouping, _, _ in gaps)]))
    present = [name for name in wanted if name in schools.columns]
    frame = frame.merge(schools[["school", "stage", *present]], on=["school", "stage"], how="left")
    frame = frame.assign(**{name: np.nan for name in wanted if name not in present})
    rows: list[tuple[object, ...]] = []
    curves: list[pd.DataFrame] = []
    for key, part in frame.groupby(["stage", "indicator"], sort=False):
        stage, indicator = map(str, key)
        values, weights = part["value"].to_numpy(np.float64), part["weight"].to_numpy(np.float64)
        groups = {name: part[name].astype("object").to_numpy() for name in wanted}
        told = [
            *_measures(values, weights, aversions),
            *_decomposed(values, weights, {name: groups[name] for name in groupings}),
            *_gaps(values, weights, groups, gaps),
        ]
        rows += [(stage, indicator, *line) for line in told]
        curve = lorenz_curve(values, weights)
        if not isinstance(curve, NotComputed):
            curves.append(curve.to_frame().assign(stage=stage, indicator=indicator))
    lorenz = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=list(LORENZ_COLUMNS))
    return Equity(pd.DataFrame(rows, columns=list(COLUMNS)), lorenz[list(LORENZ_COLUMNS)])


Line = tuple[str, str, float, int, int, str]


def _measures(values: FloatArray, weights: FloatArray, aversions: Sequence[float]) -> Iterator[Line]:
    variation = weighted_variation(values, weights)
    if isinstance(variation, Variation):
        yield ("cv", VALUE, variation.cv, variation.n, variation.missing, "")
    else:
        yield ("cv", VALUE, np.nan, variation.n, len(values) - variation.n, variation.reason)
    found: list[tuple[str, Inequality | NotComputed]] = [
        ("gini", gini(values, weights)),
        ("theil_t", theil(values, weights)),
        ("theil_l", theil(values, weights, "L")),
        *((f"atkinson({aversion:g})", atkinson(values, weights, aversion)) for aversion in aversions),
        ("range_ratio", range_ratio(values, weights)),
        ("mcloone", mcloone(values, weights)),
    ]
    for measure, result in found:
        if isinstance(result, NotComputed):
            yield (measure, VALUE, np.nan, result.n, len(values) - result.n, result.reason)
        else:
            yield (measure, VALUE, result.value, result.n, result.missing, "")


def _decomposed(
    values: FloatArray, weights: FloatArray, groups: dict[str, NDArray[np.object_]]
) -> Iterator[Line]:
    for grouping, members in groups.items():
        measure = f"theil_t by {grouping}"
        result = theil_decomposition(values, weights, members)
        if isinstance(result, NotComputed):
            yield (measure, "total", np.nan, result.n, len(values) - result.n, result.reason)
            continue
        for component, value in result.to_frame().itertuples(index=False):
            yield (measure, component, value, result.n, result.missing, "")


def _gaps(
    values: FloatArray,
    weights: FloatArray,
    groups: dict[str, NDArray[np.object_]],
    gaps: Sequence[tuple[str, str, str]],
) -> Iterator[Line]:
    for grouping, first, second in gaps:
        measure = f"gap {first}-{second} by {grouping}"
        result = group_gap(values, weights, groups[grouping], first, second)
        if isinstance(result, NotComputed):
            yield (measure, "difference", np.nan, result.n, len(values) - result.n, result.reason)
            continue
        n = result.n_first + result.n_second
        for component, value in result.to_frame().itertuples(index=False):
            yield (measure, component, value, n, result.missing, "")
