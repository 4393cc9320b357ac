"""Items within and between schools: covariances of each level, item ICCs, and reliability at each level."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from manyi_analysis.measurement.conditions import SINGULAR, unmet
from manyi_analysis.measurement.reliability import Omega, omega_total
from manyi_analysis.records import GroupedMoments, NotComputed
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class LevelMoments:
    """Covariances of k columns at one level, usable wherever moments are.

    Parameters
    ----------
    columns : tuple of str
        The k columns.
    level : str
        ``"within"`` or ``"between"``.
    n : int
        Observations the matrix rests on: respondents less schools + 1 within, schools between.
    missing : int
        Respondents not used.
    mean : ndarray, shape (k,)
        Means over respondents.
    covariance : ndarray, shape (k, k)
        Covariances of that level.
    """

    columns: tuple[str, ...]
    level: str
    n: int
    missing: int
    mean: Floats
    covariance: Floats

    @property
    def sd(self) -> Floats:
        """Return the standard deviations, 0 where the variance is not positive, shape (k,)."""
        sd: Floats = np.sqrt(np.maximum(np.diagonal(self.covariance), 0.0))
        return sd

    @property
    def correlation(self) -> Floats:
        """Return the correlations, shape (k, k); NaN where a variance is not positive.

        Between schools they may exceed 1 in size: the matrix is a difference of two.
        """
        scale = np.where(self.sd > 0, self.sd, np.nan)
        correlation: Floats = self.covariance / np.outer(scale, scale)
        np.fill_diagonal(correlation, np.where(self.sd > 0, 1.0, np.nan))
        return correlation

    @property
    def constant(self) -> tuple[str, ...]:
        """Return the columns without positive variance at this level."""
        return tuple(name for name, sd in zip(self.columns, self.sd, strict=True) if not sd > 0)

    def select(self, columns: Sequence[str]) -> "LevelMoments":
        """Return the moments of some of the columns, in that order."""
        at = [self.columns.index(name) for name in columns]
        grid = np.ix_(at, at)
        return replace(self, columns=tuple(columns), mean=self.mean[at], covariance=self.covariance[grid])


@dataclass(frozen=True, slots=True, eq=False)
class TwoLevel:
    """Covariances of items split into what lies within and what lies between schools.

    Parameters
    ----------
    columns : tuple of str
        The k items.
    n, missing, schools : int
        Respondents used and dropped; schools with a respondent.
    size : float
        Muthén's c: the size of a school where all are equal, a little below the mean where not.
    within : LevelMoments
        Pooled within schools, S_PW.
    between : LevelMoments
        Estimate between schools, (S_B* - S_PW) / c. Need not be positive definite.
    means : ndarray, shape (k, k)
        S_B*: covariances of the schools' means, weighted and multiplied by size; what MUML fits.
    """

    columns: tuple[str, ...]
    n: int
    missing: int
    schools: int
    size: float
    within: LevelMoments
    between: LevelMoments
    means: Floats
    method: str = "pooled within covariances and Muthén's estimate between schools (MUML)"
    source: str = "Muthén (1989, 1994)"

    @property
    def icc(self) -> Floats:
        """Return each item's intraclass correlation, shape (k,): by analysis of variance, may be negative."""
        between = np.diagonal(self.between.covariance)
        icc: Floats = between / (between + np.diagonal(self.within.covariance))
        return icc

    @property
    def design_effect(self) -> Floats:
        """Return 1 + (c - 1) ICC of each item, shape (k,)."""
        effect: Floats = 1 + (self.size - 1) * self.icc
        return effect

    def to_frame(self) -> pd.DataFrame:
        """Return one row an item: ``item, n, missing, schools, size, icc, design_effect, variance_…``.

        The last two columns are ``variance_within`` and ``variance_between``.
        """
        return pd.DataFrame(
            {
                "item": self.columns,
                "n": self.n,
                "missing": self.missing,
                "schools": self.schools,
                "size": self.size,
                "icc": self.icc,
                "design_effect": self.design_effect,
                "variance_within": np.diagonal(self.within.covariance),
                "variance_between": np.diagonal(self.between.covariance),
            }
        )

    def correlations_frame(self) -> pd.DataFrame:
        """Return one row a level and pair of items: ``level, a, b, method, n, r``."""
        a, b = np.triu_indices(len(self.columns), k=1)
        names = np.array(self.columns, dtype=object)
        return pd.concat(
            [
                pd.DataFrame(
                    {
                        "level": one.level,
                        "a": names[a],
                        "b": names[b],
                        "method": "pearson",
                        "n": one.n,
                        "r": one.correlation[a, b],
                    }
                )
                for one in (self.within, self.between)
            ],
            ignore_index=True,
        )


