"""`manyi trace`: every number of the demo's appendix is found again, unrounded, in the result tables."""

import ast
import hashlib
import importlib
import inspect
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import manyi
from manyi.stages.writing import context_of
from manyi.study.folder import open_study
from manyi.topics.makers import MAKERS
from manyi.tracing.account import Trace
from manyi.tracing.asked import Label, asked
from manyi.tracing.functions import documentation, function_account
from manyi_instruments.faults import ManyiError
from manyi_outputs.appendix import Numbered, Table, appendix, sourced
from manyi_outputs.appendix.provenance import Sourced, SourcedFloat
from manyi_outputs.tidy import StoredTables

ROOT = Path(__file__).parents[2]
FOLDERS = {
    "manyi": ROOT / "pipeline" / "manyi",
    "manyi_analysis": ROOT / "analysis" / "manyi_analysis",
    "manyi_outputs": ROOT / "outputs" / "manyi_outputs",
}

# --- the example county, its tables and their numbers ------------------------------------------------------


@pytest.fixture(scope="module")
def tables(demo_study: Path) -> Mapping[str, pd.DataFrame]:
    return StoredTables(demo_study / "results" / "tables")


@pytest.fixture(scope="module")
def county(demo_study: Path) -> manyi.OpenStudy:
    return manyi.open(demo_study)


@pytest.fixture(scope="module")
def numbered(demo_study: Path, tables: Mapping[str, pd.DataFrame]) -> tuple[Numbered, ...]:
    return appendix(tables, context_of(open_study(demo_study), "zh"))


@pytest.fixture(scope="module")
def laid_out(
    demo_study: Path, tables: Mapping[str, pd.DataFrame], numbered: tuple[Numbered, ...]
) -> dict[str, Table]:
    """Return every table of the appendix by its key, numbers with their places."""
    context = context_of(open_study(demo_study), "zh")
    found: dict[str, Table] = {}
    for builder in dict.fromkeys(entry.builder for entry in numbered):
        found |= sourced(builder, tables, context)
    return found


def _numbers(laid_out: Mapping[str, Table]) -> Iterator[tuple[str, float]]:
    for key, table in laid_out.items():
        for row in table.rows:
            for cell in row.cells:
                if isinstance(cell.value, float | int):
                    yield key, cell.value


@pytest.fixture(scope="module")
def demo_numbers(laid_out: dict[str, Table]) -> list[tuple[str, float]]:
    found = list(_numbers(laid_out))
    assert len(found) > 20_000
    return found


# --- every number ------------------------------------------------------------------------------------------


def test_every_number_of_the_appendix_names_its_places(demo_numbers: list[tuple[str, float]]) -> None:
    assert {key for key, number in demo_numbers if not isinstance(number, Sourced)} == set()


def test_a_traced_table_is_the_table_that_is_printed(
    numbered: tuple[Numbered, ...], laid_out: dict[str, Table]
) -> None:
    unlike = [entry.label for entry in numbered if entry.table.rows != laid_out[entry.table.key].rows]
    assert unlike == []


@pytest.fixture(scope="module")
def value_at(tables: Mapping[str, pd.DataFrame]) -> Callable[..., Any]:
    columns = {(name, column): frame[column].tolist() for name, frame in tables.items() for column in frame}
    return lambda place: columns[place.table, place.column][place.row - 1]


def test_every_number_that_is_printed_as_it_is_stands_there_unrounded(
    demo_numbers: list[tuple[str, float]], value_at: Callable[..., Any]
) -> None:
    unlike = [
        (key, float(number), number.origins)
        for key, number in demo_numbers
        if isinstance(number, SourcedFloat) and not number.formula
        if len(number.origins) != 1 or value_at(number.origins[0]) != float(number)
    ]
    assert unlike == []


def _undecided(values: list[Any]) -> int:
    return sum(value is None or value is pd.NA or value != value for value in values)


