"""What a county and its schools must meet beside the indicators: requirements, facts, exemptions, vetoes."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from manyi_instruments.definitions.questionnaire import Definition, Name, Text
from manyi_instruments.standards.sourced import Share, Sourced

Threshold = float | str | dict[Name, float]


class Fact(Definition):
    """A number or judgement that no return of the schools holds: entered by hand, with its evidence."""

    title: Text
    level: Literal["county", "school"] = Field(
        "county", description="county: one for all; school: a further column of the school table."
    )
    type: Literal["number", "yes_no"] = "number"
    unit: Text | None = None
    blank: float | None = Field(
        None, description="What it is where nothing is entered (yes_no: 1 or 0); nothing for missing."
    )
    note: str = ""


class Bound(Definition):
    """A formula and what it is held against."""

    title: Text | None = None
    unit: Text | None = Field(None, description="Where it differs from the requirement's unit.")
    formula: str = Field(description="A number, or a condition that must be true.")
    threshold: Threshold | None = Field(
        None, description="A number, a formula, or one number a stage; nothing for a condition."
    )
    direction: Literal["higher", "lower"] = "higher"
    inclusive: bool = Field(True, description="False: the threshold itself does not meet it.")
    closed_by: Name | None = Field(None, description="The raw column or fact whose change closes a gap.")
    whole: bool = Field(False, description="The column counts whole things: teachers, rooms.")


class Requirement(Sourced):
    """Something that must be met in every bound, by the county, by every school, or at every stage of it."""

    id: Name
    title: Text
    area: Name
    unit: Text
    level: Literal["county", "school", "stage"] = "county"
    stages: tuple[Name, ...] = Field(
        (), description="At the level county: computed for each of these stages by itself."
    )
    where: str | None = Field(None, description="Condition: the schools it is about; nothing for all.")
    bounds: dict[Name, Bound] = Field(min_length=1)


class Exemption(Sourced):
    """Schools that count as meeting an indicator or requirement though they do not."""

    id: Name
    title: Text
    of: tuple[Name, ...] = Field(min_length=1, description="Ids of indicators and requirements.")
    condition: str = Field(description="Condition that is true of the schools exempted.")


class Veto(Sourced):
    """What fails a county whatever else it has (一票否决). Its id is a yes-no fact of the county."""

    id: Name
    title: Text


class RecognitionGroup(Definition):
    """One group of those asked: who they are, and which answers count as recognizing."""

    title: Text
    role: Name = Field(description="Role of the study whose answers are read.")
    where: str | None = Field(None, description="Condition: who of the role belongs to it; nothing for all.")
    recognizes: dict[Name, str] = Field(
        min_length=1, description="Definition -> condition on the items, true of those who recognize."
    )
    minimum_share: Share | None = Field(None, description="Least share of all who were asked.")


class RecognitionDefinition(Definition):
    """One way of counting recognition."""

    title: Text
    recognizes: Name = Field(description="Which condition of the groups is counted.")
    pooling: Literal["respondents", "groups"] = Field(
        "respondents",
        description="respondents: everybody counts alike; groups: the mean of the groups' shares.",
    )


class Recognition(Sourced):
    """How social recognition (社会认可度) is computed from the answers: a named definition of several."""

    fact: Name = Field(description="The fact that receives the share, in per cent.")
    use: Name = Field(description="The definition that decides.")
    definitions: dict[Name, RecognitionDefinition] = Field(min_length=1)
    groups: dict[Name, RecognitionGroup] = Field(min_length=1)
    sample_per_mille: Annotated[float, Field(gt=0)] | None = Field(
        None, description="Respondents needed per thousand residents."
    )
    residents: Name | None = Field(None, description="The fact that holds the residents.")


def blank_facts(facts: Mapping[str, Fact], level: str) -> dict[str, float]:
    """Return the facts of a level that mean something where nothing is entered."""
    return {
        name: fact.blank for name, fact in facts.items() if fact.level == level and fact.blank is not None
    }
