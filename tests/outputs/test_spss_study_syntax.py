"""The syntax of every role of the example in PSPP: every number it prints that a result table has too."""

import csv
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

ROLES = ("parents", "teachers", "students")
#: Names in place of labels and every digit: the syntax itself leaves that to its reader.
PRECISE = """SET DECIMAL=DOT.
SET FORMAT=F40.12.
SET TVARS=NAMES.
SET TNUMBERS=VALUES.
OUTPUT MODIFY /SELECT TABLES
 /TABLECELLS SELECT=[SIGNIFICANCE PERCENT RESIDUAL COUNT] FORMAT=F40.12.
"""
#: PSPP prints twelve decimals, so numbers agree to half of the last; p, t and F carry our own rounding too.
EXACT = 2e-11
Key = tuple[object, ...]
Numbers = dict[Key, float]


@dataclass(frozen=True, slots=True)
class Printed:
    """One table that PSPP printed: title and rows, cells of merged rows filled in."""

    title: str
    rows: list[list[str]]

    def under(self, heading: str, header: int = 0) -> int:
        """Return the place of a column."""
        return self.rows[header].index(heading)


def tables_of(text: str) -> Iterator[Printed]:
    """Yield the tables of PSPP's CSV: each begins with its title and ends with a blank line."""
    for block in re.split(r"\n\s*\n", text):
        lines = block.strip("\n").split("\n")
        if lines[0].startswith("Table: "):
            body = [line for line in lines[1:] if not line.startswith("Footnote:")]
            rows = [[cell.strip() for cell in row] for row in csv.reader(body)]
            yield Printed(next(csv.reader([lines[0]]))[0].removeprefix("Table: "), rows)


def number(cell: str) -> float:
    """Return a printed number: without the letter of a footnote or the sign of a share."""
    return float(re.sub(r"\[[a-z]\]|%", "", cell))


def filled(rows: list[list[str]], places: int = 1) -> list[list[str]]:
    """Return rows with what merged cells leave out in the first columns."""
    seen = [""] * places
    out = []
    for row in rows:
        for place in range(places):
            if row[place]:
                seen[place:] = [row[place], *[""] * (places - place - 1)]
        out.append([*seen, *row[places:]])
    return out


@pytest.fixture(scope="module")
def run_syntax(
    require_program: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Path], str]:
    """Return ``run(file)``: what PSPP prints of a syntax file beside its ``.sav``, without a fault."""
    program = require_program("pspp")

    def run(file: Path) -> str:
        folder = tmp_path_factory.mktemp("pspp")
        shutil.copy(file.with_suffix(".sav"), folder)
        commands = PRECISE + file.read_text(encoding="utf-8-sig")
        (folder / "run.sps").write_text(commands, encoding="utf-8")
        command = [program, "run.sps", "-O", "format=csv"]
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=120)
        text = done.stdout.decode("utf-8")
        assert done.returncode == 0, done.stderr.decode() + "\n".join(re.findall(".*error.*", text))
        assert not re.findall(r"^run\.sps.*(?:error|warning).*", text, re.M)
        return text

    return run


