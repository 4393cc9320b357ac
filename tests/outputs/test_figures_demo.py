"""All figures of the example county in both languages: within their sheets, no box, nothing foreign."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from manyi.stages.writing import context_of
from manyi.study.folder import open_study
from manyi_instruments.fonts import missing_characters
from manyi_outputs.appendix import appendix
from manyi_outputs.figures import Drawing, Undrawn, drawings, gallery
from manyi_outputs.figures.glyphs import Line
from manyi_outputs.figures.lettering import Lettering
from manyi_outputs.figures.sheet import ACROSS, PAGE
from manyi_outputs.tidy import StoredTables

ROLES = ("parents", "teachers", "students")
#: Kinds of figures the example has, with the roles they are there for.
KINDS = [
    "return",
    *(f"{kind}-{role}" for kind in ("answers", "scree", "loadings", "path", "schools") for role in ROLES),
    *(f"{kind}-{role}-SAT" for kind in ("school-effects", "coefficients", "specification") for role in ROLES),
    "satisfaction-share_of_range",
    "importance-parents-stated",
    "importance-teachers-partial_correlation-SAT",
    "thresholds",
    "county_cv",
    "lorenz",
    "change-schools",
]
#: Lower-case Latin words that Chinese figures have all the same: symbols of statistics.
SYMBOLS = {"n", "p", "r", "x"}


@pytest.fixture(scope="module")
def tables(demo_study: Path) -> Mapping[str, pd.DataFrame]:
    return StoredTables(demo_study / "results" / "tables")


@pytest.fixture(scope="module", params=["zh", "en"])
def drawn(
    request: pytest.FixtureRequest, demo_study: Path, tables: Mapping[str, pd.DataFrame]
) -> tuple[Drawing, ...]:
    return drawings(tables, context_of(open_study(demo_study), request.param))


@pytest.fixture(scope="module")
def chinese(demo_study: Path, tables: Mapping[str, pd.DataFrame]) -> tuple[Drawing, ...]:
    return drawings(tables, context_of(open_study(demo_study), "zh"))


def lines(drawing: Drawing) -> list[Line]:
    return [
        line for artist in drawing.draw().artists if isinstance(artist, Lettering) for line in artist.lines
    ]


def test_every_kind_of_figure_is_there(chinese: tuple[Drawing, ...]) -> None:
    assert set(KINDS) - {drawing.name for drawing in chinese} == set()


def test_names_of_figures_are_names_of_one_file_each(chinese: tuple[Drawing, ...]) -> None:
    names = [drawing.name for drawing in chinese]
    assert len({name.lower() for name in names}) == len(names)


def test_no_letter_is_an_empty_box(drawn: tuple[Drawing, ...]) -> None:
    assert missing_characters("".join(line.text for drawing in drawn for line in lines(drawing))) == ""


def test_no_name_was_lost_for_want_of_a_letter(drawn: tuple[Drawing, ...]) -> None:
    assert not any("〓" in line.text for drawing in drawn for line in lines(drawing))


def test_every_text_stands_on_its_sheet(drawn: tuple[Drawing, ...]) -> None:
    outside = [
        (drawing.name, line.text)
        for drawing in drawn
        for line in lines(drawing)
        if line.box[0] < 0
        or line.box[1] < -0.5
        or line.box[2] > ACROSS
        or line.box[3] > drawing.draw().get_figheight() * 72
    ]
    assert outside == []


def test_every_figure_fits_a_page(drawn: tuple[Drawing, ...]) -> None:
    assert max(drawing.draw().get_figheight() * 72 for drawing in drawn) < PAGE + 60


def test_every_figure_names_its_tables(drawn: tuple[Drawing, ...]) -> None:
    unnamed = [
        drawing.name
        for drawing in drawn
        if not any(drawing.sources[0] in line.text for line in lines(drawing))
    ]
    assert unnamed == []


def test_sources_are_tables_of_the_study(
    drawn: tuple[Drawing, ...], tables: Mapping[str, pd.DataFrame]
) -> None:
    assert {source for drawing in drawn for source in drawing.sources} <= set(tables)


def test_figures_stand_with_a_table_of_the_appendix(
    chinese: tuple[Drawing, ...], demo_study: Path, tables: Mapping[str, pd.DataFrame]
) -> None:
    keys = {entry.table.key for entry in appendix(tables, context_of(open_study(demo_study), "zh"))}
    assert {drawing.table for drawing in chinese} - keys == set()


def test_every_figure_is_told_with_numbers(drawn: tuple[Drawing, ...]) -> None:
    assert [
        drawing.name for drawing in drawn if not re.search(r"\d", drawing.alt.replace(drawing.title, ""))
    ] == [drawing.name for drawing in drawn if drawing.name.startswith("importance")]


def test_chinese_figures_hold_no_english(
    chinese: tuple[Drawing, ...], tables: Mapping[str, pd.DataFrame]
) -> None:
    words = {
        word
        for drawing in chinese
        for line in lines(drawing)
        for word in re.findall(r"(?<![A-Za-z_0-9])[a-z_]+(?![A-Za-z_])", line.text)
    }
    assert words - set(tables) - SYMBOLS == set()


def test_what_cannot_be_drawn_says_why(demo_study: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    hidden = tables["school_satisfaction"].copy()
    hidden[["n", "value", "low", "high", "shrunken"]] = float("nan")
    hidden["reason"] = "small-cell: minimum=10"
    context = context_of(open_study(demo_study), "en")
    told = gallery({"school_satisfaction": hidden}, context)
    assert all(isinstance(one, Undrawn) and "10" in one.reason for one in told)
