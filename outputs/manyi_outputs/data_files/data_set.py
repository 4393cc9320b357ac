"""The rows and columns of one role as a file for others holds them, with all there is to know of a column."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from manyi_instruments.codebook import Measure, codebook, in_language
from manyi_instruments.codebook import Variable as Entry
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_outputs.data_files.persons import Identifies, identifies
from manyi_outputs.spss.variables import RoleAnswers, Variable, variables

Holds = Literal["integer", "number", "text"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file.

    Parameters
    ----------
    name : str
        In the file, and in the answers.
    label : str
        In the language of the file, in full.
    holds : {"integer", "number", "text"}
    measure : {"nominal", "ordinal", "scale"}
    values, missing : Mapping
        Value (a number, or a word of a column of words) -> label; code of a missing answer -> label.
    missing_kinds : Mapping
        Code of a missing answer -> ``no_answer``, ``dont_know`` …
    low, high : float or None
        Smallest and largest answer there can be.
    unit, formula, scale : str
        Empty for none.
    reverse_keyed : bool
    kind : str
        Of the codebook's entry; empty for what no questionnaire defines.
    identifies : {"", "text", "key", "together"}
        How it could tell who answered, as `persons` says.
    """

    name: str
    label: str
    holds: Holds
    measure: Measure
    values: Mapping[int | str, str] = field(default_factory=dict)
    missing: Mapping[int, str] = field(default_factory=dict)
    missing_kinds: Mapping[int, str] = field(default_factory=dict)
    low: float | None = None
    high: float | None = None
    unit: str = ""
    formula: str = ""
    scale: str = ""
    reverse_keyed: bool = False
    kind: str = ""
    identifies: Identifies = ""


@dataclass(frozen=True, slots=True, eq=False)
class DataSet:
    """One role's rows.

    Parameters
    ----------
    role : str
    title : str
        Of the role, in the language.
    language : str
    questionnaire : Questionnaire
    columns : tuple of Column
    frame : DataFrame
        A column each, of type Int64, float64 or string; missing answers as their codes.
    left_out : tuple of Column
        What is not in the file because it could tell who answered.
    """

    role: str
    title: str
    language: str
    questionnaire: Questionnaire
    columns: tuple[Column, ...]
    frame: pd.DataFrame
    left_out: tuple[Column, ...] = ()

    def valid(self, column: Column) -> "pd.Series":
        """Return the answers of a column without missing ones."""
        found = self.frame[column.name].dropna()
        return found[~found.isin(list(column.missing))] if column.missing else found


def data_set(
    answers: RoleAnswers,
    language: str,
    titles: Mapping[str, str] | None = None,
    with_text: bool = False,
) -> DataSet:
    """Return one role's rows, described.

    Parameters
    ----------
    answers : RoleAnswers
        The rows that go into the file; every row of both frames.
    language : str
        Of labels.
    titles : Mapping, optional
        School column -> title.
    with_text : bool
        Whether open answers and keys of persons go into the file.
    """
    entries = {entry.name: entry for entry in codebook(answers.questionnaire)}
    columns: list[Column] = []
    parts: dict[str, pd.Series] = {}
    left_out: list[Column] = []
    for variable in variables(answers, language, titles):
        entry = entries.get(variable.column)
        derived = variable.column not in answers.coded
        series = (answers.scored if derived else answers.coded)[variable.column].reset_index(drop=True)
        column = _column(variable, entry, series, answers.questionnaire, language)
        if column.identifies in ("text", "key") and not with_text:
            left_out.append(column)
            continue
        columns.append(column)
        parts[column.name] = _cells(series, column.holds)
    frame = pd.DataFrame(parts, index=pd.RangeIndex(len(answers.coded)))
    title = answers.title or answers.role
    return DataSet(
        answers.role, title, language, answers.questionnaire, tuple(columns), frame, tuple(left_out)
    )


def without_persons(answers: RoleAnswers) -> RoleAnswers:
    """Return the answers without the columns that could tell who answered by themselves."""
    entries = {entry.name: entry for entry in codebook(answers.questionnaire)}
    told = [
        str(name)
        for frame in (answers.coded, answers.scored)
        for name in frame.columns
        if identifies(str(name), entries.get(str(name)), answers.questionnaire) in ("text", "key")
    ]
    return replace(
        answers,
        coded=answers.coded.drop(columns=told, errors="ignore"),
        scored=answers.scored.drop(columns=told, errors="ignore"),
    )


def _column(
    variable: Variable,
    entry: Entry | None,
    series: "pd.Series",
    questionnaire: Questionnaire,
    language: str,
) -> Column:
    codes = entry.missing if entry is not None else {}
    missing = {int(code): in_language(label, language) for code, label in codes.items()}
    values = {_value(value): label for value, label in variable.values.items()}
    values = {value: label for value, label in values.items() if value not in missing}
    found = Column(
        name=variable.column,
        label=variable.label,
        holds=_holds(variable, entry, series),
        measure=variable.measure,
        values=values,
        missing=missing,
        identifies=identifies(variable.column, entry, questionnaire),
    )
    if entry is None:
        return found
    return replace(
        found,
        missing_kinds=dict(entry.missing_kinds),
        low=entry.low,
        high=entry.high,
        unit=in_language(entry.unit, language),
        formula=in_language(entry.formula, language),
        scale=entry.scale,
        reverse_keyed=entry.reverse_keyed,
        kind=entry.kind,
    )


def _value(value: float | str) -> int | str:
    return value if isinstance(value, str) else int(value)


def _holds(variable: Variable, entry: Entry | None, series: "pd.Series") -> Holds:
    """Return what the column holds; a number that should be whole and is not stays as it is."""
    if variable.text:
        return "text"
    whole = entry.integer if entry is not None else bool(variable.values) or variable.column == "row"
    numbers = series.dropna()
    return "integer" if whole and bool((numbers == numbers.round()).all()) else "number"


def _cells(series: "pd.Series", holds: Holds) -> "pd.Series":
    if holds == "text":
        return series.astype("string")
    numbers = series.astype("Float64")
    return numbers.astype("Int64") if holds == "integer" else numbers.astype("float64")
