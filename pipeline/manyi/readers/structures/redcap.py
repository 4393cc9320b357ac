"""REDCap's data dictionary (CSV)."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from manyi.readers.platforms.source import DescribedAnswer, Kind
from manyi.readers.structures.plain_wording import plain_wording
from manyi.readers.structures.structure import Structure, StructuredQuestion
from manyi.readers.structures.structure_file import opening_of, read_structure_file
from manyi.readers.tables.encoding import decode_text
from manyi_instruments.faults import AnswersFaulty, Fault, FileUnreadable, Place

NAME, TYPE, LABEL = "Variable / Field Name", "Field Type", "Field Label"
CHOICES = "Choices, Calculations, OR Slider Labels"
VALIDATION = "Text Validation Type OR Show Slider Number"
BRANCHING = "Branching Logic (Show field only if...)"
REQUIRED, MATRIX, RANKING = "Required Field?", "Matrix Group Name", "Matrix Ranking?"
ANNOTATION = "Field Annotation"
_KINDS: dict[str, Kind] = {
    **dict.fromkeys(("radio", "dropdown", "yesno", "truefalse"), "single"),
    "checkbox": "multiple",
    "slider": "number",
    "calc": "number",
    **dict.fromkeys(("text", "notes"), "text"),
}
_FIXED = {"yesno": "1, Yes | 0, No", "truefalse": "1, True | 0, False"}
_KEYS = re.compile(r"\b(scale|reverse|expected|ranking|answer)=(\S+)")

Row = dict[str, str]


def is_redcap_dictionary(path: Path) -> bool:
    """Tell by its headings whether a file is a data dictionary of REDCap."""
    first = opening_of(path).lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    return all(heading.encode("ascii") in first for heading in (NAME, TYPE, LABEL))


def read_redcap_dictionary(path: Path) -> Structure:
    """Read a data dictionary.

    Parameters
    ----------
    path : Path
        The CSV.

    Returns
    -------
    Structure
        An entry a field; the fields of a matrix with ranking are one ranking question, named by its
        annotation (``ranking=…``) or its matrix. Fields without an answer are ``unasked``.

    Raises
    ------
    FileUnreadable
        As ``read_table``, ``structure-too-large``, ``structure-damaged``.
    AnswersFaulty
        ``structure-empty``.
    """
    text, _ = decode_text(path, read_structure_file(path))
    try:
        rows = [
            {key: value or "" for key, value in row.items() if isinstance(key, str)}
            for row in csv.DictReader(io.StringIO(text, newline=""))
        ]
    except csv.Error:
        details = {"file": path.name, "format": "REDCap", "line": 1}
        raise FileUnreadable(Fault("structure-damaged", Place(file=path.name), details)) from None
    questions = tuple(_questions(rows))
    if not questions:
        raise AnswersFaulty(Fault("structure-empty", Place(file=path.name), {"file": path.name}))
    unasked = {row[NAME]: "note" for row in rows if row[TYPE] not in _KINDS}
    return Structure(path, "redcap", {}, ("",), questions, unasked=unasked)


def _questions(rows: Sequence[Row]) -> Iterator[StructuredQuestion]:
    def together(row: Row) -> tuple[str, str]:
        ranked = row.get(RANKING, "").strip().lower() == "y"
        return ("", row[MATRIX]) if ranked else (row[NAME], "")

    for (_, matrix), group in groupby(rows, key=together):
        fields = list(group)
        if matrix:
            yield _ranking(matrix, fields)
        elif fields[0][TYPE] in _KINDS:
            yield _question(fields[0])


def _question(row: Row) -> StructuredQuestion:
    kind = _KINDS[row[TYPE]]
    if kind == "text" and row.get(VALIDATION, "").strip().startswith(("integer", "number")):
        kind = "number"
    listed = _FIXED.get(row[TYPE], row[CHOICES] if kind in ("single", "multiple") else "")
    return StructuredQuestion(
        code=row[NAME],
        group="",
        texts={"": plain_wording(row[LABEL])},
        kind=kind,
        answers=tuple(_answers(listed)),
        required=row.get(REQUIRED, "").strip().lower() == "y",
        relevant=row.get(BRANCHING, "").strip(),
        keys=dict(_KEYS.findall(row.get(ANNOTATION, ""))),
    )


def _ranking(matrix: str, fields: Sequence[Row]) -> StructuredQuestion:
    keys = [dict(_KEYS.findall(row.get(ANNOTATION, ""))) for row in fields]
    answers = [
        DescribedAnswer(key.get("answer", row[NAME]), {"": plain_wording(row[LABEL])})
        for key, row in zip(keys, fields, strict=True)
    ]
    return StructuredQuestion(
        code=keys[0].get("ranking", matrix),
        group="",
        texts={},
        kind="ranking",
        answers=tuple(answers),
        keys={"fields": " ".join(row[NAME] for row in fields)},
    )


def _answers(listed: str) -> Iterator[DescribedAnswer]:
    for choice in listed.split("|"):
        code, comma, label = choice.partition(",")
        if comma:
            yield DescribedAnswer(code.strip(), {"": plain_wording(label.strip())})
