"""Which items are scored together, and which of them look reverse-keyed: suggested from names and answers."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pandas as pd

from manyi.readers.drafting.drafted import DraftedAnswer, DraftedItem, DraftedList
from manyi.readers.drafting.factor_groups import factor_groups
from manyi.readers.drafting.names import LONGEST, TAKEN
from manyi.readers.platforms.source import SourceTable
from manyi.readers.wording import answer_key
from manyi_instruments.faults import Fault, Place

#: Below this corrected item-rest correlation an item at the edge of a run is left out of the scale.
WEAKEST = 0.2
FEWEST = 3
_STEM = re.compile(r"^(?P<stem>.*\D)\d+$", re.DOTALL)
_FEWEST_ROWS = 20
# Signs of correlations need no more.
_MOST_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class DraftedScale:
    """One scale as suggested, and the reason; ``titles`` holds the title by language where it is known."""

    id: str
    title: str
    items: tuple[str, ...]
    suggestion: Fault
    titles: Mapping[str, str] = field(default_factory=dict)


def share_lists(items: Sequence[DraftedItem]) -> list[DraftedItem]:
    """Give items that belong together one answer list where each shows only a part of it.

    Items of one matrix or of one name stem, and neighbours whose points are nearly all those of the longest
    list beside them, answer on the same points though nobody may have chosen an extreme of one of them.
    """
    shared = list(items)
    for key in dict.fromkeys(key for item in items if (key := _together(item))):
        places = [place for place, item in enumerate(shared) if _together(item) == key]
        _unite(shared, places, nearly=0.0)
    alone = [_is_points(item) and _together(item) is None for item in shared]
    for is_alone, run in groupby(range(len(shared)), key=alone.__getitem__):
        if is_alone:
            _unite(shared, list(run), nearly=0.6)
    return shared


def _together(item: DraftedItem) -> tuple[str, str] | None:
    if not item.rated and not _is_points(item):
        return None
    question = item.question
    name = item.id if question.code else ("" if question.number else question.heading.strip())
    stem = _STEM.match(name)
    if question.kind == "matrix" and not (stem and question.code and _is_word(stem["stem"])):
        return ("matrix", f"{question.number} {question.text}")
    return ("stem", stem["stem"].rstrip(" _.-")) if stem else None


def _is_word(stem: str) -> bool:
    """Return whether the name of a matrix's row says more than that it is a row (``SQ001``, ``q1``)."""
    return len(stem.rstrip("_").rpartition("_")[2]) >= 4


def _is_points(item: DraftedItem) -> bool:
    return item.answers is not None and item.answers.numeric and item.type == "choice"


def _unite(items: list[DraftedItem], places: Sequence[int], nearly: float) -> None:
    lists = [answers for place in places if (answers := items[place].answers) is not None]
    if len(places) < 2 or len(lists) < len(places):
        return
    if all(answers.numeric for answers in lists):
        spans = [(answers.answers[0].value, answers.answers[-1].value) for answers in lists]
        low, high = max(spans, key=lambda span: (spans.count(span), span[1] - span[0]))
        if nearly == 0.0:
            low, high = min(low for low, _ in spans), max(high for _, high in spans)
        elif spans.count((low, high)) * 5 < len(spans) * 3:
            return
        labels = {answer.value: answer.label for answers in lists for answer in answers.answers}
        points = tuple(DraftedAnswer(value, labels.get(value, str(value))) for value in range(low, high + 1))
        for place, answers, (first, last) in zip(places, lists, spans, strict=True):
            within = low <= first and last <= high and high > low
            if within and (last - first) / (high - low) >= nearly and high - low < 12:
                ordered = len(points) > 2 if nearly == 0.0 else answers.ordered
                items[place] = replace(items[place], answers=DraftedList(points, ordered, numeric=True))
        return
    longest = max(lists, key=lambda answers: len(answers.answers))
    keys = {answer_key(answer.label) for answer in longest.answers}
    for place, answers in zip(places, lists, strict=True):
        if {answer_key(answer.label) for answer in answers.answers} <= keys:
            items[place] = replace(items[place], answers=longest)


