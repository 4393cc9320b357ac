"""Conditions as SurveyJS expressions."""

from collections.abc import Mapping

from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.definitions.routing import Rule
from manyi_instruments.expressions.definite import ALWAYS
from manyi_instruments.forms.conditions import ConditionWriter, Inexpressible

#: Longer expressions, made of long chains of questions that depend on one another, are not written.
LONGEST = 20_000


class SurveyJsConditions(ConditionWriter):
    """Writes expressions for ``visibleIf`` and validators.

    SurveyJS keeps the answers of questions that a jump left out until they are cleared, in an order of its
    own, so an answer counts here only where its question is asked: its own condition is said again.

    Parameters
    ----------
    questionnaire : Questionnaire
        The items.
    rules : Mapping
        When each is asked.
    matrix_of : Mapping
        Item -> name of the matrix it is a row of.
    """

    signs: Mapping[str, str] = {"==": "=", "!=": "<>"}

    def __init__(
        self, questionnaire: Questionnaire, rules: Mapping[str, Rule], matrix_of: Mapping[str, str]
    ) -> None:
        super().__init__(questionnaire)
        self.rules = rules
        self.matrix_of = matrix_of
        self.compares_text = False
        self._asked: dict[str, str] = {}

    def answer(self, item: Item) -> str:
        """Return the variable of an item."""
        matrix = self.matrix_of.get(item.id)
        return f"{{{matrix}.{item.id}}}" if matrix else f"{{{item.id}}}"

    def given(self, item: Item, is_so: bool) -> str:
        """Return that an item is asked, has an answer, and that this is no missing one."""
        name = self.answer(item)
        parts = [*self._when_asked(item), f"{name} notempty"]
        for code in self.missing_values(item):
            parts.append(f"{name} notcontains {code}" if item.type == "multiple" else f"{name} <> {code}")
        said = parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)
        return said if is_so else f"!({said})"

    def selected(self, item: Item, value: int, is_so: bool) -> str:
        """Return that an item is asked and holds an answer."""
        sign = "contains" if item.type == "multiple" else "="
        parts = [*self._when_asked(item), f"{self.answer(item)} {sign} {value}"]
        said = parts[0] if len(parts) == 1 else " and ".join(f"({part})" for part in parts)
        return said if is_so else f"!({said})"

    def text(self, value: str) -> str:
        """Return a text; SurveyJS compares texts without case."""
        if "\\" in value:
            raise Inexpressible(value)
        self.compares_text = True
        return "'" + value.replace("'", "\\'") + "'"

    def chosen(self, condition: str, yes: str, no: str) -> str:
        """Return one of two values."""
        return f"iif({condition}, {yes}, {no})"

    def function(self, name: str, arguments: list[str]) -> str:
        """Return a function; whole numbers by ``trunc``, which cuts towards zero."""
        if name == "abs":
            return f"max({arguments[0]}, 0 - {arguments[0]})"
        if name in ("floor", "ceil"):
            exact = f"round({arguments[0]}, 9)"
            cut = f"trunc({exact}, 0)"
            sign, step = (">", "- 1") if name == "floor" else ("<", "+ 1")
            return f"iif({cut} {sign} {exact}, {cut} {step}, {cut})"
        return super().function(name, arguments)

    def _when_asked(self, item: Item) -> list[str]:
        rule = self.rules[item.id]
        if rule.asked == ALWAYS:
            return []
        if item.id not in self._asked:
            self._asked[item.id] = self.condition(rule.asked)
        if len(self._asked[item.id]) > LONGEST:
            raise Inexpressible(item.id)
        return [self._asked[item.id]]
