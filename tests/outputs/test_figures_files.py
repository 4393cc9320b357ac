"""Files of figures: pixels, resolution, chunks, elements; nothing of when, where or with what."""

import io
import os
import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from manyi_outputs.figures import Drawing, drawings, png, svg, write_figures
from manyi_outputs.figures.pixels import png_file

Tables = dict[str, pd.DataFrame]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def county(tables: Tables, context_in: Any) -> Drawing:
    return drawings({"county_cv": tables["county_cv"]}, context_in("zh"))[0]


def chunks(content: bytes) -> list[bytes]:
    at, kinds = 8, []
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        kinds.append(kind)
        at += 12 + length
    return kinds


def read_back(pixels: np.ndarray) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png_file(pixels, 300))).convert("RGBA"))


def test_pixels_of_256_colours_come_back_as_they_were() -> None:
    rng = np.random.default_rng(3)
    palette = np.column_stack([rng.permutation(256) for _ in range(3)] + [np.full(256, 255)]).astype(np.uint8)
    pixels = palette[rng.integers(0, 256, (37, 53))]
    assert np.array_equal(read_back(pixels), pixels)


def test_rare_colours_become_the_nearest_frequent_one() -> None:
    pixels = np.zeros((40, 256, 4), dtype=np.uint8)
    pixels[..., 0], pixels[..., 3] = np.arange(256), 255
    rare = pixels.copy()
    rare[0, 17, 1] = 3
    assert np.array_equal(read_back(rare), pixels)


def test_colours_drawn_in_flat_areas_are_kept(county: Drawing) -> None:
    drawn = np.asarray(Image.open(io.BytesIO(png(county.draw()))).convert("RGB")).reshape(-1, 3)
    values, counts = np.unique(drawn, axis=0, return_counts=True)
    assert tuple(values[counts.argmax()]) == (255, 255, 255)


def test_picture_has_300_dots_an_inch(county: Drawing) -> None:
    assert Image.open(io.BytesIO(png(county.draw()))).info["dpi"] == pytest.approx((300, 300), abs=0.01)


def test_picture_is_as_wide_as_the_text_of_a_page(county: Drawing) -> None:
    assert Image.open(io.BytesIO(png(county.draw()))).width == 1890


def test_picture_holds_no_date_and_no_program(county: Drawing) -> None:
    assert chunks(png(county.draw())) == [b"IHDR", b"pHYs", b"PLTE", b"IDAT", b"IEND"]


def test_picture_is_made_once(county: Drawing) -> None:
    assert png(county.draw()) is png(county.draw())


@pytest.mark.parametrize("outlines", [True, False])
def test_svg_holds_no_date_and_no_program(county: Drawing, outlines: bool) -> None:
    text = svg(county.draw(), county.name, county.title, outlines=outlines)
    assert re.search(r"metadata|[Mm]atplotlib|20\d\d-", text) is None


def test_svg_is_named_and_described_for_those_who_cannot_see_it(county: Drawing) -> None:
    root = ElementTree.fromstring(svg(county.draw(), county.name, county.title, alt=county.alt))
    assert [root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")] == [county.title, county.alt]


def test_ids_of_two_figures_do_not_meet(county: Drawing) -> None:
    ids = [set(re.findall(r'\bid="([^"]+)"', svg(county.draw(), name))) for name in ("a", "b")]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_every_reference_of_an_svg_has_its_element(county: Drawing) -> None:
    text = svg(county.draw(), "a")
    assert set(re.findall(r'xlink:href="#([^"]+)"', text)) <= set(re.findall(r'\bid="([^"]+)"', text))


def test_texts_of_an_svg_in_a_page_can_be_searched(county: Drawing) -> None:
    root = ElementTree.fromstring(svg(county.draw(), "a", outlines=False))
    assert "差异系数（按学生数加权）" in [each.text for each in root.iter(f"{SVG}text")]


def test_captions_hold_what_a_figure_says_and_its_tables(
    tables: Tables, context_in: Any, tmp_path: Path
) -> None:
    write_figures(tmp_path, {"county_cv": tables["county_cv"]}, context_in("en"), formats=())
    captions = pd.read_csv(tmp_path / "captions.csv", encoding="utf-8-sig", keep_default_na=False)
    assert captions.loc[0, ["File", "Result tables"]].tolist() == ["county_cv", "county_cv"]
    assert "0.515" in captions.loc[0, "In words"]


SCRIPT = """
import pandas as pd, sys
from manyi_outputs.context import Context
from manyi_outputs.figures import drawings, png, svg
row = {"stage": "primary", "indicator": "R1", "schools": 5, "pupils": 302, "mean": 6.334}
row |= {"sd": 3.264, "cv": 0.5153, "limit": 0.5, "met": False, "reason": ""}
drawing = drawings({"county_cv": pd.DataFrame([row])}, Context("t", "zh", {}))[0]
figure = drawing.draw()
sys.stdout.buffer.write(svg(figure, drawing.name, drawing.title, alt=drawing.alt).encode() + png(figure))
"""


def test_files_do_not_depend_on_hash_seed_time_zone_or_folder(tmp_path: Path) -> None:
    made = []
    for seed, zone in (("1", "Asia/Shanghai"), ("2", "America/Lima")):
        folder = tmp_path / seed
        folder.mkdir()
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], cwd=folder, env=env, capture_output=True, check=True
        )
        made.append(done.stdout)
    assert made[0] == made[1]
