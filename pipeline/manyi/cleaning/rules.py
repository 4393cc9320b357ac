"""The cleaning rules: each takes a role's coded answers and returns one flag a row.

A rule never changes or drops an answer. Which flags exclude is the researcher's choice in ``study.yaml``.
"""

from collections import defaultdict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.study.cleaning_plan import (
    AttentionFailed,
    Duplicate,
    OutOfRange,
    Rules,
    StraightLining,
    TooFast,
    TooManyMissing,
)
from manyi_instruments.definitions.questionnaire import Item, Questionnaire

Flag = NDArray[np.bool_]


def flags(coded: pd.DataFrame, questionnaire: Questionnaire, rules: Rules) -> dict[str, Flag]:
    """Apply the declared rules.

    Parameters
    ----------
    coded : DataFrame
        Coded answers of one role, missing answers as codes.
    questionnaire : Questionnaire
        Its definition.
    rules : Rules
        The rules of ``study.yaml``; a rule that is None is not applied.

    Returns
    -------
    dict
        Rule name -> bool array of the rows' length, in the order of `Rules`.
    """
    found: dict[str, Flag] = {}
    if rules.out_of_range is not None:
        found["out_of_range"] = out_of_range(coded, questionnaire, rules.out_of_range)
    if rules.too_many_missing is not None:
        found["too_many_missing"] = too_many_missing(coded, questionnaire, rules.too_many_missing)
    if rules.straight_lining is not None:
        found["straight_lining"] = straight_lining(coded, questionnaire, rules.straight_lining)
    if rules.too_fast is not None:
        found["too_fast"] = too_fast(coded, questionnaire, rules.too_fast)
    if rules.attention_failed is not None:
        found["attention_failed"] = attention_failed(coded, questionnaire, rules.attention_failed)
    if rules.duplicate is not None:
        found["duplicate"] = duplicate(coded, questionnaire, rules.duplicate)
    return found


def _codes(questionnaire: Questionnaire) -> NDArray[np.float64]:
    return np.array([entry.code for entry in questionnaire.missing_codes.values()], dtype=float)


def _columns(questionnaire: Questionnaire, items: tuple[Item, ...]) -> list[str]:
    """Return the coded columns of choice and number items; parts of multiple-choice items are not ratings."""
    return [item.id for item in items if item.type in ("choice", "number")]


def _scale_columns(questionnaire: Questionnaire) -> list[str]:
    return _columns(questionnaire, tuple(item for item in questionnaire.items if item.scale is not None))


def _values(coded: pd.DataFrame, column: str) -> NDArray[np.float64]:
    return coded[column].to_numpy(dtype=float)


