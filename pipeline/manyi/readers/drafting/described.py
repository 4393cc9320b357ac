"""Items drafted from what the file or its structure says about them: labels, codes, missing codes."""

import re
from collections.abc import Mapping
from dataclasses import replace

from manyi.readers.drafting.drafted import NOMINAL, OTHER, DraftedAnswer, DraftedItem, DraftedList
from manyi.readers.drafting.likert import order_labels
from manyi.readers.platforms.source import DescribedAnswer, SourceTable, distinct, is_numeric
from manyi_instruments.definitions.questionnaire import ItemType

_WHOLE = re.compile(r"[+-]?\d+")
_MOST_BETWEEN = 12


def described_choice(item: DraftedItem, source: SourceTable, language: str) -> DraftedItem | None:
    """Draft a single choice from its described answers; None where these describe no list.

    Codes that are whole numbers stay the stored values. Others are numbered from 1: from low to high where
    their wording has a known order, else as the platform lists them. Codes described as missing become
    missing answers. Numbers between labelled ends (1 = not at all … 7 = fully) belong to the list.

    Parameters
    ----------
    item : DraftedItem
        With its question.
    source : SourceTable
        The file.
    language : str
        Main language of the draft.
    """
    question = item.question
    given = [answer for answer in question.answers if answer.missing is None]
    cells = distinct(source.raw.cells[question.columns[0]], source.missing)
    known = {answer.code for answer in question.answers}
    others = [cell for cell in cells if cell not in known and cell not in question.missing]
    item = _with_missing(item, language)
    numeric = all(_WHOLE.fullmatch(answer.code) for answer in given) and len(
        {int(answer.code) for answer in given}
    ) == len(given)
    if numeric:
        between = [cell for cell in others if is_numeric({cell: 1})]
        if any(not _between(cell, given) for cell in between):
            # A number with one or two labelled values, such as 0 = none.
            return None
    if len(given) < 2:
        return None
    labels = {answer.code: label_of(answer.labels, language) for answer in given}
    order = order_labels(list(labels.values()))
    drafted = _numbered(given, labels, numeric) if numeric else _placed(given, labels, order is not None)
    ordered, reason = _ordered(item, source, order is not None and order.attitude, len(drafted))
    family, attitude = (order.family, order.attitude) if order else ("", False)
    answers = tuple(sorted(drafted, key=lambda answer: answer.value)) if numeric else drafted
    item = replace(item, type="choice", answers=DraftedList(answers, ordered, family, attitude))
    if order is not None and numeric and ordered:
        rising = [int(code) for label in order.labels for code in labels if labels[code] == label]
        if rising == sorted(rising, reverse=True) and len(rising) > 1:
            return item.suggest("suggest-codes-falling", low=order.labels[0], high=order.labels[-1])
    return item.suggest(reason) if reason else item


def described_multiple(item: DraftedItem, language: str) -> DraftedItem | None:
    """Draft a multiple choice or ranking from its described answers; None where there are none."""
    given = [answer for answer in item.question.answers if answer.missing is None]
    if len(given) < 2:
        return None
    numeric = all(_WHOLE.fullmatch(answer.code) for answer in given)
    answers = tuple(
        DraftedAnswer(
            int(answer.code) if numeric else place,
            label_of(answer.labels, language),
            other=bool(OTHER.search(label_of(answer.labels, language))),
            code=answer.code,
            labels=tuple(answer.labels.items()),
        )
        for place, answer in enumerate(given, start=1)
    )
    kind: ItemType = "ranking" if item.question.kind == "ranking" else "multiple"
    return replace(item, type=kind, answers=DraftedList(answers, ordered=False))


def label_of(labels: Mapping[str, str], language: str) -> str:
    """Return the wording in a language, else in that of an unnamed one, else the first.

    >>> label_of({"en": "yes", "zh": "是"}, "zh"), label_of({"": "oui"}, "en")
    ('是', 'oui')
    """
    return labels.get(language) or labels.get("") or next(iter(labels.values()), "")


def _with_missing(item: DraftedItem, language: str) -> DraftedItem:
    for answer in item.question.answers:
        if answer.missing == "dont_know":
            label = label_of(answer.labels, language)
            item = replace(item, dont_know=label).suggest("suggest-dont-know", label=label)
    codes = [answer.code for answer in item.question.answers if answer.missing not in (None, "dont_know")]
    codes += [cell for cell in item.question.missing if cell not in codes and cell.strip()]
    known = {answer.code for answer in item.question.answers if answer.missing == "dont_know"}
    codes = [code for code in dict.fromkeys(codes) if code not in known]
    return item.suggest("suggest-missing-codes", codes=", ".join(codes)) if codes else item


def _between(cell: str, given: list[DescribedAnswer]) -> bool:
    codes = [int(answer.code) for answer in given]
    number = float(cell)
    within = bool(codes) and number.is_integer() and min(codes) <= number <= max(codes)
    return within and max(codes) - min(codes) <= _MOST_BETWEEN


def _numbered(
    given: list[DescribedAnswer], labels: Mapping[str, str], numeric: bool
) -> tuple[DraftedAnswer, ...]:
    """Return answers with their own codes, whole numbers without a label between them filled in."""
    by_value = {int(answer.code): answer for answer in given}
    low, high = min(by_value), max(by_value)
    gaps = high - low <= _MOST_BETWEEN and len(by_value) == 2
    values = range(low, high + 1) if gaps and numeric else sorted(by_value)
    answers = []
    for value in values:
        answer = by_value.get(value)
        if answer is None:
            answers.append(DraftedAnswer(value, str(value), code=str(value)))
            continue
        label = labels[answer.code] or answer.code
        answers.append(
            DraftedAnswer(
                value,
                label,
                other=bool(OTHER.search(label)),
                code=answer.code,
                labels=tuple(answer.labels.items()),
            )
        )
    return tuple(answers)


def _placed(
    given: list[DescribedAnswer], labels: Mapping[str, str], known: bool
) -> tuple[DraftedAnswer, ...]:
    order = order_labels(list(labels.values()))
    steps = {label: step for step, label in enumerate(order.labels, start=1)} if known and order else {}
    answers = []
    for place, answer in enumerate(given, start=1):
        label = labels[answer.code] or answer.code
        answers.append(
            DraftedAnswer(
                steps.get(label, place),
                label,
                other=bool(OTHER.search(label)),
                code=answer.code,
                labels=tuple(answer.labels.items()),
            )
        )
    return tuple(sorted(answers, key=lambda answer: answer.value)) if steps else tuple(answers)


def _ordered(item: DraftedItem, source: SourceTable, attitude: bool, answers: int) -> tuple[bool, str]:
    """Return whether the list has an order, and the suggestion to confirm where nothing proves it."""
    if NOMINAL.fullmatch(item.text) or answers < 3:
        return False, ""
    if attitude:
        return True, ""
    dictionary = source.raw.dictionary
    entry = dictionary.variables.get(item.question.columns[0]) if dictionary is not None else None
    if entry is not None and entry.measure != "unknown":
        return entry.measure in ("ordinal", "scale"), ""
    if item.question.kind == "matrix":
        return True, "suggest-order-listed"
    return False, "suggest-order-unknown"
