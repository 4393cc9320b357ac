"""Table of common method variance: Harman's single factor, and a latent method factor."""

from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.records import Tables, grouped, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

_STATISTICS = {
    "k": Kind.count,
    "n": Kind.count,
    "share": Kind.share,
    "trait_share": Kind.share,
    "delta_chi2": Kind.statistic,
    "delta_df": Kind.df,
    "p": Kind.p,
    "delta_cfi": Kind.bounded,
    "delta_rmsea": Kind.bounded,
    "largest_change": Kind.bounded,
}
#: What only a model has; of Harman's test these cells are blank, not lacking.
_OF_MODELS = tuple(_STATISTICS)[3:]


def common_method(tables: Tables, context: Context) -> list[Table]:
    """Return how much of the items' variance one factor of them all takes; nothing without the table."""
    rows = records(tables, "common_method")
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for (role,), members in grouped(rows, "role"):
        body.append(section_row(context.role(role)))
        for row in members:
            method = str(row["method"])
            weak = str(row["evidence"]) == "weak"
            text = words(f"term.{method}")
            remark = said(row.get("remark"))
            cells = [Cell(text, note=notes.letter(remark, empty=False) if remark else "")]
            for name, kind in _STATISTICS.items():
                blank = weak and name in _OF_MODELS
                cells.append(Cell("") if blank else notes.cell(row.get(name), kind, row.get("reason")))
            body.append(Row(tuple(cells)))
    columns = (
        Column(words("heading.method"), width=34, words=True),
        *(Column(words(f"heading.{_heading(name)}"), width=10) for name in _STATISTICS),
    )
    title, general = words("title.common_method"), (words("note.common_method"),)
    return [Table("common_method", "validity", title, columns, tuple(body), general, notes.specific)]


def _heading(name: str) -> str:
    return {"share": "method_share", "delta_df": "df"}.get(name, name)
