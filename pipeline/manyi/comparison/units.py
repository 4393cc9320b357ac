"""Counties and schools of several studies against the limits for their size: sums only, one pass a study."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from manyi.comparison.measures import ComparedRole, Member, divisor
from manyi.comparison.studies import clean_answers
from manyi.study.analysis_plan import Analysis
from manyi.study.folder import StudyFolder

if TYPE_CHECKING:
    import pandas as pd

    from manyi_analysis.level.satisfaction import Satisfaction
    from manyi_analysis.records import LevelSums
    from manyi_analysis.records.level_sums import Outcome

#: The column of the county in rows on their way to the sums; no item can be called so.
COUNTY = "(county)"
NOT_SHOWN = ("role", "level", "index", "county", "units", "reason")


def unit_tables(
    role: ComparedRole, studies: Mapping[str, StudyFolder], counties: Mapping[str, str], plan: Analysis
) -> "tuple[pd.DataFrame, pd.DataFrame]":
    """Return ``unit_comparison`` and ``units_not_shown`` of one role.

    Parameters
    ----------
    role : ComparedRole
        Of which two studies at least take part.
    studies, counties : Mapping
        Name -> study, -> how its county is called.
    plan : Analysis
        The first study's, `counties` being ``COUNTY`` and `minimum_cell` the largest of all studies.

    Notes
    -----
    Every study is a partition of one reading: what is held of it is n, Σx, Σx² by school. A school is called
    by its county and code. Small schools and counties are hidden as within one study, a second one beside a
    single one that could be computed from the others.
    """
    import pandas as pd

    from manyi.topics.counties import CountiesTopic
    from manyi.topics.one_pass import gather
    from manyi.topics.topic import Subject
    from manyi_analysis.level.satisfaction import index_outcomes

    outcomes = index_outcomes(role.questionnaire, role.measures)
    columns = frozenset([COUNTY, "school", *(outcome.column for outcome in outcomes)])
    plan = plan.model_copy(update={"counties": COUNTY, "satisfaction": {role.role: role.measures}})
    topic = CountiesTopic(Subject(role.role, role.questionnaire, plan, columns, schooled=True))
    parts = [
        partial(_rows, studies[member.study], member, role, outcomes, counties[member.study])
        for member in role.taking_part
    ]
    gathered = gather(parts, topic.sets())
    table = topic.tables(gathered)["unit_comparison"].assign(role=role.role)
    hidden = list(_not_shown(role, gathered["counties"], plan, table))  # type: ignore[arg-type]
    return (
        table[["role", *(name for name in table if name != "role")]],
        pd.DataFrame(hidden, columns=list(NOT_SHOWN)),
    )


def _rows(
    study: StudyFolder, member: Member, role: ComparedRole, outcomes: "tuple[Outcome, ...]", county: str
) -> "pd.DataFrame":
    """Return one study's rows under the names of the first study; a measure it has not is missing."""
    import numpy as np

    from manyi_analysis.level.satisfaction import index_outcomes

    own_questionnaire = study.questionnaires[member.role]
    own = {entry.name: entry for entry in index_outcomes(own_questionnaire, list(member.measures.values()))}
    rows = clean_answers(study, member.role, [entry.column for entry in own.values()])
    several = study.definition.analysis.counties
    frame = rows[["school"]].copy()
    frame[COUNTY] = county
    if several is not None and several in rows:
        frame[COUNTY] = (county + " · " + rows[several].astype("string")).fillna(county)
    frame["school"] = frame[COUNTY] + " " + rows["school"].astype("string")
    for outcome in outcomes:
        here = own.get(member.measures.get(outcome.name, ""))
        if here is None:
            frame[outcome.column] = np.nan
        else:
            scale = divisor(role.questionnaire, outcome.name) / divisor(own_questionnaire, here.name)
            frame[outcome.column] = rows[here.column].to_numpy(np.float64) * scale
    return frame


def _not_shown(
    role: ComparedRole, sums: "LevelSums", plan: Analysis, table: "pd.DataFrame"
) -> Iterator[dict[str, object]]:
    """Yield each county that is not shown with its reason, and how many schools of each county are not."""
    import numpy as np

    from manyi_analysis.level.satisfaction import index_levels
    from manyi_analysis.records.level_sums import N
    from manyi_analysis.records.notcomputed import NotComputed

    for measure in role.measures:
        at = sums.place(measure)
        of_measure = table[table["index"] == measure]
        shown = {level: set(rows["unit"]) for level, rows in of_measure.groupby("level")}
        known = {"role": role.role, "index": measure}
        found = index_levels(
            sums,
            role.questionnaire,
            [measure],
            plan.index,
            [COUNTY],
            "school",
            plan.minimum_cell,
            plan.confidence,
            (COUNTY,),
        )
        reasons = _reasons(found)
        small = NotComputed("satisfaction", "small-cell", {"minimum": plan.minimum_cell}).reason
        for place, county in enumerate(sums.levels[COUNTY]):
            counts = np.zeros(1) if at is None else sums.sums[COUNTY][at, N, place, :-1]
            if county not in shown.get("county", ()):
                reason = reasons.get(county) or "unit-without-error"
                yield {**known, "level": "county", "county": county, "units": 1, "reason": reason}
            schools = {name for name, n in zip(sums.schools, counts.tolist(), strict=False) if n}
            hidden = len(schools - shown.get("school", set()))
            if hidden:
                yield {**known, "level": "school", "county": county, "units": hidden, "reason": small}


def _reasons(found: "Satisfaction") -> dict[str, str]:
    from manyi_analysis.records.notcomputed import NotComputed

    return {
        cell.level: cell.result.reason
        for cell in found.cells
        if cell.group == COUNTY and isinstance(cell.result, NotComputed)
    }
