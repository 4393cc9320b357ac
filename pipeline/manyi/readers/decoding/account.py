"""The account of one file: what became of every row and every cell, and what was set aside."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.readers.decoding.cell_rules import Fate, Reading
from manyi.readers.matching.match import Matching
from manyi_instruments.faults import Fault

QUARANTINE = ("role", "file", "row", "column", "item", "value", "code", "reason")
MISSING_KINDS = ("no_answer", "dont_know", "not_asked", "refused", "invalid")

Codes = npt.NDArray[np.int64]


@dataclass(slots=True)
class Account:
    """Counts of cells by fate and by kind of missing answer, and the quarantine, of one file under way."""

    role_id: str
    file_name: str
    language: str
    fates: "Counter[Fate]" = field(default_factory=Counter)
    kinds: "Counter[str]" = field(default_factory=Counter)
    entries: list[pd.DataFrame] = field(default_factory=list)

    def column(
        self,
        column: str,
        item: str,
        rows: Codes,
        codes: Codes,
        readings: Mapping[str, Reading],
        among: npt.NDArray[np.bool_] | None = None,
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
            Cells that are counted here; all by default.
        """
        counted = codes if among is None else codes[among]
        counts = np.bincount(counted, minlength=len(readings))
        for index, (cell, reading) in enumerate(readings.items()):
            self.fates[reading.fate] += int(counts[index])
            if reading.kind is not None:
                self.kinds[reading.kind] += int(counts[index])
            if reading.fate == Fate.REJECTED:
                where = np.flatnonzero(codes == index)
                self.enter(rows[where], column, item, cell, Fault(reading.code, details=reading.details))

    def enter(self, rows: Codes, column: str, item: str, value: str, fault: Fault) -> None:
        """Set aside one cell text, or whole rows (column and item empty), in all the rows given."""
        entry = pd.DataFrame({"row": rows})
        details = (self.role_id, self.file_name, column, item, value, fault.code, fault.what(self.language))
        names = ("role", "file", "column", "item", "value", "code", "reason")
        self.entries.append(entry.assign(**dict(zip(names, details, strict=True)))[list(QUARANTINE)])

    def quarantine(self) -> pd.DataFrame:
        """Return what was set aside, in the order of the file's rows."""
        if not self.entries:
            return pd.DataFrame(
                {name: pd.Series(dtype="int64" if name == "row" else "str") for name in QUARANTINE}
            )
        listed = pd.concat(self.entries, ignore_index=True)
        return listed.sort_values("row", kind="stable", ignore_index=True)

    def ledger(self, rows_read: int, rows_kept: int, columns: int, matching: Matching) -> pd.DataFrame:
        """Return the account as one row; the columns of the file add up as the cells do."""
        metadata = set(matching.metadata) - matching.columns_read()
        record: dict[str, object] = {
            "role": self.role_id,
            "file": self.file_name,
            "rows_read": rows_read,
            "rows_kept": rows_kept,
            "rows_quarantined": rows_read - rows_kept,
            "cells_read": sum(self.fates.values()),
            "cells_kept": self.fates[Fate.KEPT],
            "cells_recoded": self.fates[Fate.RECODED],
            "cells_missing": self.fates[Fate.MISSING],
            "cells_rejected": self.fates[Fate.REJECTED],
            **{f"cells_{kind}": self.kinds[kind] for kind in MISSING_KINDS},
            "columns_read": columns,
            "columns_questions": len(matching.columns_read()),
            "columns_metadata": len(metadata),
            "columns_unmatched": len(matching.unmatched_columns),
        }
        return pd.DataFrame([record])
