"""Answers that came twice: of one person, one submission, one device, or the same answers again."""

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.cleaning.blocks import Flag, Floats
from manyi.study.cleaning_plan import Duplicate, SameDevice

#: Columns of ids looked through side by side.
THREADS = 2
Keep = Literal["first", "last"]
Hashes = NDArray[np.uint64]

#: What a row says about itself; two rows may give the same answers under different ones.
OWN = ("file", "row", "person", "submitted", "seconds", "submission", "device", "definition")


def duplicate(coded: pd.DataFrame, hashes: Hashes, answered: Floats, rule: Duplicate) -> Flag:
    """Flag all but one of the rows of one person or submission, and of rows with the same answers.

    Persons are compared over all files. A platform numbers submissions survey by survey, so those are
    compared within a file. Same answers (texts, school and stage too) count where at least ``minimum_items``
    questions are answered: two short or empty forms agree by chance.

    Parameters
    ----------
    coded : DataFrame
        Coded answers.
    hashes : ndarray of uint64, shape (respondents,)
        Of the choice and number columns: equal rows have equal hashes.
    answered : ndarray, shape (respondents,)
        How many of them each row answered.
    rule : Duplicate
        What is compared and which row stays.
    """
    flag = np.zeros(len(coded), dtype=bool)
    compared = [["person"]] if rule.by in ("person", "both") else []
    compared += [["submission", "file"]] if "submission" in coded else []
    with ThreadPoolExecutor(THREADS) as pool:
        for again in pool.map(lambda columns: _again(coded, columns, rule.keep), compared):
            flag |= again
    if rule.by in ("answers", "both"):
        flag |= same_answers(coded, hashes, answered >= rule.minimum_items, rule.keep)
    return flag


def same_device(coded: pd.DataFrame, rule: SameDevice) -> Flag:
    """Flag the rows of a device beyond the first ``allowed``; rows without a device are left alone.

    Families and school computer rooms share devices and addresses: a reason to look, seldom one to exclude.

    References
    ----------
    Teitcher, J. E. F. et al. (2015). Detecting, preventing, and responding to "fraudsters" in internet
    research. Journal of Law, Medicine & Ethics, 43, 116-133 (why an address alone proves little).
    """
    known = coded["device"].notna().to_numpy()
    return np.asarray(known & (coded.groupby("device").cumcount().to_numpy() >= rule.allowed))


def _again(coded: pd.DataFrame, columns: list[str], keep: Keep) -> Flag:
    """Return which rows repeat another in these columns, where the first of them is known."""
    known = coded[columns[0]].notna().to_numpy()
    if not known.any():
        return known
    repeated = coded[columns].duplicated(keep=keep).to_numpy()
    return np.asarray(known & repeated)


def same_answers(coded: pd.DataFrame, hashes: Hashes, enough: Flag, keep: Keep) -> Flag:
    """Return which of the rows with enough answers repeat another row's answers, school and stage.

    Only rows whose hash occurs twice are compared: a comparison of all columns of all rows would take longer
    than all other rules together.
    """
    flag = np.zeros(len(coded), dtype=bool)
    rows = np.flatnonzero(enough)
    suspects = rows[pd.Series(hashes[rows]).duplicated(keep=False).to_numpy()]
    compared = [name for name in coded.columns if name not in OWN]
    repeated = coded.iloc[suspects].duplicated(subset=compared, keep=keep).to_numpy()
    flag[suspects[repeated]] = True
    return flag
