"""A table of answers as a platform exported it, told in the same words for every platform."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from manyi.readers.tables.column import Column, encoded
from manyi.readers.tables.raw_table import RawTable
from manyi_instruments.definitions.questionnaire import MissingKind
from manyi_instruments.faults import Fault

Kind = Literal["single", "multiple", "ranking", "matrix", "text", "number"]
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
#: Joins the answers of a ranking in one cell, the first one first.
ARROW = "→"
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
        Answers as found: of a split multiple or ranking one a column, of single and one-cell multiple or
        ranking the wordings.
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
    by_rank : bool
        Of a ranking over several columns: the columns are the ranks, first to last, and hold the answers;
        ``options`` names them. Otherwise the columns are the answers and hold their ranks.
    counted : str
        Of a multiple choice over several columns, one an option: the cell that means chosen, where it is not
        1 or a word for yes; any other number then means not chosen.
    coded : bool
        Of a multiple choice over several columns: they hold the codes of the answers chosen, in any order,
        not one option's tick each.
    write_in : str or None
        Of a multiple choice over several columns: the one of them that holds the text of the answer "other"
        instead of a tick; any text there means chosen.
    zeros_are_blank : bool
        Of a multiple choice over several columns: a row without any tick holds 0 in all of them also where
        nothing was answered or asked.
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
    by_rank: bool = False
    counted: str = ""
    coded: bool = False
    write_in: str | None = None
    zeros_are_blank: bool = False

    @property
    def split(self) -> bool:
        """Return whether it is one multiple-choice or ranking question with a column an option or a rank."""
        return self.kind in ("multiple", "ranking") and len(self.columns) > 1 and not self.coded

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
    started, finished : str or None
        Columns of the moments the answering began and ended. Where there is no column of seconds the
        duration is ``finished`` (``submitted`` without one) less ``started``.
    submission : str or None
        Column of the platform's own id of a submission, which stays the same in a later, longer export.
    device : str or None
        Column that tells the device or network address an answer came from.
    definition : str or None
        Column with the hash of the definition the answers were given to.
    metadata : tuple of str
        All columns that are not questions.
    missing : Mapping
        Cell text of this platform -> kind of missing answer; a blank is always ``no_answer``.
    separator : str
        Joins the answers of a multiple-choice question in one cell.
    set_aside : Mapping
        Fault code -> spreadsheet rows that are no answer sheet by the platform's own word: previews, second
        heading rows, totals. They are quarantined with that reason.
    decimal : str
        Decimal sign of the file's numbers: ``.`` or ``,``.
    held : Mapping
        Cell text -> why it is held back, whatever the question: two entries of one paper differ there.
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
    started: str | None = None
    finished: str | None = None
    submission: str | None = None
    device: str | None = None
    definition: str | None = None
    metadata: tuple[str, ...] = ()
    missing: Mapping[str, MissingKind] = field(default_factory=dict)
    separator: str = "┋"
    set_aside: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    decimal: str = "."
    held: Mapping[str, Fault] = field(default_factory=dict)
    structure: str = ""
    faults: tuple[Fault, ...] = ()


def distinct(column: "Column | pd.Series[str]", missing: Mapping[str, MissingKind]) -> dict[str, int]:
    """Return how often each cell text occurs, blanks and the platform's missing marks left out."""
    known = column if isinstance(column, Column) else encoded(column)
    found: dict[str, int] = {}
    for cell, n in zip(known.cells, known.counts.tolist(), strict=True):
        text = cell.strip()
        if text and text not in missing:
            found[text] = found.get(text, 0) + n
    return found


def is_numeric(found: Mapping[str, int]) -> bool:
    """Return whether every text is a number."""
    return bool(found) and all(NUMERIC.fullmatch(text) for text in found)


def is_ranking(found: Mapping[str, int]) -> bool:
    """Return whether cells hold the same few wordings in different orders, joined by arrows.

    >>> is_ranking({"a→b→c": 2, "c→a": 1}), is_ranking({"I went home → school": 1})
    (True, False)
    """
    joined = sum(n for text, n in found.items() if ARROW in text)
    if joined * 2 <= sum(found.values()):
        return False
    parts = {part.strip() for text in found for part in text.split(ARROW)}
    given = sum(n * len(text.split(ARROW)) for text, n in found.items())
    return len(parts) * 2 <= given and len(parts) <= _FEW_WORDINGS


def options_of(found: Mapping[str, int], separator: str) -> tuple[str, ...]:
    """Return the wordings of the answers found, in order of first appearance, without their free text.

    >>> options_of({"b┋other〖x〗": 1, "a→b": 1}, "┋")
    ('b', 'other', 'a')
    """
    parts = (part.split("〖")[0].strip() for text in found for part in split_answers(text, separator))
    return tuple(dict.fromkeys(part for part in parts if part))


def split_answers(text: str, separator: str) -> list[str]:
    """Return the answers of one cell: joined by the platform's separator, or in order by arrows."""
    return [part for joined in text.split(separator) for part in joined.split(ARROW)]


def guess_kind(found: Mapping[str, int], separator: str) -> Kind:
    """Return what the cells of one column look like.

    Few different numbers or repeated wordings are a single choice, a cell with the separator a multiple
    choice, the same few wordings joined by arrows a ranking, many numbers a number, anything else text.
    """
    answered = sum(found.values())
    if is_numeric(found):
        whole = all(float(text).is_integer() for text in found)
        return "single" if whole and len(found) <= _FEW_NUMBERS else "number"
    if any(separator in text for text in found):
        return "multiple"
    if is_ranking(found):
        return "ranking"
    wordings = {text.split("〖")[0] for text in found}
    if not wordings or len(wordings) > _FEW_WORDINGS or any(len(text) > 60 for text in wordings):
        return "text"
    return "single" if len(wordings) * 2 <= answered or len(wordings) <= 2 else "text"
