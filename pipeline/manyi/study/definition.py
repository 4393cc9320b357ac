"""``study.yaml``: roles, where answers come from, the schools, cleaning rules and the analysis plan."""

from typing import Annotated, Literal

from pydantic import Field

from manyi_instruments.definitions.questionnaire import Definition, Name, Text

Share = Annotated[float, Field(ge=0, le=1)]


class StageRule(Definition):
    """How a respondent's stage follows from an item: which of its answers belong to which stage."""

    item: Name
    stages: dict[str, tuple[int, ...]] = Field(description="{primary: [1, 2, 3], junior: [7, 8, 9]}")


class Columns(Definition):
    """Headings in the answer files that are not questions; None where a file has none."""

    school: str | None = None
    person: str | None = None
    submitted: str | None = None
    seconds: str | None = None


class Role(Definition):
    """One group of respondents and its questionnaire."""

    title: Text
    questionnaire: str = Field(description="Path of the questionnaire below the study folder.")
    answers: str = Field("", description="Folder of answer files; default data/responses/<role>.")
    issued: int | None = Field(None, ge=0, description="Questionnaires handed out, for the return rate.")
    columns: Columns = Columns()
    stage: StageRule | None = None


class Schools(Definition):
    """The school table and the standard it is held against."""

    table: str = "data/schools.csv"
    code: str = "school_code"
    name: str = "school_name"
    standard: str | None = Field(None, description="Id of a bundled standard, a path, or nothing.")
    columns: dict[str, str] = Field(default_factory=dict, description="name of the standard -> heading here")
    totals: tuple[str, ...] = Field(
        ("合计", "总计", "小计", "total", "sum"),
        description="Words that mark rows of totals, which are not schools.",
    )


class TooManyMissing(Definition):
    """More than this share of the scale items is missing (don't know counts as missing)."""

    share: Share = 0.5


class StraightLining(Definition):
    """All scale items answered alike as given (before reverse keying), at least this many answers."""

    minimum_items: int = Field(8, ge=2)


class TooFast(Definition):
    """Fewer seconds than this for each question answered; needs a duration."""

    seconds_per_item: float = Field(1.0, gt=0)


class Duplicate(Definition):
    """Same person (where persons are known), or the same answers to every item from the same school."""

    by: Literal["person", "answers", "both"] = "both"
    keep: Literal["first", "last"] = "first"
    minimum_items: int = Field(
        20, ge=1, description="Same answers count only where as many items are answered."
    )


class AttentionFailed(Definition):
    """Any attention check answered otherwise than asked."""

    allowed: int = Field(0, ge=0)


class OutOfRange(Definition):
    """A share of cells outside the answer lists; such cells are always set missing and listed."""

    share: Share = 0.2


class Rules(Definition):
    """Cleaning rules; a rule left out is not applied."""

    out_of_range: OutOfRange | None = None
    too_many_missing: TooManyMissing | None = None
    straight_lining: StraightLining | None = None
    too_fast: TooFast | None = None
    attention_failed: AttentionFailed | None = None
    duplicate: Duplicate | None = None


RuleName = Literal[
    "out_of_range",
    "too_many_missing",
    "straight_lining",
    "too_fast",
    "attention_failed",
    "duplicate",
    "unknown_school",
]


class Cleaning(Definition):
    """Which rules flag, and which flags exclude from analysis."""

    rules: Rules = Rules()
    exclude: tuple[RuleName, ...] = ()


class Factors(Definition):
    """Exploratory factor analysis of one role's items."""

    scales: tuple[str, ...] = Field((), description="Scales whose items enter; empty for all scales.")
    number: int | Literal["parallel"] = "parallel"
    extraction: Literal["minres", "ml", "paf", "pca"] = "minres"
    rotation: Literal["none", "varimax", "oblimin", "promax"] = "oblimin"
    reversed: bool = Field(True, description="False analyses the items as answered, unreversed.")


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

    @property
    def terms(self) -> tuple[str, ...]:
        """Return the terms of all blocks, in the order written."""
        return tuple(term for terms in self.blocks.values() for term in terms)


class Analysis(Definition):
    """The analysis plan, declared before the answers are looked at."""

    groups: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="role -> items or school columns to break results down by"
    )
    factors: dict[str, Factors] = Field(default_factory=dict, description="role -> factor analysis")
    regression: tuple[Regression, ...] = ()
    satisfaction: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="role -> scales and items reported as satisfaction indices"
    )
    index: Literal["share_of_maximum", "share_of_range", "top2", "satisfied"] = "share_of_range"
    minimum_cell: int = Field(10, ge=1, description="Smaller groups are not shown.")
    confidence: float = Field(0.95, gt=0, lt=1)
    seed: int = 20170519


class Study(Definition):
    """A study folder's ``study.yaml``."""

    study: str
    title: Text
    language: str = "zh"
    roles: dict[Name, Role] = Field(min_length=1)
    schools: Schools | None = None
    cleaning: Cleaning = Cleaning()
    analysis: Analysis = Analysis()
