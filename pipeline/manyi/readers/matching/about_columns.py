"""Columns that are not questions: school, person, time, duration, submission and device."""

from manyi.readers.about_headings import looks_like
from manyi.readers.platforms.source import SourceTable
from manyi.readers.wording import question_key
from manyi.study.definition import Columns
from manyi.study.row_shares import Rows
from manyi_instruments.faults import Fault, Place


def about_columns(source: SourceTable, columns: Columns) -> tuple[dict[str, str | None], list[Fault]]:
    """Return the column of each, those a person named before those the platform has.

    Parameters
    ----------
    source : SourceTable
        The file.
    columns : Columns
        Headings by name; None where nobody named one.

    Returns
    -------
    tuple
        Name -> column or None; and faults ``column-ambiguous`` and ``about-column-missing``.
    """
    about: dict[str, str | None] = {}
    faults = []
    for key in Columns.model_fields:
        wanted = getattr(columns, key)
        if wanted is None:
            about[key] = getattr(source, key)
            continue
        fitting = find_heading(source, wanted)
        about[key] = fitting[0] if len(fitting) == 1 else None
        place = Place(file=source.raw.path.name, sheet=source.raw.sheet, field=wanted)
        if len(fitting) > 1:
            listed = "、".join(name.strip() for name in fitting)
            faults.append(Fault("column-ambiguous", place, {"item": key, "columns": listed}))
        elif not fitting:
            alike = [one.heading.strip() for one in source.questions if looks_like(key, one) is not None]
            details = {"heading": wanted, "about": key, "alike": "、".join(alike) or "–"}
            faults.append(Fault("about-column-missing", place, details))
    return about, faults


def dividing_column(source: SourceTable, rows: Rows | None) -> tuple[str | None, list[Fault]]:
    """Return the column that tells whose a row is; ``rows-column-absent`` or ``column-ambiguous``."""
    if rows is None:
        return None, []
    fitting = find_heading(source, rows.column)
    if len(fitting) == 1:
        return fitting[0], []
    place = Place(file=source.raw.path.name, sheet=source.raw.sheet, field=rows.column)
    if fitting:
        listed = "、".join(name.strip() for name in fitting)
        return None, [Fault("column-ambiguous", place, {"item": "rows", "columns": listed})]
    headings = "、".join(heading.strip() for heading in source.raw.headings)
    return None, [Fault("rows-column-absent", place, {"heading": rows.column, "headings": headings})]


def find_heading(source: SourceTable, wanted: str) -> list[str]:
    """Return the columns of a heading: named exactly so, else so headed, labelled, or alike normalised.

    A statistics file has labels beside its names; a study that names a heading means either.
    """
    names = [str(name) for name in source.raw.cells.columns]
    entries = source.raw.dictionary.variables if source.raw.dictionary is not None else {}
    labels = [entries[name].label if name in entries else "" for name in names]
    for exact in (names, source.raw.headings, labels):
        found = [name for name, text in zip(names, exact, strict=True) if text.strip() == wanted.strip()]
        if found:
            return found
    return [name for name in names if question_key(name) and question_key(name) == question_key(wanted)]
