"""Scales: which items they have, whether those can be scored, and how many answers a score needs."""

from collections.abc import Iterator

from manyi_instruments.definitions.checks.draft import Draft, kind_of, name_of
from manyi_instruments.definitions.model_faults import choice_fault
from manyi_instruments.definitions.yaml_nodes import Block
from manyi_instruments.faults import Fault


def scale_faults(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of scales and of the items' part in them."""
    names = [name for scale in draft.scales if (name := scale.text("id"))]
    for item in draft.items:
        yield from _membership(draft, item, names)
    for item in draft.demographics:
        if "scale" in item.nodes:
            yield Fault("demographic-in-scale", item.keys["scale"], {"item": name_of(item)})
    for item in draft.questions:
        rated = item.text("importance_of")
        if rated is not None and rated not in names:
            yield choice_fault("scale-not-defined", item.place_of("importance_of"), rated, names)
    for scale in draft.scales:
        yield from _scale(draft, scale)


def _membership(draft: Draft, item: Block, names: list[str]) -> Iterator[Fault]:
    scale, kind = item.text("scale"), kind_of(item)
    if "scale" not in item.nodes:
        if kind in ("choice", "number") and not item.flag("standalone"):
            yield Fault("item-without-scale", item.place_of("id"), {"item": name_of(item)})
        return
    if item.flag("standalone"):
        yield Fault("standalone-with-scale", item.keys["standalone"], {"item": name_of(item), "scale": scale})
    if scale is not None and scale not in names:
        yield choice_fault("scale-not-defined", item.place_of("scale"), scale, names)
    elif kind not in ("choice", "number"):
        details = {"item": name_of(item), "scale": scale, "type": kind}
        yield Fault("item-not-scorable", item.place_of("scale"), details)
    elif kind == "choice" and not draft.ordered(item.text("answers")):
        details = {"item": name_of(item), "scale": scale, "list": item.text("answers")}
        yield Fault("scale-unordered", item.place_of("scale"), details)


def _scale(draft: Draft, scale: Block) -> Iterator[Fault]:
    scale_id = scale.text("id")
    if scale_id is None:
        return
    members = draft.members(scale_id)
    place = scale.place_of("id")
    minimum = scale.whole("minimum_answered")
    if not members:
        yield Fault("scale-without-items", place, {"scale": scale_id})
    elif minimum is not None and minimum > len(members):
        details = {"scale": scale_id, "minimum": minimum, "items": len(members)}
        yield Fault("minimum-answered-too-large", scale.place_of("minimum_answered"), details)
    if len(members) == 1:
        details = {"scale": scale_id, "item": name_of(members[0])}
        yield Fault("scale-with-one-item", place, details, "warning")
    ranges = {
        (min(values), max(values)) for item in members if (values := draft.values(item.text("answers")))
    }
    if len(ranges) > 1:
        shown = ", ".join(f"{low}–{high}" for low, high in sorted(ranges))
        yield Fault("scale-of-unequal-ranges", place, {"scale": scale_id, "ranges": shown}, "warning")
