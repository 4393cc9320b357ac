"""A study's county against its standard, end to end: facts, layers, transfers, what-if, bad input."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from manyi.schools.facts import read_facts
from manyi.schools.table import read_schools
from manyi.schools.transfers import read_transfers
from manyi.study.definition import Schools
from manyi.study.equity_plan import Transfers
from manyi.study.standard_checks import layer_faults
from manyi_analysis.equity import equity_table
from manyi_analysis.resources import evaluate_county
from manyi_instruments.faults import AnswersFaulty
from manyi_instruments.standards import load_layered, read_standard, standard_text

LAYERED = load_layered("national-2017")
YES, NO = Schools().affirmed, Schools().denied
HEADINGS = (
    "学校标识码,学校名称,办学类型,学段,在校生数,专科毕业专任教师数,本科毕业专任教师数,硕士研究生毕业专任教师数,"
    "博士研究生毕业专任教师数,县级以上骨干教师数,体育专任教师数,音乐专任教师数,美术专任教师数,教学及辅助用房面积,"
    "室内体育用房面积,运动场地面积,教学仪器设备资产值（元）,网络多媒体教室间数,城乡分类代码,制定章程"
)
GOOD = "500,5,18,1,0,6,3,1,1,2800,300,3700,1100000,12"


def table(folder: Path, *rows: str) -> Path:
    path = folder / "schools.csv"
    path.write_text("\n".join([HEADINGS, *rows]) + "\n", encoding="utf-8")
    return path


def school(
    number: int, numbers: str = GOOD, stage: str = "小学", code: str = "111", charter: str = "是"
) -> str:
    return f"019900000{number},第{number}小学,{stage},{stage},{numbers},{code},{charter}"


# --- facts -------------------------------------------------------------------------------------------------


def facts(folder: Path, *rows: str) -> Path:
    path = folder / "facts.csv"
    path.write_text("\n".join(["name,value", *rows]) + "\n", encoding="utf-8-sig")
    return path


def test_facts_by_id_and_title(tmp_path: Path) -> None:
    path = facts(
        tmp_path, "county_rate,720元", '常住人口,"412,000"', "layout_reasonable,是", "弄虚作假,否", "deaths,"
    )
    assert read_facts(path, LAYERED.standard, YES, NO) == {
        "county_rate": 720.0,
        "residents": 412_000.0,
        "layout_reasonable": 1.0,
        "falsified": 0.0,
    }


def test_every_fault_of_the_facts_at_its_row(tmp_path: Path) -> None:
    path = facts(tmp_path, "county_rates,720", "residents,many", "deaths,1", "deaths,2", "falsified,maybe")
    with pytest.raises(AnswersFaulty) as told:
        read_facts(path, LAYERED.standard, YES, NO)
    assert [(fault.code, fault.place.row) for fault in told.value.faults] == [
        ("fact-unknown", 2),
        ("fact-unreadable", 3),
        ("fact-twice", 5),
        ("fact-unreadable", 6),
    ]


def test_fact_of_a_school_by_its_title(tmp_path: Path) -> None:
    path = table(
        tmp_path, school(1), school(2, charter="否"), school(3, charter="也许"), school(4, charter="")
    )
    read = read_schools(path, Schools(), LAYERED.standard)
    assert read.frame["charter"].tolist()[:2] == [1.0, 0.0]
    assert read.frame["charter"].isna().tolist()[2:] == [True, True]
    assert read.quarantine["code"].tolist() == ["school-cell-not-yes-no"]


# --- layers ------------------------------------------------------------------------------------------------

LAYER = """\
layer: our-city
amends: national-2017
title: {zh: 某市, en: a city}
changes:
  R6:
    - {threshold: {primary: 2500}}
