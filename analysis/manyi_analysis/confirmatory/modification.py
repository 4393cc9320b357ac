"""What a model's fit would gain if a parameter were free: modification indices and their expected changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.confirmatory.full_information import PatternLikelihood
from manyi_analysis.confirmatory.implied import Implied, Structure
from manyi_analysis.confirmatory.maximum_likelihood import NormalLikelihood
from manyi_analysis.confirmatory.minimum import Discrepancy
from manyi_analysis.confirmatory.parameters import Parameter
from manyi_analysis.confirmatory.samples import Sample
from manyi_analysis.confirmatory.solution import ConfirmatoryAnalysis
from manyi_analysis.records import Moments, PatternMoments
from manyi_analysis.records.rows import Floats
from manyi_analysis.records.threads import one_thread


@dataclass(frozen=True, slots=True)
class ModificationIndex:
    """The gain of freeing one parameter.

    Parameters
    ----------
    parameter : str
        ``visual =~ x9`` or ``x7 ~~ x8``.
    group : str
        Where; empty if there is one.
    index : float
        By how much the test statistic would fall, about: chi-square with one degree of freedom.
    change : float
        Expected value of the parameter, less what it is fixed at.
    standardized_change : float
        The same for items and factors of variance 1.
    """

    parameter: str
    group: str
    index: float
    change: float
    standardized_change: float

    @property
    def p(self) -> float:
        """Return the upper tail."""
        return float(stats.chi2.sf(self.index, 1))


@dataclass(frozen=True, slots=True)
class ModificationIndices:
    """Modification indices of all fixed loadings and error covariances, the largest first.

    They are many and say what would fit this sample better, not what is true: a model changed by them is no
    longer confirmatory (MacCallum, Roznowski & Necowitz, 1992).
    """

    model: str
    n: int
    indices: tuple[ModificationIndex, ...]
    method: str = "Lagrange multiplier test, expected information"
    source: str = "Sörbom (1989)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a parameter: ``model, group, parameter, mi, p, epc, epc_std``."""
        return pd.DataFrame(
            {
                "model": self.model,
                "group": [one.group for one in self.indices],
                "parameter": [one.parameter for one in self.indices],
                "mi": [one.index for one in self.indices],
                "p": [one.p for one in self.indices],
                "epc": [one.change for one in self.indices],
                "epc_std": [one.standardized_change for one in self.indices],
            }
        )


#: What an analysis was made of: one group's record, or each group's.
Data = Moments | PatternMoments | Mapping[str, Moments] | Mapping[str, PatternMoments]


@one_thread()
def modification_indices(result: ConfirmatoryAnalysis, data: Data) -> ModificationIndices:
    r"""Return what freeing each loading and each error covariance that the model fixes at 0 would gain.

    .. math:: MI = N s^2 / V, \quad EPC = s / V, \quad V = I_{pp} - I_{pf} I_{ff}^{-1} I_{fp}

    with the score s and the expected information I of a row at the estimates, p the parameter and f the free
    ones.

    Parameters
    ----------
    result : ConfirmatoryAnalysis
        By maximum likelihood, of complete or of all rows.
    data
        What it was made of.

    Notes
    -----
    R: ``lavaan::modindices(fit, sort. = TRUE)``.

    References
    ----------
    Sörbom, D. (1989). Model modification. Psychometrika, 54, 371-384. Saris, W. E., Satorra, A., & Sörbom,
    D. (1987). The detection and correction of specification errors in structural equation models.
    Sociological Methodology, 17, 105-129.
    """
    candidates = _candidates(result)
    gains = score_tests(result, likelihood_of(result, data), candidates)
    found = []
    for candidate, (index, change) in zip(candidates, gains, strict=True):
        if np.isfinite(index):
            implied = result.implied[candidate.group]
            unit = _unit(candidate, implied, result, candidate.group)
            text = candidate.text
            found.append(
                ModificationIndex(text, result.groups[candidate.group], index, change, change * unit)
            )
    return ModificationIndices(result.model.name, result.n, tuple(sorted(found, key=lambda one: -one.index)))


def likelihood_of(result: ConfirmatoryAnalysis, data: Data) -> Discrepancy:
    """Return the discrepancy that an analysis minimised."""
    groups = data if isinstance(data, Mapping) else {"": data}
    patterns = [one for key in result.groups if isinstance(one := groups[key], PatternMoments)]
    if patterns:
        return PatternLikelihood(patterns)
    moments = [one for key in result.groups if isinstance(one := groups[key], Moments)]
    return NormalLikelihood([Sample.of(one, result.table.items) for one in moments], result.table.means)


