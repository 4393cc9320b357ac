"""What every variable of a ``.sav`` is: name, label, value labels, missing values, measure, format."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import pandas as pd

from manyi_instruments.codebook import Measure, codebook, in_language
from manyi_instruments.codebook import Variable as Entry
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_outputs.spss.labels import ELLIPSIS, VALUE_LABEL, VARIABLE_LABEL, distinct, shortened, spss_names
from manyi_outputs.spss.missing import MissingValues, missing_values
from manyi_outputs.wording import Wording, wording

_TEXTS = ("person", "school", "stage", "submitted", "submission", "device", "definition", "file")
_NUMBERS = ("row", "seconds")
_NARROWEST, _WIDEST, _DIGITS = 6, 24, 4
_LONGEST_TEXT = 32767

Use = Literal["none", "input", "target"]


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
    groups : Mapping
        Column of words that divides respondents, such as the stage -> word -> its title in the language of
        the file.
    titles : Mapping
        Column of the schools -> its title.
    targets : collection of str
        Columns that the plan explains or compares: satisfaction and outcomes.
    """

    role: str
    questionnaire: Questionnaire
    coded: pd.DataFrame
    scored: pd.DataFrame
    title: str = ""
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    targets: Collection[str] = ()


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
        Value -> label in full; a value is a number, or a word of a variable that holds words.
    missing : MissingValues or None
        User-missing values, for variables that keep the missing codes.
    missing_kinds : Mapping
        Missing code -> its kind (``no_answer``, ``dont_know`` …).
    tail : str
        End of the label that says what the variable is (recoded, an answer of a question) and stays when the
        label is cut.
    role : {"none", "input", "target"}
        What analyses take it for.
    """

    column: str
    name: str
    label: str
    measure: Measure
    format: str
    values: Mapping[float | str, str] = field(default_factory=dict)
    missing: MissingValues | None = None
    missing_kinds: Mapping[float, str] = field(default_factory=dict)
    tail: str = ""
    role: Use = "none"

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
        return self.label_within(VARIABLE_LABEL)

    @property
    def short_values(self) -> dict[float | str, str]:
        """Return the value labels the file holds: what cutting made alike ends in its value."""
        return distinct(self.values, VALUE_LABEL)

    @property
    def cut(self) -> bool:
        """Return whether the file holds the label in part only."""
        return ELLIPSIS in self.short_label and ELLIPSIS not in self.label

    @property
    def cut_values(self) -> dict[float | str, str]:
        """Return the value labels that the file holds in part only, in full."""
        flat = {value: " ".join(label.split()) for value, label in self.values.items()}
        return {value: flat[value] for value, short in self.short_values.items() if short != flat[value]}

    def label_within(self, limit: int, characters: bool = False) -> str:
        """Return the label in so many bytes or characters, its end kept."""
        return shortened(self.label.removesuffix(self.tail), limit, self.tail, characters)


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
    found = _identity(answers, words)
    texts = {each.id: in_language(each.text, language) for each in answers.questionnaire.questions()}
    for entry in codebook(answers.questionnaire):
        frame = answers.scored if entry.derived else answers.coded
        if entry.name in frame:
            asked = texts.get(entry.question, "")
            found.append(_coded(entry, frame[entry.name], answers.questionnaire, asked, words))
    found += _others(answers, words, indicators or {}, {variable.column for variable in found})
    names = spss_names(variable.column for variable in found)
    return tuple(
        replace(variable, name=names[variable.column], role=_use(variable, answers)) for variable in found
    )


def _use(variable: Variable, answers: RoleAnswers) -> Use:
    """Return what analyses take a variable for: words and where a row is from for nothing."""
    if variable.column in answers.targets:
        return "target"
    if variable.role == "input" and (not variable.text or variable.column in answers.groups):
        return "input"
    return "none"


def text_format(series: "pd.Series") -> str:
    """Return the format that holds the longest text, in bytes."""
    if pd.api.types.is_bool_dtype(series) or pd.api.types.is_numeric_dtype(series):
        series = series.dropna().astype(str)
    # Every different text is measured once: codes of schools repeat.
    different = series.dropna().unique().tolist()
    longest = max((len(str(text).encode()) for text in different), default=1)
    return f"A{min(max(1, longest), _LONGEST_TEXT)}"


def _identity(answers: RoleAnswers, words: Wording) -> list[Variable]:
    coded = answers.coded
    found = [
        _worded(column, words(f"spss.{column}"), coded[column], answers)
        for column in _TEXTS
        if column in coded
    ]
    return found + [
        Variable(column, column, words(f"spss.{column}"), "scale", "F8.0")
        for column in _NUMBERS
        if column in coded
    ]


def _worded(column: str, label: str, series: "pd.Series", answers: RoleAnswers) -> Variable:
    """Return a variable of words, with the titles of its words where they are known."""
    titles: dict[float | str, str] = dict(answers.groups.get(column, {}).items())
    width = text_format(pd.Series([*series.dropna().unique().tolist(), *titles], dtype=object))
    return Variable(column, column, label, "nominal", width, titles, role="input")


def _coded(
    entry: Entry, series: "pd.Series", questionnaire: Questionnaire, asked: str, words: Wording
) -> Variable:
    """Return the variable of one entry of the codebook; `asked` is the wording of its question."""
    label = in_language(entry.label, words.language)
    tail = label.removeprefix(asked) if asked and label.startswith(asked) else ""
    if entry.type == "string":
        return Variable(entry.name, entry.name, label, "nominal", text_format(series), tail=tail)
    if entry.kind == "score":
        label = words(f"spss.score_{questionnaire.scale(entry.name).score}", scale=label)
        return Variable(entry.name, entry.name, label, "scale", "F8.3", role="input")
    if entry.reverse_keyed and not entry.derived:
        tail += words("spss.not_recoded")
        label += words("spss.not_recoded")
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
        missing_kinds={float(code): kind for code, kind in entry.missing_kinds.items()},
        tail=tail,
        role="input",
    )


def _others(
    answers: RoleAnswers, words: Wording, indicators: Mapping[str, str], known: set[str]
) -> list[Variable]:
    """Return school indicators and other columns joined to the answers, then indices and flags."""
    found: list[Variable] = []
    flags: list[Variable] = []
    yes_no: dict[float | str, str] = {0.0: words("spss.no"), 1.0: words("spss.yes")}
    for column in answers.scored.columns:
        series = answers.scored[column]
        if column in known or column in answers.coded:
            continue
        title = indicators.get(column, "")
        label = words("spss.indicator", indicator=title) if title else answers.titles.get(column, column)
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
            found.append(Variable(column, column, label, "nominal", "F1.0", yes_no, role="input"))
        elif pd.api.types.is_numeric_dtype(series):
            found.append(Variable(column, column, label, "scale", "F12.4", role="input"))
        else:
            found.append(_worded(column, label, series, answers))
    return found + flags
