"""The completely standardized solution: items and factors of variance 1, with standard errors."""

import numpy as np

from manyi_analysis.confirmatory.implied import Implied, Numbers, Structure
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
        _enter_group(result, structure, values, group)
    return result


def _enter_group(result: Numbers, structure: Structure, values: Numbers, group: int) -> None:
    """Enter the standardized parameters of one group at their places."""
    matrices, implied = structure.matrices(values, group), structure.implied(values, group)
    for name, unit in _units(matrices, implied).items():
        at, row, column = structure.places(group, name)
        result[at] = matrices[name][row, column] * unit[row, column]


def _units(matrices: dict[MatrixName, Numbers], implied: Implied) -> dict[MatrixName, Numbers]:
    """Return what each cell of a group's matrices is multiplied with."""
    items = _roots(np.diagonal(implied.covariance))
    factors = _roots(np.diagonal(implied.factor_covariance))
    return {
        "Lambda": factors / items[:, None],
        "Beta": factors / factors[:, None],
        "Psi": _products(_roots(np.diagonal(matrices["Psi"])), factors),
        "Theta": _products(_roots(np.diagonal(matrices["Theta"])), items),
        "nu": 1 / items[:, None],
        "alpha": 1 / factors[:, None],
    }


def standardized_errors(structure: Structure, values: Floats, covariance: Floats) -> Floats:
    """Return the standard errors of the standardized parameters by the delta method, in the table's order.

    Parameters
    ----------
    structure : Structure
    values : ndarray, shape (q,)
    covariance : ndarray, shape (q, q)
        Of the estimates.
    """
    slopes = np.zeros((len(structure.table.rows), len(values)))
    for group in structure.groups:
        if structure.layered(group) or structure.table.unit_items:
            _enter_slopes_along_imaginary(slopes, structure, values, group)
        else:
            _enter_slopes(slopes, structure, values, group)
    variances = ((slopes @ covariance) * slopes).sum(axis=1)
    errors: Floats = np.sqrt(np.where(variances > 0, variances, 0.0))
    return np.where(np.isfinite(variances), errors, np.nan)


def _enter_slopes_along_imaginary(slopes: Floats, structure: Structure, values: Floats, group: int) -> None:
    """Enter derivatives taken along the imaginary axis: exact to rounding (Squire & Trapp, 1998)."""
    step = 1e-30
    moved = values.astype(np.complex128)
    found = np.zeros(len(slopes), dtype=np.complex128)
    for position in structure.own(group):
        moved[position] = values[position] + 1j * step
        _enter_group(found, structure, moved, group)
        slopes[:, position] += found.imag / step
        moved[position] = values[position]


def _enter_slopes(slopes: Floats, structure: Structure, values: Floats, group: int) -> None:
    r"""Enter derivatives where no factor explains another: a standardized parameter is then a product.

    Of :math:`s = v \prod_r x_r^{e_r}` the derivative is
    :math:`v' \prod_r x_r^{e_r} + s \sum_r e_r x_r' / x_r`, with variances x and exponents of a half.
    """
    matrices, implied = structure.matrices(values, group), structure.implied(values, group)
    jacobian = structure.jacobian(implied, group).covariances()
    items = np.diagonal(jacobian, axis1=1, axis2=2).T / np.diagonal(implied.covariance)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        factors = structure.diagonal_slopes("Psi", group) / np.diagonal(matrices["Psi"])[:, None]
        errors = structure.diagonal_slopes("Theta", group) / np.diagonal(matrices["Theta"])[:, None]
    sides: dict[MatrixName, tuple[Floats, Floats]] = {
        "Lambda": (-items, factors),
        "Psi": (-factors, -factors),
        "Theta": (-errors, -errors),
        "nu": (-items, np.zeros((1, len(values)))),
        "alpha": (-factors, np.zeros((1, len(values)))),
    }
    units = _units(matrices, implied)
    for name, (of_row, of_column) in sides.items():
        at, row, column = structure.places(group, name)
        relative = of_row[row] + of_column[column]
        if name == "Theta":
            # An error variance is divided by the whole variance of its item.
            relative = np.where((row == column)[:, None], -2 * items[row], relative)
        unit = units[name][row, column]
        whole = (matrices[name][row, column] * unit)[:, None]
        slopes[at] += np.where(whole == 0, 0.0, whole * relative / 2)
        free = structure.free_of(at)
        mine = free >= 0
        slopes[at[mine], free[mine]] += unit[mine]


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
