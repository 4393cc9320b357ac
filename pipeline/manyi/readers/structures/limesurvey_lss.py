"""LimeSurvey's survey structure in XML (``.lss``)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.parsers import expat

from manyi.readers.structures.limesurvey import Part, Question, structure_of
from manyi.readers.structures.structure import Structure
from manyi.readers.structures.structure_file import opening_of, read_structure_file
from manyi_instruments.faults import Fault, FileUnreadable, Place

Row = Mapping[str, str]
Tables = Mapping[str, Sequence[Row]]

_TABLES = (
    "answers",
    "answer_l10ns",
    "groups",
    "questions",
    "question_l10ns",
    "subquestions",
    "question_attributes",
    "surveys",
    "surveys_languagesettings",
)


def is_limesurvey_lss(path: Path) -> bool:
    """Tell whether a file is a survey in LimeSurvey's XML."""
    return b"<LimeSurveyDocType>Survey<" in opening_of(path)


def read_limesurvey_lss(path: Path) -> Structure:
    """Read LimeSurvey's survey structure in XML.

    Parameters
    ----------
    path : Path
        The ``.lss`` file, of any ``DBVersion``: wordings stand in the rows themselves, one row a language
        (versions 2 and 3), or in the tables ``…_l10ns`` (since 4).

    Returns
    -------
    Structure
        Groups, questions, subquestions and answers in the survey's order.

    Raises
    ------
    FileUnreadable
        As ``read_structure_file``; ``structure-damaged``, ``structure-unsafe`` (the XML declares a document
        type, which LimeSurvey never does and which can make a small file grow without bound).
    AnswersFaulty
        ``structure-empty``.
    """
    tables = _tables(path, read_structure_file(path))
    survey = next(iter(tables["surveys"]), {})
    titles = {
        row.get("surveyls_language", ""): row.get("surveyls_title", "")
        for row in tables["surveys_languagesettings"]
    }
    listed = [survey.get("language", ""), *survey.get("additional_languages", "").split(), *titles]
    languages = tuple(dict.fromkeys(tag for tag in listed if tag))
    return structure_of(path, _questions(tables), titles, languages)


class _Reader:
    """Collects ``document/<table>/rows/row/<field>`` and nothing else."""

    def __init__(self, path: Path) -> None:
        self.tables: dict[str, list[dict[str, str]]] = {name: [] for name in _TABLES}
        self._file = path.name
        self._open: list[str] = []
        self._text: list[str] = []
        self._row: dict[str, str] = {}

    def start(self, tag: str, _attributes: Mapping[str, str]) -> None:
        """Enter an element."""
        self._open.append(tag)
        self._text.clear()
        if self._open[2:] == ["rows", "row"]:
            self._row = {}

    def text(self, data: str) -> None:
        """Take the text of a field."""
        if len(self._open) == 5:
            self._text.append(data)

    def end(self, tag: str) -> None:
        """Leave an element."""
        table = self._open[1] if len(self._open) > 1 else ""
        if len(self._open) == 5 and self._open[2:4] == ["rows", "row"]:
            self._row[tag] = "".join(self._text)
        elif self._open[2:] == ["rows", "row"] and table in self.tables:
            self.tables[table].append(self._row)
        self._open.pop()

    def refuse(self, *_declaration: object) -> None:
        """Refuse a document type: with it come entities that grow without bound."""
        raise FileUnreadable(Fault("structure-unsafe", Place(file=self._file), {"file": self._file}))


def _tables(path: Path, data: bytes) -> Tables:
    reader = _Reader(path)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        details = {"file": path.name, "format": "LimeSurvey .lss", "line": error.lineno}
        place = Place(file=path.name, row=error.lineno)
        raise FileUnreadable(Fault("structure-damaged", place, details)) from None
    return reader.tables


def _questions(tables: Tables) -> Iterator[Question]:
    """Yield the questions, by the order of their groups and their own."""
    groups = {row.get("gid", ""): _number(row, "group_order") for row in tables["groups"]}
    rows = sorted(
        (row for row in tables["questions"] if row.get("parent_qid", "0") in ("", "0")),
        key=lambda row: (groups.get(row.get("gid", ""), 0), _number(row, "question_order")),
    )
    wordings = _wordings(tables["question_l10ns"], "qid", "question")
    subquestions = _parts(
        (*tables["subquestions"], *(row for row in tables["questions"] if row not in rows)),
        ("parent_qid", "qid", "title", "question_order", "question"),
        wordings,
    )
    answers = _parts(
        tables["answers"],
        ("qid", "aid", "code", "sortorder", "answer"),
        _wordings(tables["answer_l10ns"], "aid", "answer"),
    )
    found: dict[str, Question] = {}
    for row in rows:
        qid = row.get("qid", "")
        question = found.get(qid)
        if question is None:
            settings = {key: row.get(key, "") for key in ("other", "mandatory", "relevance")}
            question = Question(
                row.get("title", ""),
                row.get("type", ""),
                dict(wordings.get(qid, {})),
                settings,
                subquestions=subquestions.get(qid, []),
                answers=answers.get(qid, []),
            )
            found[qid] = question
        if "question" in row:
            question.texts[row.get("language", "")] = row["question"]
    _attributes(tables, found)
    yield from found.values()


def _attributes(tables: Tables, questions: Mapping[str, Question]) -> None:
    for row in tables["question_attributes"]:
        question = questions.get(row.get("qid", ""))
        name, value, language = (row.get(key, "") for key in ("attribute", "value", "language"))
        if question is None or not value:
            continue
        if language:
            question.worded.setdefault(name, {})[language] = value
        else:
            question.settings.setdefault(name, value)


def _wordings(rows: Sequence[Row], key: str, field: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in rows:
        found[row.get(key, "")][row.get("language", "")] = row.get(field, "")
    return found


def _parts(
    rows: Sequence[Row], fields: tuple[str, str, str, str, str], wordings: Mapping[str, Mapping[str, str]]
) -> dict[str, list[Part]]:
    """Return subquestions or answers by the id of their question, in order.

    ``fields`` names the columns of: the question's id, the own id, the code, the order, the wording.
    """
    owner, own, code, order, text = fields
    parts: dict[str, dict[tuple[int, str], Part]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: (_number(row, "scale_id"), _number(row, order))):
        key = (_number(row, "scale_id"), row.get(code, ""))
        part = parts[row.get(owner, "")].setdefault(key, Part(key[1], key[0], {}))
        part.texts.update(wordings.get(row.get(own, ""), {}))
        if text in row:
            part.texts[row.get("language", "")] = row[text]
    return {question: list(found.values()) for question, found in parts.items()}


def _number(row: Row, key: str) -> int:
    value = row.get(key, "").strip()
    return int(value) if value.isdigit() else 0