def suggest_scales(
    items: Sequence[DraftedItem], source: SourceTable, language: str
) -> tuple[list[DraftedItem], list[DraftedScale]]:
    """Suggest scales and reverse keys, and which of the remaining items describe the respondent.

    Parameters
    ----------
    items : sequence of DraftedItem
        In the order of the file.
    source : SourceTable
        The answers.
    language : str
        Of the titles.

    Returns
    -------
    tuple
        The items with ``scale``, ``reverse`` and ``demographic`` set, and the scales. A scale is a matrix; or
        at least three items whose names differ only in their number; or a run of at least three neighbours
        with the same answers, without the items at its ends that hardly correlate with the rest.
    """
    drafted = list(items)
    values = {place: _values(item, source) for place, item in enumerate(drafted) if item.rated}
    scales: list[DraftedScale] = []
    taken = {*TAKEN, *(item.id.lower() for item in items)}
    for places, name, title, code in _by_factor(drafted, values):
        members = list(places)
        if code == "suggest-scale-run":
            members, dropped = _without_weak_ends(members, values)
            for place, weak in dropped:
                drafted[place] = drafted[place].suggest("suggest-left-out", r=f"{weak:.2f}")
        if len(members) < (2 if code == "suggest-scale-matrix" else FEWEST):
            continue
        scale_id = _free_name(name or f"S{len(scales) + 1}", taken)
        ids = tuple(drafted[place].id for place in members)
        details = {"scale": scale_id, "n": len(ids), "first": ids[0], "last": ids[-1]}
        suggestion = Fault(code, Place(field=scale_id), details, "warning")
        number = len(scales) + 1
        title = title or (f"量表{number}" if language == "zh" else f"Scale {number}")
        scales.append(DraftedScale(scale_id, title, ids, suggestion, _titles(drafted[members[0]], code)))
        against = _reversed(np.column_stack([values[place] for place in members]))
        for place, correlation in zip(members, against, strict=True):
            item = replace(drafted[place], scale=scale_id)
            clash = f"{item.id}_r".lower() in taken
            if correlation is not None and not clash:
                item = replace(item, reverse=True).suggest(
                    "suggest-reverse", r=f"{correlation:.2f}", scale=scale_id
                )
            drafted[place] = item
    return _demographics(drafted), scales


def _groups(items: Sequence[DraftedItem]) -> Iterator[tuple[list[int], str, str, str]]:
    """Yield the places of items that may be a scale, with a name, a title and the reason."""
    grouped: set[int] = set()
    for key in dict.fromkeys(key for item in items if item.rated and (key := _together(item))):
        places = [place for place, item in enumerate(items) if item.rated and _together(item) == key]
        same = [place for place in places if items[place].answers == items[places[0]].answers]
        matrix = key[0] == "matrix"
        if len(same) != len(places) or len(places) < (2 if matrix else FEWEST):
            continue
        grouped.update(places)
        first = items[places[0]]
        if matrix:
            yield places, first.id.rsplit("_", 1)[0], first.question.text, "suggest-scale-matrix"
        else:
            name = re.sub(r"[^A-Za-z0-9]+", "_", key[1]).strip("_") if key[1].isascii() else ""
            usable = re.match(r"[A-Za-z]", name) is not None and len(name) <= LONGEST
            yield places, name if usable else "", key[1], "suggest-scale-names"
    rest = [place for place, item in enumerate(items) if item.rated and place not in grouped]
    runs: list[list[int]] = []
    for place in rest:
        if runs and place == runs[-1][-1] + 1 and items[place].answers == items[runs[-1][-1]].answers:
            runs[-1].append(place)
        else:
            runs.append([place])
    for run in runs:
        answers = items[run[0]].answers
        # Bands of age or income are ordered too, but three of them in a row are no scale.
        if len(run) >= FEWEST and answers is not None and (answers.attitude or answers.numeric):
            yield run, "", "", "suggest-scale-run"


def _titles(first: DraftedItem, code: str) -> dict[str, str]:
    """Return the wording above the rows of a matrix by language, where a structure tells it."""
    if code != "suggest-scale-matrix":
        return {}
    stems = {one: text.partition("—") for one, text in first.question.texts.items() if one}
    return {one: stem.strip() for one, (stem, joined, _) in stems.items() if joined}


def _by_factor(
    items: list[DraftedItem], values: Mapping[int, npt.NDArray[np.float64]]
) -> Iterator[tuple[list[int], str, str, str]]:
    """Yield the groups, those that nothing but their place or number holds together divided by factors."""
    rated = {place for place, item in enumerate(items) if item.rated}
    for places, name, title, code in _groups(items):
        mere_numbers = code == "suggest-scale-names" and set(places) == rated
        found = None
        if code == "suggest-scale-run" or mere_numbers:
            found = factor_groups(np.column_stack([values[place] for place in places]))
        if found is None:
            yield places, name, title, code
            continue
        for at, loading in found.loose:
            items[places[at]] = items[places[at]].suggest("suggest-no-factor", loading=f"{loading:.2f}")
        for group in found.groups:
            yield [places[at] for at in group], "", "", "suggest-scale-factor"


