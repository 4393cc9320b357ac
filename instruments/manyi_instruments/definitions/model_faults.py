"""pydantic's errors as named faults at the line and column they are about."""

import difflib
import types
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from manyi_instruments.definitions.yaml_nodes import Block, Listing, Node, Scalar, shown
from manyi_instruments.faults import Fault, Place, wordings

Location = tuple[int | str, ...]

_WANTED = {
    "string_type": "not-text",
    "int_type": "not-whole-number",
    "int_parsing": "not-whole-number",
    "int_from_float": "not-whole-number",
    "float_type": "not-number",
    "float_parsing": "not-number",
    "finite_number": "not-number",
    "bool_type": "not-true-false",
    "bool_parsing": "not-true-false",
    "tuple_type": "not-list",
    "list_type": "not-list",
    "set_type": "not-list",
    "dict_type": "not-block",
    "model_type": "not-block",
    "model_attributes_type": "not-block",
}
_BOUNDS = {
    "greater_than_equal": ("number-too-small", "ge"),
    "greater_than": ("number-too-small", "gt"),
    "less_than_equal": ("number-too-large", "le"),
    "less_than": ("number-too-large", "lt"),
}
#: Faults of a key rather than of the value that stands at their place.
KEY_FAULTS = ("missing-key", "unknown-key", "key-refused")
_SIGNS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


def model_faults(error: ValidationError, root: Node, model: type[BaseModel]) -> tuple[Fault, ...]:
    """Return a named fault for every error pydantic found.

    Parameters
    ----------
    error : pydantic.ValidationError
        What validation of the plain data of ``root`` raised.
    root : Node
        The nodes validated, which know where they stand.
    model : type of BaseModel
        The model validated against, for the keys that are known.

    Returns
    -------
    tuple of Fault
        In the order of the file. Several errors of one value (the branches of a union) become one fault. A
        validator of a model may raise ``PydanticCustomError(code, …, details)`` with a code of the catalogue:
        it arrives as that fault.
    """
    key_faults: list[Fault] = []
    value_faults: dict[Place, Fault] = {}
    for detail in error.errors(include_url=False, include_input=False):
        spot = _walk(root, detail["loc"])
        # pydantic counts only the members that are valid; those that are not are told themselves.
        if detail["type"] == "too_short" and _length(spot.node) >= detail["ctx"]["min_length"]:
            continue
        fault = _fault(str(detail["type"]), detail.get("ctx", {}), detail["loc"], spot, model)
        if fault.code in KEY_FAULTS:
            key_faults.append(fault)
        else:
            # A value that fits no branch of a union fails once a branch.
            earlier = value_faults.get(fault.place)
            value_faults[fault.place] = fault if earlier is None else _either(earlier, fault)
    return (*key_faults, *value_faults.values())


def _either(earlier: Fault, later: Fault) -> Fault:
    """Return the one fault of a value that two branches of a union refuse."""
    if earlier.code in ("not-whole-number", "not-number") and later.code == "value-not-allowed":
        return replace(later, details={**later.details, "allowed": f"1, 2, 3 …, {later.details['allowed']}"})
    return earlier


@dataclass(frozen=True, slots=True)
class _Spot:
    """Where a location of pydantic's ends in the file: the way there, the node, and its key's place."""

    path: Location
    node: Node
    key: Place


def _walk(root: Node, location: Location) -> _Spot:
    """Follow a location as far as it goes; names of union branches and ``[key]`` are not in the file."""
    node, key = root, root.place
    path: list[int | str] = []
    for part in location:
        if isinstance(node, Block) and (name := _key_of(node, part)) is not None:
            key, node = node.keys[name], node.nodes[name]
            path.append(name)
        elif isinstance(node, Listing) and isinstance(part, int) and part < len(node.nodes):
            node = node.nodes[part]
            key = node.place
            path.append(part)
    return _Spot(tuple(path), node, key)


def _key_of(block: Block, part: int | str) -> int | str | None:
    """Return the block's key a part of a location means; JSON knows text keys only."""
    if part in block.nodes:
        return part
    number = int(part) if isinstance(part, str) and part.lstrip("-").isdecimal() else None
    return number if number in block.nodes else None


def _owner(spot: _Spot) -> str:
    """Return how to name the block a key is missing from: its id where it has one, else its path."""
    if isinstance(spot.node, Block) and (name := spot.node.text("id")):
        return name
    return ".".join(str(part) for part in spot.path) or "—"


