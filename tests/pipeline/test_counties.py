"""Several counties in one study: funnel limits, shrunken means, small units not shown, no ranks."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from manyi.study.checks import study_faults
from manyi.study.folder import open_study
from manyi_outputs.tidy import read_table

COUNTIES = ("Arden", "Brook", "Cedar", "Dunes")


def answers() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return answers of 24 schools, six a county, and the school table."""
    random = np.random.default_rng(8)
    roster = pd.DataFrame(
        {
            "school_code": [f"{at:03d}" for at in range(1, 25)],
            "county": [COUNTIES[(at - 1) // 6] for at in range(1, 25)],
        }
    )
    parts = []
    for at, code in enumerate(roster["school_code"]):
        n = 4 if at == 0 else 12 + at
        level = 3 + (at // 6 - 1.5) * 0.4 + random.normal(0, 0.2)
        scores = np.clip(np.rint(level + random.normal(0, 0.9, n)), 1, 5).astype(int)
        parts.append(pd.DataFrame({"school": code, "S1": scores}))
    return pd.concat(parts, ignore_index=True), roster


QUESTIONNAIRE = {
    "questionnaire": "parents",
    "title": {"en": "Parents"},
    "languages": ["en"],
    "answer_lists": {"five": {"values": [1, 2, 3, 4, 5], "en": list("abcde")}},
    "items": [{"id": "S1", "text": {"en": "Satisfied?"}, "answers": "five", "standalone": True}],
}
PLAN: dict[str, Any] = {"satisfaction": {"parents": ["S1"]}, "counties": "county"}


@pytest.fixture(scope="module")
def compared(
    tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> tuple[Path, pd.DataFrame]:
    """Return a study of four counties, run, and its comparison; not to be changed."""
    rows, roster = answers()
    study = write_study(
        tmp_path_factory.mktemp("counties") / "study",
        {"parents": QUESTIONNAIRE},
        {"parents": {"a.csv": rows}},
        roster,
        analysis=PLAN,
    )
    run_manyi("run", study, "--json")
    return study, read_table(study / "results" / "tables" / "unit_comparison.csv")


def points() -> pd.DataFrame:
    rows, roster = answers()
    return rows.merge(roster, left_on="school", right_on="school_code").assign(
        y=lambda f: (f["S1"] - 1) / 4 * 100
    )


def test_errors_of_counties_are_clustered_as_in_statsmodels(
    compared: tuple[Path, pd.DataFrame], compare: Any
) -> None:
    import statsmodels.api as sm

    ours = compared[1].query("level == 'county'").set_index("unit")
    source = "statsmodels: counties, result tables"
    for county, rows in points().groupby("county"):
        fit = sm.OLS(rows["y"], np.ones(len(rows))).fit(
            cov_type="cluster", cov_kwds={"groups": rows["school"].astype(int)}
        )
        assert ours.loc[county, "value"] == pytest.approx(rows["y"].mean())
        compare("clustered.se", source, [ours.loc[county, "se"]], fit.bse)


def test_errors_of_schools_are_of_the_mean_square_within(compared: tuple[Path, pd.DataFrame]) -> None:
    import statsmodels.formula.api as smf

    rows = points()
    sigma = np.sqrt(smf.ols("y ~ C(school)", rows).fit().mse_resid)
    ours = compared[1].query("level == 'school'").set_index("unit")
    size = rows.groupby("school").size()
    np.testing.assert_allclose(ours["se"].astype(float), sigma / np.sqrt(size[ours.index]), rtol=1e-9)


def test_shrunken_means_are_the_weighted_mix(compared: tuple[Path, pd.DataFrame]) -> None:
    ours = compared[1].query("level == 'county'")
    kept = ours["reliability"].astype(float)
    centre = (ours["shrunken"] - kept * ours["value"]) / (1 - kept)
    assert kept.between(0, 1).all()
    np.testing.assert_allclose(centre, centre.iloc[0], rtol=1e-9)


def test_a_school_of_four_is_not_shown(compared: tuple[Path, pd.DataFrame]) -> None:
    assert "001" not in set(compared[1]["unit"])


def test_every_unit_has_limits_and_none_a_rank(compared: tuple[Path, pd.DataFrame]) -> None:
    table = compared[1]
    assert not [name for name in table.columns if "rank" in name]
    assert table[["low_95", "high_95", "low_998", "high_998", "low", "high"]].notna().all().all()


def test_appendix_and_report_tell_it(
    compared: tuple[Path, pd.DataFrame], read_workbook: Callable[[Path], Any]
) -> None:
    page = (compared[0] / "results" / "report.html").read_text(encoding="utf-8")
    assert "counties lie beyond" in page
    book = read_workbook(compared[0] / "results" / "appendix.xlsx")
    cells = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    assert "Side by Side" in cells


def test_one_county_has_a_reason(
    tmp_path: Path, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    rows, roster = answers()
    one = roster.assign(county="Arden")
    study = write_study(
        tmp_path / "study", {"parents": QUESTIONNAIRE}, {"parents": {"a.csv": rows}}, one, analysis=PLAN
    )
    run_manyi("run", study, "--json")
    table = read_table(study / "results" / "tables" / "unit_comparison.csv")
    reasons = table.query("level == 'county'")["reason"].tolist()
    assert [reason.split(":")[0] for reason in reasons] == ["comparison-too-few-units"]


def test_a_column_that_is_not_there_is_named(tmp_path: Path, write_study: Callable[..., Path]) -> None:
    plan = {**PLAN, "counties": "conty"}
    study = write_study(
        tmp_path / "study", {"parents": QUESTIONNAIRE}, {"parents": {}}, answers()[1], analysis=plan
    )
    assert "plan-unknown-variable" in [fault.code for fault in study_faults(open_study(study))]
