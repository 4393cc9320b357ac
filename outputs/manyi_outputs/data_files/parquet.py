"""A data set as Parquet, labels and codes in the schema: readable by any program, without this one."""

import io
import json
from pathlib import Path
from typing import Any

from manyi_outputs.data_files.data_set import Column, DataSet
from manyi_outputs.files import write_whole

#: Key of the codebook, as JSON, among the key-value pairs of the file.
CODEBOOK = "codebook"


def write_parquet(path: Path, data: DataSet) -> None:
    """Write the rows with types and, for every column, what there is to know of it.

    The metadata of a field holds ``label``, ``measure`` and, where there are any, ``value_labels`` and
    ``missing_values`` (JSON objects, code -> label), ``unit``, ``formula``, ``scale``, ``reverse_keyed``.
    The file's own key-value pairs hold the same as one JSON object under ``codebook``, for readers that do
    not show metadata of fields. Missing answers are their codes; an empty cell is null.

    Parameters
    ----------
    path : Path
    data : DataSet

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    import pyarrow as pa
    import pyarrow.parquet

    types = {"integer": pa.int64(), "number": pa.float64(), "text": pa.string()}
    known = [(column, facts(column)) for column in data.columns]
    fields = [
        pa.field(
            column.name, types[column.holds], metadata={key: _text(value) for key, value in found.items()}
        )
        for column, found in known
    ]
    described = {
        "role": data.role,
        "title": data.title,
        "language": data.language,
        "questionnaire": data.questionnaire.questionnaire,
        "version": data.questionnaire.version,
        CODEBOOK: _text({column.name: found for column, found in known}),
    }
    arrays = [
        pa.Array.from_pandas(data.frame[column.name], type=types[column.holds]) for column in data.columns
    ]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=described))
    made = io.BytesIO()
    pyarrow.parquet.write_table(table, made, compression="zstd")
    write_whole(path, made.getvalue())


def facts(column: Column) -> dict[str, Any]:
    """Return what is said of a column, for JSON."""
    found: dict[str, Any] = {"label": column.label, "measure": column.measure}
    for key, labels in (("value_labels", column.values), ("missing_values", column.missing)):
        if labels:
            found[key] = {str(value): label for value, label in labels.items()}
    words = {"unit": column.unit, "formula": column.formula, "scale": column.scale}
    found |= {key: text for key, text in words.items() if text}
    if column.reverse_keyed:
        found["reverse_keyed"] = True
    return found


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
