"""What the report says of change between waves, in words made from the numbers; no change is said too."""

from manyi_outputs.appendix.monitoring import alert_kind, measured, number_kind, waves_of
from manyi_outputs.appendix.provenance import as_float, below, counted
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.context import Context, plain
from manyi_outputs.report.finding import Finding, FindingKind, under
from manyi_outputs.wording.numerals import SIGNIFICANT

#: Schools named of those that fail now.
NAMED = 12
#: Columns that say whether and where to something moved.
_MOVED = ("p_adjusted", "change")


def monitoring_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return what changed by role and among schools, what fails now, and what certification did."""
    words = context.words
    return (
        *under(
            (*_roles(tables, context), *_schools(tables, context)),
            words("report.monitoring"),
            words("report.monitoring_tested"),
            words("report.monitoring_beyond"),
        ),
        *under(_alerts(tables, context), words("report.alerts")),
        *under(
            _certification(tables, context),
            words("report.certification"),
            words("report.certification_tested"),
            words("report.certification_read"),
        ),
    )


def _numbers(row: Record, names: tuple[str, ...], context: Context) -> dict[str, str]:
    kind = number_kind(row)
    return {name: context.numerals.text(kind, as_float(row[name])) for name in names}


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
                lead = words("report.change_unknown", reason=reason, **names)
                found.append(Finding(lead, kind="unknown").shown_in(("change",), (f"change-{role}",)))
                continue
            values = _numbers(row, ("before", "after", "change", "low", "high"), context)
            key = "role" if p < SIGNIFICANT else "null"
            kind: FindingKind = "found" if p < SIGNIFICANT else "null"
            lead = words(f"report.change_{key}", p=context.p_clause(p), **names, **values)
            found.append(Finding(lead, kind=kind).shown_in(("change",), (f"change-{role}",)))
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
            n=counted(len(members), "count(p_adjusted)", members, "p_adjusted"),
            up=counted(
                sum(row["change"] > 0 for row in moved),
                f"{below(SIGNIFICANT)} where change > 0",
                members,
                *_MOVED,
            ),
            down=counted(
                sum(row["change"] < 0 for row in moved),
                f"{below(SIGNIFICANT)} where change < 0",
                members,
                *_MOVED,
            ),
        )
        told = tuple(
            context.words(
                "report.change_school",
                outcome=_outcome(row, context),
                level=context.level,
                **_numbers(row, ("before", "after", "change", "low", "high"), context),
            )
            for row in moved
        )
        one = Finding(lead, told, "found" if moved else "null")
        found.append(one.shown_in(("change",), ("change-schools",)))
    return found


def _outcome(row: Record, context: Context) -> str:
    """Return what a row is about, with its stage where it is an indicator of schools."""
    if row["kind"] == "role":
        return f"{context.role(row['unit'])}{context.words('report.of_role')}{measured(row, context)}"
    return f"{context.stage(str(row['unit']))} {measured(row, context)}"


def _alerts(tables: Tables, context: Context) -> list[Finding]:
    *_, last = [None, *grouped(records(tables, "alerts"), "from_wave", "to_wave")]
    if last is None:
        return []
    rows = last[1]
    lead = context.words(
        "report.alerts_now",
        before=plain(rows[0]["from_wave"]),
        wave=plain(rows[0]["to_wave"]),
        schools=counted(
            sum(row["level"] == "school" for row in rows), "count(level = school)", rows, "level"
        ),
        county=counted(sum(row["level"] == "county" for row in rows), "count(level = county)", rows, "level"),
    )
    # The county's own first: it decides for all schools.
    rows = sorted(rows, key=lambda row: row["level"] != "county")
    told = [_alert(row, context) for row in rows[:NAMED]]
    if len(rows) > NAMED:
        told.append(
            context.words(
                "report.alerts_more", n=counted(len(rows) - NAMED, f"count(level) − {NAMED}", rows, "level")
            )
        )
    return [Finding(lead, tuple(told), "found").shown_in(("alerts",), ("alerts",))]


def _alert(row: Record, context: Context) -> str:
    county = row["level"] == "county"
    names = ("before", "after", "threshold")
    return context.words(
        f"report.alert_{'county' if county else 'school'}",
        school=plain(row["school_name"]) or plain(row["school"]),
        stage=context.stage(str(row["stage"])),
        indicator=context.indicator(str(row["indicator"])),
        **{name: context.numerals.text(alert_kind(row), as_float(row[name])) for name in names},
    )


def _certification(tables: Tables, context: Context) -> list[Finding]:
    """Return which outcomes certification moved, and which not, by the effects by group and time."""
    rows = [row for row in records(tables, "certification") if row["estimator"] == "group_time"]
    overall = [row for row in rows if row["effect"] == "overall" and given(row.get("p_adjusted"))]
    if not overall:
        return []
    words = context.words
    moved = [row for row in overall if float(row["p_adjusted"]) < SIGNIFICANT]
    still = [row for row in overall if float(row["p_adjusted"]) >= SIGNIFICANT]
    told = [_effect(row, context) for row in moved]
    if still:
        listed = words("numbers.list").join(_outcome(row, context) for row in still)
        told.append(words("report.certification_null", outcomes=listed))
    before = [row for row in rows if row["effect"] == "placebo" and given(row.get("p"))]
    if before:
        apart = sum(float(row["p"]) < SIGNIFICANT for row in before)
        counts = {
            "n": counted(len(before), "count(p)", before, "p"),
            "apart": counted(apart, below(SIGNIFICANT), before, "p"),
        }
        told.append(words("report.certification_before", **counts))
    lead = words(
        "report.certification_lead",
        n=counted(len(overall), "count(p_adjusted)", overall, "p_adjusted"),
        moved=counted(len(moved), below(SIGNIFICANT), overall, "p_adjusted"),
    )
    one = Finding(lead, tuple(told), "found" if moved else "null")
    return [one.shown_in(("certification",), ("certification",))]


def _effect(row: Record, context: Context) -> str:
    return context.words(
        "report.certification_found",
        outcome=_outcome(row, context),
        p=context.p_clause(as_float(row["p_adjusted"])),
        level=context.level,
        **_numbers(row, ("estimate", "low", "high"), context),
    )
