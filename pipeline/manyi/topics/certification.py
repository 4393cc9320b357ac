"""What certification changed: two-way fixed effects, and effects by group and time, of schools over waves."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from manyi.study.waves import in_order
from manyi_analysis.change import GroupTimeEffects, TwoWayEffect, group_time_effects, two_way_fixed_effects
from manyi_analysis.differences.adjustment import adjusted
from manyi_analysis.records import NotComputed

COLUMNS = ["kind", "unit", "indicator", "measure", "estimator", "effect", "group", "at"]
COLUMNS += ["estimate", "se", "low", "high", "p", "n", "units", "treated", "controls", "missing"]
COLUMNS += ["staggered", "reason", "p_adjusted"]
NUMBERS = COLUMNS[COLUMNS.index("estimate") : COLUMNS.index("staggered")]


def begins(waves: Sequence[str], given: "pd.Series[str]") -> "pd.Series[float]":
    """Return the position of the first wave at which each unit is certified, NaN for never.

    Parameters
    ----------
    waves : sequence of str
        In any order.
    given : Series of str
        Unit -> the wave or, where waves are numbers, the year of certification; blank for never. A year
        between two waves is first seen at the later one, a year after the last at none.

    Raises
    ------
    ValueError
        Where a cell is neither; the message is the cell.
    """
    ordered = in_order(waves)
    names = {wave: float(position) for position, wave in enumerate(ordered)}
    try:
        years = [float(wave) for wave in ordered]
    except ValueError:
        years = []
    found = {}
    for cell in given.dropna().astype(str).str.strip().unique():
        if cell in names or cell == "":
            found[cell] = names.get(cell, np.nan)
            continue
        try:
            year = float(cell) if years else np.nan
        except ValueError:
            year = np.nan
        if np.isnan(year):
            raise ValueError(cell)
        after = [position for position, each in enumerate(years) if each >= year]
        found[cell] = float(after[0]) if after else np.nan
    return given.astype("string").str.strip().map(found).astype(np.float64)


def panel_of(
    waves: Mapping[str, "pd.Series[float]"],
    begin: "pd.Series[float]",
    units: "pd.Series[str] | None" = None,
) -> pd.DataFrame:
    """Return one row a unit and wave: ``unit, period, outcome, begins``.

    Parameters
    ----------
    waves : Mapping
        Wave -> outcome of every school, by school.
    begin : Series
        School -> position of the wave it is certified at, NaN for never; a school that is not there is
        unknown and left out.
    units : Series, optional
        School -> unit certified as a whole: outcomes are then the means of its schools.
    """
    parts = [
        pd.DataFrame({"unit": waves[wave].index.astype(str), "outcome": waves[wave].to_numpy(np.float64)})
        .assign(period=float(position))
        .loc[lambda part: part["unit"].isin(begin.index) & part["outcome"].notna()]
        for position, wave in enumerate(in_order(waves))
    ]
    panel = pd.concat(parts, ignore_index=True)
    panel["begins"] = panel["unit"].map(begin).astype(np.float64)
    if units is not None:
        panel["unit"] = panel["unit"].map(units)
        panel = panel.dropna(subset="unit")
        joined = panel.groupby(["unit", "period"], sort=True).agg(
            outcome=("outcome", "mean"), begins=("begins", "min")
        )
        panel = joined.reset_index()
    return panel[["unit", "period", "outcome", "begins"]]


def certification_rows(
    panel: pd.DataFrame,
    waves: Sequence[str],
    known: Mapping[str, str],
    controls: Literal["never", "not_yet"] = "never",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the rows of one outcome: two-way fixed effects, then effects by group and time.

    Parameters
    ----------
    panel : DataFrame
        From :func:`panel_of`.
    waves : sequence of str
        Their names, in any order.
    known : Mapping
        ``kind, unit, indicator, measure``.
    controls : {"never", "not_yet"}
    confidence : float
    """
    names = in_order(waves)
    begun = panel["begins"].to_numpy(np.float64)
    treated: NDArray[np.float64] = (panel["period"].to_numpy(np.float64) >= begun).astype(np.float64)
    two_way = two_way_fixed_effects(
        panel["outcome"].to_numpy(np.float64),
        treated,
        panel["unit"].to_numpy(dtype=object),
        panel["period"].to_numpy(np.float64),
        confidence,
    )
    staggered = group_time_effects(panel, controls, confidence)
    rows = [{**known, "estimator": "two_way", "effect": "overall"} | _two_way(two_way)]
    rows += [{**known, "estimator": "group_time"} | row for row in _group_time(staggered, names)]
    table = pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(NUMBERS, np.float64))
    table["p_adjusted"] = table["p_adjusted"].astype(np.float64)
    words = ["group", "at", "reason"]
    table[words] = table[words].fillna("").astype(str)
    return table


def with_adjusted(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of all outcomes with ``p_adjusted``: Holm's, over the overall effects of an estimator.

    Certification is asked for its effect on every outcome; some look as if there were one by chance alone.
    """
    table = table.copy()
    for _, rows in table[table["effect"] == "overall"].groupby("estimator", sort=False):
        table.loc[rows.index, "p_adjusted"] = adjusted(rows["p"].tolist())
    return table


def _two_way(found: TwoWayEffect | NotComputed) -> dict[str, object]:
    if isinstance(found, NotComputed):
        return {"n": found.n, "reason": found.reason}
    names = ("estimate", "se", "low", "high", "p", "n", "units", "treated", "missing", "staggered")
    return {name: getattr(found, name) for name in names}


def _group_time(found: GroupTimeEffects | NotComputed, waves: Sequence[str]) -> list[dict[str, object]]:
    from scipy.stats import norm

    if isinstance(found, NotComputed):
        return [{"effect": "overall", "units": found.n, "reason": found.reason}]
    rows: list[dict[str, object]] = []
    for row in found.summary.to_dict("records"):
        kind, value = str(row["kind"]), row["value"]
        named = {
            "overall": {},
            "group": {"group": waves[int(value)] if kind == "group" else ""},
            "event": {"at": f"{value:+.0f}"},
            "period": {"at": waves[int(value)] if kind == "period" else ""},
        }[kind]
        rows.append({"effect": kind, **named, **_estimate(row), "units": found.n, "missing": found.missing})
    for row in found.frame.to_dict("records"):
        before = row["period"] < row["group"]
        rows.append(
            {
                "effect": "placebo" if before else "group_time",
                "group": waves[int(row["group"])],
                "at": waves[int(row["period"])],
                **_estimate(row),
                "units": found.n,
                "missing": found.missing,
                "treated": row["treated"],
                "controls": row["controls"],
            }
        )
    for each in rows:
        error = float(str(each["se"]))
        each["p"] = float(2 * norm.sf(abs(float(str(each["estimate"]))) / error)) if error > 0 else np.nan
    return rows


def _estimate(row: Mapping[object, object]) -> dict[str, object]:
    return {name: row[name] for name in ("estimate", "se", "low", "high")}
