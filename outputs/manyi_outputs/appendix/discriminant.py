"""Discriminant validity of the scales: roots of AVE, factor correlations and HTMT in one triangle each."""

from manyi_outputs.appendix.confirmatory import factor_name, improper
from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.records import Record, Tables, grouped, number, records, true
from manyi_outputs.appendix.table import Cell, Column, Row, Table
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

#: HTMT from which two scales are held to measure the same (Henseler, Ringle & Sarstedt, 2015).
TOO_HIGH = 0.85
MARK = "†"


def discriminant(tables: Tables, context: Context) -> list[Table]:
    """Return for each role its scales' triangle (区分效度)."""
    words, made = context.words, []
    ratios = dict(grouped(records(tables, "htmt"), "role"))
    for (role,), rows in grouped(records(tables, "latent_correlations"), "role"):
        validity = [row for row in records(tables, "convergent") if str(row["role"]) == role]
        names = [str(row["scale"]) for row in validity]
        if len(names) < 2:
            continue
        notes = Footnotes(context)
        own = [row for row in rows if row["estimator"] == validity[0]["estimator"]]
        body = _triangle(context, role, validity, own, ratios.get((role,), []), notes)
        columns = (
            Column(words("heading.scale"), width=18, words=True),
            *(Column(factor_name(context, role, name), width=11, room=MARK) for name in names),
        )
        general = [
            words("note.discriminant", mark=MARK, cut=context.numerals.text(Kind.bounded, TOO_HIGH)),
            words("note.htmt", level=context.level),
            *improper(context, validity[:1]),
        ]
        why = [reason for row in ratios.get((role,), []) if (reason := said(row.get("reason")))]
        general += [words("note.htmt_without") + context.reason(reason) for reason in dict.fromkeys(why)]
        title = words("title.discriminant", role=context.role(role))
        made.append(
            Table(
                f"discriminant-{role}",
                "validity",
                title,
                columns,
                tuple(body),
                tuple(general),
                notes.specific,
            )
        )
    return made


def _triangle(
    context: Context,
    role: str,
    validity: list[Record],
    correlations: list[Record],
    ratios: list[Record],
    notes: Footnotes,
) -> list[Row]:
    """Return a row a scale: correlations before its root of AVE, heterotrait ratios behind."""
    latent = {frozenset((str(row["a"]), str(row["b"]))): row for row in correlations}
    htmt = {frozenset((str(row["scale_a"]), str(row["scale_b"]))): number(row.get("htmt")) for row in ratios}
    names = [str(row["scale"]) for row in validity]
    body = []
    for line, row in enumerate(validity):
        cells = [Cell(factor_name(context, role, names[line]))]
        for place, other in enumerate(names):
            pair = frozenset((names[line], other))
            if place == line:
                cells.append(notes.cell(row.get("sqrt_ave"), Kind.bounded, row.get("reason"), bold=True))
            elif place < line:
                found = latent.get(pair, {})
                apart = true(found.get("fornell_larcker"))
                cells.append(
                    notes.cell(found.get("r"), Kind.bounded, mark="" if apart in (True, None) else MARK)
                )
            else:
                ratio = htmt.get(pair)
                above = ratio is not None and ratio > TOO_HIGH
                cells.append(notes.cell(ratio, Kind.bounded, mark=MARK if above else ""))
        body.append(Row(tuple(cells)))
    return body
