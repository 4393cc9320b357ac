"""The account of one file: what became of every row and every cell, and what was set aside."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.readers.decoding.cell_rules import Fate, Reading
from manyi.readers.matching.match import Matching
from manyi.readers.tables.column import Codes
from manyi_instruments.definitions.questionnaire import MissingKind
from manyi_instruments.faults import Fault

Texts = npt.NDArray[np.object_]

QUARANTINE = ("role", "file", "row", "column", "item", "value", "code", "reason")
MISSING_KINDS = ("no_answer", "dont_know", "not_asked", "refused", "invalid")
#: Of these a respondent chose.
_SAID = ("dont_know", "refused")
#: Rows that are set aside because another file holds the same submission.
REPEATED, REPLACED = "row-repeated", "row-replaced"
_FEW = 16
#: What may become of a cell: its fate, and of a missing one its kind.
_OUTCOMES: tuple[tuple[Fate, str], ...] = (
    *((fate, "") for fate in Fate),
    *((Fate.MISSING, kind) for kind in MISSING_KINDS),
)
_PLACES = {outcome: place for place, outcome in enumerate(_OUTCOMES)}
_UNANSWERED = _PLACES[Fate.MISSING, "no_answer"]


class AccountUnbalancedError(RuntimeError):
    """Rows or cells were lost or counted twice: our own mistake, never the user's."""


@dataclass(frozen=True, slots=True)
class CellAccount:
    """What became of one cell.

    Attributes
    ----------
    column, item : str
        Heading in the file and id in the questionnaire.
    cell : str
        As it stands.
    fate : Fate
        Kept, recoded, missing or rejected.
    kind : str
        Kind of missing answer; empty for others.
    fault : Fault or None
        Why it was rejected, or that it was kept though its question was not asked.
    """

    column: str
    item: str
    cell: str
    fate: Fate
    kind: str = ""
    fault: Fault | None = None