#: Every calculation the layout does, done again on the values it names.
AGAIN: dict[str, Callable[[list[Any]], float]] = {
    "sum(n)": sum,
    "sum(gap)": lambda values: sum(value for value in values if value == value),
    "share of an answer nobody gave": lambda values: 0.0,
    "r of a factor with itself": lambda values: 1.0,
    "chi2 ÷ df": lambda values: values[0] / values[1],
    "first_eigenvalue ÷ k": lambda values: values[0] / values[1],
    "share ÷ 100": lambda values: values[0] / 100,
    "|difference| ÷ ((high − low) ÷ 2)": lambda values: abs(values[0]) / ((values[1] - values[2]) / 2),
    "|difference|": lambda values: abs(values[0]),
    "count(value)": lambda values: len(values) - _undecided(values),
    "count(no value)": _undecided,
    "quantile(value, 0)": min,
    "quantile(value, 0.25)": lambda values: float(np.quantile(values, 0.25)),
    "quantile(value, 0.5)": lambda values: float(np.quantile(values, 0.5)),
    "quantile(value, 0.75)": lambda values: float(np.quantile(values, 0.75)),
    "quantile(value, 1)": max,
    "median(reliability)": lambda values: float(np.nanmedian(values)),
    "count(against_all = above)": lambda values: values.count("above"),
    "count(against_all = below)": lambda values: values.count("below"),
    "count(met = True)": lambda values: sum(value is True for value in values),
    "count(to close)": lambda values: 0,
}
#: Counts over rows that a table's own rule picks: held against their number of places.
PICKED = ("count(met undecided)", "count(the requirement applies)", "count(0 in [low, high] ≠ as planned)")


def test_every_calculation_of_the_layout_gives_the_number_again(
    demo_numbers: list[tuple[str, float]], value_at: Callable[..., Any]
) -> None:
    unlike = []
    for key, number in demo_numbers:
        if not isinstance(number, SourcedFloat) or not number.formula:
            continue
        values = [value_at(place) for place in number.origins]
        if number.formula in PICKED:
            right = 0 <= float(number) <= len(values)
        else:
            right = number.formula in AGAIN and AGAIN[number.formula](values) == pytest.approx(
                float(number), rel=1e-12, abs=1e-12
            )
        if not right:
            unlike.append((key, float(number), number.formula, values[:4]))
    assert unlike == []


def test_every_table_read_is_noted(numbered: tuple[Numbered, ...], laid_out: dict[str, Table]) -> None:
    read = {entry.table.key: set(entry.read) for entry in numbered}
    unlike = {
        key
        for key, number in _numbers(laid_out)
        if isinstance(number, Sourced) and not {place.table for place in number.origins} <= read[key]
    }
    assert unlike == set()


# --- the registry of makers --------------------------------------------------------------------------------


def test_every_result_table_has_a_maker(tables: Mapping[str, pd.DataFrame]) -> None:
    assert set(tables) - set(MAKERS) == set()


FUNCTIONS = sorted({function for maker in MAKERS.values() for function in maker.functions})


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_that_a_maker_names_is_public_and_documented(name: str) -> None:
    module, _, own = name.rpartition(".")
    found = getattr(importlib.import_module(module), own)
    private = [part for part in name.split(".") if part.startswith("_")]
    assert (callable(found), private, documentation(name)) == (True, [], inspect.getdoc(found))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _file(module: str) -> Path | None:
    package, *below = module.split(".")
    if package not in FOLDERS:
        return None
    path = FOLDERS[package].joinpath(*below)
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file if file.is_file() else None


@cache
def _imported(path: Path) -> frozenset[Path]:
    """Return the files of our own modules that a module imports."""
    modules = (node.module for node in ast.walk(_tree(path)) if isinstance(node, ast.ImportFrom))
    return frozenset(file for module in modules if module and (file := _file(module)) is not None)


def _reached(path: Path) -> set[Path]:
    """Return a module's file and those of all of our modules it imports, theirs too."""
    found, waiting = {path}, [path]
    while waiting:
        new = _imported(waiting.pop()) - found
        found |= new
        waiting += new
    return found


@cache
def _called(path: Path) -> frozenset[str]:
    """Return the names a module calls or hands on."""
    names = {node.id for node in ast.walk(_tree(path)) if isinstance(node, ast.Name)}
    return frozenset(names | {node.attr for node in ast.walk(_tree(path)) if isinstance(node, ast.Attribute)})


@cache
def _constants(path: Path) -> frozenset[object]:
    return frozenset(node.value for node in ast.walk(_tree(path)) if isinstance(node, ast.Constant))


