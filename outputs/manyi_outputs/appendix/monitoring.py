"""Tables of waves: what changed, what fails now, what certification did."""

from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.provenance import as_float
from manyi_outputs.appendix.records import Record, Tables, grouped, records
from manyi_outputs.appendix.satisfaction import value_kind
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context, plain
from manyi_outputs.wording import Kind

#: Thresholds from here on are told in whole numbers, below with three decimals.
_LARGE = 100
_NUMBERS = ("before", "after", "change", "low", "high")


def monitoring(tables: Tables, context: Context) -> list[Table]:
    """Return the changes of every role and of the schools, then alerts and effects of certification."""
    return [
        *_changes(tables, context),
        *_alerts(tables, context),
        *_certification(tables, context),
    ]


def waves_of(row: Record) -> str:
    """Return ``2021 → 2023``."""
    return f"{plain(row['from_wave'])} → {plain(row['to_wave'])}"


def measured(row: Record, context: Context) -> str:
    """Return what a row of ``change`` or ``certification`` is about: an index, an indicator, its CV."""
    if row["kind"] == "role":
        return context.index(str(row["unit"]), str(row["indicator"]))
    title = context.indicator(str(row["indicator"]))
    composite = str(row["indicator"]) == "composite"
    return context.words("term.cv_of", indicator=title) if row["measure"] == "cv" and not composite else title


def number_kind(row: Record) -> Kind:
    """Return how the numbers of such a row are written."""
    if row["kind"] == "role":
        return value_kind(str(row["measure"]))
    return Kind.coefficient if row["measure"] == "cv" else Kind.amount


def _changes(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "change")
    made = []
    for (role,), of_role in grouped([row for row in rows if row["kind"] == "role"], "unit"):
        title = context.words("title.change", role=context.role(role))
        made.append(_change(f"change-{role}", title, {"": of_role}, context))
    of_schools = [row for row in rows if row["kind"] == "schools"]
    if of_schools:
        stages = {context.stage(stage): members for (stage,), members in grouped(of_schools, "unit")}
        made.append(_change("change-schools", context.words("title.change_schools"), stages, context))
    return made


def _change(key: str, title: str, parts: dict[str, list[Record]], context: Context) -> Table:
    words, notes = context.words, Footnotes(context)
    schools = bool(next(iter(parts)))
    body: list[Row] = []
    for part, rows in parts.items():
        body += [section_row(part)] if part else []
        body += [_change_row(row, schools, notes, context) for row in rows]
    interval = words("heading.confidence", level=context.level)
    columns = [
        Column(words("heading.indicator" if schools else "heading.index"), width=34, words=True),
        Column(words("heading.waves"), width=14, words=True),
        *([] if schools else [Column(words("heading.change_of"), width=16, words=True)]),
        Column(words("heading.schools"), width=8),
        Column(words("heading.wave_before"), width=9),
        Column(words("heading.wave_after"), width=9),
        Column(words("heading.change"), width=9),
        Column(words("heading.low"), interval, width=9),
        Column(words("heading.high"), interval, width=9),
        Column(words("heading.p_adjusted"), width=9),
    ]
    if not schools:
        columns.append(Column(words("heading.invariance_level"), width=14, words=True))
    general = [words("note.change_schools" if schools else "note.change", level=context.level)]
    kinds = {str(row.get("weights") or "") for rows in parts.values() for row in rows}
    general += [words(f"note.change_{kind}") for kind in ("sampling", "none") if kind in kinds]
    return Table(key, "monitoring", title, tuple(columns), tuple(body), tuple(general), notes.specific)


def _change_row(row: Record, schools: bool, notes: Footnotes, context: Context) -> Row:
    words, kind, reason = context.words, number_kind(row), row.get("reason")
    remark = said(row.get("remark"))
    name = Cell(measured(row, context), note=notes.letter(remark, empty=False) if remark else "")
    cells = [name, Cell(waves_of(row))]
    if not schools:
        cells.append(Cell(words.term("change_of", str(row["method"]))))
    cells.append(notes.cell(row.get("schools"), Kind.count))
    cells += [notes.cell(row.get(each), kind, reason) for each in _NUMBERS]
    cells.append(notes.cell(row.get("p_adjusted"), Kind.p, reason))
    if not schools:
        level = said(row.get("invariance"))
        cells.append(Cell(words.term("invariance", level) if level else None))
    return Row(tuple(cells))


