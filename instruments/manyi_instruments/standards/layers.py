"""Provincial, municipal and county layers on top of a standard, and which layer decided what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, Field

from manyi_instruments.definitions.questionnaire import Definition, Name, Text
from manyi_instruments.standards.definition import Column, Indicator, Rules, Standard
from manyi_instruments.standards.requirements import Exemption, Fact, Requirement, Threshold, Veto
from manyi_instruments.standards.sourced import Code, Sourced


class Change(Sourced):
    """What a layer changes of one indicator, or of one bound of a requirement; the rest stays as it was."""

    bound: Name | None = Field(None, description="Of a requirement with several bounds: which of them.")
    threshold: Threshold | None = Field(None, description="The new threshold; by stage: only those named.")
    formula: str | dict[Name, str] | None = None
    inclusive: bool | None = None


class Layer(Definition):
    """Changes, additions and exemptions on top of a standard or of another layer."""

    layer: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    amends: str = Field(description="Id of the standard or layer below.")
    version: Code = "1"
    title: Text
    sources: dict[str, str] = Field(default_factory=dict)
    columns: dict[Name, Column] = Field(default_factory=dict)
    facts: dict[Name, Fact] = Field(default_factory=dict)
    derived: dict[Name, str] = Field(default_factory=dict)
    areas: dict[Name, Text] = Field(default_factory=dict)
    changes: dict[Name, tuple[Change, ...]] = Field(
        default_factory=dict, description="By the id of the indicator or requirement."
    )
    indicators: tuple[Indicator, ...] = Field((), description="Added to those below.")
    requirements: tuple[Requirement, ...] = Field((), description="Added to those below.")
    exemptions: tuple[Exemption, ...] = ()
    vetoes: tuple[Veto, ...] = ()
    rules: Rules = Field(Rules(), description="Each rule written here stands in the place of the one below.")
    recognition: Name | None = Field(None, description="Which definition of recognition decides here.")
    note: str = ""


@dataclass(frozen=True, slots=True)
class LayeredStandard:
    """A standard with its layers applied.

    Attributes
    ----------
    standard : Standard
        What holds in the end. It keeps the id of the lowest standard.
    layers : tuple of str
        Ids from the lowest, which is the standard itself, to the topmost.
    deciding : Mapping
        What was decided -> id of the layer that decided it. Keys: ``(indicator, stage)`` for thresholds of
        indicators, ``(requirement, bound)`` for bounds, ``("school",)`` and ``("cv",)`` for the rules,
        ``("recognition",)``, ``("exemption", id)`` and ``("veto", id)``.
    """

    standard: Standard
    layers: tuple[str, ...]
    deciding: Mapping[tuple[str, ...], str] = field(default_factory=dict)

    def layer_of(self, *decided: str) -> str:
        """Return the layer that decided something; the standard itself where no layer touched it."""
        return self.deciding.get(decided, self.layers[0])


def unlayered(standard: Standard) -> LayeredStandard:
    """Return a standard without layers."""
    return LayeredStandard(standard, (standard.standard,))


def apply_layer(below: LayeredStandard, layer: Layer) -> LayeredStandard:
    """Return a standard with one more layer.

    Parameters
    ----------
    below : LayeredStandard
        What the layer lies on.
    layer : Layer
        Checked already: what it changes is there (:func:`check_layer`).

    Returns
    -------
    LayeredStandard
        ``below`` is not changed. Sources of the layer are kept under ``layer:key``.
    """
    standard = below.standard
    deciding = dict(below.deciding)
    changed: dict[str, BaseModel] = {}
    for name, changes in layer.changes.items():
        for change in changes:
            entry = changed.get(name) or _entry(standard, name)
            changed[name], decided = _changed(standard, entry, change)
            deciding |= dict.fromkeys(decided, layer.layer)
    deciding |= dict.fromkeys(_added(layer, standard), layer.layer)
    update: dict[str, object] = {
        "sources": {**standard.sources, **layer.sources},
        "columns": {**standard.columns, **layer.columns},
        "facts": {**standard.facts, **layer.facts},
        "derived": {**standard.derived, **layer.derived},
        "areas": {**standard.areas, **layer.areas},
        "indicators": (*(changed.get(row.id, row) for row in standard.indicators), *layer.indicators),
        "requirements": (*(changed.get(row.id, row) for row in standard.requirements), *layer.requirements),
        "exemptions": (*standard.exemptions, *layer.exemptions),
        "vetoes": (*standard.vetoes, *layer.vetoes),
        "rules": standard.rules.model_copy(update=dict(_rules(layer))),
    }
    if layer.recognition is not None and standard.recognition is not None:
        update["recognition"] = standard.recognition.model_copy(update={"use": layer.recognition})
    return LayeredStandard(standard.model_copy(update=update), (*below.layers, layer.layer), deciding)


def _rules(layer: Layer) -> Iterator[tuple[str, BaseModel]]:
    for name in type(layer.rules).model_fields:
        rule = getattr(layer.rules, name)
        if rule is not None:
            yield name, rule


def _entry(standard: Standard, name: str) -> Indicator | Requirement:
    for entry in standard.entries:
        if entry.id == name:
            return entry
    raise KeyError(name)


def _changed(
    standard: Standard, entry: BaseModel, change: Change
) -> tuple[BaseModel, tuple[tuple[str, ...], ...]]:
    """Return an indicator or requirement with a change, and the keys of what was decided."""
    if isinstance(entry, Indicator):
        stages = standard.evaluated_stages
        if isinstance(change.threshold, dict):
            stages = tuple(stage for stage in stages if stage in change.threshold)
        by_stage = {stage: entry.threshold_at(stage) for stage in standard.evaluated_stages}
        update = _update(change, by_stage)
        return entry.model_copy(update=update), tuple((entry.id, stage) for stage in stages)
    if not isinstance(entry, Requirement):
        raise TypeError("a change is of an indicator or of a requirement")
    name = change.bound or next(iter(entry.bounds))
    bound = entry.bounds[name]
    old = bound.threshold if isinstance(bound.threshold, dict) else {}
    update = {key: value for key, value in _update(change, old).items() if key in type(bound).model_fields}
    bounds = {**entry.bounds, name: bound.model_copy(update=update)}
    sources = {"source": (*entry.source, *change.source)}
    return entry.model_copy(update={"bounds": bounds, **sources}), ((entry.id, name),)


def _update(change: Change, old: Mapping[str, float | None]) -> dict[str, object]:
    update: dict[str, object] = {}
    if isinstance(change.threshold, dict):
        kept = {stage: value for stage, value in old.items() if value is not None}
        update["threshold"] = {**kept, **change.threshold}
    elif change.threshold is not None:
        update["threshold"] = change.threshold
    if change.formula is not None:
        update["formula"] = change.formula
    if change.inclusive is not None:
        update["inclusive"] = change.inclusive
    if change.source:
        update["source"] = change.source
    return update


def _added(layer: Layer, standard: Standard) -> Iterator[tuple[str, ...]]:
    for indicator in layer.indicators:
        yield from ((indicator.id, stage) for stage in standard.evaluated_stages)
    for requirement in layer.requirements:
        yield from ((requirement.id, bound) for bound in requirement.bounds)
    yield from ((name,) for name, _ in _rules(layer))
    yield from (("exemption", exemption.id) for exemption in layer.exemptions)
    yield from (("veto", veto.id) for veto in layer.vetoes)
    if layer.recognition is not None:
        yield ("recognition",)
