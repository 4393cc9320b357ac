"""Weighted means, shares and ratios of domains, with their design-based variances."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.design_based.linearised import Influence, variances
from manyi_analysis.design_based.survey_design import SurveyDesign

Array = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]
Indices = npt.NDArray[np.intp]
#: Differences of values below this are rounding.
ROUNDING = 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class DomainEstimates:
    """Estimates of L domains.

    Parameters
    ----------
    n : (L,) array of int
        Respondents.
    weighted_n : (L,) array
        Sum of their weights.
    value, variance : (L,) array
        The estimate and its design-based variance; NaN in a domain without respondents.
    deff : (L,) array
        Variance over that of a simple random sample with replacement of as many respondents; NaN for
        ratios, and where that is 0.
    unweighted : (L,) array
        The same estimate without weights.
    units, strata : (L,) array of int
        First-stage units and strata with respondents of the domain.
    """

    n: Counts
    weighted_n: Array
    value: Array
    variance: Array
    deff: Array
    unweighted: Array
    units: Counts
    strata: Counts

    @property
    def df(self) -> Counts:
        """Return the degrees of freedom: units less strata, of those with respondents of the domain."""
        return self.units - self.strata

    @property
    def se(self) -> Array:
        """Return the standard errors."""
        return np.sqrt(self.variance)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a domain."""
        return pd.DataFrame(
            {
                "n": self.n,
                "weighted_n": self.weighted_n,
                "value": self.value,
                "se": self.se,
                "df": self.df,
                "deff": self.deff,
                "unweighted": self.unweighted,
                "units": self.units,
            }
        )


def domain_means(
    design: SurveyDesign, values: Array, domain: Indices | None = None, levels: int = 1
) -> DomainEstimates:
    r"""Estimate a mean in every domain.

    .. math:: \hat\mu = \frac{\sum w y}{\sum w}, \quad u = \frac{y - \hat\mu}{\sum w}

    Parameters
    ----------
    design : SurveyDesign
    values : (n,) array
        NaN is missing and left out; strata and units keep all their members, since the domain is random.
    domain : (n,) array of int, optional
        Level of each respondent, −1 for none; without it all are one domain.
    levels : int
        Number of domains.

    References
    ----------
    Särndal, Swensson & Wretman (1992). Model Assisted Survey Sampling, sec. 5.7, 5.8. R:
    ``survey::svyby(~y, ~domain, design, svymean, na.rm = TRUE, deff = "replace")``.
    """
    return _estimates(design, values, None, domain, levels)


def domain_ratios(
    design: SurveyDesign, numerator: Array, denominator: Array, domain: Indices | None = None, levels: int = 1
) -> DomainEstimates:
    r"""Estimate a ratio of totals in every domain; parameters as in `domain_means`.

    .. math:: \hat R = \frac{\sum w y}{\sum w x}, \quad u = \frac{y - \hat R x}{\sum w x}

    References
    ----------
    Särndal, Swensson & Wretman (1992), sec. 5.6. R: ``survey::svyratio(~y, ~x, design, na.rm = TRUE)``.
    """
    return _estimates(design, numerator, denominator, domain, levels)


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """What estimates of ratios in L domains are made from.

    Parameters
    ----------
    n, weighted_n : (L,) array
        Respondents, and the sum of their weights.
    value, unweighted : (L,) array
        The ratio, with weights and without.
    spread : (L,) array or None
        Weighted variance of the values, divisor the weights; None for ratios that are no means.
    denominator : (L,) array
        Weighted total below the line.
    by_unit : pair of (L, units) arrays
        Weighted totals above and below the line.
    by_combination : pair of (L, combinations) arrays or None
        The same with the weights before calibration.
    there : (L, units) array of bool
        Units with respondents of the domain.
    """

    n: Array
    weighted_n: Array
    value: Array
    unweighted: Array
    spread: Array | None
    denominator: Array
    by_unit: tuple[Array, Array]
    by_combination: tuple[Array, Array] | None
    there: npt.NDArray[np.bool_]


def estimates_of(
    design: SurveyDesign, sums: Sums, shift: float, rows: Callable[[int], Array] | None
) -> DomainEstimates:
    """Return the estimates of L domains from their sums.

    Parameters
    ----------
    design : SurveyDesign
    sums : Sums
        Of values less `shift`.
    shift : float
        Added to the estimates again.
    rows : callable, optional
        Influence of every respondent on an estimate, for the second stage.
    """
    rate = np.nan_to_num(sums.value)[:, None]
    size = np.where(sums.denominator == 0.0, 1.0, sums.denominator)[:, None]

    def influence(parts: tuple[Array, Array]) -> Array:
        return np.asarray((parts[0] - rate * parts[1]) / size)

    present = np.add.reduceat(sums.there, design.starts, axis=1) > 0
    by_combination = influence(sums.by_combination) if sums.by_combination is not None else None
    found = variances(design, Influence(influence(sums.by_unit), by_combination, rows), present)
    variance = np.where(sums.n > 0, found, np.nan)
    deff = np.full(sums.n.size, np.nan)
    if sums.spread is not None:
        # Where all respondents are alike what is left is rounding.
        alike = sums.spread <= (ROUNDING * max(abs(shift), 1.0)) ** 2
        variance = np.where(alike & (sums.n > 0), 0.0, variance)
        with np.errstate(divide="ignore", invalid="ignore"):
            simple = sums.spread / (sums.n - 1.0)
            deff = np.where((sums.n > 1) & ~alike, variance / simple, np.nan)
    return DomainEstimates(
        sums.n.astype(np.int64),
        sums.weighted_n,
        sums.value + shift,
        variance,
        deff,
        sums.unweighted + shift,
        sums.there.sum(axis=1).astype(np.int64),
        present.sum(axis=1).astype(np.int64),
    )


