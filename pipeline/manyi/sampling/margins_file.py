"""Known margins of a population from a table of three columns."""

from pathlib import Path

import pandas as pd

from manyi.sampling.record import read_list
from manyi_instruments.faults import AnswersFaulty, Fault, Place

COLUMNS = ("variable", "level", "value")


def read_margins(path: Path) -> dict[str, dict[str, float]]:
    """Read margins: variable -> level -> share or count.

    Raises
    ------
    AnswersFaulty
        ``weights-column-missing``, ``weights-cell-unusable`` with row and column.
    FileUnreadable
        The file cannot be read as a table.
    """
    cells = read_list(path)
    lacking = [name for name in COLUMNS if name not in cells]
    if lacking:
        headings = ", ".join(map(str, cells.columns))
        details = {"file": path.name, "names": ", ".join(lacking), "headings": headings}
        raise AnswersFaulty(Fault("weights-column-missing", Place(path.name), details))
    text = cells["value"].str.strip()
    value = pd.to_numeric(text, errors="coerce")
    filled = (cells[list(COLUMNS)].apply(lambda column: column.str.strip()) != "").any(axis=1)
    wrong = filled & ~(value > 0)
    if wrong.any():
        raise AnswersFaulty(
            Fault(
                "weights-cell-unusable",
                Place(path.name, row=row + 2, field="value"),
                {"name": "value", "value": text[row]},
            )
            for row in cells.index[wrong]
        )
    margins: dict[str, dict[str, float]] = {}
    for row in cells.index[filled]:
        variable, level = (cells[name][row].strip() for name in ("variable", "level"))
        margins.setdefault(variable, {})[level] = float(value[row])
    return margins
