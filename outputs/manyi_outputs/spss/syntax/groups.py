"""Differences between the planned groups: ``T-TEST``, ``ONEWAY`` with pairs, ranks, ``CROSSTABS``."""

from collections.abc import Iterator, Mapping

import pandas as pd

from manyi_outputs.spss.syntax.commands import commented_out, listed, numbered
from manyi_outputs.spss.syntax.names import Group, Names, group_commands, groups, of_role

#: An outcome -> kind, and the groups that its tests compare.
_Division = tuple[str, tuple[str, ...]]


def differences(names: Names, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the tests of the table ``differences``, on the groups that it compares."""
    tests = of_role(tables, "differences", names.role)
    if not len(tests):
        return []
    compared = list(_compared(names, tests, tables))
    made = groups(names, [division for *_, division in compared])
    outcomes: dict[_Division, dict[str, list[str]]] = {}
    for outcome, kind, division in compared:
        if division in made:
            outcomes.setdefault(division, {}).setdefault(kind, []).append(outcome)
    if not outcomes:
        return []
    files = ("differences", "group_means", "pairwise_differences", "group_answers")
    commands = [names.heading("differences", *files), names.said("clustered")]
    for division, kinds in outcomes.items():
        group = made[division]
        commands.append(group_commands(names, group))
        numbers = [*kinds.get("scale", ()), *kinds.get("ordinal", ())]
        if numbers:
            commands += _two(names, group, numbers) if group.count == 2 else _several(names, group, numbers)
        if "nominal" in kinds:
            commands.append(_crossed(kinds["nominal"], group))
    return commands


def _compared(
    names: Names, tests: pd.DataFrame, tables: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[str, str, _Division]]:
    """Yield every outcome that was compared: its variable, its kind and the groups."""
    known = {name: _levels(of_role(tables, name, names.role)) for name in ("group_means", "group_answers")}
    chosen = tests[(tests["reason"] == "") & tests["statistic"].notna()]
    for row in chosen.drop_duplicates(["outcome", "by"]).itertuples():
        told = known["group_answers" if row.kind == "nominal" else "group_means"]
        levels = told.get((str(row.outcome), str(row.by)), ())
        variable = names.measure(str(row.outcome))
        if variable is not None and len(levels) > 1 and len(levels) == len(str(row.sizes).split()):
            yield variable, str(row.kind), (str(row.by), levels)


def _levels(table: pd.DataFrame) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the groups of every outcome and division that the table shows, in its order."""
    if not len(table):
        return {}
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in table[table["reason"] == ""].itertuples():
        found.setdefault((str(row.outcome), str(row.by)), {})[str(row.group)] = None
    return {key: tuple(levels) for key, levels in found.items()}


def _two(names: Names, group: Group, outcomes: list[str]) -> list[str]:
    """Return Student's and Welch's t with Levene's test, and Mann and Whitney's U."""
    test = (
        f"T-TEST GROUPS={group.name}(1 2)\n /VARIABLES={listed(outcomes)}\n"
        f" /CRITERIA=CI({numbered(names.context.confidence)})"
    )
    return [
        f"{test}.",
        names.said("ranks"),
        f"NPAR TESTS\n /M-W={listed(outcomes)} BY {group.name}(1 2).",
        names.said("effects_spss"),
        commented_out(f"{test}\n /ES DISPLAY(TRUE)."),
    ]


def _several(names: Names, group: Group, outcomes: list[str]) -> list[str]:
    """Return the analysis of variance with Levene's test and all pairs, and Kruskal and Wallis's H."""
    test = f"ONEWAY {listed(outcomes)} BY {group.name}\n /STATISTICS=DESCRIPTIVES HOMOGENEITY"
    alpha = numbered(round(1 - names.context.confidence, 10))
    return [
        f"{test}\n /POSTHOC=TUKEY GH ALPHA({alpha}).",
        f"NPAR TESTS\n /K-W={listed(outcomes)} BY {group.name}(1 {group.count}).",
        names.said("welch_spss"),
        commented_out(f"{test} WELCH\n /ES=OVERALL\n /POSTHOC=TUKEY GH ALPHA({alpha})."),
    ]


def _crossed(outcomes: list[str], group: Group) -> str:
    """Return the table of answers by group with the chi-square test and Cramér's V."""
    return (
        f"CROSSTABS\n /TABLES={listed(outcomes)} BY {group.name}\n /STATISTICS=CHISQ PHI\n"
        " /CELLS=COUNT COLUMN ASRESID."
    )
