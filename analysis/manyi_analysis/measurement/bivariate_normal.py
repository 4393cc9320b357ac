"""Density and distribution of two correlated standard normal variables, for many points at once."""

import numpy as np
from scipy import special

from manyi_analysis.records.rows import Floats

TWO_PI = 2 * np.pi


def bivariate_normal_cdf(h: Floats, k: Floats, rho: Floats) -> Floats:
    r"""Return :math:`P(X \le h, Y \le k)`; the three arrays are broadcast.

    By Owen's T function (Owen, 1956, eq. 2.1): :math:`\tfrac12\Phi(h) + \tfrac12\Phi(k) - T(h, a_h)
    - T(k, a_k) - \delta`, with :math:`a_h = (k/h - \rho)/\sqrt{1-\rho^2}` and likewise :math:`a_k`;
    :math:`\delta = \tfrac12` where h and k have opposite signs, else 0. Absolute error below 1e-15.

    Parameters
    ----------
    h, k : ndarray
        Limits; infinite ones are allowed.
    rho : ndarray
        Correlations, in (-1, 1).

    Notes
    -----
    R: ``pbivnorm::pbivnorm(h, k, rho)``, ``mnormt::pmnorm``.

    References
    ----------
    Owen, D. B. (1956). Tables for computing bivariate normal probabilities. Annals of Mathematical
    Statistics, 27, 1075-1090. Patefield, M., & Tandy, D. (2000). Journal of Statistical Software, 5(5).
    """
    h, k, rho = np.broadcast_arrays(h, k, rho)
    # With an infinite limit the other variable stands alone; with -inf nothing is below.
    result: Floats = special.ndtr(np.minimum(h, k))
    finite = np.isfinite(h) & np.isfinite(k)
    x, y, rho = h[finite], k[finite], rho[finite]
    root = np.sqrt((1 - rho) * (1 + rho))
    opposite = ((x < 0) & (y >= 0)) | ((x >= 0) & (y < 0))
    below = (special.ndtr(x) + special.ndtr(y)) / 2 - opposite / 2
    below -= special.owens_t(x, _slope(x, y, rho, root)) + special.owens_t(y, _slope(y, x, rho, root))
    result[finite] = below
    return result


def _slope(x: Floats, y: Floats, rho: Floats, root: Floats) -> Floats:
    """Return Owen's a: infinite where only ``x`` is zero, by symmetry where both are."""
    zero = x == 0
    ratio = np.divide(y, x, out=np.ones_like(x), where=~zero)
    slope: Floats = (ratio - rho) / root
    return np.where(zero & (y != 0), np.where(y < 0, -np.inf, np.inf), slope)


def bivariate_normal_density(h: Floats, k: Floats, rho: Floats) -> Floats:
    """Return the density, 0 at infinity; it is the derivative of the distribution with respect to rho.

    Notes
    -----
    R: ``mnormt::dmnorm``. Derivative: Plackett (1954), Biometrika, 41, 351-360.
    """
    h, k, rho = np.broadcast_arrays(h, k, rho)
    finite = np.isfinite(h) & np.isfinite(k)
    density: Floats = np.zeros(h.shape)
    density[finite] = _density(h[finite], k[finite], rho[finite])
    return density


def _density(x: Floats, y: Floats, rho: Floats) -> Floats:
    rest = (1 - rho) * (1 + rho)
    density: Floats = np.exp(-(x * x - 2 * rho * x * y + y * y) / (2 * rest)) / (TWO_PI * np.sqrt(rest))
    return density


def density_slope(h: Floats, k: Floats, rho: Floats) -> Floats:
    r"""Return the derivative of the density with respect to rho.

    .. math:: \phi_2 \Bigl(\frac{\rho + hk}{1-\rho^2} - \frac{\rho(h^2 - 2\rho hk + k^2)}{(1-\rho^2)^2}\Bigr)
    """
    h, k, rho = np.broadcast_arrays(h, k, rho)
    finite = np.isfinite(h) & np.isfinite(k)
    x, y, rho = h[finite], k[finite], rho[finite]
    rest = (1 - rho) * (1 + rho)
    product = x * y
    factor = (rho + product) / rest - rho * (x * x - 2 * rho * product + y * y) / rest**2
    slope: Floats = np.zeros(h.shape)
    slope[finite] = _density(x, y, rho) * factor
    return slope
