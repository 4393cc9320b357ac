"""Tables of the level of satisfaction: by role, by group, and how much of it lies between schools."""

from collections.abc import Callable, Iterable

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.records import Record, Tables, grouped, records, true
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

#: The definitions in the order in which they are compared.
DEFINITIONS = ("share_of_range", "share_of_maximum", "top2", "satisfied")


def satisfaction(tables: Tables, context: Context) -> list[Table]:
    """Return satisfaction of every role, under all definitions too, of its groups, and shares of schools."""
    every = records(tables, "satisfaction")
    rows = headline_rows(every)
    overall = [row for row in rows if str(row["group"]) == "all"]
    # Levels of schools have a table of their own.
    by_group = [row for row in rows if str(row["group"]) not in ("all", "school")]
    made = _overall(overall, context)
    if len(_definitions(every)) > 1:
        made += _compared([row for row in every if str(row["group"]) == "all"], context)
    for (role,), members in grouped(by_group, "role"):
        made.append(_groups(role, members, context))
    return [*made, *_icc(tables, context)]


def headline_rows(rows: list[Record]) -> list[Record]:
    """Return the rows of the definition that the plan names; all where a table marks none."""
    return [row for row in rows if true(row.get("headline")) is not False]


def _definitions(rows: list[Record]) -> list[str]:
    return list(dict.fromkeys(str(row["definition"]) for row in rows))


def _columns(context: Context, definitions: list[str]) -> list[Column]:
    """Return value, lower and upper limit under each definition's name."""
    words = context.words
    names = ("heading.value", "heading.low", "heading.high")
    return [
        Column(words(name), words.term("definition_short", definition), width=12)
        for definition in definitions
        for name in names
    ]


def value_kind(definition: str) -> Kind:
    """Return how an index is written: a mean score with two decimals, a percentage-like index with one."""
    return Kind.mean if definition == "mean" else Kind.index


def _cells(rows: list[Record], definitions: list[str], notes: Footnotes) -> list[Cell]:
    found = {str(row["definition"]): row for row in rows}
    cells = []
    for definition in definitions:
        row = found.get(definition, {})
        for name in ("value", "low", "high"):
            cells.append(notes.cell(row.get(name), value_kind(definition), row.get("reason")))
    return cells


def _note(context: Context, definitions: list[str]) -> str:
    words = context.words
    spelled = [words.term("definition", definition) for definition in definitions]
    return words("note.satisfaction", definitions=words("numbers.clause").join(spelled))


def _overall(rows: list[Record], context: Context) -> list[Table]:
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    definitions = _definitions(rows)
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for (index,), values in grouped(members, "index"):
            n = notes.cell(values[0].get("n"), Kind.count)
            body.append(Row((Cell(context.index(role, index)), n, *_cells(values, definitions, notes))))
    columns = (
        Column(words("heading.index"), width=44, words=True),
        Column(words("heading.n"), width=9),
        *_columns(context, definitions),
    )
    title, general = words("title.satisfaction"), (_note(context, definitions),)
    return [Table("satisfaction", "satisfaction", title, columns, tuple(body), general, notes.specific)]


def _compared(rows: list[Record], context: Context) -> list[Table]:
    """Return the four indices side by side: what a number means depends on which one it is."""
    words, notes = context.words, Footnotes(context)
    definitions = [name for name in DEFINITIONS if name in _definitions(rows)]
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for (index,), values in grouped(members, "index"):
            n = notes.cell(values[0].get("n"), Kind.count)
            body.append(Row((Cell(context.index(role, index)), n, *_cells(values, definitions, notes))))
    names = ("heading.value", "heading.low", "heading.high")
    columns = (
        Column(words("heading.index"), width=34, words=True),
        Column(words("heading.n"), width=7),
        *(
            Column(words(name), words.term("definition_short", definition), width=7)
            for definition in definitions
            for name in names
        ),
    )
    title = words("title.satisfaction_definitions")
    headline = next((str(row["definition"]) for row in rows if true(row.get("headline"))), "")
    general = [_note(context, definitions), words("note.satisfaction_definitions")]
    if headline:
        named = words.term("definition_short", headline)
        general.append(words("note.satisfaction_headline", definition=named))
    key = "satisfaction_definitions"
    return [Table(key, "satisfaction", title, columns, tuple(body), tuple(general), notes.specific)]


def level_rows(
    role: str,
    rows: list[Record],
    context: Context,
    notes: Footnotes,
    cells: Callable[[list[Record]], Iterable[Cell]],
) -> list[Row]:
    """Return the rows of one role's table by group: an index under another, in each the groups' levels.

    Parameters
    ----------
    role : str
        The role.
    rows : list of records
        Of a table with ``index, group, level, n`` and a definition a row.
    context : Context
        Titles.
    notes : Footnotes
        Of the table.
    cells : callable
        The rows of one level -> what stands behind its n.
    """
    body: list[Row] = []
    for (index,), of_index in grouped(rows, "index"):
        body.append(section_row(context.index(role, index)))
        for (group,), of_group in grouped(of_index, "group"):
            for line, ((level,), values) in enumerate(grouped(of_group, "level")):
                name = Cell(context.group(role, group) if line == 0 else "")
                n = notes.cell(values[0].get("n"), Kind.count, values[0].get("reason"))
                body.append(Row((name, Cell(context.group_level(role, group, level)), n, *cells(values))))
    return body


def level_columns(context: Context) -> tuple[Column, ...]:
    """Return the columns of `level_rows` before the cells."""
    words = context.words
    return (
        Column(words("heading.group"), width=24, words=True),
        Column(words("heading.level"), width=20, words=True),
        Column(words("heading.n"), width=9),
    )


def _groups(role: str, rows: list[Record], context: Context) -> Table:
    words, notes = context.words, Footnotes(context)
    definitions = _definitions(rows)
    body = level_rows(role, rows, context, notes, lambda values: _cells(values, definitions, notes))
    columns = (*level_columns(context), *_columns(context, definitions))
    title = words("title.satisfaction_groups", role=context.role(role))
    general = (_note(context, definitions), words("note.satisfaction_groups"))
    key = f"satisfaction_groups-{role}"
    return Table(key, "satisfaction", title, columns, tuple(body), general, notes.specific)


def _icc(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "icc")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    shown = {
        "n": Kind.count,
        "schools": Kind.count,
        "icc_reml": Kind.bounded,
        "icc_anova": Kind.bounded,
        "variance_school": Kind.coefficient,
        "variance_residual": Kind.coefficient,
        "design_effect": Kind.mean,
    }
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for row in members:
            boundary = true(row.get("singular"))
            answer = "" if boundary is None else words("term.yes" if boundary else "term.no")
            cells = (notes.cell(row.get(key), kind, row.get("reason")) for key, kind in shown.items())
            name = notes.label(context.index(role, str(row["outcome"])), row, *shown)
            body.append(Row((name, *cells, Cell(answer or None))))
    columns = (
        Column(words("heading.outcome"), width=26, words=True),
        *(Column(words(f"heading.{name}"), width=11) for name in shown),
        Column(words("heading.singular"), width=9),
    )
    title, general = words("title.icc"), (words("note.icc"),)
    return [Table("icc", "satisfaction", title, columns, tuple(body), general, notes.specific)]
