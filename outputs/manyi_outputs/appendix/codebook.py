"""The codebook as a sheet of the appendix: every variable in full, with values, scale and formula."""

from collections import Counter

from manyi_instruments.codebook import Variable, codebook, in_language
from manyi_outputs.appendix.order import Numbered
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.spss.labels import VALUE_LABEL, VARIABLE_LABEL, spss_names

_MINUS = "−"


def codebook_sheet(context: Context) -> tuple[Numbered, ...]:
    """Return the codebook of all questionnaires and of the school indicators; nothing without either.

    Wordings stand in full; what SPSS shortens (labels over 256 bytes, labels of values over 120) or calls
    otherwise is said in the last column.
    """
    words = context.words
    body: list[Row] = []
    for role, questionnaire in context.questionnaires.items():
        variables = tuple(codebook(questionnaire))
        named = spss_names(variable.name for variable in variables)
        usual = _usual(variables, context)
        opening = f"{context.role(role)}{words('numbers.colon')}" if usual else context.role(role)
        body.append(section_row(opening + (words("codebook.usual_are", codes=usual) if usual else "")))
        body += [_row(variable, named[variable.name], role, usual, context) for variable in variables]
    if context.indicators:
        body.append(section_row(words("codebook.indicators")))
        body += [_indicator(name, title, context) for name, title in context.indicators.items()]
    if not body:
        return ()
    columns = (
        Column(words("codebook.variable"), width=13, words=True),
        Column(words("codebook.label"), width=46, words=True),
        Column(words("codebook.measure"), width=9, words=True),
        Column(words("codebook.values"), width=40, words=True),
        Column(words("codebook.missing"), width=14, words=True),
        Column(words("codebook.scale"), width=14, words=True),
        Column(words("codebook.reverse"), width=8, words=True),
        Column(words("codebook.formula"), width=24, words=True),
        Column(words("codebook.spss"), width=15, words=True),
    )
    note = words("codebook.note", label=VARIABLE_LABEL, value=VALUE_LABEL)
    table = Table("codebook", "items", words("codebook.title"), columns, tuple(body), (note,))
    return (Numbered(words("codebook.sheet"), table, "supplement"),)


def _usual(variables: tuple[Variable, ...], context: Context) -> str:
    """Return the missing codes that most variables have, once for all of them."""
    listed = Counter(_missing(variable, context) for variable in variables if variable.missing)
    return listed.most_common(1)[0][0] if listed else ""


def _missing(variable: Variable, context: Context) -> str:
    codes = {code: in_language(text, context.language) for code, text in variable.missing.items()}
    return _listed(codes, context)


def _row(variable: Variable, spss: str, role: str, usual: str, context: Context) -> Row:
    words = context.words
    label = in_language(variable.label, context.language)
    values = {value: in_language(text, context.language) for value, text in variable.values.items()}
    shown = [spss] if spss != variable.name else []
    if len(label.encode()) > VARIABLE_LABEL:
        shown.append(words("codebook.label_cut"))
    if any(len(text.encode()) > VALUE_LABEL for text in values.values()):
        shown.append(words("codebook.values_cut"))
    missing = _missing(variable, context)
    scale = context.scale(role, variable.scale) if variable.scale else ""
    return _cells(
        variable.name,
        label,
        _level(variable, context),
        _listed(values, context) or _bounds(variable, context),
        words("codebook.usual") if missing and missing == usual else missing,
        scale,
        words("codebook.reversed") if variable.reverse_keyed else "",
        in_language(variable.formula, context.language),
        words("numbers.clause").join(shown),
    )


def _level(variable: Variable, context: Context) -> str:
    """Return the level of measurement in words."""
    if variable.type == "string":
        return context.words("codebook.string")
    return context.words(
        "codebook.scale_level" if variable.measure == "scale" else f"codebook.{variable.measure}"
    )


def _indicator(name: str, title: str, context: Context) -> Row:
    unit = context.units.get(name, "")
    return _cells(name, title, context.words("codebook.scale_level"), unit, "", "", "", "", "")


def _cells(*texts: str) -> Row:
    return Row(tuple(Cell(text) for text in texts))


def _listed(labels: dict[int, str], context: Context) -> str:
    """Return values with their labels: ``1=…；2=…``."""
    return context.words("numbers.clause").join(f"{_signed(value)}={text}" for value, text in labels.items())


def _signed(value: float) -> str:
    return f"{_MINUS}{-value:g}" if value < 0 else f"{value:g}"


def _bounds(variable: Variable, context: Context) -> str:
    """Return the range and the unit of a variable whose values have no labels."""
    if variable.low is None or variable.high is None:
        return in_language(variable.unit, context.language)
    span = context.words("basis.range", low=_signed(variable.low), high=_signed(variable.high))
    unit = in_language(variable.unit, context.language)
    return f"{span} {unit}".strip()
