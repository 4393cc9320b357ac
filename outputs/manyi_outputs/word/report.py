"""The Word report: cover, contents, chapters, references; the same bytes for the same results."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import count, groupby
from pathlib import Path
from types import MappingProxyType
from typing import Final

from manyi_outputs.appendix.records import Tables
from manyi_outputs.context import Context
from manyi_outputs.figures import Shown
from manyi_outputs.figures.rendering import png
from manyi_outputs.files import write_whole
from manyi_outputs.report.document import Document, Picture, document
from manyi_outputs.report.facts import Facts
from manyi_outputs.word.captions import Target, targets
from manyi_outputs.word.chapters import Block, Text, shown_labels
from manyi_outputs.word.columns import UPRIGHT
from manyi_outputs.word.contents import contents, list_of, title
from manyi_outputs.word.cover import cover, cover_facts
from manyi_outputs.word.package import empty, file_bytes, filled
from manyi_outputs.word.pages import header_and_footer, section, section_end
from manyi_outputs.word.pictures import picture_run
from manyi_outputs.word.styles import Look, look_of

#: Front matter is counted i, ii …; the text from 1.
_ROMAN: Final = 'w:fmt="lowerRoman" w:start="1"'
_FROM_ONE: Final = 'w:fmt="decimal" w:start="1"'


def write_word(
    path: Path,
    tables: Tables,
    context: Context,
    drawn: Sequence[Shown] | None = None,
    facts: Facts | None = None,
    pictures: Mapping[str, bytes] = MappingProxyType({}),
) -> Document:
    """Write the report as a Word file whose tables, numbers and cross-references a person can edit.

    Parameters
    ----------
    path : Path
        The ``.docx`` file.
    tables : Mapping
        Name -> tidy result table.
    context : Context
        Language and titles.
    drawn : sequence of Drawing or Undrawn, optional
        From `manyi_outputs.report.report_drawings`, to draw figures once that are written as files too.
    facts : Facts, optional
        What the tables do not hold.
    pictures : Mapping
        Name of a figure -> its PNG file, where it is drawn already; the others are drawn here.

    Returns
    -------
    Document
        What was written.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    told = document(tables, context, drawn, facts)
    write_whole(path, word_bytes(told, context, cover_facts(tables, context), pictures))
    return told


def word_bytes(
    told: Document, context: Context, facts: tuple[str, ...], pictures: Mapping[str, bytes]
) -> bytes:
    """Return the Word file of a report."""
    look = look_of(context.language, context.table_style)
    made = empty(look, UPRIGHT)
    references = header_and_footer(made, told.title, look)
    shown = {kind: targets(kind, labelled) for kind, labelled in shown_labels(told).items()}
    numbers = count(1)

    def drawn(picture: Picture) -> str:
        drawing = picture.drawing
        content = pictures.get(drawing.name) or png(drawing.draw())
        spoken = drawing.alt or f"{picture.label}{context.words('numbers.colon')}{drawing.title}"
        return picture_run(made, next(numbers), content, drawing.title, spoken)

    text = Text(context, look, {**shown["Table"], **shown["Figure"]}, drawn)
    blocks = list(text.opening(told, context.words("report.answer")))
    for chapter in told.chapters:
        blocks += text.chapter(chapter)
    cited = tuple(dict.fromkeys(one for chapter in told.chapters for one in chapter.references))
    if cited:
        blocks.append(text.heading(1, context.words("word.references")))
        blocks += [text.work(one.runs) for one in cited]
    front = _front(text, shown, look, context)
    body = (
        cover(told.title, told.subtitle, facts, look)
        + section_end(section())
        + front
        + section_end(section(numbers=_ROMAN, references=references))
        + _sections(blocks)
    )
    filled(made, body)
    return file_bytes(made, told.title, told.subtitle, context.words("language.html"))


def _front(text: Text, shown: Mapping[str, Mapping[str, Target]], look: Look, context: Context) -> str:
    """Return the contents and the lists of tables and figures."""
    said = context.words
    hint, gap = said("word.field_hint"), " " if look.caption_break else said("layout.gap")
    made = title(said("table.contents"), look, new_page=False) + contents(text.entries, hint, look)
    for kind, heading in (("Table", "word.list_of_tables"), ("Figure", "word.list_of_figures")):
        if shown[kind]:
            made += title(said(heading), look, new_page=True)
            made += list_of(tuple(shown[kind].values()), gap, look)
    return made


def _sections(blocks: Iterable[Block]) -> str:
    """Return the text, a section for every change between upright pages and pages on their side."""
    made, numbers = [], _FROM_ONE
    groups = [(across, "".join(one.xml for one in same)) for across, same in groupby(blocks, _is_across)]
    for position, (across, xml) in enumerate(groups, start=1):
        ended = section(across=across, numbers=numbers)
        made.append(xml + (ended if position == len(groups) else section_end(ended)))
        numbers = ""
    return "".join(made) if groups else section()


def _is_across(block: Block) -> bool:
    return block.across
