"""From what a mapping file says to the columns of the file of answers it is about."""

from collections.abc import Callable

from manyi.readers.matching.about_columns import find_heading
from manyi.readers.matching.evidence import Question, candidates, over_columns
from manyi.readers.matching.mapping_file import Decision, MappingFile, heading_absent
from manyi.readers.platforms.source import Kind, SourceQuestion, SourceTable
from manyi.readers.wording import without_numbering
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault


def confirmed_columns(
    mapping: MappingFile, source: SourceTable, questionnaire: Questionnaire
) -> tuple[dict[str, SourceQuestion], list[Fault]]:
    """Return the question of the file that a person confirmed for each item.

    Parameters
    ----------
    mapping : MappingFile
        Without faults of its own.
    source : SourceTable
        The file of answers.
    questionnaire : Questionnaire
        Says which items may stand in several columns.

    Returns
    -------
    tuple
        Item -> question; and faults at line and column: ``mapping-column-absent``,
        ``mapping-column-unclear`` (several columns have the heading).
    """
    questions = {question.id: question for question in questionnaire.questions()}
    found: dict[str, SourceQuestion] = {}
    faults: list[Fault] = []
    for decision in mapping.decisions():
        column = _column_of(decision, questions[decision.item], source, faults)
        if column is not None:
            found[decision.item] = column
    return found, faults


def ignored_columns(mapping: MappingFile, source: SourceTable) -> tuple[set[str], list[Fault]]:
    """Return the columns a person said are not to be read, and the headings that the file does not have."""
    ignored: set[str] = set()
    faults: list[Fault] = []
    for number, heading in enumerate(mapping.model.ignored):
        place = mapping.read.place("ignored", number)
        columns = [
            column
            for asked in source.questions
            if asked.heading.strip() == heading.strip()
            for column in asked.columns
        ]
        columns = columns or find_heading(source, heading)
        if not columns:
            faults.append(heading_absent(place, heading, source.raw.headings))
        ignored.update(columns)
    return ignored, faults


def _column_of(
    decision: Decision, question: Question, source: SourceTable, faults: list[Fault]
) -> SourceQuestion | None:
    if None not in decision.headings:
        return _over_columns(decision, question, source, faults)
    heading = decision.headings[None].strip()
    fitting = _fitting(heading, question, source)
    if len({fit.columns for fit in fitting}) == 1:
        return fitting[0]
    columns = [fit.columns[0] for fit in fitting] or find_heading(source, heading)
    if len(columns) == 1:
        # A column the platform counts as no question; a person knows better.
        return SourceQuestion(heading, "", without_numbering(heading), "", "single", (), (columns[0],))
    if columns:
        details = {"column": heading, "columns": "、".join(name.strip() for name in columns)}
        faults.append(Fault("mapping-column-unclear", decision.place, details))
    else:
        faults.append(heading_absent(decision.place, heading, source.raw.headings))
    return None


def _fitting(heading: str, question: Question, source: SourceTable) -> list[SourceQuestion]:
    """Return the questions of the file of that heading: so named exactly, else so headed."""
    free = [one for one in candidates(source) if over_columns(question) or not one.split]

    def named(one: SourceQuestion) -> bool:
        return len(one.columns) == 1 and one.columns[0].strip() == heading

    def headed(one: SourceQuestion) -> bool:
        return one.heading.strip() == heading

    looks: tuple[Callable[[SourceQuestion], bool], ...] = (named, headed)
    if over_columns(question):
        looks = (headed, named)
    for fits in looks:
        found = [one for one in free if fits(one)]
        if found:
            return found
    return []


def _over_columns(
    decision: Decision, question: Question, source: SourceTable, faults: list[Fault]
) -> SourceQuestion | None:
    """Return a question whose answers a person gave a column each."""
    columns = []
    for heading in decision.headings.values():
        found = find_heading(source, heading)
        if len(found) == 1:
            columns.append(found[0])
        elif found:
            details = {"column": heading, "columns": "、".join(name.strip() for name in found)}
            faults.append(Fault("mapping-column-unclear", decision.place, details))
        else:
            faults.append(heading_absent(decision.place, heading, source.raw.headings))
    if len(columns) < len(decision.headings):
        return None
    kind: Kind = "ranking" if getattr(question, "type", "") == "ranking" else "multiple"
    options = tuple(str(value) for value in decision.headings)
    text = next(iter(question.text.values()))
    return SourceQuestion(decision.item, "", text, "", kind, options, tuple(columns))
