"""The sample as an Excel list: what the outputs need to know of a plan."""

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from manyi.sampling.frame import SEPARATOR
from manyi.sampling.plan import SamplePlan
from manyi.study.folder import StudyFolder
from manyi_outputs.context import opened
from manyi_outputs.excel import write_workbook
from manyi_outputs.sample_list import Drawing, sample_sheets

if TYPE_CHECKING:
    from manyi_outputs.context import Context


def write_sample_workbook(path: Path, study: StudyFolder, plan: SamplePlan, context: "Context") -> None:
    """Write ``plan/sample.xlsx``.

    Parameters
    ----------
    path : Path
    study : StudyFolder
    plan : SamplePlan
    context : Context
        Language and titles.
    """
    sheets = sample_sheets(
        plan.frame, sizes_table(plan), _drawing(plan, context), role_titles(study, plan, context), context
    )
    write_workbook(path, sheets, context)


def role_titles(study: StudyFolder, plan: SamplePlan, context: "Context") -> dict[str, str]:
    """Return the title of every group of the sample: its own, or that of the study's role."""
    titles = {}
    for role, entry in plan.sampling.roles.items():
        known = study.definition.roles.get(role)
        title = entry.title or (known.title if known is not None else {})
        titles[role] = opened(context.in_language(title)) if title else role
    return titles


def sizes_table(plan: SamplePlan) -> pd.DataFrame:
    """Return one row a role: its number and what it follows from."""
    rows = []
    for role, size in plan.sizes.items():
        mine = plan.frame[plan.frame["role"] == role]
        rows.append(
            {
                "role": role,
                "population": size.population,
                "rule": size.rule,
                "precision": size.precision.n if size.precision is not None else None,
                "size": size.size,
                "target": size.target,
                "decided": size.decided,
                "response": plan.sampling.roles[role].response,
                "invited": int(mine["sample"].sum()),
                "schools": int(mine.loc[mine["school"] != "", "school"].nunique()),
            }
        )
    return pd.DataFrame(rows)


def _drawing(plan: SamplePlan, context: "Context") -> Drawing:
    sampling = plan.sampling
    precision = {}
    for role, size in plan.sizes.items():
        wanted = sampling.roles[role].precision
        if wanted is not None and size.precision is not None:
            found = size.precision
            precision[role] = {
                "margin": wanted.margin,
                "share": wanted.share,
                "sd": wanted.sd,
                "icc": wanted.icc,
                "simple": found.simple,
                "design_effect": found.design_effect,
                "population": found.population,
                "n": found.n,
            }
    return Drawing(
        residents=sampling.residents,
        per_mille=sampling.per_mille,
        floor=sampling.floor,
        total=plan.total,
        strata=sampling.strata,
        separator=SEPARATOR,
        by_residents=bool(sampling.residents_by),
        schools=plan.schools,
        drawn=plan.drawn,
        drawn_by="all" if sampling.schools == "all" else sampling.draw,
        measure=context.columns.get(sampling.measure, sampling.measure),
        seed=sampling.seed,
        precision=precision,
    )
