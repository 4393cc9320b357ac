"""What a report needs to know of a study beside its tables: how often it asked, seeds, versions."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Facts:
    """What the result tables do not hold; what is not known is not said.

    Parameters
    ----------
    versions : Mapping
        Package -> version: of what computed and wrote the results, manyi first.
    seed : int, optional
        Of everything that draws random numbers.
    imputations, iterations : int, optional
        Of the multiple imputation.
    occasions : int
        How many waves of answers there are; 1 is a cross-section.
    minimum_cell : int, optional
        Smaller groups are not shown.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    seed: int | None = None
    imputations: int | None = None
    iterations: int | None = None
    occasions: int = 1
    minimum_cell: int | None = None
