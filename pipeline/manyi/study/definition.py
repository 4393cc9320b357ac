"""``study.yaml``: roles, where answers come from, the schools, and the plans of cleaning and analysis."""

from pydantic import Field

from manyi.study.analysis_plan import Analysis
from manyi.study.cleaning_plan import Cleaning, FieldDates
from manyi.study.sampling_plan import RoleWeights, Sampling
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


class Study(Definition):
    """A study folder's ``study.yaml``."""

    study: str
    title: Text
    language: str = "zh"
    roles: dict[Name, Role] = Field(min_length=1)
    schools: Schools | None = None
    field_dates: FieldDates | None = None
    cleaning: Cleaning = Cleaning()
    analysis: Analysis = Analysis()
    sampling: Sampling | None = None
    weights: dict[Name, RoleWeights] = Field(default_factory=dict, description="role -> weights")
