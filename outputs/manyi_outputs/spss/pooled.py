"""One ``.sav`` over all roles: who answered, the scores and satisfaction items, the school's indicators."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from manyi_outputs.spss.labels import spss_names
from manyi_outputs.spss.sav import Compression, cells, write_frame
from manyi_outputs.spss.variables import RoleAnswers, Variable, text_format, variables
from manyi_outputs.wording import wording

_SHARED = ("person", "school", "stage")


def write_pooled_sav(
    path: Path,
    answers: Sequence[RoleAnswers],
    language: str,
    satisfaction: Mapping[str, Sequence[str]] | None = None,
    indicators: Mapping[str, str] | None = None,
    title: str = "",
    compression: Compression = "rows",
) -> tuple[Variable, ...]:
    """Write the rows of all roles one below the other.

    Scale scores that mean the same number in several roles (same id, same scoring, same range of answers) are
    one variable; a score whose range differs between roles is a variable a role, because one column of it
    would mix units. Satisfaction items keep their own names and are system-missing for other roles.

    Parameters
    ----------
    path : Path
        The ``.sav`` file.
    answers : sequence of RoleAnswers
        One a role; the variable ``role`` counts them from 1 and labels them.
    language : str
        Of labels.
    satisfaction : Mapping, optional
        Role -> scales and items reported as satisfaction.
    indicators : Mapping, optional
        Id of a school indicator -> title.
    title : str
        Of the study.
    compression : {"rows", "zlib", "none"}

    Returns
    -------
    tuple of Variable
        The variables in order.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    described: dict[str, Variable] = {}
    parts: list[pd.DataFrame] = []
    for number, role in enumerate(answers, start=1):
        part: dict[str, pd.Series | float] = {"role": float(number)}
        wanted = _wanted(role, (satisfaction or {}).get(role.role, ()), indicators or {})
        for variable in variables(role, language, indicators):
            if variable.column not in wanted:
                continue
            column = _pooled_name(variable.column, role, answers)
            series = role.coded if variable.column in role.coded else role.scored
            part[column] = cells(series[variable.column], variable)
            shown = f" [{role.title or role.role}]" if column != variable.column else ""
            named = replace(variable, column=column, label=variable.label + shown, tail=variable.tail + shown)
            known = described.setdefault(column, named)
            if known.text and known.values != variable.values:
                # One role may have words of a group that another has not.
                described[column] = replace(known, values={**known.values, **variable.values})
        parts.append(pd.DataFrame(part, index=range(len(role.coded))))
    frame = pd.concat(parts, ignore_index=True)
    found = _variables(described, frame, answers, language)
    columns = pd.DataFrame({variable.name: cells(frame[variable.column], variable) for variable in found})
    write_frame(path, columns, found, title, wording(language), compression)
    return found


def _wanted(role: RoleAnswers, satisfaction: Sequence[str], indicators: Mapping[str, str]) -> set[str]:
    """Return the columns of a role that go into the pooled file."""
    scales = {scale.id for scale in role.questionnaire.scales}
    items = {item.id for name in satisfaction if name in scales for item in role.questionnaire.items_of(name)}
    return {*_SHARED, *scales, *items, *(set(satisfaction) - scales), *indicators, "kept"}


def _pooled_name(column: str, role: RoleAnswers, answers: Sequence[RoleAnswers]) -> str:
    """Return the column's own name, or one with the role where it means other numbers elsewhere."""
    meanings = {meaning for other in answers if (meaning := _meaning(column, other)) is not None}
    return column if len(meanings) < 2 else f"{column}_{role.role}"


def _meaning(column: str, role: RoleAnswers) -> tuple[object, ...] | None:
    """Return how a score or item comes about: scoring and ranges; None where the role has no such column."""
    questionnaire = role.questionnaire
    for scale in questionnaire.scales:
        if scale.id == column:
            items = questionnaire.items_of(column)
            lists = [questionnaire.answer_list(item) for item in items]
            ranges = {(found.low, found.high) for found in lists if found is not None}
            size = len(items) if scale.score == "sum" else 0
            return (scale.score, size, tuple(sorted(ranges)))
    for item in questionnaire.all_items():
        if item.id == column:
            found = questionnaire.answer_list(item)
            return (item.type, found.values if found is not None else ())
    return None


def _variables(
    described: Mapping[str, Variable], frame: pd.DataFrame, answers: Sequence[RoleAnswers], language: str
) -> tuple[Variable, ...]:
    words = wording(language)
    roles: dict[float | str, str] = {
        float(number): role.title or role.role for number, role in enumerate(answers, start=1)
    }
    first = Variable("role", "role", words("spss.role"), "nominal", "F4.0", roles)
    order = [*_SHARED, *(column for column in described if column not in (*_SHARED, "kept")), "kept"]
    names = spss_names(["role", *order])
    found = [first]
    for column in order:
        if column in described:
            variable = described[column]
            width = text_format(frame[column]) if variable.text else variable.format
            found.append(replace(variable, name=names[column], format=width))
    return tuple(found)
