"""What can be compared and correlated: a role's scales, questions and parts of questions, by kind."""

from collections.abc import Iterable
from dataclasses import dataclass

from manyi.topics.topic import Subject
from manyi_analysis.difference_rule import Kind
from manyi_instruments.definitions.questionnaire import Item, Questionnaire


@dataclass(frozen=True, slots=True)
class Measure:
    """A variable of one role.

    Parameters
    ----------
    name : str
        As the plan names it.
    column : str
        Its column in scored answers: of a reverse-keyed item the recoded one, so that higher is more.
    kind : {"scale", "ordinal", "nominal"}
        Scores and numbers; single questions with ordered answers, and ranks; answers without an order, and
        those of which there are two.
    scale : str
        The scale it is an item of; empty where it is in none.
    two : bool
        There are two answers: their codes serve as numbers, with or without an order.
    """

    name: str
    column: str
    kind: Kind
    scale: str = ""
    two: bool = False

    @property
    def named(self) -> bool:
        """Return whether its codes are names: neither ordered nor two."""
        return self.kind == "nominal" and not self.two


def measure(questionnaire: Questionnaire, name: str) -> Measure | None:
    """Return the measure of that name, None where the questionnaire has none."""
    if name in {scale.id for scale in questionnaire.scales}:
        return Measure(name, name, "scale")
    if name == "seconds":
        return Measure(name, name, "scale")
    for item in questionnaire.all_items():
        if item.type in ("text", "code"):
            continue
        answers = questionnaire.answer_list(item)
        if item.type in ("multiple", "ranking"):
            parts = {f"{item.id}__{value}" for value in answers.values} if answers is not None else set()
            if name in parts:
                of_two = item.type == "multiple"
                return Measure(name, name, "nominal" if of_two else "ordinal", two=of_two)
        elif name in (item.id, item.keyed_name):
            two = answers is not None and len(answers.values) == 2
            return Measure(name, item.keyed_name, _kind(questionnaire, item), item.scale or "", two)
    return None


def _kind(questionnaire: Questionnaire, item: Item) -> Kind:
    answers = questionnaire.answer_list(item)
    if answers is None:
        return "scale"
    return "ordinal" if answers.ordered and len(answers.values) > 2 else "nominal"


def measures(subject: Subject, names: Iterable[str]) -> tuple[Measure, ...]:
    """Return the measures named that the answers have, each once."""
    found = (measure(subject.questionnaire, name) for name in dict.fromkeys(names))
    return tuple(each for each in found if each is not None and each.column in subject.columns)


def reported(subject: Subject) -> tuple[str, ...]:
    """Return what is reported of a role unless the plan says more: satisfaction measures, then scales."""
    scales = tuple(scale.id for scale in subject.questionnaire.scales)
    return tuple(dict.fromkeys((*subject.plan.satisfaction.get(subject.role, ()), *scales)))
