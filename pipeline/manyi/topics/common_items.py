"""Which items two roles share: named in the plan, or the same scale, wording and answers."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, takewhile

from manyi.study.confirmatory_plan import Compare
from manyi_instruments.definitions.questionnaire import Item, Questionnaire, Text

#: Items of a scale from which one factor can be tested: with fewer the model is not identified.
FEWEST = 3


@dataclass(frozen=True, slots=True)
class CommonScale:
    """Items of one scale that two roles share.

    Parameters
    ----------
    roles : tuple of str
    scale : str
        As the first role's questionnaire calls it.
    items : dict
        Common name -> the item of each role.
    """

    roles: tuple[str, str]
    scale: str
    items: dict[str, tuple[Item, Item]]

    @property
    def role(self) -> str:
        """Return what stands in the column ``role``."""
        return "+".join(self.roles)

    def columns(self, position: int) -> tuple[str, ...]:
        """Return the keyed columns of one role's items."""
        return tuple(pair[position].keyed_name for pair in self.items.values())


def common_scales(questionnaires: Mapping[str, Questionnaire], plan: Compare) -> Iterator[CommonScale]:
    """Yield what every two roles share, scale by scale.

    Without items in the plan two items are the same if their scales have one id, their ids or wordings agree
    in every language that both have, and so do their answers, values and labels; scales that share fewer than
    three are left alone. Items that the plan names are taken at its word.

    Parameters
    ----------
    questionnaires : Mapping
        Role -> questionnaire.
    plan : Compare
    """
    roles = [role for role in plan.roles or tuple(questionnaires) if role in questionnaires]
    for a, b in combinations(dict.fromkeys(roles), 2):
        pair = (questionnaires[a], questionnaires[b])
        named = list(_named(plan, (a, b), pair)) if plan.items else list(_same(*pair))
        for scale in dict.fromkeys(first.scale for _, first, _ in named):
            items = {name: (first, second) for name, first, second in named if first.scale == scale}
            if scale is not None and (plan.items or len(items) >= FEWEST):
                yield CommonScale((a, b), scale, items)


def _named(
    plan: Compare, roles: tuple[str, str], pair: tuple[Questionnaire, Questionnaire]
) -> Iterator[tuple[str, Item, Item]]:
    for name, of_roles in plan.items.items():
        if set(roles) <= set(of_roles):
            known = [{item.id: item for item in one.items} for one in pair]
            items = [one.get(of_roles[role]) for one, role in zip(known, roles, strict=True)]
            if items[0] is not None and items[1] is not None:
                yield name, items[0], items[1]


def _same(first: Questionnaire, second: Questionnaire) -> Iterator[tuple[str, Item, Item]]:
    """Yield the items that agree; one that would agree with several is nobody's."""
    found: list[tuple[Item, Item]] = []
    for scale in first.scales:
        if scale.id not in {other.id for other in second.scales}:
            continue
        for item in first.items_of(scale.id):
            alike = [other for other in second.items_of(scale.id) if _agree(first, item, second, other)]
            if len(alike) == 1:
                found.append((item, alike[0]))
    twice = [other.id for _, other in found]
    pairs = [(item, other) for item, other in found if twice.count(other.id) == 1]
    names = _names(pairs)
    yield from ((name, item, other) for name, (item, other) in zip(names, pairs, strict=True))


def _agree(first: Questionnaire, item: Item, second: Questionnaire, other: Item) -> bool:
    if item.reverse != other.reverse or item.type != other.type:
        return False
    if item.id != other.id and not _alike(item.text, other.text):
        return False
    answers, others = first.answer_list(item), second.answer_list(other)
    if answers is None or others is None:
        return answers is others and (item.minimum, item.maximum) == (other.minimum, other.maximum)
    return answers.values == others.values and all(
        _alike(a.label, b.label) for a, b in zip(answers.answers, others.answers, strict=True)
    )


def _alike(text: Text, other: Text) -> bool:
    """Return whether two texts agree in every language both have, but for blanks and letter case."""
    shared = text.keys() & other.keys()
    return bool(shared) and all(_plain(text[key]) == _plain(other[key]) for key in shared)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text).casefold()


def _names(pairs: Iterable[tuple[Item, Item]]) -> list[str]:
    """Return the name of each pair: what its ids end with after an underscore, else the first one's id.

    >>> items = [Item(id=name, text={"en": name}) for name in ("P_SAT1", "T_SAT1")]
    >>> _names([(items[0], items[1])])
    ['SAT1']
    """
    given = [(item.id, other.id) for item, other in pairs]
    endings = [a if a == b else _shared_ending(a, b).partition("_")[2] for a, b in given]
    sound = all(endings) and len(set(endings)) == len(endings)
    return endings if sound else [a for a, _ in given]


def _shared_ending(a: str, b: str) -> str:
    pairs = takewhile(lambda letters: letters[0] == letters[1], zip(reversed(a), reversed(b), strict=False))
    return "".join(letter for letter, _ in pairs)[::-1]
