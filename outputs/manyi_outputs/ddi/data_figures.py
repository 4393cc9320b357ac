"""The figures of a data set's columns that a DDI document prints: unweighted counts and moments."""

import pandas as pd

from manyi_instruments.forms.ddi.figures import Figures
from manyi_outputs.data_files import Column, DataSet


def data_figures(data: DataSet) -> dict[str, Figures]:
    """Return column -> figures, over the rows of the data set.

    Missing answers, by code or by an empty cell, are ``invalid``; mean, standard deviation (n - 1) and median
    are of valid answers to questions whose answers have an order, and of numbers.
    """
    return {column.name: _figures(data, column) for column in data.columns}


def _figures(data: DataSet, column: Column) -> Figures:
    valid = data.valid(column)
    counts: dict[int, int] = {}
    if column.values or column.missing:
        found = data.frame[column.name].value_counts()
        counts = {
            int(value): int(n)
            for value, n in zip(found.index.tolist(), found.tolist(), strict=True)
            if not isinstance(value, str)
        }
    summary: dict[str, float] = {}
    if column.holds != "text" and column.measure != "nominal" and len(valid):
        numbers = valid.astype("float64")
        summary = {
            "min": float(numbers.min()),
            "max": float(numbers.max()),
            "mean": float(numbers.mean()),
            "medn": float(numbers.median()),
        }
        if len(numbers) > 1:
            summary["stdev"] = float(numbers.std())
    return Figures(len(valid), len(data.frame) - len(valid), summary, counts)


def words_of(column: Column, series: "pd.Series") -> dict[str, int]:
    """Return the labelled words of a column -> how many rows have them."""
    found = series.value_counts()
    return {str(word): int(found.get(word, 0)) for word in column.values}
