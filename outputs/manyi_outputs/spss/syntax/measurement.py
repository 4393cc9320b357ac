"""Items, reliability and factors: ``DESCRIPTIVES``, extreme groups, ``RELIABILITY``, ``FACTOR``."""

from collections.abc import Mapping

import pandas as pd

from manyi_instruments.codebook import in_language
from manyi_outputs.spss.labels import shortened
from manyi_outputs.spss.syntax.commands import comment, commented_out, listed, numbered, quoted
from manyi_outputs.spss.syntax.names import Names, of_role

#: What the plan calls an extraction -> what SPSS calls it, and what PSPP can run of it.
_EXTRACTION = {"minres": ("ULS", "PAF"), "ml": ("ML", "PAF"), "paf": ("PAF", "PAF"), "pca": ("PC", "PC")}
#: SPSS and PSPP divide rows of loadings by communalities before these; the plan's oblimin does not.
_ROTATION = {
    "varimax": "VARIMAX",
    "promax": "PROMAX(4)",
    "oblimin": "OBLIMIN",
    "none": "NOROTATE",
}
_RUN_BY_BOTH = ("varimax", "promax", "none")
#: Iterations until communalities and rotation stand still to seven digits.
_PRECISE = "ITERATE(1000) ECONVERGE(0.00000001) RCONVERGE(0.00000001)"


