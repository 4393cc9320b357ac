"""Who was asked what, by the conditions of the questionnaire: a blank there was no question is no refusal.

Platforms leave a cell blank both where a respondent passed over a question and where it was not put to them.
The conditions tell the two apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.readers.decoding.account import Account
from manyi.readers.matching.matched import Match
from manyi.readers.tables.column import Codes
from manyi_instruments.definitions.questionnaire import AttentionCheck, Item, Question, Questionnaire
from manyi_instruments.definitions.routing import section_of
from manyi_instruments.expressions import Expression, parse_expression
from manyi_instruments.faults import Fault, Place

BoolArray = npt.NDArray[np.bool_]
Values = npt.NDArray[np.float64]

#: So many spreadsheet rows are named in a warning.
_SHOWN = 5


def conditions_of(questionnaire: Questionnaire) -> dict[str, tuple[Expression, ...]]:
    """Return the conditions of every question that has any: its section's, then its own.

    An attention check is asked where the item is that it stands after.
    """
    kinds, sections = questionnaire.kinds(), section_of(questionnaire)
    found: dict[str, tuple[Expression, ...]] = {}
    for question in questionnaire.questions():
        if isinstance(question, AttentionCheck):
            conditions = found.get(question.after, ())
        else:
            section = sections[question.id]
            texts = (section.relevant if section is not None else None, question.relevant)
            conditions = tuple(parse_expression(text, kinds) for text in texts if text is not None)
        if conditions:
            found[question.id] = conditions
    return found


@dataclass(slots=True)
class Routes:
    """The way of every respondent of one file through the questionnaire.

    Attributes
    ----------
    questionnaire : Questionnaire
        Its questions, in the order asked.
    conditions : Mapping
        As `conditions_of` returns them.
    columns_of : Mapping
        Question -> its columns among the coded ones.
    coded : dict
        Coded column -> values; changed where blanks turn out not to have been asked.
    rows : (n,) array
        Spreadsheet rows.
    """

    questionnaire: Questionnaire
    conditions: Mapping[str, tuple[Expression, ...]]
    columns_of: Mapping[str, tuple[str, ...]]
    coded: dict[str, object]
    rows: Codes
    unasked: dict[str, BoolArray] = field(default_factory=dict)

    def follow(self, matches: Mapping[str, Match], account: Account) -> Iterator[Fault]:
        """Store blanks of questions that were not asked as ``not_asked``, and account for them.

        An answer to a question that was not asked is kept as it is, counted and told: nothing in the file
        says which of the two is the mistake. It counts as missing for the conditions behind it, as on forms.

        Parameters
        ----------
        matches : Mapping
            Question -> where the file holds it; without one all is ``not_asked`` already.
        account : Account
            Its counts by kind of missing answer are put right.

        Yields
        ------
        Fault
            A warning ``answer-unasked`` for each question with such answers.
        """
        for question in self.questionnaire.questions():
            if question.id not in self.conditions:
                continue
            self.unasked[question.id] = unasked = ~self._asked(self.conditions[question.id])
            match = matches.get(question.id)
            if match is None or not unasked.any():
                continue
            said = self._said(question)
            nothing = unasked & ~said
            ticked = nothing & self._all_unticked(question) if match.source.split else np.zeros_like(nothing)
            for column in match.columns_read():
                account.leave_unasked(column, self.rows, nothing, ticked)
            self._store(question, nothing, ticked)
            if (unasked & said).any():
                yield self._kept(question, unasked & said, match, account)

    def _asked(self, conditions: tuple[Expression, ...]) -> BoolArray:
        asked = np.ones(len(self.rows), dtype=bool)
        for condition in conditions:
            columns: dict[str, npt.ArrayLike] = {}
            for name in condition.column_names():
                columns.update(self._held(self.questionnaire.item(name)))
            # What is neither true nor false for want of an answer does not hold.
            asked &= condition.run(columns).values == 1
        return asked

    def _held(self, item: Item) -> Mapping[str, npt.ArrayLike]:
        """Return what conditions read of an item: missing where it was not asked, or holds a missing code."""
        given = self._given(item)
        if item.id in self.unasked:
            given = given & ~self.unasked[item.id]
        if item.type == "text":
            return {item.id: self._texts(item.id).where(given).to_numpy(dtype=object)}
        if item.type in ("choice", "number"):
            return {item.id: np.where(given, self._values(item.id), np.nan)}
        # Conditions only ask whether there is an answer, and of a multiple choice which were chosen.
        held: dict[str, npt.ArrayLike] = {item.id: np.where(given, 1.0, np.nan)}
        parts = self._parts(item) if item.type == "multiple" else ()
        return held | {part: np.where(given, self._values(part) == 1, np.nan) for part in parts}

    def _given(self, question: Question) -> BoolArray:
        """Return which rows hold an answer: no missing code, and of several columns a tick or a rank."""
        kind = question.type if isinstance(question, Item) else "choice"
        if kind in ("text", "code"):
            return self._texts(question.id).notna().to_numpy(dtype=bool)
        missing = [code.code for code in self.questionnaire.missing_codes.values()]
        if kind in ("choice", "number"):
            return ~np.isin(self._values(question.id), missing)
        parts = [self._values(part) for part in self._parts(question)]
        return _any([(part >= 1) & ~np.isin(part, missing) for part in parts])

    def _said(self, question: Question) -> BoolArray:
        """Return which rows hold anything that was chosen or written: answers, don't know, refusing.

        For conditions the last two are missing, but nobody chooses them where nothing was asked.
        """
        codes = self.questionnaire.missing_codes
        chosen = [codes["dont_know"].code, codes["refused"].code]
        said = self._given(question)
        for part in self._parts(question):
            if isinstance(self.coded[part], np.ndarray):
                said = said | np.isin(self._values(part), chosen)
        return said

    def _all_unticked(self, question: Question) -> BoolArray:
        """Return the rows in which every option of a multiple choice says not chosen."""
        if not isinstance(question, Item) or question.type != "multiple":
            return np.zeros(len(self.rows), dtype=bool)
        return ~_any([self._values(part) != 0 for part in self._parts(question)])

    def _store(self, question: Question, nothing: BoolArray, unticked: BoolArray) -> None:
        codes = self.questionnaire.missing_codes
        for column in self.columns_of[question.id]:
            values = self.coded[column]
            if isinstance(values, np.ndarray):
                blank = (values == codes["no_answer"].code) & nothing
                self.coded[column] = np.where(blank | unticked, float(codes["not_asked"].code), values)

    def _kept(self, question: Question, where: BoolArray, match: Match, account: Account) -> Fault:
        rows = self.rows[where]
        shown = ", ".join(map(str, rows[:_SHOWN].tolist())) + (" …" if len(rows) > _SHOWN else "")
        conditions = " and ".join(condition.formula for condition in self.conditions[question.id])
        details = {"item": question.id, "n": len(rows), "rows": shown, "condition": conditions}
        place = Place(file=account.file_name, field=next(match.columns_read()))
        fault = Fault("answer-unasked", place, details, "warning")
        account.keep_unasked(match.columns_read(), self.rows, where, fault)
        return fault

    def _parts(self, question: Question) -> tuple[str, ...]:
        return tuple(name for name in self.columns_of[question.id] if name != f"{question.id}__text")

    def _texts(self, column: str) -> "pd.Series[str]":
        return pd.Series(self.coded[column], dtype="string")

    def _values(self, column: str) -> Values:
        return np.asarray(self.coded[column], dtype=np.float64)


def _any(masks: Sequence[BoolArray]) -> BoolArray:
    return np.asarray(np.logical_or.reduce(masks), dtype=np.bool_)
