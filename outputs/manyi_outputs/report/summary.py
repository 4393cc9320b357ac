"""A study in a few lines, role by role: answers, reliability, satisfaction, what school resources explain."""

from dataclasses import dataclass

from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records
from manyi_outputs.appendix.regression import Blocks, regressions
from manyi_outputs.appendix.satisfaction import headline_rows, value_kind
from manyi_outputs.context import Context
from manyi_outputs.wording import Kind

#: Result tables a summary reads.
SUMMARY_TABLES = ("return", "reliability", "satisfaction", "regression", "regression_models")


@dataclass(frozen=True, slots=True)
class RoleSummary:
    """What a role's results come to; None and a reason's words where there is no number.

    Parameters
    ----------
    role, title : str
    received, valid : int
    alpha_low, alpha_high : float or None
        Lowest and highest alpha of its scales.
    satisfaction, low, high : float or None
        Its first index, with its limits.
    definition : str
        Of the index.
    delta_r2, p : float or None
        What the school indicators add to R² of its first regression, and their joint test.
    reason : str
        Why the index was not computed.
    """

    role: str
    title: str
    received: int
    valid: int
    alpha_low: float | None = None
    alpha_high: float | None = None
    satisfaction: float | None = None
    low: float | None = None
    high: float | None = None
    definition: str = ""
    delta_r2: float | None = None
    p: float | None = None
    reason: str = ""


def summary(tables: Tables, context: Context) -> tuple[RoleSummary, ...]:
    """Return one summary a role, in the order of table `return`.

    Parameters
    ----------
    tables : Mapping
        Name -> tidy result table; of `SUMMARY_TABLES` those there are.
    context : Context
        Language and titles.
    """
    indices = {
        role: rows[0]
        for (role,), rows in grouped(
            [row for row in headline_rows(records(tables, "satisfaction")) if str(row["group"]) == "all"],
            "role",
        )
    }
    explained: dict[str, Blocks] = {}
    for blocks in regressions(tables, context):
        if blocks.school_block:
            explained.setdefault(blocks.role, blocks)
    return tuple(
        _role(row, indices.get(str(row["role"]), {}), explained.get(str(row["role"])), tables, context)
        for row in records(tables, "return")
    )


def _role(row: Record, index: Record, blocks: Blocks | None, tables: Tables, context: Context) -> RoleSummary:
    role = str(row["role"])
    alphas = [
        float(one["alpha"])
        for one in records(tables, "reliability")
        if str(one["role"]) == role
        and str(one.get("group", "all")) == "all"
        and str(one["scale"]) != "all"
        and given(one.get("alpha"))
    ]
    model = blocks.model(blocks.model_of("total")) if blocks else {}
    why = str(index.get("reason") or "")
    return RoleSummary(
        role,
        context.role(role),
        int(row["received"]),
        int(row["valid"]),
        min(alphas, default=None),
        max(alphas, default=None),
        number(index.get("value")),
        number(index.get("low")),
        number(index.get("high")),
        str(index.get("definition") or ""),
        number(model.get("delta_r2")),
        number(model.get("p_change")),
        context.reason(why) if why else "",
    )


def summary_rows(found: tuple[RoleSummary, ...], context: Context) -> list[tuple[str, ...]]:
    """Return headings and one row a role, as text; a column nobody has is left out.

    Parameters
    ----------
    found : tuple of RoleSummary
    context : Context
        Language.

    Returns
    -------
    list of tuple of str
        The first row holds the headings.
    """
    words = context.words
    heads = tuple(words(f"report.summary_{name}") for name in ("role", "n", "alpha", "index", "schools"))
    rows = [(one.title, f"{one.valid}/{one.received}", *_numbers(one, context)) for one in found]
    kept = [at for at in range(len(heads)) if at < 2 or any(row[at] for row in rows)]
    return [tuple(row[at] or "—" for at in kept) for row in (heads, *rows)]


def _numbers(one: RoleSummary, context: Context) -> tuple[str, str, str]:
    text = context.numerals.text
    alpha = index = schools = ""
    if one.alpha_low is not None and one.alpha_high is not None:
        alpha = f"{text(Kind.bounded, one.alpha_low)}–{text(Kind.bounded, one.alpha_high)}"
    if one.satisfaction is not None:
        kind = value_kind(one.definition)
        index = text(kind, one.satisfaction)
        if one.low is not None and one.high is not None:
            index += f" [{text(kind, one.low)}, {text(kind, one.high)}]"
    if one.delta_r2 is not None and one.p is not None:
        schools = f"ΔR² {text(Kind.bounded, one.delta_r2)}, p{context.p_clause(one.p)}"
    return alpha, index, schools
