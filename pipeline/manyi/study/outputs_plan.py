"""The outputs plan: how the results are printed. It changes no number."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from manyi.study.waves import as_text
from manyi_instruments.definitions.questionnaire import Definition

#: Chapter of a thesis or letter of an appendix before the number of a table.
Chapter = Annotated[str, BeforeValidator(as_text), StringConstraints(pattern=r"^(\d{1,2}|[A-Z])?$")]


class Outputs(Definition):
    """How the results are printed."""

    chapter: Chapter = Field(
        "", description="3: tables are numbered 3-1, 3-2; A: A1, A2; empty: 1, 2 through the whole."
    )
    style: Literal["thesis", "apa"] | None = Field(
        None, description="Look of the tables; none: thesis in Chinese, APA 7 in English."
    )
    languages: tuple[str, ...] = Field(
        (), description="Languages of the appendix: one or both in one workbook; empty: that of the outputs."
    )
    bilingual: Literal["pairs", "halves"] = Field(
        "pairs", description="Two languages: a table's sheets side by side, or one language after the other."
    )
    tables: Literal["main", "all"] | tuple[str, ...] = Field(
        "main",
        description="Tables printed first; the others follow as a supplement with numbers of its own.",
    )

    @property
    def chosen(self) -> tuple[str, ...]:
        """Return the tables of the main part: ``main``, ``all``, or kinds, parts and keys."""
        return (self.tables,) if isinstance(self.tables, str) else self.tables
