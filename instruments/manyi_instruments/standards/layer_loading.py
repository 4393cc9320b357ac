"""Layers read from YAML, checked against what they lie on, all faults with file, line and column."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from manyi_instruments.definitions.yaml_source import YamlModel, in_file_order, read_yaml_model
from manyi_instruments.faults import DefinitionFaulty, Fault, Severity
from manyi_instruments.standards.checks import check_standard
from manyi_instruments.standards.definition import Indicator, Standard
from manyi_instruments.standards.layers import (
    Change,
    Layer,
    LayeredStandard,
    apply_layer,
    unlayered,
)
from manyi_instruments.standards.loader import load_standard
from manyi_instruments.standards.problems import Problem, problem, unknown
from manyi_instruments.standards.requirements import Requirement, Threshold


def read_layer(source: Path | str, below: LayeredStandard, file_name: str = "") -> YamlModel[Layer]:
    """Read a layer and say everything that is wrong with it, without raising.

    Parameters
    ----------
    source : Path or str
        A YAML file (``Path``), or its text (``str``).
    below : LayeredStandard
        The standard and layers it lies on.
    file_name : str
        Name shown in places; default the path.

    Returns
    -------
    YamlModel
        The layer, or None and all faults with file, line and column. That a layer asks for less than what it
        lies on is a warning: local standards may be stricter, not looser.
    """
    read = read_yaml_model(source, Layer, file_name)
    if read.model is None:
        return read
    found = [
        Fault(told.fault.code, read.place(*told.path), told.fault.details, told.fault.severity)
        for told in check_layer(read.model, below)
    ]
    errors = any(fault.severity == "error" for fault in found)
    faults = in_file_order([*read.faults, *found])
    return YamlModel(read.file, None if errors else read.model, read.root, faults)


def load_layered(
    standard: str | Path, layers: Sequence[str | Path] = (), folder: Path | None = None
) -> LayeredStandard:
    """Return a standard with layers on top, the lowest first.

    Parameters
    ----------
    standard : str or Path
        As for :func:`~manyi_instruments.standards.loader.load_standard`.
    layers : sequence of str or Path
        Paths of the layers' files.
    folder : Path, optional
        Folder that relative paths start from.

    Raises
    ------
    DefinitionFaulty
        With every fault of the first file that has errors.

    Examples
    --------
    >>> load_layered("national-2017").layer_of("R4", "primary")
    'national-2017'
    """
    result = unlayered(load_standard(standard, folder))
    for source in layers:
        read = read_layer(Path(source) if folder is None else folder / source, result)
        if read.model is None:
            raise DefinitionFaulty(fault for fault in read.faults if fault.severity == "error")
        result = apply_layer(result, read.model)
    return result


def check_layer(layer: Layer, below: LayeredStandard) -> tuple[Problem, ...]:
    """Return what is wrong with a layer on top of others, each with the keys that lead to it."""
    if layer.amends != below.layers[-1]:
        told = {"amends": layer.amends, "below": below.layers[-1]}
        return (problem(("amends",), "layer-other-standard", **told),)
    found = list(_changes(layer, below.standard))
    if layer.recognition is not None:
        recognition = below.standard.recognition
        known = recognition.definitions if recognition is not None else {}
        found += unknown(("recognition",), "definition", (layer.recognition,), known)
    for section in ("columns", "facts", "derived", "areas"):
        for name in getattr(layer, section):
            if name in getattr(below.standard, section):
                found.append(problem((section, name), "layer-defined-below", name=name))
    if not found:
        found += _consequences(layer, below)
    return (*found, *(_loosened(layer, below.standard) if not found else ()))


def _changes(layer: Layer, standard: Standard) -> Iterator[Problem]:
    entries = {entry.id: entry for entry in standard.entries}
    yield from (
        told for name in layer.changes for told in unknown(("changes", name), "indicator", (name,), entries)
    )
    for name, at, change in _each(layer):
        path = ("changes", name, at)
        entry = entries.get(name)
        if change.threshold is None and change.formula is None and change.inclusive is None:
            yield problem(path, "layer-change-empty", name=name)
        if isinstance(entry, Requirement):
            if change.bound is not None:
                yield from unknown((*path, "bound"), "bound", (change.bound,), entry.bounds)
            elif len(entry.bounds) > 1:
                yield problem(path, "layer-bound-unnamed", name=name, known=", ".join(entry.bounds))
            if isinstance(change.formula, dict):
                yield problem((*path, "formula"), "layer-change-unfit", name=name, key="formula")
        if isinstance(entry, Indicator):
            if isinstance(change.threshold, str):
                yield problem((*path, "threshold"), "layer-change-unfit", name=name, key="threshold")
            for key in ("bound", "inclusive"):
                if getattr(change, key) is not None:
                    yield problem((*path, key), "layer-change-unfit", name=name, key=key)


def _each(layer: Layer) -> Iterator[tuple[str, int, Change]]:
    for name, changes in layer.changes.items():
        for at, change in enumerate(changes):
            yield name, at, change


def _consequences(layer: Layer, below: LayeredStandard) -> Iterator[Problem]:
    """Yield faults the whole standard has only with the layer on it, at the layer's own keys."""
    merged = apply_layer(below, layer).standard
    known = {str(told) for told in check_standard(below.standard)}
    offsets = {name: len(getattr(below.standard, name)) for name in ("indicators", "requirements")}
    offsets |= {name: len(getattr(below.standard, name)) for name in ("exemptions", "vetoes")}
    for told in check_standard(merged):
        if str(told) in known:
            continue
        section, *rest = told.path
        if section in offsets and rest and isinstance(rest[0], int):
            at = rest[0] - offsets[str(section)]
            if at >= 0:
                yield Problem((section, at, *rest[1:]), told.fault)
                continue
            name = getattr(merged, str(section))[rest[0]].id
            yield Problem(("changes", name, 0, *rest[1:]), told.fault)
        else:
            yield told


def _loosened(layer: Layer, standard: Standard) -> Iterator[Problem]:
    """Yield a warning for each threshold below what the standard asks for."""
    for name, at, change in _each(layer):
        if name in {indicator.id for indicator in standard.indicators}:
            indicator = standard.indicator(name)
            olds = {stage: indicator.threshold_at(stage) for stage in standard.evaluated_stages}
            higher = indicator.direction == "higher"
        else:
            requirement = standard.requirement(name)
            bound = requirement.bounds[change.bound or next(iter(requirement.bounds))]
            stages = requirement.stages or standard.evaluated_stages
            olds = {stage: _number(bound.threshold, stage) for stage in stages}
            higher = bound.direction == "higher"
        for stage, old in olds.items():
            new = _number(change.threshold, stage)
            if old is not None and new is not None and (new < old if higher else new > old):
                details = {"name": name, "stage": stage, "old": old, "new": new}
                severity: Severity = "warning"
                yield Problem(
                    ("changes", name, at, "threshold"),
                    Fault("layer-loosens", details=details, severity=severity),
                )
                break


def _number(threshold: Threshold | None, stage: str) -> float | None:
    value = threshold.get(stage) if isinstance(threshold, dict) else threshold
    return None if isinstance(value, str) else value
