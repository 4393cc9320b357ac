"""What stands before the answers of every row: where it comes from, who sent it, when, how fast."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.readers.decoding.moments import seconds_between
from manyi.readers.decoding.submission import seconds_of, texts_of
from manyi.readers.matching.match import Matching
from manyi.readers.platforms.source import SourceTable
from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import MissingKind, Questionnaire
from manyi_instruments.faults import Fault, Place

ABOUT = (
    "file",
    "row",
    "person",
    "school",
    "stage",
    "submitted",
    "seconds",
    "submission",
    "device",
    "definition",
)

#: 问卷星 writes the place behind the address: ``112.65.61.220(上海-上海)``.
_ADDRESS = r"^([^\s(（\[]*)"


def about_rows(
    source: SourceTable,
    matching: Matching,
    cells: pd.DataFrame,
    rows: npt.NDArray[np.int64],
    file_name: str,
) -> tuple[dict[str, object], dict[tuple[str, str], int], list[Fault]]:
    """Return the columns that stand before the answers.

    Parameters
    ----------
    source, matching
        The file and what its columns are.
    cells : DataFrame, shape (n, columns)
        The rows kept.
    rows : (n,) array
        Their spreadsheet rows.
    file_name : str
        Stands in the column ``file``.

    Returns
    -------
    tuple
        ``ABOUT`` -> column, all text ``string`` with NA for none; ``stage`` is blank and ``device`` the
        address itself, which `import_answers` puts a code for. The school codes repaired and their number.
        Warnings.
    """
    n = len(cells)
    blank = pd.Series(pd.NA, index=range(n), dtype="string")

    def texts(column: str | None) -> "pd.Series[str]":
        return blank if column is None else texts_of(cells[column], source.missing, repair=False)[0]

    school = blank
    repairs: dict[tuple[str, str], int] = {}
    if matching.school is not None:
        held: dict[str, MissingKind] = dict.fromkeys(source.held, "invalid")
        school, repairs = texts_of(cells[matching.school], {**source.missing, **held}, repair=True)
    submitted = pd.Series("", index=range(n), dtype="string")
    if matching.submitted is not None:
        submitted = cells[matching.submitted].astype("string").str.strip().reset_index(drop=True)
    seconds, faults = _seconds(source, matching, cells, file_name)
    about: dict[str, object] = {
        "file": pd.Series(file_name, index=range(n), dtype="string"),
        "row": rows,
        "person": texts(matching.person),
        "school": school,
        "stage": blank,
        "submitted": submitted,
        "seconds": seconds,
        "submission": texts(matching.submission),
        "device": _addresses(texts(matching.device)),
        "definition": texts(matching.definition),
    }
    return about, repairs, faults


def other_definitions(
    about: Mapping[str, object], questionnaire: Questionnaire, matching: Matching, file_name: str
) -> list[Fault]:
    """Return a warning that says how many answers were given to another definition than today's."""
    today = definition_hash(questionnaire)
    definition = pd.Series(about["definition"], dtype="string")
    other = definition[(definition.notna() & (definition != today)).to_numpy(dtype=bool)]
    if other.empty:
        return []
    counts = other.value_counts()
    details = {
        "n": len(other),
        "answers": len(definition),
        "definition": today,
        "others": "、".join(f"{text} (n = {n})" for text, n in counts.items()),
    }
    return [Fault("definition-other", Place(file_name, field=matching.definition or ""), details, "warning")]


def _addresses(texts: "pd.Series[str]") -> "pd.Series[str]":
    if texts.isna().all():
        return texts
    plain = texts.str.extract(_ADDRESS, expand=False)
    return plain.mask(plain == "")


def _seconds(
    source: SourceTable, matching: Matching, cells: pd.DataFrame, file_name: str
) -> tuple[npt.NDArray[np.float64], list[Fault]]:
    """Return the duration: its own column, else the moment of the end less that of the start."""
    end = source.finished or matching.submitted
    if matching.seconds is not None:
        column = matching.seconds
        seconds, unclear = seconds_of(cells[column], source.missing)
    elif source.started is not None and end is not None:
        column = source.started
        seconds = seconds_between(cells[source.started], cells[end])
        backwards = np.flatnonzero(seconds < 0)
        seconds[backwards] = np.nan
        unclear = {str(cells[end].iloc[backwards[0]]): len(backwards)} if len(backwards) else {}
    else:
        return np.full(len(cells), np.nan), []
    if not unclear:
        return seconds, []
    details = {"n": sum(unclear.values()), "value": next(iter(unclear))}
    return seconds, [Fault("duration-unclear", Place(file=file_name, field=column), details, "warning")]
