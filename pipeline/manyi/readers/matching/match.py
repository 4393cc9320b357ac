"""Which column of a file holds which question of the questionnaire: by evidence, never by position."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from manyi.readers.platforms.source import SourceQuestion, SourceTable
from manyi.readers.wording import answer_key, question_key
from manyi.study.definition import Role
from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Questionnaire
from manyi_instruments.faults import AnswersFaulty, Fault, Place

Question = Item | AttentionCheck
_LookUp = Callable[[Question], list[SourceQuestion]]
How = Literal["heading", "id", "text", "normalised heading", "normalised text", "options"]
_LEVELS: tuple[How, ...] = ("heading", "id", "text", "normalised heading", "normalised text")


@dataclass(frozen=True, slots=True)
class Match:
    """One question of the questionnaire and where the file holds it.

    Attributes
    ----------
    item : str
        Id of the item or attention check.
    source : SourceQuestion
        The question found.
    how : str
        What agreed: a heading of the item, its id, its text, these after normalisation (width, blanks,
        punctuation, numbering), or all options of a multiple-choice question.
    options : Mapping
        Of a split multiple-choice question: stored value -> column.
    other : str or None
        Column with the free text beside an answer.
    """

    item: str
    source: SourceQuestion
    how: How
    options: Mapping[int, str] = field(default_factory=dict)
    other: str | None = None

    def columns_read(self) -> Iterator[str]:
        """Yield its columns: of a split multiple choice those that are an answer, and the text beside."""
        yield from self.options.values() if self.source.split else self.source.columns
        if self.other is not None:
            yield self.other


@dataclass(frozen=True, slots=True)
class Matching:
    """All matches of one file, and everything on either side that has none.

    Attributes
    ----------
    matches : tuple of Match
        In the order of the questionnaire.
    unmatched_items : tuple of str
        Questions the file has no column for.
    unmatched_columns : tuple of str
        Columns no question takes; their cells are not read.
    school, person, submitted, seconds : str or None
        Columns that are not questions. They may be a question's column too.
    metadata : tuple of str
        Columns that describe the submission, those four among them.
    faults : tuple of Fault
        Warnings.
    """

    matches: tuple[Match, ...]
    unmatched_items: tuple[str, ...]
    unmatched_columns: tuple[str, ...]
    school: str | None = None
    person: str | None = None
    submitted: str | None = None
    seconds: str | None = None
    metadata: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()

    def columns_read(self) -> set[str]:
        """Return the columns whose cells are read as answers."""
        return {column for found in self.matches for column in found.columns_read()}


def match(source: SourceTable, questionnaire: Questionnaire, role: Role) -> Matching:
    """Match the questions of a file to those of the questionnaire.

    Stronger evidence goes first: the item's ``heading``, its id, its text in any language, the same after
    normalisation, and for multiple choice all the options.

    Parameters
    ----------
    source : SourceTable
        The file.
    questionnaire : Questionnaire
        The questions.
    role : Role
        ``role.columns`` names the columns of school, person, time and duration.

    Returns
    -------
    Matching
        Whatever stays unmatched on either side is listed.

    Raises
    ------
    AnswersFaulty
        All of: ``about-column-missing`` (a column named in ``role.columns``), ``column-ambiguous`` (several
        columns fit one question), ``item-ambiguous`` (one column fits several), ``nothing-matched``.
    """
    about, faults = _about_columns(source, role)
    search = _Search(source, questionnaire)
    search.run()
    faults.extend(search.faults)
    place = Place(file=source.raw.path.name, sheet=source.raw.sheet)
    if not search.found and not faults:
        sample = "、".join(heading.strip() for heading in source.raw.headings[:5])
        details = {"questionnaire": questionnaire.questionnaire, "headings": sample}
        faults.append(Fault("nothing-matched", place, details))
    if faults:
        raise AnswersFaulty(faults)
    questions = {question.id: question for question in questionnaire.questions()}
    warnings: list[Fault] = []
    matches = []
    for item_id, question in questions.items():
        if item_id in search.found:
            source_question, how = search.found[item_id]
            options, warned = _options(question, source_question, questionnaire, place)
            warnings.extend(warned)
            other = _other_column(source, item_id)
            matches.append(Match(item_id, source_question, how, options, other))
    missing = tuple(item_id for item_id in questions if item_id not in search.found)
    warnings.extend(Fault("item-without-column", place, {"item": item}, "warning") for item in missing)
    metadata = tuple(dict.fromkeys([*source.metadata, *(name for name in about.values() if name)]))
    used = {column for found in matches for column in found.columns_read()}
    unmatched = tuple(
        name for name in source.raw.cells.columns.tolist() if name not in used and name not in metadata
    )
    if unmatched:
        unread = {"n": str(len(unmatched)), "columns": "、".join(name.strip() for name in unmatched)}
        warnings.append(Fault("columns-unmatched", place, unread, "warning"))
    return Matching(
        tuple(matches),
        missing,
        unmatched,
        **about,
        metadata=metadata,
        faults=(*source.raw.faults, *source.faults, *warnings),
    )


def _about_columns(source: SourceTable, role: Role) -> tuple[dict[str, str | None], list[Fault]]:
    about: dict[str, str | None] = {}
    faults = []
    for key in ("school", "person", "submitted", "seconds"):
        wanted = getattr(role.columns, key)
        if wanted is None:
            about[key] = getattr(source, key)
            continue
        fitting = _find_heading(source, wanted)
        about[key] = fitting[0] if len(fitting) == 1 else None
        place = Place(file=source.raw.path.name, sheet=source.raw.sheet, field=wanted)
        if len(fitting) > 1:
            columns = "、".join(name.strip() for name in fitting)
            faults.append(Fault("column-ambiguous", place, {"item": key, "columns": columns}))
        elif not fitting:
            faults.append(Fault("about-column-missing", place, {"heading": wanted, "about": key}))
    return about, faults


def _find_heading(source: SourceTable, wanted: str) -> list[str]:
    """Return the columns of a heading: named exactly so, else so headed, else alike after normalisation."""
    names = [str(name) for name in source.raw.cells.columns]
    for exact in (names, source.raw.headings):
        found = [name for name, text in zip(names, exact, strict=True) if text.strip() == wanted.strip()]
        if found:
            return found
    return [name for name in names if question_key(name) and question_key(name) == question_key(wanted)]


class _Search:
    """Finds a source question for every question, level by level, and the faults on the way."""

    def __init__(self, source: SourceTable, questionnaire: Questionnaire) -> None:
        self.source = source
        self.questionnaire = questionnaire
        self.candidates = list(_candidates(source))
        self.found: dict[str, tuple[SourceQuestion, How]] = {}
        self.faults: list[Fault] = []
        self._taken: set[str] = set()
        self._refused: set[str] = set()

    def run(self) -> None:
        """Go through the levels of evidence, the strongest first."""
        for level in _LEVELS:
            index: dict[str, list[SourceQuestion]] = defaultdict(list)
            for candidate in self.candidates:
                for key in set(_candidate_keys(candidate, level)):
                    index[key].append(candidate)
            self._level(level, partial(_look_up, index=index, level=level))
        self._level("options", self._by_options)

    def _level(self, how: How, look_up: _LookUp) -> None:
        claims: dict[str, list[tuple[str, SourceQuestion]]] = defaultdict(list)
        for question in self.questionnaire.questions():
            if question.id in self.found or question.id in self._refused:
                continue
            fitting = [fit for fit in look_up(question) if not self._taken & set(fit.columns)]
            if len(fitting) > 1:
                self._refuse_columns(question, fitting)
            elif fitting:
                claims["\x00".join(fitting[0].columns)].append((question.id, fitting[0]))
        for claimants in claims.values():
            if len(claimants) > 1:
                self._refuse_items(claimants)
                continue
            item_id, candidate = claimants[0]
            self.found[item_id] = (candidate, how)
            self._taken.update(candidate.columns)

    def _by_options(self, question: Question) -> list[SourceQuestion]:
        if not isinstance(question, Item) or question.type != "multiple":
            return []
        labels = _label_keys(question, self.questionnaire)
        return [
            candidate
            for candidate in self.candidates
            if candidate.split and all(answer_key(option) in labels for option in candidate.options)
        ]

    def _refuse_columns(self, question: Question, fitting: Sequence[SourceQuestion]) -> None:
        self._refused.add(question.id)
        columns = "、".join(fit.columns[0].strip() for fit in fitting)
        place = Place(file=self.source.raw.path.name, sheet=self.source.raw.sheet, field=question.id)
        self.faults.append(Fault("column-ambiguous", place, {"item": question.id, "columns": columns}))

    def _refuse_items(self, claimants: Sequence[tuple[str, SourceQuestion]]) -> None:
        items = [item_id for item_id, _ in claimants]
        self._refused.update(items)
        column = claimants[0][1].columns[0].strip()
        place = Place(file=self.source.raw.path.name, sheet=self.source.raw.sheet, field=column)
        self.faults.append(Fault("item-ambiguous", place, {"column": column, "items": "、".join(items)}))


def _candidates(source: SourceTable) -> Iterator[SourceQuestion]:
    names = dict(zip(source.raw.cells.columns, source.raw.headings, strict=True))
    for question in source.questions:
        yield question
        if question.split:
            # Columns of 0 and 1 with a common stem may as well be questions of their own.
            for column, option in zip(question.columns, question.options, strict=True):
                yield SourceQuestion(
                    names[column], question.number, "", option, "single", ("0", "1"), (column,)
                )


def _candidate_keys(candidate: SourceQuestion, level: How) -> Iterator[str]:
    heading = candidate.heading.strip()
    alone = len(candidate.columns) > 1 or candidate.options != ("0", "1")
    wordings = [candidate.wording, candidate.row if alone else ""]
    if level in ("heading", "id"):
        yield heading
        if len(candidate.columns) == 1:
            # A repeated or empty heading has a name of its own in the table.
            yield candidate.columns[0].strip()
    elif level == "text":
        yield from (text for text in (heading, *wordings) if text)
    elif level == "normalised heading":
        yield from filter(None, [question_key(heading)])
    else:
        yield from filter(None, map(question_key, (heading, *wordings)))


def _question_keys(question: Question, level: How) -> Iterator[str]:
    if level == "heading":
        yield from (heading.strip() for heading in question.heading)
    elif level == "id":
        yield question.id
    elif level == "text":
        yield from (text.strip() for text in question.text.values())
    elif level == "normalised heading":
        yield from filter(None, map(question_key, (*question.heading, question.id)))
    else:
        yield from filter(None, map(question_key, question.text.values()))


def _look_up(
    question: Question, index: Mapping[str, list[SourceQuestion]], level: How
) -> list[SourceQuestion]:
    fits = [fit for key in set(_question_keys(question, level)) for fit in index.get(key, ())]
    return list({fit.columns: fit for fit in fits}.values())


def _label_keys(question: Question, questionnaire: Questionnaire) -> dict[str, int]:
    answers = questionnaire.answer_list(question)
    if answers is None:
        return {}
    return {answer_key(text): answer.value for answer in answers.answers for text in answer.label.values()}


def _options(
    question: Question, found: SourceQuestion, questionnaire: Questionnaire, place: Place
) -> tuple[dict[int, str], list[Fault]]:
    """Return the column of every answer of a split multiple, and warnings for what has no partner."""
    answers = questionnaire.answer_list(question)
    if not found.split or answers is None:
        return {}, []
    labels = _label_keys(question, questionnaire)
    by_value = {str(value): value for value in answers.values}
    columns: dict[int, str] = {}
    faults = []
    for option, column in zip(found.options, found.columns, strict=True):
        value = labels.get(answer_key(option), by_value.get(option.strip()))
        if value is None or value in columns:
            details = {"option": option, "item": question.id, "column": column}
            faults.append(Fault("option-without-answer", place, details, "warning"))
        else:
            columns[value] = column
    for value in answers.values:
        if value not in columns:
            absent = {"item": question.id, "value": str(value)}
            faults.append(Fault("answer-without-column", place, absent, "warning"))
    return columns, faults


def _other_column(source: SourceTable, item_id: str) -> str | None:
    name = f"{item_id}__text"
    return name if name in source.raw.cells.columns else None
