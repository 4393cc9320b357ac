"""The ``.sav`` of the schools: one row a school and stage, with indicators, verdicts and school means."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from manyi_outputs.context import Context
from manyi_outputs.spss.labels import spss_names
from manyi_outputs.spss.missing import missing_values
from manyi_outputs.spss.sav import Compression, cells, write_frame
from manyi_outputs.spss.variables import Use, Variable, text_format

#: The result tables that the file is made from.
TABLES = ("school_indicators", "school_verdicts", "school_satisfaction")
_KEYS = ("school", "school_name", "stage")
#: First code of a number that is not there, with its reason as label; further reasons have the codes below.
_NO_NUMBER = -9999
_Column = tuple[Variable, "pd.Series[Any]"]
_OF_A_MEAN = ("value", "n", "low", "high", "shrunken")


def write_schools_sav(
    path: Path,
    schools: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    context: Context,
    compression: Compression = "rows",
) -> tuple[Variable, ...]:
    """Write what is known of every school, a row a school and stage.

    Numbers are those of the result tables: what these do not show of a school with few answers is not here
    either. A number that is not there is a user-missing value whose label gives the reason.

    Parameters
    ----------
    path : Path
        The ``.sav`` file.
    schools : DataFrame
        The school table: ``school``, ``stage`` and whatever it holds beside. Schools that only the answers
        know are added below, their stage blank.
    tables : Mapping
        Result tables; of use are ``school_indicators``, ``school_verdicts`` and ``school_satisfaction``.
    context : Context
    compression : {"rows", "zlib", "none"}

    Returns
    -------
    tuple of Variable
        The variables in order.

    Raises
    ------
    ManyiError
        ``output-not-writable``.
    """
    satisfaction = tables.get("school_satisfaction", pd.DataFrame())
    rows = _rows(schools, tables, satisfaction)
    made = [
        *_columns(rows, tables, context),
        *_indicators(rows, tables.get("school_indicators", pd.DataFrame()), context),
        *_verdicts(rows, tables.get("school_verdicts", pd.DataFrame()), context),
        *_means(rows, satisfaction, context),
    ]
    names = spss_names(variable.column for variable, _ in made)
    found = tuple(replace(variable, name=names[variable.column]) for variable, _ in made)
    frame = pd.DataFrame(
        {variable.name: cells(series, variable) for variable, (_, series) in zip(found, made, strict=True)}
    )
    title = f"{context.title}{context.words('numbers.colon')}{context.words('spss.schools')}"
    write_frame(path, frame, found, title, context.words, compression)
    return found


def _rows(
    schools: pd.DataFrame, tables: Mapping[str, pd.DataFrame], satisfaction: pd.DataFrame
) -> pd.DataFrame:
    """Return the school table, names of schools added, schools that only the answers know below."""
    known = schools.assign(school=schools["school"].astype(str))
    if "stage" not in known:
        known = known.assign(stage="")
    known = known.assign(stage=known["stage"].astype(object).where(known["stage"].notna(), ""))
    answered = satisfaction["school"].unique().tolist() if len(satisfaction) else []
    others = [school for school in answered if school not in set(known["school"])]
    rows = pd.concat([known, pd.DataFrame({"school": others, "stage": ""})], ignore_index=True)
    order = [name for name in _KEYS if name in rows]
    return rows[[*order, *(name for name in rows if name not in order)]].sort_values(
        ["school", "stage"], kind="stable", ignore_index=True
    )


def _columns(rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame], context: Context) -> list[_Column]:
    """Return the columns of the school table; indicators come from their own table."""
    own = tables.get("school_indicators", pd.DataFrame(columns=["indicator"]))["indicator"].unique()
    found = []
    for name in rows.columns:
        if name in own:
            continue
        series = rows[name]
        label = _title(name, context)
        if pd.api.types.is_numeric_dtype(series) and not pd.api.types.is_bool_dtype(series):
            found.append((Variable(name, name, label, "scale", "F12.4", role="input"), series))
            continue
        text = series.astype(object).where(series.notna(), "").astype(str)
        titles = _titles(name, text, context)
        width = text_format(pd.Series([*text.unique(), *titles], dtype=object))
        use: Use = "input" if titles else "none"
        found.append((Variable(name, name, label, "nominal", width, titles, role=use), text))
    return found


def _title(name: str, context: Context) -> str:
    if name in context.columns:
        return context.columns[name]
    words = context.words
    return words.term("spss", name) if words.among("spss", name) else words.term("heading", name)


def _titles(name: str, text: "pd.Series[Any]", context: Context) -> dict[float | str, str]:
    """Return the titles of the words a column holds, of those that have one."""
    if name in ("school", "school_name"):
        return {}
    different = [word for word in text.unique().tolist() if word]
    titles = {word: context.group_level("", name, word) for word in sorted(different)}
    return {word: title for word, title in titles.items() if title != word}


def _indicators(rows: pd.DataFrame, table: pd.DataFrame, context: Context) -> list[_Column]:
    """Return every indicator: its value, and whether it meets its threshold."""
    if not len(table):
        return []
    yes_no: dict[float | str, str] = {0.0: context.words("spss.no"), 1.0: context.words("spss.yes")}
    found = []
    for name in table["indicator"].unique():
        own = table[table["indicator"] == name]
        title = context.words("spss.indicator", indicator=context.indicator(name))
        found.append(_number(rows, own, "value", name, title, "F12.4", context, use="input"))
        met = context.words("spss.met", indicator=title)
        variable = Variable(f"{name}_met", name, met, "nominal", "F1.0", yes_no, role="input")
        found.append((variable, pd.Series(np.array(_matched(rows, own, "met"), dtype=float))))
    return found


def _verdicts(rows: pd.DataFrame, table: pd.DataFrame, context: Context) -> list[_Column]:
    """Return how many indicators a school meets, which it does not, and the verdict on it."""
    if not len(table):
        return []
    words = context.words
    found = [
        _number(rows, table, name, name, words(f"spss.{name}"), form, context, use="input")
        for name, form in (("met_count", "F4.0"), ("indicators", "F4.0"), ("lowest_share", "F8.4"))
    ]
    for name in ("not_met", "below_floor", "verdict"):
        text = pd.Series([word or "" for word in _matched(rows, table, name)], dtype=object)
        titles: dict[float | str, str] = {}
        if name == "verdict":
            titles = {word: words.term("verdict", word) for word in sorted(set(text) - {""})}
        width = text_format(pd.Series([*text.unique(), *titles], dtype=object))
        use: Use = "input" if titles else "none"
        variable = Variable(name, name, words(f"spss.{name}"), "nominal", width, titles, role=use)
        found.append((variable, text))
    return found


def _means(rows: pd.DataFrame, table: pd.DataFrame, context: Context) -> list[_Column]:
    """Return of every satisfaction index of every role the school's value, n, interval and shrunken value.

    They are of the school whole: its stages carry the same numbers.
    """
    if not len(table):
        return []
    words, found = context.words, []
    told = table[table["headline"] == True]  # noqa: E712 - missing where nothing was computed
    for (role, index), own in told.groupby(["role", "index"], sort=False):
        base = f"{role}_{index}"
        for name in _OF_A_MEAN:
            if name not in own or (name == "shrunken" and own[name].isna().all()):
                continue
            title = words(
                f"spss.school_{name}",
                role=context.role(str(role)),
                index=context.index(str(role), str(index)),
                definition=words.term("definition_short", str(own["definition"].iloc[0])),
            )
            column = base if name == "value" else f"{base}_{name}"
            form = "F8.0" if name == "n" else "F8.3"
            use: Use = "target" if name == "value" else "none"
            found.append(_number(rows, own, name, column, title, form, context, ("school",), use))
    return found


def _number(
    rows: pd.DataFrame,
    table: pd.DataFrame,
    name: str,
    column: str,
    label: str,
    form: str,
    context: Context,
    keys: Sequence[str] = ("school", "stage"),
    use: Use = "none",
) -> _Column:
    """Return a number of each school; where it has none, a user-missing code that tells the reason."""
    numbers = np.array(_matched(rows, table, name, keys), dtype=float)
    reasons = [reason or "" for reason in _matched(rows, table, "reason", keys)]
    told: dict[str, float] = {}
    for place, reason in enumerate(reasons):
        if reason and np.isnan(numbers[place]):
            numbers[place] = told.setdefault(reason, float(_NO_NUMBER - len(told)))
    labels: dict[float | str, str] = {code: context.reason(reason) for reason, code in told.items()}
    missing = missing_values([int(code) for code in told.values()], 0, None) if told else None
    wide = max(int(form[1:].partition(".")[0]), 6)
    form = f"F{wide}.{form.partition('.')[2]}"
    variable = Variable(column, column, label, "scale", form, labels, missing, role=use)
    return variable, pd.Series(numbers)


def _matched(
    rows: pd.DataFrame, table: pd.DataFrame, name: str, keys: Sequence[str] = ("school", "stage")
) -> list[Any]:
    """Return a column of a table, a cell a row of the schools; None where the table has none."""
    keys = [key for key in keys if key in table]
    known: dict[tuple[str, ...], Any] = {}
    parts = (table[key].astype(str).tolist() for key in keys)
    for *key, value in zip(*parts, table[name].tolist(), strict=True):
        known.setdefault(tuple(key), None if value is pd.NA else value)
    wanted = zip(*(rows[key].astype(str).tolist() for key in keys), strict=True)
    return [known.get(tuple(key)) for key in wanted]
