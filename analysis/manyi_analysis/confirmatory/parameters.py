"""The parameters of a factor model in G groups: where each stands, which are free, which are equal."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from manyi_analysis.confirmatory.model import FactorModel, Scaling

#: Which parameters are the same in all groups.
Equal = Literal["loadings", "intercepts", "residuals"]
#: Of y = nu + Lambda eta + epsilon and eta = alpha + Beta eta + zeta; Psi and Theta are the covariances of
#: zeta and of epsilon.
MatrixName = Literal["Lambda", "Beta", "Psi", "Theta", "nu", "alpha"]
MATRICES: tuple[MatrixName, ...] = ("Lambda", "Beta", "Psi", "Theta", "nu", "alpha")
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter in one group.

    Parameters
    ----------
    left, op, right : str
        As lavaan writes it: ``factor =~ item``, ``a ~~ b``, ``item ~1``.
    group : int
        Position of the group.
    matrix, row, column
        Where it stands.
    free : int
        Position among the free parameters, shared by equal ones; -1 if fixed.
    value : float
        If fixed, its value.
    """

    left: str
    op: str
    right: str
    group: int
    matrix: MatrixName
    row: int
    column: int
    free: int
    value: float

    @property
    def text(self) -> str:
        """Return it in words: ``visual =~ x1``."""
        return f"{self.left} {self.op} {self.right}".strip()


@dataclass(frozen=True, slots=True)
class Cells:
    """Free places of one matrix in one group: row, column and position among the free parameters."""

    row: Indices
    column: Indices
    free: Indices


@dataclass(frozen=True, slots=True, eq=False)
class ParameterTable:
    """All parameters of a model.

    Parameters
    ----------
    items, latents : tuple of str
        The k items and m factors.
    groups : int
        How many.
    means : bool
        Whether intercepts and latent means are part of the model.
    rows : tuple of Parameter
        Group after group.
    unit_items : bool
        Items have variance 1, as normal variables behind ordered answers do: an error variance is what is
        left of it, not a parameter.
    """

    items: tuple[str, ...]
    latents: tuple[str, ...]
    groups: int
    means: bool
    rows: tuple[Parameter, ...]
    unit_items: bool = False

    @property
    def free(self) -> int:
        """Return how many free parameters there are, equal ones counted once."""
        return 1 + max((row.free for row in self.rows), default=-1)

    def cells(self, group: int) -> dict[MatrixName, Cells]:
        """Return where the free parameters of a group stand."""
        found: dict[MatrixName, Cells] = {}
        for name in MATRICES:
            at = [r for r in self.rows if r.group == group and r.matrix == name and r.free >= 0]
            places = np.array([(r.row, r.column, r.free) for r in at], dtype=np.intp).reshape(-1, 3).T
            found[name] = Cells(places[0], places[1], places[2])
        return found

    def fixed(self, group: int) -> dict[MatrixName, NDArray[np.float64]]:
        """Return the matrices of a group with the fixed values in them and 0 elsewhere."""
        k, m = len(self.items), len(self.latents)
        found: dict[MatrixName, NDArray[np.float64]] = {
            "Lambda": np.zeros((k, m)),
            "Beta": np.zeros((m, m)),
            "Psi": np.zeros((m, m)),
            "Theta": np.zeros((k, k)),
            "nu": np.zeros((k, 1)),
            "alpha": np.zeros((m, 1)),
        }
        for r in self.rows:
            if r.group == group and r.free < 0:
                found[r.matrix][r.row, r.column] = r.value
                if r.matrix in ("Psi", "Theta"):
                    found[r.matrix][r.column, r.row] = r.value
        return found

    def first(self) -> tuple[Parameter, ...]:
        """Return for each free parameter, in order, the first row that it stands in."""
        found: dict[int, Parameter] = {}
        for row in self.rows:
            if row.free >= 0:
                found.setdefault(row.free, row)
        return tuple(found[position] for position in range(self.free))

    def with_free(self, further: Sequence[Parameter]) -> "ParameterTable":
        """Return the table with further free parameters, numbered in their order after those there are.

        One that already stands in the table, fixed or equal to others, takes the new number.
        """
        new = {(p.matrix, p.row, p.column, p.group): self.free + i for i, p in enumerate(further)}
        rows = [replace(r, free=new.pop((r.matrix, r.row, r.column, r.group), r.free)) for r in self.rows]
        rows += [
            replace(p, free=new[(p.matrix, p.row, p.column, p.group)])
            for p in further
            if (p.matrix, p.row, p.column, p.group) in new
        ]
        return replace(self, rows=tuple(rows))


@dataclass(frozen=True, slots=True)
class _Draft:
    left: str
    op: str
    right: str
    matrix: MatrixName
    row: int
    column: int
    value: float | None
    """Fixed value, or None if free."""
    label: str | None = None
    """Free parameters of one label are one parameter."""


