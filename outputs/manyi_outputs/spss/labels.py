"""Names and labels within the limits of the format: what is too long is shortened where a reader sees it."""

import re
from collections.abc import Iterable

#: Bytes of UTF-8 that fit; pyreadstat cuts silently beyond.
VARIABLE_LABEL, VALUE_LABEL, FILE_LABEL, NAME = 256, 120, 64, 64
ELLIPSIS = "…"
#: Columns whose own names are commands or easily mistaken in SPSS.
SAFE = {"file": "source_file", "row": "source_row"}
_RESERVED = {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}


def shortened(text: str, limit: int) -> str:
    """Return the text on one line, cut at a character's end and closed with ``…`` where it is too long.

    Examples
    --------
    >>> shortened("总体来看，您对本县的义务教育是否满意？", 30)
    '总体来看，您对本县…'
    >>> len(shortened("满" * 90, 256).encode())
    255
    """
    text = re.sub(r"\s+", " ", text).strip()
    if len(text.encode()) <= limit:
        return text
    room = limit - len(ELLIPSIS.encode())
    return text.encode()[:room].decode(errors="ignore").rstrip() + ELLIPSIS


def spss_names(columns: Iterable[str]) -> dict[str, str]:
    """Return the SPSS name of every column: letters, digits and ``_``, unlike the others whatever their case.

    Parameters
    ----------
    columns : iterable of str
        In the order of the file; of two that would be one, the later gets a number.

    Returns
    -------
    dict
        Column -> name.

    Examples
    --------
    >>> spss_names(["row", "Q1", "q1", "2nd term", "with"])
    {'row': 'source_row', 'Q1': 'Q1', 'q1': 'q1_2', '2nd term': 'v2nd_term', 'with': 'with_'}
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for column in columns:
        name = re.sub(r"[^\w.@#$]", "_", SAFE.get(column, column)).rstrip(".")
        if not name or not name[0].isalpha():
            name = f"v{name}"
        if name.upper() in _RESERVED:
            name += "_"
        name = name.encode()[: NAME - 4].decode(errors="ignore")
        unique, number = name, 1
        while unique.upper() in taken:
            number += 1
            unique = f"{name}_{number}"
        taken.add(unique.upper())
        names[column] = unique
    return names
