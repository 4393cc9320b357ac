"""What the report says of the measurement model: fit, validity, whether groups and roles compare."""

from manyi_outputs.appendix.confirmatory import factor_name, improper, model_title
from manyi_outputs.appendix.discriminant import TOO_HIGH
from manyi_outputs.appendix.footnotes import said
from manyi_outputs.appendix.invariance import BY_ROLE, group_name
from manyi_outputs.appendix.provenance import as_float, as_int, stated
from manyi_outputs.appendix.records import Record, Tables, given, grouped, number, records, true
from manyi_outputs.appendix.roles import pair_title
from manyi_outputs.context import Context
from manyi_outputs.report.finding import Finding, under
from manyi_outputs.wording import Kind
from manyi_outputs.wording.numerals import SIGNIFICANT

#: Guides of Hu and Bentler (1999), and of Fornell and Larcker (1981).
CFI, RMSEA, SRMR = 0.95, 0.06, 0.08
CR, AVE = 0.70, 0.50


def structure(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return for each role how its scales' model fits and what validity they have."""
    found = []
    for (role,), rows in grouped(records(tables, "cfa_fit"), "role"):
        main = rows[0]
        names = {"role": context.role(role), "model": model_title(context, main["model"])}
        if not given(main.get("cfi")):
            reason = context.reason(str(main.get("reason") or ""))
            lead = context.words("report.cfa_unknown", reason=reason, **names)
            found.append(Finding(lead, kind="unknown").shown_in(("cfa_fit",), ("cfa_fit",)))
            continue
        rest = [*improper(context, [main]), *_validity(role, tables, context), *_steps(role, tables, context)]
        size = context.words(
            "report.cfa_guides",
            cfi=_guide(CFI, "hu1999", context),
            rmsea=_guide(RMSEA, "hu1999", context),
            srmr=_guide(SRMR, "hu1999", context),
        )
        keys = ("cfa_fit", f"convergent-{role}", f"discriminant-{role}", "invariance")
        one = Finding(_fit(main, names, context), tuple(rest), size=size)
        found.append(one.shown_in(("cfa_fit", "convergent", "htmt", "invariance"), keys))
    return tuple(found)


def _fit(row: Record, names: dict[str, str], context: Context) -> str:
    numerals = context.numerals
    meets = row["cfi"] >= CFI and row["rmsea"] <= RMSEA and row["srmr"] <= SRMR
    shown = {name: numerals.text(Kind.bounded, row[name]) for name in ("cfi", "tli", "rmsea", "srmr")}
    shown |= {"chi2": numerals.text(Kind.statistic, row["chi2"]), "df": numerals.text(Kind.df, row["df"])}
    key = "report.cfa_meets" if meets else "report.cfa_short"
    return context.words(key, n=as_int(row["n"]), estimator=row["estimator"], **shown, **names)


def _validity(role: str, tables: Tables, context: Context) -> list[str]:
    """Return the range of CR and AVE with the scales below the guides, and the highest HTMT."""
    words, numerals, sentences = context.words, context.numerals, []
    rows = [row for row in _of(role, tables, "convergent") if given(row.get("cr")) and given(row.get("ave"))]
    if rows:
        limits = {
            f"{name}_{end}": numerals.text(Kind.bounded, pick(as_float(row[name]) for row in rows))
            for name in ("cr", "ave")
            for end, pick in (("low", min), ("high", max))
        }
        sentences.append(words("report.cfa_convergent", **limits))
        weak = [row for row in rows if row["cr"] < CR or row["ave"] < AVE]
        if weak:
            listed = words("numbers.list").join(factor_name(context, role, str(row["scale"])) for row in weak)
            sentences.append(
                words(
                    "report.cfa_weak",
                    scales=listed,
                    cr=_guide(CR, "fornell1981", context),
                    ave=_guide(AVE, "fornell1981", context),
                )
            )
    ratios = [row for row in _of(role, tables, "htmt") if given(row.get("htmt"))]
    if ratios:
        top = max(ratios, key=lambda row: float(row["htmt"]))
        key = "report.htmt_above" if top["htmt"] > TOO_HIGH else "report.htmt_below"
        sentences.append(
            words(
                key,
                a=factor_name(context, role, str(top["scale_a"])),
                b=factor_name(context, role, str(top["scale_b"])),
                value=numerals.text(Kind.bounded, top["htmt"]),
                low=_limit(top, "low", context),
                high=_limit(top, "high", context),
                level=context.level,
                cut=_guide(TOO_HIGH, "henseler2015", context),
            )
        )
    return sentences


def _guide(value: float, work: str, context: Context) -> str:
    return context.numerals.text(Kind.bounded, stated(value, f"work {work}"))


def _limit(row: Record, name: str, context: Context) -> str:
    value = number(row.get(name))
    return "—" if value is None else context.numerals.text(Kind.bounded, value)


def _of(role: str, tables: Tables, name: str) -> list[Record]:
    return [row for row in records(tables, name) if str(row["role"]) == role]


def _steps(role: str, tables: Tables, context: Context) -> list[str]:
    """Return for each column of groups how far measurement is the same."""
    words, sentences = context.words, []
    whole = [row for row in _of(role, tables, "invariance") if str(row["scale"]) == "all"]
    for (by,), rows in grouped(whole, "by"):
        if by == BY_ROLE:
            continue
        held = [str(row["step"]) for row in rows if true(row.get("held"))]
        group = context.group(role, by)
        if not held:
            continue
        comparable = held[-1].endswith(("scalar", "strict"))
        key = "report.invariance_held" if comparable else "report.invariance_lost"
        level = words.term("invariance", held[-1].replace(" ", "_"))
        told = words(key, by=group, level=level)
        left_out = said(rows[0].get("left_out"))
        if left_out:
            names = (group_name(context, {**rows[0], "group": one}) for one in left_out.split(", "))
            listed = words("report.invariance_left_out", groups=words("numbers.list").join(names))
            told += words("layout.join") + listed
        sentences.append(told)
    return sentences


def roles_findings(tables: Tables, context: Context) -> tuple[Finding, ...]:
    """Return for every two roles what their answers to common items say, or why they say nothing."""
    words, numerals, found = context.words, context.numerals, []
    for row in records(tables, "role_agreement"):
        names = {
            "pair": pair_title(context, row),
            "scale": factor_name(context, str(row["role"]), str(row["scale"])),
            "level": words.term("invariance", str(row["invariance"])),
        }
        if not given(row.get("mean")):
            reason = context.reason(str(row.get("reason") or ""))
            lead = words("report.roles_unknown", reason=reason, **names)
            found.append(Finding(lead, kind="unknown").shown_in(("role_agreement",), ("role_agreement",)))
            continue
        shown = {
            name: numerals.text(Kind.mean, as_float(row[name]))
            for name in ("mean", "low", "high", "lower_limit", "upper_limit")
        }
        p = number(row.get("p"))
        different = p is not None and p < SIGNIFICANT
        lead = words(
            "report.roles_differ" if different else "report.roles_alike",
            interval=context.level,
            schools=as_int(row["schools"]),
            p="—" if p is None else context.p_clause(p),
            **{name: shown[name] for name in ("mean", "low", "high")},
            **names,
        )
        limits = {name: shown[name] for name in ("lower_limit", "upper_limit")}
        one = Finding(lead, (words("report.roles_spread", **limits),), "found" if different else "null")
        found.append(one.shown_in(("role_agreement",), ("role_agreement",)))
    return under(found, words("report.roles"), words("report.roles_tested"), words("report.roles_beyond"))
