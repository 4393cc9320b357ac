"""What a data file says of itself in its documents: all that had to be shortened, in full."""

import unicodedata
from collections.abc import Iterator, Sequence

from manyi_outputs.spss.variables import Variable
from manyi_outputs.wording import Wording

#: Bytes of one line of a document.
_LINE = 80


def notes(found: Sequence[Variable], words: Wording, title: str = "") -> list[str]:
    """Return what the labels cannot hold, a text a note: title, labels in full, codes left out.

    Parameters
    ----------
    found : sequence of Variable
    words : Wording
    title : str
        Of the file, where its label holds only a part of it.

    Returns
    -------
    list of str
        Empty where everything fitted.
    """
    said = [title] if title else []
    said += [words("spss.in_full", name=one.name, label=one.label) for one in found if one.cut]
    answers: dict[tuple[float | str, str], list[str]] = {}
    codes: dict[tuple[float, ...], list[str]] = {}
    for variable in found:
        for pair in variable.cut_values.items():
            answers.setdefault(pair, []).append(variable.name)
        if variable.missing is not None and variable.missing.dropped:
            codes.setdefault(variable.missing.dropped, []).append(variable.name)
    for (value, label), names in answers.items():
        said.append(words("spss.value_in_full", names=" ".join(names), value=shown(value), label=label))
    for dropped, names in codes.items():
        listed = " ".join(shown(code) for code in dropped)
        said.append(words("spss.codes_left_out", names=" ".join(names), codes=listed))
    return said


def shown(value: float | str) -> str:
    """Return a value as labels of values show it."""
    return value if isinstance(value, str) else f"{value:g}"


def document(texts: Sequence[str]) -> list[str]:
    """Return texts as lines of a ``.sav``'s document, each within 80 bytes, broken between words or signs.

    Examples
    --------
    >>> [len(line.encode()) for line in document(["满" * 40])]
    [78, 44]
    >>> document(["one " * 25])[1]
    '  one one one one one'
    """
    return [line for text in texts for line in broken(text, _LINE)]


def broken(text: str, room: int) -> Iterator[str]:
    """Yield a text in lines of so many bytes; the second and later begin with two blanks."""
    line, size = "", 0
    for piece in _pieces(" ".join(text.split())):
        long = len(piece.encode())
        if size + long > room and line.strip():
            yield line.rstrip()
            line, size = "  ", 2
            piece = piece.lstrip()
            long = len(piece.encode())
        line += piece
        size += long
    if line.strip():
        yield line.rstrip()


def _pieces(text: str) -> Iterator[str]:
    """Yield what may not be broken: a word with the blank before it, or one wide sign."""
    piece = ""
    for sign in text:
        wide = unicodedata.east_asian_width(sign) in "WF"
        if piece and (sign == " " or wide or len(piece) > 14 * 4):
            yield piece
            piece = ""
        piece += sign
        if wide:
            yield piece
            piece = ""
    if piece:
        yield piece
