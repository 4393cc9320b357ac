"""Multiple imputation by chained equations, with predictive mean matching and the schools kept in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg

from manyi_analysis.records.rows import Floats
from manyi_analysis.records.threads import one_thread

Method = Literal["pmm", "normal"]
#: Added to the diagonal of X'X, as a share of it, so that dummies that nearly coincide do no harm.
RIDGE = 1e-5
DONORS = 5


@dataclass(frozen=True, slots=True)
class ChainedEquations:
    """How completed data sets are made.

    Parameters
    ----------
    m : int
        Completed data sets.
    iterations : int
        Rounds of the chain before each is taken.
    donors : int
        Respondents of nearest predicted value from whom an answer is taken.
    method : {"pmm", "normal"}
        Predictive mean matching; or draws from the normal regression, which can leave the answer range.
    seed : int
        Of the random numbers.
    """

    m: int = 20
    iterations: int = 10
    donors: int = DONORS
    method: Method = "pmm"
    seed: int = 20170519


def completed(
    frame: pd.DataFrame,
    columns: Sequence[str],
    nominal: Sequence[str] = (),
    cluster: str | None = None,
    plan: ChainedEquations | None = None,
) -> Iterator[pd.DataFrame]:
    """Yield data sets in which every missing value of some columns is imputed.

    Each incomplete column in turn, that of fewest missing values first, is regressed on all the others: the
    coefficients are drawn from their posterior, and a missing value is taken from one of the ``donors``
    respondents whose predicted values are nearest. With a cluster the predictors also hold the cluster's
    mean of every column, and of the column itself the mean of the cluster's *other* respondents, so that
    imputed values differ between schools as much as observed ones. A nominal column is matched on its first
    canonical variate with the predictors.

    y_mis = x'β* + e, with (β*, σ*) drawn from their posterior, σ*² = RSS/χ²(n - k); by matching, an observed
    y whose x'β is among the nearest to x'β*.

    Parameters
    ----------
    frame : DataFrame
        Rows are respondents; NaN is missing.
    columns : sequence of str
        Columns of the model of imputation; numeric, but for the nominal ones.
    nominal : sequence of str
        Those whose values are names.
    cluster : str, optional
        Column of the school; it must be known for every row.
    plan : ChainedEquations, optional
        Default: 20 data sets after 10 rounds each.

    Yields
    ------
    DataFrame
        The rows of `frame`, its `columns` complete, its other columns as they were.

    References
    ----------
    van Buuren, S. (2018). Flexible Imputation of Missing Data, 2nd ed., ch. 3, 4 and 7. Little, R. J. A.
    (1988). Missing-data adjustments in large surveys. Journal of Business & Economic Statistics, 6, 287-296.
    Grund, S., Lüdtke, O., & Robitzsch, A. (2018). Multiple imputation of missing data for multilevel models.
    Organizational Research Methods, 21, 111-149. R: ``mice(x, method = "pmm")``.
    """
    wanted = plan or ChainedEquations()
    chain = _Chain.of(frame, columns, set(nominal), cluster)
    incomplete = sorted(
        (name for name in columns if chain.lacking[name].any()), key=lambda name: chain.lacking[name].sum()
    )
    for stream in np.random.SeedSequence(wanted.seed).spawn(wanted.m):
        random = np.random.default_rng(stream)
        chain.start(random)
        with one_thread():
            for _ in range(wanted.iterations if len(incomplete) > 1 else 1):
                for name in incomplete:
                    chain.impute(name, wanted, random)
        yield chain.frame(frame)


@dataclass(slots=True)
class _Chain:
    """The values as they stand in the chain; nominal columns as places in their list of levels."""

    columns: tuple[str, ...]
    values: dict[str, Floats]
    lacking: dict[str, NDArray[np.bool_]]
    levels: dict[str, NDArray[np.object_]]
    clusters: NDArray[np.int64] | None
    sizes: Floats
    within: dict[str, bool] = field(default_factory=dict)
    parts: dict[str, list[Floats]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, frame: pd.DataFrame, columns: Sequence[str], nominal: set[str], cluster: str | None
    ) -> "_Chain":
        values: dict[str, Floats] = {}
        levels: dict[str, NDArray[np.object_]] = {}
        for name in columns:
            if name in nominal or not pd.api.types.is_numeric_dtype(frame[name]):
                places, found = pd.factorize(frame[name], sort=True)
                levels[name] = np.asarray(found, dtype=object)
                values[name] = np.where(places < 0, np.nan, places.astype(np.float64))
            else:
                values[name] = frame[name].to_numpy(dtype=np.float64, na_value=np.nan).copy()
        lacking = {name: np.isnan(value) for name, value in values.items()}
        clusters = None if cluster is None else np.asarray(pd.factorize(frame[cluster])[0], dtype=np.int64)
        sizes = np.ones(1) if clusters is None else np.bincount(clusters).astype(np.float64)
        chain = cls(tuple(columns), values, lacking, levels, clusters, sizes)
        chain.within = {name: chain._varies_within(name) for name in columns}
        return chain

    def start(self, random: np.random.Generator) -> None:
        """Fill every gap with an observed value drawn at random."""
        self.parts.clear()
        for name, gaps in self.lacking.items():
            if gaps.any():
                self.values[name][gaps] = random.choice(self.values[name][~gaps], size=int(gaps.sum()))

    def impute(self, name: str, plan: ChainedEquations, random: np.random.Generator) -> None:
        """Draw the missing values of one column given all the others as they stand."""
        gaps = self.lacking[name]
        predictors = self._predictors(name)
        known, unknown = predictors[:, ~gaps], predictors[:, gaps]
        observed = self.values[name][~gaps]
        target = _quantified(observed, known) if name in self.levels else observed
        fitted, drawn, sigma = _posterior(target, known, random)
        aims = drawn @ unknown
        if plan.method == "normal" and name not in self.levels:
            self.values[name][gaps] = aims + sigma * random.standard_normal(len(aims))
        else:
            chosen = _matched(fitted @ known, aims, min(plan.donors, len(observed)), random)
            self.values[name][gaps] = observed[chosen]
        self.parts.pop(name, None)

    def frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows with the gaps filled."""
        filled: dict[str, object] = {}
        for name in self.columns:
            if not self.lacking[name].any():
                continue
            value = self.values[name]
            filled[name] = self.levels[name][value.astype(np.int64)] if name in self.levels else value.copy()
        return frame.assign(**cast(dict[str, Any], filled))

    def _predictors(self, target: str) -> Floats:
        """Return what a column is regressed on, shape (predictors, rows), the constant first."""
        parts: list[Floats] = [np.ones(len(self.values[target]))]
        for name in self.columns:
            if name == target:
                continue
            # Only the column imputed last has changed.
            if name not in self.parts:
                own = self._numeric(name)
                means = self.clusters is not None and self.within[name]
                self.parts[name] = [*own, *(self._cluster_mean(column) for column in own if means)]
            parts += self.parts[name]
        if self.clusters is not None:
            parts += self._mean_of_others(target)
        return np.array(parts)

    def _numeric(self, name: str) -> list[Floats]:
        value = self.values[name]
        if name not in self.levels:
            return [value]
        return [(value == level).astype(np.float64) for level in range(1, len(self.levels[name]))]

    def _cluster_mean(self, column: Floats) -> Floats:
        if self.clusters is None:
            raise ValueError("no clusters")
        sums = np.bincount(self.clusters, weights=column, minlength=len(self.sizes))
        mean: Floats = (sums / self.sizes)[self.clusters]
        return mean

    def _mean_of_others(self, target: str) -> list[Floats]:
        """Return the observed means of the cluster's other respondents; the overall mean where none."""
        if self.clusters is None:
            raise ValueError("no clusters")
        known = ~self.lacking[target]
        counts = np.bincount(self.clusters, weights=known, minlength=len(self.sizes))[self.clusters] - known
        means = []
        for column in self._numeric(target):
            seen = np.where(known, column, 0.0)
            sums = np.bincount(self.clusters, weights=seen, minlength=len(self.sizes))[self.clusters] - seen
            overall = float(column[known].mean())
            means.append(np.where(counts > 0, sums / np.maximum(counts, 1), overall))
        return means

    def _varies_within(self, name: str) -> bool:
        """Return whether a column differs between respondents of one cluster: school columns do not."""
        if self.clusters is None:
            return True
        known = ~self.lacking[name]
        value, at = self.values[name][known], self.clusters[known]
        low, high = np.full(len(self.sizes), np.inf), np.full(len(self.sizes), -np.inf)
        np.minimum.at(low, at, value)
        np.maximum.at(high, at, value)
        return bool((high > low).any())


