"""How many factors: the row of the table ``factorability`` and the eigenvalues behind it."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from manyi.study.analysis_plan import Factors
from manyi_analysis.measurement import (
    Bartlett,
    Eigenvalues,
    FactorAnalysis,
    Kmo,
    MinimumAveragePartial,
    ParallelAnalysis,
    bartlett,
    eigenvalues,
)
from manyi_analysis.records import Correlated, NotComputed

COLUMNS = [
    "n",
    "missing",
    "missing_rule",
    "kmo",
    "bartlett_chi2",
    "bartlett_df",
    "bartlett_p",
    "factors_parallel_fa",
    "factors_parallel_pc",
    "factors_kaiser",
    "extraction",
    "rotation",
    "factors",
    "reason",
    "matrix",
    "smallest_eigenvalue",
    "factors_map",
    "factors_map_revised",
    "map_reason",
    "factors_parallel_fa_polychoric",
    "factors_parallel_pc_polychoric",
    "polychoric_reason",
    "efa_chi2",
    "efa_df",
    "efa_p",
    "efa_rmsr",
    "efa_rmsea",
    "efa_tli",
    "remark",
]

Parallels = Mapping[str, ParallelAnalysis | NotComputed]


def factorability_row(
    matrix: Correlated,
    adequacy: Kmo | NotComputed,
    parallels: Parallels,
    partial: MinimumAveragePartial | NotComputed,
    planned: str,
) -> tuple[dict[str, object], list[str]]:
    """Return what is known before factoring, and why some of it is not.

    Parameters
    ----------
    matrix : Moments, PairwiseMoments, EstimatedMoments or PolychoricCorrelations
        The correlations that are factored.
    adequacy : Kmo or NotComputed
    parallels : Mapping
        Parallel analysis of ``pearson`` and of ``polychoric`` correlations.
    partial : MinimumAveragePartial or NotComputed
    planned : str
        Which of the two matrices is factored.
    """
    row: dict[str, object] = {"n": matrix.n, "missing": matrix.missing}
    sphericity, found = bartlett(matrix), eigenvalues(matrix)
    own, ordinal = parallels["pearson"], parallels["polychoric"]
    if isinstance(adequacy, Kmo):
        row["kmo"] = adequacy.overall
    if isinstance(sphericity, Bartlett):
        row |= {
            "bartlett_chi2": sphericity.chi2,
            "bartlett_df": sphericity.df,
            "bartlett_p": sphericity.p,
        }
    if isinstance(found, Eigenvalues):
        row["factors_kaiser"] = found.kaiser
    if isinstance(own, ParallelAnalysis):
        row |= {
            "factors_parallel_fa": own.number_of_factors,
            "factors_parallel_pc": own.number_of_components,
        }
    if isinstance(ordinal, ParallelAnalysis):
        row |= {
            "factors_parallel_fa_polychoric": ordinal.number_of_factors,
            "factors_parallel_pc_polychoric": ordinal.number_of_components,
            "polychoric_reason": "",
        }
    else:
        row["polychoric_reason"] = ordinal.reason
    if isinstance(partial, MinimumAveragePartial):
        row |= {
            "factors_map": partial.number,
            "factors_map_revised": partial.number_revised,
            "map_reason": "",
        }
    else:
        row["map_reason"] = partial.reason
    needed = (adequacy, sphericity, found, parallels[planned])
    return row, list(dict.fromkeys(one.reason for one in needed if isinstance(one, NotComputed)))


def number_of_factors(factors: Factors, parallel: ParallelAnalysis | NotComputed) -> int:
    """Return how many factors are extracted; 0 where parallel analysis decides and could not."""
    if factors.number != "parallel":
        return factors.number
    if isinstance(parallel, NotComputed):
        return 0
    return parallel.number_of_components if factors.extraction == "pca" else parallel.number_of_factors


def eigenvalue_table(parallels: Parallels) -> pd.DataFrame | None:
    """Return eigenvalues and their percentiles by rank, of both matrices; None where there is neither."""
    frames = []
    for name, ending in (("pearson", ""), ("polychoric", "_polychoric")):
        found = parallels[name]
        if isinstance(found, ParallelAnalysis):
            frame = found.to_frame().set_index("number")
            frames.append(
                frame.rename(columns={column: _renamed(column, ending) for column in frame.columns})
            )
    if not frames:
        return None
    table = pd.concat(frames, axis=1).reset_index()
    return table.reindex(
        columns=["number", *EIGENVALUES, *(_renamed(name, "_polychoric") for name in EIGENVALUES)]
    )


#: Columns of one matrix' eigenvalues, with the percentile parallel analysis takes.
EIGENVALUES = ("component", "component_95", "factor", "factor_95")


def _renamed(column: str, ending: str) -> str:
    """Return a column's name for a matrix: the percentile stays last."""
    name, _, percentile = column.partition("_")
    return f"{name}{ending}_{percentile}" if percentile else f"{name}{ending}"


def fit_row(solution: FactorAnalysis) -> dict[str, object]:
    """Return how well common factors reproduce the correlations; nothing of components."""
    fit = solution.fit
    if fit is None:
        return {}
    return {
        "efa_chi2": fit.chi2,
        "efa_df": fit.df,
        "efa_p": fit.p,
        "efa_rmsr": fit.rmsr,
        "efa_rmsea": fit.rmsea,
        "efa_tli": fit.tli,
    }


def smallest_eigenvalue(matrix: Correlated) -> float | None:
    """Return the smallest eigenvalue of a correlation matrix: 0 or below, it is not positive definite."""
    if matrix.n < 2 or matrix.constant or not np.isfinite(matrix.correlation).all():
        return None
    return float(np.linalg.eigvalsh(matrix.correlation)[0])
