"""The part of the analysis plan on confirmatory factor analysis and on comparing roles."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from manyi_instruments.definitions.questionnaire import Definition

Model = Literal["correlated", "single", "second_order", "bifactor"]
Estimator = Literal["ml", "mlm", "mlr", "fiml", "wlsmv"]
#: Rows that weight matrices rest on, where there are more.
SAMPLE = 20_000


def _several(value: object) -> object:
    """Return one word as several of them are written."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


class Confirmatory(Definition):
    """Confirmatory factor analysis of one role's scales."""

    scales: tuple[str, ...] = Field((), description="Scales of the model; empty for all.")
    models: Annotated[tuple[Model, ...], BeforeValidator(_several)] = Field(
        ("correlated", "single"), min_length=1, description="Fitted in this order; the first is the main one."
    )
    estimator: Annotated[tuple[Estimator, ...], BeforeValidator(_several)] = Field(
        ("ml", "mlr"), min_length=1, description="One or several; loadings, CR and AVE are of the first."
    )
    errors: tuple[tuple[str, str], ...] = Field((), description="Pairs of items whose errors may correlate.")
    invariance: tuple[str, ...] | None = Field(
        None, description="Columns of groups; none for the groups planned for the role."
    )
    partial: bool = Field(True, description="Try a step that does not hold in part.")
    released: tuple[str, ...] = Field(
        (), description="Parameters free in all groups from the start: `SCALE =~ ITEM`, `ITEM ~1`."
    )
    each_scale: bool = Field(False, description="Invariance of every scale by itself too.")
    sample: int = Field(
        SAMPLE, ge=100, description="Most rows that robust, ordinal and full-information estimators rest on."
    )


class Compare(Definition):
    """Roles compared on the items they share."""

    roles: tuple[str, ...] = Field((), description="Compared two at a time; empty for all that share items.")
    items: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="common name -> {role: item}; empty for items that are the same"
    )
    released: tuple[str, ...] = Field((), description="Parameters free in both roles from the start.")
