"""The means and covariances that a factor model implies, and their derivatives by its free parameters."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from manyi_analysis.confirmatory.parameters import MATRICES, Cells, Indices, MatrixName, ParameterTable

#: Real, or complex where a derivative is taken along the imaginary axis.
Numbers = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Implied:
    """What a model implies in one group.

    Parameters
    ----------
    covariance : ndarray, shape (k, k)
        Lambda (I - Beta)^-1 Psi (I - Beta)^-T Lambda' + Theta.
    mean : ndarray, shape (k,)
        nu + Lambda (I - Beta)^-1 alpha; zeros if means are not modelled.
    loadings : ndarray, shape (k, m)
        Lambda.
    reach : ndarray, shape (k, m)
        Lambda (I - Beta)^-1: effects on items of what moves a factor.
    factor_covariance : ndarray, shape (m, m)
        Of the factors themselves.
    factor_mean : ndarray, shape (m,)
    inverse : ndarray, shape (m, m)
        (I - Beta)^-1.
    """

    covariance: Numbers
    mean: Numbers
    loadings: Numbers
    reach: Numbers
    factor_covariance: Numbers
    factor_mean: Numbers
    inverse: Numbers


@dataclass(frozen=True, slots=True, eq=False)
class Jacobian:
    """The derivatives of a group's moments by the q free parameters.

    That of the covariances by a cell of a matrix has rank two, ``l r' + r l'``; by a parameter it is the sum
    over its cells.

    Parameters
    ----------
    free : ndarray, shape (c,)
        The parameter of each cell.
    left, right : ndarray, shape (c, k)
        Of each cell.
    means : ndarray, shape (q, k)
        Derivatives of the means.
    """

    free: Indices
    left: Numbers
    right: Numbers
    means: Numbers

    def covariances(self) -> Numbers:
        """Return the derivatives of the covariances, shape (q, k, k)."""
        q, k = self.means.shape
        product = self.left[:, :, None] * self.right[:, None, :]
        return self.summed(product + product.transpose(0, 2, 1), (q, k, k))

    def summed(self, cells: Numbers, shape: tuple[int, ...]) -> Numbers:
        """Sum what belongs to cells, by their first axis, to parameters."""
        result: Numbers = np.zeros(shape, dtype=cells.dtype)
        if len(np.unique(self.free)) == len(self.free):
            result[self.free] = cells
        else:
            np.add.at(result, self.free, cells)
        return result

    def between(self, cells: Numbers) -> Numbers:
        """Sum what belongs to pairs of cells, shape (c, c), to pairs of parameters, shape (q, q)."""
        q, c = len(self.means), len(self.free)
        rows = self.summed(cells, (q, c))
        return self.summed(rows.T, (q, q)).T


class Structure:
    """A parameter table made ready: fixed values and free places of each matrix of each group."""

    __slots__ = ("_cells", "_fixed", "_free", "_free_of_rows", "_places", "table")

    def __init__(self, table: ParameterTable) -> None:
        self.table = table
        self._free = table.free
        self._free_of_rows = np.array([row.free for row in table.rows], dtype=np.intp)
        self._fixed = [table.fixed(group) for group in range(table.groups)]
        self._cells = [table.cells(group) for group in range(table.groups)]
        self._places = _places(table)

    @property
    def groups(self) -> range:
        """Return the positions of the groups."""
        return range(self.table.groups)

    def places(self, group: int, name: MatrixName) -> tuple[Indices, Indices, Indices]:
        """Return where the table names parameters of a matrix, and their rows and columns in it."""
        return self._places[group][name]

    def own(self, group: int) -> Indices:
        """Return the free parameters that a group's moments depend on, ascending."""
        return np.unique(np.concatenate([cells.free for cells in self._cells[group].values()]))

    def layered(self, group: int) -> bool:
        """Return whether factors explain factors."""
        return bool(len(self._cells[group]["Beta"].free) or self._fixed[group]["Beta"].any())

    def free_of(self, rows: Indices) -> Indices:
        """Return the free parameter of rows of the table, -1 for fixed ones."""
        return self._free_of_rows[rows]

    def diagonal_slopes(self, name: MatrixName, group: int) -> NDArray[np.float64]:
        """Return the derivatives of a matrix's diagonal by the free parameters, shape (cells, q)."""
        cells = self._cells[group][name]
        result = np.zeros((len(self._fixed[group][name]), self._free))
        own = cells.row == cells.column
        result[cells.row[own], cells.free[own]] = 1.0
        return result

    def matrices(self, values: Numbers, group: int) -> dict[MatrixName, Numbers]:
        """Return a group's matrices at the values of the free parameters, shape (q,)."""
        found: dict[MatrixName, Numbers] = {}
        for name, fixed in self._fixed[group].items():
            matrix: Numbers = fixed.astype(values.dtype)
            cells = self._cells[group][name]
            matrix[cells.row, cells.column] = values[cells.free]
            if name in ("Psi", "Theta"):
                matrix[cells.column, cells.row] = values[cells.free]
            found[name] = matrix
        if self.table.unit_items:
            reach = found["Lambda"] @ np.linalg.inv(np.eye(len(self.table.latents)) - found["Beta"])
            common = ((reach @ found["Psi"]) * reach).sum(axis=1)
            np.fill_diagonal(found["Theta"], 1 - common)
        return found

    def implied(self, values: Numbers, group: int) -> Implied:
        """Return what the values imply in a group."""
        at = self.matrices(values, group)
        inverse = np.linalg.inv(np.eye(len(self.table.latents)) - at["Beta"])
        reach = at["Lambda"] @ inverse
        factor_mean = (inverse @ at["alpha"])[:, 0]
        return Implied(
            covariance=reach @ at["Psi"] @ reach.T + at["Theta"],
            mean=at["nu"][:, 0] + at["Lambda"] @ factor_mean,
            loadings=at["Lambda"],
            reach=reach,
            factor_covariance=inverse @ at["Psi"] @ inverse.T,
            factor_mean=factor_mean,
            inverse=inverse,
        )

    def gradient(self, implied: Implied, by_covariance: Numbers, by_mean: Numbers, group: int) -> Numbers:
        """Return the derivative by the free parameters, shape (q,), of a function of the implied moments.

        Parameters
        ----------
        implied : Implied
            Of the group.
        by_covariance : ndarray, shape (k, k)
            Derivative by each cell of the covariance matrix, symmetric.
        by_mean : ndarray, shape (k,)
            Derivative by each mean.
        """
        kind = np.result_type(implied.covariance, by_covariance, by_mean)
        result: Numbers = np.zeros(self._free, dtype=kind)
        left = by_covariance @ implied.reach
        reached = implied.reach.T @ by_mean
        own = implied.loadings @ implied.factor_covariance
        parts: dict[MatrixName, Numbers] = {
            "Lambda": 2 * by_covariance @ own + np.outer(by_mean, implied.factor_mean),
            "Beta": 2 * left.T @ own + np.outer(reached, implied.factor_mean),
            "Psi": _doubled(implied.reach.T @ left),
            "Theta": _doubled(by_covariance),
            "nu": by_mean[:, None],
            "alpha": reached[:, None],
        }
        for name, part in parts.items():
            cells = self._cells[group][name]
            np.add.at(result, cells.free, part[cells.row, cells.column])
        return result

    def jacobian(self, implied: Implied, group: int) -> "Jacobian":
        """Return the derivatives of a group's covariances and means by the free parameters."""
        k, kind = len(self.table.items), implied.covariance.dtype
        unit: Numbers = np.eye(k, dtype=kind)
        own = (implied.loadings @ implied.factor_covariance).T
        reach, cells = implied.reach.T, self._cells[group]
        at, beta, psi, theta = cells["Lambda"], cells["Beta"], cells["Psi"], cells["Theta"]
        means: Numbers = np.zeros((self._free, k), dtype=kind)
        np.add.at(means, (at.free, at.row), implied.factor_mean[at.column])
        np.add.at(means, beta.free, reach[beta.row] * implied.factor_mean[beta.column, None])
        np.add.at(means, (cells["nu"].free, cells["nu"].row), 1.0)
        np.add.at(means, cells["alpha"].free, reach[cells["alpha"].row])
        return Jacobian(
            free=np.concatenate([at.free, beta.free, psi.free, theta.free]),
            left=np.concatenate([unit[at.row], reach[beta.row], reach[psi.row], unit[theta.row]]),
            right=np.concatenate(
                [own[at.column], own[beta.column], _of_pairs(psi, reach), _of_pairs(theta, unit)]
            ),
            means=means,
        )

    def bend(self, values: Numbers, by_covariance: Numbers, by_mean: Numbers, group: int) -> Numbers:
        """Return the second derivatives, shape (q, q), of a linear function of the implied moments.

        Where factors explain factors, the derivative of `gradient` with its weights held still, along the
        imaginary axis: exact to rounding (Squire & Trapp, 1998). Else moments are products of loadings with
        factor moments, and their second derivatives short.
        """
        if self.layered(group):
            return self._bend_along_imaginary(values, by_covariance, by_mean, group)
        at, cells = self.matrices(values, group), self._cells[group]
        loading, psi, alpha = cells["Lambda"], cells["Psi"], cells["alpha"]
        result: Numbers = np.zeros((self._free, self._free))
        rows = np.ix_(loading.row, loading.row)
        columns = np.ix_(loading.column, loading.column)
        both = 2 * by_covariance[rows] * at["Psi"][columns]
        np.add.at(result, (loading.free[:, None], loading.free), both)
        weighed = 2 * by_covariance @ at["Lambda"]
        first = weighed[np.ix_(loading.row, psi.row)] * (loading.column[:, None] == psi.column)
        second = weighed[np.ix_(loading.row, psi.column)] * (loading.column[:, None] == psi.row)
        across = np.where(psi.row == psi.column, first, first + second)
        by_factor_mean = by_mean[loading.row][:, None] * (loading.column[:, None] == alpha.row)
        for cells_of, part in ((psi, across), (alpha, by_factor_mean)):
            np.add.at(result, (loading.free[:, None], cells_of.free), part)
            np.add.at(result, (cells_of.free[:, None], loading.free), part.T)
        return result

    def _bend_along_imaginary(
        self, values: Numbers, by_covariance: Numbers, by_mean: Numbers, group: int
    ) -> Numbers:
        step = 1e-30
        result: Numbers = np.zeros((self._free, self._free))
        for position in self.own(group):
            moved = values.astype(np.complex128)
            moved[position] += 1j * step
            slope = self.gradient(self.implied(moved, group), by_covariance, by_mean, group)
            result[position] = slope.imag / step
        return (result + result.T) / 2


