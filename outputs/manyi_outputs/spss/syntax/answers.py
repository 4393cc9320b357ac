"""Answers counted: ``FREQUENCIES`` of questions and of sets of answers, satisfaction indices."""

from collections.abc import Mapping

import pandas as pd

from manyi_instruments.scoring.scores import score_bounds
from manyi_outputs.spss.labels import VARIABLE_LABEL, shortened
from manyi_outputs.spss.syntax.commands import commented_out, listed, numbered, quoted
from manyi_outputs.spss.syntax.names import Names, of_role
from manyi_outputs.spss.syntax.opening import answer_sets


def answers(names: Names, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the counts of respondents' backgrounds and of all answers."""
    commands = []
    for key in ("respondents", "answers"):
        table = of_role(tables, key, names.role)
        counted = [str(name) for name in table["item"].drop_duplicates()] if len(table) else []
        members = [names.of(name) for name in counted if name in names]
        if members:
            commands += [names.heading(key, key), f"FREQUENCIES\n /VARIABLES={listed(members)}."]
    sets = answer_sets(names)
    if sets:
        commands.append(
            f"FREQUENCIES\n /VARIABLES={listed([each for one in sets.values() for each in one])}."
        )
        shown = " ".join(f"${name}" for name in sets)
        commands += [
            names.said("spss_only"),
            commented_out(
                f"MULT RESPONSE\n /GROUPS={' '.join(_group(names, *one) for one in sets.items())}\n"
                f" /FREQUENCIES={shown}."
            ),
        ]
    return commands


def _group(names: Names, name: str, members: list[str]) -> str:
    title = shortened(names.context.text(names.role, name), 40)
    return f"${name} {quoted(title)} ({listed(members)} (1))"


def satisfaction(names: Names, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Return the satisfaction indices that are a share of the range or of the maximum, and their means.

    The tables' intervals are clustered by school; the commands' are not, so they show the mean and n only.
    """
    table = of_role(tables, "satisfaction", names.role)
    if not len(table):
        return []
    whole = table[(table["group"] == "all") & (table["level"] == "all") & (table["reason"] == "")]
    indices = zip(whole["index"].astype(str), whole["definition"].astype(str), strict=True)
    found = (_formula(names, index, definition) for index, definition in indices)
    made = dict(one for one in found if one is not None)
    if not made:
        return []
    return [
        names.heading("satisfaction", "satisfaction"),
        "\n".join(made.values()),
        f"DESCRIPTIVES\n /VARIABLES={listed(made)}\n /STATISTICS=MEAN.",
    ]


def _formula(names: Names, index: str, definition: str) -> tuple[str, str] | None:
    """Return the name and the command of an index; None where it is counted otherwise."""
    variable, bounds = names.measure(index), _bounds(names, index)
    if variable is None or bounds is None:
        return None
    low, high = bounds
    if definition == "share_of_range":
        formula = f"({variable} - {numbered(low)}) / {numbered(high - low)} * 100"
    elif definition == "share_of_maximum":
        formula = f"{variable} / {numbered(high)} * 100"
    else:
        return None
    made = names.made(f"{index}_{definition}")
    title = f"{names.context.index(names.role, index)}: {names.words.term('definition_short', definition)}"
    label = quoted(shortened(title, VARIABLE_LABEL))
    return made, f"COMPUTE {made} = {formula}.\nVARIABLE LABELS {made} {label}."


def _bounds(names: Names, index: str) -> tuple[float, float] | None:
    """Return the lowest and highest value of a scale's score or of an item."""
    if index in {scale.id for scale in names.questionnaire.scales}:
        return score_bounds(names.questionnaire, index)
    items = {item.id: item for item in names.questionnaire.all_items()}
    return names.questionnaire.bounds(items[index]) if index in items else None
