"""Figures: no box for a letter, the same file every time, what is drawn is what the tables hold."""

import io
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib import colormaps
from matplotlib.image import imread

from manyi_instruments.fonts import missing_characters
from manyi_outputs.figures import Drawing, drawings, png, svg, write_figures
from manyi_outputs.figures.glyphs import drawable, fitted
from manyi_outputs.wording import languages, wording

Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module", params=["zh", "en"])
def drawn(request: pytest.FixtureRequest, tables: Tables, context_in: Any) -> tuple[Drawing, ...]:
    return drawings(tables, context_in(request.param))


def named(drawn: tuple[Drawing, ...], start: str) -> Drawing:
    return next(drawing for drawing in drawn if drawing.name.startswith(start))


def artist(drawing: Drawing, name: str) -> Any:
    """Return the artist of that id."""
    return next(each for each in drawing.draw().artists if each.get_gid() == name)


def test_every_figure_is_there(drawn: tuple[Drawing, ...]) -> None:
    assert [drawing.name for drawing in drawn] == [
        "scree-adults",
        "loadings-adults",
        "satisfaction-share_of_range",
        "satisfaction-share_of_range-adults",
        "county_cv",
        "coefficients-districts-score",
    ]


# Warnings are errors in the tests: matplotlib warns of every glyph it lacks.
def test_figures_are_drawn_without_a_missing_glyph(drawn: tuple[Drawing, ...]) -> None:
    for drawing in drawn:
        assert ElementTree.fromstring(svg(drawing.draw(), drawing.name)).tag.endswith("svg")


def test_nothing_runs_over_the_edge_of_a_figure(drawn: tuple[Drawing, ...]) -> None:
    cut = []
    for drawing in drawn:
        picture = imread(io.BytesIO(png(drawing.draw())))
        if min(picture[[0, -1]].min(), picture[:, [0, -1]].min()) < 1:
            cut.append(drawing.name)
    assert cut == []


@pytest.mark.parametrize("language", languages())
def test_the_typeface_has_every_letter_of_the_words(language: str) -> None:
    assert missing_characters("".join(wording(language).entries.values())) == ""


def test_a_letter_no_typeface_has_becomes_the_printers_sign() -> None:
    assert drawable("𮯠村小学") == "〓村小学"


def test_a_dollar_sign_is_not_mathematics(tables: Tables, context_in: Any) -> None:
    context = context_in(
        "en", indicators={"R1": "dollars $x_1 per pupil$", "stratio": "a", "expenditure": "b"}
    )
    drawing = named(drawings(tables, context), "county_cv")
    assert "$x_1" in svg(drawing.draw(), "x", outlines=False)


def test_the_same_tables_give_the_same_svg(tables: Tables, context_in: Any) -> None:
    first, second = (
        svg(named(drawings(tables, context_in("zh")), "scree").draw(), "scree") for _ in range(2)
    )
    assert first == second


def test_the_same_tables_give_the_same_png(tables: Tables, context_in: Any) -> None:
    first, second = (png(named(drawings(tables, context_in("zh")), "county").draw()) for _ in range(2))
    assert first == second


def test_scree_holds_the_eigenvalues(tables: Tables, context_in: Any) -> None:
    marks = artist(named(drawings(tables, context_in("zh")), "scree"), "component-marks")
    assert marks.offsets[:, 1].tolist() == tables["eigenvalues"]["component"].head(15).tolist()


def test_scree_holds_the_percentiles_of_random_data(tables: Tables, context_in: Any) -> None:
    line = artist(named(drawings(tables, context_in("zh")), "scree"), "factor_95")
    assert line.get_path().vertices[:, 1].tolist() == tables["eigenvalues"]["factor_95"].head(15).tolist()


def test_loadings_are_shaded_by_their_values(tables: Tables, context_in: Any) -> None:
    cells = artist(named(drawings(tables, context_in("zh")), "loadings"), "cells")
    expected = colormaps["PuOr"]((tables["loadings"]["pattern"].to_numpy() + 1) / 2)
    assert np.allclose(cells.get_facecolor(), expected)


def test_effects_are_drawn_per_standard_deviation(tables: Tables, context_in: Any) -> None:
    frame = tables["regression"]
    total = frame[(frame["model"].astype(str) == "2") & frame["term"].isin(["stratio", "expenditure"])]
    marks = artist(named(drawings(tables, context_in("zh")), "coefficients"), "total")
    assert marks.offsets[:, 0].tolist() == pytest.approx(total["beta"].tolist())


def test_coefficient_above_its_limit_has_its_own_mark(tables: Tables, context_in: Any) -> None:
    drawing = named(drawings(tables, context_in("zh")), "county")
    above = [each for each in drawing.draw().artists if (each.get_gid() or "").startswith("above")]
    assert [each.offsets[:, 0].tolist() for each in above] == [[0.5153]]


def test_files_are_svg_and_png(tables: Tables, context_in: Any, tmp_path: Path) -> None:
    county = {"county_cv": tables["county_cv"]}
    paths = write_figures(tmp_path / "图 figures", county, context_in("zh"))
    assert [path.name for path in paths] == ["county_cv.svg", "county_cv.png", "captions.csv"]
    assert paths[1].read_bytes().startswith(b"\x89PNG")


def test_chinese_breaks_before_a_bracket_not_after() -> None:
    assert fitted("每百名学生拥有（体育、艺术）教师", 80, 10) == "每百名学生拥有\n（体育、艺术）…"