def _estimates(
    design: SurveyDesign, y: Array, x: Array | None, domain: Indices | None, levels: int
) -> DomainEstimates:
    place = np.zeros(y.size, dtype=np.intp) if domain is None else domain
    used = ~np.isnan(y) & (place >= 0)
    if x is not None:
        used &= ~np.isnan(x)
    # One domain more at the end holds those who are in none.
    place = np.where(used, place, levels)
    weight = np.where(used, design.weight, 0.0)
    # About a constant near the means, so that no digits are lost; a ratio has no such constant.
    shift = float(y[used].mean()) if used.any() and x is None else 0.0
    top = np.where(used, y - shift, 0.0)
    bottom = used.astype(np.float64) if x is None else np.where(used, x, 0.0)

    def summed(column: Indices | int, width: int, values: Array | None) -> Array:
        found = np.bincount(place * width + column, values, minlength=(levels + 1) * width)
        return found.reshape(-1, width)[:levels].astype(np.float64)

    def totals(values: Array) -> Array:
        return summed(0, 1, values)[:, 0]

    above, below = totals(weight * top), totals(weight * bottom)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = above / below
        unweighted = totals(top) / totals(bottom)
        rate = np.append(np.nan_to_num(ratio), 0.0)
        spread = None if x is not None else totals(weight * (top - rate[place]) ** 2) / below
    by_combination = None
    if design.calibrated is not None:
        made, start = design.calibrated, np.where(used, design.calibrated.base, 0.0)
        count = len(made.indicators)
        by_combination = (
            summed(made.combination, count, start * top),
            summed(made.combination, count, start * bottom),
        )

    def rows(number: int) -> Array:
        size = below[number] if below[number] != 0.0 else 1.0
        return np.where(place == number, (top - rate[number] * bottom) / size, 0.0)

    sums = Sums(
        n=totals(used.astype(np.float64)),
        weighted_n=totals(weight),
        value=ratio,
        unweighted=unweighted,
        spread=spread,
        denominator=below,
        by_unit=(
            summed(design.unit, design.units, weight * top),
            summed(design.unit, design.units, weight * bottom),
        ),
        by_combination=by_combination,
        there=summed(design.unit, design.units, None) > 0,
    )
    return estimates_of(design, sums, shift, rows)


def category_shares(design: SurveyDesign, codes: Indices, categories: int) -> DomainEstimates:
    """Estimate the share of every category among those who have one, all at once.

    Formula: that of `domain_means` with y = 1 in the category and else 0.

    Parameters
    ----------
    design : SurveyDesign
    codes : (n,) array of int
        Category of each respondent, −1 where missing.
    categories : int
        L, their number.

    Returns
    -------
    DomainEstimates
        One a category; ``n`` counts the respondents of the category, ``weighted_n`` their weights, ``units``
        and ``strata`` those of everybody who has a category.

    Notes
    -----
    R: ``survey::svymean(~factor(code), design, na.rm = TRUE, deff = "replace")``.

    References
    ----------
    Särndal, Swensson & Wretman (1992). Model Assisted Survey Sampling, sec. 5.7.
    """
    used = codes >= 0
    place = np.where(used, codes, categories)
    weight = np.where(used, design.weight, 0.0)
    n = np.bincount(place, minlength=categories + 1)[:categories].astype(np.float64)
    weighted = np.bincount(place, weight, minlength=categories + 1)[:categories].astype(np.float64)
    answered, total = float(n.sum()), float(weight.sum())
    size = total if total > 0 else 1.0
    share = weighted / size

    def table(column: Indices, width: int, values: Array) -> Array:
        flat = place * width + column
        found = np.bincount(flat, values, minlength=(categories + 1) * width).reshape(-1, width)
        return found[:categories].astype(np.float64)

    by_unit = table(design.unit, design.units, weight)
    by_unit = (by_unit - share[:, None] * by_unit.sum(axis=0)) / size
    by_combination = None
    if design.calibrated is not None:
        start = np.where(used, design.calibrated.base, 0.0)
        found = table(design.calibrated.combination, len(design.calibrated.indicators), start)
        by_combination = (found - share[:, None] * found.sum(axis=0)) / size

    def of_rows(number: int) -> Array:
        return np.where(used, ((codes == number) - share[number]) / size, 0.0)

    there = np.bincount(design.unit, used, minlength=design.units) > 0
    present = np.add.reduceat(there, design.starts) > 0
    everywhere = np.broadcast_to(present, (categories, present.size))
    variance = variances(design, Influence(by_unit, by_combination, of_rows), everywhere)
    with np.errstate(divide="ignore", invalid="ignore"):
        simple = share * (1.0 - share) / (answered - 1.0)
        deff = np.where((answered > 1) & (simple > 0), variance / simple, np.nan)
        unweighted = n / answered
    lost = np.nan if answered == 0 else 1.0
    return DomainEstimates(
        n.astype(np.int64),
        weighted,
        share * lost,
        variance * lost,
        deff,
        unweighted,
        np.full(categories, int(there.sum()), dtype=np.int64),
        np.full(categories, int(present.sum()), dtype=np.int64),
    )
