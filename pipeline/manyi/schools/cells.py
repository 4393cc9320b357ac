"""The cells of a school table: numbers in the standard's units, codes as text, the unreadable set aside."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.schools.codes import repair_code
from manyi.schools.columns import MatchedColumns
from manyi.schools.numbers import Numbers, looks_numeric, parse_numbers
from manyi.schools.rows import Rejected, SchoolRows, text_or_missing
from manyi_instruments.faults import Fault, Place
from manyi_instruments.standards.definition import Column, Standard

Flags = NDArray[np.bool_]


@dataclass(slots=True)
class SchoolCells:
    """The columns of a school table while they are read.

    Parameters
    ----------
    file : str
        Name shown in places.
    cells : DataFrame of str
        The rows kept, under the file's headings.
    rows : ndarray of int
        Their rows in the file.
    columns : MatchedColumns
        Which heading is which column.
    standard : Standard or None
        Types, units, smallest numbers, what an empty cell means.

    Attributes
    ----------
    frame : DataFrame
        The school table.
    recoded, missing, refused : dict
        Heading -> cells stored otherwise than written; empty ones; ones that could not be read.
    """

    file: str
    cells: pd.DataFrame
    rows: NDArray[np.int64]
    columns: MatchedColumns
    standard: Standard | None
    frame: pd.DataFrame = field(init=False)
    recoded: dict[str, Flags] = field(default_factory=dict)
    missing: dict[str, Flags] = field(default_factory=dict)
    refused: dict[str, Flags] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.frame = pd.DataFrame(index=self.cells.index)

    def read(self, found: SchoolRows) -> None:
        """Read every column: keys as found, the standard's columns, its groupings, then all others."""
        values: dict[str, pd.Series] = self._keys(found)
        definitions: dict[str, Column] = {}
        if self.standard is not None:
            definitions = {
                self.standard.frame_name(name): column for name, column in self.standard.columns.items()
            }
        for name, definition in definitions.items():
            if name not in values:
                column = self._described(name, definition)
                if column is not None:
                    values[name] = column
        for name, heading in self.columns.headings.items():
            if name not in values:
                values[name] = self._undescribed(name, heading)
        if self.standard is not None:
            values.update(self._groupings(self.standard, values))
        taken = set(self.columns.headings.values())
        for heading in self.cells.columns:
            if heading not in taken:
                values[heading if heading not in values else f"{heading} (2)"] = self._undescribed(
                    heading, heading
                )
        front = [name for name in ("school", "school_name", "stage", "run_type", "pupils") if name in values]
        ordered = {name: values[name] for name in (*front, *(name for name in values if name not in front))}
        self.frame = pd.DataFrame(ordered)
        self._warn_rejected()

    def fates(self) -> dict[str, int]:
        """Return how many cells were kept as written, recoded, empty and refused."""
        recoded, missing, refused = (
            sum(int(flags.sum()) for flags in flags_of.values())
            for flags_of in (self.recoded, self.missing, self.refused)
        )
        return {
            "cells_kept": self.cells.size - recoded - missing - refused,
            "cells_recoded": recoded,
            "cells_missing": missing,
            "cells_rejected": refused,
        }

    def _keys(self, found: SchoolRows) -> dict[str, pd.Series]:
        keys = found.keys[found.kept].reset_index(drop=True)
        refused_rows = {entry.row for entry in found.rejected if entry.item == "run_type"}
        for name, recoded in found.recoded.items():
            if name in self.columns.headings:
                cells = self.cells[self.columns.headings[name]]
                refused = (
                    np.isin(self.rows, list(refused_rows))
                    if name == "run_type"
                    else np.zeros(len(cells), bool)
                )
                blank = (cells == "").to_numpy(bool)
                self._count(
                    self.columns.headings[name], recoded[found.kept] & ~blank & ~refused, blank, refused
                )
        values: dict[str, pd.Series] = {"school": keys["school"]}
        values["school_name"] = self._text("school_name").groupby(keys["school"]).transform("first")
        if self.standard is None and "stage" in self.columns.headings:
            self._text("stage")
        values["stage"] = keys["stage"]
        if self.standard is not None:
            values["run_type"] = keys["run_type"]
        return values

    def _text(self, name: str) -> pd.Series:
        """Return a column of text, NA where it is empty or absent."""
        heading = self.columns.headings.get(name)
        if heading is None:
            return pd.Series(pd.NA, index=self.cells.index, dtype="string")
        self._count(heading, None, (self.cells[heading] == "").to_numpy(bool), None)
        return text_or_missing(self.cells[heading])

    def _count(
        self, heading: str, recoded: Flags | None, missing: Flags | None, refused: Flags | None
    ) -> None:
        for flags_of, flags in ((self.recoded, recoded), (self.missing, missing), (self.refused, refused)):
            if flags is not None:
                flags_of[heading] = flags

    def _described(self, name: str, definition: Column) -> pd.Series | None:
        """Return a column of the standard; None where the file has none and it means nothing then."""
        heading = self.columns.headings.get(name)
        if heading is None:
            if definition.blank is None:
                return None
            details = {"name": " / ".join(definition.title.values()), "value": f"{definition.blank:g}"}
            self.faults.append(Fault("school-column-assumed", Place(self.file), details, "warning"))
            return pd.Series(definition.blank, index=self.cells.index, dtype="float64")
        if definition.type == "number":
            return self._numbers(name, heading, definition)
        return self._text(name) if definition.type == "text" else self._codes(name, heading, definition)

    def _numbers(self, name: str, heading: str, definition: Column) -> pd.Series:
        units = (*(definition.unit.values() if definition.unit is not None else ()),)
        numbers = parse_numbers(self.cells[heading], units)
        values = numbers.values * self.columns.factors.get(name, 1.0)
        too_small = np.zeros(len(values), dtype=np.bool_)
        if definition.minimum is not None:
            too_small = values < definition.minimum
        self._reject(heading, name, numbers.rejected, "school-cell-not-number")
        self._reject(
            heading,
            name,
            too_small,
            "school-cell-too-small",
            minimum=f"{definition.minimum:g}" if definition.minimum is not None else "",
        )
        values = np.where(too_small, np.nan, values)
        if definition.blank is not None:
            values = np.where(numbers.blank, definition.blank, values)
        self._count_numbers(heading, numbers, too_small, name in self.columns.factors)
        if name in self.columns.factors:
            details = {
                "unit": self.columns.units[name],
                "factor": f"{self.columns.factors[name]:g}",
                "own": " / ".join(units),
            }
            self.faults.append(
                Fault("school-unit-converted", Place(self.file, field=heading), details, "warning")
            )
        return pd.Series(values, index=self.cells.index)

    def _count_numbers(self, heading: str, numbers: Numbers, too_small: Flags, converted: bool) -> None:
        refused = numbers.rejected | too_small
        recoded = (numbers.recoded | converted) & ~refused & ~numbers.blank
        self._count(heading, recoded, numbers.blank, refused)

    def _codes(self, name: str, heading: str, definition: Column) -> pd.Series:
        cells = self.cells[heading]
        repairs = {cell: repair_code(cell, definition.length) for cell in cells.unique()}
        codes = cells.map({cell: repair.code for cell, repair in repairs.items()}).astype("string")
        lost = cells.map({cell: repair.reason == "school-code-rounded" for cell, repair in repairs.items()})
        refused = lost.to_numpy(bool)
        self._reject(heading, name, refused, "school-code-rounded")
        blank = (codes == "").to_numpy(bool)
        self._count(heading, (codes != cells).to_numpy(bool) & ~refused & ~blank, blank, refused)
        return codes.mask(refused | blank)

    def _undescribed(self, name: str, heading: str) -> pd.Series:
        """Return a column that no standard describes: numbers where it holds numbers, else text."""
        cells = self.cells[heading]
        if not looks_numeric(cells):
            self._count(heading, None, (cells == "").to_numpy(bool), None)
            return text_or_missing(cells)
        numbers = parse_numbers(cells)
        self._reject(heading, name, numbers.rejected, "school-cell-not-number")
        self._count_numbers(heading, numbers, np.zeros(len(cells), dtype=np.bool_), converted=False)
        return pd.Series(numbers.values, index=cells.index)

    def _groupings(self, standard: Standard, values: dict[str, pd.Series]) -> dict[str, pd.Series]:
        """Return the standard's groups of schools, NA for codes that belong to none."""
        grouped = {}
        for key, grouping in standard.groupings.items():
            name = standard.frame_name(grouping.column)
            if name in values:
                codes = values[name].astype("string")
                grouped[key] = codes.map(dict(grouping.group_of())).astype("string")
                unknown = (codes.notna() & grouped[key].isna()).to_numpy(bool)
                if unknown.any():
                    first = int(np.flatnonzero(unknown)[0])
                    details = {"value": str(codes.iloc[first]), "n": int(unknown.sum())}
                    place = Place(self.file, row=int(self.rows[first]), field=self.columns.headings[name])
                    self.faults.append(Fault("school-group-unknown", place, details, "warning"))
        return grouped

    def _reject(self, heading: str, name: str, where: Flags, code: str, **details: object) -> None:
        for position in np.flatnonzero(where):
            value = str(self.cells[heading].iloc[position])
            fault = Fault(code, details={"value": value, **details})
            self.rejected.append(Rejected(int(self.rows[position]), heading, name, value, fault))

    def _warn_rejected(self) -> None:
        if self.rejected:
            first = self.rejected[0]
            details = {"n": len(self.rejected), "value": first.value}
            place = Place(self.file, row=first.row, field=first.column)
            self.faults.append(Fault("school-cells-rejected", place, details, "warning"))
