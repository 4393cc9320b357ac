"""YAML composed into nodes that know their line and column, with the surprises of YAML 1.1 named."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from manyi_instruments.definitions.yaml_syntax import control_character, syntax_fault
from manyi_instruments.faults import Fault, Place

_TAG = "tag:yaml.org,2002:"
_OCTAL = re.compile(r"[-+]?0[0-7_]+")
_MOST_NODES = 100_000

Key = str | int
Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: as YAML reads it (``value``) and as it is written (``text``)."""

    place: Place
    value: Plain
    text: str
    quoted: bool = False

    def plain(self) -> object:
        """Return the value as JSON has it."""
        return self.value


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of nodes."""

    place: Place
    nodes: list["Node"] = field(default_factory=list)

    def plain(self) -> object:
        """Return the list as JSON has it."""
        return [node.plain() for node in self.nodes]


@dataclass(frozen=True, slots=True)
class Block:
    """Keys and their nodes, each key with its own place.

    The typed look-ups return None where the key is absent **or** holds something else, so that a check of
    meaning can go on past a fault of form that is reported elsewhere.
    """

    place: Place
    keys: dict[Key, Place] = field(default_factory=dict)
    nodes: dict[Key, "Node"] = field(default_factory=dict)

    def plain(self) -> object:
        """Return the block as JSON has it."""
        return {key: node.plain() for key, node in self.nodes.items()}

    def text(self, key: Key) -> str | None:
        """Return the text under a key."""
        node = self.nodes.get(key)
        return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None

    def whole(self, key: Key) -> int | None:
        """Return the whole number under a key."""
        node = self.nodes.get(key)
        return whole_number(node) if node is not None else None

    def number(self, key: Key) -> float | None:
        """Return the number under a key."""
        node = self.nodes.get(key)
        if not isinstance(node, Scalar) or isinstance(node.value, bool):
            return None
        return float(node.value) if isinstance(node.value, int | float) else None

    def flag(self, key: Key, default: bool = False) -> bool:
        """Return the true/false under a key, the default where there is none."""
        node = self.nodes.get(key)
        return node.value if isinstance(node, Scalar) and isinstance(node.value, bool) else default

    def block(self, key: Key) -> "Block | None":
        """Return the block under a key."""
        node = self.nodes.get(key)
        return node if isinstance(node, Block) else None

    def listing(self, key: Key) -> "Listing | None":
        """Return the list under a key."""
        node = self.nodes.get(key)
        return node if isinstance(node, Listing) else None

    def blocks(self, key: Key) -> "Iterator[Block]":
        """Yield the blocks of the list under a key, leaving out what is no block."""
        listing = self.listing(key)
        yield from (node for node in (listing.nodes if listing else ()) if isinstance(node, Block))

    def place_of(self, key: Key) -> Place:
        """Return where the value under a key stands; the block's own place where the key is absent."""
        node = self.nodes.get(key)
        return node.place if node is not None else self.place


Node = Scalar | Listing | Block


def whole_number(node: Node) -> int | None:
    """Return a node's whole number, None for anything else (true and false are no numbers)."""
    if isinstance(node, Scalar) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    return None


def compose(text: str, file: str) -> tuple[Node | None, tuple[Fault, ...]]:
    """Compose YAML text into nodes.

    Parameters
    ----------
    text : str
        One YAML document.
    file : str
        Name shown in places.

    Returns
    -------
    tuple
        The root node (None where the syntax is broken or nothing is there), and all faults: broken syntax,
        duplicate keys, keys that are no text, octal (``012``) and sexagesimal (``1:30``) numbers, unquoted
        dates, tags. ``yes``/``no`` and nulls become true, false and None: whether that is a fault depends on
        what is wanted at their place.
    """
    fault = control_character(text, file)
    if fault is not None:
        return None, (fault,)
    # PyYAML's C parser is about ten times faster; marks and tags are the same.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        return None, (syntax_fault(error, text, file),)
    finally:
        loader.dispose()
    if root is None:
        return None, (Fault("definition-empty", Place(file, 1, 1)),)
    builder = _Builder(file)
    node = builder.build(root)
    return node, tuple(builder.faults)


