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
    """The values as they stand in the chain; nominal columns as places in their list of levels.

    ``matrix`` holds what columns are regressed on, shape (predictors, rows), the constant first, and
    ``products`` the products of its rows with each other: only those of the column imputed last change.
    """

    columns: tuple[str, ...]
    values: dict[str, Floats]
    lacking: dict[str, NDArray[np.bool_]]
    levels: dict[str, NDArray[np.object_]]
    clusters: NDArray[np.int64] | None
    sizes: Floats
    within: dict[str, bool] = field(default_factory=dict)
    places: dict[str, slice] = field(default_factory=dict)
    gaps: dict[str, "_Gaps"] = field(default_factory=dict)
    matrix: Floats = field(default_factory=lambda: np.empty((0, 0)))
    products: Floats = field(default_factory=lambda: np.empty((0, 0)))

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
        ends = np.cumsum([1, *(chain._width(name) for name in columns)]).tolist()
        chain.places = {
            name: slice(first, last) for name, first, last in zip(columns, ends[:-1], ends[1:], strict=True)
        }
        chain.matrix = np.ones((ends[-1], len(frame)))
        chain.gaps = {name: chain._gaps(name) for name in columns if lacking[name].any()}
        return chain

    def start(self, random: np.random.Generator) -> None:
        """Fill every gap with an observed value drawn at random."""
        for name, gaps in self.lacking.items():
            if gaps.any():
                self.values[name][gaps] = random.choice(self.values[name][~gaps], size=int(gaps.sum()))
        for name, at in self.places.items():
            self.matrix[at] = np.reshape(self._parts(name), (-1, self.matrix.shape[1]))
        self.products = self.matrix @ self.matrix.T

    def impute(self, name: str, plan: ChainedEquations, random: np.random.Generator) -> None:
        """Draw the missing values of one column given all the others as they stand."""
        gaps = self.gaps[name]
        observed = self.values[name][gaps.known]
        target = observed
        if name in self.levels:
            target = _quantified(observed, self._predictors(name, gaps.known))
        cross, moments = self._normal_equations(name, target)
        unknown = self._predictors(name, gaps.unknown)
        factor, fitted = _least_squares(cross, moments)
        predicted = self._predicted(name, fitted)[gaps.known]
        drawn, sigma = _posterior(target - predicted, factor, fitted, random)
        aims = drawn @ unknown
        if plan.method == "normal" and name not in self.levels:
            self.values[name][gaps.unknown] = aims + sigma * random.standard_normal(len(aims))
        else:
            chosen = _matched(predicted, aims, min(plan.donors, len(observed)), random)
            self.values[name][gaps.unknown] = observed[chosen]
        self._renew(name)

    def frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows with the gaps filled."""
        filled: dict[str, object] = {}
        for name in self.columns:
            if not self.lacking[name].any():
                continue
            value = self.values[name]
            filled[name] = self.levels[name][value.astype(np.int64)] if name in self.levels else value.copy()
        return frame.assign(**cast(dict[str, Any], filled))

    def _renew(self, name: str) -> None:
        """Bring what the others are regressed on up to a column's new values."""
        at = self.places[name]
        self.matrix[at] = self._parts(name)
        self.products[at] = self.matrix[at] @ self.matrix.T
        self.products[:, at] = self.products[at].T

    def _predictors(self, target: str, rows: NDArray[np.int64]) -> Floats:
        """Return what a column is regressed on at some rows, shape (predictors, rows)."""
        at, means = self.places[target], self.gaps[target].means
        parts = (self.matrix[: at.start], self.matrix[at.stop :], means)
        return np.concatenate([part.take(rows, axis=1) for part in parts])

    def _normal_equations(self, name: str, target: Floats) -> tuple[Floats, Floats]:
        """Return X'X and X'y over the rows where a column, as numbers shape (known,), is known."""
        gaps = self.gaps[name]
        k, others = len(gaps.others), gaps.others
        gaps.given[-1, gaps.known] = target
        of_matrix = (gaps.given @ self.matrix.T)[:, others]
        of_given = gaps.given @ gaps.given.T
        cross = np.empty((k + len(gaps.means),) * 2)
        # Sums over all rows less those over the gaps: these are few. Where they are not, rounding forbids it.
        if len(gaps.unknown) <= len(gaps.known):
            away = self.matrix.take(gaps.unknown, axis=1)[others]
            cross[:k, :k] = self.products[others[:, None], others] - away @ away.T
        else:
            known = self.matrix.take(gaps.known, axis=1)[others]
            cross[:k, :k] = known @ known.T
        cross[k:, :k] = of_matrix[:-1]
        cross[:k, k:] = of_matrix[:-1].T
        cross[k:, k:] = of_given[:-1, :-1]
        return cross, np.concatenate([of_matrix[-1], of_given[:-1, -1]])

    def _predicted(self, target: str, coefficients: Floats) -> Floats:
        """Return the predicted values of every row."""
        gaps = self.gaps[target]
        of_matrix = np.zeros(len(self.matrix))
        of_matrix[gaps.others] = coefficients[: len(gaps.others)]
        predicted: Floats = of_matrix @ self.matrix + coefficients[len(gaps.others) :] @ gaps.means
        return predicted

    def _width(self, name: str) -> int:
        """Return how many predictors a column makes."""
        own = len(self.levels[name]) - 1 if name in self.levels else 1
        return max(own, 0) * (1 if self.clusters is None or not self.within[name] else 2)

    def _parts(self, name: str) -> list[Floats]:
        """Return a column as numbers, and with clusters the means within them."""
        own = self._numeric(name)
        if self.clusters is None or not self.within[name]:
            return own
        return [*own, *(self._cluster_mean(column) for column in own)]

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

    def _gaps(self, name: str) -> "_Gaps":
        lacking = self.lacking[name]
        means = self._mean_of_others(name) if self.clusters is not None else []
        observed = np.array(means).reshape(-1, len(lacking))
        at = self.places[name]
        return _Gaps(
            known=np.flatnonzero(~lacking),
            unknown=np.flatnonzero(lacking),
            others=np.r_[0 : at.start, at.stop : len(self.matrix)],
            means=observed,
            given=np.concatenate([np.where(lacking, 0.0, observed), np.zeros((1, len(lacking)))]),
        )

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


