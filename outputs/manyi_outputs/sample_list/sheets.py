"""The sheets of the sample list: sizes, strata, the list by school, and the assumptions."""

from collections.abc import Mapping

import pandas as pd

from manyi_outputs.appendix import Numbered
from manyi_outputs.appendix.records import Record, given, grouped, number, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table
from manyi_outputs.context import Context
from manyi_outputs.sample_list.assumptions import Drawing, assumptions
from manyi_outputs.wording import Kind


def sample_sheets(
    sample: pd.DataFrame, sizes: pd.DataFrame, drawing: Drawing, roles: Mapping[str, str], context: Context
) -> tuple[Numbered, ...]:
    """Return the tables of the sample list, numbered.

    Parameters
    ----------
    sample : DataFrame
        One row a role, school and stage: ``role, stratum, school, school_name, stage, population, sample,
        probability, weight, grades, classes, schools_in_stratum, schools_drawn``.
    sizes : DataFrame
        One row a role: ``role, population, rule, precision, size, target, decided, response, invited,
        schools``.
    drawing : Drawing
        How it was drawn.
    roles : Mapping
        Role -> title.
    context : Context
        Language and titles.
    """
    rows = records({"sample": sample}, "sample")
    made = [
        _sizes(records({"sizes": sizes}, "sizes"), roles, context),
        _list(rows, roles, context),
        assumptions(drawing, roles, context),
    ]
    if any(row["stratum"] for row in rows):
        made.insert(1, _strata(rows, drawing, roles, context))
    return tuple(
        Numbered(context.words("table.number", number=place), table)
        for place, table in enumerate(made, start=1)
    )


def _count(value: object) -> Cell:
    return Cell(number(value), Kind.count)


def _sizes(rows: list[Record], roles: Mapping[str, str], context: Context) -> Table:
    words = context.words
    counts = ("population", "rule", "precision", "size", "target")
    body = []
    for row in rows:
        body.append(
            Row(
                (
                    Cell(roles.get(str(row["role"]), str(row["role"]))),
                    *(_count(row[name]) for name in counts),
                    Cell(words(f"decided.{row['decided']}")),
                    Cell(float(row["response"]), Kind.share),
                    _count(row["invited"]),
                    _count(row["schools"]),
                )
            )
        )
    totals = {name: sum(float(row[name]) for row in rows) for name in ("target", "invited")}
    body.append(
        Row(
            (
                Cell(words("term.total_row"), bold=True),
                *(Cell("") for _ in counts[:-1]),
                Cell(totals["target"], Kind.count, bold=True),
                Cell(""),
                Cell(""),
                Cell(totals["invited"], Kind.count, bold=True),
                Cell(""),
            ),
            rule=True,
        )
    )
    columns = (
        Column(words("heading.role"), width=16, words=True),
        Column(words("heading.population"), width=10),
        *(Column(words(f"heading.by_{name}"), width=9) for name in ("rule", "precision", "size")),
        Column(words("heading.target"), width=9),
        Column(words("heading.decided"), width=10, words=True),
        Column(words("heading.response"), width=10),
        Column(words("heading.invited"), width=9),
        Column(words("heading.sampled_schools"), width=8),
    )
    title, general = words("title.sample_sizes"), (words("note.sample_sizes"),)
    return Table("sample_sizes", "sample", title, columns, tuple(body), general)


def _strata(rows: list[Record], drawing: Drawing, roles: Mapping[str, str], context: Context) -> Table:
    """Return persons there are and persons asked of every role in every stratum."""
    words = context.words
    inside = [row for row in rows if row["school"]]
    asked = list(dict.fromkeys(str(row["role"]) for row in inside))
    body = []
    for (stratum,), members in grouped(sorted(inside, key=lambda row: str(row["stratum"])), "stratum"):
        levels = zip(drawing.strata, stratum.split(drawing.separator), strict=True)
        title = drawing.separator.join(context.group_level("", name, level) for name, level in levels)
        cells = [Cell(title), _count(members[0]["schools_in_stratum"]), _count(members[0]["schools_drawn"])]
        for role in asked:
            mine = [row for row in members if row["role"] == role]
            cells += [
                _count(sum(float(row[name]) for row in mine) if mine else None)
                for name in ("population", "sample")
            ]
        body.append(Row(tuple(cells)))
    columns = (
        Column(words("heading.stratum"), width=24, words=True),
        Column(words("heading.frame_schools"), width=9),
        Column(words("heading.drawn_schools"), width=9),
        *(
            Column(words(f"heading.{name}"), roles.get(role, role), width=9)
            for role in asked
            for name in ("population", "invited")
        ),
    )
    title, general = words("title.sample_strata"), (words("note.sample_strata"),)
    return Table("sample_strata", "sample", title, columns, tuple(body), general)


def _list(rows: list[Record], roles: Mapping[str, str], context: Context) -> Table:
    """Return the list for the field: one line a school, stage and role, schools together."""
    words = context.words
    order = {role: place for place, role in enumerate(dict.fromkeys(str(row["role"]) for row in rows))}
    # Those outside schools come last.
    listed = sorted(
        rows,
        key=lambda row: (not row["school"], str(row["school"]), str(row["stage"]), order[str(row["role"])]),
    )
    with_grades = any(row["grades"] for row in listed)
    with_classes = any(given(row["classes"]) for row in listed)
    body, before = [], ""
    for row in listed:
        school = f"{row['school']}|{row['stage']}"
        cells = [
            Cell(str(row["school"])),
            Cell(str(row["school_name"])),
            Cell(context.stage(str(row["stage"])) if row["stage"] else ""),
            Cell(roles.get(str(row["role"]), str(row["role"]))),
            _count(row["population"]),
            Cell(number(row["sample"]), Kind.count, bold=True),
        ]
        if with_grades:
            cells.append(Cell(_grades(str(row["grades"]))))
        if with_classes:
            cells.append(_count(row["classes"]) if given(row["classes"]) else Cell(""))
        cells += [Cell(number(row["probability"]), Kind.share), Cell(number(row["weight"]), Kind.mean)]
        body.append(Row((*cells, Cell(""), Cell("")), rule=bool(before) and school != before))
        before = school
    columns = (
        Column(words("heading.school"), width=12, words=True),
        Column(words("heading.school_name"), width=24, words=True),
        Column(words("heading.stage"), width=8, words=True),
        Column(words("heading.role"), width=10, words=True),
        Column(words("heading.population"), width=8),
        Column(words("heading.invited"), width=8),
        *((Column(words("heading.grades"), width=36, words=True),) if with_grades else ()),
        *((Column(words("heading.classes"), width=7),) if with_classes else ()),
        Column(words("heading.probability"), width=9),
        Column(words("heading.weight"), width=9),
        Column(words("heading.handed_out"), width=8),
        Column(words("heading.returned"), width=8),
    )
    title, general = words("title.sample_list"), (words("note.sample_list"),)
    return Table("sample_list", "sample", title, columns, tuple(body), general)


def _grades(grades: str) -> str:
    """Return grades and their persons as read on paper: ``3 (5), 4 (4)``."""
    parts = (part.partition("=") for part in grades.split())
    return ", ".join(f"{grade} ({persons})" for grade, _, persons in parts)
