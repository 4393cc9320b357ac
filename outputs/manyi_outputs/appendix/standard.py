"""Tables of the county against its standard: areas, thresholds with their layers, what is missing."""

from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.provenance import as_float, calculated
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context, plain
from manyi_outputs.wording import Kind

#: Bounds of rules, not of one indicator or requirement: they have their own tables.
RULES = ("cv", "met_count", "lowest_share")
#: Keeps a number off the words to its right.
ROOM = "  "


def standard(tables: Tables, context: Context) -> list[Table]:
    """Return the summary of the county, the thresholds, the gaps in total and by school, and recognition."""
    return [
        *_areas(tables, context),
        *_thresholds(tables, context),
        *_totals(tables, context),
        *_by_school(tables, context),
        *_recognition(tables, context),
    ]


def verdict(met: object, context: Context) -> str:
    """Return met, not met or undecided in words."""
    key = {True: "term.fulfilled", False: "term.unfulfilled", None: "term.undecided"}[true(met)]
    return context.words(key)


def _areas(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "standard_areas")
    if not rows:
        return []
    words, body = context.words, list[Row]()
    for _, members in grouped(rows, "area"):
        parts = [row for row in members if str(row["part"]) != "area"]
        # An area of one part is told once.
        shown = [*parts, *(row for row in members if str(row["part"]) == "area" and len(parts) != 1)]
        body += [_area_row(row, whole=row is shown[-1], context=context) for row in shown]
    columns = (
        Column(words("heading.area"), width=20, words=True),
        Column(words("heading.area_part"), width=30, words=True),
        Column(words("heading.assessed"), width=11),
        Column(words("heading.units_met"), width=11),
        Column(words("heading.units_open"), width=11),
        Column(words("heading.verdict"), width=14),
    )
    notes = (words("note.standard_areas", standard=context.standard or "—"),)
    return [Table("standard_areas", "schools", words("title.standard_areas"), columns, tuple(body), notes)]


def _area_row(row: Record, *, whole: bool, context: Context) -> Row:
    met = true(row.get("met"))
    cells = (
        Cell(context.area(str(row["area"])), bold=whole),
        Cell(context.words.term("area_part", str(row["part"]))),
        *(
            Cell(number(row.get(name)), Kind.count, bold=whole)
            for name in ("units", "units_met", "units_open")
        ),
        Cell(verdict(met, context), bold=whole or met is False),
    )
    return Row(cells, rule=str(row["area"]) == "overall")


def amount(value: object, *, bold: bool = False) -> Cell:
    """Return the cell of an amount: whole things without decimals."""
    found = number(value)
    whole = found is not None and found.is_integer()
    return Cell(found, Kind.count if whole else Kind.amount, bold=bold)


def _thresholds(tables: Tables, context: Context) -> list[Table]:
    """Return each indicator and requirement: threshold, the layer that decided, how many meet it, the gap."""
    rows = [row for row in records(tables, "standard") if str(row.get("bound")) not in RULES]
    if not rows:
        return []
    words, notes, body = context.words, Footnotes(context), []
    for (area,), of_area in grouped(rows, "area"):
        body.append(section_row(context.area(area)))
        for _, same in grouped(of_area, "indicator", "bound", "stage" if _staged(of_area) else "bound"):
            body.append(_threshold_row(same, context, notes))
    columns = (
        Column(words("heading.indicator"), width=48, words=True),
        Column(words("heading.stage"), width=16, words=True),
        Column(words("heading.layer"), width=18, words=True),
        Column(words("heading.value"), width=11),
        Column(words("heading.threshold"), width=11),
        Column(words("heading.assessed"), width=9),
        Column(words("heading.units_met"), width=9),
        Column(words("heading.units_open"), width=9),
        Column(words("heading.gap_total"), width=14, room=ROOM),
        Column(words("heading.unit"), width=18, words=True),
    )
    general = (words("note.standard_thresholds"),)
    return [
        Table(
            "standard_thresholds",
            "schools",
            words("title.standard_thresholds"),
            columns,
            tuple(body),
            general,
            notes.specific,
        )
    ]


def _staged(rows: list[Record]) -> bool:
    return any(given(row.get("stage")) and str(row.get("stage")) for row in rows)


def _threshold_row(rows: list[Record], context: Context, notes: Footnotes) -> Row:
    first = rows[0]
    of_county = str(first["level"]) == "county"
    name, bound = str(first["indicator"]), str(first["bound"])
    title = context.requirement(name)
    detail = "" if bound == "value" else context.bound(name, bound)
    stage = str(first["stage"]) if given(first.get("stage")) else ""
    gaps = [as_float(row["gap"]) for row in rows if given(row.get("gap"))]
    met = [true(row.get("met")) for row in rows]
    applies = [row for row in rows if not said(row.get("reason")).startswith("requirement-does-not-apply")]
    undecided = sum(true(row.get("met")) is None for row in applies)
    column = next((str(row["column"]) for row in rows if given(row.get("column")) and row["column"]), "")
    thresholds = {as_float(row["threshold"]) for row in rows if given(row.get("threshold"))}
    judged = of_county and not thresholds
    value = number(first.get("value")) if of_county else None
    shown = (
        Cell(context.words("term.yes" if value else "term.no"))
        if judged and value is not None
        else notes.cell(value, Kind.amount, first.get("reason"))
        if of_county
        else Cell("")
    )
    return Row(
        (
            Cell(f"{title}{context.words('numbers.colon')}{detail}" if detail else title),
            Cell(context.stage(stage) if stage else ""),
            Cell(" ".join(dict.fromkeys(str(row["layer"]) for row in rows))),
            shown,
            amount(thresholds.pop()) if len(thresholds) == 1 else Cell(""),
            Cell(calculated(len(applies), "count(the requirement applies)", rows, "reason"), Kind.count),
            Cell(calculated(sum(one is True for one in met), "count(met = True)", rows, "met"), Kind.count),
            Cell(calculated(undecided, "count(met undecided)", rows, "met"), Kind.count),
            amount(sum(gaps), bold=sum(gaps) != 0) if gaps and column else Cell(""),
            Cell(context.units.get(column, "")),
        )
    )


