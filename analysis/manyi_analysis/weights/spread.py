"""How unequal weights are, and what that costs in precision."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """The spread of weights.

    Parameters
    ----------
    n : int
        Respondents with a weight.
    total, low, high : float
        Sum, smallest and largest weight.
    cv : float
        Standard deviation (divisor n) over mean.
    kish_deff : float
        1 + cv²: by how much unequal weights enlarge variances, if they have nothing to do with the answers.
    effective_n : float
        n / kish_deff.
    """

    n: int
    total: float
    low: float
    high: float
    cv: float
    kish_deff: float
    effective_n: float


def weight_spread(weight: Array) -> Spread:
    r"""Return how unequal weights are.

    .. math:: \mathrm{deff} = \frac{n \sum w^2}{(\sum w)^2} = 1 + \mathrm{cv}^2

    Parameters
    ----------
    weight : (n,) array
        At least one, positive.

    References
    ----------
    Kish, L. (1965). Survey Sampling, sec. 11.7; Kish, L. (1992). Journal of Official Statistics 8, 183-200.
    R: ``n * sum(w^2) / sum(w)^2``.

    Examples
    --------
    >>> weight_spread(np.array([1.0, 1.0, 2.0])).kish_deff
    1.125
    """
    n, total = weight.size, float(weight.sum())
    deff = n * float((weight**2).sum()) / total**2
    cv = float(np.sqrt(max(deff - 1.0, 0.0)))
    return Spread(n, total, float(weight.min()), float(weight.max()), cv, deff, n / deff)
