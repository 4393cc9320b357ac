"""LimeSurvey's tab-separated survey structure (``.txt``)."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from manyi.readers.structures.limesurvey import Part, Question, structure_of
from manyi.readers.structures.structure import Structure
from manyi.readers.structures.structure_file import opening_of, read_structure_file
from manyi.readers.tables.encoding import decode_text
from manyi_instruments.faults import Fault, FileUnreadable, Place

_HEADINGS = ("class", "type/scale", "name", "text", "language")
#: Attributes that are wordings; all other columns are settings.
_WORDED = ("other_replace_text", "dualscale_headerA", "dualscale_headerB")


def is_limesurvey_tsv(path: Path) -> bool:
    """Tell by its headings whether a file is LimeSurvey's tab-separated structure."""
    first = opening_of(path).lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    headings = [cell.strip().strip(b'"') for cell in first.split(b"\t")]
    return all(heading.encode("ascii") in headings for heading in _HEADINGS)


def read_limesurvey_tsv(path: Path) -> Structure:
    """Read LimeSurvey's tab-separated survey structure.

    Parameters
    ----------
    path : Path
        The ``.txt`` file: rows of the classes S, SL, G, Q, SQ and A; every language repeats them from G on.

    Returns
    -------
    Structure
        Subquestions and answers belong to the question above them; what other languages say of a question
        is joined by its code, of a subquestion or answer by its code and scale.

    Raises
    ------
    FileUnreadable
        As ``read_table``, ``structure-too-large``, ``structure-damaged``.
    AnswersFaulty
        ``structure-empty``.
    """
    data = read_structure_file(path)
    text, _ = decode_text(path, data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t")
    survey = _Survey()
    # Welcome texts and explanations are longer than the reader's usual bound on a cell.
    bound = csv.field_size_limit(len(text) + 1)
    try:
        headings = [heading.strip() for heading in next(reader, [])]
        if not all(heading in headings for heading in _HEADINGS):
            raise _damaged(path, 1)
        for cells in reader:
            survey.take(dict(zip(headings, cells, strict=False)))
    except csv.Error:
        raise _damaged(path, reader.line_num) from None
    finally:
        csv.field_size_limit(bound)
    return structure_of(path, survey.questions.values(), survey.title, survey.languages())


def _damaged(path: Path, line: int) -> FileUnreadable:
    details = {"file": path.name, "format": "LimeSurvey .txt", "line": line}
    return FileUnreadable(Fault("structure-damaged", Place(file=path.name, row=line), details))


class _Survey:
    """What the rows read so far say."""

    def __init__(self) -> None:
        self.settings: dict[str, str] = {}
        self.title: dict[str, str] = {}
        self.questions: dict[str, Question] = {}
        self._asked: Question | None = None
        self._parts: dict[tuple[str, str, int, str], Part] = {}
        self._tags: dict[str, None] = {}

    def languages(self) -> tuple[str, ...]:
        """Return the language tags, the main one first."""
        listed = [self.settings.get("language", ""), *self.settings.get("additional_languages", "").split()]
        return tuple(dict.fromkeys(tag for tag in (*listed, *self._tags) if tag))

    def take(self, row: Mapping[str, str]) -> None:
        """Take one row of the file."""
        kind, name, language = (row.get(key, "").strip() for key in ("class", "name", "language"))
        text = row.get("text", "")
        if kind == "S":
            self.settings[name] = text.strip()
        elif kind == "SL":
            self._tags.setdefault(language)
            if name == "surveyls_title":
                self.title[language] = text
        elif kind == "Q":
            self._question(row, name, language, text)
        elif kind in ("SQ", "A") and self._asked is not None:
            self._part(self._asked, kind, row.get("type/scale", ""), name)[language] = text

    def _question(self, row: Mapping[str, str], name: str, language: str, text: str) -> None:
        self._tags.setdefault(language)
        known = self.questions.get(name)
        if known is None:
            settings = {key: value.strip() for key, value in row.items() if value.strip()}
            known = Question(name, row.get("type/scale", "").strip(), {}, settings)
            self.questions[name] = known
        known.texts[language] = text
        for key in _WORDED:
            if row.get(key, "").strip():
                known.worded.setdefault(key, {})[language] = row[key]
        self._asked = known

    def _part(self, question: Question, kind: str, scale: str, code: str) -> dict[str, str]:
        """Return the wordings of a subquestion or answer, known from another language or new."""
        number = int(scale) if scale.strip().isdigit() else 0
        key = (question.code, kind, number, code)
        known = self._parts.get(key)
        if known is None:
            known = self._parts[key] = Part(code, number, {})
            (question.subquestions if kind == "SQ" else question.answers).append(known)
        return known.texts
