"""What each school adds to the outcome: shrunken (empirical Bayes) effects with their uncertainty."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.multilevel.mixed_model import MixedModel
from manyi_analysis.records.grouped import Counts, GroupedMoments
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class SchoolEffects:
    """Predicted random effects of G schools, for caterpillar and funnel plots.

    Parameters
    ----------
    outcome, name : str
        As in the model.
    keys : tuple of str
        The schools.
    terms : tuple of str
        The q random effects, the intercept first.
    n : ndarray of int, shape (G,)
        Respondents.
    raw : ndarray, shape (G,)
        Mean residual y - Xb of the school, not shrunken.
    effect : ndarray, shape (G, q)
        Best linear unbiased predictions.
    conditional_covariance : ndarray, shape (G, q, q)
        Covariance of the random effects given the data and the fixed effects.
    shrinkage : ndarray, shape (G,)
        Reliability of the school's mean, τ²/(τ² + σ²/n): what is kept of the raw residual in a model with a
        random intercept.
    confidence : float
        Level of the limits.
    """

    outcome: str
    name: str
    keys: tuple[str, ...]
    terms: tuple[str, ...]
    n: Counts
    raw: Floats
    effect: Floats
    conditional_covariance: Floats
    shrinkage: Floats
    confidence: float
    method: str = "best linear unbiased prediction"
    source: str = "Henderson (1975); Raudenbush & Bryk (2002), eq. 3.57; Goldstein & Healy (1995)"

    @property
    def se(self) -> Floats:
        """Return the conditional standard errors, shape (G, q)."""
        variances = np.diagonal(self.conditional_covariance, axis1=1, axis2=2)
        return np.asarray(np.sqrt(np.maximum(variances, 0.0)))

    def to_frame(self) -> pd.DataFrame:
        """Return one row a school and random effect, ``rank`` 1 for the lowest effect of a term.

        ``low`` and ``high`` hold the school against the overall line. ``overlap_low`` and ``overlap_high``
        are for comparing two schools: where two of these intervals do not overlap, they differ at the 5 %
        level on average (1.39 standard errors; Goldstein & Healy, 1995).
        """
        reach = float(stats.norm.ppf(0.5 + self.confidence / 2.0))
        groups, q = self.effect.shape
        effect, se = self.effect.ravel(), self.se.ravel()
        ranks = pd.DataFrame(self.effect).rank(method="min").to_numpy(dtype=np.int64)
        first = np.tile(np.arange(q) == 0, groups)
        return pd.DataFrame(
            {
                "outcome": self.outcome,
                "model": self.name,
                "school": np.repeat(np.array(self.keys, dtype=object), q),
                "term": list(self.terms) * groups,
                "n": np.repeat(self.n, q),
                "raw": np.where(first, np.repeat(self.raw, q), np.nan),
                "effect": effect,
                "se": se,
                "low": effect - reach * se,
                "high": effect + reach * se,
                "overlap_low": effect - PAIRWISE * se,
                "overlap_high": effect + PAIRWISE * se,
                "shrinkage": np.where(first, np.repeat(self.shrinkage, q), np.nan),
                "rank": ranks.ravel(),
            }
        )


#: Standard errors on each side at which two intervals just meet when a difference has p = .05.
PAIRWISE = float(stats.norm.ppf(0.975) / np.sqrt(2.0))


def school_effects(
    model: MixedModel, moments: GroupedMoments, schools: Sequence[str] | None = None
) -> SchoolEffects:
    """Predict every school's random effects: û = DZ'V⁻¹(y - Xb).

    The conditional covariance is σ²Λ(Λ'Z'ZΛ + I)⁻¹Λ', that of the fixed effects left out, as lme4 has it.

    Parameters
    ----------
    model : MixedModel
        Fitted to `moments`.
    moments : GroupedMoments
        One group a school; schools without a respondent are left out.
    schools : sequence of str, optional
        Only these, in this order.

    References
    ----------
    Henderson, C. R. (1975). Biometrics 31, 423-447; Bates, D. et al. (2015). Journal of Statistical Software
    67(1), sec. 5.3. R: ``ranef(fit, condVar = TRUE)``.
    """
    sums = moments.select((model.outcome, *model.columns))
    used = [key for key, n in zip(sums.keys, sums.n, strict=True) if n > 0]
    keys = tuple(used if schools is None else [key for key in schools if key in set(used)])
    place = {key: position for position, key in enumerate(sums.keys)}
    at = np.array([place[key] for key in keys], dtype=np.intp)
    n = sums.n[at]
    # Cross-products of (1, x, y) about the shift; the intercept is moved to match.
    k = len(model.columns)
    order = [*range(1, k + 1), 0]
    cross = np.empty((len(at), k + 2, k + 2))
    cross[:, 0, 0] = n
    cross[:, 0, 1:] = cross[:, 1:, 0] = sums.total[at][:, order]
    cross[:, 1:, 1:] = sums.cross[at][:, order][:, :, order]
    b = model.b.copy()
    b[0] += float(sums.shift[1:] @ b[1:]) - float(sums.shift[0])
    slopes = [model.columns.index(slope) + 1 for slope in model.slopes]
    random = np.zeros((k + 1, 1 + len(slopes)))
    random[0, 0] = 1.0
    for position, index in enumerate(slopes, start=1):
        random[index, position] = 1.0
        random[0, position] = sums.shift[index]
    crossing = random.T @ cross[:, : k + 1, :]
    residual = crossing[:, :, k + 1] - crossing[:, :, : k + 1] @ b
    squares = crossing[:, :, : k + 1] @ random
    relative = model.variances / model.residual_variance
    inner = np.linalg.inv(np.eye(len(slopes) + 1) + relative @ squares)
    conditional = inner @ model.variances
    intercept = model.variances[0, 0]
    return SchoolEffects(
        outcome=model.outcome,
        name=model.name,
        keys=keys,
        terms=model.random_terms,
        n=n,
        raw=residual[:, 0] / n,
        effect=np.einsum("gij,gj->gi", conditional, residual) / model.residual_variance,
        conditional_covariance=(conditional + conditional.transpose(0, 2, 1)) / 2.0,
        shrinkage=intercept / (intercept + model.residual_variance / n),
        confidence=model.confidence,
    )
