"""What the ids in a row of a result table stand for: scales and their items, indicators and their columns."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from manyi.study.folder import StudyFolder
from manyi_instruments.codebook import in_language
from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.faults import ManyiError
from manyi_instruments.standards import Standard

#: Columns that say something in words or name a method, never an id.
_WORDS = frozenset({"reason", "remark", "note", "advice", "method", "title", "text", "role", "missing_rule"})
#: What the whole questionnaire goes by in the column of scales.
_WHOLE = "all"


@dataclass(frozen=True, slots=True)
class Material:
    """What one id stands for.

    Parameters
    ----------
    kind : {"scale", "item", "indicator", "column"}
    role : str
        Whose questionnaire; empty of the schools.
    id, title : str
    items : tuple of str
        Items of a scale; of an item itself.
    reversed : tuple of str
        Those of them that are reverse-keyed: scored as low + high − x.
    minimum : int
        How many of a scale's items must be answered for a score; 0 where it is no scale.
    formula : str
        Of an indicator, in columns of the school table.
    columns : tuple of str
        Those columns.
    """

    kind: str
    role: str
    id: str
    title: str
    items: tuple[str, ...] = ()
    reversed: tuple[str, ...] = ()
    minimum: int = 0
    formula: str = ""
    columns: tuple[str, ...] = ()


def material_of(study: StudyFolder, row: Mapping[str, object], language: str) -> tuple[Material, ...]:
    """Return what stands behind a row: every scale, item and indicator it names, each once.

    Parameters
    ----------
    study : StudyFolder
    row : Mapping
        Column -> value of a result table.
    language : str
        Of the titles.
    """
    # A name in ``role`` may join several: parents+teachers.
    roles = [role for role in str(row.get("role") or "").split("+") if role in study.questionnaires]
    found: dict[tuple[str, str, str], Material] = {}
    for column, value in row.items():
        if column in _WORDS or not isinstance(value, str):
            continue
        for one in _named(study, roles, column, value, language):
            found[one.kind, one.role, one.id] = one
    return tuple(found.values())


def _named(
    study: StudyFolder, roles: list[str], column: str, value: str, language: str
) -> Iterator[Material]:
    ids = dict.fromkeys(name for name in (value, *re.split(r"[ =~:/,+()]+", value)) if name)
    for role in roles:
        questionnaire = study.questionnaires[role]
        if column == "scale" and value == _WHOLE:
            items = tuple(item for item in questionnaire.items if item.scale is not None)
            yield _scale(role, _WHOLE, in_language(questionnaire.title, language), items, 0)
            continue
        for name in ids:
            yield from _of_questionnaire(role, questionnaire, name, language)
    standard = _standard(study)
    if standard is not None:
        for name in ids:
            yield from _of_standard(standard, name, language)


def _of_questionnaire(
    role: str, questionnaire: Questionnaire, name: str, language: str
) -> Iterator[Material]:
    for scale in questionnaire.scales:
        if scale.id == name:
            title = in_language(scale.title, language)
            minimum = questionnaire.minimum_answered(name)
            yield _scale(role, name, title, questionnaire.items_of(name), minimum)
    for item in questionnaire.all_items():
        if name in (item.id, item.keyed_name) or name.rpartition("__")[0] == item.id:
            reverse = (item.id,) if item.reverse else ()
            yield Material("item", role, item.id, in_language(item.text, language), (item.id,), reverse)


def _scale(role: str, name: str, title: str, items: tuple[Item, ...], minimum: int) -> Material:
    ids = tuple(item.id for item in items)
    reverse = tuple(item.id for item in items if item.reverse)
    return Material("scale", role, name, title, ids, reverse, minimum)


def _of_standard(standard: Standard, name: str, language: str) -> Iterator[Material]:
    for indicator in standard.indicators:
        if indicator.id == name:
            formulas = indicator.formula if isinstance(indicator.formula, dict) else {"": indicator.formula}
            told = "; ".join(f"{at}: {text}" if at else text for at, text in formulas.items())
            columns = {
                column: None
                for at in formulas
                if (parsed := indicator.expression(at)) is not None
                for column in sorted(parsed.column_names())
            }
            title = in_language(indicator.title, language)
            yield Material("indicator", "", name, title, formula=told, columns=tuple(columns))
    if name in standard.columns:
        title = in_language(standard.columns[name].title, language)
        yield Material("column", "", name, title, columns=(name,))


def _standard(study: StudyFolder) -> Standard | None:
    try:
        return study.standard
    except ManyiError:
        # A faulty standard was told by the run; the rest of the account stands.
        return None
