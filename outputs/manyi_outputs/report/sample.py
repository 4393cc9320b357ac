"""What the report says of the study and its sample: who was asked, what came back, what was left out."""

from manyi_outputs.appendix.footnotes import said
from manyi_outputs.appendix.provenance import as_float, as_int, counted
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.context import Context
from manyi_outputs.report.facts import Facts
from manyi_outputs.report.finding import Finding, under
from manyi_outputs.report.flow import flows, rules_told
from manyi_outputs.wording import Kind


def study_findings(tables: Tables, context: Context, facts: Facts) -> tuple[Finding, ...]:
    """Return who was asked what, the standard, and what kind of design it is."""
    words = context.words
    design = "report.study_cross" if facts.occasions <= 1 else "report.study_waves"
    told_design = words(design) if facts.occasions <= 1 else words(design, n=facts.occasions)
    return (
        *_asked(tables, context),
        *_standard(tables, context),
        *((Finding(told_design),) if records(tables, "return") else ()),
    )


def _asked(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return how many answers there are of each role, and to how many questions in how many scales."""
    words, rest = context.words, []
    items = {
        role: counted(len(rows), "count(item)", rows, "item")
        for (role,), rows in grouped(records(tables, "items"), "role")
    }
    scales = {
        role: counted(len(rows), "count(scale)", rows, "scale")
        for (role,), rows in grouped(
            [
                row
                for row in records(tables, "reliability")
                if str(row.get("group", "all")) == "all" and str(row["scale"]) != "all"
            ],
            "role",
        )
    }
    rows = records(tables, "return")
    if not rows:
        return ()
    for row in rows:
        role = str(row["role"])
        if role in items and role in scales:
            asked = {"items": items[role], "scales": scales[role]}
            rest.append(words("report.study_asked", role=context.role(role), **asked))
    counts = words("numbers.list").join(
        words("report.study_role", role=context.role(str(row["role"])), n=as_int(row["valid"]))
        for row in rows
    )
    lead = words("report.study_roles", counts=counts)
    return (
        Finding(lead, tuple(rest)).shown_in(("return", "items", "reliability"), ("return", "reliability")),
    )


def _standard(tables: Tables, context: Context) -> tuple[Finding, ...]:
    rows = records(tables, "school_indicators")
    schools = {str(row["school"]) for row in rows}
    if not schools:
        return ()
    key = "report.study_standard" if context.standard else "report.sample_schools"
    named = {"standard": context.standard} if context.standard else {}
    lead = context.words(
        key, schools=counted(len(schools), "count(different school)", rows, "school"), **named
    )
    return (Finding(lead, sources=("school_indicators",), keys=("schools",)),)


def sample_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return return and validity by role with the flow in words, schools not matched, weights."""
    words = context.words
    return (
        *under(
            _returned(tables, context), words("report.sample_return"), beyond=words("report.sample_beyond")
        ),
        *under(_unmatched(tables, context), words("report.sample_schools_heading")),
        *under(
            _weights(tables, context), words("report.sample_weights"), words("report.sample_weights_tested")
        ),
    )


def _returned(tables: Tables, context: Context) -> tuple[Finding, ...]:
    words, share, made = context.words, Kind.share, []
    left_out = {flow.role: flow.excluded for flow in flows(tables)}
    for row in records(tables, "return"):
        role = str(row["role"])
        rates = {
            name: "—" if (rate := number(row.get(name))) is None else context.numerals.text(share, rate)
            for name in ("return_rate", "valid_rate")
        }
        names = {
            "role": context.role(role),
            "received": as_int(row["received"]),
            "valid": as_int(row["valid"]),
        }
        if given(row.get("issued")):
            lead = words("report.sample_issued", issued=as_int(row["issued"]), **rates, **names)
        else:
            lead = words("report.sample_role", rate=rates["valid_rate"], **names)
        rest: tuple[str, ...] = ()
        if left_out.get(role):
            rest = (words("report.sample_excluded", rules=rules_told(left_out[role], context)),)
        made.append(Finding(lead, rest, sources=("return", "ledger"), keys=("return", "ledger")))
    return tuple(made)


def _unmatched(tables: Tables, context: Context) -> tuple[Finding, ...]:
    rows = records(tables, "unmatched_schools")
    codes = {str(row["school"]) for row in rows}
    found = []
    if codes:
        lead = context.words(
            "report.sample_unmatched", n=counted(len(codes), "count(different school)", rows, "school")
        )
        found.append(Finding(lead, sources=("unmatched_schools",), keys=("unmatched",)))
    return tuple(found)


def _weights(tables: Tables, context: Context) -> tuple[Finding, ...]:
    return tuple(_weight(row, context) for row in records(tables, "weights"))


def _weight(row: Record, context: Context) -> Finding:
    role = context.role(str(row["role"]))
    place = ("weights",), ("weights",)
    effective = number(row.get("effective_n"))
    if effective is None:
        reason = said(row.get("reason"))
        shown = context.reason(reason) if reason else ""
        lead = context.words("report.sample_weight_unknown", role=role, reason=shown)
        return Finding(lead, kind="unknown").shown_in(*place)
    lead = context.words(
        "report.sample_weight",
        role=role,
        n=as_int(row["n"]),
        effective=context.numerals.text(Kind.count, effective),
        deff=context.numerals.text(Kind.mean, as_float(row["kish_deff"])),
    )
    return Finding(lead).shown_in(*place)
