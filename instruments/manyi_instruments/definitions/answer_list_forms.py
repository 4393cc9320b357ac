"""The short form of an answer list, ``{values: [1, 2], zh: [否, 是], en: [no, yes]}``, made long."""

import re
from collections.abc import Iterator, Sequence

from manyi_instruments.definitions.model_faults import choice_fault
from manyi_instruments.definitions.yaml_nodes import Block, Key, Listing, Node, Scalar, shown, whole_number
from manyi_instruments.faults import Fault, Place

#: Keys of the short form that are no languages.
SHORT_KEYS = ("values", "ordered", "other", "exclusive")
LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def declared_languages(root: Node) -> tuple[str, ...]:
    """Return the languages the questionnaire says it is in, as far as they can be read."""
    listing = root.listing("languages") if isinstance(root, Block) else None
    nodes = listing.nodes if listing else []
    return tuple(node.value for node in nodes if isinstance(node, Scalar) and isinstance(node.value, str))


def expand_answer_lists(root: Node) -> tuple[Node, tuple[Fault, ...]]:
    """Return the questionnaire's nodes with every short answer list made long, places kept, and the faults.

    A short list has ``values`` and one list of labels a language, as long as ``values``; ``other`` and
    ``exclusive`` list the values that ask for text and that rule the others out.
    """
    lists = root.block("answer_lists") if isinstance(root, Block) else None
    if not isinstance(root, Block) or lists is None:
        return root, ()
    languages = declared_languages(root)
    faults: list[Fault] = []
    nodes: dict[Key, Node] = {}
    for name, node in lists.nodes.items():
        if isinstance(node, Block) and "values" in node.nodes and "answers" not in node.nodes:
            form = _ShortForm(str(name), node, languages)
            nodes[name] = form.long()
            faults += form.faults
        else:
            nodes[name] = node
    expanded = Block(lists.place, dict(lists.keys), nodes)
    return Block(root.place, dict(root.keys), {**root.nodes, "answer_lists": expanded}), tuple(faults)


class _ShortForm:
    """One short answer list on its way to the long form."""

    def __init__(self, name: str, node: Block, languages: Sequence[str]) -> None:
        self.name = name
        self.node = node
        self.languages = languages
        self.faults: list[Fault] = []

    def long(self) -> Block:
        values = self._listing("values")
        labels = {language: self._labels(language, values) for language in self._label_languages()}
        for language in self.languages:
            if language not in self.node.nodes:
                details = {"language": language, "where": self.name}
                self.faults.append(Fault("translation-missing", self.node.place, details))
                labels[language] = [_unwritten(value.place) for value in values]
        marked = {key: self._marked(key, values) for key in ("other", "exclusive")}
        answers = [
            self._answer(value, {language: texts[index] for language, texts in labels.items()}, marked)
            for index, value in enumerate(values)
        ]
        keys: dict[Key, Place] = {"answers": self.node.keys["values"]}
        nodes: dict[Key, Node] = {"answers": Listing(self.node.place_of("values"), list(answers))}
        if "ordered" in self.node.nodes:
            keys["ordered"], nodes["ordered"] = self.node.keys["ordered"], self.node.nodes["ordered"]
        return Block(self.node.place, keys, nodes)

    def _label_languages(self) -> Iterator[str]:
        for key, place in self.node.keys.items():
            if key in SHORT_KEYS:
                continue
            if key in self.languages or (isinstance(key, str) and LANGUAGE_CODE.fullmatch(key)):
                yield str(key)
            else:
                known = (*SHORT_KEYS, *self.languages)
                self.faults.append(choice_fault("unknown-key", place, str(key), known))

    def _listing(self, key: str) -> list[Node]:
        node = self.node.nodes.get(key)
        if node is None:
            return []
        if not isinstance(node, Listing):
            self.faults.append(Fault("not-list", node.place, {"found": shown(node)}))
            return []
        return node.nodes

    def _labels(self, language: str, values: list[Node]) -> list[Node]:
        texts = self._listing(language)
        written = isinstance(self.node.nodes[language], Listing)
        if written and len(texts) != len(values):
            details = {"list": self.name, "language": language, "labels": len(texts), "values": len(values)}
            self.faults.append(Fault("label-count", self.node.place_of(language), details))
        return [texts[i] if i < len(texts) else _unwritten(value.place) for i, value in enumerate(values)]

    def _marked(self, key: str, values: list[Node]) -> set[int]:
        known = {number for value in values if (number := whole_number(value)) is not None}
        marked = set()
        for node in self._listing(key):
            number = whole_number(node)
            if number is None:
                self.faults.append(Fault("not-whole-number", node.place, {"found": shown(node)}))
            elif number not in known:
                details = {"value": number, "list": self.name, "values": ", ".join(map(str, sorted(known)))}
                self.faults.append(Fault("answer-not-in-list", node.place, details))
            else:
                marked.add(number)
        return marked

    def _answer(self, value: Node, label: dict[str, Node], marked: dict[str, set[int]]) -> Block:
        first = next(iter(label.values()), value)
        words = Block(first.place)
        for language, text in label.items():
            words.keys[language], words.nodes[language] = text.place, text
        nodes: dict[Key, Node] = {"value": value, "label": words}
        for key, numbers in marked.items():
            if whole_number(value) in numbers:
                nodes[key] = Scalar(value.place, True, "true")
        return Block(value.place, {key: node.place for key, node in nodes.items()}, nodes)


def _unwritten(place: Place) -> Scalar:
    """Stand in for a label whose absence has been told already."""
    return Scalar(place, "…", "…", quoted=True)
