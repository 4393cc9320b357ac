"""The part of ``study.yaml`` on cleaning: which rules flag, and which flags exclude."""

from typing import Annotated, Literal

from pydantic import Field

from manyi_instruments.definitions.questionnaire import Definition

Share = Annotated[float, Field(ge=0, le=1)]


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
