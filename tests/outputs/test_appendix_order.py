"""Which tables are main, how they are numbered and look, and what stands below each: n, losses, rule."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from manyi.stages.writing import context_of
from manyi.study.folder import open_study
from manyi_outputs.appendix import Numbered, appendix
from manyi_outputs.appendix.kinds import KINDS, kind_of
from manyi_outputs.context import Context
from manyi_outputs.excel import write_appendix
from manyi_outputs.excel.pages import Laid, breaks_badly, page_breaks
from manyi_outputs.tidy import StoredTables

DOCS = Path(__file__).parents[2] / "docs"
Tables = Mapping[str, pd.DataFrame]


@pytest.fixture(scope="module")
def results(demo_study: Path) -> Tables:
    return StoredTables(demo_study / "results" / "tables")


@pytest.fixture(scope="module")
def county(demo_study: Path) -> Context:
    return context_of(open_study(demo_study), "zh")


@pytest.fixture(scope="module")
def made(results: Tables, county: Context) -> tuple[Numbered, ...]:
    return appendix(results, county)


def labels(tables: Tables, context: Context) -> list[str]:
    return [entry.label for entry in appendix(tables, context)]


# --- parts and numbers -------------------------------------------------------------------------------------


def test_the_twelve_tables_of_a_thesis_are_main(made: tuple[Numbered, ...]) -> None:
    main = {kind_of(entry.table.key).name for entry in made if entry.part == "main"}
    assert main >= {
        "respondents", "return", "items", "reliability", "factorability", "loadings", "cfa_fit",
        "satisfaction", "satisfaction_groups", "differences", "correlations", "regression", "multilevel",
        "schools", "county_cv", "equity",
    }  # fmt: skip


def test_main_tables_come_first(made: tuple[Numbered, ...]) -> None:
    parts = [entry.part for entry in made]
    assert parts == sorted(parts)


def test_both_parts_are_numbered_from_one(made: tuple[Numbered, ...]) -> None:
    main = sum(entry.part == "main" for entry in made)
    expected = [f"表{number}" for number in range(1, main + 1)]
    expected += [f"附表{number}" for number in range(1, len(made) - main + 1)]
    assert [entry.label for entry in made] == expected


def test_every_table_of_the_demo_is_of_a_known_kind(made: tuple[Numbered, ...]) -> None:
    assert [entry.table.key for entry in made if not kind_of(entry.table.key).name] == []


def test_all_tables_can_be_main(results: Tables, county: Context) -> None:
    assert {entry.part for entry in appendix(results, replace(county, main=("all",)))} == {"main"}


def test_a_kind_can_be_chosen(results: Tables, county: Context) -> None:
    chosen = appendix(results, replace(county, main=("main", "discriminant")))
    assert {entry.part for entry in chosen if kind_of(entry.table.key).name == "discriminant"} == {"main"}


def test_a_single_table_can_be_chosen(results: Tables, county: Context) -> None:
    chosen = appendix(results, replace(county, main=("differences-parents-stage",)))
    assert [entry.table.key for entry in chosen if entry.part == "main"] == ["differences-parents-stage"]


def test_a_part_can_be_chosen(results: Tables, county: Context) -> None:
    chosen = appendix(results, replace(county, main=("schools",)))
    assert {entry.table.section for entry in chosen if entry.part == "main"} == {"schools"}


@pytest.mark.parametrize(
    ("language", "chapter", "expected"),
    [
        ("zh", "", "表1"), ("zh", "3", "表3-1"), ("zh", "A", "表A1"),
        ("en", "", "Table 1"), ("en", "3", "Table 3-1"), ("en", "A", "Table A1"),
    ],
)  # fmt: skip
def test_chapter(language: str, chapter: str, expected: str, tables: Tables, context_in: Any) -> None:
    assert labels(tables, context_in(language, chapter=chapter))[0] == expected


@pytest.mark.parametrize(("language", "expected"), [("zh", "附表1"), ("en", "Table S1")])
def test_the_supplement_keeps_numbers_of_its_own(
    language: str, expected: str, tables: Tables, context_in: Any
) -> None:
    numbered = appendix(tables, context_in(language, chapter="3"))
    assert next(entry.label for entry in numbered if entry.part == "supplement") == expected


def test_the_page_of_tables_names_every_kind() -> None:
    text = (DOCS / "tables.md").read_text(encoding="utf-8")
    listed = {
        part: set(re.findall(r"`([\w-]+)`", row))
        for part, row in re.findall(r"\| (main|supplement) \| (.*) \|", text)
    }
    assert listed == {
        "main": {name for name, kind in KINDS.items() if kind.main},
        "supplement": {name for name, kind in KINDS.items() if not kind.main},
    }


# --- look --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("style", "weights", "align"), [("thesis", {"medium"}, "center"), ("apa", {"thin"}, "left")]
)
def test_style(
    style: str, weights: set[str], align: str, language: str, tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    write_appendix(tmp_path / "a.xlsx", {"return": tables["return"]}, context_in(language, style=style))
    sheet = load_workbook(tmp_path / "a.xlsx").worksheets[1]
    above = {"thesis": 2, "apa": 3}[style]
    assert sheet.cell(1, 1).alignment.horizontal == align
    assert {sheet.cell(above, 1).border.top.style} == weights


def test_apa_sets_the_title_in_italics_below_the_number(
    tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    write_appendix(tmp_path / "a.xlsx", {"return": tables["return"]}, context_in("zh", style="apa"))
    sheet = load_workbook(tmp_path / "a.xlsx")["表1"]
    assert (str(sheet["A1"].value), sheet["A1"].font.b, sheet["A2"].font.i) == ("表1", True, True)


# --- what stands below -------------------------------------------------------------------------------------


def told(made: tuple[Numbered, ...], key: str) -> str:
    return " ".join(next(entry.table.notes for entry in made if entry.table.key == key))


def test_n_below_a_table_is_that_of_its_result_table(made: tuple[Numbered, ...], results: Tables) -> None:
    models = results["regression_models"]
    row = models[models["role"] == "parents"].iloc[0]
    lost, schools = int(row["missing"]), int(row["clusters"])
    assert f"n＝{row['n']}；因缺失未使用 {lost}；学校 {schools} 所。" in told(made, "regression-parents-SAT")


def test_a_range_stands_where_rows_differ(made: tuple[Numbered, ...], results: Tables) -> None:
    items = results["items"][results["items"]["role"] == "parents"]
    low, high = items["n"].min(), items["n"].max()
    assert f"n＝{low}–{high}；" in told(made, "items-parents")


def test_the_rule_of_missing_answers_is_named(made: tuple[Numbered, ...]) -> None:
    assert "（按列删法）" in told(made, "loadings-parents")


def test_every_table_with_an_n_says_it_below(made: tuple[Numbered, ...], results: Tables) -> None:
    """The kinds that count nobody, or whose cells are the counts, are declared in the registry."""
    silent = [
        entry.table.key
        for entry in made
        if kind_of(entry.table.key).who and not re.search(r"n＝\d|学校 \d", " ".join(entry.table.notes))
    ]
    assert silent == []


def test_tables_without_a_note_on_n_show_counts_in_their_cells_or_notes(made: tuple[Numbered, ...]) -> None:
    without = {kind_of(entry.table.key).name for entry in made if not kind_of(entry.table.key).who}
    assert without <= {
        "return", "ledger", "import", "convergent", "importance", "role_comparison", "imputed", "alerts",
        "imputed-multilevel", "imputed-ordinal", "quotations", "standard_areas", "standard_thresholds",
        "school_gaps", "staff_balance",
    }  # fmt: skip


def test_every_table_says_how_it_was_made(made: tuple[Numbered, ...]) -> None:
    assert [entry.table.key for entry in made if not entry.table.notes] == []


def test_stars_have_their_legend(made: tuple[Numbered, ...]) -> None:
    starred = [
        entry.table
        for entry in made
        if any("*" in cell.mark for row in entry.table.rows for cell in row.cells)
    ]
    assert [table.key for table in starred if not table.probability] == []


def test_no_note_points_at_a_table_above() -> None:
    """The table above is another one where the plan chooses the main tables."""
    from manyi_outputs.wording import wording

    notes = [text for language in ("zh", "en") for text in wording(language).entries.values()]
    assert [text for text in notes if "上表" in text or "table before" in text] == []


# --- particular tables -------------------------------------------------------------------------------------


def test_who_answered_is_a_table_of_its_own(made: tuple[Numbered, ...], results: Tables) -> None:
    table = next(entry.table for entry in made if entry.table.key == "respondents-parents")
    rows = results["respondents"]
    asked = rows[(rows["role"] == "parents") & (rows["item"] == "P_BOARD")]
    at = next(place for place, row in enumerate(table.rows) if row.cells[0].value == "孩子是否住校")
    assert [row.cells[1].value for row in table.rows[at + 1 : at + 3]] == asked["n"].tolist()


def test_reliability_has_the_composite_reliability_of_the_factor_model(
    made: tuple[Numbered, ...], results: Tables
) -> None:
    table = next(entry.table for entry in made if entry.table.key == "reliability")
    column = next(place for place, column in enumerate(table.columns) if column.heading == "CR")
    fitted = results["convergent"]
    expected = fitted[(fitted["role"] == "parents") & (fitted["scale"] == "GOV")]["cr"].iloc[0]
    assert next(row for row in table.rows if row.kind == "body").cells[column].value == expected


def test_thresholds_are_named_by_the_answers_they_part(made: tuple[Numbered, ...]) -> None:
    table = next(entry.table for entry in made if entry.table.key.startswith("ordinal-parents"))
    names = [str(row.cells[0].value) for row in table.rows]
    assert "1→2：非常不满意→比较不满意" in names


def test_no_threshold_keeps_its_bar(made: tuple[Numbered, ...]) -> None:
    names = [str(row.cells[0].value) for entry in made for row in entry.table.rows]
    assert [name for name in names if re.fullmatch(r"\d\|\d", name)] == []


def test_every_n_of_the_ledger_follows_from_those_kept(
    demo_study: Path, read_workbook: Callable[[Path], Any]
) -> None:
    sheet = read_workbook(demo_study / "results" / "appendix.xlsx")["样本台账"]
    kept, wrong = None, []
    for name, _, lost, _, n in sheet.iter_rows(max_col=5, values_only=True):
        if str(name).startswith("保留"):
            kept = n
        elif str(name).startswith(("表", "附表")) and kept is not None:
            gone, left = ends(lost), ends(n)
            if (kept - gone[1], kept - gone[0]) != left:
                wrong.append(name)
    assert wrong == []


def ends(value: object) -> tuple[int, int]:
    """Return both ends of a range, of one number twice the same."""
    parts = [int(part) for part in str(value).split("–")]
    return parts[0], parts[-1]


def test_exclusions_of_the_ledger_leave_what_it_says(
    demo_study: Path, read_workbook: Callable[[Path], Any]
) -> None:
    sheet = read_workbook(demo_study / "results" / "appendix.xlsx")["样本台账"]
    left, wrong = None, []
    for name, _, lost, _, n in sheet.iter_rows(max_col=5, values_only=True):
        step = isinstance(lost, int) and isinstance(n, int) and not str(name).startswith(("表", "附表"))
        if step and left is not None and left - lost != n:
            wrong.append(name)
        if isinstance(n, int):
            left = n
    assert wrong == []


# --- pages -------------------------------------------------------------------------------------------------

HEIGHTS = {row: 10.0 for row in range(1, 101)}


def test_a_heading_goes_to_the_next_page_with_its_rows() -> None:
    assert page_breaks(HEIGHTS, {30}, Laid(2, 3, 60, 61), 300) == [30, 58]


def test_notes_take_three_rows_with_them() -> None:
    assert page_breaks(HEIGHTS, set(), Laid(2, 3, 30, 31), 300) == [28]


def test_what_fits_on_a_page_is_not_parted() -> None:
    assert page_breaks(HEIGHTS, set(), Laid(2, 3, 29, 30), 300) == []


@pytest.mark.parametrize(("headings", "last"), [({30}, 60), (set(), 30)])
def test_bad_breaks_are_seen(headings: set[int], last: int) -> None:
    assert breaks_badly(HEIGHTS, headings, Laid(2, 3, last, last + 1), 300)