@one_thread()
def score_tests(
    result: ConfirmatoryAnalysis, distance: Discrepancy, candidates: Sequence[Parameter]
) -> list[tuple[float, float]]:
    """Return index and expected change of each candidate, one at a time.

    A candidate may stand in the table already: fixed, or equal to others, from which it then is released.
    NaN where it could not be estimated beside the free ones.
    """
    table = result.table.with_free(candidates)
    free, wide = result.table.free, Structure(table)
    values = np.concatenate((result.free, [_current(result, one) for one in candidates]))
    implied = [wide.implied(values, group) for group in wide.groups]
    jacobians = [wide.jacobian(one, group) for group, one in enumerate(implied)]
    information = distance.information(implied, jacobians)
    scores = np.zeros(table.free)
    for group, (by_covariance, by_mean) in enumerate(distance.slopes(implied)):
        scores -= wide.gradient(implied[group], by_covariance, by_mean, group) / 2
    # A released parameter was part of a shared one: the information of that one is the sum of both.
    merge = _merging(result, candidates, free)
    own = np.arange(free, table.free)
    together = merge @ information @ merge.T
    scores_free = merge @ scores
    inverse = np.linalg.inv(together)
    found = []
    for position in own:
        across = merge @ information[:, position]
        left = float(information[position, position] - across @ inverse @ across)
        score = float(scores[position] - across @ inverse @ scores_free)
        if left <= 1e-10 * abs(float(information[position, position])):
            found.append((np.nan, np.nan))
        else:
            found.append((result.n * score**2 / left, score / left))
    return found


def _merging(result: ConfirmatoryAnalysis, candidates: Sequence[Parameter], free: int) -> Floats:
    """Return the matrix that adds released parameters to the shared ones they come from: (q, q + c)."""
    merge = np.hstack((np.eye(free), np.zeros((free, len(candidates)))))
    for position, candidate in enumerate(candidates):
        if candidate.free >= 0:
            merge[candidate.free, free + position] = 1.0
    return merge


def _current(result: ConfirmatoryAnalysis, candidate: Parameter) -> float:
    return float(result.free[candidate.free]) if candidate.free >= 0 else candidate.value


def _candidates(result: ConfirmatoryAnalysis) -> list[Parameter]:
    """Return every loading and error covariance that the model does not have, group by group."""
    items, latents = result.table.items, result.table.latents
    model = result.model
    errors = {frozenset(pair) for pair in model.errors}
    found = []
    for group in range(result.table.groups):
        for j, factor in enumerate(latents):
            if any(one in model.factors for one in model.factors[factor]):
                continue
            found += [
                Parameter(factor, "=~", item, group, "Lambda", i, j, -1, 0.0)
                for i, item in enumerate(items)
                if item not in model.factors[factor]
            ]
        found += [
            Parameter(items[h], "~~", items[i], group, "Theta", h, i, -1, 0.0)
            for i in range(len(items))
            for h in range(i)
            if frozenset((items[h], items[i])) not in errors
        ]
        uncorrelated = [pair for pair in model.uncorrelated if not set(pair) & set(model.explained)]
        for a, b in uncorrelated:
            h, j = sorted((latents.index(a), latents.index(b)))
            found.append(Parameter(latents[h], "~~", latents[j], group, "Psi", h, j, -1, 0.0))
    return found


def _unit(candidate: Parameter, implied: Implied, result: ConfirmatoryAnalysis, group: int) -> float:
    """Return what an expected change is multiplied with: as `standardized`."""
    items = np.diagonal(implied.covariance)
    factors = np.diagonal(implied.factor_covariance)
    if candidate.matrix == "Lambda":
        share = factors[candidate.column] / items[candidate.row]
        return float(np.sqrt(share)) if share > 0 else float("nan")
    if candidate.matrix == "Psi":
        product = factors[candidate.row] * factors[candidate.column]
    else:
        errors = np.array(
            [
                value
                for row, value in zip(result.table.rows, result.estimates, strict=True)
                if row.matrix == "Theta" and row.row == row.column and row.group == group
            ]
        )
        product = errors[candidate.row] * errors[candidate.column]
    return float(1 / np.sqrt(product)) if product > 0 else float("nan")
