"""The evaluation standard: its stages, raw school columns, indicators, rules and exclusions, all data."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from manyi_instruments.definitions.questionnaire import Definition, Name, Text
from manyi_instruments.standards.expression import Expression, parse_expression

#: Names of the school table that mean the same whatever the standard.
FRAME_NAMES = ("school", "school_name", "stage", "run_type", "pupils")
#: Stands in the indicators' place where the mean of all coefficients of variation is meant.
COMPOSITE = "composite"

Confidence = Literal["S", "M", ""]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
Code = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]


class Sourced(Definition):
    """Something the standard states, where it was read, and how sure that is.

    ``confidence``: ``S`` the value was read in the named sources, ``M`` it comes from general knowledge only.
    """

    source: tuple[str, ...] = Field((), description="Keys of `sources`.")
    confidence: Confidence = Field("", description="S: read in the sources; M: general knowledge only.")
    note: str = ""


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


class Indicator(Sourced):
    """One number a school is held against."""

    id: Name
    title: Text
    area: Name
    unit: Text
    formula: str | dict[Name, str] = Field(description="One formula for all stages, or one a stage.")
    threshold: float | dict[Name, float] = Field(description="One threshold for all stages, or one a stage.")
    direction: Literal["higher", "lower"] = "higher"
    cv: bool = Field(False, description="Its variation between schools is limited too.")

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
    note: str = ""

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
