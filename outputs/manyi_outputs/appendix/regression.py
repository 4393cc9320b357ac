"""Tables of the regressions: blocks side by side, the total effect of the school indicators marked."""

from dataclasses import dataclass

from manyi_outputs.appendix.footnotes import Footnotes
from manyi_outputs.appendix.records import Record, Tables, given, grouped, records
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import INTERCEPTS, Context, plain
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import STARS, stars

_SHOWN = {
    "b": Kind.coefficient,
    "se": Kind.coefficient,
    "beta": Kind.coefficient,
    "t": Kind.statistic,
    "p": Kind.p,
    "vif": Kind.mean,
}
_SUMMARY = {
    "n": ("term.observations", Kind.count),
    "missing": ("term.missing_rows", Kind.count),
    "clusters": ("heading.clusters", Kind.count),
    "r2": ("heading.r2", Kind.bounded),
    "adj_r2": ("heading.adj_r2", Kind.bounded),
    "delta_r2": ("heading.delta_r2", Kind.bounded),
    "f_change": ("heading.f_change", Kind.statistic),
    "df": ("heading.df_change", Kind.df),
    "p_change": ("heading.p_change", Kind.p),
}


@dataclass(frozen=True, slots=True)
class Blocks:
    """The rows of one regression: coefficients by model and term, models, and which terms are of the school.

    Parameters
    ----------
    role, outcome : str
    coefficients : list of records
        Rows of table `regression`.
    models : list of records
        Rows of table `regression_models`, in the order entered.
    school_terms : frozenset of str
        Terms that are neither questions or scales of the role nor the stage: what schools have.
    other_errors : tuple of records
        The same coefficients with errors computed otherwise.
    """

    role: str
    outcome: str
    coefficients: list[Record]
    models: list[Record]
    school_terms: frozenset[str]
    other_errors: tuple[Record, ...] = ()

    @property
    def names(self) -> list[str]:
        """Return the models in the order entered."""
        rows = self.models or self.coefficients
        return list(dict.fromkeys(plain(row["model"]) for row in rows))

    def of_effect(self, effect: str) -> list[Record]:
        """Return the school indicators' coefficients that are total, or direct effects of the last model."""
        found = [
            row
            for row in self.coefficients
            if row.get("effect") == effect and str(row["term"]) in self.school_terms
        ]
        chosen = plain(found[-1]["model"] if effect == "direct" else found[0]["model"]) if found else ""
        return [row for row in found if plain(row["model"]) == chosen]

    def model_of(self, effect: str) -> str:
        """Return the model that holds the effects of this kind, nothing where there is none."""
        found = self.of_effect(effect)
        return plain(found[0]["model"]) if found else ""

    @property
    def school_block(self) -> str:
        """Return the block of the school indicators, nothing where the regression has none."""
        found = self.of_effect("total") or self.of_effect("direct")
        return str(found[0]["block"]) if found else ""

    @property
    def beside(self) -> list[str]:
        """Return what else entered with the school indicators, ``stage`` for ``stage=primary``."""
        block, model = self.school_block, self.model_of("total")
        terms = (
            str(row["term"])
            for row in self.coefficients
            if str(row.get("block")) == block and plain(row["model"]) == model
        )
        return list(dict.fromkeys(_base(term) for term in terms if term not in self.school_terms))

    def model(self, name: str) -> Record:
        """Return the row of a model, empty where the table has none."""
        return next((row for row in self.models if plain(row["model"]) == name), {})


def _base(term: str) -> str:
    return term.partition("=")[0]


def regressions(tables: Tables, context: Context) -> list[Blocks]:
    """Return every regression of the results, in the order of the plan."""
    models = {key: rows for key, rows in grouped(records(tables, "regression_models"), "role", "outcome")}
    found = {key: rows for key, rows in grouped(records(tables, "regression"), "role", "outcome")}
    made = []
    for role, outcome in dict.fromkeys([*models, *found]):
        rows, others = main_errors(found.get((role, outcome), []))
        terms = {str(row["term"]) for row in rows}
        of_school = frozenset(term for term in terms if context.is_school_term(role, term))
        if not of_school:
            # A study whose headline is something else than schools: all terms of its block.
            of_school = frozenset(str(row["term"]) for row in rows if row.get("effect"))
        made.append(Blocks(role, outcome, rows, models.get((role, outcome), []), of_school, others))
    return made


def main_errors(rows: list[Record]) -> tuple[list[Record], tuple[Record, ...]]:
    """Return the rows of the errors planned first, and of those beside them.

    Rows without errors, of what could not be estimated, belong to the first.

    Parameters
    ----------
    rows : list of records
        Of one regression.
    """
    kinds = [str(row["se_type"]) for row in rows if given(row.get("se_type")) and row["se_type"]]
    main = kinds[0] if kinds else ""
    others = tuple(row for row in rows if given(row.get("se_type")) and row["se_type"] not in ("", main))
    apart = {id(row) for row in others}
    return [row for row in rows if id(row) not in apart], others


def regression(tables: Tables, context: Context) -> list[Table]:
    """Return one table a regression."""
    return [_table(blocks, context) for blocks in regressions(tables, context)]


def _table(blocks: Blocks, context: Context) -> Table:
    words, notes = context.words, Footnotes(context)
    names = blocks.names
    body = _coefficients(blocks, context, notes)
    body += _summary(blocks, context, notes)
    columns = [Column(words("heading.term"), width=30, words=True)]
    for name in names:
        spanner = words("heading.model", model=name)
        columns += [
            Column(
                words(f"heading.{key}"),
                spanner,
                width=11 if key == "b" else 8,
                room="***" if key == "b" else "",
            )
            for key in _SHOWN
        ]
    return Table(
        key=f"regression-{blocks.role}-{blocks.outcome}",
        section="regression",
        title=words(
            "title.regression",
            role=context.role(blocks.role),
            outcome=context.index(blocks.role, blocks.outcome),
        ),
        columns=tuple(columns),
        rows=tuple(body),
        notes=tuple(_general(blocks, context)),
        specific=notes.specific,
        probability=probability_note(context),
    )


