"""Tables of what is made beside a regression: ordered answers, mediation, specifications."""

from manyi_outputs.appendix.footnotes import Footnotes, said
from manyi_outputs.appendix.provenance import counted
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.appendix.regression import probability_note
from manyi_outputs.appendix.table import Cell, Column, Row, Table, section_row
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import SIGNIFICANT, stars

_ORDINAL = {
    "estimate": Kind.coefficient,
    "se": Kind.coefficient,
    "p": Kind.p,
    "odds_ratio": Kind.ratio,
    "odds_ratio_low": Kind.ratio,
    "odds_ratio_high": Kind.ratio,
}
#: The row of `proportional_odds` that tests all terms at once.
_ALL_TERMS = "(all)"
_PATH = {
    "estimate": Kind.coefficient,
    "se": Kind.coefficient,
    "low": Kind.coefficient,
    "high": Kind.coefficient,
}
_SUMMARY = {
    "computed": Kind.count,
    "median": Kind.coefficient,
    "smallest": Kind.coefficient,
    "largest": Kind.coefficient,
    "same_sign": Kind.share,
    "significant_same_sign": Kind.share,
}


def explained(tables: Tables, context: Context) -> list[Table]:
    """Return the tables of ordered answers, mediation and specifications that the results can fill."""
    return [*_ordinal(tables, context), *_mediation(tables, context), *_specifications(tables, context)]


def _ordinal(tables: Tables, context: Context) -> list[Table]:
    """Return one table an outcome: all its models and what they say of satisfied or not."""
    made = []
    coefficients = records(tables, "ordinal")
    effects = records(tables, "marginal_effects")
    for (role, outcome), models in grouped(records(tables, "ordinal_models"), "role", "outcome"):
        made.append(_ordinal_table(role, outcome, models, coefficients, effects, tables, context))
    return made


def _model(row: Record) -> tuple[str, str]:
    return str(row["answer"]), str(row["link"])


def _ordinal_table(
    role: str,
    outcome: str,
    models: list[Record],
    coefficients: list[Record],
    effects: list[Record],
    tables: Tables,
    context: Context,
) -> Table:
    words, notes = context.words, Footnotes(context)
    body: list[Row] = []
    for model in models:
        answer, link = _model(model)
        least = context.answer(role, outcome, model["at_least"]) if given(model.get("at_least")) else ""
        body.append(section_row(words(f"term.ordinal_{answer}", link=words.term("link", link), least=least)))
        if given(model.get("reason")) and model["reason"]:
            blank = (Cell("") for _ in range(len(_ORDINAL)))
            first = notes.cell(None, Kind.coefficient, model["reason"])
            body.append(Row((Cell(words("term.none_computed")), first, *blank)))
            continue
        own = [row for row in coefficients if _is(row, role, outcome, answer, link)]
        share = {str(row["term"]): row for row in effects if _is(row, role, outcome, answer, link)}
        for row in own:
            term = str(row["term"])
            cells = []
            for name, kind in _ORDINAL.items():
                mark = "*" * stars(row["p"]) if name == "estimate" and given(row.get("p")) else ""
                cells.append(notes.cell(row[name], kind, mark=mark) if given(row.get(name)) else Cell(""))
            effect = share.get(term, {}).get("effect")
            cells.append(notes.cell(effect, Kind.coefficient) if given(effect) else Cell(""))
            body.append(Row((Cell(context.threshold(role, outcome, term)), *cells)))
        body.append(
            Row((Cell(_facts(model, context)), *(Cell("") for _ in range(len(_ORDINAL) + 1))), rule=True)
        )
    ratio = words("heading.odds_limits", level=context.level)
    columns = (
        Column(words("heading.term"), width=34, words=True),
        Column(words("heading.b"), width=11, room="***"),
        Column(words("heading.se"), width=9),
        Column(words("heading.p"), width=9),
        Column(words("heading.odds_ratio"), width=9),
        Column(words("heading.low"), ratio, width=9),
        Column(words("heading.high"), ratio, width=9),
        Column(words("heading.marginal"), width=11),
    )
    general = [words("note.ordinal"), words("note.marginal")]
    general += parallel_slopes(role, outcome, tables, context)
    return Table(
        f"ordinal-{role}-{outcome}",
        "regression",
        words("title.ordinal", role=context.role(role), outcome=context.text(role, outcome)),
        columns,
        tuple(body),
        tuple(general),
        notes.specific,
        probability_note(context),
    )


