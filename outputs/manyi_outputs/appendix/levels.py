"""Tables of items and scales within and between schools."""

from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.items import item_cells, item_columns
from manyi_outputs.appendix.records import Record, Tables, grouped, number, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

_ICC = {
    "n": Kind.count,
    "schools": Kind.count,
    "icc_reml": Kind.bounded,
    "icc_anova": Kind.bounded,
    "variance_school": Kind.coefficient,
    "variance_residual": Kind.coefficient,
    "design_effect": Kind.mean,
}
_LEVEL = {"alpha": Kind.bounded, "omega_total": Kind.bounded, "eigenvalue_share": Kind.share}


def levels(tables: Tables, context: Context) -> list[Table]:
    """Return the intraclass correlations of the items, a table a role, and reliability by level."""
    return [*_shares(tables, context), *_two_level(tables, context)]


def _shares(tables: Tables, context: Context) -> list[Table]:
    words, made = context.words, []
    for (role,), rows in grouped(records(tables, "item_icc"), "role"):
        notes = Footnotes(context)
        body: list[Row] = []
        for (scale,), members in grouped(rows, "scale"):
            body.append(section_row(context.scale(role, scale)))
            for row in members:
                item = context.question(role, str(row["item"]))
                names = item_cells(context, role, str(row["item"]), item is not None and item.reverse)
                cells = (notes.cell(row.get(name), kind, row.get("reason")) for name, kind in _ICC.items())
                body.append(Row((*names, *cells)))
        columns = (
            *item_columns(context),
            *(Column(words(f"heading.{name}"), width=12) for name in _ICC),
        )
        title, general = words("title.item_icc", role=context.role(role)), (words("note.item_icc"),)
        key = f"item_icc-{role}"
        made.append(Table(key, "validity", title, columns, tuple(body), general, notes.specific))
    return made


def _two_level(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "two_level")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (role,), of_role in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for (scale,), members in grouped(of_role, "scale"):
            found = {str(row["level"]): _with_share(row) for row in members}
            within, between = found.get("within", {}), found.get("between", {})
            remarks = [said(row.get("remark")) for row in (within, between)]
            remark = "; ".join(dict.fromkeys(text for text in remarks if text))
            letter = notes.letter(remark, empty=False) if remark else ""
            cells = [Cell(context.scale(role, scale), note=letter)]
            cells += [notes.cell(within.get(name), Kind.count) for name in ("k", "schools")]
            for row in (within, between):
                improper = (number(row.get("smallest_eigenvalue")) or 0.0) < 0
                cells += [
                    notes.cell(row.get(name), kind, _reason(row), faint=improper)
                    for name, kind in _LEVEL.items()
                ]
            cells.append(notes.cell(between.get("congruence"), Kind.bounded, _reason(between)))
            body.append(Row(tuple(cells)))
    columns = (
        Column(words("heading.scale"), width=24, words=True),
        Column(words("heading.k"), width=8),
        Column(words("heading.schools"), width=9),
        *(
            Column(words(f"heading.{name}"), words(f"heading.{level}"), width=10)
            for level in ("within", "between")
            for name in _LEVEL
        ),
        Column(words("heading.congruence"), width=11),
    )
    title, general = words("title.two_level"), (words("note.two_level"), words("note.empty"))
    return [Table("two_level", "validity", title, columns, tuple(body), general, notes.specific)]


def _reason(row: Record) -> str:
    """Return why a level lacks a coefficient, without the eigenvalue: one letter for all scales alike."""
    reason = said(row.get("reason"))
    return "level-improper" if reason.startswith("level-not-positive-definite") else reason


def _with_share(row: Record) -> Record:
    """Return a level's row with the share of its items' variance that the first component has."""
    k, first = row.get("k"), row.get("first_eigenvalue")
    return {**row, "eigenvalue_share": first / k if k and first is not None else None}