def alert_kind(row: Record) -> Kind:
    """Return how an alert is written: what lies just short of a small threshold must not look equal to it."""
    return Kind.coefficient if float(row["threshold"]) < _LARGE else Kind.amount


def _alerts(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "alerts")
    if not rows:
        return []
    words = context.words
    body: list[Row] = []
    for (level,), members in grouped(rows, "level"):
        body.append(section_row(words.term("alert", level)))
        for row in members:
            kind = alert_kind(row)
            body.append(
                Row(
                    (
                        Cell(plain(row["school"]) if level == "school" else ""),
                        Cell(plain(row["school_name"]) if level == "school" else ""),
                        Cell(context.stage(str(row["stage"]))),
                        Cell(context.indicator(str(row["indicator"]))),
                        Cell(waves_of(row)),
                        *(Cell(as_float(row[name]), kind) for name in ("before", "after", "threshold")),
                    )
                )
            )
    columns = (
        Column(words("heading.school"), width=14, words=True),
        Column(words("heading.school_name"), width=20, words=True),
        Column(words("heading.stage"), width=12, words=True),
        Column(words("heading.indicator"), width=34, words=True),
        Column(words("heading.waves"), width=14, words=True),
        Column(words("heading.wave_before"), width=10),
        Column(words("heading.wave_after"), width=10),
        Column(words("heading.threshold"), width=10),
    )
    return [
        Table("alerts", "monitoring", words("title.alerts"), columns, tuple(body), (words("note.alerts"),))
    ]


def _certification(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "certification")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (kind, unit), members in grouped(rows, "kind", "unit"):
        body.append(section_row(context.role(unit) if kind == "role" else context.stage(unit)))
        for row in members:
            # What is told by waves before certification is the placebos put together.
            before = str(row["effect"]) == "event" and str(row["at"]).startswith("-")
            if before or str(row["effect"]) not in ("overall", "event", "placebo"):
                continue
            written, reason = number_kind(row), row.get("reason")
            body.append(
                Row(
                    (
                        Cell(measured(row, context)),
                        Cell(words.term("certification", str(row["estimator"]))),
                        Cell(_effect(row, context)),
                        notes.cell(row.get("units"), Kind.count),
                        *(
                            notes.cell(row.get(each), written, reason)
                            for each in ("estimate", "se", "low", "high")
                        ),
                        notes.cell(row.get("p"), Kind.p, reason),
                        notes.cell(row.get("p_adjusted"), Kind.p, reason),
                    )
                )
            )
    interval = words("heading.confidence", level=context.level)
    columns = (
        Column(words("heading.outcome_measure"), width=34, words=True),
        Column(words("heading.estimator"), width=22, words=True),
        Column(words("heading.effect_of_waves"), width=22, words=True),
        Column(words("heading.units"), width=8),
        Column(words("heading.effect_size"), width=9),
        Column(words("heading.se"), width=9),
        Column(words("heading.low"), interval, width=9),
        Column(words("heading.high"), interval, width=9),
        Column(words("heading.p"), width=9),
        Column(words("heading.p_adjusted"), width=9),
    )
    general = (words("note.certification", level=context.level),)
    title = words("title.certification")
    return [Table("certification", "monitoring", title, columns, tuple(body), general, notes.specific)]


def _effect(row: Record, context: Context) -> str:
    words, effect = context.words, str(row["effect"])
    if effect == "event":
        since = int(float(str(row["at"])))
        return words("certification.event", waves=since) if since else words("certification.at_once")
    if effect == "placebo":
        return words("certification.placebo", group=plain(row["group"]), at=plain(row["at"]))
    return words("certification.overall")
