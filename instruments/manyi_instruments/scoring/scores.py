"""Coded answers to scored answers: missing codes, reverse keys and scale scores."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Questionnaire

Floats = NDArray[np.float64]


def score(coded: pd.DataFrame, questionnaire: Questionnaire) -> pd.DataFrame:
    """Return the answers scored; the frame given is left as it was.

    Parameters
    ----------
    coded : DataFrame, shape (respondents, columns)
        Answers as numbers and missing codes, a column a question (``{item}__{value}`` for the answers of a
        multiple choice or a ranking). Other columns pass unchanged.
    questionnaire : Questionnaire
        The scoring key.

    Returns
    -------
    DataFrame
        The columns of ``coded`` but a self-generated code, every missing code as NaN, then ``{item}_r`` for
        each reverse-keyed item, then one column a scale. Columns of these names that ``coded`` has already
        are made anew, so that scoring scored answers changes nothing.

    Raises
    ------
    KeyError
        If the column of a reverse-keyed item or of a scale's item is not there.
    ValueError
        If a reverse-keyed item has no bounds (a loaded questionnaire never has such an item).

    Notes
    -----
    A reverse-keyed answer is ``low + high - x`` with the bounds of the answer list, not of the answers found.
    A score is the mean of the keyed answers given if at least :meth:`Questionnaire.minimum_answered` were,
    else NaN. A sum is that mean times the number of items (prorated), which is the plain sum where nothing is
    missing. In R: ``psych::scoreItems(keys, items, impute="none", totals=FALSE, missing=TRUE)``, where the
    minimum is 1.

    Examples
    --------
    >>> from manyi_instruments.definitions.loader import load_questionnaire
    >>> key = load_questionnaire('''
    ... questionnaire: q
    ... title: {en: Q}
    ... languages: [en]
    ... answer_lists:
    ...   agree: {values: [1, 2, 3, 4, 5], en: [a, b, c, d, e]}
    ... scales:
    ...   - {id: S, title: {en: S}}
    ... items:
    ...   - {id: A, text: {en: A?}, answers: agree, scale: S}
    ...   - {id: B, text: {en: B?}, answers: agree, scale: S, reverse: true}
    ... ''')
    >>> score(pd.DataFrame({"A": [5.0, 4.0], "B": [2.0, -9.0]}), key)
         A    B  B_r    S
    0  5.0  2.0  4.0  4.5
    1  4.0  NaN  NaN  NaN
    """
    reversed_items = [item for item in questionnaire.all_items() if item.reverse]
    derived = {item.keyed_name for item in reversed_items} | {scale.id for scale in questionnaire.scales}
    # A code serves to find a person again, and for nothing else: it goes no further than coded answers.
    codes_left = {item.id for item in questionnaire.all_items() if item.type == "code"}
    codes = np.array(sorted({code.code for code in questionnaire.missing_codes.values()}), dtype=float)
    numeric = set(numeric_columns(questionnaire))
    columns: dict[str, pd.Series | Floats] = {
        name: _without_codes(coded[name], codes) if name in numeric else coded[name]
        for name in map(str, coded.columns)
        if name not in derived and name not in codes_left
    }
    keyed: dict[str, Floats] = {}
    for item in reversed_items:
        bounds = questionnaire.bounds(item)
        if bounds is None:
            raise ValueError(f"{item.id} is reverse-keyed but has no bounds")
        keyed[item.keyed_name] = bounds[0] + bounds[1] - np.asarray(columns[item.id], dtype=float)
    columns.update(keyed)
    for scale in questionnaire.scales:
        matrix = [
            np.asarray(columns[item.keyed_name], dtype=float) for item in questionnaire.items_of(scale.id)
        ]
        needed = questionnaire.minimum_answered(scale.id)
        columns[scale.id] = scale_score(matrix, len(coded), needed, total=scale.score == "sum")
    # Not gathered into one block: that would copy all answers once more.
    return pd.DataFrame(columns, index=coded.index, copy=False)


def scale_score(
    keyed: Sequence[Floats], respondents: int, minimum_answered: int, *, total: bool = False
) -> Floats:
    """Return a scale's scores from its keyed items.

    Parameters
    ----------
    keyed : sequence of arrays, shape (items, respondents)
        Keyed answers, NaN where missing.
    respondents : int
        How many respondents there are.
    minimum_answered : int
        Answers a score needs.
    total : bool
        The prorated sum in place of the mean.

    Returns
    -------
    array, shape (respondents,)
        Scores, NaN where fewer items were answered.

    Examples
    --------
    >>> scale_score([np.array([1.0, 2.0]), np.array([3.0, np.nan])], 2, 1, total=True)
    array([4., 4.])
    """
    sums = np.zeros(respondents)
    answered = np.zeros(respondents)
    # Item by item, so that a million respondents need no second copy of their answers.
    for values in keyed:
        given = ~np.isnan(values)
        answered += given
        sums += np.where(given, values, 0.0)
    enough = answered >= max(1, minimum_answered)
    scores = np.full(respondents, np.nan)
    # A complete sum is multiplied by exactly 1.
    scores[enough] = (
        sums[enough] * (len(keyed) / answered[enough]) if total else sums[enough] / answered[enough]
    )
    return scores


def numeric_columns(questionnaire: Questionnaire) -> tuple[str, ...]:
    """Return the names of the columns that hold numbers and missing codes, in the order asked."""
    names: list[str] = []
    for question in questionnaire.questions():
        names += question_columns(questionnaire, question)
    return tuple(names)


def question_columns(questionnaire: Questionnaire, question: Item | AttentionCheck) -> tuple[str, ...]:
    """Return the numeric columns of a question: none for a text or code, one an answer for a multiple."""
    kind = question.type if isinstance(question, Item) else "choice"
    if kind in ("text", "code"):
        return ()
    answers = questionnaire.answer_list(question)
    if kind in ("multiple", "ranking") and answers is not None:
        return tuple(f"{question.id}__{value}" for value in answers.values)
    return (question.id,)


def score_bounds(questionnaire: Questionnaire, name: str) -> tuple[float, float] | None:
    """Return the smallest and largest value a scale score or an item can have.

    Parameters
    ----------
    questionnaire : Questionnaire
        The scoring key.
    name : str
        Id of a scale or an item.

    Returns
    -------
    tuple of float, or None
        For a sum the sums of its items' lows and highs, for a mean those divided by the number of items; None
        where an item has no bounds.

    Raises
    ------
    KeyError
        If there is neither a scale nor an item of that name.
    """
    if name not in {scale.id for scale in questionnaire.scales}:
        return questionnaire.bounds(questionnaire.item(name))
    bounds = [questionnaire.bounds(item) for item in questionnaire.items_of(name)]
    known = [pair for pair in bounds if pair is not None]
    if not known or len(known) < len(bounds):
        return None
    low, high = (float(sum(pair[side] for pair in known)) for side in (0, 1))
    if questionnaire.scale(name).score == "sum":
        return low, high
    return low / len(known), high / len(known)


def _without_codes(column: pd.Series, codes: Floats) -> Floats:
    values = column.to_numpy(dtype=float, na_value=np.nan, copy=True)
    # Codes are mostly below every answer: few cells need the look-up.
    suspects = np.flatnonzero(values <= codes.max())
    values[suspects[np.isin(values[suspects], codes)]] = np.nan
    return values
