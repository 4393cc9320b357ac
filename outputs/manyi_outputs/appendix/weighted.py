"""Tables of the weights, of their calibration, and of satisfaction weighted to the population."""

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.provenance import as_float
from manyi_outputs.appendix.records import Record, Tables, grouped, records
from manyi_outputs.appendix.satisfaction import headline_rows, level_columns, level_rows, value_kind
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

_WEIGHTS = {
    "n": ("n", Kind.count),
    "missing": ("weight_missing", Kind.count),
    "sum": ("weight_sum", Kind.count),
    "min": ("weight_low", Kind.mean),
    "max": ("weight_high", Kind.mean),
    "cv": ("weight_cv", Kind.coefficient),
    "kish_deff": ("kish_deff", Kind.mean),
    "effective_n": ("effective_n", Kind.count),
    "collapsed": ("collapsed", Kind.count),
    "trimmed": ("trimmed", Kind.count),
    "iterations": ("iterations", Kind.count),
}


def weighted(tables: Tables, context: Context) -> list[Table]:
    """Return the weights of every role, their calibration, weighted satisfaction overall and by group."""
    rows = _shown(tables)
    overall = [row for row in rows if str(row["group"]) == "all"]
    made = [*_weights(tables, context), *_margins(tables, context), *_overall(overall, context)]
    for (role,), members in grouped([row for row in rows if str(row["group"]) != "all"], "role"):
        made.append(_groups(role, members, context))
    return made


def _shown(tables: Tables) -> list[Record]:
    """Return the rows of the definitions that the study reports unweighted; the others stay in the file."""
    wanted = {str(row["definition"]) for row in headline_rows(records(tables, "satisfaction"))}
    rows = records(tables, "weighted_satisfaction")
    return [row for row in rows if str(row["definition"]) in wanted]


def _weights(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "weights")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body = [
        Row(
            (
                Cell(context.role(str(row["role"]))),
                *(notes.cell(row.get(name), kind, row.get("reason")) for name, (_, kind) in _WEIGHTS.items()),
            )
        )
        for row in rows
    ]
    columns = (
        Column(words("heading.role"), width=14, words=True),
        *(Column(words(f"heading.{heading}"), width=9) for heading, _ in _WEIGHTS.values()),
    )
    general = (words("note.weights"),)
    return [Table("weights", "sample", words("title.weights"), columns, tuple(body), general, notes.specific)]


def _margins(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "weight_margins")
    if not rows:
        return []
    words = context.words
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for (variable,), levels in grouped(members, "variable"):
            for line, row in enumerate(levels):
                name = Cell(context.group(role, variable) if line == 0 else "")
                level = Cell(context.group_level(role, variable, row["level"]))
                shares = (Cell(as_float(row[key]), Kind.share) for key in ("known", "before", "after"))
                body.append(Row((name, level, Cell(as_float(row["n"]), Kind.count), *shares)))
    columns = (
        Column(words("heading.variable"), width=30, words=True),
        Column(words("heading.level"), width=24, words=True),
        Column(words("heading.n"), width=9),
        *(Column(words(f"heading.{name}"), width=11) for name in ("known", "before", "after")),
    )
    title, general = words("title.weight_margins"), (words("note.weight_margins"),)
    return [Table("weight_margins", "sample", title, columns, tuple(body), general)]


def _columns(context: Context, definitions: list[str]) -> list[Column]:
    words = context.words
    names = ("weighted", "low", "high", "se", "deff", "unweighted")
    return [
        Column(words(f"heading.{name}"), words.term("definition_short", definition), width=10)
        for definition in definitions
        for name in names
    ]


def _cells(rows: list[Record], definitions: list[str], notes: Footnotes) -> list[Cell]:
    found = {str(row["definition"]): row for row in rows}
    cells = []
    for definition in definitions:
        row, kind = found.get(definition, {}), value_kind(definition)
        shown = {
            "value": kind,
            "low": kind,
            "high": kind,
            "se": Kind.mean,
            "deff": Kind.mean,
            "unweighted": kind,
        }
        cells += [notes.cell(row.get(name), how, row.get("reason")) for name, how in shown.items()]
    return cells


def _definitions(rows: list[Record]) -> list[str]:
    return list(dict.fromkeys(str(row["definition"]) for row in rows))


def _note(context: Context, definitions: list[str]) -> tuple[str, ...]:
    words = context.words
    spelled = [words.term("definition", definition) for definition in definitions]
    return (
        words("note.satisfaction", definitions=words("numbers.clause").join(spelled)),
        words("note.weighted"),
    )


def _overall(rows: list[Record], context: Context) -> list[Table]:
    if not rows:
        return []
    words, notes, definitions = context.words, Footnotes(context), _definitions(rows)
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for (index,), values in grouped(members, "index"):
            n = notes.cell(values[0].get("n"), Kind.count, values[0].get("reason"))
            body.append(Row((Cell(context.index(role, index)), n, *_cells(values, definitions, notes))))
    columns = (
        Column(words("heading.index"), width=44, words=True),
        Column(words("heading.n"), width=9),
        *_columns(context, definitions),
    )
    title, general = words("title.weighted_satisfaction"), _note(context, definitions)
    key = "weighted_satisfaction"
    return [Table(key, "satisfaction", title, columns, tuple(body), general, notes.specific)]


def _groups(role: str, rows: list[Record], context: Context) -> Table:
    words, notes, definitions = context.words, Footnotes(context), _definitions(rows)
    body = level_rows(role, rows, context, notes, lambda values: _cells(values, definitions, notes))
    columns = (*level_columns(context), *_columns(context, definitions))
    title = words("title.weighted_groups", role=context.role(role))
    key = f"weighted_groups-{role}"
    return Table(
        key, "satisfaction", title, columns, tuple(body), _note(context, definitions), notes.specific
    )
