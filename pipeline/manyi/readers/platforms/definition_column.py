"""The column in which forms carry the hash of the definition that answers were given to."""

import re
from dataclasses import replace

from manyi.readers.platforms.source import SourceTable, distinct
from manyi_instruments.definitions.identity import LENGTH

#: Name of that column in every form, whatever a platform puts before it: ``page/definition``.
DEFINITION = "definition"
_HASH = re.compile(rf"[0-9a-f]{{{LENGTH}}}")
_LAST = re.compile(r"[^A-Za-z0-9_]+")


def with_definition(table: SourceTable) -> SourceTable:
    """Return a table with the column of the definition's hash told apart from the questions.

    Parameters
    ----------
    table : SourceTable
        As its platform reads it.

    Returns
    -------
    SourceTable
        The same where no column is named ``definition``, or it holds anything but hashes.
    """
    found = [column for column in _named(table) if _holds_hashes(table, column)]
    if len(found) != 1:
        return table
    column = found[0]
    return replace(
        table,
        definition=column,
        questions=tuple(question for question in table.questions if question.columns != (column,)),
        metadata=tuple(dict.fromkeys((*table.metadata, column))),
    )


def _named(table: SourceTable) -> list[str]:
    columns = zip(map(str, table.raw.cells.columns), table.raw.headings, strict=True)
    return [name for name, heading in columns if _LAST.split(heading.strip())[-1].lower() == DEFINITION]


def _holds_hashes(table: SourceTable, column: str) -> bool:
    # A second row of headings, which some platforms write, is no answer.
    aside = {row for rows in table.set_aside.values() for row in rows}
    cells = table.raw.column(column)
    if aside:
        kept = ~table.raw.rows.isin(list(aside)).to_numpy(dtype=bool)
        cells = cells.where(kept)
    texts = distinct(cells, table.missing)
    return all(map(_HASH.fullmatch, texts))
