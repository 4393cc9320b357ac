"""Two roles compared school by school: parents and teachers of the same school on the same scale."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from manyi_analysis.correlations.correlation import Correlation, NoCorrelation, with_inference
from manyi_analysis.differences.adjustment import Adjustment, adjusted
from manyi_analysis.differences.comparison import GroupTest
from manyi_analysis.differences.two_means import welch_t
from manyi_analysis.level.suppression import SMALL_CELL
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.moments import Moments
from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]
#: How far measurement is the same in both roles, as a test of invariance found it.
Invariance = Literal["scalar", "partial_scalar", "metric", "configural", "none", "untested"]
#: Levels of invariance under which means may be compared.
COMPARABLE: tuple[Invariance, ...] = ("scalar", "partial_scalar")
#: Fewest schools that agreement is summed up over.
FEWEST_SCHOOLS = 3


@dataclass(frozen=True, slots=True)
class SchoolComparison:
    """Two roles of one school.

    Parameters
    ----------
    school : str
    result : GroupTest or NotComputed
        Welch's t of the first role less the second, or why the school is not shown.
    means : tuple of float
        Of the two roles; NaN where not shown.
    p_adjusted : float
        Over all schools shown.
    """

    school: str
    result: GroupTest | NotComputed
    means: tuple[float, float]
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far the differences of many schools lie from zero and from each other.

    Parameters
    ----------
    schools : int
        Each counts once, whatever its respondents.
    mean, low, high : float
        Mean difference and its limits, from t.
    sd : float
        Of the differences.
    lower_limit, upper_limit : float
        Limits of agreement, mean ∓ 1.96·sd: where the differences of 95 % of schools lie.
    limit_se : float
        Standard error of either limit, √(3/S)·sd.
    chance_share : float
        Share of sd² that is due to schools having few respondents; NaN where errors are not known.
    sd_beyond_chance : float
        √(sd² - mean squared error), 0 where chance explains all.
    p : float
        That the mean difference is zero.
    """

    schools: int
    mean: float
    low: float
    high: float
    sd: float
    lower_limit: float
    upper_limit: float
    limit_se: float
    chance_share: float
    sd_beyond_chance: float
    p: float

    def to_frame(self) -> pd.DataFrame:
        """Return one row."""
        return pd.DataFrame({name: [getattr(self, name)] for name in Agreement.__dataclass_fields__})


@dataclass(frozen=True, slots=True)
class RoleComparison:
    """Two roles on one scale, school by school and over schools.

    Parameters
    ----------
    scale : str
    roles : tuple of str
        Differences are the first less the second.
    invariance : str
        As given by the caller.
    schools : tuple of SchoolComparison
        Every school that either role has.
    agreement : Agreement or NotComputed
        Over the schools shown.
    correlation : Correlation or NoCorrelation
        Of the roles' school means, over the schools shown.
    """

    scale: str
    roles: tuple[str, str]
    invariance: Invariance
    schools: tuple[SchoolComparison, ...]
    agreement: Agreement | NotComputed
    correlation: Correlation | NoCorrelation

    @property
    def comparable(self) -> bool:
        """Return whether invariance allows means to be compared."""
        return self.invariance in COMPARABLE

    @property
    def note(self) -> str:
        """Return what a reader must know, as code and details; empty where means may be compared."""
        if self.comparable:
            return ""
        details = {"scale": self.scale, "level": self.invariance}
        return NotComputed("role_comparison", "roles-not-invariant", details).reason

    def to_frame(self) -> pd.DataFrame:
        """Return one row a school: table ``role_schools``; schools not shown have no numbers."""
        rows = []
        for school in self.schools:
            row: dict[str, object] = {
                "scale": self.scale,
                "role_a": self.roles[0],
                "role_b": self.roles[1],
                "school": school.school,
                "invariance": self.invariance,
                "note": self.note,
            }
            test = school.result
            if isinstance(test, NotComputed):
                rows.append({**row, "reason": test.reason})
                continue
            numbers = {
                "n_a": test.sizes[0],
                "n_b": test.sizes[1],
                "mean_a": school.means[0],
                "mean_b": school.means[1],
                "difference": test.difference,
                "low": test.difference_low,
                "high": test.difference_high,
                "t": test.statistic,
                "df": test.df1,
                "p": test.p,
                "p_adjusted": school.p_adjusted,
            }
            rows.append({**row, **numbers, "reason": ""})
        first = ["scale", "role_a", "role_b", "school", "n_a", "n_b", "mean_a", "mean_b", "difference", "low"]
        others = ["high", "t", "df", "p", "p_adjusted", "invariance", "note", "reason"]
        return pd.DataFrame(rows, columns=[*first, *others])

    def agreement_frame(self) -> pd.DataFrame:
        """Return one row over all schools: table ``role_agreement``."""
        row: dict[str, object] = {"scale": self.scale, "role_a": self.roles[0], "role_b": self.roles[1]}
        known = self.agreement
        numbers: dict[str, object] = {
            name: np.nan if isinstance(known, NotComputed) else getattr(known, name)
            for name in Agreement.__dataclass_fields__
        }
        reason = self.agreement.reason if isinstance(self.agreement, NotComputed) else ""
        r = self.correlation if isinstance(self.correlation, Correlation) else None
        related = {
            "r": np.nan if r is None else r.r,
            "r_low": np.nan if r is None else r.low,
            "r_high": np.nan if r is None else r.high,
            "r_p": np.nan if r is None else r.p,
        }
        said = {"invariance": self.invariance, "note": self.note, "reason": reason}
        return pd.DataFrame([{**row, **numbers, **related, **said}])


