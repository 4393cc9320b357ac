"""Records of correlations: one pair of variables, and the table of many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import special

from manyi_analysis.records.notcomputed import NotComputed

Level = Literal["respondent", "school_means", "within_school"]
#: Columns of the table ``correlations`` without ``role``.
COLUMNS = (
    "level", "a", "b", "method", "n", "r", "p", "low", "high", "df", "p_clustered", "clusters", "controls",
    "reason",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Correlation:
    """The correlation of two variables.

    Parameters
    ----------
    a, b : str
        The variables.
    level : {"respondent", "school_means", "within_school"}
        What is correlated: respondents' values, means of schools, or deviations from them.
    method : {"pearson", "spearman", "partial", "polychoric"}
    n : int
        Respondents, or schools where their means are correlated.
    r, p : float
        Correlation and its two-sided probability.
    low, high : float
        Limits by Fisher's z; NaN with too few rows for any.
    df : float
        Degrees of freedom of t; NaN where p is not from t.
    p_clustered : float
        Probability with errors clustered by school; NaN where schools are not known.
    clusters : int
        Schools that it rests on.
    controls : tuple of str
        Variables held constant in a partial correlation.
    """

    a: str
    b: str
    level: Level
    method: str
    n: int
    r: float
    p: float
    low: float
    high: float
    df: float
    p_clustered: float = np.nan
    clusters: int = 0
    controls: tuple[str, ...] = ()

    def row(self) -> dict[str, object]:
        """Return the row of the table ``correlations``."""
        row: dict[str, object] = {name: getattr(self, name) for name in COLUMNS if hasattr(self, name)}
        return row | {"controls": " ".join(self.controls), "reason": ""}

    def to_frame(self) -> pd.DataFrame:
        """Return one row; see `correlation_frame`."""
        return correlation_frame([self])


@dataclass(frozen=True, slots=True)
class NoCorrelation:
    """A pair of variables whose correlation could not be computed.

    Parameters
    ----------
    a, b, level, method
        As in `Correlation`.
    reason : NotComputed
        Why.
    """

    a: str
    b: str
    level: Level
    method: str
    reason: NotComputed

    def row(self) -> dict[str, object]:
        """Return the row of the table ``correlations``, without a number."""
        named = {"level": self.level, "a": self.a, "b": self.b, "method": self.method}
        return {**named, "n": self.reason.n, "controls": "", "reason": self.reason.reason}


Found = Correlation | NoCorrelation


def correlation_frame(found: Sequence[Found]) -> pd.DataFrame:
    """Return one row a pair: table ``correlations`` without ``role``."""
    return pd.DataFrame([each.row() for each in found], columns=list(COLUMNS))


def with_inference(
    a: str,
    b: str,
    level: Level,
    method: str,
    r: float,
    n: int,
    df: float,
    confidence: float,
    widen: float = 1.0,
    controls: tuple[str, ...] = (),
) -> Found:
    """Return a correlation with p from t = r√(df/(1 - r²)) and limits tanh(atanh r ± z·widen/√(df - 1)).

    Parameters
    ----------
    a, b, level, method, n, controls
        As in `Correlation`.
    r : float
        NaN where a variable does not vary.
    df : float
        Rows less two, less the means and variables held constant.
    confidence : float
        Level of the limits.
    widen : float
        Of the standard error of z: 1 for Pearson's, √(1 + r²/2) for Spearman's.
    """
    details: dict[str, object] = {"a": a, "b": b}
    if df < 1:
        reason = NotComputed(method, "correlation-few-rows", {**details, "needed": int(n - df + 1)}, n)
        return NoCorrelation(a, b, level, method, reason)
    if np.isnan(r):
        return NoCorrelation(a, b, level, method, NotComputed(method, "correlation-constant", details, n))
    low = high = np.nan
    left = 1.0 - r**2
    p = 0.0
    if left > 0.0:
        p = 2.0 * float(special.stdtr(df, -abs(r) * np.sqrt(df / left)))
        if df > 1.0:
            reach = float(special.ndtri(0.5 + confidence / 2.0)) * widen / np.sqrt(df - 1.0)
            low, high = (float(np.tanh(np.arctanh(r) + side * reach)) for side in (-1.0, 1.0))
    else:
        low = high = r
    return Correlation(a, b, level, method, int(n), float(r), p, low, high, float(df), controls=controls)
