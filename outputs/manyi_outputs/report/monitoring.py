"""What the report says of change between waves, in words made from the numbers; no change is said too."""

from manyi_outputs.appendix.monitoring import measured, number_kind, waves_of
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.context import Context, plain
from manyi_outputs.report.finding import Finding

SIGNIFICANT = 0.05
#: Outcomes of certification that are named one by one.
NAMED = 4


def monitoring_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return what changed by role and among schools, what fails now, and what certification did."""
    return (
        *_roles(tables, context),
        *_schools(tables, context),
        *_alerts(tables, context),
        *_certification(tables, context),
    )


def _numbers(row: Record, names: tuple[str, ...], context: Context) -> dict[str, str]:
    kind = number_kind(row)
    return {name: context.numerals.text(kind, float(row[name])) for name in names}


def _roles(tables: Tables, context: Context) -> list[Finding]:
    """Return the first index of each role for each pair of waves: of schools where they were paired."""
    words, found = context.words, []
    rows = [row for row in records(tables, "change") if row["kind"] == "role"]
    for (role,), of_role in grouped(rows, "unit"):
        first = str(of_role[0]["indicator"])
        for (_, _), pair in grouped(
            [row for row in of_role if row["indicator"] == first], "from_wave", "to_wave"
        ):
            computed = [row for row in pair if given(row.get("p_adjusted"))]
            row = next((row for row in computed if row["method"] == "paired"), (computed or pair)[0])
            names = {
                "role": context.role(role),
                "waves": waves_of(row),
                "index": context.index(role, first),
                "level": context.level,
            }
            p = number(row.get("p_adjusted"))
            if p is None:
                reason = context.reason(str(row["reason"])) if row.get("reason") else ""
                found.append(Finding(words("report.change_unknown", reason=reason, **names), kind="unknown"))
                continue
            values = _numbers(row, ("before", "after", "change", "low", "high"), context)
            key, kind = ("role", "found") if p < SIGNIFICANT else ("null", "null")
            lead = words(f"report.change_{key}", p=context.p_clause(p), **names, **values)
            found.append(Finding(lead, kind=kind))
    return found


def _schools(tables: Tables, context: Context) -> list[Finding]:
    found = []
    rows = [
        row
        for row in records(tables, "change")
        if row["kind"] == "schools" and row["measure"] == "mean" and given(row.get("p_adjusted"))
    ]
    for (_, _), members in grouped(rows, "from_wave", "to_wave"):
        moved = [row for row in members if float(row["p_adjusted"]) < SIGNIFICANT]
        lead = context.words(
            "report.change_schools",
            waves=waves_of(members[0]),
            n=len(members),
            up=sum(float(row["change"]) > 0 for row in moved),
            down=sum(float(row["change"]) < 0 for row in moved),
        )
        found.append(Finding(lead, kind="found" if moved else "null"))
    return found


def _alerts(tables: Tables, context: Context) -> list[Finding]:
    *_, last = [None, *grouped(records(tables, "alerts"), "from_wave", "to_wave")]
    if last is None:
        return []
    rows = last[1]
    lead = context.words(
        "report.alerts_now",
        before=plain(rows[0]["from_wave"]),
        wave=plain(rows[0]["to_wave"]),
        schools=sum(row["level"] == "school" for row in rows),
        county=sum(row["level"] == "county" for row in rows),
    )
    return [Finding(lead, kind="found")]


def _certification(tables: Tables, context: Context) -> list[Finding]:
    rows = [
        row
        for row in records(tables, "certification")
        if row["estimator"] == "group_time" and row["effect"] == "overall" and given(row.get("p"))
    ]
    found = []
    for row in rows[:NAMED]:
        p = float(row["p"])
        key = "found" if p < SIGNIFICANT else "null"
        values = _numbers(row, ("estimate", "low", "high"), context)
        outcome = measured(row, context)
        lead = context.words(
            f"report.certification_{key}",
            outcome=outcome,
            p=context.p_clause(p),
            level=context.level,
            **values,
        )
        found.append(Finding(lead, kind=key))
    return found
