"""What ``study.yaml`` says of equity between schools: groups, gaps, transfers of staff, small schools."""

from pydantic import Field

from manyi_instruments.definitions.questionnaire import Definition


class GroupPair(Definition):
    """Two groups of schools whose gap is told: first less second, first over second."""

    by: str = Field(description="Grouping of the standard, or column of the school table.")
    first: str
    second: str


class Transfers(Definition):
    """A table of staff who changed school: from where, to where, how many."""

    table: str = Field(description="CSV or Excel below the study folder.")
    origin: str = Field("origin", description="Heading: code of the school left, or its group.")
    destination: str = Field("destination", description="Heading: code of the school entered, or its group.")
    moved: str | None = Field(None, description="Heading of the number; without it a row is one person.")
    stock: str | None = Field(None, description="Column of the school table: staff before the transfers.")


class Equity(Definition):
    """Inequality between schools, and who loses and gains."""

    groupings: tuple[str, ...] | None = Field(
        None, description="By which Theil is divided; nothing: all groupings of the standard."
    )
    prefixes: dict[str, int] = Field(
        default_factory=dict, description="Column of codes -> leading digits that make a group: a township."
    )
    pairs: tuple[GroupPair, ...] = ()
    kinds: str | None = Field(
        None, description="Kinds of school of transfers and enrolment; nothing: the first grouping."
    )
    transfers: Transfers | None = None
    small: float = Field(100, ge=1, description="A school of fewer pupils is small.")