def _is(row: Record, role: str, outcome: str, answer: str, link: str) -> bool:
    return (str(row["role"]), str(row["outcome"]), *_model(row)) == (role, outcome, answer, link)


def _facts(model: Record, context: Context) -> str:
    return context.words(
        "term.ordinal_facts",
        n=int(model["n"]),
        schools=int(model["clusters"]),
        r2=context.numerals.text(Kind.bounded, float(model["r2_mcfadden"])),
    )


def parallel_slopes(role: str, outcome: str, tables: Tables, context: Context) -> list[str]:
    """Return what the tests of parallel slopes say: terms that differ between thresholds; why there is none.

    Parameters
    ----------
    role, outcome : str
    tables : Mapping
        Name -> tidy result table.
    context : Context
        Language and titles.
    """
    words = context.words
    rows = [
        row
        for row in records(tables, "proportional_odds")
        if str(row["role"]) == role and str(row["outcome"]) == outcome
    ]
    sentences = []
    for (link,), members in grouped(rows, "link"):
        named = words.term("link", link)
        # With clustered errors F, which allows for how few schools the covariance rests on.
        tested = {
            str(row["term"]): row["p_f"] if given(row.get("p_f")) else row["p"]
            for row in members
            if given(row.get("p_f")) or given(row.get("p"))
        }
        reason = next(filter(None, (said(row.get("reason")) for row in members)), "")
        if not tested and reason:
            sentences.append(words("note.parallel_unknown", link=named, reason=context.reason(reason)))
        if not tested:
            continue
        whole = tested.pop(_ALL_TERMS, None)
        low = [name for name, p in tested.items() if p < SIGNIFICANT]
        terms = [row for row in members if str(row["term"]) in tested]
        sentences.append(
            words(
                "note.parallel_differ" if low else "note.parallel_alike",
                link=named,
                p=words("numbers.equals") + "—" if whole is None else context.p_clause(whole),
                terms=words("numbers.list").join(_of_one_question(role, name, context) for name in low),
                k=counted(len(terms), "count(term)", terms, "term"),
            )
        )
    return sentences


def _of_one_question(role: str, name: str, context: Context) -> str:
    """Return the title of a term, of the dummies of one question, ``SEX=2 SEX=3``, that of the question."""
    first, *others = name.split(" ")
    return context.group(role, first.partition("=")[0]) if others else context.term(role, first)


def _mediation(tables: Tables, context: Context) -> list[Table]:
    rows = records(tables, "mediation")
    made = []
    for (role, outcome), members in grouped(rows, "role", "outcome"):
        words, notes = context.words, Footnotes(context)
        body: list[Row] = []
        for (levels, predictor), paths in grouped(members, "levels", "predictor"):
            heading = words(
                f"term.mediation_{'two' if levels != 'single' else 'single'}",
                predictor=context.term(role, predictor),
            )
            body.append(section_row(heading))
            for row in paths:
                if row["path"] == "indirect-latent" and not given(row.get("estimate")):
                    # That the schools' true means cannot be told apart is in the tidy table.
                    continue
                body.append(_path_row(row, role, context, notes))
        limits = words("heading.confidence", level=context.level)
        columns = (
            Column(words("heading.path"), width=44, words=True),
            Column(words("heading.estimate"), width=11),
            Column(words("heading.se"), width=9),
            Column(words("heading.low"), limits, width=10),
            Column(words("heading.high"), limits, width=10),
            Column(words("heading.interval"), width=16, words=True),
        )
        made.append(
            Table(
                f"mediation-{role}-{outcome}",
                "regression",
                words("title.mediation", role=context.role(role), outcome=context.index(role, outcome)),
                columns,
                tuple(body),
                (words("note.mediation"), words("note.mediation_levels"), words("note.no_cause")),
                notes.specific,
            )
        )
    return made


