"""The headings of LimeSurvey exports: by code, by full text, by both."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from manyi.readers.tables.raw_table import RawTable

Form = Literal["code", "text", "code and text"]

#: Name of the column in the database, which is its heading by code -> headings by full text in English,
#: German and Chinese; blanks may have become underscores.
METADATA: Mapping[str, tuple[str, ...]] = {
    "id": ("Response ID", "Antwort ID", "反馈 ID", "答复 ID"),
    "submitdate": ("Date submitted", "Datum Abgeschickt", "提交的日期", "提交日期", "提交时间"),
    "lastpage": ("Last page", "Letzte Seite", "末页", "最后一页"),
    "startlanguage": ("Start language", "Start-Sprache", "起始语言", "开始语言"),
    "seed": ("Seed", "Zufallsstartwert", "Zufallsgeneratorstartwert", "种子"),
    "token": ("Access code", "Token", "Zugangscode", "Zugangsschlüssel", "访问代码", "操作代码"),
    "startdate": ("Date started", "Datum gestartet", "开始日期", "开始时间"),
    "datestamp": ("Date last action", "Datum letzte Aktivität", "上次操作日期", "上次操作时间"),
    "ipaddr": ("IP address", "IP-Adresse", "IP 地址"),
    "refurl": ("Referrer URL", "Referring URL", "Weiterleitungs-URL", "来源网址"),
    "interviewtime": ("Total time", "Gesamtzeit", "总计时长"),
}
#: Metadata that no other program names so.
OWN = ("submitdate", "lastpage", "startlanguage", "datestamp", "interviewtime")
#: Of the participant list, which can be exported with the answers.
_PARTICIPANT = (
    "firstname",
    "lastname",
    "email",
    "emailstatus",
    "participant_id",
    "usesleft",
    "validfrom",
    "validuntil",
)
OTHER_WORDS = ("Other", "Sonstiges", "其他", "其它")
COMMENT_WORDS = ("Comment", "Kommentar", "评论", "注释")

_CODE = re.compile(r"(?P<code>[A-Za-z]\w*)(?P<parts>(?:\[[^\[\]]*\])*)")
_CODE_AND_TEXT = re.compile(_CODE.pattern + r"\. ?(?P<text>.*)", re.DOTALL)
_TIMING = re.compile(r"groupTime\d+|(?P<question>[A-Za-z]\w*)Time")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export.

    Attributes
    ----------
    name, heading : str
        Name in ``RawTable.cells`` and heading as read.
    metadata : str
        Name of the metadata it holds (a key of `METADATA`, ``timing``, ``participant``), else empty.
    code : str
        Code of the question; empty where the heading has text only.
    parts : tuple of str
        Codes in brackets behind it: subquestion, ``other``, ``comment``, scale.
    text, row : str
        Wording of the question and, in brackets behind it, of row or answer.
    """

    name: str
    heading: str
    metadata: str = ""
    code: str = ""
    parts: tuple[str, ...] = ()
    text: str = ""
    row: str = ""

    @property
    def spelled(self) -> str:
        """Return the code with its brackets."""
        return self.code + "".join(f"[{part}]" for part in self.parts)


def form_of(headings: Sequence[str]) -> Form:
    """Return how headings are written.

    >>> form_of(["id", "sat[q1]", "m_SQ001"]), form_of(["id. Response ID", "sat[q1]. Text [row]"])
    ('code', 'code and text')
    """
    filled = [heading.strip() for heading in headings if heading.strip()]
    for form, pattern in (("code", _CODE), ("code and text", _CODE_AND_TEXT)):
        if sum(pattern.fullmatch(heading) is not None for heading in filled) >= 0.9 * len(filled):
            return "code" if form == "code" else "code and text"
    return "text"


def columns_of(raw: RawTable) -> tuple[Column, ...]:
    """Return what the headings of a table say, in order."""
    form = form_of(raw.headings)
    found = []
    for name, heading in zip(raw.cells.columns, raw.headings, strict=True):
        plain = " ".join(heading.split())
        parsed = _by_text(plain) if form == "text" else _by_code(plain)
        code, parts, text = parsed if parsed is not None else _by_text(plain)
        found.append(_column(name, heading, form, code, parts, text))
    return _with_timings(_with_participants(_with_underscores(found)), form)