def probability_note(context: Context) -> str:
    """Return what the stars mean."""
    shown = [context.numerals.text(Kind.p, STARS[0]), context.numerals.text(Kind.p, STARS[1])]
    return context.words(
        "note.probability",
        one=shown[0].removesuffix("0"),
        two=shown[1].removesuffix("0"),
        three=context.numerals.text(Kind.p, STARS[2]),
    )


def _coefficients(blocks: Blocks, context: Context, notes: Footnotes) -> list[Row]:
    """Return the terms under the headings of their blocks, a group of columns a model."""
    cells = {(plain(row["model"]), str(row["term"])): row for row in blocks.coefficients}
    terms = {str(row["term"]): str(row.get("block") or "") for row in blocks.coefficients}
    intercepts = [term for term in terms if term.lower() in INTERCEPTS]
    body = [_term_row(term, blocks, cells, context, notes) for term in intercepts]
    order = [str(row["block"]) for row in blocks.models] + list(terms.values())
    for block in dict.fromkeys(order):
        members = [term for term, home in terms.items() if home == block and term not in intercepts]
        if not members:
            continue
        body.append(section_row(_block_heading(block, blocks, context)))
        body += [_term_row(term, blocks, cells, context, notes) for term in members]
    return body


def _block_heading(block: str, blocks: Blocks, context: Context) -> str:
    words, title = context.words, context.block(block)
    total, direct = blocks.model_of("total"), blocks.model_of("direct")
    if block != blocks.school_block or not total:
        return title
    effects = (
        words("term.effects", total=total, direct=direct)
        if direct
        else words("heading.model", model=total) + words("numbers.colon") + words("term.effect_total")
    )
    return f"{title}{words('numbers.opening')}{effects}{words('numbers.closing')}"


def _term_row(
    term: str, blocks: Blocks, cells: dict[tuple[str, str], Record], context: Context, notes: Footnotes
) -> Row:
    line = [Cell(context.term(blocks.role, term))]
    for name in blocks.names:
        row = cells.get((name, term))
        if row is None:
            line += [Cell("")] * len(_SHOWN)
            continue
        mark = "*" * stars(row["p"]) if given(row.get("p")) else ""
        headline = row in blocks.of_effect("total")
        for key, kind in _SHOWN.items():
            # Only the coefficient carries the reason's letter: one letter a row is enough to find the note.
            reason = row.get("reason") if key == "b" else ""
            bold = headline and key == "b"
            line.append(notes.cell(row.get(key), kind, reason, mark=mark if key == "b" else "", bold=bold))
    return Row(tuple(line))


def _summary(blocks: Blocks, context: Context, notes: Footnotes) -> list[Row]:
    """Return the rows below the coefficients, each value under its model's B."""
    body: list[Row] = []
    for number, (name, (label, kind)) in enumerate(_SUMMARY.items()):
        remark = {"reason": _remark(blocks)} if name == "clusters" else {}
        line = [notes.label(context.words(label), remark)]
        for model in blocks.names:
            row = blocks.model(model)
            if name == "df":
                line += [notes.cell(row.get("df1"), kind), notes.cell(row.get("df2"), kind)]
                line += [Cell("")] * (len(_SHOWN) - 2)
                continue
            mark = "*" * stars(row["p_change"]) if name == "f_change" and given(row.get("p_change")) else ""
            line.append(notes.cell(row.get(name), kind, row.get("reason"), mark=mark))
            line += [Cell("")] * (len(_SHOWN) - 1)
        body.append(Row(tuple(line), rule=number == 0))
    return body


def _remark(blocks: Blocks) -> str:
    """Return what the models' rows say about their clusters, nothing where they are plenty."""
    return next((str(row["note"]) for row in blocks.models if given(row.get("note")) and row["note"]), "")


def _general(blocks: Blocks, context: Context) -> list[str]:
    words = context.words
    types = list(
        dict.fromkeys(str(row["se_type"]) for row in blocks.coefficients if given(row.get("se_type")))
    )
    if any(given(row.get("clusters")) and float(row["clusters"]) > 0 for row in blocks.models):
        notes = [words("note.regression")]
    else:
        spelled = [words.term("term", name) for name in types]
        notes = [words("note.regression_plain", se_type=words("numbers.list").join(spelled))]
    total, direct = blocks.model_of("total"), blocks.model_of("direct")
    block = context.block(blocks.school_block)
    if total and direct:
        notes.append(words("note.regression_total", block=block, total=total, direct=direct))
    elif total:
        notes.append(words("note.regression_total_only", block=block, total=total))
    references = _references(blocks, context)
    if references:
        notes.append(words("note.reference", levels=words("numbers.clause").join(references)))
    return notes


def _references(blocks: Blocks, context: Context) -> list[str]:
    """Return ``question: answer`` of what the dummies of each question are compared with."""
    found: dict[str, str] = {}
    for row in blocks.coefficients:
        name, separator, _ = str(row["term"]).partition("=")
        if separator and given(row.get("reference")) and row["reference"] != "":
            found[name] = context.group_level(blocks.role, name, row["reference"])
    colon = context.words("numbers.colon")
    return [f"{context.group(blocks.role, name)}{colon}{level}" for name, level in found.items()]