def compare_roles(
    first: GroupedMoments,
    second: GroupedMoments,
    scale: str,
    roles: tuple[str, str],
    invariance: Invariance = "untested",
    minimum: int = 10,
    adjustment: Adjustment = "holm",
    confidence: float = 0.95,
    hidden: Collection[str] = (),
) -> RoleComparison:
    """Compare two roles on a scale school by school.

    In a school: x̄_a - x̄_b with Welch's t and limits, p adjusted over schools; over schools `agreement` and
    Pearson's r of the two means. Formulas: those of `welch_t`, `agreement` and `pearson`.

    Parameters
    ----------
    first, second : GroupedMoments
        Of each role, one group a school, both with the column `scale`, made of the items they share.
    scale : str
        Column compared.
    roles : tuple of str
        Their names; differences are the first less the second.
    invariance : str
        How far measurement is the same in both, from a test of invariance: the comparison is made all the
        same, and ``note`` says where it must not be read as one of satisfaction.
    minimum : int
        Schools with fewer respondents of either role are not shown and do not count to the summary, which
        would otherwise give them away.
    adjustment : str
        Of p over schools.
    confidence : float
        Level of all limits.
    hidden : collection of str
        Further schools that are not shown, so that no small one follows by subtraction: `schools_to_hide`.

    References
    ----------
    Bland, J. M. & Altman, D. G. (1986). Lancet 327, 307-310; Steenkamp, J.-B. & Baumgartner, H. (1998). J.
    Consumer Research 25, 78-90 (invariance). R: ``t.test(a, b)`` by school; ``cor.test`` of school means.
    """
    keys = tuple(dict.fromkeys((*first.keys, *second.keys)))
    results: list[GroupTest | NotComputed] = []
    means: list[tuple[float, float]] = []
    for key in keys:
        pair = [_moments(record, key, scale) for record in (first, second)]
        means.append((float(pair[0].mean[0]), float(pair[1].mean[0])))
        if key in hidden or min(moments.n for moments in pair) < max(minimum, 2):
            results.append(NotComputed("role_comparison", SMALL_CELL, {"minimum": max(minimum, 2)}))
        else:
            results.append(welch_t(_two(pair, roles), scale, roles, confidence))
    p = [found.p if isinstance(found, GroupTest) else np.nan for found in results]
    together = adjusted(p, adjustment).tolist()
    unknown = (np.nan, np.nan)
    schools = tuple(
        SchoolComparison(key, found, pair if isinstance(found, GroupTest) else unknown, q)
        for key, found, pair, q in zip(keys, results, means, together, strict=True)
    )
    shown = [school for school in schools if isinstance(school.result, GroupTest)]
    pairs = np.array([school.means for school in shown]).reshape(-1, 2)
    errors = [_error(school.result, confidence) for school in shown if isinstance(school.result, GroupTest)]
    return RoleComparison(
        scale,
        roles,
        invariance,
        schools,
        agreement(pairs[:, 0] - pairs[:, 1], np.array(errors), confidence),
        _correlation(pairs, roles, confidence),
    )


