"""The ``.sav`` of one role, with labels, missing values and its syntax beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import pandas as pd

from manyi_instruments.codebook import in_language
from manyi_outputs.files import make_whole, write_whole
from manyi_outputs.spss.labels import FILE_LABEL, shortened
from manyi_outputs.spss.syntax import syntax
from manyi_outputs.spss.variables import RoleAnswers, Variable, variables
from manyi_outputs.wording import wording

Compression = Literal["rows", "zlib", "none"]


def write_sav(
    path: Path,
    answers: RoleAnswers,
    language: str,
    indicators: Mapping[str, str] | None = None,
    compression: Compression = "rows",
) -> tuple[Variable, ...]:
    """Write one role's answers and scores for SPSS, with syntax of the same name ending in ``.sps``.

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
    frame = pd.DataFrame(
        {variable.name: _cells(variable, answers.coded, answers.scored) for variable in found}
    )
    words = wording(language)
    label = in_language(answers.questionnaire.title, language)
    write_frame(path, frame, found, label, compression)
    write_whole(path.with_suffix(".sps"), syntax(path.name, answers, found, words).encode("utf-8-sig"))
    return found


def write_frame(
    path: Path, frame: pd.DataFrame, found: Sequence[Variable], label: str, compression: Compression
) -> None:
    """Write columns named and described by their variables."""
    import pyreadstat

    labels: dict[str, str | None] = {variable.name: variable.short_label for variable in found}
    values: dict[str, dict[int | float, str]] = {
        variable.name: dict(variable.short_values) for variable in found if variable.values
    }
    missing = {variable.name: variable.missing.ranges() for variable in found if variable.missing is not None}
    make_whole(
        path,
        lambda part: pyreadstat.write_sav(
            frame,
            str(part),
            file_label=shortened(label, FILE_LABEL),
            column_labels=labels,
            compress=compression == "zlib",
            row_compress=compression == "rows",
            variable_value_labels=values,
            missing_ranges=cast(Any, missing),
            variable_measure={variable.name: variable.measure for variable in found},
            variable_display_width={variable.name: variable.width for variable in found},
            variable_format={variable.name: variable.format for variable in found},
        ),
    )


def _cells(variable: Variable, coded: pd.DataFrame, scored: pd.DataFrame) -> "pd.Series":
    """Return a variable's column: from the coded frame where it is a question, else from the scored one."""
    series = coded[variable.column] if variable.column in coded else scored[variable.column]
    return cells(series, variable)


def cells(series: "pd.Series", variable: Variable) -> "pd.Series":
    """Return a column as SPSS holds it: words with nothing for missing, or float64."""
    if variable.text:
        return series.astype("object").where(series.notna(), "").astype(str).reset_index(drop=True)
    numbers = series.astype("Float64").astype("float64").reset_index(drop=True)
    if variable.missing is not None and variable.missing.dropped:
        numbers = numbers.where(~numbers.isin(variable.missing.dropped))
    return numbers
