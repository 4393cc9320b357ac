"""A survey's structure as its platform describes it, told in the same words for every platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from manyi.readers.platforms.source import DescribedAnswer, Kind, SourceTable
from manyi_instruments.faults import Fault


@dataclass(frozen=True, slots=True)
class StructuredQuestion:
    """One question, or one row of a matrix.

    Attributes
    ----------
    code : str
        Name of the question, or of the row of a matrix, as headings of exports spell it.
    group : str
        Name of the matrix or group it stands in; empty where it stands alone.
    texts : Mapping
        Wording by language; of a row, matrix question and row together joined by ``—``.
    kind : str
        What is answered.
    answers : tuple of DescribedAnswer
        In the order shown.
    required : bool
        Whether it must be answered.
    relevant : str
        Condition under which it is asked, in the platform's own words.
    keys : Mapping
        What manyi's own forms carry about it: ``scale``, ``reverse`` ….
    stem : Mapping
        Of a row of a matrix: the wording above its rows, by language.
    other : str
        Name of the question that takes the free text beside an answer; empty where there is none.
    """

    code: str
    group: str
    texts: Mapping[str, str]
    kind: Kind
    answers: tuple[DescribedAnswer, ...] = ()
    required: bool = False
    relevant: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    stem: Mapping[str, str] = field(default_factory=dict)
    other: str = ""


@dataclass(frozen=True, slots=True)
class Structure:
    """All questions of a structure file.

    Attributes
    ----------
    path : Path
        The file.
    platform : str
        ``xlsform``, ``limesurvey`` or ``qualtrics``.
    title : Mapping
        Title by language.
    languages : tuple of str
        Languages the wordings are given in, the main one first.
    questions : tuple of StructuredQuestion
        In the order asked.
    unasked : Mapping
        Name -> what it is, of whatever exports give a column though nobody is asked: ``note``, ``heading``,
        ``start``, ``end``, ``today``, ``device``, ``metadata``, ``repeat``; ``calculation`` and ``unknown``
        columns may hold answers all the same.
    groups : Mapping
        Name of a group -> its wording by language.
    faults : tuple of Fault
        Warnings.
    """

    path: Path
    platform: str
    title: Mapping[str, str]
    languages: tuple[str, ...]
    questions: tuple[StructuredQuestion, ...]
    unasked: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


def kinds_by_code(structure: Structure | None) -> dict[str, Kind]:
    """Return the kind of every question by its code, and of a matrix by its own."""
    questions = structure.questions if structure else ()
    kinds: dict[str, Kind] = {question.code: question.kind for question in questions}
    for question in questions:
        if question.group:
            kinds.setdefault(question.group, "matrix")
    return kinds


def described(source: SourceTable, structure: Structure) -> SourceTable:
    """Return a table whose questions carry the wordings and answer lists of the structure.

    Parameters
    ----------
    source : SourceTable
        Its questions are looked up by ``code``, else by ``heading``.
    structure : Structure
        The structure; a question it does not know stays as it is.
    """
    known = {question.code: question for question in structure.questions}
    questions = []
    for question in source.questions:
        found = known.get(question.code) or known.get(question.heading.strip())
        if found is not None:
            question = replace(
                question, kind=found.kind, texts={**found.texts, **question.texts}, answers=found.answers
            )
        questions.append(question)
    return replace(source, questions=tuple(questions), structure=structure.path.name)
