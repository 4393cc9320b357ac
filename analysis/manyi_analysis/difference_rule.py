"""Which test compares groups on an outcome of a kind: fixed before the data are seen, never by a pre-test.

It stands apart from the tests, `manyi_analysis.differences`: who only puts it in words need not load them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Kind = Literal["scale", "ordinal", "nominal"]
Test = Literal[
    "student_t", "welch_t", "anova", "welch_anova", "mann_whitney", "kruskal_wallis", "chi_square",
    "fisher_exact",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """The tests of one kind of outcome.

    Parameters
    ----------
    two, several : str
        Test of two groups, of three or more.
    pairs : str
        Test of all pairs after the second; empty where there is none.
    beside : tuple of (str, str)
        Tests of two and of several groups shown beside them, for comparison only.
    why, source : str
        Reason and where it is argued.
    """

    two: Test
    several: Test
    pairs: str
    beside: tuple[tuple[Test, Test], ...]
    why: str
    source: str


#: Equal variances are assumed nowhere: a pre-test of variances decides badly and spoils the level of the test
#: that follows (Zimmerman, 2004), and Welch's loses almost nothing where variances are equal.
RULE: Mapping[Kind, Choice] = {
    "scale": Choice(
        two="welch_t",
        several="welch_anova",
        pairs="games_howell",
        beside=(("student_t", "anova"), ("mann_whitney", "kruskal_wallis")),
        why="means of a scale, variances not assumed equal",
        source="Delacre, Lakens & Leys (2017); Delacre, Leys, Mora & Lakens (2019); Zimmerman (2004)",
    ),
    "ordinal": Choice(
        two="mann_whitney",
        several="kruskal_wallis",
        pairs="dunn",
        beside=(("welch_t", "welch_anova"),),
        why="a single item has ordered answers, not distances between them",
        source="Agresti (2010), Analysis of Ordinal Categorical Data, ch. 7; Liddell & Kruschke (2018)",
    ),
    "nominal": Choice(
        two="chi_square",
        several="chi_square",
        pairs="",
        beside=(),
        why="answers without an order: shares are compared; 2 x 2 with an expected count below 5 by Fisher",
        source="Cochran (1954), Biometrics 10, 417-451",
    ),
}


def rule_frame() -> pd.DataFrame:
    """Return the rule as a table: one row a kind of outcome."""
    rows = [
        (kind, choice.two, choice.several, choice.pairs, choice.why, choice.source)
        for kind, choice in RULE.items()
    ]
    return pd.DataFrame(rows, columns=["kind", "two_groups", "several_groups", "pairs", "why", "source"])
