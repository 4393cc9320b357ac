"""Per-school cross-products of standardized columns, and the way back to the columns' own scales."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Standardized:
    """Intercept, k predictors and outcome with mean 0 and standard deviation 1, G schools with respondents.

    Parameters
    ----------
    cross : ndarray, shape (G, k + 2, k + 2)
        Cross-products of (1, x, y).
    mean, sd : ndarray, shape (k,)
        Of the predictors.
    outcome_mean, outcome_sd : float
    """

    cross: Floats
    mean: Floats
    sd: Floats
    outcome_mean: float
    outcome_sd: float

    @classmethod
    def of(cls, moments: GroupedMoments) -> "Standardized":
        """Standardize moments whose first column is the outcome; no column may be constant."""
        overall = moments.overall()
        used = moments.n > 0
        k = len(moments.columns)
        order = [*range(1, k), 0]
        raw = np.empty((int(used.sum()), k + 1, k + 1))
        raw[:, 0, 0] = moments.n[used]
        raw[:, 0, 1:] = raw[:, 1:, 0] = moments.total[used][:, order]
        raw[:, 1:, 1:] = moments.cross[used][:, order][:, :, order]
        back = np.eye(k + 1)
        sd = overall.sd[order]
        back[0, 1:] = -(overall.total[order] / overall.n) / sd
        back[1:, 1:] = np.diag(1.0 / sd)
        return cls(
            back.T @ raw @ back, overall.mean[1:], sd[:-1], float(overall.mean[0]), float(overall.sd[0])
        )

    def random(self, slopes: Sequence[int], correlated: bool) -> Floats:
        """Return Z in terms of (1, x), shape (k + 1, q): the intercept, then the slopes.

        Uncorrelated random effects depend on where a column has its zero, so their slopes keep it.
        """
        result = np.zeros((len(self.mean) + 1, len(slopes) + 1))
        result[0, 0] = 1.0
        for position, index in enumerate(slopes, start=1):
            result[index + 1, position] = 1.0
            if not correlated:
                result[0, position] = self.mean[index] / self.sd[index]
        return result

    def random_back(self, slopes: Sequence[int], correlated: bool) -> Floats:
        """Return the matrix that turns standardized random effects into those of the columns, (q, q)."""
        at = list(slopes)
        result = np.diag(np.concatenate([[1.0], 1.0 / self.sd[at]]))
        if correlated:
            result[0, 1:] = -self.mean[at] / self.sd[at]
        return self.outcome_sd * result

    @property
    def fixed_back(self) -> Floats:
        """Return the matrix that turns standardized coefficients into those of the columns, (k + 1, k + 1).

        The outcome's mean is still to be added to the intercept.
        """
        result = np.diag(np.concatenate([[1.0], 1.0 / self.sd]))
        result[0, 1:] = -self.mean / self.sd
        return self.outcome_sd * result
