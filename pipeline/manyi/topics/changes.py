"""Tables of what changed between waves: indices of answers, indicators of schools, what fails now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from manyi.study.waves import compared_waves, in_order
from manyi.topics.wave_levels import WaveAnswers, WaveLevel, school_table, wave_level, weighted_wave_level
from manyi_analysis.change import Change, change_of_estimates, change_of_schools
from manyi_analysis.differences.adjustment import adjusted
from manyi_analysis.records import NotComputed
from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.scoring import IndexDefinition

CHANGE = ["kind", "unit", "indicator", "measure", "from_wave", "to_wave", "method", "n_from", "n_to"]
CHANGE += ["schools", "missing", "before", "after", "change", "se", "df", "low", "high", "p", "p_adjusted"]
CHANGE += ["invariance", "weights", "unweighted", "remark", "reason"]
ALERTS = ["level", "school", "school_name", "stage", "indicator", "from_wave", "to_wave"]
ALERTS += ["before", "after", "threshold_before", "threshold"]
#: What belongs to one family of tests.
FAMILY = ["kind", "unit", "measure", "from_wave", "to_wave", "method"]
#: How changes of the same schools and of different people are called.
PAIRED, INDEPENDENT, CENSUS = "paired", "independent", "census"
#: What values are weighted by: the sample's design, pupils, or nothing.
SAMPLING, PUPILS, NONE = "sampling", "pupils", "none"


@dataclass(frozen=True, slots=True)
class WaveSchools:
    """One wave of the school table, held against the standard.

    Parameters
    ----------
    indicators, variation : DataFrame
        As the tables ``school_indicators`` and ``county_cv``; without rows where there is no standard.
    """

    indicators: pd.DataFrame
    variation: pd.DataFrame


def answer_changes(
    role: str,
    waves: Mapping[str, WaveAnswers],
    measures: Iterable[str],
    definition: IndexDefinition,
    smallest_school: int = 5,
    minimum: int = 10,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the change of a role's indices between waves, two rows each.

    ``independent`` holds the means of respondents against each other, errors clustered by school;
    ``paired`` the means of the schools that are in both waves. A measure that one wave does not ask, or asks
    with other items or answers, has a reason and no change. Where both waves have weights, both methods use
    them: design-based errors of either wave, and schools that stand for their respondents' weights of the
    later wave; ``unweighted`` is then the change without them.

    Parameters
    ----------
    role : str
        Stands in the column ``unit``.
    waves : Mapping
        Wave -> its answers.
    measures : iterable of str
        Scales and items, as the first wave calls them.
    definition : str
        Of the index from 0 to 100.
    smallest_school : int
        Respondents in each wave from which a school's mean counts.
    minimum : int
        Smaller groups are not shown.
    confidence : float
        Level of the limits.
    """
    rows: list[dict[str, object]] = []
    for first, second in compared_waves(waves):
        a, b = waves[first], waves[second]
        weighed = a.design is not None and b.design is not None
        lone = "" if weighed else _one_weighed({first: a, second: b})
        for measure in measures:
            known: dict[str, object] = {
                "kind": "role",
                "unit": role,
                "indicator": measure,
                "measure": definition,
                "from_wave": first,
                "to_wave": second,
                "weights": SAMPLING if weighed else NONE,
                "remark": "; ".join(
                    said for said in (_reworded(a.questionnaire, b.questionnaire, measure), lone) if said
                ),
            }
            unlike = _unlike(a.questionnaire, b.questionnaire, measure, (first, second))
            if unlike is not None:
                rows.append(known | {"method": INDEPENDENT, "reason": unlike.reason})
                continue
            plain = [wave_level(wave, measure, definition, minimum, confidence) for wave in (a, b)]
            levels = plain
            if weighed:
                levels = [
                    weighted_wave_level(wave, measure, definition, level, minimum)
                    for wave, level in zip((a, b), plain, strict=True)
                ]
            found = _between(levels[0], levels[1], confidence)
            beside = _between(plain[0], plain[1], confidence) if weighed else None
            counts = {
                name: level.n for name, level in zip(("n_from", "n_to"), levels, strict=True)
                if not isinstance(level, NotComputed)
            }  # fmt: skip
            rows.append(known | {"method": INDEPENDENT} | counts | _values(found) | _unweighted(beside))
            if isinstance(found, Change):
                paired = _of_schools(a, b, measure, definition, smallest_school, confidence, weighed)
                beside = (
                    _of_schools(a, b, measure, definition, smallest_school, confidence) if weighed else None
                )
                rows.append(known | {"method": PAIRED} | counts | _values(paired) | _unweighted(beside))
    return _table(rows)


