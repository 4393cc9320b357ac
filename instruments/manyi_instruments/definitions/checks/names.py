"""Names: taken twice, reserved, or in the way of a column that is made from an item."""

import re
from collections.abc import Iterator

from manyi_instruments.definitions.checks.draft import Draft, kind_of, name_of
from manyi_instruments.definitions.questionnaire import RESERVED
from manyi_instruments.definitions.yaml_nodes import Block
from manyi_instruments.faults import Fault, Place

#: Words of SPSS syntax that cannot name a variable (SPSS Command Syntax Reference, "Variable Names").
SPSS_WORDS = ("all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with")
SPSS_NAME_BYTES = 64
#: Columns that cleaning adds to the reserved ones.
CLEANING = re.compile(r"kept|flag_.*", re.IGNORECASE)


def name_faults(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of ids; names are compared without regard to case, as SPSS does."""
    yield from _twice(list(draft.ids()))
    lists = draft.root.block("answer_lists")
    yield from _twice([(str(name), place) for name, place in lists.keys.items()] if lists else [])
    for name, place in draft.ids():
        if name.lower() in RESERVED or CLEANING.fullmatch(name):
            yield Fault("reserved-id", place, {"id": name})
        elif name.lower() in SPSS_WORDS:
            yield Fault("spss-word", place, {"id": name})
    yield from _generated(draft)


def _twice(names: list[tuple[str, Place]]) -> Iterator[Fault]:
    first: dict[str, tuple[str, Place]] = {}
    for name, place in names:
        earlier = first.setdefault(name.lower(), (name, place))
        if earlier[1] != place:
            yield Fault("duplicate-id", place, {"id": name, "first": earlier[0], "line": earlier[1].line})


def generated_names(draft: Draft, item: Block) -> Iterator[str]:
    """Yield the names of columns made from an item: reversed, one an answer, text beside an answer."""
    name = item.text("id") or ""
    if item.flag("reverse"):
        yield f"{name}_r"
    if kind_of(item) in ("multiple", "ranking"):
        yield from (f"{name}__{value}" for value in draft.values(item.text("answers")))
    if draft.has_other(item.text("answers")):
        yield f"{name}__text"


def _generated(draft: Draft) -> Iterator[Fault]:
    taken = {name.lower(): (name, place) for name, place in draft.ids()}
    for item in (*draft.questions, *draft.attention):
        if not item.text("id"):
            continue
        for made in generated_names(draft, item):
            size = len(made.encode())
            if made.lower() in taken:
                name, place = taken[made.lower()]
                yield Fault("generated-name-taken", place, {"id": name_of(item), "name": made, "taken": name})
            if size > SPSS_NAME_BYTES:
                details = {"name": made, "bytes": size, "maximum": SPSS_NAME_BYTES}
                yield Fault("name-too-long", item.place_of("id"), details)
