"""The part of ``study.yaml`` on cleaning: which rules flag, and which flags exclude."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from manyi_instruments.definitions.questionnaire import Definition

Share = Annotated[float, Field(ge=0, le=1)]
Correlation = Annotated[float, Field(ge=-1, le=1)]


class OutOfRange(Definition):
    """A share of cells outside the answer lists; such cells are always set missing and listed."""

    share: Share = 0.2


class TooManyMissing(Definition):
    """More than this share of the scale items is missing (don't know counts as missing)."""

    share: Share = 0.5


class StraightLining(Definition):
    """All scale items answered alike as given (before reverse keying), at least this many answers."""

    minimum_items: int = Field(8, ge=2)


class LongString(Definition):
    """A longer run of identical answers than this, within one answer list, as given."""

    share: Share = Field(0.5, description="Of the scale items of the longest answer list.")
    longest: int | None = Field(None, ge=1, description="Longest run allowed, in place of the share.")


class ResponseVariability(Definition):
    """Answers that vary less than ``low`` from item to item, or more than ``high``."""

    low: float = Field(ge=0, description="Standard deviation over the scale items, as given.")
    high: float | None = Field(None, gt=0)


class TooFast(Definition):
    """Faster than any of these; needs a duration."""

    seconds_per_item: float | None = Field(1.0, gt=0, description="Fewer for each question answered.")
    seconds: float | None = Field(None, gt=0, description="Fewer altogether.")
    relative_speed: float | None = Field(
        None, gt=1, description="More than so many times as fast as the role's median respondent."
    )


class AttentionFailed(Definition):
    """Any attention check answered otherwise than asked."""

    allowed: int = Field(0, ge=0)


class ReversePairs(Definition):
    """More than this share of pairs that should agree is answered at opposite extremes."""

    share: Share = 0.5
    minimum_pairs: int = Field(1, ge=1, description="Pairs that must be answered.")
    extreme: int = Field(1, ge=1, description="Answers at each end of the list that count as extreme.")
    pairs: tuple[tuple[str, str], ...] = Field(
        (),
        description="Items that say the same; empty: each reverse-keyed item with the others of its scale.",
    )


class EvenOdd(Definition):
    """The halves of the scales agree too little: the index (minus the consistency) is above this."""

    above: Correlation = -0.3


class Synonyms(Definition):
    """Items that everybody answers alike are not answered alike: within-person correlation below this."""

    critical: float = Field(0.6, gt=0, lt=1, description="Pairs of items that correlate more.")
    below: Correlation = 0.0


class Antonyms(Definition):
    """Items that everybody answers in opposition are not: within-person correlation above this."""

    critical: float = Field(-0.6, lt=0, gt=-1, description="Pairs of items that correlate less.")
    above: Correlation = 0.0


class Mahalanobis(Definition):
    """A pattern of answers so far from the others that fewer than ``p`` of normal answers are."""

    p: float = Field(0.001, gt=0, lt=1)


class Duplicate(Definition):
    """Same person, same submission, or the same answers to every item from the same school."""

    by: Literal["person", "answers", "both"] = "both"
    keep: Literal["first", "last"] = "first"
    minimum_items: int = Field(
        20, ge=1, description="Same answers count only where as many items are answered."
    )


class SameDevice(Definition):
    """More answers from one device or network address than this; the first ones stay unflagged."""

    allowed: int = Field(1, ge=1)


class Rules(Definition):
    """Cleaning rules; a rule left out is not applied."""

    out_of_range: OutOfRange | None = None
    too_many_missing: TooManyMissing | None = None
    straight_lining: StraightLining | None = None
    longstring: LongString | None = None
    irv: ResponseVariability | None = None
    too_fast: TooFast | None = None
    attention_failed: AttentionFailed | None = None
    reverse_pairs: ReversePairs | None = None
    even_odd: EvenOdd | None = None
    synonyms: Synonyms | None = None
    antonyms: Antonyms | None = None
    mahalanobis: Mahalanobis | None = None
    duplicate: Duplicate | None = None
    same_device: SameDevice | None = None


RuleName = Literal[
    "out_of_range",
    "too_many_missing",
    "straight_lining",
    "longstring",
    "irv",
    "too_fast",
    "attention_failed",
    "reverse_pairs",
    "even_odd",
    "synonyms",
    "antonyms",
    "mahalanobis",
    "duplicate",
    "same_device",
    "before_field",
    "after_field",
    "unknown_school",
]


class Cleaning(Definition):
    """Which rules flag, and which flags exclude from analysis."""

    rules: Rules = Rules()
    exclude: tuple[RuleName, ...] = ()


class FieldDates(Definition):
    """First and last day in the field; answers of other days are tests or too late, and are flagged."""

    first: date
    last: date | None = None
    zone: str | None = Field(None, description="Time zone of the study, such as Asia/Shanghai.")
    day_first: bool | None = Field(None, description="Whether 3/4/2026 is the third of April.")

    @field_validator("zone")
    @classmethod
    def _zone_is_known(cls, zone: str | None) -> str | None:
        if zone is not None:
            try:
                ZoneInfo(zone)
            except (ZoneInfoNotFoundError, ValueError) as error:
                details = {"zone": zone}
                raise PydanticCustomError("field-zone-unknown", "unknown zone {zone}", details) from error
        return zone

    @model_validator(mode="after")
    def _in_order(self) -> "FieldDates":
        if self.last is not None and self.last < self.first:
            details = {"first": str(self.first), "last": str(self.last)}
            raise PydanticCustomError("field-dates-reversed", "{last} is before {first}", details)
        return self
