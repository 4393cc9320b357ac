"""A LimeSurvey survey: which columns its questions have in an export, and what their cells mean.

Question types and codes are those of LimeSurvey's own ``createFieldMap`` (versions 2 to 6).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from manyi.readers.platforms.source import DescribedAnswer, Kind
from manyi.readers.structures.plain_wording import plain_wording, primary_language
from manyi.readers.structures.structure import Structure, StructuredQuestion
from manyi_instruments.faults import AnswersFaulty, Fault, Place

Texts = Mapping[str, str]

_SINGLE = ("L", "!", "O", "5", "Y", "G", "I")
_MULTIPLE = ("M", "P")
_ROWS: Mapping[str, Kind] = {
    **dict.fromkeys(("F", "H", "A", "B", "C", "E"), "matrix"),
    "K": "number",
    "Q": "text",
}
_CELLS: Mapping[str, Kind] = {":": "number", ";": "text"}
_ALONE: Mapping[str, Kind] = {"N": "number", **dict.fromkeys(("S", "T", "U", "D", "*", "|"), "text")}
_NO_ANSWER = ("X",)
#: Answers LimeSurvey itself words, in the languages this reader knows the wording of.
_WORDED: Mapping[str, Texts] = {
    "Yes": {"en": "Yes", "de": "Ja", "zh": "是"},
    "No": {"en": "No", "de": "Nein", "zh": "否"},
    "Uncertain": {"en": "Uncertain", "de": "Unsicher", "zh": "不确定"},
    "Increase": {"en": "Increase", "de": "Zunahme", "zh": "增加"},
    "Same": {"en": "Same", "de": "Gleich", "zh": "相同"},
    "Decrease": {"en": "Decrease", "de": "Abnahme", "zh": "减少"},
    "Female": {"en": "Female", "de": "Weiblich", "zh": "女"},
    "Male": {"en": "Male", "de": "Männlich", "zh": "男"},
    "Other": {"en": "Other", "de": "Sonstiges", "zh": "其他"},
}
_FIXED: Mapping[str, Sequence[tuple[str, str]]] = {
    "Y": (("Y", "Yes"), ("N", "No")),
    "G": (("F", "Female"), ("M", "Male")),
    "C": (("Y", "Yes"), ("U", "Uncertain"), ("N", "No")),
    "E": (("I", "Increase"), ("S", "Same"), ("D", "Decrease")),
}
_POINTS = {"5": 5, "A": 5, "B": 10}
#: What a cell of a list, and a column of a multiple choice, say of the answer that has free text beside it.
OTHER_CODE, OTHER_OPTION = "-oth-", "other"


@dataclass(frozen=True, slots=True)
class Part:
    """A subquestion or an answer: its code, its scale and its wordings by LimeSurvey's language tags."""

    code: str
    scale: int
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """A question as the survey's structure lists it.

    Attributes
    ----------
    code, type : str
        Code and one-letter type.
    texts : dict
        Wording by language tag, as stored.
    settings : dict
        ``other``, ``mandatory``, ``relevance`` and the attributes that do not depend on the language.
    worded : dict
        Attributes by language tag: ``other_replace_text``, ``dualscale_headerA`` ….
    subquestions, answers : list of Part
        In the order shown.
    """

    code: str
    type: str
    texts: dict[str, str]
    settings: dict[str, str] = field(default_factory=dict)
    worded: dict[str, dict[str, str]] = field(default_factory=dict)
    subquestions: list[Part] = field(default_factory=list)
    answers: list[Part] = field(default_factory=list)


def structure_of(
    path: Path, questions: Iterable[Question], title: Texts, languages: Sequence[str]
) -> Structure:
    """Return the structure: one entry a question, or a row of one, as exports have columns.

    Parameters
    ----------
    path : Path
        The file.
    questions : iterable of Question
        In the order asked.
    title : Mapping
        Title by language tag.
    languages : sequence of str
        Language tags, the main one first.

    Returns
    -------
    Structure
        Codes are spelled ``sat[q1]``, ``grid[row_column]``, ``dual[row][1]``; a multiple choice or a ranking
        has one code, though exports give it several columns.

    Raises
    ------
    AnswersFaulty
        ``structure-empty`` where there is no question.
    """
    place = Place(file=path.name)
    known = tuple(dict.fromkeys(primary_language(tag) for tag in languages))
    found: list[StructuredQuestion] = []
    unknown: dict[str, list[str]] = {}
    for question in questions:
        entries = list(_entries(question, known))
        found.extend(entries)
        if not entries and question.type not in _NO_ANSWER:
            unknown.setdefault(question.type, []).append(question.code)
    if not found:
        raise AnswersFaulty(Fault("structure-empty", place, {"file": path.name}))
    faults = tuple(
        Fault("structure-type-unknown", place, {"type": kind, "questions": "、".join(codes)}, "warning")
        for kind, codes in unknown.items()
    )
    return Structure(
        path=path,
        platform="limesurvey",
        title=_plain(title),
        languages=known,
        questions=tuple(found),
        groups={entry.group: entry.stem for entry in found if entry.group},
        faults=faults,
    )


