"""A questionnaire as far as it can be read from its nodes, however faulty they are."""

from collections.abc import Iterator
from functools import cached_property

from manyi_instruments.definitions.answer_list_forms import declared_languages
from manyi_instruments.definitions.yaml_nodes import Block
from manyi_instruments.faults import Place


class Draft:
    """Blocks of a questionnaire by what they are.

    Parameters
    ----------
    root : Block
        The questionnaire's nodes, answer lists in the long form.
    """

    def __init__(self, root: Block) -> None:
        self.root = root
        self.languages = declared_languages(root)
        self.demographics = tuple(root.blocks("demographics"))
        self.items = tuple(root.blocks("items"))
        self.attention = tuple(root.blocks("attention"))
        self.scales = tuple(root.blocks("scales"))
        self.sections = tuple(root.blocks("sections"))

    @property
    def questions(self) -> tuple[Block, ...]:
        """Return demographics and items, without attention checks."""
        return self.demographics + self.items

    @cached_property
    def lists(self) -> dict[str, Block]:
        """Return the answer lists that are blocks, by name."""
        lists = self.root.block("answer_lists")
        nodes = lists.nodes if lists else {}
        return {str(name): node for name, node in nodes.items() if isinstance(node, Block)}

    @cached_property
    def list_names(self) -> tuple[str, ...]:
        """Return every name that stands under ``answer_lists``, also of lists that are malformed."""
        lists = self.root.block("answer_lists")
        return tuple(str(name) for name in lists.nodes) if lists else ()

    def values(self, name: str | None) -> tuple[int, ...]:
        """Return the values of an answer list that are whole numbers; none if the list cannot be read."""
        block = self.lists.get(name or "")
        found = (answer.whole("value") for answer in block.blocks("answers")) if block else ()
        return tuple(value for value in found if value is not None)

    def ordered(self, name: str | None) -> bool:
        """Say whether an answer list is ordered (the default)."""
        block = self.lists.get(name or "")
        return block.flag("ordered", True) if block else True

    def has_other(self, name: str | None) -> bool:
        """Say whether an answer of the list asks for text beside it."""
        block = self.lists.get(name or "")
        return any(answer.flag("other") for answer in block.blocks("answers")) if block else False

    def ids(self) -> Iterator[tuple[str, Place]]:
        """Yield every id of items, demographics, attention checks and scales with its place, in order."""
        blocks = [*self.demographics, *self.items, *self.attention, *self.scales]
        found = [(name, block.place_of("id")) for block in blocks if (name := block.text("id")) is not None]
        yield from sorted(found, key=lambda pair: (pair[1].line or 0, pair[1].column or 0))

    def members(self, scale: str) -> tuple[Block, ...]:
        """Return the items that name a scale."""
        return tuple(item for item in self.items if item.text("scale") == scale)


def kind_of(item: Block) -> str:
    """Return an item's type, ``choice`` where none is written."""
    return item.text("type") or "choice"


def name_of(block: Block) -> str:
    """Return a block's id for a message, a dash where it has none."""
    return block.text("id") or "—"
