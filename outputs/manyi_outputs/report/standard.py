"""What the report says of the standard: whether the county passes, what is missing to pass, equity."""

import math
import re
from collections import Counter

from manyi_outputs.appendix.equity import kind_title
from manyi_outputs.appendix.provenance import as_float, as_int, counted
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.context import Context, opened, plain
from manyi_outputs.report.finding import Finding, FindingKind, under
from manyi_outputs.wording import Kind

#: What a threshold is of.
_THRESHOLD = ("indicator", "bound", "stage")
_GAP = re.compile(r"^gap (?P<pair>.+) by (?P<by>.+)$")


def standard_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return the verdict with the gap a bureau acts on, recognition, gaps of groups, flows, enrolment."""
    areas = records(tables, "standard_areas")
    if not areas:
        return ()
    words = context.words
    return (
        *under(
            (_county(areas, tables, context),),
            words("report.standard"),
            beyond=words("report.standard_beyond"),
        ),
        *under(_recognition(tables, context), words("report.recognition")),
        *under(
            _gaps(tables, context),
            words("report.equity"),
            words("report.equity_tested"),
            words("report.equity_beyond"),
        ),
        *under((*_flows(tables, context), *_hollowing(tables, context)), words("report.movement")),
    )


def _county(areas: list[Record], tables: Tables, context: Context) -> Finding:
    words = context.words
    overall = next(row for row in areas if str(row["area"]) == "overall")
    met = true(overall.get("met"))
    names = {"standard": context.standard or "—"}
    listed = words("numbers.list")
    if met is False:
        failed = [context.area(one) for one in str(overall["not_met"]).split()]
        lead = words("report.standard_fails", areas=listed.join(failed), **names)
    elif met is None:
        lead = words("report.standard_open", open=as_int(overall["units_open"]), **names)
    else:
        lead = words("report.standard_passes", **names)
    rest = [text for row in areas for text in _part(row, context)]
    rest += _missing(tables, context)
    thresholds = records(tables, "standard")
    national = _national(thresholds)
    local = [row for row in thresholds if str(row["bound"]) != "met_count"]
    local = [row for row in local if str(row["layer"]) not in ("", national)]
    if local:
        layers = dict.fromkeys(str(row["layer"]) for row in local)
        different = {(str(row["indicator"]), str(row["bound"]), str(row["stage"])) for row in local}
        n = counted(len(different), "count(different indicator, bound, stage)", local, *_THRESHOLD)
        rest.append(words("report.standard_layers", n=n, layers=listed.join(layers)))
    kinds: dict[bool | None, FindingKind] = {True: "found", False: "null", None: "unknown"}
    sources = ("standard_areas", "standard", "school_gap_totals")
    keys = ("standard_areas", "standard_thresholds", "school_gap_totals")
    return Finding(lead, tuple(rest), kinds[met]).shown_in(sources, keys)


def _national(thresholds: list[Record]) -> str:
    """Return the lowest layer: the one most thresholds come from; none where there are none."""
    counts = Counter(str(row["layer"]) for row in thresholds)
    return max(counts, key=lambda layer: counts[layer], default="")


def _part(row: Record, context: Context) -> list[str]:
    """Return what is said of one part of an area that is not met."""
    words, failed = context.words, str(row["not_met"]).split() if given(row["not_met"]) else []
    part, listed = str(row["part"]), words("numbers.list")
    if part == "schools":
        return [words("report.standard_schools", met=as_int(row["units_met"]), units=as_int(row["units"]))]
    if not failed or part == "area":
        return []
    if part == "variation":
        shown = []
        for unit in failed:
            indicator, _, stage = unit.partition("/")
            shown.append(
                f"{indicator}{words('numbers.opening')}{context.stage(stage)}{words('numbers.closing')}"
            )
        return [words("report.standard_variation", failed=listed.join(shown))]
    # Titles of requirements have commas of their own.
    told = words("numbers.clause").join(context.requirement(one) for one in failed)
    return [words("report.standard_required", area=context.area(str(row["area"])), failed=told)]


def _missing(tables: Tables, context: Context) -> list[str]:
    """Return what the county lacks in teachers, square metres, yuan, rooms: in all, and at the least."""
    words, rows = context.words, records(tables, "school_gap_totals")
    order = list(context.indicators)
    rows = sorted(rows, key=lambda row: order.index(row["indicator"]) if row["indicator"] in order else 99)
    told = []
    for key, name in (("report.standard_gaps", "gap"), ("report.standard_least", "least")):
        gaps = []
        for row in rows:
            amount = number(row.get(name))
            if not amount:
                continue
            column = str(row["column"])
            # Differences of areas are whole but for the last digits of a float.
            whole = math.isclose(amount, round(amount), abs_tol=1e-6)
            shown = {
                "what": context.columns.get(column, column),
                "amount": context.numerals.text(Kind.count if whole else Kind.amount, amount),
                "unit": context.units.get(column, ""),
            }
            gaps.append(
                words("report.standard_gap", schools=as_int(row["schools"]), **shown)
                if name == "gap"
                else words("report.standard_least_gap", **shown)
            )
        if gaps:
            told.append(words(key, gaps=words("numbers.clause").join(gaps)))
    return told


def _recognition(tables: Tables, context: Context) -> tuple[Finding, ...]:
    found = []
    for row in records(tables, "recognition"):
        share = number(row.get("share"))
        if true(row["decides"]) is True and share is not None:
            name = str(row["definition"])
            found.append(
                Finding(
                    context.words(
                        "report.recognition_found",
                        share=context.numerals.text(Kind.share, share / 100),
                        definition=context.recognition.get(name, name),
                        n=as_int(row["n_valid"]),
                    )
                ).shown_in(("recognition",), ("recognition",))
            )
    return tuple(found)


def _gaps(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return for each pair of groups how many gaps exceed chance, and each of these."""
    words, numerals, found = context.words, context.numerals, []
    rows = [row for row in records(tables, "equity") if str(row["measure"]).startswith("gap ")]
    for (measure,), members in grouped(rows, "measure"):
        match = _GAP.match(measure)
        if match is None:
            continue
        first, _, second = match["pair"].partition("-")
        names = {
            "first": kind_title(match["by"], first, context),
            "second": kind_title(match["by"], second, context),
        }
        looked: list[Record] = []
        total, told = 0, []
        for (stage, indicator), parts in grouped(members, "stage", "indicator"):
            values = {str(row["component"]): number(row.get("value")) for row in parts}
            low, high = values.get("low"), values.get("high")
            if low is None or high is None:
                continue
            total += 1
            looked += [row for row in parts if row["component"] in ("low", "high")]
            if low > 0 or high < 0:
                keys = {"a": "mean_first", "b": "mean_second"} | {k: k for k in ("difference", "low", "high")}
                shown = {name: numerals.text(Kind.amount, values[key] or 0.0) for name, key in keys.items()}
                told.append(
                    words(
                        "report.equity_gap_found",
                        stage=context.stage(stage),
                        indicator=context.indicator(indicator),
                        **names,
                        **shown,
                    )
                )
        if total:
            counts = {
                "different": counted(len(told), "count(0 not in [low, high])", looked, "value"),
                "total": counted(total, "count(value: low, high)", looked, "value"),
            }
            lead = words("report.equity_gap_count", **counts, **names)
            one = Finding(lead, tuple(told), "found" if told else "null")
            found.append(one.shown_in(("equity",), ("equity_gap",)))
    return tuple(found)


