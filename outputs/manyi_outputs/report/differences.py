"""What the report says of differences between groups: tested, found, how large; nulls as nulls."""

import math
from collections.abc import Sequence

from manyi_outputs.appendix.differences import Comparison, comparisons
from manyi_outputs.appendix.provenance import as_float, below, counted
from manyi_outputs.appendix.records import Tables, given, number
from manyi_outputs.context import Context, opened
from manyi_outputs.report.finding import Finding, under
from manyi_outputs.report.size import sized
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import SIGNIFICANT

#: So many differences are spelled out; of more, those of smallest p.
SPELLED = 3


def difference_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return one finding a role and column of groups, and what holds for all."""
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for each in comparisons(tables):
        groups.setdefault((each.role, each.by), []).append(each)
    found = [_finding(role, by, members, context) for (role, by), members in groups.items()]
    words = context.words
    return under(
        found,
        words("report.differences"),
        words("report.differences_tested"),
        words("report.differences_read"),
    )


def _finding(role: str, by: str, members: Sequence[Comparison], context: Context) -> Finding:
    words = context.words
    names = {"role": context.role(role), "by": context.group(role, by)}
    tested = [each for each in members if each.p is not None]
    if not tested:
        reason = next((str(each.test["reason"]) for each in members if each.test.get("reason")), "")
        said = context.reason(reason) if reason else ""
        lead = words("report.differences_unknown", reason=said, **names)
        return Finding(lead, kind="unknown").shown_in(*_place(role, by))
    differing = [each for each in tested if each.found]
    clustered = any(given(each.test.get("p_clustered_adjusted")) for each in tested)
    adjustment = words.term("adjustment", str(tested[0].test.get("adjustment", "none")))
    how = words(
        "report.differences_clustered" if clustered else "report.differences_plain", adjustment=adjustment
    )
    key = "report.differences_found" if differing else "report.differences_null"
    tests = [each.test for each in tested]
    column = "p_clustered_adjusted" if clustered else "p_adjusted"
    counts = {
        "tested": counted(len(tested), "count(p)", tests, column),
        "found": counted(len(differing), below(SIGNIFICANT), tests, column),
    }
    lead = words(key, how=how, **counts, **names)
    found = Finding(
        lead,
        tuple(_sentences(tested, differing, counts["found"] if clustered else None, context)),
        "found" if differing else "null",
        size=_sizes(tested, differing, context),
    )
    return found.shown_in(*_place(role, by))


def _place(role: str, by: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    sources = ("differences", "group_means", "pairwise_differences")
    return sources, (f"differences-{role}-{by}", f"group_answers-{role}-{by}")


def _sizes(tested: Sequence[Comparison], differing: Sequence[Comparison], context: Context) -> str:
    """Return how large the differences found are, in words; of nulls the first outcome's."""
    told = []
    for each in differing or tested[:1]:
        name, value = standardized(each)
        said = sized(name, value, context)
        if said:
            told.append(
                f"{opened(context.index(each.role, each.outcome))}{context.words('numbers.colon')}{said}"
            )
    return (
        context.words("report.differences_size", sizes=context.words("numbers.clause").join(told))
        if told
        else ""
    )


def standardized(each: Comparison) -> tuple[str, float | None]:
    """Return the name and value of an effect that has a benchmark.

    Notes
    -----
    V of a table of r rows and c columns becomes ``w = V sqrt(min(r, c) - 1)``, whose benchmarks do not depend
    on the size of the table: Cohen (1988, equation 7.2.7).
    """
    name, value = str(each.test["effect_name"]), number(each.test.get("effect"))
    if name != "cramers_v" or value is None:
        return name, value
    groups, df = len(str(each.test.get("sizes", "")).split()), number(each.test.get("df1"))
    if groups < 2 or not df:
        return "", None
    return "w", value * math.sqrt(min(groups - 1, df / (groups - 1)))


def _sentences(
    tested: Sequence[Comparison], differing: Sequence[Comparison], clustered: int | None, context: Context
) -> list[str]:
    """Return the first outcome in any case, the largest differences, and what naive tests would say."""
    words, first = context.words, tested[0]
    sentences = [words("report.differences_first", difference=_said(first, context))]
    others = sorted((each for each in differing if each is not first), key=lambda each: each.p or 0.0)
    if others:
        spelled = words("numbers.clause").join(_said(each, context) for each in others[:SPELLED])
        sentences.append(words("report.differences_others", differences=spelled))
    if len(others) > SPELLED:
        rest = words("numbers.list").join(context.index(each.role, each.outcome) for each in others[SPELLED:])
        sentences.append(words("report.differences_rest", outcomes=rest))
    naive = sum((number(each.test.get("p_adjusted")) or 0.0) < SIGNIFICANT for each in tested)
    if clustered is not None and naive > clustered:
        shown = counted(naive, below(SIGNIFICANT), (each.test for each in tested), "p_adjusted")
        sentences.append(words("report.differences_naive", naive=shown, found=clustered))
    return sentences


def _said(each: Comparison, context: Context) -> str:
    """Return one comparison in words: means, the effect with its limits, p, and who is above whom."""
    words, numerals, test = context.words, context.numerals, each.test
    means = [
        words(
            "report.differences_mean",
            group=context.group_level(each.role, each.by, row["group"]),
            mean=numerals.text(Kind.mean, as_float(row["mean"])),
        )
        for row in each.groups
        if given(row.get("mean"))
    ]
    parts = [words("numbers.list").join(means)] if means else []
    effect = number(test.get("effect"))
    if effect is not None:
        low, high = each.limits
        # Limits that ignore the schools would contradict a p that allows for them.
        naive = given(test.get("p_clustered_adjusted")) and not given(test.get("low_clustered"))
        parts.append(
            words(
                "report.differences_effect_only" if naive else "report.differences_effect",
                name=words.term("effect", str(test["effect_name"])),
                value=numerals.text(Kind.bounded, effect),
                level=context.level,
                low="—" if low is None else numerals.text(Kind.bounded, low),
                high="—" if high is None else numerals.text(Kind.bounded, high),
            )
        )
    if each.p is not None:
        parts.append("p" + context.p_clause(each.p))
    level = {key: context.group_level(each.role, each.by, key) for pair in each.above for key in pair}
    parts += [f"{level[high]} > {level[low]}" for high, low in each.above]
    title = opened(context.index(each.role, each.outcome))
    return words("report.differences_one", outcome=title, said=words("numbers.list").join(parts))
