"""The rows of the result tables with what stands behind each."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from manyi.stages.manifest import Manifest
from manyi.stages.work import clean_folder
from manyi.study.folder import StudyFolder
from manyi.topics.makers import MAKERS
from manyi.tracing.account import Answers, Place, ResultRow, TracedNumber
from manyi.tracing.lineage import stage_of_row
from manyi.tracing.material import material_of

if TYPE_CHECKING:
    from manyi_outputs.appendix.records import Tables


def values_of(tables: "Tables", table: str, row: int) -> dict[str, Any]:
    """Return a row of a result table, None where it has no value."""
    import pandas as pd

    frame = tables[table]
    cells = [frame[column].iloc[row - 1] for column in frame.columns]
    plain = (cell.item() if hasattr(cell, "item") else cell for cell in cells)
    return {
        str(column): None if pd.isna(cell) else cell
        for column, cell in zip(frame.columns, plain, strict=True)
    }


def function_of(place: Place, tables: "Tables") -> str:
    """Return the function that computed a cell of a result table, empty for a table nobody declared."""
    maker = MAKERS.get(place.table)
    if maker is None:
        return ""
    frame = tables[place.table]
    known = {maker.by: frame[maker.by].iloc[place.row - 1]} if maker.by in frame else {}
    return maker.of_cell(place.column, known)


def result_row(
    study: StudyFolder,
    manifest: Manifest,
    tables: "Tables",
    table: str,
    row: int,
    columns: Iterable[str],
    language: str,
) -> ResultRow:
    """Return a row of a result table with what stands behind it.

    Parameters
    ----------
    columns : iterable of str
        The columns asked about.
    """
    values = values_of(tables, table, row)
    maker = MAKERS.get(table)
    rule = str(values.get("missing_rule") or (maker.rule if maker is not None else ""))
    functions = (
        dict.fromkeys(maker.of_cell(column, values) for column in columns) if maker is not None else {}
    )
    return ResultRow(
        table=table,
        row=row,
        values=values,
        stage=stage_of_row(study, manifest, table, row),
        n=_count(values, "n"),
        missing=_count(values, "missing"),
        rule=rule,
        functions=tuple(functions),
        material=material_of(study, values, language),
    )


def numbers_of(tables: "Tables", table: str, row: int) -> tuple[TracedNumber, ...]:
    """Return the numbers of a row of a result table."""
    numbers = []
    for at, (column, value) in enumerate(values_of(tables, table, row).items(), start=1):
        if isinstance(value, float | int) and not isinstance(value, bool):
            place = Place(table, row, column)
            function = function_of(place, tables)
            numbers.append(TracedNumber(column, at, repr(value), float(value), (place,), "", function))
    return tuple(numbers)


def answers_of(study: StudyFolder, tables: "Tables", roles: Iterable[str]) -> tuple[Answers, ...]:
    """Return which rows of each role could be used, from the ledger."""
    if "ledger" not in tables:
        return ()
    ledger = tables["ledger"]
    found = []
    for role in roles:
        own = ledger[ledger["role"] == role]
        steps = dict(zip(own["step"], own["n"], strict=True))
        if "received" not in steps or "kept" not in steps:
            continue
        taken = own[own["step"] == "excluded"]
        excluded = tuple((str(rule), int(n)) for rule, n in zip(taken["reason"], taken["n"], strict=True))
        file = clean_folder(study, role).relative_to(study.path).as_posix()
        found.append(Answers(role, file, int(steps["received"]), int(steps["kept"]), excluded))
    return tuple(found)


def _count(values: Mapping[str, Any], column: str) -> float | None:
    value = values.get(column)
    return float(value) if isinstance(value, float | int) else None
