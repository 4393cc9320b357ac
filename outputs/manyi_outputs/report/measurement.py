"""What the report says of the instrument: how many factors, one general factor, common method, levels."""

from manyi_outputs.appendix.provenance import as_int, counted
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.context import Context
from manyi_outputs.report.finding import Finding, under
from manyi_outputs.report.reliability import reliability_findings
from manyi_outputs.report.satisfaction import retest_findings
from manyi_outputs.report.structure import structure
from manyi_outputs.wording import Kind


def measurement_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return reliability, factors, fit of the model, method and levels, each under its heading."""
    words = context.words
    return (
        *under(
            (*reliability_findings(tables, context), *retest_findings(tables, context)),
            words("report.reliability"),
            words("report.reliability_tested"),
            words("report.reliability_beyond"),
        ),
        *under(
            _factors(tables, context),
            words("report.factors"),
            words("report.factors_tested"),
            words("report.factors_beyond"),
        ),
        *under(
            structure(tables, context),
            words("report.structure"),
            words("report.structure_tested"),
            words("report.structure_beyond"),
        ),
        *under(
            _method(tables, context),
            words("report.method"),
            words("report.method_tested"),
            words("report.method_beyond"),
        ),
        *under(_levels(tables, context), words("report.levels"), words("report.levels_tested")),
    )


def _factors(tables: Tables, context: Context) -> list[Finding]:
    """Return for each role what its factor analysis found."""
    words, found = context.words, []
    for row in records(tables, "factorability"):
        if not (
            given(row.get("kmo")) and given(row.get("factors_parallel_fa")) and given(row.get("factors_map"))
        ):
            continue
        role = str(row["role"])
        items = _of(role, records(tables, "kmo_items"))
        scales = _scales(role, items, context)
        parallel = as_int(row["factors_parallel_fa"])
        lead = words(
            "report.factors_role",
            role=context.role(role),
            parallel=parallel,
            map=as_int(row["factors_map"]),
            scales=counted(len(scales), "count(scales of the items)", items, "item"),
            kmo=context.numerals.text(Kind.bounded, row["kmo"]),
        )
        rest = [words("report.factors_more")] if parallel < len(scales) else []
        if isinstance(row.get("remark"), str) and row["remark"]:
            rest.append(words("note.improper") + context.reason(row["remark"]))
        rest += _omega(role, tables, context)
        keys = ("factorability", f"loadings-{role}", "reliability")
        found.append(Finding(lead, tuple(rest)).shown_in(("factorability", "kmo_items", "omega"), keys))
    return found


def _scales(role: str, rows: list[Record], context: Context) -> set[str]:
    """Return the scales whose items entered the factor analysis."""
    items = [context.question(role, str(row["item"])) for row in rows]
    return {item.scale for item in items if item is not None and item.scale is not None}


def _of(role: str, rows: list[Record]) -> list[Record]:
    return [row for row in rows if str(row["role"]) == role]


def _omega(role: str, tables: Tables, context: Context) -> list[str]:
    """Return how much of the total score is one general factor."""
    for row in _of(role, records(tables, "omega")):
        whole = str(row["scale"]) == "all" and str(row["group"]) == "all"
        if whole and given(row.get("omega_h")):
            return [
                context.words(
                    "report.omega_whole", omega_h=context.numerals.text(Kind.bounded, row["omega_h"])
                )
            ]
    return []


def _method(tables: Tables, context: Context) -> list[Finding]:
    """Return the shares of Harman's component and of the method factor, where both are there."""
    found = []
    for (role,), rows in grouped(records(tables, "common_method"), "role"):
        shares = {str(row["method"]): number(row.get("share")) for row in rows}
        harman, share = shares.get("harman_component"), shares.get("method_factor")
        if harman is None or share is None:
            continue
        text = context.numerals.text
        lead = context.words(
            "report.method_role",
            role=context.role(role),
            harman=text(Kind.share, harman),
            share=text(Kind.share, share),
        )
        found.append(Finding(lead).shown_in(("common_method",), ("common_method",)))
    return found


def _levels(tables: Tables, context: Context) -> list[Finding]:
    """Return how much of the items lies between schools, and what reliability is left within them."""
    found = []
    for (role,), rows in grouped(records(tables, "item_icc"), "role"):
        shares = [value for row in rows if (value := number(row.get("icc_reml"))) is not None]
        alphas = [
            value
            for row in _of(role, records(tables, "two_level"))
            if str(row["level"]) == "within" and (value := number(row.get("alpha"))) is not None
        ]
        if not shares or not alphas:
            continue
        text = context.numerals.text
        lead = context.words(
            "report.levels_role",
            role=context.role(role),
            lowest=text(Kind.share, min(shares)),
            highest=text(Kind.share, max(shares)),
            low=text(Kind.bounded, min(alphas)),
            high=text(Kind.bounded, max(alphas)),
        )
        found.append(Finding(lead).shown_in(("item_icc", "two_level"), (f"item_icc-{role}", "two_level")))
    return found
