"""Which rows of a table are a school and stage: totals, lost codes, spellings of stages, repeated rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.readers.tables.foot_rows import is_total
from manyi.readers.tables.headings import fold
from manyi.schools.codes import fold_code, repair_code
from manyi_analysis.resources.splitting import inferred_run_types
from manyi_instruments.faults import Fault, Place
from manyi_instruments.standards.definition import Standard

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A cell that could not be read, or, without column and item, a row that is no school and stage."""

    row: int
    column: str
    item: str
    value: str
    fault: Fault


@dataclass(slots=True)
class SchoolRows:
    """The rows of a table while it is found out which school and stage each one is.

    Parameters
    ----------
    file : str
        Name shown in places.
    cells : DataFrame of str
        The keys under their names in the school table: ``school`` and, where the file has them,
        ``school_name``, ``stage``, ``run_type``; besides ``first``, the first column of the file.
    headings : Mapping
        Name -> heading in the file.
    rows : ndarray of int
        Row of the file of each row of ``cells``.
    standard : Standard or None
        Spellings of stages and run types, length of codes.
    stage : str
        Stage of rows that name none, in a file of one stage.
    whole : bool
        Whether the file holds all stages, so that run types can be told from the stages a school has.

    Attributes
    ----------
    keys : DataFrame
        ``school, stage, run_type`` by row, once read.
    kept : ndarray of bool
        Rows that are a school and stage.
    recoded : dict
        Name -> rows whose key is stored otherwise than it is written.
    """

    file: str
    cells: pd.DataFrame
    headings: Mapping[str, str]
    rows: NDArray[np.int64]
    standard: Standard | None
    stage: str = ""
    whole: bool = True
    keys: pd.DataFrame = field(init=False)
    kept: Flags = field(init=False)
    recoded: dict[str, Flags] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    repaired: pd.DataFrame = field(init=False)

    def __post_init__(self) -> None:
        self.kept = np.ones(len(self.cells), dtype=np.bool_)
        nothing = pd.Series(pd.NA, index=self.cells.index, dtype="string")
        self.keys = pd.DataFrame({"school": nothing, "stage": nothing, "run_type": nothing})
        self.repaired = pd.DataFrame(columns=["value", "repaired", "n"])

    def read(self, totals: Iterable[str]) -> None:
        """Find out what every row is.

        Parameters
        ----------
        totals : iterable of str
            Words that mark rows of totals.
        """
        self._totals(tuple(totals))
        self._codes()
        if self.standard is not None:
            self._run_types(self.standard)
            self._stages(self.standard)
        elif "stage" in self.cells:
            self.keys["stage"] = text_or_missing(self.cells["stage"])
        if self.standard is None and self.stage:
            self.keys["stage"] = self.keys["stage"].fillna(self.stage)
        self._repeated()
        if self.standard is not None:
            self._reject_run_types()
            if self.whole:
                self._infer_run_types(self.standard)

    def set_aside(self, where: Flags, code: str, values: pd.Series) -> None:
        """Take rows out, each with its reason, and warn once."""
        where = where & self.kept
        self.kept &= ~where
        for position in np.flatnonzero(where):
            value = str(values.iloc[position])
            self.rejected.append(
                Rejected(int(self.rows[position]), "", "", value, Fault(code, details={"value": value}))
            )
        self.warn(code, where, values)

    def warn(self, code: str, where: Flags, values: pd.Series) -> None:
        """Warn of rows, naming the first."""
        found = np.flatnonzero(where)
        if found.size:
            details = {"value": str(values.iloc[found[0]]), "n": int(found.size)}
            self.faults.append(
                Fault(code, Place(self.file, row=int(self.rows[found[0]])), details, "warning")
            )

    def _totals(self, words: tuple[str, ...]) -> None:
        told = pd.Series("", index=self.cells.index, dtype="object")
        for name in ("first", "school", "school_name", "stage"):
            if name in self.cells:
                column = self.cells[name]
                told = told.mask((told == "") & column.map(lambda cell: is_total(cell, words)), column)
        self.set_aside((told != "").to_numpy(bool), "school-total-row", told)

    def _codes(self) -> None:
        written = self.cells["school"].where(self.kept, "")
        filled = self._filled_down(written)
        length = None
        if self.standard is not None:
            length = self.standard.columns[self.standard.keys.school].length
        repairs = {code: repair_code(code, length) for code in filled.unique()}
        codes = filled.map({code: repair.code for code, repair in repairs.items()})
        reasons = filled.map({code: repair.reason for code, repair in repairs.items()})
        self.keys["school"] = text_or_missing(codes)
        names = self.cells["school_name"] if "school_name" in self.cells else self.cells["first"]
        names = names.where(names != "", self.cells["first"])
        self.set_aside((codes == "").to_numpy(bool), "school-row-without-code", names)
        self.set_aside((reasons == "school-code-rounded").to_numpy(bool), "school-code-rounded", filled)
        self.warn("school-code-length", (reasons == "school-code-length").to_numpy(bool) & self.kept, filled)
        changed = (codes != filled).to_numpy(bool) & self.kept
        self.warn("school-code-repaired", changed, filled)
        self.recoded["school"] = ((codes != written).to_numpy(bool)) & self.kept
        pairs = pd.DataFrame({"value": filled, "repaired": codes})[changed]
        self.repaired = pairs.groupby(["value", "repaired"], sort=False).size().rename("n").reset_index()

    def _filled_down(self, written: "pd.Series[str]") -> "pd.Series[str]":
        """Give rows below a merged cell the code above: no code, no name of their own, but a stage."""
        if "stage" not in self.cells:
            return written
        blank = (written == "") & (self.cells["stage"] != "") & self.kept
        if "school_name" in self.cells:
            name = self.cells["school_name"].where(self.kept)
            blank &= (name == "") | (name == name.mask(name == "").ffill().shift())
        above = written.where((written != "") & self.kept).ffill()
        self.warn("school-code-merged", (blank & above.notna()).to_numpy(bool), above.fillna(""))
        return written.mask(blank, above).fillna("")

    def _run_types(self, standard: Standard) -> None:
        if "run_type" not in self.cells:
            return
        cells = self.cells["run_type"]
        spellings = {fold(spelling): run_type for spelling, run_type in standard.run_type_of().items()}
        types = cells.map(lambda cell: spellings.get(fold(fold_number(cell)), "")).astype("string")
        types = text_or_missing(types)
        # Merged over the rows of a combined school: given once, meant for each.
        same = types.groupby(self.keys["school"].fillna("")).transform("first")
        self.keys["run_type"] = types.fillna(same.where(self.keys["school"].notna() & (cells == "")))
        self.recoded["run_type"] = (types != cells).fillna(False).to_numpy(bool)

    def _reject_run_types(self) -> None:
        """List the run types that are not known, in rows that are a school and stage."""
        if "run_type" not in self.cells:
            return
        code, cells = "school-run-type-unknown", self.cells["run_type"]
        where = ((cells != "") & self.keys["run_type"].isna()).to_numpy(bool) & self.kept
        for position in np.flatnonzero(where):
            value = str(cells.iloc[position])
            row, fault = int(self.rows[position]), Fault(code, details={"value": value})
            self.rejected.append(Rejected(row, self.headings["run_type"], "run_type", value, fault))
        self.warn(code, where, cells)

    def _stages(self, standard: Standard) -> None:
        taught = {key: run_type.stages for key, run_type in standard.run_types.items()}
        only = {key: stages[0] for key, stages in taught.items() if len(stages) == 1}
        implied = self.keys["run_type"].map(only).astype("string")
        if self.stage:
            implied = pd.Series(self.stage, index=implied.index, dtype="string")
        if "stage" in self.cells:
            cells = self.cells["stage"]
            spellings = {fold(spelling): stage for spelling, stage in standard.stage_of().items()}
            stages = cells.map(lambda cell: spellings.get(fold(cell), "")).astype("string")
            self.set_aside(((stages == "") & (cells != "")).to_numpy(bool), "school-stage-unknown", cells)
            self.recoded["stage"] = (stages != cells).to_numpy(bool)
            implied = stages.mask(stages == "", implied)
        self.keys["stage"] = implied
        self.set_aside(implied.isna().to_numpy(bool), "school-stage-missing", self.keys["school"].fillna(""))
        pairs = zip(self.keys["run_type"].fillna(""), implied.fillna(""), strict=True)
        odd = np.array(
            [bool(taught.get(kind)) and stage not in taught[kind] for kind, stage in pairs], dtype=np.bool_
        )
        self.warn("school-stage-unexpected", odd & self.kept, self.keys["school"].fillna(""))

    def _repeated(self) -> None:
        again = np.zeros(len(self.keys), dtype=np.bool_)
        kept = self.keys.loc[self.kept, ["school", "stage"]].fillna("")
        again[np.flatnonzero(self.kept)] = kept.duplicated().to_numpy(bool)
        self.set_aside(again, "school-row-repeated", self.keys["school"].fillna(""))

    def _infer_run_types(self, standard: Standard) -> None:
        kept = self.keys[self.kept]
        filled = inferred_run_types(kept, standard).astype("string")
        inferred = np.zeros(len(self.keys), dtype=np.bool_)
        inferred[np.flatnonzero(self.kept)] = (kept["run_type"].isna() & filled.notna()).to_numpy(bool)
        self.keys.loc[self.kept, "run_type"] = filled
        self.warn("school-run-type-inferred", inferred, self.keys["school"].fillna(""))


def text_or_missing(cells: pd.Series) -> "pd.Series[str]":
    """Return cells as text, NA where they are empty."""
    text = cells.astype("string")
    return text.mask(text == "")


def fold_number(cell: str) -> str:
    """Return a code that became a number as the code: ``312.0`` is ``312``; anything else as it is."""
    folded = fold_code(cell)
    return repair_code(folded).code if folded[:1].isdecimal() else cell
