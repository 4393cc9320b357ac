"""How fast a respondent answered, by itself and beside the other respondents of the role."""

from collections.abc import Iterator

import numpy as np

from manyi.cleaning.blocks import Floats
from manyi.cleaning.found import Cut
from manyi.study.cleaning_plan import TooFast


def speed_indices(seconds: Floats, answered: Floats) -> dict[str, Floats]:
    """Return ``seconds``, ``seconds_per_item`` and ``relative_speed``, each of shape (respondents,).

    Relative speed is the role's median of seconds per item divided by the respondent's own: 2 is twice as
    fast as the median respondent. Being a ratio to the median it fits any questionnaire, language and age.

    Parameters
    ----------
    seconds : ndarray, shape (respondents,)
        Duration, NaN where the file has none.
    answered : ndarray, shape (respondents,)
        Questions answered: choices, numbers and attention checks.

    References
    ----------
    Huang, J. L., Curran, P. G., Keeney, J., Poposki, E. M., & DeShon, R. P. (2012). Detecting and deterring
    insufficient effort responding to surveys. Journal of Business and Psychology, 27, 99-114 (two seconds an
    item). Leiner, D. J. (2019). Too fast, too straight, too weird: Non-reactive indicators for meaningless
    data in internet surveys. Survey Research Methods, 13, 229-248 (relative speed index, there page by page;
    a platform's export has one duration, so here it is taken over the whole questionnaire).
    """
    per_item = np.where(answered > 0, seconds / np.maximum(answered, 1.0), np.nan)
    known = per_item[np.isfinite(per_item)]
    middle = float(np.median(known)) if known.size else np.nan
    # Platforms cut durations to whole seconds: nought stands for less than one.
    relative = middle * answered / np.maximum(seconds, 1.0)
    relative[np.isnan(per_item)] = np.nan
    return {"seconds": seconds, "seconds_per_item": per_item, "relative_speed": relative}


def speed_cuts(rule: TooFast) -> Iterator[Cut]:
    """Yield where the rule ``too_fast`` cuts: whoever is beyond any of them is flagged."""
    if rule.seconds_per_item is not None:
        yield Cut("too_fast", "seconds_per_item", low=rule.seconds_per_item)
    if rule.seconds is not None:
        yield Cut("too_fast", "seconds", low=rule.seconds)
    if rule.relative_speed is not None:
        yield Cut("too_fast", "relative_speed", high=rule.relative_speed)
