"""Test-retest reliability of persons asked more than once: intraclass correlations and Pearson's r."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from manyi_analysis.measurement.conditions import unmet
from manyi_analysis.records import Correlated, Moments, NotComputed


@dataclass(frozen=True, slots=True)
class Retest:
    """Agreement of a score over k occasions.

    Parameters
    ----------
    occasions : tuple of str
        Columns of the score, one an occasion.
    n, missing : int
        Persons with all k scores, and others.
    agreement, agreement_low, agreement_high : float
        ICC(2,1), of one occasion, absolute agreement: a shift of all scores counts against it.
    consistency, consistency_low, consistency_high : float
        ICC(3,1), of one occasion, consistency: it does not.
    pearson, pearson_low, pearson_high : float or None
        Of two occasions; None of more.
    error : float
        Standard error of measurement, from the residual mean square, in units of the score.
    shift : float
        Mean of the last occasion less that of the first.
    confidence : float
        Of the intervals.
    """

    occasions: tuple[str, ...]
    n: int
    missing: int
    agreement: float
    agreement_low: float
    agreement_high: float
    consistency: float
    consistency_low: float
    consistency_high: float
    pearson: float | None
    pearson_low: float | None
    pearson_high: float | None
    error: float
    shift: float
    confidence: float
    method: str = "two-way analysis of variance of persons by occasions"
    source: str = "Shrout & Fleiss (1979); McGraw & Wong (1996)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a coefficient: ``coefficient, occasions, n, missing, value, low, high``."""
        rows = [
            ("icc_2_1", self.agreement, self.agreement_low, self.agreement_high),
            ("icc_3_1", self.consistency, self.consistency_low, self.consistency_high),
        ]
        if self.pearson is not None and self.pearson_low is not None and self.pearson_high is not None:
            rows.append(("pearson", self.pearson, self.pearson_low, self.pearson_high))
        frame = pd.DataFrame(rows, columns=["coefficient", "value", "low", "high"])
        frame.insert(1, "occasions", len(self.occasions))
        frame.insert(2, "n", self.n)
        frame.insert(3, "missing", self.missing)
        return frame


def retest_reliability(moments: Correlated, confidence: float = 0.95) -> Retest | NotComputed:
    r"""Compute test-retest reliability from the moments of a score at k occasions.

    With mean squares of persons :math:`P`, occasions :math:`O` and residual :math:`E`:
    ICC(2,1) :math:`= (P - E) / (P + (k-1)E + k(O-E)/n)`, ICC(3,1) :math:`= (P - E) / (P + (k-1)E)`; limits
    from F distributions, those of ICC(2,1) by Satterthwaite's approximation; of r by Fisher's z.

    Parameters
    ----------
    moments : Moments
        One column an occasion, one row a person, listwise; see `link_occasions`.
    confidence : float
        Of the intervals.

    Returns
    -------
    Retest or NotComputed
        One occasion, a constant score, fewer than four persons, scores that leave no residual.

    Notes
    -----
    R: ``psych::ICC(x, lmer = FALSE)``: ICC2 and ICC3; ``cor.test``.

    References
    ----------
    Shrout, P. E., & Fleiss, J. L. (1979). Intraclass correlations: Uses in assessing rater reliability.
    Psychological Bulletin, 86, 420-428. McGraw, K. O., & Wong, S. P. (1996). Psychological Methods, 1, 30-46.
    """
    reason = unmet("retest_reliability", moments, rows=4)
    if reason is not None:
        return reason
    n, k = moments.n, len(moments.columns)
    covariance, mean = moments.covariance, moments.mean
    persons = float(covariance.sum()) / k
    residual = (float(np.trace(covariance)) - persons) / (k - 1)
    occasions = n * float(mean.var(ddof=1))
    if residual <= 1e-12 * float(np.trace(covariance)):
        return NotComputed("retest_reliability", "no-residual", {"occasions": moments.columns}, n)
    agreement = (persons - residual) / (persons + (k - 1) * residual + k * (occasions - residual) / n)
    ratio, df1, df2 = persons / residual, n - 1, (n - 1) * (k - 1)
    tail = (1 - confidence) / 2
    low = ratio / float(stats.f.isf(tail, df1, df2))
    high = ratio * float(stats.f.isf(tail, df2, df1))
    agreed = _agreement_limits(agreement, persons, occasions, residual, n, k, tail)
    pearson = _pearson(float(moments.correlation[0, 1]), n, tail) if k == 2 else (None, None, None)
    return Retest(
        occasions=moments.columns,
        n=n,
        missing=moments.missing,
        agreement=agreement,
        agreement_low=agreed[0],
        agreement_high=agreed[1],
        consistency=(ratio - 1) / (ratio + k - 1),
        consistency_low=(low - 1) / (low + k - 1),
        consistency_high=(high - 1) / (high + k - 1),
        pearson=pearson[0],
        pearson_low=pearson[1],
        pearson_high=pearson[2],
        error=float(np.sqrt(residual)),
        shift=float(mean[-1] - mean[0]),
        confidence=confidence,
    )


