"""How much of an outcome's variance lies between schools: intraclass correlation by REML and by ANOVA."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import optimize

from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]

#: School SD over residual SD below which the fit is singular, the tolerance of ``lme4::isSingular``.
SINGULAR = 1e-4
#: Points of the intraclass correlation at which the slope of the likelihood is looked at for sign changes.
GRID = np.concatenate(
    [[0.0], np.geomspace(1e-8, 0.01, 40), np.linspace(0.02, 0.98, 97), 1 - np.geomspace(0.01, 1e-10, 40)]
)
#: Schools up to which the slopes at all points of the grid are found at once.
TABLED = 400


@dataclass(frozen=True, slots=True)
class IntraclassCorrelation:
    """Variance of an outcome between and within schools.

    Parameters
    ----------
    outcome : str
        Column explained.
    n, missing : int
        Respondents used; dropped because outcome or school is missing.
    schools : int
        Schools with a respondent.
    icc_reml : float
        variance_school / (variance_school + variance_residual).
    icc_anova : float
        ICC(1) from the mean squares of a one-way analysis of variance; can be negative.
    variance_school, variance_residual : float
        REML estimates of the random-intercept model.
    mean, se : float
        Fixed intercept of that model and its standard error.
    loglik : float
        Restricted log-likelihood.
    design_effect : float
        1 + (n/G - 1)·ICC: how much the schools inflate the variance of a mean.
    design_effect_weighted : float
        1 + (Σn²/n - 1)·ICC: the same where schools differ in size.
    singular : bool
        The school variance lies on the boundary, at zero.
    """

    outcome: str
    n: int
    missing: int
    schools: int
    icc_reml: float
    icc_anova: float
    variance_school: float
    variance_residual: float
    mean: float
    se: float
    loglik: float
    design_effect: float
    design_effect_weighted: float
    singular: bool

    def to_frame(self) -> pd.DataFrame:
        """Return one row: table ``icc``."""
        values = {name: [getattr(self, name)] for name in self.__dataclass_fields__}
        return pd.DataFrame({**values, "reason": [""]})


@dataclass(frozen=True, slots=True, eq=False)
class _Profile:
    """The restricted likelihood of y = μ + u_school + e, profiled over μ and σ², in λ = var(u) / var(e).

    Parameters
    ----------
    size, mean : (G,) array
        Respondents and mean of every school.
    within : float
        Sum of squares within schools.
    """

    size: Array
    mean: Array
    within: float

    def parts(self, ratio: float) -> tuple[Array, float, float]:
        """Return the schools' weights n/(1 + nλ), the weighted mean and the weighted sum of squares."""
        weight = self.size / (1.0 + self.size * ratio)
        centre = float(weight @ self.mean / weight.sum())
        return weight, centre, self.within + float(weight @ (self.mean - centre) ** 2)

    def criterion(self, ratio: float) -> float:
        """Return -2 times the restricted log-likelihood."""
        weight, _, squares = self.parts(ratio)
        df = float(self.size.sum()) - 1.0
        return float(
            df * (1.0 + np.log(2.0 * np.pi * squares / df))
            + np.log1p(self.size * ratio).sum()
            + np.log(weight.sum())
        )

    def slope(self, ratio: float) -> float:
        """Return the derivative of `criterion` in λ."""
        weight, centre, squares = self.parts(ratio)
        df = float(self.size.sum()) - 1.0
        return float(
            weight.sum()
            - weight @ weight / weight.sum()
            - df * (weight**2 @ (self.mean - centre) ** 2) / squares
        )

    def slopes(self, ratios: Array) -> Array:
        """Return `slope` at many λ, shape (R,): of few schools from tables of R by G, which is faster."""
        if len(self.size) > TABLED:
            return np.array([self.slope(ratio) for ratio in ratios.tolist()])
        weight = self.size / (1.0 + ratios[:, None] * self.size)
        total = weight.sum(axis=1)
        squared = weight**2
        away = (self.mean - (weight @ self.mean / total)[:, None]) ** 2
        squares = self.within + (weight * away).sum(axis=1)
        df = float(self.size.sum()) - 1.0
        return np.asarray(total - squared.sum(axis=1) / total - df * (squared * away).sum(axis=1) / squares)

    def best(self) -> float:
        """Return the λ of the highest likelihood: zero, or the best root of `slope`, found to rounding."""
        ratios = GRID / (1.0 - GRID)
        slopes = self.slopes(ratios)
        valleys = np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] >= 0))
        roots = [
            float(optimize.brentq(self.slope, ratios[at], ratios[at + 1], xtol=1e-300, rtol=1e-14))
            for at in valleys
        ]
        return min([0.0, *roots], key=self.criterion)


