"""The comparison stage: every two roles on the items they share, after all their answers were cleaned."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from manyi.stages.stage import Stage
from manyi.stages.work import clean_folder, work_folder
from manyi.study.folder import StudyFolder
from manyi.study.waves import apart
from manyi_instruments.faults import Fault

if TYPE_CHECKING:
    import pandas as pd

    from manyi.topics.common_items import CommonScale
    from manyi.topics.one_pass import MomentSet


def compare_stage(study: StudyFolder, roles: Sequence[str]) -> Stage | None:
    """Return the stage that compares roles, or None where no two of them share a scale.

    Parameters
    ----------
    study : StudyFolder
    roles : sequence of str
        Those with answers.
    """
    from manyi.topics.common_items import common_scales

    plan = study.definition.analysis
    questionnaires = {role: study.questionnaires[role] for role in roles}
    common = tuple(
        one for one in common_scales(questionnaires, plan.compare) if not apart(study.definition, one.roles)
    )
    if not common:
        return None
    involved = tuple(role for role in roles if any(role in one.roles for one in common))
    folders = [clean_folder(study, role) for role in involved]
    return Stage(
        name="compare",
        run=partial(_compare, study, common),
        inputs=(*folders, *(study.questionnaire_file(role) for role in involved)),
        outputs=(work_folder(study, "compare"),),
        parameters={
            "compare": plan.compare.model_dump(mode="json"),
            "minimum_cell": plan.minimum_cell,
            "confidence": plan.confidence,
        },
        after=tuple(f"clean:{role}" for role in involved),
    )


def _compare(study: StudyFolder, common: "Sequence[CommonScale]") -> tuple[Fault, ...]:
    import pandas as pd

    from manyi.stages.tables import write_pieces
    from manyi.topics.one_pass import gather
    from manyi.topics.roles import comparison_sets, comparison_tables

    plan = study.definition.analysis
    # Each role is read once, partition by partition, for all it is compared with.
    sets: dict[str, dict[tuple[int, object], MomentSet]] = {}
    for number, one in enumerate(common):
        for position, role in enumerate(one.roles):
            found = comparison_sets(one, position)
            sets.setdefault(role, {}).update({(number, key): each for key, each in found.items()})
    gathered = {role: gather(_partitions(study, role, wanted), wanted) for role, wanted in sets.items()}
    pieces: dict[str, list[pd.DataFrame]] = {}
    for number, one in enumerate(common):
        records = [
            {key: record for (of, key), record in gathered[role].items() if of == number}
            for role in one.roles
        ]
        tables = comparison_tables(
            one, (records[0], records[1]), plan.compare.released, plan.minimum_cell, plan.confidence
        )
        for name, table in tables.items():
            pieces.setdefault(name, []).append(table)
    filled = {name: [table for table in tables if len(table)] for name, tables in pieces.items()}
    joined = {name: pd.concat(tables, ignore_index=True) for name, tables in filled.items() if tables}
    write_pieces(work_folder(study, "compare"), joined)
    return ()


def _partitions(
    study: StudyFolder, role: str, wanted: "Mapping[tuple[int, object], MomentSet]"
) -> "list[Callable[[], pd.DataFrame]]":
    """Return what loads each part of a role's cleaned answers: the rows kept, the columns wanted."""
    names = {name for one in wanted.values() for name in (*one.columns, one.by) if name is not None}
    return [
        partial(_kept, path, sorted(names)) for path in sorted(clean_folder(study, role).glob("*.parquet"))
    ]


def _kept(path: Path, names: list[str]) -> "pd.DataFrame":
    import pandas as pd

    return pd.read_parquet(path, columns=names, filters=[("kept", "==", True)])
