"""The weights of one role's respondents: design, non-response, trimming, calibration, in this order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.weights.calibration import Calibrated, calibrate_linear, rake
from manyi_analysis.weights.margins import Margins, margin_codes
from manyi_analysis.weights.nonresponse import NonResponse, adjust_for_nonresponse
from manyi_analysis.weights.spread import weight_spread
from manyi_analysis.weights.trimming import trim

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class SampledCells:
    """The cells of a sample, and the cell of every respondent.

    Parameters
    ----------
    names : DataFrame
        One row a cell: what names it (school, stage …); index 0 … cells − 1.
    population, sampled, design : (cells,) array
        Persons there are, persons asked, and the design weight 1/π of a person asked.
    group : (cells,) array of int
        Class within which cells are collapsed.
    cell : (n,) array of int
        Of each respondent; −1 where it has none, and so no weight.
    """

    names: pd.DataFrame
    population: Array
    sampled: Array
    design: Array
    group: Indices
    cell: Indices


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The weights of one role's respondents.

    Parameters
    ----------
    weight : (n,) array
        Final; NaN for respondents without one.
    cells : SampledCells or None
        None where every respondent began with weight 1.
    nonresponse : NonResponse or None
    trimmed : int
        Weights held at a bound.
    calibrated : Calibrated or None
        Of the respondents with a weight, in their order.
    margins : Margins or None
        Likewise.
    """

    weight: Array
    cells: SampledCells | None
    nonresponse: NonResponse | None
    trimmed: int
    calibrated: Calibrated | None
    margins: Margins | None

    def to_frame(self) -> pd.DataFrame:
        """Return one row: table ``weights``."""
        given = ~np.isnan(self.weight)
        spread = weight_spread(self.weight[given])
        collapsed = self.nonresponse.collapsed if self.nonresponse is not None else np.zeros(0)
        calibrated = self.calibrated
        row = {
            "n": spread.n,
            "missing": int((~given).sum()),
            "sum": spread.total,
            "min": spread.low,
            "max": spread.high,
            "cv": spread.cv,
            "kish_deff": spread.kish_deff,
            "effective_n": spread.effective_n,
            "cells": len(self.cells.names) if self.cells is not None else 0,
            "collapsed": int(collapsed.sum()),
            "trimmed": self.trimmed,
            "calibration": calibrated.method if calibrated is not None else "",
            "iterations": calibrated.iterations if calibrated is not None else 0,
            "distance": calibrated.distance if calibrated is not None else np.nan,
            "reason": "",
        }
        return pd.DataFrame([row])

    def cells_to_frame(self) -> pd.DataFrame:
        """Return one row a cell: table ``weight_cells``; empty without cells."""
        if self.cells is None:
            return pd.DataFrame()
        cells = self.cells
        counted = np.bincount(cells.cell[cells.cell >= 0], minlength=len(cells.names))
        frame = cells.names.assign(
            population=cells.population,
            sampled=cells.sampled,
            respondents=counted,
            design_weight=cells.design,
            factor=1.0 if self.nonresponse is None else self.nonresponse.factor,
            pool=np.arange(len(cells.names)) if self.nonresponse is None else self.nonresponse.pool,
            collapsed=False if self.nonresponse is None else self.nonresponse.collapsed,
        )
        # Pools are numbered for readers, from 1.
        return frame.assign(pool=frame["pool"] + 1)

    def margins_to_frame(self) -> pd.DataFrame:
        """Return one row a level of a known margin: table ``weight_margins``; empty without margins."""
        if self.margins is None or self.calibrated is None:
            return pd.DataFrame()
        before = self.margins.held(self.calibrated.base)
        after = self.margins.held(self.calibrated.weight)
        frames = []
        for number, name in enumerate(self.margins.names):
            codes = self.margins.codes[number]
            levels = self.margins.levels[number]
            frames.append(
                pd.DataFrame(
                    {
                        "variable": name,
                        "level": levels,
                        "n": np.bincount(codes[codes >= 0], minlength=len(levels)),
                        "known": self.margins.shares[number],
                        "before": before[number],
                        "after": after[number],
                    }
                )
            )
        return pd.concat(frames, ignore_index=True)


def respondent_weights(
    rows: pd.DataFrame,
    cells: SampledCells | None = None,
    minimum: int | None = None,
    margins: Mapping[str, Mapping[str, float]] | None = None,
    calibration: Literal["rake", "linear"] = "rake",
    trim_ratio: float | None = None,
) -> Weights | NotComputed:
    """Compute respondents' weights.

    Design weight 1/π of the cell · non-response factor of the cell → held below `trim_ratio` times the median
    → calibrated to known margins, last, so that these hold exactly.

    w = 1/π · a, then trimmed, then calibrated; a as in `adjust_for_nonresponse`.

    Parameters
    ----------
    rows : DataFrame
        Respondents, with the variables of the margins.
    cells : SampledCells, optional
        Without them everybody begins with 1.
    minimum : int, optional
        Respondents a cell must have to stand alone in the adjustment for non-response; None leaves it out.
    margins : Mapping, optional
        Variable -> level -> share or count.
    calibration : {"rake", "linear"}
    trim_ratio : float, optional
        Largest weight in medians of the weights; None does not trim.

    Returns
    -------
    Weights or NotComputed
        Of the step that failed; without respondents who have a cell, ``no-weighted-respondents``.

    References
    ----------
    Valliant, R., Dever, J. A. & Kreuter, F. (2018). Practical Tools for Designing and Weighting Survey
    Samples, 2nd ed., ch. 13, 14. R: ``survey::svydesign``, ``postStratify``, ``trimWeights``, ``calibrate``
    in this order.
    """
    cell = cells.cell if cells is not None else np.zeros(len(rows), dtype=np.intp)
    given = cell >= 0
    if not given.any():
        return NotComputed("weights", "no-weighted-respondents", {}, len(rows))
    weight = np.ones(int(given.sum()))
    nonresponse: NonResponse | None = None
    if cells is not None:
        weight = cells.design[cell[given]]
        if minimum is not None:
            counted = np.bincount(cell[given], minlength=cells.design.size).astype(np.int64)
            adjusted = adjust_for_nonresponse(cells.design, cells.sampled, counted, cells.group, minimum)
            if isinstance(adjusted, NotComputed):
                return adjusted
            nonresponse = adjusted
            weight = weight * adjusted.factor[cell[given]]
    trimmed = 0
    if trim_ratio is not None:
        held = trim(weight, high=trim_ratio * float(np.median(weight)))
        if isinstance(held, NotComputed):
            return held
        weight, trimmed = held.weight, held.trimmed
    known: Margins | None = None
    calibrated: Calibrated | None = None
    if margins:
        found = margin_codes(rows[given], margins)
        if isinstance(found, NotComputed):
            return found
        known = found
        made = (rake if calibration == "rake" else calibrate_linear)(weight, found)
        if isinstance(made, NotComputed):
            return made
        calibrated, weight = made, made.weight
    final = np.full(len(rows), np.nan)
    final[given] = weight
    return Weights(final, cells, nonresponse, trimmed, calibrated, known)
