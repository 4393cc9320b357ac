"""Tables of two roles on the items they share: invariance, latent means, schools side by side, agreement."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from manyi.topics.common_items import CommonScale
from manyi.topics.group_invariance import (
    Grouped,
    invariance_rows,
    invariance_test,
    latent_mean_rows,
    level_of,
)
from manyi.topics.one_pass import Gathered, MomentSet
from manyi.topics.topic import SCHOOL
from manyi_analysis.confirmatory import Invariance, correlated_factors
from manyi_analysis.level.role_comparison import COMPARABLE, compare_roles, schools_to_hide
from manyi_analysis.level.role_comparison import Invariance as Level
from manyi_analysis.records import GroupedMoments, Moments, NotComputed, composite

#: What the groups of a comparison across roles are of.
BY_ROLE = "role"
SCHOOLS = ["role", "scale", "role_a", "role_b", "school", "items", "n_a", "n_b", "mean_a", "mean_b"]
SCHOOLS += ["difference", "low", "high", "t", "df", "p", "p_adjusted", "invariance", "comparable", "reason"]
AGREEMENT = ["role", "scale", "role_a", "role_b", "items", "schools", "mean", "low", "high", "sd"]
AGREEMENT += ["lower_limit", "upper_limit", "limit_se", "chance_share", "sd_beyond_chance", "p"]
AGREEMENT += ["r", "r_low", "r_high", "r_p", "invariance", "comparable", "reason"]
#: What a correlation of school means tells even where their difference tells nothing.
OF_ORDER = ("r", "r_low", "r_high", "r_p", "schools")


def comparison_sets(common: CommonScale, position: int) -> dict[object, MomentSet]:
    """Return what is gathered of one of the two roles: moments of the common items, and by school."""
    columns = common.columns(position)
    return {"moments": MomentSet(columns), "schools": MomentSet(columns, SCHOOL)}


def comparison_tables(
    common: CommonScale,
    gathered: tuple[Mapping[object, Gathered], Mapping[object, Gathered]],
    released: tuple[str, ...] = (),
    minimum: int = 10,
    confidence: float = 0.95,
) -> dict[str, pd.DataFrame]:
    """Return ``invariance``, ``latent_means``, ``role_comparison`` and ``role_agreement`` of two roles.

    Schools are compared only where scalar invariance holds, whole or in part; in part, on the items whose
    loading and intercept stayed equal (Byrne, Shavelson & Muthén, 1989).
    """
    names = tuple(common.items)
    model = correlated_factors({common.scale: names}, "single")
    groups = {role: _named(part["moments"], names) for role, part in zip(common.roles, gathered, strict=True)}
    found, left_out = invariance_test(Grouped(groups), model, BY_ROLE, True, released, minimum=minimum)
    tables = {
        "invariance": invariance_rows(found, common.scale, BY_ROLE, left_out, "ML"),
        "latent_means": latent_mean_rows(found, common.scale, BY_ROLE),
    }
    tables = {name: table.assign(role=common.role) for name, table in tables.items()}
    schools = [_schools(part["schools"], names) for part in gathered]
    tables |= _school_tables(common, found, (schools[0], schools[1]), minimum, confidence)
    return {name: _role_first(table) for name, table in tables.items()}


def _named(record: Gathered, names: tuple[str, ...]) -> Moments:
    if not isinstance(record, Moments):
        raise TypeError("roles are compared by moments of complete rows")
    return replace(record, columns=names)


def _schools(record: Gathered, names: tuple[str, ...]) -> GroupedMoments:
    if not isinstance(record, GroupedMoments):
        raise TypeError("schools are compared by moments of each")
    return replace(record, columns=names)


def _role_first(table: pd.DataFrame) -> pd.DataFrame:
    return table[["role", *(name for name in table.columns if name != "role")]]


def _equal_items(found: Invariance | NotComputed, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the items of which nothing was released in the last step that held."""
    if isinstance(found, NotComputed):
        return names
    released = [step for step in found.steps if step.held][-1].released
    texts = " ".join(released).split()
    return tuple(name for name in names if name not in texts)


def _school_tables(
    common: CommonScale,
    found: Invariance | NotComputed,
    schools: tuple[GroupedMoments, GroupedMoments],
    minimum: int,
    confidence: float,
) -> dict[str, pd.DataFrame]:
    level = level_of(found)
    comparable = level in COMPARABLE
    items = _equal_items(found, tuple(common.items)) if comparable else tuple(common.items)
    opening: dict[str, object] = {
        "role": common.role,
        "scale": common.scale,
        "role_a": common.roles[0],
        "role_b": common.roles[1],
        "items": " ".join(items),
        "invariance": level,
        "comparable": comparable,
    }
    first, second = (composite(one, common.scale, items) for one in schools)
    known: Level = level  # type: ignore[assignment]
    result = compare_roles(
        first,
        second,
        common.scale,
        common.roles,
        known,
        minimum,
        confidence=confidence,
        hidden=schools_to_hide(first, second, minimum),
    )
    agreement = _with(result.agreement_frame().drop(columns="note"), opening)
    if not comparable:
        # The order of schools may be compared all the same: r stays.
        lost = [name for name in AGREEMENT if name not in opening and name not in OF_ORDER]
        agreement[lost] = np.nan
        agreement["reason"] = result.note
        by_school = pd.DataFrame([{**opening, "reason": result.note}])
    else:
        by_school = _with(result.to_frame(), opening)
        if not len(by_school):
            reason = agreement["reason"].iloc[0]
            by_school = pd.DataFrame([{**opening, "reason": reason}])
    return {
        "role_comparison": by_school.reindex(columns=SCHOOLS),
        "role_agreement": agreement.reindex(columns=AGREEMENT),
    }


def _with(table: pd.DataFrame, opening: Mapping[str, object]) -> pd.DataFrame:
    """Return a table with the same values in every row of some columns."""
    same = pd.DataFrame({name: [value] * len(table) for name, value in opening.items()}, index=table.index)
    return pd.concat([same, table.drop(columns=list(opening), errors="ignore")], axis=1)
