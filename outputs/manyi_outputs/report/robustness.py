"""What the report says of robustness: how far other cleaning choices move each role's main results."""

from manyi_outputs.appendix.provenance import counted
from manyi_outputs.appendix.records import Tables, given
from manyi_outputs.appendix.robustness import Choices, all_choices, changed, result_key
from manyi_outputs.context import Context
from manyi_outputs.report.explained import steady_findings
from manyi_outputs.report.finding import Finding, under


def robustness_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return what other cleaning choices, other specifications, errors and imputations change."""
    words = context.words
    return (
        *under(
            _cleaning(tables, context),
            words("report.robustness"),
            words("report.robustness_tested"),
            words("report.robustness_beyond"),
        ),
        *steady_findings(tables, context),
    )


def _cleaning(tables: Tables, context: Context) -> list[Finding]:
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
            "report.robustness_role",
            role=context.role(choices.role),
            k=counted(len(choices.others), "count(variant ≠ planned)", rows, "variant", "rule"),
            **shown,
        )
        one = Finding(lead, _turned(choices, context))
        found.append(one.shown_in(("sensitivity",), ("sensitivity", f"sensitivity-{choices.role}")))
    return found


def _turned(choices: Choices, context: Context) -> tuple[str, ...]:
    """Return which main coefficients change in significance under some choice."""
    words = context.words
    planned = [row for key, row in choices.planned.items() if key[0] == "coefficient" and given(row["value"])]
    total = counted(len(planned), "count(value)", planned, "value")
    if not total:
        return ()
    terms = dict.fromkeys(result_key(row)[2] for _, rows in choices.others for row in choices.turning(rows))
    if not terms:
        return (words("report.robustness_steady", total=total),)
    looked = [row for _, rows in choices.others for row in changed(rows, "coefficient")]
    turned = counted(len(terms), "count(term: 0 in [low, high] ≠ as planned)", looked, "low", "high")
    named = words("numbers.list").join(context.term(choices.role, term) for term in terms)
    return (words("report.robustness_turned", total=total, turned=turned, terms=named),)
