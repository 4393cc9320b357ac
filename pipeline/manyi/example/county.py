"""The schools of the example county: raw administrative columns, and the indicators that follow from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import pandas as pd
import yaml
from numpy.typing import NDArray

from manyi.example.truth import INDICATORS

Array = NDArray[np.float64]

#: Stages each kind of school teaches, and the weight of a pupil in the split of its facilities.
STAGES: Mapping[str, Mapping[str, float]] = {
    "primary_school": {"primary": 1.0},
    "teaching_point": {"primary": 1.0},
    "junior_school": {"junior": 1.0},
    "nine_year": {"primary": 1.0, "junior": 1.1},
    "complete_secondary": {"junior": 1.0, "senior": 1.2},
}
AREAS = ("urban", "town", "rural")
#: Half of the codes of a kind begin with a zero: those given out before the last renumbering.
CODE_PREFIX = {
    "primary_school": ("2199", "0199"),
    "teaching_point": ("2199", "0199"),
    "junior_school": ("3199", "0399"),
    "nine_year": ("3199", "0399"),
    "complete_secondary": ("3199", "0399"),
}
UR_CODES = {"urban": ("111", "111", "112"), "town": ("121", "122"), "rural": ("210", "220", "220")}

#: Of each indicator, R1 to R7: its level, its spread (SD of the logarithm), its elasticity in the number of
#: pupils (small schools have more of it for each pupil), its logarithmic shift in town and rural schools.
LEVEL = {
    "primary": (5.9, 1.80, 1.36, 5.9, 9.6, 3000.0, 2.85),
    "junior": (7.5, 1.85, 1.38, 7.6, 12.8, 3900.0, 3.05),
    "senior": (8.0, 1.80, 1.10, 8.0, 13.5, 3900.0, 3.10),
}
SPREAD = {
    "primary": (0.22, 0.75, 0.36, 0.36, 0.50, 0.70, 0.27),
    "junior": (0.19, 0.60, 0.30, 0.30, 0.40, 1.05, 0.23),
    "senior": (0.15, 0.50, 0.25, 0.25, 0.35, 0.60, 0.20),
}
ELASTICITY = (-0.10, 0.06, -0.04, -0.12, -0.18, -0.08, -0.08)
TOWN = (-0.06, -0.30, -0.14, 0.02, 0.04, -0.12, -0.04)
RURAL = (-0.20, -0.75, -0.34, -0.06, 0.02, -0.30, -0.12)
#: How much of an indicator's spread comes from the school being favoured in everything.
FAVOURED = (0.55, 0.50, 0.45, 0.45, 0.35, 0.30, 0.45)

HEADINGS = {
    "school_code": "学校（机构）标识码",
    "school_name": "学校名称",
    "county_code": "县级行政区划代码",
    "addr_code": "学校驻地统计用区划代码",
    "ur_code": "城乡分类代码",
    "run_type": "办学类型",
    "stage": "学段",
    "year": "学年",
    "pupils": "在校生数",
    "classes": "班数",
    "max_class": "最大班额",
    "teachers": "专任教师数",
    "t_college": "专科毕业专任教师数",
    "t_bachelor": "本科毕业专任教师数",
    "t_master": "硕士研究生毕业专任教师数",
    "t_doctor": "博士研究生毕业专任教师数",
    "t_key": "县级及以上骨干教师数",
    "t_pe": "体育专任教师数",
    "t_music": "音乐专任教师数",
    "t_art": "美术专任教师数",
    "t_arts": "艺术专任教师数",
    "area_teach": "教学及辅助用房面积",
    "area_gym": "室内体育用房面积",
    "area_field": "运动场地面积",
    "equip": "教学仪器设备资产值（万元）",
    "mm_rooms": "网络多媒体教室间数",
    "music_rooms": "音乐专用教室间数",
    "art_rooms": "美术专用教室间数",
    "funds": "上年公用经费预算总额",
    "train_funds": "教师培训经费",
    "t_360h": "近5年培训满360学时专任教师数",
    "t_cert": "持有教师资格证专任教师数",
    "pupils_in_zone": "家庭住址在划片范围内的在校生数",
}
TITLES = {
    "primary_school": "小学",
    "teaching_point": "教学点",
    "junior_school": "初级中学",
    "nine_year": "九年一贯制学校",
    "complete_secondary": "完全中学",
    "primary": "小学",
    "junior": "初中",
    "senior": "高中",
}
FACILITIES = ("area_teach", "area_gym", "area_field", "equip", "mm_rooms")


@dataclass(frozen=True, slots=True, eq=False)
class County:
    """The schools of the example county.

    Attributes
    ----------
    table : DataFrame
        The school table as the bureau holds it: Chinese headings, one row a school and stage, facilities of
        the whole school on each of its rows, equipment in 万元, a row of totals last. Schools that are not
        listed yet are not in it.
    units : DataFrame
        Every school and evaluated stage: ``school, school_name, stage, kind, area, pupils, listed`` and the
        seven indicators.
    standardized : ndarray, shape (units, 7)
        The indicators less their pupil-weighted mean among listed schools of the stage, in pupil-weighted
        standard deviations pooled over the stages.
    """

    table: pd.DataFrame
    units: pd.DataFrame
    standardized: Array

    @property
    def schools(self) -> tuple[str, ...]:
        """Return the codes of the schools, listed or not, in the order of the units."""
        return tuple(dict.fromkeys(self.units["school"]))


@cache
def places() -> dict[str, Any]:
    """Return the schools by name, as ``places.yaml`` has them."""
    text = files("manyi.example").joinpath("places.yaml").read_text(encoding="utf-8")
    places: dict[str, Any] = yaml.safe_load(text)
    return places


def build_county(seed: int) -> County:
    """Build the schools of the example county.

    Parameters
    ----------
    seed : int
        The same seed gives the same county.
    """
    rng = np.random.default_rng((seed, 1))
    rows = _rows(rng)
    _staff(rows, rng)
    _facilities(rows, rng)
    _other_columns(rows, rng)
    _indicators(rows)
    units = rows.loc[rows["stage"] != "senior"].reset_index(drop=True)
    columns = ["school", "school_name", "stage", "kind", "area", "pupils", "listed", *INDICATORS]
    return County(_table(rows), units[columns], _standardized(units))


def _rows(rng: np.random.Generator) -> pd.DataFrame:
    """Return one row a school and stage taught, senior stages too: code, name, kind, area, pupils, target."""
    schools: list[tuple[str, str, str, list[int], bool]] = []
    for part, listed in (("schools", True), ("unlisted", False)):
        for kind, areas in places()[part].items():
            for area, group in areas.items():
                schools += [(name, kind, area, group["pupils"], listed) for name in group["names"]]
    size = np.exp(rng.normal(0.0, 0.32, len(schools)))
    early = rng.permutation(len(schools)) % 2 == 0
    ur_choice = rng.integers(0, 6, len(schools))
    rows = []
    for number, (name, kind, area, medians, listed) in enumerate(schools):
        code = f"{CODE_PREFIX[kind][int(early[number])]}{26000 + 17 * number + 3:06d}"
        ur_code = UR_CODES[area][ur_choice[number] % len(UR_CODES[area])]
        for (stage, weight), median in zip(STAGES[kind].items(), medians, strict=True):
            pupils = max(28, round(median * size[number]))
            rows.append((code, name, stage, kind, area, ur_code, pupils, listed, weight))
    names = ["school", "school_name", "stage", "kind", "area", "ur_code", "pupils", "listed", "weight"]
    frame = pd.DataFrame(rows, columns=names)
    target = pd.DataFrame(_targets(frame, rng), columns=[f"target_{name}" for name in INDICATORS])
    return pd.concat([frame, target], axis=1)


def _targets(rows: pd.DataFrame, rng: np.random.Generator) -> Array:
    """Return the indicators aimed at, before counting in whole teachers and rooms; shape (rows, 7)."""
    stage = rows["stage"].to_numpy()
    area = rows["area"].to_numpy()
    level = np.array([LEVEL[name] for name in stage])
    spread = np.array([SPREAD[name] for name in stage])
    shift = (
        np.where(area == "town", 1.0, 0.0)[:, None] * TOWN
        + np.where(area == "rural", 1.0, 0.0)[:, None] * RURAL
    )
    size = np.log(rows["pupils"].to_numpy(dtype=float) / 700.0)
    of_school = pd.factorize(rows["school"])[0]
    favoured = rng.normal(size=of_school.max() + 1)[of_school]
    own = rng.normal(size=(len(rows), len(INDICATORS)))
    share = np.array(FAVOURED)
    noise = share * favoured[:, None] + np.sqrt(1 - share**2) * own
    return np.asarray(level * np.exp(shift + size[:, None] * ELASTICITY + spread * noise - spread**2 / 4))


def _count(target: pd.Series, pupils: pd.Series, per: float = 100.0) -> NDArray[np.int64]:
    return np.asarray(np.rint(target.to_numpy(float) * pupils.to_numpy(float) / per), dtype=np.int64)


def _staff(rows: pd.DataFrame, rng: np.random.Generator) -> None:
    """Add the columns on teachers, counted by the stage they teach."""
    count = len(rows)
    junior = (rows["stage"] != "primary").to_numpy()
    above = np.maximum(_count(rows["target_R1"], rows["pupils"]), 1)
    below = np.rint(above * rng.uniform(0.03, 0.16, count)).astype(np.int64)
    low_share = rows["area"].map({"urban": 0.14, "town": 0.30, "rural": 0.46}).to_numpy(dtype=float)
    master_share = rows["area"].map({"urban": 0.07, "town": 0.02, "rural": 0.01}).to_numpy(dtype=float)
    master = np.rint(above * master_share * rng.uniform(0.5, 1.5, count)).astype(np.int64)
    doctor = ((above > 90) & (rng.random(count) < 0.2)).astype(np.int64)
    college = np.where(junior, below, np.rint((above - master - doctor) * low_share).astype(np.int64))
    rows["t_college"] = college
    rows["t_bachelor"] = above - master - doctor - np.where(junior, 0, college)
    rows["t_master"] = master
    rows["t_doctor"] = doctor
    teachers = above + below
    rows["teachers"] = teachers
    rows["t_key"] = np.minimum(_count(rows["target_R2"], rows["pupils"]), teachers // 2)
    active = np.minimum(_count(rows["target_R3"], rows["pupils"]), teachers // 2)
    rows["t_pe"] = np.ceil(active * 0.44).astype(np.int64)
    rows["t_music"] = (active - rows["t_pe"]) // 2
    rows["t_art"] = active - rows["t_pe"] - rows["t_music"]
    moved = (rng.random(count) < 0.12) & (rows["t_art"] > 1).to_numpy()
    rows["t_art"] -= moved
    rows["t_arts"] = moved.astype(np.int64)
    rows["t_360h"] = np.rint(teachers * rng.uniform(0.93, 1.0, count)).astype(np.int64)
    rows["t_cert"] = teachers - (rng.random(count) < 0.15)


def _facilities(rows: pd.DataFrame, rng: np.random.Generator) -> None:
    """Add the columns on facilities: of the whole school, on each of its rows."""
    pupils = rows["pupils"].to_numpy(dtype=float)
    school = rows["school"]
    indoor = pd.Series(rng.random(len(rows)), index=rows.index).groupby(school).transform("first")
    share = pd.Series(rng.uniform(0.06, 0.20, len(rows)), index=rows.index).groupby(school).transform("first")
    wanted = {
        "taught": rows["target_R4"] * pupils,
        "sports": rows["target_R5"] * pupils,
        "equip": rows["target_R6"] * pupils,
        "mm_rooms": rows["target_R7"] * pupils / 100,
    }
    whole = {name: values.groupby(school).transform("sum") for name, values in wanted.items()}
    size = rows["pupils"].groupby(school).transform("sum")
    has_gym = (size > 900) | ((size > 300) & (indoor < 0.4))
    gym = np.rint(np.where(has_gym, whole["sports"] * share, 0.0))
    rows["area_gym"] = gym.astype(np.int64)
    rows["area_teach"] = np.rint(whole["taught"]).astype(np.int64) + rows["area_gym"]
    rows["area_field"] = np.rint(whole["sports"]).astype(np.int64) - rows["area_gym"]
    rows["equip"] = (np.rint(whole["equip"] / 100) * 100).astype(np.int64)
    rows["mm_rooms"] = np.maximum(np.rint(whole["mm_rooms"]), 1).astype(np.int64)


def _other_columns(rows: pd.DataFrame, rng: np.random.Generator) -> None:
    """Add the columns the seven indicators do not use but every bureau's table has."""
    count = len(rows)
    pupils = rows["pupils"].to_numpy(dtype=float)
    grades = rows["stage"].map({"primary": 6, "junior": 3, "senior": 3}).to_numpy(dtype=float)
    usual = rows["area"].map({"urban": 45.0, "town": 41.0, "rural": 30.0}).to_numpy(dtype=float)
    classes = np.maximum(np.ceil(pupils / usual), grades)
    rows["classes"] = classes.astype(np.int64)
    rows["max_class"] = np.ceil(pupils / classes + rng.uniform(1.0, 6.0, count)).astype(np.int64)
    rows["music_rooms"] = np.maximum(np.rint(classes / 12 * rng.uniform(0.6, 1.5, count)), 0).astype(np.int64)
    rows["art_rooms"] = np.maximum(np.rint(classes / 12 * rng.uniform(0.6, 1.5, count)), 0).astype(np.int64)
    rate = np.where(rows["stage"] == "primary", 720.0, 940.0)
    rows["funds"] = np.rint(np.maximum(pupils, 100) * rate).astype(np.int64)
    rows["train_funds"] = np.rint(rows["funds"] * rng.uniform(0.042, 0.075, count)).astype(np.int64)
    rows["pupils_in_zone"] = np.rint(pupils * rng.uniform(0.90, 1.0, count)).astype(np.int64)


