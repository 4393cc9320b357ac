"""Checks of the cleaning plan against the questionnaires, each fault with its line in ``study.yaml``."""

from collections.abc import Iterator
from difflib import get_close_matches

from manyi.study.cleaning_plan import Rules
from manyi.study.definition import Study
from manyi.study.folder import StudyFolder
from manyi_instruments.definitions.questionnaire import Item, Questionnaire
from manyi_instruments.definitions.yaml_source import YamlModel, read_yaml_model
from manyi_instruments.faults import Fault

#: Flags that no rule sets, and the key of ``study.yaml`` that does.
SET_ELSEWHERE = {"before_field": "field_dates", "after_field": "field_dates", "unknown_school": "schools"}


def cleaning_faults(study: StudyFolder) -> Iterator[Fault]:
    """Yield the faults of the cleaning plan: names of pairs, exclusions that nothing flags, rules in vain."""
    definition = study.definition
    source = read_yaml_model(study.study_file, Study)
    yield from _exclusions(definition, source)
    rules = definition.cleaning.rules
    questionnaires = list(study.questionnaires.values())
    if rules.attention_failed is not None and questionnaires and not any(q.attention for q in questionnaires):
        place = source.place("cleaning", "rules", "attention_failed", key=True)
        yield Fault("checks-without-questionnaire", place, severity="warning")
    pairs = rules.reverse_pairs.pairs if rules.reverse_pairs is not None else ()
    for number, pair in enumerate(pairs):
        yield from _pair(pair, number, questionnaires, source)


def _exclusions(definition: Study, source: YamlModel[Study]) -> Iterator[Fault]:
    for number, rule in enumerate(definition.cleaning.exclude):
        needs = SET_ELSEWHERE.get(rule, "rules")
        if not _is_set(rule, definition):
            place = source.place("cleaning", "exclude", number)
            yield Fault("exclude-without-rule", place, {"rule": rule, "needs": needs}, "warning")


def _is_set(rule: str, definition: Study) -> bool:
    if rule in Rules.model_fields:
        return getattr(definition.cleaning.rules, rule) is not None
    if rule == "unknown_school":
        return definition.schools is not None
    dates = definition.field_dates
    return dates is not None and (rule == "before_field" or dates.last is not None)


def _pair(
    pair: tuple[str, str], number: int, questionnaires: list[Questionnaire], source: YamlModel[Study]
) -> Iterator[Fault]:
    """Yield what is wrong with one pair of items."""
    known = {item.id for questionnaire in questionnaires for item in questionnaire.all_items()}
    unknown = False
    for position, name in enumerate(pair):
        if name not in known and questionnaires:
            unknown = True
            close = get_close_matches(name, known, n=3)
            hint = f" ({', '.join(close)}?)" if close else ""
            place = source.place("cleaning", "rules", "reverse_pairs", "pairs", number, position)
            yield Fault("pair-item-unknown", place, {"item": name, "hint": hint})
    if not unknown and questionnaires and not any(_comparable(pair, q) for q in questionnaires):
        place = source.place("cleaning", "rules", "reverse_pairs", "pairs", number)
        yield Fault("pair-not-comparable", place, {"a": pair[0], "b": pair[1]})


def _comparable(pair: tuple[str, str], questionnaire: Questionnaire) -> bool:
    items: dict[str, Item] = {item.id: item for item in questionnaire.all_items()}
    if pair[0] == pair[1] or not all(name in items for name in pair):
        return False
    return all(
        items[name].type in ("choice", "number") and questionnaire.bounds(items[name]) is not None
        for name in pair
    )
