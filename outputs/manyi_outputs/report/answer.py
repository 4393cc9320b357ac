"""What the report says first: sample, total effect of the school indicators, satisfaction, reliability."""

from dataclasses import dataclass
from statistics import median

from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.appendix.regression import Blocks, regressions
from manyi_outputs.appendix.robustness import Choices, all_choices, changed, result_key
from manyi_outputs.appendix.satisfaction import headline_rows, value_kind
from manyi_outputs.context import Context
from manyi_outputs.report.correlations import correlation_findings
from manyi_outputs.report.differences import difference_findings
from manyi_outputs.report.explained import explained_findings
from manyi_outputs.report.finding import Finding
from manyi_outputs.report.measurement import measurement
from manyi_outputs.report.monitoring import monitoring_findings
from manyi_outputs.report.satisfaction import level_findings, retest_findings
from manyi_outputs.report.standard import standard_findings
from manyi_outputs.report.structure import roles_findings, structure
from manyi_outputs.report.voices import voices_findings
from manyi_outputs.wording import Kind

#: A test is called significant below this.
SIGNIFICANT = 0.05
#: Alphas below this are named.
ACCEPTABLE = 0.70


@dataclass(frozen=True, slots=True)
class Answer:
    """The opening of the report.

    Parameters
    ----------
    sample, effects, satisfaction, reliability, robustness : tuple of Finding
    differences, correlations, structure, explained, roles, monitoring, voices : tuple of Finding
    notes : tuple of str
        What holds for all effects.
    """

    sample: tuple[Finding, ...]
    effects: tuple[Finding, ...]
    satisfaction: tuple[Finding, ...]
    reliability: tuple[Finding, ...]
    robustness: tuple[Finding, ...]
    differences: tuple[Finding, ...]
    correlations: tuple[Finding, ...]
    structure: tuple[Finding, ...]
    explained: tuple[Finding, ...]
    roles: tuple[Finding, ...]
    standard: tuple[Finding, ...]
    monitoring: tuple[Finding, ...]
    voices: tuple[Finding, ...]
    notes: tuple[str, ...]


def answer(tables: Tables, context: Context) -> Answer:
    """Return the opening of the report from the result tables."""
    explained = [blocks for blocks in regressions(tables, context) if blocks.school_block]
    effects = tuple(_effect(blocks, context) for blocks in explained)
    words = context.words
    return Answer(
        sample=_sample(tables, context),
        effects=effects or _without_effects(tables, context),
        satisfaction=(*_satisfaction(tables, context), *level_findings(tables, context)),
        reliability=(
            *_reliability(tables, context),
            *measurement(tables, context),
            *retest_findings(tables, context),
        ),
        robustness=_robustness(tables, context),
        differences=difference_findings(tables, context),
        correlations=correlation_findings(tables, context),
        structure=structure(tables, context),
        explained=explained_findings(tables, context),
        roles=roles_findings(tables, context),
        standard=standard_findings(tables, context),
        monitoring=monitoring_findings(tables, context),
        voices=voices_findings(tables, context),
        notes=(words("report.effect_read"), words("report.effect_tests")) if effects else (),
    )


def _sample(tables: Tables, context: Context) -> tuple[Finding, ...]:
    words, found = context.words, []
    for row in records(tables, "return"):
        rate = number(row.get("valid_rate"))
        found.append(
            Finding(
                words(
                    "report.sample_role",
                    role=context.role(str(row["role"])),
                    received=int(row["received"]),
                    valid=int(row["valid"]),
                    rate="—" if rate is None else context.numerals.text(Kind.share, rate),
                )
            )
        )
    schools = {str(row["school"]) for row in records(tables, "school_indicators")}
    if schools:
        found.append(Finding(words("report.sample_schools", schools=len(schools))))
    return tuple(found)