def _indicators(rows: pd.DataFrame) -> None:
    """Add R1 to R7: facilities divided between the stages of combined schools first."""
    pupils = rows["pupils"]
    weighted = rows["weight"] * pupils
    share = weighted / weighted.groupby(rows["school"]).transform("sum")
    own = {name: rows[name] * share for name in FACILITIES}
    degree = rows[["t_bachelor", "t_master", "t_doctor"]].sum(axis=1)
    degree = degree + rows["t_college"].where(rows["stage"] == "primary", 0)
    rows["R1"] = 100 * degree / pupils
    rows["R2"] = 100 * rows["t_key"] / pupils
    rows["R3"] = 100 * rows[["t_pe", "t_music", "t_art", "t_arts"]].sum(axis=1) / pupils
    rows["R4"] = (own["area_teach"] - own["area_gym"]) / pupils
    rows["R5"] = (own["area_field"] + own["area_gym"]) / pupils
    rows["R6"] = own["equip"] / pupils
    rows["R7"] = 100 * own["mm_rooms"] / pupils


def _standardized(units: pd.DataFrame) -> Array:
    values = units[list(INDICATORS)].to_numpy(dtype=float)
    weights = (units["pupils"] * units["listed"]).to_numpy(dtype=float)
    centred = np.empty_like(values)
    for stage in units["stage"].unique():
        rows = (units["stage"] == stage).to_numpy()
        centred[rows] = values[rows] - np.average(values[rows], axis=0, weights=weights[rows])
    return np.asarray(centred / np.sqrt(np.average(centred**2, axis=0, weights=weights)))


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the listed schools under the bureau's headings."""
    listed = rows.loc[rows["listed"]].reset_index(drop=True)
    county = places()["county_code"]
    area = listed["school_name"].str.extract(r"^(\S+?[县镇乡])", expand=False)
    place = pd.factorize(area)[0] + 100
    within = pd.factorize(listed["school"])[0] % 40 + 1
    whole = listed.assign(
        school_code=listed["school"],
        county_code=county,
        addr_code=[f"{county}{p:03d}{w:03d}" for p, w in zip(place, within, strict=True)],
        run_type=listed["kind"].map(TITLES),
        stage=listed["stage"].map(TITLES),
        year=str(places()["year"]),
        t_arts=listed["t_arts"].where(listed["t_arts"] > 0).astype("Int64"),
        equip=(listed["equip"] / 10_000).map("{:.2f}".format),
    )
    table = whole[list(HEADINGS)].rename(columns=HEADINGS)
    # Bureaus end their tables with a row of totals, which is no school.
    total = {HEADINGS["school_code"]: "合计", HEADINGS["pupils"]: listed["pupils"].sum()}
    total |= {HEADINGS["teachers"]: listed["teachers"].sum()}
    return pd.concat([table.astype(object), pd.DataFrame([total], dtype=object)], ignore_index=True)
