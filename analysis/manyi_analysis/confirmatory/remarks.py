"""What a reader must know of a solution that was found but is not proper."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from manyi_analysis.confirmatory.implied import Structure
from manyi_analysis.confirmatory.model import FactorModel
from manyi_analysis.records.rows import Floats
from manyi_instruments.faults import Fault, Place

#: A standardized loading above 1 by rounding is none.
ROUNDING = 1e-8


@dataclass(frozen=True, slots=True)
class Remark:
    """Something wrong with a solution, by the code of the catalogue of faults.

    Parameters
    ----------
    code : str
    details : Mapping
        Values for the placeholders of the wording.
    """

    code: str
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """Return the code and its details on one line.

        >>> Remark("cfa-negative-error-variance", {"items": ("x7",)}).reason
        'cfa-negative-error-variance: items=x7'
        """
        return f"{self.code}: " + ", ".join(f"{key}={_plain(value)}" for key, value in self.details.items())

    def fault(self, place: Place | None = None) -> Fault:
        """Return the warning of the catalogue, for messages in a user's language."""
        details = {key: _plain(value) for key, value in self.details.items()}
        return Fault(self.code, place if place is not None else Place(), details, "warning")


def remarks(
    model: FactorModel, structure: Structure, values: Floats, standardized: Floats, groups: tuple[str, ...]
) -> tuple[Remark, ...]:
    """Return what is improper in a solution, group by group; nothing if it is proper.

    Negative variances (Heywood cases), factors whose covariance matrix is not positive definite, standardized
    loadings above 1; and factors of one item, whose error is taken to be none.

    Parameters
    ----------
    model, structure
        The model.
    values : ndarray, shape (q,)
        Free parameters.
    standardized : ndarray
        All parameters, in the order of the table's rows.
    groups : tuple of str
        Names of the groups; one empty name if there are none.
    """
    found: list[Remark] = []
    alone = tuple(f for f, by in model.factors.items() if len(by) == 1 and by[0] not in model.factors)
    if alone:
        found.append(Remark("cfa-single-item-factor", {"model": model.name, "factors": alone}))
    rows = structure.table.rows
    for group in structure.groups:
        at = {"model": model.name, "group": groups[group] or "–"}
        matrices, implied = structure.matrices(values, group), structure.implied(values, group)
        below = _below_zero(np.diagonal(matrices["Theta"]), structure.table.items)
        if below:
            found.append(Remark("cfa-negative-error-variance", {**at, "items": below}))
        below = _below_zero(np.diagonal(matrices["Psi"]), structure.table.latents)
        if below:
            found.append(Remark("cfa-negative-factor-variance", {**at, "factors": below}))
        elif np.linalg.eigvalsh(implied.factor_covariance)[0] <= 0:
            found.append(
                Remark("cfa-factors-not-positive-definite", {**at, "factors": structure.table.latents})
            )
        above = tuple(
            row.text
            for row, value in zip(rows, standardized, strict=True)
            if row.group == group and row.op == "=~" and abs(value) > 1 + ROUNDING
        )
        if above and not model.cross_loaded():
            found.append(Remark("cfa-loading-above-one", {**at, "loadings": above}))
    return tuple(found)


def _below_zero(variances: Floats, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name, one in zip(names, variances, strict=True) if one < 0)


def _plain(value: object) -> str:
    if isinstance(value, tuple):
        return " ".join(str(member) for member in value)
    return str(value)
