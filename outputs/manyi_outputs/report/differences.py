"""What the report says of differences between groups: tested, found, how large; nulls as nulls."""

from collections.abc import Sequence

from manyi_outputs.appendix.differences import Comparison, comparisons
from manyi_outputs.appendix.records import Tables, given, number
from manyi_outputs.context import Context, opened
from manyi_outputs.report.finding import Finding
from manyi_outputs.wording import Kind

#: So many differences are spelled out; of more, those of smallest p.
SPELLED = 3


def difference_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return one finding a role and column of groups, and what holds for all."""
    groups: dict[tuple[str, str], list[Comparison]] = {}
    for each in comparisons(tables):
        groups.setdefault((each.role, each.by), []).append(each)
    found = [_finding(role, by, members, context) for (role, by), members in groups.items()]
    if found:
        found.append(Finding("", (context.words("report.differences_read"),)))
    return tuple(found)


def _finding(role: str, by: str, members: Sequence[Comparison], context: Context) -> Finding:
    words = context.words
    names = {"role": context.role(role), "by": context.group(role, by)}
    tested = [each for each in members if each.p is not None]
    if not tested:
        reason = next((str(each.test["reason"]) for each in members if each.test.get("reason")), "")
        said = context.reason(reason) if reason else ""
        return Finding(words("report.differences_unknown", reason=said, **names), kind="unknown")
    differing = [each for each in tested if each.found]
    clustered = any(given(each.test.get("p_clustered_adjusted")) for each in tested)
    adjustment = words.term("adjustment", str(tested[0].test.get("adjustment", "none")))
    how = words(
        "report.differences_clustered" if clustered else "report.differences_plain", adjustment=adjustment
    )
    key = "report.differences_found" if differing else "report.differences_null"
    lead = words(key, tested=len(tested), found=len(differing), how=how, **names)
    return Finding(
        lead, tuple(_sentences(tested, differing, clustered, context)), "found" if differing else "null"
    )


def _sentences(
    tested: Sequence[Comparison], differing: Sequence[Comparison], clustered: bool, context: Context
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
    naive = sum((number(each.test.get("p_adjusted")) or 0.0) < 0.05 for each in tested)
    if clustered and naive > len(differing):
        sentences.append(words("report.differences_naive", naive=naive, found=len(differing)))
    return sentences


def _said(each: Comparison, context: Context) -> str:
    """Return one comparison in words: means, the effect with its limits, p, and who is above whom."""
    words, numerals, test = context.words, context.numerals, each.test
    means = [
        words(
            "report.differences_mean",
            group=context.group_level(each.role, each.by, row["group"]),
            mean=numerals.text(Kind.mean, float(row["mean"])),
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
    return f"{title}{words('numbers.opening')}{words('numbers.list').join(parts)}{words('numbers.closing')}"
