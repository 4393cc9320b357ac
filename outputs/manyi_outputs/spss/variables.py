"""What every variable of a ``.sav`` is: name, label, value labels, missing values, measure, format."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from manyi_instruments.codebook import Measure, codebook, in_language
from manyi_instruments.codebook import Variable as Entry
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_outputs.spss.labels import VALUE_LABEL, VARIABLE_LABEL, shortened, spss_names
from manyi_outputs.spss.missing import MissingValues, missing_values
from manyi_outputs.wording import Wording, wording

_TEXTS = ("person", "school", "stage", "submitted", "submission", "device", "definition", "file")
_NUMBERS = ("row", "seconds")
_NARROWEST, _WIDEST, _DIGITS = 6, 24, 4
_LONGEST_TEXT = 32767


@dataclass(frozen=True, slots=True)
class RoleAnswers:
    """The answers of one role.

    Parameters
    ----------
    role : str
    questionnaire : Questionnaire
    coded : DataFrame
        As answered: values and missing codes.
    scored : DataFrame
        The same rows: missing codes as NaN, reverse-keyed items, scale scores, flags, school indicators.
    title : str
        Of the role, in the language of the file.
    """

    role: str
    questionnaire: Questionnaire
    coded: pd.DataFrame
    scored: pd.DataFrame
    title: str = ""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the file.

    Parameters
    ----------
    column : str
        Of the frames.
    name : str
        In SPSS.
    label : str
        In full; the file holds what fits.
    measure : {"nominal", "ordinal", "scale"}
    format : str
        ``F4.0`` or ``A12``.
    values : Mapping
        Value -> label in full.
    missing : MissingValues or None
        User-missing values, for variables that keep the missing codes.
    """

    column: str
    name: str
    label: str
    measure: Measure
    format: str
    values: Mapping[float, str] = field(default_factory=dict)
    missing: MissingValues | None = None

    @property
    def text(self) -> bool:
        """Return whether the variable holds words."""
        return self.format.startswith("A")

    @property
    def width(self) -> int:
        """Return how many characters the data view shows."""
        digits = int(self.format[1:].partition(".")[0])
        return max(_NARROWEST, min(digits + 1, _WIDEST))

    @property
    def short_label(self) -> str:
        """Return the label the file holds."""
        return shortened(self.label, VARIABLE_LABEL)

    @property
    def short_values(self) -> dict[float, str]:
        """Return the value labels the file holds."""
        return {value: shortened(label, VALUE_LABEL) for value, label in self.values.items()}


def variables(
    answers: RoleAnswers, language: str, indicators: Mapping[str, str] | None = None
) -> tuple[Variable, ...]:
    """Return the variables of one role's file in order.

    Where from, then the codebook (questions as asked, reverse-keyed items, scale scores), school indicators
    and other columns joined to the answers, flags.

    Parameters
    ----------
    answers : RoleAnswers
    language : str
        Of the labels.
    indicators : Mapping, optional
        Id of a school indicator -> title.

    Returns
    -------
    tuple of Variable
        Only columns that the frames have.
    """
    words = wording(language)
    found = _identity(answers.coded, words)
    for entry in codebook(answers.questionnaire):
        frame = answers.scored if entry.derived else answers.coded
        if entry.name in frame:
            found.append(_coded(entry, frame[entry.name], answers.questionnaire, words))
    found += _others(answers, words, indicators or {}, {variable.column for variable in found})
    names = spss_names(variable.column for variable in found)
    return tuple(replace(variable, name=names[variable.column]) for variable in found)


def text_format(series: "pd.Series") -> str:
    """Return the format that holds the longest text, in bytes."""
    lengths = series.dropna().astype(str).map(lambda text: len(text.encode()))
    return f"A{min(max(1, int(lengths.max())), _LONGEST_TEXT) if len(lengths) else 1}"


def _identity(coded: pd.DataFrame, words: Wording) -> list[Variable]:
    found = [
        Variable(column, column, words(f"spss.{column}"), "nominal", text_format(coded[column]))
        for column in _TEXTS
        if column in coded
    ]
    return found + [
        Variable(column, column, words(f"spss.{column}"), "scale", "F8.0")
        for column in _NUMBERS
        if column in coded
    ]


def _coded(entry: Entry, series: "pd.Series", questionnaire: Questionnaire, words: Wording) -> Variable:
    """Return the variable of one entry of the codebook."""
    label = in_language(entry.label, words.language)
    if entry.type == "string":
        return Variable(entry.name, entry.name, label, "nominal", text_format(series))
    if entry.kind == "score":
        label = words(f"spss.score_{questionnaire.scale(entry.name).score}", scale=label)
        return Variable(entry.name, entry.name, label, "scale", "F8.3")
    labels = {**entry.values, **entry.missing}
    digits = max([len(str(value)) for value in labels] + [_DIGITS])
    if not entry.values:
        digits = 8 if entry.integer else 10
    return Variable(
        column=entry.name,
        name=entry.name,
        label=label,
        measure=entry.measure,
        format=f"F{digits}.{0 if entry.integer else 2}",
        values={float(value): in_language(text, words.language) for value, text in labels.items()},
        missing=missing_values(list(entry.missing), entry.low, entry.high) if entry.missing else None,
    )


def _others(
    answers: RoleAnswers, words: Wording, indicators: Mapping[str, str], known: set[str]
) -> list[Variable]:
    """Return school indicators and other columns joined to the answers, then indices and flags."""
    found: list[Variable] = []
    flags: list[Variable] = []
    yes_no = {0.0: words("spss.no"), 1.0: words("spss.yes")}
    for column in answers.scored.columns:
        series = answers.scored[column]
        if column in known or column in answers.coded:
            continue
        title = indicators.get(column, "")
        label = words("spss.indicator", indicator=title) if title else column
        if words.among("spss", column) and column.endswith("_weight"):
            found.append(Variable(column, column, words(f"spss.{column}"), "scale", "F14.6"))
        elif column == "kept":
            flags.append(Variable(column, column, words("spss.kept"), "nominal", "F1.0", yes_no))
        elif column.startswith("index_"):
            index = words.term("careless", column.removeprefix("index_"))
            flags.append(Variable(column, column, words("spss.index", index=index), "scale", "F10.4"))
        elif column.startswith("flag_"):
            rule = words.term("rule", column.removeprefix("flag_"))
            flags.append(Variable(column, column, words("spss.flag", rule=rule), "nominal", "F1.0", yes_no))
        elif pd.api.types.is_bool_dtype(series):
            found.append(Variable(column, column, label, "nominal", "F1.0", yes_no))
        elif pd.api.types.is_numeric_dtype(series):
            found.append(Variable(column, column, label, "scale", "F12.4"))
        else:
            found.append(Variable(column, column, label, "nominal", text_format(series)))
    return found + flags
