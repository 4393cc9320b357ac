"""Verdicts and equity of several counties side by side, from the result tables each study made."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from manyi.stages.tables import read_result_table
from manyi.study.folder import StudyFolder

if TYPE_CHECKING:
    import pandas as pd

#: Result table of a study -> name of the table that holds it for all, and the columns taken.
TABLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "standard": (
        "compared_standard",
        ("stage", "area", "indicator", "bound", "value", "threshold", "layer", "met", "gap", "reason"),
    ),
    "standard_areas": ("compared_areas", ("area", "part", "met", "units", "units_met", "units_open")),
    "equity": (
        "compared_equity",
        ("stage", "indicator", "measure", "component", "value", "n", "missing", "reason"),
    ),
}


def side_by_side(
    studies: Mapping[str, StudyFolder], counties: Mapping[str, str]
) -> "dict[str, pd.DataFrame]":
    """Return the tables of counties one under the other: ``study, county`` and the columns of ``TABLES``.

    Of ``standard`` the rows of the county are taken. A study without a standard, or without the table, is
    not there; a table that no study has is left out.
    """
    import pandas as pd

    made = {}
    for source, (name, columns) in TABLES.items():
        parts = []
        for study_name, study in studies.items():
            table = read_result_table(study, source)
            if table is None:
                continue
            rows = _OF_COUNTY.get(source, _all)(table)
            known = {"study": study_name, "county": counties[study_name]}
            parts.append(rows.reindex(columns=list(columns)).assign(**known)[[*known, *columns]])
        if parts:
            made[name] = pd.concat(parts, ignore_index=True)
    return made


def _all(table: "pd.DataFrame") -> "pd.DataFrame":
    return table


def _county_rows(table: "pd.DataFrame") -> "pd.DataFrame":
    return table[table["level"] == "county"]


_OF_COUNTY: Mapping[str, "Callable[[pd.DataFrame], pd.DataFrame]"] = {"standard": _county_rows}
