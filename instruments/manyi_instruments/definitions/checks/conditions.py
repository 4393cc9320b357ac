"""Conditions: what they may name, and whether each can hold; sections, which may have conditions too."""

from collections.abc import Iterator
from dataclasses import replace

from manyi_instruments.definitions.checks.draft import Draft, kind_of, name_of
from manyi_instruments.definitions.model_faults import choice_fault
from manyi_instruments.definitions.yaml_nodes import Block, Scalar
from manyi_instruments.expressions import Expression, Kind, Node, parse_expression, undeclared_names
from manyi_instruments.expressions.definite import ALWAYS, NEVER, surely
from manyi_instruments.expressions.functions import SELECTED
from manyi_instruments.expressions.notation import plain_number
from manyi_instruments.expressions.tree import EQUALITIES, Call, Name, Number, Operation, Text, parts_of
from manyi_instruments.faults import DefinitionFaulty, Fault, Place

#: Functions that ask whether there is an answer, and so take items of every type.
PRESENCE = ("missing", "answered")
#: Types whose answers no condition can compare.
INCOMPARABLE = ("multiple", "ranking", "code")


def condition_faults(draft: Draft) -> Iterator[Fault]:
    """Yield the faults of conditions and sections."""
    yield from _sections(draft)
    asked = [name_of(item) for item in draft.questions]
    for number, item in enumerate(draft.questions):
        own = name_of(item)
        yield from _Condition(draft, item, "relevant", asked[:number]).faults()
        constraint = _Condition(draft, item, "constraint", [*asked[:number], own])
        yield from constraint.faults(needed=own)
        if "constraint_message" in item.nodes and "constraint" not in item.nodes:
            yield Fault("constraint-message-alone", item.keys["constraint_message"], {"item": own})


def _sections(draft: Draft) -> Iterator[Fault]:
    asked = [name_of(item) for item in draft.questions]
    before: tuple[int, str] = (-1, "")
    seen: set[str] = set()
    for section in draft.sections:
        name, first = name_of(section), section.text("first")
        if name.lower() in seen:
            yield Fault("section-twice", section.place_of("id"), {"section": name})
        seen.add(name.lower())
        if first is None:
            continue
        if first not in asked:
            yield choice_fault("section-first-unknown", section.place_of("first"), first, asked)
            continue
        number = asked.index(first)
        if number <= before[0]:
            details = {"section": name, "first": first, "before": before[1]}
            yield Fault("section-order", section.place_of("first"), details)
        before = (number, name)
        yield from _Condition(draft, section, "relevant", asked[:number]).faults()


class _Condition:
    """One condition, the item or section it belongs to, and the items asked before that."""

    def __init__(self, draft: Draft, owner: Block, key: str, usable: list[str]) -> None:
        self.draft = draft
        self.owner = owner
        self.key = key
        self.usable = usable
        self.items = {name_of(item): item for item in draft.questions}
        self.text = owner.text(key) or ""

    def faults(self, needed: str = "") -> Iterator[Fault]:
        """Yield what is wrong; ``needed`` is an item that the condition must name."""
        if not self.text:
            return
        try:
            expression = parse_expression(self.text, self.kinds())
        except DefinitionFaulty as error:
            try:
                undeclared = undeclared_names(self.text, self.items)
            except DefinitionFaulty:
                undeclared = ()
            yield from map(self.placed, undeclared or error.faults)
            return
        found = [*self.names(expression), *self.uses(expression)]
        yield from found
        if not found:
            yield from self.sense(expression, needed)

    def kinds(self) -> dict[str, Kind]:
        """Return what each item is to a condition."""
        return {name: "text" if kind_of(item) == "text" else "number" for name, item in self.items.items()}

    def names(self, expression: Expression) -> Iterator[Fault]:
        """Yield a fault for each name that is unknown or asked later."""
        yield from map(self.placed, expression.unknown_columns(self.items))
        for name in expression.column_names():
            if name in self.items and name not in self.usable:
                yield self.fault("condition-later", name=name)

    def uses(self, expression: Expression) -> Iterator[Fault]:
        """Yield a fault for each item whose answers cannot be compared, and each answer there is not."""
        if expression.over_rows:
            yield self.fault("condition-over-rows", functions=", ".join(expression.over_rows))
        yield from self._uses(expression.tree)

    def _uses(self, node: Node) -> Iterator[Fault]:
        match node:
            case Call(function=function, arguments=(Name(name=name), answer)) if function == SELECTED:
                yield from self.chosen(name, answer)
            case Call(function=function, arguments=arguments) if function in PRESENCE:
                yield from (
                    fault for one in arguments if not isinstance(one, Name) for fault in self._uses(one)
                )
            case Name(name=name) if name in self.items and kind_of(self.items[name]) in INCOMPARABLE:
                yield self.fault("condition-incomparable", name=name, type=kind_of(self.items[name]))
            case Operation(sign=sign, left=Name(name=name), right=Number() as answer) if sign in EQUALITIES:
                if name in self.items and kind_of(self.items[name]) == "choice":
                    yield from self.chosen(name, answer)
                else:
                    yield from self._uses(node.left)
            case _:
                for part in parts_of(node):
                    yield from self._uses(part)

    def chosen(self, name: str, answer: Node) -> Iterator[Fault]:
        """Yield a fault where an answer is not in the list of the item."""
        item = self.items.get(name)
        if item is None:
            return
        values = self.draft.values(item.text("answers"))
        if kind_of(item) not in ("choice", "multiple"):
            yield self.fault("condition-not-chosen", name=name, type=kind_of(item))
        elif values and (not isinstance(answer, Number) or answer.value not in values):
            listed = ", ".join(map(str, values))
            yield self.fault("condition-answer-unknown", name=name, answer=_said(answer), values=listed)

    def sense(self, expression: Expression, needed: str) -> Iterator[Fault]:
        """Yield a fault where a condition is none, names nothing, or says nothing of what it must."""
        if expression.kind != "truth":
            yield self.fault("formula-not-truth")
        elif not expression.column_names():
            yield self.fault("condition-names-nothing")
        elif needed and needed not in expression.column_names():
            yield self.fault("constraint-without-item", item=needed)
        elif surely(expression.tree) in (ALWAYS, NEVER):
            yield self.fault("condition-constant")

    def fault(self, code: str, **details: object) -> Fault:
        """Return a fault of this condition."""
        about = {"formula": self.text, "where": name_of(self.owner), "key": self.key}
        return Fault(code, self.owner.place_of(self.key), {**about, **details})

    def placed(self, fault: Fault) -> Fault:
        """Return a fault of the expression at its place in the file."""
        node = self.owner.nodes.get(self.key)
        place = self.owner.place_of(self.key)
        if isinstance(node, Scalar) and node.text == node.value and place.column and fault.place.line == 1:
            column = place.column + int(node.quoted) + (fault.place.column or 1) - 1
            place = Place(file=place.file, line=place.line, column=column)
        return replace(fault, place=place)


def _said(answer: Node) -> str:
    if isinstance(answer, Number):
        return plain_number(answer.value)
    return answer.value if isinstance(answer, Text) else ""
