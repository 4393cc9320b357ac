"""What the report says of correlations: what goes with satisfaction, within schools and between."""

from manyi_outputs.appendix.correlations import BETWEEN, PEARSON, WITHIN, Matrix, Side, matrices, relied_on
from manyi_outputs.appendix.provenance import as_float, as_int, below, counted
from manyi_outputs.appendix.records import Record, Tables, grouped, number, records
from manyi_outputs.context import Context
from manyi_outputs.report.finding import Finding, under
from manyi_outputs.report.size import sized
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import SIGNIFICANT

_SOURCES = ("correlations", "correlation_variables")


def correlation_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return one finding a role on what goes with its first satisfaction measure."""
    measures = {
        role: [str(row["index"]) for row in rows]
        for (role,), rows in grouped(records(tables, "satisfaction"), "role")
    }
    found = []
    for matrix in matrices(tables):
        target = next((name for name in measures.get(matrix.role, []) if name in matrix.whole), "")
        if target and PEARSON in matrix.pairs:
            found.append(_finding(matrix, target, context))
    words = context.words
    return under(
        found,
        words("report.correlations"),
        words("report.correlations_tested"),
        words("report.correlations_read"),
    )


def _finding(matrix: Matrix, target: str, context: Context) -> Finding:
    words = context.words
    names = {"role": context.role(matrix.role), "target": context.index(matrix.role, target)}
    rows = _with(matrix, PEARSON, target)
    if not rows:
        reasons = (str(matrix.row(PEARSON, target, name).get("reason") or "") for name in matrix.whole)
        reason = next((each for each in reasons if each), "")
        said = context.reason(reason) if reason else ""
        lead = words("report.correlations_unknown", reason=said, **names)
        return Finding(lead, kind="unknown").shown_in(_SOURCES, (f"correlations-{matrix.role}",))
    significant = [row for row in rows.values() if (p := relied_on(row)) is not None and p < SIGNIFICANT]
    order = sorted(rows, key=lambda name: float(rows[name]["r"]))
    clustered = any(number(row.get("p_clustered_adjusted")) is not None for row in rows.values())
    column = "p_clustered_adjusted" if clustered else "p_adjusted"
    how = "report.differences_clustered" if clustered else "report.differences_plain"
    adjustment = words.term("adjustment", str(rows[order[0]].get("adjustment", "none")))
    lead = words(
        "report.correlations_found" if significant else "report.correlations_null",
        k=counted(len(rows), "count(r)", rows.values(), "r"),
        found=counted(len(significant), below(SIGNIFICANT), rows.values(), column),
        how=words(how, adjustment=adjustment),
        low=_r(rows[order[0]], context),
        high=_r(rows[order[-1]], context),
        **names,
    )
    ends = [order[-1], order[0]] if len(order) > 1 else order
    rest = [
        words(
            "report.correlations_ends",
            ends=words("numbers.clause").join(_said(matrix, rows, name, context) for name in ends),
        )
    ]
    sizes = [sized("r", float(rows[name]["r"]), context) for name in ends]
    size = words("report.correlations_size", sizes=words("numbers.list").join(dict.fromkeys(sizes)))
    found = Finding(
        lead,
        (*rest, *_levels(matrix, target, context)),
        "found" if significant else "null",
        size=size,
    )
    keys = (f"correlations-{matrix.role}", f"correlation_levels-{matrix.role}")
    return found.shown_in(_SOURCES, keys)


def _with(matrix: Matrix, side: Side, target: str) -> dict[str, Record]:
    """Return the correlations of the other variables with one, those that were computed."""
    rows = {name: matrix.row(side, target, name) for name in matrix.whole if name != target}
    return {name: row for name, row in rows.items() if number(row.get("r")) is not None}


def _said(matrix: Matrix, rows: dict[str, Record], name: str, context: Context) -> str:
    row, bounded = rows[name], Kind.bounded
    limits = (number(row.get(end)) for end in ("low", "high"))
    low, high = ("—" if end is None else context.numerals.text(bounded, end) for end in limits)
    details = {"r": _r(row, context), "level": context.level, "low": low, "high": high}
    return context.words("report.correlations_one", name=context.index(matrix.role, name), **details)


def _levels(matrix: Matrix, target: str, context: Context) -> tuple[str, ...]:
    """Return the range of the correlations within schools and between their means."""
    within, between = (_with(matrix, side, target) for side in (WITHIN, BETWEEN))
    if not within or not between:
        return ()
    span = {}
    for name, rows in (("within", within), ("between", between)):
        ordered = sorted(rows.values(), key=lambda row: float(row["r"]))
        span[f"{name}_low"], span[f"{name}_high"] = (_r(row, context) for row in (ordered[0], ordered[-1]))
    schools = max(as_int(row["n"]) for row in between.values())
    return (context.words("report.correlations_levels", schools=schools, **span),)


def _r(row: Record, context: Context) -> str:
    return context.numerals.text(Kind.bounded, as_float(row["r"]))
