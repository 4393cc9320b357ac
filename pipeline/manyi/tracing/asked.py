"""What a person asks about: ``table 9, row 3``, ``表 3-9 行 3 列 4``, ``reliability.csv row 3``, ``图 2``."""

import re
import unicodedata
from dataclasses import dataclass

_ROW = re.compile(r"\brow\s*(\d+)|第\s*(\d+)\s*行|行\s*(\d+)", re.IGNORECASE)
_COLUMN = re.compile(r"\bcol(?:umn|\.)?\s*(\d+)|第\s*(\d+)\s*列|列\s*(\d+)", re.IGNORECASE)
_LABEL = re.compile(
    r"(?:(?P<extra>附)?表|(?:table|tab\.?)(?=[\s\d]))?\s*"
    r"(?P<letter>[A-Za-z])?(?:(?P<chapter>\d+)\s*[-\u2013.]\s*)?(?P<number>\d+)",
    re.IGNORECASE,
)
_FIGURE = re.compile(r"(?:图|figure|fig\.?)\s*(\d+)", re.IGNORECASE)
_FINDING = re.compile(r"(?:发现|结论|finding)\s*(\d+)", re.IGNORECASE)
_CSV = re.compile(r"(?:results/tables/)?([A-Za-z_]\w*)\.csv", re.IGNORECASE)
#: Before the number of a table that stands in the supplement.
SUPPLEMENT = "S"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a number.

    Parameters
    ----------
    text : str
        As asked.
    subject : str
        The text without row and column.
    row, column : int or None
        From 1; of a table of the appendix section headings are not counted.
    """

    text: str
    subject: str
    row: int | None = None
    column: int | None = None

    @property
    def label(self) -> "Label | None":
        """Return the number of a table, where the subject is one."""
        return Label.of(self.subject)

    @property
    def figure(self) -> int | None:
        """Return the number of a figure, where the subject is one."""
        return _number(_FIGURE, self.subject)

    @property
    def finding(self) -> int | None:
        """Return the number of a finding, where the subject is one."""
        return _number(_FINDING, self.subject)

    @property
    def result_table(self) -> str:
        """Return the name of a result table asked for by its file, else nothing."""
        found = _CSV.fullmatch(self.subject)
        return found[1] if found else ""

    @property
    def words(self) -> tuple[str, ...]:
        """Return the subject word by word."""
        return tuple(re.split(r"[\s,;]+", self.subject))


@dataclass(frozen=True, slots=True)
class Label:
    """The number of a table whatever the language: ``表3-9`` and ``Table 3-9`` are one.

    Parameters
    ----------
    chapter : str
        Number or letter of the chapter, ``S`` of the supplement, empty where none is said.
    number : int
    """

    chapter: str
    number: int

    @classmethod
    def of(cls, text: str) -> "Label | None":
        """Return the number a text is, or None where it is none.

        Examples
        --------
        >>> Label.of("表3-9"), Label.of("附表2") == Label.of("Table S2"), Label.of("reliability")
        (Label(chapter='3', number=9), True, None)
        """
        found = _LABEL.fullmatch(unicodedata.normalize("NFKC", text).strip())
        if found is None:
            return None
        letter = SUPPLEMENT if found["extra"] else (found["letter"] or "").upper()
        return cls(letter or found["chapter"] or "", int(found["number"]))

    def means(self, printed: "Label") -> bool:
        """Return whether a printed number is meant: without a chapter the number in the main part is."""
        if self.number != printed.number:
            return False
        return self.chapter == printed.chapter or (not self.chapter and printed.chapter != SUPPLEMENT)


def asked(text: str) -> Asked:
    """Return what a text asks about.

    Examples
    --------
    >>> asked("table 9, row 3")
    Asked(text='table 9, row 3', subject='table 9', row=3, column=None)
    >>> one = asked("表 3\uff0d9 行 3 列 4")
    >>> one.subject, one.row, one.column
    ('表 3-9', 3, 4)
    """
    plain = unicodedata.normalize("NFKC", text)
    column, rest = _taken(_COLUMN, plain)
    row, rest = _taken(_ROW, rest)
    subject = re.sub(r"\s+", " ", re.sub(r"[\s,;、。:]+$|^[\s,;、。:]+", "", rest))
    return Asked(text, re.sub(r"\s*[,、]\s*(?=[,、]|$)", "", subject), row, column)


def _taken(pattern: "re.Pattern[str]", text: str) -> tuple[int | None, str]:
    found = pattern.search(text)
    if found is None:
        return None, text
    number = next(int(group) for group in found.groups() if group)
    return number, f"{text[: found.start()]} {text[found.end() :]}".strip()


def _number(pattern: "re.Pattern[str]", text: str) -> int | None:
    found = pattern.fullmatch(text)
    return int(found[1]) if found else None
