"""``collection`` of ``study.yaml``: where answers collected by the study's own server lie."""

from datetime import date
from typing import Annotated

from pydantic import Field

from manyi_instruments.definitions.identity import LENGTH
from manyi_instruments.definitions.questionnaire import Definition

Hash = Annotated[str, Field(pattern=rf"^[0-9a-f]{{{LENGTH}}}$")]
Offset = Annotated[str, Field(pattern=r"^[+-](0\d|1[0-4]):[0-5]\d$")]

#: Below the study folder, where nothing else is said.
STORE = "data/answers.sqlite"


class Collection(Definition):
    """The store of collected answers and how it is read."""

    store: str | None = Field(
        None,
        description=f"Path of an SQLite file or postgresql://user@host/database; default {STORE} where it exists.",
    )
    retention: date | None = Field(None, description="Last day on which collected answers may be kept.")
    definitions: tuple[Hash, ...] = Field(
        (), description="Hashes of earlier versions of questionnaires whose answers are taken in as well."
    )
    utc_offset: Offset = Field("+08:00", description="Clock by which submissions are dated: the place's own.")
