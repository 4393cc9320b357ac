r"""Confirmatory factor analysis of incomplete answers: every answer counts, no row is dropped.

Each row is judged by the answers o it has,
:math:`\log|\Sigma_{oo}| + (x_o - \mu_o)' \Sigma_{oo}^{-1} (x_o - \mu_o)`. Rows that lack the same answers are
judged together by their moments, so that the cost depends on the patterns of missing answers and not on
respondents. Right where answers are missing at random (Arbuckle, 1996).
"""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from manyi_analysis.confirmatory import fit_indices as fits
from manyi_analysis.confirmatory.implied import Implied, Jacobian, Numbers
from manyi_analysis.confirmatory.minimum import observed_information
from manyi_analysis.confirmatory.model import FactorModel, Scaling
from manyi_analysis.confirmatory.parameters import Equal, lay_out
from manyi_analysis.confirmatory.samples import Sample
from manyi_analysis.confirmatory.solution import ConfirmatoryAnalysis
from manyi_analysis.confirmatory.solving import recorded, solve
from manyi_analysis.confirmatory.starting import continued
from manyi_analysis.missing.expectation_maximization import em_estimate
from manyi_analysis.records import NotComputed, PatternMoments
from manyi_analysis.records.rows import Floats
from manyi_analysis.records.threads import one_thread

#: Patterns whose matrices are inverted at once.
TOGETHER = 64
MISSING_RULE = "full information: all rows with an answer"


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """Some patterns at a model's moments; what a pattern lacks is 0 in all matrices.

    ``rows`` (P,) as floats; ``inverse`` (P, k, k) of the covariances of what is answered; ``spread``
    (P, k, k) mean cross-products about the model's means; ``away`` (P, k) mean deviations; ``logdet`` (P,).
    """

    rows: Floats
    inverse: Numbers
    spread: Numbers
    away: Numbers
    logdet: Numbers


class PatternLikelihood:
    """The discrepancy of G groups of incomplete rows: minus twice the mean log-likelihood, without constant.

    Parameters
    ----------
    patterns : sequence of PatternMoments
        Of each group, the columns in the model's order.
    """

    __slots__ = ("n", "patterns")

    def __init__(self, patterns: Sequence[PatternMoments]) -> None:
        self.patterns = tuple(patterns)
        self.n = sum(int(one.n.sum()) for one in self.patterns)

    def value(self, implied: Sequence[Implied]) -> float:
        """Return the discrepancy; infinity where a covariance matrix is not positive definite."""
        total = 0.0
        for patterns, one in zip(self.patterns, implied, strict=True):
            try:
                np.linalg.cholesky(one.covariance)
            except np.linalg.LinAlgError:
                return np.inf
            for part in _judged(patterns, one.covariance, one.mean):
                fit = part.logdet + (part.inverse * part.spread).sum(axis=(1, 2))
                total += float(part.rows @ fit)
        return total / self.n

    def slopes(self, implied: Sequence[Implied]) -> list[tuple[Numbers, Numbers]]:
        """Return the derivatives by each group's covariances and means."""
        found = []
        for patterns, one in zip(self.patterns, implied, strict=True):
            k = len(patterns.columns)
            by_covariance, by_mean = np.zeros((k, k)), np.zeros(k)
            for part in _judged(patterns, one.covariance, one.mean):
                shares = part.rows / self.n
                slope = part.inverse - part.inverse @ part.spread @ part.inverse
                by_covariance += np.tensordot(shares, slope, axes=1)
                turned = (part.inverse @ part.away[:, :, None])[:, :, 0]
                by_mean -= 2 * shares @ turned
            found.append((by_covariance, by_mean))
        return found

    def information(
        self, implied: Sequence[Implied], jacobians: Sequence[Jacobian], observed: bool = False
    ) -> Floats:
        """Return the information a row carries, shape (q, q); see `Discrepancy`.

        Sums over patterns of Kronecker products are one matrix product each.
        """
        total: Floats = np.zeros((len(jacobians[0].means),) * 2)
        for patterns, one, by in zip(self.patterns, implied, jacobians, strict=True):
            covariances, means = by.covariances(), by.means
            q, k = means.shape
            pairs, triples, singles = np.zeros((k * k, k * k)), np.zeros((k * k, k)), np.zeros((k, k))
            for part in _judged(patterns, one.covariance, one.mean):
                shares = (part.rows / self.n)[:, None, None]
                other = part.inverse / 2
                if observed:
                    other = part.inverse @ part.spread @ part.inverse - part.inverse / 2
                    turned = (part.inverse @ part.away[:, :, None])[:, :, 0]
                    triples += (shares * part.inverse).reshape(-1, k * k).T @ turned
                weighted = shares * part.inverse
                pairs += weighted.reshape(-1, k * k).T @ other.reshape(-1, k * k)
                singles += weighted.sum(axis=0)
            # tr(A K B M) = sum of A[l,i] K[i,j] B[j,m] M[m,l]: pairs hold K[i,j] M[m,l].
            weights = pairs.reshape(k, k, k, k).transpose(3, 0, 1, 2).reshape(k * k, k * k)
            flat = covariances.reshape(q, k * k)
            result = flat @ weights @ flat.T + means @ singles @ means.T
            if observed:
                # mean_b' K A (K d): triples hold K[i,j] (K d)[l].
                reached = np.einsum("ajl,ijl->ai", covariances, triples.reshape(k, k, k), optimize=True)
                cross = reached @ means.T
                result = result + cross + cross.T
            total += (result + result.T) / 2
        return total


