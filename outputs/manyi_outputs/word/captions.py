"""Captions of tables and figures: numbers Word counts, and bookmarks the text points to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from manyi_outputs.context import Context
from manyi_outputs.word.fields import Bookmarks, field_of, reference
from manyi_outputs.word.marks import properties, run, words
from manyi_outputs.word.styles import Look

_NUMBERED: Final = re.compile(r"(?P<before>.*?)(?P<number>\d+)", re.DOTALL)
_NAME: Final = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Target:
    """Something with a number that the text can point to.

    Parameters
    ----------
    label : str
        Such as ``表3-1`` or ``Figure 2``.
    title : str
    bookmark, entry : str
        Bookmark around its number, and the one that a list of tables or figures leads to.
    """

    label: str
    title: str
    bookmark: str
    entry: str

    @property
    def parts(self) -> tuple[str, int | None]:
        """Return what stands before the number that is counted, and that number.

        Examples
        --------
        >>> Target("表3-12", "", "", "").parts, Target("Figure", "", "", "").parts
        (('表3-', 12), ('Figure', None))
        """
        found = _NUMBERED.fullmatch(self.label)
        return (found["before"], int(found["number"])) if found else (self.label, None)

    @property
    def sequence(self) -> str:
        """Return the name of what is counted: the word before the number, as Word's own captions have it."""
        found = _NAME.search(self.parts[0])
        return found[0] if found else self.bookmark


def targets(kind: str, labelled: Iterable[tuple[str, str]]) -> dict[str, Target]:
    """Return the targets of labels with titles, by label.

    Parameters
    ----------
    kind : str
        Part of the names of the bookmarks: ``Table``, ``Figure``.
    labelled : iterable of (label, title)
    """
    return {
        label: Target(label, title, f"_Ref{kind}{number}", f"_Toc{kind}{number}")
        for number, (label, title) in enumerate(labelled, start=1)
    }


@dataclass(slots=True)
class Captions:
    """Writes captions in the order of the document and counts as Word will.

    Parameters
    ----------
    context : Context
    look : Look
    bookmarks : Bookmarks
    """

    context: Context
    look: Look
    bookmarks: Bookmarks
    counted: dict[str, int] = field(default_factory=dict)

    def paragraph(self, target: Target, *, kept: bool) -> str:
        """Return the caption; the number leads where Word would count another.

        Parameters
        ----------
        target : Target
        kept : bool
            Whether what it belongs to follows: no page ends between them.
        """
        bold = properties(bold=True) if self.look.caption_break else ""
        number = self.bookmarks.around(target.bookmark, self._number(target, bold))
        if self.look.caption_break:
            rest = run("\n") + words(target.title, italic=True, hint=self.look.hint)
        else:
            rest = words(self.context.words("layout.gap") + target.title, hint=self.look.hint)
        keep = "<w:keepNext/>" if kept else ""
        inside = self.bookmarks.around(target.entry, number + rest)
        return f'<w:p><w:pPr><w:pStyle w:val="Caption"/>{keep}</w:pPr>{inside}</w:p>'

    def _number(self, target: Target, look: str) -> str:
        before, number = target.parts
        if number is None:
            return run(before, look, tied=True)
        expected = self.counted.get(target.sequence, 0) + 1
        # Tables keep the numbers of the workbook, in whatever order the chapters have them.
        leading = "" if number == expected else f" \\r {number}"
        self.counted[target.sequence] = number
        counted = field_of(f"SEQ {target.sequence} \\* ARABIC{leading}", str(number), look)
        return run(before, look, tied=True) + counted


def pointed(labels: Iterable[str], known: dict[str, Target], context: Context) -> str:
    """Return labels one after the other: cross-references to those in the document, the others as words."""
    between = run(context.words("numbers.list"))
    return between.join(
        reference(known[label].bookmark, label) if label in known else run(label, tied=True)
        for label in labels
    )
