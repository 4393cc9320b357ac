"""The part of the analysis plan on explaining an outcome: what is made beside a regression in blocks."""

from typing import Literal

from pydantic import Field

from manyi_instruments.definitions.questionnaire import Definition


class Multilevel(Definition):
    """Models with random effects of schools, beside those that are always made of a regression."""

    slopes: tuple[str, ...] = Field((), description="Terms whose slope may differ between schools.")
    centring: tuple[str, ...] = Field(
        (), description="Terms split into the school's mean and the respondent's distance from it."
    )
    interactions: tuple[tuple[str, str], ...] = Field(
        (), description="Pairs of a respondent's and a school's term: does the second change the slope."
    )
    method: Literal["REML", "ML"] = "REML"


class Ordinal(Definition):
    """Single ordered answers explained by the terms of a regression."""

    outcomes: tuple[str, ...] = Field(min_length=1, description="Items with ordered answers.")
    link: tuple[Literal["logit", "probit"], ...] = ("logit",)
    satisfied: float | None = Field(
        None, description="Lowest answer that counts as satisfied; none for the two highest of the list."
    )
    blocks: tuple[str, ...] = Field((), description="Empty: the blocks up to the headline.")


class Mediation(Definition):
    """Over which perceptions a school column goes with the outcome."""

    predictors: tuple[str, ...] = Field(min_length=1, description="Terms of the regression.")
    mediators: tuple[str, ...] = Field(min_length=1, description="Terms of the regression, side by side.")
    controls: tuple[str, ...] | None = Field(
        None, description="Terms of the regression; none for all of the model of total effects."
    )
    bootstrap: int = Field(0, ge=0, description="Samples of schools; 0 for Monte Carlo limits.")


class Specification(Definition):
    """The headline's effects under every combination of defensible choices."""

    outcomes: tuple[str, ...] = Field((), description="Empty: the outcome and the satisfaction measures.")
    cleaning: tuple[Literal["planned", "none", "all"], ...] = Field(
        ("planned", "none", "all"), description="Exclusions: as planned, nobody, whom any rule flags."
    )
    controls: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="name -> blocks beside the headline; empty: none, and all before it"
    )
