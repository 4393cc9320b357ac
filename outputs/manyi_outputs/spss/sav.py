"""The ``.sav`` of one role: labels, missing values, and in full what had to be shortened."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np
import pandas as pd

from manyi_instruments.codebook import in_language
from manyi_outputs.files import make_whole
from manyi_outputs.spss.documents import document, notes
from manyi_outputs.spss.labels import FILE_LABEL, shortened
from manyi_outputs.spss.variables import RoleAnswers, Variable, variables
from manyi_outputs.wording import Wording, wording

Compression = Literal["rows", "zlib", "none"]
#: Where the header holds the date and time of writing, and what stands there instead.
_WRITTEN, _NO_TIME = 92, b"01 Jan 7000:00:00"


def write_sav(
    path: Path,
    answers: RoleAnswers,
    language: str,
    indicators: Mapping[str, str] | None = None,
    compression: Compression = "rows",
) -> tuple[Variable, ...]:
    """Write one role's answers and scores for SPSS.

    Items as answered keep every missing code as a user-missing value with its label; reverse-keyed items,
    scale scores and school indicators are system-missing where they could not be had.

    Parameters
    ----------
    path : Path
        The ``.sav`` file.
    answers : RoleAnswers
        Questionnaire, coded and scored frames of the role.
    language : str
        Of labels.
    indicators : Mapping, optional
        Id of a school indicator -> title.
    compression : {"rows", "zlib", "none"}
        ``zlib`` is SPSS's own zsav: smallest, read by SPSS 21 and later and by PSPP.

    Returns
    -------
    tuple of Variable
        The variables in order, with full labels and the columns they came from.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    found = variables(answers, language, indicators)
    label = in_language(answers.questionnaire.title, language)
    write_frame(path, role_frame(answers, found), found, label, wording(language), compression)
    return found


def role_frame(answers: RoleAnswers, found: Sequence[Variable]) -> pd.DataFrame:
    """Return the columns of one role's file: coded where it is a question, else scored."""
    series = {
        variable.name: (answers.coded if variable.column in answers.coded else answers.scored)[
            variable.column
        ]
        for variable in found
    }
    made = {variable.name: cells(series[variable.name], variable) for variable in found}
    return pd.DataFrame(made, copy=False)


def write_frame(
    path: Path,
    frame: pd.DataFrame,
    found: Sequence[Variable],
    label: str,
    words: Wording,
    compression: Compression = "rows",
) -> None:
    """Write columns named and described by their variables; what is shortened stands in full in its document.

    Parameters
    ----------
    path : Path
    frame : DataFrame
        Columns by the variables' names.
    found : sequence of Variable
    label : str
        Of the file.
    words : Wording
        Of the document.
    compression : {"rows", "zlib", "none"}

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    make_whole(path, lambda part: _write(part, frame, found, label, words, compression))


def _write(
    part: Path,
    frame: pd.DataFrame,
    found: Sequence[Variable],
    label: str,
    words: Wording,
    compression: Compression,
) -> None:
    import pyreadstat

    short = shortened(label, FILE_LABEL)
    said = notes(found, words, label if short != label else "")
    labels: dict[str, str | None] = {variable.name: variable.short_label for variable in found}
    values = {variable.name: variable.short_values for variable in found if variable.values}
    missing = {variable.name: variable.missing.ranges() for variable in found if variable.missing is not None}
    pyreadstat.write_sav(
        frame,
        str(part),
        file_label=short,
        column_labels=labels,
        compress=compression == "zlib",
        row_compress=compression == "rows",
        note=document(said) or None,
        variable_value_labels=cast(Any, values),
        missing_ranges=cast(Any, missing),
        variable_measure={variable.name: variable.measure for variable in found},
        variable_display_width={variable.name: variable.width for variable in found},
        variable_format={variable.name: variable.format for variable in found},
    )
    _without_time(part)


def _without_time(path: Path) -> None:
    """Put a fixed date and time into the header: the same answers make the same file on any day."""
    with path.open("r+b") as stream:
        stream.seek(_WRITTEN)
        stream.write(_NO_TIME)


def cells(series: "pd.Series", variable: Variable) -> "pd.Series":
    """Return a column as SPSS holds it: words with nothing for missing, or float64."""
    if variable.text:
        words = series.astype(object).to_numpy()
        return pd.Series(np.where(series.isna().to_numpy(), "", words).astype(object), dtype=object)
    if series.dtype == np.float64:
        numbers = series.reset_index(drop=True)
    else:
        numbers = pd.Series(series.to_numpy(dtype="float64", na_value=np.nan))
    if variable.missing is not None and variable.missing.dropped:
        numbers = numbers.where(~numbers.isin(variable.missing.dropped))
    return numbers
