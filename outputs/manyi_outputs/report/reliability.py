"""What the report says of reliability: the range of alpha, the weakest scale, the benchmark."""

from manyi_outputs.appendix.provenance import as_float, as_int, counted, stated
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.context import Context
from manyi_outputs.report.finding import Finding
from manyi_outputs.wording import Kind

#: From this alpha a scale is commonly called acceptable: Nunnally and Bernstein (1994, p. 265).
ACCEPTABLE = 0.70


def reliability_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return for each role the range of alpha, the lowest with its interval, and how many are acceptable."""
    rows = [
        row
        for row in records(tables, "reliability")
        if str(row.get("group", "all")) == "all" and str(row["scale"]) != "all" and given(row.get("alpha"))
    ]
    return tuple(_role(role, scales, context) for (role,), scales in grouped(rows, "role"))


def _role(role: str, scales: list[Record], context: Context) -> Finding:
    words, numerals = context.words, context.numerals
    alphas = {str(row["scale"]): as_float(row["alpha"]) for row in scales}
    lead = words(
        "report.reliability_role",
        role=context.role(role),
        k=counted(len(alphas), "count(alpha)", scales, "alpha"),
        low=numerals.text(Kind.bounded, min(alphas.values())),
        high=numerals.text(Kind.bounded, max(alphas.values())),
    )
    weak = [
        words(
            "report.reliability_scale",
            scale=context.scale(role, scale),
            alpha=numerals.text(Kind.bounded, alpha),
        )
        for scale, alpha in alphas.items()
        if alpha < ACCEPTABLE
    ]
    cut = numerals.text(Kind.bounded, stated(ACCEPTABLE, "work nunnally1994"))
    source = words.term("source", "nunnally1994")
    size = (
        words("report.reliability_weak", cut=cut, source=source, scales=words("numbers.list").join(weak))
        if weak
        else words("report.reliability_fine", cut=cut, source=source)
    )
    found = Finding(lead, _lowest(role, scales, context), size=size)
    return found.shown_in(("reliability",), ("reliability",))


def _lowest(role: str, scales: list[Record], context: Context) -> tuple[str, ...]:
    """Return the interval of the lowest alpha: how sure the worst of the scales is."""
    row = min(scales, key=lambda one: float(one["alpha"]))
    low, high = number(row.get("alpha_low")), number(row.get("alpha_high"))
    if low is None or high is None:
        return ()
    text = context.numerals.text
    return (
        context.words(
            "report.reliability_lowest",
            scale=context.scale(role, str(row["scale"])),
            level=context.level,
            low=text(Kind.bounded, low),
            high=text(Kind.bounded, high),
            n=as_int(row["n"]),
        ),
    )