@pytest.mark.parametrize("table", sorted(MAKERS))
def test_the_module_of_a_maker_makes_that_table(table: str) -> None:
    path = _file(f"manyi.{MAKERS[table].module}")
    assert path is not None
    near = (path, *_imported(path))
    assert any(table in _constants(file) for file in near)


@pytest.mark.parametrize("table", sorted(MAKERS))
def test_the_functions_of_a_maker_are_called_on_its_way(table: str) -> None:
    path = _file(f"manyi.{MAKERS[table].module}")
    assert path is not None
    called = set[str]().union(*(_called(file) for file in _reached(path)))
    names = {function.rpartition(".")[2] for function in MAKERS[table].functions}
    assert names - called == set()


def test_columns_that_a_maker_names_are_in_its_table(tables: Mapping[str, pd.DataFrame]) -> None:
    unlike = {
        name: lacking
        for name, frame in tables.items()
        if (lacking := {*MAKERS[name].columns, *filter(None, [MAKERS[name].by])} - set(frame.columns))
    }
    assert unlike == {}


def test_the_method_of_a_row_decides_its_function() -> None:
    maker = MAKERS["equity"]
    assert [maker.of_cell("value", {"measure": name}) for name in ("theil_t", "theil_t by town")] == [
        "manyi_analysis.equity.theil",
        "manyi_analysis.equity.theil_decomposition",
    ]


def test_a_formula_is_read_from_the_docstring() -> None:
    account = function_account("manyi_analysis.measurement.cronbach_alpha")
    assert r"\frac{k}{k-1}" in account.formula[0]
    assert "Cronbach, L. J. (1951)" in account.references


def test_a_function_there_is_not_is_no_silence() -> None:
    with pytest.raises(LookupError):
        documentation("manyi_analysis.measurement.cronbach_beta")


# --- asking ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "label", "row", "column"),
    [
        ("table 9, row 3", Label("", 9), 3, None),
        ("Table 9 row 3 column 2", Label("", 9), 3, 2),
        ("表 9 第 3 行", Label("", 9), 3, None),
        ("表9，第3行，第2列", Label("", 9), 3, 2),
        ("表 3-9 行 3 列 4", Label("3", 9), 3, 4),
        ("表３－９ 第１２行", Label("3", 9), 12, None),
        ("附表 2 第 1 行", Label("S", 2), 1, None),
        ("Table S2, row 1", Label("S", 2), 1, None),
        ("表A7", Label("A", 7), None, None),
        ("9", Label("", 9), None, None),
    ],
)
def test_a_table_is_asked_for_by_number(text: str, label: Label, row: int | None, column: int | None) -> None:
    question = asked(text)
    assert (question.label, question.row, question.column) == (label, row, column)


@pytest.mark.parametrize("text", ["reliability parents SAT", "图 3", "figure 2", "发现 4", "items.csv row 2"])
def test_what_is_no_number_of_a_table_is_not_taken_for_one(text: str) -> None:
    assert asked(text).label is None


def test_every_table_is_found_by_its_number_and_by_its_key(
    numbered: tuple[Numbered, ...],
) -> None:
    from manyi.tracing.printed import table_asked

    for text, key in [(entry.label, entry.table.key) for entry in numbered] + [
        (entry.table.key.replace("-", " "), entry.table.key) for entry in numbered
    ]:
        found, words = table_asked(numbered, asked(text))
        assert (found and found.table.key, words) == (key, ()), text


# --- the account of a number -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def alpha(county: manyi.OpenStudy) -> Trace:
    """Return the account of the parents' satisfaction scale in the table of reliability."""
    return county.trace("reliability parents SAT")


def test_the_row_is_found_by_what_it_is_about(alpha: Trace) -> None:
    named = [{name: row.values.get(name) for name in ("role", "scale")} for row in alpha.rows]
    assert [each for each in named if each != {"role": "parents", "scale": "SAT"}] == []


def test_the_number_is_unrounded(alpha: Trace, tables: Mapping[str, pd.DataFrame]) -> None:
    frame = tables["reliability"]
    chosen = frame[(frame["role"] == "parents") & (frame["scale"] == "SAT") & (frame["group"] == "all")]
    assert chosen["alpha"].tolist() == [number.value for number in alpha.numbers if number.heading == "α"]