@dataclass(slots=True)
class Account:
    """Counts of cells by fate and by kind of missing answer, and the quarantine, of one file under way.

    ``conditional`` are the questions of which ``outcomes`` keeps what became of every cell, by column;
    ``answers_unasked`` counts answers to questions that were not asked.
    ``rows_elsewhere`` are rows of other roles; ``watched`` is a spreadsheet row of which every cell's fate is
    kept in ``seen``, by column.
    """

    role_id: str
    file_name: str
    language: str
    watched: int | None = None
    fates: "Counter[Fate]" = field(default_factory=Counter)
    kinds: "Counter[str]" = field(default_factory=Counter)
    columns: set[str] = field(default_factory=set)
    rows_aside: "Counter[str]" = field(default_factory=Counter)
    rows_elsewhere: int = 0
    entries: list[dict[str, Codes | Texts]] = field(default_factory=list)
    seen: dict[str, CellAccount] = field(default_factory=dict)
    conditional: frozenset[str] = frozenset()
    outcomes: dict[str, npt.NDArray[np.int8]] = field(default_factory=dict)
    answers_unasked: int = 0

    def column(
        self,
        column: str,
        item: str,
        rows: Codes,
        codes: Codes,
        readings: Mapping[str, Reading],
        among: npt.NDArray[np.bool_] | None = None,
        shown: str = "",
    ) -> None:
        """Count the cells of one column, and list the rejected ones.

        Parameters
        ----------
        column, item : str
            Heading in the file and id in the questionnaire.
        rows : (n,) array
            Spreadsheet row of every cell.
        codes : (n,) array
            Place of every cell's text in ``readings``.
        readings : Mapping
            Cell text -> what it means.
        among : (n,) bool array, optional
            Cells that are counted here; all by default. The others are for `settle` and `enter`.
        shown : str, optional
            Stands in the quarantine for every rejected cell, whose own text is not to be seen.
        """
        self.columns.add(column)
        counted = codes if among is None else codes[among]
        counts = np.bincount(counted, minlength=len(readings)).tolist()
        for reading, n in zip(readings.values(), counts, strict=True):
            self.fates[reading.fate] += n
            if reading.kind is not None:
                self.kinds[reading.kind] += n
        if item in self.conditional:
            places = [_PLACES[reading.fate, reading.kind or ""] for reading in readings.values()]
            self._remember(column, np.array(places, dtype=np.int8)[codes], among)
        if any(reading.fate == Fate.REJECTED for reading in readings.values()):
            self._enter_rejected(column, item, rows, codes, readings, shown)
        for at in self._watched(rows):
            if among is None or among[at]:
                cell, reading = list(readings.items())[codes[at]]
                fault = Fault(reading.code, details=reading.details) if reading.code else None
                self.seen[column] = CellAccount(column, item, cell, reading.fate, reading.kind or "", fault)

    def settle(
        self,
        column: str,
        item: str,
        rows: Codes,
        cells: "pd.Series[str]",
        where: npt.NDArray[np.bool_],
        fate: Fate,
        kind: MissingKind | None = None,
    ) -> None:
        """Count cells whose meaning follows from other columns: a blank beside a tick, a rank left out."""
        self.columns.add(column)
        n = int(where.sum())
        self.fates[fate] += n
        if kind is not None:
            self.kinds[kind] += n
        if item in self.conditional:
            self._remember(column, np.full(len(where), _PLACES[fate, kind or ""], dtype=np.int8), where)
        for at in self._watched(rows):
            if where[at]:
                self.seen[column] = CellAccount(column, item, str(cells.iloc[at]), fate, kind or "")

    def leave_unasked(
        self, column: str, rows: Codes, blank: npt.NDArray[np.bool_], unticked: npt.NDArray[np.bool_]
    ) -> None:
        """Count cells as not asked after all: of ``blank`` those without answer, of ``unticked`` zeros."""
        outcomes = self.outcomes.get(column)
        if outcomes is None:
            return
        moved = (blank & (outcomes == _UNANSWERED)) | (unticked & (outcomes <= _PLACES[Fate.RECODED, ""]))
        for place, n in enumerate(np.bincount(outcomes[moved], minlength=len(_OUTCOMES)).tolist()):
            fate, kind = _OUTCOMES[place]
            self.fates[fate] -= n
            self.fates[Fate.MISSING] += n
            if kind:
                self.kinds[kind] -= n
            self.kinds["not_asked"] += n
        for at in self._watched(rows):
            if moved[at]:
                self.seen[column] = replace(self.seen[column], fate=Fate.MISSING, kind="not_asked")

    def keep_unasked(
        self, columns: Iterable[str], rows: Codes, where: npt.NDArray[np.bool_], fault: Fault
    ) -> None:
        """Count answers that are kept though their question was not asked."""
        self.answers_unasked += int(where.sum())
        for at in self._watched(rows):
            if where[at]:
                for column in columns:
                    seen = self.seen.get(column)
                    if seen is not None and seen.fault is None and seen.kind in ("", *_SAID):
                        self.seen[column] = replace(seen, fault=fault)

    def _remember(
        self, column: str, places: npt.NDArray[np.int8], among: npt.NDArray[np.bool_] | None
    ) -> None:
        """Keep what became of the cells of a column, which may be counted in several lots."""
        if among is None:
            self.outcomes[column] = places
        else:
            nowhere = np.full(len(places), _PLACES[Fate.REJECTED, ""], dtype=np.int8)
            self.outcomes[column] = np.where(among, places, self.outcomes.get(column, nowhere))

    def hold_back(
        self,
        column: str,
        item: str,
        rows: Codes,
        cells: "pd.Series[str]",
        held: Mapping[str, Fault],
        counted: bool = True,
    ) -> npt.NDArray[np.bool_]:
        """Reject the cells of a column whose text is held back; return which.

        ``counted`` is False for a column that is no question, whose cells are not in the account.
        """
        refused = cells.isin(list(held)).to_numpy(dtype=bool)
        for cell in cells[refused].unique().tolist():
            where = refused & (cells == cell).to_numpy(dtype=bool)
            if counted:
                self.fates[Fate.REJECTED] += int(where.sum())
            self.enter(rows[where], column, item, cell, held[cell])
        return refused

    def _enter_rejected(
        self,
        column: str,
        item: str,
        rows: Codes,
        codes: Codes,
        readings: Mapping[str, Reading],
        shown: str = "",
    ) -> None:
        rejected = np.array([reading.fate == Fate.REJECTED for reading in readings.values()], dtype=bool)
        few = np.flatnonzero(rejected).tolist()
        if len(few) <= _FEW:
            # Comparing narrow codes is faster by a multiple than looking each one up.
            found = np.zeros(len(codes), dtype=bool)
            for code in few:
                found |= codes == code
        else:
            found = rejected[codes]
        where = np.flatnonzero(found)
        cells = np.array([shown or cell for cell in readings], dtype=object)
        told = [
            (reading.code, Fault(reading.code, details=reading.details).what(self.language))
            if reading.fate == Fate.REJECTED
            else ("", "")
            for reading in readings.values()
        ]
        faults, reasons = (np.array(texts, dtype=object) for texts in zip(*told, strict=True))
        told_of = codes[where]
        values = {"value": cells[told_of], "code": faults[told_of], "reason": reasons[told_of]}
        self._list(rows[where], column, item, values)

    def enter(self, rows: Codes, column: str, item: str, value: str, fault: Fault) -> None:
        """Set aside one cell text, or whole rows (column and item empty), in all the rows given."""
        if not column and not item:
            self.rows_aside[fault.code] += len(rows)
        elif len(self._watched(rows)):
            self.seen[column] = CellAccount(column, item, value, Fate.REJECTED, fault=fault)
        self._list(
            rows, column, item, {"value": value, "code": fault.code, "reason": fault.what(self.language)}
        )

    def _list(self, rows: Codes, column: str, item: str, values: Mapping[str, str | Texts]) -> None:
        about = {"role": self.role_id, "file": self.file_name, "column": column, "item": item}
        texts = {name: np.broadcast_to(np.asarray(text, object), rows.shape) for name, text in values.items()}
        alike = {name: np.broadcast_to(np.asarray(text, object), rows.shape) for name, text in about.items()}
        self.entries.append({"row": rows, **alike, **texts})

    def _watched(self, rows: Codes) -> npt.NDArray[np.int64]:
        return np.flatnonzero(rows == self.watched) if self.watched is not None else np.zeros(0, np.int64)

    def quarantine(self) -> pd.DataFrame:
        """Return what was set aside, in the order of the file's rows."""
        columns = {
            name: np.concatenate([entry[name] for entry in self.entries]) if self.entries else ()
            for name in QUARANTINE
        }
        types = {name: "int64" if name == "row" else "str" for name in QUARANTINE}
        listed = pd.DataFrame({name: pd.Series(columns[name], dtype=types[name]) for name in QUARANTINE})
        return listed.sort_values("row", kind="stable", ignore_index=True)

    def ledger(self, rows_read: int, rows_kept: int, columns: int, matching: Matching) -> pd.DataFrame:
        """Return the account as one row; the columns of the file add up as the cells do.

        Raises
        ------
        AccountUnbalancedError
            If rows or cells do not add up: each was counted where it was read, none by subtraction.
        """
        metadata = set(matching.metadata) - matching.columns_read()
        record: dict[str, object] = {
            "role": self.role_id,
            "file": self.file_name,
            "rows_read": rows_read,
            "rows_kept": rows_kept,
            "rows_quarantined": sum(self.rows_aside.values()),
            "rows_repeated": self.rows_aside[REPEATED],
            "rows_replaced": self.rows_aside[REPLACED],
            "rows_elsewhere": self.rows_elsewhere,
            "cells_read": rows_kept * len(self.columns),
            "cells_kept": self.fates[Fate.KEPT],
            "cells_recoded": self.fates[Fate.RECODED],
            "cells_missing": self.fates[Fate.MISSING],
            "cells_rejected": self.fates[Fate.REJECTED],
            **{f"cells_{kind}": self.kinds[kind] for kind in MISSING_KINDS},
            "answers_unasked": self.answers_unasked,
            "columns_read": columns,
            "columns_questions": len(matching.columns_read()),
            "columns_metadata": len(metadata),
            "columns_unmatched": len(matching.unmatched_columns),
        }
        account = pd.DataFrame([record])
        require_balance(account)
        return account


def require_balance(account: pd.DataFrame) -> None:
    """Check that every row of an account adds up.

    Parameters
    ----------
    account : DataFrame
        ``import_cells``.

    Raises
    ------
    AccountUnbalancedError
        With the file and the sums that differ.
    """
    sums = {
        "rows_read": ["rows_kept", "rows_quarantined", "rows_elsewhere"],
        "cells_read": [f"cells_{fate.name.lower()}" for fate in Fate],
        "cells_missing": [f"cells_{kind}" for kind in MISSING_KINDS],
        "columns_read": ["columns_questions", "columns_metadata", "columns_unmatched"],
    }
    for whole, parts in sums.items():
        wrong = account[account[whole] != account[parts].sum(axis=1)]
        if len(wrong):
            file, total, found = wrong["file"].iloc[0], wrong[whole].iloc[0], wrong[parts].iloc[0].to_dict()
            raise AccountUnbalancedError(f"{file}: {whole} {total} is not the sum of {found}")
