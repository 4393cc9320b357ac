"""What the report says beside the regressions: levels, importance, paths, other errors and choices."""

from collections.abc import Callable, Sequence

from manyi_outputs.appendix.multilevel import model_name, term_title
from manyi_outputs.appendix.provenance import as_float, as_int, counted
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.appendix.regression import Blocks, regressions
from manyi_outputs.context import Context, plain
from manyi_outputs.report.finding import Finding, under
from manyi_outputs.report.ordered_answers import imputed_ordered_findings
from manyi_outputs.report.significance import turned
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import SIGNIFICANT

_Maker = Callable[[Blocks, Tables, Context], list[Finding]]


def explained_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return levels, importance and paths of every regression, under their headings."""
    words = context.words
    return (
        *under(
            _all(_levels, tables, context),
            words("report.explained"),
            words("report.explained_tested"),
            words("report.explained_beyond"),
        ),
        *under(
            _all(_importance, tables, context),
            words("report.importance"),
            words("report.importance_tested"),
            words("report.importance_beyond"),
        ),
        *under(
            _all(_mediation, tables, context),
            words("report.mediation"),
            words("report.mediation_tested"),
            words("report.explained_read"),
        ),
    )


def steady_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return whether the regressions' findings hold with other errors and under other choices."""
    words = context.words
    return (
        *under(
            _all(_specification, tables, context),
            words("report.specification"),
            words("report.specification_tested"),
            words("report.specification_beyond"),
        ),
        *under(_all(_errors, tables, context), words("report.errors"), words("report.errors_tested")),
        *under(
            [*_all(_imputed, tables, context), *imputed_ordered_findings(tables, context)],
            words("report.imputed"),
            words("report.imputed_tested"),
            words("report.imputed_beyond"),
        ),
    )


def _all(make: _Maker, tables: Tables, context: Context) -> list[Finding]:
    return [each for blocks in regressions(tables, context) for each in make(blocks, tables, context)]


def _of(blocks: Blocks, tables: Tables, name: str) -> list[Record]:
    return [
        row
        for row in records(tables, name)
        if str(row["role"]) == blocks.role and str(row.get("outcome", blocks.outcome)) == blocks.outcome
    ]


def _listed(terms: list[str], context: Context) -> str:
    return context.words("numbers.list").join(terms)


def _terms(terms: Sequence[str], blocks: Blocks, context: Context) -> str:
    return _listed([context.term(blocks.role, term) for term in terms], context)


def _names(blocks: Blocks, context: Context) -> dict[str, str]:
    return {"role": context.role(blocks.role), "outcome": context.index(blocks.role, blocks.outcome)}


def _levels(blocks: Blocks, tables: Tables, context: Context) -> list[Finding]:
    """Return how much lies between schools, what is left of it with the headline block, which terms count."""
    rows = {plain(row["model"]): row for row in _of(blocks, tables, "multilevel_models")}
    null, total = rows.get("empty", {}), rows.get(blocks.model_of("total"), {})
    rest = [*_mixed(blocks, tables, context), *_interactions(blocks, tables, context)]
    if not all(given(row.get(name)) for row in (null, total) for name in ("icc", "var_school")):
        lead = ""
    else:
        numerals = context.numerals
        lead = context.words(
            "report.explained_levels",
            icc=numerals.text(Kind.bounded, as_float(null["icc"])),
            block=context.block(blocks.school_block),
            marginal=numerals.text(Kind.bounded, as_float(total["r2_marginal"])),
            null=numerals.text(Kind.coefficient, as_float(null["var_school"])),
            left=numerals.text(Kind.coefficient, as_float(total["var_school"])),
            **_names(blocks, context),
        )
        rest = [*_singular(rows, context), *rest]
    if not lead and not rest:
        return []
    key = f"{blocks.role}-{blocks.outcome}"
    found = Finding(lead, tuple(rest))
    return [
        found.shown_in(("multilevel_models", "multilevel"), (f"multilevel-{key}", f"multilevel_added-{key}"))
    ]


def _singular(rows: dict[str, Record], context: Context) -> list[str]:
    return [
        context.words("report.explained_singular", model=model_name(context, name))
        for name, row in rows.items()
        if true(row.get("singular"))
    ]


def _mixed(blocks: Blocks, tables: Tables, context: Context) -> list[str]:
    """Return which indicators the mixed model of total effects finds, the others as nulls."""
    model = blocks.model_of("total")
    rows = [
        row
        for row in _of(blocks, tables, "multilevel")
        if plain(row["model"]) == model and str(row["term"]) in blocks.school_terms and given(row.get("p"))
    ]
    if not rows:
        return []
    clear = [context.term(blocks.role, str(row["term"])) for row in rows if row["p"] < SIGNIFICANT]
    nulls = [context.term(blocks.role, str(row["term"])) for row in rows if row["p"] >= SIGNIFICANT]
    words = context.words
    said = [
        words("report.explained_mixed", terms=_listed(clear, context))
        if clear
        else words("report.explained_mixed_none")
    ]
    if nulls:
        said.append(words("report.explained_null", terms=_listed(nulls, context)))
    return said


def _interactions(blocks: Blocks, tables: Tables, context: Context) -> list[str]:
    said = []
    for row in _of(blocks, tables, "multilevel"):
        if str(row["model"]) != "interaction" or "):" not in str(row["term"]) or not given(row.get("p")):
            continue
        key = "explained_interaction_found" if row["p"] < SIGNIFICANT else "explained_interaction"
        said.append(
            context.words(
                f"report.{key}",
                pairs=term_title(context, blocks.role, str(row["term"])),
                b=context.numerals.text(Kind.coefficient, as_float(row["estimate"])),
                p=context.p_clause(as_float(row["p"])),
            )
        )
    return said