def _answered(coded: pd.DataFrame, columns: list[str], codes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many of the columns each row answered: column by column, so that memory stays flat."""
    count = np.zeros(len(coded), dtype=np.int64)
    for column in columns:
        count += ~np.isin(_values(coded, column), codes)
    return count


def out_of_range(coded: pd.DataFrame, questionnaire: Questionnaire, rule: OutOfRange) -> Flag:
    """Flag rows of whose choice and number answers more than ``share`` were invalid."""
    columns = _columns(questionnaire, questionnaire.all_items())
    invalid = np.zeros(len(coded), dtype=np.int64)
    for column in columns:
        invalid += _values(coded, column) == questionnaire.missing_codes["invalid"].code
    return np.asarray(invalid / max(len(columns), 1) > rule.share)


def too_many_missing(coded: pd.DataFrame, questionnaire: Questionnaire, rule: TooManyMissing) -> Flag:
    """Flag rows that lack more than ``share`` of the scale items asked of them.

    Don't know counts as missing; an item that was not asked counts neither way.
    """
    columns = _scale_columns(questionnaire)
    if not columns:
        return np.zeros(len(coded), dtype=bool)
    asked = np.zeros(len(coded), dtype=np.int64)
    for column in columns:
        asked += _values(coded, column) != questionnaire.missing_codes["not_asked"].code
    lacking = asked - _answered(coded, columns, _codes(questionnaire))
    return np.asarray((lacking / np.maximum(asked, 1) > rule.share) | (asked == 0))


def straight_lining(coded: pd.DataFrame, questionnaire: Questionnaire, rule: StraightLining) -> Flag:
    """Flag rows that answer all scale items of one answer list alike, as given, before reverse keying.

    Looked at separately for every answer list, because a person may answer honest 5s on one list and 4s on
    another; a list on which fewer than ``minimum_items`` items are answered says nothing.

    References
    ----------
    Johnson, J. A. (2005). Ascertaining the validity of individual protocols from web-based personality
    inventories. Journal of Research in Personality, 39, 103-129 (long strings of identical answers).
    """
    blocks: defaultdict[str, list[str]] = defaultdict(list)
    for item in questionnaire.items:
        if item.scale is not None and item.type == "choice" and item.answers is not None:
            blocks[item.answers].append(item.id)
    flag = np.zeros(len(coded), dtype=bool)
    codes = _codes(questionnaire)
    for columns in blocks.values():
        if len(columns) < rule.minimum_items:
            continue
        low, high = np.full(len(coded), np.inf), np.full(len(coded), -np.inf)
        count = np.zeros(len(coded), dtype=np.int64)
        for column in columns:
            values = _values(coded, column)
            answered = ~np.isin(values, codes)
            np.minimum(low, values, out=low, where=answered)
            np.maximum(high, values, out=high, where=answered)
            count += answered
        flag |= (count >= rule.minimum_items) & (low == high)
    return flag


def too_fast(coded: pd.DataFrame, questionnaire: Questionnaire, rule: TooFast) -> Flag:
    """Flag rows that took fewer than ``seconds_per_item`` seconds for each question answered.

    Rows without a duration are not flagged.

    References
    ----------
    Huang, J. L. et al. (2012). Detecting and deterring insufficient effort responding to surveys. Journal of
    Business and Psychology, 27, 99-114 (two seconds an item as a cut-off for adults reading English).
    """
    columns = [
        *_columns(questionnaire, questionnaire.all_items()),
        *(check.id for check in questionnaire.attention),
    ]
    answered = _answered(coded, columns, _codes(questionnaire))
    seconds = coded["seconds"].to_numpy(dtype=float)
    with np.errstate(invalid="ignore"):
        return np.asarray(seconds < rule.seconds_per_item * answered)


def attention_failed(coded: pd.DataFrame, questionnaire: Questionnaire, rule: AttentionFailed) -> Flag:
    """Flag rows that answered more than ``allowed`` attention checks otherwise than asked.

    A check that was left blank is missing, not failed.
    """
    failed = np.zeros(len(coded), dtype=int)
    for check in questionnaire.attention:
        values = coded[check.id].to_numpy(dtype=float)
        failed += (values != check.expected) & ~np.isin(values, _codes(questionnaire))
    return failed > rule.allowed


def duplicate(coded: pd.DataFrame, questionnaire: Questionnaire, rule: Duplicate) -> Flag:
    """Flag all but one of the rows of one person, and of rows with the same answers from the same school.

    Rows without a person are compared by answers only. Same answers count where at least ``minimum_items``
    questions are answered: two short or empty forms agree by chance.
    """
    flag = np.zeros(len(coded), dtype=bool)
    if rule.by in ("person", "both"):
        known = coded["person"].notna().to_numpy()
        repeated = coded["person"].duplicated(keep=rule.keep).to_numpy()
        flag |= known & repeated
    if rule.by in ("answers", "both"):
        columns = [c for c in coded.columns if c not in ("file", "row", "person", "submitted", "seconds")]
        rated = _columns(questionnaire, questionnaire.all_items())
        answered = _answered(coded, rated, _codes(questionnaire))
        repeated = coded.duplicated(subset=columns, keep=rule.keep).to_numpy()
        flag |= repeated & (answered >= rule.minimum_items)
    return flag
