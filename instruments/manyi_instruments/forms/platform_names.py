"""Item ids as names a platform allows."""

import re
from collections.abc import Callable, Collection, Iterable


def platform_names(
    ids: Iterable[str], spelled: Callable[[str], str], longest: int, taken: Collection[str] = ()
) -> dict[str, str]:
    """Return a name of its own for every id.

    Parameters
    ----------
    ids : iterable of str
        In the order asked.
    spelled : callable
        Id -> the platform's spelling of it. Import compares names without case and underscores, so a name
        that differs in these only is found again by itself.
    longest : int
        Characters a name may have.
    taken : collection of str
        Names the platform or the form uses itself.

    Returns
    -------
    dict
        Id -> name; where the spelling is too long or taken it is cut and numbered.

    Examples
    --------
    >>> platform_names(["A_1", "A1", "SATISFIED"], lambda text: text.replace("_", ""), 6)
    {'A_1': 'A1', 'A1': 'A12', 'SATISFIED': 'SATISF'}
    """
    used = {name.lower() for name in taken}
    names: dict[str, str] = {}
    for item in ids:
        wanted = spelled(item)
        name, number = wanted[:longest], 1
        while name.lower() in used:
            number += 1
            name = f"{wanted[: longest - len(str(number))]}{number}"
        used.add(name.lower())
        names[item] = name
    return names


def is_same(item: str, name: str) -> bool:
    """Return whether import finds an item by a name: case and underscores do not count.

    >>> is_same("IMP_TRUST", "imptrust"), is_same("SATISFIED", "SATISF")
    (True, False)
    """
    return re.sub("_", "", item).lower() == re.sub("_", "", name).lower()
