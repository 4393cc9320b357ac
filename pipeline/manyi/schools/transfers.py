"""Staff who changed school: codes of schools turned into kinds of school."""

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from manyi.readers.tables.headings import fold
from manyi.readers.tables.raw_table import read_table
from manyi.schools.codes import match_schools
from manyi.schools.numbers import parse_numbers
from manyi.study.equity_plan import Transfers
from manyi_instruments.faults import AnswersFaulty, Fault, Place


class PlacedTransfers(NamedTuple):
    """Transfers between kinds of school: ``origin, destination, moved``, NA where they cannot be placed."""

    frame: pd.DataFrame
    faults: tuple[Fault, ...]


def read_transfers(
    path: Path, plan: Transfers, schools: pd.DataFrame, kind: str, spellings: dict[str, str]
) -> PlacedTransfers:
    """Read a table of transfers.

    Parameters
    ----------
    path : Path
        CSV or Excel.
    plan : Transfers
        Its headings.
    schools : DataFrame
        The school table: ``school`` and the column ``kind``.
    kind : str
        Column of the kind of school. A school whose rows differ in it counts by the first.
    spellings : dict
        Folded title of a kind -> the kind: a table may name kinds instead of schools.

    Raises
    ------
    FileUnreadable
        It is no table.
    AnswersFaulty
        ``transfers-column-missing``.
    """
    raw = read_table(path)
    headings = {fold(str(name)): str(name) for name in raw.cells.columns}
    wanted = [plan.origin, plan.destination, *([plan.moved] if plan.moved else [])]
    lacking = [name for name in wanted if fold(name) not in headings]
    if lacking:
        details = {"names": ", ".join(lacking), "headings": ", ".join(map(str, raw.cells.columns))}
        raise AnswersFaulty(Fault("transfers-column-missing", Place(raw.path.name), details))
    filled = (raw.cells.apply(lambda column: column.str.strip()) != "").any(axis=1)
    cells = raw.cells[filled].reset_index(drop=True)
    rows = raw.rows[filled].reset_index(drop=True)
    kind_of = schools.dropna(subset=[kind]).drop_duplicates("school").set_index("school")[kind]
    roster = schools["school"].drop_duplicates().tolist()
    placed = {}
    unplaced = pd.Series(False, index=cells.index)
    first = ""
    for name, heading in (("origin", plan.origin), ("destination", plan.destination)):
        written = cells[headings[fold(heading)]].str.strip()
        matched = match_schools(written.astype("string").mask(written == ""), roster)
        kinds = matched.codes.map(kind_of).astype("object")
        named = written.map({text: spellings.get(fold(text)) for text in written.unique()})
        placed[name] = kinds.where(kinds.notna(), named)
        lost = placed[name].isna()
        if lost.any() and not first:
            first = str(written[lost.idxmax()])
        unplaced |= lost
    moved = pd.Series(1.0, index=cells.index)
    if plan.moved:
        moved = pd.Series(parse_numbers(cells[headings[fold(plan.moved)]].str.strip()).values)
    faults = []
    if unplaced.any():
        place = Place(raw.path.name, row=int(rows[unplaced.idxmax()]))
        told = {"n": int(unplaced.sum()), "value": first}
        faults.append(Fault("transfers-unplaced", place, told, "warning"))
    return PlacedTransfers(pd.DataFrame({**placed, "moved": moved}), tuple(faults))
