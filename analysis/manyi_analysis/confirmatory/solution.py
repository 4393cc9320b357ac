"""The record of a confirmatory factor analysis: estimates, standardized solution, fit, what is improper."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from manyi_analysis.confirmatory.fit_indices import FitIndices
from manyi_analysis.confirmatory.implied import Implied
from manyi_analysis.confirmatory.model import FactorModel, Scaling
from manyi_analysis.confirmatory.parameters import ParameterTable
from manyi_analysis.confirmatory.remarks import Remark
from manyi_analysis.records import NotComputed
from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class ConfirmatoryAnalysis:
    """A factor model fitted to one group or to several.

    Parameters
    ----------
    model : FactorModel
    estimator : str
        ML, MLM, MLR, FIML or WLSMV.
    scaling : {"marker", "variance"}
        What gives the factors their units.
    groups : tuple of str
        Names of the groups; one empty name if there are none.
    group_n : tuple of int
        Rows used of each.
    missing : int
        Rows dropped.
    table : ParameterTable
        What each parameter is.
    estimates, errors : ndarray
        Of every row of the table; a fixed parameter has error 0.
    standardized, standardized_errors : ndarray
        Likewise, items and factors of variance 1.
    free : ndarray, shape (q,)
        Estimates of the free parameters.
    covariance : ndarray, shape (q, q)
        Of the free estimates.
    implied : tuple of Implied
        What the model says each group's moments are.
    fit : FitIndices
    remarks : tuple of Remark
        What is improper; empty if nothing.
    left_out : mapping of group to NotComputed
        Groups that could not be analysed.
    iterations : int
    missing_rule, method, source : str
    """

    model: FactorModel
    estimator: str
    scaling: Scaling
    groups: tuple[str, ...]
    group_n: tuple[int, ...]
    missing: int
    table: ParameterTable
    estimates: Floats
    errors: Floats
    standardized: Floats
    standardized_errors: Floats
    free: Floats
    covariance: Floats
    implied: tuple[Implied, ...]
    fit: FitIndices
    remarks: tuple[Remark, ...]
    iterations: int
    missing_rule: str
    method: str
    source: str
    left_out: Mapping[str, NotComputed] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Return the rows used, of all groups."""
        return sum(self.group_n)

    @property
    def proper(self) -> bool:
        """Return whether no variance is negative and the factors' matrix is positive definite."""
        improper = ("negative", "positive-definite")
        return not any(word in remark.code for remark in self.remarks for word in improper)

    def factor_correlations(self, group: int = 0) -> Floats:
        """Return the correlations of the factors, shape (m, m); NaN where a variance is negative."""
        covariance = np.asarray(self.implied[group].factor_covariance)
        variance = np.diagonal(covariance)
        deviation = np.sqrt(np.where(variance > 0, variance, np.nan))
        correlation: Floats = covariance / np.outer(deviation, deviation)
        return correlation

    def standardized_loadings(self, group: int = 0) -> Floats:
        """Return the standardized direct loadings of items, shape (k, m), 0 where the model has none."""
        loadings = np.zeros((len(self.table.items), len(self.table.latents)))
        for row, value in zip(self.table.rows, self.standardized, strict=True):
            if row.matrix == "Lambda" and row.group == group:
                loadings[row.row, row.column] = value
        return loadings

    def to_frame(self) -> pd.DataFrame:
        """Return one row a loading: ``model, group, factor, item, estimate, se, std, …``."""
        frame = self.parameters_frame()
        frame = frame[frame["op"] == "=~"].drop(columns="op")
        return frame.rename(columns={"left": "factor", "right": "item"}).reset_index(drop=True)

    def parameters_frame(self) -> pd.DataFrame:
        """Return every parameter, free or fixed, in lavaan's notation.

        Columns ``model, group, left, op, right, estimate, se, std, std_se, z, p, low, high, free``; z and p
        only of free ones.
        """
        rows = self.table.rows
        free = np.array([row.free >= 0 for row in rows])
        with np.errstate(divide="ignore", invalid="ignore"):
            z = np.where(free & (self.errors > 0), self.estimates / self.errors, np.nan)
        half = stats.norm.isf(0.025) * self.errors
        return pd.DataFrame(
            {
                "model": self.model.name,
                "group": [self.groups[row.group] for row in rows],
                "left": [row.left for row in rows],
                "op": [row.op for row in rows],
                "right": [row.right for row in rows],
                "estimate": self.estimates,
                "se": self.errors,
                "std": self.standardized,
                "std_se": self.standardized_errors,
                "z": z,
                "p": 2 * stats.norm.sf(np.abs(z)),
                "low": self.estimates - half,
                "high": self.estimates + half,
                "free": free,
            }
        )

    def fit_frame(self) -> pd.DataFrame:
        """Return one row: ``model, estimator, n, missing``, those of `FitIndices.to_frame`, ``remarks``."""
        frame = self.fit.to_frame()
        frame.insert(0, "model", self.model.name)
        frame.insert(1, "estimator", self.estimator)
        frame.insert(2, "n", self.n)
        frame.insert(3, "missing", self.missing)
        frame["missing_rule"] = self.missing_rule
        frame["remarks"] = "; ".join(remark.reason for remark in self.remarks)
        return frame

    def correlations_frame(self) -> pd.DataFrame:
        """Return one row a pair of factors and group: ``model, group, a, b, r``."""
        a, b = np.triu_indices(len(self.table.latents), k=1)
        names = np.array(self.table.latents, dtype=object)
        frames = [
            pd.DataFrame(
                {
                    "model": self.model.name,
                    "group": name,
                    "a": names[a],
                    "b": names[b],
                    "r": self.factor_correlations(group)[a, b],
                }
            )
            for group, name in enumerate(self.groups)
        ]
        return pd.concat(frames, ignore_index=True)
