"""What the report says of satisfaction: its level, schools, expectations, what to improve first."""

from manyi_outputs.appendix.gaps import clustered, gap_p
from manyi_outputs.appendix.provenance import as_float, as_int, counted
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.appendix.satisfaction import headline_rows, value_kind
from manyi_outputs.context import Context
from manyi_outputs.report.finding import Finding, under
from manyi_outputs.report.size import sized
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import SIGNIFICANT


def level_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return the level of each role, schools, gaps and importance; nothing where there are no such tables."""
    words = context.words
    return (
        *under(
            headline_findings(tables, context),
            words("report.satisfaction"),
            words("report.satisfaction_tested"),
            words("report.satisfaction_beyond"),
        ),
        *under(_weighted(tables, context), words("report.weighted"), words("report.weighted_tested")),
        *under(
            (*_schools(tables, context), *_counties(tables, context)),
            words("report.schools"),
            words("report.schools_tested"),
            words("report.schools_beyond"),
        ),
        *under(
            _gaps(tables, context),
            words("report.gaps"),
            words("report.gaps_tested"),
            words("report.gaps_beyond"),
        ),
        *under(
            _importance(tables, context),
            words("report.priorities"),
            words("report.priorities_tested"),
            words("report.priorities_beyond"),
        ),
    )


def headline_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return the first index of every role with its definition and interval."""
    words, numerals, found = context.words, context.numerals, []
    overall = [row for row in headline_rows(records(tables, "satisfaction")) if str(row["group"]) == "all"]
    for (role,), rows in grouped(overall, "role"):
        row = rows[0]
        definition = str(row["definition"])
        value, kind = number(row.get("value")), value_kind(definition)
        if value is None:
            reason = str(row.get("reason") or "")
            lead = f"{context.role(role)}{words('numbers.colon')}{context.reason(reason) if reason else '—'}"
            found.append(Finding(lead, kind="unknown").shown_in(("satisfaction",), ("satisfaction",)))
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
            n=as_int(row["n"]),
            **limits,
        )
        said = words("report.satisfaction_definition", definition=words.term("definition", definition))
        how = str(row.get("method") or "")
        rest = (
            (words("report.satisfaction_clustered", schools=as_int(row["schools"])),)
            if "clustered" in how
            else ()
        )
        found.append(Finding(lead, (said, *rest)).shown_in(("satisfaction",), ("satisfaction",)))
    return tuple(found)


def _weighted(tables: Tables, context: Context) -> list[Finding]:
    """Return the first index of each role weighted to the population, beside what it is without weights."""
    found = []
    reported = {
        (str(row["role"]), str(row["index"]), str(row["definition"]))
        for row in headline_rows(records(tables, "satisfaction"))
    }
    rows = [
        row
        for row in records(tables, "weighted_satisfaction")
        if str(row["group"]) == "all"
        and (str(row["role"]), str(row["index"]), str(row["definition"])) in reported
        and given(row.get("value"))
    ]
    for (role,), members in grouped(rows, "role"):
        row = members[0]
        kind = value_kind(str(row["definition"]))
        shown = {
            name: "—" if (value := number(row.get(name))) is None else context.numerals.text(kind, value)
            for name in ("value", "low", "high", "unweighted")
        }
        lead = context.words(
            "report.weighted_role",
            role=context.role(role),
            index=context.index(role, str(row["index"])),
            level=context.level,
            **shown,
        )
        found.append(Finding(lead).shown_in(("weighted_satisfaction",), ("weighted_satisfaction",)))
    return found


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
            found.append(Finding(lead, kind="unknown").shown_in(("retest",), ("retest",)))
            continue
        low, high = (context.numerals.text(Kind.bounded, value) for value in (min(values), max(values)))
        names = {
            "role": context.role(role),
            "n": as_int(scales[0]["linked"]),
            "k": counted(len(values), "count(icc_agreement)", scales, "icc_agreement"),
        }
        found.append(
            Finding(words("report.retest_role", low=low, high=high, **names)).shown_in(
                ("retest",), ("retest",)
            )
        )
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
        values = [as_float(row["value"]) for row in shown]
        best = min(ranked, key=lambda row: float(row["rank"]))
        lead = context.words(
            "report.schools_told",
            role=context.role(role),
            index=context.index(role, index[0]),
            schools=counted(len(shown), "count(value)", members, "value"),
            hidden=counted(len(members) - len(shown), "count(no value)", members, "value"),
            low=context.numerals.text(kind, min(values)),
            high=context.numerals.text(kind, max(values)),
            above=_against(shown, "above"),
            below=_against(shown, "below"),
            level=context.level,
            best_low=as_int(best["rank_low"]),
            best_high=as_int(best["rank_high"]),
        )
        found.append(
            Finding(lead).shown_in(("school_satisfaction",), ("school_spread", f"school_levels-{role}"))
        )
    return found


