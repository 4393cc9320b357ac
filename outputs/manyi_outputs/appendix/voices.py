"""Tables of coded texts: codes and agreement, quotations, and the numbers beside the codes."""

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.records import Record, Tables, grouped, records, true
from manyi_outputs.appendix.satisfaction import value_kind
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

_COUNTS = {"any": Kind.count, "share_any": Kind.share, "agreed": Kind.count, "share_agreed": Kind.share}
_AGREEMENT = {
    "agreement": Kind.bounded,
    "kappa": Kind.bounded,
    "kappa_low": Kind.bounded,
    "kappa_high": Kind.bounded,
    "alpha": Kind.bounded,
}
_BESIDE = {"n_with": Kind.count, "with": None, "n_without": Kind.count, "without": None}
_DIFFERENCE = ("difference", "low", "high")


def voices(tables: Tables, context: Context) -> list[Table]:
    """Return for every open question its codes, its joint display and its quotations."""
    made = []
    for (role, item), rows in grouped(records(tables, "codes"), "role", "item"):
        made.append(_codes(role, item, rows, tables, context))
        made += _joint(role, item, tables, context)
        made += _quotations(role, item, tables, context)
    return made


def question_title(context: Context, role: str, item: str) -> str:
    """Return ``parents: What should change first?``; of interviews their own name."""
    if role not in context.questionnaires:
        return context.words.term("voices", role)
    return context.role(role) + context.words("numbers.colon") + context.text(role, item)


def of_question(tables: Tables, name: str, role: str, item: str) -> list[Record]:
    """Return the rows of one open question."""
    return [row for row in records(tables, name) if (str(row["role"]), str(row["item"])) == (role, item)]


def _codes(role: str, item: str, rows: list[Record], tables: Tables, context: Context) -> Table:
    words, notes = context.words, Footnotes(context)
    agreement = {str(row["code"]): row for row in of_question(tables, "coding_agreement", role, item)}
    body = []
    for row in rows:
        found = agreement.get(str(row["code"]), {})
        counted = (notes.cell(row.get(name), kind) for name, kind in _COUNTS.items())
        agreed = (notes.cell(found.get(name), kind, found.get("reason")) for name, kind in _AGREEMENT.items())
        body.append(Row((Cell(str(row["title"])), *counted, *agreed)))
    whole = agreement.get("all")
    if whole is not None:
        values = (notes.cell(whole.get(name), kind, whole.get("reason")) for name, kind in _AGREEMENT.items())
        body.append(Row((Cell(words("term.all_codes")), *(Cell("") for _ in _COUNTS), *values), rule=True))
    anybody, everybody = words("heading.by_anybody"), words("heading.by_everybody")
    kappa = words("heading.kappa")
    columns = (
        Column(words("heading.code"), width=24, words=True),
        Column(words("heading.n"), anybody, width=7),
        Column("%", anybody, width=8),
        Column(words("heading.n"), everybody, width=7),
        Column("%", everybody, width=8),
        Column(words("heading.agreement"), width=9),
        Column(words("heading.value"), kappa, width=8),
        Column(words("heading.low"), kappa, width=8),
        Column(words("heading.high"), kappa, width=8),
        Column(words("heading.krippendorff"), width=11),
    )
    first = rows[0]
    counts = {name: int(first[name]) for name in ("texts", "n", "both_read", "coders")}
    masked = sum(int(row["n"]) for row in of_question(tables, "masked", role, item))
    kinds = words("numbers.list").join(
        f"{words.term('masked', str(row['kind']))} {int(row['n'])}"
        for row in of_question(tables, "masked", role, item)
        if int(row["n"])
    )
    general = [words("note.codes", level=context.level, **counts)]
    general.append(words("note.masked", n=masked, kinds=kinds) if masked else words("note.masked_none"))
    title = words("title.codes", question=question_title(context, role, item))
    key = f"codes-{role}-{item}"
    return Table(key, "voices", title, columns, tuple(body), tuple(general), notes.specific)


def _joint(role: str, item: str, tables: Tables, context: Context) -> list[Table]:
    rows = of_question(tables, "joint_display", role, item)
    if not rows:
        return []
    words, notes = context.words, Footnotes(context)
    said: dict[str, str] = {}
    for row in of_question(tables, "quotations", role, item):
        said.setdefault(str(row["code"]), str(row["text"]))
    body: list[Row] = []
    for (measure,), members in grouped(rows, "measure"):
        body.append(section_row(context.index(role, measure)))
        for row in members:
            kind, reason = value_kind(str(row["definition"])), row.get("reason")
            cells = [notes.cell(row.get(name), how or kind, reason) for name, how in _BESIDE.items()]
            cells += [notes.cell(row.get(name), kind, reason) for name in _DIFFERENCE]
            cells.append(notes.cell(row.get("p_adjusted"), Kind.p, reason))
            body.append(Row((Cell(str(row["title"])), *cells, Cell(said.get(str(row["code"]), "")))))
    having, lacking = words("heading.with_code"), words("heading.without_code")
    interval = words("heading.confidence", level=context.level)
    columns = (
        Column(words("heading.code"), width=20, words=True),
        Column(words("heading.n"), having, width=7),
        Column(words("heading.value"), having, width=8),
        Column(words("heading.n"), lacking, width=7),
        Column(words("heading.value"), lacking, width=8),
        Column(words("heading.mean_difference"), width=9),
        Column(words("heading.low"), interval, width=8),
        Column(words("heading.high"), interval, width=8),
        Column(words("heading.p_adjusted"), width=9),
        Column(words("heading.quotation"), width=50, words=True),
    )
    title = words("title.joint_display", question=question_title(context, role, item))
    general = (words("note.joint_display", level=context.level),)
    key = f"joint-{role}-{item}"
    return [Table(key, "voices", title, columns, tuple(body), general, notes.specific)]


def _quotations(role: str, item: str, tables: Tables, context: Context) -> list[Table]:
    rows = of_question(tables, "quotations", role, item)
    if not rows:
        return []
    words = context.words
    body: list[Row] = []
    for (_, title), members in grouped(rows, "code", "title"):
        body.append(section_row(title))
        for row in members:
            mark = "" if true(row["agreed"]) else words("term.not_agreed")
            body.append(Row((Cell(str(row["text"])), Cell(mark), Cell(str(row["unit"])))))
    columns = (
        Column(words("heading.quotation"), width=70, words=True),
        Column(words("heading.remark"), width=14, words=True),
        Column(words("heading.passage"), width=30, words=True),
    )
    heading = words("title.quotations", question=question_title(context, role, item))
    general = (words("note.quotations"),)
    return [Table(f"quotations-{role}-{item}", "voices", heading, columns, tuple(body), general)]
