"""From the cells of a file to coded answers, every cell accounted for."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.readers.decoding.about import about_rows, other_definitions
from manyi.readers.decoding.account import Account
from manyi.readers.decoding.category_set import decode_category_set
from manyi.readers.decoding.cell_rules import (
    Fate,
    Reading,
    Rule,
    choice_rule,
    missing_rule,
    multiple_rule,
    number_rule,
    plain_text,
    tick_rule,
    write_in_rule,
)
from manyi.readers.decoding.code_cells import code_rule, decode_codes
from manyi.readers.decoding.decoded import Decoded, columns_of, question_columns
from manyi.readers.decoding.described import describe
from manyi.readers.decoding.division import Division, divide
from manyi.readers.decoding.missing_ticks import Ticked, missing_ticks
from manyi.readers.decoding.ranking import decode_ranking
from manyi.readers.decoding.reading import held_back
from manyi.readers.decoding.routes import Routes, conditions_of
from manyi.readers.decoding.submission import repaired_codes, texts_of
from manyi.readers.decoding.whole_rows import whole_rows
from manyi.readers.matching.match import Match, Matching, Question
from manyi.readers.platforms.source import NUMERIC, SourceQuestion, SourceTable
from manyi.readers.tables.column import Codes
from manyi.study.definition import Role
from manyi.study.row_shares import RowShare
from manyi_instruments.definitions.questionnaire import Item, MissingKind, Questionnaire
from manyi_instruments.faults import Fault, Place

__all__ = ["Decoded", "decode", "question_columns"]

Values = npt.NDArray[np.float64]


def decode(
    source: SourceTable,
    matching: Matching,
    questionnaire: Questionnaire,
    role: Role,
    file_name: str,
    role_id: str = "",
    language: str = "zh",
    watched: int | None = None,
    share: RowShare | None = None,
) -> Decoded:
    """Decode the answers of one file.

    Parameters
    ----------
    source, matching
        The file and what its columns are.
    questionnaire : Questionnaire
        Values, labels and missing codes.
    role : Role
        ``role.stage`` gives the stage.
    file_name : str
        Stands in the column ``file``.
    role_id : str
        Stands in the column ``role`` of quarantine and cells.
    language : str
        Of the reasons in the quarantine.
    watched : int, optional
        Spreadsheet row of which the fate of every cell is told.
    share : RowShare, optional
        Which rows are the role's own, by the column `Matching.divider`. Rows of other roles are counted and
        let go; rows of nobody are quarantined.

    Returns
    -------
    Decoded
        A row that is blank throughout or repeats the headings is quarantined; a cell that means nothing
        is stored as ``invalid`` and quarantined.
    """
    conditions = conditions_of(questionnaire)
    conditional = frozenset(name for item in conditions for name in (item, f"{item}__text"))
    account = Account(role_id, file_name, language, watched, conditional=conditional)
    work = _Work(source, questionnaire, account)
    divided = divide(source, matching.divider, share)
    work.set_aside_rows(divided)
    matches = {found.item: found for found in matching.matches}
    columns: dict[str, object] = {}
    with ThreadPoolExecutor(1) as pool:
        told = pool.submit(about_rows, source, matching, work.cells, work.rows, file_name)
        for question in questionnaire.questions():
            columns.update(work.question(question, matches.get(question.id)))
    columns_by = {asked.id: columns_of(asked, questionnaire) for asked in questionnaire.questions()}
    routes = Routes(questionnaire, conditions, columns_by, columns, work.rows)
    work.faults.extend(routes.follow(matches, account))
    about, repairs, unclear = told.result()
    if source.held and matching.school is not None:
        cells = work.cells[matching.school]
        work.account.hold_back(matching.school, "", work.rows, cells, source.held, counted=False)
    work.faults.extend(unclear)
    work.faults.extend(other_definitions(about, questionnaire, matching, file_name))
    # Not gathered into one block: that would copy all answers once more.
    answers = pd.DataFrame({**about, **columns}, copy=False)
    if role.stage is not None and role.stage.item in answers:
        answers["stage"] = _stages(answers[role.stage.item], role.stage.stages)
    return Decoded(
        answers=answers,
        quarantine=work.account.quarantine(),
        cells=work.account.ledger(work.rows_read, len(work.cells), len(source.raw.headings), matching),
        repaired_codes=repaired_codes(repairs, role_id, file_name),
        faults=tuple(work.faults),
        seen=work.account.seen,
        elsewhere=divided.elsewhere if divided is not None else {},
    )


def _stages(values: "pd.Series[float]", stages: Mapping[str, Iterable[int]]) -> "pd.Series[str]":
    names = {float(value): name for name, members in stages.items() for value in members}
    return values.map(names).astype("string")


@dataclass(slots=True)
class _Work:
    """The decoding of one file under way."""

    source: SourceTable
    questionnaire: Questionnaire
    account: Account
    cells: pd.DataFrame = field(init=False)
    rows: Codes = field(init=False)
    rows_read: int = field(init=False)
    keep: npt.NDArray[np.bool_] | None = None
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        raw = self.source.raw
        self.cells = raw.cells.reset_index(drop=True)
        self.rows = np.asarray(raw.rows, dtype=np.int64)
        self.rows_read = len(self.cells)

    def set_aside_rows(self, divided: Division | None) -> None:
        """Quarantine the rows that are no answer sheet: blank, the headings again, or so by the platform.

        Rows of other roles go first, whatever they hold: they are listed where they belong.
        """
        raw = self.source.raw
        here = np.ones(len(self.rows), dtype=bool) if divided is None else divided.here
        self.account.rows_elsewhere = int((~here).sum())
        blank = whole_rows(raw.cells, lambda column, _: column.str.strip() == "")
        again = whole_rows(raw.cells, lambda column, i: column.str.strip() == raw.headings[i].strip())
        again &= ~blank
        for mask, code in ((blank, "empty-row"), (again, "heading-row")):
            mask &= here
            if mask.any():
                first = raw.headings[0].strip() if code == "heading-row" else ""
                self.account.enter(self.rows[mask], "", "", first, Fault(code))
        keep = here & ~(blank | again)
        for code, rows in self.source.set_aside.items():
            told = keep & np.isin(self.rows, np.asarray(rows, dtype=np.int64))
            if told.any():
                self.account.enter(self.rows[told], "", "", "", Fault(code))
                keep &= ~told
        if divided is not None:
            keep &= ~self._rows_of_nobody(divided, keep)
        if not keep.all():
            self.cells = self.cells[keep].reset_index(drop=True)
            self.rows = self.rows[keep]
            self.keep = keep

    def _rows_of_nobody(self, divided: Division, keep: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Quarantine those of the rows kept that no role takes, with the cell that says so; return them."""
        nobody = np.zeros(len(self.rows), dtype=bool)
        for cell, of_cell in divided.unclaimed.items():
            told = keep & of_cell
            if told.any():
                details = {"column": divided.column, "value": cell.strip()}
                fault = Fault("row-of-nobody", details=details)
                self.account.enter(self.rows[told], "", "", cell.strip(), fault)
                nobody |= told
        return nobody

    def question(self, question: Question, found: Match | None) -> dict[str, object]:
        """Return the coded columns of one question."""
        n = len(self.cells)
        names = columns_of(question, self.questionnaire)
        kind = question.type if isinstance(question, Item) else "choice"
        is_text = kind in ("text", "code")
        coded: dict[str, object] = {}
        for name in names:
            if is_text or name.endswith("__text"):
                coded[name] = pd.Series(pd.NA, index=range(n), dtype="string")
            elif found is None or name != question.id:
                coded[name] = np.full(n, float(self.questionnaire.missing_codes["not_asked"].code))
        if found is None:
            return coded
        if isinstance(question, Item) and kind == "code":
            column = found.source.columns[0]
            rule = code_rule(question, self.source, self.questionnaire, found.source)
            read = self._read(column, rule)
            coded[question.id] = decode_codes(column, question.id, *read, self.account, self.rows)
        elif is_text:
            coded[question.id] = self._texts(question.id, found.source.columns[0], found.source)
        elif isinstance(question, Item) and question.type == "multiple":
            coded.update(self._multiple(question, found))
        elif isinstance(question, Item) and question.type == "ranking":
            coded.update(self._ranking(question, found))
        else:
            coded.update(self._single(question, found))
        if found.other is not None and f"{question.id}__text" in coded:
            coded[f"{question.id}__text"] = self._texts(question.id, found.other)
        return coded

    def _single(self, question: Question, found: Match) -> dict[str, object]:
        column = found.source.columns[0]
        if isinstance(question, Item) and question.type == "number":
            rule: Rule = number_rule(question, self.source, self.questionnaire, found.source)
        else:
            rule = choice_rule(question, self.source, self.questionnaire, found.answers, found.source)
        codes, readings = self._read(column, rule)
        self._warn_of_labels(question, found, readings)
        readings = self._distrust_places(question, column, readings)
        self.account.column(column, question.id, self.rows, codes, readings)
        coded: dict[str, object] = {question.id: self._values(readings)[codes]}
        coded.update(self._others(question, codes, readings))
        return coded

    def _distrust_places(
        self, question: Question, column: str, readings: dict[str, Reading]
    ) -> dict[str, Reading]:
        """Reject every option number, or score, of a column that holds one beyond the list.

        The list then lacks an option, and nothing tells whether it stands before or after the others; or the
        scores, from 0 perhaps, are not its values.
        """
        answers, score = self.questionnaire.answer_list(question), self.source.style == "score"
        if self.source.style not in ("number", "score") or answers is None:
            return readings
        numbers = {cell: float(plain_text(cell)) for cell in readings if NUMERIC.fullmatch(plain_text(cell))}
        beyond = [
            numbers[cell]
            for cell, reading in readings.items()
            if reading.code == "answer-out-of-list" and (score or numbers.get(cell, 0) > len(answers.answers))
        ]
        if not beyond:
            return readings
        details = {"item": question.id, "highest": f"{max(beyond):g}", "answers": len(answers.answers)}
        code = "score-unsure" if score else "option-number-unsure"
        self.faults.append(Fault(code, Place(self.account.file_name, field=column), details, "warning"))
        unsure = Reading(Fate.REJECTED, code=code, details=details)
        return {
            cell: unsure if cell in numbers and reading.fate != Fate.MISSING else reading
            for cell, reading in readings.items()
        }

    def _warn_of_labels(self, question: Question, found: Match, readings: Iterable[str]) -> None:
        """Tell where labels of the file and of the questionnaire disagree."""
        described = describe(question, found.source, self.source, self.questionnaire)
        place = Place(file=self.account.file_name, field=found.source.columns[0])
        self.faults.extend(replace(fault, place=place) for fault in described.warnings(readings))

    def _multiple(self, question: Item, found: Match) -> dict[str, object]:
        if found.source.split:
            return self._ticks(question, found)
        rule = multiple_rule(question, self.source, self.questionnaire, found.answers, found.source)
        if found.source.coded:
            return self._category_set(question, found, rule)
        column = found.source.columns[0]
        codes, readings = self._read(column, rule)
        self._warn_of_labels(question, found, readings)
        self.account.column(column, question.id, self.rows, codes, readings)
        answers = self.questionnaire.answer_list(question)
        coded: dict[str, object] = {}
        invalid = float(self.questionnaire.missing_codes["invalid"].code)
        for value in answers.values if answers else ():
            ticks = [
                float(value in reading.values)
                if reading.fate in (Fate.KEPT, Fate.RECODED)
                else (reading.values[0] if reading.fate == Fate.MISSING else invalid)
                for reading in readings.values()
            ]
            coded[f"{question.id}__{value}"] = np.array(ticks, dtype=np.float64)[codes]
        coded.update(self._others(question, codes, readings))
        return coded

    def _ticks(self, question: Item, found: Match) -> dict[str, object]:
        """Read a multiple choice with a column an option; a blank beside a tick is a 0."""
        option_of = dict(zip(found.source.columns, found.source.options, strict=True))
        read: dict[int, tuple[Codes, dict[str, Reading]]] = {}
        answered = np.zeros(len(self.cells), dtype=bool)
        for value, column in found.options.items():
            option = option_of[column]
            if column == found.source.write_in:
                rule = write_in_rule(self.source, self.questionnaire, found.source)
            else:
                rule = tick_rule(question, value, option, self.source, self.questionnaire, found.source)
            codes, readings = self._read(column, rule)
            read[value] = codes, readings
            given = [reading.fate in (Fate.KEPT, Fate.RECODED) for reading in readings.values()]
            answered |= np.array(given, dtype=bool)[codes]
        absent = dict(self._missing_ticks(question, found, option_of))
        if found.source.zeros_are_blank:
            ticked = np.zeros(len(self.cells), dtype=bool)
            for codes, readings in read.values():
                ticked |= self._values(readings)[codes] == 1.0
            for where in absent.values():
                ticked |= where
            absent["no_answer"] = absent.get("no_answer", np.zeros_like(ticked)) | ~ticked
        coded: dict[str, object] = {}
        for value, (codes, readings) in read.items():
            blank = np.array([not cell.strip() for cell in readings], dtype=bool)[codes] & answered
            values = self._values(readings)[codes]
            values[blank] = 0.0
            column = found.options[value]
            counted = ~blank
            for kind, where in absent.items():
                values[where] = float(self.questionnaire.missing_codes[kind].code)
                cells = self.cells[column]
                self.account.settle(column, question.id, self.rows, cells, where, Fate.MISSING, kind)
                blank, counted = blank & ~where, counted & ~where
            self.account.settle(column, question.id, self.rows, self.cells[column], blank, Fate.RECODED)
            self.account.column(column, question.id, self.rows, codes, readings, counted)
            coded[f"{question.id}__{value}"] = values
            coded.update(self._others(question, codes, readings))
        return coded

    def _missing_ticks(self, question: Item, found: Match, option_of: Mapping[str, str]) -> Ticked:
        def read(column: str) -> tuple[Codes, dict[str, Reading]]:
            option = option_of[column]
            rule = tick_rule(question, None, option, self.source, self.questionnaire, found.source)
            return self._read(column, rule)

        columns = found.missing
        return missing_ticks(question.id, columns, read, self.cells, self.rows, self.account)

    def _ranking(self, question: Item, found: Match) -> dict[str, object]:
        ranks = decode_ranking(
            question, found, self.cells, self.rows, self.source, self.questionnaire, self.account
        )
        coded: dict[str, object] = dict(ranks.columns)
        for codes, readings in ranks.texts:
            coded.update(self._others(question, codes, readings))
        return coded

    def _category_set(self, question: Item, found: Match, rule: Rule) -> dict[str, object]:
        read = {column: self._read(column, rule) for column in found.source.columns}
        self._warn_of_labels(question, found, [cell for _, readings in read.values() for cell in readings])
        return decode_category_set(question, read, self.cells, self.rows, self.questionnaire, self.account)

    def _texts(self, item: str, column: str, found: SourceQuestion | None = None) -> "pd.Series[str]":
        cells = self.cells[column]
        told = found.missing if found is not None else {}
        held: dict[str, MissingKind] = dict.fromkeys(self.source.held, "invalid")
        text, _ = texts_of(cells, {**self.source.missing, **told, **held}, repair=False)
        blank = text.isna().to_numpy(dtype=bool)
        self.account.settle(column, item, self.rows, cells, ~blank, Fate.KEPT)
        if held:
            blank = blank & ~self.account.hold_back(column, item, self.rows, cells, self.source.held)
        missing = missing_rule(self.source, self.questionnaire, found)
        for cell in cells[blank].unique().tolist():
            reading = missing(cell)
            kind = reading.kind if reading else None
            where = blank & (cells == cell).to_numpy(dtype=bool)
            self.account.settle(column, item, self.rows, cells, where, Fate.MISSING, kind or "no_answer")
        return text

    def _read(self, column: str, rule: Rule) -> tuple[Codes, dict[str, Reading]]:
        """Apply a rule once to each different cell of a column."""
        rule = held_back(rule, self.source.held)
        found = self.source.raw.column(column)
        if self.keep is not None:
            found = found.where(self.keep)
        return found.codes, {cell: rule(cell) for cell in found.cells}

    def _values(self, readings: Mapping[str, Reading]) -> Values:
        invalid = float(self.questionnaire.missing_codes["invalid"].code)
        stored = [reading.values[0] if reading.values else invalid for reading in readings.values()]
        return np.array(stored, dtype=np.float64)

    def _others(self, question: Question, codes: Codes, readings: Mapping[str, Reading]) -> dict[str, object]:
        texts = [reading.other for reading in readings.values()]
        if not any(texts):
            return {}
        name = f"{question.id}__text"
        if name in columns_of(question, self.questionnaire):
            return {name: pd.Series(texts, dtype="string").take(codes).reset_index(drop=True)}
        n = int(np.isin(codes, [index for index, text in enumerate(texts) if text]).sum())
        place = Place(file=self.account.file_name, field=question.id)
        self.faults.append(Fault("other-text-not-kept", place, {"item": question.id, "n": n}, "warning"))
        return {}