"""


def layer(folder: Path, text: str = LAYER, name: str = "city.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_layer_decides_and_is_named(tmp_path: Path) -> None:
    layered = load_layered("national-2017", [layer(tmp_path)])
    read = read_schools(table(tmp_path, school(1), school(2)), Schools(), layered.standard)
    found = evaluate_county(read.frame, layered).to_frame()
    row = found[(found["indicator"] == "R6") & (found["bound"] == "value") & (found["unit"] == "0199000001")]
    # 2,200 yuan of 2,500 for 500 pupils: 150,000 are missing.
    shown = row[["threshold", "layer", "met", "gap"]].to_numpy().tolist()
    assert shown == [[2500.0, "our-city", False, pytest.approx(150_000.0)]]


def test_fault_of_a_layer_has_its_line(tmp_path: Path) -> None:
    path = layer(tmp_path, LAYER.replace("R6", "R9"))
    assert [(fault.code, fault.place.line) for fault in layer_faults(path)] == [
        ("standard-unknown-indicator", 6)
    ]


def test_layer_on_a_layer_of_the_same_folder(tmp_path: Path) -> None:
    layer(tmp_path)
    upper = (
        LAYER.replace("our-city", "our-county").replace("national-2017", "our-city").replace("2500", "2400")
    )
    found = layer_faults(layer(tmp_path, upper, "county.yaml"))
    assert [(fault.code, fault.details["old"]) for fault in found] == [("layer-loosens", 2500.0)]


def test_layer_on_nothing(tmp_path: Path) -> None:
    found = layer_faults(layer(tmp_path, LAYER.replace("national-2017", "nowhere")))
    assert [fault.code for fault in found] == ["layer-below-not-found"]


@pytest.mark.parametrize(
    ("derived", "code"),
    [("{a: b + 1, b: a + 1}", "formula-circular"), ("{a: pupils + nothing}", "formula-unknown-column")],
)
def test_circular_and_unknown_formulas_are_faults(tmp_path: Path, derived: str, code: str) -> None:
    path = layer(tmp_path, LAYER + f"derived: {derived}\n")
    assert code in {fault.code for fault in layer_faults(path)}


# --- transfers ---------------------------------------------------------------------------------------------


def test_transfers_by_code_and_by_kind(tmp_path: Path) -> None:
    path = tmp_path / "moves.csv"
    path.write_text(
        "from,to,n\n199000001,0199000002,2\n乡村,0199000002,1\n9999999999,0199000001,3\n", encoding="utf-8"
    )
    schools = pd.DataFrame({"school": ["0199000001", "0199000002"], "kind": ["rural", "urban"]})
    plan = Transfers(table="moves.csv", origin="from", destination="to", moved="n")
    placed = read_transfers(path, plan, schools, "kind", {"乡村": "rural"})
    assert placed.frame["origin"].tolist()[:2] == ["rural", "rural"]
    assert [(fault.code, fault.place.row) for fault in placed.faults] == [("transfers-unplaced", 4)]


# --- bad schools -------------------------------------------------------------------------------------------


def test_school_without_pupils_is_left_open_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = table(tmp_path, school(1), school(2), school(3, GOOD.replace("500,", "0,", 1)))
    found = evaluate_county(read_schools(path, Schools(), LAYERED.standard).frame, LAYERED)
    verdicts = found.schools.verdicts.to_frame()  # type: ignore[union-attr]
    assert verdicts["verdict"].tolist() == ["met", "met", "not_computed"]


def test_negative_area_is_missing_and_told(tmp_path: Path) -> None:
    path = table(tmp_path, school(1), school(2, GOOD.replace("3700", "-3700")))
    read = read_schools(path, Schools(), LAYERED.standard)
    aside = read.quarantine[["row", "item", "code"]].to_numpy().tolist()
    assert aside == [[3, "area_field", "school-cell-too-small"]]


def test_one_school_at_a_stage_has_no_inequality(tmp_path: Path) -> None:
    read = read_schools(table(tmp_path, school(1)), Schools(), LAYERED.standard)
    found = evaluate_county(read.frame, LAYERED).schools
    table_ = equity_table(found.indicators, found.schools).to_frame()
    reasons = table_.loc[table_["indicator"] == "R1", "reason"].str.partition(":")[0]
    assert set(reasons) <= {"equity-too-few-schools", "variation-too-few-schools"}
    assert table_.loc[table_["indicator"] == "R1", "value"].isna().all()


def test_standard_of_a_study_with_a_faulty_formula_names_line(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        standard_text("national-2017").replace("100 * t_key / pupils", "100 * t_keys / pupils"),
        encoding="utf-8",
    )
    fault = read_standard(path).faults[0]
    assert (fault.code, fault.place.line is not None) == ("formula-unknown-column", True)


# --- the example county, whole -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def result(demo_study: Path) -> Callable[[str], pd.DataFrame]:
    def read(name: str) -> pd.DataFrame:
        return pd.read_csv(
            demo_study / "results" / "tables" / f"{name}.csv", dtype={"unit": str, "school": str}
        )

    return read


def test_layer_of_the_example_decides_two_requirements(result: Callable[[str], pd.DataFrame]) -> None:
    standard = result("standard")
    assert sorted(standard.loc[standard["layer"] == "qinghe-city", "indicator"]) == ["C1", "G7"]


def test_special_school_funds_lack_the_difference(result: Callable[[str], pd.DataFrame]) -> None:
    # 8,000 × 96 pupils − 700,000.
    standard = result("standard").set_index("indicator")
    assert standard.loc["G7", "gap"] == pytest.approx(68_000, rel=1e-9)


def test_recognition_is_held_against_its_threshold(result: Callable[[str], pd.DataFrame]) -> None:
    recognition = result("recognition")
    share = recognition.loc[recognition["decides"], "share"].item()
    standard = result("standard").set_index("indicator")
    assert standard.loc["S1", ["value", "met"]].tolist() == [share, False]


def test_recognition_counts_answers_four_and_five(
    result: Callable[[str], pd.DataFrame], demo_study: Path
) -> None:
    rows = pd.read_parquet(demo_study / "results" / "clean" / "parents", filters=[("kept", "==", True)])
    groups = result("recognition_groups").set_index(["definition", "group"])
    counted = groups.loc[("overall", "parents"), ["n_recognizing", "n_valid"]].tolist()
    assert counted == [int((rows["P_SAT1"] >= 4).sum()), int(rows["P_SAT1"].notna().sum())]


def test_moves_add_up(result: Callable[[str], pd.DataFrame], demo_study: Path) -> None:
    moves = pd.read_csv(demo_study / "data" / "transfers.csv", encoding="utf-8-sig")
    assert result("staff_flows")["moved"].sum() == moves["人数"].sum()


def test_theil_of_townships_adds_up(result: Callable[[str], pd.DataFrame]) -> None:
    equity = result("equity")
    own = equity[equity["measure"] == "theil_t by addr_code:9"]
    wide = own.pivot(index=["stage", "indicator"], columns="component", values="value")
    assert (wide["between"] + wide["within"]).tolist() == pytest.approx(wide["total"].tolist(), rel=1e-9)


def test_what_if_closes_the_gap_told(demo_study: Path, run_manyi: Callable[..., Any]) -> None:
    gaps = pd.read_csv(demo_study / "results" / "tables" / "school_gaps.csv", dtype={"school": str})
    row = gaps[(gaps["indicator"] == "R6") & (gaps["stage"] == "primary")].iloc[0]
    change = f"school={row['school']},equip=+{row['gap_of_school']:.2f}"
    ran = run_manyi("whatif", demo_study, "--add", change, "--json")
    changes = [one for one in ran.json["changes"] if one["indicator"] == "R6" and one["bound"] == "value"]
    found = [(one["met_before"], one["met_after"], one["gap_after"]) for one in changes]
    assert found == [(False, True, 0.0)]


def test_what_if_changes_no_file(demo_study: Path, run_manyi: Callable[..., Any]) -> None:
    before = (demo_study / "data" / "schools.csv").read_bytes()
    run_manyi("whatif", demo_study, "--add", "school=*,equip=*2")
    assert (demo_study / "data" / "schools.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "全县：未达到 → 未达到"), ("en", "County: not met → not met")]
)
def test_what_if_speaks(demo_study: Path, run_manyi: Callable[..., Any], language: str, said: str) -> None:
    ran = run_manyi("whatif", demo_study, "--add", "counsellors=+9", "--lang", language)
    assert said in ran.out


def test_what_if_of_an_unknown_school_is_a_fault(demo_study: Path, run_manyi: Callable[..., Any]) -> None:
    ran = run_manyi("whatif", demo_study, "--add", "school=1,equip=+1", "--json")
    assert (ran.code, [fault["code"] for fault in ran.json["faults"]]) == (1, ["change-unknown-school"])


def test_check_of_a_layer_file(run_manyi: Callable[..., Any], tmp_path: Path) -> None:
    ran = run_manyi("check", layer(tmp_path, LAYER.replace("R6", "R9")), "--json")
    assert [fault["code"] for fault in ran.json["faults"]] == ["standard-unknown-indicator"]
