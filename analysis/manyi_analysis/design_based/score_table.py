"""Weights summed by score: every index of a score from one pass over the respondents."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.design_based.estimates import DomainEstimates, Sums, estimates_of
from manyi_analysis.design_based.survey_design import SurveyDesign

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

#: Cells of a table beyond which rows are the shorter way.
LARGEST = 20_000_000


@dataclass(frozen=True, slots=True, eq=False)
class ScoreTable:
    """Respondents by domain and distinct score; weights by unit, and by combination of calibrated levels.

    Parameters
    ----------
    design : SurveyDesign
    first : (scores,) array of int
        A row that has each distinct score.
    counts : (levels, scores) array
        Respondents.
    weights : (levels, units, scores) array
        Sums of final weights.
    base : (levels, combinations, scores) array or None
        Sums of weights before calibration; None where not calibrated.
    there : (levels, units) array of bool
        Units with respondents of the domain.
    """

    design: SurveyDesign
    first: Indices
    counts: Array
    weights: Array
    base: Array | None
    there: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, design: SurveyDesign, scores: Array, domain: Indices, levels: int) -> "ScoreTable | None":
        """Sum up; None where the table would be larger than its use, or the second stage needs rows.

        Parameters
        ----------
        design : SurveyDesign
        scores : (n,) array
            NaN is missing and left out.
        domain : (n,) array of int
            Level of each respondent, −1 for none.
        levels : int
        """
        codes, distinct = pd.factorize(scores)
        k = len(distinct)
        if design.within is not None or k == 0 or levels * design.units * k > LARGEST:
            return None
        first = np.empty(k, dtype=np.intp)
        known = np.flatnonzero(codes >= 0)
        first[codes[known][::-1]] = known[::-1]
        used = (codes >= 0) & (domain >= 0)
        place = np.where(used, domain, levels)
        codes = np.where(used, codes, 0)

        def table(column: Indices | int, width: int, values: Array | None) -> Array:
            flat = (place * width + column) * k + codes
            size = (levels + 1) * width * k
            return np.bincount(flat, values, minlength=size).reshape(-1, width, k)[:levels].astype(np.float64)

        calibrated = design.calibrated
        base = None
        if calibrated is not None:
            base = table(calibrated.combination, len(calibrated.indicators), calibrated.base)
        weights = table(design.unit, design.units, design.weight)
        return cls(
            design, first, table(0, 1, None)[:, 0], weights, base, np.asarray((weights > 0).any(axis=2))
        )

    def means(self, values: Array) -> DomainEstimates:
        """Estimate the mean of a function of the score; as `domain_means` of the respondents' values.

        Parameters
        ----------
        values : (scores,) array
            Of the function, for each distinct score.
        """
        n = self.counts.sum(axis=1)
        shift = float(values @ self.counts.sum(axis=0) / max(n.sum(), 1.0))
        top, ones = values - shift, np.ones(values.size)
        by_score = self.weights.sum(axis=1)
        below = by_score.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = by_score @ top / below
            spread = (by_score * (top - np.nan_to_num(ratio)[:, None]) ** 2).sum(axis=1) / below
            unweighted = self.counts @ top / n
        sums = Sums(
            n=n,
            weighted_n=below,
            value=ratio,
            unweighted=unweighted,
            spread=spread,
            denominator=below,
            by_unit=(self.weights @ top, self.weights @ ones),
            by_combination=None if self.base is None else (self.base @ top, self.base @ ones),
            there=self.there,
        )
        return estimates_of(self.design, sums, shift, None)