def intraclass_correlation(moments: GroupedMoments, outcome: str) -> IntraclassCorrelation | NotComputed:
    """Estimate the share of an outcome's variance that lies between schools.

    The random-intercept model y_ij = μ + u_j + e_ij is fitted by REML from every school's n, sum and sum of
    squares; schools may differ in size. The likelihood in the one ratio left is maximized through the roots
    of its derivative, so the optimum is exact to rounding. ICC(1) = (MSB - MSW) / (MSB + (n₀ - 1)·MSW) with
    n₀ = (n - Σn_j²/n) / (G - 1).

    Parameters
    ----------
    moments : GroupedMoments
        One group a school; the column `outcome` must be among its columns.
    outcome : str
        Column explained.

    Returns
    -------
    IntraclassCorrelation or NotComputed
        NotComputed with fewer than two schools, where no school has two respondents, where the outcome is
        constant, or the same for all respondents of every school.

    References
    ----------
    Patterson, H. D. & Thompson, R. (1971). Biometrika 58, 545-554; Searle, S. R., Casella, G. & McCulloch,
    C. E. (1992). Variance Components, ch. 3; Snijders, T. & Bosker, R. (2012). Multilevel Analysis, eq. 3.8
    (n₀), 3.17 (design effect). R: ``lme4::lmer(y ~ 1 + (1 | school))``.
    """
    sums = moments.select((outcome,))
    used = sums.n > 0
    size = sums.n[used].astype(np.float64)
    total, square = sums.total[used, 0], sums.cross[used, 0, 0]
    n, schools = int(size.sum()), int(used.sum())
    details: dict[str, object] = {"outcome": outcome, "schools": schools, "rows": n}
    if schools < 2:
        return NotComputed("icc", "icc-few-schools", details, n)
    if n == schools:
        return NotComputed("icc", "icc-one-a-school", details, n)
    overall = sums.overall()
    if not overall.sd[0] > 0:
        return NotComputed("icc", "icc-constant-outcome", details, n)
    mean = total / size
    within = float((square - total * mean).sum())
    total_squares = float(overall.scatter[0, 0])
    if within <= 1e-12 * total_squares:
        return NotComputed("icc", "icc-nothing-within", details, n)
    profile = _Profile(size, mean, within)
    ratio = profile.best()
    weight, centre, squares = profile.parts(ratio)
    residual = squares / (n - 1)
    icc = ratio / (1.0 + ratio)
    typical = (n - float(size @ size) / n) / (schools - 1)
    mean_between = (total_squares - within) / (schools - 1)
    mean_within = within / (n - schools)
    return IntraclassCorrelation(
        outcome=outcome,
        n=n,
        missing=sums.missing,
        schools=schools,
        icc_reml=icc,
        icc_anova=(mean_between - mean_within) / (mean_between + (typical - 1.0) * mean_within),
        variance_school=ratio * residual,
        variance_residual=residual,
        mean=float(overall.shift[0]) + centre,
        se=float(np.sqrt(residual / weight.sum())),
        loglik=-0.5 * profile.criterion(ratio),
        design_effect=1.0 + (n / schools - 1.0) * icc,
        design_effect_weighted=1.0 + (float(size @ size) / n - 1.0) * icc,
        singular=bool(np.sqrt(ratio) < SINGULAR),
    )
