"""The completely standardized solution: items and factors of variance 1, with standard errors."""

import numpy as np

from manyi_analysis.confirmatory.implied import Numbers, Structure
from manyi_analysis.confirmatory.parameters import MatrixName
from manyi_analysis.records.rows import Floats


def standardized(structure: Structure, values: Numbers) -> Numbers:
    """Return every parameter of the table, fixed ones too, in standardized units: lavaan's ``std.all``.

    Variances and loadings by the whole deviations of items and factors, covariances of errors and of what
    remains of factors by the deviations of those. NaN where a variance to divide by is negative.

    Parameters
    ----------
    structure : Structure
    values : ndarray, shape (q,)
        Free parameters.

    Returns
    -------
    ndarray
        In the order of the table's rows.
    """
    result: Numbers = np.empty(len(structure.table.rows), dtype=values.dtype)
    for group in structure.groups:
        matrices, implied = structure.matrices(values, group), structure.implied(values, group)
        items = _roots(np.diagonal(implied.covariance))
        factors = _roots(np.diagonal(implied.factor_covariance))
        units: dict[MatrixName, Numbers] = {
            "Lambda": factors / items[:, None],
            "Beta": factors / factors[:, None],
            "Psi": _products(_roots(np.diagonal(matrices["Psi"])), factors),
            "Theta": _products(_roots(np.diagonal(matrices["Theta"])), items),
            "nu": 1 / items[:, None],
            "alpha": 1 / factors[:, None],
        }
        for name, unit in units.items():
            at, row, column = structure.places(group, name)
            result[at] = matrices[name][row, column] * unit[row, column]
    return result


def standardized_errors(structure: Structure, values: Floats, covariance: Floats) -> Floats:
    """Return the standard errors of the standardized parameters by the delta method, in the table's order.

    Derivatives are taken along the imaginary axis: exact to rounding.

    Parameters
    ----------
    structure : Structure
    values : ndarray, shape (q,)
    covariance : ndarray, shape (q, q)
        Of the estimates.
    """
    step = 1e-30
    slopes = np.empty((len(structure.table.rows), len(values)))
    for position in range(len(values)):
        moved = values.astype(np.complex128)
        moved[position] += 1j * step
        slopes[:, position] = standardized(structure, moved).imag / step
    variances = np.einsum("ij,jk,ik->i", slopes, covariance, slopes)
    errors: Floats = np.sqrt(np.where(variances > 0, variances, 0.0))
    return np.where(np.isfinite(variances), errors, np.nan)


def _roots(variances: Numbers) -> Numbers:
    """Return standard deviations, NaN for negative variances."""
    proper = variances.real > 0
    result: Numbers = np.sqrt(np.where(proper, variances, 1.0))
    result[~proper] = np.nan
    return result


def _products(residual: Numbers, whole: Numbers) -> Numbers:
    """Return what covariances of residuals, and on the diagonal their variances, are multiplied with."""
    with np.errstate(invalid="ignore"):
        unit: Numbers = 1 / np.outer(residual, residual)
    np.fill_diagonal(unit, 1 / whole**2)
    return unit
