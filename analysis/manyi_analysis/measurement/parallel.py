"""Parallel analysis: how many factors and components exceed those of unrelated items."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.measurement.conditions import unmet_by_matrix
from manyi_analysis.measurement.extraction import one_factor
from manyi_analysis.measurement.polychoric import PolychoricCorrelations
from manyi_analysis.records import Correlated, NotComputed
from manyi_analysis.records.rows import Floats
from manyi_analysis.records.threads import one_thread

WISHART = "parallel analysis of correlation matrices drawn from the Wishart distribution"
SEED = 20_170_401
DRAWS = 500
#: Numbers of a batch of drawn matrices (8 MB). Part of the result: random numbers are drawn batch by batch.
BATCH = 2**20
#: One-factor solutions of the drawn matrices: cycles of two sweeps, those extrapolated, and where they stop.
CYCLES, EXTRAPOLATED, LONGEST_STEP, SWEEP_TOLERANCE = 500, 50, 32.0, 1e-5
HIGHEST_LOADING = 0.995**0.5


@dataclass(frozen=True, slots=True)
class ParallelAnalysis:
    """Observed eigenvalues beside a percentile of those of unrelated normal items.

    Parameters
    ----------
    items : tuple of str
        The k items.
    n, missing : int
        Rows used and dropped.
    components, components_percentile : tuple of float
        Eigenvalues of the correlation matrix, and the percentile of the drawn ones, by rank.
    factors, factors_percentile : tuple of float
        The same with the communalities of one minres factor on the diagonal.
    percentile : float
        In (0, 100).
    draws, seed : int
        Matrices drawn, and the seed they were drawn from.
    """

    items: tuple[str, ...]
    n: int
    missing: int
    components: tuple[float, ...]
    components_percentile: tuple[float, ...]
    factors: tuple[float, ...]
    factors_percentile: tuple[float, ...]
    percentile: float
    draws: int
    seed: int
    method: str = WISHART
    source: str = "Horn (1965); Humphreys & Montanelli (1975)"

    @property
    def number_of_components(self) -> int:
        """Return how many leading component eigenvalues exceed their percentile (``_pc``)."""
        return _leading(self.components, self.components_percentile)

    @property
    def number_of_factors(self) -> int:
        """Return how many leading factor eigenvalues exceed their percentile (``_fa``)."""
        return _leading(self.factors, self.factors_percentile)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a rank: ``number, component, component_95, factor, factor_95``.

        The ending is the percentile used.
        """
        ending = f"{self.percentile:g}"
        return pd.DataFrame(
            {
                "number": np.arange(1, len(self.components) + 1),
                "component": self.components,
                f"component_{ending}": self.components_percentile,
                "factor": self.factors,
                f"factor_{ending}": self.factors_percentile,
            }
        )


def parallel_analysis(
    moments: Correlated, percentile: float = 95, draws: int = DRAWS, seed: int = SEED
) -> ParallelAnalysis | NotComputed:
    r"""Compare eigenvalues with those of unrelated items, for components and for common factors.

    The correlation matrix of n rows of k independent normal items is drawn directly (Bartlett's
    decomposition of the Wishart distribution), so that the cost does not depend on n. Common-factor
    eigenvalues are those of the matrix whose diagonal holds the communalities of one minres factor, as in
    ``psych::fa.parallel``. A number counts from the first eigenvalue to the last before one that does not
    exceed its percentile.

    Polychoric correlations of unrelated items vary more than Pearson's. To first order each is the Pearson
    correlation of the two items' normal scores, divided by the standard deviations of those scores (the
    score of the likelihood at zero correlation is their product), and so are the drawn matrices then.

    A factor counts while :math:`\lambda_j > q_{95}(\lambda_j^*)`, with the eigenvalues of the items and
    those of the drawn matrices.

    Parameters
    ----------
    moments : Moments, PairwiseMoments or PolychoricCorrelations
        The items. Pairwise, n is that of the pair with fewest rows.
    percentile : float
        Of the drawn eigenvalues, in (0, 100).
    draws, seed : int
        Matrices drawn, and the seed.

    Returns
    -------
    ParallelAnalysis or NotComputed
        Fewer than three items, a constant item, not more rows than items, a singular matrix.

    Notes
    -----
    R: ``psych::fa.parallel(x, fm = "minres", fa = "both", quant = .95)``: ``nfact``, ``ncomp``; of
    polychoric correlations ``cor = "poly"``, which shuffles the answers.

    References
    ----------
    Horn, J. L. (1965). A rationale and test for the number of factors. Psychometrika, 30, 179-185.
    Humphreys, L. G., & Montanelli, R. G. (1975). An investigation of the parallel analysis criterion.
    Multivariate Behavioral Research, 10, 193-205.
    """
    reason = unmet_by_matrix("parallel_analysis", moments, items=3)
    if reason is not None:
        return reason
    one = one_factor("parallel_analysis", moments)
    if isinstance(one, NotComputed):
        return one
    correlation = moments.correlation
    reduced = correlation.copy()
    np.fill_diagonal(reduced, (one.loadings**2).sum(axis=1))
    spread, method = None, WISHART
    if isinstance(moments, PolychoricCorrelations):
        spread = 1 / np.sqrt(moments.score_variance)
        method = f"{WISHART}, spread as polychoric correlations are"
    with one_thread():
        components, factors = drawn_eigenvalues(len(correlation), moments.n, draws, seed, spread)
    return ParallelAnalysis(
        items=moments.columns,
        n=moments.n,
        missing=moments.missing,
        components=_eigenvalues(correlation),
        components_percentile=tuple(np.percentile(components, percentile, axis=0).tolist()),
        factors=_eigenvalues(reduced),
        factors_percentile=tuple(np.percentile(factors, percentile, axis=0).tolist()),
        percentile=percentile,
        draws=draws,
        seed=seed,
        method=method,
    )


