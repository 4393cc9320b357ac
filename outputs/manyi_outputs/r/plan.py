"""What the R script computes of one role: the analysis plan as far as R's packages carry it out."""

from collections.abc import Mapping
from dataclasses import dataclass

from manyi_analysis.confirmatory import FactorModel


@dataclass(frozen=True, slots=True)
class FactorPlan:
    """An exploratory factor analysis.

    Parameters
    ----------
    items : tuple of str
        Columns.
    extraction, rotation, matrix : str
        ``minres, ml, paf, pca``; ``none, varimax, oblimin, promax``; ``pearson, polychoric``.
    rows : str
        ``listwise``, or another rule: then correlations rest on the rows of each pair.
    number : int or None
        Factors; None for parallel analysis in R.
    """

    items: tuple[str, ...]
    extraction: str
    rotation: str
    matrix: str
    rows: str
    number: int | None


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """Confirmatory factor models.

    Parameters
    ----------
    items : Mapping
        Id of an item, as models name it -> its keyed column.
    models : Mapping
        Name -> model.
    estimators : tuple of str
        ``ML, MLM, MLR, FIML, WLSMV``.
    """

    items: Mapping[str, str]
    models: Mapping[str, FactorModel]
    estimators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegressionPlan:
    """A regression in blocks.

    Parameters
    ----------
    outcome : str
    blocks : Mapping
        Name -> terms, in the order entered.
    levels : Mapping
        Term that counts as names -> its answers, the reference first.
    errors : tuple of str
        ``CR1``, ``CR2``.
    method : {"REML", "ML"}
        Of the models with random effects of schools.
    clustered : bool
        Whether answers carry a school.
    """

    outcome: str
    blocks: Mapping[str, tuple[str, ...]]
    levels: Mapping[str, tuple[int, ...]]
    errors: tuple[str, ...]
    method: str
    clustered: bool


@dataclass(frozen=True, slots=True)
class RolePlan:
    """What is computed of one role.

    Parameters
    ----------
    role, title : str
    file : str
        Its CSV.
    asked, words : tuple of str
        Columns with codes of missing answers; columns of words.
    missing : tuple of int
        Those codes.
    rows : str
        Rows of reliabilities: ``listwise`` or ``pairwise``.
    seed : int
        Of parallel analysis.
    scales : Mapping
        Scale -> keyed columns.
    factors : FactorPlan
    confirmatory : ModelPlan
    regressions : tuple of RegressionPlan
    """

    role: str
    title: str
    file: str
    asked: tuple[str, ...]
    words: tuple[str, ...]
    missing: tuple[int, ...]
    rows: str
    seed: int
    scales: Mapping[str, tuple[str, ...]]
    factors: FactorPlan
    confirmatory: ModelPlan
    regressions: tuple[RegressionPlan, ...] = ()