def test_each_number_has_the_function_that_computed_it(alpha: Trace) -> None:
    functions = {number.heading: number.function.rpartition(".")[2] for number in alpha.numbers}
    assert {name: functions[name] for name in ("α", "ω", "有序 α", "折半信度")} == {
        "α": "cronbach_alpha",
        "ω": "omega_total",
        "有序 α": "ordinal_alpha",
        "折半信度": "split_half",
    }


def test_the_rows_used_are_told(alpha: Trace, demo_study: Path) -> None:
    answers = manyi.open(demo_study).answers("parents")
    kept = answers.loc[answers["kept"], [f"P_SAT{number}" for number in range(1, 6)]]
    complete = int(kept.notna().all(axis=1).sum())
    row = alpha.rows[0]
    assert (row.n, row.missing, row.rule) == (complete, len(kept) - complete, "listwise")


def test_the_items_of_a_scale_are_told_with_those_that_are_reversed(county: manyi.OpenStudy) -> None:
    row = county.trace("reliability parents RES").rows[0]
    items = county.questionnaire("parents").items_of("RES")
    (scale,) = (one for one in row.material if one.kind == "scale")
    assert (scale.items, scale.reversed) == (
        tuple(item.id for item in items),
        tuple(item.id for item in items if item.reverse),
    )
    assert scale.reversed


def test_the_cleaning_rules_account_for_every_row(alpha: Trace) -> None:
    (account,) = alpha.answers
    assert account.received - sum(n for _, n in account.excluded) == account.kept


def test_every_raw_file_stands_with_its_hash(alpha: Trace, demo_study: Path) -> None:
    (line,) = alpha.lineage
    told = {file.path: file.sha256 for file in line.files if file.path.startswith("data/responses/")}
    files = (demo_study / "data" / "responses" / "parents").iterdir()
    assert told == {
        path.relative_to(demo_study).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_stages_seed_and_versions_are_told(alpha: Trace) -> None:
    (line,) = alpha.lineage
    assert (line.stages[-1], line.seeds) == ("analyse:parents", {"analysis.seed": 20170519})
    assert line.versions["manyi"] == manyi.__version__


def test_each_row_of_a_result_table_is_of_the_stage_that_left_it(
    county: manyi.OpenStudy, tables: Mapping[str, pd.DataFrame]
) -> None:
    from manyi.stages.manifest import open_manifest
    from manyi.tracing.lineage import stage_of_row

    manifest = open_manifest(county.folder)
    for name in ("reliability", "weighted_satisfaction", "sensitivity", "ledger"):
        stages = [stage_of_row(county.folder, manifest, name, row) for row in range(1, len(tables[name]) + 1)]
        assert [stage.partition(":")[2] for stage in stages] == tables[name]["role"].tolist(), name


def test_the_indicator_behind_a_coefficient_is_told(county: manyi.OpenStudy) -> None:
    found = county.trace("regression parents SAT R1")
    row = next(row for row in found.rows if row.table == "regression")
    (indicator,) = (one for one in row.material if one.id == "R1")
    standard = county.folder.standard
    assert standard is not None
    entry = next(each for each in standard.indicators if each.id == "R1")
    parsed = entry.expression("primary")
    assert parsed is not None
    assert set(indicator.columns) >= set(parsed.column_names())


@pytest.mark.parametrize(
    ("zh", "en"), [("表 9 第 3 行", "table 9, row 3"), ("附表 2 第 1 行", "Table S2 row 1")]
)
def test_a_number_asked_for_in_either_language_is_the_same(county: manyi.OpenStudy, zh: str, en: str) -> None:
    found = [county.trace(zh, "zh"), county.trace(en, "en")]
    first, second = ([number.places for number in one.numbers] for one in found)
    assert first == second != []


def test_a_column_narrows_the_account(county: manyi.OpenStudy) -> None:
    found = county.trace("表 9 第 3 行 第 4 列")
    assert [number.column for number in found.numbers] == [4]


def test_without_a_row_the_rows_are_listed(county: manyi.OpenStudy, numbered: tuple[Numbered, ...]) -> None:
    first = next(entry for entry in numbered if entry.label == "表9")
    assert len(county.trace("表 9").choices) == first.table.body


def test_a_result_is_found_in_the_tables_that_print_it(county: manyi.OpenStudy) -> None:
    there = county.trace("reliability parents SAT")
    place = next(number for number in there.numbers if number.heading == "α").places[0]
    back = county.trace(f"{place.table}.csv row {place.row}")
    assert f"{there.label}:{there.row}" in {choice.number for choice in back.printed}


def test_a_row_of_a_result_table_has_all_its_numbers(
    county: manyi.OpenStudy, tables: Mapping[str, pd.DataFrame]
) -> None:
    found = county.trace("kmo_items.csv row 2")
    row = tables["kmo_items"].iloc[1]
    assert {number.heading: number.value for number in found.numbers} == {
        name: float(row[name]) for name in ("n", "missing", "kmo")
    }


def test_a_figure_names_the_table_that_holds_its_numbers(county: manyi.OpenStudy) -> None:
    found = county.trace("图 2")
    assert {name.partition("-")[0] for name in (found.key,)} & {"eigenvalues", *found.read}


def test_numbers_of_a_finding_stand_in_the_tables_it_names(county: manyi.OpenStudy) -> None:
    told = [county.trace("发现 5")]
    places = {place.table for found in told for number in found.numbers for place in number.places}
    assert set() < places <= {name for found in told for name in found.read}


def test_the_numbers_as_a_frame(alpha: Trace) -> None:
    frame = alpha.to_frame()
    assert frame["value"].tolist() == [number.value for number in alpha.numbers]


# --- what there is not -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("表 900 第 1 行", "trace-unknown"),
        ("nothing.csv row 1", "trace-unknown"),
        ("图 900", "trace-unknown"),
        ("发现 9000", "trace-unknown"),
        ("reliability parents NOBODY", "trace-unknown"),
        ("表 9 第 900 行", "trace-unknown-row"),
        ("reliability.csv row 90000", "trace-unknown-row"),
        ("表 9 第 1 行 第 90 列", "trace-unknown-column"),
    ],
)
def test_what_there_is_not_is_a_named_fault(county: manyi.OpenStudy, text: str, code: str) -> None:
    with pytest.raises(ManyiError) as caught:
        county.trace(text)
    assert [fault.code for fault in caught.value.faults] == [code]


