"""Tables of robustness: what each cleaning rule, in or out, does to the main results."""

from collections.abc import Sequence
from dataclasses import dataclass

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.provenance import as_float, calculated
from manyi_outputs.appendix.records import Record, Tables, given, grouped, records
from manyi_outputs.appendix.satisfaction import headline_rows, value_kind
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

STATISTICS = ("alpha", "index", "coefficient")
PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Choices:
    """The main results of one role under every way to exclude.

    Parameters
    ----------
    role : str
    rows : list of records
        Its rows of table `sensitivity`.
    definition : str
        How its satisfaction index is defined.
    """

    role: str
    rows: list[Record]
    definition: str

    @property
    def others(self) -> list[tuple[tuple[str, str], list[Record]]]:
        """Return the rows of every variant but the plan, by its kind and rule."""
        found = [((keys[0], keys[1]), rows) for keys, rows in grouped(self.rows, "variant", "rule")]
        return [(keys, rows) for keys, rows in found if keys[0] != PLANNED]

    @property
    def planned(self) -> dict[tuple[str, str, str], Record]:
        """Return the plan's results by statistic, outcome and term."""
        return {result_key(row): row for row in self.rows if row["variant"] == PLANNED}

    def kind(self, statistic: str) -> Kind:
        """Return how a statistic is written."""
        kinds = {"alpha": Kind.bounded, "coefficient": Kind.coefficient}
        return kinds.get(statistic, value_kind(self.definition))

    def size(self, row: Record) -> float:
        """Return how large a change is: of a coefficient as a share of half the planned interval."""
        change = abs(as_float(row["difference"]))
        if row["statistic"] != "coefficient":
            return change
        plan = self.planned[result_key(row)]
        half = (as_float(plan["high"]) - as_float(plan["low"])) / 2.0
        return change / half if half > 0 else float("nan")

    def turned(self, rows: Sequence[Record]) -> int:
        """Return how many coefficients differ from zero under one of plan and variant only."""
        return len(self.turning(rows))

    def turning(self, rows: Sequence[Record]) -> list[Record]:
        """Return the coefficients that differ from zero under one of plan and variant only."""
        plan = self.planned
        return [
            row
            for row in changed(rows, "coefficient")
            if _apart_from_zero(row) != _apart_from_zero(plan[result_key(row)])
        ]


def result_key(row: Record) -> tuple[str, str, str]:
    """Return what a row is about, whatever the variant."""
    term = row["term"] if given(row["term"]) else ""
    return str(row["statistic"]), str(row["outcome"]), str(term)


def changed(rows: Sequence[Record], statistic: str) -> list[Record]:
    """Return the rows of a statistic that can be compared with the plan."""
    return [row for row in rows if row["statistic"] == statistic and given(row["difference"])]


def all_choices(tables: Tables) -> list[Choices]:
    """Return the choices of every role that has any besides its plan."""
    reported = headline_rows(records(tables, "satisfaction"))
    definitions = {str(row["role"]): str(row["definition"]) for row in reported}
    made = [
        Choices(role, rows, definitions.get(role, ""))
        for (role,), rows in grouped(records(tables, "sensitivity"), "role")
    ]
    return [choices for choices in made if choices.others]


def robustness(tables: Tables, context: Context) -> list[Table]:
    """Return the largest changes by choice over all roles, then every result's range, a table a role."""
    found = all_choices(tables)
    if not found:
        return []
    return [_by_choice(found, context), *(_by_result(choices, context) for choices in found)]


def choice(kind: str, rule: str, context: Context) -> str:
    """Return in words what a variant does otherwise than the plan."""
    return context.words(f"variant.{kind}", rule=context.words.term("rule", rule))


def _by_choice(found: list[Choices], context: Context) -> Table:
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for choices in found:
        body.append(section_row(context.role(choices.role)))
        kept = next(row["kept"] for row in choices.rows if row["variant"] == PLANNED)
        body.append(Row((Cell(words("variant.planned")), Cell(as_float(kept), Kind.count), *[Cell("")] * 7)))
        body += [_choice_row(keys, rows, choices, context, notes) for keys, rows in choices.others]
    columns = (
        Column(words("heading.choice"), width=34, words=True),
        Column(words("heading.kept"), width=9),
        Column(words("heading.change"), words("heading.change_alpha"), width=9),
        Column(words("heading.scale"), words("heading.change_alpha"), width=16, words=True),
        Column(words("heading.change"), words("heading.change_index"), width=9),
        Column(words("heading.index"), words("heading.change_index"), width=16, words=True),
        Column(words("heading.change_share"), words("heading.change_coefficient"), width=12),
        Column(words("heading.term"), words("heading.change_coefficient"), width=16, words=True),
        Column(words("heading.turned"), width=11),
    )
    general = (words("note.sensitivity"), words("note.sensitivity_share"))
    title = words("title.sensitivity")
    return Table("sensitivity", "robustness", title, columns, tuple(body), general, notes.specific)


