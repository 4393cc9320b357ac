"""The deviance of a linear mixed model, profiled over fixed effects and residual variance, with its slope."""

from dataclasses import dataclass

import numpy as np

from manyi_analysis.records.rows import Floats


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """What a relative covariance factor Λ leads to; q random effects, p coefficients, G schools.

    Parameters
    ----------
    deviance : float
        -2 log-likelihood, restricted where asked, of the standardized columns.
    slope : ndarray, shape (q, q)
        Derivative of the deviance in the elements of ΛΛ'.
    b : ndarray, shape (p,)
        Generalized least squares.
    inverse : ndarray, shape (p, p)
        (X'H⁻¹X)⁻¹ with H = I + ZΛΛ'Z'.
    squares : float
        (y - Xb)'H⁻¹(y - Xb).
    log_determinant : float
        log |H|.
    information : float
        log |X'H⁻¹X|.
    residual : ndarray, shape (q, G)
        Z'H⁻¹(y - Xb) of each school.
    crossing : ndarray, shape (q, G, p)
        Z'H⁻¹X of each school.
    """

    deviance: float
    slope: Floats
    b: Floats
    inverse: Floats
    squares: float
    log_determinant: float
    information: float
    residual: Floats
    crossing: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ProfiledDeviance:
    """Deviance of y = Xb + Zu + e with u ~ N(0, σ²ΛΛ') in every school, as a function of Λ.

    Parameters
    ----------
    n : int
        Respondents.
    total : ndarray, shape (p + 1, p + 1)
        Cross-products of (X, y) over all schools.
    half : ndarray, shape (q, G, p + 1)
        Z'(X, y) of each school.
    squares : ndarray, shape (q, q, G)
        Z'Z of each school.
    random : ndarray, shape (p, q)
        Z = X @ random.
    reml : bool
        Restricted likelihood.
    """

    n: int
    total: Floats
    half: Floats
    squares: Floats
    random: Floats
    reml: bool

    @classmethod
    def of(cls, n: int, cross: Floats, random: Floats, reml: bool) -> "ProfiledDeviance":
        """Take what the deviance needs from cross-products of (X, y) in each school, (G, p + 1, p + 1)."""
        p = len(random)
        half = np.ascontiguousarray(np.tensordot(random.T, cross[:, :p, :], axes=([1], [1])))
        squares = np.ascontiguousarray((half[:, :, :p] @ random).transpose(0, 2, 1))
        return cls(n, cross.sum(axis=0), half, squares, random, reml)

    @property
    def df(self) -> int:
        """Return the divisor of the residual variance: n, or n - p with the restricted likelihood."""
        return self.n - (len(self.random) if self.reml else 0)

    def at(self, factor: Floats) -> Point:
        """Evaluate at a lower triangular Λ of shape (q, q).

        Sums of squares of the whole data are taken off school by school with the Cholesky factor of
        Λ'Z'ZΛ + I (Bates et al., 2015, eq. 30 to 41), so that the cost depends on the schools only. Raises
        ``numpy.linalg.LinAlgError`` where X'H⁻¹X is singular up to rounding.
        """
        p, q = self.random.shape
        # Λ'Z'ZΛ as two products: einsum would search for this order at every evaluation.
        left = np.tensordot(factor, self.squares, axes=([0], [0]))
        inner = np.tensordot(left, factor, axes=([1], [0])).transpose(0, 2, 1)
        inner = inner + np.eye(q)[:, :, None]
        lower = _cholesky_of_each(inner)
        scaled = _solve_lower(lower, np.tensordot(factor.T, self.half, axes=1))
        flat = scaled.reshape(-1, p + 1)
        root = np.linalg.cholesky(self.total - flat.T @ flat)
        inverse_root = np.linalg.inv(root[:p, :p])
        inverse = inverse_root.T @ inverse_root
        b = inverse_root.T @ root[p, :p]
        residual_squares = float(root[p, p] ** 2)
        log_determinant = float(2.0 * np.log(lower[range(q), range(q)]).sum())
        information = float(2.0 * np.log(np.diag(root)[:p]).sum())
        deviance = log_determinant + self.df * (1.0 + np.log(2.0 * np.pi * residual_squares / self.df))
        taken = np.tensordot(factor, _solve_upper(lower, scaled), axes=1)
        weighted = self.half.copy()
        for row in range(q):
            for column in range(q):
                weighted[row] -= self.squares[row, column][:, None] * taken[column]
        crossing = weighted[:, :, :p]
        residual = weighted[:, :, p] - crossing @ b
        slope = crossing.sum(axis=1) @ self.random - self.df / residual_squares * residual @ residual.T
        if self.reml:
            deviance += information
            rooted = (crossing.reshape(-1, p) @ inverse_root.T).reshape(q, -1)
            slope = slope - rooted @ rooted.T
        return Point(
            deviance=float(deviance),
            slope=slope,
            b=b,
            inverse=inverse,
            squares=residual_squares,
            log_determinant=log_determinant,
            information=information,
            residual=residual,
            crossing=crossing,
        )


def _cholesky_of_each(matrices: Floats) -> Floats:
    """Return the lower Cholesky factors of matrices of shape (q, q, G): q is small, G is not."""
    size = len(matrices)
    lower = np.zeros_like(matrices)
    for column in range(size):
        for row in range(column, size):
            rest = matrices[row, column] - (lower[row, :column] * lower[column, :column]).sum(axis=0)
            lower[row, column] = np.sqrt(rest) if row == column else rest / lower[column, column]
    return lower


def _solve_lower(lower: Floats, right: Floats) -> Floats:
    """Return L⁻¹R for L of shape (q, q, G) and R of shape (q, G, p)."""
    result = right.copy()
    for row in range(len(lower)):
        for column in range(row):
            result[row] -= lower[row, column][:, None] * result[column]
        result[row] /= lower[row, row][:, None]
    return result


def _solve_upper(lower: Floats, right: Floats) -> Floats:
    """Return L'⁻¹R for L of shape (q, q, G) and R of shape (q, G, p)."""
    result = right.copy()
    for row in reversed(range(len(lower))):
        for column in range(row + 1, len(lower)):
            result[row] -= lower[column, row][:, None] * result[column]
        result[row] /= lower[row, row][:, None]
    return result
