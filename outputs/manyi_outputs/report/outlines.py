"""Cutting glyphs out of a CFF typeface whose outlines were made without hints."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

_NUMBER = rb"(?:[\x20-\xf6]|[\xf7-\xfe].|\x1c..|\xff....)"
#: In an outline, what stands before the next call of a subroutine, then that call's number and operator.
_CALL = re.compile(
    rb"(?:(?!%b[\x0a\x1d])(?:%b|\x0c.|[\x00-\x1f]))*+(?:(%b)([\x0a\x1d]))?" % (_NUMBER, _NUMBER, _NUMBER),
    re.DOTALL,
)
#: Operator that calls a subroutine of the glyph's own part of the font; the other calls one of the whole.
_OWN = b"\x0a"
_RETURN = b"\x0b"


def cut_outlines(fonts: Any, numbers: Sequence[int], glyphs: Sequence[str]) -> None:
    """Leave a font some of its glyphs' outlines and the subroutines that these call.

    fontTools' subsetter takes every outline apart and writes it anew, for fonts of any kind. Here outlines
    stay the bytes they are: a subroutine that nobody calls any more becomes an empty one, so that the others
    keep their numbers. Outlines with hints would need the stems counted and are not for this.

    Parameters
    ----------
    fonts : fontTools.cffLib.CFFFontSet
        With one font whose glyphs are in parts (a CID-keyed font).
    numbers : sequence of int
        Of the glyphs that stay, in their order.
    glyphs : sequence of str
        Their names.
    """
    top = fonts[0]
    index, parts, select = top.CharStrings.charStringsIndex, top.FDArray, top.FDSelect
    outlines = [index[number] for number in numbers]
    part_of = [select[number] for number in numbers]
    used = sorted(set(part_of))
    shared_called: set[int] = set()
    for part in used:
        own = getattr(parts[part].Private, "Subrs", ())
        codes = (
            outline.bytecode for outline, number in zip(outlines, part_of, strict=True) if number == part
        )
        own_called, called = _called(codes, own, fonts.GlobalSubrs)
        _empty(own, own_called)
        shared_called |= called
    _empty(fonts.GlobalSubrs, shared_called)
    _replace(index, outlines)
    _replace(parts, [parts[part] for part in used])
    select.format, select.gidArray = None, [used.index(part) for part in part_of]
    top.CharStrings.charStrings = {glyph: position for position, glyph in enumerate(glyphs)}
    top.charset, top.numGlyphs = list(glyphs), len(glyphs)


def _called(codes: Iterable[bytes], own: Any, shared: Any) -> tuple[set[int], set[int]]:
    """Return which subroutines outlines call, and these in turn: the part's own, and those of the whole."""
    own_called: set[int] = set()
    shared_called: set[int] = set()
    waiting = list(codes)
    while waiting:
        for operand, operator in _CALL.findall(waiting.pop()):
            if not operator:
                continue
            subroutines, called = (own, own_called) if operator == _OWN else (shared, shared_called)
            number = _integer(operand) + _bias(len(subroutines))
            if number not in called:
                called.add(number)
                waiting.append(subroutines[number].bytecode)
    return own_called, shared_called


def _integer(operand: bytes) -> int:
    """Return the integer of an operand (Adobe Technical Note 5177, table 1)."""
    first = operand[0]
    if first == 28:
        return int.from_bytes(operand[1:], signed=True)
    if first < 247:
        return first - 139
    return (first - 247) * 256 + operand[1] + 108 if first < 251 else (251 - first) * 256 - operand[1] - 108


def _bias(count: int) -> int:
    """Return what is added to a call's operand among so many subroutines (the note, section 4.7)."""
    return 107 if count < 1240 else 1131 if count < 33900 else 32768


def _empty(subroutines: Any, called: set[int]) -> None:
    """Make every subroutine that is not called an empty one."""
    from fontTools.misc.psCharStrings import T2CharString

    empty = T2CharString(_RETURN)
    for number in range(len(subroutines)):
        if number not in called:
            subroutines[number] = empty


def _replace(index: Any, items: list[Any]) -> None:
    """Give an index other entries and let go of where the old ones lay in the file."""
    index.items = items
    del index.file, index.offsets
