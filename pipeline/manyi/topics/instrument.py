"""What a role's instrument consists of: its scales and the ratings outside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from manyi.topics.topic import Subject
from manyi_analysis.records import Moments, NotComputed, PairwiseMoments
from manyi_instruments.definitions.questionnaire import Item, Questionnaire

#: Stands for the items of all scales together.
WHOLE = "all"
#: Answers on a list beyond which polychoric correlations are not asked for: tables of two such items are
#: mostly empty, and the answers near enough to numbers.
MOST_ORDERED = 10


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


def not_ordinal(questionnaire: Questionnaire, columns: Sequence[str]) -> NotComputed | None:
    """Return why polychoric correlations of items, keyed or not, make no sense; None where they do.

    Known from the definition, before any answer is read: numbers and long lists are no ordered categories.
    """
    items = {name: item for item in questionnaire.items for name in (item.id, item.keyed_name)}
    many = tuple(
        name
        for name in columns
        if (answers := questionnaire.answer_list(items[name])) is None or len(answers.values) > MOST_ORDERED
    )
    if not many:
        return None
    return NotComputed("polychoric", "many-categories", {"items": many, "most": MOST_ORDERED})


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


def rated_column(questionnaire: Questionnaire, name: str) -> str:
    """Return the column in which more of a scale, or of a rating under its own id, is more; else nothing."""
    if name in {scale.id for scale in questionnaire.scales}:
        return name
    rated = {item.id: item for item in questionnaire.all_items() if item.type in ("choice", "number")}
    return rated[name].keyed_name if name in rated and _rated(questionnaire, rated[name]) else ""