def _entries(question: Question, languages: Sequence[str]) -> Iterator[StructuredQuestion]:
    kind = question.type
    if kind in _SINGLE:
        yield _entry(question, question.code, "single", {}, _answers(question, languages))
        if kind == "O":
            yield _comment(question, f"{question.code}[comment]", {})
    elif kind in _MULTIPLE:
        yield from _multiple(question, languages)
    elif kind in _ROWS:
        answers = _answers(question, languages) if _ROWS[kind] == "matrix" else ()
        for row in question.subquestions:
            yield _entry(question, f"{question.code}[{row.code}]", _ROWS[kind], row.texts, answers)
    elif kind in _CELLS:
        yield from _cells(question)
    elif kind == "1":
        yield from _dual(question, languages)
    elif kind == "R":
        yield _entry(question, question.code, "ranking", {}, _answers(question, languages))
    elif kind in _ALONE:
        yield _entry(question, question.code, _ALONE[kind], {})


def _multiple(question: Question, languages: Sequence[str]) -> Iterator[StructuredQuestion]:
    options = [DescribedAnswer(part.code, _plain(part.texts)) for part in question.subquestions]
    if question.settings.get("other") == "Y":
        options.append(DescribedAnswer(OTHER_OPTION, _other(question, languages)))
    yield _entry(question, question.code, "multiple", {}, tuple(options))
    if question.type == "P":
        for part in question.subquestions:
            yield _comment(question, f"{question.code}[{part.code}comment]", part.texts)


def _cells(question: Question) -> Iterator[StructuredQuestion]:
    rows = [part for part in question.subquestions if part.scale == 0]
    columns = [part for part in question.subquestions if part.scale == 1]
    for row in rows:
        for column in columns:
            texts = {
                tag: "—".join(filter(None, (row.texts.get(tag, ""), column.texts.get(tag, ""))))
                for tag in {**row.texts, **column.texts}
            }
            code = f"{question.code}[{row.code}_{column.code}]"
            yield _entry(question, code, _CELLS[question.type], texts)


def _dual(question: Question, languages: Sequence[str]) -> Iterator[StructuredQuestion]:
    for row in question.subquestions:
        for scale, heading in enumerate(("dualscale_headerA", "dualscale_headerB")):
            header = question.worded.get(heading, {})
            texts = {
                tag: "—".join(filter(None, (text, header.get(tag, "") or f"Scale {scale + 1}")))
                for tag, text in row.texts.items()
            }
            answers = _answers(question, languages, scale)
            yield _entry(question, f"{question.code}[{row.code}][{scale + 1}]", "matrix", texts, answers)


def _entry(
    question: Question,
    code: str,
    kind: Kind,
    row: Texts,
    answers: tuple[DescribedAnswer, ...] = (),
) -> StructuredQuestion:
    stem, rows = _plain(question.texts), _plain(row)
    texts = {
        tag: text
        for tag in {**stem, **rows}
        if (text := "—".join(part for part in (stem.get(tag, ""), rows.get(tag, "")) if part))
    }
    relevance = question.settings.get("relevance", "").strip()
    own_text = any(answer.code in (OTHER_CODE, OTHER_OPTION) for answer in answers)
    return StructuredQuestion(
        code=code,
        group="" if code == question.code else question.code,
        texts=texts,
        kind=kind,
        answers=answers,
        required=question.settings.get("mandatory") == "Y",
        relevant="" if relevance == "1" else relevance,
        stem={} if code == question.code else stem,
        other=f"{question.code}[other]" if own_text else "",
    )


def _comment(question: Question, code: str, row: Texts) -> StructuredQuestion:
    """Return the free text beside an answer: a question of its own, no row of a matrix."""
    return replace(_entry(question, code, "text", row), group="", stem={}, required=False)


def _answers(question: Question, languages: Sequence[str], scale: int = 0) -> tuple[DescribedAnswer, ...]:
    kind = question.type
    if kind in _POINTS:
        return tuple(DescribedAnswer(str(point), {"": str(point)}) for point in range(1, _POINTS[kind] + 1))
    if kind in _FIXED:
        return tuple(DescribedAnswer(code, _worded(word, languages)) for code, word in _FIXED[kind])
    listed = [
        DescribedAnswer(part.code, _plain(part.texts)) for part in question.answers if part.scale == scale
    ]
    if kind == "I":
        return tuple(DescribedAnswer(tag, {"": tag}) for tag in question.texts)
    if kind in ("L", "!") and question.settings.get("other") == "Y":
        listed.append(DescribedAnswer(OTHER_CODE, _other(question, languages)))
    return tuple(listed)


def _other(question: Question, languages: Sequence[str]) -> Texts:
    own = _plain(question.worded.get("other_replace_text", {}))
    return {**_worded("Other", languages), **own}


def _worded(word: str, languages: Sequence[str]) -> Texts:
    """Return LimeSurvey's own wording; English too where the survey has a language not known here."""
    known = _WORDED[word]
    asked = [language if language in known else "en" for language in languages] or ["en"]
    return {language: known[language] for language in dict.fromkeys(asked)}


def _plain(texts: Texts) -> dict[str, str]:
    """Return wordings by language; of two varieties of one language the first stands."""
    plain: dict[str, str] = {}
    for tag, text in texts.items():
        wording = plain_wording(text)
        if wording:
            plain.setdefault(primary_language(tag), wording)
    return plain
