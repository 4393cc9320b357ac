"""Which column of a file holds which question of the questionnaire: by evidence, never by a silent guess."""

from collections.abc import Mapping

from manyi.readers.matching.about_columns import about_columns, dividing_column
from manyi.readers.matching.confirmed import confirmed_columns, ignored_columns
from manyi.readers.matching.decodability import Decodability
from manyi.readers.matching.evidence import How, Question, Search
from manyi.readers.matching.mapping_file import MappingFile
from manyi.readers.matching.matched import Match, Matching
from manyi.readers.matching.number_and_order import by_number_and_order
from manyi.readers.matching.options import missing_columns, option_columns
from manyi.readers.matching.proposals import Proposal, propose
from manyi.readers.platforms.source import SourceQuestion, SourceTable
from manyi.study.definition import Columns, Role
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import AnswersFaulty, Fault, Place

__all__ = ["Match", "Matching", "Question", "match", "nothing_matched"]

_Found = Mapping[str, tuple[SourceQuestion, How]]


def match(
    source: SourceTable, questionnaire: Questionnaire, role: Role, mapping: MappingFile | None = None
) -> Matching:
    """Match the questions of a file to those of the questionnaire.

    Stronger evidence goes first: what a person confirmed, the item's ``heading``, its id, its text in any
    language, the same after normalisation, for multiple choice all the options, and for headings that are
    numbers only number, order and answers together. What is then left on both sides is proposed with a
    score, and not read.

    Parameters
    ----------
    source : SourceTable
        The file.
    questionnaire : Questionnaire
        The questions.
    role : Role
        ``role.columns`` names the columns of school, person, time and duration.
    mapping : MappingFile, optional
        What a person decided about this file; without faults of its own.

    Returns
    -------
    Matching
        Whatever stays unmatched on either side is listed. There may be no match at all where there are
        proposals.

    Raises
    ------
    AnswersFaulty
        All of: ``about-column-missing`` (a column named in ``role.columns``), ``column-ambiguous`` (several
        columns fit one question), ``item-ambiguous`` (one column fits several), ``mapping-column-absent``,
        ``mapping-column-unclear``, ``rows-column-absent``, ``nothing-matched``.
    """
    about, faults = about_columns(source, _columns(role, mapping))
    divider, unsure = dividing_column(source, role.rows)
    faults += unsure
    confirmed: dict[str, SourceQuestion] = {}
    ignored: set[str] = set()
    if mapping is not None:
        confirmed, unsound = confirmed_columns(mapping, source, questionnaire)
        ignored, absent = ignored_columns(mapping, source)
        faults += [*unsound, *absent]
    search = Search(source, questionnaire, confirmed, ignored)
    search.run()
    faults += search.faults
    place = Place(file=source.raw.path.name, sheet=source.raw.sheet)
    proposals, numbers = _proposals(search, source, questionnaire, place) if not faults else ((), [])
    if not search.found and not proposals and not faults:
        faults.append(nothing_matched(source, questionnaire))
    if faults:
        raise AnswersFaulty(faults)
    matches, warnings = _matches(search.found, source, questionnaire, mapping, place)
    missing = tuple(asked.id for asked in questionnaire.questions() if asked.id not in search.found)
    named = (name for name in (*about.values(), divider) if name)
    metadata = tuple(dict.fromkeys([*source.metadata, *named]))
    used = {column for found in matches for column in found.columns_read()}
    names = [str(name) for name in source.raw.cells.columns]
    unmatched = tuple(name for name in names if name not in used and name not in metadata)
    proposed = {column for proposal in proposals for column in proposal.source.columns}
    unread = [name for name in unmatched if name not in ignored and name not in proposed]
    waiting = {proposal.item for proposal in proposals}
    warnings += [
        Fault("item-without-column", place, {"item": item}, "warning")
        for item in missing
        if item not in waiting
    ]
    if unread:
        details = {"n": str(len(unread)), "columns": "、".join(name.strip() for name in unread)}
        warnings.append(Fault("columns-unmatched", place, details, "warning"))
    return Matching(
        matches,
        missing,
        unmatched,
        **about,
        definition=source.definition,
        divider=divider,
        metadata=metadata,
        proposals=proposals,
        faults=(*source.raw.faults, *source.faults, *numbers, *warnings),
    )


def nothing_matched(source: SourceTable, questionnaire: Questionnaire) -> Fault:
    """Return the fault of a file of which no column fits any question."""
    sample = "、".join(heading.strip() for heading in source.raw.headings[:5])
    place = Place(file=source.raw.path.name, sheet=source.raw.sheet)
    details = {"questionnaire": questionnaire.questionnaire, "headings": sample}
    return Fault("nothing-matched", place, details)


def _columns(role: Role, mapping: MappingFile | None) -> Columns:
    """Return the columns that are no questions: of the mapping file, else of the role."""
    if mapping is None:
        return role.columns
    own = mapping.model.columns.model_dump(exclude_none=True)
    return role.columns.model_copy(update=own)


def _proposals(
    search: Search, source: SourceTable, questionnaire: Questionnaire, place: Place
) -> tuple[tuple[Proposal, ...], list[Fault]]:
    """Accept numbered columns where everything agrees, and propose columns for what is left."""
    found = {item: column for item, (column, _) in search.found.items()}
    questions, columns = search.questions_left(), search.columns_left()
    decodability = Decodability(source, questionnaire)
    paired = by_number_and_order(found, questions, columns, questionnaire, decodability)
    if not paired:
        return propose(found, questions, columns, questionnaire, decodability), []
    search.found |= {item: (column, "number and order") for item, column in paired.items()}
    first, last = next(iter(paired.items())), list(paired.items())[-1]
    details = {
        "n": len(paired),
        "column": first[1].heading.strip(),
        "item": first[0],
        "last_column": last[1].heading.strip(),
        "last_item": last[0],
    }
    return (), [Fault("matched-by-number", place, details, "warning")]


def _matches(
    found: _Found,
    source: SourceTable,
    questionnaire: Questionnaire,
    mapping: MappingFile | None,
    place: Place,
) -> tuple[tuple[Match, ...], list[Fault]]:
    answers = mapping.answers() if mapping is not None else {}
    decisions = mapping.decisions() if mapping is not None else ()
    scores = {decision.item: decision.score for decision in decisions}
    matches = []
    warnings: list[Fault] = []
    taken = {name for column, _ in found.values() for name in column.columns}
    for question in questionnaire.questions():
        if question.id in found:
            column, how = found[question.id]
            options, warned = option_columns(question, column, questionnaire, place)
            warnings += warned
            other = None
            if _asks_text(question, questionnaire):
                other = column.other or _other_column(source, question.id)
            own = answers.get(question.id, {})
            score = scores.get(question.id)
            absent = missing_columns(question, column, questionnaire)
            other = None if other in taken else other
            matches.append(Match(question.id, column, how, options, other, own, score, absent))
    return tuple(matches), warnings


def _asks_text(question: Question, questionnaire: Questionnaire) -> bool:
    answers = questionnaire.answer_list(question)
    return answers is not None and any(answer.other for answer in answers.answers)


def _other_column(source: SourceTable, item_id: str) -> str | None:
    name = f"{item_id}__text"
    if name in source.raw.cells.columns:
        return name
    # Platforms put groups before names; where few have answered, a multiple choice may look like a text.
    return next((question.columns[0] for question in source.questions if question.code == name), None)
