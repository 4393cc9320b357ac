"""The ``.dta`` of one role: the variables of its ``.sav`` within Stata's limits, labels in full in notes."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from manyi_instruments.codebook import in_language
from manyi_outputs.files import write_whole
from manyi_outputs.spss.labels import SAFE, distinct_names, fitting, shortened
from manyi_outputs.spss.variables import RoleAnswers, Variable, variables
from manyi_outputs.stata.dta import Column, dta
from manyi_outputs.wording import Wording, wording

#: Characters that fit.
NAME, LABEL = 32, 80
#: Bytes of a text of a value label, and of a note.
_VALUE_LABEL, _NOTE = 32_000, 67_000
_NUMBER = 3
_RESERVED = re.compile(
    r"_all|_b|byte|_coef|_cons|double|float|if|in|int|long|_n|_N|_pi|_pred|_rc|_skip|str\d+|strL|using|with"
)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def write_dta(
    path: Path, answers: RoleAnswers, language: str, indicators: Mapping[str, str] | None = None
) -> tuple[Column, ...]:
    """Write one role's answers and scores for Stata 14 and later.

    Missing codes become extended missing values, the lowest code ``.a``, each with its label. Labels of
    variables beyond 80 characters are shortened visibly and stand in full in a note of the variable; labels
    of values stand in full. Words cannot carry labels in Stata: theirs stand in a note.

    Parameters
    ----------
    path : Path
        The ``.dta`` file.
    answers : RoleAnswers
    language : str
        Of labels.
    indicators : Mapping, optional
        Id of a school indicator -> title.

    Returns
    -------
    tuple of Column
        The variables in order, as written.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    words = wording(language)
    found = variables(answers, language, indicators)
    names = stata_names(variable.column for variable in found)
    letters = missing_letters(found)
    columns = tuple(_column(variable, names[variable.column], answers, letters, words) for variable in found)
    title = in_language(answers.questionnaire.title, language)
    short = shortened(title, LABEL, characters=True)
    write_whole(path, dta(columns, len(answers.coded), short, [title] if short != title else []))
    return columns


def stata_names(columns: Iterable[str]) -> dict[str, str]:
    """Return the Stata name of every column: letters, digits and ``_``, at most 32 characters, all different.

    Examples
    --------
    >>> stata_names(["row", "Q1", "q1", "2nd term", "float", "a" * 40])["float"]
    'float_'
    """
    # Case tells Stata's names apart, but not those of the programs a file goes on to.
    return distinct_names(columns, _stata_name)


def _stata_name(column: str) -> str:
    name = fitting(re.sub(r"\W", "_", SAFE.get(column, column)), NAME - _NUMBER, characters=True)
    return f"{name}_" if _RESERVED.fullmatch(name) else name


def missing_letters(found: Iterable[Variable]) -> dict[float, str]:
    """Return the extended missing value of every missing code, the lowest code ``a``."""
    codes = sorted({code for variable in found for code in variable.missing_kinds})
    return dict(zip(codes, _LETTERS, strict=False))


def _column(
    variable: Variable, name: str, answers: RoleAnswers, letters: Mapping[float, str], words: Wording
) -> Column:
    frame = answers.coded if variable.column in answers.coded else answers.scored
    series = frame[variable.column]
    label = variable.label_within(LABEL, characters=True)
    notes = [words("spss.in_full", name=name, label=variable.label)] if label != variable.label else []
    if variable.text:
        codes, different = pd.factorize(series.astype(object))
        texts = [str(text) for text in different]
        if variable.values:
            notes.append("; ".join(f"{value} = {title}" for value, title in variable.values.items()))
        width = min(max([len(text) for text in texts] + [1]), 60)
        return Column(name, label, words=(codes, texts), format=f"%-{width}s", notes=_within(notes))
    own = {code: letter for code, letter in letters.items() if code in variable.missing_kinds}
    values: dict[int | str, str] = {}
    for value, title in variable.values.items():
        if not isinstance(value, str) and float(value).is_integer():
            values[own.get(value, int(value))] = shortened(title, _VALUE_LABEL)
    numbers = series.to_numpy(dtype="float64", na_value=np.nan)
    digits, _, decimals = variable.format[1:].partition(".")
    shown = f"%{max(int(digits), 8)}.0g" if decimals == "0" else f"%{max(int(digits), 8)}.{decimals}f"
    return Column(
        name, label, numbers, format=shown, values=dict(sorted(values.items(), key=_order)), missing=own,
        notes=_within(notes),
    )  # fmt: skip


def _order(pair: tuple[int | str, str]) -> tuple[bool, int, str]:
    value = pair[0]
    return (True, 0, value) if isinstance(value, str) else (False, value, "")


def _within(notes: list[str]) -> tuple[str, ...]:
    return tuple(shortened(note, _NOTE) for note in notes)
