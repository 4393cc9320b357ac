"""The example county's school tables of two and four years ago, and what its certification did."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from manyi.example.county import CODE_PREFIX, HEADINGS, STAGES, TITLES, County, places

#: Column of the school table: the year a school was certified as one built to standard, blank for never.
CERTIFIED = "标准化学校认定年份"
#: Wave of today's school table, and of the earlier ones.
WAVE, EARLIER = 2025, (2023, 2021)


@dataclass(frozen=True, slots=True)
class Trends:
    """What happened in the county from wave to wave; every number was chosen.

    Attributes
    ----------
    pupils : Mapping
        Pupils of a school at a wave, over those at the wave before, by area: villages empty, the seat fills.
    pupils_spread : float
        Standard deviation of its logarithm between schools.
    teachers : Mapping
        The same of teachers.
    equipment, equipment_spread : float
        What every school's equipment rose by in a wave, yuan a (weighted) pupil, and its standard deviation.
    certification : float
        What certification added to it, once and for good, yuan a (weighted) pupil.
    certified : Mapping
        Wave -> schools certified at it.
    certified_from : float
        Equipment of today from which a school may have been certified, yuan a pupil.
    lowest : float
        No school had less.
    """

    pupils: Mapping[str, float] = field(default_factory=lambda: {"urban": 1.06, "town": 0.98, "rural": 0.88})
    pupils_spread: float = 0.03
    teachers: Mapping[str, float] = field(default_factory=lambda: {"urban": 1.04, "town": 1.0, "rural": 0.95})
    equipment: float = 120.0
    equipment_spread: float = 60.0
    certification: float = 500.0
    certified: Mapping[int, int] = field(default_factory=lambda: {2023: 14, 2025: 14})
    certified_from: float = 1500.0
    lowest: float = 310.0


TRENDS = Trends()
#: Columns that count teachers.
STAFF: tuple[str, ...] = (
    "teachers",
    "t_college",
    "t_bachelor",
    "t_master",
    "t_doctor",
    "t_key",
    "t_pe",
    "t_music",
    "t_art",
)
STAFF += ("t_arts", "t_360h", "t_cert")


def school_tables(county: County, seed: int, trends: Trends = TRENDS) -> dict[int, pd.DataFrame]:
    """Return wave -> school table: today's with the year of certification, and the earlier ones.

    Earlier tables are today's with the trends taken back. Schools closed since stand in them, one opened
    since does not. Areas and rooms were the same; what sets the certified apart from the others is chance and
    certification.

    Parameters
    ----------
    county : County
    seed : int
        The same seed gives the same tables.
    trends : Trends
    """
    rng = np.random.default_rng((seed, 7))
    code = HEADINGS["school_code"]
    certified = _certified(county, rng, trends)
    now = county.table.copy()
    now[CERTIFIED] = now[code].map(certified).astype("Int64")
    tables = {WAVE: now}
    later, later_wave = county.table.iloc[:-1], WAVE
    for wave in EARLIER:
        later = _before(later, county, certified, later_wave, trends, rng)
        tables[wave] = _as_held(later, wave)
        later_wave = wave
    return tables


def _certified(county: County, rng: np.random.Generator, trends: Trends) -> dict[str, int]:
    """Return school -> year of certification.

    Drawn area by area, so that the trends of areas are those of the certified too, among the schools that
    stand in all tables and are equipped well enough today.
    """
    opened = [name for names in places()["opened"].values() for name in names]
    units = county.units[county.units["listed"] & ~county.units["school_name"].isin(opened)]
    units = units[units["R6"].groupby(units["school"]).transform("min") >= trends.certified_from]
    schools = units.drop_duplicates("school")
    order: list[str] = []
    places_in_area: list[float] = []
    for _, rows in schools.groupby("area", sort=True):
        order += rng.permutation(rows["school"].to_numpy(dtype=object)).tolist()
        places_in_area += ((np.arange(len(rows)) + 0.5) / len(rows)).tolist()
    spread = [order[at] for at in np.argsort(places_in_area, kind="stable")]
    found: dict[str, int] = {}
    for wave, number in trends.certified.items():
        found.update(dict.fromkeys(spread[:number], wave))
        spread = spread[number:]
    return found


def _before(
    later: pd.DataFrame,
    county: County,
    certified: Mapping[str, int],
    wave: int,
    trends: Trends,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Return the table one wave earlier; ``wave`` is that of the later table."""
    area = later[HEADINGS["school_code"]].map(
        county.units.drop_duplicates("school").set_index("school")["area"]
    )
    spread = np.exp(rng.normal(0.0, trends.pupils_spread, len(later)))
    before = later[HEADINGS["pupils"]].to_numpy(float) / area.map(trends.pupils).to_numpy(float) * spread
    table = later.assign(**{HEADINGS["pupils"]: np.maximum(np.rint(before), 12).astype(int)})
    staff = area.map(trends.teachers).to_numpy(float)
    for name in STAFF:
        counts = later[HEADINGS[name]].astype("Float64")
        table[HEADINGS[name]] = (counts / staff).round().astype("Int64")
    ratio = table[HEADINGS["pupils"]].to_numpy(float) / later[HEADINGS["pupils"]].to_numpy(float)
    for name in ("pupils_in_zone", "funds", "train_funds"):
        table[HEADINGS[name]] = np.rint(later[HEADINGS[name]].to_numpy(float) * ratio).astype(int)
    # The same number of classes: where pupils left, classes shrank.
    size = table[HEADINGS["pupils"]].to_numpy(float) / table[HEADINGS["classes"]].to_numpy(float)
    table[HEADINGS["max_class"]] = np.ceil(size + 3).astype(int)
    return table.assign(**{HEADINGS["equip"]: _equipment(later, table, certified, wave, trends, rng)})


