"""Remarks on results that were found and are not proper."""

from collections.abc import Sequence

from manyi_analysis.records import NotComputed


def heywood(items: Sequence[str], code: str = "heywood-case") -> str:
    """Return the remark on items whose unique variance stopped at its bound; nothing where none did.

    >>> heywood(("Q1", "Q3"))
    'heywood-case: items=Q1 Q3'
    """
    return NotComputed("efa", code, {"items": tuple(items)}).reason if items else ""
