"""How well an item's answer list reads what a column holds: evidence for or against a pairing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from manyi.readers.decoding.cell_rules import Fate, Rule, choice_rule, multiple_rule, number_rule
from manyi.readers.matching.evidence import OVER_COLUMNS, Question, label_keys
from manyi.readers.platforms.source import SourceQuestion, SourceTable
from manyi.readers.wording import answer_key
from manyi_instruments.definitions.questionnaire import Item, Questionnaire

#: Different cells of one column that a proposal looks at; acceptance looks at all.
_MOST_CELLS = 60


@dataclass(slots=True)
class Decodability:
    """Shares of distinct cells that can be read, remembered by answer list and cell.

    Parameters
    ----------
    source : SourceTable
        The file.
    questionnaire : Questionnaire
        Answer lists and missing codes.
    """

    source: SourceTable
    questionnaire: Questionnaire
    _rules: dict[tuple[object, ...], Rule] = field(default_factory=dict)
    _read: dict[tuple[tuple[object, ...], str], bool] = field(default_factory=dict)
    _cells: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _shares: dict[tuple[tuple[object, ...], str], float | None] = field(default_factory=dict)

    def share(self, question: Question, candidate: SourceQuestion) -> float | None:
        """Return the share of a column's different cells that a question's answers can read.

        Parameters
        ----------
        question : Item or AttentionCheck
            The question.
        candidate : SourceQuestion
            The column; of one over several columns, the options are read instead of the cells.

        Returns
        -------
        float or None
            None where cells tell nothing: an open question, or a column without answers. The first 60
            different cells are looked at.
        """
        kind = question.type if isinstance(question, Item) else "choice"
        if kind in ("text", "code") or (kind == "ranking" and not candidate.split):
            return None
        if candidate.split:
            if kind not in OVER_COLUMNS:
                return 0.0
            known = set(label_keys(question, self.questionnaire)) | self._values(question)
            return sum(answer_key(option) in known for option in candidate.options) / len(candidate.options)
        column = candidate.columns[0]
        key = (_signature(question), column)
        if key not in self._shares:
            cells = self._sample(column)
            read = sum(self._reads(question, candidate, cell) for cell in cells)
            self._shares[key] = read / len(cells) if cells else None
        return self._shares[key]

    def reads_all(self, question: Question, candidate: SourceQuestion) -> bool:
        """Return whether every cell of all the rows can be read; true for open questions."""
        kind = question.type if isinstance(question, Item) else "choice"
        if candidate.split or kind in ("text", "code"):
            return self.share(question, candidate) in (None, 1.0)
        if kind == "ranking":
            # What a whole ranking in one cell says is not read here, so nothing is proved.
            return False
        cells = _answered(self.source.raw.column(candidate.columns[0]).cells, self.source)
        return all(self._reads(question, candidate, cell) for cell in cells)

    def _sample(self, column: str) -> tuple[str, ...]:
        if column not in self._cells:
            cells = self.source.raw.column(column).cells[: 2 * _MOST_CELLS]
            self._cells[column] = _answered(cells, self.source)[:_MOST_CELLS]
        return self._cells[column]

    def _values(self, question: Question) -> set[str]:
        answers = self.questionnaire.answer_list(question)
        return {str(value) for value in answers.values} if answers is not None else set()

    def _reads(self, question: Question, candidate: SourceQuestion, cell: str) -> bool:
        # Labels and missing values of a file hold for its one column; without them lists alone decide.
        own = candidate.columns if candidate.answers or candidate.missing else ()
        key = (*_signature(question), own)
        known = self._read.get((key, cell))
        if known is None:
            if key not in self._rules:
                self._rules[key] = self._rule(question, candidate)
            known = self._read[key, cell] = self._rules[key](cell).fate != Fate.REJECTED
        return known

    def _rule(self, question: Question, candidate: SourceQuestion) -> Rule:
        if isinstance(question, Item) and question.type == "number":
            return number_rule(question, self.source, self.questionnaire, candidate)
        if isinstance(question, Item) and question.type == "multiple":
            return multiple_rule(question, self.source, self.questionnaire, found=candidate)
        return choice_rule(question, self.source, self.questionnaire, found=candidate)


def _answered(cells: Iterable[object], source: SourceTable) -> tuple[str, ...]:
    texts = dict.fromkeys(str(cell).strip() for cell in cells)
    return tuple(text for text in texts if text and text not in source.missing)


def _signature(question: Question) -> tuple[object, ...]:
    """Return what the rule of a question depends on, so that items on one list share their readings."""
    if not isinstance(question, Item):
        return ("choice", question.answers, False)
    if question.type == "number":
        unit = tuple(question.unit.values()) if question.unit else ()
        return ("number", question.minimum, question.maximum, question.integer, unit)
    return (question.type, question.answers, question.dont_know)
