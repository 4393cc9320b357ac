"""Which rows of a file belong to which role, where one file holds several: waves in a column, say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field

from manyi.readers.wording import answer_key
from manyi.study.waves import as_text
from manyi_instruments.definitions.questionnaire import Definition
from manyi_instruments.definitions.yaml_source import YamlModel, read_yaml_model
from manyi_instruments.faults import Fault

if TYPE_CHECKING:
    from manyi.study.definition import Role, Study
    from manyi.study.folder import StudyFolder

#: The text of a cell, or a number as YAML reads it.
CellText = Annotated[str, BeforeValidator(as_text), Field(min_length=1)]


class Rows(Definition):
    """The rows of its files that are a role's own."""

    column: str = Field(min_length=1, description="Heading of the column that tells them.")
    values: tuple[CellText, ...] = Field((), description="Its cells in the role's rows; none: the wave.")


@dataclass(frozen=True, slots=True)
class RowShare:
    """What a role takes of its files.

    Parameters
    ----------
    column : str
        Heading of the column that tells whose a row is.
    own : tuple of str
        Cells of the role's own rows.
    others : Mapping
        Cells of other roles' rows -> the role.
    lister : str
        Role whose account lists the rows that no role takes; empty for this one.
    """

    column: str
    own: tuple[str, ...]
    others: Mapping[str, str] = field(default_factory=dict)
    lister: str = ""


def own_values(role: "Role") -> tuple[str, ...]:
    """Return the cells of a role's own rows: those named, else its wave."""
    if role.rows is None:
        return ()
    return role.rows.values or (() if role.wave is None else (role.wave,))


def own_share(role: "Role") -> RowShare | None:
    """Return a role's rows as it alone tells them, or None where all rows are its own."""
    return None if role.rows is None else RowShare(role.rows.column, own_values(role))


def row_share(study: "StudyFolder", role: str) -> RowShare | None:
    """Return what a role takes of its files, or None where all rows are its own."""
    rows = study.definition.roles[role].rows
    if rows is None:
        return None
    beside = _of_one_folder(study, role)
    others = {
        value: other
        for other in beside
        if other != role
        for value in own_values(study.definition.roles[other])
    }
    lister = "" if beside[0] == role else beside[0]
    return RowShare(rows.column, own_values(study.definition.roles[role]), others, lister)


def _of_one_folder(study: "StudyFolder", role: str) -> list[str]:
    """Return the roles that divide the rows of one folder of answers, in the order of the study."""
    folder = study.answers_folder(role)
    roles = study.definition.roles.items()
    return [name for name, entry in roles if entry.rows is not None and study.answers_folder(name) == folder]


def row_faults(study: "StudyFolder") -> Iterator[Fault]:
    """Yield the faults of ``rows``: no value, a value twice, two columns, a role that takes all rows too."""
    from manyi.study.definition import Study

    roles = study.definition.roles
    if all(entry.rows is None for entry in roles.values()):
        return
    source = read_yaml_model(study.study_file, Study)
    for name, entry in roles.items():
        if entry.rows is not None and not own_values(entry):
            yield Fault("rows-without-value", source.place("roles", name, "rows"), {"role": name})
    for names in _folders(study):
        yield from _unlike(source, study, names)
        yield from _twice(source, study, names)


def _folders(study: "StudyFolder") -> list[list[str]]:
    """Return the roles of each folder of answers of which any divides its rows."""
    found: dict[str, list[str]] = {}
    for name in study.definition.roles:
        found.setdefault(str(study.answers_folder(name)), []).append(name)
    roles = study.definition.roles
    return [names for names in found.values() if any(roles[name].rows is not None for name in names)]


def _unlike(source: "YamlModel[Study]", study: "StudyFolder", names: list[str]) -> Iterator[Fault]:
    roles = study.definition.roles
    first = next(name for name in names if roles[name].rows is not None)
    column = roles[first].rows.column  # type: ignore[union-attr]
    for name in names:
        rows = roles[name].rows
        details = {"role": name, "other": first, "folder": study.answers_folder(name)}
        if rows is None:
            yield Fault("rows-of-all", source.place("roles", name, key=True), details)
        elif rows.column != column:
            columns = {"column": rows.column, "other_column": column}
            yield Fault(
                "rows-columns-differ", source.place("roles", name, "rows", "column"), details | columns
            )


def _twice(source: "YamlModel[Study]", study: "StudyFolder", names: list[str]) -> Iterator[Fault]:
    taken: dict[str, str] = {}
    for name in names:
        for value in dict.fromkeys(own_values(study.definition.roles[name])):
            other = taken.setdefault(answer_key(value), name)
            if other != name:
                details = {"role": name, "other": other, "value": value}
                yield Fault("rows-value-twice", source.place("roles", name, "rows", "values"), details)
