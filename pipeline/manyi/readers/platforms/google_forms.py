"""Google Forms exports: the CSV the form gives out, and its sheet of answers saved as CSV or Excel."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from manyi.readers.platforms.platform import Platform
from manyi.readers.platforms.source import Kind, SourceQuestion, SourceTable, distinct, guess_kind
from manyi.readers.structures.structure import Structure
from manyi.readers.tables.raw_table import RawTable
from manyi.readers.wording import without_numbering
from manyi_instruments.definitions.questionnaire import MissingKind

#: Heading of the first column in the languages Google writes it.
TIMESTAMP = (
    "Timestamp",
    "时间戳记",
    "时间戳",
    "時間戳記",
    "タイムスタンプ",
    "타임스탬프",
    "Horodateur",
    "Zeitstempel",
    "Marca temporal",
    "Carimbo de data/hora",
    "Informazioni cronologiche",
    "Tijdstempel",
    "Sygnatura czasowa",
    "Отметка времени",
    "Dấu thời gian",
    "Zaman damgası",
)
#: What else a form collects beside the answers; the address of a person is never taken for an id.
METADATA = (
    "Email Address",
    "Email address",
    "Username",
    "Score",
    "Total score",
    "电子邮件地址",
    "邮箱地址",
    "用户名",
    "得分",
    "总分",
    "電子郵件地址",
    "使用者名稱",
    "分數",
    "メールアドレス",
    "スコア",
    "Adresse e-mail",
    "Nom d'utilisateur",
    "E-Mail-Adresse",
    "Nutzername",
    "Dirección de correo electrónico",
    "Nombre de usuario",
    "Puntuación",
)
#: Joins the ticks of a checkbox question: in the form's own CSV, and in its sheet.
SEPARATORS = (";", ", ")
MISSING: Mapping[str, MissingKind] = {}

_ZONE = r"(?:[A-Z]{2,5}(?:[+-]\d{1,2}(?::?\d{2})?)?)"
_HALF = r"(?:[AaPp]\.?[Mm]\.?|上午|下午|午前|午後|오전|오후)"
_CLOCK = rf"(?:{_HALF}\s?)?\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?(?:\s?{_HALF})?"
_MOMENT = re.compile(
    rf"(?:\d{{4}}([/-])\d{{1,2}}\1\d{{1,2}}|\d{{1,2}}([/.-])\d{{1,2}}\2\d{{4}}),?\s{_CLOCK}(?:\s{_ZONE})?"
)
_OWN_ZONE = re.compile(rf"{_HALF}\s{_ZONE}$")
_ROW = re.compile(r"^(?P<text>.*\S)\s*\[(?P<row>[^\[\]]*)\]\s*$", re.DOTALL)
_MARKED = ("Score", "Feedback", "得分", "反馈")
_ENOUGH = 0.9
_MOST_OPTIONS = 30
_LONGEST_OPTION = 120


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    heading: str
    text: str
    row: str
    found: Mapping[str, int]


def evidence(raw: RawTable) -> tuple[str, ...]:
    """Return what tells that a table comes from Google Forms; empty where nothing does.

    The first heading is Google's word for the time of submission in one of its languages, and its cells are
    moments as Google writes them.
    """
    heading = raw.headings[0].strip() if raw.headings else ""
    if heading not in TIMESTAMP:
        return ()
    found = distinct(raw.column(str(raw.cells.columns[0])), MISSING)
    moments = [text for text in found if _MOMENT.fullmatch(text)]
    if not moments or len(moments) < _ENOUGH * len(found):
        return ()
    return (heading, moments[0])


def read_google_forms(raw: RawTable, structure: Structure | None = None) -> SourceTable:
    """Read the questions of an export of Google Forms.

    Parameters
    ----------
    raw : RawTable
        The file.
    structure : Structure, optional
        Not used: Google gives out none.

    Returns
    -------
    SourceTable
        ``Question [row]`` headings that share the question are a grid. A heading that several branches of
        the form share stays several questions: each was asked of other people. There is no id of a
        submission and no duration.
    """
    columns = []
    metadata = [str(raw.cells.columns[0])]
    headings = {" ".join(heading.split()) for heading in raw.headings}
    for name, heading in list(zip(map(str, raw.cells.columns), raw.headings, strict=True))[1:]:
        text = " ".join(heading.split())
        row = _ROW.match(text)
        if text in METADATA or (row and row["row"] in _MARKED and row["text"] in headings):
            metadata.append(name)
        else:
            parts = (row["text"], row["row"].strip()) if row else (text, "")
            columns.append(_Column(name, heading, *parts, distinct(raw.column(name), MISSING)))
    told = evidence(raw)
    separator = _separator(columns, told[1] if told else "")
    questions: list[SourceQuestion] = []
    for _, group in groupby(columns, key=lambda column: (column.text, bool(column.row))):
        rows = list(group)
        grid = len(rows) > 1 and len({column.row for column in rows}) == len(rows) and bool(rows[0].row)
        questions.extend(_question(column, separator, grid) for column in rows)
    return SourceTable(
        source="google",
        evidence=(*told, f"{separator!r}"),
        raw=raw,
        style="text",
        questions=tuple(questions),
        submitted=str(raw.cells.columns[0]),
        metadata=tuple(metadata),
        missing=MISSING,
        separator=separator,
    )


def joined_options(found: Mapping[str, int], separator: str) -> tuple[str, ...]:
    """Return the options whose ticks are joined in the cells of one column; none where it is no such column.

    Options repeat, are few and short, and at least one cell has several. An option that holds the separator
    itself is told by its pieces: one never occurs without the other next to it.

    >>> joined_options({"Red, Blue": 3, "Blue": 2, "Yes, but later, Red": 2, "Yes, but later": 1}, ", ")
    ('Red', 'Blue', 'Yes, but later')
    >>> joined_options({"I came, I saw": 1, "Nothing, really": 1}, ", ")
    ()
    """
    split = [(text.split(separator), n) for text, n in found.items()]
    pieces = Counter[str]()
    for parts, n in split:
        pieces.update({part: n for part in parts})
    total = sum(n * len(parts) for parts, n in split)
    wide = any(len(piece) > _LONGEST_OPTION or "\n" in piece for piece in pieces)
    if wide or not any(len(parts) > 1 for parts, _ in split) or len(pieces) * 2 > total:
        return ()
    follows = _always_followed([parts for parts, _ in split])
    options: list[str] = []
    for parts, _ in split:
        option = ""
        for part in parts:
            option = f"{option}{separator}{part}" if option else part
            if part not in follows:
                options.append(option)
                option = ""
    found_options = tuple(dict.fromkeys(options))
    several = any(len(parts) > 1 and separator.join(parts) not in found_options for parts, _ in split)
    return found_options if several and len(found_options) <= _MOST_OPTIONS else ()


def _always_followed(cells: Sequence[Sequence[str]]) -> set[str]:
    """Return the pieces that are always followed by one other piece which never follows anything else."""
    after: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for parts in cells:
        for left, right in pairwise((*parts, "")):
            after.setdefault(left, set()).add(right)
            if right:
                before.setdefault(right, set()).add(left)
        before.setdefault(parts[0], set()).add("")
    return {
        left
        for left, rights in after.items()
        if len(rights) == 1 and "" not in rights and all(before[right] == {left} for right in rights)
    }


def _separator(columns: Sequence[_Column], moment: str) -> str:
    """Return what joins ticks: ``;`` in the form's own CSV, whose moments end in a time zone, else ``, ``."""
    own, sheet = SEPARATORS
    if _OWN_ZONE.search(moment):
        return own
    joined = {separator: sum(map(bool, _joined(columns, separator))) for separator in SEPARATORS}
    return own if joined[own] > joined[sheet] else sheet


