"""The workbook of the appendix, the same bytes for the same tables."""

import io
import re
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Literal, NamedTuple, cast

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from manyi_instruments.timeless import without_times
from manyi_outputs.appendix import Numbered, appendix
from manyi_outputs.appendix.codebook import codebook_sheet
from manyi_outputs.appendix.flow import flow_sheet
from manyi_outputs.appendix.records import Tables
from manyi_outputs.context import Context
from manyi_outputs.excel.contents import Listed, write_contents
from manyi_outputs.excel.paper import Paper, Styles
from manyi_outputs.excel.sheet import fill
from manyi_outputs.files import write_whole

Bilingual = Literal["pairs", "halves"]
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_LONGEST_NAME = 31
_EMPTY = re.compile(rb"<sheetData\s*/>|<sheetData>\s*</sheetData>")
#: The font that the widths of columns are counted in: one whose measures every program has.
_COUNTED_IN = re.compile(rb'<name val="Calibri"\s*/>(.*?)<scheme val="minor"\s*/>', re.DOTALL)
_EXTENT = re.compile(rb'<dimension ref="[^"]*"\s*/>')


class _Edition(NamedTuple):
    """The sheets of one language."""

    context: Context
    entries: tuple[Numbered, ...]


def write_appendix(
    path: Path, tables: Tables, context: Context | Sequence[Context], bilingual: Bilingual = "pairs"
) -> tuple[Numbered, ...]:
    """Write the appendix: contents with links, where the sample went, a sheet a table, the codebook.

    Parameters
    ----------
    path : Path
        The ``.xlsx`` file.
    tables : Mapping
        Name -> tidy result table.
    context : Context or sequence of Context
        Language, style and titles; of two languages one each.
    bilingual : {"pairs", "halves"}
        Two languages: the sheets of a table side by side, or one language after the other.

    Returns
    -------
    tuple of Numbered
        The tables written, with their numbers, in the first language.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    contexts = (context,) if isinstance(context, Context) else tuple(context)
    editions, numbered = [], []
    for one in contexts:
        made = appendix(tables, one)
        numbered.append(made)
        editions.append(_Edition(one, (*flow_sheet(tables, made, one), *made, *codebook_sheet(one))))
    _write(path, editions, bilingual)
    return numbered[0]


def write_workbook(path: Path, numbered: Sequence[Numbered], context: Context) -> None:
    """Write tables as a workbook: a contents sheet with links, then a sheet a table.

    Parameters
    ----------
    path : Path
        The ``.xlsx`` file.
    numbered : sequence of Numbered
        The tables with their numbers.
    context : Context
        Language and titles.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    _write(path, [_Edition(context, tuple(numbered))], "pairs")


def _write(path: Path, editions: Sequence[_Edition], bilingual: Bilingual) -> None:
    first = editions[0].context
    workbook = Workbook()
    opening = cast(Worksheet, workbook.active)
    taken: set[str] = set()
    opening.title = contents = _name(
        " ".join(edition.context.words("table.contents") for edition in editions), taken
    )
    styles = Styles(opening)
    listed = [
        [Listed(_name(entry.label, taken), entry, edition.context) for entry in edition.entries]
        for edition in editions
    ]
    papers = [Paper(opening, styles)]
    write_contents(papers[0], listed)
    for one in _arranged(listed, bilingual):
        paper = Paper(workbook.create_sheet(one.sheet), styles)
        fill(paper, one.entry, one.context, contents)
        papers.append(paper)
    bodies = [(paper.extent, paper.body()) for paper in papers]
    workbook.properties.title = first.title
    workbook.properties.creator = "manyi"
    workbook.properties.language = " ".join(edition.context.language for edition in editions)
    buffer = io.BytesIO()
    workbook.save(buffer)
    write_whole(path, _finished(buffer.getvalue(), bodies))


def _arranged(listed: Sequence[Sequence[Listed]], bilingual: Bilingual) -> Iterable[Listed]:
    """Yield the sheets in their order: those of one table side by side, or one language after the other."""
    if bilingual == "pairs":
        return (one for several in zip_longest(*listed) for one in several if one is not None)
    return (one for several in listed for one in several)


def _name(label: str, taken: set[str]) -> str:
    """Return a sheet name a workbook allows and that no other sheet has."""
    plain = _NOT_IN_NAMES.sub("-", label)[:_LONGEST_NAME] or "-"
    name, number = plain, 1
    while name.lower() in taken:
        number += 1
        end = f" ({number})"
        name = plain[: _LONGEST_NAME - len(end)] + end
    taken.add(name.lower())
    return name


def _finished(content: bytes, bodies: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the workbook with the cells in its sheets and without the moment it was saved at."""
    sheets = {f"xl/worksheets/sheet{number}.xml": body for number, body in enumerate(bodies, start=1)}

    def changed(name: str, part: bytes) -> bytes:
        if name == "xl/styles.xml":
            return _COUNTED_IN.sub(rb'<name val="Times New Roman"/>\g<1>', part)
        if name not in sheets:
            return part
        extent, body = sheets[name]
        part = _EXTENT.sub(b'<dimension ref="' + extent.encode() + b'"/>', part, count=1)
        before, after = _EMPTY.split(part, maxsplit=1)
        return before + body + after

    return without_times(content, changed)
