"""Every key of the definitions and every column of the result tables is documented, and nothing else is."""

import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import pandas as pd
import pytest
import yaml
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from manyi.comparison.mapping import ComparisonMapping
from manyi.readers.matching.mapping_file import ColumnMapping
from manyi.study.definition import Study
from manyi_instruments.definitions.questionnaire import DEFAULT_MISSING, Questionnaire
from manyi_instruments.scoring import INDEX_DEFINITIONS
from manyi_instruments.standards import load_standard
from manyi_instruments.standards.definition import Standard
from manyi_outputs.tidy import read_table

DOCS = Path(__file__).parents[2] / "docs"
ROOTS: dict[str, type[BaseModel]] = {
    "questionnaire.md": Questionnaire,
    "study.md": Study,
    "schools.md": Standard,
    "import.md": ColumnMapping,
    "compare.md": ComparisonMapping,
}
#: Parts of one page's definitions that another page describes.
ELSEWHERE = {"import.md": {"Columns"}}
#: Units whose numbers count something.
COUNTS = ("count", "rows", "cells", "columns", "items", "persons", "row", "rank")


def table_after(text: str, start: int) -> list[list[str]]:
    """Return the rows below the head of the first table after a position, cells without blanks."""
    lines = text[start:].lstrip("\n").split("\n")
    rows = []
    for line in lines[2:]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


# --- keys --------------------------------------------------------------------------------------------------


