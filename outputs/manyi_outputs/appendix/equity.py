"""Tables of equity between schools: measures of inequality, its division, gaps, staff flows, enrolment."""

import re

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context, plain
from manyi_outputs.wording import Kind

_BY = re.compile(r"^(?P<what>theil_t|gap (?P<pair>.+)) by (?P<by>.+)$")
PARTS = ("total", "between", "within", "between_share")
GAP = ("mean_first", "mean_second", "difference", "low", "high", "ratio", "ratio_low", "ratio_high")
BALANCE = ("inflow", "outflow", "net", "stock", "net_rate", "effectiveness")


def equity(tables: Tables, context: Context) -> list[Table]:
    """Return inequality by indicator, its division between groups, gaps, flows and enrolment."""
    rows = records(tables, "equity")
    made = [_measures(rows, context)] if rows else []
    for (measure,), members in grouped(rows, "measure"):
        found = _BY.match(measure)
        if found is not None:
            make = _gaps if found["pair"] else _division
            made.append(make(measure, found, members, context))
    return [*made, *_balance(tables, context), *_hollowing(tables, context)]


def _label(row: Record, context: Context) -> str:
    return context.indicator(str(row["indicator"]))


def _measures(rows: list[Record], context: Context) -> Table:
    words, notes, body = context.words, Footnotes(context), []
    single = [row for row in rows if str(row["component"]) == "value"]
    names = list(dict.fromkeys(str(row["measure"]) for row in single))
    for (stage,), of_stage in grouped(single, "stage"):
        body.append(section_row(context.stage(stage)))
        for _, members in grouped(of_stage, "indicator"):
            values = {str(row["measure"]): row for row in members}
            cells = [Cell(_label(members[0], context)), Cell(number(members[0]["n"]), Kind.count)]
            for name in names:
                row = values.get(name, {})
                cells.append(notes.cell(row.get("value"), Kind.coefficient, row.get("reason")))
            body.append(Row(tuple(cells)))
    columns = (
        Column(words("heading.indicator"), width=44, words=True),
        Column(words("heading.schools"), width=9),
        *(Column(_measure(name, context), width=12) for name in names),
    )
    title, general = words("title.equity"), (words("note.equity"),)
    return Table("equity", "schools", title, columns, tuple(body), general, notes.specific)


def _measure(name: str, context: Context) -> str:
    stem, _, aversion = name.removesuffix(")").partition("(")
    word = context.words.term("inequality", stem)
    return f"{word} ({aversion})" if aversion else word


def _division(measure: str, found: "re.Match[str]", rows: list[Record], context: Context) -> Table:
    words, notes, body = context.words, Footnotes(context), []
    for (stage,), of_stage in grouped(rows, "stage"):
        body.append(section_row(context.stage(stage)))
        for _, members in grouped(of_stage, "indicator"):
            values = {str(row["component"]): row for row in members}
            reason = members[0].get("reason")
            cells = [Cell(_label(members[0], context)), Cell(number(members[0]["n"]), Kind.count)]
            for name in PARTS:
                kind = Kind.share if name == "between_share" else Kind.coefficient
                cells.append(notes.cell(values.get(name, {}).get("value"), kind, reason))
            body.append(Row(tuple(cells)))
    columns = (
        Column(words("heading.indicator"), width=44, words=True),
        Column(words("heading.schools"), width=9),
        *(Column(words.term("inequality", name), width=14) for name in PARTS),
    )
    by = grouping_title(found["by"], context)
    title, general = words("title.equity_theil", by=by), (words("note.equity_theil"),)
    key = f"equity_theil:{found['by']}"
    return Table(key, "schools", title, columns, tuple(body), general, notes.specific)


def grouping_title(by: str, context: Context) -> str:
    """Return the title of a grouping; of ``addr_code:9`` that of the column and how many digits count."""
    column, _, digits = by.partition(":")
    title = context.columns.get(column, column)
    return context.words("term.leading_digits", column=title, digits=digits) if digits else title


