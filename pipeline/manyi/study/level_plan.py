"""The parts of the analysis plan on levels: importance and performance, and persons asked twice."""

from typing import Literal

from pydantic import Field

from manyi_instruments.definitions.questionnaire import Definition


class Importance(Definition):
    """One grid of importance and performance (IPA) of one role."""

    role: str
    attributes: tuple[str, ...] = Field(
        (), description="Scales and items; empty for the scales whose importance an item rates."
    )
    measure: Literal["stated", "standardized_coefficient", "partial_correlation", "correlation"] = "stated"
    outcome: str | None = Field(None, description="Scale or item that derived importance is for.")
    stated: dict[str, str] = Field(
        default_factory=dict, description="attribute -> item that rates its importance, over importance_of"
    )
    cross: Literal["means", "midpoint"] = "means"


class Retest(Definition):
    """A second occasion of one role's questionnaire."""

    second: str = Field(description="Role whose answers are the second occasion.")
    within: tuple[str, ...] = Field((), description="Columns that must agree besides the code: [school].")
