"""Cleaned answers of one role: scored, flagged, joined to the schools, with the ledger of N."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from manyi.cleaning.blocks import Flag, Floats
from manyi.cleaning.found import Found, Lack
from manyi.cleaning.ledger import ledger
from manyi.cleaning.rules import apply_rules
from manyi.cleaning.submission_days import SubmissionDays
from manyi.cleaning.timing import outside_field
from manyi.schools.table import MatchedCodes, match_schools
from manyi.study.definition import Study
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.scoring import score


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What cleaning found and decided; nothing is deleted.

    Attributes
    ----------
    answers : DataFrame
        Scored answers of every row received, then ``index_<name>`` of careless answering, ``flag_<rule>`` and
        ``kept``.
    ledger : DataFrame
        ``step, reason, n`` from received to kept.
    schools : MatchedCodes or None
        Which school codes were repaired and which are not on the roster.
    found : Found
        What the rules found: flags, indices, cuts, and what rules lacked.
    days : SubmissionDays or None
        What was read of the times of submission, where the study says when it was in the field.
    """

    answers: pd.DataFrame
    ledger: pd.DataFrame
    schools: MatchedCodes | None
    found: Found
    days: SubmissionDays | None = None


def only_stage(school: "pd.Series[str]", roster: pd.DataFrame) -> "pd.Series[str]":
    """Return the stage of schools that have one only, NA for the others."""
    single = roster.drop_duplicates("school", keep=False).set_index("school")["stage"]
    return school.map(single).astype("string")


def clean(
    coded: pd.DataFrame,
    questionnaire: Questionnaire,
    study: Study,
    role_id: str,
    roster: pd.DataFrame | None,
) -> Cleaned:
    """Flag, score and place the answers of one role.

    Parameters
    ----------
    coded : DataFrame
        Coded answers; not changed.
    questionnaire : Questionnaire
        The role's questionnaire.
    study : Study
        The study: cleaning rules, stage rule, questionnaires issued.
    role_id : str
        The role.
    roster : DataFrame or None
        The school table (``school``, ``stage``); None where the study has none.

    Returns
    -------
    Cleaned
        Every row received is in it.
    """
    role = study.roles[role_id]
    placed, matched = _placed(coded, roster)
    # Side by side: arithmetic on arrays leaves the interpreter's lock alone.
    with ThreadPoolExecutor(1) as pool:
        scored = pool.submit(score, placed, questionnaire)
        applied = apply_rules(coded, questionnaire, study.cleaning.rules)
        answers = scored.result()
    found = dict(applied.flags)
    days: SubmissionDays | None = None
    if study.field_dates is not None:
        outside, days = outside_field(coded["submitted"], study.field_dates)
        found |= outside
        if not days.given and len(coded):
            lacks = tuple(Lack(rule, "submitted") for rule in outside)
            applied = replace(applied, lacks=(*applied.lacks, *lacks))
    if roster is not None and matched is not None:
        known = pd.MultiIndex.from_frame(_cells(roster))
        found["unknown_school"] = ~np.asarray(pd.MultiIndex.from_frame(_cells(placed)).isin(known))
    excluded = np.zeros(len(coded), dtype=bool)
    for rule in study.cleaning.exclude:
        excluded |= found.get(rule, np.zeros(len(coded), dtype=bool))
    added = pd.DataFrame(_added(applied, found, ~excluded), index=answers.index, copy=False)
    answers = pd.concat([answers, added], axis=1)
    return Cleaned(
        answers=answers,
        ledger=ledger(found, study.cleaning.exclude, len(coded), role.issued),
        schools=matched,
        found=replace(applied, flags=found),
        days=days,
    )


def _placed(coded: pd.DataFrame, roster: pd.DataFrame | None) -> tuple[pd.DataFrame, MatchedCodes | None]:
    """Return the answers with codes and stages of the roster, and what was matched.

    A role of which nobody names a school, such as the public, is not asked to stand on the roster.
    """
    if roster is None or not bool(coded["school"].notna().any()):
        return coded, None
    matched = match_schools(coded["school"], roster["school"].unique().tolist())
    placed = coded.assign(school=matched.codes)
    return placed.assign(stage=placed["stage"].fillna(only_stage(placed["school"], roster))), matched


def _added(applied: Found, found: Mapping[str, Flag], kept: Flag) -> dict[str, Flag | Floats]:
    """Return the columns that cleaning adds; the duration is a column of the answers already."""
    indices: dict[str, Flag | Floats] = {
        f"index_{name}": values for name, values in applied.indices.items() if name != "seconds"
    }
    return {**indices, **{f"flag_{name}": flag for name, flag in found.items()}, "kept": kept}


def _cells(frame: pd.DataFrame) -> pd.DataFrame:
    """Return school and stage as text, so that an absent stage equals an absent stage."""
    return frame[["school", "stage"]].astype("string").fillna("")
