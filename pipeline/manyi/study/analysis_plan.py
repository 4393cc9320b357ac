"""The part of ``study.yaml`` on analysis: declared before the answers are looked at."""

from typing import Literal

from pydantic import Field

from manyi.study.confirmatory_plan import Compare, Confirmatory
from manyi.study.explanation_plan import Mediation, Multilevel, Ordinal, Specification
from manyi.study.level_plan import Importance, Retest
from manyi.study.waves import Monitoring
from manyi_instruments.definitions.questionnaire import Definition


class Factors(Definition):
    """Exploratory factor analysis of one role's items."""

    scales: tuple[str, ...] = Field((), description="Scales whose items enter; empty for all scales.")
    number: int | Literal["parallel"] = "parallel"
    extraction: Literal["minres", "ml", "paf", "pca"] = "minres"
    rotation: Literal["none", "varimax", "oblimin", "promax"] = "oblimin"
    reversed: bool = Field(True, description="False analyses the items as answered, unreversed.")
    matrix: Literal["pearson", "polychoric"] = Field(
        "pearson", description="Correlations that are factored; eigenvalues are shown of both."
    )
    missing: Literal["listwise", "pairwise", "em"] | None = Field(
        None, description="Rows the correlations rest on; none for those of the plan."
    )


class Differences(Definition):
    """Differences between groups of one role."""

    outcomes: tuple[str, ...] = Field((), description="Empty: the satisfaction measures and the scales.")
    by: tuple[str, ...] = Field((), description="Columns of groups; empty for the role's groups.")
    adjustment: Literal["holm", "bh", "bonferroni", "none"] = "holm"
    beside: bool = Field(True, description="Also the tests that the rule does not choose, for comparison.")


class Correlations(Definition):
    """Correlations of one role's variables."""

    variables: tuple[str, ...] = Field((), description="Empty: the scales and the satisfaction measures.")
    methods: tuple[Literal["pearson", "spearman", "polychoric"], ...] = ("pearson", "spearman", "polychoric")
    controls: tuple[str, ...] = Field((), description="Held constant in partial correlations.")
    smallest_school: int = Field(5, ge=1, description="Respondents from which a school's mean counts.")
    adjustment: Literal["holm", "bh", "bonferroni", "none"] = "holm"


class Regression(Definition):
    """One outcome explained in blocks, in the order written."""

    role: str
    outcome: str
    blocks: dict[str, tuple[str, ...]] = Field(
        min_length=1, description="block name -> items, scales, school indicators or `stage`"
    )
    headline: str | None = Field(
        None,
        description="Block whose effect the study is about; default the first that holds school columns. Its "
        "coefficients are total effects in the model it enters and direct effects in later ones.",
    )
    errors: tuple[Literal["CR1", "CR2"], ...] = Field(
        ("CR1", "CR2"), min_length=1, description="Errors clustered by school; the first are the headline's."
    )
    multilevel: Multilevel = Multilevel()
    importance: tuple[Literal["blocks", "headline", "terms"], ...] = Field(
        ("blocks", "headline"),
        description="What R² is divided among: all blocks; the headline's terms, given the blocks before it; "
        "all terms.",
    )
    ordinal: Ordinal | None = None
    mediation: tuple[Mediation, ...] = ()
    specification: Specification | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the terms of all blocks, in the order written."""
        return tuple(term for terms in self.blocks.values() for term in terms)

    @property
    def single_answers(self) -> tuple[str, ...]:
        """Return the outcomes explained beside the regression's own."""
        ordinal = self.ordinal.outcomes if self.ordinal is not None else ()
        return (*ordinal, *(self.specification.outcomes if self.specification is not None else ()))


class Imputation(Definition):
    """Multiple imputation of the planned regressions, shown beside those of complete rows."""

    m: int = Field(20, ge=2, description="Completed data sets.")
    iterations: int = Field(5, ge=1, description="Rounds of the chained equations before each is taken.")
    donors: int = Field(5, ge=1, description="Nearest respondents a missing answer is drawn from.")
    roles: tuple[str, ...] = Field((), description="Roles whose regressions are imputed; empty for all.")
    auxiliary: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="role -> items and scales that help to impute, in no model"
    )


class Analysis(Definition):
    """The analysis plan, declared before the answers are looked at."""

    groups: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="role -> items or school columns to break results down by"
    )
    factors: dict[str, Factors] = Field(default_factory=dict, description="role -> factor analysis")
    confirmatory: dict[str, Confirmatory] = Field(
        default_factory=dict, description="role -> confirmatory factor analysis"
    )
    compare: Compare = Compare()
    differences: dict[str, Differences] = Field(
        default_factory=dict, description="role -> what is compared between which groups"
    )
    correlations: dict[str, Correlations] = Field(
        default_factory=dict, description="role -> what is correlated"
    )
    regression: tuple[Regression, ...] = ()
    satisfaction: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="role -> scales and items reported as satisfaction indices"
    )
    index: Literal["share_of_maximum", "share_of_range", "top2", "satisfied"] = "share_of_range"
    minimum_cell: int = Field(10, ge=1, description="Smaller groups are not shown.")
    hide_ungrouped: Literal["known", "always", "never"] = Field(
        "known", description="Where few respondents without a group's value are protected like a level."
    )
    gaps: dict[str, tuple[tuple[str, str], ...]] = Field(
        default_factory=dict, description="role -> pairs of expectation and perception"
    )
    importance: tuple[Importance, ...] = ()
    retest: dict[str, Retest] = Field(default_factory=dict, description="role -> its second occasion")
    monitoring: Monitoring = Monitoring()
    counties: str | None = Field(
        None, description="Column of the school table that names the county, where a study has several."
    )
    confidence: float = Field(0.95, gt=0, lt=1)
    seed: int = 20170519
    missing: Literal["listwise", "pairwise"] = Field(
        "listwise", description="Rows that reliability and factors rest on where answers are missing."
    )
    imputation: Imputation | None = None
