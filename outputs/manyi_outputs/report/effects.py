"""What the report says of the school indicators: the joint test, its size, the terms one by one."""

from manyi_outputs.appendix.provenance import as_float, counted, not_below
from manyi_outputs.appendix.records import Record, Tables, given, number
from manyi_outputs.appendix.regression import Blocks, regressions
from manyi_outputs.context import Context
from manyi_outputs.report.finding import Finding
from manyi_outputs.report.size import f_squared, sized
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import SIGNIFICANT


def effect_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return what each regression says of the school block; that there is none, where there is none."""
    found = tuple(_effect(blocks, context) for blocks in regressions(tables, context) if blocks.school_block)
    if found or "compared_instruments" in tables:
        # A comparison of studies has no regression and need not say so.
        return found
    return (Finding(context.words("report.effect_without")),)


def _effect(blocks: Blocks, context: Context) -> Finding:
    """Return what one regression says about the school indicators together and one by one."""
    words, numerals = context.words, context.numerals
    names = {
        "role": context.role(blocks.role),
        "outcome": context.index(blocks.role, blocks.outcome),
        "block": context.block(blocks.school_block),
    }
    place = ("regression_models", "regression"), (f"regression-{blocks.role}-{blocks.outcome}",)
    model = blocks.model(blocks.model_of("total"))
    terms = [row for row in blocks.of_effect("total") if given(row.get("b")) and given(row.get("p"))]
    p, f = number(model.get("p_change")), number(model.get("f_change"))
    if p is None or f is None:
        reason = str(model.get("reason") or "") or next(
            (str(row["reason"]) for row in blocks.of_effect("total") if row.get("reason")), ""
        )
        said = context.reason(reason) if reason else ""
        lead = words("report.effect_unknown", reason=said, **names)
        return Finding(lead, kind="unknown").shown_in(*place)
    delta = number(model.get("delta_r2"))
    lead = words(
        "report.effect_found" if p < SIGNIFICANT else "report.effect_null",
        members=_members(blocks, counted(len(terms), "count(b)", terms, "b"), context),
        delta="—" if delta is None else numerals.text(Kind.bounded, delta),
        df1=numerals.text(Kind.df, as_float(model["df1"])),
        df2=numerals.text(Kind.df, as_float(model["df2"])),
        f=numerals.text(Kind.statistic, f),
        p=context.p_clause(p),
        **names,
    )
    rest = [] if p < SIGNIFICANT else [words("report.effect_null_meaning")]
    rest += [*_corrected(model, context), *_terms(blocks, terms, context)]
    return Finding(
        lead,
        tuple(rest),
        "found" if p < SIGNIFICANT else "null",
        tested=words("report.effect_tested"),
        size=_size(model, delta, context),
        beyond=words("report.effect_beyond"),
    ).shown_in(*place)


def _size(model: Record, delta: float | None, context: Context) -> str:
    r2 = number(model.get("r2"))
    f2 = None if delta is None or r2 is None else f_squared(delta, r2)
    named = sized("f2", f2, context)
    if delta is None or not named:
        return ""
    shown = context.numerals.text(Kind.share, delta)
    return context.words("report.effect_size", share=shown, size=named)


def _corrected(model: Record, context: Context) -> list[str]:
    """Return the joint test once more with the errors that few schools need."""
    f, p = number(model.get("f_change_cr2")), number(model.get("p_change_cr2"))
    if f is None or p is None:
        return []
    text = context.numerals.text
    shown = {"df1": as_float(model["df1"]), "df2": as_float(model["df2_cr2"])}
    return [
        context.words(
            "report.effect_corrected",
            f=text(Kind.statistic, f),
            p=context.p_clause(p),
            **{name: text(Kind.df, value) for name, value in shown.items()},
        )
    ]


def _members(blocks: Blocks, count: int, context: Context) -> str:
    """Return how many indicators entered, and what entered beside them: the joint test covers both."""
    words = context.words
    others = [context.group(blocks.role, name) for name in blocks.beside]
    if not others:
        return words("report.members", k=count)
    return words("report.members_beside", k=count, others=words("numbers.list").join(others))


def _terms(blocks: Blocks, terms: list[Record], context: Context) -> list[str]:
    """Return which indicators have a significant total effect, and how many do not."""
    words, numerals = context.words, context.numerals
    significant = [row for row in terms if float(row["p"]) < SIGNIFICANT]
    spelled = [
        words(
            "report.effect_term",
            indicator=context.term(blocks.role, str(row["term"])),
            b=numerals.text(Kind.coefficient, as_float(row["b"])),
            low=numerals.text(Kind.coefficient, as_float(row["low"])),
            high=numerals.text(Kind.coefficient, as_float(row["high"])),
            level=context.level,
            p=context.p_clause(as_float(row["p"])),
        )
        for row in significant
    ]
    sentences = [
        words("report.effect_terms", terms=words("numbers.clause").join(spelled))
        if spelled
        else words("report.effect_none")
    ]
    left = counted(len(terms) - len(spelled), not_below(SIGNIFICANT), terms, "p")
    if spelled and left:
        sentences.append(words("report.effect_rest", n=left))
    return sentences
