"""A county held against a standard with its layers: every number, every area, the whole, what is missing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from manyi_analysis.resources.columns import Facts
from manyi_analysis.resources.evaluation import Evaluation, evaluate_schools
from manyi_analysis.resources.gaps import Gaps, school_gaps
from manyi_analysis.resources.requirements import Requirements, evaluate_requirements
from manyi_analysis.resources.standard_table import standard_table
from manyi_analysis.resources.variation import CountyVariation
from manyi_analysis.resources.verdicts import SchoolVerdicts
from manyi_instruments.standards.definition import Standard
from manyi_instruments.standards.layers import LayeredStandard

AREA_COLUMNS = ("area", "part", "met", "units", "units_met", "units_open", "not_met")


@dataclass(frozen=True, slots=True)
class CountyEvaluation:
    """Everything a standard says about a county.

    Parameters
    ----------
    layered : LayeredStandard
        The standard and its layers.
    schools : Evaluation
        Indicators, school rule, variation.
    requirements : Requirements
        Everything else that must be met.
    gaps : Gaps
        What schools lack to meet their indicators.
    areas : DataFrame
        One row a part of an area, an area, and the whole: ``area, part, met, units, units_met, units_open,
        not_met``. Parts of the area of the indicators are ``schools`` and ``variation``; every other area has
        its requirements; ``veto`` is the vetoes and ``overall`` the whole. ``met`` is NA where what is open
        could tip it. ``units`` counts what is held against the part: schools and stages, coefficients,
        requirements. ``not_met`` lists the units that are not, by school code or id.
    table : DataFrame
        The tidy table ``standard``, see :func:`standard_table`.
    """

    layered: LayeredStandard
    schools: Evaluation
    requirements: Requirements
    gaps: Gaps
    areas: pd.DataFrame
    table: pd.DataFrame
    facts: Facts = field(default_factory=dict)

    @property
    def passes(self) -> bool | None:
        """Return whether the county passes; None where that cannot be told."""
        met = self.areas.loc[self.areas["area"] == "overall", "met"].iloc[0]
        return None if met is pd.NA else bool(met)

    def to_frame(self) -> pd.DataFrame:
        """Return the tidy table ``standard``."""
        return self.table.copy()


def evaluate_county(
    schools: pd.DataFrame, layered: LayeredStandard, facts: Facts | None = None, county: str = ""
) -> CountyEvaluation:
    """Hold a county against a standard and its layers.

    Parameters
    ----------
    schools : DataFrame
        One row a school and stage, not divided, as :func:`evaluate_schools` takes them.
    layered : LayeredStandard
        The standard with its layers.
    facts : Mapping[str, float], optional
        Facts of the county and its vetoes, yes and no as 1 and 0. Recognition is a fact too: the one that
        ``recognition.fact`` of the standard names.
    county : str
        How the county is called in the column ``unit``.

    Returns
    -------
    CountyEvaluation
        The county passes where every school and coefficient passes, every requirement is met and no veto
        holds. What is missing leaves that open unless something else decides it.

    Notes
    -----
    Formulas: those of `school_verdicts`, `county_cv`, `evaluate_requirements` and `school_gaps`. R:
    tests/reference/resources/resources.R, gaps.R, requirements.R.

    References
    ----------
    The standard and its layers.
    """
    standard, given = layered.standard, facts or {}
    evaluation = evaluate_schools(schools, standard)
    requirements = evaluate_requirements(schools, standard, given)
    gaps = school_gaps(evaluation.schools, evaluation.indicators, standard)
    return CountyEvaluation(
        layered=layered,
        schools=evaluation,
        requirements=requirements,
        gaps=gaps,
        areas=_areas(evaluation, requirements, standard, given),
        table=standard_table(evaluation, requirements, gaps, layered, county),
        facts=given,
    )


def _areas(
    evaluation: Evaluation, requirements: Requirements, standard: Standard, facts: Facts
) -> pd.DataFrame:
    rows = []
    resources = next(iter({indicator.area: None for indicator in standard.indicators}), "")
    if isinstance(evaluation.verdicts, SchoolVerdicts):
        verdicts = evaluation.verdicts.frame
        verdicts = verdicts[verdicts["verdict"] != "excluded"]
        decided = verdicts["verdict"].map({"met": True, "not_met": False}).astype("boolean")
        units = verdicts["school"].astype(str) + "/" + verdicts["stage"].astype(str)
        rows.append(_row(resources, "schools", units, decided))
    if isinstance(evaluation.variation, CountyVariation):
        variation = evaluation.variation.frame
        if standard.rules.cv is not None and standard.rules.cv.per == "composite":
            held = set(standard.indicator_ids)
            variation = variation[~variation["indicator"].isin(held)]
        units = variation["indicator"].astype(str) + "/" + variation["stage"].astype(str)
        rows.append(_row(resources, "variation", units, variation["met"].astype("boolean")))
    for area in standard.areas:
        own = requirements.frame[requirements.frame["area"] == area]
        if len(own):
            # What does not apply to any school is neither met nor open.
            applies = ~own["reason"].str.startswith("requirement-does-not-apply").to_numpy(bool)
            by_id = own[applies].groupby("indicator", sort=False)["met"].agg(_all)
            rows.append(_row(area, "requirements", by_id.index.to_series(), by_id.astype("boolean")))
    if standard.vetoes:
        values = pd.Series({veto.id: facts.get(veto.id, np.nan) for veto in standard.vetoes})
        free = (values == 0).astype("boolean").mask(values.isna())
        rows.append(_row("veto", "vetoes", values.index.to_series(), free))
    frame = pd.DataFrame(rows, columns=list(AREA_COLUMNS))
    parts = frame.groupby("area", sort=False)
    wholes = [_whole(str(area), part) for area, part in parts]
    overall = _whole("overall", frame)
    overall["not_met"] = " ".join(str(whole["area"]) for whole in wholes if whole["met"] is False)
    result = pd.concat([frame, pd.DataFrame([*wholes, overall])], ignore_index=True)
    return result.astype({"met": "boolean"})


def _whole(area: str, parts: pd.DataFrame) -> dict[str, object]:
    counts: dict[str, object] = {key: int(parts[key].sum()) for key in ("units", "units_met", "units_open")}
    return {"area": area, "part": "area", "met": _all(parts["met"]), **counts, "not_met": ""}


def _row(area: str, part: str, units: "pd.Series[str]", met: pd.Series) -> dict[str, object]:
    failed = met.eq(False).fillna(False).to_numpy(bool)
    return {
        "area": area,
        "part": part,
        "met": _all(met),
        "units": len(met),
        "units_met": int(met.eq(True).fillna(False).sum()),
        "units_open": int(met.isna().sum()),
        "not_met": " ".join(units[failed]),
    }


def _all(met: "Iterable[object]") -> object:
    """Return whether all are met: False where one is not, NA where one is open, NA where there is none."""
    values = list(met)
    if any(value is not pd.NA and not value for value in values):
        return False
    if not values or any(value is pd.NA for value in values):
        return pd.NA
    return True