@dataclass(frozen=True, slots=True, eq=False)
class _Gaps:
    """What of an incomplete column stays as it is along the chain.

    Parameters
    ----------
    known, unknown : ndarray of int
        Rows that have a value and rows that lack it.
    others : ndarray of int
        Rows of the matrix that do not come from the column itself.
    means : ndarray, shape (parts, rows)
        Observed means of the cluster's other respondents; no parts without clusters.
    given : ndarray, shape (parts + 1, rows)
        These means, and room for the column itself: zero where it is unknown.
    """

    known: NDArray[np.int64]
    unknown: NDArray[np.int64]
    others: NDArray[np.int64]
    means: Floats
    given: Floats


def _least_squares(cross: Floats, moments: Floats) -> tuple[Floats, Floats]:
    """Return the Cholesky factor of X'X, its diagonal raised by the ridge, and the coefficients."""
    cross[np.diag_indices_from(cross)] *= 1 + RIDGE
    # Columns without any variation, such as an unused level, have no sum of squares at all.
    cross[np.diag_indices_from(cross)] += np.where(np.diagonal(cross) == 0, 1.0, 0.0)
    # LAPACK itself: thousands of small systems, of which most of SciPy's time is looking at its arguments.
    factor, failed = linalg.lapack.dpotrf(cross, lower=1)
    if failed:
        raise linalg.LinAlgError("the predictors of an imputation are not independent")
    return factor, np.asarray(linalg.lapack.dpotrs(factor, moments, lower=1)[0])


def _posterior(
    rest: Floats, factor: Floats, fitted: Floats, random: np.random.Generator
) -> tuple[Floats, float]:
    """Return a draw of the coefficients from their posterior, and the drawn deviation."""
    freedom = max(len(rest) - len(fitted), 1)
    sigma = float(np.sqrt(rest @ rest / random.chisquare(freedom)))
    step = linalg.lapack.dtrtrs(factor, random.standard_normal(len(fitted)), lower=1, trans=1)[0]
    return fitted + sigma * step, sigma


def _matched(known: Floats, aims: Floats, donors: int, random: np.random.Generator) -> NDArray[np.int64]:
    """Return for every aim the place of a donor, drawn from those of nearest predicted value."""
    # Ties are many where answers are few: their order is drawn, so that no donor is preferred.
    shuffled = random.permutation(len(known))
    order = shuffled[_ascending(known[shuffled])]
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


def _ascending(values: Floats) -> NDArray[np.int64]:
    """Return the order of values, equal ones as they come.

    What ``argsort`` returns if it is asked to be stable. Two sorts that need not be are faster.
    """
    order = np.argsort(values)
    ranked = values[order]
    rank = np.concatenate([[0], np.cumsum(ranked[1:] != ranked[:-1])])
    return np.asarray(np.sort(rank * len(values) + order) % max(len(values), 1))


def _quantified(observed: Floats, predictors: Floats) -> Floats:
    """Return a nominal column as numbers: its levels' scores on the first canonical variate."""
    found, at = np.unique(observed, return_inverse=True)
    counts = np.bincount(at).astype(np.float64)
    centred = predictors - predictors.mean(axis=1, keepdims=True)
    spread = centred.std(axis=1)
    centred = centred[spread > 0] / spread[spread > 0, None]
    if len(found) < 3 or not centred.size:
        return at.astype(np.float64)
    means = (centred @ (at[:, None] == np.arange(len(found)))).T / counts[:, None]
    total = centred @ centred.T
    total[np.diag_indices_from(total)] *= 1 + RIDGE
    between = (means * counts[:, None]).T @ means
    _, vectors = linalg.eigh(between, total)
    scores: Floats = (means @ vectors[:, -1])[at]
    return scores
