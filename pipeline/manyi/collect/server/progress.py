"""How far collection is: counts by role, school and class, with small groups hidden."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median

#: Role, school, class; empty: of all.
Cell = tuple[str, str, str]


@dataclass(slots=True)
class Tally:
    """What is known of the answers of one role, school and class.

    Attributes
    ----------
    accepted : int
        Answers that count.
    aside : int
        Answers that are kept aside: another definition, faulty, a second sheet of one id or code.
    fast : int
        Accepted ones given faster than the cleaning plan allows.
    seconds : list of float
        Durations of accepted ones, where known.
    """

    accepted: int
    aside: int
    fast: int
    seconds: list[float]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the live page.

    Attributes
    ----------
    role, school, group : str
        Whose answers; school and group are empty for all of them.
    received : int or None
        Accepted answers; None where the group is too small to be shown.
    expected : int or None
        Access codes given out, or the role's ``issued``; None where unknown.
    seconds : float or None
        Median duration; None where hidden or unknown.
    flagged : float or None
        Share of what came that is kept aside or was answered too fast; None where hidden or nothing came.
    hidden : bool
        Whether the numbers are hidden.
    """

    role: str
    school: str
    group: str
    received: int | None
    expected: int | None
    seconds: float | None
    flagged: float | None
    hidden: bool = False


def progress(tallies: Mapping[Cell, Tally], expected: Mapping[Cell, int], least: int) -> list[Row]:
    """Return the rows of the live page: of each role, its schools, their classes.

    Parameters
    ----------
    tallies : Mapping
        Of each role, school and class that anything came from.
    expected : Mapping
        How many answers are expected of a role, school and class.
    least : int
        Groups with fewer answers, but some, are hidden, and others with them until nobody can compute them
        from the sum: :func:`hidden_parts`. So are all classes of a hidden school.

    Returns
    -------
    list of Row
        Schools and classes in the order of their names behind the row of their sum.
    """
    cells = sorted({*tallies, *expected})
    tree: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for role, school, group in cells:
        schools = tree[role]
        if school:
            groups = schools[school]
            if group:
                groups.append(group)
        else:
            schools.setdefault("", [])
    rows: list[Row] = []
    for role, schools in tree.items():
        whole = _row((role, "", ""), _merged(tallies, role), _expected(tallies, expected, role))
        rows.append(_hidden(whole) if 0 < (whole.received or 0) < least else whole)
        named = [school for school in schools if school]
        parts = [
            _row((role, one, ""), _merged(tallies, role, one), _expected(tallies, expected, role, one))
            for one in named
        ]
        without = sum(tally.accepted for cell, tally in tallies.items() if cell[:2] == (role, ""))
        for row, hide in zip(
            parts, hidden_parts([one.received or 0 for one in parts], without, least), strict=True
        ):
            rows.append(_hidden(row) if hide else row)
            rows += _classes(tallies, expected, row, schools[row.school], least, hide)
    return rows


def hidden_parts(counts: Sequence[int], rest: int, least: int) -> list[bool]:
    """Return which parts of a sum that is shown are hidden.

    Parameters
    ----------
    counts : sequence of int
        Of the parts.
    rest : int
        What belongs to the sum, but to no part that is shown.
    least : int
        Parts below it, but not empty ones, are hidden.

    Returns
    -------
    list of bool
        The smallest further parts are hidden too until what is hidden, with the rest, is at least two groups
        or none, and ``least`` answers together: else the sum would tell.

    Examples
    --------
    >>> hidden_parts([3, 20, 12, 0], 0, 5)
    [True, False, True, False]
    >>> hidden_parts([3, 4, 20], 0, 5)
    [True, True, False]
    """
    hidden = [0 < count < least for count in counts]
    while _tells(counts, hidden, rest, least):
        open_parts = [at for at, count in enumerate(counts) if count and not hidden[at]]
        if not open_parts:
            break
        hidden[min(open_parts, key=lambda at: counts[at])] = True
    return hidden


def _tells(counts: Sequence[int], hidden: Sequence[bool], rest: int, least: int) -> bool:
    """Return whether the sum minus what is shown tells a small group."""
    unseen = [count for count, hide in zip(counts, hidden, strict=True) if hide]
    if rest:
        unseen.append(rest)
    if not any(0 < one < least for one in unseen):
        return False
    return len(unseen) < 2 or sum(unseen) < least


def _classes(
    tallies: Mapping[Cell, Tally],
    expected: Mapping[Cell, int],
    school: Row,
    groups: Iterable[str],
    least: int,
    all_hidden: bool,
) -> list[Row]:
    cells = [(school.role, school.school, group) for group in groups]
    rows = [_row(cell, tallies.get(cell), expected.get(cell)) for cell in cells]
    own = tallies.get((school.role, school.school, ""))
    hidden = hidden_parts([row.received or 0 for row in rows], own.accepted if own else 0, least)
    return [_hidden(row) if all_hidden or hide else row for row, hide in zip(rows, hidden, strict=True)]


def _row(cell: Cell, tally: Tally | None, expected: int | None) -> Row:
    if tally is None:
        return Row(*cell, received=0, expected=expected, seconds=None, flagged=None)
    came = tally.accepted + tally.aside
    return Row(
        *cell,
        received=tally.accepted,
        expected=expected,
        seconds=median(tally.seconds) if tally.seconds else None,
        flagged=(tally.aside + tally.fast) / came if came else None,
    )


def _hidden(row: Row) -> Row:
    return replace(row, received=None, seconds=None, flagged=None, hidden=True)


def _merged(tallies: Mapping[Cell, Tally], *head: str) -> Tally:
    whole = Tally(0, 0, 0, [])
    for cell, tally in tallies.items():
        if cell[: len(head)] == head:
            whole.accepted += tally.accepted
            whole.aside += tally.aside
            whole.fast += tally.fast
            whole.seconds += tally.seconds
    return whole


def _expected(tallies: Mapping[Cell, Tally], expected: Mapping[Cell, int], *head: str) -> int | None:
    """Return what is expected of a role or school: what is said of it, else the sum of its parts.

    None where answers came from a part of which nothing is known: a sum without it would be too small.
    """
    said = expected.get((head[0], head[1] if len(head) > 1 else "", ""))
    if len(head) == 1 and said is not None:
        return said
    names = {cell[len(head)] for cell in (*tallies, *expected) if cell[: len(head)] == head}
    parts = [
        expected.get((*head, name)) if len(head) == 2 else _expected(tallies, expected, *head, name)
        for name in names
        if name
    ]
    known = [n for n in parts if n is not None]
    if said is not None:
        return said + sum(known)
    return sum(known) if known and len(known) == len(parts) else None