def _judged(patterns: PatternMoments, covariance: Numbers, mean: Numbers) -> Iterator[_Judged]:
    """Yield the patterns at a model's means and covariances, some at a time."""
    k = len(patterns.columns)
    centre = mean - patterns.shift
    for start in range(0, len(patterns.n), TOGETHER):
        some = slice(start, start + TOGETHER)
        has = patterns.observed[some].astype(np.float64)
        both = has[:, :, None] * has[:, None, :]
        lacks = np.zeros_like(both)
        lacks[:, np.arange(k), np.arange(k)] = 1 - has
        filled = both * covariance + lacks
        rows = patterns.n[some].astype(np.float64)
        first = patterns.total[some] / rows[:, None]
        away = has * (first - centre)
        about = first[:, :, None] * (has * centre)[:, None, :]
        spread = patterns.cross[some] / rows[:, None, None] - about - about.transpose(0, 2, 1)
        spread = spread + both * np.outer(centre, centre)
        yield _Judged(rows, np.linalg.inv(filled) * both, spread, away, np.linalg.slogdet(filled).logabsdet)


@one_thread()
def cfa_full_information(
    patterns: PatternMoments | Mapping[str, PatternMoments],
    model: FactorModel,
    scaling: Scaling | None = None,
    equal: Collection[Equal] = (),
    released: Collection[str] = (),
    near: ConfirmatoryAnalysis | None = None,
) -> ConfirmatoryAnalysis | NotComputed:
    r"""Fit a factor model to all answers, whatever a row lacks.

    The saturated model that the test compares with is the EM estimate; the baseline has each item's own mean
    and variance. Standard errors are those of the observed information (Kenward & Molenberghs, 1998).

    .. math:: \ell = -\tfrac12 \sum_i \bigl[ p_i \ln 2\pi + \ln|\Sigma_i|
        + (x_i - \mu_i)' \Sigma_i^{-1} (x_i - \mu_i) \bigr]

    is made largest, with the rows and columns of :math:`\mu` and :math:`\Sigma` that belong to what row i
    answered.

    Parameters
    ----------
    patterns : PatternMoments or mapping of str to PatternMoments
        Of the model's items in its order; of each group.
    model, scaling, equal, released, near
        As in `cfa_groups`; means are always modelled.

    Returns
    -------
    ConfirmatoryAnalysis or NotComputed
        As in `cfa`, and what `em_estimate` refuses: an item nobody answered, a constant one. Of several
        groups those are left out and named in the record.

    Raises
    ------
    ValueError
        The columns are not the model's items in its order.

    Notes
    -----
    R: ``lavaan::cfa(model, data, missing = "fiml")``.

    References
    ----------
    Arbuckle, J. L. (1996). Full information estimation in the presence of incomplete data. In Advanced
    structural equation modeling (pp. 243-277). Erlbaum.
    """
    scaling = scaling or model.scaling
    groups = {"": patterns} if isinstance(patterns, PatternMoments) else dict(patterns)
    samples: list[Sample] = []
    left_out: dict[str, NotComputed] = {}
    for key, one in groups.items():
        if one.columns != model.items:
            raise ValueError(f"patterns of {one.columns}, not of {model.items}")
        saturated = em_estimate(one)
        if isinstance(saturated, NotComputed):
            left_out[key] = saturated
        else:
            samples.append(Sample(saturated.n, one.unanswered, saturated.mean, saturated.covariance))
    if left_out and len(groups) == 1:
        return next(iter(left_out.values()))
    if len(samples) < min(len(groups), 2) or not samples:
        n = sum(int(one.n.sum()) for one in groups.values())
        return NotComputed("cfa", "cfa-too-few-groups", {"groups": tuple(left_out)}, n)
    groups = {key: one for key, one in groups.items() if key not in left_out}
    distance = PatternLikelihood(list(groups.values()))
    table = lay_out(model, scaling, len(samples), True, equal, released)
    k = len(model.items)
    count = len(samples) * (k * (k + 1) // 2 + k)
    solved = solve(
        model,
        table,
        distance,
        [one.covariance for one in samples],
        [one.mean for one in samples],
        count,
        distance.n,
        lay_out(model, "variance", len(samples), True, equal, released) if scaling == "marker" else None,
        None if near is None else continued(table, near.estimates),
    )
    if isinstance(solved, NotComputed):
        return solved
    best = sum(_fit_of(one, s.covariance, s.mean) for one, s in zip(groups.values(), samples, strict=True))
    worst = sum(_fit_of(one, *_own(one)) for one in groups.values())
    here = distance.n * solved.found.discrepancy
    answers = sum(int(one.answered.sum()) for one in groups.values())
    fit = fits.fit_indices(
        fits.ChiSquare(max(here - best, 0.0), count - table.free),
        fits.ChiSquare(worst - best, len(samples) * k * (k - 1) // 2),
        distance.n,
        len(samples),
        table.free,
        fits.srmr(samples, solved.found.implied, True),
        -(here + answers * math.log(2 * math.pi)) / 2,
    )
    information = observed_information(solved.structure, distance, solved.found)
    return recorded(
        model,
        solved,
        np.linalg.inv(information) / distance.n,
        fit,
        "FIML",
        scaling,
        tuple(groups),
        tuple(one.n for one in samples),
        sum(one.missing for one in samples),
        MISSING_RULE,
        "full-information maximum likelihood, observed information",
        "Arbuckle (1996); Enders & Bandalos (2001)",
        left_out,
    )


def _fit_of(patterns: PatternMoments, covariance: Floats, mean: Floats) -> float:
    """Return minus twice the log-likelihood of a group's rows, without constant."""
    total = 0.0
    for part in _judged(patterns, covariance, mean):
        total += float(part.rows @ (part.logdet + (part.inverse * part.spread).sum(axis=(1, 2))))
    return total


def _own(patterns: PatternMoments) -> tuple[Floats, Floats]:
    """Return the covariances, all 0, and means of items that have nothing to do with each other."""
    answered = patterns.answered
    mean = patterns.total.sum(axis=0) / answered
    variance = np.diagonal(patterns.cross.sum(axis=0)) / answered - mean**2
    return np.diag(variance), patterns.shift + mean
