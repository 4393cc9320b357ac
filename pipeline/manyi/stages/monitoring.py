"""The monitoring stage: what changed between the waves of a study, what fails now, what certification did."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.stages.stage import Stage
from manyi.stages.tables import read_pieces, write_pieces
from manyi.stages.weighting import weighed_answers, weight_inputs, weights_file
from manyi.stages.work import clean_folder, wave_folder, work_folder
from manyi.study.folder import StudyFolder
from manyi.study.waves import Series, in_order, series_of
from manyi_instruments.faults import Fault, Place

if TYPE_CHECKING:
    import pandas as pd

    from manyi.topics.changes import WaveSchools
    from manyi.topics.wave_levels import WaveAnswers

#: Schools named in the message on what fails now.
NAMED = 8


def monitoring_stage(study: StudyFolder, roles: Sequence[str]) -> Stage | None:
    """Return the stage that compares waves, or None where neither answers nor schools have two.

    Parameters
    ----------
    study : StudyFolder
    roles : sequence of str
        Those with answers. A wave that could not be read is left out; the others are compared.
    """
    series, schools = series_of(study.definition, roles), study.definition.schools
    if not series and (schools is None or not schools.earlier):
        return None
    involved = tuple(role for each in series for role in each.waves.values())
    inputs = [
        path for role in involved for path in (clean_folder(study, role), study.questionnaire_file(role))
    ]
    weighed = [role for role in involved if role in study.definition.weights]
    inputs += [path for role in weighed for path in (weights_file(study, role), *weight_inputs(study, role))]
    compared = work_folder(study, "compare")
    plan = study.definition.analysis
    return Stage(
        name="monitoring",
        run=partial(_monitor, study, series),
        inputs=(*inputs, *(folder for _, folder in _school_folders(study)), compared),
        outputs=(work_folder(study, "monitoring"),),
        parameters={
            "monitoring": plan.monitoring.model_dump(mode="json"),
            "waves": {each.role: each.waves for each in series},
            "satisfaction": {each.role: list(plan.satisfaction.get(each.role, ())) for each in series},
            "weights": {role: study.definition.weights[role].model_dump(mode="json") for role in weighed},
            "index": plan.index,
            "minimum_cell": plan.minimum_cell,
            "confidence": plan.confidence,
        },
    )


def _school_folders(study: StudyFolder) -> "Iterator[tuple[str, Path]]":
    """Yield wave and folder of what is known of the schools at it, the current one last."""
    schools = study.definition.schools
    if schools is None or not schools.earlier:
        return
    for wave in in_order(schools.earlier):
        yield wave, wave_folder(study, wave)
    if schools.wave is not None:
        yield schools.wave, work_folder(study, "schools")


def _monitor(study: StudyFolder, series: Sequence[Series]) -> tuple[Fault, ...]:
    import pandas as pd

    from manyi.topics.changes import alerts, answer_changes, school_changes

    plan = study.definition.analysis
    answers = {each.role: _answers(study, each) for each in series}
    schools = dict(_schools(study))
    changes = [
        answer_changes(
            role,
            waves,
            _measures(study, role),
            plan.index,
            plan.monitoring.smallest_school,
            plan.minimum_cell,
            plan.confidence,
        )
        for role, waves in answers.items()
    ]
    changes.append(school_changes(schools, plan.confidence))
    filled = [table for table in changes if len(table)]
    pieces = {}
    if filled:
        pieces["change"] = _with_invariance(study, series, pd.concat(filled, ignore_index=True))
    failing = alerts(schools)
    if len(failing):
        pieces["alerts"] = failing
    faults = [*_alarm(study, failing), *_not_computed(pieces.get("change"))]
    if plan.monitoring.certification is not None:
        found, told = _certification(study, answers, schools, plan.monitoring.certification)
        faults += told
        if len(found):
            pieces["certification"] = found
    write_pieces(work_folder(study, "monitoring"), pieces)
    return tuple(faults)


def _measures(study: StudyFolder, role: str) -> tuple[str, ...]:
    """Return what is held against itself over waves: what is reported of the role, else its scales."""
    scales = tuple(scale.id for scale in study.questionnaires[role].scales)
    return study.definition.analysis.satisfaction.get(role, scales)


def _answers(study: StudyFolder, series: Series) -> "dict[str, WaveAnswers]":
    """Return the rows kept of every wave, with the columns of the measures; weighed where weights exist."""
    import pandas as pd

    from manyi.topics.wave_levels import WaveAnswers
    from manyi_analysis.level.satisfaction import index_outcomes

    found = {}
    for wave, role in series.waves.items():
        if not any(clean_folder(study, role).glob("*.parquet")):
            continue
        questionnaire = study.questionnaires[role]
        outcomes = index_outcomes(questionnaire, _measures(study, series.role))
        columns = list(dict.fromkeys(["school", *(outcome.column for outcome in outcomes)]))
        rows = pd.read_parquet(clean_folder(study, role), columns=columns, filters=[("kept", "==", True)])
        weighed = weighed_answers(study, role).with_weight() if role in study.definition.weights else None
        if isinstance(weighed, tuple):
            found[wave] = WaveAnswers(questionnaire, rows, weighed[0][columns], weighed[1])
        else:
            # Weights that cannot be computed were told by the stage that makes them.
            found[wave] = WaveAnswers(questionnaire, rows)
    return found


def _schools(study: StudyFolder) -> "Iterator[tuple[str, WaveSchools]]":
    import pandas as pd

    from manyi.topics.changes import WaveSchools

    for wave, folder in _school_folders(study):
        pieces = read_pieces(folder)
        if "schools" in pieces:
            empty = pd.DataFrame()
            yield (
                wave,
                WaveSchools(pieces.get("school_indicators", empty), pieces.get("county_cv", empty)),
            )


def _with_invariance(study: StudyFolder, series: Sequence[Series], table: "pd.DataFrame") -> "pd.DataFrame":
    """Add how far a scale was found to measure alike at both waves, where that was tested."""
    agreement = read_pieces(work_folder(study, "compare")).get("role_agreement")
    if agreement is None:
        return table
    tested = {
        (frozenset(str(row["role"]).split("+")), str(row["scale"])): str(row["invariance"])
        for row in agreement.to_dict("records")
    }
    waves = {each.role: each.waves for each in series}
    table["invariance"] = [
        tested.get((frozenset((waves[unit][first], waves[unit][second])), indicator), "")
        if kind == "role"
        else ""
        for kind, unit, indicator, first, second in zip(
            *(table[name] for name in ("kind", "unit", "indicator", "from_wave", "to_wave")), strict=True
        )
    ]
    return table


def _alarm(study: StudyFolder, failing: "pd.DataFrame") -> Iterator[Fault]:
    """Yield one warning for the last two waves: what met its threshold before and does not now."""
    if failing.empty:
        return
    last = in_order(failing["to_wave"].unique())[-1]
    now = failing[failing["to_wave"] == last]
    units = [
        f"{row['indicator']} {row['school_name'] or row['school'] or row['stage']}"
        for row in now.to_dict("records")
    ]
    shown = ", ".join(units[:NAMED]) + (" …" if len(units) > NAMED else "")
    details = {"n": len(now), "wave": last, "before": now["from_wave"].iloc[0], "what": shown}
    yield Fault("indicator-fails-now", Place("alerts.csv"), details, "warning")


def _not_computed(table: "pd.DataFrame | None") -> Iterator[Fault]:
    """Yield a warning for each measure that cannot be held against an earlier wave."""
    if table is None:
        return
    lost = table[(table["kind"] == "role") & table["reason"].str.startswith(("wave-", "index-"))]
    for row in lost.to_dict("records"):
        what = f"{row['indicator']}, {row['from_wave']} → {row['to_wave']}"
        details = {"role": row["unit"], "table": "change", "what": what, "reason": row["reason"]}
        yield Fault("result-not-computed", Place("change.csv"), details, "warning")


def _certification(
    study: StudyFolder,
    answers: "Mapping[str, Mapping[str, WaveAnswers]]",
    schools: "Mapping[str, WaveSchools]",
    column: str,
) -> "tuple[pd.DataFrame, list[Fault]]":
    """Return the effects of certification on every index and indicator, and what hinders them."""
    import pandas as pd

    from manyi.topics.certification import begins, certification_rows, panel_of, with_adjusted

    plan = study.definition.analysis.monitoring
    place = Place(str(study.study_file))
    table = read_pieces(work_folder(study, "schools")).get("schools")
    lacking = [name for name in (column, plan.unit) if name and (table is None or name not in table)]
    if table is None or lacking:
        details = {"where": "analysis.monitoring", "name": ", ".join(lacking), "role": "schools"}
        return pd.DataFrame(), [Fault("plan-variable-absent", place, details)]
    one = table.drop_duplicates("school").set_index(table.drop_duplicates("school")["school"].astype(str))
    units = one[plan.unit].astype("string") if plan.unit is not None else None
    parts = []
    for known, outcomes in _outcomes(study, answers, schools):
        try:
            begin = begins(list(outcomes), _spelled(one[column]))
        except ValueError as error:
            details = {"column": column, "value": str(error), "waves": ", ".join(in_order(outcomes))}
            return pd.DataFrame(), [Fault("certification-unknown-wave", place, details)]
        panel = panel_of(outcomes, begin, units)
        confidence = study.definition.analysis.confidence
        parts.append(certification_rows(panel, list(outcomes), known, plan.controls, confidence))
    return (with_adjusted(pd.concat(parts, ignore_index=True)) if parts else pd.DataFrame()), []


def _spelled(given: "pd.Series[str]") -> "pd.Series[str]":
    """Return cells as text, a whole number without its decimal point."""
    import pandas as pd

    if pd.api.types.is_numeric_dtype(given):
        return given.map(lambda cell: "" if pd.isna(cell) else f"{cell:g}").astype("string")
    return given.astype("string").fillna("")


def _outcomes(
    study: StudyFolder,
    answers: "Mapping[str, Mapping[str, WaveAnswers]]",
    schools: "Mapping[str, WaveSchools]",
) -> "Iterator[tuple[dict[str, str], dict[str, pd.Series[float]]]]":
    """Yield every outcome: what it is, and by wave its value of every school."""
    from manyi.topics.changes import asked_alike
    from manyi.topics.wave_levels import school_means
    from manyi_analysis.records import NotComputed

    plan = study.definition.analysis
    for role, waves in answers.items():
        for measure in _measures(study, role):
            questionnaires = [wave.questionnaire for wave in waves.values()]
            if any(asked_alike(questionnaires[0], other, measure) != () for other in questionnaires[1:]):
                continue
            means = {
                wave: school_means(each, measure, plan.index, plan.monitoring.smallest_school)
                for wave, each in waves.items()
            }
            sound = {wave: mean for wave, mean in means.items() if not isinstance(mean, NotComputed)}
            if len(sound) == len(means):
                yield {"kind": "role", "unit": role, "indicator": measure, "measure": plan.index}, sound
    frames = {wave: each.indicators for wave, each in schools.items() if len(each.indicators)}
    pairs = [frame[["stage", "indicator"]] for frame in frames.values()]
    if len(frames) < 2:
        return
    for stage, indicator in dict.fromkeys(map(tuple, pairs[0].to_numpy().tolist())):
        by_school = {}
        for wave, frame in frames.items():
            own = frame[(frame["stage"] == stage) & (frame["indicator"] == indicator) & frame["met"].notna()]
            by_school[wave] = own.set_index(own["school"].astype(str))["value"].astype(float)
        yield {"kind": "schools", "unit": stage, "indicator": indicator, "measure": "mean"}, by_school
