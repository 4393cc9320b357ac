"""The tidy table ``standard``: every unit against every threshold, and the layer that decided."""

import numpy as np
import pandas as pd

from manyi_analysis.resources.evaluation import Evaluation
from manyi_analysis.resources.gaps import Gaps
from manyi_analysis.resources.requirements import Requirements
from manyi_analysis.resources.variation import CountyVariation
from manyi_analysis.resources.verdicts import SchoolVerdicts
from manyi_instruments.standards.layers import LayeredStandard

COLUMNS = (
    "level",
    "unit",
    "stage",
    "area",
    "indicator",
    "bound",
    "value",
    "threshold",
    "layer",
    "met",
    "gap",
    "column",
    "reason",
)
#: Bounds of the rules in the table: an indicator's own threshold, its variation, how many are met, the floor.
VALUE, VARIATION, MET_COUNT, FLOOR = "value", "cv", "met_count", "lowest_share"


def standard_table(
    evaluation: Evaluation,
    requirements: Requirements,
    gaps: Gaps,
    layered: LayeredStandard,
    county: str = "",
) -> pd.DataFrame:
    """Return every comparison of a value with a threshold, one a row.

    Parameters
    ----------
    evaluation, requirements, gaps
        What was computed of the schools.
    layered : LayeredStandard
        Says which layer decided each threshold.
    county : str
        What stands in ``unit`` at the level of the county.

    Returns
    -------
    DataFrame
        ``level, unit, stage, area, indicator, bound, value, threshold, layer, met, gap, column, reason``.
        ``level``: ``stage`` (school and stage), ``school`` or ``county``. ``bound``: ``value`` for an
        indicator's threshold, ``cv`` for the variation between schools, ``met_count`` and ``lowest_share``
        for the two halves of the school rule, else the requirement's bound. ``gap``: what must be added to
        ``column``; of a coefficient of variation, by how much it is too large.

    Notes
    -----
    Formulas: those of `evaluate_schools`, `evaluate_requirements`, `school_gaps`. R: ``rbind`` of their rows.

    References
    ----------
    The standard's ``indicators``, ``rules`` and ``requirements``.
    """
    frames = [
        _indicators(evaluation, gaps, layered),
        _school_rule(evaluation, layered),
        _variation(evaluation, layered, county),
        _requirements(requirements, layered, county),
    ]
    frame = pd.concat([part for part in frames if len(part)], ignore_index=True)
    return frame[list(COLUMNS)].astype({"met": "boolean"})


def _indicators(evaluation: Evaluation, gaps: Gaps, layered: LayeredStandard) -> pd.DataFrame:
    frame = evaluation.indicators.frame.copy()
    if not len(frame):
        return pd.DataFrame(columns=list(COLUMNS))
    keys = ["school", "stage", "indicator"]
    frame = frame.merge(gaps.frame[[*keys, "gap", "column"]], on=keys, how="left")
    frame["gap"] = frame["gap"].where(~frame["met"].eq(True).fillna(False), 0.0).astype("float64")
    standard = layered.standard
    areas = {indicator.id: indicator.area for indicator in standard.indicators}
    layers = {
        (row.id, stage): layered.layer_of(row.id, stage)
        for row in standard.indicators
        for stage in standard.evaluated_stages
    }
    pairs = pd.MultiIndex.from_frame(frame[["indicator", "stage"]])
    layer = pd.Series(layers).reindex(pairs).to_numpy(dtype=object)
    layer = _by_exemption(layer, frame["reason"], layered)
    return frame.assign(
        level="stage",
        unit=frame["school"],
        area=frame["indicator"].map(areas),
        bound=VALUE,
        layer=layer,
        column=frame["column"].fillna(""),
    )


