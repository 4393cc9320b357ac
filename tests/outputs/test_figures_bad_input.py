"""Figures of what is too much, too long, too little or not computed: none breaks, each says so in words."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_outputs.figures import Drawing, Undrawn, drawings, gallery, png, svg
from manyi_outputs.figures.lettering import Lettering
from manyi_outputs.figures.sheet import ACROSS, PAGE
from manyi_outputs.report import document

Tables = dict[str, pd.DataFrame]
LONG = "很长的题目文字" * 58


def outside(drawing: Drawing) -> list[str]:
    """Return the texts of a figure that leave its sheet."""
    figure = drawing.draw()
    down = figure.get_figheight() * 72
    lines = [line for each in figure.artists if isinstance(each, Lettering) for line in each.lines]
    return [
        line.text
        for line in lines
        if line.box[0] < 0 or line.box[1] < -0.5 or line.box[2] > ACROSS or line.box[3] > down
    ]


def high(drawing: Drawing) -> float:
    """Return the height of a figure in points."""
    return float(drawing.draw().get_figheight() * 72)


def answers(items: int) -> pd.DataFrame:
    """Return the shares of six answers to so many items."""
    rows = [("adults", f"Q{item}", value, 50, 1 / 6, 300) for item in range(items) for value in range(1, 7)]
    return pd.DataFrame(rows, columns=["role", "item", "answer", "n", "share", "answered"])


@pytest.fixture(scope="module")
def lengthened(bfi_questionnaire: Questionnaire) -> Callable[[int, str], Questionnaire]:
    """Return ``make(items, text)``: the questionnaire with so many items of one wording."""

    def make(items: int, text: str) -> Questionnaire:
        first = bfi_questionnaire.items[0]
        made = tuple(
            first.model_copy(update={"id": f"Q{at}", "text": {"zh": text, "en": text}}) for at in range(items)
        )
        return bfi_questionnaire.model_copy(update={"items": made})

    return make


def test_300_items_fit_their_pages(lengthened: Any, context_in: Any) -> None:
    context = context_in("zh", questionnaires={"adults": lengthened(300, "您对学校满意吗？")})
    drawn = drawings({"answers": answers(300)}, context)
    assert max(map(high, drawn)) < PAGE + 80
    bars = [
        each
        for drawing in drawn
        for each in drawing.draw().artists
        if (each.get_gid() or "")[:9] == "answer-1-"
    ]
    assert sum(len(each.get_path().vertices) // 5 for each in bars) == 300


def test_parts_of_a_figure_have_names_and_titles_of_their_own(lengthened: Any, context_in: Any) -> None:
    context = context_in("zh", questionnaires={"adults": lengthened(300, "您对学校满意吗？")})
    drawn = drawings({"answers": answers(300)}, context)
    assert (
        len({drawing.name for drawing in drawn})
        == len({drawing.title for drawing in drawn})
        == len(drawn)
        > 1
    )


def test_labels_of_400_characters_are_cut_and_seen_to_be(lengthened: Any, context_in: Any) -> None:
    context = context_in("zh", questionnaires={"adults": lengthened(4, LONG)})
    drawing = drawings({"answers": answers(4)}, context)[0]
    lettering = next(each for each in drawing.draw().artists if isinstance(each, Lettering))
    assert sum(line.text.endswith("…") for line in lettering.lines) >= 4
    assert outside(drawing) == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_long_names_of_everything_stay_on_the_sheet(
    tables: Tables, context_in: Any, lengthened: Any, language: str
) -> None:
    titles = dict.fromkeys(["R1", "stratio", "expenditure"], LONG)
    context = context_in(
        language,
        indicators=titles,
        roles=dict.fromkeys(["adults", "districts"], LONG),
        stages={"primary": LONG},
        columns={"gender": LONG},
    )
    for drawing in drawings(tables, context):
        assert outside(drawing) == []


def test_a_role_without_rows_has_no_figures(tables: Tables, context_in: Any) -> None:
    none = {
        name: frame[frame["role"] != "adults"] if "role" in frame else frame for name, frame in tables.items()
    }
    assert [one.name for one in drawings(none, context_in("zh"))] == [
        "county_cv",
        "coefficients-districts-score",
    ]


def test_no_tables_have_no_figures(context_in: Any) -> None:
    assert drawings({}, context_in("zh")) == ()


def test_empty_tables_have_no_figures(tables: Tables, context_in: Any) -> None:
    assert drawings({name: frame.iloc[:0] for name, frame in tables.items()}, context_in("zh")) == ()


def schools(count: int) -> pd.DataFrame:
    """Return so many schools with an index, drawn at random."""
    rng = np.random.default_rng(5)
    value = rng.normal(70, 6, count)
    frame = pd.DataFrame({"school": [f"{at:06d}" for at in range(count)], "value": value, "n": 30.0})
    frame = frame.assign(low=value - 5, high=value + 5, shrunken=70 + 0.8 * (value - 70), reason="")
    frame = frame.assign(against_all=np.where(np.abs(value - 70) > 9, "above", "not_told_apart"))
    return frame.assign(role="adults", index="A", definition="share_of_range", headline=True)


@pytest.mark.parametrize("count", [1, 2, 3000])
def test_schools_of_any_number_fit_a_page(context_in: Any, count: int) -> None:
    for drawing in drawings({"school_satisfaction": schools(count)}, context_in("zh")):
        assert high(drawing) < PAGE + 80
        assert outside(drawing) == []


def test_of_3000_schools_few_are_named(context_in: Any) -> None:
    drawn = drawings({"school_satisfaction": schools(3000)}, context_in("zh"))
    crawl = next(one for one in drawn if one.name == "schools-adults")
    lettering = next(each for each in crawl.draw().artists if isinstance(each, Lettering))
    assert 0 < sum(line.text.isdigit() and len(line.text) == 6 for line in lettering.lines) <= 24


def test_3000_schools_against_thresholds_are_all_drawn(context_in: Any) -> None:
    share = np.random.default_rng(2).gamma(9, 0.13, 3000)
    frame = pd.DataFrame({"school": [f"{at:06d}" for at in range(3000)], "share": share, "met": share >= 1})
    frame = frame.assign(stage="primary", indicator="R1", value=share, threshold=1.0, reason="")
    (drawing,) = drawings({"school_indicators": frame}, context_in("zh"))
    marks = [each for each in drawing.draw().artists if (each.get_gid() or "").startswith("primary-R1")]
    assert sum(len(each.offsets) for each in marks) == 3000


def test_what_was_not_computed_is_told_in_words(schools_hidden: Tables, context_in: Any) -> None:
    (told, _) = gallery(schools_hidden, context_in("zh"))
    assert isinstance(told, Undrawn)
    assert told.reason == "该组不足 10 人，不予显示。人数过少时可能认出个人。"


@pytest.fixture(scope="module")
def schools_hidden() -> Tables:
    frame = schools(3).assign(reason="small-cell: minimum=10")
    frame[["value", "low", "high", "shrunken", "n"]] = np.nan
    return {"school_satisfaction": frame}


def test_what_was_not_computed_is_not_drawn(schools_hidden: Tables, context_in: Any) -> None:
    assert drawings(schools_hidden, context_in("zh")) == ()


def test_the_report_names_a_figure_that_is_not_drawn(schools_hidden: Tables, context_in: Any) -> None:
    limits = next(one for one in document(schools_hidden, context_in("zh")).chapters if one.key == "limits")
    said = [text for finding in limits.findings for text in finding.rest]
    assert any("一图没有画出：该组不足 10 人" in text for text in said)


def test_a_model_too_long_for_a_page_is_told(context_in: Any) -> None:
    model = {"role": "adults", "model": "correlated", "estimator": "ML"}
    rows = [{**model, "factor": f"f{at // 10}", "item": f"x{at}", "std": 0.7} for at in range(300)]
    tables = {
        "cfa_loadings": pd.DataFrame(rows),
        "cfa_fit": pd.DataFrame([{**model, "n": 900, "reason": ""}]),
    }
    (told,) = gallery(tables, context_in("zh"))
    assert isinstance(told, Undrawn)
    assert "300 题" in told.reason


def test_a_loading_beyond_one_shows_its_negative_residual(context_in: Any) -> None:
    model = {"role": "adults", "model": "correlated", "estimator": "ML"}
    rows = [{**model, "factor": "f", "item": f"x{at}", "std": std} for at, std in enumerate((1.1, 0.5, 0.6))]
    tables = {"cfa_loadings": pd.DataFrame(rows), "cfa_fit": pd.DataFrame([{**model, "n": 90, "reason": ""}])}
    (drawing,) = drawings(tables, context_in("zh"))
    lettering = next(each for each in drawing.draw().artists if isinstance(each, Lettering))
    assert "−0.21" in [line.text for line in lettering.lines]


@pytest.mark.parametrize("name", ["=1+1", "<script>", "&amp;", "𮯠村小学", "a\tb\x07"])
def test_names_that_try_to_be_more_are_letters(context_in: Any, name: str) -> None:
    frame = schools(6).assign(against_all="above")
    names = pd.DataFrame(
        {"school": frame["school"], "school_name": name, "stage": "primary", "indicator": "R1"}
    )
    tables = {"school_satisfaction": frame, "school_indicators": names.assign(value=1.0, reason="")}
    drawing = next(one for one in drawings(tables, context_in("zh")) if one.name == "schools-adults")
    assert "<script>" not in svg(drawing.draw(), "x", outlines=False)
    assert png(drawing.draw())