def _gaps(measure: str, found: "re.Match[str]", rows: list[Record], context: Context) -> Table:
    words, notes, body = context.words, Footnotes(context), []
    by = found["by"]
    first, second = _pair(found["pair"], by, context)
    for (stage,), of_stage in grouped(rows, "stage"):
        body.append(section_row(context.stage(stage)))
        for _, members in grouped(of_stage, "indicator"):
            values = {str(row["component"]): row for row in members}
            reason = members[0].get("reason")
            cells = [Cell(_label(members[0], context)), Cell(number(members[0]["n"]), Kind.count)]
            for name in GAP:
                kind = Kind.coefficient if name.startswith("ratio") else Kind.amount
                cells.append(notes.cell(values.get(name, {}).get("value"), kind, reason))
            body.append(Row(tuple(cells)))
    interval = words("heading.confidence", level="95")
    columns = (
        Column(words("heading.indicator"), width=44, words=True),
        Column(words("heading.schools"), width=9),
        Column(first, width=12),
        Column(second, width=12),
        Column(words("heading.gap"), width=12),
        Column(words("heading.low"), interval, width=11),
        Column(words("heading.high"), interval, width=11),
        Column(words("heading.ratio"), width=10),
        Column(words("heading.low"), interval + " ", width=10),
        Column(words("heading.high"), interval + " ", width=10),
    )
    title = words("title.equity_gap", first=first, second=second)
    general = (words("note.equity_gap"),)
    return Table(
        f"equity_gap:{found['pair']}", "schools", title, columns, tuple(body), general, notes.specific
    )


def _pair(pair: str, by: str, context: Context) -> tuple[str, str]:
    """Return the titles of the two groups; a name may hold the hyphen that joins them."""
    levels = context.levels.get(by, {})
    for at, sign in enumerate(pair):
        if sign == "-" and pair[:at] in levels and pair[at + 1 :] in levels:
            return levels[pair[:at]], levels[pair[at + 1 :]]
    first, _, second = pair.partition("-")
    return first, second


def kind_title(by: object, kind: object, context: Context) -> str:
    """Return the title of a kind of school."""
    if str(kind) == "all":
        return context.words("term.all")
    return context.levels.get(str(by), {}).get(plain(kind), plain(kind))


def _balance(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "staff_balance")
    if not rows or not given(rows[0].get("kind")):
        return []
    words, notes = context.words, Footnotes(context)
    flows = records(tables, "staff_flows")
    by = rows[0]["by"]
    kinds = [str(row["kind"]) for row in rows]
    moved = {(str(row["origin"]), str(row["destination"])): row["moved"] for row in flows}
    spanner = words("heading.moved_to")
    body = []
    for row in rows:
        kind = str(row["kind"])
        cells = [Cell(kind_title(by, kind, context))]
        cells += [Cell(number(moved.get((kind, other))), Kind.count) for other in kinds]
        cells += [
            notes.cell(row.get(name), Kind.share if name in ("net_rate", "effectiveness") else Kind.count)
            for name in BALANCE
        ]
        body.append(Row(tuple(cells)))
    columns = (
        Column(words("heading.moved_from"), width=20, words=True),
        *(Column(kind_title(by, kind, context), spanner, width=10) for kind in kinds),
        *(Column(words(f"heading.staff_{name}"), width=12) for name in BALANCE),
    )
    first = rows[0]
    siphoned = context.numerals.text(Kind.share, float(first["siphoned"]))
    general = (
        words("note.staff_balance", siphoned=siphoned, n=int(first["n"]), missing=int(first["missing"])),
    )
    title = words("title.staff_balance")
    return [Table("staff_balance", "schools", title, columns, tuple(body), general, notes.specific)]


def _hollowing(tables: Tables, context: Context) -> list[Table]:
    words, made = context.words, []
    for (wave,), rows in grouped(records(tables, "hollowing"), "from_wave"):
        if not given(rows[0].get("kind")):
            continue
        shown = {
            "schools": Kind.count,
            "pupils": Kind.count,
            "share": Kind.share,
            "class_size": Kind.index,
            "small": Kind.count,
        }
        body = []
        for row in rows:
            cells = [Cell(kind_title(row["by"], row["kind"], context), bold=str(row["kind"]) == "all")]
            for name, kind in shown.items():
                cells += [Cell(number(row.get(f"{name}_{when}")), kind) for when in ("before", "after")]
            cells += [
                Cell(number(row["closed"]), Kind.count),
                Cell(number(row["opened"]), Kind.count),
                Cell(number(row.get("change_rate")), Kind.share),
            ]
            body.append(Row(tuple(cells)))
        columns = [Column(words("heading.school_kind"), width=18, words=True)]
        for name in shown:
            spanner = words(f"heading.hollow_{name}")
            columns += [
                Column(words(f"heading.year_{when}"), spanner, width=10) for when in ("before", "after")
            ]
        columns += [
            Column(words(f"heading.hollow_{name}"), width=10) for name in ("closed", "opened", "change")
        ]
        title = words("title.hollowing", wave=plain(wave))
        made.append(
            Table(
                f"hollowing:{plain(wave)}",
                "schools",
                title,
                tuple(columns),
                tuple(body),
                (words("note.hollowing"),),
            )
        )
    return made