def _by_exemption(
    layer: "np.ndarray[tuple[int], np.dtype[np.object_]]", reasons: "pd.Series[str]", layered: LayeredStandard
) -> "np.ndarray[tuple[int], np.dtype[np.object_]]":
    """Let the layer of an exemption stand where it decided instead of the threshold."""
    for exemption in layered.standard.exemptions:
        told = (reasons == f"indicator-exempt: rule={exemption.id}").to_numpy(bool)
        layer = np.where(told, layered.layer_of("exemption", exemption.id), layer)
    return layer


def _school_rule(evaluation: Evaluation, layered: LayeredStandard) -> pd.DataFrame:
    rule = layered.standard.rules.school
    if not isinstance(evaluation.verdicts, SchoolVerdicts) or rule is None:
        return pd.DataFrame(columns=list(COLUMNS))
    frame = evaluation.verdicts.frame
    excluded = (frame["verdict"] == "excluded").to_numpy(bool)
    open_ = (frame["verdict"] == "not_computed").to_numpy(bool)
    area = layered.standard.indicator(layered.standard.school_rule_indicators[0]).area
    parts = []
    floor_met = frame["below_floor"].eq("").to_numpy(bool)
    # A count that cannot reach the least even with what is missing is decided; see the verdict.
    count_met = (frame["met_count"] >= rule.min_met).to_numpy(bool)
    missing = (rule.of - frame["indicators"]).to_numpy(np.int64)
    count_open = ~count_met & (frame["met_count"].to_numpy(np.int64) + missing >= rule.min_met)
    for bound, value, threshold, met, undecided in (
        (MET_COUNT, frame["met_count"], float(rule.min_met), count_met, count_open),
        (FLOOR, frame["lowest_share"], rule.floor_share, floor_met, floor_met & (missing > 0) & open_),
    ):
        decided = pd.Series(pd.array(met, dtype="boolean")).mask(excluded | undecided)
        parts.append(
            frame.assign(
                level="stage",
                unit=frame["school"],
                area=area,
                indicator="",
                bound=bound,
                value=value.astype("float64"),
                threshold=threshold,
                layer=layered.layer_of("school"),
                met=decided.to_numpy(dtype=object),
                gap=np.where(bound == MET_COUNT, (threshold - value).clip(lower=0), np.nan),
                column="",
            )
        )
    return pd.concat(parts, ignore_index=True)


def _variation(evaluation: Evaluation, layered: LayeredStandard, county: str) -> pd.DataFrame:
    if not isinstance(evaluation.variation, CountyVariation):
        return pd.DataFrame(columns=list(COLUMNS))
    frame = evaluation.variation.frame
    areas = {indicator.id: indicator.area for indicator in layered.standard.indicators}
    first = next(iter(areas.values()), "")
    return frame.assign(
        level="county",
        unit=county,
        area=frame["indicator"].map(areas).fillna(first),
        bound=VARIATION,
        value=frame["cv"],
        threshold=frame["limit"],
        layer=layered.layer_of("cv"),
        gap=(frame["cv"] - frame["limit"]).clip(lower=0).where(frame["met"].notna()),
        column="",
    )


def _requirements(requirements: Requirements, layered: LayeredStandard, county: str) -> pd.DataFrame:
    frame = requirements.frame
    if not len(frame):
        return pd.DataFrame(columns=list(COLUMNS))
    layers = [layered.layer_of(*pair) for pair in zip(frame["indicator"], frame["bound"], strict=True)]
    decided = np.array(layers, dtype=object)
    facts = layered.standard.recognition
    if facts is not None and ("recognition",) in layered.deciding:
        named = {
            (row.id, name)
            for row in layered.standard.requirements
            for name, bound in row.bounds.items()
            if facts.fact in layered.standard.expression(bound.formula).column_names()
        }
        by_use = [pair in named for pair in zip(frame["indicator"], frame["bound"], strict=True)]
        decided = np.where(by_use, layered.layer_of("recognition"), decided)
    unit = frame["school"].where(frame["level"] != "county", county)
    return frame.assign(unit=unit, layer=_by_exemption(decided, frame["reason"], layered))
