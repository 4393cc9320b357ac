"""Whether two models find the same terms significant."""

from collections.abc import Iterable, Sequence

from manyi_outputs.appendix.records import Record, given
from manyi_outputs.wording.numerals import SIGNIFICANT


def turned(rows: Iterable[Record], others: Iterable[Record]) -> tuple[list[Record], Sequence[str]]:
    """Return the rows of terms tested in both models, and the terms significant in one of the two only.

    Parameters
    ----------
    rows, others : iterable of dict
        One a term of either model, with ``term`` and ``p``.
    """
    other = {str(row["term"]): row["p"] for row in others if given(row.get("p"))}
    both = [row for row in rows if given(row.get("p")) and str(row["term"]) in other]
    terms = [
        str(row["term"])
        for row in both
        if (row["p"] < SIGNIFICANT) != (other[str(row["term"])] < SIGNIFICANT)
    ]
    return both, terms
