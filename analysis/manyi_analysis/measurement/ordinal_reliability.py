"""Reliability of ordered items: alpha and omega of what lies behind them, and omega of their sum."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from manyi_analysis.measurement.bivariate_normal import bivariate_normal_cdf
from manyi_analysis.measurement.conditions import unmet
from manyi_analysis.measurement.polychoric import PolychoricCorrelations
from manyi_analysis.measurement.reliability import Omega, omega_total
from manyi_analysis.records import NotComputed
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True)
class OrdinalAlpha:
    """Ordinal alpha: alpha that the scale would have if its items were continuous.

    It describes latent variables, not the sum of the answers given, and has no interval here: Feldt's
    assumes continuous items (Chalmers, 2018).

    Parameters
    ----------
    items : tuple of str
        The k items, keyed so that higher means more of the scale.
    n, missing : int
        Rows of the pair that has fewest, and those it lacks.
    alpha : float
        From polychoric correlations.
    mean_r : float
        Mean polychoric correlation between items.
    """

    items: tuple[str, ...]
    n: int
    missing: int
    alpha: float
    mean_r: float
    method: str = "alpha from polychoric correlations"
    source: str = "Zumbo, Gadermann & Zeisser (2007)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``k, n, missing, alpha_ordinal, mean_r_polychoric``."""
        return pd.DataFrame(
            {
                "k": [len(self.items)],
                "n": [self.n],
                "missing": [self.missing],
                "alpha_ordinal": [self.alpha],
                "mean_r_polychoric": [self.mean_r],
            }
        )


def ordinal_alpha(correlations: PolychoricCorrelations) -> OrdinalAlpha | NotComputed:
    r"""Compute ordinal alpha, :math:`k \bar r / (1 + (k - 1) \bar r)` with polychoric correlations.

    Returns
    -------
    OrdinalAlpha or NotComputed
        One item, fewer than two rows, correlations that cancel each other out.

    Notes
    -----
    R: ``psych::alpha(psych::polychoric(x)$rho)$total$std.alpha``.

    References
    ----------
    Zumbo, B. D., Gadermann, A. M., & Zeisser, C. (2007). Ordinal versions of coefficients alpha and theta
    for Likert rating scales. Journal of Modern Applied Statistical Methods, 6, 21-29. Chalmers, R. P.
    (2018). Educational and Psychological Measurement, 78, 1056-1071.
    """
    reason = unmet("ordinal_alpha", correlations)
    if reason is not None:
        return reason
    k, total = len(correlations.columns), float(correlations.correlation.sum())
    if total <= 1e-12 * k:
        return NotComputed(
            "ordinal_alpha", "no-total-variance", {"items": correlations.columns}, correlations.n
        )
    return OrdinalAlpha(
        items=correlations.columns,
        n=correlations.n,
        missing=correlations.missing,
        alpha=k / (k - 1) * (1 - k / total),
        mean_r=(total - k) / (k * (k - 1)),
    )


@dataclass(frozen=True, slots=True)
class OrdinalOmega:
    """Omega of ordered items: of the latent variables, and of the sum of the answers.

    Parameters
    ----------
    items : tuple of str
        The k items, keyed so that higher means more of the scale.
    n, missing : int
        Rows of the pair that has fewest, and those it lacks.
    latent : float
        Omega total of the latent variables ("ordinal omega").
    categorical : float
        Reliability of the sum of the answers coded 1, 2, … (Green & Yang's nonlinear coefficient): what a
        scale score, as it is used, has.
    loadings : tuple of float
        Of the one factor of the polychoric correlations.
    heywood : tuple of str
        Items whose unique variance came out at the bound.
    """

    items: tuple[str, ...]
    n: int
    missing: int
    latent: float
    categorical: float
    loadings: tuple[float, ...]
    heywood: tuple[str, ...]
    method: str = "one minres factor of polychoric correlations; nonlinear reliability of the sum of answers"
    source: str = "Gadermann, Guhn & Zumbo (2012); Green & Yang (2009, eq. 21)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``k, n, missing, omega_ordinal, omega_categorical``."""
        return pd.DataFrame(
            {
                "k": [len(self.items)],
                "n": [self.n],
                "missing": [self.missing],
                "omega_ordinal": [self.latent],
                "omega_categorical": [self.categorical],
            }
        )


def ordinal_omega(correlations: PolychoricCorrelations) -> OrdinalOmega | NotComputed:
    r"""Compute omega of ordered items from one factor of their polychoric correlations.

    Latent: :math:`1 - \sum u_i^2 / \sum r_{ij}`, as `omega_total`. Categorical: covariance that the factor
    gives the answers, divided by their covariance,

    .. math:: \frac{\sum_{ij} \sum_{cd} \Phi_2(\tau_{ic}, \tau_{jd}; \lambda_i\lambda_j)
        - \Phi(\tau_{ic})\Phi(\tau_{jd})}
        {\sum_{ij} \sum_{cd} \Phi_2(\tau_{ic}, \tau_{jd}; r_{ij}) - \Phi(\tau_{ic})\Phi(\tau_{jd})},

    where on the diagonal of the denominator :math:`r_{ii} = 1`.

    Returns
    -------
    OrdinalOmega or NotComputed
        As `omega_total`; a polychoric matrix that is not positive definite.

    Notes
    -----
    R: ``psych::omega(rho, nfactors = 1)$omega.tot``; ``semTools::compRelSEM(fit, ord.scale = TRUE)`` of a
    model fitted with ``estimator = "ULS"``, whose loadings are those of minres.

    References
    ----------
    Green, S. B., & Yang, Y. (2009). Reliability of summed item scores using structural equation modeling.
    Psychometrika, 74, 155-167. Gadermann, A. M., Guhn, M., & Zumbo, B. D. (2012). Practical Assessment,
    Research & Evaluation, 17(3).
    """
    latent = omega_total(correlations)
    if not isinstance(latent, Omega):
        return NotComputed("ordinal_omega", latent.code, latent.details, latent.n)
    loadings = np.array(latent.loadings)
    by_factor = answer_covariances(correlations.thresholds, np.outer(loadings, loadings))
    whole = answer_covariances(correlations.thresholds, correlations.correlation)
    total = float(whole.sum())
    if total <= 1e-12 * float(np.trace(whole)):
        return NotComputed("ordinal_omega", "no-total-variance", {"items": latent.items}, latent.n)
    return OrdinalOmega(
        items=latent.items,
        n=latent.n,
        missing=latent.missing,
        latent=latent.omega_total,
        categorical=float(by_factor.sum()) / total,
        loadings=latent.loadings,
        heywood=latent.heywood,
    )


def answer_covariances(thresholds: tuple[Floats, ...], correlation: Floats) -> Floats:
    """Return the covariances of answers coded 1, 2, … that thresholds and latent correlations imply, (k, k).

    A correlation of 1 stands for a variable and itself.
    """
    most = max(len(cuts) for cuts in thresholds)
    padded = np.full((len(thresholds), most), np.inf)
    for position, cuts in enumerate(thresholds):
        padded[position, : len(cuts)] = cuts
    h, k = padded[:, None, :, None], padded[None, :, None, :]
    same = correlation >= 1
    joint = bivariate_normal_cdf(h, k, np.where(same, 0.0, correlation)[:, :, None, None])
    joint = np.where(same[:, :, None, None], special.ndtr(np.minimum(h, k)), joint)
    # An answer is 1 plus the thresholds it passes; those at infinity are passed by none.
    covariances: Floats = (joint - special.ndtr(h) * special.ndtr(k)).sum(axis=(2, 3))
    return covariances