def members(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models an annotation holds."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from members(part)


def models(root: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """Return a model and all models below it by name."""
    found: dict[str, type[BaseModel]] = {}
    waiting = [root]
    while waiting:
        model = waiting.pop()
        if model.__name__ not in found:
            found[model.__name__] = model
            waiting += [part for field in model.model_fields.values() for part in members(field.annotation)]
    return found


def documented(page: str) -> dict[str, list[list[str]]]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return {found[1]: table_after(text, found.end()) for found in re.finditer(r"<!-- keys: (\w+) -->", text)}


def default(field: FieldInfo) -> str:
    """Return a field's default as the pages write it."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value is None:
        return "none"
    if isinstance(value, BaseModel):
        return "see below"
    if value == "":
        return "empty"
    if isinstance(value, str):
        return f"`{value}`" if isinstance(yaml.safe_load(value), str) else f'`"{value}"`'
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, tuple):
        return f"`[{', '.join(value)}]`"
    return f"`{value}`"


def choices(annotation: Any) -> set[str]:
    """Return the words a field can be, where it is one of a few."""
    if get_origin(annotation) is Literal:
        return {word for word in get_args(annotation) if word}
    if get_origin(annotation) in (Union, types.UnionType):
        return set().union(*(choices(part) for part in get_args(annotation)))
    return set()


CASES = [
    (page, name)
    for page, root in ROOTS.items()
    for name in models(root)
    if name not in ELSEWHERE.get(page, ())
]


@pytest.mark.parametrize("page", ROOTS)
def test_every_part_of_a_definition_has_its_table(page: str) -> None:
    assert set(documented(page)) == set(models(ROOTS[page])) - ELSEWHERE.get(page, set())


@pytest.mark.parametrize(("page", "name"), CASES)
def test_keys(page: str, name: str) -> None:
    keys = [row[0] for row in documented(page)[name]]
    assert sorted(keys) == sorted(f"`{key}`" for key in models(ROOTS[page])[name].model_fields)


@pytest.mark.parametrize(("page", "name"), CASES)
def test_defaults(page: str, name: str) -> None:
    fields = models(ROOTS[page])[name].model_fields
    shown = {row[0]: row[1] for row in documented(page)[name]}
    assert shown == {f"`{key}`": default(field) for key, field in fields.items()}


@pytest.mark.parametrize(("page", "name"), CASES)
def test_fixed_values_are_named(page: str, name: str) -> None:
    told = " ".join(cell for rows in documented(page).values() for row in rows for cell in row)
    told += (DOCS / "methods.md").read_text(encoding="utf-8") if "methods.md" in told else ""
    fields = models(ROOTS[page])[name].model_fields
    words = set().union(*(choices(field.annotation) for field in fields.values()))
    assert not {word for word in words if f"`{word}`" not in told}


def test_missing_codes_are_the_defaults() -> None:
    text = (DOCS / "questionnaire.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` (\S+) \| −(\d) \|", text, flags=re.MULTILINE)
    found = {kind: (-int(code), label) for kind, label, code in rows}
    assert found == {kind: (missing.code, missing.label["zh"]) for kind, missing in DEFAULT_MISSING.items()}


def test_index_definitions_are_explained() -> None:
    text = (DOCS / "methods.md").read_text(encoding="utf-8")
    start = text.index("| `index:` |")
    assert {row[0].strip("`") for row in table_after(text, start)} == set(INDEX_DEFINITIONS)


def test_thresholds_shown_are_those_of_the_standard() -> None:
    text = (DOCS / "schools.md").read_text(encoding="utf-8")
    shown = {row[0].split()[0]: row[1:3] for row in table_after(text, text.index("| indicator | primary |"))}
    standard = load_standard("national-2017")
    assert shown == {
        entry.id: [f"{entry.threshold_at(stage):g}" for stage in ("primary", "junior")]
        for entry in standard.indicators
    }


# --- columns -----------------------------------------------------------------------------------------------


def tables() -> dict[str, list[list[str]]]:
    """Return the documented tables: name -> rows of column, unit, meaning."""
    text = (DOCS / "tables.md").read_text(encoding="utf-8")
    found = {}
    for heading in re.finditer(r"^### (\w+)$", text, flags=re.MULTILINE):
        found[heading[1]] = table_after(text, text.index("\n| column |", heading.end()))
    return found


def written(study: Path) -> dict[str, pd.DataFrame]:
    return {path.stem: read_table(path) for path in (study / "results" / "tables").glob("*.csv")}


def test_tables_written_are_those_documented(demo_study: Path) -> None:
    assert set(written(demo_study)) == set(tables())


@pytest.mark.parametrize("name", tables())
def test_columns_written_are_those_documented(name: str, demo_study: Path) -> None:
    assert {f"`{column}`" for column in written(demo_study)[name]} == {row[0] for row in tables()[name]}


@pytest.mark.parametrize("name", tables())
def test_no_column_is_documented_twice(name: str) -> None:
    columns = [row[0] for row in tables()[name]]
    assert len(columns) == len(set(columns))


@pytest.mark.parametrize("name", tables())
def test_only_columns_that_say_so_are_empty(name: str, demo_study: Path) -> None:
    frame = written(demo_study)[name]
    computed = frame[frame["reason"] == ""] if "reason" in frame and frame["reason"].eq("").any() else frame
    excused = {row[0].strip("`") for row in tables()[name] if "empty" in row[2].lower()}
    # Kinds of missing cells follow the first of them, which says so for all.
    following = (
        list(computed.columns[list(computed.columns).index("cells_no_answer") :])
        if name == "import_cells"
        else []
    )
    empty = {column for column in computed if computed[column].isna().any()}
    assert empty <= excused | set(following)


def holds(values: pd.Series, unit: str) -> bool:
    """Return whether a column is what its unit says."""
    given = values.dropna()
    if unit == "text":
        return given.map(lambda value: isinstance(value, str)).all()
    if unit == "true/false":
        return given.isin([True, False]).all() and not pd.api.types.is_float_dtype(given)
    numbers = given.astype(float)
    if unit in ("share", "p"):
        return numbers.between(0, 1).all()
    if unit == "r":
        return numbers.between(-1, 1).all()
    if unit == "0–100":
        return numbers.between(0, 100).all()
    if unit in COUNTS:
        return bool((numbers >= 0).all() and (numbers % 1 == 0).all())
    return True


@pytest.mark.parametrize("name", tables())
def test_numbers_have_the_units_documented(name: str, demo_study: Path) -> None:
    frame = written(demo_study)[name]
    units = {row[0].strip("`"): row[1] for row in tables()[name]}
    assert not [column for column, unit in units.items() if not holds(frame[column], unit)]
