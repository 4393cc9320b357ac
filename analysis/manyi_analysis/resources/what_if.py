"""What a change of raw numbers would do to every verdict: teachers hired, rooms built, money spent."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from manyi_analysis.resources.columns import Facts
from manyi_analysis.resources.county import CountyEvaluation, evaluate_county
from manyi_instruments.faults import Fault, StudyFaulty
from manyi_instruments.standards.definition import Standard
from manyi_instruments.standards.layers import LayeredStandard

PART = re.compile(r"\s*(?P<name>[^=\s]+)\s*=\s*(?P<sign>[+\-*]?)\s*(?P<number>-?\d+(?:\.\d+)?)\s*")
EVERY = "*"
KEYS = ["level", "unit", "stage", "area", "indicator", "bound"]


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a raw number.

    Parameters
    ----------
    column : str
        Id of the column, or of a fact of the county where ``school`` is empty.
    how : {"add", "multiply", "set"}
        What is done.
    amount : float
        By how much, or to what.
    school : str
        Code of the school; ``*`` for all; empty for facts of the county.
    stage : str
        Stage; empty for all that the school has.
    written : str
        As written, for messages.
    """

    column: str
    how: Literal["add", "multiply", "set"]
    amount: float
    school: str = ""
    stage: str = ""
    written: str = ""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Verdicts before and after changes.

    Parameters
    ----------
    before, after : CountyEvaluation
        Both in full.
    frame : DataFrame
        Rows of the table ``standard`` whose value, verdict or gap differ: ``level, unit, stage, area,
        indicator, bound, value_before, value_after, threshold, met_before, met_after, gap_before,
        gap_after``.
    areas : DataFrame
        ``area, part, met_before, met_after, units_met_before, units_met_after``.
    """

    before: CountyEvaluation
    after: CountyEvaluation
    frame: pd.DataFrame
    areas: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return the rows that change."""
        return self.frame.copy()


def parse_changes(written: str) -> tuple[Change, ...]:
    """Return the changes of one text: ``school=0199000001,stage=junior,equip=+200000,mm_rooms=5``.

    Parameters
    ----------
    written : str
        Parts divided by commas. ``school`` and ``stage`` say where, every other part is a column and a
        number: ``+5`` and ``-5`` add and subtract, ``*1.1`` multiplies, a bare number replaces. Without
        ``school`` the names are facts of the county.

    Raises
    ------
    StudyFaulty
        ``change-unreadable`` at the part that cannot be read.

    Examples
    --------
    >>> change = parse_changes("school=0199000001,equip=+200000")[0]
    >>> change.column, change.how, change.amount
    ('equip', 'add', 200000.0)
    """
    where = {"school": "", "stage": ""}
    parts = []
    for part in re.split("[,，]", written):
        name, _, value = part.partition("=")
        if name.strip() in where and value.strip():
            where[name.strip()] = value.strip()
            continue
        match = PART.fullmatch(part)
        if match is None:
            raise StudyFaulty(Fault("change-unreadable", details={"change": written, "part": part.strip()}))
        parts.append(match)
    if not parts:
        raise StudyFaulty(Fault("change-unreadable", details={"change": written, "part": ""}))
    changes = []
    for match in parts:
        amount, sign = float(match["number"]), match["sign"]
        how: Literal["add", "multiply", "set"] = (
            "multiply" if sign == "*" else "add" if sign or match["number"].startswith("-") else "set"
        )
        amount = -amount if sign == "-" else amount
        changes.append(Change(match["name"], how, amount, where["school"], where["stage"], written))
    return tuple(changes)


def what_if(
    schools: pd.DataFrame,
    layered: LayeredStandard,
    changes: Iterable[Change],
    facts: Facts | None = None,
    county: str = "",
) -> WhatIf:
    """Return what changes of raw numbers would do to every verdict.

    Parameters
    ----------
    schools : DataFrame
        One row a school and stage, not divided, as :func:`evaluate_county` takes them. Not changed.
    layered : LayeredStandard
        The standard with its layers.
    changes : iterable of Change
        Applied one after the other. A facility that a combined school shares is changed for the whole school;
        what is counted by stage needs the stage.
    facts : Mapping[str, float], optional
        Facts of the county.
    county : str
        How the county is called.

    Returns
    -------
    WhatIf
        Before, after and what differs.

    Raises
    ------
    StudyFaulty
        Every change that names an unknown school, stage or column, or does not say which stage it means.
    """
    planned, given = tuple(changes), dict(facts or {})
    faults = [fault for change in planned for fault in _change_faults(schools, layered.standard, change)]
    if faults:
        raise StudyFaulty(faults)
    before = evaluate_county(schools, layered, given, county)
    changed, changed_facts = schools.copy(), dict(given)
    for change in planned:
        if change.school:
            changed = _changed(changed, layered.standard, change)
        else:
            changed_facts[change.column] = _amount(changed_facts.get(change.column, np.nan), change)
    after = evaluate_county(changed, layered, changed_facts, county)
    return WhatIf(before, after, _differences(before, after), _areas(before, after))


