"""The limits of a study, from its own numbers: return, missing answers, schools, clustering, method."""

from collections.abc import Callable
from dataclasses import replace

from manyi_outputs.appendix.provenance import as_float, as_int, below, counted, stated_count
from manyi_outputs.appendix.records import Record, Tables, given, records
from manyi_outputs.context import Context
from manyi_outputs.report.facts import Facts
from manyi_outputs.report.finding import Finding
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import SIGNIFICANT

#: With fewer schools clustered errors come out clearly too small: Cameron and Miller (2015, section VI).
FEW_CLUSTERS = 50
#: Result tables whose limits or tests take respondents as independent -> what these are.
_UNCLUSTERED = {
    "reliability": "alpha",
    "cfa_fit": "fit",
    "correlations": "r",
    "differences": "effects",
    "latent_means": "latent_means",
    "mcar": "little",
}

_Maker = Callable[[Tables, Context], list[Finding]]


def limit_findings(tables: Tables, context: Context, facts: Facts) -> tuple[Finding, ...]:
    """Return the limits that the results themselves show, and those of the design."""
    makers: tuple[tuple[str, _Maker], ...] = (
        ("return", _return),
        ("missing", _missing),
        ("schools", _schools),
        ("clustering", _clustering),
        ("method", _method),
        ("multiplicity", _multiplicity),
        ("weights", _weights),
    )
    words = context.words
    made = [
        finding
        for key, make in makers
        for finding in _headed(make(tables, context), words(f"report.limits_{key}"))
    ]
    if not made:
        return ()
    design = words("report.limits_cross" if facts.occasions <= 1 else "report.limits_waves")
    return (*_headed([Finding(design)], words("report.limits_design")), *made)


def _headed(found: list[Finding], heading: str) -> list[Finding]:
    return [replace(each, heading=heading) for each in found]


def _return(tables: Tables, context: Context) -> list[Finding]:
    """Return the lowest return rate, and the roles of which none is known."""
    words, rows = context.words, records(tables, "return")
    known = [row for row in rows if given(row.get("return_rate"))]
    found = []
    if known:
        lowest = min(known, key=lambda row: float(row["return_rate"]))
        found.append(
            words(
                "report.limits_lowest",
                role=context.role(str(lowest["role"])),
                rate=context.numerals.text(Kind.share, as_float(lowest["return_rate"])),
            )
        )
    unknown = [context.role(str(row["role"])) for row in rows if not given(row.get("return_rate"))]
    if unknown:
        found.append(words("report.limits_unissued", roles=words("numbers.list").join(unknown)))
    return [Finding(text).shown_in(("return",), ("return",)) for text in found]


def _missing(tables: Tables, context: Context) -> list[Finding]:
    """Return what the regressions lose to missing answers, and where answers are not missing at random."""
    words, found = context.words, []
    worst: dict[str, Record] = {}
    for row in records(tables, "regression_models"):
        if given(row.get("n")) and given(row.get("missing")):
            worst[str(row["role"])] = row
    for role, row in worst.items():
        lead = words(
            "report.limits_listwise",
            role=context.role(role),
            outcome=context.index(role, str(row["outcome"])),
            n=as_int(row["n"]),
            missing=as_int(row["missing"]),
        )
        key = f"regression-{role}-{row['outcome']}"
        found.append(Finding(lead).shown_in(("regression_models",), (key,)))
    tested = [row for row in records(tables, "mcar") if given(row.get("p"))]
    if tested:
        rejected = sum(row["p"] < SIGNIFICANT for row in tested)
        counts = {
            "k": counted(len(tested), "count(p)", tested, "p"),
            "n": counted(rejected, below(SIGNIFICANT), tested, "p"),
        }
        lead = words("report.limits_mcar", **counts)
        found.append(Finding(lead).shown_in(("mcar",), ("missing",)))
    return found


def _schools(tables: Tables, context: Context) -> list[Finding]:
    """Return how many schools the errors of the regressions rest on."""
    clusters = [
        as_int(row["clusters"]) for row in records(tables, "regression_models") if given(row.get("clusters"))
    ]
    if not clusters:
        return []
    fewest = min(clusters)
    key = "report.limits_few_schools" if fewest < FEW_CLUSTERS else "report.limits_many_schools"
    lead = context.words(key, n=fewest, cut=stated_count(FEW_CLUSTERS, "work cameron2015"))
    return [Finding(lead).shown_in(("regression_models",), ("regression",))]


def _clustering(tables: Tables, context: Context) -> list[Finding]:
    """Return how alike respondents of one school are, and which statistics do not allow for it."""
    words, found = context.words, []
    effects = [row for row in records(tables, "icc") if given(row.get("design_effect"))]
    if effects:
        largest = max(effects, key=lambda row: float(row["design_effect"]))
        role = str(largest["role"])
        lead = words(
            "report.limits_design_effect",
            role=context.role(role),
            outcome=context.index(role, str(largest["outcome"])),
            icc=context.numerals.text(Kind.bounded, as_float(largest["icc_reml"])),
            deff=context.numerals.text(Kind.mean, as_float(largest["design_effect"])),
        )
        found.append(Finding(lead).shown_in(("icc",), ("icc",)))
    kinds = [kind for name, kind in _UNCLUSTERED.items() if records(tables, name)]
    if kinds:
        listed = words("numbers.list").join(words(f"report.unclustered_{kind}") for kind in kinds)
        found.append(Finding(words("report.limits_unclustered", statistics=listed)))
    return found


def _method(tables: Tables, context: Context) -> list[Finding]:
    """Return what the test of common method variance found at the most."""
    rows = [
        row
        for row in records(tables, "common_method")
        if str(row["method"]) == "method_factor" and given(row.get("share"))
    ]
    if not rows:
        return [Finding(context.words("report.limits_self"))] if records(tables, "reliability") else []
    largest = max(rows, key=lambda row: float(row["share"]))
    lead = context.words(
        "report.limits_method_share",
        role=context.role(str(largest["role"])),
        share=context.numerals.text(Kind.share, as_float(largest["share"])),
    )
    return [Finding(lead).shown_in(("common_method",), ("common_method",))]


def _multiplicity(tables: Tables, context: Context) -> list[Finding]:
    """Return how many tests of groups and pairs there are, and within what p is adjusted."""
    rows = records(tables, "differences")
    tests = sum(str(row.get("chosen")) == "True" for row in rows)
    if not tests:
        return []
    lead = context.words("report.limits_tests", n=counted(tests, "count(chosen = True)", rows, "chosen"))
    return [Finding(lead).shown_in(("differences",), ("differences",))]


def _weights(tables: Tables, context: Context) -> list[Finding]:
    """Return that nothing but the weighted tables is weighted, or that nothing is."""
    if not records(tables, "satisfaction"):
        return []
    key = "report.limits_weighted" if records(tables, "weights") else "report.limits_unweighted"
    return [Finding(context.words(key))]