def _choice_row(
    keys: tuple[str, str], rows: list[Record], choices: Choices, context: Context, notes: Footnotes
) -> Row:
    """Return one variant: for each statistic the largest change and where it is."""
    cells = [Cell(choice(*keys, context)), Cell(as_float(rows[0]["kept"]), Kind.count)]
    kinds = {"alpha": Kind.bounded, "index": choices.kind("index"), "coefficient": Kind.share}
    for statistic in STATISTICS:
        members = [row for row in rows if row["statistic"] == statistic]
        comparable = changed(members, statistic)
        largest = max(comparable, key=choices.size, default=None)
        hidden = next((row["reason"] for row in members if row["reason"]), "")
        # What is hidden may have changed where nothing shown did.
        if largest is None or (hidden and float(largest["difference"]) == 0.0):
            cells += [notes.cell(None, kinds[statistic], hidden), Cell("")]
            continue
        same = float(largest["difference"]) == 0.0
        shown = choices.size(largest) if statistic == "coefficient" else as_float(largest["difference"])
        cells.append(notes.cell(shown, kinds[statistic]))
        cells.append(Cell("" if same else _name(largest, choices.role, context)))
    comparable = changed(rows, "coefficient")
    turned = calculated(
        choices.turned(rows), "count(0 in [low, high] ≠ as planned)", comparable, "low", "high"
    )
    cells.append(Cell(turned if comparable else None, Kind.count))
    return Row(tuple(cells))


def _by_result(choices: Choices, context: Context) -> Table:
    """Return one role's results: as planned, the lowest and highest under any choice, and what moves most."""
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for statistic in STATISTICS:
        results = [key for key in choices.planned if key[0] == statistic]
        if results:
            body.append(section_row(words(f"term.sensitivity_{statistic}")))
        body += [_result_row(key, choices, context, notes) for key in results]
    interval = words("heading.confidence", level=context.level)
    columns = (
        Column(words("heading.result"), width=30, words=True),
        Column(words("heading.planned"), width=10),
        Column(words("heading.low"), interval, width=10),
        Column(words("heading.high"), interval, width=10),
        Column(words("heading.lowest"), words("heading.over_choices"), width=10),
        Column(words("heading.highest"), words("heading.over_choices"), width=10),
        Column(words("heading.moved_most"), width=34, words=True),
    )
    return Table(
        key=f"sensitivity-{choices.role}",
        section="robustness",
        title=words("title.sensitivity_results", role=context.role(choices.role)),
        columns=columns,
        rows=tuple(body),
        notes=(words("note.sensitivity_results"),),
        specific=notes.specific,
    )


def _result_row(key: tuple[str, str, str], choices: Choices, context: Context, notes: Footnotes) -> Row:
    plan, kind = choices.planned[key], choices.kind(key[0])
    mine = [row for row in choices.rows if result_key(row) == key and given(row["value"])]
    values = [as_float(row["value"]) for row in mine]
    moved = [row for row in mine if given(row["difference"]) and float(row["difference"]) != 0.0]
    most = max(moved, key=lambda row: abs(float(row["difference"])), default=None)
    return Row(
        (
            Cell(_name(plan, choices.role, context)),
            *(notes.cell(plan[name], kind, plan["reason"]) for name in ("value", "low", "high")),
            Cell(min(values, default=None), kind),
            Cell(max(values, default=None), kind),
            Cell(choice(str(most["variant"]), str(most["rule"]), context) if most else ""),
        )
    )


def _name(row: Record, role: str, context: Context) -> str:
    """Return the title of the scale, measure or term a row is about."""
    statistic, outcome, term = result_key(row)
    return context.term(role, term) if statistic == "coefficient" else context.index(role, outcome)


def _apart_from_zero(row: Record) -> bool:
    return bool(float(row["low"]) > 0.0 or float(row["high"]) < 0.0)
