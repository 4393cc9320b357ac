"""The text chapter by chapter: findings with cross-references, each followed by its figures and tables."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from manyi_outputs.appendix import Numbered
from manyi_outputs.context import Context
from manyi_outputs.report.document import Chapter, Document, Passage, Picture, passages
from manyi_outputs.report.finding import Finding
from manyi_outputs.word.captions import Captions, Target, pointed
from manyi_outputs.word.contents import Entry
from manyi_outputs.word.fields import Bookmarks
from manyi_outputs.word.marks import run, words
from manyi_outputs.word.styles import Look
from manyi_outputs.word.tables import laid_out, table_xml


@dataclass(frozen=True, slots=True)
class Block:
    """Something in the text, and whether its page lies on its side."""

    xml: str
    across: bool = False


@dataclass(slots=True)
class Text:
    """Writes the chapters of one document.

    Parameters
    ----------
    context : Context
    look : Look
    known : Mapping
        Label -> the table or figure of this document it names.
    picture : callable
        Returns the run of a figure.
    bookmarks : Bookmarks
    entries : list of Entry
        The headings written, for the contents.
    """

    context: Context
    look: Look
    known: dict[str, Target]
    picture: Callable[[Picture], str]
    bookmarks: Bookmarks = field(default_factory=Bookmarks)
    entries: list[Entry] = field(default_factory=list)
    captions: Captions = field(init=False)

    def __post_init__(self) -> None:
        """Let captions count in this document."""
        self.captions = Captions(self.context, self.look, self.bookmarks)

    def opening(self, document: Document, title: str) -> Iterator[Block]:
        """Yield what the report opens with."""
        if document.answer:
            yield self.heading(1, title)
            for passage in passages(document.answer):
                yield from self._said(passage)

    def chapter(self, chapter: Chapter) -> Iterator[Block]:
        """Yield a chapter: its text with the figures it speaks of, then its tables in their order.

        Figures and tables never come before one with a smaller number.
        """
        yield self.heading(1, chapter.title)
        keys = {entry.label: entry.table.key for entry in chapter.tables}
        pictures = list(chapter.figures)
        for passage in chapter.passages:
            yield from self._said(passage)
            cited = {keys[label] for each in passage.findings for label in each.labels if label in keys}
            due = [at for at, each in enumerate(pictures, start=1) if each.drawing.table in cited]
            for _ in range(max(due, default=0)):
                yield from self._figure(pictures.pop(0))
        for note in chapter.notes:
            yield self.paragraph(note)
        if any(label not in self.known for label in keys):
            yield self.paragraph(self._elsewhere(chapter))
        for picture in pictures:
            yield from self._figure(picture)
        heading = "word.tables"
        for block in [self._table(entry) for entry in chapter.tables if entry.label in self.known]:
            if heading:
                # On the page of the first table, which may lie on its side.
                yield replace(self.heading(2, self.context.words(heading)), across=block.across)
                heading = ""
            yield block

    def _elsewhere(self, chapter: Chapter) -> str:
        """Return where the tables are that this chapter leaves to the workbook."""
        labels = [entry.label for entry in chapter.tables if entry.label not in self.known]
        several = "word.elsewhere" if len(labels) > 1 else "word.elsewhere_one"
        return self.context.words(several, n=len(labels), first=labels[0], last=labels[-1])

    def heading(self, level: int, text: str) -> Block:
        """Return a heading and remember it for the contents."""
        entry = Entry(level, text, f"_Toc{len(self.entries) + 1:04d}")
        self.entries.append(entry)
        inside = self.bookmarks.around(entry.bookmark, words(text, hint=self.look.hint))
        return Block(f'<w:p><w:pPr><w:pStyle w:val="Heading{level}"/></w:pPr>{inside}</w:p>')

    def paragraph(self, text: str, more: str = "") -> Block:
        """Return a paragraph of text; `more` are runs behind it."""
        runs = words(text, sentence=True, hint=self.look.hint) + more
        return Block(f'<w:p><w:pPr><w:pStyle w:val="BodyText"/></w:pPr>{runs}</w:p>')

    def work(self, runs: Iterable[tuple[str, bool]]) -> Block:
        """Return an entry of the reference list from its text, upright and in italics."""
        inside = "".join(words(text, italic=italic, hint=self.look.hint) for text, italic in runs)
        return Block(f'<w:p><w:pPr><w:pStyle w:val="Bibliography"/></w:pPr>{inside}</w:p>')

    def _said(self, passage: Passage) -> Iterator[Block]:
        """Yield a heading, what was tested, the findings, what they do not show."""
        if passage.heading:
            yield self.heading(2, passage.heading)
        join = self.context.words("layout.join")
        if passage.tested:
            yield self.paragraph(join.join(passage.tested))
        for finding in passage.findings:
            text = join.join(one for one in (finding.lead, *finding.rest, finding.size) if one)
            if text or finding.labels:
                yield self.paragraph(text, self._see(finding))
        if passage.beyond:
            yield self.paragraph(join.join(passage.beyond))

    def _see(self, finding: Finding) -> str:
        """Return the cross-references behind a finding."""
        if not finding.labels:
            return ""
        before, _, after = self.context.words("word.see").partition("{labels}")
        return run(before) + pointed(finding.labels, self.known, self.context) + run(after)

    def _figure(self, picture: Picture) -> Iterator[Block]:
        target = self.known[picture.label]
        above = self.look.caption_above
        keep = "" if above else "<w:keepNext/>"
        drawn = f'<w:p><w:pPr><w:pStyle w:val="Figure"/>{keep}</w:pPr>{self.picture(picture)}</w:p>'
        caption = self.captions.paragraph(target, kept=above)
        yield Block(caption + drawn if above else drawn + caption)

    def _table(self, entry: Numbered) -> Block:
        placed, cells = laid_out(entry.table, self.context, self.look)
        caption = self.captions.paragraph(self.known[entry.label], kept=True)
        body = table_xml(entry.table, entry.label, self.context, self.look, placed, cells)
        return Block(caption + body, placed.across)


def shown_labels(document: Document) -> Mapping[str, Sequence[tuple[str, str]]]:
    """Return number and title of the tables and the figures that stand in the text, in reading order."""
    return {
        "Table": [(entry.label, entry.table.title) for entry in document.tables if entry.part == "main"],
        "Figure": [(picture.label, picture.drawing.title) for picture in document.pictures],
    }