def _amount(old: float, change: Change) -> float:
    return {"add": old + change.amount, "multiply": old * change.amount, "set": change.amount}[change.how]


def _rows(schools: pd.DataFrame, change: Change) -> "pd.Series[bool]":
    rows = pd.Series(True, index=schools.index)
    if change.school != EVERY:
        rows &= schools["school"].astype(str) == change.school
    if change.stage:
        rows &= schools["stage"].astype(str) == change.stage
    return rows


def _changed(schools: pd.DataFrame, standard: Standard, change: Change) -> pd.DataFrame:
    name = standard.frame_name(change.column)
    definition = standard.columns.get(change.column)
    of_school = definition is not None and definition.counted == "school"
    where = Change(change.column, change.how, change.amount, change.school) if of_school else change
    rows = _rows(schools, where)
    old = schools[name] if name in schools.columns else pd.Series(np.nan, index=schools.index)
    numbers = old.astype("float64")
    new = {"add": numbers + change.amount, "multiply": numbers * change.amount}.get(change.how)
    new = pd.Series(change.amount, index=schools.index) if new is None else new
    return schools.assign(**{name: numbers.where(~rows, new)})


def _change_faults(schools: pd.DataFrame, standard: Standard, change: Change) -> list[Fault]:
    told = {"change": change.written or change.column}
    if not change.school:
        known = [name for name, fact in standard.facts.items() if fact.level == "county"]
        known += [veto.id for veto in standard.vetoes]
    else:
        known = [name for name, column in standard.columns.items() if column.type == "number"]
        known += [name for name, fact in standard.facts.items() if fact.level == "school"]
    if change.column not in known:
        details = {**told, "name": change.column, "known": ", ".join(known)}
        return [Fault("change-unknown-column", details=details)]
    if not change.school:
        return []
    if change.school != EVERY and not (schools["school"].astype(str) == change.school).any():
        return [Fault("change-unknown-school", details={**told, "school": change.school})]
    rows = _rows(schools, change)
    if not rows.any():
        return [Fault("change-unknown-stage", details={**told, "stage": change.stage})]
    definition = standard.columns.get(change.column)
    by_stage = definition is not None and definition.counted == "stage"
    if by_stage and not change.stage and change.school != EVERY and rows.sum() > 1:
        details = {**told, "name": change.column, "school": change.school}
        return [Fault("change-stage-unnamed", details=details)]
    return []


def _differences(before: CountyEvaluation, after: CountyEvaluation) -> pd.DataFrame:
    told = [*KEYS, "value", "threshold", "met", "gap"]
    numbered = after.table[told].assign(position=np.arange(len(after.table)))
    both = before.table[told].merge(numbered, on=KEYS, how="outer", suffixes=("_before", "_after"))
    both = both.sort_values("position", kind="stable", ignore_index=True)
    differ = np.zeros(len(both), dtype=np.bool_)
    for name in ("value", "met", "gap"):
        old, new = both[f"{name}_before"], both[f"{name}_after"]
        same = old.eq(new).fillna(False).astype(bool) | (old.isna() & new.isna())
        differ |= ~same.to_numpy(bool)
    both["threshold"] = both["threshold_after"].fillna(both["threshold_before"])
    columns = [*KEYS, "value_before", "value_after", "threshold", "met_before", "met_after"]
    return both.loc[differ, [*columns, "gap_before", "gap_after"]].reset_index(drop=True)


def _areas(before: CountyEvaluation, after: CountyEvaluation) -> pd.DataFrame:
    told = ["area", "part", "met", "units_met"]
    both = before.areas[told].merge(
        after.areas[told], on=told[:2], how="left", suffixes=("_before", "_after")
    )
    return both[["area", "part", "met_before", "met_after", "units_met_before", "units_met_after"]]
