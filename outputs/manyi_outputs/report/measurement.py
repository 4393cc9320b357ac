"""What the report says of the instrument: how many factors, common method variance, levels."""

from collections.abc import Callable
from statistics import median

from manyi_outputs.appendix.records import Record, Tables, given, number, records
from manyi_outputs.context import Context
from manyi_outputs.report.finding import Finding
from manyi_outputs.wording import Kind


def measurement(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return for each role what its factor analysis found, and what bears on reading it."""
    found = []
    for row in records(tables, "factorability"):
        if given(row.get("kmo")) and given(row.get("factors_parallel_fa")) and given(row.get("factors_map")):
            found.append(_factors(row, tables, context))
    return tuple(found)


def _factors(row: Record, tables: Tables, context: Context) -> Finding:
    words, numerals, role = context.words, context.numerals, str(row["role"])
    scales = _scales(role, tables, context)
    parallel = int(row["factors_parallel_fa"])
    lead = words(
        "report.factors_role",
        role=context.role(role),
        parallel=parallel,
        map=int(row["factors_map"]),
        scales=len(scales),
        kmo=numerals.text(Kind.bounded, row["kmo"]),
    )
    rest = [words("report.factors_more")] if parallel < len(scales) else []
    if isinstance(row.get("remark"), str) and row["remark"]:
        rest.append(words("note.improper") + context.reason(row["remark"]))
    makers: tuple[Callable[[str, Tables, Context], list[str]], ...] = (_omega, _method, _levels)
    for make in makers:
        rest += make(role, tables, context)
    return Finding(lead, tuple(rest))


def _scales(role: str, tables: Tables, context: Context) -> set[str]:
    """Return the scales whose items entered the factor analysis."""
    items = [context.question(role, str(row["item"])) for row in _of(role, records(tables, "kmo_items"))]
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


def _method(role: str, tables: Tables, context: Context) -> list[str]:
    """Return the shares of Harman's component and of the method factor, where both are there."""
    rows = {
        str(row["method"]): number(row.get("share")) for row in _of(role, records(tables, "common_method"))
    }
    harman, share = rows.get("harman_component"), rows.get("method_factor")
    if harman is None or share is None:
        return []
    shown = {"harman": harman, "share": share}
    text = {name: context.numerals.text(Kind.share, value) for name, value in shown.items()}
    return [context.words("report.method_role", **text)]


def _levels(role: str, tables: Tables, context: Context) -> list[str]:
    """Return how much of the items lies between schools, and what reliability is left within them."""
    shares = [
        value
        for row in _of(role, records(tables, "item_icc"))
        if (value := number(row.get("icc_reml"))) is not None
    ]
    alphas = [
        value
        for row in _of(role, records(tables, "two_level"))
        if str(row["level"]) == "within" and (value := number(row.get("alpha"))) is not None
    ]
    if not shares or not alphas:
        return []
    limits = {
        "median": median(shares),
        "lowest": min(shares),
        "highest": max(shares),
        "low": min(alphas),
        "high": max(alphas),
    }
    shown = {
        name: context.numerals.text(
            Kind.share if name in ("median", "lowest", "highest") else Kind.bounded, value
        )
        for name, value in limits.items()
    }
    return [context.words("report.levels_role", **shown)]
