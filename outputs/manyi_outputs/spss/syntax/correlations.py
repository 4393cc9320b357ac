"""Correlations of scales and satisfaction questions: ``CORRELATIONS``, and what only SPSS has."""

from collections.abc import Mapping

import pandas as pd

from manyi_outputs.spss.syntax.commands import commented_out, listed
from manyi_outputs.spss.syntax.names import Names, of_role


def correlations(names: Names, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the correlations of the table, on its rows; ranks and partial correlations for SPSS alone."""
    table = of_role(tables, "correlations", names.role)
    if not len(table):
        return []
    told = table[(table["level"] == "respondent") & (table["reason"] == "") & table["r"].notna()]
    pearson = told[told["method"] == "pearson"]
    order = dict.fromkeys([*pearson["a"], *pearson["b"]])
    listed_ = of_role(tables, "correlation_variables", names.role)
    if len(listed_):
        order = dict.fromkeys(name for name in listed_["variable"] if name in order)
    members = [name for each in order if (name := names.measure(str(each))) is not None]
    if len(members) < 2:
        return []
    rows = "PAIRWISE" if (pearson["missing_rule"] == "pairwise").any() else "LISTWISE"
    commands = [
        names.heading("correlations", "correlations", "correlation_variables"),
        names.said("clustered_r"),
        f"CORRELATIONS\n /VARIABLES={listed(members)}\n /PRINT=TWOTAIL NOSIG\n /STATISTICS=DESCRIPTIVES\n"
        f" /MISSING={rows}.",
    ]
    lacking = []
    if (told["method"] == "spearman").any():
        lacking.append(
            f"NONPAR CORR\n /VARIABLES={listed(members)}\n /PRINT=SPEARMAN TWOTAIL NOSIG\n /MISSING={rows}."
        )
    partial = told[(told["method"] == "partial") & (told["controls"] != "")]
    for controls, own in partial.groupby("controls", sort=False):
        held = [name for each in str(controls).split() if (name := names.measure(each)) is not None]
        both = dict.fromkeys([*own["a"], *own["b"]])
        correlated = [name for each in both if (name := names.measure(str(each))) is not None]
        lacking.append(
            f"PARTIAL CORR\n /VARIABLES={listed(correlated)} BY {listed(held)}\n"
            f" /SIGNIFICANCE=TWOTAIL\n /MISSING={'ANALYSIS' if rows == 'PAIRWISE' else 'LISTWISE'}."
        )
    if lacking:
        commands += [names.said("spss_only"), *(commented_out(command) for command in lacking)]
    return commands
