"""What a role's instrument consists of: its scales and the ratings outside them."""

from dataclasses import dataclass

from manyi.topics.topic import Subject
from manyi_analysis.records import Moments, PairwiseMoments
from manyi_instruments.definitions.questionnaire import Item, Questionnaire

#: Stands for the items of all scales together.
WHOLE = "all"


@dataclass(frozen=True, slots=True)
class Instrument:
    """The ratings of one questionnaire.

    Parameters
    ----------
    scales : dict
        Scale id -> its keyed items; ``all`` is every scale item where there are two scales or more.
    standalone : tuple of Item
        Ratings outside scales: described item by item.
    """

    scales: dict[str, tuple[str, ...]]
    standalone: tuple[Item, ...]

    @classmethod
    def of(cls, questionnaire: Questionnaire) -> "Instrument":
        """Read the instrument off its definition."""
        scales = {
            scale.id: tuple(item.keyed_name for item in questionnaire.items_of(scale.id))
            for scale in questionnaire.scales
        }
        whole = tuple(name for items in scales.values() for name in items)
        standalone = tuple(
            item
            for item in questionnaire.items
            if item.scale is None and item.type in ("choice", "number") and _rated(questionnaire, item)
        )
        return cls({**scales, WHOLE: whole} if len(scales) > 1 else scales, standalone)

    @property
    def own_scales(self) -> dict[str, tuple[str, ...]]:
        """Return the scales without the whole."""
        return {name: items for name, items in self.scales.items() if name != WHOLE}


def _rated(questionnaire: Questionnaire, item: Item) -> bool:
    answers = questionnaire.answer_list(item)
    return answers is None or answers.ordered


def missing_rule(moments: Moments | PairwiseMoments) -> str:
    """Return the name of the rows that moments rest on."""
    return "listwise" if isinstance(moments, Moments) else "pairwise"


def factor_items(subject: Subject) -> tuple[str, ...]:
    """Return the columns of the planned factor analysis."""
    plan, questionnaire = subject.plan.factors.get(subject.role), subject.questionnaire
    chosen = plan.scales if plan is not None and plan.scales else {scale.id for scale in questionnaire.scales}
    keyed = plan is None or plan.reversed
    return tuple(
        item.keyed_name if keyed else item.id for item in questionnaire.items if item.scale in chosen
    )
