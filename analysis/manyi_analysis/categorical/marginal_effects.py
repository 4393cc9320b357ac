"""Average marginal effects: how much a predictor changes the share who answer at or above a level."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.categorical.cumulative_link import LINKS
from manyi_analysis.categorical.distinct_rows import DistinctRows
from manyi_analysis.categorical.ordinal import OrdinalRegression
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class MarginalEffects:
    """Average marginal effects of k predictors on P(answer >= level).

    Parameters
    ----------
    outcome, link : str
    at_least : float
        The level.
    columns : tuple of str
        The k predictors.
    discrete : tuple of bool
        Whether the effect is that of a step from 0 to 1; else it is a slope.
    n, clusters : int
        As in the regression.
    share : float
        Mean fitted probability.
    effect, se : ndarray, shape (k,)
        Effects on the probability and their delta-method errors, of the kind the regression has.
    df : float
        Of t.
    confidence : float
        Level of the confidence limits.
    """

    outcome: str
    link: str
    at_least: float
    columns: tuple[str, ...]
    discrete: tuple[bool, ...]
    n: int
    clusters: int
    share: float
    effect: Floats
    se: Floats
    df: float
    confidence: float
    method: str = "average over respondents, delta method"
    source: str = "Bartus (2005)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a predictor; ``effect`` is in points of probability, .05 five points of per cent."""
        reach = float(stats.t.ppf(0.5 + self.confidence / 2.0, self.df)) * self.se
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "at_least": self.at_least,
                "term": self.columns,
                "kind": ["step" if step else "slope" for step in self.discrete],
                "effect": self.effect,
                "se": self.se,
                "df": self.df,
                "p": 2.0 * stats.t.sf(np.abs(self.effect / self.se), self.df),
                "low": self.effect - reach,
                "high": self.effect + reach,
                "n": self.n,
                "reason": "",
            }
        )


def average_marginal_effects(
    fit: OrdinalRegression,
    rows: DistinctRows,
    at_least: float | None = None,
    dummies: Sequence[Sequence[str]] = (),
) -> MarginalEffects:
    r"""Average over respondents what a predictor does to the probability of an answer at or above a level.

    A numeric predictor, with density f of the link and threshold :math:`\tau`:
    :math:`\frac{1}{n} \sum_i f(x_i'b - \tau) b_j`. A column of 0 and 1:
    :math:`\frac{1}{n} \sum_i F(x_i'b - \tau \mid x_j = 1) - F(x_i'b - \tau \mid x_j = 0)`, the other dummies
    of the same predictor at 0. Standard errors by the delta method.

    Parameters
    ----------
    fit : OrdinalRegression
        Ordinal or binary.
    rows : DistinctRows
        It was fitted to.
    at_least : float, optional
        A level but the lowest; default the highest.
    dummies : sequence of sequence of str
        Dummies of one predictor, which exclude each other.

    References
    ----------
    Bartus, T. (2005). Stata Journal 5, 309-329. R: ``marginaleffects::avg_slopes``, ``margins::margins``;
    Stata ``margins, dydx(*)``.

    Raises
    ------
    ValueError
        If `at_least` is not one of the levels but the lowest.
    """
    link, k = LINKS[fit.link], len(fit.columns)
    level = fit.levels[-1] if at_least is None else at_least
    cut = fit.levels.index(level) - 1
    if cut < 0:
        raise ValueError(f"every answer is at or above the lowest level {level}")
    weight = rows.weight / rows.weight.sum()
    line = rows.x @ fit.b - fit.thresholds[cut]
    here = link.tails(line)
    siblings = {name: [fit.columns.index(other) for other in names] for names in dummies for name in names}
    effect, jacobian, discrete = np.empty(k), np.zeros((k, len(fit.covariance))), []
    for position, name in enumerate(fit.columns):
        values = rows.x[:, position]
        step = bool(np.isin(values, (0.0, 1.0)).all())
        discrete.append(step)
        if not step:
            density, slope = weight * here.density, weight * here.slope * fit.b[position]
            effect[position] = density.sum() * fit.b[position]
            jacobian[position, :k] = slope @ rows.x
            jacobian[position, position] += density.sum()
            jacobian[position, k + cut] = -slope.sum()
            continue
        base = rows.x.copy()
        base[:, siblings.get(name, [position])] = 0.0
        off_line = base @ fit.b - fit.thresholds[cut]
        on, off = link.tails(off_line + fit.b[position]), link.tails(off_line)
        effect[position] = float(weight @ (on.below - off.below))
        difference = weight * (on.density - off.density)
        jacobian[position, :k] = difference @ base
        jacobian[position, position] += float(weight @ on.density)
        jacobian[position, k + cut] = -difference.sum()
    return MarginalEffects(
        outcome=fit.outcome,
        link=fit.link,
        at_least=float(level),
        columns=fit.columns,
        discrete=tuple(discrete),
        n=fit.n,
        clusters=fit.clusters,
        share=float(weight @ here.below),
        effect=effect,
        se=_spread(jacobian, fit),
        df=fit.df,
        confidence=fit.confidence,
    )


def _spread(jacobian: Floats, fit: OrdinalRegression) -> Floats:
    """Return delta-method errors; `covariance` is that of slopes and thresholds, signs as in the model."""
    return np.asarray(np.sqrt(np.einsum("ij,jk,ik->i", jacobian, fit.covariance, jacobian)))
