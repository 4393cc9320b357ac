"""The levels of evidence by which a column is taken for a question, the strongest first."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Literal

from manyi.readers.platforms.source import SourceQuestion, SourceTable
from manyi.readers.wording import answer_key, question_key
from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Questionnaire
from manyi_instruments.faults import Fault, Place

Question = Item | AttentionCheck
How = Literal[
    "confirmed",
    "heading",
    "id",
    "text",
    "normalised heading",
    "normalised text",
    "row code",
    "options",
    "number and order",
]
#: Item types of which one question may stand in several columns.
OVER_COLUMNS = ("multiple", "ranking")
_LEVELS: tuple[How, ...] = ("heading", "id", "text", "normalised heading", "normalised text")
_LookUp = Callable[[Question], list[SourceQuestion]]


class Search:
    """Finds a column for every question, level by level, and the faults on the way.

    Parameters
    ----------
    source : SourceTable
        The file.
    questionnaire : Questionnaire
        The questions.
    confirmed : Mapping
        Item -> question of the file a person said it is; goes before all evidence.
    ignored : iterable of str
        Columns a person said are no question.

    Attributes
    ----------
    found : dict
        Item -> question of the file, and what agreed.
    faults : list of Fault
        ``column-ambiguous`` and ``item-ambiguous``.
    """

    def __init__(
        self,
        source: SourceTable,
        questionnaire: Questionnaire,
        confirmed: Mapping[str, SourceQuestion] | None = None,
        ignored: Iterable[str] = (),
    ) -> None:
        self.source = source
        self.questionnaire = questionnaire
        left_out = set(ignored)
        self.candidates = [
            candidate for candidate in candidates(source) if not left_out & set(candidate.columns)
        ]
        self.found: dict[str, tuple[SourceQuestion, How]] = {}
        self.faults: list[Fault] = []
        self.taken: set[str] = set()
        self._refused: set[str] = set()
        for item_id, candidate in (confirmed or {}).items():
            self.found[item_id] = (candidate, "confirmed")
            self.taken.update(candidate.columns)

    def run(self) -> None:
        """Go through the levels of evidence, the strongest first."""
        for level in _LEVELS:
            index: dict[str, list[SourceQuestion]] = defaultdict(list)
            for candidate in self.candidates:
                for key in set(_candidate_keys(candidate, level)):
                    index[key].append(candidate)
            self._level(level, partial(_look_up, index=index, level=level))
        self._level("row code", self._by_row_code())
        self._level("options", self._by_options)

    def questions_left(self) -> tuple[Question, ...]:
        """Return the questions nothing was found for."""
        return tuple(asked for asked in self.questionnaire.questions() if asked.id not in self.found)

    def columns_left(self) -> tuple[SourceQuestion, ...]:
        """Return the questions of the file that no question takes, in the order of the file."""
        free = {question.columns for question in self.candidates}
        return tuple(
            question
            for question in self.source.questions
            if question.columns in free and not self.taken & set(question.columns)
        )

    def _level(self, how: How, look_up: _LookUp) -> None:
        claims: dict[str, list[tuple[str, SourceQuestion]]] = defaultdict(list)
        for question in self.questionnaire.questions():
            if question.id in self.found or question.id in self._refused:
                continue
            fitting = [
                fit
                for fit in look_up(question)
                if not self.taken & set(fit.columns) and (over_columns(question) or not fit.split)
            ]
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
            self.taken.update(candidate.columns)

    def _by_row_code(self) -> _LookUp:
        """Return the look-up of rows of matrices by their code, ``sat[q1]``, where no two have the same."""
        index: dict[str, list[SourceQuestion]] = defaultdict(list)
        for candidate in self.candidates:
            matrix, bracket, row = candidate.code.partition("[")
            if matrix and bracket and len(candidate.columns) == 1:
                index[question_key(row)].append(candidate)
        alone = {key: found for key, found in index.items() if key and len(found) == 1}
        return lambda question: alone.get(question_key(question.id), [])

    def _by_options(self, question: Question) -> list[SourceQuestion]:
        if not isinstance(question, Item) or not over_columns(question):
            return []
        labels = label_keys(question, self.questionnaire)
        return [
            candidate
            for candidate in self.candidates
            if candidate.split
            and candidate.kind == question.type
            and not candidate.by_rank
            and all(answer_key(option) in labels for option in candidate.options)
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


def over_columns(question: Question) -> bool:
    """Return whether one such question may stand in several columns."""
    return isinstance(question, Item) and question.type in OVER_COLUMNS


def candidates(source: SourceTable) -> Iterator[SourceQuestion]:
    """Yield the questions of a file, and of one over several columns each column by itself too."""
    names = dict(zip(source.raw.cells.columns, source.raw.headings, strict=True))
    for question in source.questions:
        yield question
        if question.kind == "multiple" and question.split:
            # Columns of 0 and 1 with a common stem may as well be questions of their own.
            for column, option in zip(question.columns, question.options, strict=True):
                yield SourceQuestion(
                    names[column], question.number, "", option, "single", ("0", "1"), (column,)
                )


def label_keys(question: Question, questionnaire: Questionnaire) -> dict[str, int]:
    """Return the answers of a question: normalised label in any language -> stored value."""
    answers = questionnaire.answer_list(question)
    if answers is None:
        return {}
    return {answer_key(text): answer.value for answer in answers.answers for text in answer.label.values()}


def _candidate_keys(candidate: SourceQuestion, level: How) -> Iterator[str]:
    heading = candidate.heading.strip()
    alone = len(candidate.columns) > 1 or candidate.options != ("0", "1")
    wordings = [candidate.wording, candidate.row if alone else "", *candidate.texts.values()]
    if level in ("heading", "id"):
        yield heading
        if candidate.code:
            yield candidate.code
        if len(candidate.columns) == 1:
            # A repeated or empty heading has a name of its own in the table.
            yield candidate.columns[0].strip()
    elif level == "text":
        yield from (text.strip() for text in (heading, *wordings) if text)
    elif level == "normalised heading":
        yield from filter(None, map(question_key, (heading, candidate.code)))
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