def school_changes(waves: Mapping[str, WaveSchools], confidence: float = 0.95) -> pd.DataFrame:
    """Return the change of indicators and of their variation between schools, stage by stage.

    The mean is over the schools that are in both waves, weighted by the pupils of the later one. Variation is
    of all schools of each wave: it has no interval.

    Parameters
    ----------
    waves : Mapping
        Wave -> its schools.
    confidence : float
        Level of the limits.
    """
    rows: list[dict[str, object]] = []
    for first, second in compared_waves(waves):
        between = {"kind": "schools", "from_wave": first, "to_wave": second, "weights": PUPILS}
        both = _evaluated(waves[first].indicators).merge(
            _evaluated(waves[second].indicators),
            on=["school", "stage", "indicator"],
            how="outer",
            suffixes=("_from", "_to"),
        )
        for keys, group in both.groupby(["stage", "indicator"], sort=False):
            value = [group[f"value_{end}"].to_numpy(np.float64) for end in ("from", "to")]
            found = change_of_schools(value[0], value[1], group["pupils_to"].to_numpy(np.float64), confidence)
            rows.append(
                between
                | {"unit": str(keys[0]), "indicator": str(keys[1]), "measure": "mean", "method": PAIRED}
                | _values(found)
            )
        rows += [between | row for row in _variation(waves[first].variation, waves[second].variation)]
    return _table(rows)


def alerts(waves: Mapping[str, WaveSchools]) -> pd.DataFrame:
    """Return what met its threshold or limit in one wave and does not in the next.

    Parameters
    ----------
    waves : Mapping
        Wave -> its schools.
    """
    parts = []
    for first, second in pairwise(in_order(waves)):
        for level, keys, value, bound in (
            ("school", ["school", "stage", "indicator"], "value", "threshold"),
            ("county", ["stage", "indicator"], "cv", "limit"),
        ):
            frames = [
                waves[wave].indicators if level == "school" else waves[wave].variation
                for wave in (first, second)
            ]
            if any(frame.empty for frame in frames):
                continue
            both = frames[0].merge(frames[1], on=keys, suffixes=("_from", "_to"))
            failed = (both["met_from"] == True) & (both["met_to"] == False)  # noqa: E712
            lost = both[failed.fillna(False).to_numpy(bool)]
            parts.append(
                pd.DataFrame(
                    {
                        "level": level,
                        "school": lost["school"] if level == "school" else "",
                        "school_name": lost["school_name_to"] if level == "school" else "",
                        "stage": lost["stage"],
                        "indicator": lost["indicator"],
                        "from_wave": first,
                        "to_wave": second,
                        "before": lost[f"{value}_from"].astype(np.float64),
                        "after": lost[f"{value}_to"].astype(np.float64),
                        "threshold_before": lost[f"{bound}_from"].astype(np.float64),
                        "threshold": lost[f"{bound}_to"].astype(np.float64),
                    }
                )
            )
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True)[ALERTS] if filled else pd.DataFrame(columns=ALERTS)


def asked_alike(first: Questionnaire, second: Questionnaire, measure: str) -> tuple[str, ...] | None:
    """Return the items of a measure that two questionnaires do not ask alike; None where one lacks it.

    Alike is what has the same id, key, type and answers; wordings may differ, and are told apart.
    """
    items = [_items(questionnaire, measure) for questionnaire in (first, second)]
    if not items[0] or not items[1]:
        return None
    unlike = items[0].keys() ^ items[1].keys()
    for name in items[0].keys() & items[1].keys():
        a, b = items[0][name], items[1][name]
        if (a.type, a.reverse, _values_of(first, a)) != (b.type, b.reverse, _values_of(second, b)):
            unlike.add(name)
    return tuple(sorted(unlike))


def _items(questionnaire: Questionnaire, measure: str) -> dict[str, Item]:
    if measure in {scale.id for scale in questionnaire.scales}:
        return {item.id: item for item in questionnaire.items_of(measure)}
    return {item.id: item for item in questionnaire.all_items() if item.id == measure}


def _values_of(questionnaire: Questionnaire, item: Item) -> object:
    answers = questionnaire.answer_list(item)
    return (item.minimum, item.maximum) if answers is None else answers.values


def _unlike(
    first: Questionnaire, second: Questionnaire, measure: str, waves: tuple[str, str]
) -> NotComputed | None:
    """Return why a measure's waves cannot be held against each other."""
    found = asked_alike(first, second, measure)
    details: dict[str, object] = {"measure": measure, "waves": waves}
    if found is None:
        return NotComputed("change", "wave-not-asked", details)
    if found:
        return NotComputed("change", "wave-asked-otherwise", {**details, "items": found})
    return None


