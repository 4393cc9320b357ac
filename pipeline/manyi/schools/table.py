"""The school table: read from a bureau's file, its codes repaired, every row and cell accounted for."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.readers.tables.raw_table import RawTable, read_table, unique_names
from manyi.schools.cells import SchoolCells
from manyi.schools.codes import MatchedCodes, Repair, match_schools, repair_code
from manyi.schools.columns import MatchedColumns, heading_below, heading_row, match_columns
from manyi.schools.rows import Rejected, SchoolRows
from manyi.study.definition import Schools
from manyi_analysis.resources.splitting import split_combined_schools
from manyi_instruments.faults import AnswersFaulty, Fault, Place
from manyi_instruments.standards.definition import Standard

__all__ = ["MatchedCodes", "Repair", "SchoolTable", "match_schools", "read_schools", "repair_code"]

ROLE = "schools"
QUARANTINE = ("role", "file", "row", "column", "item", "value", "code", "reason")

#: Columns that say which school and stage a row is.
KEYS = ("school", "school_name", "stage", "run_type")


@dataclass(frozen=True, slots=True)
class SchoolTable:
    """The school table as read, with an account of every row and cell.

    Attributes
    ----------
    file : str
        Name of the file.
    frame : DataFrame
        One row a school and stage: ``school`` (text), ``school_name``, ``stage`` and ``run_type`` (ids of the
        standard, NA where not known), ``pupils``, the standard's columns by id, its groupings, then all other
        columns under their headings: float64 where they hold numbers, else text. Combined schools are not
        split yet. Without a standard, the columns the file has.
    rows : Series
        Row of the file, as a spreadsheet shows it, of every row of ``frame``.
    quarantine : DataFrame
        ``role, file, row, column, item, value, code, reason``: cells that are missing in ``frame`` because
        they could not be read, and rows that are not in it (column and item empty).
    repaired : DataFrame
        ``role, file, value, repaired, n``: school codes that had lost zeros or become numbers.
    cells : DataFrame
        One row: ``role, file, rows_read, rows_kept, rows_quarantined, cells_read, cells_kept, cells_recoded,
        cells_missing, cells_rejected``. Empty rows are not counted; cells are those of rows kept.
    columns : DataFrame
        ``column, heading, factor``: which heading became which column; the factor of its unit. A column
        without a heading is absent and stands for what the standard says an empty cell means.
    faults : tuple of Fault
        Warnings, one a kind.
    """

    file: str
    frame: pd.DataFrame
    rows: "pd.Series[int]"
    quarantine: pd.DataFrame
    repaired: pd.DataFrame
    cells: pd.DataFrame
    columns: pd.DataFrame
    faults: tuple[Fault, ...] = ()

    @property
    def codes(self) -> list[str]:
        """Return the code of every school, once, in the order of the table."""
        return self.frame["school"].drop_duplicates().tolist()


def read_schools(
    path: Path | str,
    schools: Schools,
    standard: Standard | None = None,
    language: str = "zh",
    stage: str = "",
) -> SchoolTable:
    """Read one file of the school table of a study; :func:`~manyi.schools.files.read_school_files` reads all.

    The table has one row a school and stage. A combined school has one row for each stage, with pupils and
    teachers by stage and the facilities of the whole school on each row (or on one). Headings are the
    standard's column ids, its titles in any language or its other spellings, or what ``study.yaml`` maps;
    titles above the headings are passed over. Without a standard, ``study.yaml`` names the column of the
    code, and every column of numbers becomes a variable under its heading.

    Parameters
    ----------
    path : Path or str
        CSV (UTF-8 with or without byte order mark, GB18030) or Excel.
    schools : Schools
        The part ``schools`` of ``study.yaml``.
    standard : Standard, optional
        What the columns mean.
    language : str
        Of the reasons in the quarantine.
    stage : str
        Where each stage has its own file: that of this one. What a school is by all its stages (run type,
        division) is then not told here.

    Returns
    -------
    SchoolTable
        Nothing is dropped silently: totals, rows without a code, repeated rows and unreadable cells are in
        the quarantine with row, column, value and reason.

    Raises
    ------
    FileUnreadable
        The file cannot be read as a table.
    AnswersFaulty
        ``school-column-missing``: the code, or another column the standard needs, is not there.
    """
    raw = read_table(path)
    cells, rows, columns = _table(raw, schools, standard, stage)
    found = _school_rows(raw.path.name, cells, rows, columns, standard, stage)
    found.read(schools.totals)
    work = SchoolCells(
        raw.path.name,
        cells[found.kept].reset_index(drop=True),
        rows[found.kept],
        columns,
        standard,
        schools.affirmed,
        schools.denied,
    )
    work.read(found)
    rejected = [*found.rejected, *work.rejected]
    return SchoolTable(
        file=raw.path.name,
        frame=work.frame,
        rows=pd.Series(rows[found.kept], dtype="int64"),
        quarantine=quarantine_table(rejected, raw.path.name, language),
        repaired=found.repaired.assign(role=ROLE, file=raw.path.name)[
            ["role", "file", "value", "repaired", "n"]
        ],
        cells=_account(raw.path.name, len(cells), work),
        columns=_columns(columns, cells, standard, work.inferred),
        faults=(
            *raw.faults,
            *columns.faults,
            *found.faults,
            *work.faults,
            *(() if stage else split_faults(work.frame, standard, raw.path.name)),
        ),
    )


def _table(
    raw: RawTable, schools: Schools, standard: Standard | None, stage: str
) -> tuple[pd.DataFrame, NDArray[np.int64], MatchedColumns]:
    """Return the rows that hold something, their numbers and what the columns are; or say what is lacking."""
    cells, rows, file = raw.cells, raw.rows.to_numpy(np.int64), raw.path.name
    columns = match_columns(list(cells.columns), schools, standard, file)
    if raw.heading_rows > 1:
        rows_only = [heading_below(name, schools, standard) or name for name in map(str, cells.columns)]
        named = [
            row if rows_only.count(row) == 1 else name
            for row, name in zip(rows_only, cells.columns, strict=True)
        ]
        below = match_columns(named, schools, standard, file)
        if len(below.headings) > len(columns.headings):
            cells, columns = cells.set_axis(named, axis=1), below
    above = heading_row(cells, schools, standard) if "school" not in columns.headings else None
    if above is not None:
        headings, _ = unique_names([str(cell).strip() for cell in cells.iloc[above]])
        cells, rows = cells.iloc[above + 1 :].set_axis(list(headings), axis=1), rows[above + 1 :]
        columns = match_columns(headings, schools, standard, file)
    lacking = [name for name in _needed(standard, columns, stage) if name not in columns.headings]
    if lacking:
        raise AnswersFaulty(_lacking(name, raw, schools, standard, list(cells.columns)) for name in lacking)
    stripped = cells.apply(lambda column: column.str.strip())
    filled = (stripped != "").any(axis=1).to_numpy(bool)
    return stripped[filled].reset_index(drop=True), rows[filled], columns


def _needed(standard: Standard | None, columns: MatchedColumns, of_stage: str) -> list[str]:
    """Return the names of the columns a school table cannot be without."""
    if standard is None:
        return ["school"]
    required = [standard.frame_name(name) for name, column in standard.columns.items() if column.required]
    required.append("pupils")
    # The stage may follow from the run type, or from the file, instead.
    stage = [] if "run_type" in columns.headings or of_stage else ["stage"]
    return list(dict.fromkeys(["school", *required, *stage]))


def _lacking(
    name: str, raw: RawTable, schools: Schools, standard: Standard | None, headings: list[str]
) -> Fault:
    spellings = [schools.code] if name == "school" else [schools.columns.get(name, name)]
    if standard is not None:
        for column, definition in standard.columns.items():
            if standard.frame_name(column) == name:
                spellings += [column, *definition.title.values()]
    details = {"names": " / ".join(dict.fromkeys(spellings)), "headings": ", ".join(headings[:40])}
    return Fault("school-column-missing", Place(raw.path.name, sheet=raw.sheet), details)


def _school_rows(
    file: str,
    cells: pd.DataFrame,
    rows: NDArray[np.int64],
    columns: MatchedColumns,
    standard: Standard | None,
    stage: str,
) -> SchoolRows:
    keys = {name: cells[heading] for name, heading in columns.headings.items() if name in KEYS}
    return SchoolRows(
        file,
        pd.DataFrame({**keys, "first": cells.iloc[:, 0]}),
        columns.headings,
        rows,
        standard,
        stage,
        whole=not stage,
    )


def quarantine_table(rejected: list[Rejected], file: str, language: str) -> pd.DataFrame:
    """Return what was set aside, in the order of the rows."""
    entries = [
        (
            ROLE,
            file,
            entry.row,
            entry.column,
            entry.item,
            entry.value,
            entry.fault.code,
            entry.fault.what(language),
        )
        for entry in sorted(rejected, key=lambda entry: entry.row)
    ]
    return pd.DataFrame(entries, columns=list(QUARANTINE))


def _account(file: str, rows_read: int, work: SchoolCells) -> pd.DataFrame:
    kept = len(work.cells)
    record = {
        "role": ROLE,
        "file": file,
        "rows_read": rows_read,
        "rows_kept": kept,
        "rows_quarantined": rows_read - kept,
    }
    return pd.DataFrame([{**record, "cells_read": work.cells.size, **work.fates()}])


def _columns(
    columns: MatchedColumns, cells: pd.DataFrame, standard: Standard | None, inferred: dict[str, float]
) -> pd.DataFrame:
    """Return which heading became which column, columns of the standard that are absent among them."""
    names = {heading: name for name, heading in columns.headings.items()}
    rows = []
    for heading in map(str, cells.columns):
        name = names.get(heading, heading)
        rows.append((name, heading, columns.factors.get(name, inferred.get(name, 1.0))))
    if standard is not None:
        known = {standard.frame_name(name): column for name, column in standard.columns.items()}
        rows += [(name, "", np.nan) for name in known if name not in columns.headings]
    return pd.DataFrame(rows, columns=["column", "heading", "factor"])


def split_faults(frame: pd.DataFrame, standard: Standard | None, file: str) -> list[Fault]:
    """Warn of combined schools whose facilities are divided already, or cannot be."""
    if standard is None:
        return []
    split = split_combined_schools(frame, standard)
    faults = []
    for status, code in (("as_given", "school-split-already"), ("incomplete", "school-split-incomplete")):
        schools = split.loc[split["split"] == status, "school"].drop_duplicates().tolist()
        if schools:
            details = {"n": len(schools), "schools": ", ".join(schools[:5])}
            faults.append(Fault(code, Place(file), details, "warning"))
    return faults
