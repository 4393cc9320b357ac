"""How a sample was drawn: weights, strata, sampling units, sampled fractions, calibration."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from manyi_analysis.weights.calibration import Calibrated

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

#: What a stratum with a single unit adds to a variance.
Lonely = Literal["adjust", "average", "remove"]
LONELY: tuple[Lonely, ...] = get_args(Lonely)


@dataclass(frozen=True, slots=True, eq=False)
class SurveyDesign:
    """The design behind n respondents, all of whom have a weight.

    Parameters
    ----------
    weight : (n,) array
        Final weights.
    unit : (n,) array of int
        First-stage sampling unit; units of one stratum have consecutive numbers.
    starts : (strata,) array of int
        First unit of each stratum.
    units : int
        Units in the sample.
    fraction : (strata,) array
        Fraction of the stratum's units that were drawn; 0 takes them as drawn with replacement.
    within : (units,) array or None
        Fraction of a unit's persons who were drawn, for the second stage of a sample whose first stage has
        fractions; None counts the first stage only.
    lonely : {"adjust", "average", "remove"}
        What a stratum with a single unit, not taken with certainty, adds to a variance: its squared distance
        from the mean of all units, the average of the other strata, or nothing.
    calibrated : Calibrated or None
        How weights were calibrated: variances are then those of residuals.
    crossing : csr_array of shape (units, combinations) or None
        Summed weights by unit and combination of calibrated levels.
    """

    weight: Array
    unit: Indices
    starts: Indices
    units: int
    fraction: Array
    within: Array | None = None
    lonely: Lonely = "adjust"
    calibrated: Calibrated | None = None
    crossing: sparse.csr_array | None = None

    @classmethod
    def of(
        cls,
        weight: Array,
        stratum: "pd.Series | None" = None,
        unit: "pd.Series | None" = None,
        fraction: Array | None = None,
        within: Array | None = None,
        lonely: Lonely = "adjust",
        calibrated: Calibrated | None = None,
    ) -> "SurveyDesign":
        """Take a design from columns of respondents.

        Parameters
        ----------
        weight : (n,) array
            Without missing values.
        stratum : Series, optional
            Stratum of each respondent; missing values are a stratum of their own. One stratum without it.
        unit : Series, optional
            School or other unit. The same name in two strata is two units, as ``nest = TRUE`` in R. A
            respondent without one is a unit alone; so is everybody without the column.
        fraction : (n,) array, optional
            First-stage fraction of the respondent's stratum, constant in it.
        within : (n,) array, optional
            Second-stage fraction of the respondent's unit, constant in it.
        lonely, calibrated
            See the class.
        """
        n = weight.size
        strata = np.zeros(n, dtype=np.intp)
        if stratum is not None:
            strata = np.asarray(pd.factorize(stratum, use_na_sentinel=False, sort=False)[0], dtype=np.intp)
        alone = np.ones(n, dtype=np.bool_)
        names = np.zeros(n, dtype=np.intp)
        if unit is not None:
            names = np.asarray(pd.factorize(unit)[0], dtype=np.intp)
            alone = names < 0
        many = int(names.max(initial=0)) + 1
        names[alone] = many + np.arange(np.count_nonzero(alone))
        pairs, place = np.unique(strata * (many + n) + names, return_inverse=True)
        first = np.unique(pairs // (many + n), return_index=True)[1].astype(np.intp)
        per_stratum = np.zeros(first.size)
        if fraction is not None:
            per_stratum[strata] = fraction
        per_unit = None
        if within is not None:
            per_unit = np.zeros(pairs.size)
            per_unit[place] = within
        crossing = None
        if calibrated is not None:
            shape = (pairs.size, len(calibrated.indicators))
            crossing = sparse.coo_array((weight, (place, calibrated.combination)), shape).tocsr()
        return cls(
            weight,
            place.astype(np.intp),
            first,
            pairs.size,
            per_stratum,
            per_unit,
            lonely,
            calibrated,
            crossing,
        )

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Return how many units each stratum has; shape (strata,)."""
        return np.diff(np.append(self.starts, self.units)).astype(np.int64)
