"""Tables of models with random effects of schools: block by block, and those the plan adds."""

import re

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.appendix.regression import probability_note
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import stars

#: Models added by the plan; the others are the null model and one a block.
ADDED = ("slopes", "centred", "interaction")
_SUMMARY = {
    "n": Kind.count,
    "schools": Kind.count,
    "icc": Kind.bounded,
    "design_effect": Kind.mean,
    "r2_marginal": Kind.bounded,
    "r2_conditional": Kind.bounded,
    "loglik": Kind.statistic,
    "aic": Kind.statistic,
    "bic": Kind.statistic,
}
_MADE = re.compile(r"^(within|mean)\((.+)\)$")


def multilevel(tables: Tables, context: Context) -> list[Table]:
    """Return two tables a regression: null model and blocks; what the plan adds, where it does."""
    made = []
    for (role, outcome), models in grouped(records(tables, "multilevel_models"), "role", "outcome"):
        for added in (False, True):
            own = [row for row in models if (str(row["model"]) in ADDED) == added]
            if own:
                made.append(_table(role, outcome, own, added, tables, context))
    return made


def term_title(context: Context, role: str, term: str) -> str:
    """Return the title of a term; of a school's mean, a distance from it, or a product what these are."""
    first, colon, second = term.partition("):")
    if colon:
        pair = (term_title(context, role, f"{first})"), term_title(context, role, second))
        return context.words("term.product", a=pair[0], b=pair[1])
    made = _MADE.match(term)
    if made is None:
        return context.term(role, term)
    return context.words(f"term.{made[1]}_school", term=context.term(role, made[2]))


def model_name(context: Context, name: str) -> str:
    """Return the heading of a model."""
    if context.words.among("multilevel_model", name):
        return context.words.term("multilevel_model", name)
    return context.words("heading.model", model=name)


def _of(tables: Tables, name: str, role: str, outcome: str) -> list[Record]:
    return [
        row for row in records(tables, name) if str(row["role"]) == role and str(row["outcome"]) == outcome
    ]


def _table(
    role: str, outcome: str, models: list[Record], added: bool, tables: Tables, context: Context
) -> Table:
    words, notes = context.words, Footnotes(context)
    names = [str(row["model"]) for row in models]
    cells = {
        (str(row["model"]), str(row["term"])): row
        for row in _of(tables, "multilevel", role, outcome)
        if str(row["model"]) in names
    }
    terms = dict.fromkeys(term for _, term in cells)
    body = [section_row(words("term.fixed_effects"))]
    for term in terms:
        line = [Cell(term_title(context, role, term))]
        for name in names:
            row = cells.get((name, term))
            if row is None:
                line += [Cell("")] * 3
                continue
            mark = "*" * stars(row["p"]) if given(row.get("p")) else ""
            line.append(notes.cell(row.get("estimate"), Kind.coefficient, mark=mark))
            line += [notes.cell(row.get("se"), Kind.coefficient), notes.cell(row.get("p"), Kind.p)]
        body.append(Row(tuple(line)))
    body.append(section_row(words("term.random_effects")))
    body += _variances(role, outcome, names, models, tables, context, notes)
    body += _summary(models, context, notes)
    body += _tests(role, outcome, names, tables, context, notes)
    columns = [Column(words("heading.term"), width=30, words=True)]
    for name in names:
        spanner = model_name(context, name)
        columns += [
            Column(words("heading.b"), spanner, width=10, room="***"),
            Column(words("heading.se"), spanner, width=8),
            Column(words("heading.p"), spanner, width=8),
        ]
    key = "multilevel_added" if added else "multilevel"
    general = [words("note.multilevel", method=str(models[0].get("method") or "REML"))]
    general += [words(f"note.multilevel_{name}") for name in names if name in ADDED]
    if not added:
        general.append(words("note.multilevel_r2"))
    return Table(
        key=f"{key}-{role}-{outcome}",
        section="regression",
        title=words(f"title.{key}", role=context.role(role), outcome=context.index(role, outcome)),
        columns=tuple(columns),
        rows=tuple(body),
        notes=tuple(general),
        specific=notes.specific,
        probability=probability_note(context),
    )


def _variances(
    role: str,
    outcome: str,
    names: list[str],
    models: list[Record],
    tables: Tables,
    context: Context,
    notes: Footnotes,
) -> list[Row]:
    """Return a row a variance or covariance; a model on the boundary carries a letter that says so."""
    rows = {
        (str(row["model"]), _what(row)): row for row in _of(tables, "multilevel_variances", role, outcome)
    }
    own = {str(row["model"]): row for row in models}
    body = []
    for what in dict.fromkeys(what for name, what in rows if name in names):
        line = [Cell(_variance_title(context, role, what))]
        for name in names:
            row = rows.get((name, what))
            if row is None:
                line += [Cell("")] * 3
                continue
            singular = what[0] == "school" and true(own[name].get("singular"))
            cell = notes.cell(row.get("variance"), Kind.coefficient, own[name].get("reason"))
            if singular and not what[2]:
                letter = notes.letter(f"mixed-singular: outcome={context.index(role, outcome)}", empty=False)
                cell = Cell(cell.value, Kind.coefficient, note=letter)
            line += [cell, Cell(""), Cell("")]
        body.append(Row(tuple(line)))
    return body


def _what(row: Record) -> tuple[str, str, str]:
    other = str(row["with"]) if given(row.get("with")) else ""
    term = str(row["term"]) if given(row.get("term")) else ""
    return str(row["level"]), term, other


def _variance_title(context: Context, role: str, what: tuple[str, str, str]) -> str:
    words, (level, term, other) = context.words, what
    if level == "residual":
        return words("term.variance_residual")
    if other:
        return words(
            "term.covariance_school", a=term_title(context, role, term), b=term_title(context, role, other)
        )
    return words("term.variance_school", term=term_title(context, role, term))


def _summary(models: list[Record], context: Context, notes: Footnotes) -> list[Row]:
    body = []
    for position, (name, kind) in enumerate(_SUMMARY.items()):
        label = "term.observations" if name == "n" else f"heading.{'clusters' if name == 'schools' else name}"
        line = [Cell(context.words(label))]
        for row in models:
            line += [notes.cell(row.get(name), kind, row.get("reason")), Cell(""), Cell("")]
        body.append(Row(tuple(line), rule=position == 0))
    return body


def _tests(
    role: str, outcome: str, names: list[str], tables: Tables, context: Context, notes: Footnotes
) -> list[Row]:
    """Return χ², df and p of each model against no schools, and against the model before."""
    words, rows = context.words, _of(tables, "multilevel_tests", role, outcome)
    body = []
    for label, wanted in (("term.against_ols", True), ("term.against_smaller", False)):
        line: list[Cell] = [Cell(words(label))]
        any_given = False
        for name in names:
            found = [
                row for row in rows if str(row["larger"]) == name and (str(row["smaller"]) == "OLS") == wanted
            ]
            if not found:
                line += [Cell("")] * 3
                continue
            any_given = True
            row, p = found[0], number(found[0].get("p"))
            mark = "*" * stars(p) if p is not None else ""
            line.append(notes.cell(row.get("chi2"), Kind.statistic, row.get("reason"), mark=mark))
            line += [notes.cell(row.get("df"), Kind.df), notes.cell(p, Kind.p)]
        if any_given:
            body.append(Row(tuple(line)))
    return body
