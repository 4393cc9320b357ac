"""``study.yaml``: roles, where answers come from, the schools, and the plans of cleaning and analysis."""

from pydantic import Field

from manyi.study.analysis_plan import Analysis
from manyi.study.cleaning_plan import Cleaning, FieldDates
from manyi.study.collection_plan import Collection
from manyi.study.equity_plan import Equity
from manyi.study.outputs_plan import Outputs
from manyi.study.row_shares import Rows
from manyi.study.sampling_plan import RoleWeights, Sampling
from manyi.study.waves import Wave
from manyi_instruments.definitions.questionnaire import Definition, Name, Text


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
    submission: str | None = None
    device: str | None = None


class Role(Definition):
    """One group of respondents and its questionnaire."""

    title: Text
    questionnaire: str = Field(description="Path of the questionnaire below the study folder.")
    answers: str = Field("", description="Folder of answer files; default data/responses/<role>.")
    issued: int | None = Field(None, ge=0, description="Questionnaires handed out, for the return rate.")
    minutes: int | None = Field(None, ge=1, description="How long answering takes, as tried out.")
    columns: Columns = Columns()
    stage: StageRule | None = None
    wave: Wave | None = Field(None, description="When it was asked: a year, or any text that sorts.")
    repeats: Name | None = Field(None, description="Role of which this is another wave.")
    rows: Rows | None = Field(None, description="Rows of its files that are its own; none for all.")


class Schools(Definition):
    """The school table and the standard it is held against."""

    table: str | dict[str, str] = Field(
        "data/schools.csv", description="One file, or stage -> file where each stage has its own."
    )
    code: str = "school_code"
    name: str = "school_name"
    standard: str | None = Field(None, description="Id of a bundled standard, a path, or nothing.")
    columns: dict[str, str] = Field(default_factory=dict, description="name of the standard -> heading here")
    totals: tuple[str, ...] = Field(
        ("合计", "总计", "小计", "total", "sum"),
        description="Words that mark rows of totals, which are not schools.",
    )
    parts: tuple[str, ...] = Field(
        ("其中", "of which"), description="Words before a heading that is a part of the one beside it."
    )
    wave: Wave | None = Field(None, description="Wave of the table.")
    earlier: dict[Wave, str | dict[str, str]] = Field(
        default_factory=dict, description="earlier wave -> its school table, written as `table`"
    )
    units: dict[str, str] = Field(
        default_factory=dict,
        description="name of the standard -> unit of the numbers here, over the headings",
    )
    affirmed: tuple[str, ...] = Field(("是", "有", "yes", "true", "1"), description="Words for yes.")
    denied: tuple[str, ...] = Field(("否", "无", "no", "false", "0"), description="Words for no.")
    layers: tuple[str, ...] = Field((), description="Local layers on the standard, the lowest first.")
    facts: str | None = Field(None, description="Table of facts of the county: name, value.")
    county: str = Field("", description="How the county is called in tables; default the study's id.")
    equity: Equity = Equity()

    @property
    def files(self) -> dict[str, str]:
        """Return stage -> file; the stage is empty for a file that holds all stages."""
        return {"": self.table} if isinstance(self.table, str) else dict(self.table)


class Study(Definition):
    """A study folder's ``study.yaml``."""

    study: str
    title: Text
    language: str = "zh"
    contact: Text | None = Field(None, description="Who answers questions about the study.")
    roles: dict[Name, Role] = Field(min_length=1)
    schools: Schools | None = None
    field_dates: FieldDates | None = None
    collection: Collection = Collection()
    cleaning: Cleaning = Cleaning()
    analysis: Analysis = Analysis()
    sampling: Sampling | None = None
    weights: dict[Name, RoleWeights] = Field(default_factory=dict, description="role -> weights")
    outputs: Outputs = Outputs()
