"""The evaluation standard: its stages, raw school columns, indicators, rules and exclusions, all data."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from manyi_instruments.definitions.questionnaire import Definition, Name, Text
from manyi_instruments.expressions import Expression, Kind, parse_expression
from manyi_instruments.standards.requirements import Exemption, Fact, Recognition, Requirement, Veto
from manyi_instruments.standards.sourced import Code, Positive, Share, Sourced

#: Names of the school table that mean the same whatever the standard.
FRAME_NAMES = ("school", "school_name", "stage", "run_type", "pupils")
#: Stands in the indicators' place where the mean of all coefficients of variation is meant.
COMPOSITE = "composite"
#: In formulas of whole schools: how many evaluated stages the school teaches.
STAGES_TAUGHT = "stages_taught"


class Scope(Definition):
    """What is evaluated: the unit the verdict is about and the kinds of school it covers."""

    unit: Text
    schools: Text | None = None
    note: str = ""


class Stage(Definition):
    """A stage of schooling; one that is not evaluated only carries weight when combined schools are split."""

    title: Text
    evaluated: bool = True
    aliases: tuple[str, ...] = Field((), description="Other spellings in school tables.")


class Plausible(Definition):
    """The range in which a column lies where it is in its unit: tells 万元 from 元."""

    per: Name = Field(description="Column of numbers it is divided by, the pupils as a rule.")
    low: Positive
    high: Positive


class Column(Definition):
    """A raw column of the school table."""

    title: Text
    type: Literal["number", "text", "code"] = Field("number", description="A code is text made of digits.")
    unit: Text | None = None
    units: dict[str, Positive] = Field(
        default_factory=dict,
        description="Other units a heading may name -> factor to this unit: {万元: 10000}.",
    )
    headings: tuple[str, ...] = Field((), description="Other headings under which tables hold this column.")
    length: int | None = Field(None, ge=1, description="Digits of a code; shorter ones lost leading zeros.")
    required: bool = Field(False, description="A table without it cannot be used.")
    blank: float | None = Field(
        None, description="What an empty cell or an absent column means; nothing for missing."
    )
    minimum: float | None = Field(0, description="Smallest number that can be right; nothing for no bound.")
    counted: Literal["stage", "school"] = Field(
        "stage", description="school: a facility of the whole school, the same on each of its rows."
    )
    plausible: Plausible | None = Field(None, description="Range by which the unit is checked.")
    part_of: Name | None = Field(None, description="Column that holds this one too: never larger than it.")
    note: str = ""


class Keys(Definition):
    """Which raw columns identify a school and its stage, and which one is its size."""

    school: Name
    stage: Name
    pupils: Name
    name: Name | None = None
    run_type: Name | None = None


class RunType(Definition):
    """A kind of school, by the stages it teaches."""

    title: Text
    stages: tuple[Name, ...] = ()
    aliases: tuple[Code, ...] = Field((), description="Other spellings and codes in school tables.")


class Split(Sourced):
    """How the facilities of combined schools are divided between their stages.

    A stage of ``P`` pupils and weight ``w`` gets ``w P / Σ w P`` of each column.
    """

    run_types: tuple[Name, ...] = Field(min_length=1)
    weights: dict[Name, Positive] = Field(min_length=2)
    columns: tuple[Name, ...] = Field(min_length=1)


class Exclusion(Sourced):
    """Schools the standard does not evaluate: of these kinds, and where the condition holds."""

    id: Name
    title: Text
    run_types: tuple[Name, ...] = Field((), description="Empty for schools of every kind.")
    condition: str | None = Field(
        None, description="Formula that is true of the schools left out: pupils < 50."
    )
    areas: tuple[Name, ...] = Field((), description="Areas they are left out of; empty for all.")


class Indicator(Sourced):
    """One number a school is held against."""

    id: Name
    title: Text
    area: Name
    unit: Text
    formula: str | dict[Name, str] = Field(description="One formula for all stages, or one a stage.")
    threshold: float | dict[Name, float] | None = Field(
        None, description="One threshold for all stages, or one a stage; nothing where only variation counts."
    )
    direction: Literal["higher", "lower"] = "higher"
    cv: bool = Field(False, description="Its variation between schools is limited too.")
    closed_by: Name | None = Field(None, description="The raw column whose increase closes a gap.")
    whole: bool = Field(False, description="The column counts whole things: teachers, rooms.")

    def expression(self, stage: str) -> Expression | None:
        """Return the formula for a stage, parsed; None where the indicator has none there."""
        formula = self.formula.get(stage) if isinstance(self.formula, dict) else self.formula
        return parse_expression(formula) if formula is not None else None

    def threshold_at(self, stage: str) -> float | None:
        """Return the threshold for a stage, or None where there is none."""
        return self.threshold.get(stage) if isinstance(self.threshold, dict) else self.threshold


class SchoolRule(Sourced):
    """When a school passes: enough indicators met, each of the others at least a share of its threshold."""

    indicators: tuple[Name, ...] = Field((), description="Which indicators count; empty for all of them.")
    min_met: int = Field(ge=0)
    of: int = Field(ge=1, description="How many indicators count; must be as many as listed.")
    floor_share: Share = 0.0


class VariationRule(Sourced):
    """The limit of the pupil-weighted coefficient of variation between the schools of a stage."""

    limit: dict[Name, Positive] = Field(min_length=1)
    per: Literal["each", "composite"] = Field(
        "each",
        description="each: every indicator is held against the limit; composite: the mean of their CVs.",
    )
    weight: Name = Field(description="Column that weights the schools, the pupils as a rule.")


class Rules(Definition):
    """The rules a county and its schools are held against."""

    school: SchoolRule | None = None
    cv: VariationRule | None = None


class Group(Definition):
    """One group of schools by the codes that belong to it."""

    title: Text
    codes: tuple[Code, ...] = Field(min_length=1)


class Grouping(Sourced):
    """Schools grouped by the codes of a raw column, for example urban, town and rural."""

    title: Text
    column: Name
    groups: dict[Name, Group] = Field(min_length=1)

    def group_of(self) -> Mapping[str, str]:
        """Return the group of every code."""
        return {code: group for group, members in self.groups.items() for code in members.codes}


class Standard(Definition):
    """An evaluation standard for schools.

    ``keys`` says which raw columns are the school's code, stage, size and so on; every other meaning is in
    the formulas. Nothing outside this record knows any particular standard.
    """

    standard: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    version: Code = "1"
    title: Text
    languages: tuple[str, ...] = Field(min_length=1)
    sources: dict[str, str] = Field(default_factory=dict)
    scope: Scope | None = None
    stages: dict[Name, Stage] = Field(min_length=1)
    run_types: dict[Name, RunType] = Field(default_factory=dict)
    keys: Keys
    columns: dict[Name, Column] = Field(min_length=1)
    areas: dict[Name, Text] = Field(min_length=1)
    indicators: tuple[Indicator, ...] = Field(min_length=1)
    rules: Rules = Rules()
    splits: tuple[Split, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    groupings: dict[Name, Grouping] = Field(default_factory=dict)
    facts: dict[Name, Fact] = Field(default_factory=dict)
    derived: dict[Name, str] = Field(
        default_factory=dict, description="Name -> formula over columns: to be named in other formulas."
    )
    requirements: tuple[Requirement, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    recognition: Recognition | None = None
    note: str = ""

    def kinds(self) -> dict[str, Kind]:
        """Return what each name of a formula holds, where it is no number.

        Text: columns of text and codes, and groupings by the id of the group. Truth: yes-no facts, vetoes.
        """
        kinds: dict[str, Kind] = {
            name: "text" for name, column in self.columns.items() if column.type != "number"
        }
        kinds |= dict.fromkeys(self.groupings, "text")
        kinds |= {name: "truth" for name, fact in self.facts.items() if fact.type == "yes_no"}
        return kinds

    def expression(self, formula: str) -> Expression:
        """Return a formula of this standard, parsed."""
        return parse_expression(formula, self.kinds())

    @property
    def entries(self) -> "tuple[Indicator | Requirement, ...]":
        """Return all indicators and requirements, in the order of the file."""
        return (*self.indicators, *self.requirements)

    @property
    def indicator_ids(self) -> tuple[str, ...]:
        """Return the ids of the indicators."""
        return tuple(indicator.id for indicator in self.indicators)

    @property
    def ids(self) -> tuple[str, ...]:
        """Return the ids of all indicators and requirements, in the order of the file."""
        return tuple(entry.id for entry in self.entries)

    def requirement(self, requirement_id: str) -> Requirement:
        """Return the requirement of that id; ``KeyError`` where there is none."""
        for requirement in self.requirements:
            if requirement.id == requirement_id:
                return requirement
        raise KeyError(requirement_id)

    def indicator(self, indicator_id: str) -> Indicator:
        """Return the indicator of that id; ``KeyError`` where there is none."""
        for indicator in self.indicators:
            if indicator.id == indicator_id:
                return indicator
        raise KeyError(indicator_id)

    @property
    def evaluated_stages(self) -> tuple[str, ...]:
        """Return the ids of the stages that are evaluated."""
        return tuple(stage for stage, definition in self.stages.items() if definition.evaluated)

    @property
    def school_rule_indicators(self) -> tuple[str, ...]:
        """Return the ids of the indicators that the school rule counts."""
        rule = self.rules.school
        if rule is not None and rule.indicators:
            return rule.indicators
        return tuple(indicator.id for indicator in self.indicators)

    def frame_name(self, column: str) -> str:
        """Return the name a raw column has in the school table, where the keys have names of their own.

        ``school``, ``school_name``, ``stage``, ``run_type`` and ``pupils`` mean the same whatever the
        standard; every other column keeps its id.
        """
        keys = self.keys
        names = {keys.school: "school", keys.stage: "stage", keys.pupils: "pupils"}
        if keys.name is not None:
            names[keys.name] = "school_name"
        if keys.run_type is not None:
            names[keys.run_type] = "run_type"
        return names.get(column, column)

    def stage_of(self) -> Mapping[str, str]:
        """Return the stage of every spelling: ids, titles in every language, aliases."""
        return _spellings(self.stages)

    def run_type_of(self) -> Mapping[str, str]:
        """Return the run type of every spelling: ids, titles in every language, aliases."""
        return _spellings(self.run_types)

    def split_of(self, run_type: str) -> Split | None:
        """Return the rule that splits schools of a run type, or None where they are not split."""
        for split in self.splits:
            if run_type in split.run_types:
                return split
        return None


def _spellings(definitions: Mapping[str, Stage] | Mapping[str, RunType]) -> dict[str, str]:
    return {
        spelling: key
        for key, definition in definitions.items()
        for spelling in (key, *definition.title.values(), *definition.aliases)
    }