def _reworded(first: Questionnaire, second: Questionnaire, measure: str) -> str:
    """Return which items of a measure read otherwise in a language that both waves have."""
    a, b = _items(first, measure), _items(second, measure)
    names = [
        name
        for name in a.keys() & b.keys()
        if any(
            "".join(a[name].text[language].split()) != "".join(b[name].text[language].split())
            for language in a[name].text.keys() & b[name].text.keys()
        )
    ]
    if not names:
        return ""
    return NotComputed("change", "wave-reworded", {"items": tuple(sorted(names))}).reason


def _one_weighed(waves: Mapping[str, WaveAnswers]) -> str:
    """Return that one of two waves has weights and the other has none, else nothing."""
    known = [wave for wave, answers in waves.items() if answers.design is not None]
    if not known:
        return ""
    return NotComputed("change", "wave-weights-of-one", {"wave": known[0]}).reason


def _unweighted(found: Change | NotComputed | None) -> dict[str, object]:
    return {"unweighted": found.change} if isinstance(found, Change) else {}


def _between(
    first: WaveLevel | NotComputed, second: WaveLevel | NotComputed, confidence: float
) -> Change | NotComputed:
    for level in (first, second):
        if isinstance(level, NotComputed):
            return level
    if isinstance(first, NotComputed) or isinstance(second, NotComputed):
        raise TypeError("both levels are known here")
    return change_of_estimates(
        first.value, second.value, first.se, second.se, first.df, second.df, confidence
    )


def _of_schools(
    first: WaveAnswers,
    second: WaveAnswers,
    measure: str,
    definition: IndexDefinition,
    smallest: int,
    confidence: float,
    weighed: bool = False,
) -> Change | NotComputed:
    means = [school_table(each, measure, definition, smallest, weighed) for each in (first, second)]
    known = [each for each in means if not isinstance(each, NotComputed)]
    if len(known) < 2:
        return next(each for each in means if isinstance(each, NotComputed))
    both = pd.concat(known, axis=1, keys=["from", "to"]).sort_index()
    values = [both[end, "mean"].to_numpy(np.float64) for end in ("from", "to")]
    weights = both["to", "weight"].to_numpy(np.float64) if weighed else None
    return change_of_schools(values[0], values[1], weights, confidence)


def _evaluated(indicators: pd.DataFrame) -> pd.DataFrame:
    """Return the values of the schools that the standard evaluates."""
    columns = ["school", "stage", "indicator", "value", "pupils"]
    if indicators.empty:
        return pd.DataFrame(columns=columns)
    return indicators.loc[indicators["met"].notna(), columns]


def _variation(first: pd.DataFrame, second: pd.DataFrame) -> list[dict[str, object]]:
    if first.empty or second.empty:
        return []
    both = first.merge(second, on=["stage", "indicator"], suffixes=("_from", "_to"))
    told = NotComputed("change", "change-of-all-schools", {}).reason
    return [
        {
            "unit": str(row["stage"]),
            "indicator": str(row["indicator"]),
            "measure": "cv",
            "method": CENSUS,
            "n_from": row["schools_from"],
            "n_to": row["schools_to"],
            "before": row["cv_from"],
            "after": row["cv_to"],
            "change": row["cv_to"] - row["cv_from"],
            "reason": told if np.isfinite(row["cv_to"] - row["cv_from"]) else _first_reason(row),
        }
        for row in both.to_dict("records")
    ]


def _first_reason(row: Mapping[object, object]) -> str:
    given = (str(row.get(name) or "") for name in ("reason_from", "reason_to"))
    return next((reason for reason in given if reason), "")


def _values(found: Change | NotComputed) -> dict[str, object]:
    if isinstance(found, NotComputed):
        return {"reason": found.reason}
    names = ("before", "after", "change", "se", "df", "low", "high", "p")
    values: dict[str, object] = {name: getattr(found, name) for name in names}
    if found.method == PAIRED:
        values |= {"schools": found.n, "missing": found.missing}
    return values


def _table(rows: list[dict[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=CHANGE)
    numbers = CHANGE[CHANGE.index("n_from") : CHANGE.index("invariance")]
    table = table.astype(dict.fromkeys(numbers, np.float64))
    table["unweighted"] = table["unweighted"].astype(np.float64)
    words = ["invariance", "weights", "remark", "reason"]
    table[words] = table[words].astype(object).fillna("").astype(str)
    families = table.groupby(FAMILY, sort=False, dropna=False)["p"]
    table["p_adjusted"] = families.transform(lambda p: pd.Series(adjusted(p.tolist()), index=p.index))
    return table