def _against(rows: list[Record], side: str) -> int:
    """Return how many schools lie above or below all of them."""
    found = sum(row.get("against_all") == side for row in rows)
    return counted(found, f"count(against_all = {side})", rows, "against_all")


def _counties(tables: Tables, context: Context) -> list[Finding]:
    """Return for each role how many counties are told apart from all of them, by the first index."""
    found, words = [], context.words
    told = [row for row in records(tables, "unit_comparison") if row["level"] == "county"]
    for (role,), of_role in grouped(told, "role"):
        _, rows = next(grouped(of_role, "index"))
        drawn = [row for row in rows if given(row.get("shrunken"))]
        if not drawn:
            continue
        apart = sum(row["place"] == "beyond_998" for row in rows)
        kind = value_kind(str(rows[0]["definition"]))
        values = [as_float(row["shrunken"]) for row in drawn]
        lead = words(
            "report.units_told",
            role=context.role(role),
            index=context.index(role, str(rows[0]["index"])),
            n=counted(len(rows), "count(place)", rows, "place"),
            beyond=counted(apart, "count(place = beyond_998)", rows, "place"),
            low=context.numerals.text(kind, min(values)),
            high=context.numerals.text(kind, max(values)),
        )
        found.append(Finding(lead).shown_in(("unit_comparison",), (f"units-{role}",)))
    return found


def _gaps(tables: Tables, context: Context) -> list[Finding]:
    return [_gap(row, context) for row in records(tables, "gap") if number(row.get("gap")) is not None]


def _gap(row: Record, context: Context) -> Finding:
    words, role = context.words, str(row["role"])
    gap, p = as_float(row["gap"]), gap_p(row)
    limits = {}
    for name in ("low", "high"):
        limit = number(clustered(row, name))
        limits[name] = "—" if limit is None else context.numerals.text(Kind.mean, limit)
    names = {name: context.index(role, str(row[name])) for name in ("expectation", "perception")}
    sure = p is not None and p < SIGNIFICANT
    size = context.numerals.text(Kind.mean, gap)
    direction = words("report.gap_above" if gap > 0 else "report.gap_below")
    lead = words(
        "report.gap_found" if sure else "report.gap_null",
        role=context.role(role),
        direction=direction,
        gap=size,
        level=context.level,
        p="—" if p is None else context.p_clause(p),
        **names,
        **limits,
    )
    effect = number(row.get("effect"))
    named = sized(str(row.get("effect_name") or ""), effect, context)
    said = ""
    if effect is not None and named:
        said = words("report.gap_size", value=context.numerals.text(Kind.mean, effect), size=named)
    found = Finding(lead, kind="found" if sure else "null", size=said)
    return found.shown_in(("gap",), ("gap",))


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
            lead = words("report.importance_none", **names)
            found.append(Finding(lead).shown_in(("importance_performance",), (_grid(keys),)))
            continue
        unsure = [row for row in first if true(row.get("certain")) is False]
        said = words("numbers.list").join(context.index(role, str(row["attribute"])) for row in first)
        hedge = words("numbers.list").join(context.index(role, str(row["attribute"])) for row in unsure)
        uncertain = words("report.importance_uncertain", attributes=hedge) if unsure else ""
        lead = words("report.importance_first", attributes=said, uncertain=uncertain, **names)
        found.append(Finding(lead).shown_in(("importance_performance",), (_grid(keys),)))
    return found


def _grid(keys: tuple[str, ...]) -> str:
    """Return the key of the appendix table of a grid; the outcome of a stated importance is none."""
    return f"importance-{keys[0]}-{keys[1]}"