def two_level(grouped: GroupedMoments) -> TwoLevel | NotComputed:
    r"""Split the covariances of items into within and between schools.

    .. math:: S_{PW} = \frac{\sum_g \sum_i (x_{gi} - \bar x_g)(\cdot)'}{N - G}, \quad
        S_B^* = \frac{\sum_g n_g (\bar x_g - \bar x)(\cdot)'}{G - 1}, \quad
        \hat\Sigma_B = (S_B^* - S_{PW}) / c, \quad c = \frac{N^2 - \sum n_g^2}{N (G - 1)}

    Unbiased for any sizes; with schools of equal size :math:`S_{PW}` is also the maximum-likelihood estimate.

    Parameters
    ----------
    grouped : GroupedMoments
        One group a school, of the items.

    Returns
    -------
    TwoLevel or NotComputed
        Fewer than two schools, or no school with two respondents.

    Notes
    -----
    R: ``psych::statsBy(x, "school")$rwg``; ``lavaan``: ``lavInspect(fit, "sampstat")`` of a two-level model.

    References
    ----------
    Muthén, B. (1989). Latent variable modeling in heterogeneous populations. Psychometrika, 54, 557-585.
    Muthén, B. (1994). Multilevel covariance structure analysis. Sociological Methods & Research, 22, 376-398.
    """
    used = grouped.n > 0
    size = grouped.n[used].astype(np.float64)
    n, schools = int(size.sum()), int(used.sum())
    if schools < 2:
        return NotComputed("two_level", "two-level-few-schools", {"schools": schools}, n)
    if n == schools:
        return NotComputed("two_level", "two-level-one-a-school", {"schools": schools}, n)
    overall = grouped.overall()
    total = grouped.total[used]
    mean = total.sum(axis=0) / n
    centred = total / size[:, None] - mean
    between = centred.T @ (centred * size[:, None])
    # Of the two parts of the scatter, each is what the other leaves.
    pooled = grouped.cross[used].sum(axis=0) - np.einsum("gi,gj,g->ij", total, total, 1 / size)
    pooled /= n - schools
    means = between / (schools - 1)
    typical = (n * n - float(size @ size)) / (n * (schools - 1))
    common = (grouped.columns,)
    return TwoLevel(
        columns=grouped.columns,
        n=n,
        missing=grouped.missing,
        schools=schools,
        size=typical,
        within=LevelMoments(*common, "within", n - schools + 1, grouped.missing, overall.mean, pooled),
        between=LevelMoments(
            *common, "between", schools, grouped.missing, overall.mean, (means - pooled) / typical
        ),
        means=means,
    )


