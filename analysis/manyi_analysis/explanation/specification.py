"""One question asked in every defensible way: estimates over specifications, none of them preferred."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.explanation.bias_reduced import BiasReducedRegression
from manyi_analysis.explanation.ols import INTERCEPT, Regression
from manyi_analysis.records.notcomputed import NotComputed

SPECIFICATION_COLUMNS = (
    *("specification", "outcome", "cleaning", "controls", "term", "estimate", "low", "high", "p", "n"),
    "reason",
)


@dataclass(frozen=True, slots=True)
class Specification:
    """One way to ask the question.

    Parameters
    ----------
    outcome, cleaning, controls : str
        Names of the outcome's definition, of the cleaning applied, of the set of controls.
    """

    outcome: str
    cleaning: str
    controls: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a specification says about a term.

    Parameters
    ----------
    term : str
    estimate, low, high, p : float
        Comparable between specifications: outcomes on unlike scales must be standardized by the fit.
    n : int
        Respondents used.
    """

    term: str
    estimate: float
    low: float
    high: float
    p: float
    n: int


Fit = Callable[[Specification], Sequence[Estimate] | NotComputed]


@dataclass(frozen=True, slots=True)
class TermSummary:
    """A term over all specifications that could be computed.

    Parameters
    ----------
    term : str
    specifications, computed : int
        Specifications asked, and those that gave an estimate.
    median, smallest, largest : float
        Of the estimates.
    positive, negative : float
        Share of estimates above and below zero.
    same_sign : float
        Share with the sign of the median.
    significant : float
        Share with p below `alpha`, whichever sign.
    significant_same_sign : float
        Share with p below `alpha` and the sign of the median.
    alpha : float
    """

    term: str
    specifications: int
    computed: int
    median: float
    smallest: float
    largest: float
    positive: float
    negative: float
    same_sign: float
    significant: float
    significant_same_sign: float
    alpha: float


