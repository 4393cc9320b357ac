"""Several studies compared, from their clean answers and result tables to a folder of tables and pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from manyi.comparison.mapping import ComparisonMapping, read_comparison
from manyi.comparison.measures import ComparedRole, compared_roles, member_rows
from manyi.comparison.studies import county_names, open_studies, readiness_faults
from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault, StudyFaulty

if TYPE_CHECKING:
    import pandas as pd

    from manyi_outputs.context import Context


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several studies compared.

    Parameters
    ----------
    studies : Mapping
        Name -> study, in the order given; the first is what the others are held against.
    counties : Mapping
        Name -> how its county is called.
    roles : tuple of ComparedRole
    tables : Mapping
        Name -> tidy table, see docs/compare.md.
    faults : tuple of Fault
        What does not stop the comparison: errors for a role that was left out, warnings.
    """

    studies: Mapping[str, StudyFolder]
    counties: Mapping[str, str]
    roles: tuple[ComparedRole, ...]
    tables: "Mapping[str, pd.DataFrame]"
    faults: tuple[Fault, ...]


def compare_studies(folders: Sequence[Path], mapping_file: Path | None = None) -> Comparison:
    """Compare studies that have been run.

    Parameters
    ----------
    folders : sequence of Path
        Study folders, two at least. The first study's plan says which indices are compared.
    mapping_file : Path, optional
        How studies name what they have in common, see `ComparisonMapping`.

    Raises
    ------
    StudyFaulty
        With all of: a study that cannot be opened, is there twice or has not been run; answers two studies
        hold; faults of the mapping file; nothing in common.
    """
    import pandas as pd

    from manyi.comparison.standards import side_by_side
    from manyi.comparison.units import NOT_SHOWN, unit_tables

    studies = open_studies(folders)
    told = list(readiness_faults(studies))
    _stop_at_errors(told)
    mapping: ComparisonMapping = read_comparison(mapping_file, studies)
    counties = county_names(studies, mapping)
    roles, faults = compared_roles(studies, mapping)
    told += faults
    if not any(len(role.taking_part) > 1 for role in roles):
        _stop_at_errors(told)
    first = next(iter(studies.values())).definition.analysis
    # What one study would not show no comparison shows.
    smallest = max(study.definition.analysis.minimum_cell for study in studies.values())
    plan = first.model_copy(update={"minimum_cell": smallest})
    made = [unit_tables(role, studies, counties, plan) for role in roles if len(role.taking_part) > 1]
    tables: dict[str, pd.DataFrame] = {
        "compared_instruments": pd.DataFrame(list(member_rows(roles, counties))),
        "unit_comparison": pd.concat([units for units, _ in made], ignore_index=True),
        **side_by_side(studies, counties),
    }
    hidden = [table for _, table in made if len(table)]
    if hidden:
        tables["units_not_shown"] = pd.concat(hidden, ignore_index=True)[list(NOT_SHOWN)]
    return Comparison(studies, counties, tuple(roles), tables, tuple(told))


def _stop_at_errors(faults: Sequence[Fault]) -> None:
    if any(fault.severity == "error" for fault in faults):
        raise StudyFaulty(fault for fault in faults if fault.severity == "error")


def write_comparison(folder: Path, comparison: Comparison, language: str) -> tuple[Path, ...]:
    """Write ``tables/*.csv``, ``comparison.xlsx``, ``comparison.html`` and ``figures/*.svg``; return them.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    from manyi_outputs.excel import write_appendix
    from manyi_outputs.figures import write_figures
    from manyi_outputs.report import report_drawings, write_report
    from manyi_outputs.tidy import write_tables

    tables, context = comparison.tables, _context(comparison, language)
    drawn = report_drawings(tables, context)
    written = list(write_tables(folder / "tables", tables))
    write_appendix(folder / "comparison.xlsx", tables, context)
    write_report(folder / "comparison.html", tables, context, drawn)
    written += [folder / "comparison.xlsx", folder / "comparison.html"]
    figures = write_figures(folder / "figures", tables, context, drawn, formats=("svg",))
    # What an earlier comparison left in this folder and this one did not make no longer holds.
    for path in {*(folder / "tables").glob("*.csv"), *(folder / "figures").glob("*.svg")}:
        if path not in {*written, *figures}:
            path.unlink()
    return (*written, *figures)


def _context(comparison: Comparison, language: str) -> "Context":
    """Return the first study's names, those of other studies' standards beside them."""
    from manyi.stages.writing import context_of
    from manyi_outputs.wording import wording

    contexts = [context_of(study, language) for study in comparison.studies.values()]
    first = contexts[0]
    titles: dict[str, Any] = {
        name: {key: title for one in reversed(contexts) for key, title in getattr(one, name).items()}
        for name in ("stages", "indicators", "areas", "requirements", "bounds", "units", "columns", "levels")
    }
    words = wording(language)
    counties = words("numbers.list").join(comparison.counties.values())
    return replace(first, title=words("title.comparison", counties=counties), **titles)