def schools_to_hide(first: GroupedMoments, second: GroupedMoments, minimum: int) -> tuple[str, ...]:
    """Return the schools of enough respondents to hide, so that no smaller one follows by subtraction.

    A school is hidden for both roles where either has too few. Each role's total may be known: what is hidden
    of a role in which a small school is hidden must be of two schools at least, and of `minimum` respondents.
    The schools of fewest respondents are taken.

    Parameters
    ----------
    first, second : GroupedMoments
        Of each role, by school; respondents without a school are hidden too.
    minimum : int
        Smallest number shown.
    """
    keys = tuple(dict.fromkeys((*first.keys, *second.keys)))
    counts = [dict(zip(record.keys, record.n.tolist(), strict=True)) for record in (first, second)]
    n = np.array([[count.get(key, 0) for key in keys] for count in counts]).reshape(2, -1)
    small: npt.NDArray[np.bool_] = np.asarray((n < minimum).any(axis=0))
    hidden = small.copy()
    order = np.argsort(n.min(axis=0), kind="stable")
    for place in (None, *order):
        if place is not None:
            hidden[place] = True
        if all(_safe(row, hidden, minimum) for row in n):
            break
    return tuple(key for key, more in zip(keys, hidden & ~small, strict=True) if more)


def _safe(n: npt.NDArray[np.int64], hidden: npt.NDArray[np.bool_], minimum: int) -> bool:
    """Return whether a role's total less the schools shown gives away no small school."""
    held = n[hidden & (n > 0)]
    if not (held < minimum).any():
        return True
    return len(held) > 1 and int(held.sum()) >= minimum


def agreement(
    differences: Array, errors: Array | None = None, confidence: float = 0.95
) -> Agreement | NotComputed:
    """Sum up differences of schools as Bland and Altman do; see `Agreement`.

    Limits of agreement = d̄ ± z·s_d, each with standard error √(3/S)·s_d; limits of the mean d̄ ± t·s_d/√S.

    Parameters
    ----------
    differences : (S,) array
        One a school.
    errors : (S,) array, optional
        Their standard errors, to tell chance from schools that truly differ.
    confidence : float
        Level of the limits of the mean difference.

    References
    ----------
    Bland, J. M. & Altman, D. G. (1986). Lancet 327, 307-310. R: ``mean(d) + c(-1, 1) * 1.96 * sd(d)``,
    ``t.test(d)``.
    """
    count = len(differences)
    if count < FEWEST_SCHOOLS:
        details = {"schools": count, "needed": FEWEST_SCHOOLS}
        return NotComputed("role_agreement", "roles-few-schools", details, count)
    mean, sd = float(differences.mean()), float(differences.std(ddof=1))
    error = sd / np.sqrt(count)
    reach = float(special.stdtrit(count - 1, 0.5 + confidence / 2.0)) * error
    width = 1.959963984540054 * sd
    chance = float(np.mean(np.square(errors))) if errors is not None and len(errors) else np.nan
    p = 2.0 * float(special.stdtr(count - 1, -abs(mean) / error)) if sd > 0 else np.nan
    return Agreement(
        schools=count,
        mean=mean,
        low=mean - reach,
        high=mean + reach,
        sd=sd,
        lower_limit=mean - width,
        upper_limit=mean + width,
        limit_se=float(np.sqrt(3.0 / count) * sd),
        chance_share=min(chance / sd**2, 1.0) if sd > 0 else np.nan,
        sd_beyond_chance=float(np.sqrt(max(sd**2 - chance, 0.0))) if np.isfinite(chance) else np.nan,
        p=p,
    )


def _moments(record: GroupedMoments, key: str, scale: str) -> Moments:
    column = record.select((scale,))
    if key in column.keys:
        return column.group(key)
    return Moments((scale,), 0, 0, column.shift, np.zeros(1), np.zeros((1, 1)))


def _two(pair: Sequence[Moments], roles: tuple[str, str]) -> GroupedMoments:
    """Return the two roles of a school as two groups."""
    moved = [pair[0], pair[1].shifted(pair[0].shift)]
    return GroupedMoments(
        moved[0].columns,
        roles,
        np.array([moments.n for moments in moved]),
        np.array([moments.missing for moments in moved]),
        0,
        moved[0].shift,
        np.array([moments.total for moments in moved]),
        np.array([moments.cross for moments in moved]),
    )


def _error(test: GroupTest, confidence: float) -> float:
    """Return the standard error of a school's difference, from its limits."""
    if test.difference is None or test.difference_high is None or test.df1 is None:
        return np.nan
    reach = test.difference_high - test.difference
    return reach / float(special.stdtrit(test.df1, 0.5 + confidence / 2.0))


def _correlation(pairs: Array, roles: tuple[str, str], confidence: float) -> Correlation | NoCorrelation:
    count = len(pairs)
    r = np.nan
    if count > 1 and bool((pairs.std(axis=0) > 0).all()):
        r = float(np.asarray(np.corrcoef(pairs.T))[0, 1])
    return with_inference(roles[0], roles[1], "school_means", "pearson", r, count, count - 2.0, confidence)