def _free_name(name: str, taken: set[str]) -> str:
    unique, copy = name, 2
    while unique.lower() in taken:
        unique, copy = f"{name}_scale" if copy == 2 else f"{name}_scale{copy}", copy + 1
    taken.add(unique.lower())
    return unique


def _values(item: DraftedItem, source: SourceTable) -> npt.NDArray[np.float64]:
    """Return the stored values of one item in evenly spaced rows, NaN where there is none."""
    column = source.raw.cells[item.question.columns[0]]
    cells = column.iloc[:: 1 + len(column) // _MOST_ROWS].str.strip()
    answers = item.answers.answers if item.answers else ()
    if any(answer.code for answer in answers):
        stored = {answer_key(answer.label): float(answer.value) for answer in answers}
        stored |= {answer_key(answer.code): float(answer.value) for answer in answers if answer.code}
    elif source.style == "number":
        stored = {str(place): float(answer.value) for place, answer in enumerate(answers, start=1)}
    else:
        stored = {answer_key(answer.label): float(answer.value) for answer in answers}
    codes, uniques = pd.factorize(cells)
    found = [stored.get(re.sub(r"\.0*$", "", answer_key(str(cell)))) for cell in uniques]
    return np.array([np.nan if value is None else value for value in found], dtype=np.float64)[codes]


def item_rest(answers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return the correlation of every column with the sum of the others, listwise.

    Parameters
    ----------
    answers : (n, k) array
        NaN for missing; rows with any are left out.

    Returns
    -------
    (k,) array
        0 where a column is constant or fewer than 20 rows are complete.
        R: ``psych::alpha(x)$item.stats$r.drop``.
    """
    complete = answers[~np.isnan(answers).any(axis=1)]
    if len(complete) < _FEWEST_ROWS or answers.shape[1] < 2:
        return np.zeros(answers.shape[1])
    covariance = np.cov(complete, rowvar=False)
    own = np.diag(covariance)
    with_rest = covariance.sum(axis=1) - own
    rest = covariance.sum() - 2 * covariance.sum(axis=1) + own
    spread = np.sqrt(np.clip(own * rest, 0.0, None))
    found: npt.NDArray[np.float64] = np.divide(with_rest, spread, out=np.zeros_like(own), where=spread > 0)
    return found


def _without_weak_ends(
    places: list[int], values: dict[int, npt.NDArray[np.float64]]
) -> tuple[list[int], list[tuple[int, float]]]:
    dropped: list[tuple[int, float]] = []
    while len(places) >= FEWEST:
        correlations = np.abs(item_rest(np.column_stack([values[place] for place in places])))
        if not correlations.any():
            break
        end = 0 if correlations[0] <= correlations[-1] else len(places) - 1
        if correlations[end] >= WEAKEST:
            break
        dropped.append((places[end], float(correlations[end])))
        places = [place for place in places if place != places[end]]
    return places, dropped


def _reversed(answers: npt.NDArray[np.float64]) -> list[float | None]:
    """Return, for items against the direction of most, their correlation with the rest; else None.

    The direction is the sign of the loading on the first principal component of the listwise correlations,
    as ``psych::alpha(x, check.keys = TRUE)`` takes it; an item counts only where, keyed so, every one of the
    reversed items correlates positively with the rest.
    """
    complete = answers[~np.isnan(answers).any(axis=1)]
    spread = complete.std(axis=0) if len(complete) else np.zeros(answers.shape[1])
    if len(complete) < _FEWEST_ROWS or answers.shape[1] < FEWEST or not (spread > 0).all():
        return [None] * answers.shape[1]
    _, vectors = np.linalg.eigh(np.corrcoef(complete, rowvar=False))
    first = vectors[:, -1]
    against = first < 0 if first.sum() > 0 else first > 0
    against &= np.abs(first) > 0.1
    keyed = np.where(against, -1.0, 1.0) * complete
    after = item_rest(keyed)
    plain = item_rest(complete)
    return [
        float(plain[column]) if against[column] and after[column] > 0 else None
        for column in range(answers.shape[1])
    ]


def _demographics(items: Sequence[DraftedItem]) -> list[DraftedItem]:
    """Mark what stands before the first and after the last scale item as describing the respondent."""
    scored = [place for place, item in enumerate(items) if item.scale]
    if not scored:
        return list(items)
    return [
        replace(item, demographic=True).suggest("suggest-demographic")
        if item.scale is None and item.type != "text" and not scored[0] < place < scored[-1]
        else item
        for place, item in enumerate(items)
    ]