def lay_out(
    model: FactorModel,
    scaling: Scaling = "marker",
    groups: int = 1,
    means: bool = False,
    equal: Collection[Equal] = (),
    released: Collection[str] = (),
    unit_items: bool = False,
) -> ParameterTable:
    """Return the table of a model's parameters.

    Parameters
    ----------
    model : FactorModel
    scaling : {"marker", "variance"}
        How factors get their units. With equal loadings, ``variance`` fixes it in the first group only.
    groups : int
        G.
    means : bool
        Model intercepts too; always in several groups.
    equal : collection of {"loadings", "intercepts", "residuals"}
        What is the same in all groups. With equal intercepts the latent means of all groups but the first
        are free.
    released : collection of str
        Parameters that stay free in every group all the same: ``"visual =~ x1"``, ``"x1 ~1"``.
    unit_items : bool
        Items have variance 1.

    Notes
    -----
    As lavaan's ``cfa``: an item that alone measures a factor has no error; factors that no other explains
    correlate unless the model says otherwise.
    """
    with_means = means or groups > 1
    rows: list[Parameter] = []
    numbers: dict[object, int] = {}
    for group in range(groups):
        for draft in _drafts(model, scaling, group, with_means, frozenset(equal)):
            free, value = -1, draft.value
            if unit_items and draft.matrix == "Theta" and draft.row == draft.column:
                value = 0.0
            if value is None:
                key = _shared(draft, group, frozenset(equal), frozenset(released))
                free, value = numbers.setdefault(key, len(numbers)), 0.0
            rows.append(
                Parameter(
                    draft.left,
                    draft.op,
                    draft.right,
                    group,
                    draft.matrix,
                    draft.row,
                    draft.column,
                    free,
                    value,
                )
            )
    return ParameterTable(model.items, model.latents, groups, with_means, tuple(rows), unit_items)


def _shared(draft: _Draft, group: int, equal: frozenset[str], released: frozenset[str]) -> object:
    """Return what a free parameter's number belongs to: the same key, the same parameter."""
    text = f"{draft.left} {draft.op} {draft.right}".strip()
    kind: dict[str, str] = {
        "Lambda": "loadings",
        "Beta": "loadings",
        "Theta": "residuals",
        "nu": "intercepts",
    }
    same = kind.get(draft.matrix) in equal and text not in released
    # Covariances of errors are no residual variances; lavaan keeps the two apart as well.
    if draft.matrix == "Theta" and draft.row != draft.column:
        same = False
    return (draft.label or text, -1 if same else group)


def _drafts(
    model: FactorModel, scaling: Scaling, group: int, means: bool, equal: frozenset[str]
) -> list[_Draft]:
    items, latents = model.items, model.latents
    drafts: list[_Draft] = []
    for factor in latents:
        drafts += _loadings(model, factor, scaling)
    alone = {model.factors[f][0] for f in latents if len(model.factors[f]) == 1}
    for i, item in enumerate(items):
        drafts.append(_Draft(item, "~~", item, "Theta", i, i, 0.0 if item in alone else None))
    for a, b in model.errors:
        drafts.append(_Draft(a, "~~", b, "Theta", items.index(a), items.index(b), None))
    # One group has fixed units; with equal loadings the others take them from it.
    unit = scaling == "variance" and (group == 0 or "loadings" not in equal)
    for j, factor in enumerate(latents):
        drafts.append(_Draft(factor, "~~", factor, "Psi", j, j, 1.0 if unit else None))
        for h in range(j):
            if model.correlate(latents[h], factor):
                drafts.append(_Draft(latents[h], "~~", factor, "Psi", h, j, None))
    if means:
        drafts += [_Draft(item, "~1", "", "nu", i, 0, None) for i, item in enumerate(items)]
        for j, factor in enumerate(latents):
            moves = group > 0 and "intercepts" in equal and factor not in model.explained
            drafts.append(_Draft(factor, "~1", "", "alpha", j, 0, None if moves else 0.0))
    return drafts


def _loadings(model: FactorModel, factor: str, scaling: Scaling) -> list[_Draft]:
    drafts = []
    j = model.latents.index(factor)
    label = f"{factor} =~" if factor in model.equal_loadings else None
    for position, indicator in enumerate(model.factors[factor]):
        marked = scaling == "marker" and (position == 0 or label is not None)
        value = 1.0 if marked else None
        if indicator in model.factors:
            h = model.latents.index(indicator)
            drafts.append(_Draft(factor, "=~", indicator, "Beta", h, j, value, label))
        else:
            i = model.items.index(indicator)
            drafts.append(_Draft(factor, "=~", indicator, "Lambda", i, j, value, label))
    return drafts
