"""What the report says of satisfaction beyond its level: schools, expectations, what to improve first."""

from manyi_outputs.appendix.gaps import clustered, gap_p
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.appendix.satisfaction import headline_rows, value_kind
from manyi_outputs.context import Context
from manyi_outputs.report.finding import Finding
from manyi_outputs.wording import Kind

#: A gap is called one below this.
SIGNIFICANT = 0.05


def level_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return what was found about schools, gaps and importance; nothing where there are no such tables."""
    return (
        *_schools(tables, context),
        *_counties(tables, context),
        *_gaps(tables, context),
        *_importance(tables, context),
    )


def retest_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return for each role that answered twice the range of its scales' agreement."""
    words, found = context.words, []
    for (role,), rows in grouped(records(tables, "retest"), "role"):
        scales = [row for row in rows if str(row["kind"]) == "scale"]
        values = [value for row in scales if (value := number(row.get("icc_agreement"))) is not None]
        if not values:
            reason = next((str(row["reason"]) for row in scales if given(row.get("reason"))), "")
            said = context.reason(reason) if reason else ""
            lead = words("report.retest_unknown", role=context.role(role), reason=said)
            found.append(Finding(lead, kind="unknown"))
            continue
        low, high = (context.numerals.text(Kind.bounded, value) for value in (min(values), max(values)))
        names = {"role": context.role(role), "n": int(scales[0]["linked"]), "k": len(values)}
        found.append(Finding("", (words("report.retest_role", low=low, high=high, **names),)))
    return tuple(found)


def _schools(tables: Tables, context: Context) -> list[Finding]:
    """Return for each role how its first index spreads over schools, and how little a rank says."""
    found = []
    for (role,), of_role in grouped(headline_rows(records(tables, "school_satisfaction")), "role"):
        index, members = next(grouped(of_role, "index"))
        shown = [row for row in members if given(row.get("value"))]
        ranked = [row for row in shown if given(row.get("rank_high"))]
        if len(ranked) < 2:
            continue
        kind = value_kind(str(shown[0]["definition"]))
        values = [float(row["value"]) for row in shown]
        best = min(ranked, key=lambda row: float(row["rank"]))
        lead = context.words(
            "report.schools_told",
            role=context.role(role),
            index=context.index(role, index[0]),
            schools=len(shown),
            hidden=len(members) - len(shown),
            low=context.numerals.text(kind, min(values)),
            high=context.numerals.text(kind, max(values)),
            above=sum(row.get("against_all") == "above" for row in shown),
            below=sum(row.get("against_all") == "below" for row in shown),
            level=context.level,
            best_low=int(best["rank_low"]),
            best_high=int(best["rank_high"]),
        )
        found.append(Finding("", (lead,)))
    return found


def _counties(tables: Tables, context: Context) -> list[Finding]:
    """Return for each role how many counties are told apart from all of them, by the first index."""
    found, words = [], context.words
    told = [row for row in records(tables, "unit_comparison") if row["level"] == "county"]
    for (role,), of_role in grouped(told, "role"):
        _, rows = next(grouped(of_role, "index"))
        drawn = [row for row in rows if given(row.get("shrunken"))]
        if not drawn:
            continue
        kind = value_kind(str(rows[0]["definition"]))
        values = [float(row["shrunken"]) for row in drawn]
        lead = words(
            "report.units_told",
            role=context.role(role),
            index=context.index(role, str(rows[0]["index"])),
            n=len(rows),
            beyond=sum(row["place"] == "beyond_998" for row in rows),
            low=context.numerals.text(kind, min(values)),
            high=context.numerals.text(kind, max(values)),
        )
        found.append(Finding(lead))
    return found


def _gaps(tables: Tables, context: Context) -> list[Finding]:
    return [
        Finding("", (_gap(row, context),))
        for row in records(tables, "gap")
        if number(row.get("gap")) is not None
    ]


def _gap(row: Record, context: Context) -> str:
    words, role = context.words, str(row["role"])
    gap, p = float(row["gap"]), gap_p(row)
    limits = {}
    for name in ("low", "high"):
        limit = number(clustered(row, name))
        limits[name] = "—" if limit is None else context.numerals.text(Kind.mean, limit)
    names = {name: context.index(role, str(row[name])) for name in ("expectation", "perception")}
    sure = p is not None and p < SIGNIFICANT
    size = context.numerals.text(Kind.mean, gap)
    direction = words("report.gap_above" if gap > 0 else "report.gap_below")
    return words(
        "report.gap_found" if sure else "report.gap_null",
        role=context.role(role),
        direction=direction,
        gap=size,
        level=context.level,
        **names,
        **limits,
    )


def _importance(tables: Tables, context: Context) -> list[Finding]:
    """Return for each grid what is important and poor, and which of it is not certain."""
    words, found = context.words, []
    for keys, rows in grouped(records(tables, "importance_performance"), "role", "measure", "outcome"):
        role, placed = keys[0], [row for row in rows if given(row.get("quadrant"))]
        if not placed:
            continue
        names = {
            "role": context.role(role),
            "measure": words.term("importance_kind", "stated" if keys[1] == "stated" else "derived"),
        }
        first = [row for row in placed if row["quadrant"] == "concentrate_here"]
        if not first:
            found.append(Finding("", (words("report.importance_none", **names),)))
            continue
        unsure = [row for row in first if true(row.get("certain")) is False]
        said = words("numbers.list").join(context.index(role, str(row["attribute"])) for row in first)
        hedge = words("numbers.list").join(context.index(role, str(row["attribute"])) for row in unsure)
        uncertain = words("report.importance_uncertain", attributes=hedge) if unsure else ""
        lead = words("report.importance_first", attributes=said, uncertain=uncertain, **names)
        found.append(Finding("", (lead,)))
    return found