def _flows(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return who lost and who gained teachers, those who lost the largest share first."""
    words, numerals = context.words, context.numerals
    rows = [row for row in records(tables, "staff_balance") if given(row.get("net"))]
    moved = [row for row in rows if float(row["net"]) != 0]
    if not moved:
        return ()
    told = []
    for row in sorted(moved, key=lambda one: number(one.get("net_rate")) or float(one["net"])):
        net, rate = as_float(row["net"]), number(row.get("net_rate"))
        told.append(
            words(
                "report.staff_lost" if net < 0 else "report.staff_gained",
                kind=kind_title(row["by"], row["kind"], context),
                net=numerals.text(Kind.count, abs(net)),
                rate=words("report.staff_rate", rate=numerals.text(Kind.share, abs(rate))) if rate else "",
            )
        )
    siphoned = numerals.text(Kind.share, as_float(rows[0]["siphoned"]))
    kinds = words("numbers.clause").join(told)
    lead = words("report.staff_found", n=as_int(rows[0]["n"]), kinds=kinds, siphoned=siphoned)
    return (Finding(lead, kind="found").shown_in(("staff_balance",), ("staff_balance",)),)


def _hollowing(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return for each earlier year how pupils and class sizes changed, the kind that lost most first."""
    words, found = context.words, []
    for (wave,), rows in grouped(records(tables, "hollowing"), "from_wave"):
        told = [row for row in rows if given(row.get("change_rate")) and str(row.get("kind")) != "all"]
        if not told:
            continue
        told.sort(key=lambda one: float(one["change_rate"]))
        least = told[0]
        lost = float(least["change_rate"]) < 0
        lead = words(
            "report.hollow_lead" if lost else "report.hollow_lead_none",
            wave=plain(wave),
            kind=kind_title(least["by"], least["kind"], context),
            change=context.numerals.text(Kind.share, as_float(least["change_rate"])),
        )
        one = Finding(lead, tuple(_enrolment(row, context) for row in told), "found" if lost else "null")
        found.append(one.shown_in(("hollowing",), (f"hollowing:{plain(wave)}",)))
    return tuple(found)


def _enrolment(row: Record, context: Context) -> str:
    numerals = context.numerals
    sizes = {
        f"size_{when}": numerals.text(Kind.index, size) if size is not None else "—"
        for when in ("before", "after")
        for size in (number(row.get(f"class_size_{when}")),)
    }
    counts = {name: as_int(row[name]) if given(row.get(name)) else 0 for name in ("closed", "opened")}
    return context.words(
        "report.hollow_found",
        kind=opened(kind_title(row["by"], row["kind"], context)),
        change=numerals.text(Kind.share, as_float(row["change_rate"])),
        before=numerals.text(Kind.count, as_float(row["pupils_before"])),
        after=numerals.text(Kind.count, as_float(row["pupils_after"])),
        **sizes,
        **counts,
    )
