"""Names and labels within the limits of the format: what is too long is shortened where a reader sees it."""

import re
from collections.abc import Callable, Iterable, Mapping

#: Bytes of UTF-8 that fit; pyreadstat cuts silently beyond.
VARIABLE_LABEL, VALUE_LABEL, FILE_LABEL, NAME = 256, 120, 64, 64
ELLIPSIS = "…"
#: Columns whose own names are commands or easily mistaken in SPSS.
SAFE = {"file": "source_file", "row": "source_row"}
_RESERVED = {"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"}
#: Room kept for a number behind a name that another column has already.
_NUMBER = 4
#: An ending such as ``_r`` or ``__12`` says what the column is, and stays when a name is cut.
_ENDING = re.compile(r"_{1,2}[A-Za-z0-9]{1,6}$")


def shortened(text: str, limit: int, tail: str = "", characters: bool = False) -> str:
    """Return the text on one line, cut at a character's end and closed with ``…`` where it is too long.

    Parameters
    ----------
    text : str
    limit : int
        Bytes of UTF-8 that fit, the tail's included.
    tail : str
        What has to be seen behind the text however long that is; itself cut beyond two thirds of the limit.
    characters : bool
        The limit counts characters.

    Examples
    --------
    >>> shortened("总体来看，您对本县的义务教育是否满意？", 30)
    '总体来看，您对本县…'
    >>> shortened("总体来看，您对本县的义务教育是否满意？", 30, "（反向）")
    '总体来看，…（反向）'
    >>> len(shortened("满" * 90, 256).encode()), shortened("满" * 90, 5, characters=True)
    (255, '满满满满…')
    """
    text, tail = _one_line(text), re.sub(r"\s+", " ", tail).rstrip()
    if _size(text + tail, characters) <= limit:
        return text + tail
    if _size(tail, characters) > 2 * limit // 3:
        tail = _cut(tail, 2 * limit // 3 - _size(ELLIPSIS, characters), characters) + ELLIPSIS
    room = limit - _size(ELLIPSIS, characters) - _size(tail, characters)
    return _cut(text, room, characters).rstrip() + ELLIPSIS + tail


def distinct(
    labels: Mapping[float | str, str], limit: int = VALUE_LABEL, characters: bool = False
) -> dict[float | str, str]:
    """Return value labels that fit; those that would be alike once cut end in their value.

    Parameters
    ----------
    labels : Mapping
        Value -> label in full.
    limit : int
    characters : bool
        The limit counts characters.

    Examples
    --------
    >>> distinct({1.0: "很满意，因为老师好", 2.0: "很满意，因为学校近", 3.0: "不"}, 18)
    {1.0: '很满意… [1]', 2.0: '很满意… [2]', 3.0: '不'}
    """
    short = {value: shortened(label, limit, characters=characters) for value, label in labels.items()}
    seen = list(short.values())
    alike = {
        value for value, label in short.items() if seen.count(label) > 1 and label != _one_line(labels[value])
    }
    tails = {value: f" [{value if isinstance(value, str) else format(value, 'g')}]" for value in alike}
    return {value: shortened(labels[value], limit, tails.get(value, ""), characters) for value in short}


def _one_line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _size(text: str, characters: bool) -> int:
    return len(text) if characters else len(text.encode())


def _cut(text: str, room: int, characters: bool) -> str:
    return text[: max(room, 0)] if characters else text.encode()[: max(room, 0)].decode(errors="ignore")


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
    >>> spss_names(["end.", "满" * 30 + "_r"])["满" * 30 + "_r"] == "满" * 19 + "_r"
    True
    """
    return distinct_names(columns, _spss_name)


def _spss_name(column: str) -> str:
    name = fitting(re.sub(r"[^\w.@#$]", "_", SAFE.get(column, column)), NAME - _NUMBER)
    return f"{name}_" if name.upper() in _RESERVED else name


def distinct_names(columns: Iterable[str], named: Callable[[str], str]) -> dict[str, str]:
    """Return a name for every column unlike those before it, whatever their case.

    Parameters
    ----------
    columns : iterable of str
        In the order of the file; of two that would be one, the later gets a number.
    named : callable
        Column -> name that its program takes.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for column in columns:
        name = unique = named(column)
        number = 1
        while unique.upper() in taken:
            number += 1
            unique = f"{name}_{number}"
        taken.add(unique.upper())
        names[column] = unique
    return names


def fitting(name: str, limit: int, characters: bool = False) -> str:
    """Return a name that begins with a letter, does not end in a full stop, and fits, its ending kept."""
    if not name or not name[0].isalpha():
        name = f"v{name}"
    if _size(name, characters) > limit:
        found = _ENDING.search(name)
        ending = found.group() if found else ""
        name = _cut(name.removesuffix(ending), limit - len(ending), characters) + ending
    return name.rstrip(".")
