"""One export that holds several waves in a column: every row in one wave, or quarantined with a reason."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from manyi.study.checks import study_faults
from manyi.study.folder import open_study
from manyi_outputs.tidy import read_table

#: 40 rows of each wave, then cells nobody names: spreadsheet rows 82 to 85, and a blank row 86.
YEARS = ["2021", "2023.0"] * 40 + ["2022", "", "2022 ", "２０２１年"]


def export() -> bytes:
    lines = ["年份,school,S1"]
    for at, year in enumerate(YEARS):
        lines.append(f"{year},{at % 4 + 1:02d},{at % 5 + 1}")
    return ("\n".join([*lines[:30], ",,", *lines[30:]]) + "\n").encode("utf-8-sig")


QUESTIONNAIRE = {
    "questionnaire": "parents",
    "title": {"en": "Parents"},
    "languages": ["en"],
    "answer_lists": {"five": {"values": [1, 2, 3, 4, 5], "en": list("abcde")}},
    "items": [{"id": "S1", "text": {"en": "Satisfied?"}, "answers": "five", "standalone": True}],
}
FIRST = {"wave": 2021, "repeats": "parents", "rows": {"column": "年份", "values": [2021, "2021年"]}}
SECOND = {"wave": 2023, "rows": {"column": "年份"}}


def study_of(
    folder: Path,
    write_study: Callable[..., Path],
    first: dict[str, Any] = FIRST,
    second: dict[str, Any] = SECOND,
    **files: bytes,
) -> Path:
    return write_study(
        folder,
        {"parents": QUESTIONNAIRE, "parents_2021": QUESTIONNAIRE},
        {"parents": files or {"a.csv": export()}},
        pd.DataFrame({"school_code": [f"{at:02d}" for at in range(1, 5)]}),
        roles={"parents": second, "parents_2021": first},
        analysis={"satisfaction": {"parents": ["S1"]}},
    )


@pytest.fixture(scope="module")
def divided(
    tmp_path_factory: pytest.TempPathFactory, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> Path:
    """Return a study of two waves in one file, run; not to be changed."""
    study = study_of(tmp_path_factory.mktemp("rows") / "study", write_study)
    done = run_manyi("run", study, "--json")
    assert done.code == 0, done.out
    return study


def table(study: Path, name: str) -> pd.DataFrame:
    return read_table(study / "results" / "tables" / f"{name}.csv")


def accounts(study: Path) -> pd.DataFrame:
    return table(study, "import_cells").query("role != 'schools'").set_index("role")


def test_each_wave_keeps_its_rows(divided: Path) -> None:
    assert accounts(divided)["rows_kept"].astype(int).to_dict() == {"parents": 40, "parents_2021": 41}


def test_every_row_is_in_one_account(divided: Path) -> None:
    found = accounts(divided)
    assert found[["rows_kept", "rows_quarantined"]].astype(int).to_numpy().sum() == len(YEARS) + 1
    parts = found["rows_kept"] + found["rows_quarantined"] + found["rows_elsewhere"]
    assert (parts == found["rows_read"]).all()


def test_answers_of_both_waves_are_all_rows_once(divided: Path) -> None:
    rows = [
        set(pd.read_parquet(divided / "results" / "coded" / f"{role}.parquet")["row"])
        for role in ("parents", "parents_2021")
    ]
    quarantined = set(table(divided, "quarantine").query("item == ''")["row"].astype(int))
    assert not rows[0] & rows[1]
    assert rows[0] | rows[1] | quarantined == set(range(2, len(YEARS) + 3))
    assert not (rows[0] | rows[1]) & quarantined


def test_rows_of_nobody_are_quarantined_with_their_cell(divided: Path) -> None:
    found = table(divided, "quarantine").query("code == 'row-of-nobody'")
    assert set(found["role"]) == {"parents"}
    assert found["value"].fillna("").tolist() == ["2022", "", "2022"]
    assert "2022" in found["reason"].iloc[0]


def test_the_column_is_no_unread_column(divided: Path) -> None:
    assert set(accounts(divided)["columns_unmatched"].astype(int)) == {0}


def test_change_is_computed_of_the_two_waves(divided: Path) -> None:
    row = table(divided, "change").query("indicator == 'S1' and method == 'independent'").iloc[0]
    years = pd.Series(YEARS)
    answer = (pd.Series(range(len(YEARS))) % 5) * 25
    later, earlier = (answer[years.isin(cells)].mean() for cells in (["2023.0"], ["2021", "２０２１年"]))
    assert float(row["change"]) == pytest.approx(later - earlier)


def test_a_raw_row_of_another_wave_says_whose_it_is(divided: Path, run_manyi: Callable[..., Any]) -> None:
    told = run_manyi("raw", divided, "--role", "parents", "--file", "a.csv", "--row", "2", "--lang", "en")
    assert "parents_2021" in told.out


def test_the_appendix_shows_rows_of_other_roles(divided: Path) -> None:
    page = (divided / "results" / "report.html").read_text(encoding="utf-8")
    assert "Rows of other roles" in page


def codes(study: Path) -> list[tuple[str, int | None]]:
    faults = study_faults(open_study(study))
    return [(fault.code, fault.place.line) for fault in faults if fault.code.startswith("rows-")]


def line_of(study: Path, text: str, after: str) -> int:
    lines = (study / "study.yaml").read_text(encoding="utf-8").splitlines()
    start = next(at for at, line in enumerate(lines) if line.strip() == after)
    return next(at for at in range(start, len(lines)) if text in lines[at]) + 1


def test_sound_rows_have_no_fault(divided: Path) -> None:
    assert codes(divided) == []


def test_a_value_of_two_roles_has_its_line(tmp_path: Path, write_study: Callable[..., Path]) -> None:
    first = {**FIRST, "rows": {"column": "年份", "values": [2021, "２０２３"]}}
    study = study_of(tmp_path / "study", write_study, first)
    # The list begins on the line after its key.
    assert codes(study) == [("rows-value-twice", line_of(study, "values", "parents_2021:") + 1)]


def test_two_columns_for_one_folder(tmp_path: Path, write_study: Callable[..., Path]) -> None:
    study = study_of(tmp_path / "study", write_study, {**FIRST, "rows": {"column": "届别"}})
    assert codes(study) == [("rows-columns-differ", line_of(study, "column", "parents_2021:"))]


def test_a_role_that_takes_all_rows_too(tmp_path: Path, write_study: Callable[..., Path]) -> None:
    study = study_of(tmp_path / "study", write_study, second={"wave": 2023})
    assert codes(study) == [("rows-of-all", line_of(study, "parents:", "parents:"))]


def test_rows_without_value_or_wave(tmp_path: Path, write_study: Callable[..., Path]) -> None:
    study = study_of(tmp_path / "study", write_study, second={"rows": {"column": "年份"}})
    assert codes(study) == [("rows-without-value", line_of(study, "column", "parents:"))]


def test_a_file_without_the_column_is_named(
    tmp_path: Path, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    other = b"school,S1\n01,3\n02,4\n"
    study = study_of(tmp_path / "study", write_study, **{"a.csv": export(), "b.csv": other})
    done = run_manyi("run", study, "--json")
    faults = [fault for fault in done.json["faults"] if fault["code"] == "rows-column-absent"]
    assert done.code == 1
    assert {fault["file"].rsplit("/", 1)[-1] for fault in faults} == {"b.csv"}
    assert "年份" in faults[0]["what"]


def test_a_wave_without_any_row_is_named(
    tmp_path: Path, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    first = {**FIRST, "rows": {"column": "年份", "values": [1999]}}
    done = run_manyi("run", study_of(tmp_path / "study", write_study, first), "--json")
    assert "rows-none-own" in done.codes


def test_a_file_with_rows_of_one_wave_only(
    tmp_path: Path, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    later = ("年份,school,S1\n" + "2023,01,3\n2023,02,4\n" * 20).encode("utf-8-sig")
    study = study_of(tmp_path / "study", write_study, **{"a.csv": export(), "b.csv": later})
    assert run_manyi("run", study, "--json").code == 0
    assert accounts(study).groupby("role")["rows_kept"].sum().to_dict() == {"parents": 80, "parents_2021": 41}


def test_another_value_of_a_role_beside_makes_this_role_anew(
    tmp_path: Path, write_study: Callable[..., Path], run_manyi: Callable[..., Any]
) -> None:
    study = study_of(tmp_path / "study", write_study)
    run_manyi("run", study, "--json")
    plan = (study / "study.yaml").read_text(encoding="utf-8")
    (study / "study.yaml").write_text(plan.replace("- 2021年", "- 2021年\n      - 2022"), encoding="utf-8")
    done = run_manyi("run", study, "--json")
    assert "import:parents" in done.stages("done")
    assert table(study, "quarantine").query("code == 'row-of-nobody'")["value"].fillna("").tolist() == [""]
