"""Which columns of a file could tell who answered, by themselves or together."""

from collections.abc import Sequence
from typing import Literal

import pandas as pd

from manyi_instruments.codebook import Variable as Entry
from manyi_instruments.definitions.questionnaire import Questionnaire

#: ``text``: words a respondent wrote, which may name somebody. ``key``: leads back to one submission: the
#: respondent's code (a hash where the questionnaire asks for one), ids of the platform, time, raw file and
#: row. ``together``: tells little by itself, and who it was beside the others. Empty: neither.
Identifies = Literal["", "text", "key", "together"]

KEYS = ("person", "submission", "device", "submitted", "file", "row")
PLACES = ("school", "stage")


def identifies(name: str, entry: Entry | None, questionnaire: Questionnaire) -> Identifies:
    """Return how a column could tell who answered.

    Parameters
    ----------
    name : str
        Column of coded or scored answers.
    entry : Variable or None
        Of the codebook, where the questionnaire defines the column.
    questionnaire : Questionnaire
        Its demographics, parts of multiple choices too, tell who answered.
    """
    if entry is not None:
        if entry.type == "string":
            return "text"
        return "together" if any(entry.question == item.id for item in questionnaire.demographics) else ""
    if name in KEYS:
        return "key"
    return "together" if name in PLACES else ""


def singled_out(frame: pd.DataFrame, names: Sequence[str]) -> int:
    """Return how many rows have a combination of values that no other row has.

    Parameters
    ----------
    frame : DataFrame
    names : sequence of str
        Columns that tell who answered only together; a missing value is a value like others.

    Examples
    --------
    >>> rows = pd.DataFrame({"school": ["a", "a", "b"], "sex": [1, 1, 2]})
    >>> singled_out(rows, ["school", "sex"]), singled_out(rows, [])
    (1, 0)
    """
    return int((~frame.duplicated(list(names), keep=False)).sum()) if len(names) else 0
