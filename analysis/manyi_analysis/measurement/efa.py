"""Exploratory factor analysis of a correlation matrix: extraction, rotation, and what follows from both."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.measurement import extraction as extractions
from manyi_analysis.measurement.conditions import unmet_by_matrix
from manyi_analysis.records import Correlated, NotComputed
from manyi_analysis.records.rows import Floats

ExtractionMethod = Literal["minres", "ml", "paf", "pca"]
RotationMethod = Literal["none", "varimax", "oblimin", "promax"]

#: Rotations stop as R's ``stats::varimax`` and GPArotation do. Run on to 1e-12, varimax loadings of the
#: bfi items move by 9e-4: the criterion is flat there.
ROTATION_TOLERANCE = 1e-5
#: R stops after 1,000 iterations, at rest or not; here a rotation that is not at rest is not a result.
ROTATION_ITERATIONS = 20_000
#: Variance explained, of k, up to which a factor counts as empty.
EMPTY = 1e-8
EXTRACT = {
    "minres": extractions.unweighted_least_squares,
    "ml": extractions.maximum_likelihood,
    "paf": extractions.principal_axes,
    "pca": extractions.principal_components,
}


@dataclass(frozen=True, slots=True, eq=False)
class ModelFit:
    """How well the factors reproduce the correlations; of common factors only.

    Parameters
    ----------
    chi2, df, p
        Likelihood-ratio test with Bartlett's correction. Null hypothesis: m factors suffice. With no
        degree of freedom, p is None.
    rmsr : float
        Root mean square of the residual correlations.
    rmsea, tli : float or None
        Steiger's index, from the corrected chi2, and Tucker and Lewis's (1973); None without a degree of
        freedom.
    """

    chi2: float
    df: int
    p: float | None
    rmsr: float
    rmsea: float | None
    tli: float | None


@dataclass(frozen=True, slots=True, eq=False)
class FactorAnalysis:
    """Rotated factors, in descending order of variance, signed so that the pattern sums to a positive number.

    Parameters
    ----------
    items : tuple of str
        The k items.
    n, missing : int
        Rows used and dropped.
    extraction, rotation : str
        As asked for; with one factor nothing is rotated.
    pattern, structure : ndarray, shape (k, m)
        Weights of the factors in the items; correlations of items and factors. Equal if orthogonal.
    phi : ndarray, shape (m, m)
        Correlations of the factors.
    communalities, uniquenesses : ndarray, shape (k,)
        Variance of each item that the factors explain, and the rest.
    ss_loadings : ndarray, shape (m,)
        Variance explained by each factor, ``diag(Phi L'L)``: right for oblique factors too.
    heywood : tuple of str
        Items whose uniqueness stopped at the bound .005: the solution is improper.
    fit : ModelFit or None
        None for components.
    """

    items: tuple[str, ...]
    n: int
    missing: int
    extraction: ExtractionMethod
    rotation: RotationMethod
    pattern: Floats
    structure: Floats
    phi: Floats
    communalities: Floats
    uniquenesses: Floats
    ss_loadings: Floats
    heywood: tuple[str, ...]
    fit: ModelFit | None
    method: str
    source: str = (
        "Harman & Jones (1966); Jöreskog (1967); Kaiser (1958); Jennrich (2002); Hendrickson & White (1964)"
    )

    @property
    def factors(self) -> tuple[str, ...]:
        """Return the factors' names: F1, F2, …."""
        return tuple(f"F{number}" for number in range(1, len(self.ss_loadings) + 1))

    @property
    def proportion(self) -> Floats:
        """Return the share of the items' variance that each factor explains, shape (m,)."""
        share: Floats = self.ss_loadings / len(self.items)
        return share

    def to_frame(self) -> pd.DataFrame:
        """Return one row an item and factor: ``item, factor, pattern, structure, communality``."""
        k, m = self.pattern.shape
        return pd.DataFrame(
            {
                "item": np.repeat(np.array(self.items, dtype=object), m),
                "factor": list(self.factors) * k,
                "pattern": self.pattern.ravel(),
                "structure": self.structure.ravel(),
                "communality": np.repeat(self.communalities, m),
            }
        )

    def factors_frame(self) -> pd.DataFrame:
        """Return one row a factor: ``factor, ss_loadings, proportion, cumulative``."""
        return pd.DataFrame(
            {
                "factor": self.factors,
                "ss_loadings": self.ss_loadings,
                "proportion": self.proportion,
                "cumulative": self.proportion.cumsum(),
            }
        )

    def correlations_frame(self) -> pd.DataFrame:
        """Return one row a pair of factors: ``a, b, r``."""
        a, b = np.triu_indices(len(self.factors), k=1)
        names = np.array(self.factors, dtype=object)
        return pd.DataFrame({"a": names[a], "b": names[b], "r": self.phi[a, b]})


def efa(
    moments: Correlated,
    factors: int,
    extraction: ExtractionMethod = "minres",
    rotation: RotationMethod = "oblimin",
    tolerance: float = ROTATION_TOLERANCE,
    iterations: int = ROTATION_ITERATIONS,
) -> FactorAnalysis | NotComputed:
    r"""Analyse the correlations of items into factors or components.

    Extraction is `extraction`'s; rotation is factor-analyzer's `Rotator`: varimax (Kaiser normalization),
    oblimin (direct, gamma 0, no normalization), promax (power 4, Kaiser normalization). From the two
    follow, here, what factor-analyzer 0.5.1 has wrong: the correlations of oblique factors, which it leaves
    in another order than the loadings, and communalities and explained variance, where it ignores them.

    The common-factor model of the correlations, with pattern :math:`\Lambda`, factor correlations
    :math:`\Phi` and unique variances :math:`\Psi`, gives structure, communalities and the variance each
    factor explains:

    .. math:: R = \Lambda \Phi \Lambda' + \Psi, \quad S = \Lambda \Phi, \quad
        h_i^2 = (\Lambda \Phi \Lambda')_{ii}, \quad v_j = (\Phi \Lambda' \Lambda)_{jj}

    Parameters
    ----------
    moments : Moments or PairwiseMoments
        The items.
    factors : int
        How many; see `parallel`.
    extraction : {"minres", "ml", "paf", "pca"}
        Unweighted least squares, maximum likelihood, iterated principal axes, principal components.
    rotation : {"none", "varimax", "oblimin", "promax"}
        The last two let factors correlate.
    tolerance : float
        Where a rotation stops. 1e-5 equals R; smaller finds the minimum itself.
    iterations : int
        A rotation may take.

    Returns
    -------
    FactorAnalysis or NotComputed
        One item, a constant item, not more rows than items, a singular or not positive definite matrix, no
        factor, more factors than the items identify, a factor without variance, no
        convergence, a communality above 1 (paf).

    Notes
    -----
    R: ``psych::fa(x, nfactors = m, fm = "minres", rotate = "oblimin")``, ``psych::principal``; SPSS: FACTOR.
    Promax is that of ``psych::fa``: the varimax loadings of items scaled to length 1, to the fourth power.
    SPSS also scales the factors' columns, and ``stats::promax`` scales nothing: loadings differ by .05.

    References
    ----------
    Harman, H. H., & Jones, W. H. (1966). Factor analysis by minimizing residuals. Psychometrika, 31, 351-368.
    Jennrich, R. I. (2002). A simple general method for oblique rotation. Psychometrika, 67, 7-19.
    """
    reason = unmet_by_matrix("efa", moments) or _unidentified(moments, factors, extraction)
    if reason is not None:
        return reason
    correlation = moments.correlation
    try:
        unrotated = EXTRACT[extraction](correlation, factors)
    except extractions.NotConverged as stopped:
        return NotComputed("efa", "not-converged", {"iterations": stopped.iterations}, moments.n)
    except extractions.CommunalityAboveOne as improper:
        items = tuple(moments.columns[position] for position in improper.items)
        return NotComputed("efa", "communality-above-one", {"items": items}, moments.n)
    found = int(np.count_nonzero((unrotated.loadings**2).sum(axis=0) > EMPTY))
    if found < factors:
        return NotComputed("efa", "empty-factor", {"factors": factors, "found": found}, moments.n)
    done: RotationMethod = "none" if factors == 1 else rotation
    rotated = _rotate(unrotated.loadings, done, tolerance, iterations)
    if rotated is None:
        return NotComputed("efa", "not-converged", {"iterations": iterations}, moments.n)
    pattern, phi = _ordered(*rotated)
    fit = None if extraction == "pca" else _fit(correlation, unrotated, moments.n)
    return FactorAnalysis(
        items=moments.columns,
        n=moments.n,
        missing=moments.missing,
        extraction=extraction,
        rotation=done,
        pattern=pattern,
        structure=pattern @ phi,
        phi=phi,
        communalities=(unrotated.loadings**2).sum(axis=1),
        uniquenesses=unrotated.uniquenesses,
        ss_loadings=_ss_loadings(pattern, phi),
        heywood=tuple(moments.columns[position] for position in unrotated.at_bound),
        fit=fit,
        method=f"{extraction} of the correlation matrix, rotation {done}",
    )


def _unidentified(moments: Correlated, factors: int, extraction: ExtractionMethod) -> NotComputed | None:
    """Return why that many factors cannot be extracted, or None."""
    k = len(moments.columns)
    if factors < 1:
        return NotComputed("efa", "no-factors", {"factors": factors}, moments.n)
    if factors > k or (extraction != "pca" and _degrees_of_freedom(k, factors) < 0):
        return NotComputed("efa", "too-many-factors", {"factors": factors, "k": k}, moments.n)
    return None


def _degrees_of_freedom(k: int, factors: int) -> int:
    """Return what k items leave after m common factors."""
    return ((k - factors) ** 2 - (k + factors)) // 2


def _rotate(
    loadings: Floats, rotation: RotationMethod, tolerance: float, iterations: int
) -> tuple[Floats, Floats] | None:
    """Return the pattern, shape (k, m), and the factors' correlations, shape (m, m); None if not at rest."""
    unrelated = np.eye(loadings.shape[1])
    if rotation == "none":
        return loadings, unrelated
    from factor_analyzer.rotator import Rotator

    rotator = Rotator(method=rotation, max_iter=iterations, tol=tolerance)
    pattern = np.asarray(rotator.fit_transform(loadings), dtype=np.float64)
    if rotation == "varimax":
        return pattern, unrelated
    # Unrotated loadings are pattern T' and Phi is T'T, whichever way the rotator stores T.
    axes = np.asarray(np.linalg.lstsq(pattern, loadings, rcond=None)[0].T, dtype=np.float64)
    if rotation == "oblimin" and _slope(pattern, axes) > 2 * tolerance:
        return None
    return pattern, axes.T @ axes


def _slope(pattern: Floats, axes: Floats) -> float:
    """Return how far direct oblimin (quartimin) is from rest: the norm of its projected gradient.

    Jennrich (2002), with ``axes`` his T of shape (m, m), columns of length 1.
    """
    other_factors = 1 - np.eye(len(axes))
    inner = pattern.T @ (pattern * (pattern**2 @ other_factors))
    gradient = -np.linalg.solve(axes.T, inner.T)
    projected = gradient - axes * (axes * gradient).sum(axis=0)
    return float(np.linalg.norm(projected))


def _ordered(pattern: Floats, phi: Floats) -> tuple[Floats, Floats]:
    """Return pattern and correlations with the factors in descending order of variance, signed positive."""
    order = np.argsort(-_ss_loadings(pattern, phi), kind="stable")
    signs = np.where(pattern.sum(axis=0) < 0, -1.0, 1.0)[order]
    return pattern[:, order] * signs, phi[np.ix_(order, order)] * np.outer(signs, signs)


def _ss_loadings(pattern: Floats, phi: Floats) -> Floats:
    """Return ``diag(Phi L'L)``, shape (m,), which sums to the communalities' sum."""
    return np.diagonal(phi @ pattern.T @ pattern).copy()


def _fit(correlation: Floats, unrotated: extractions.Extraction, n: int) -> ModelFit:
    """Return the fit of the factor model, as ``psych::fa`` computes it for any extraction."""
    k, m = unrotated.loadings.shape
    common = unrotated.loadings @ unrotated.loadings.T
    model = common + np.diag(1 - np.diagonal(common))
    df = _degrees_of_freedom(k, m)
    corrected = n - 1 - (2 * k + 5) / 6 - 2 * m / 3
    ratio = np.linalg.solve(model, correlation)
    discrepancy = max(float(np.trace(ratio) - np.linalg.slogdet(ratio).logabsdet) - k, 0.0)
    chi2 = discrepancy * corrected
    residual = (correlation - model)[np.triu_indices(k, k=1)]
    rmsr = float(np.sqrt((residual**2).mean()))
    if df == 0:
        return ModelFit(chi2, 0, None, rmsr, None, None)
    # Per degree of freedom: the null model has no correlations, and one degree for each pair.
    null = -float(np.linalg.slogdet(correlation).logabsdet) / (k * (k - 1) / 2)
    tli = (null - discrepancy / df) / (null - 1 / corrected)
    rmsea = float(np.sqrt(max(chi2 / (df * n) - 1 / (n - 1), 0.0)))
    return ModelFit(chi2, df, float(stats.chi2.sf(chi2, df)), rmsr, rmsea, tli)
