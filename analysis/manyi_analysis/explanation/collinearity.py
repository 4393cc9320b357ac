"""How far predictors can be told apart: variance inflation, condition indices, variance proportions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi_analysis.explanation.clustered import between_clusters
from manyi_analysis.explanation.design import aliased_columns
from manyi_analysis.explanation.ols import INTERCEPT
from manyi_analysis.records.grouped import GroupedMoments
from manyi_analysis.records.moments import Moments
from manyi_analysis.records.notcomputed import NotComputed

Array = npt.NDArray[np.float64]

#: Variance inflation above which an estimate is said to be inflated (Kutner et al., 2005, 409).
INFLATED = 10.0
#: Condition index and variance proportion above which a near dependency is named (Belsley et al., 1980, 112).
STRONG, INVOLVED = 30.0, 0.5
#: Schools a predictor at school level should have at least (Snijders & Bosker, 2012, sec. 11.1; ten a term).
SCHOOLS_A_PREDICTOR = 10


@dataclass(frozen=True, slots=True, eq=False)
class Collinearity:
    """Diagnostics of k predictors.

    Parameters
    ----------
    columns : tuple of str
        The k predictors.
    n, missing : int
        Rows used and dropped (listwise).
    schools : int
        Schools with a respondent; 0 where rows are not grouped.
    vif : ndarray, shape (k,)
        Variance inflation factors over respondents.
    vif_schools : ndarray, shape (k,)
        The same among the school means of the predictors at school level, one row a school; NaN for others.
    condition : ndarray, shape (k + 1,)
        Condition indices of the columns and the intercept, each scaled to length 1, ascending.
    proportions : ndarray, shape (k + 1, k + 1)
        Share of the variance of each coefficient (columns, intercept first) that lies on each index (rows).
    advice : tuple of NotComputed
        Dependencies found and what to do about them, as reasons of the catalogue.
    """

    columns: tuple[str, ...]
    n: int
    missing: int
    schools: int
    vif: Array
    vif_schools: Array
    condition: Array
    proportions: Array
    advice: tuple[NotComputed, ...]
    method: str = "VIF; condition indices with intercept, columns scaled to length 1, not centred"
    source: str = "Belsley, Kuh & Welsch (1980), ch. 3"

    def to_frame(self) -> pd.DataFrame:
        """Return one row a predictor: ``term, vif, tolerance, vif_schools, n, schools``."""
        return pd.DataFrame(
            {
                "term": self.columns,
                "vif": self.vif,
                "tolerance": 1.0 / self.vif,
                "vif_schools": self.vif_schools,
                "n": self.n,
                "missing": self.missing,
                "schools": self.schools,
            }
        )

    def proportions_to_frame(self) -> pd.DataFrame:
        """Return one row an index and coefficient: ``dimension, condition_index, term, proportion``."""
        size = len(self.condition)
        return pd.DataFrame(
            {
                "dimension": np.repeat(np.arange(1, size + 1), size),
                "condition_index": np.repeat(self.condition, size),
                "term": [INTERCEPT, *self.columns] * size,
                "proportion": self.proportions.ravel(),
            }
        )


def collinearity(moments: Moments | GroupedMoments, columns: Sequence[str]) -> Collinearity | NotComputed:
    r"""Diagnose near dependencies among predictors.

    :math:`VIF_j = 1 / (1 - R_j^2)`, of respondents and of one row a school. With the singular values
    :math:`\mu_k` and right vectors :math:`v_k` of the columns, intercept among them, scaled to length 1: the
    condition index is :math:`\mu_1 / \mu_k`, the proportion of variance of b_j on it
    :math:`(v_{jk}^2 / \mu_k^2) / \sum_l v_{jl}^2 / \mu_l^2`.

    Indicators of schools vary with the schools only: with few of them, they may go together by chance, which
    the factor over many respondents shows as well as the one over schools, but the number of respondents
    hides. Both stand in the record, and the advice counts schools.

    Parameters
    ----------
    moments : Moments or GroupedMoments
        That hold the columns; grouped by school for what is said about schools.
    columns : sequence of str
        Predictors.

    Returns
    -------
    Collinearity or NotComputed
        NotComputed where there is no column, a column is constant, or one is a combination of the others.

    References
    ----------
    Belsley, D. A., Kuh, E. & Welsch, R. E. (1980). Regression Diagnostics, ch. 3; Kutner, M. H. et al.
    (2005). Applied Linear Statistical Models, 5th ed., 408-409. R: ``car::vif``, ``perturb::colldiag``.
    """
    columns = tuple(columns)
    sums = moments.select(columns)
    overall = sums.overall() if isinstance(sums, GroupedMoments) else sums
    if not columns:
        return NotComputed("collinearity", "collinearity-no-columns", {}, overall.n)
    if overall.n <= len(columns) + 1:
        details: dict[str, object] = {"rows": overall.n, "coefficients": len(columns) + 1}
        return NotComputed("collinearity", "collinearity-few-rows", details, overall.n)
    aliased = aliased_columns(overall, columns)
    if aliased:
        return aliased[0].reason
    vif = np.diag(np.linalg.inv(overall.correlation))
    condition, proportions = _decomposition(overall)
    school_vif, schools, school_columns = np.full(len(columns), np.nan), 0, 0
    if isinstance(sums, GroupedMoments):
        schools = int((sums.n > 0).sum())
        between = np.flatnonzero(between_clusters(sums))
        school_columns = len(between)
        means = sums.mean[sums.n > 0][:, between]
        if 1 <= school_columns < schools - 1:
            correlation = np.corrcoef(means, rowvar=False).reshape(school_columns, school_columns)
            if np.linalg.cond(correlation) < 1e12:
                school_vif[between] = np.diag(np.linalg.inv(correlation))
    result = Collinearity(
        columns, overall.n, overall.missing, schools, vif, school_vif, condition, proportions, ()
    )
    return replace(result, advice=_advice(result, school_columns))


def _decomposition(sums: Moments) -> tuple[Array, Array]:
    """Return condition indices and variance proportions of (1, x) with columns scaled to length 1."""
    k = len(sums.columns)
    raw = sums.shifted(np.zeros(k))
    cross = np.empty((k + 1, k + 1))
    cross[0, 0] = raw.n
    cross[0, 1:] = cross[1:, 0] = raw.total
    cross[1:, 1:] = raw.cross
    length = np.sqrt(np.diag(cross))
    values, vectors = np.linalg.eigh(cross / np.outer(length, length))
    values, vectors = values[::-1], vectors[:, ::-1]
    values = np.maximum(values, np.finfo(np.float64).tiny)
    parts = (vectors**2 / values).T
    return np.sqrt(values[0] / values), np.asarray(parts / parts.sum(axis=0))


def _advice(found: Collinearity, school_columns: int) -> tuple[NotComputed, ...]:
    """Return the dependencies worth naming."""
    advice: list[NotComputed] = []
    for column, value, among in zip(found.columns, found.vif, found.vif_schools, strict=True):
        if max(value, among if np.isfinite(among) else 0.0) > INFLATED:
            details: dict[str, object] = {"column": column, "vif": f"{value:.1f}"}
            advice.append(NotComputed("collinearity", "collinearity-inflated", details, found.n))
    for index, row in zip(found.condition, found.proportions, strict=True):
        involved = [name for name, share in zip(found.columns, row[1:], strict=True) if share > INVOLVED]
        if index > STRONG and len(involved) >= 2:
            details = {"columns": involved, "index": f"{index:.0f}"}
            advice.append(NotComputed("collinearity", "collinearity-dependency", details, found.n))
    if found.schools and school_columns * SCHOOLS_A_PREDICTOR > found.schools:
        details = {"predictors": school_columns, "schools": found.schools, "least": SCHOOLS_A_PREDICTOR}
        advice.append(NotComputed("collinearity", "few-schools-a-predictor", details, found.n))
    return tuple(advice)
