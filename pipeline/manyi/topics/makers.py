"""What made each result table: the module that lays it out and the functions that compute its numbers.

The one place that says it; `manyi trace` reads it. Tests hold it against the tables of the example county and
against the modules and functions it names.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

#: Which rows a number uses where its own row does not say (column ``missing_rule``).
Rule = Literal["each", "model", "scored", "every", "schools", "patterns", "imputed", "coded"]


@dataclass(frozen=True, slots=True)
class Maker:
    """What made a result table.

    Parameters
    ----------
    module : str
        Below ``manyi``: where the rows are put together.
    function : str
        Below ``manyi_analysis``, or from ``manyi`` on: computes the numbers.
    rule : str
        Which rows it uses: ``each``, all that answered this one question; ``model``, complete on every
        variable of the result; ``scored``, all with a score; ``every``, all, nothing left out; ``schools``,
        stages of schools with every column an indicator needs; ``patterns``, all, by what they lack;
        ``imputed``, all, lacking answers imputed many times; ``coded``, texts that all coders read.
    columns : Mapping
        Column -> function, where it is another.
    by : str
        A column whose values decide the function.
    of : Mapping
        Beginning of such a value -> function.
    """

    module: str
    function: str
    rule: Rule
    columns: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    of: Mapping[str, str] = field(default_factory=dict)

    def of_cell(self, column: str, row: Mapping[str, object]) -> str:
        """Return the full name of the function that computed one cell."""
        value = str(row.get(self.by, "")) if self.by else ""
        matching = [key for key in self.of if value.startswith(key)]
        name = self.of[max(matching, key=len)] if matching else self.function
        return full_name(self.columns.get(column, name))

    @property
    def functions(self) -> tuple[str, ...]:
        """Return the full names of all functions."""
        names = (self.function, *self.columns.values(), *self.of.values())
        return tuple(dict.fromkeys(full_name(name) for name in names))


def full_name(function: str) -> str:
    """Return the name of a function with its package."""
    return function if function.startswith("manyi.") else f"manyi_analysis.{function}"


def _columns(function: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), function)


_CAREFUL = {
    "invalid": "manyi.cleaning.ranges.invalid_share",
    "missing": "manyi.cleaning.missing.missing_share",
    "longstring": "careless.long_string",
    "irv": "careless.response_variability",
    "attention": "manyi.cleaning.consistency.failed_checks",
    "reverse_pairs": "manyi.cleaning.consistency.contradiction_share",
    "even_odd": "careless.even_odd",
    "synonyms": "careless.within_person_correlation",
    "antonyms": "careless.within_person_correlation",
    "mahalanobis": "careless.mahalanobis_metric",
    "seconds": "manyi.cleaning.speed.speed_indices",
    "relative_speed": "manyi.cleaning.speed.speed_indices",
}
_ESTIMATORS = {"FIML": "confirmatory.cfa_full_information", "WLS": "confirmatory.cfa_ordinal"}
_TESTS = {
    "student_t": "differences.student_t",
    "welch_t": "differences.welch_t",
    "anova": "differences.anova",
    "welch_anova": "differences.welch_anova",
    "mann_whitney": "differences.mann_whitney",
    "kruskal_wallis": "differences.kruskal_wallis",
    "chi_square": "differences.chi_square",
    "fisher": "differences.fisher_exact",
}
_PAIRS = {
    "games_howell": "differences.games_howell",
    "tukey": "differences.tukey",
    "dunn": "differences.dunn",
}
_INEQUALITY = {
    "cv": "resources.weighted_variation",
    "gini": "equity.gini",
    "theil": "equity.theil",
    "theil_t by": "equity.theil_decomposition",
    "atkinson": "equity.atkinson",
    "range_ratio": "equity.range_ratio",
    "mcloone": "equity.mcloone",
    "gap": "equity.group_gap",
}
_NUMBER_OF_FACTORS = {
    **_columns("measurement.bartlett", "bartlett_chi2 bartlett_df bartlett_p"),
    **_columns("measurement.parallel_analysis", "factors_parallel_fa factors_parallel_pc"),
    **_columns(
        "measurement.parallel_analysis", "factors_parallel_fa_polychoric factors_parallel_pc_polychoric"
    ),
    **_columns("measurement.minimum_average_partial", "factors_map factors_map_revised"),
    **_columns("measurement.eigenvalues", "factors_kaiser smallest_eigenvalue"),
    **_columns("measurement.efa", "factors efa_chi2 efa_df efa_p efa_rmsr efa_rmsea efa_tli"),
}
_ITEMS = {
    **_columns("measurement.answer_range", "answered floor ceiling floor_effect ceiling_effect"),
    **_columns(
        "measurement.item_discrimination",
        "low_cut high_cut n_low n_high mean_low mean_high discrimination cr cr_df cr_p cr_pooled "
        "cr_pooled_df cr_pooled_p levene_f levene_p",
    ),
}
_CLUSTERED_CORRELATION = _columns("correlations.clustered_pearson", "p_clustered clusters")
_ADJUSTED = _columns("differences.adjusted", "p_adjusted p_clustered_adjusted")
_ONE_ADJUSTED = _columns("differences.adjusted", "p_adjusted")
_NESTED = _columns(
    "differences.nesting",
    "p_clustered f_clustered df1_clustered df2_clustered low_clustered high_clustered clusters icc "
    "design_effect",
)
_BOOTSTRAPPED = _columns("confirmatory.htmt_bootstrap", "se low high htmt2_se htmt2_low htmt2_high clusters")
_BIAS_REDUCED = _columns("explanation.bias_reduced.bias_reduced_ols", "f_change_cr2 df2_cr2 p_change_cr2")

MAKERS: Mapping[str, Maker] = {
    # Who answered, and what.
    "ledger": Maker("stages.cleaning", "manyi.cleaning.ledger.ledger", "every"),
    "return": Maker("stages.analysing", "level.sample.Return", "every"),
    "respondents": Maker("stages.analysing", "level.sample.composition", "each"),
    "answers": Maker("stages.analysing", "level.distribution.answer_distribution", "each"),
    "rankings": Maker("stages.analysing", "level.ranking.rankings", "each"),
    "dont_know": Maker("stages.analysing", "level.distribution.dont_know", "every"),
    "careless_indices": Maker(
        "stages.cleaning", "manyi.cleaning.index_summary.index_summary", "each", by="index", of=_CAREFUL
    ),
    "import_files": Maker("stages.importing", "manyi.readers.importing.import_answers", "every"),
    "import_cells": Maker("stages.importing", "manyi.readers.importing.import_answers", "every"),
    "matching": Maker("stages.importing", "manyi.readers.matching.match.match", "every"),
    "quarantine": Maker("stages.importing", "manyi.readers.importing.import_answers", "every"),
    "repaired_codes": Maker("stages.importing", "manyi.readers.importing.import_answers", "every"),
    "entry_disagreements": Maker("stages.importing", "manyi.readers.importing.import_answers", "every"),
    "unmatched_schools": Maker("stages.cleaning", "manyi.cleaning.cleaned.clean", "every"),
    "weights": Maker("stages.weighting", "weights.respondent_weights", "every"),
    "weight_cells": Maker("stages.weighting", "weights.respondent_weights", "every"),
    "weight_margins": Maker("stages.weighting", "weights.respondent_weights", "every"),
    # Measurement.
    "items": Maker("topics.items", "measurement.item_analysis", "model", _ITEMS),
    "missing_patterns": Maker("topics.missing_answers", "records.PatternMoments", "patterns"),
    "mcar": Maker("topics.missing_answers", "missing.little.little_mcar", "patterns"),
    "reliability": Maker(
        "topics.reliability",
        "measurement.cronbach_alpha",
        "model",
        _columns("measurement.omega_total", "omega_total"),
    ),
    "omega": Maker(
        "topics.reliability",
        "measurement.omega_hierarchical",
        "model",
        _columns("measurement.omega_total", "omega_total"),
    ),
    "split_half": Maker("topics.reliability", "measurement.split_half", "model"),
    "guttman": Maker("topics.reliability", "measurement.guttman_lambdas", "model"),
    "ordinal_reliability": Maker(
        "topics.ordinal",
        "measurement.ordinal_alpha",
        "model",
        {
            **_columns("measurement.ordinal_omega", "omega_ordinal omega_categorical"),
            **_columns(
                "measurement.polychoric_correlations", "mean_r_polychoric smallest_eigenvalue empty_cells"
            ),
        },
    ),
    "retest": Maker("stages.retesting", "measurement.retest_reliability", "model"),
    "factorability": Maker("topics.factors", "measurement.kmo", "model", _NUMBER_OF_FACTORS),
    "kmo_items": Maker("topics.factors", "measurement.kmo", "model"),
    "eigenvalues": Maker("topics.factors", "measurement.parallel_analysis", "model"),
    "map": Maker("topics.factors", "measurement.minimum_average_partial", "model"),
    "factors": Maker("topics.factors", "measurement.efa", "model"),
    "loadings": Maker("topics.factors", "measurement.efa", "model"),
    "factor_correlations": Maker("topics.factors", "measurement.efa", "model"),
    "common_method": Maker(
        "topics.common_method",
        "measurement.harman_single_factor",
        "model",
        by="method",
        of={"method_factor": "confirmatory.method_variance"},
    ),
    "cfa_fit": Maker("topics.confirmatory", "confirmatory.cfa", "model", by="estimator", of=_ESTIMATORS),
    "cfa_loadings": Maker("topics.confirmatory", "confirmatory.cfa", "model", by="estimator", of=_ESTIMATORS),
    "cfa_comparison": Maker("topics.confirmatory", "confirmatory.chi2_difference", "model"),
    "convergent": Maker("topics.confirmatory", "confirmatory.convergent_validity", "model"),
    "latent_correlations": Maker(
        "topics.confirmatory", "confirmatory.cfa", "model", by="estimator", of=_ESTIMATORS
    ),
    "htmt": Maker("topics.confirmatory", "confirmatory.htmt", "model", _BOOTSTRAPPED),
    "modification_indices": Maker("topics.confirmatory", "confirmatory.modification_indices", "model"),
    "invariance": Maker("topics.confirmatory", "confirmatory.invariance", "model"),
    "latent_means": Maker("topics.confirmatory", "confirmatory.invariance", "model"),
    "two_level": Maker("topics.levels", "measurement.level_reliability", "model"),
    "two_level_loadings": Maker("topics.levels", "measurement.efa", "model"),
    "item_icc": Maker("topics.levels", "explanation.icc.intraclass_correlation", "model"),
    # Level of satisfaction.
    "satisfaction": Maker("topics.satisfaction", "level.satisfaction.index_levels", "scored"),
    "school_satisfaction": Maker("topics.satisfaction", "level.school_satisfaction.school_levels", "scored"),
    "weighted_answers": Maker("stages.weighting", "design_based.weighted_answers.weighted_answers", "each"),
    "weighted_satisfaction": Maker(
        "stages.weighting", "design_based.weighted_satisfaction.weighted_satisfaction", "scored"
    ),
    "gap": Maker("topics.gaps", "level.gap.expectation_gap", "model", _ADJUSTED),
    "importance_performance": Maker(
        "topics.importance", "level.importance_performance.importance_performance", "model"
    ),
    "role_comparison": Maker("topics.roles", "level.role_comparison.compare_roles", "model"),
    "role_agreement": Maker(
        "topics.roles",
        "level.role_comparison.agreement",
        "model",
        _columns("level.role_comparison.compare_roles", "schools"),
    ),
    "unit_comparison": Maker(
        "topics.counties",
        "level.satisfaction.index_levels",
        "scored",
        {
            **_columns("change.funnel_limits", "z low_95 high_95 low_998 high_998 place"),
            **_columns("change.shrunken_means", "reliability shrunken low high"),
        },
    ),
    # Differences and correlations.
    "differences": Maker(
        "topics.differences", "differences.differences", "model", {**_ADJUSTED, **_NESTED}, "test", _TESTS
    ),
    "pairwise_differences": Maker(
        "topics.differences", "differences.differences", "model", by="test", of=_PAIRS
    ),
    "group_means": Maker("topics.differences", "differences.group_means", "model"),
    "group_answers": Maker("topics.differences", "differences.answer_shares", "model"),
    "correlation_variables": Maker("topics.correlations", "records.Moments", "model"),
    "correlations": Maker(
        "topics.correlations",
        "correlations.pearson",
        "model",
        {**_ADJUSTED, **_CLUSTERED_CORRELATION},
        "method",
        {
            "spearman": "correlations.spearman",
            "polychoric": "correlations.polychoric_pairs",
            "partial": "correlations.partial",
        },
    ),
    # Explanation.
    "icc": Maker("stages.analysing", "explanation.icc.intraclass_correlation", "model"),
    "regression": Maker(
        "topics.explanation",
        "explanation.blocks.design_regression",
        "model",
        by="se_type",
        of={"CR2": "explanation.bias_reduced.bias_reduced_ols"},
    ),
    "regression_models": Maker(
        "topics.explanation", "explanation.blocks.design_regression", "model", _BIAS_REDUCED
    ),
    "collinearity": Maker("topics.predictors", "explanation.collinearity.collinearity", "model"),
    "importance": Maker("topics.predictors", "explanation.importance.importance", "model"),
    "school_means": Maker("topics.predictors", "explanation.school_means.school_mean_regression", "model"),
    "mediation": Maker(
        "topics.explanation",
        "mediation.mediation",
        "model",
        by="levels",
        of={"2": "mediation.multilevel_mediation", "1-": "mediation.multilevel_mediation"},
    ),
    "multilevel": Maker("topics.multilevel", "multilevel.mixed_model", "model"),
    "multilevel_models": Maker("topics.multilevel", "multilevel.mixed_model", "model"),
    "multilevel_variances": Maker(
        "topics.multilevel",
        "multilevel.mixed_model",
        "model",
        _columns("multilevel.variance_intervals", "low high"),
    ),
    "multilevel_tests": Maker(
        "topics.multilevel",
        "multilevel.likelihood_ratio",
        "model",
        by="null",
        of={"var(": "multilevel.school_variance_test"},
    ),
    "school_effects": Maker("topics.multilevel", "multilevel.school_effects", "model"),
    "ordinal": Maker("topics.ordered_answers", "categorical.ordinal_regression", "model"),
    "ordinal_models": Maker("topics.ordered_answers", "categorical.ordinal_regression", "model"),
    "proportional_odds": Maker("topics.ordered_answers", "categorical.proportional_odds_test", "model"),
    "marginal_effects": Maker("topics.ordered_answers", "categorical.average_marginal_effects", "model"),
    "imputed_values": Maker("topics.imputation", "missing.imputations.imputations", "imputed"),
    "regression_imputed": Maker(
        "topics.imputation", "missing.imputed_regression.pooled_regression", "imputed"
    ),
    "regression_imputed_models": Maker(
        "topics.imputation", "missing.imputed_regression.pooled_regression", "imputed"
    ),
    "multilevel_imputed": Maker("topics.imputed_models", "missing.completed_fits.pool_fits", "imputed"),
    "multilevel_imputed_models": Maker(
        "topics.imputed_models", "missing.completed_fits.pool_fits", "imputed"
    ),
    "multilevel_imputed_variances": Maker(
        "topics.imputed_models", "missing.completed_fits.pool_fits", "imputed"
    ),
    "ordinal_imputed": Maker("topics.imputation", "missing.completed_fits.pool_fits", "imputed"),
    # Robustness.
    "sensitivity": Maker(
        "stages.sensitivity",
        "robustness.sensitivity_table",
        "model",
        by="statistic",
        of={
            "alpha": "robustness.alpha_sensitivity",
            "index": "robustness.index_sensitivity",
            "coefficient": "robustness.coefficient_sensitivity",
        },
    ),
    "specification": Maker(
        "topics.specifications", "explanation.specification.standardized_estimates", "model"
    ),
    "specification_summary": Maker(
        "topics.specifications", "explanation.specification.specification_curve", "model"
    ),
    # Waves.
    "change": Maker(
        "stages.monitoring",
        "change.change_of_schools",
        "scored",
        _ONE_ADJUSTED,
        "method",
        {"independent": "change.change_of_estimates", "census": "manyi.topics.changes.school_changes"},
    ),
    "alerts": Maker("stages.monitoring", "manyi.topics.changes.alerts", "schools"),
    "certification": Maker(
        "stages.monitoring",
        "change.group_time_effects",
        "schools",
        _ONE_ADJUSTED,
        "estimator",
        {"two_way": "change.two_way_fixed_effects"},
    ),
    # Voices.
    "codes": Maker("stages.voices", "manyi.voices.coded.frequencies", "coded"),
    "coding_agreement": Maker(
        "stages.voices",
        "coding.cohen_kappa",
        "coded",
        _columns("coding.krippendorff_alpha", "alpha"),
        "method",
        {"fleiss": "coding.fleiss_kappa"},
    ),
    "quotations": Maker("stages.voices", "manyi.voices.coded.quotations", "coded"),
    "masked": Maker("stages.voices", "manyi.voices.masking.Masking", "every"),
    "joint_display": Maker(
        "stages.voices",
        "explanation.clustered.clustered_ols",
        "coded",
        _columns("manyi.voices.coded.joint_display", "n_with n_without with without"),
    ),
    # Schools.
    "school_indicators": Maker("stages.school_resources", "resources.school_indicators", "schools"),
    "school_verdicts": Maker("stages.school_resources", "resources.school_verdicts", "schools"),
    "county_cv": Maker("stages.school_resources", "resources.county_cv", "schools"),
    "standard": Maker("stages.evaluating", "resources.standard_table", "schools"),
    "standard_areas": Maker("stages.evaluating", "resources.evaluate_county", "schools"),
    "school_gaps": Maker("stages.evaluating", "resources.school_gaps", "schools"),
    "school_gap_totals": Maker("stages.evaluating", "resources.school_gaps", "schools"),
    "schools_to_close": Maker("stages.evaluating", "resources.school_gaps", "schools"),
    "recognition": Maker("stages.evaluating", "resources.social_recognition", "each"),
    "recognition_groups": Maker("stages.evaluating", "resources.social_recognition", "each"),
    "recognition_sample": Maker("stages.evaluating", "resources.social_recognition", "every"),
    "equity": Maker("stages.evaluating", "equity.equity_table", "schools", by="measure", of=_INEQUALITY),
    "lorenz": Maker("stages.evaluating", "equity.lorenz_curve", "schools"),
    "staff_flows": Maker("stages.evaluating", "equity.staff_flows", "every"),
    "staff_balance": Maker("stages.evaluating", "equity.staff_flows", "every"),
    "hollowing": Maker("stages.evaluating", "equity.hollowing", "schools"),
}