@dataclass(frozen=True, slots=True)
class SpecificationCurve:
    """Estimates over specifications, in the order asked.

    Parameters
    ----------
    results : tuple of (Specification, tuple of Estimate or NotComputed)
        One a specification; those that failed keep their reason.
    alpha : float
        Level at which an estimate counts as significant.
    """

    results: tuple[tuple[Specification, tuple[Estimate, ...] | NotComputed], ...]
    alpha: float
    method: str = "specification curve, descriptive"
    source: str = "Simonsohn, Simmons & Nelson (2020)"

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the terms that any specification estimated, in the order met."""
        found = (
            one.term for _, result in self.results if not isinstance(result, NotComputed) for one in result
        )
        return tuple(dict.fromkeys(found))

    def summaries(self) -> tuple[TermSummary, ...]:
        """Return median, range and shares of sign and significance of every term.

        Specifications share respondents, so the shares describe and are no test.
        """
        return tuple(self._summary(term) for term in self.terms)

    def _summary(self, term: str) -> TermSummary:
        found = [
            one
            for _, result in self.results
            if not isinstance(result, NotComputed)
            for one in result
            if one.term == term
        ]
        values = np.array([one.estimate for one in found])
        clear = np.array([one.p < self.alpha for one in found])
        median = float(np.median(values))
        agrees = np.sign(values) == np.sign(median)
        return TermSummary(
            term=term,
            specifications=len(self.results),
            computed=len(found),
            median=median,
            smallest=float(values.min()),
            largest=float(values.max()),
            positive=float((values > 0).mean()),
            negative=float((values < 0).mean()),
            same_sign=float(agrees.mean()),
            significant=float(clear.mean()),
            significant_same_sign=float((clear & agrees).mean()),
            alpha=self.alpha,
        )

    def to_frame(self) -> pd.DataFrame:
        """Return one row a specification and term: table ``specification``; failed ones with their reason."""
        rows: list[dict[str, object]] = []
        for number, (asked, result) in enumerate(self.results, start=1):
            base: dict[str, object] = {
                "specification": number,
                "outcome": asked.outcome,
                "cleaning": asked.cleaning,
                "controls": asked.controls,
            }
            if isinstance(result, NotComputed):
                rows += [
                    {**base, "term": term, "n": result.n, "reason": result.reason}
                    for term in self.terms or ("",)
                ]
                continue
            for one in result:
                values = {name: getattr(one, name) for name in ("estimate", "low", "high", "p", "n")}
                rows.append({**base, "term": one.term, **values, "reason": ""})
        frame = pd.DataFrame(rows, columns=list(SPECIFICATION_COLUMNS))
        numbers = {name: np.float64 for name in ("estimate", "low", "high", "p")}
        return frame.astype({**numbers, "n": np.int64, "specification": np.int64})

    def summary_to_frame(self) -> pd.DataFrame:
        """Return one row a term."""
        names = list(TermSummary.__dataclass_fields__)
        return pd.DataFrame(
            [{name: getattr(one, name) for name in names} for one in self.summaries()], columns=names
        )


def specifications(
    outcomes: Iterable[str], cleanings: Iterable[str], controls: Iterable[str]
) -> tuple[Specification, ...]:
    """Return every combination, outcomes slowest.

    >>> len(specifications(["a", "b"], ["all", "strict"], ["none", "background", "full"]))
    12
    """
    cleanings, controls = tuple(cleanings), tuple(controls)
    return tuple(
        Specification(outcome, cleaning, control)
        for outcome in outcomes
        for cleaning in cleanings
        for control in controls
    )


def specification_curve(asked: Sequence[Specification], fit: Fit, alpha: float = 0.05) -> SpecificationCurve:
    r"""Fit every specification and keep all of what it says.

    Of a term's m estimates :math:`\hat\theta_i` the summary tells the median and the shares
    :math:`\#(\hat\theta_i < 0) / m` and :math:`\#(p_i < \alpha) / m`.

    Parameters
    ----------
    asked : sequence of Specification
        All that could be defended beforehand, not those that turned out well.
    fit : callable
        Returns the estimates of a specification, or why there are none.
    alpha : float
        Level at which an estimate counts as significant.

    References
    ----------
    Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Nature Human Behaviour 4, 1208-1214; Steegen, S.
    et al. (2016). Perspectives on Psychological Science 11, 702-712 (multiverse). R: ``specr::specr``.
    """
    results: list[tuple[Specification, tuple[Estimate, ...] | NotComputed]] = []
    for one in asked:
        found = fit(one)
        results.append((one, found if isinstance(found, NotComputed) else tuple(found)))
    return SpecificationCurve(tuple(results), alpha)


def standardized_estimates(
    fit: Regression | BiasReducedRegression, terms: Sequence[str] | None = None
) -> tuple[Estimate, ...]:
    r"""Return the standardized coefficients of a regression with their limits, for a curve over outcomes.

    :math:`\beta_j = b_j s_j / s_y`. Limits are those of b, scaled alike; p is that of b.

    Parameters
    ----------
    fit : Regression or BiasReducedRegression
    terms : sequence of str, optional
        Those asked about; default all but the intercept.

    References
    ----------
    Cohen, J., Cohen, P., West, S. G. & Aiken, L. S. (2003). Applied Multiple Regression, 3rd ed., sec. 3.2.
    R: ``lm(scale(y) ~ scale(x))``, ``confint``.
    """
    plain = fit.fit if isinstance(fit, BiasReducedRegression) else fit
    frame = fit.to_frame()
    result = []
    for term, b, beta, low, high, p in zip(
        frame["term"], frame["b"], frame["beta"], frame["low"], frame["high"], frame["p"], strict=True
    ):
        if term == INTERCEPT or (terms is not None and term not in terms):
            continue
        ratio = beta / b if b != 0 else 0.0
        result.append(Estimate(term, float(beta), float(low * ratio), float(high * ratio), float(p), plain.n))
    return tuple(result)