def _path_row(row: Record, role: str, context: Context, notes: Footnotes) -> Row:
    words = context.words
    mediator = str(row["mediator"]) if given(row.get("mediator")) else ""
    through = words("term.all_mediators") if mediator == "(all)" else context.index(role, mediator)
    key = str(row["path"]).replace("-", "_")
    title = words(f"path.{key}", mediator=through if mediator else "")
    limits = number(row.get("low")), number(row.get("high"))
    clear = None not in limits and (limits[0] or 0.0) * (limits[1] or 0.0) > 0
    bold = key.startswith("indirect") and clear
    cells = (
        notes.cell(row.get(name), kind, row.get("reason"), bold=bold and name == "estimate")
        for name, kind in _PATH.items()
    )
    interval = words.term("interval", str(row["interval"])) if given(row.get("interval")) else ""
    return Row((Cell(title), *cells, Cell(interval)))


def _specifications(tables: Tables, context: Context) -> list[Table]:
    made = []
    rows = records(tables, "specification")
    summaries = records(tables, "specification_summary")
    for (role, regression), members in grouped(rows, "role", "regression"):
        own = [row for row in summaries if (str(row["role"]), str(row["regression"])) == (role, regression)]
        if own:
            made.append(_specification_summary(role, regression, own, context))
        made.append(_curve(role, regression, members, context))
    return made


def _specification_summary(role: str, regression: str, rows: list[Record], context: Context) -> Table:
    words, notes = context.words, Footnotes(context)
    body = tuple(
        Row(
            (
                Cell(context.term(role, str(row["term"]))),
                *(notes.cell(row.get(name), kind) for name, kind in _SUMMARY.items()),
            )
        )
        for row in rows
    )
    columns = (
        Column(words("heading.term"), width=34, words=True),
        *(Column(words(f"heading.specification_{name}"), width=11) for name in _SUMMARY),
    )
    return Table(
        f"specification-summary-{role}-{regression}",
        "regression",
        words(
            "title.specification_summary", role=context.role(role), outcome=context.index(role, regression)
        ),
        columns,
        body,
        (words("note.specification"), words("note.specification_summary")),
        notes.specific,
    )


def _curve(role: str, regression: str, rows: list[Record], context: Context) -> Table:
    """Return one row a combination of choices, the effect of each headline term beside the other."""
    words, notes = context.words, Footnotes(context)
    terms = list(dict.fromkeys(str(row["term"]) for row in rows if row.get("term")))
    body = []
    for _, members in grouped(rows, "specification"):
        first = members[0]
        of = {str(row["term"]): row for row in members}
        line = [
            Cell(context.index(role, str(first["outcome"]))),
            Cell(words.term("cleaning_choice", str(first["cleaning"]))),
            Cell(_controls(str(first["controls"]), context)),
            notes.cell(first["n"] if int(first["n"]) else None, Kind.count, first.get("reason")),
        ]
        for term in terms:
            row = of.get(term, {})
            mark = "*" * stars(row["p"]) if given(row.get("p")) else ""
            line.append(notes.cell(row.get("estimate"), Kind.coefficient, row.get("reason"), mark=mark))
        body.append(Row(tuple(line)))
    spanner = words("heading.standardized_effect")
    columns = (
        Column(words("heading.outcome"), width=26, words=True),
        Column(words("heading.cleaning"), width=14, words=True),
        Column(words("heading.controls"), width=16, words=True),
        Column(words("heading.n"), width=8),
        *(Column(term, spanner, width=10, room="***") for term in terms),
    )
    named = (f"{term} {context.indicators[term]}" for term in terms if term in context.indicators)
    legend = words("numbers.clause").join(named)
    general = [words("note.specification")]
    if legend:
        general.append(words("note.indicators", list=legend))
    return Table(
        f"specification-{role}-{regression}",
        "regression",
        words("title.specification", role=context.role(role), outcome=context.index(role, regression)),
        columns,
        tuple(body),
        tuple(general),
        notes.specific,
        probability_note(context),
    )


def _controls(name: str, context: Context) -> str:
    words = context.words
    if name == "none":
        return words("term.no_controls")
    return words("numbers.list").join(context.block(part) for part in name.split("+"))