class _Builder:
    """Turn PyYAML's nodes into ours, collecting faults."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self._open: set[int] = set()
        self._built = 0

    def build(self, node: yaml.Node) -> Node:
        place = self._place(node)
        self._built += 1
        # An alias inside its own anchor, or anchors nested to multiply, would never end.
        if id(node) in self._open or self._built > _MOST_NODES:
            if id(node) in self._open or self._built == _MOST_NODES + 1:
                self.faults.append(Fault("yaml-endless", place))
            return Scalar(place, None, "")
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, place)
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                self._known_tag(node, place, "seq")
                return Listing(place, [self.build(part) for part in node.value])
            self._known_tag(node, place, "map")
            return self._block(node, place)
        finally:
            self._open.discard(id(node))

    def _place(self, node: yaml.Node) -> Place:
        return Place(self.file, node.start_mark.line + 1, node.start_mark.column + 1)

    def _known_tag(self, node: yaml.Node, place: Place, expected: str) -> None:
        if node.tag != _TAG + expected:
            self.faults.append(Fault("yaml-tag", place, {"tag": node.tag.replace(_TAG, "!!")}))

    def _block(self, node: yaml.Node, place: Place) -> Block:
        block = Block(place)
        merged: list[yaml.Node] = []
        for key_node, value_node in node.value:
            if key_node.tag == _TAG + "merge":
                merged.append(value_node)
                continue
            key = self._key(key_node)
            value = self.build(value_node)
            if key is None:
                continue
            if key in block.keys:
                details = {"key": key, "first": block.keys[key].line}
                self.faults.append(Fault("duplicate-key", self._place(key_node), details))
                continue
            block.keys[key] = self._place(key_node)
            block.nodes[key] = value
        for value_node in merged:
            self._merge(block, value_node)
        return block

    def _merge(self, block: Block, node: yaml.Node) -> None:
        """Add what ``<<: *anchor`` brings, below the block's own keys."""
        source = self.build(node)
        for part in source.nodes if isinstance(source, Listing) else [source]:
            if not isinstance(part, Block):
                self.faults.append(Fault("not-block", part.place, {"found": shown(part)}))
                continue
            for key, value in part.nodes.items():
                block.keys.setdefault(key, part.keys[key])
                block.nodes.setdefault(key, value)

    def _key(self, node: yaml.Node) -> Key | None:
        place = self._place(node)
        if not isinstance(node, yaml.ScalarNode):
            self.faults.append(Fault("key-not-text", place, {"key": "[…]" if node.value else "[]"}))
            return None
        kind = node.tag.removeprefix(_TAG)
        if kind in ("bool", "null", "float", "timestamp"):
            self.faults.append(Fault("key-not-text", place, {"key": node.value or "~"}))
            return None
        value = self._scalar(node, place).value
        return value if isinstance(value, str | int) else None

    def _scalar(self, node: yaml.ScalarNode, place: Place) -> Scalar:
        text: str = node.value
        kind = node.tag.removeprefix(_TAG)
        quoted = bool(node.style)
        value: Plain = text
        if kind == "null":
            value = None
        elif kind == "bool":
            value = text.lower() in ("true", "yes", "on")
        elif kind == "int":
            value = self._whole(text, place)
        elif kind == "float":
            value = self._float(text, place)
        elif kind == "timestamp":
            self.faults.append(Fault("yaml-date", place, {"text": text}))
        elif kind not in ("str", "value", "merge"):
            self.faults.append(Fault("yaml-tag", place, {"tag": node.tag.replace(_TAG, "!!")}))
        return Scalar(place, value, text, quoted)

    def _whole(self, text: str, place: Place) -> Plain:
        if ":" in text:
            self.faults.append(Fault("yaml-sexagesimal", place, {"text": text}))
            return 0
        digits = text.replace("_", "")
        if _OCTAL.fullmatch(text):
            details = {"text": text, "value": int(digits, 8), "decimal": int(digits, 10)}
            self.faults.append(Fault("yaml-octal", place, details))
            return int(digits, 10)
        try:
            return int(digits, 0)
        except ValueError:  # an explicit !!int before something else
            return text

    def _float(self, text: str, place: Place) -> Plain:
        if ":" in text:
            self.faults.append(Fault("yaml-sexagesimal", place, {"text": text}))
            return 0.0
        try:
            return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
        except ValueError:  # an explicit !!float before something else
            return text


def shown(node: Node, limit: int = 40) -> str:
    """Return what stands at a node, short enough for a message."""
    if isinstance(node, Scalar):
        text = node.text if node.text or node.quoted else "~"
    elif isinstance(node, Listing):
        text = (
            "["
            + ", ".join(shown(part, 12) for part in node.nodes[:3])
            + (", …]" if len(node.nodes) > 3 else "]")
        )
    else:
        keys = [str(key) for key in node.nodes]
        text = "{" + ", ".join(f"{key}: …" for key in keys[:3]) + (", …}" if len(keys) > 3 else "}")
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
