"""School tables of two waves: change of indicators with its interval, variation, and what fails now."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi_outputs.tidy import read_table

EQUIPMENT = "教学仪器设备资产值（万元）"
PUPILS = "在校生数"
CODE = "学校（机构）标识码"


@pytest.fixture(scope="module")
def waves(
    tmp_path_factory: pytest.TempPathFactory,
    write_study: Callable[..., Path],
    run_manyi: Callable[..., Any],
    demo_study: Path,
) -> tuple[Path, Any]:
    """Return a study whose schools had other equipment two years ago, run; not to be changed."""
    now = pd.read_csv(demo_study / "data" / "schools.csv", dtype=str, encoding="utf-8-sig")
    questionnaire = {
        "questionnaire": "staff",
        "title": {"en": "Staff", "zh": "教师"},
        "languages": ["en"],
        "answer_lists": {"five": {"values": [1, 2, 3, 4, 5], "en": list("abcde")}},
        "scales": [{"id": "SAT", "title": {"en": "satisfaction"}}],
        "items": [{"id": "S1", "text": {"en": "Satisfied?"}, "answers": "five", "scale": "SAT"}],
    }
    study = write_study(
        tmp_path_factory.mktemp("schools") / "study",
        {"staff": questionnaire},
        {"staff": {"a.csv": pd.DataFrame({"S1": [1, 2, 3, 4, 5] * 6})}},
        now,
        schools={
            "table": "data/schools.csv",
            "standard": "national-2017",
            "wave": 2025,
            "earlier": {2023: "data/schools-2023.csv"},
        },
    )
    random = np.random.default_rng(5)
    then = now.assign(
        **{
            EQUIPMENT: (now[EQUIPMENT].astype(float) * random.uniform(0.6, 1.5, len(now)))
            .round(2)
            .astype(str)
        }
    )
    then.iloc[1:].to_csv(study / "data" / "schools-2023.csv", index=False, encoding="utf-8-sig")
    return study, run_manyi("run", study, "--json")


def result(study: Path, name: str) -> pd.DataFrame:
    return read_table(study / "results" / "tables" / f"{name}.csv")


def indicators(study: Path) -> pd.DataFrame:
    """Return R6 of the primary schools evaluated in both waves, the earlier one beside the later."""
    earlier = pd.read_parquet(study / "results" / "waves" / "2023" / "school_indicators.parquet")
    frames = [
        frame.query("stage == 'primary' and indicator == 'R6'").dropna(subset="met").set_index("school")
        for frame in (earlier, result(study, "school_indicators"))
    ]
    return frames[0].add_suffix("_then").join(frames[1].add_suffix("_now"), how="inner")


def test_change_is_the_weighted_intercept_with_hc1_errors(waves: tuple[Path, Any], compare: Any) -> None:
    import statsmodels.api as sm

    both = indicators(waves[0]).astype({"value_then": float, "value_now": float, "pupils_now": float})
    moved = both["value_now"] - both["value_then"]
    fit = sm.WLS(moved, np.ones(len(moved)), weights=both["pupils_now"]).fit(cov_type="HC1", use_t=True)
    row = result(waves[0], "change").query("unit == 'primary' and indicator == 'R6' and measure == 'mean'")
    ours = row[["change", "se", "low", "high", "p"]].astype(float).to_numpy()[0]
    low, high = fit.conf_int().to_numpy()[0]
    theirs = [fit.params.iloc[0], fit.bse.iloc[0], low, high, fit.pvalues.iloc[0]]
    source = "statsmodels: weighted, result tables"
    compare("change.schools", source, ours, theirs)


def test_change_of_the_variation_is_the_difference_without_interval(waves: tuple[Path, Any]) -> None:
    rows = result(waves[0], "change").query("unit == 'primary' and indicator == 'R6' and measure == 'cv'")
    now = result(waves[0], "county_cv").query("stage == 'primary' and indicator == 'R6'")["cv"].iloc[0]
    then = pd.read_parquet(waves[0] / "results" / "waves" / "2023" / "school_indicators.parquet")
    then = then.query("stage == 'primary' and indicator == 'R6'").dropna(subset="met")
    mean = np.average(then["value"], weights=then["pupils"])
    cv = np.sqrt(np.average((then["value"] - mean) ** 2, weights=then["pupils"])) / mean
    assert float(rows["change"].iloc[0]) == pytest.approx(float(now) - cv, abs=1e-9)
    assert rows["reason"].iloc[0] == "change-of-all-schools"
    assert np.isnan(rows["low"].iloc[0])


def test_alerts_are_the_schools_that_met_it_before(waves: tuple[Path, Any]) -> None:
    both = indicators(waves[0])
    lost = both[(both["value_then"].astype(float) >= 2000) & (both["value_now"].astype(float) < 2000)]
    found = result(waves[0], "alerts").query("level == 'school' and stage == 'primary' and indicator == 'R6'")
    assert len(lost) > 0
    assert set(found["school"]) == set(lost.index)


def test_the_run_says_what_fails_now(waves: tuple[Path, Any]) -> None:
    assert "indicator-fails-now" in waves[1].codes


def test_a_school_of_one_wave_is_counted(waves: tuple[Path, Any]) -> None:
    rows = result(waves[0], "change").query("measure == 'mean' and indicator == 'R6'")
    assert rows["missing"].astype(float).sum() >= 1


def test_earlier_schools_stand_in_no_table_of_today(waves: tuple[Path, Any]) -> None:
    found = result(waves[0], "school_indicators")
    assert not found.duplicated(["school", "stage", "indicator"]).any()


def test_an_earlier_table_that_is_not_there_is_named(
    waves: tuple[Path, Any], tmp_path: Path, run_manyi: Any
) -> None:
    study = tmp_path / "study"
    shutil.copytree(waves[0], study)
    (study / "data" / "schools-2023.csv").unlink()
    done = run_manyi("run", study, "--json")
    assert "schools-not-found" in done.codes
    assert (study / "results" / "tables" / "school_indicators.csv").is_file()
