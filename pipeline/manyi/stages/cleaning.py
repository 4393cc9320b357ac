"""The cleaning stage: coded answers to scored, flagged answers in school buckets, and the ledger."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.stages.stage import Stage
from manyi.stages.work import clean_folder, coded_file, school_inputs, school_table, whole_folder, work_folder
from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault

if TYPE_CHECKING:
    import pandas as pd

    from manyi.cleaning import Cleaned

#: Rows of one bucket: what one worker holds in memory at a time.
BUCKET_ROWS = 250_000
#: Buckets written at a time.
WRITERS = 2


def clean_stage(study: StudyFolder, role: str) -> Stage:
    """Return the stage that cleans and scores a role's answers."""
    return Stage(
        name=f"clean:{role}",
        run=partial(_clean, study, role),
        # The schools are waited for, not needed: without them what needs no schools is still done.
        inputs=(coded_file(study, role), study.questionnaire_file(role), *school_inputs(study, role)),
        outputs=(clean_folder(study, role), work_folder(study, f"clean-{role}")),
        parameters={
            "cleaning": study.definition.cleaning.model_dump(mode="json"),
            "field_dates": study.definition.field_dates.model_dump(mode="json")
            if study.definition.field_dates
            else None,
            "minimum_cell": study.definition.analysis.minimum_cell,
            "role": study.definition.roles[role].model_dump(mode="json"),
            "language": study.definition.language,
        },
        after=(f"import:{role}",),
    )


def _clean(study: StudyFolder, role: str) -> tuple[Fault, ...]:
    import pandas as pd

    from manyi.cleaning import clean
    from manyi.cleaning.index_summary import index_summary
    from manyi.stages.tables import write_pieces

    schools = school_table(study, role)
    roster = pd.read_parquet(schools) if schools.is_file() else None
    if roster is not None and "stage" not in roster:
        roster = roster.assign(stage=pd.Series(pd.NA, index=roster.index, dtype="string"))
    # Not kept under a name: the scored answers are as large again.
    cleaned = clean(
        pd.read_parquet(coded_file(study, role)), study.questionnaires[role], study.definition, role, roster
    )
    with ThreadPoolExecutor(1) as pool:
        summary = pool.submit(index_summary, cleaned.found, study.definition.analysis.minimum_cell)
        _write_buckets(cleaned.answers, clean_folder(study, role))
        indices = summary.result()
    pieces = {"ledger": cleaned.ledger.assign(role=role)[["role", "step", "reason", "n"]]}
    pieces["careless_indices"] = indices.assign(role=role)[["role", *indices.columns]]
    if cleaned.schools is not None and len(cleaned.schools.repaired):
        pieces["repaired_codes"] = cleaned.schools.repaired.assign(role=role, file="")
    unmatched = _unmatched(cleaned, roster)
    if unmatched is not None and len(unmatched):
        unmatched.insert(0, "role", role)
        pieces["unmatched_schools"] = unmatched
    write_pieces(work_folder(study, f"clean-{role}"), pieces)
    return tuple(_faults(cleaned, role, unmatched))


def _write_buckets(answers: "pd.DataFrame", folder: Path) -> None:
    """Write the answers in buckets of schools, whole or not at all; a school is never divided."""
    import pandas as pd

    from manyi.stages.tables import write_answers

    buckets = -(-len(answers) // BUCKET_ROWS) or 1
    codes, schools = pd.factorize(answers["school"].fillna(""))
    number = (pd.util.hash_array(schools.to_numpy(dtype=object)) % buckets)[codes]

    def write(bucket: int) -> None:
        rows = answers[number == bucket] if buckets > 1 else answers
        write_answers(rows, part / f"bucket-{bucket:04d}.parquet")

    # Encoding and compression leave the interpreter's lock alone.
    with whole_folder(folder) as part, ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(buckets)))


def _unmatched(cleaned: "Cleaned", roster: "pd.DataFrame | None") -> "pd.DataFrame | None":
    """List what keeps answers from the school table: no code, no such school, no such stage there."""
    if roster is None or cleaned.schools is None:
        return None
    import numpy as np

    columns = ["school", "stage"]
    lost = cleaned.answers.loc[cleaned.answers["flag_unknown_school"], columns].astype("string").fillna("")
    known = lost["school"].isin(roster["school"])
    lost["stage"] = lost["stage"].where(known, "")
    reasons = dict(zip(cleaned.schools.unmatched["value"], cleaned.schools.unmatched["reason"], strict=True))
    because = lost["school"].map(reasons).astype("string").fillna("school-unknown")
    blank = (lost["school"] == "").to_numpy()
    lost["reason"] = np.select(
        [blank, ~known.to_numpy()], ["school-code-missing", because], "stage-not-at-school"
    )
    counted = lost.value_counts().rename("n").reset_index()
    return counted.sort_values(["reason", *columns], ignore_index=True)


def _faults(cleaned: "Cleaned", role: str, unmatched: "pd.DataFrame | None") -> list[Fault]:
    faults = []
    if unmatched is not None and len(unmatched):
        names = [name for name in unmatched["school"].unique() if name]
        shown = ", ".join(names[:8]) + (" …" if len(names) > 8 else "")
        details = {"role": role, "n": int(unmatched["n"].sum()), "schools": shown}
        faults.append(Fault("unmatched-schools", details=details, severity="warning"))
    faults += _rules_told(cleaned, role)
    if len(cleaned.answers) and not cleaned.answers["kept"].any():
        faults.append(Fault("no-rows-kept", details={"role": role, "received": len(cleaned.answers)}))
    return faults


def _rules_told(cleaned: "Cleaned", role: str) -> Iterator[Fault]:
    """Yield what rules lacked, and times of submission that could not be read."""
    for lack in cleaned.found.lacks:
        details: dict[str, object] = {"role": role, "rule": lack.rule}
        if lack.reason is None:
            found = Fault("rule-without-data", details={**details, "needs": lack.needs}, severity="warning")
        else:
            details["reason"] = lack.reason.reason
            found = Fault("rule-not-computed", details=details, severity="warning")
        yield found
    if cleaned.days is not None and cleaned.days.unread:
        details = {"role": role, "n": cleaned.days.unread, "value": cleaned.days.example}
        # Which is the day and which the month must not be guessed; the study can say it.
        if cleaned.days.undecided:
            details["n"] = cleaned.days.undecided
            yield Fault("submitted-order-unclear", details=details, severity="warning")
        else:
            yield Fault("submitted-unclear", details=details, severity="warning")