def _importance(blocks: Blocks, tables: Tables, context: Context) -> list[Finding]:
    rows = [
        row
        for row in _of(blocks, tables, "importance")
        if str(row["among"]) == "headline" and given(row.get("percent"))
    ]
    if not rows:
        return []
    first = max(rows, key=lambda row: float(row["percent"]))
    lead = context.words(
        "report.explained_importance",
        block=context.block(blocks.school_block),
        first=context.term(blocks.role, str(first["term"])),
        percent=context.numerals.text(Kind.index, as_float(first["percent"])),
        **_names(blocks, context),
    )
    return [Finding(lead).shown_in(("importance",), ("importance-shares",))]


def _mediation(blocks: Blocks, tables: Tables, context: Context) -> list[Finding]:
    """Return the indirect effect of each predictor over all its mediators, nulls as nulls."""
    words, numerals, found = context.words, context.numerals, []
    rows = [row for row in _of(blocks, tables, "mediation") if str(row["levels"]) == "single"]
    for (predictor,), paths in grouped(rows, "predictor"):
        indirect = [row for row in paths if row["path"] == "indirect" and given(row.get("estimate"))]
        total = [row for row in paths if row["path"] == "total" and given(row.get("estimate"))]
        if not indirect or not total:
            continue
        # The sum over all mediators stands last; of a single mediator it is that one.
        whole = indirect[-1]
        names = [
            context.index(blocks.role, str(row["mediator"]))
            for row in indirect
            if str(row["mediator"]) != "(all)"
        ]
        clear = float(whole["low"]) * float(whole["high"]) > 0
        lead = words(
            "report.explained_mediation" if clear else "report.explained_mediation_null",
            predictor=context.term(blocks.role, predictor),
            mediators=_listed(names, context),
            level=context.level,
            value=numerals.text(Kind.coefficient, as_float(whole["estimate"])),
            low=numerals.text(Kind.coefficient, as_float(whole["low"])),
            high=numerals.text(Kind.coefficient, as_float(whole["high"])),
            total=numerals.text(Kind.coefficient, as_float(total[0]["estimate"])),
            **_names(blocks, context),
        )
        key = f"mediation-{blocks.role}-{blocks.outcome}"
        found.append(Finding(lead, kind="found" if clear else "null").shown_in(("mediation",), (key,)))
    return found


def _errors(blocks: Blocks, tables: Tables, context: Context) -> list[Finding]:
    """Return which total effects change in significance with the errors planned second."""
    model = blocks.model_of("total")
    others = [row for row in blocks.other_errors if plain(row["model"]) == model]
    both, terms = turned(blocks.of_effect("total"), others)
    if not both:
        return []
    names = _names(blocks, context)
    if terms:
        lead = context.words("report.explained_errors_turned", terms=_terms(terms, blocks, context), **names)
    else:
        lead = context.words(
            "report.explained_errors_same", k=counted(len(both), "count(p)", both, "p"), **names
        )
    return [Finding(lead).shown_in(("regression",), (f"errors-{blocks.role}-{blocks.outcome}",))]


def _specification(blocks: Blocks, tables: Tables, context: Context) -> list[Finding]:
    """Return which indicators hold under all choices, and which under none."""
    rows = [
        row
        for row in records(tables, "specification_summary")
        if (str(row["role"]), str(row["regression"])) == (blocks.role, blocks.outcome)
    ]
    shares = {str(row["term"]): number(row.get("significant_same_sign")) for row in rows}
    if not shares:
        return []
    words = context.words
    steady = [context.term(blocks.role, term) for term, share in shares.items() if share == 1.0]
    never = [context.term(blocks.role, term) for term, share in shares.items() if share == 0.0]
    lead = words(
        "report.explained_specification" if steady else "report.explained_specification_none",
        k=max(as_int(row["computed"]) for row in rows),
        steady=_listed(steady, context),
        never=_listed(never, context) if never else words("report.nobody"),
        **_names(blocks, context),
    )
    key = f"specification-summary-{blocks.role}-{blocks.outcome}"
    return [Finding(lead).shown_in(("specification_summary",), (key,))]


def _imputed(blocks: Blocks, tables: Tables, context: Context) -> list[Finding]:
    """Return which total effects change in significance once missing answers are imputed."""
    model = blocks.model_of("total")
    models = [row for row in _of(blocks, tables, "regression_imputed_models") if plain(row["model"]) == model]
    others = [row for row in _of(blocks, tables, "regression_imputed") if plain(row["model"]) == model]
    both, terms = turned(blocks.of_effect("total"), others)
    if not both or not models or not given(models[0].get("n")):
        return []
    counts = {
        "n": as_int(blocks.model(model)["n"]),
        "all": as_int(models[0]["n"]),
        "imputed": as_int(models[0]["rows_imputed"]),
        "m": as_int(models[0]["m"]),
        "k": counted(len(both), "count(p)", both, "p"),
    }
    lead = context.words(
        "report.imputed_turned" if terms else "report.imputed_same",
        terms=_terms(terms, blocks, context),
        **counts,
        **_names(blocks, context),
    )
    sources = ("regression_models", "regression", "regression_imputed_models", "regression_imputed")
    return [Finding(lead).shown_in(sources, (f"imputed-{blocks.role}-{blocks.outcome}",))]
