"""The heading rows of Qualtrics exports: code, wording, import id; and the older two rows."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from manyi.readers.tables.raw_table import RawTable

#: Heading -> what it is.
METADATA: Mapping[str, str] = {
    "StartDate": "started",
    "EndDate": "ended",
    "Status": "status",
    "IPAddress": "device",
    "Progress": "progress",
    "Duration (in seconds)": "seconds",
    "Finished": "finished",
    "RecordedDate": "recorded",
    "ResponseId": "submission",
    "RecipientLastName": "recipient",
    "RecipientFirstName": "recipient",
    "RecipientEmail": "recipient",
    "ExternalReference": "person",
    "LocationLatitude": "place",
    "LocationLongitude": "place",
    "LocationAccuracy": "place",
    "DistributionChannel": "channel",
    "UserLanguage": "language",
}
#: What stands below ``V1``, ``V2`` … in the older exports -> what it is.
_LEGACY_METADATA: Mapping[str, str] = {
    **METADATA,
    "ResponseID": "submission",
    "ResponseSet": "set",
    "Name": "recipient",
    "EmailAddress": "recipient",
    "ExternalDataReference": "person",
}
#: Metadata that no other program names so.
OWN = ("submission", "recorded", "channel", "seconds")
#: Import id -> what it is: the same in every language.
_IMPORTED: Mapping[str, str] = {
    "startDate": "started",
    "endDate": "ended",
    "status": "status",
    "ipAddress": "device",
    "progress": "progress",
    "duration": "seconds",
    "finished": "finished",
    "recordedDate": "recorded",
    "_recordId": "submission",
    "recipientLastName": "recipient",
    "recipientFirstName": "recipient",
    "recipientEmail": "recipient",
    "externalDataReference": "person",
    "locationLatitude": "place",
    "locationLongitude": "place",
    "distributionChannel": "channel",
    "userLanguage": "language",
}
#: Columns Qualtrics adds to a question, and the ones its survey flow and its checks of fraud write.
_BESIDE = re.compile(
    r".*_(?:First Click|Last Click|Page Submit|Click Count|Browser|Version|Operating System|Resolution"
    r"|Screen Resolution|Flash Version|Java Support|User Agent|NPS_GROUP|DO(?:_.*)?)"
    r"|.* - (?:(?:Parent |Sub-?)?Topics?|Topic (?:Hierarchy|Sentiment).*|Sentiment.*|Actionability|Effort.*"
    r"|Emotion.*)"
    r"|Q_(?:Recaptcha|RelevantID|Duplicate|AmbiguousText|Straightlining|Unanswered|TerminateFlag|TotalDuration"
    r"|URL|Language|DL|CHL|PopulateResponse|Quota)\w*",
    re.DOTALL,
)
_LEGACY = re.compile(r"V\d+")
_QUESTION = re.compile(r"(?P<question>(?:\d+_)?QID\d+(?:#\d+)?)(?P<parts>(?:_x?\d+)*)(?P<text>_TEXT)?")
_NUMBERED = re.compile(r"(?P<question>.+?)(?P<parts>(?:_x?\d+)+)(?P<text>_TEXT)?")
_RECORD = ("R_", "FS_")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an export.

    Attributes
    ----------
    name, heading : str
        Name in ``RawTable.cells`` and heading as read, which is its code.
    metadata : str
        What it holds: a value of `METADATA`, ``beside`` for timings, orders and the like, or empty.
    question : str
        What the columns of one question share: the question's import id, else its code.
    parts : str
        What stands behind the question: ``_1`` of a row or option; empty where the question has one column.
    choice : str
        Id of the option this column is for, where the import id tells that it is one of a multiple choice.
    is_text : bool
        The question asks for text.
    is_beside : bool
        The column holds the text beside an answer.
    is_embedded : bool
        It is data that the survey's author embedded, no question.
    wording : str
        From the second heading row.
    """

    name: str
    heading: str
    metadata: str = ""
    question: str = ""
    parts: str = ""
    choice: str = ""
    is_text: bool = False
    is_beside: bool = False
    is_embedded: bool = False
    wording: str = ""


@dataclass(frozen=True, slots=True)
class Headed:
    """An export without its heading rows.

    Attributes
    ----------
    raw : RawTable
        Begins with the first response.
    columns : tuple of Column
        What the headings say.
    rows : str
        Which heading rows there were: ``code``, ``code and text``, ``code, text and import id``, ``legacy``.
    """

    raw: RawTable
    columns: tuple[Column, ...]
    rows: str