def _agreement_limits(
    icc: float, persons: float, occasions: float, residual: float, n: int, k: int, tail: float
) -> tuple[float, float]:
    """Return the limits of ICC(2,1): McGraw & Wong (1996), table 7, case 2."""
    ratio = occasions / residual
    of_occasions = k * icc * ratio
    of_residual = n * (1 + (k - 1) * icc) - k * icc
    df = (k - 1) * (n - 1) * (of_occasions + of_residual) ** 2
    df /= (n - 1) * of_occasions**2 + of_residual**2
    upper = float(stats.f.isf(tail, n - 1, df))
    lower = float(stats.f.isf(tail, df, n - 1))
    rest = k * occasions + (k * n - k - n) * residual
    return (
        n * (persons - upper * residual) / (upper * rest + n * persons),
        n * (lower * persons - residual) / (rest + n * lower * persons),
    )


def _pearson(r: float, n: int, tail: float) -> tuple[float, float, float]:
    """Return r and its limits by Fisher's z; at ±1 all three are r."""
    z = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))
    reach = float(stats.norm.isf(tail)) / np.sqrt(n - 3)
    return r, float(np.tanh(z - reach)), float(np.tanh(z + reach))


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """Which answers of two occasions carry the same code.

    Parameters
    ----------
    first, second : ndarray of int, shape (linked,)
        Rows of the two occasions that belong together.
    only_first, only_second : int
        Codes found at one occasion only.
    ambiguous : int
        Codes that several answers of one occasion carry: nobody knows which belong together.
    without_code : int
        Answers of either occasion without a code.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    only_first: int
    only_second: int
    ambiguous: int
    without_code: int

    @property
    def linked(self) -> int:
        """Return the codes found once at each occasion."""
        return len(self.first)

    def moments(self, first: pd.DataFrame, second: pd.DataFrame, score: str) -> Moments:
        """Return the moments of a score at both occasions, columns ``first`` and ``second``."""
        both = {"first": first[score].to_numpy()[self.first], "second": second[score].to_numpy()[self.second]}
        return Moments.of(pd.DataFrame(both), ["first", "second"])


def link_codes(first: pd.Series, second: pd.Series) -> Links:
    """Link answers of two occasions by a self-generated code.

    Parameters
    ----------
    first, second : Series
        The code of every answer, compared letter by letter; empty and NA are no code. It must be made for
        this purpose: an access code would tell who answered.
    """
    given = [
        codes.notna().to_numpy() & (codes.astype("string") != "").fillna(False).to_numpy()
        for codes in (first, second)
    ]
    rows = [np.flatnonzero(has) for has in given]
    codes = [
        pd.Series(codes.to_numpy(dtype=object)[at]) for codes, at in zip((first, second), rows, strict=True)
    ]
    number, different = pd.factorize(pd.concat(codes, ignore_index=True))
    own = (number[: len(rows[0])], number[len(rows[0]) :])
    counts = [np.bincount(found, minlength=len(different)) for found in own]
    ambiguous = (counts[0] > 1) | (counts[1] > 1)
    clear = [(count == 1) & ~ambiguous for count in counts]
    both = clear[0] & clear[1]
    place = np.zeros((2, len(different)), dtype=np.intp)
    for at in (0, 1):
        place[at, own[at]] = rows[at]
    # In the order of the first occasion.
    linked = own[0][both[own[0]]]
    return Links(
        first=place[0, linked],
        second=place[1, linked],
        only_first=int((clear[0] & ~both).sum()),
        only_second=int((clear[1] & ~both).sum()),
        ambiguous=int(ambiguous.sum()),
        without_code=sum(int((~has).sum()) for has in given),
    )


@dataclass(frozen=True, slots=True, eq=False)
class LinkedOccasions:
    """Persons found again by the code they made for themselves.

    Parameters
    ----------
    moments : Moments
        Columns ``first`` and ``second``: the score at both occasions.
    linked : int
        Codes found once at each occasion.
    only_first, only_second : int
        Codes found at one occasion only.
    ambiguous : int
        Codes that several answers of one occasion carry: nobody knows which belong together.
    without_code : int
        Answers of either occasion without a code.
    """

    moments: Moments
    linked: int
    only_first: int
    only_second: int
    ambiguous: int
    without_code: int


def link_occasions(first: pd.DataFrame, second: pd.DataFrame, code: str, score: str) -> LinkedOccasions:
    """Link the answers of two occasions by a self-generated code, for one score; see `link_codes`.

    Parameters
    ----------
    first, second : DataFrame
        Answers of the two occasions; rows are respondents.
    code : str
        Column of the code.
    score : str
        Column of the score.
    """
    links = link_codes(first[code], second[code])
    return LinkedOccasions(
        links.moments(first, second, score),
        links.linked,
        links.only_first,
        links.only_second,
        links.ambiguous,
        links.without_code,
    )
