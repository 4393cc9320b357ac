"""Self-generated codes: of parts, one a questionnaire, never asked for by force."""

from collections.abc import Iterator

from manyi_instruments.definitions.checks.draft import Draft, kind_of, name_of
from manyi_instruments.faults import Fault

#: Shorter codes are made by too many persons.
SHORTEST = 4


def code_faults(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of codes."""
    codes = [item for item in draft.questions if kind_of(item) == "code"]
    for item in draft.questions:
        details: dict[str, object] = {"item": name_of(item)}
        if kind_of(item) != "code":
            if "parts" in item.nodes:
                yield Fault("parts-not-wanted", item.keys["parts"], {**details, "type": kind_of(item)})
            continue
        parts = tuple(item.blocks("parts"))
        length = sum(part.whole("length") or 1 for part in parts)
        if not parts:
            yield Fault("code-without-parts", item.place_of("id"), details)
        elif length < SHORTEST:
            yield Fault(
                "code-short",
                item.place_of("parts"),
                {**details, "length": length, "needed": SHORTEST},
                "warning",
            )
        if item.flag("required"):
            yield Fault("code-required", item.keys["required"], details, "warning")
        if item is not codes[0]:
            yield Fault("code-twice", item.place_of("id"), {**details, "first": name_of(codes[0])})
