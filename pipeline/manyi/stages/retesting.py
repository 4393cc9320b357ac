"""The retest stage: persons who answered twice, found again by the code they made for themselves."""

from functools import partial
from typing import TYPE_CHECKING

from manyi.stages.stage import Stage
from manyi.stages.work import clean_folder, coded_file, work_folder
from manyi.study.folder import StudyFolder
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault, Place

if TYPE_CHECKING:
    import pandas as pd

    from manyi_analysis.measurement import Links

#: The columns of the table ``retest``; what could not be computed has no coefficients.
COLUMNS = [
    "role",
    "second",
    "index",
    "kind",
    "n",
    "missing",
    "icc_agreement",
    "icc_agreement_low",
    "icc_agreement_high",
    "icc_consistency",
    "icc_consistency_low",
    "icc_consistency_high",
    "r",
    "r_low",
    "r_high",
    "sem",
    "shift",
    "linked",
    "only_first",
    "only_second",
    "ambiguous",
    "without_code",
    "reason",
]
#: Between the parts of a code that columns are joined to.
BETWEEN = "\x1f"


def retest_stages(study: StudyFolder, roles: list[str]) -> list[Stage]:
    """Return a stage for each planned retest both of whose occasions have answers and a code."""
    planned = study.definition.analysis.retest
    return [
        retest_stage(study, role)
        for role, plan in planned.items()
        if {role, plan.second} <= set(roles)
        and role != plan.second
        and all(study.questionnaires[each].code_item is not None for each in (role, plan.second))
    ]


def retest_stage(study: StudyFolder, role: str) -> Stage:
    """Return the stage that links a role's answers with those of its second occasion."""
    plan = study.definition.analysis.retest[role]
    both = (role, plan.second)
    inputs = [path for each in both for path in (clean_folder(study, each), coded_file(study, each))]
    return Stage(
        name=f"retest:{role}",
        run=partial(_retest, study, role),
        inputs=(*inputs, *(study.questionnaire_file(each) for each in both)),
        outputs=(work_folder(study, f"retest-{role}"),),
        parameters={
            "retest": plan.model_dump(mode="json"),
            "confidence": study.definition.analysis.confidence,
        },
        after=tuple(f"clean:{each}" for each in both),
    )


def _retest(study: StudyFolder, role: str) -> tuple[Fault, ...]:
    import pandas as pd

    from manyi.stages.tables import write_pieces
    from manyi_analysis.measurement import link_codes

    plan = study.definition.analysis.retest[role]
    scales, items = shared_measures(study.questionnaires[role], study.questionnaires[plan.second])
    measures = {**dict.fromkeys(scales, "scale"), **dict.fromkeys(items, "item")}
    if not measures:
        details = {"first": role, "second": plan.second}
        return (Fault("retest-nothing-shared", Place(str(study.study_file)), details),)
    first, second = (_occasion(study, each, plan.within, list(measures)) for each in (role, plan.second))
    links = link_codes(first["code"], second["code"])
    rows = [
        {"role": role, "second": plan.second, "index": name.removesuffix("_r"), "kind": kind}
        | _row(links, first, second, name, study.definition.analysis.confidence)
        for name, kind in measures.items()
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    write_pieces(work_folder(study, f"retest-{role}"), {"retest": table})
    return tuple(_told(role, table))


def shared_measures(first: Questionnaire, second: Questionnaire) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the scales whose items both questionnaires ask alike, and the columns of all such items.

    Alike is what has the same id, key and values of answers; wordings may be in other languages.
    """
    asked = {item.id: item for item in second.items}
    same = {
        item.id: item.keyed_name
        for item in first.items
        if item.type in ("choice", "number") and item.id in asked
        if (item.reverse, first.bounds(item)) == (asked[item.id].reverse, second.bounds(asked[item.id]))
    }
    known = {scale.id for scale in second.scales}
    scales = tuple(
        scale.id
        for scale in first.scales
        if scale.id in known
        and (ids := [item.id for item in first.items_of(scale.id)])
        and set(ids) <= set(same)
        and ids == [item.id for item in second.items_of(scale.id)]
        and scale.score == second.scale(scale.id).score
    )
    ordered = {
        item.id for item in first.items if (answers := first.answer_list(item)) is None or answers.ordered
    }
    return scales, tuple(column for name, column in same.items() if name in ordered)


def _occasion(study: StudyFolder, role: str, within: tuple[str, ...], measures: list[str]) -> "pd.DataFrame":
    """Return the rows kept of one occasion: code, with the columns that must agree too, and measures."""
    import pandas as pd

    item = study.questionnaires[role].code_item
    if item is None:
        raise ValueError(f"{role} has no code")
    columns = list(dict.fromkeys(["file", "row", *within, *measures]))
    rows = pd.read_parquet(clean_folder(study, role), columns=columns, filters=[("kept", "==", True)])
    coded = pd.read_parquet(coded_file(study, role), columns=["file", "row", item.id])
    rows = rows.merge(coded.rename(columns={item.id: "code"}), on=["file", "row"], validate="one_to_one")
    for name in within:
        # Without one of its parts the code is none.
        rows["code"] = rows["code"] + BETWEEN + rows[name].astype("string")
    return rows


def _row(
    links: "Links", first: "pd.DataFrame", second: "pd.DataFrame", measure: str, confidence: float
) -> dict[str, object]:
    """Return the row of one measure but its name."""
    from manyi_analysis.measurement import retest_reliability
    from manyi_analysis.records import NotComputed

    moments = links.moments(first, second, measure)
    found = retest_reliability(moments, confidence)
    row: dict[str, object] = {
        "n": moments.n,
        "missing": moments.missing,
        "linked": links.linked,
        "only_first": links.only_first,
        "only_second": links.only_second,
        "ambiguous": links.ambiguous,
        "without_code": links.without_code,
        "reason": "",
    }
    if isinstance(found, NotComputed):
        # The occasions are no items of their own: it is the measure that does not vary.
        details = {**found.details, **({"items": (measure,)} if "items" in found.details else {})}
        return row | {"reason": NotComputed(found.statistic, found.code, details, found.n).reason}
    return row | {
        "icc_agreement": found.agreement,
        "icc_agreement_low": found.agreement_low,
        "icc_agreement_high": found.agreement_high,
        "icc_consistency": found.consistency,
        "icc_consistency_low": found.consistency_low,
        "icc_consistency_high": found.consistency_high,
        "r": found.pearson,
        "r_low": found.pearson_low,
        "r_high": found.pearson_high,
        "sem": found.error,
        "shift": found.shift,
    }


def _told(role: str, table: "pd.DataFrame") -> "list[Fault]":
    """Return a fault for each scale without a coefficient."""
    lost = table[(table["reason"] != "") & (table["kind"] == "scale")]
    return [
        Fault(
            "result-not-computed",
            Place("retest.csv"),
            {"role": role, "table": "retest", "what": row["index"], "reason": row["reason"]},
        )
        for row in lost.to_dict("records")
    ]
