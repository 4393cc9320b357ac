"""How wide a text is in the typefaces of the Word report, in sizes of its type."""

import unicodedata
from typing import Final

#: Widths of Times Roman in thousandths of the size, from Adobe's font metrics: width -> characters.
_TIMES: Final = {
    180: "'",
    200: "|",
    250: " ,.",
    278: "/:;\\ijlt",
    333: "!()-I[]`fr’‘",
    389: "Js",
    408: '"',
    444: "?acez“”",
    469: "^",
    480: "{}",
    500: "#$*0123456789_bdghknopquvxy–",
    541: "~",
    556: "FPS",
    564: "+<=>−×±≤≥",
    611: "ELTZ",
    667: "BCR",
    722: "ADGHKNOQUVXYw",
    778: "&m",
    833: "%",
    889: "M",
    921: "@",
    944: "W",
    1000: "—…",
}
#: Any other narrow character.
_OTHER: Final = 0.556


def is_wide(sign: str) -> bool:
    """Return whether a character is as wide as it is high and set in the East Asian typeface."""
    return unicodedata.east_asian_width(sign) in "WF"


class _Widths(dict[str, float]):
    """Width of a character, looked up once."""

    def __missing__(self, sign: str) -> float:
        width = self[sign] = 1.0 if is_wide(sign) else _OTHER
        return width


_WIDTHS = _Widths({sign: width / 1000 for width, signs in _TIMES.items() for sign in signs})


def ems(text: str) -> float:
    """Return the width of a line of text in sizes of its type.

    Examples
    --------
    >>> ems("0.85"), ems("满意")
    (1.75, 2.0)
    """
    return sum([_WIDTHS[sign] for sign in text])


def longest_part(text: str) -> float:
    """Return the width of the widest part that no line break can divide: a word, or one wide character.

    Examples
    --------
    >>> longest_part("of 20 满意") == ems("of"), longest_part("满意度")
    (False, 1.0)
    """
    widest, part = 0.0, ""
    for sign in text:
        if sign.isspace() or is_wide(sign):
            widest, part = max(widest, ems(part), 1.0 if is_wide(sign) else 0.0), ""
        else:
            part += sign
    return max(widest, ems(part))
