"""Columns of the tables that explain, in order: the same whether or not every result could be computed."""

import pandas as pd

from manyi_analysis.mediation.paths import MEDIATION_COLUMNS
from manyi_analysis.multilevel.mixed_model import MULTILEVEL_COLUMNS, MULTILEVEL_MODEL_COLUMNS

_MODEL = ("outcome", "answer", "link", "at_least")
_TEST = ("chi2", "df", "p")
_LIMITS = ("low", "high")

COLUMNS: dict[str, tuple[str, ...]] = {
    "multilevel": MULTILEVEL_COLUMNS,
    "multilevel_models": (*MULTILEVEL_MODEL_COLUMNS, "block"),
    "multilevel_variances": (
        "outcome",
        "model",
        "level",
        "term",
        "with",
        "variance",
        "sd",
        *_LIMITS,
        "reason",
    ),
    "multilevel_tests": ("outcome", "smaller", "larger", "null", "n", *_TEST, "distribution", "reason"),
    "importance": (
        *("outcome", "among", "term", "share", "percent", "alone", "last", "beta", "rank", "r2"),
        *("n", "missing", "reason"),
    ),
    "collinearity": (
        *("outcome", "model", "term", "vif", "tolerance", "vif_schools", "condition_index"),
        *("n", "missing", "schools", "advice", "reason"),
    ),
    "school_means": (
        *("outcome", "weights", "term", "estimate", "se", "se_type", "t", "df", "p", *_LIMITS),
        *("reliability", "corrected", "schools", "n", "outcome_reliability", "r2", "adj_r2", "reason"),
    ),
    "ordinal": (
        *(*_MODEL, "term", "estimate", "se", "se_type", "t", "df", "p", *_LIMITS),
        *("odds_ratio", "odds_ratio_low", "odds_ratio_high", "n", "reason"),
    ),
    "ordinal_models": (
        *(
            *_MODEL,
            "n",
            "missing",
            "clusters",
            "loglik",
            "loglik_null",
            "aic",
            "bic",
            "r2_mcfadden",
            "reason",
        ),
    ),
    "proportional_odds": (*_MODEL[:3], "term", *_TEST, "f", "df2", "p_f", "se_type", "n", "reason"),
    "marginal_effects": (*(*_MODEL, "term", "kind", "effect", "se", "df", "p", *_LIMITS, "n", "reason"),),
    "multilevel_imputed": (
        *(
            "outcome",
            "model",
            "term",
            "estimate",
            "se",
            "df",
            "df_method",
            "t",
            "p",
            *_LIMITS,
            "fmi",
            "reason",
        ),
    ),
    "multilevel_imputed_models": (
        *("outcome", "model", "m", "n", "schools", "var_school", "var_residual", "icc", "r2_marginal"),
        *("r2_conditional", "singular", "reason"),
    ),
    "multilevel_imputed_variances": ("outcome", "model", "level", "term", "with", "variance", "sd"),
    "ordinal_imputed": (
        *(*_MODEL, "term", "estimate", "se", "se_type", "t", "df", "p", *_LIMITS),
        *("odds_ratio", "odds_ratio_low", "odds_ratio_high", "fmi", "r2_mcfadden", "m", "n", "reason"),
    ),
    "mediation": (*MEDIATION_COLUMNS, "levels", "missing", "reliability"),
}


def in_order(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its columns in order; those nothing was computed for are empty.

    Parameters
    ----------
    name : str
        Of the table; one that has no fixed columns is returned as it is.
    frame : DataFrame
    """
    return frame.reindex(columns=list(COLUMNS[name])) if name in COLUMNS else frame
