"""The page: what it opens with, then a section a subject with its figures, tables and notes."""

from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from manyi_outputs.appendix import SECTIONS, Cell, Column, Numbered, Section, appendix
from manyi_outputs.appendix.records import Tables
from manyi_outputs.context import Context
from manyi_outputs.figures import Drawing, drawings, svg
from manyi_outputs.files import write_whole
from manyi_outputs.report.answer import answer
from manyi_outputs.report.typeface import font_face
from manyi_outputs.wording import Numerals, statistic_runs

#: Longer tables open on demand.
_LONG = 45


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure as it stands in the page."""

    label: str
    title: str
    name: str
    image: Markup


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the page."""

    key: Section
    title: str
    figures: tuple[Figure, ...]
    tables: tuple[Numbered, ...]


def write_report(
    path: Path, tables: Tables, context: Context, drawn: tuple[Drawing, ...] | None = None
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
    drawn : tuple of Drawing, optional
        From `manyi_outputs.figures.drawings`, to draw figures once that are written as files too.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    write_whole(path, render(tables, context, drawn).encode())


def render(tables: Tables, context: Context, drawn: tuple[Drawing, ...] | None = None) -> str:
    """Return the page as text."""
    numbered = appendix(tables, context)
    figures = drawings(tables, context) if drawn is None else drawn
    parts = _parts(numbered, figures, context)
    shortfalls = [
        (entry.label, text)
        for entry in numbered
        for text in dict.fromkeys(text for _, text in entry.table.specific)
    ]
    page = (
        _environment()
        .get_template("report.html")
        .render(
            context=context,
            words=context.words,
            answer=answer(tables, context),
            parts=parts,
            shortfalls=shortfalls,
            long=_LONG,
            shown=partial(_shown, context.numerals),
            symbols=_symbols,
            spans=_spans,
            anchors=_anchors(numbered),
            style=_style_sheet(),
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
def _style_sheet() -> Markup:
    source = files(__package__).joinpath("templates", "report.css")
    return Markup(source.read_text(encoding="utf-8").removesuffix("\n"))


def _parts(numbered: tuple[Numbered, ...], figures: tuple[Drawing, ...], context: Context) -> list[Part]:
    words = context.words
    made: list[Part] = []
    count = 0
    for key in SECTIONS:
        own = []
        for drawing in figures:
            if drawing.section == key:
                count += 1
                # The drawing was made here from escaped text; it is markup, not words.
                image = Markup(svg(drawing.draw(), drawing.name, drawing.title, outlines=False))
                own.append(Figure(words("table.figure", number=count), drawing.title, drawing.name, image))
        of_section = tuple(entry for entry in numbered if entry.table.section == key)
        if own or of_section:
            made.append(Part(key, words(f"report.section_{key}"), tuple(own), of_section))
    return made


def _anchors(numbered: tuple[Numbered, ...]) -> dict[str, str]:
    return {entry.label: f"table-{number}" for number, entry in enumerate(numbered, start=1)}


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring columns under one heading, or under none."""

    spanner: str
    columns: tuple[Column, ...]


def _spans(columns: tuple[Column, ...]) -> list[Span]:
    return [
        Span(spanner, tuple(members)) for spanner, members in groupby(columns, lambda column: column.spanner)
    ]


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