def _totals(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "school_gap_totals")
    if not rows:
        return []
    words = context.words
    order = list(context.indicators)
    rows = sorted(rows, key=lambda row: order.index(row["indicator"]) if row["indicator"] in order else 99)
    body = [
        Row(
            (
                Cell(context.indicator(str(row["indicator"]))),
                Cell(context.columns.get(str(row["column"]), str(row["column"]))),
                Cell(number(row["schools"]), Kind.count),
                amount(row["gap"], bold=True),
                amount(row["least"]),
                Cell(context.units.get(str(row["column"]), "")),
            )
        )
        for row in rows
    ]
    columns = (
        Column(words("heading.indicator"), width=48, words=True),
        Column(words("heading.what_lacks"), width=34, words=True),
        Column(words("heading.schools"), width=9),
        Column(words("heading.gap_total"), width=16),
        Column(words("heading.gap_least"), width=16, room=ROOM),
        Column(words("heading.unit"), width=10, words=True),
    )
    notes = (words("note.school_gap_totals"),)
    return [
        Table("school_gap_totals", "schools", words("title.school_gap_totals"), columns, tuple(body), notes)
    ]


def _by_school(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "school_gaps")
    if not rows:
        return []
    words, body = context.words, list[Row]()
    close = {
        (plain(row["school"]), str(row["stage"])): row["to_close"]
        for row in records(tables, "schools_to_close")
    }
    for (stage,), of_stage in grouped(rows, "stage"):
        body.append(section_row(context.stage(stage)))
        for (school,), members in grouped(of_stage, "school"):
            none = calculated(0, "count(to close)", members, "indicator")
            more = close.get((plain(school), stage), none)
            body += [_gap_row(row, more if at == 0 else None, context) for at, row in enumerate(members)]
    columns = (
        Column(words("heading.school"), width=14, words=True),
        Column(words("heading.school_name"), width=22, words=True),
        Column(words("heading.to_close"), width=9, room=ROOM),
        Column(words("heading.indicator"), width=9, words=True),
        Column(words("heading.what_lacks"), width=30, words=True),
        Column(words("heading.gap_stage"), width=13),
        Column(words("heading.gap_school"), width=13),
        Column(words("heading.gap_floor"), width=13, room=ROOM),
        Column(words("heading.unit"), width=8, words=True),
        Column(words("heading.needed"), width=16, words=True),
    )
    general = (words("note.school_gaps"),)
    title = words("title.school_gaps")
    return [Table("school_gaps", "schools", title, columns, tuple(body), general)]


def _gap_row(row: Record, to_close: float | None, context: Context) -> Row:
    """Return one gap; the first of a school names it and how many indicators it must still meet."""
    column, needed = str(row["column"]), str(row["needed"])
    named = to_close is not None
    name = plain(row["school_name"]) if given(row.get("school_name")) else ""
    return Row(
        (
            Cell(plain(row["school"]) if named else ""),
            Cell(name if named else ""),
            Cell(to_close, Kind.count) if named else Cell(""),
            Cell(str(row["indicator"])),
            Cell(context.columns.get(column, column)),
            amount(row.get("gap")),
            amount(row.get("gap_of_school")),
            amount(row.get("gap_to_floor")),
            Cell(context.units.get(column, "")),
            Cell(context.words.term("needed", needed), bold=needed != "choice"),
        )
    )


def _recognition(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "recognition")
    if not rows:
        return []
    words, notes, body = context.words, Footnotes(context), []
    groups = records(tables, "recognition_groups")
    for row in rows:
        name = str(row["definition"])
        decides = true(row["decides"]) is True
        title = context.recognition.get(name, name)
        body.append(section_row(title + (f" — {words('term.decides')}" if decides else "")))
        own = [group for group in groups if str(group["definition"]) == name and group["n_valid"] > 0]
        for group in own:
            label = Cell(context.recognition_groups.get(str(group["group"]), str(group["group"])))
            body.append(_counted(label, group, notes))
        body.append(_counted(Cell(words("term.all"), bold=True), row, notes))
    columns = (
        Column(words("heading.group"), width=30, words=True),
        Column(words("heading.n"), width=10),
        Column(words("heading.n_recognizing"), width=14),
        Column(words("heading.missing"), width=10),
        Column(words("heading.recognized"), width=12),
    )
    general = [words("note.recognition")]
    for row in records(tables, "recognition_sample"):
        if true(row["met"]) is False:
            kind = Kind.count if str(row["condition"]) == "total" else Kind.share
            shown = {key: context.numerals.text(kind, float(row[key])) for key in ("value", "threshold")}
            who = str(row["condition"])
            who = words("term.all") if who == "total" else context.recognition_groups.get(who, who)
            general.append(words("note.recognition_sample", group=who, **shown))
    return [
        Table(
            "recognition",
            "schools",
            words("title.recognition"),
            columns,
            tuple(body),
            tuple(general),
            notes.specific,
        )
    ]


def _counted(label: Cell, row: Record, notes: Footnotes) -> Row:
    share = number(row.get("share"))
    return Row(
        (
            label,
            Cell(number(row["n_valid"]), Kind.count),
            Cell(number(row["n_recognizing"]), Kind.count),
            Cell(number(row["n_missing"]), Kind.count),
            notes.cell(None if share is None else share / 100, Kind.share, row.get("reason")),
        )
    )
