"""Fields that Word brings up to date, each with the result it shows until then; bookmarks they point to."""

from dataclasses import dataclass, field
from itertools import count
from typing import Final

from manyi_outputs.word.marks import escaped, run

_BEGIN: Final = '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
SEPARATE: Final = '<w:r><w:fldChar w:fldCharType="separate"/></w:r>'
END: Final = '<w:r><w:fldChar w:fldCharType="end"/></w:r>'


def opening(code: str) -> str:
    """Return the beginning of a field whose result follows, up to `END`."""
    instruction = f'<w:r><w:instrText xml:space="preserve"> {escaped(code)} </w:instrText></w:r>'
    return _BEGIN + instruction + SEPARATE


def field_of(code: str, result: str, properties: str = "") -> str:
    r"""Return a field with its result.

    Parameters
    ----------
    code : str
        Such as ``SEQ Table \* ARABIC``.
    result : str
        What it shows until Word brings it up to date.
    properties : str
        Of the result's run.
    """
    return opening(code) + run(result, properties, tied=True) + END


def reference(bookmark: str, shown: str) -> str:
    """Return a cross-reference: the text of a bookmark, as a link to it."""
    return field_of(f"REF {bookmark} \\h", shown)


@dataclass(slots=True)
class Bookmarks:
    """Bookmarks of one document, each with a number of its own."""

    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def around(self, name: str, inside: str) -> str:
        """Return runs with a bookmark around them.

        Parameters
        ----------
        name : str
            At most 40 letters, figures and underscores; one that begins with ``_`` is not listed in Word.
        inside : str
            Runs.
        """
        number = next(self.numbers)
        return f'<w:bookmarkStart w:id="{number}" w:name="{name}"/>{inside}<w:bookmarkEnd w:id="{number}"/>'
