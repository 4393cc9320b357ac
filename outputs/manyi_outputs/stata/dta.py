"""The bytes of a ``.dta`` of format 118 (Stata 14 and later), as StataCorp's `help dta` lays them out.

Written here because neither pandas nor pyreadstat writes notes, and pandas no extended missing values; and
without a time of writing, so that the same answers make the same file.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt

#: Longest text of a fixed width, in bytes; a longer one makes the column a ``strL``.
LONGEST_FIXED = 2045
_STRL = 32768
#: Storage type -> its code, numpy type, lowest and highest number, and the number that is ``.``.
_INTEGERS = (
    (65530, "<i1", -127, 100, 101),
    (65529, "<i2", -32767, 32740, 32741),
    (65528, "<i4", -2147483647, 2147483620, 2147483621),
)
_DOUBLE, _DOUBLE_MISSING, _DOUBLE_STEP = 65526, 0x7FE0000000000000, 0x0000010000000000
#: ``.`` among the values of a value label; ``.a`` is the next.
_LABEL_MISSING = 2147483621
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NAME, _FORMAT, _LABEL = 129, 57, 321


@dataclass(frozen=True, slots=True)
class Column:
    """One variable.

    Parameters
    ----------
    name : str
        At most 32 characters.
    label : str
        At most 80 characters.
    numbers : ndarray of float64, shape (n,), or None
        NaN is ``.``; codes of `missing` become their letter.
    words : tuple of (codes ndarray, list of str), or None
        Every different text once, and its place among them for every row, -1 for none.
    format : str
        Such as ``%8.0g``.
    values : Mapping
        Whole number -> label; a letter -> label of that extended missing value.
    missing : Mapping
        Number in `numbers` -> letter of the extended missing value it stands for.
    notes : tuple of str
    """

    name: str
    label: str
    numbers: npt.NDArray[np.float64] | None = None
    words: tuple[npt.NDArray[np.intp], list[str]] | None = None
    format: str = "%9.0g"
    values: Mapping[int | str, str] = field(default_factory=dict)
    missing: Mapping[float, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def dta(columns: Sequence[Column], rows: int, label: str, notes: Sequence[str] = ()) -> bytes:
    """Return the file.

    Parameters
    ----------
    columns : sequence of Column
        At most 32,767.
    rows : int
        Of every column.
    label : str
        Of the data, at most 80 characters.
    notes : sequence of str
        Of the data.

    Returns
    -------
    bytes
    """
    stored = [_stored(column, place) for place, column in enumerate(columns, start=1)]
    sets, named = _label_sets(columns)
    parts = [
        ("variable_types", b"".join(_number(kind, 2) for kind, *_ in stored)),
        ("varnames", b"".join(_fixed(column.name, _NAME) for column in columns)),
        ("sortlist", b"\0" * 2 * (len(columns) + 1)),
        ("formats", b"".join(_fixed(column.format, _FORMAT) for column in columns)),
        ("value_label_names", b"".join(_fixed(named.get(column.name, ""), _NAME) for column in columns)),
        ("variable_labels", b"".join(_fixed(column.label, _LABEL) for column in columns)),
        ("characteristics", _characteristics(columns, notes)),
        ("data", _rows([cells for _, cells, _ in stored], rows)),
        ("strls", b"".join(_long_texts([texts for *_, texts in stored]))),
        ("value_labels", b"".join(_value_label(name, labels) for name, labels in sets.items())),
    ]
    title = label.encode()
    header = (
        b"<header><release>118</release><byteorder>LSF</byteorder>"
        b"<K>" + _number(len(columns), 2) + b"</K><N>" + _number(rows, 8) + b"</N>"
        b"<label>" + _number(len(title), 2) + title + b"</label><timestamp>\0</timestamp></header>"
    )
    return _joined(header, parts)


def _joined(header: bytes, parts: Sequence[tuple[str, bytes]]) -> bytes:
    """Return header, map of offsets and parts as one file."""
    out = BytesIO()
    out.write(b"<stata_dta>" + header)
    offsets = [0, out.tell()]
    place = out.tell() + len(b"<map>") + 14 * 8 + len(b"</map>")
    for name, content in parts:
        offsets.append(place)
        place += len(content) + 2 * len(name) + 5
    offsets += [place, place + len(b"</stata_dta>")]
    out.write(b"<map>" + b"".join(_number(offset, 8) for offset in offsets) + b"</map>")
    for name, content in parts:
        out.write(b"<" + name.encode() + b">")
        out.write(content)
        out.write(b"</" + name.encode() + b">")
    out.write(b"</stata_dta>")
    return out.getvalue()


def _number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little")


def _fixed(text: str, size: int) -> bytes:
    """Return a text closed and filled up with zeros; the last byte is always one."""
    return text.encode()[: size - 1].decode(errors="ignore").encode().ljust(size, b"\0")


_Texts = tuple[int, "npt.NDArray[np.intp]", list[bytes]]


def _stored(column: Column, place: int) -> "tuple[int, npt.NDArray[Any], _Texts | None]":
    """Return a column's storage type, its cells as stored, and its texts where they stand apart."""
    if column.words is not None:
        return _stored_words(*column.words, place)
    numbers = column.numbers if column.numbers is not None else np.empty(0)
    letters = {code: 1 + _LETTERS.index(letter) for code, letter in column.missing.items()}
    step = np.zeros(len(numbers), dtype=np.int64)
    gone = np.isnan(numbers)
    for code, above in letters.items():
        found = numbers == code
        step[found] = above
        gone |= found
    there = numbers[~gone]
    if bool(np.all(there == np.rint(there))):
        low, high = (there.min(), there.max()) if len(there) else (0.0, 0.0)
        for code, kind, lowest, highest, missing in _INTEGERS:
            if lowest <= low and high <= highest:
                whole = np.where(gone, missing + step, np.where(gone, 0.0, numbers))
                return code, whole.astype(kind), None
    bits = np.where(gone, 0.0, numbers).astype("<f8").view("<i8")
    stored = np.where(gone, _DOUBLE_MISSING + step * _DOUBLE_STEP, bits)
    return _DOUBLE, stored.astype("<i8"), None


