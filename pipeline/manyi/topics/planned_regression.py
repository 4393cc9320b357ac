"""One planned regression after its pass over the answers: what every table on it is made from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from manyi.study.analysis_plan import Analysis, Regression
from manyi.study.variables import variables
from manyi.topics.topic import SCHOOL
from manyi_analysis.explanation.blocks import BlockRegression, design_regression, regression_blocks
from manyi_analysis.explanation.design import Design, aliased_columns, design
from manyi_analysis.records import GroupedMoments, NotComputed
from manyi_instruments.definitions.questionnaire import Questionnaire

#: Column of the school and stage of a respondent, beside which school columns do not vary.
UNIT = "school\x1fstage"
#: Stands between a school's code and the stage in a unit's key.
PARTS = "\x1f"


@dataclass(frozen=True, slots=True, eq=False)
class PlannedRegression:
    """A regression in blocks, and the sums over its respondents.

    Parameters
    ----------
    entry : Regression
        As planned.
    headline : str or None
        Block whose effect the study is about.
    found : BlockRegression
        Models of all blocks, with errors CR1 or classical.
    units : GroupedMoments or None
        Of outcome and columns, one group a school and stage: a combined school has values of its own on the
        indicators of each stage. None where there is no design or no school.
    confidence : float
    """

    entry: Regression
    headline: str | None
    found: BlockRegression
    units: GroupedMoments | None
    confidence: float

    @property
    def design(self) -> Design | None:
        """Return the design, None where there is none."""
        return None if isinstance(self.found.design, NotComputed) else self.found.design

    @property
    def schooled(self) -> Design | None:
        """Return the design where respondents are grouped by school, else None."""
        built = self.design
        return built if built is not None and built.clustered else None

    @property
    def blocks(self) -> tuple[str, ...]:
        """Return the blocks in the order entered."""
        return tuple(self.entry.blocks)

    @property
    def before(self) -> tuple[str, ...]:
        """Return the blocks before the headline; none where no block is."""
        return self.blocks[: self.blocks.index(self.headline)] if self.headline in self.blocks else ()

    @property
    def total(self) -> tuple[str, ...]:
        """Return the blocks of the model that holds total effects: up to the headline, else all."""
        return (*self.before, self.headline) if self.headline in self.blocks else self.blocks

    def columns(self, blocks: Sequence[str]) -> tuple[str, ...]:
        """Return the columns of a model of these blocks."""
        return self.design.kept(blocks) if self.design is not None else ()

    def columns_of(self, terms: Sequence[str]) -> tuple[str, ...]:
        """Return the columns that stand for terms, those left out of the models left out."""
        built = self.design
        if built is None:
            return ()
        out = {alias.column for alias in built.aliased}
        return tuple(
            column
            for name in terms
            for term in built.terms
            if term.name == name
            for column in term.columns
            if column not in out
        )

    def absent(self, terms: Sequence[str]) -> NotComputed | None:
        """Return why something cannot be made of terms: they are not in the models; None where they are."""
        missing = tuple(name for name in terms if not self.columns_of((name,)))
        if not missing:
            return None
        details: dict[str, object] = {"outcome": self.entry.outcome, "terms": missing}
        return NotComputed("regression", "term-not-in-regression", details, self.n)

    @property
    def n(self) -> int:
        """Return the respondents used."""
        return self.design.n if self.design is not None else 0


def planned_regressions(
    answers: pd.DataFrame, questionnaire: Questionnaire, plan: Analysis, role: str, clustered: bool
) -> Iterator[PlannedRegression]:
    """Read the answers once for each of a role's planned regressions and fit its blocks.

    Parameters
    ----------
    answers : DataFrame
        Kept rows of scored answers, the planned school columns joined.
    questionnaire, plan, role
        The definitions.
    clustered : bool
        Whether answers carry a school: errors are then clustered by it.
    """
    planned = [entry for entry in plan.regression if entry.role == role]
    if planned and clustered:
        answers = answers.assign(**{UNIT: unit_keys(answers)})
    for entry in planned:
        yield planned_regression(answers, questionnaire, entry, plan.confidence, clustered)


def planned_regression(
    answers: pd.DataFrame, questionnaire: Questionnaire, entry: Regression, confidence: float, clustered: bool
) -> PlannedRegression:
    """Read the answers once for one regression and fit its blocks.

    Parameters
    ----------
    answers : DataFrame
        As of `planned_regressions`; where clustered, with the column `UNIT`.
    questionnaire, entry : Questionnaire, Regression
        The definitions.
    confidence : float
        Level of the limits.
    clustered : bool
        Whether answers carry a school.
    """
    categorical = categorical_terms(questionnaire, entry)
    built = design(answers, entry.outcome, entry.blocks, categorical, UNIT if clustered else None)
    headline = entry.headline or headline_block(entry, questionnaire)
    units = None
    if isinstance(built, NotComputed):
        found = regression_blocks(
            answers, entry.outcome, entry.blocks, SCHOOL if clustered else None, categorical
        )
    else:
        if clustered:
            units = built.moments
            built = replace(built, moments=by_school(units))
        found = design_regression(built, confidence)
    return PlannedRegression(entry, headline, found, units, confidence)


def unit_keys(answers: pd.DataFrame) -> "pd.Series[str]":
    """Return each respondent's school and stage as one text; missing where the school is."""
    stage = answers["stage"].astype("string").fillna("") if "stage" in answers else ""
    return answers[SCHOOL].astype("string") + PARTS + stage


def by_school(units: GroupedMoments) -> GroupedMoments:
    """Return the moments of units by school: stages of one school share what is particular to it."""
    return units.regrouped({key: key.split(PARTS)[0] for key in units.keys})


def kept_columns(moments: GroupedMoments, columns: Sequence[str]) -> tuple[str, ...]:
    """Return columns that are not constant nor determined by those before them."""
    out = {alias.column for alias in aliased_columns(moments.overall(), tuple(columns))}
    return tuple(column for column in columns if column not in out)


def headline_block(regression: Regression, questionnaire: Questionnaire) -> str | None:
    """Return the first block that holds a term the questionnaire does not: a school column; else None."""
    own = variables(questionnaire)
    return next((block for block, terms in regression.blocks.items() if set(terms) - own), None)


def categorical_terms(questionnaire: Questionnaire, regression: Regression) -> dict[str, tuple[int, ...]]:
    """Return the terms whose answers are names, not an order, with their answers in the order asked."""
    found = {}
    items = {item.id: item for item in questionnaire.all_items()}
    for name in regression.terms:
        if name in items and items[name].type == "choice":
            answers = questionnaire.answer_list(items[name])
            if answers is not None and not answers.ordered:
                found[name] = answers.values
    return found
