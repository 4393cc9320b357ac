"""The main tables of the example county as printed, in both languages, against what is committed.

A snapshot shows that a table changed, not that it is right: its numbers are compared with R, PSPP and papers
where they are computed. With ``MANYI_TAKE_SNAPSHOTS=1`` in the environment the test takes them anew.
"""

import os
from pathlib import Path

import pytest

from manyi.stages.writing import context_of
from manyi.study.folder import open_study
from manyi_outputs.appendix import Cell, Numbered, appendix
from manyi_outputs.context import Context
from manyi_outputs.tidy import StoredTables

FOLDER = Path(__file__).with_name("snapshots")
#: Rows of each table that are kept.
ROWS = 4


def shown(cell: Cell, context: Context) -> str:
    """Return a cell as it is printed."""
    if cell.value is None:
        text = "—"
    elif isinstance(cell.value, str):
        text = cell.value
    else:
        text = context.numerals.text(cell.kind, float(cell.value)) + cell.mark
    return text + (f"^{cell.note}" if cell.note else "")


def lines(entry: Numbered, context: Context) -> list[str]:
    """Return title, headings, first rows and notes of a table, a line each."""
    table = entry.table
    heads = [f"{part.spanner} / {part.heading}" if part.spanner else part.heading for part in table.columns]
    rows = [" | ".join(shown(cell, context) for cell in row.cells) for row in table.rows[:ROWS]]
    # Notes that tell a time or a version would not hold; these tables have none.
    below = [*table.notes, *(f"{sign} {text}" for sign, text in table.specific), table.probability]
    return [f"## {entry.label} {table.title}", " | ".join(heads), *rows, *filter(None, below), ""]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_main_tables_are_printed_as_before(language: str, demo_study: Path) -> None:
    context = context_of(open_study(demo_study), language)
    made = appendix(StoredTables(demo_study / "results" / "tables"), context)
    text = "\n".join(line for entry in made if entry.part == "main" for line in lines(entry, context))
    path = FOLDER / f"appendix_{language}.txt"
    if os.environ.get("MANYI_TAKE_SNAPSHOTS"):
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text.split("\n") == path.read_text(encoding="utf-8").split("\n")
