"""Answers from outside the days in the field: tests before it, stragglers after it."""

import numpy as np
import pandas as pd

from manyi.cleaning.blocks import Flag
from manyi.cleaning.submission_days import SubmissionDays, submission_days
from manyi.study.cleaning_plan import FieldDates


def outside_field(submitted: "pd.Series[str]", dates: FieldDates) -> tuple[dict[str, Flag], SubmissionDays]:
    """Return ``before_field`` and ``after_field``, and what was read of the times.

    Rows without a time, or with one that cannot be read, are not flagged. Without a last day nothing is
    ``after_field``.

    Parameters
    ----------
    submitted : Series of str
        Times of submission as written.
    dates : FieldDates
        First and last day in the field; both belong to it.
    """
    read = submission_days(submitted, dates.zone, dates.day_first)
    flags: dict[str, Flag] = {"before_field": np.asarray(read.days < np.datetime64(dates.first))}
    if dates.last is not None:
        flags["after_field"] = np.asarray(read.days > np.datetime64(dates.last))
    return flags, read
