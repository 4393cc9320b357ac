"""Answers joined in one cell by what their own wordings hold too: told apart by the wordings known."""

from collections.abc import Callable

#: More pieces than any question has answers are free text.
_MOST_PIECES = 200


def joined_answers(
    cell: str, separator: str, is_answer: Callable[[str], bool], longest: int
) -> list[str] | None:
    """Return the answers of a cell, or None where its pieces make no row of answers.

    Parameters
    ----------
    cell : str
        ``Yes, but later, No``.
    separator : str
        What joins answers, and may stand inside one.
    is_answer : callable
        Whether a wording is an answer; asked once a wording.
    longest : int
        Pieces of the longest wording.

    Returns
    -------
    list of str or None
        From the left the longest wording that is an answer, a shorter one only where the rest would make no
        answers.

    Examples
    --------
    >>> joined_answers("Yes, but later, No", ", ", {"Yes", "No", "Yes, but later"}.__contains__, 2)
    ['Yes, but later', 'No']
    >>> joined_answers("Yes, perhaps", ", ", {"Yes", "No"}.__contains__, 2) is None
    True
    """
    pieces = [piece.strip() for piece in cell.strip().split(separator)]
    if not separator or len(pieces) > _MOST_PIECES:
        return None
    known: dict[str, bool] = {}

    def answer(start: int, end: int) -> str | None:
        text = separator.join(pieces[start:end])
        if text not in known:
            known[text] = is_answer(text)
        return text if known[text] else None

    rest: list[list[str] | None] = [None] * len(pieces) + [[]]
    for start in range(len(pieces) - 1, -1, -1):
        for end in range(min(len(pieces), start + longest), start, -1):
            found, after = answer(start, end), rest[end]
            if found is not None and after is not None:
                rest[start] = [found, *after]
                break
    return rest[0]