def _joined(columns: Sequence[_Column], separator: str) -> Iterator[tuple[str, ...]]:
    for column in columns:
        yield joined_options(column.found, separator)


def _question(column: _Column, separator: str, grid: bool) -> SourceQuestion:
    text = column.text if grid else " ".join(column.heading.split())
    options = joined_options(column.found, separator)
    kind: Kind = "multiple" if options else guess_kind(column.found, "\x00")
    if kind == "single":
        options = tuple(column.found)
        kind = "matrix" if grid else "single"
    row = column.row if grid else ""
    return SourceQuestion(column.heading, "", without_numbering(text), row, kind, options, (column.name,))


GOOGLE_FORMS = Platform(
    name="google",
    title={"zh": "Google 表单", "en": "Google Forms"},
    understands={
        "zh": (
            "表单直接下载的 CSV（多选用 ; 连接）与答卷表格另存的 CSV、XLSX（多选用“, ”连接）",
            "矩阵：题目 [行]；多选题选项自身含逗号时按已知选项的文字切分",
            "时间戳记（各语言、12 小时制、带时区）；邮箱、用户名、得分不作为题目",
            "分支里重复的表头各作一题",
        ),
        "en": (
            "the form's own CSV (ticks joined by ;) and its sheet saved as CSV or XLSX (joined by ', ')",
            "grids: Question [row]; options that hold a comma are told by the known wordings",
            "Timestamp in Google's languages, 12-hour, with a zone; address, user name, score: no questions",
            "a heading that branches repeat stays one question each",
        ),
    },
    evidence=evidence,
    read=read_google_forms,
)