def _places(table: ParameterTable) -> list[dict[MatrixName, tuple[Indices, Indices, Indices]]]:
    """Return for every group and matrix the positions, rows and columns of its parameters."""
    found: list[dict[MatrixName, tuple[Indices, Indices, Indices]]] = []
    for group in range(table.groups):
        of_group: dict[MatrixName, tuple[Indices, Indices, Indices]] = {}
        for name in MATRICES:
            at = [
                (position, r.row, r.column)
                for position, r in enumerate(table.rows)
                if r.group == group and r.matrix == name
            ]
            columns = np.array(at, dtype=np.intp).reshape(-1, 3).T
            of_group[name] = (columns[0], columns[1], columns[2])
        found.append(of_group)
    return found


def _doubled(matrix: Numbers) -> Numbers:
    """Return derivatives by symmetric pairs of cells: both cells move at once."""
    result: Numbers = 2 * matrix
    np.fill_diagonal(result, np.diagonal(matrix))
    return result


def _of_pairs(cells: Cells, sides: Numbers) -> Numbers:
    """Return the other side of each cell of a symmetric matrix: ``a b' + b a'``, on its diagonal ``a a'``."""
    other: Numbers = sides[cells.column] * np.where(cells.row == cells.column, 0.5, 1.0)[:, None]
    return other
