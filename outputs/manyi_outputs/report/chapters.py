"""What each chapter of the report says, made from the result tables: findings under headings, and notes."""

from dataclasses import replace
from typing import Literal

from manyi_outputs.appendix.records import Tables
from manyi_outputs.context import Context
from manyi_outputs.report.correlations import correlation_findings
from manyi_outputs.report.differences import difference_findings
from manyi_outputs.report.effects import effect_findings
from manyi_outputs.report.explained import explained_findings
from manyi_outputs.report.facts import Facts
from manyi_outputs.report.finding import Finding, under
from manyi_outputs.report.limits import limit_findings
from manyi_outputs.report.measurement import measurement_findings
from manyi_outputs.report.methods import method_findings
from manyi_outputs.report.monitoring import monitoring_findings
from manyi_outputs.report.ordered_answers import ordered_findings
from manyi_outputs.report.reliability import reliability_findings
from manyi_outputs.report.robustness import robustness_findings
from manyi_outputs.report.sample import sample_findings, study_findings
from manyi_outputs.report.satisfaction import headline_findings, level_findings
from manyi_outputs.report.standard import standard_findings
from manyi_outputs.report.structure import roles_findings
from manyi_outputs.report.voices import voices_findings

ChapterKey = Literal[
    "study",
    "sample",
    "measurement",
    "level",
    "standard",
    "explanation",
    "robustness",
    "limits",
    "methods",
]


def answer_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return what the report opens with: the statements alone, without what must be read with them."""
    words = context.words
    opening = (
        *under(effect_findings(tables, context), words("report.effect")),
        *under(headline_findings(tables, context), words("report.satisfaction")),
        *under(standard_findings(tables, context)[:1], words("report.standard")),
        *under(reliability_findings(tables, context), words("report.reliability")),
    )
    return tuple(replace(each, rest=(), tested="", size="", beyond="") for each in opening)


def chapter_findings(key: ChapterKey, tables: Tables, context: Context, facts: Facts) -> tuple[Finding, ...]:
    """Return the findings of one chapter in reading order."""
    match key:
        case "study":
            return study_findings(tables, context, facts)
        case "sample":
            return sample_findings(tables, context)
        case "measurement":
            return measurement_findings(tables, context)
        case "level":
            return (
                *level_findings(tables, context),
                *roles_findings(tables, context),
                *voices_findings(tables, context),
            )
        case "standard":
            return (*standard_findings(tables, context), *monitoring_findings(tables, context))
        case "explanation":
            return (
                *under(effect_findings(tables, context), context.words("report.effect")),
                *explained_findings(tables, context),
                *ordered_findings(tables, context),
                *difference_findings(tables, context),
                *correlation_findings(tables, context),
            )
        case "robustness":
            return robustness_findings(tables, context)
        case "limits":
            return limit_findings(tables, context, facts)
        case "methods":
            return method_findings(tables, context, facts)


def chapter_notes(key: ChapterKey, tables: Tables, context: Context) -> tuple[str, ...]:
    """Return what holds for all findings of a chapter."""
    words = context.words
    if key == "explanation" and "regression_models" in tables:
        return (words("report.effect_read"), words("report.effect_tests"), words("report.size_read"))
    if key in ("level", "measurement"):
        return ()
    return ()
