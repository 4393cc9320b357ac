"""Waves of a study: change with its interval, other questionnaires, schools that fail now, certification."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from manyi.study.checks import study_faults
from manyi.study.folder import open_study
from manyi_outputs.tidy import read_table

FIVE = {"values": [1, 2, 3, 4, 5], "en": list("abcde"), "zh": list("甲乙丙丁戊")}
SCHOOLS = 12
ITEMS = ("S1", "S2", "S3")


def questionnaire(
    name: str, items: tuple[str, ...] = ITEMS, wording: str = "How satisfied?"
) -> dict[str, Any]:
    return {
        "questionnaire": name,
        "title": {"en": "Satisfaction", "zh": "满意度"},
        "languages": ["en", "zh"],
        "answer_lists": {"five": FIVE},
        "scales": [{"id": "SAT", "title": {"en": "satisfaction", "zh": "满意度"}}],
        "items": [
            {
                "id": item,
                "text": {"en": f"{wording} {item}", "zh": f"满意吗？{item}"},
                "answers": "five",
                "scale": "SAT",
            }
            for item in items
        ],
    }


def answers(seed: int, shift: float, n: int = 240) -> pd.DataFrame:
    """Return answers of schools that keep their level, moved by ``shift``."""
    random = np.random.default_rng(seed)
    school = random.integers(0, SCHOOLS, n)
    level = np.linspace(-0.8, 0.8, SCHOOLS)[school] + random.normal(0, 0.5, n) + shift
    items = {name: np.clip(np.rint(3 + level + random.normal(0, 0.7, n)), 1, 5).astype(int) for name in ITEMS}
    return pd.DataFrame({"school": [f"{at + 1:02d}" for at in school], **items})


FIRST, SECOND = answers(1, -0.2), answers(2, 0.3)
ROSTER = pd.DataFrame(
    {
        "school_code": [f"{at + 1:02d}" for at in range(SCHOOLS)],
        "certified": ["2023"] * 5 + [""] * (SCHOOLS - 5),
    }
)


@pytest.fixture(scope="module")
def monitored(
    tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> tuple[Path, Any]:
    """Return a study of two waves, run, and the run; not to be changed."""
    third = questionnaire("later", ("S1", "S2", "S4"), "How pleased?")
    study = write_study(
        tmp_path_factory.mktemp("waves") / "study",
        {"parents": questionnaire("parents"), "parents_2021": questionnaire("first"), "parents_2025": third},
        {
            "parents": {"a.csv": SECOND},
            "parents_2021": {"b.csv": FIRST},
            "parents_2025": {"c.csv": SECOND.rename(columns={"S3": "S4"})},
        },
        ROSTER,
        roles={
            "parents": {"wave": 2023},
            "parents_2021": {"wave": 2021, "repeats": "parents"},
            "parents_2025": {"wave": 2025, "repeats": "parents"},
        },
        analysis={
            "satisfaction": {"parents": ["SAT", "S1"]},
            "monitoring": {"certification": "certified"},
        },
    )
    return study, run_manyi("run", study, "--json")


@pytest.fixture(scope="module")
def change(monitored: tuple[Path, Any]) -> pd.DataFrame:
    table = result(monitored[0], "change")
    return table.set_index(["indicator", "from_wave", "to_wave", "method"]).sort_index()


def result(study: Path, name: str) -> pd.DataFrame:
    return read_table(study / "results" / "tables" / f"{name}.csv")


def index_of(frame: pd.DataFrame) -> pd.Series:
    return (frame[list(ITEMS)].mean(axis=1) - 1) / 4 * 100


def by_school() -> pd.DataFrame:
    means = [index_of(frame).groupby(frame["school"]).mean() for frame in (FIRST, SECOND)]
    return pd.concat(means, axis=1, keys=["first", "second"])


def test_change_of_respondents_is_the_difference_of_their_means(change: pd.DataFrame) -> None:
    row = change.loc[("SAT", "2021", "2023", "independent")]
    assert float(row["change"]) == pytest.approx(index_of(SECOND).mean() - index_of(FIRST).mean(), abs=1e-9)


def test_change_of_schools_is_the_paired_test_of_scipy(change: pd.DataFrame, compare: Any) -> None:
    row = change.loc[("SAT", "2021", "2023", "paired")]
    means = by_school()
    found = stats.ttest_rel(means["second"], means["first"])
    limits = found.confidence_interval()
    theirs = [(means["second"] - means["first"]).mean(), limits.low, limits.high, found.pvalue]
    ours = row[["change", "low", "high", "p"]].to_list()
    compare("change.schools", "scipy: paired, result tables", ours, theirs)
    assert row["schools"] == SCHOOLS


def test_errors_of_respondents_are_clustered_as_in_statsmodels(change: pd.DataFrame, compare: Any) -> None:
    import statsmodels.api as sm

    errors = []
    for frame in (FIRST, SECOND):
        model = sm.OLS(index_of(frame), np.ones(len(frame)))
        fit = model.fit(cov_type="cluster", cov_kwds={"groups": frame["school"].astype(int)})
        # statsmodels multiplies by (n - 1) / (n - k), which is 1 with the intercept alone.
        errors.append(float(fit.bse.iloc[0]))
    row = change.loc[("SAT", "2021", "2023", "independent")]
    compare("clustered.se", "statsmodels: change, result tables", [row["se"]], [np.hypot(*errors)])


def test_another_questionnaire_has_a_reason_and_no_change(change: pd.DataFrame) -> None:
    row = change.loc[("SAT", "2023", "2025", "independent")]
    assert row["reason"].startswith("wave-asked-otherwise")
    assert "S4" in row["reason"]
    assert np.isnan(row["change"])


def test_what_both_ask_goes_on_with_a_remark_on_its_wording(change: pd.DataFrame) -> None:
    row = change.loc[("S1", "2023", "2025", "independent")]
    assert row["reason"] == ""
    assert row["remark"].startswith("wave-reworded")


def test_first_and_last_are_compared_too(change: pd.DataFrame) -> None:
    assert ("S1", "2021", "2025", "independent") in change.index


def test_invariance_over_waves_is_told(change: pd.DataFrame) -> None:
    assert change.loc[("SAT", "2021", "2023", "independent"), "invariance"] != ""


def test_it_is_a_warning_and_the_rest_goes_on(monitored: tuple[Path, Any]) -> None:
    assert monitored[1].code == 0, monitored[1].err
    told = [fault for fault in monitored[1].json["faults"] if fault["code"] == "result-not-computed"]
    assert told
    assert {fault["severity"] for fault in told} == {"warning"}


def test_two_way_effect_is_that_of_dummies(monitored: tuple[Path, Any], compare: Any) -> None:
    import statsmodels.formula.api as smf

    table = result(monitored[0], "certification").query("estimator == 'two_way' and indicator == 'S1'")
    waves = {"0": FIRST, "1": SECOND, "2": SECOND}
    panel = pd.concat(
        ((frame["S1"] - 1) / 4 * 100).groupby(frame["school"]).mean().rename("y").reset_index().assign(t=wave)
        for wave, frame in waves.items()
    )
    panel["d"] = ((panel["school"].astype(int) <= 5) & (panel["t"] != "0")).astype(float)
    fit = smf.ols("y ~ d + C(school) + C(t)", panel).fit()
    source = "statsmodels: dummies, result tables"
    compare("two_way.estimate", source, table["estimate"], [fit.params["d"]])


def test_a_measure_that_was_not_asked_alike_is_no_outcome(monitored: tuple[Path, Any]) -> None:
    assert set(result(monitored[0], "certification")["indicator"]) == {"S1"}


def test_group_time_effect_is_the_difference_of_differences(monitored: tuple[Path, Any]) -> None:
    table = result(monitored[0], "certification").query("effect == 'group_time' and at == '2023'")
    means = [((frame["S1"] - 1) / 4 * 100).groupby(frame["school"]).mean() for frame in (FIRST, SECOND)]
    moved = means[1] - means[0]
    certified = moved.index.astype(int) <= 5
    assert float(table["estimate"].iloc[0]) == pytest.approx(
        moved[certified].mean() - moved[~certified].mean()
    )


def test_appendix_and_report_tell_it(
    monitored: tuple[Path, Any], read_workbook: Callable[[Path], Any]
) -> None:
    page = (monitored[0] / "results" / "report.html").read_text(encoding="utf-8")
    assert "2021 → 2023" in page
    book = read_workbook(monitored[0] / "results" / "appendix.xlsx")
    cells = {str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert any("Change Between Waves" in cell for cell in cells)
    assert any("Certification" in cell for cell in cells)


@pytest.mark.parametrize(
    ("roles", "code"),
    [
        ({"parents": {"wave": 2023}, "again": {"wave": 2023, "repeats": "parents"}}, "wave-twice"),
        ({"parents": {"wave": 2023}, "again": {"repeats": "parents"}}, "wave-missing"),
        ({"parents": {}, "again": {"wave": 2023, "repeats": "parents"}}, "wave-missing"),
        ({"parents": {"wave": 1}, "again": {"wave": 2, "repeats": "nobody"}}, "plan-unknown-role"),
        ({"parents": {"wave": 1}, "again": {"wave": 2, "repeats": "again"}}, "wave-of-a-wave"),
    ],
)
def test_waves_that_cannot_be_are_told(
    tmp_path: Path, write_study: Callable[..., Path], roles: dict[str, Any], code: str
) -> None:
    both = {"parents": questionnaire("parents"), "again": questionnaire("again")}
    study = write_study(tmp_path / "study", both, {}, roles=roles)
    assert code in [fault.code for fault in study_faults(open_study(study))]


def test_certification_that_is_no_wave_is_named(
    tmp_path: Path, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    study = write_study(
        tmp_path / "study",
        {"parents": questionnaire("parents"), "again": questionnaire("again")},
        {"parents": {"a.csv": SECOND}, "again": {"b.csv": FIRST}},
        ROSTER.assign(certified=["soon"] * SCHOOLS),
        roles={"parents": {"wave": 2023}, "again": {"wave": 2021, "repeats": "parents"}},
        analysis={"monitoring": {"certification": "certified"}},
    )
    done = run_manyi("run", study, "--json")
    assert "certification-unknown-wave" in done.codes
    assert (study / "results" / "tables" / "change.csv").is_file()


def test_a_wave_without_answers_leaves_the_others(
    tmp_path: Path, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    names = {"parents": 2023, "first": 2021, "damaged": 2025}
    study = write_study(
        tmp_path / "study",
        {name: questionnaire(name) for name in names},
        {
            "parents": {"a.csv": SECOND},
            "first": {"b.csv": FIRST},
            "damaged": {"c.csv": b"no such,columns\n1,2\n"},
        },
        roles={
            name: {"wave": wave, **({} if name == "parents" else {"repeats": "parents"})}
            for name, wave in names.items()
        },
    )
    run_manyi("run", study, "--json")
    table = pd.read_csv(study / "results" / "tables" / "change.csv", dtype=str)
    assert set(table["to_wave"]) == {"2023"}
