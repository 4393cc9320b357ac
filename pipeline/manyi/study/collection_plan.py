"""``collection`` of ``study.yaml``: where answers collected by the study's own server lie."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from manyi_instruments.definitions.identity import LENGTH
from manyi_instruments.definitions.questionnaire import Definition, Name

Hash = Annotated[str, Field(pattern=rf"^[0-9a-f]{{{LENGTH}}}$")]
Offset = Annotated[str, Field(pattern=r"^[+-](0\d|1[0-4]):[0-5]\d$")]

#: Below the study folder, where nothing else is said.
STORE = "data/answers.sqlite"


class CollectedRole(Definition):
    """How the respondents of one role come to their form on the study's own server."""

    open: bool = Field(True, description="Whether the role's link admits everyone who has it.")
    gate: Literal["guardian"] | None = Field(
        None, description="Who has to agree before the form: a guardian, then the child."
    )


class Collection(Definition):
    """The store of collected answers and how it is read."""

    store: str | None = Field(
        None,
        description="SQLite file or postgresql://user@host/database; default data/answers.sqlite if there.",
    )
    retention: date | None = Field(None, description="Last day on which collected answers may be kept.")
    definitions: tuple[Hash, ...] = Field(
        (), description="Hashes of earlier versions of questionnaires whose answers are taken in as well."
    )
    utc_offset: Offset = Field("+08:00", description="Clock by which submissions are dated: the place's own.")
    roles: dict[Name, CollectedRole] = Field(
        default_factory=dict, description="role -> how its respondents come to their form"
    )
