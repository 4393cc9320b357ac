"""Contents and lists of tables and figures as fields, filled in already: entries lead to what they name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from manyi_outputs.word.captions import Target
from manyi_outputs.word.fields import END, opening
from manyi_outputs.word.marks import escaped, run, words
from manyi_outputs.word.styles import Look

#: A field in a list of contents: headings of these levels, with links.
LEVELS: Final = 2


@dataclass(frozen=True, slots=True)
class Entry:
    """A heading in the contents.

    Parameters
    ----------
    level : int
        From 1.
    text : str
    bookmark : str
    """

    level: int
    text: str
    bookmark: str


def contents(entries: Sequence[Entry], hint: str, look: Look) -> str:
    """Return the table of contents.

    Page numbers are known to a word processor only. Until it brings the field up to date, the entries stand
    without them and its last line says how to get them.
    """
    listed = [(f"TOC{entry.level}", entry.text, entry.bookmark) for entry in entries]
    return _field(f'TOC \\o "1-{LEVELS}" \\h \\z \\u', listed, hint, look)


def list_of(targets: Sequence[Target], gap: str, look: Look) -> str:
    """Return the list of tables or figures whose captions count the same sequence."""
    listed = [("TableofFigures", f"{each.label}{gap}{each.title}", each.entry) for each in targets]
    return _field(f'TOC \\h \\z \\c "{targets[0].sequence}"', listed, "", look)


def _field(code: str, entries: Sequence[tuple[str, str, str]], hint: str, look: Look) -> str:
    """Return the paragraphs of a field that lists entries of (style, text, bookmark)."""
    lines = [(style, _link(bookmark, text, look)) for style, text, bookmark in entries]
    if hint:
        lines.append(("FieldHint", words(hint, hint=look.hint)))
    last = len(lines) - 1
    return "".join(
        _paragraph(style, (opening(code) if at == 0 else "") + runs + (END if at == last else ""))
        for at, (style, runs) in enumerate(lines)
    )


def _link(bookmark: str, text: str, look: Look) -> str:
    inside = words(text, hint=look.hint)
    return f'<w:hyperlink w:anchor="{escaped(bookmark)}" w:history="1">{inside}</w:hyperlink>'


def _paragraph(style: str, runs: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{runs}</w:p>'


def title(text: str, look: Look, *, new_page: bool) -> str:
    """Return the heading of a list, which is no entry of the contents."""
    broken = "<w:pageBreakBefore/>" if new_page else ""
    runs = words(text, hint=look.hint)
    return f'<w:p><w:pPr><w:pStyle w:val="TOCHeading"/>{broken}</w:pPr>{runs or run("")}</w:p>'