@dataclass(frozen=True, slots=True)
class LevelReliability:
    """Reliability of a scale at one level; a coefficient that could not be computed is None.

    Alpha of the ordinary kind mixes the two: it is high where schools differ much, however little the items
    agree within them.

    Parameters
    ----------
    items : tuple of str
        The k items.
    level : str
        ``"within"`` or ``"between"``.
    n, missing : int
        As `LevelMoments` has them.
    alpha, omega : float or None
        Of the raw sum: from the covariances of the level, omega with one minres factor of its correlations
        scaled back by the standard deviations.
    reasons : tuple of NotComputed
        Why a coefficient is None.
    """

    items: tuple[str, ...]
    level: str
    n: int
    missing: int
    alpha: float | None
    omega: float | None
    reasons: tuple[NotComputed, ...]
    method: str = "alpha and one-factor omega of each level's covariances (MUML)"
    source: str = "Geldhof, Preacher & Zyphur (2014)"

    def to_frame(self) -> pd.DataFrame:
        """Return one row: ``level, k, n, missing, alpha, omega_total, reason``."""
        return pd.DataFrame(
            {
                "level": [self.level],
                "k": [len(self.items)],
                "n": [self.n],
                "missing": [self.missing],
                "alpha": np.array([self.alpha], dtype=np.float64),
                "omega_total": np.array([self.omega], dtype=np.float64),
                "reason": ["; ".join(reason.reason for reason in self.reasons)],
            }
        )


def level_reliability(moments: LevelMoments) -> LevelReliability:
    r"""Compute alpha and omega of a scale at one level.

    Between schools the matrix is an estimate that need not be positive definite: alpha is then given all the
    same, omega is not.

    .. math:: \alpha = \frac{k}{k-1}\Bigl(1 - \frac{\mathrm{tr}\,\Sigma}{\sum_{ij} \sigma_{ij}}\Bigr), \quad
        \omega = 1 - \frac{\sum_i u_i^2 \sigma_{ii}}{\sum_{ij} \sigma_{ij}}

    with the level's covariances and the unique variances of a one-factor minres solution of its
    correlations.

    Parameters
    ----------
    moments : LevelMoments
        Of the scale's items: ``two_level(grouped).within`` or ``.between``.

    Notes
    -----
    R: ``psych::alpha(sigma)`` and ``psych::fa(cov2cor(sigma), 1)`` of the level's matrix; by maximum
    likelihood ``semTools::compRelSEM`` of a two-level model.

    References
    ----------
    Geldhof, G. J., Preacher, K. J., & Zyphur, M. J. (2014). Reliability estimation in a multilevel
    confirmatory factor analysis framework. Psychological Methods, 19, 72-91.
    """
    alpha, omega = _level_alpha(moments), _level_omega(moments)
    return LevelReliability(
        items=moments.columns,
        level=moments.level,
        n=moments.n,
        missing=moments.missing,
        alpha=alpha if isinstance(alpha, float) else None,
        omega=omega if isinstance(omega, float) else None,
        reasons=tuple(one for one in (alpha, omega) if isinstance(one, NotComputed)),
    )


def _level_alpha(moments: LevelMoments) -> float | NotComputed:
    reason = _without_variance("alpha", moments)
    if reason is not None:
        return reason
    covariance = moments.covariance
    k, total, variances = len(covariance), float(covariance.sum()), float(np.trace(covariance))
    if total <= 1e-12 * variances:
        return NotComputed("alpha", "no-total-variance", {"items": moments.columns}, moments.n)
    return k / (k - 1) * (1 - variances / total)


def _level_omega(moments: LevelMoments) -> float | NotComputed:
    reason = _without_variance("omega_total", moments)
    if reason is not None:
        return reason
    values = np.linalg.eigvalsh(moments.correlation)
    if values[0] < -SINGULAR * values[-1]:
        details = {"level": moments.level, "smallest": float(values[0])}
        return NotComputed("omega_total", "level-not-positive-definite", details, moments.n)
    found = omega_total(moments)
    if not isinstance(found, Omega):
        return found
    unique = (1 - np.array(found.loadings) ** 2) * moments.sd**2
    return 1 - float(unique.sum() / moments.covariance.sum())


def _without_variance(statistic: str, moments: LevelMoments) -> NotComputed | None:
    """Return why the level has no reliability at all, or None."""
    if len(moments.columns) > 1 and moments.constant:
        details = {"level": moments.level, "items": moments.constant}
        return NotComputed(statistic, "level-without-variance", details, moments.n)
    return unmet(statistic, moments)
