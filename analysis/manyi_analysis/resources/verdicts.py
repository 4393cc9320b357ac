"""Whether a school passes: enough indicators met, and none of the others below its floor."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.resources.indicators import SchoolIndicators
from manyi_analysis.resources.thresholds import at_least, at_most
from manyi_instruments.standards.definition import SchoolRule, Standard

SCHOOL = ["school", "school_name", "stage", "pupils"]
COLUMNS = (*SCHOOL, "met_count", "indicators", "lowest_share", "verdict", "reason", "not_met", "below_floor")


@dataclass(frozen=True, slots=True)
class SchoolVerdicts:
    """The verdict on every school and stage.

    Parameters
    ----------
    standard : str
        Id of the standard that decided.
    frame : DataFrame
        One row a school and stage: ``school, school_name, stage, pupils, met_count, indicators,
        lowest_share, verdict, reason, not_met, below_floor``. ``verdict`` is ``met``, ``not_met``,
        ``not_computed`` (missing values could tip it; ``reason`` names them) or ``excluded`` (``reason`` says
        by which rule). ``not_met`` and ``below_floor`` list indicators. ``lowest_share`` is the smallest
        value / threshold.
    """

    standard: str
    frame: pd.DataFrame

    def counts(self) -> pd.DataFrame:
        """Return how many schools got each verdict: ``stage, verdict, schools``."""
        counts = self.frame.groupby(["stage", "verdict"], sort=False).size()
        return counts.rename("schools").reset_index()

    def to_frame(self) -> pd.DataFrame:
        """Return the tidy table ``school_verdicts``."""
        return self.frame.copy()


def school_verdicts(
    indicators: SchoolIndicators, standard: Standard, not_evaluated: pd.DataFrame | None = None
) -> SchoolVerdicts | NotComputed:
    """Hold every school against the school rule.

    A school passes where at least ``min_met`` of its indicators are met and every other one reaches
    ``floor_share`` of its threshold; both bounds included. Where values are missing, the verdict stands only
    if no value they could have would change it.

    passes = n(value ≥ threshold) ≥ min_met and min(value / threshold) ≥ floor_share.

    Parameters
    ----------
    indicators : SchoolIndicators
        From :func:`school_indicators`.
    standard : Standard
        Its ``rules.school``.
    not_evaluated : DataFrame, optional
        Rows that have no indicators because their stage is not evaluated (``school, school_name, stage,
        pupils, reason``); they are listed as excluded.

    Returns
    -------
    SchoolVerdicts or NotComputed
        NotComputed where the standard has no school rule.

    References
    ----------
    The standard's ``rules.school``. R: ``rowSums(share >= 1) >= 6 & apply(share, 1, min) >= .85``.
    """
    rule = standard.rules.school
    if rule is None:
        return NotComputed("school_verdicts", "standard-no-school-rule", {"standard": standard.standard})
    frame = indicators.frame.assign(evaluated=indicators.evaluated, exempt=indicators.exempt)
    frame = frame[frame["indicator"].isin(standard.school_rule_indicators)]
    verdicts = _verdicts(_marked(frame, standard, rule), rule)
    if not_evaluated is not None and len(not_evaluated):
        listed = not_evaluated[[*SCHOOL, "reason"]].assign(verdict="excluded", not_met="", below_floor="")
        listed = listed.assign(met_count=0, indicators=0, lowest_share=np.nan)
        verdicts = pd.concat([verdicts, listed[list(COLUMNS)]], ignore_index=True)
    return SchoolVerdicts(standard.standard, verdicts)


def _marked(frame: pd.DataFrame, standard: Standard, rule: SchoolRule) -> pd.DataFrame:
    """Mark each indicator of each school: met, missing, below its floor."""
    value, threshold = frame["value"].to_numpy(np.float64), frame["threshold"].to_numpy(np.float64)
    directions = {indicator.id: indicator.direction for indicator in standard.indicators}
    higher = (frame["indicator"].map(directions) == "higher").to_numpy(bool)
    met = np.where(higher, at_least(value, threshold), at_most(value, threshold))
    # threshold / value >= floor is the floor where lower is better, written without dividing.
    above_floor = np.where(
        higher, at_least(value, rule.floor_share * threshold), at_most(rule.floor_share * value, threshold)
    )
    exempt = frame["exempt"].to_numpy(bool)
    missing = np.isnan(value) & ~exempt
    met, above_floor = met | exempt, above_floor | exempt
    return frame.assign(
        is_met=met, is_missing=missing, is_below_floor=~above_floor & ~missing, is_not_met=~met & ~missing
    )


def _verdicts(frame: pd.DataFrame, rule: SchoolRule) -> pd.DataFrame:
    frame = frame.assign(school_name=frame["school_name"].fillna(""))
    groups = frame.groupby(["school", "stage"], sort=False)
    result = groups.agg(
        school_name=("school_name", "first"),
        pupils=("pupils", "first"),
        met_count=("is_met", "sum"),
        missing_count=("is_missing", "sum"),
        below_count=("is_below_floor", "sum"),
        lowest_share=("share", "min"),
        evaluated=("evaluated", "first"),
        exclusion=("reason", "first"),
        rows=("value", "size"),
    )
    result["indicators"] = result["rows"] - result["missing_count"]
    for name, mark in (
        ("not_met", "is_not_met"),
        ("below_floor", "is_below_floor"),
        ("lacking", "is_missing"),
    ):
        marked = frame[frame[mark]].groupby(["school", "stage"], sort=False)["indicator"].agg(" ".join)
        result[name] = marked.reindex(result.index).fillna("")
    result = result.reset_index()
    result["verdict"] = _decided(result, rule)
    undecided = {
        lacking: NotComputed("school_verdicts", "verdict-undecided", {"indicators": lacking.split()}).reason
        for lacking in result["lacking"].unique()
    }
    result["reason"] = result["lacking"].map(undecided).where(result["verdict"] == "not_computed", "")
    result["reason"] = result["reason"].mask(~result["evaluated"], result["exclusion"])
    return result[list(COLUMNS)]


def _decided(result: pd.DataFrame, rule: SchoolRule) -> NDArray[np.str_]:
    """Return the verdicts: fails whatever the missing values, passes whatever they are, or cannot be told."""
    fails = (result["met_count"] + result["missing_count"] < rule.min_met) | (result["below_count"] > 0)
    # Without a floor, what is missing cannot make a school fail that has met enough.
    harmless = (result["missing_count"] == 0) | (rule.floor_share == 0)
    passes = (result["met_count"] >= rule.min_met) & harmless
    excluded = ~result["evaluated"].to_numpy(bool)
    return np.select([excluded, fails, passes], ["excluded", "not_met", "met"], "not_computed")
