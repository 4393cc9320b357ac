"""The school table of a study, whether one file holds it or each stage has its own."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from manyi.schools.rows import Rejected
from manyi.schools.table import SchoolTable, quarantine_table, read_schools, split_faults
from manyi.study.definition import Schools
from manyi_analysis.resources.splitting import inferred_run_types
from manyi_instruments.faults import Fault, ManyiError, Place
from manyi_instruments.standards.definition import Standard


def read_school_files(
    paths: Mapping[str, Path], schools: Schools, standard: Standard | None = None, language: str = "zh"
) -> SchoolTable:
    """Read all files of a school table as one.

    Parameters
    ----------
    paths : Mapping[str, Path]
        Stage -> file; the stage is empty for one file of all stages.
    schools, standard, language
        As in :func:`~manyi.schools.table.read_schools`.

    Returns
    -------
    SchoolTable
        Rows in the order of the files; a school and stage that is in two of them is taken from the first, the
        other row is in the quarantine. A combined school is divided by its rows of all files.

    Raises
    ------
    FileUnreadable, AnswersFaulty
        With the faults of all files.
    """
    if len(paths) == 1 and "" in paths:
        return read_schools(paths[""], schools, standard, language)
    read: list[SchoolTable] = []
    faults: list[Fault] = []
    kinds: list[type[ManyiError]] = []
    for stage, path in paths.items():
        try:
            read.append(read_schools(path, schools, standard, language, stage))
        except ManyiError as error:
            faults += error.faults
            kinds.append(type(error))
    if faults:
        raise kinds[0](faults)
    return _joined(read, standard, language)


def _joined(read: list[SchoolTable], standard: Standard | None, language: str) -> SchoolTable:
    frame = pd.concat([table.frame for table in read], ignore_index=True)
    rows = pd.concat([table.rows for table in read], ignore_index=True)
    files = np.repeat([table.file for table in read], [len(table.frame) for table in read])
    again = frame[["school", "stage"]].fillna("").duplicated().to_numpy(bool)
    aside = [
        quarantine_table(
            [
                Rejected(int(rows[at]), "", "", code, Fault("school-row-repeated", details={"value": code}))
                for at in np.flatnonzero(again & (files == file))
                for code in (str(frame["school"][at]),)
            ],
            file,
            language,
        )
        for file in dict.fromkeys(files[again])
    ]
    faults = [fault for table in read for fault in table.faults]
    for at in np.flatnonzero(again)[:1]:
        details = {"value": str(frame["school"][at]), "n": int(again.sum())}
        place = Place(str(files[at]), row=int(rows[at]))
        faults.append(Fault("school-row-repeated", place, details, "warning"))
    kept = frame[~again].reset_index(drop=True)
    if standard is not None and len(kept):
        types = inferred_run_types(kept, standard).astype("string")
        told = (kept["run_type"].isna() & types.notna()).to_numpy(bool)
        kept = kept.assign(run_type=types)
        if told.any():
            details = {"value": str(kept["school"][int(np.flatnonzero(told)[0])]), "n": int(told.sum())}
            place = Place(str(files[~again][int(np.flatnonzero(told)[0])]))
            faults.append(Fault("school-run-type-inferred", place, details, "warning"))
        faults += split_faults(kept, standard, read[0].file)
    counts = pd.concat([table.cells for table in read], ignore_index=True)
    for at in np.flatnonzero(again):
        of_file = counts["file"] == files[at]
        counts.loc[of_file, "rows_kept"] -= 1
        counts.loc[of_file, "rows_quarantined"] += 1
    return SchoolTable(
        file=read[0].file,
        frame=kept,
        rows=rows[~again].reset_index(drop=True),
        quarantine=pd.concat([*(table.quarantine for table in read), *aside], ignore_index=True),
        repaired=pd.concat([table.repaired for table in read], ignore_index=True),
        cells=counts,
        columns=pd.concat([table.columns.assign(file=table.file) for table in read], ignore_index=True),
        faults=tuple(faults),
    )
