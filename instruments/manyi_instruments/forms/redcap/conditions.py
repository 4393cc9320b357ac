"""Conditions as REDCap branching logic."""

from collections.abc import Mapping

from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.expressions.tree import EQUALITIES, Name, Number, Operation
from manyi_instruments.forms.conditions import ConditionWriter, Inexpressible, without_exponent
from manyi_instruments.forms.redcap.names import rank_field


class BranchingLogic(ConditionWriter):
    """Writes branching logic; REDCap empties the fields it hides, so they count as not answered.

    There is no ``not``, so opposites are spelled out; values are quoted where they are tested for equality.

    Parameters
    ----------
    questionnaire : Questionnaire
        The items.
    fields : Mapping
        Item -> field name.
    """

    signs: Mapping[str, str] = {"==": "=", "!=": "<>"}
    true, false = "1 = 1", "1 = 0"

    def __init__(self, questionnaire: Questionnaire, fields: Mapping[str, str]) -> None:
        super().__init__(questionnaire)
        self.fields = fields

    def compared(self, node: Operation) -> str:
        """Return a comparison; a field's equality with a number is one with its code."""
        match node:
            case Operation(sign=sign, left=Name(name=name), right=Number(value=value)) if sign in EQUALITIES:
                item = self.item(name)
                if self.is_listed(item):
                    return f"{self.answer(item)} {self.signs[sign]} '{without_exponent(value)}'"
        return super().compared(node)

    def answer(self, item: Item) -> str:
        """Return a field."""
        return f"[{self.fields[item.id]}]"

    def given(self, item: Item, is_so: bool) -> str:
        """Return that a field is filled in, and not with a missing answer."""
        if item.type == "multiple":
            return self._joined([self._ticked(item, value, is_so) for value in self.listed(item)], not is_so)
        if item.type == "ranking":
            sign = "<>" if is_so else "="
            places = range(1, len(self.listed(item)) + 1)
            ranks = [f"[{rank_field(self.fields[item.id], place)}] {sign} ''" for place in places]
            return self._joined(ranks, not is_so)
        sign = "<>" if is_so else "="
        empty = [f"{self.answer(item)} {sign} ''"]
        empty += [f"{self.answer(item)} {sign} '{code}'" for code in self.missing_values(item)]
        return self._joined(empty, is_so)

    def selected(self, item: Item, value: int, is_so: bool) -> str:
        """Return that an answer was chosen."""
        if item.type == "multiple":
            return self._ticked(item, value, is_so)
        return f"{self.answer(item)} {'=' if is_so else '<>'} '{value}'"

    def text(self, value: str) -> str:
        """Return a text; in brackets REDCap would look for a field."""
        if any(sign in value for sign in "[]\\") or ("'" in value and '"' in value):
            raise Inexpressible(value)
        return f'"{value}"' if "'" in value else f"'{value}'"

    def function(self, name: str, arguments: list[str]) -> str:
        """Return a function; which way REDCap rounds numbers below zero is not documented."""
        if name in ("floor", "ceil"):
            raise Inexpressible(name)
        return super().function(name, arguments)

    def _ticked(self, item: Item, value: int, is_so: bool) -> str:
        return f"[{self.fields[item.id]}({value})] = '{int(is_so)}'"

    def _joined(self, parts: list[str], all_: bool) -> str:
        return parts[0] if len(parts) == 1 else f" {'and' if all_ else 'or'} ".join(parts)