def items(names: Names, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the description of items scale by scale on complete answers, and their extreme groups."""
    table = of_role(tables, "items", names.role)
    if not len(table):
        return []
    commands = [names.heading("items", "items")]
    for scale, own in table.groupby("scale", sort=False):
        members = [name for item in own["item"] if (name := _column(names, str(item), own)) is not None]
        if members:
            rows = "LISTWISE" if scale and _rule(own) == "listwise" else "VARIABLE"
            commands.append(
                f"DESCRIPTIVES\n /VARIABLES={listed(members)}\n /MISSING={rows}\n"
                " /STATISTICS=MEAN STDDEV SKEWNESS KURTOSIS."
            )
            commands += _extreme_groups(names, str(scale), own, members)
    return commands


def _column(names: Names, item: str, own: pd.DataFrame) -> str | None:
    """Return the variable of an item of the table: recoded where the table says that it counts reversed."""
    reversed_ = bool(own.loc[own["item"] == item, "reversed"].iloc[0])
    return names.measure(item) if reversed_ or item not in names else names.of(item)


def _rule(table: pd.DataFrame) -> str:
    return str(table["missing_rule"].iloc[0]) if "missing_rule" in table and len(table) else "listwise"


def _extreme_groups(names: Names, scale: str, own: pd.DataFrame, members: list[str]) -> list[str]:
    """Return the comparison of the lowest and highest 27 %: the critical ratio of every item."""
    cuts = own.dropna(subset=["low_cut", "high_cut"]) if "low_cut" in own else own.iloc[:0]
    if not len(cuts) or len(members) < 2:
        return []
    low, high = float(cuts["low_cut"].iloc[0]), float(cuts["high_cut"].iloc[0])
    total, extreme = names.made(f"{scale}_total"), names.made(f"{scale}_extreme")
    return [
        "\n".join(
            [
                f"COMPUTE {total} = {listed(' + '.join(members).split(' '))}.",
                f"RECODE {total} (LOWEST THRU {numbered(low)}=1) ({numbered(high)} THRU HIGHEST=2)"
                f"\n INTO {extreme}.",
                f"VALUE LABELS {extreme} 1 {quoted(names.words('syntax.low'))}"
                f" 2 {quoted(names.words('syntax.high'))}.",
                f"T-TEST GROUPS={extreme}(2 1)\n /VARIABLES={listed(members)}.",
            ]
        )
    ]


def reliability(names: Names, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return ``RELIABILITY`` of every scale of two items or more, of all items, and of both halves.

    Without tables every scale of the questionnaire; a scale of which a table has no alpha is left out with
    the reason.
    """
    table = of_role(tables, "reliability", names.role)
    scales = {
        scale.id: in_language(scale.title, names.words.language) for scale in names.questionnaire.scales
    }
    whole = {"all": names.words("term.whole")} if len(scales) > 1 and len(table) else {}
    commands = [names.heading("reliability", "reliability", "items", "split_half")]
    if _rule(table) == "pairwise":
        commands.append(names.said("listwise_only"))
    for scale, title in {**scales, **whole}.items():
        members = _members(names, scale)
        rows = table[(table["group"] == "all") & (table["scale"] == scale)] if len(table) else table
        reason = str(rows["reason"].iloc[0]) if len(rows) else ""
        if len(members) < 2 or (len(table) and not len(rows)):
            continue
        if reason:
            commands.append(comment(f"{scale}: {names.context.reason(reason)}"))
            continue
        shown = quoted(shortened(f"{scale} {title}", 60))
        commands.append(
            f"RELIABILITY\n /VARIABLES={listed(members)}\n /SCALE({shown}) ALL\n"
            " /MODEL=ALPHA\n /SUMMARY=TOTAL."
        )
        commands += _halves(names, tables, scale, members, shown)
    return commands if len(commands) > 1 else []


def _halves(
    names: Names, tables: Mapping[str, pd.DataFrame], scale: str, members: list[str], shown: str
) -> list[str]:
    """Return the split of a scale's items into the first and the second half, as the table has it."""
    table = of_role(tables, "split_half", names.role)
    if not len(table):
        return []
    own = table[(table["group"] == "all") & (table["scale"] == scale) & (table["split"] == "first-second")]
    if not len(own) or own["reason"].iloc[0]:
        return []
    start = f"RELIABILITY\n /VARIABLES={listed(members)}\n /SCALE({shown}) ALL\n /MODEL=SPLIT"
    first, second = int(own["k_first"].iloc[0]), int(own["k_second"].iloc[0])
    # SPSS takes the number for that of the second half, PSPP for the first; without one SPSS gives the odd
    # item to the first, as the table does, and PSPP does not run.
    return (
        [f"{start}({first})."] if first == second else [names.said("halves_spss"), commented_out(f"{start}.")]
    )


def _members(names: Names, scale: str) -> list[str]:
    """Return the variables of a scale's items, reverse-keyed ones recoded; of all scales for ``all``."""
    questionnaire = names.questionnaire
    ids = [one.id for one in questionnaire.scales] if scale == "all" else [scale]
    return [
        names.of(item.keyed_name)
        for each in ids
        for item in questionnaire.items_of(each)
        if item.keyed_name in names
    ]


def factors(names: Names, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return ``FACTOR`` of the planned items: fit for factoring, eigenvalues, the planned solution.

    What PSPP lacks (``ULS``, ``ML``, ``OBLIMIN``) stands as a comment for SPSS, beside the nearest that both
    run: principal axes reach the communalities of minres (ULS), the rotation that follows is theirs.
    """
    table = of_role(tables, "factorability", names.role)
    if not len(table):
        return []
    row = table.iloc[0]
    columns = of_role(tables, "kmo_items", names.role)
    columns = columns[columns["matrix"] == "pearson"] if len(columns) else columns
    members = [names.of(item) for item in columns.get("item", ()) if item in names]
    commands = [names.heading("factors", "factorability", "eigenvalues", "kmo_items", "loadings", "factors")]
    if len(members) < 3 or pd.isna(row["kmo"]):
        reason = str(row["reason"])
        return [*commands, comment(names.context.reason(reason))] if reason else []
    number = 0 if pd.isna(row["factors"]) else int(row["factors"])
    count = f"FACTORS({number}) " if number else ""
    rows = "PAIRWISE" if _rule(table) == "pairwise" else "LISTWISE"
    extraction, rotation = str(row["extraction"]), str(row["rotation"])
    theirs, both = _EXTRACTION[extraction]
    if not number:
        both, theirs, rotation = "PC", "PC", "none"
    start = f"FACTOR\n /VARIABLES={listed(members)}\n /MISSING={rows}\n"
    printed = " /PRINT=INITIAL EXTRACTION ROTATION KMO AIC\n"
    turned = _ROTATION[rotation] if rotation in _RUN_BY_BOTH else "PROMAX(4)"
    commands.append(
        f"{start}{printed} /CRITERIA={count}{_PRECISE}\n /EXTRACTION={both}\n /ROTATION={turned}."
    )
    if rotation in ("promax", "varimax"):
        commands.append(names.said(rotation))
    if theirs != both or rotation not in _RUN_BY_BOTH:
        commands.append(names.said("factors_spss", extraction=theirs, rotation=_ROTATION[rotation]))
        kaiser = " NOKAISER" if rotation == "oblimin" else ""
        precise = "ITERATE(1000) ECONVERGE(0.00000001)"
        commands.append(
            commented_out(
                f"{start}{printed} /PLOT=EIGEN\n /CRITERIA={count}{precise}\n /EXTRACTION={theirs}\n"
                f" /CRITERIA=ITERATE(1000){kaiser}\n /ROTATION={_ROTATION[rotation]}."
            )
        )
    return commands
