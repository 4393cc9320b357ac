"""Social recognition (社会认可度): the share of those asked who recognize, by named definitions."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.resources.columns import FloatArray
from manyi_instruments.expressions import parse_expression
from manyi_instruments.expressions.evaluation import part_name
from manyi_instruments.standards.requirements import Recognition, RecognitionDefinition, RecognitionGroup

COLUMNS = ("definition", "decides", "pooling", "n_recognizing", "n_valid", "n_missing", "share", "reason")
GROUP_COLUMNS = ("definition", "group", "role", "n_recognizing", "n_valid", "n_missing", "share")


@dataclass(frozen=True, slots=True)
class SocialRecognition:
    """Recognition by every definition, one of which decides.

    Parameters
    ----------
    use : str
        The definition that decides.
    share : float
        Its share in per cent; NaN where it cannot be computed.
    frame : DataFrame
        One row a definition: ``definition, decides, pooling, n_recognizing, n_valid, n_missing, share,
        reason``.
    groups : DataFrame
        One row a definition and group: ``definition, group, role, n_recognizing, n_valid, n_missing, share``.
    sample : DataFrame
        What the standard asks of the sample: ``condition, value, threshold, met``. ``condition`` is the group
        whose share is limited, or ``total``.
    """

    use: str
    share: float
    frame: pd.DataFrame
    groups: pd.DataFrame
    sample: pd.DataFrame

    def to_frame(self) -> pd.DataFrame:
        """Return one row a definition."""
        return self.frame.copy()


def social_recognition(
    answers: Mapping[str, pd.DataFrame], recognition: Recognition, residents: float | None = None
) -> SocialRecognition:
    r"""Compute recognition from the answers of all roles, by every definition there is.

    Pooled over respondents, :math:`100 \sum r_i / n`; over groups, :math:`100 / G \sum_g r_g / n_g`. A
    respondent whose condition cannot be decided, because an answer is missing, is in neither number.

    Parameters
    ----------
    answers : Mapping[str, DataFrame]
        Role -> one row a respondent, one column an item, NaN missing, as given (not reverse-keyed). Roles
        that are not there give no answers.
    recognition : Recognition
        Groups, their conditions and the definitions.
    residents : float, optional
        Residents of the county, for the size of the sample.

    Returns
    -------
    SocialRecognition
        A definition that averages groups has no share where a group has no answers.

    References
    ----------
    The standard's ``recognition``, whose definitions are data. R: ``100 * mean(r, na.rm = TRUE)``;
    over groups ``100 * mean(tapply(r, group, mean, na.rm = TRUE))``.
    """
    parts = [
        {"definition": name, "group": group, "role": member.role, **_counted(answers, member, definition)}
        for name, definition in recognition.definitions.items()
        for group, member in recognition.groups.items()
    ]
    groups = pd.DataFrame(parts)
    valid = groups["n_valid"].to_numpy(np.float64)
    with np.errstate(invalid="ignore"):
        groups["share"] = np.where(
            valid > 0, 100 * groups["n_recognizing"] / np.where(valid > 0, valid, 1), np.nan
        )
    frame = pd.DataFrame(
        [
            {"definition": name, "decides": name == recognition.use, **_pooled(name, definition, groups)}
            for name, definition in recognition.definitions.items()
        ]
    )[list(COLUMNS)]
    share = float(frame.loc[frame["decides"], "share"].iloc[0])
    return SocialRecognition(
        recognition.use, share, frame, groups[list(GROUP_COLUMNS)], _sample(groups, recognition, residents)
    )


def _counted(
    answers: Mapping[str, pd.DataFrame], group: RecognitionGroup, definition: RecognitionDefinition
) -> dict[str, int]:
    """Return how many of a group recognize, how many do or do not, and of how many it cannot be told."""
    frame = answers.get(group.role)
    if frame is None or not len(frame):
        return {"n_recognizing": 0, "n_valid": 0, "n_missing": 0}
    belongs = np.ones(len(frame), dtype=np.bool_)
    if group.where is not None:
        belongs = _decided(frame, group.where) == 1
    values = _decided(frame, group.recognizes[definition.recognizes])[belongs]
    missing = int(np.isnan(values).sum())
    return {
        "n_recognizing": int((values == 1).sum()),
        "n_valid": len(values) - missing,
        "n_missing": missing,
    }


def _decided(frame: pd.DataFrame, condition: str) -> FloatArray:
    expression = parse_expression(condition)
    columns = {str(name): frame[name] for name in frame.columns}
    names = expression.column_names()
    needed = {name: columns.get(name, np.full(len(frame), np.nan)) for name in names}
    # Answers of a multiple choice stand in columns of their own.
    parts = {name: column for name, column in columns.items() if name.startswith(_stems(names))}
    return expression.evaluate({**needed, **parts, "": np.empty(len(frame))})


def _stems(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part_name(name, "") for name in names)


def _pooled(name: str, definition: RecognitionDefinition, groups: pd.DataFrame) -> dict[str, object]:
    own = groups[groups["definition"] == name]
    counts = {key: int(own[key].sum()) for key in ("n_recognizing", "n_valid", "n_missing")}
    row: dict[str, object] = {"pooling": definition.pooling, **counts, "share": np.nan, "reason": ""}
    if not counts["n_valid"]:
        reason = NotComputed("social_recognition", "recognition-no-answers", {"definition": name}).reason
        return {**row, "reason": reason}
    if definition.pooling == "respondents":
        return {**row, "share": 100 * counts["n_recognizing"] / counts["n_valid"]}
    empty = own.loc[own["n_valid"] == 0, "group"].tolist()
    if empty:
        details = {"definition": name, "groups": empty}
        return {
            **row,
            "reason": NotComputed("social_recognition", "recognition-group-empty", details).reason,
        }
    return {**row, "share": float(own["share"].mean())}


def _sample(groups: pd.DataFrame, recognition: Recognition, residents: float | None) -> pd.DataFrame:
    """Return the shares of groups and the size of the sample against what the standard asks."""
    own = groups[groups["definition"] == recognition.use].set_index("group")
    asked = own["n_valid"] + own["n_missing"]
    total = int(asked.sum())
    rows: list[tuple[str, float, float]] = []
    for group, member in recognition.groups.items():
        if member.minimum_share is not None and total:
            rows.append((group, int(asked[group]) / total, member.minimum_share))
    if recognition.sample_per_mille is not None and residents is not None:
        rows.append(("total", total, np.ceil(residents * recognition.sample_per_mille / 1000)))
    frame = pd.DataFrame(rows, columns=["condition", "value", "threshold"])
    return frame.assign(met=frame["value"] >= frame["threshold"])
