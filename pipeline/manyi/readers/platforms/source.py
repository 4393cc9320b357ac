"""A table of answers as a platform exported it, told in the same words for every platform."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from manyi.readers.tables.raw_table import RawTable
from manyi_instruments.definitions.questionnaire import MissingKind
from manyi_instruments.faults import Fault

Kind = Literal["single", "multiple", "matrix", "text", "number"]
#: ``text``: cells hold wordings. ``number``: cells hold the place of the answer in its list, from 1.
#: ``score``: cells hold points the author of the form gave. ``value``: cells hold stored values or wordings.
Style = Literal["text", "number", "score", "value"]


@dataclass(frozen=True, slots=True)
class DescribedAnswer:
    """One answer of a question as the file's own labels, or the platform's structure, describe it.

    Attributes
    ----------
    code : str
        What a cell holds where it was chosen.
    labels : Mapping
        Wording by language; under ``""`` where nothing tells the language.
    missing : str or None
        Kind of missing answer, for a code that is declared to be none.
    """

    code: str
    labels: Mapping[str, str]
    missing: MissingKind | None = None


NUMERIC = re.compile(r"[+-]?\d+(?:\.\d*)?")
_FEW_NUMBERS = 12
_FEW_WORDINGS = 30


@dataclass(frozen=True, slots=True)
class SourceQuestion:
    """One question as found.

    Attributes
    ----------
    heading : str
        Heading of its column as read; for a multiple-choice question split over columns, what these
        headings share.
    number : str
        Number the platform gave it; may restart, may be empty.
    text : str
        Wording without numbering; for a matrix the wording above its rows, empty where the file has none.
    row : str
        Wording of the row of a matrix, else empty.
    kind : str
        What the cells look like; the questionnaire, not this, decides how they are decoded.
    options : tuple of str
        Answers as found: of a split multiple one a column, of single and one-cell multiple the wordings.
    columns : tuple of str
        Names of its columns in ``RawTable.cells``.
    code : str
        Name the platform gives the question itself, without groups; empty where it has none.
    texts : Mapping
        Wordings by language from labels or structure, matrix question and row together; under ``""`` where
        nothing tells the language.
    answers : tuple of DescribedAnswer
        Answer list from labels or structure, in the platform's order; empty where only the cells tell.
    missing : Mapping
        Cell text -> kind of missing answer, beyond what ``SourceTable.missing`` says for all questions.
    other : str or None
        Column with the free text beside an answer, where the platform gives it one.
    """

    heading: str
    number: str
    text: str
    row: str
    kind: Kind
    options: tuple[str, ...]
    columns: tuple[str, ...]
    code: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[DescribedAnswer, ...] = ()
    missing: Mapping[str, MissingKind] = field(default_factory=dict)
    other: str | None = None

    @property
    def split(self) -> bool:
        """Return whether it is one multiple-choice question over several columns."""
        return self.kind == "multiple" and len(self.columns) > 1

    @property
    def wording(self) -> str:
        """Return the whole wording, matrix question and row together."""
        return "—".join(part for part in (self.text, self.row) if part)


@dataclass(frozen=True, slots=True)
class SourceTable:
    """The questions and the metadata of one export.

    Attributes
    ----------
    source : str
        Reader that read it: ``wenjuanxing`` or ``table``.
    evidence : tuple of str
        Why this reader took it.
    raw : RawTable
        Every cell as it stands.
    style : str
        What cells hold, see ``Style``.
    questions : tuple of SourceQuestion
        In the order of the file.
    submitted, seconds, person, school : str or None
        Metadata columns, where the platform has them.
    submission : str or None
        Column of the platform's own id of a submission, which stays the same in a later, longer export.
    device : str or None
        Column that tells the device or network address an answer came from.
    metadata : tuple of str
        All columns that are not questions.
    missing : Mapping
        Cell text of this platform -> kind of missing answer; a blank is always ``no_answer``.
    separator : str
        Joins the answers of a multiple-choice question in one cell.
    set_aside : Mapping
        Fault code -> spreadsheet rows that are no answer sheet by the platform's own word: previews, second
        heading rows, totals. They are quarantined with that reason.
    structure : str
        Name of the structure file that described the questions; empty where none did.
    faults : tuple of Fault
        Warnings.
    """

    source: str
    evidence: tuple[str, ...]
    raw: RawTable
    style: Style
    questions: tuple[SourceQuestion, ...]
    submitted: str | None = None
    seconds: str | None = None
    person: str | None = None
    school: str | None = None
    submission: str | None = None
    device: str | None = None
    metadata: tuple[str, ...] = ()
    missing: Mapping[str, MissingKind] = field(default_factory=dict)
    separator: str = "┋"
    set_aside: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    structure: str = ""
    faults: tuple[Fault, ...] = ()


def distinct(column: "pd.Series[str]", missing: Mapping[str, MissingKind]) -> dict[str, int]:
    """Return how often each cell text occurs, blanks and the platform's missing marks left out."""
    counts = column.value_counts(sort=False)
    found: dict[str, int] = {}
    for cell, n in zip(counts.index.tolist(), counts.tolist(), strict=True):
        text = str(cell).strip()
        if text and text not in missing:
            found[text] = found.get(text, 0) + int(n)
    return found


def is_numeric(found: Mapping[str, int]) -> bool:
    """Return whether every text is a number."""
    return bool(found) and all(NUMERIC.fullmatch(text) for text in found)


def guess_kind(found: Mapping[str, int], separator: str) -> Kind:
    """Return what the cells of one column look like.

    Few different numbers or repeated wordings are a single choice, a cell with the separator a multiple
    choice, many numbers a number, anything else text.
    """
    answered = sum(found.values())
    if is_numeric(found):
        whole = all(float(text).is_integer() for text in found)
        return "single" if whole and len(found) <= _FEW_NUMBERS else "number"
    if any(separator in text for text in found):
        return "multiple"
    wordings = {text.split("〖")[0] for text in found}
    if not wordings or len(wordings) > _FEW_WORDINGS or any(len(text) > 60 for text in wordings):
        return "text"
    return "single" if len(wordings) * 2 <= answered or len(wordings) <= 2 else "text"
