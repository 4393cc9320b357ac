"""What kind of question every column of a file asks: suggested from its cells."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from manyi.readers.decoding.cell_rules import PLAIN_UNITS
from manyi.readers.drafting.described import described_choice, described_multiple, label_of
from manyi.readers.drafting.drafted import NOMINAL, OTHER, DraftedAnswer, DraftedItem, DraftedList
from manyi.readers.drafting.likert import is_dont_know, number_in, order_labels
from manyi.readers.platforms.source import SourceQuestion, SourceTable, distinct, is_numeric
from manyi.readers.platforms.wenjuanxing_twin import Companion
from manyi.readers.wording import answer_key
from manyi_instruments.definitions.questionnaire import DEFAULT_MISSING, ItemType

_EXCLUSIVE = re.compile(r"^(以上都不|以上都没|都没有|都不|没有|无|不关注|none)", re.IGNORECASE)
_MEASURED = re.compile(rf"\d+(?:\.\d+)?\s*(?:{'|'.join(PLAIN_UNITS)})?", re.IGNORECASE)
_MOST_POINTS = 12
_MOST_OPTIONS = 40
_TOP_CODES = (8, 9, 88, 98, 99, 999)


def draft_item(
    item_id: str, question: SourceQuestion, source: SourceTable, companion: Companion | None, language: str
) -> DraftedItem:
    """Return the item suggested for one question of a file.

    Few different whole numbers within a common range are a choice, repeated wordings too, cells joined by
    the platform's separator or columns of 0 and 1 a multiple choice, other numbers a number, and the rest
    is text.
    """
    heading = question.heading.strip()
    repeats = [*map(str.strip, source.raw.headings)].count(heading) != 1
    if len(question.columns) == 1 and (repeats or not heading):
        # A heading that repeats or is empty names no column.
        heading = question.columns[0].strip()
    text = label_of(question.texts, language) or question.wording or heading
    headings = [heading]
    if companion and (other := companion.headings.get(question.heading, "").strip()):
        headings.append(other)
    elif (
        question.kind == "multiple"
        and not question.split
        and question.number
        and _number_is_unique(question, source)
    ):
        headings.append(f"第{question.number}题")
    item = DraftedItem(item_id, question, "text", text, tuple(dict.fromkeys(headings)))
    if question.kind in ("multiple", "ranking"):
        return described_multiple(item, language) or _multiple(item, source, companion)
    if question.answers and (described := described_choice(item, source, language)) is not None:
        return described
    found = distinct(source.raw.cells[question.columns[0]], {**source.missing, **question.missing})
    codes = {str(missing.code) for missing in DEFAULT_MISSING.values()}
    # The codes manyi itself stores for missing answers come back as missing.
    found = {cell: n for cell, n in found.items() if re.sub(r"\.0*$", "", cell) not in codes}
    if not found:
        return item.suggest("suggest-blank")
    if is_numeric(found):
        return _numeric(item, found, source.style == "number", language)
    if any("→" in cell for cell in found):
        return item.suggest("suggest-ranking")
    numbers = [cell for cell in found if is_numeric({cell: 1})]
    given = sum(found[cell] for cell in numbers)
    if numbers and (
        given * 10 >= sum(found.values()) * 9 or all(_MEASURED.fullmatch(cell) for cell in found)
    ):
        # The few others are units, or slips that the import lists.
        return _number(item, [float(cell) for cell in numbers])
    if question.kind in ("single", "matrix"):
        return _worded(item, source, companion, language)
    return item


def _number_is_unique(question: SourceQuestion, source: SourceTable) -> bool:
    return sum(other.number == question.number for other in source.questions) == 1


def _numeric(item: DraftedItem, found: Mapping[str, int], places: bool, language: str) -> DraftedItem:
    numbers = sorted({float(cell) for cell in found})
    whole = all(number.is_integer() for number in numbers)
    low, high = int(numbers[0]), int(numbers[-1])
    if places:
        # Options are counted from 1; that nobody chose any of the first three hardly happens.
        if not whole or not 1 <= low <= 3 or not 2 <= high <= _MOST_OPTIONS:
            return _number(item, numbers)
        labels = [_place_label(place, language) for place in range(1, high + 1)]
        answers = tuple(DraftedAnswer(place, label) for place, label in enumerate(labels, start=1))
        drafted_list = DraftedList(answers, not NOMINAL.fullmatch(item.text), numeric=True)
        return replace(item, type="choice", answers=drafted_list).suggest("suggest-labels-unknown")
    top = high if len(numbers) > 2 and high in _TOP_CODES and high - numbers[-2] > 2 else None
    span = (int(numbers[-2]) if top is not None else high) - low
    if not whole or len(numbers) < 2 or span >= _MOST_POINTS or low < -4 or len(numbers) > _MOST_POINTS:
        return _number(item, numbers)
    values = [*range(low, low + span + 1), *([top] if top is not None else [])]
    # Two numbers, or names, are dummies rather than degrees.
    ordered = len(values) > 2 and not NOMINAL.fullmatch(item.text) and top is None
    answers = tuple(DraftedAnswer(value, str(value)) for value in values)
    drafted = replace(item, type="choice", answers=DraftedList(answers, ordered, numeric=True))
    return drafted.suggest("suggest-top-code", value=top) if top is not None else drafted


def _place_label(place: int, language: str) -> str:
    return f"选项{place}" if language == "zh" else f"option {place}"


def _number(item: DraftedItem, numbers: list[float]) -> DraftedItem:
    whole = all(number.is_integer() for number in numbers)
    return replace(item, type="number", integer=whole, minimum=0 if min(numbers) >= 0 else None)


def _worded(
    item: DraftedItem, source: SourceTable, companion: Companion | None, language: str
) -> DraftedItem:
    """Draft the answer list of a question whose cells are wordings."""
    labels = _by_key(item.question.options)
    known = dict(companion.numbers.get(item.question.heading, {})) if companion else {}
    others = _labels_with_text(item, source)
    if known:
        return _numbered(item, known, others, language)
    unknown = [label for label in labels if is_dont_know(label)]
    graded = order_labels([label for label in labels if label not in unknown])
    if graded and len(unknown) == 1 and graded.attitude:
        item = replace(item, dont_know=unknown[0]).suggest("suggest-dont-know", label=unknown[0])
        labels = [label for label in labels if label not in unknown]
    order = order_labels(labels)
    if order is None:
        answers = _values(_numbers_first(labels), others)
        if len(answers) < 2:
            return item
        drafted = DraftedList(answers, ordered=False)
        return replace(item, type="choice", answers=drafted).suggest("suggest-order-unknown")
    zero = order.family == "yes_no"
    answers = _values(list(order.labels), others, start=0 if zero else 1)
    # On forms "yes" comes first, and an export by number counts from there.
    answers = answers[::-1] if zero else answers
    ordered = order.attitude or (not zero and not NOMINAL.fullmatch(item.text))
    drafted = DraftedList(answers, ordered, order.family, order.attitude)
    return replace(item, type="choice", answers=drafted).suggest(
        "suggest-order", low=order.labels[0], high=order.labels[-1]
    )


def _numbered(item: DraftedItem, known: Mapping[str, int], others: set[str], language: str) -> DraftedItem:
    """Draft a list in the order of the form, options that nobody chose in their places."""
    label_of = {number: label for label, number in known.items()}
    highest = max(label_of)
    order = order_labels(list(known))
    places = [known[label] for label in order.labels] if order else []
    rising, falling = places == sorted(places), places == sorted(places, reverse=True)
    answers = []
    for number in range(1, highest + 1):
        label = label_of.get(number)
        if label is None:
            item = item.suggest("suggest-option-unseen", number=number)
            label = (
                f"（选项{number}，无人选）" if language == "zh" else f"(option {number}, chosen by nobody)"
            )
        value = highest + 1 - number if order and falling and len(places) > 1 else number
        answers.append(_answer(value, label, others))
    if len(answers) < 2:
        return item
    ordered = order is not None and (rising or falling) and not NOMINAL.fullmatch(item.text)
    attitude = order is not None and order.attitude and ordered
    drafted = DraftedList(tuple(answers), ordered, order.family if order else "", attitude)
    return replace(item, type="choice", answers=drafted)


def _multiple(item: DraftedItem, source: SourceTable, companion: Companion | None) -> DraftedItem:
    options = list(item.question.options)
    if companion and item.question.heading in companion.options:
        options = list(companion.options[item.question.heading])
    # Columns named m__1, m__2 … carry the stored values.
    if item.question.split and all(option.isdigit() for option in options):
        answers = tuple(DraftedAnswer(int(option), option) for option in options)
    else:
        exclusive = {label for label in options if _EXCLUSIVE.match(label)}
        answers = tuple(
            replace(answer, exclusive=answer.label in exclusive)
            for answer in _values(_by_key(options), _labels_with_text(item, source))
        )
    if len(answers) < 2:
        return item
    kind: ItemType = "ranking" if item.question.kind == "ranking" else "multiple"
    return replace(item, type=kind, answers=DraftedList(answers, ordered=False))


def _by_key(labels: tuple[str, ...] | list[str]) -> list[str]:
    """Return labels without those that differ only in spelling from an earlier one."""
    return list({answer_key(label): label for label in reversed(labels)}.values())[::-1]


def _numbers_first(labels: list[str]) -> list[str]:
    """Return labels that hold numbers in their order, the others after them as met."""
    place: Callable[[str], float] = lambda label: number_in(label) or 0.0  # noqa: E731
    return [
        *sorted((label for label in labels if number_in(label) is not None), key=place),
        *(label for label in labels if number_in(label) is None and not OTHER.search(label)),
        *(label for label in labels if number_in(label) is None and OTHER.search(label)),
    ]


def _values(labels: list[str], others: set[str], start: int = 1) -> tuple[DraftedAnswer, ...]:
    return tuple(_answer(value, label, others) for value, label in enumerate(labels, start=start))


def _answer(value: int, label: str, others: set[str]) -> DraftedAnswer:
    return DraftedAnswer(value, label, other=answer_key(label) in others)


def _labels_with_text(item: DraftedItem, source: SourceTable) -> set[str]:
    """Return the keys of labels beside which respondents wrote text, or which ask for it."""
    written = {answer_key(option) for option in item.question.options if re.search("请注明|specify", option)}
    for column in item.question.columns:
        cells = source.raw.cells[column]
        for cell in cells[cells.str.contains("〖", regex=False)].unique():
            parts = (part for part in str(cell).split(source.separator) if "〖" in part)
            written.update(answer_key(part.split("〖")[0]) for part in parts)
    return written