def _by_code(heading: str) -> tuple[str, tuple[str, ...], str] | None:
    matched = _CODE.fullmatch(heading) or _CODE_AND_TEXT.fullmatch(heading)
    if matched is None:
        return None
    parts = tuple(matched["parts"][1:-1].split("][")) if matched["parts"] else ()
    return matched["code"], parts, matched.groupdict().get("text") or ""


def _by_text(heading: str) -> tuple[str, tuple[str, ...], str]:
    return "", (), heading


def _column(name: str, heading: str, form: Form, code: str, parts: tuple[str, ...], text: str) -> Column:
    metadata = _metadata(code if form == "code" else text, form)
    if not metadata and form == "code and text" and not parts:
        # The text of a heading may be in a language not known here, its code is not.
        metadata = code if code in METADATA else ""
    row = ""
    if not metadata and (parts or form == "text"):
        text, row = bracketed_end(text)
    return Column(name, heading, metadata, code, parts, text, row)


def _metadata(text: str, form: Form) -> str:
    if form == "code":
        return text if text in METADATA else ""
    plain = _heading_key(text)
    return next((key for key, wordings in METADATA.items() if plain in map(_heading_key, wordings)), "")


def _heading_key(text: str) -> str:
    return "".join(text.replace("_", " ").split()).casefold()


def bracketed_end(text: str) -> tuple[str, str]:
    """Return a wording and what stands in brackets at its end; brackets may hold brackets.

    >>> bracketed_end("How satisfied are you [With [your] work]")
    ('How satisfied are you', 'With [your] work')
    >>> bracketed_end("Hours [Monday][Morning]"), bracketed_end("No brackets")
    (('Hours', 'Monday—Morning'), ('No brackets', ''))
    """
    rest, groups = text.rstrip(), list[str]()
    while rest.endswith("]"):
        depth = 0
        for place in range(len(rest) - 1, -1, -1):
            depth += (rest[place] == "]") - (rest[place] == "[")
            if depth == 0:
                break
        else:
            break
        groups.insert(0, rest[place + 1 : -1].strip())
        rest = rest[:place]
        if rest.endswith(" "):
            break
    return rest.strip(), "—".join(group for group in groups if group)


def _with_underscores(columns: Sequence[Column]) -> list[Column]:
    """Split codes of the expression manager, ``sat_q1``, where neighbours share what stands before."""
    if any(column.parts for column in columns) or not all(
        column.code for column in columns if column.heading
    ):
        return list(columns)
    stems = [column.code.partition("_")[0] if "_" in column.code else "" for column in columns]
    found = []
    for place, (column, stem) in enumerate(zip(columns, stems, strict=True)):
        near = [stems[other] for other in (place - 1, place + 1) if 0 <= other < len(columns)]
        beside = place > 0 and columns[place - 1].code == stem
        if stem and not column.metadata and (stem in near or beside):
            parts = tuple(column.code[len(stem) + 1 :].split("_"))
            text, row = bracketed_end(column.text)
            column = Column(column.name, column.heading, "", stem, parts, text, row)
        found.append(column)
    return found


def _with_participants(columns: Sequence[Column]) -> list[Column]:
    """Mark the participants' names and addresses, where there is an access code."""
    if not any(column.metadata == "token" for column in columns):
        return list(columns)
    return [
        Column(column.name, column.heading, "participant", column.code)
        if not column.metadata and column.heading.strip() in _PARTICIPANT
        else column
        for column in columns
    ]


def _with_timings(columns: Sequence[Column], form: Form) -> tuple[Column, ...]:
    """Mark the times of groups and questions, which stand behind the total time."""
    total = next((place for place, column in enumerate(columns) if column.metadata == "interviewtime"), None)
    if total is None:
        return tuple(columns)
    codes = {column.code for column in columns[:total]}
    found = list(columns)
    for place in range(total + 1, len(columns)):
        column = columns[place]
        timing = _TIMING.fullmatch(column.code)
        known = timing is not None and (timing["question"] is None or timing["question"] in codes)
        if not column.metadata and (known or form == "text"):
            found[place] = Column(column.name, column.heading, "timing", column.code)
    return tuple(found)
