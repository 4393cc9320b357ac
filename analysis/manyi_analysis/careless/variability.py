"""How much a respondent's answers vary from item to item."""

import numpy as np

from manyi_analysis.careless.answered import Answers, Flags, count_true, filled, squares, total
from manyi_analysis.records.rows import Floats


def response_variability(answers: Answers, given: Flags | None = None) -> Floats:
    r"""Return each respondent's standard deviation over the items (intra-individual response variability).

    .. math:: \sqrt{\frac{k \sum x^2 - (\sum x)^2}{k (k - 1)}}

    over the k items answered. Exactly 0 for who gave one whole-number answer throughout.

    Parameters
    ----------
    answers : ndarray, shape (items, respondents)
        As given, before reverse keying; NaN is missing. Items should share one range of answers.
    given : ndarray of bool, optional
        Which answers were given, where that is not told by NaN.

    Returns
    -------
    ndarray, shape (respondents,)
        NaN below two answers.

    Notes
    -----
    R: ``careless::irv(x)`` 1.2.2, ``apply(x, 1, sd, na.rm = TRUE)``. Low values are suspected of
    straight-lining (Dunn et al.), high ones of answering at random (Marjanovic et al.).

    References
    ----------
    Dunn, A. M., Heggestad, E. D., Shanock, L. R., & Theilgard, N. (2018). Intra-individual response
    variability as an indicator of insufficient effort responding. Journal of Business and Psychology, 33,
    105-121. Marjanovic, Z., Holden, R., Struthers, W., Cribbie, R., & Greenglass, E. (2015). The inter-item
    standard deviation (ISD). Personality and Individual Differences, 84, 79-83.

    Examples
    --------
    >>> response_variability(np.array([[1.0, 4, 2], [3, 4, np.nan]])).round(6).tolist()
    [1.414214, 0.0, nan]
    """
    answers, given = filled(answers, given)
    count = count_true(given).astype(np.float64)
    spread = count * total(squares(answers)) - total(answers).astype(np.float64) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.maximum(spread, 0.0) / (count * (count - 1.0))
    return np.asarray(np.sqrt(np.where(count > 1, variance, np.nan)))
