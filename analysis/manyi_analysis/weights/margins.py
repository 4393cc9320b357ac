"""Known margins of a population, and where each respondent stands in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.records.grouped import group_codes
from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

#: Counts of one population may differ between margins by rounding: this share.
AGREEMENT = 0.005


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """Margins in shares, and the respondents' places in them.

    Parameters
    ----------
    names : tuple of str
        The variables.
    levels : tuple of tuple of str
        Of each variable.
    shares : tuple of (levels,) array
        Of the population, of each variable; each sums to 1.
    codes : tuple of (n,) array of int
        Each respondent's level, −1 where not known.
    total : float or None
        Size of the population, where a margin is given in counts.
    """

    names: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    shares: tuple[Array, ...]
    codes: tuple[Indices, ...]
    total: float | None

    def held(self, weight: Array) -> tuple[Array, ...]:
        """Return the weighted share of every level among respondents whose level is known."""
        sums = [
            np.bincount(codes[codes >= 0], weight[codes >= 0], minlength=share.size)
            for codes, share in zip(self.codes, self.shares, strict=True)
        ]
        return tuple(total / total.sum() for total in sums)


def margin_codes(rows: pd.DataFrame, margins: Mapping[str, Mapping[str, float]]) -> Margins | NotComputed:
    """Find the respondents' places in known margins.

    Parameters
    ----------
    rows : DataFrame
        Respondents; a column a variable. Missing values are left where they are: calibration leaves such a
        respondent's weight alone in that margin, and the shares hold among the others.
    margins : Mapping
        Variable -> level -> share (adding up to 1, or to 100) or count of the population.

    Returns
    -------
    Margins or NotComputed
        ``margin-variable-absent``; ``margin-level-without-respondents``: nobody could be given the weight;
        ``margin-level-not-listed``: respondents whose level has no share; ``margins-disagree``: counts that
        do not add up to one population.
    """
    names, levels, shares, codes, totals = [], [], [], [], {}
    for name, known in margins.items():
        if name not in rows:
            return NotComputed("weights", "margin-variable-absent", {"variable": name}, len(rows))
        keys, place = group_codes(rows[name])
        strange = sorted(set(keys) - known.keys())
        if strange:
            details: dict[str, object] = {"variable": name, "levels": strange}
            return NotComputed("weights", "margin-level-not-listed", details, len(rows))
        empty = [level for level in known if level not in keys]
        if empty:
            details = {"variable": name, "levels": empty}
            return NotComputed("weights", "margin-level-without-respondents", details, len(rows))
        value = np.array([known[key] for key in keys], dtype=np.float64)
        if not _is_shares(float(value.sum())):
            totals[name] = float(value.sum())
        names.append(name)
        levels.append(keys)
        shares.append(value / value.sum())
        codes.append(place)
    if totals and max(totals.values()) > min(totals.values()) * (1.0 + AGREEMENT):
        said = [f"{name}={total:g}" for name, total in totals.items()]
        return NotComputed("weights", "margins-disagree", {"totals": said}, len(rows))
    total = next(iter(totals.values()), None)
    return Margins(tuple(names), tuple(levels), tuple(shares), tuple(codes), total)


def _is_shares(total: float) -> bool:
    """Return whether numbers are shares or percentages, up to rounding."""
    return abs(total - 1.0) < 0.01 or abs(total - 100.0) < 1.0


def crossed(codes: Sequence[Indices], sizes: Sequence[int]) -> tuple[Indices, npt.NDArray[np.int64]]:
    """Return the combination of levels each respondent has, and the levels of every combination found.

    Parameters
    ----------
    codes : sequence of (n,) array of int
        A level a variable, −1 where not known.
    sizes : sequence of int
        Levels of each variable.

    Returns
    -------
    combination : (n,) array of int
    levels : (combinations, variables) array of int
        −1 where not known.
    """
    flat = np.zeros(len(codes[0]), dtype=np.int64)
    for place, size in zip(codes, sizes, strict=True):
        flat = flat * (size + 1) + place + 1
    found, combination = np.unique(flat, return_inverse=True)
    columns = []
    for size in reversed(sizes):
        found, level = np.divmod(found, size + 1)
        columns.append(level - 1)
    return combination.astype(np.intp), np.column_stack(columns[::-1])