def _leading(observed: tuple[float, ...], limit: tuple[float, ...]) -> int:
    exceeding = np.array(observed) > np.array(limit)
    return len(exceeding) if exceeding.all() else int(np.argmin(exceeding))


def _eigenvalues(matrix: Floats) -> tuple[float, ...]:
    return tuple(np.linalg.eigvalsh(matrix)[::-1].tolist())


def drawn_eigenvalues(
    k: int, n: int, draws: int, seed: int, spread: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return drawn eigenvalues, of components and of the one-factor reduced matrix: shapes (draws, k).

    ``spread``, of shape (k,), multiplies the correlations of each item.
    """
    generator = np.random.default_rng(seed)
    size = max(1, BATCH // k**2)
    components, factors = [], []
    for start in range(0, draws, size):
        drawn = draw_correlations(generator, k, n, min(size, draws - start))
        if spread is not None:
            drawn *= np.outer(spread, spread)
            drawn[:, np.arange(k), np.arange(k)] = 1.0
        values, vectors = np.linalg.eigh(drawn)
        components.append(values[:, ::-1])
        strength = np.sqrt(np.maximum(values[:, -1:] - 1, 0.01))
        loadings = one_factor_loadings(drawn, vectors[:, :, -1] * strength)
        diagonal = np.arange(k)
        drawn[:, diagonal, diagonal] = loadings**2
        factors.append(np.linalg.eigvalsh(drawn)[:, ::-1])
    return np.concatenate(components), np.concatenate(factors)


def draw_correlations(generator: np.random.Generator, k: int, n: int, draws: int) -> Floats:
    """Draw correlation matrices of n rows of k independent normal items, of shape (draws, k, k).

    Bartlett's decomposition: the scatter matrix is ``A A'`` with ``A`` lower triangular, normal below the
    diagonal and on it the roots of chi-squares with n - 1, n - 2, … degrees of freedom.
    """
    triangle = np.zeros((draws, k, k))
    below = np.tril_indices(k, -1)
    triangle[:, below[0], below[1]] = generator.standard_normal((draws, len(below[0])))
    diagonal = np.arange(k)
    triangle[:, diagonal, diagonal] = np.sqrt(generator.chisquare(n - 1 - diagonal, (draws, k)))
    # Rows of length 1: their products are the correlations.
    triangle /= np.sqrt((triangle**2).sum(axis=2, keepdims=True))
    return triangle @ triangle.transpose(0, 2, 1)


def one_factor_loadings(correlations: Floats, start: Floats) -> Floats:
    """Return the minres loadings of one factor for many matrices at once, of shape (draws, k).

    Each sweep sets one loading after another to its least-squares value given the others,
    ``Σ r_ij l_j / Σ l_j²`` over j ≠ i, within ±√.995 (Comrey, 1962; Harman & Jones, 1966). Every second
    sweep is followed by a squared extrapolation (Varadhan & Roland, 2008), which saves most of them.

    Parameters
    ----------
    correlations : ndarray, shape (draws, k, k)
        Correlation matrices.
    start : ndarray, shape (draws, k)
        Loadings to begin with.
    """
    loadings = start.copy()
    active = np.arange(len(loadings))
    current, rows = loadings, np.ascontiguousarray(correlations.transpose(1, 0, 2))
    for cycle in range(CYCLES):
        once = _sweep(rows, current)
        twice = _sweep(rows, once)
        loadings[active] = twice
        moving = np.abs(twice - once).max(axis=1) > SWEEP_TOLERANCE
        if not moving.any():
            break
        # Extrapolation can circle a bound; plain sweeps always descend, and end what is left.
        current = _extrapolated(current, once, twice) if cycle < EXTRAPOLATED else twice
        if moving.mean() < 0.8:
            active, current, rows = active[moving], current[moving], rows[:, moving]
    return loadings


def _sweep(rows: Floats, loadings: Floats) -> Floats:
    """Return loadings of shape (draws, k) after one least-squares pass over the items.

    ``rows`` holds the correlations with the item first: shape (k, draws, k).
    """
    result = loadings.copy()
    squares = (result**2).sum(axis=1)
    for i, row in enumerate(rows):
        own = result[:, i].copy()
        squares -= own * own
        target = np.einsum("dj,dj->d", row, result)
        target -= own
        target /= np.maximum(squares, 1e-12)
        # np.clip takes longer than both of these.
        np.minimum(target, HIGHEST_LOADING, out=target)
        np.maximum(target, -HIGHEST_LOADING, out=target)
        squares += target * target
        result[:, i] = target
    return result


def _extrapolated(before: Floats, once: Floats, twice: Floats) -> Floats:
    """Return the squared extrapolation of two sweeps, never shorter than they went, of shape (draws, k)."""
    step, change = once - before, twice - 2 * once + before
    length = np.sqrt((step**2).sum(axis=1) / np.maximum((change**2).sum(axis=1), 1e-30))
    length = np.clip(length, 1, LONGEST_STEP)[:, None]
    reached = before + 2 * length * step + length**2 * change
    bounded: Floats = np.clip(reached, -HIGHEST_LOADING, HIGHEST_LOADING)
    return bounded
