"""What the ``type`` column of an XLSForm says: the words pyxform and KoboToolbox take, and what each asks."""

import re
from dataclasses import dataclass

from manyi.readers.platforms.source import Kind

_ONE = (
    "add select one prompt using",
    "select_one_from_file",
    "select one from file",
    "select_one_external",
    "select one external",
    "select one from",
    "select one using",
    "select_one",
    "select one",
    "select1",
    "q select1",
)
_MULTIPLE = (
    "add select multiple prompt using",
    "select_multiple_from_file",
    "select multiple from file",
    "select all that apply from",
    "select multiple from",
    "select multiple using",
    "select all that apply",
    "select_multiple",
    "select multiple",
    "q select",
)
_SELECTS: dict[str, Kind] = {
    **dict.fromkeys(_ONE, "single"),
    **dict.fromkeys(_MULTIPLE, "multiple"),
    "rank": "ranking",
}
_OR_OTHER = re.compile(r"[ _]or[ _](?:specify[ _])?other$")
_BLOCK = re.compile(
    r"(?P<edge>begin|end)[ _]+"
    r"(?P<block>looped group|lgroup|loop|repeat|group|kobomatrix|matrix|score|koboscore|rank|koborank)\b.*"
)
_NUMBERS = {
    "int",
    "integer",
    "decimal",
    "range",
    "percentage",
    "number of days in last month",
    "number of days in last six months",
    "number of days in last year",
}
_TEXTS = {"text", "string", "date", "time", "datetime", "date time", "barcode", "phone number"}
_ACKNOWLEDGE = {"acknowledge", "trigger"}
_UNASKED = {
    "note": {"note"},
    "start": {"start", "start time"},
    "end": {"end", "end time"},
    "today": {"today"},
    "device": {"deviceid", "device id", "imei", "uri:deviceid"},
    "metadata": {
        "phonenumber",
        "uri:phonenumber",
        "simserial",
        "sim id",
        "uri:simserial",
        "subscriberid",
        "subscriber id",
        "uri:subscriberid",
        "username",
        "uri:username",
        "email",
        "uri:email",
        "audit",
        "image",
        "photo",
        "picture",
        "audio",
        "video",
        "file",
        "osm",
        "background-audio",
        "geopoint",
        "geotrace",
        "geoshape",
        "gps",
        "location",
        "start-geopoint",
        "background-geopoint",
    },
    "calculation": {"calculate", "hidden", "calculation"},
    "nothing": {"csv-external", "xml-external", "set form title", "set form id", "include"},
}
_WORDS = {word: role for role, words in _UNASKED.items() for word in words}
# Older forms say "q int", "add integer prompt", "get start time".
_OLD = re.compile(r"^(?:q|add|get) (?P<word>.+?)(?: prompt)?$")


@dataclass(frozen=True, slots=True)
class FormType:
    """What one cell of ``type`` means.

    Attributes
    ----------
    kind : str or None
        What a question asks for; None for everything that is no question.
    choices : str
        Name of its choice list.
    or_other : bool
        Whether ``other`` and a text beside it are added to the list.
    role : str
        What it is instead of a question: ``note``, ``start`` …, ``begin``, ``end_of`` a block, ``nothing``.
    block : str
        Of ``begin`` and ``end_of``: ``group``, ``repeat``, ``score``, ``rank`` or ``kobomatrix``.
    known : bool
        False for a word nobody knows.
    """

    kind: Kind | None = None
    choices: str = ""
    or_other: bool = False
    role: str = ""
    block: str = ""
    known: bool = True


def form_type(cell: str) -> FormType:
    """Return what a cell of the ``type`` column means.

    >>> found = form_type("select one from sexes or specify other")
    >>> found.kind, found.choices, found.or_other
    ('single', 'sexes', True)
    >>> form_type("begin_group").block, form_type("add integer prompt").kind, form_type("unheard of").known
    ('group', 'number', False)
    """
    text = " ".join(cell.split())
    lower = text.lower()
    block = _BLOCK.fullmatch(lower)
    if block:
        return FormType(role="begin" if block["edge"] == "begin" else "end_of", block=_block(block["block"]))
    if lower in ("score__row", "rank__level"):
        return FormType(kind="single", role=lower)
    for word in sorted(_SELECTS, key=len, reverse=True):
        if lower == word or lower.startswith(f"{word} "):
            rest = text[len(word) :].strip()
            choices = _OR_OTHER.sub("", rest, count=1)
            return FormType(kind=_SELECTS[word], choices=choices, or_other=choices != rest)
    old = _OLD.match(lower)
    if lower == "get phone number":
        return FormType(role="metadata")
    return _plain(lower) or (_plain(old["word"]) if old else None) or FormType(known=False)


def _plain(word: str) -> FormType | None:
    if word in _NUMBERS:
        return FormType(kind="number")
    if word in _TEXTS:
        return FormType(kind="text")
    if word in _ACKNOWLEDGE:
        return FormType(kind="single")
    return FormType(role=_WORDS[word]) if word in _WORDS else None


def _block(word: str) -> str:
    if word in ("lgroup", "looped group", "loop", "repeat"):
        return "repeat"
    if word in ("kobomatrix", "matrix"):
        return "kobomatrix"
    return word.removeprefix("kobo")
