"""The table ``specification``: the headline's effects under every combination of defensible choices."""

from collections.abc import Mapping

import pandas as pd

from manyi.study.analysis_plan import Analysis, Regression
from manyi.study.explanation_plan import Specification as Planned
from manyi.topics.planned_regression import (
    PARTS,
    categorical_terms,
    headline_block,
    kept_columns,
)
from manyi.topics.topic import SCHOOL
from manyi_analysis.explanation.bias_reduced import bias_reduced_ols
from manyi_analysis.explanation.design import Design, design
from manyi_analysis.explanation.ols import ols
from manyi_analysis.explanation.specification import (
    Estimate,
    Specification,
    SpecificationCurve,
    specification_curve,
    specifications,
    standardized_estimates,
)
from manyi_analysis.records import GroupedMoments, NotComputed
from manyi_analysis.robustness import Signatures
from manyi_analysis.robustness.exclusion import Flag, Variant
from manyi_instruments.definitions.questionnaire import Questionnaire

#: Column of a respondent's school and of who would exclude the respondent.
CELL = "school\x1fcleaning"
NONE, ALL = "none", "all"


def specification_tables(
    answers: pd.DataFrame,
    flags: Mapping[str, Flag],
    excluded: tuple[str, ...],
    questionnaire: Questionnaire,
    plan: Analysis,
    role: str,
) -> dict[str, pd.DataFrame]:
    """Return ``specification`` and ``specification_summary`` of a role's planned curves.

    Each outcome is read once, by school and by which choices keep a respondent; all combinations come from
    these sums.

    Parameters
    ----------
    answers : DataFrame
        All scored answers, the planned school columns joined.
    flags : Mapping
        Cleaning rule -> who is flagged.
    excluded : tuple of str
        Rules whose flags exclude by the plan.
    questionnaire, plan, role
        The definitions.
    """
    curves, summaries = [], []
    for entry in plan.regression:
        if entry.role != role or entry.specification is None:
            continue
        headline = entry.headline or headline_block(entry, questionnaire) or tuple(entry.blocks)[-1]
        curve = _Curve(answers, flags, excluded, questionnaire, plan, entry, headline).curve()
        curves.append(curve.to_frame().assign(regression=entry.outcome))
        summaries.append(curve.summary_to_frame().assign(regression=entry.outcome))
    found = {"specification": curves, "specification_summary": summaries}
    return {name: pd.concat(frames, ignore_index=True) for name, frames in found.items() if frames}


class _Curve:
    """One planned curve: its choices, and the sums each outcome was read into."""

    def __init__(
        self,
        answers: pd.DataFrame,
        flags: Mapping[str, Flag],
        excluded: tuple[str, ...],
        questionnaire: Questionnaire,
        plan: Analysis,
        entry: Regression,
        headline: str,
    ) -> None:
        self.entry, self.headline, self.plan = entry, headline, plan
        self.wanted = entry.specification or Planned()
        self.schooled = bool(answers[SCHOOL].notna().any())
        measures = plan.satisfaction.get(entry.role, ())
        self.outcomes = self.wanted.outcomes or tuple(dict.fromkeys((entry.outcome, *measures)))
        blocks = tuple(entry.blocks)
        before = blocks[: blocks.index(headline)] if headline in blocks else ()
        everything = {"+".join(before): before} if before else {}
        self.controls = dict(self.wanted.controls) or {NONE: (), **everything}
        planned = frozenset(excluded) & frozenset(flags)
        known = {
            "planned": Variant("planned", "", planned),
            NONE: Variant("none", "", frozenset()),
            ALL: Variant("added", "", frozenset(flags)),
        }
        self.cleaning: dict[str, Variant] = {name: known[name] for name in self.wanted.cleaning}
        self.signatures = Signatures.of(flags, excluded, tuple(self.cleaning.values()))
        cells = pd.Series(self.signatures.code, index=answers.index).astype("string")
        schools = answers[SCHOOL].astype("string") if self.schooled else pd.Series("", index=answers.index)
        self.answers = answers.assign(**{CELL: schools + PARTS + cells})
        self.categorical = categorical_terms(questionnaire, entry)
        self.designs: dict[str, Design | NotComputed] = {}

    def curve(self) -> SpecificationCurve:
        """Return the estimates of every combination."""
        asked = specifications(self.outcomes, self.cleaning, self.controls)
        return specification_curve(asked, self._fit, 1.0 - self.plan.confidence)

    def _design(self, outcome: str) -> Design | NotComputed:
        """Return the sums of an outcome on the rows complete on all controls, so that choices compare."""
        if outcome not in self.designs:
            used = {block for blocks in self.controls.values() for block in blocks} | {self.headline}
            blocks = {name: terms for name, terms in self.entry.blocks.items() if name in used}
            self.designs[outcome] = design(self.answers, outcome, blocks, self.categorical, CELL)
        return self.designs[outcome]

    def _fit(self, asked: Specification) -> tuple[Estimate, ...] | NotComputed:
        built = self._design(asked.outcome)
        if isinstance(built, NotComputed):
            return built
        number = list(self.cleaning).index(asked.cleaning)
        if self._hidden(built)[number]:
            details = {"minimum": self.plan.minimum_cell}
            return NotComputed("specification", "sensitivity-small", details, 0)
        kept = self.signatures.kept[number]
        to = {key: key.split(PARTS)[0] for key in built.moments.keys if kept[int(key.rpartition(PARTS)[2])]}
        moments = built.moments.regrouped(to)
        used = (*self.controls[asked.controls], self.headline)
        columns = [column for term in built.terms if term.block in used for column in term.columns]
        headline = {column for term in built.terms if term.block == self.headline for column in term.columns}
        dummies = {column for term in built.terms if term.dummies for column in term.columns}
        return self._estimates(moments, asked.outcome, columns, tuple(headline - dummies))

    def _hidden(self, built: Design) -> Flag:
        """Return the choices that differ from another by so few that their answers would follow."""
        counts = pd.Series(built.moments.n).groupby(
            [int(key.rpartition(PARTS)[2]) for key in built.moments.keys]
        )
        size = self.signatures.kept.shape[1]
        return self.signatures.hidden(
            counts.sum().reindex(range(size), fill_value=0).to_numpy(), self.plan.minimum_cell
        )

    def _estimates(
        self, moments: GroupedMoments, outcome: str, columns: list[str], terms: tuple[str, ...]
    ) -> tuple[Estimate, ...] | NotComputed:
        if int(moments.n.sum()) < 2:
            return NotComputed("specification", "regression-few-rows", {"outcome": outcome}, 0)
        kept = kept_columns(moments, columns)
        if not self.schooled:
            fit = ols(moments.overall(), outcome, kept, self.plan.confidence)
            return fit if isinstance(fit, NotComputed) else standardized_estimates(fit, terms)
        reduced = bias_reduced_ols(moments, outcome, kept, self.plan.confidence)
        return reduced if isinstance(reduced, NotComputed) else standardized_estimates(reduced, terms)