def test_the_fault_says_what_there_is(county: manyi.OpenStudy) -> None:
    with pytest.raises(ManyiError) as caught:
        county.trace("表 900")
    said = [caught.value.faults[0].message(language) for language in ("zh", "en")]
    assert all("表1 (" in text for text in said)


def test_a_study_that_was_not_run_says_so(write_town: Callable[[Path], Path], tmp_path: Path) -> None:
    with pytest.raises(ManyiError) as caught:
        manyi.open(write_town(tmp_path / "town")).trace("table 1")
    assert caught.value.faults[0].code == "trace-not-run"


# --- the command -------------------------------------------------------------------------------------------


def test_the_command_gives_the_same_account_as_json(run_manyi, demo_study: Path, alpha: Trace) -> None:
    done = run_manyi("trace", demo_study, "reliability parents SAT", "--json")
    assert done.code == 0, done.err
    told = done.json["trace"]
    assert [number["value"] for number in told["numbers"]] == [number.value for number in alpha.numbers]
    assert json.dumps(told["lineage"][0]["seeds"]) == '{"analysis.seed": 20170519}'


@pytest.mark.parametrize(("language", "words"), [("zh", "用到的行"), ("en", "rows used")])
def test_the_command_speaks_both_languages(run_manyi, demo_study: Path, language: str, words: str) -> None:
    done = run_manyi("trace", "table 9, row 3", "--lang", language, cwd=demo_study)
    assert (done.code, words in done.out) == (0, True), done.err


def test_the_command_changes_nothing(run_manyi, demo_study: Path) -> None:
    def state() -> dict[str, int]:
        return {str(path): path.stat().st_mtime_ns for path in (demo_study / "results").rglob("*")}

    before = state()
    run_manyi("trace", demo_study, "table", "9", "row", "3")
    assert state() == before


def test_a_row_that_is_not_there_ends_the_command_with_a_fault(run_manyi, demo_study: Path) -> None:
    done = run_manyi("trace", demo_study, "表 1 第 900 行", "--json")
    assert (done.code, done.codes) == (1, ["trace-unknown-row"])
