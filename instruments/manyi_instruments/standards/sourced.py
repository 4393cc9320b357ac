"""What every statement of a standard carries: where it was read, and how sure that is."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from manyi_instruments.definitions.questionnaire import Definition

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
