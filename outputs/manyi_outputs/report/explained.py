"""What the report says beside the regressions: levels, other errors, importance, paths, other choices."""

from manyi_outputs.appendix.multilevel import model_name, term_title
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.appendix.regression import Blocks, regressions
from manyi_outputs.context import Context, plain
from manyi_outputs.report.finding import Finding
from manyi_outputs.wording import Kind

#: A test is called significant below this.
SIGNIFICANT = 0.05


def explained_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return one finding a regression with schools, and how all are to be read."""
    found = []
    for blocks in regressions(tables, context):
        levels = _levels(blocks, tables, context)
        rest = [
            *_errors(blocks, context),
            *_mixed(blocks, tables, context),
            *_interactions(blocks, tables, context),
            *_importance(blocks, tables, context),
            *_mediation(blocks, tables, context),
            *_specification(blocks, tables, context),
        ]
        if levels or rest:
            found.append(Finding(levels, tuple(rest)))
    if found:
        found.append(Finding("", (context.words("report.explained_read"),)))
    return tuple(found)


def _of(blocks: Blocks, tables: Tables, name: str) -> list[Record]:
    return [
        row
        for row in records(tables, name)
        if str(row["role"]) == blocks.role and str(row.get("outcome", blocks.outcome)) == blocks.outcome
    ]


def _listed(terms: list[str], context: Context) -> str:
    return context.words("numbers.list").join(terms)


def _levels(blocks: Blocks, tables: Tables, context: Context) -> str:
    """Return how much lies between schools, and what is left of it with the headline block."""
    rows = {plain(row["model"]): row for row in _of(blocks, tables, "multilevel_models")}
    null, total = rows.get("empty", {}), rows.get(blocks.model_of("total"), {})
    if not all(given(row.get(name)) for row in (null, total) for name in ("icc", "var_school")):
        return ""
    numerals = context.numerals
    said = context.words(
        "report.explained_levels",
        role=context.role(blocks.role),
        outcome=context.index(blocks.role, blocks.outcome),
        icc=numerals.text(Kind.bounded, float(null["icc"])),
        block=context.block(blocks.school_block),
        marginal=numerals.text(Kind.bounded, float(total["r2_marginal"])),
        null=numerals.text(Kind.coefficient, float(null["var_school"])),
        left=numerals.text(Kind.coefficient, float(total["var_school"])),
    )
    for name, row in rows.items():
        if true(row.get("singular")):
            said += context.words("layout.join") + context.words(
                "report.explained_singular", model=model_name(context, name)
            )
    return said


def _errors(blocks: Blocks, context: Context) -> list[str]:
    """Return which total effects change in significance with the errors planned second."""
    total = [row for row in blocks.of_effect("total") if given(row.get("p"))]
    model = blocks.model_of("total")
    others = {
        str(row["term"]): float(row["p"])
        for row in blocks.other_errors
        if plain(row["model"]) == model and given(row.get("p"))
    }
    both = [row for row in total if str(row["term"]) in others]
    if not both:
        return []
    turned = [
        context.term(blocks.role, str(row["term"]))
        for row in both
        if (float(row["p"]) < SIGNIFICANT) != (others[str(row["term"])] < SIGNIFICANT)
    ]
    if turned:
        return [context.words("report.explained_errors_turned", terms=_listed(turned, context))]
    return [context.words("report.explained_errors_same", k=len(both))]


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
                b=context.numerals.text(Kind.coefficient, float(row["estimate"])),
                p=context.p_clause(float(row["p"])),
            )
        )
    return said


def _importance(blocks: Blocks, tables: Tables, context: Context) -> list[str]:
    rows = [
        row
        for row in _of(blocks, tables, "importance")
        if str(row["among"]) == "headline" and given(row.get("percent"))
    ]
    if not rows:
        return []
    first = max(rows, key=lambda row: float(row["percent"]))
    return [
        context.words(
            "report.explained_importance",
            block=context.block(blocks.school_block),
            first=context.term(blocks.role, str(first["term"])),
            percent=context.numerals.text(Kind.index, float(first["percent"])),
        )
    ]


def _mediation(blocks: Blocks, tables: Tables, context: Context) -> list[str]:
    """Return the indirect effect of each predictor over all its mediators, nulls as nulls."""
    words, numerals, said = context.words, context.numerals, []
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
        said.append(
            words(
                "report.explained_mediation" if clear else "report.explained_mediation_null",
                predictor=context.term(blocks.role, predictor),
                mediators=_listed(names, context),
                level=context.level,
                value=numerals.text(Kind.coefficient, float(whole["estimate"])),
                low=numerals.text(Kind.coefficient, float(whole["low"])),
                high=numerals.text(Kind.coefficient, float(whole["high"])),
                total=numerals.text(Kind.coefficient, float(total[0]["estimate"])),
            )
        )
    return said


def _specification(blocks: Blocks, tables: Tables, context: Context) -> list[str]:
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
    return [
        words(
            "report.explained_specification" if steady else "report.explained_specification_none",
            k=max(int(row["computed"]) for row in rows),
            steady=_listed(steady, context),
            never=_listed(never, context) if never else words("report.nobody"),
        )
    ]
