"""Which figures these results have, and their files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from manyi_outputs.appendix.records import Record, Tables, grouped, number, records
from manyi_outputs.appendix.regression import regressions
from manyi_outputs.appendix.satisfaction import headline_rows
from manyi_outputs.appendix.table import Section
from manyi_outputs.context import Context
from manyi_outputs.figures.canvas import png, settled, svg
from manyi_outputs.figures.effects import coefficients
from manyi_outputs.figures.funnel import funnel
from manyi_outputs.figures.levels import county_cv, satisfaction
from manyi_outputs.figures.structure import loadings, scree
from manyi_outputs.files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure


Format = Literal["svg", "png"]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure that these results have.

    Parameters
    ----------
    name : str
        Of its file.
    section : str
        Part of the report it belongs to.
    title : str
    table : str
        Key of the appendix table that holds its numbers.
    draw : callable
        Draws it.
    """

    name: str
    section: Section
    title: str
    table: str
    draw: "Callable[[], Figure]"


def drawings(tables: Tables, context: Context) -> tuple[Drawing, ...]:
    """Return the figures these results can fill, in the order of the report; nothing is drawn yet."""
    return (
        *_structure(tables, context),
        *_satisfaction(tables, context),
        *_funnels(tables, context),
        *_effects(tables, context),
        *_county(tables, context),
    )


def write_figures(
    folder: Path,
    tables: Tables,
    context: Context,
    drawn: tuple[Drawing, ...] | None = None,
    formats: Sequence[Format] = ("svg", "png"),
) -> tuple[Path, ...]:
    """Write every figure as a file a format.

    Parameters
    ----------
    folder : Path
        Made where absent.
    tables : Mapping
        Name -> tidy result table.
    context : Context
        Language and titles.
    drawn : tuple of Drawing, optional
        From `drawings`, to draw figures once that the report shows too.
    formats : sequence of {"svg", "png"}

    Returns
    -------
    tuple of Path
        The files.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    written: list[Path] = []
    for drawing in drawings(tables, context) if drawn is None else drawn:
        figure = drawing.draw()
        for name in formats:
            path = folder / f"{drawing.name}.{name}"
            if name == "svg":
                head = '<?xml version="1.0" encoding="utf-8"?>\n'
                write_whole(path, (head + svg(figure, drawing.name, drawing.title)).encode())
            else:
                write_whole(path, png(figure))
            written.append(path)
    return tuple(written)


def _structure(tables: Tables, context: Context) -> list[Drawing]:
    words, found = context.words, []
    eigenvalues = {role: rows for (role,), rows in grouped(records(tables, "eigenvalues"), "role")}
    patterns = {role: rows for (role,), rows in grouped(records(tables, "loadings"), "role")}
    for role in dict.fromkeys([*eigenvalues, *patterns]):
        title = context.role(role)
        ranks = [row for row in eigenvalues.get(role, []) if number(row.get("number")) is not None]
        cells = [row for row in patterns.get(role, []) if number(row.get("pattern")) is not None]
        if ranks:
            draw = _later(scree, ranks, context)
            name = words("figure.scree", role=title)
            found.append(Drawing(f"scree-{role}", "validity", name, f"eigenvalues-{role}", draw))
        if cells:
            draw = _later(loadings, cells, context, role)
            name = words("figure.loadings", role=title)
            found.append(Drawing(f"loadings-{role}", "validity", name, f"loadings-{role}", draw))
    return found


def _later(draw: "Callable[..., Figure]", *arguments: object) -> "Callable[[], Figure]":
    """Return what draws and lays out a figure the first time it is asked for."""
    return cache(lambda: settled(draw(*arguments)))


def _satisfaction(tables: Tables, context: Context) -> list[Drawing]:
    """Return a figure a definition over all roles, then one a role with groups, of its first index."""
    words, found = context.words, []
    # The index of the plan: four of each would say the same four times.
    reported = headline_rows(records(tables, "satisfaction"))
    rows = [row for row in reported if str(row["definition"]) != "mean"]
    for (definition,), of_definition in grouped(rows, "definition"):
        title = words("figure.satisfaction", definition=words.term("definition_short", definition))
        overall = [row for row in of_definition if str(row["group"]) == "all"]
        if overall:
            labels = [
                (context.role(str(row["role"])), context.index(str(row["role"]), str(row["index"])))
                for row in overall
            ]
            found.append(
                Drawing(
                    f"satisfaction-{definition}",
                    "satisfaction",
                    title,
                    "satisfaction",
                    _later(satisfaction, overall, context, labels),
                )
            )
        for (role,), of_role in grouped(of_definition, "role"):
            found += _by_group(role, definition, of_role, title, context)
    return found


def _by_group(role: str, definition: str, rows: list[Record], title: str, context: Context) -> list[Drawing]:
    index = str(rows[0]["index"])
    # Schools can be thousands, and have a table of their own.
    broken = [row for row in rows if str(row["group"]) not in ("all", "school")]
    groups = [row for row in broken if str(row["index"]) == index]
    if not groups:
        return []
    labels = [
        (context.group(role, str(row["group"])), context.group_level(role, str(row["group"]), row["level"]))
        for row in groups
    ]
    name = f"{title}{context.words('numbers.colon')}{context.role(role)}"
    draw = _later(satisfaction, groups, context, labels)
    key = f"satisfaction_groups-{role}"
    return [Drawing(f"satisfaction-{definition}-{role}", "satisfaction", name, key, draw)]


def _funnels(tables: Tables, context: Context) -> list[Drawing]:
    """Return a funnel plot of the counties, and one of the schools, for the first index of each role."""
    words, found = context.words, []
    rows = [row for row in records(tables, "unit_comparison") if number(row.get("low_95")) is not None]
    for (role,), of_role in grouped(rows, "role"):
        index = str(of_role[0]["index"])
        for (level,), members in grouped([row for row in of_role if str(row["index"]) == index], "level"):
            title = words(
                "figure.funnel",
                units=words.term("unit_level", level),
                role=context.role(role),
                index=context.index(role, index),
            )
            draw = _later(funnel, members, context)
            found.append(
                Drawing(f"funnel-{level}-{role}", "satisfaction", title, f"units-{role}-{index}", draw)
            )
    return found


def _effects(tables: Tables, context: Context) -> list[Drawing]:
    words, found = context.words, []
    for blocks in regressions(tables, context):
        effects = blocks.of_effect("total") + blocks.of_effect("direct")
        if not any(number(row.get("b")) is not None for row in effects):
            continue
        outcome = context.index(blocks.role, blocks.outcome)
        title = words("figure.coefficients", role=context.role(blocks.role), outcome=outcome)
        name = f"coefficients-{blocks.role}-{blocks.outcome}"
        key = f"regression-{blocks.role}-{blocks.outcome}"
        found.append(Drawing(name, "regression", title, key, _later(coefficients, blocks, context)))
    return found


def _county(tables: Tables, context: Context) -> list[Drawing]:
    rows = [row for row in records(tables, "county_cv") if number(row.get("cv")) is not None]
    if not rows:
        return []
    title = context.words("figure.county_cv")
    return [Drawing("county_cv", "schools", title, "county_cv", _later(county_cv, rows, context))]