def _fault(
    kind: str, context: Mapping[str, Any], location: Location, spot: _Spot, model: type[BaseModel]
) -> Fault:
    """Return the fault of one error at the deepest spot its location leads to."""
    node = spot.node
    if kind in wordings():
        return Fault(kind, node.place, dict(context))
    if kind == "missing":
        return Fault("missing-key", node.place, {"key": location[-1], "where": _owner(spot)})
    if kind == "extra_forbidden":
        return _unknown_key(model, spot)
    if location and location[-1] == "[key]":
        name = str(spot.path[-1]) if spot.path else ""
        if kind == "literal_error":
            return choice_fault("value-not-allowed", spot.key, name, _choices(context))
        return Fault("key-refused", spot.key, {"key": name})
    if kind in _WANTED:
        return _wrong_type(_WANTED[kind], node)
    if kind in _BOUNDS:
        code, bound = _BOUNDS[kind]
        limit = f"{_SIGNS[bound]} {_tidy(context[bound])}"
        return Fault(code, node.place, {"value": shown(node), "bound": limit})
    return _refused(kind, context, node)


def _refused(kind: str, context: Mapping[str, Any], node: Node) -> Fault:
    value = shown(node)
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        return choice_fault("value-not-allowed", node.place, value, _choices(context))
    if kind == "string_pattern_mismatch":
        return Fault("text-pattern", node.place, {"value": value, "pattern": context["pattern"]})
    if kind == "string_too_long":
        return Fault("text-too-long", node.place, {"value": value, "maximum": context["max_length"]})
    if kind in ("string_too_short", "too_short"):
        return Fault("too-few", node.place, {"minimum": context["min_length"], "found": _length(node)})
    if kind == "too_long":
        return Fault("too-many", node.place, {"maximum": context["max_length"], "found": _length(node)})
    return Fault("value-refused", node.place, {"value": value, "rule": kind.replace("_", "-")})


def _choices(context: Mapping[str, Any]) -> list[str]:
    """Return the values pydantic lists as "'a', 'b' or 'c'"."""
    expected = str(context.get("expected", context.get("expected_tags", "")))
    return [part.strip(" '") for part in expected.replace(" or ", ", ").split(",")]


def _length(node: Node) -> int:
    return len(node.text.strip()) if isinstance(node, Scalar) else len(node.nodes)


def _tidy(bound: object) -> object:
    return int(bound) if isinstance(bound, float) and bound.is_integer() else bound


def _wrong_type(code: str, node: Node) -> Fault:
    """Return the fault of a value of the wrong type, naming YAML's surprises where they are the cause."""
    details = {"found": shown(node)}
    if isinstance(node, Scalar) and code in ("not-text", "not-whole-number", "not-number"):
        if node.value is None:
            return Fault("empty-value" if node.text == "" else "yaml-null", node.place, details)
        if isinstance(node.value, bool):
            return Fault("yaml-boolean", node.place, {**details, "value": str(node.value).lower()})
    if isinstance(node, Scalar) and code == "not-text":
        return Fault("text-unquoted", node.place, details)
    if isinstance(node, Scalar) and node.value is None:
        return Fault("empty-value", node.place, details)
    return Fault(code, node.place, details)


def _unknown_key(model: type[BaseModel], spot: _Spot) -> Fault:
    known: list[str] = []
    for candidate in _models_at(model, spot.path[:-1]):
        known += [field.alias or name for name, field in candidate.model_fields.items()]
    return choice_fault("unknown-key", spot.key, str(spot.path[-1]) if spot.path else "", known)


def choice_fault(code: str, place: Place, value: str, allowed: Iterable[str]) -> Fault:
    """Return a fault about a word that is not among those known, the nearest of them first.

    Parameters
    ----------
    code : str
        A fault whose wording has ``{key}``, ``{nearest}`` and ``{allowed}``.
    place : Place
        Where the word stands.
    value : str
        The word.
    allowed : iterable of str
        The words known there; may be none.
    """
    words = list(dict.fromkeys(allowed))
    nearest = difflib.get_close_matches(value.lower(), [word.lower() for word in words], n=1, cutoff=0.0)
    first = next((word for word in words if nearest and word.lower() == nearest[0]), "—")
    listed = ", ".join(words[:20]) + (", …" if len(words) > 20 else "")
    return Fault(code, place, {"key": value, "nearest": first, "allowed": listed or "—"})


def _models_at(annotation: Any, path: Sequence[int | str]) -> Iterator[type[BaseModel]]:
    """Yield the models that may stand at a path below an annotation."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not path:
            yield annotation
        else:
            by_key = {field.alias or name: field for name, field in annotation.model_fields.items()}
            if path[0] in by_key:
                yield from _models_at(by_key[str(path[0])].annotation, path[1:])
    elif origin in (Union, types.UnionType):
        for branch in arguments:
            yield from _models_at(branch, path)
    elif origin is not None and hasattr(annotation, "__metadata__"):
        yield from _models_at(arguments[0], path)
    elif origin is dict and path:
        yield from _models_at(arguments[1], path[1:])
    elif origin in (list, tuple, set, frozenset) and path:
        yield from _models_at(arguments[0], path[1:])