def headed(raw: RawTable) -> Headed | None:
    """Return an export of Qualtrics without its heading rows, None where nothing tells that it is one.

    Three things tell: import ids below the headings; ``ResponseID`` below ``V1``; two of the metadata
    columns only Qualtrics names so.
    """
    names = [heading.strip() for heading in raw.headings]
    first, second = (_row(raw, place) for place in (0, 1))
    for place, row in ((1, second), (0, first)):
        ids = _import_ids(row)
        if ids is not None:
            texts = first if place == 1 else [""] * len(names)
            columns = [_imported(raw, i, names[i], texts[i], ids[i]) for i in range(len(names))]
            return Headed(_below(raw, place + 1), tuple(columns), "code, text and import id")
    legacy = [i for i, name in enumerate(names) if _LEGACY.fullmatch(name)]
    if legacy and "ResponseID" in (first[i] for i in legacy):
        columns = [
            _coded(raw, i, first[i] if i in legacy else name, first[i], _LEGACY_METADATA)
            for i, name in enumerate(names)
        ]
        return Headed(_below(raw, 1), tuple(columns), "legacy")
    own = {METADATA[name] for name in names if name in METADATA} & set(OWN)
    if len(own) < 2:
        return None
    worded = _is_wording(names, first)
    columns = [_coded(raw, i, name, first[i] if worded else "") for i, name in enumerate(names)]
    return Headed(_below(raw, int(worded)), tuple(columns), "code and text" if worded else "code")


def _row(raw: RawTable, place: int) -> list[str]:
    if place >= len(raw.cells):
        return [""] * len(raw.headings)
    return [str(cell).strip() for cell in raw.cells.iloc[place].tolist()]


def _below(raw: RawTable, rows: int) -> RawTable:
    if not rows:
        return raw
    cells = raw.cells.iloc[rows:].reset_index(drop=True)
    return replace(raw, cells=cells, first_data_row=raw.first_data_row + rows)


def _import_ids(row: Sequence[str]) -> list[Mapping[str, str]] | None:
    """Return the import ids of the third heading row, None where the row is none."""
    if sum('"ImportId"' in cell for cell in row) * 2 <= sum(bool(cell) for cell in row):
        return None
    return [_import_id(cell) for cell in row]


def _import_id(cell: str) -> Mapping[str, str]:
    try:
        found = json.loads(cell) if cell.startswith("{") else {}
    except (ValueError, RecursionError):
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}


def _imported(raw: RawTable, place: int, code: str, wording: str, ids: Mapping[str, str]) -> Column:
    """Return a column by its import id, which says more than its code."""
    imported = ids.get("ImportId", "")
    column = _coded(raw, place, code, wording)
    asked = _QUESTION.fullmatch(imported)
    if asked is not None:
        parts, choice = asked["parts"], ids.get("choiceId", "")
        return replace(
            column,
            metadata="",
            question=asked["question"],
            parts=parts or (f"_{choice}" if choice else ""),
            choice=choice,
            is_text=asked["text"] is not None and not parts,
            is_beside=asked["text"] is not None and bool(parts),
        )
    if imported in _IMPORTED:
        return replace(column, metadata=_IMPORTED[imported])
    if column.metadata or imported.startswith("QID"):
        return replace(column, metadata=column.metadata or "beside")
    return replace(column, question=code, parts="", is_beside=False, is_embedded=True)


def _coded(raw: RawTable, place: int, code: str, wording: str, known: Mapping[str, str] = METADATA) -> Column:
    """Return a column by its code alone."""
    name, heading = str(raw.cells.columns[place]), raw.headings[place]
    metadata = known.get(code, "beside" if _BESIDE.fullmatch(code) or not code else "")
    split = _NUMBERED.fullmatch(code)
    question, parts = (split["question"], split["parts"]) if split else (code.removesuffix("_TEXT"), "")
    return Column(
        name,
        heading,
        metadata,
        question,
        parts,
        is_beside=code.endswith("_TEXT"),
        wording=" ".join(wording.split()),
    )


def _is_wording(names: Sequence[str], row: Sequence[str]) -> bool:
    """Tell whether the row below the codes holds wordings: no response's id, and no date, stands in it."""
    told = [row[i] for i, name in enumerate(names) if METADATA.get(name) == "submission"]
    if told:
        return bool(told[0]) and not told[0].startswith(_RECORD)
    dates = [row[i] for i, name in enumerate(names) if METADATA.get(name) in ("started", "recorded", "ended")]
    return bool(dates) and not any(character.isdigit() for character in dates[0])