def _stored_words(
    codes: "npt.NDArray[np.intp]", texts: list[str], place: int
) -> "tuple[int, npt.NDArray[Any], _Texts | None]":
    """Return texts of a fixed width, or where one is too long the places of texts that stand apart."""
    encoded = [text.encode() for text in texts]
    width = max((len(text) for text in encoded), default=0)
    if width <= LONGEST_FIXED:
        kind = f"S{max(width, 1)}"
        return max(width, 1), np.array([*encoded, b""], dtype=kind)[codes], None
    # A cell names the variable and the row where its text stood first; zeros are the empty text.
    first = np.full(len(texts) + 1, -1, dtype=np.int64)
    found, rows = np.unique(codes, return_index=True)
    first[found] = rows
    cells = np.where(codes < 0, 0, place + ((first[codes] + 1) << 16))
    return _STRL, cells.astype("<i8"), (place, first[:-1], encoded)


def _long_texts(columns: "Sequence[_Texts | None]") -> "list[bytes]":
    """Return the texts that stand apart, in the order of rows and then of variables."""
    found = sorted(
        (int(row) + 1, place, text)
        for place, rows, texts in (column for column in columns if column is not None)
        for row, text in zip(rows, texts, strict=True)
        if row >= 0
    )
    return [
        b"GSO" + _number(place, 4) + _number(row, 8) + b"\x82" + _number(len(text) + 1, 4) + text + b"\0"
        for row, place, text in found
    ]


def _rows(cells: "Sequence[npt.NDArray[Any]]", rows: int) -> bytes:
    """Return the data, row by row."""
    kinds = [(f"f{place}", column.dtype) for place, column in enumerate(cells)]
    packed = np.zeros(rows, dtype=np.dtype(kinds))
    for (name, _), column in zip(kinds, cells, strict=True):
        packed[name] = column
    return packed.tobytes()


def _characteristics(columns: Sequence[Column], notes: Sequence[str]) -> bytes:
    """Return the notes of the data and of the variables: ``note0`` counts them, ``note1`` is the first."""
    found = [("_dta", notes), *((column.name, column.notes) for column in columns)]
    return b"".join(
        _characteristic(name, f"note{number}", text)
        for name, texts in found
        if texts
        for number, text in enumerate([str(len(texts)), *texts])
    )


def _characteristic(variable: str, name: str, text: str) -> bytes:
    content = _fixed(variable, _NAME) + _fixed(name, _NAME) + text.encode() + b"\0"
    return b"<ch>" + _number(len(content), 4) + content + b"</ch>"


def _label_sets(columns: Sequence[Column]) -> tuple[dict[str, dict[int, str]], dict[str, str]]:
    """Return every different set of value labels once, named after its first variable, and who has which."""
    known: dict[tuple[tuple[int, str], ...], str] = {}
    named: dict[str, str] = {}
    for column in columns:
        numbered = {
            _LABEL_MISSING + 1 + _LETTERS.index(value) if isinstance(value, str) else value: label
            for value, label in column.values.items()
        }
        if numbered:
            named[column.name] = known.setdefault(tuple(sorted(numbered.items())), column.name)
    return {name: dict(labels) for labels, name in known.items()}, named


def _value_label(name: str, labels: Mapping[int, str]) -> bytes:
    """Return one set of value labels."""
    texts = [label.encode() + b"\0" for label in labels.values()]
    offsets = np.concatenate([[0], np.cumsum([len(text) for text in texts])])
    table = (
        _number(len(labels), 4)
        + _number(int(offsets[-1]), 4)
        + offsets[:-1].astype("<u4").tobytes()
        + np.array(list(labels), dtype="<i4").tobytes()
        + b"".join(texts)
    )
    return b"<lbl>" + _number(len(table), 4) + _fixed(name, _NAME) + b"\0" * 3 + table + b"</lbl>"
