"""Conditions in LimeSurvey's ExpressionScript."""

from collections.abc import Mapping

from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.forms.conditions import ConditionWriter, Inexpressible
from manyi_instruments.forms.layout import answers_of
from manyi_instruments.forms.limesurvey.codes import OTHER_COLUMN, answer_codes


class ExpressionScript(ConditionWriter):
    """Writes expressions for relevance and validation.

    The answer of a question that is not relevant is empty to other questions, as it is here; ``.NAOK`` lets
    an expression go on where an answer is empty.

    Parameters
    ----------
    questionnaire : Questionnaire
        The items.
    variables : Mapping
        Item -> variable: its code, behind that of its array where it is a row.
    """

    true, false = "1", "0"

    def __init__(self, questionnaire: Questionnaire, variables: Mapping[str, str]) -> None:
        super().__init__(questionnaire)
        self.variables = variables

    def answer(self, item: Item) -> str:
        """Return the stored value of an item: of a list, by what each of its codes stands for."""
        name = self._named(item)
        if not self.is_listed(item):
            return name
        codes = answer_codes(item, self.questionnaire)
        found = name
        for value in self.listed(item):
            if codes[value] != str(value):
                found = f'if({name} == "{codes[value]}", {value}, {found})'
        return found

    def given(self, item: Item, is_so: bool) -> str:
        """Return that an item has an answer, and that this is no missing one."""
        if item.type in ("multiple", "ranking"):
            columns = self._columns(item)
            any_ = " or ".join(f"!is_empty({column})" for column in columns)
            return any_ if is_so else f"!({any_})"
        name = self._named(item)
        parts = [f"!is_empty({name})"]
        for code in self.missing_values(item):
            stored = f'"{answer_codes(item, self.questionnaire)[code]}"' if self.is_listed(item) else code
            parts.append(f"{name} != {stored}")
        said = " and ".join(parts)
        return said if is_so else f"!({said})"

    def selected(self, item: Item, value: int, is_so: bool) -> str:
        """Return that an answer was chosen."""
        code = answer_codes(item, self.questionnaire)[value]
        if item.type != "multiple":
            said = f'{self._named(item)} == "{code}"'
        elif code == OTHER_COLUMN:
            said = f"!is_empty({self._named(item, OTHER_COLUMN)})"
        else:
            said = f'{self._named(item, code)} == "Y"'
        return said if is_so else f"!({said})"

    def text(self, value: str) -> str:
        """Return a text; LimeSurvey has no sign that takes the meaning from a quotation mark."""
        if '"' in value or "\\" in value or "{" in value or "}" in value:
            raise Inexpressible(value)
        return f'"{value}"'

    def _named(self, item: Item, part: str | int = "") -> str:
        tail = f"_{part}" if part != "" else ""
        return f"{self.variables[item.id]}{tail}.NAOK"

    def _columns(self, item: Item) -> list[str]:
        if item.type == "ranking":
            places = range(1, len(answers_of(item, self.questionnaire).answers) + 1)
            return [self._named(item, place) for place in places]
        codes = answer_codes(item, self.questionnaire)
        return [self._named(item, codes[value]) for value in self.listed(item)]
