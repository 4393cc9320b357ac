"""Records of tests of differences: the effect with its limits, one test of groups, one pair of groups."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.records.notcomputed import NotComputed


@dataclass(frozen=True, slots=True)
class Effect:
    """The size of a difference, with confidence limits.

    Parameters
    ----------
    name : str
        For example ``"hedges_g"``.
    value, low, high : float
        Estimate and limits.
    confidence : float
        Level of the limits.
    method : str
        How the limits were found.
    """

    name: str
    value: float
    low: float
    high: float
    confidence: float
    method: str

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``effect_name, effect, low, high, confidence, method``."""
        return pd.DataFrame(
            {
                "effect_name": [self.name],
                "effect": [self.value],
                "low": [self.low],
                "high": [self.high],
                "confidence": [self.confidence],
                "method": [self.method],
            }
        )


@dataclass(frozen=True, slots=True)
class GroupTest:
    """A test that groups do not differ.

    Parameters
    ----------
    test : str
        Its name, for example ``"welch_t"``.
    outcome : str
        What is compared.
    null : str
        The hypothesis tested, in words.
    statistic_name : str
        ``"t"``, ``"F"``, ``"U"``, ``"H"``, ``"chi2"`` or ``"odds_ratio"``.
    statistic, p : float
        Statistic and its probability under the null.
    df1, df2 : float or None
        Degrees of freedom: of t in `df1`, of F in both; None where there are none.
    groups : tuple of str
        Groups compared; the difference is the first less the second.
    sizes : tuple of int
        Respondents used of each.
    missing : int
        Respondents not used: no value, or in no group compared.
    effect : Effect or NotComputed
        How large the difference is.
    difference : float or None
        Of the two means, with its limits, where the test compares two means.
    difference_low, difference_high : float or None
    note : str
        What a reader must know, as code and details; empty if nothing.
    """

    test: str
    outcome: str
    null: str
    statistic_name: str
    statistic: float
    df1: float | None
    df2: float | None
    p: float
    groups: tuple[str, ...]
    sizes: tuple[int, ...]
    missing: int
    effect: Effect | NotComputed
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    note: str = ""

    @property
    def n(self) -> int:
        """Return the respondents used."""
        return sum(self.sizes)

    def row(self) -> dict[str, object]:
        """Return the columns of the table ``differences`` that one test fills."""
        row: dict[str, object] = {
            "outcome": self.outcome,
            "test": self.test,
            "statistic": self.statistic,
            "df1": _number(self.df1),
            "df2": _number(self.df2),
            "p": self.p,
        }
        row |= effect_columns(self.effect)
        return row | {
            "n": self.n,
            "missing": self.missing,
            "groups": " ".join(self.groups),
            "sizes": " ".join(str(size) for size in self.sizes),
            "difference": _number(self.difference),
            "difference_low": _number(self.difference_low),
            "difference_high": _number(self.difference_high),
            "null": self.null,
            "note": self.note,
        }

    def to_frame(self) -> pd.DataFrame:
        """Return one row; see `row`."""
        return pd.DataFrame([self.row()])


@dataclass(frozen=True, slots=True)
class PairTest:
    """A test that two of several groups do not differ.

    Parameters
    ----------
    test, outcome : str
        As in `GroupTest`.
    a, b : str
        The groups; `difference` is that of a less that of b.
    n_a, n_b : int
        Respondents.
    difference, low, high : float
        Of means, or of mean ranks; limits hold for all pairs together, NaN where the test has none.
    statistic : float
    df : float or None
    p : float
        For one pair alone; equal to `p_adjusted` where the test allows for all pairs by itself.
    p_adjusted : float
        Allowing for all pairs of the outcome.
    adjustment : str
        How.
    effect : Effect or NotComputed
        Of the pair.
    """

    test: str
    outcome: str
    a: str
    b: str
    n_a: int
    n_b: int
    difference: float
    low: float
    high: float
    statistic: float
    df: float | None
    p: float
    p_adjusted: float
    adjustment: str
    effect: Effect | NotComputed

    def row(self) -> dict[str, object]:
        """Return the row of the table ``pairwise_differences``."""
        effect = effect_columns(self.effect)
        return {
            "outcome": self.outcome,
            "test": self.test,
            "a": self.a,
            "b": self.b,
            "n_a": self.n_a,
            "n_b": self.n_b,
            "difference": self.difference,
            "low": self.low,
            "high": self.high,
            "statistic": self.statistic,
            "df": _number(self.df),
            "p": self.p,
            "p_adjusted": self.p_adjusted,
            "adjustment": self.adjustment,
            "effect": effect["effect"],
            "effect_name": effect["effect_name"],
            "effect_low": effect["low"],
            "effect_high": effect["high"],
        }


def pair_frame(pairs: Sequence[PairTest]) -> pd.DataFrame:
    """Return one row a pair: table ``pairwise_differences`` without ``role`` and ``by``."""
    return pd.DataFrame([pair.row() for pair in pairs])


def effect_columns(effect: Effect | NotComputed) -> dict[str, object]:
    """Return ``effect, effect_name, low, high`` and why they are empty."""
    if isinstance(effect, NotComputed):
        empty: dict[str, object] = dict.fromkeys(("effect", "low", "high"), np.nan)
        return {"effect": np.nan, "effect_name": effect.statistic, **empty, "effect_reason": effect.reason}
    return {
        "effect": effect.value,
        "effect_name": effect.name,
        "low": effect.low,
        "high": effect.high,
        "effect_reason": "",
    }


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)
