"""The codebook of a file as a table: a row a column, labels and codes in full."""

from collections.abc import Mapping

import pandas as pd

from manyi_outputs.data_files.data_set import Column, DataSet
from manyi_outputs.wording import Wording, wording

#: Columns of the codebook whose cells are numbers.
NUMBERS = ("low", "high", "valid", "missing_n")


def codebook_table(data: DataSet) -> pd.DataFrame:
    """Return the codebook of a data set with headings and words in its language.

    Returns
    -------
    DataFrame
        A row a column of the file, in its order: name, label, what it holds, level of measurement, labels of
        values, codes of missing answers, scale, reverse key, bounds, unit, formula, how many answers are
        valid and how many missing, how it could tell who answered. Values are written ``1=label; 2=label``,
        missing codes ``label (-9); label (-8)``.
    """
    words = wording(data.language)
    rows = [_row(data, column, words) for column in data.columns]
    headings = {
        "name": words("export.name"),
        "label": words("export.label"),
        "holds": words("export.holds"),
        "measure": words("export.measure"),
        "values": words("export.values"),
        "missing": words("export.missing"),
        "scale": words("export.scale"),
        "reversed": words("export.reversed"),
        "low": words("export.low"),
        "high": words("export.high"),
        "unit": words("export.unit"),
        "formula": words("export.formula"),
        "valid": words("export.valid"),
        "missing_n": words("export.missing_n"),
        "identifies": words("export.identifies"),
    }
    table = pd.DataFrame(rows, columns=list(headings)).astype(dict.fromkeys(NUMBERS, "float64"))
    return table.astype({"valid": "int64", "missing_n": "int64"}).rename(columns=headings)


def _row(data: DataSet, column: Column, words: Wording) -> dict[str, object]:
    valid = len(data.valid(column))
    return {
        "name": column.name,
        "label": column.label,
        "holds": words(f"export.holds_{column.holds}"),
        "measure": words(f"export.measure_{column.measure}"),
        "values": listed(column.values),
        # The label first: a cell that begins with a minus sign would be computed by a spreadsheet.
        "missing": "; ".join(f"{_flat(label)} ({code})" for code, label in column.missing.items()),
        "scale": column.scale,
        "reversed": words("export.yes") if column.reverse_keyed else "",
        "low": column.low,
        "high": column.high,
        "unit": column.unit,
        "formula": column.formula,
        "valid": valid,
        "missing_n": len(data.frame) - valid,
        "identifies": words(f"export.by_{column.identifies}") if column.identifies else "",
    }


def listed(labels: Mapping[int | str, str] | Mapping[int, str]) -> str:
    """Return values and their labels on one line.

    Examples
    --------
    >>> listed({0: "no", 1: "yes"})
    '0=no; 1=yes'
    """
    return "; ".join(f"{value}={_flat(label)}" for value, label in labels.items())


def _flat(label: str) -> str:
    return " ".join(label.split())
