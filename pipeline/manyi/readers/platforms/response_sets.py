"""Multiple-response sets of SPSS: several variables as the one question they are."""

from collections.abc import Sequence
from dataclasses import replace

from manyi.readers.platforms.source import SourceQuestion, SourceTable
from manyi.readers.platforms.variables import (
    Variable,
    coded_question,
    label_parts,
    question_of,
    split_question,
    variables_of,
)
from manyi.readers.tables.dictionary import FileDictionary, ResponseSet
from manyi_instruments.faults import Fault, Place


def with_sets(source: SourceTable, dictionary: FileDictionary) -> SourceTable:
    """Return a table in which the variables of each response set are one question.

    Parameters
    ----------
    source : SourceTable
        Its variables one by one, or grouped by their names.
    dictionary : FileDictionary
        ``sets``: of a dichotomous set every variable ticks an option when it holds the counted value; the
        variables of a category set hold the codes of the answers chosen.

    Returns
    -------
    SourceTable
        A set stands where its first variable stood. A set that shares a variable with an earlier one is
        left out, with the warning ``response-set-overlaps``; its variables stay as they are.
    """
    taken: dict[str, str] = {}
    made: list[tuple[str, SourceQuestion]] = []
    faults = []
    known = set(source.raw.cells.columns)
    for found in dictionary.sets:
        if len(found.variables) < 2 or not set(found.variables) <= known - set(source.metadata):
            continue
        shared = next((name for name in found.variables if name in taken), None)
        if shared is not None:
            place = Place(file=source.raw.path.name, field=shared)
            details = {"set": found.name, "other": taken[shared], "column": shared}
            faults.append(Fault("response-set-overlaps", place, details, "warning"))
            continue
        taken.update(dict.fromkeys(found.variables, found.name))
        members = variables_of(source.raw, dictionary, found.variables)
        made.append((found.variables[0], _question(found, members)))
    return replace(
        source,
        questions=_placed(source, dictionary, taken, made),
        faults=(*source.faults, *faults),
    )


def _question(found: ResponseSet, members: Sequence[Variable]) -> SourceQuestion:
    if found.counted is None:
        return coded_question(found.name, found.label, members)
    labels = [variable.entry.label or variable.entry.name for variable in members]
    text, options = label_parts(labels)
    if found.labels_from_values:
        named = tuple(variable.entry.values.get(found.counted, "") for variable in members)
        text, options = ("", named) if all(named) and len(set(named)) == len(named) else (text, options)
    return split_question(found.name, found.label or text, options, members, found.counted)


def _placed(
    source: SourceTable,
    dictionary: FileDictionary,
    taken: dict[str, str],
    made: Sequence[tuple[str, SourceQuestion]],
) -> tuple[SourceQuestion, ...]:
    """Return the questions in the order of the file, those over variables of a set given way to it."""
    place = {str(column): index for index, column in enumerate(source.raw.cells.columns)}
    kept = [question for question in source.questions if not set(question.columns) & set(taken)]
    left = [
        column
        for question in source.questions
        if set(question.columns) & set(taken)
        for column in question.columns
        if column not in taken
    ]
    # A group by name that only partly belongs to a set falls apart.
    kept += [question_of(variable) for variable in variables_of(source.raw, dictionary, left)]
    kept += [question for _, question in made]
    return tuple(sorted(kept, key=lambda question: min(place[column] for column in question.columns)))