def _equipment(
    later: pd.DataFrame,
    table: pd.DataFrame,
    certified: Mapping[str, int],
    wave: int,
    trends: Trends,
    rng: np.random.Generator,
) -> "pd.Series[str]":
    """Return the equipment of each row's whole school one wave earlier, in 万元."""
    code, kinds = table[HEADINGS["school_code"]], table[[HEADINGS["run_type"], HEADINGS["stage"]]]
    weight = pd.Series([_weight(kind, stage) for kind, stage in kinds.to_numpy()], index=table.index)
    pupils = [
        (frame[HEADINGS["pupils"]].astype(float) * weight).groupby(code).transform("sum")
        for frame in (later, table)
    ]
    schools = code.drop_duplicates().tolist()
    chance = dict(zip(schools, rng.normal(0.0, trends.equipment_spread, len(schools)), strict=True))
    each = later[HEADINGS["equip"]].astype(float) * 10_000 / pupils[0]
    each = each - trends.equipment - trends.certification * (code.map(certified) == wave) + code.map(chance)
    whole: pd.Series[float] = each.clip(lower=trends.lowest) * pupils[1] / 10_000
    return whole.map("{:.2f}".format)


def _weight(run_type: str, stage: str) -> float:
    """Return what a pupil weighs in the split of a school's facilities; titles as in the table."""
    kinds = {title: kind for kind, title in TITLES.items() if kind in STAGES}
    return {TITLES[of]: weight for of, weight in STAGES[kinds[run_type]].items()}[stage]


def _as_held(table: pd.DataFrame, wave: int) -> pd.DataFrame:
    """Return the table as it was: without schools opened later, with those closed since."""
    later = [name for year, names in places()["opened"].items() if year > wave for name in names]
    table = table[~table[HEADINGS["school_name"]].isin(later)]
    closed = {name: about for name, about in places()["closed"].items() if about["wave"] >= wave}
    points = table[table[HEADINGS["run_type"]] == TITLES["teaching_point"]]
    model = points.iloc[[0] * len(closed)].copy()
    prefix = CODE_PREFIX["teaching_point"][0]
    model[HEADINGS["school_code"]] = [f"{prefix}{29003 + 17 * at:06d}" for at in range(len(closed))]
    model[HEADINGS["school_name"]] = list(closed)
    pupils = [about["pupils"] for about in closed.values()]
    model[HEADINGS["pupils"]] = pupils
    share = np.array(pupils) / points[HEADINGS["pupils"]].iloc[0]
    for name in (*STAFF, "area_teach", "area_field", "pupils_in_zone"):
        counts = model[HEADINGS[name]].astype("Float64")
        model[HEADINGS[name]] = (counts * share).round().astype("Int64")
    held = pd.concat([table, model], ignore_index=True)
    held[HEADINGS["year"]] = f"{wave - 1}-{wave}"
    total = {HEADINGS["school_code"]: "合计", HEADINGS["pupils"]: held[HEADINGS["pupils"]].sum()}
    return pd.concat([held.astype(object), pd.DataFrame([total], dtype=object)], ignore_index=True)