def _without_effects(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return that there is no regression; a comparison of studies has none and need not say so."""
    compared = "compared_instruments" in tables
    return () if compared else (Finding(context.words("report.effect_without")),)


def _effect(blocks: Blocks, context: Context) -> Finding:
    """Return what one regression says about the school indicators together and one by one."""
    words, numerals = context.words, context.numerals
    names = {
        "role": context.role(blocks.role),
        "outcome": context.index(blocks.role, blocks.outcome),
        "block": context.block(blocks.school_block),
    }
    model = blocks.model(blocks.model_of("total"))
    terms = [row for row in blocks.of_effect("total") if given(row.get("b")) and given(row.get("p"))]
    p, f = number(model.get("p_change")), number(model.get("f_change"))
    if p is None or f is None:
        reason = str(model.get("reason") or "") or next(
            (str(row["reason"]) for row in blocks.of_effect("total") if row.get("reason")), ""
        )
        said = context.reason(reason) if reason else ""
        return Finding(words("report.effect_unknown", reason=said, **names), kind="unknown")
    delta = number(model.get("delta_r2"))
    lead = words(
        "report.effect_found" if p < SIGNIFICANT else "report.effect_null",
        members=_members(blocks, len(terms), context),
        delta="—" if delta is None else numerals.text(Kind.bounded, delta),
        df1=numerals.text(Kind.df, float(model["df1"])),
        df2=numerals.text(Kind.df, float(model["df2"])),
        f=numerals.text(Kind.statistic, f),
        p=context.p_clause(p),
        **names,
    )
    rest = [] if p < SIGNIFICANT else [words("report.effect_null_meaning")]
    rest += _terms(blocks, terms, context)
    return Finding(lead, tuple(rest), "found" if p < SIGNIFICANT else "null")


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
            b=numerals.text(Kind.coefficient, float(row["b"])),
            low=numerals.text(Kind.coefficient, float(row["low"])),
            high=numerals.text(Kind.coefficient, float(row["high"])),
            level=context.level,
            p=context.p_clause(float(row["p"])),
        )
        for row in significant
    ]
    sentences = [
        words("report.effect_terms", terms=words("numbers.clause").join(spelled))
        if spelled
        else words("report.effect_none")
    ]
    if spelled and len(spelled) < len(terms):
        sentences.append(words("report.effect_rest", n=len(terms) - len(spelled)))
    return sentences


def _satisfaction(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return the first index of every role, then the definition it has."""
    words, numerals, found = context.words, context.numerals, []
    overall = [row for row in headline_rows(records(tables, "satisfaction")) if str(row["group"]) == "all"]
    definition = ""
    for (role,), rows in grouped(overall, "role"):
        row = rows[0]
        definition = str(row["definition"])
        value, kind = number(row.get("value")), value_kind(definition)
        if value is None:
            reason = str(row.get("reason") or "")
            lead = f"{context.role(role)}{words('numbers.colon')}{context.reason(reason) if reason else '—'}"
            found.append(Finding(lead, kind="unknown"))
            continue
        limits = {
            name: "—" if (limit := number(row.get(name))) is None else numerals.text(kind, limit)
            for name in ("low", "high")
        }
        lead = words(
            "report.satisfaction_role",
            role=context.role(role),
            index=context.index(role, str(row["index"])),
            value=numerals.text(kind, value),
            level=context.level,
            n=int(row["n"]),
            **limits,
        )
        found.append(Finding(lead))
    if definition:
        said = words.term("definition", definition)
        found.append(Finding("", (words("report.satisfaction_definition", definition=said),)))
    return tuple(found)


def _reliability(tables: Tables, context: Context) -> tuple[Finding, ...]:
    words, numerals, found = context.words, context.numerals, []
    rows = [
        row
        for row in records(tables, "reliability")
        if str(row.get("group", "all")) == "all" and str(row["scale"]) != "all" and given(row.get("alpha"))
    ]
    for (role,), scales in grouped(rows, "role"):
        alphas = {str(row["scale"]): float(row["alpha"]) for row in scales}
        lead = words(
            "report.reliability_role",
            role=context.role(role),
            k=len(alphas),
            low=numerals.text(Kind.bounded, min(alphas.values())),
            high=numerals.text(Kind.bounded, max(alphas.values())),
            median=numerals.text(Kind.bounded, median(alphas.values())),
        )
        weak = [
            f"{context.scale(role, scale)} {numerals.text(Kind.bounded, alpha)}"
            for scale, alpha in alphas.items()
            if alpha < ACCEPTABLE
        ]
        rest = (
            words(
                "report.reliability_weak",
                cut=words("report.threshold_alpha"),
                scales=words("numbers.list").join(weak),
            ),
        )
        found.append(Finding(lead, rest if weak else ()))
    return tuple(found)


def _robustness(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return for each role how far other cleaning choices move its main results."""
    words, found = context.words, []
    for choices in all_choices(tables):
        rows = [row for _, members in choices.others for row in members]
        largest = {
            statistic: max((choices.size(row) for row in changed(rows, statistic)), default=None)
            for statistic in ("alpha", "index")
        }
        if None in largest.values():
            continue
        shown = {
            name: context.numerals.text(choices.kind(name), value or 0.0) for name, value in largest.items()
        }
        lead = words(
            "report.robustness_role", role=context.role(choices.role), k=len(choices.others), **shown
        )
        found.append(Finding(lead, _turned(choices, context)))
    return tuple(found)


def _turned(choices: Choices, context: Context) -> tuple[str, ...]:
    """Return which main coefficients change in significance under some choice."""
    words = context.words
    total = sum(given(row["value"]) for key, row in choices.planned.items() if key[0] == "coefficient")
    if not total:
        return ()
    terms = dict.fromkeys(
        result_key(row)[2] for _, rows in choices.others for row in rows if choices.turned([row])
    )
    if not terms:
        return (words("report.robustness_steady", total=total),)
    named = words("numbers.list").join(context.term(choices.role, term) for term in terms)
    return (words("report.robustness_turned", total=total, turned=len(terms), terms=named),)
