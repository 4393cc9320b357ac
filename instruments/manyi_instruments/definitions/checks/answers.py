"""Answers: lists, bounds of numbers, reverse keys, attention checks and the codes of missing answers."""

import math
from collections.abc import Iterator

from manyi_instruments.definitions.checks.draft import Draft, kind_of, name_of
from manyi_instruments.definitions.model_faults import choice_fault
from manyi_instruments.definitions.questionnaire import DEFAULT_MISSING
from manyi_instruments.definitions.yaml_nodes import Block
from manyi_instruments.faults import Fault, Place


def answer_faults(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of answer lists, of what items take for answers, and of missing codes."""
    for name, block in draft.lists.items():
        yield from _list(name, block)
    for item in draft.questions:
        yield from _taken(draft, item)
        yield from _reverse(draft, item)
        yield from _bounds(item)
    for check in draft.attention:
        yield from _attention(draft, check)
    yield from _missing_codes(draft)


def _list(name: str, block: Block) -> Iterator[Fault]:
    first: dict[int, Place] = {}
    for answer in block.blocks("answers"):
        value = answer.whole("value")
        if value is None:
            continue
        place = answer.place_of("value")
        if first.setdefault(value, place) is not place:
            yield Fault(
                "duplicate-answer-value", place, {"list": name, "value": value, "line": first[value].line}
            )
    yield from _same_labels(name, block)


def _same_labels(name: str, block: Block) -> Iterator[Fault]:
    seen: dict[tuple[str, str], int | None] = {}
    for answer in block.blocks("answers"):
        label = answer.block("label")
        for language in label.nodes if label else ():
            text = (label.text(language) or "").strip() if label else ""
            # "…" stands for a label whose absence has been told already.
            if not text or text == "…" or label is None:
                continue
            key = (str(language), text)
            if key in seen:
                details = {"list": name, "label": text, "value": seen[key]}
                yield Fault("duplicate-label", label.place_of(language), details)
            else:
                seen[key] = answer.whole("value")


def _taken(draft: Draft, item: Block) -> Iterator[Fault]:
    kind, name = kind_of(item), item.text("answers")
    details: dict[str, object] = {"item": name_of(item), "type": kind}
    if kind in ("choice", "multiple", "ranking"):
        if "answers" not in item.nodes:
            yield Fault("answers-missing", item.place_of("id"), details)
        yield from _known_list(draft, item)
    elif kind in ("number", "text", "code") and "answers" in item.nodes:
        yield Fault("answers-not-wanted", item.keys["answers"], details)
    if kind in ("multiple", "ranking"):
        negative = [value for value in draft.values(name) if value < 0]
        if negative:
            yield Fault(
                "multiple-negative", item.place_of("answers"), {**details, "list": name, "value": negative[0]}
            )


def _known_list(draft: Draft, question: Block) -> Iterator[Fault]:
    name = question.text("answers")
    if name is not None and name not in draft.list_names:
        yield choice_fault("answer-list-not-defined", question.place_of("answers"), name, draft.list_names)


def _reverse(draft: Draft, item: Block) -> Iterator[Fault]:
    if not item.flag("reverse"):
        return
    kind, name = kind_of(item), item.text("answers")
    bounded = item.number("minimum") is not None and item.number("maximum") is not None
    if kind == "number" and bounded:
        return
    # A choice without answers is told as such.
    if kind == "choice" and (draft.ordered(name) or "answers" not in item.nodes):
        return
    yield Fault("reverse-unbounded", item.keys["reverse"], {"item": name_of(item), "type": kind})


def _bounds(item: Block) -> Iterator[Fault]:
    low, high = item.number("minimum"), item.number("maximum")
    if kind_of(item) in ("choice", "multiple", "ranking", "text", "code"):
        for key in ("minimum", "maximum"):
            if key in item.nodes:
                yield Fault("bounds-not-wanted", item.keys[key], {"item": name_of(item), "key": key})
    elif low is not None and high is not None and low >= high:
        details = {"item": name_of(item), "minimum": f"{low:g}", "maximum": f"{high:g}"}
        yield Fault("minimum-above-maximum", item.place_of("minimum"), details)


def _attention(draft: Draft, check: Block) -> Iterator[Fault]:
    yield from _known_list(draft, check)
    expected, name = check.whole("expected"), check.text("answers")
    values = draft.values(name)
    if expected is not None and values and expected not in values:
        details = {"value": expected, "list": name, "values": ", ".join(map(str, values))}
        yield Fault("answer-not-in-list", check.place_of("expected"), details)
    items = [found for item in draft.items if (found := item.text("id"))]
    after = check.text("after")
    if after is not None and after not in items:
        yield choice_fault("attention-after-unknown", check.place_of("after"), after, items)


def _missing_codes(draft: Draft) -> Iterator[Fault]:
    own = draft.root.block("missing")
    codes: dict[str, tuple[int, Place | None]] = {
        kind: (code.code, None) for kind, code in DEFAULT_MISSING.items()
    }
    for kind, node in own.nodes.items() if own else ():
        if isinstance(node, Block) and (number := node.whole("code")) is not None:
            codes[str(kind)] = (number, node.place_of("code"))
    yield from _same_codes(codes)
    used = {name for question in (*draft.questions, *draft.attention) if (name := question.text("answers"))}
    for kind, (code, place) in codes.items():
        clashes = [(name, draft.lists[name].place) for name in sorted(used) if code in draft.values(name)]
        numbers = [item for item in draft.questions if kind_of(item) == "number" and _within(item, code)]
        clashes += [(name_of(item), item.place_of("id")) for item in numbers]
        if place is not None and clashes:
            names = ", ".join(name for name, _ in clashes)
            yield Fault("missing-code-is-answer", place, {"kind": kind, "code": code, "where": names})
        elif place is None:
            for name, where in clashes:
                yield Fault("missing-code-is-answer", where, {"kind": kind, "code": code, "where": name})
    yield from _open_numbers(draft, [code for code, _ in codes.values()])


def _same_codes(codes: dict[str, tuple[int, Place | None]]) -> Iterator[Fault]:
    for kind, (code, place) in codes.items():
        others = [other for other, (number, _) in codes.items() if number == code and other != kind]
        if place is not None and others:
            yield Fault("duplicate-missing-code", place, {"kind": kind, "code": code, "other": others[0]})


def _within(item: Block, code: int) -> bool:
    """Say whether a code lies between bounds of which at least one is written on the code's side."""
    low, high = item.number("minimum"), item.number("maximum")
    if low is None and high is None:
        return False
    return (-math.inf if low is None else low) <= code <= (math.inf if high is None else high)


def _open_numbers(draft: Draft, codes: list[int]) -> Iterator[Fault]:
    for item in draft.questions:
        if kind_of(item) == "number" and item.number("minimum") is None and item.number("maximum") is None:
            details = {"item": name_of(item), "codes": ", ".join(map(str, sorted(set(codes))))}
            yield Fault("number-unbounded", item.place_of("id"), details, "warning")
