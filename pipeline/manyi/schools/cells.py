"""The cells of a school table: numbers in the standard's units, codes as text, the unreadable set aside."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.readers.tables.headings import fold
from manyi.schools.codes import repair_code
from manyi.schools.columns import MatchedColumns, described_columns
from manyi.schools.numbers import Numbers, looks_numeric, parse_numbers
from manyi.schools.plausible import by_unit, likely_unit, outside
from manyi.schools.rows import Rejected, SchoolRows, fold_number, text_or_missing
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
    affirmed, denied : tuple of str
        Words for yes and no.

    Attributes
    ----------
    frame : DataFrame
        The school table.
    recoded, missing, refused : dict
        Heading -> cells stored otherwise than written; empty ones; ones that could not be read.
    inferred : dict
        Name -> factor of a unit that was told by a plausible range.
    """

    file: str
    cells: pd.DataFrame
    rows: NDArray[np.int64]
    columns: MatchedColumns
    standard: Standard | None
    affirmed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    frame: pd.DataFrame = field(init=False)
    recoded: dict[str, Flags] = field(default_factory=dict)
    missing: dict[str, Flags] = field(default_factory=dict)
    refused: dict[str, Flags] = field(default_factory=dict)
    inferred: dict[str, float] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.frame = pd.DataFrame(index=self.cells.index)

    def read(self, found: SchoolRows) -> None:
        """Read every column: keys as found, the standard's columns, its groupings, then all others."""
        values: dict[str, pd.Series] = self._keys(found)
        definitions: dict[str, Column] = {}
        if self.standard is not None:
            described = described_columns(self.standard)
            definitions = {self.standard.frame_name(name): column for name, column in described.items()}
        for name, definition in definitions.items():
            if name not in values:
                column = self._described(name, definition)
                if column is not None:
                    values[name] = column
        self._check_units(definitions, values)
        self._check_parts(definitions, values)
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
            if definition.blank is None or (self.standard is not None and name in self.standard.facts):
                return None
            details = {"name": " / ".join(definition.title.values()), "value": f"{definition.blank:g}"}
            self.faults.append(Fault("school-column-assumed", Place(self.file), details, "warning"))
            return pd.Series(definition.blank, index=self.cells.index, dtype="float64")
        fact = self.standard.facts.get(name) if self.standard is not None else None
        if fact is not None and fact.type == "yes_no":
            return self._yes_no(heading, name)
        if definition.type == "number":
            return self._numbers(name, heading, definition)
        return self._text(name) if definition.type == "text" else self._codes(name, heading, definition)

    def _numbers(self, name: str, heading: str, definition: Column) -> pd.Series:
        units = (*(definition.unit.values() if definition.unit is not None else ()),)
        factor = self.columns.factors.get(name, 1.0)
        # A cell that names its own unit is in that one, whatever the heading says.
        own = {unit: 1.0 / factor for unit in units} if factor != 1.0 else {}
        others = {unit: other / factor for unit, other in definition.units.items()}
        numbers = parse_numbers(self.cells[heading], units if factor == 1.0 else (), {**own, **others})
        values = numbers.values * factor
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

    def _yes_no(self, heading: str, name: str) -> pd.Series:
        """Return a judgement as 1 and 0."""
        words = {fold(word): 1.0 for word in self.affirmed} | {fold(word): 0.0 for word in self.denied}
        cells = self.cells[heading]
        folded = cells.map({cell: fold(fold_number(cell)) for cell in cells.unique()})
        values = folded.map(words).astype("float64")
        blank = (cells == "").to_numpy(bool)
        refused = values.isna().to_numpy(bool) & ~blank
        known = ", ".join((*self.affirmed, *self.denied))
        self._reject(heading, name, refused, "school-cell-not-yes-no", known=known)
        self._count(heading, ~blank & ~refused, blank, refused)
        return values

    def _check_units(self, definitions: dict[str, Column], values: dict[str, pd.Series]) -> None:
        """Turn columns that name no unit and are out of range into their likeliest unit; warn of others."""
        for name, definition in definitions.items():
            plausible = definition.plausible
            if self.standard is None or plausible is None or name not in self.columns.headings:
                continue
            per = self.standard.frame_name(plausible.per)
            if name not in values or per not in values:
                continue
            numbers, divisor = values[name].to_numpy(np.float64), values[per].to_numpy(np.float64)
            ratio = by_unit(values["school"], numbers, divisor, definition)
            if np.isnan(ratio).all():
                continue
            median = float(np.nanmedian(ratio))
            told = {"per": plausible.per, "low": f"{plausible.low:g}", "high": f"{plausible.high:g}"}
            if not plausible.low <= median <= plausible.high:
                self._repair_unit(name, definition, median, told, values)
            elif outside(ratio, plausible).any():
                first = int(np.flatnonzero(outside(ratio, plausible))[0])
                heading = self.columns.headings[name]
                told |= {
                    "value": str(self.cells[heading].iloc[first]),
                    "school": str(values["school"][first]),
                }
                told["n"] = str(int(outside(ratio, plausible).sum()))
                place = Place(self.file, row=int(self.rows[first]), field=heading)
                self.faults.append(Fault("school-value-implausible", place, told, "warning"))

    def _repair_unit(
        self,
        name: str,
        definition: Column,
        median: float,
        told: dict[str, str],
        values: dict[str, pd.Series],
    ) -> None:
        """Take a column that names no unit as being in the likeliest; where one is named, only say so."""
        place = Place(self.file, field=self.columns.headings[name])
        told = {**told, "median": f"{median:.4g}"}
        likely = None
        if name not in self.columns.named and definition.plausible is not None:
            likely = likely_unit(median, definition.units, definition.plausible)
        if likely is None:
            self.faults.append(Fault("school-unit-implausible", place, told, "warning"))
            return
        own = " / ".join(definition.unit.values()) if definition.unit is not None else ""
        self._take_as(name, likely.factor, values)
        told |= {"unit": likely.unit, "factor": f"{likely.factor:g}", "own": own}
        self.faults.append(Fault("school-unit-inferred", place, told, "warning"))

    def _take_as(self, name: str, factor: float, values: dict[str, pd.Series]) -> None:
        heading = self.columns.headings[name]
        values[name] = values[name] * factor
        self.inferred[name] = factor
        self.recoded[heading] = ~self.missing[heading] & ~self.refused[heading]

    def _check_parts(self, definitions: dict[str, Column], values: dict[str, pd.Series]) -> None:
        """Set aside parts that are larger than the column that holds them."""
        for name, definition in definitions.items():
            whole = definition.part_of
            if (
                whole is None
                or name not in self.columns.headings
                or whole not in values
                or name not in values
            ):
                continue
            part, all_of_it = values[name].to_numpy(np.float64), values[whole].to_numpy(np.float64)
            larger = part > all_of_it * (1 + 1e-9)
            if larger.any():
                heading = self.columns.headings[name]
                title = " / ".join(definitions[whole].title.values())
                self._reject(heading, name, larger, "school-part-larger", whole=title)
                values[name] = values[name].mask(larger)
                self.refused[heading] = self.refused[heading] | larger
                self.recoded[heading] = self.recoded[heading] & ~larger

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
