"""Words that a spreadsheet would take for a formula."""

import re

#: What a spreadsheet computes instead of showing (CSV injection, OWASP): more than one sign, the first of
#: these. A number keeps its sign.
FORMULA = r"(?s)^[=@\t\r].|^[+\-].*[^0-9.,%]"
_FORMULA = re.compile(FORMULA)
#: A sign that XML, and with it a workbook, cannot hold.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet would compute the text of a CSV cell.

    Examples
    --------
    >>> [is_formula(text) for text in ("=1+1", "-无意见", "+1+1", "-9", "=")]
    [True, True, True, False, False]
    """
    return _FORMULA.search(text) is not None


def guarded(text: str) -> str:
    """Return the text for a CSV cell: behind an apostrophe where it would be computed.

    Examples
    --------
    >>> guarded("=HYPERLINK(0)"), guarded("满意")
    ("'=HYPERLINK(0)", '满意')
    """
    return f"'{text}" if is_formula(text) else text


def legible(text: str) -> str:
    """Return the text without control characters."""
    return _CONTROL.sub("", text)