def _posterior(
    target: Floats, predictors: Floats, random: np.random.Generator
) -> tuple[Floats, Floats, float]:
    """Return least-squares coefficients, a draw of them from their posterior, and the drawn deviation."""
    cross = predictors @ predictors.T
    cross[np.diag_indices_from(cross)] *= 1 + RIDGE
    # Columns without any variation, such as an unused level, have no sum of squares at all.
    cross[np.diag_indices_from(cross)] += np.where(np.diagonal(cross) == 0, 1.0, 0.0)
    factor = linalg.cholesky(cross, lower=True)
    fitted = np.asarray(linalg.cho_solve((factor, True), predictors @ target))
    rest = target - fitted @ predictors
    freedom = max(len(target) - len(predictors), 1)
    sigma = float(np.sqrt(rest @ rest / random.chisquare(freedom)))
    step = linalg.solve_triangular(factor, random.standard_normal(len(fitted)), lower=True, trans="T")
    return fitted, fitted + sigma * step, sigma


def _matched(known: Floats, aims: Floats, donors: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Return for every aim the place of a donor, drawn from those of nearest predicted value."""
    # Ties are many where answers are few: their order is drawn, so that no donor is preferred.
    shuffled = random.permutation(len(known))
    order = shuffled[np.argsort(known[shuffled], kind="stable")]
    ranked = known[order]
    at = np.searchsorted(ranked, aims)
    window = np.arange(-donors, donors)
    places = np.clip(at[:, None] + window, 0, len(ranked) - 1)
    away = np.abs(ranked[places] - aims[:, None])
    # Places beyond an end stand there several times: one of them counts.
    beyond = (at[:, None] + window < 0) | (at[:, None] + window >= len(ranked))
    away[beyond] = np.inf
    nearest = np.argpartition(away, donors - 1, axis=1)[:, :donors]
    chosen = nearest[np.arange(len(aims)), random.integers(0, donors, size=len(aims))]
    return np.asarray(order[places[np.arange(len(aims)), chosen]], dtype=np.int64)


def _quantified(observed: Floats, predictors: Floats) -> Floats:
    """Return a nominal column as numbers: its levels' scores on the first canonical variate."""
    found, at = np.unique(observed, return_inverse=True)
    counts = np.bincount(at).astype(np.float64)
    centred = predictors - predictors.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1)
    centred = centred[spread > 0] / spread[spread > 0, None]
    if len(found) < 3 or not centred.size:
        return at.astype(np.float64)
    means = np.column_stack([np.bincount(at, weights=row) for row in centred]) / counts[:, None]
    total = centred @ centred.T
    total[np.diag_indices_from(total)] *= 1 + RIDGE
    between = (means * counts[:, None]).T @ means
    _, vectors = linalg.eigh(between, total)
    scores: Floats = (means @ vectors[:, -1])[at]
    return scores
