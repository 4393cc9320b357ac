"""The page: what it opens with, then chapter by chapter findings, figures, tables and notes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from manyi_outputs.appendix import Cell, Column, Numbered, Row, Table
from manyi_outputs.appendix.records import Tables
from manyi_outputs.context import Context
from manyi_outputs.figures import Shown, inline_svg
from manyi_outputs.files import write_whole
from manyi_outputs.report.document import Chapter, Document, document, passages
from manyi_outputs.report.facts import Facts
from manyi_outputs.report.typeface import font_face
from manyi_outputs.wording import Numerals, statistic_runs

#: Longer tables open on demand.
_LONG = 45
#: Widths of columns of words, in half-width characters, from which they keep more room on a narrow screen.
_MIDDLE, _WIDE = 24, 40


def write_report(
    path: Path,
    tables: Tables,
    context: Context,
    drawn: Sequence[Shown] | None = None,
    facts: Facts | None = None,
    pictures: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Write the report as one page that needs nothing else: styles, figures and letters are inside.

    Parameters
    ----------
    path : Path
        The ``.html`` file.
    tables : Mapping
        Name -> tidy result table.
    context : Context
        Language and titles.
    drawn : sequence of Drawing or Undrawn, optional
        From `report_drawings`, to draw figures once that are written as files too.
    facts : Facts, optional
        What the tables do not hold.
    pictures : Mapping
        Name of a figure -> what `manyi_outputs.figures.inline_svg` made of it, where it is drawn already; the
        others are drawn here.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    write_whole(path, render(tables, context, drawn, facts, pictures).encode())


def render(
    tables: Tables,
    context: Context,
    drawn: Sequence[Shown] | None = None,
    facts: Facts | None = None,
    pictures: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Return the page as text."""
    whole = document(tables, context, drawn, facts)
    page = (
        _environment()
        .get_template("report.html")
        .render(
            context=context,
            words=context.words,
            document=whole,
            answer=passages(whole.answer),
            long=_LONG,
            headings=_headings,
            shown_in={entry.table.key: entry.label for entry in whole.tables},
            drawn=_drawn(whole, pictures),
            cells=partial(_cells, context.numerals),
            bodies=_bodies,
            remarks=partial(_remarks, context),
            symbols=_symbols,
            spans=_spans,
            anchors=_anchors(whole.tables),
            style=_asset("report.css"),
            script=_asset("report.js"),
            font_face=Markup("@font-face-here@"),
        )
    )
    return page.replace(Markup("@font-face-here@"), font_face([page]))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("manyi_outputs.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _asset(name: str) -> Markup:
    source = files(__package__).joinpath("templates", name)
    return Markup(source.read_text(encoding="utf-8").removesuffix("\n"))


def _drawn(whole: Document, pictures: Mapping[str, str]) -> dict[str, Markup]:
    """Return the figures as SVG by name; they were made here from escaped text, so they are markup."""
    drawings = [picture.drawing for picture in whole.pictures]
    return {one.name: Markup(pictures.get(one.name) or inline_svg(one)) for one in drawings}


def _anchors(numbered: tuple[Numbered, ...]) -> dict[str, str]:
    """Return the anchor of each table by its number, made of its key: it stays when others are added."""
    return {entry.label: f"table-{entry.table.key}".replace(" ", "-") for entry in numbered}


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring columns under one heading, or under none."""

    spanner: str
    columns: tuple[Column, ...]


def _spans(columns: tuple[Column, ...]) -> list[Span]:
    return [
        Span(spanner, tuple(members)) for spanner, members in groupby(columns, lambda column: column.spanner)
    ]


def _headings(chapter: Chapter) -> list[tuple[str, str]]:
    """Return anchor and words of each heading of a chapter."""
    return [
        (f"{chapter.key}-{number}", passage.heading)
        for number, passage in enumerate(chapter.passages, start=1)
        if passage.heading
    ]


def _bodies(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the rows of a table in groups: each section's heading with the rows it stands over."""
    groups: list[list[Row]] = []
    for row in rows:
        if row.kind == "section" or not groups:
            groups.append([])
        groups[-1].append(row)
    return groups


def _cells(numerals: Numerals, row: Row, columns: Sequence[Column]) -> Markup:
    """Return the cells of a row; what stands first is its heading."""
    made = []
    for at, (cell, column) in enumerate(zip(row.cells, columns, strict=True)):
        kinds = [name for name, on in (("w", column.words), ("faint", cell.faint), ("bold", cell.bold)) if on]
        head = at == 0 and cell.value not in (None, "")
        tag, opening = ("th", '<th scope="row"') if head else ("td", "<td")
        if kinds:
            opening += f' class="{" ".join(kinds)}"'
        if column.words and column.width >= _MIDDLE:
            opening += f' data-room="{"wide" if column.width >= _WIDE else "middle"}"'
        # Cells are tens of thousands: their text is escaped here, and put together without a template.
        note = f"<sup>{escape(cell.note)}</sup>" if cell.note else ""
        mark = f'<span class="mark">{escape(cell.mark)}</span>' if column.room else ""
        made.append(f"{opening}>{escape(_shown(numerals, cell))}{note}{mark}</{tag}>")
    return Markup("".join(made))


def _remarks(context: Context, table: Table) -> Markup:
    """Return the notes below a table: general ones, those of single cells, the stars."""
    words = context.words
    made = []
    if table.notes:
        made.append(Markup("<p>{}{}</p>").format(words("table.note"), words("layout.join").join(table.notes)))
    made += [Markup("<p><sup>{}</sup> {}</p>").format(*entry) for entry in table.specific]
    if table.probability:
        made.append(Markup("<p>{}</p>").format(_symbols(table.probability)))
    return Markup('<div class="remarks">{}</div>').format(Markup("").join(made)) if made else Markup("")


def _shown(numerals: Numerals, cell: Cell) -> str:
    """Return a cell's words or its number as printed, without its mark."""
    if cell.value is None:
        return "—"
    return cell.value if isinstance(cell.value, str) else numerals.text(cell.kind, float(cell.value))


def _symbols(heading: str) -> Markup:
    """Return a heading with the symbols of statistics in italics."""
    return Markup("").join(
        Markup("<i>{}</i>").format(part) if sloped else part for part, sloped in statistic_runs(heading)
    )
