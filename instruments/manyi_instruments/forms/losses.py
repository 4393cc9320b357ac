"""What a platform cannot express, gathered question by question and reported once a kind."""

from manyi_instruments.definitions.questionnaire import Question, Questionnaire
from manyi_instruments.definitions.routing import Rule
from manyi_instruments.expressions.definite import ALWAYS, NEVER
from manyi_instruments.expressions.tree import Node
from manyi_instruments.faults import Fault, Place
from manyi_instruments.forms.conditions import ConditionWriter, Inexpressible

#: Questions named in one warning; it tells how many more there are.
NAMED = 12


class Losses:
    """Faults in the making.

    Parameters
    ----------
    questionnaire : Questionnaire
        What the form is made of.
    platform : str
        Name of the platform as messages say it.
    """

    def __init__(self, questionnaire: Questionnaire, platform: str) -> None:
        self.questionnaire = questionnaire
        self.platform = platform
        self._items: dict[str, dict[str, None]] = {}

    def note(self, code: str, item: str) -> None:
        """Note that a question loses what the fault of that code tells."""
        self._items.setdefault(code, {})[item] = None

    def faults(self) -> tuple[Fault, ...]:
        """Return a warning a code, with the questions it concerns."""
        place = Place(file=self.questionnaire.questionnaire)
        return tuple(
            Fault(code, place, {"platform": self.platform, "items": _named(list(items))}, "warning")
            for code, items in self._items.items()
        )

    def asked(self, writer: ConditionWriter, rule: Rule) -> str | None:
        """Return when a question is asked; None where that is always, or cannot be said."""
        return self._written(writer, rule.question, rule.asked, ALWAYS, "form-conditions-not-expressed")

    def refused(self, writer: ConditionWriter, rule: Rule) -> str | None:
        """Return when an answer is refused; None where that is never, or cannot be said."""
        return self._written(writer, rule.question, rule.refused, NEVER, "form-constraints-not-expressed")

    def keys(self, question: Question) -> None:
        """Note the psychometric keys of a question, for platforms that have no room for them."""
        if getattr(question, "scale", None) is not None or hasattr(question, "expected"):
            self.note("form-keys-not-carried", question.id)

    def _written(
        self, writer: ConditionWriter, question: str, node: Node, idle: Node, code: str
    ) -> str | None:
        if node == idle:
            return None
        try:
            return writer.condition(node)
        except Inexpressible:
            self.note(code, question)
            return None


def _named(items: list[str]) -> str:
    shown = ", ".join(items[:NAMED])
    return shown if len(items) <= NAMED else f"{shown} … ({len(items)})"
