"""Which column of a question over several columns holds which of its answers."""

from manyi.readers.matching.evidence import Question, label_keys
from manyi.readers.platforms.source import SourceQuestion
from manyi.readers.wording import answer_key
from manyi_instruments.definitions.questionnaire import MissingKind, Questionnaire
from manyi_instruments.faults import Fault, Place


def option_columns(
    question: Question, found: SourceQuestion, questionnaire: Questionnaire, place: Place
) -> tuple[dict[int, str], list[Fault]]:
    """Return the column of every answer of a split question, and warnings for what has no partner.

    Parameters
    ----------
    question : Item or AttentionCheck
        What was asked.
    found : SourceQuestion
        Where the file holds it.
    questionnaire : Questionnaire
        Its answer lists.
    place : Place
        The file, for the warnings.

    Returns
    -------
    tuple
        Stored value -> column, or rank -> column where the columns are ranks; and the faults
        ``option-without-answer`` and ``answer-without-column``.
    """
    answers = questionnaire.answer_list(question)
    if not found.split or answers is None:
        return {}, []
    if found.by_rank:
        return dict(enumerate(found.columns, start=1)), []
    labels = label_keys(question, questionnaire)
    by_value = {str(value): value for value in answers.values}
    columns: dict[int, str] = {}
    faults = []
    absent = missing_columns(question, found, questionnaire)
    described = {
        answer.code: labels[answer_key(label)]
        for answer in found.answers
        for label in answer.labels.values()
        if answer_key(label) in labels
    }
    written = [answer.value for answer in answers.answers if answer.other]
    for option, column in zip(found.options, found.columns, strict=True):
        if column in absent:
            continue
        value = labels.get(answer_key(option), described.get(option.strip(), by_value.get(option.strip())))
        if value is None and column == found.write_in and len(written) == 1:
            value = written[0]
        if value is None or value in columns:
            details = {"option": option, "item": question.id, "column": column}
            faults.append(Fault("option-without-answer", place, details, "warning"))
        else:
            columns[value] = column
    for value in answers.values:
        if value not in columns:
            details = {"item": question.id, "value": str(value)}
            faults.append(Fault("answer-without-column", place, details, "warning"))
    return columns, faults


def missing_columns(
    question: Question, found: SourceQuestion, questionnaire: Questionnaire
) -> dict[str, MissingKind]:
    """Return the columns of a split multiple choice that tick a missing answer.

    Parameters
    ----------
    question, found, questionnaire
        As for `option_columns`.

    Returns
    -------
    dict
        Column -> kind, of an option that is no answer of the list but a missing code or its label, by its
        own name or by what the structure calls it.
    """
    answers = questionnaire.answer_list(question)
    if not found.split or found.kind != "multiple" or answers is None:
        return {}
    kinds: dict[str, MissingKind] = {}
    for kind, missing in questionnaire.missing_codes.items():
        kinds |= {answer_key(text): kind for text in (str(missing.code), *missing.label.values())}
    told = {answer.code: answer for answer in found.answers}
    own = {*label_keys(question, questionnaire), *map(str, answers.values)}
    columns: dict[str, MissingKind] = {}
    for option, column in zip(found.options, found.columns, strict=True):
        described = told.get(option)
        labels = described.labels.values() if described else ()
        keys = [answer_key(text) for text in (option, *labels)]
        declared = described.missing if described else None
        known = declared or next((kinds[key] for key in keys if key in kinds), None)
        if known is not None and not own & set(keys):
            columns[column] = known
    return columns