@pytest.fixture(scope="module", params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def syntax(role: str, demo_study: Path) -> str:
    return (demo_study / "results" / "spss" / f"{role}.sps").read_text(encoding="utf-8-sig")


@pytest.fixture(scope="module")
def printed(role: str, demo_study: Path, run_syntax: Callable[[Path], str]) -> list[Printed]:
    return list(tables_of(run_syntax(demo_study / "results" / "spss" / f"{role}.sps")))


@pytest.fixture(scope="module")
def ours(role: str, demo_study: Path) -> Callable[[str], pd.DataFrame]:
    """Return ``ours(name)``: the rows of a result table that are of the role."""

    @cache
    def read(name: str) -> pd.DataFrame:
        path = demo_study / "results" / "tables" / f"{name}.csv"
        table = pd.read_csv(path, encoding="utf-8-sig", dtype={"group": str, "a": str, "b": str})
        return table[table["role"] == role].reset_index(drop=True)

    return read


def agree(theirs: Numbers, ours: Numbers, tolerance: float = EXACT, least: int = 1) -> None:
    """Hold every number that both have against each other; of ours none may be missing."""
    assert len(ours) >= least
    assert set(ours) <= set(theirs), sorted(map(str, set(ours) - set(theirs)))[:5]
    far = {
        key: (theirs[key], mine)
        for key, mine in ours.items()
        if not abs(theirs[key] - mine) <= tolerance * max(1.0, abs(mine))
    }
    assert far == {}


def titled(printed: list[Printed], title: str) -> list[Printed]:
    return [table for table in printed if table.title.partition(" (")[0] == title]


def keyed(table: pd.DataFrame, keys: list[str], value: str) -> Numbers:
    found = table.dropna(subset=[value])
    return {tuple(row[key] for key in keys): float(row[value]) for row in found.to_dict("records")}


# Answers ------------------------------------------------------------------------------------------------


def frequencies(printed: list[Printed], column: str) -> Numbers:
    found: Numbers = {}
    for table in printed:
        if table.rows and table.rows[0][2:] == [
            "Frequency",
            "Percent",
            "Valid Percent",
            "Cumulative Percent",
        ]:
            place = table.under(column)
            for row in filled(table.rows[1:]):
                if row[0] == "Valid":
                    found[table.title, float(row[1])] = number(row[place])
    return found


@pytest.mark.parametrize("name", ["respondents", "answers"])
@pytest.mark.parametrize(
    ("ours_", "theirs", "factor"), [("n", "Frequency", 1), ("share", "Valid Percent", 100)]
)
def test_answers(
    printed: list[Printed],
    ours: Callable[[str], pd.DataFrame],
    name: str,
    ours_: str,
    theirs: str,
    factor: int,
) -> None:
    table = ours(name)
    table = table[table["n"] > 0].assign(answer=lambda rows: rows["answer"].astype(float))
    mine = {key: value * factor for key, value in keyed(table, ["item", "answer"], ours_).items()}
    agree(frequencies(printed, theirs), mine, least=15)


# Items and reliability ----------------------------------------------------------------------------------


def rows_named(tables: list[Printed], column: str) -> Numbers:
    """Return a column by the variable its row begins with."""
    return {
        (row[0],): number(row[table.under(column)])
        for table in tables
        if column in table.rows[0]
        for row in table.rows[1:]
        if row[0] and len(row) > table.under(column) and row[table.under(column)]
    }


def keyed_items(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(item=table["item"].where(~table["reversed"].astype(bool), table["item"] + "_r"))


@pytest.mark.parametrize(
    ("ours_", "theirs"),
    [("n", "N"), ("mean", "Mean"), ("sd", "Std Dev"), ("skew", "Skewness"), ("kurtosis", "Kurtosis")],
)
def test_items(printed: list[Printed], ours: Callable[[str], pd.DataFrame], ours_: str, theirs: str) -> None:
    described = [table for table in titled(printed, "Descriptive Statistics") if "Std Dev" in table.rows[0]]
    agree(rows_named(described, theirs), keyed(keyed_items(ours("items")), ["item"], ours_), least=30)


@pytest.mark.parametrize(
    ("ours_", "theirs"),
    [
        ("mean_if_deleted", "Scale Mean if Item Deleted"),
        ("variance_if_deleted", "Scale Variance if Item Deleted"),
        ("item_rest_r", "Corrected Item-Total Correlation"),
        ("alpha_if_deleted", "Cronbach's Alpha if Item Deleted"),
    ],
)
def test_item_totals(
    printed: list[Printed], ours: Callable[[str], pd.DataFrame], ours_: str, theirs: str
) -> None:
    # The whole questionnaire is the last of them and has the same items again.
    scales = [table for table in titled(printed, "Item-Total Statistics") if len(table.rows) < 15]
    agree(rows_named(scales, theirs), keyed(keyed_items(ours("items")), ["item"], ours_), least=30)


def reliabilities(printed: list[Printed], halves: bool) -> list[Printed]:
    """Return the tables of alpha, or those of two halves, in order."""
    return [
        table
        for table in titled(printed, "Reliability Statistics")
        if (table.rows[0] != ["Cronbach's Alpha", "N of Items"]) == halves
    ]


def test_alpha(printed: list[Printed], ours: Callable[[str], pd.DataFrame]) -> None:
    tables = reliabilities(printed, halves=False)
    table = ours("reliability")
    table = table[(table["group"] == "all") & table["alpha"].notna()]
    theirs = {(place, number(one.rows[1][1])): number(one.rows[1][0]) for place, one in enumerate(tables)}
    mine = {(place, float(row.k)): row.alpha for place, row in enumerate(table.itertuples())}
    agree(theirs, mine, least=10)


@pytest.mark.parametrize(
    ("ours_", "label"),
    [
        ("alpha_first", "Part 1"),
        ("alpha_second", "Part 2"),
        ("r_halves", "Correlation Between Forms"),
        ("spearman_brown", "Spearman-Brown Coefficient"),
        ("guttman", "Guttman Split-Half Coefficient"),
    ],
)
def test_halves(printed: list[Printed], ours: Callable[[str], pd.DataFrame], ours_: str, label: str) -> None:
    theirs: Numbers = {}
    for place, table in enumerate(reliabilities(printed, halves=True)):
        found = next(row for row in table.rows if label in row)
        theirs[place,] = number(next(cell for cell in found if re.fullmatch(r"-?\d*\.\d+", cell)))
    table = ours("split_half")
    table = table[(table["group"] == "all") & (table["split"] == "first-second") & table["r_halves"].notna()]
    table = table[table["k_first"] == table["k_second"]]
    agree(theirs, {(place,): value for place, value in enumerate(table[ours_]) if not np.isnan(value)})


def t_tests(printed: list[Printed], syntax: str) -> Iterator[tuple[str, Printed, Printed]]:
    """Yield the grouping variable, the group statistics and the tests of every ``T-TEST``."""
    grouped = re.findall(r"^T-TEST GROUPS=(\w+)", syntax, re.M)
    groups, tests = titled(printed, "Group Statistics"), titled(printed, "Independent Samples Test")
    yield from zip(grouped, groups, tests, strict=True)


@pytest.mark.parametrize(
    ("ours_", "line", "place"),
    [("cr", 1, 4), ("cr_df", 1, 5), ("cr_pooled", 0, 4), ("cr_pooled_df", 0, 5), ("levene_f", 0, 2)],
)
def test_extreme_groups(
    printed: list[Printed],
    syntax: str,
    ours: Callable[[str], pd.DataFrame],
    ours_: str,
    line: int,
    place: int,
) -> None:
    theirs: Numbers = {}
    for group, _, test in t_tests(printed, syntax):
        rows = filled(test.rows[3:])
        for pair in zip(rows[::2], rows[1::2], strict=True):
            if group.endswith("_extreme"):
                theirs[pair[0][0],] = number(pair[line][place])
    agree(theirs, keyed(keyed_items(ours("items")), ["item"], ours_), least=25)


# Factors ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours_", "label"), [("kmo", "Kaiser"), ("bartlett_chi2", "Bartlett"), ("bartlett_df", "df")]
)
def test_factorability(
    printed: list[Printed], ours: Callable[[str], pd.DataFrame], ours_: str, label: str
) -> None:
    (table,) = titled(printed, "KMO and Bartlett's Test")
    found = {row[0][: len(label)] or row[1]: number(row[2]) for row in table.rows if row[2]}
    value = {"Kaiser": 0, "Bartlett": 1, "df": 2}[label]
    theirs = list(found.values())[value]
    agree({(): theirs}, {(): float(ours("factorability")[ours_].iloc[0])})


def test_kmo_of_items(printed: list[Printed], ours: Callable[[str], pd.DataFrame]) -> None:
    (table,) = titled(printed, "Anti-Image Matrices")
    names = table.rows[0][2:]
    correlation = [row for row in filled(table.rows[1:]) if row[0] == "Anti-image Correlation"]
    theirs = {(row[1],): number(row[2 + names.index(row[1])]) for row in correlation}
    mine = ours("kmo_items")
    agree(theirs, keyed(mine[mine["matrix"] == "pearson"], ["item"], "kmo"), least=20)


def test_eigenvalues(printed: list[Printed], ours: Callable[[str], pd.DataFrame]) -> None:
    (table,) = titled(printed, "Total Variance Explained")
    theirs = {(float(row[0]),): number(row[1]) for row in table.rows if row[0].isdigit()}
    agree(theirs, keyed(ours("eigenvalues"), ["number"], "component"), least=20)


def test_communalities_of_principal_axes_are_those_of_minres(
    printed: list[Printed], ours: Callable[[str], pd.DataFrame]
) -> None:
    (table,) = titled(printed, "Communalities")
    mine = keyed(ours("loadings").drop_duplicates("item"), ["item"], "communality")
    agree(rows_named([table], "Extraction"), mine, tolerance=2e-6, least=20)


def test_unrotated_loadings_reproduce_the_same_correlations(
    printed: list[Printed], ours: Callable[[str], pd.DataFrame]
) -> None:
    """Rotations differ (PSPP has no oblimin); the correlations that factors reproduce do not."""
    (table,) = titled(printed, "Factor Matrix")
    rows = [row for row in table.rows if len(row) > 2 and re.fullmatch(r"-?\d*\.\d+", row[1])]
    theirs = np.array([[number(cell) for cell in row[1:]] for row in rows])
    long = ours("loadings")
    order = [row[0] for row in rows]
    pattern, structure = (
        long.pivot(index="item", columns="factor", values=name).loc[order]
        for name in ("pattern", "structure")
    )
    np.testing.assert_allclose(theirs @ theirs.T, pattern.to_numpy() @ structure.to_numpy().T, atol=5e-6)


# Satisfaction -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ours_", "theirs"), [("value", "Mean"), ("n", "N")])
def test_satisfaction(
    printed: list[Printed], ours: Callable[[str], pd.DataFrame], ours_: str, theirs: str
) -> None:
    table = ours("satisfaction")
    table = table[(table["group"] == "all") & (table["level"] == "all")]
    table = table[table["definition"].isin(["share_of_range", "share_of_maximum"])]
    table = table.assign(name=table["index"] + "_" + table["definition"])
    agree(
        rows_named(titled(printed, "Descriptive Statistics"), theirs), keyed(table, ["name"], ours_), least=4
    )


# Differences --------------------------------------------------------------------------------------------


def by_of(group: str) -> str:
    """Return the column a numbered variable of the syntax was made from."""
    return group.removesuffix("_g")


@pytest.fixture
def measured(syntax: str) -> Callable[[str], str]:
    """Return ``measured(outcome)``: its variable, of a reverse-keyed item the recoded."""
    return lambda outcome: f"{outcome}_r" if re.search(rf"\b{outcome}_r = ", syntax) else outcome


@pytest.fixture
def place_of(ours: Callable[[str], pd.DataFrame]) -> Callable[[str, str], str]:
    """Return ``place_of(by, group)``: the number the syntax gives a group, its place in the table."""
    table = ours("group_means")
    places = {
        (by, group): str(place)
        for by, own in table.groupby("by")
        for place, group in enumerate(own["group"].unique(), start=1)
    }
    return lambda by, group: places[by, group]


def compared(ours: Callable[[str], pd.DataFrame], measured: Callable[[str], str], test: str) -> pd.DataFrame:
    table = ours("differences")
    table = table[(table["test"] == test) & table["statistic"].notna()]
    return table.assign(outcome=table["outcome"].map(measured))


@pytest.mark.parametrize(
    ("test", "ours_", "line", "place"),
    [
        ("student_t", "statistic", 0, 4),
        ("student_t", "df1", 0, 5),
        ("student_t", "p", 0, 6),
        ("student_t", "difference", 0, 7),
        ("student_t", "difference_low", 0, 9),
        ("student_t", "difference_high", 0, 10),
        ("welch_t", "statistic", 1, 4),
        ("welch_t", "df1", 1, 5),
        ("welch_t", "p", 1, 6),
        ("welch_t", "difference_low", 1, 9),
        ("welch_t", "difference_high", 1, 10),
    ],
)
def test_two_groups(
    printed: list[Printed],
    syntax: str,
    ours: Callable[[str], pd.DataFrame],
    measured: Callable[[str], str],
    test: str,
    ours_: str,
    line: int,
    place: int,
) -> None:
    theirs: Numbers = {}
    for group, _, told in t_tests(printed, syntax):
        rows = filled(told.rows[3:])
        for pair in zip(rows[::2], rows[1::2], strict=True):
            theirs[pair[0][0], by_of(group)] = number(pair[line][place])
    agree(theirs, keyed(compared(ours, measured, test), ["outcome", "by"], ours_), least=8)


def one_ways(printed: list[Printed], syntax: str, title: str) -> Iterator[tuple[str, Printed]]:
    """Yield the grouping variable and a table of every ``ONEWAY``."""
    grouped = re.findall(r"^ONEWAY [^/]* BY (\w+)", syntax, re.M)
    tables = [table for table in printed if table.title == title]
    yield from zip(grouped, tables, strict=True)


@pytest.mark.parametrize(("ours_", "column"), [("n", 2), ("mean", 3), ("sd", 4)])
def test_group_means(
    printed: list[Printed],
    syntax: str,
    ours: Callable[[str], pd.DataFrame],
    measured: Callable[[str], str],
    place_of: Callable[[str, str], str],
    ours_: str,
    column: int,
) -> None:
    theirs: Numbers = {}
    several = ((group, filled(table.rows[2:])) for group, table in one_ways(printed, syntax, "Descriptives"))
    two = ((group, filled(table.rows[1:])) for group, table, _ in t_tests(printed, syntax))
    for group, rows in (*two, *several):
        for row in rows:
            if row[1] != "Total":
                theirs[row[0], by_of(group), f"{float(row[1]):g}"] = number(row[column])
    table = ours("group_means")
    table = table.assign(
        outcome=table["outcome"].map(measured),
        group=[place_of(by, group) for by, group in zip(table["by"], table["group"], strict=True)],
    )
    agree(theirs, keyed(table, ["outcome", "by", "group"], ours_), least=60)


@pytest.mark.parametrize(("ours_", "column"), [("statistic", 4), ("p", 5)])
def test_analysis_of_variance(
    printed: list[Printed],
    syntax: str,
    ours: Callable[[str], pd.DataFrame],
    measured: Callable[[str], str],
    ours_: str,
    column: int,
) -> None:
    theirs = {
        (row[0], by_of(group)): number(row[column + 1])
        for group, table in one_ways(printed, syntax, "ANOVA")
        for row in filled(table.rows[1:])
        if row[1] == "Between Groups"
    }
    agree(theirs, keyed(compared(ours, measured, "anova"), ["outcome", "by"], ours_), least=5)


def test_omega_squared_from_the_printed_squares(
    printed: list[Printed], syntax: str, ours: Callable[[str], pd.DataFrame], measured: Callable[[str], str]
) -> None:
    """(SSb − dfb·MSw) / (SSt + MSw), Hays (1963); never below 0."""
    theirs: Numbers = {}
    for group, table in one_ways(printed, syntax, "ANOVA"):
        rows = filled(table.rows[1:])
        for between, within, total in zip(rows[::3], rows[1::3], rows[2::3], strict=True):
            error = number(within[4])
            value = (number(between[2]) - number(between[3]) * error) / (number(total[2]) + error)
            theirs[between[0], by_of(group)] = max(value, 0.0)
    agree(theirs, keyed(compared(ours, measured, "anova"), ["outcome", "by"], "effect"), 1e-9, least=5)


@pytest.mark.parametrize("ours_", ["difference", "p_adjusted", "low", "high"])
@pytest.mark.parametrize("test", ["tukey", "games_howell"])
def test_pairs(
    printed: list[Printed],
    syntax: str,
    ours: Callable[[str], pd.DataFrame],
    measured: Callable[[str], str],
    place_of: Callable[[str, str], str],
    test: str,
    ours_: str,
) -> None:
    grouped = re.findall(r"^ONEWAY ([^/]*) BY (\w+)", syntax, re.M)
    order = [(outcome, group) for outcomes, group in grouped for outcome in outcomes.split()]
    tables = titled(printed, "Multiple Comparisons")
    said = {"tukey": "Tukey HSD", "games_howell": "Games-Howell"}[test]
    column = {"difference": 3, "p_adjusted": 5, "low": 6, "high": 7}[ours_]
    theirs: Numbers = {}
    for (outcome, group), table in zip(order, tables, strict=True):
        assert table.title == f"Multiple Comparisons ({outcome})"
        for row in filled(table.rows[2:], places=2):
            if row[0] == said:
                a, b = (f"{float(cell):g}" for cell in row[1:3])
                theirs[outcome, by_of(group), a, b] = number(row[column])
    table = ours("pairwise_differences")
    table = table[table["test"] == test]
    table = table.assign(
        outcome=table["outcome"].map(measured),
        a=[place_of(by, group) for by, group in zip(table["by"], table["a"], strict=True)],
        b=[place_of(by, group) for by, group in zip(table["by"], table["b"], strict=True)],
    )
    # The studentized range is integrated by both programs on their own.
    tolerance = EXACT if ours_ == "difference" else 2e-6
    agree(theirs, keyed(table, ["outcome", "by", "a", "b"], ours_), tolerance, least=15)


def ranks(printed: list[Printed], syntax: str) -> Iterator[tuple[str, str, Printed, Printed]]:
    """Yield test, grouping variable, ranks and statistics of every ``NPAR TESTS``."""
    commands = re.findall(r"^NPAR TESTS\n /(M-W|K-W)=[^(]* BY (\w+)\(", syntax, re.M)
    tables = titled(printed, "Ranks"), titled(printed, "Test Statistics")
    for (test, group), *both in zip(commands, *tables, strict=True):
        yield test, group, *both


def test_mean_ranks(
    printed: list[Printed],
    syntax: str,
    ours: Callable[[str], pd.DataFrame],
    measured: Callable[[str], str],
    place_of: Callable[[str, str], str],
) -> None:
    theirs = {
        (row[0], by_of(group), f"{float(row[1]):g}"): number(row[3])
        for _, group, told, _ in ranks(printed, syntax)
        for row in filled(told.rows[1:])
        if row[1] != "Total"
    }
    table = ours("group_means")
    table = table.assign(
        outcome=table["outcome"].map(measured),
        group=[place_of(by, group) for by, group in zip(table["by"], table["group"], strict=True)],
    )
    agree(theirs, keyed(table, ["outcome", "by", "group"], "mean_rank"), least=60)


@pytest.mark.parametrize(("ours_", "line"), [("statistic", 1), ("df1", 2), ("p", 3)])
def test_kruskal_wallis(
    printed: list[Printed],
    syntax: str,
    ours: Callable[[str], pd.DataFrame],
    measured: Callable[[str], str],
    ours_: str,
    line: int,
) -> None:
    theirs = {
        (name, by_of(group)): number(cell)
        for test, group, _, table in ranks(printed, syntax)
        if test == "K-W"
        for name, cell in zip(table.rows[0][1:], table.rows[line][1:], strict=True)
    }
    agree(theirs, keyed(compared(ours, measured, "kruskal_wallis"), ["outcome", "by"], ours_), 1e-9, least=5)


def mann_whitney(printed: list[Printed], syntax: str) -> dict[Key, tuple[float, float]]:
    """Return U (of the smaller sum of ranks) and z of every test."""
    return {
        (row[0], by_of(group)): (number(row[1]), number(row[3]))
        for test, group, _, table in ranks(printed, syntax)
        if test == "M-W"
        for row in table.rows[1:]
    }


def test_mann_whitney(
    printed: list[Printed], syntax: str, ours: Callable[[str], pd.DataFrame], measured: Callable[[str], str]
) -> None:
    mine = compared(ours, measured, "mann_whitney")
    pairs = mine["sizes"].str.split(expand=True).astype(float)
    # U of the first group and U of the second add up to n1·n2; PSPP prints the smaller.
    smaller = mine["statistic"].where(
        mine["statistic"] <= pairs[0] * pairs[1] / 2, pairs[0] * pairs[1] - mine["statistic"]
    )
    theirs = {key: u for key, (u, _) in mann_whitney(printed, syntax).items()}
    agree(theirs, keyed(mine.assign(u=smaller), ["outcome", "by"], "u"), least=8)


def test_p_of_mann_whitney_from_the_printed_u_and_z(
    printed: list[Printed], syntax: str, ours: Callable[[str], pd.DataFrame], measured: Callable[[str], str]
) -> None:
    """PSPP's z has no correction for continuity, the table's p has: half a rank nearer to the middle."""
    mine = compared(ours, measured, "mann_whitney")
    middles = {
        (row["outcome"], row["by"]): np.prod([float(size) for size in row["sizes"].split()]) / 2
        for row in mine.to_dict("records")
    }
    theirs: Numbers = {}
    for key, (u, z) in mann_whitney(printed, syntax).items():
        away = abs(u - middles[key])
        theirs[key] = float(2 * stats.norm.sf(max(away - 0.5, 0) / (away / abs(z)))) if away else 1.0
    agree(theirs, keyed(mine, ["outcome", "by"], "p"), 1e-8, least=8)


@pytest.mark.parametrize("ours_", ["statistic", "df1", "p", "effect"])
def test_answers_by_group(
    printed: list[Printed], syntax: str, ours: Callable[[str], pd.DataFrame], role: str, ours_: str
) -> None:
    mine = compared(ours, str, "chi_square")
    if role != "parents":
        assert not len(mine)
        return
    theirs: Numbers = {}
    title, column = ("Symmetric Measures", 2) if ours_ == "effect" else ("Chi-Square Tests", 1)
    column += {"df1": 1, "p": 2}.get(ours_, 0)
    commands = re.findall(r"^CROSSTABS\n /TABLES=(\w+) BY (\w+)", syntax, re.M)
    for (outcome, group), table in zip(commands, titled(printed, title), strict=True):
        row = next(row for row in table.rows if "Pearson Chi-Square" in row or "Cramer's V" in row)
        theirs[outcome, by_of(group)] = number(row[column])
    agree(theirs, keyed(mine, ["outcome", "by"], ours_), least=3)


# Correlations -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ours_", "label"), [("r", "Pearson Correlation"), ("p", "Sig. (2-tailed)")])
def test_correlations(
    printed: list[Printed],
    ours: Callable[[str], pd.DataFrame],
    measured: Callable[[str], str],
    ours_: str,
    label: str,
) -> None:
    (table,) = titled(printed, "Correlations")
    names = table.rows[0][2:]
    theirs = {
        (row[0], name): number(cell)
        for row in filled(table.rows[1:])
        if row[1] == label
        for name, cell in zip(names, row[2:], strict=True)
        if cell
    }
    mine = ours("correlations")
    mine = mine[(mine["level"] == "respondent") & (mine["method"] == "pearson")]
    mine = mine.assign(a=mine["a"].map(measured), b=mine["b"].map(measured))
    # PSPP prints three decimals of r whatever it is asked for; p, which follows from r and n, in full.
    agree(theirs, keyed(mine, ["a", "b"], ours_), 5e-4 + 1e-9 if ours_ == "r" else EXACT, least=70)


@pytest.mark.parametrize(("ours_", "column"), [("mean", 1), ("sd", 2), ("n", 3)])
def test_correlated_variables(
    printed: list[Printed],
    ours: Callable[[str], pd.DataFrame],
    measured: Callable[[str], str],
    ours_: str,
    column: int,
) -> None:
    table = next(
        one
        for one in titled(printed, "Descriptive Statistics")
        if one.rows[0] == ["", "Mean", "Std. Deviation", "N"]
    )
    mine = ours("correlation_variables")
    mine = mine.assign(variable=mine["variable"].map(measured))
    agree(
        {(row[0],): number(row[column]) for row in table.rows[1:]}, keyed(mine, ["variable"], ours_), least=12
    )


# Regression ---------------------------------------------------------------------------------------------


def coefficients(printed: list[Printed], column: int) -> Numbers:
    """Return a column of the coefficients, by the number of the model and the variable."""
    tables = titled(printed, "Coefficients")
    return {
        (str(model), row[0]): number(row[column])
        for model, table in enumerate(tables, start=1)
        for row in table.rows[2:]
        if row[column]
    }


@pytest.fixture
def regression(ours: Callable[[str], pd.DataFrame]) -> pd.DataFrame:
    table = ours("regression")
    table = table[table["se_type"] == "CR1"]
    named = table["term"].str.replace("=", "_is_").replace("(intercept)", "(Constant)")
    return table.assign(model=table["model"].astype(str), named=named)


@pytest.mark.parametrize(("ours_", "column"), [("b", 1), ("beta", 3)])
def test_coefficients(printed: list[Printed], regression: pd.DataFrame, ours_: str, column: int) -> None:
    mine = keyed(regression, ["model", "named"], ours_)
    agree(coefficients(printed, column), mine, 1e-10, least=20)


def test_variance_inflation(printed: list[Printed], regression: pd.DataFrame) -> None:
    """Of terms of one column; a factor of several levels has the generalized one in the table."""
    several = regression["term"].str.partition("=")[0]
    alone = several.groupby([regression["model"], several]).transform("size") == 1
    agree(coefficients(printed, 9), keyed(regression[alone], ["model", "named"], "vif"), 1e-10, least=25)


def test_errors_of_independent_respondents_are_not_the_tables(
    printed: list[Printed], regression: pd.DataFrame, syntax: str
) -> None:
    """The syntax says that its errors differ; of the first model they do, by more than a tenth somewhere."""
    mine = keyed(regression[regression["model"] == "1"], ["model", "named"], "se")
    theirs = coefficients(printed, 2)
    assert max(abs(theirs[key] / value - 1) for key, value in mine.items()) > 0.1
    assert "CR1" in syntax


@pytest.mark.parametrize(("ours_", "column"), [("r2", 1), ("adj_r2", 2)])
def test_explained_variance(
    printed: list[Printed], ours: Callable[[str], pd.DataFrame], ours_: str, column: int
) -> None:
    tables = [table for table in printed if table.title.startswith("Model Summary (")]
    theirs = {(str(model),): number(table.rows[1][column]) for model, table in enumerate(tables, start=1)}
    table = ours("regression_models")
    agree(theirs, keyed(table.assign(model=table["model"].astype(str)), ["model"], ours_), least=3)


def test_explained_variance_added(printed: list[Printed], ours: Callable[[str], pd.DataFrame]) -> None:
    tables = [table for table in printed if table.title.startswith("Model Summary (")]
    added = np.diff([0.0, *(number(table.rows[1][1]) for table in tables)])
    table = ours("regression_models")
    mine = keyed(table.assign(model=table["model"].astype(str)), ["model"], "delta_r2")
    agree({(str(model),): float(value) for model, value in enumerate(added, start=1)}, mine, least=3)


def test_rows_of_the_regressions(printed: list[Printed], ours: Callable[[str], pd.DataFrame]) -> None:
    tables = titled(printed, "ANOVA")
    totals = [row for table in tables if "(" in table.title for row in table.rows if row[0] == "Total"]
    assert [number(row[2]) + 1 for row in totals] == ours("regression_models")["n"].tolist()


def test_satisfied_or_not(printed: list[Printed], ours: Callable[[str], pd.DataFrame], role: str) -> None:
    """Logistic regression of one answer: coefficients."""
    mine = ours("ordinal")
    mine = mine[(mine["answer"] == "satisfied") & (mine["se_type"] == "CR1")]
    if role == "teachers":
        assert not len(mine)
        return
    (table,) = titled(printed, "Variables in the Equation")
    theirs = {(row[1],): number(row[2]) for row in table.rows[1:] if len(row) > 2}
    named = mine["term"].str.replace("=", "_is_").replace("(intercept)", "Constant")
    agree(theirs, keyed(mine.assign(named=named), ["named"], "estimate"), 1e-7, least=10)


def test_likelihood_of_satisfied_or_not(
    printed: list[Printed], ours: Callable[[str], pd.DataFrame], role: str
) -> None:
    models = ours("ordinal_models")
    mine = {
        (place,): -2 * value
        for place, value in enumerate(models.loc[models["answer"] == "satisfied", "loglik"])
    }
    assert len(mine) == (role != "teachers")
    tables = [table for table in titled(printed, "Model Summary") if table.rows[0][0] == "Step"]
    if mine:
        agree({(place,): number(one.rows[1][1]) for place, one in enumerate(tables)}, mine, 1e-9)
