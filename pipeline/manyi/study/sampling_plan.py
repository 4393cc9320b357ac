"""The parts of ``study.yaml`` on the sample to draw and on the weights of the answers that came back."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from manyi_instruments.definitions.questionnaire import Definition, Name

Share = Annotated[float, Field(ge=0, le=1)]
PositiveShare = Annotated[float, Field(gt=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
#: A grade or an answer: 3 and "3" are the same level.
Level = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]


class Precision(Definition):
    """How exactly a share or a mean is to be known."""

    margin: Positive = Field(
        description="Half the width of the interval: 0.05 for a share, points for a mean."
    )
    share: Share = Field(0.5, description="Expected share; 0.5 needs most.")
    sd: Positive | None = Field(None, description="Of respondents: then it is a mean, not a share.")
    icc: Share = Field(
        0.0, description="How alike respondents of one school are; table icc of an earlier study."
    )
    per_school: Positive | None = Field(None, description="Respondents of a school; default n / schools.")


class SampledRole(Definition):
    """How many of one role are asked, and out of how many."""

    title: dict[str, str] = Field(default_factory=dict, description="Of a group that is no role here.")
    population: str | int = Field(
        "",
        description="Column of the school table with their number, or the number of a role outside schools.",
    )
    factor: dict[Name, PositiveShare] = Field(
        default_factory=dict, description="stage -> part of the column that may be asked: {primary: 0.667}"
    )
    share: Share | None = Field(
        None, description="Of the total by the rule; default an equal part of the rest."
    )
    minimum_share: Share = Field(0.0, description="Of everybody asked.")
    size: int | None = Field(None, ge=1)
    precision: Precision | None = None
    response: PositiveShare = Field(1.0, description="Part of those asked who are expected to answer.")
    minimum: int = Field(1, ge=1, description="Persons of a school and stage at least.")
    grades: dict[Name, tuple[Level, ...]] = Field(
        default_factory=dict, description="stage -> grades that are asked in equal numbers"
    )
    per_class: int | None = Field(None, ge=1, description="Persons asked of one class.")


class Sampling(Definition):
    """The sample that ``manyi plan`` proposes."""

    residents: int | None = Field(None, ge=1)
    per_mille: Positive | None = Field(None, description="Persons asked for each thousand residents.")
    floor: int = Field(0, ge=0, description="Smallest total by the rule.")
    residents_by: dict[str, dict[Level, Positive]] = Field(
        default_factory=dict, description="stratum column -> level -> residents: strata in proportion to them"
    )
    strata: tuple[str, ...] = Field((), description="Columns of the school table, or stage.")
    schools: int | Literal["all"] = "all"
    draw: Literal["pps", "srs"] = Field("pps", description="In proportion to `measure`, or all alike.")
    measure: str = Field("pupils", description="Column of sizes.")
    seed: int = 20170519
    roles: dict[Name, SampledRole] = Field(min_length=1)


class RoleWeights(Definition):
    """The weights of one role's answers."""

    design: str = Field(
        "", description="plan, schools, or the path of a table; empty: everybody begins with weight 1."
    )
    population: str = Field("pupils", description="Column of the school table, with `design: schools`.")
    nonresponse: bool = True
    minimum: int = Field(5, ge=1, description="Respondents a school and stage needs to stand alone.")
    collapse: tuple[str, ...] = Field(
        (), description="Columns within which cells are collapsed; default strata."
    )
    margins: dict[str, dict[Level, Positive]] = Field(
        default_factory=dict, description="variable -> level -> share or count of the population"
    )
    margins_file: str = Field("", description="Table with the columns variable, level, value.")
    calibration: Literal["rake", "linear"] = "rake"
    trim: float | None = Field(None, gt=1, description="Largest weight, in medians of the weights.")
    strata: tuple[str, ...] = ()
    errors: Literal["schools", "design"] = "schools"
    lonely: Literal["adjust", "average", "remove"] = "adjust"
