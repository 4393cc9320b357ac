"""Checks of what a study lays on its standard: local layers, facts of the county, tables of transfers."""

import re
from collections.abc import Iterator
from pathlib import Path

from manyi.study.folder import StudyFolder
from manyi_instruments.faults import DefinitionFaulty, Fault, ManyiError, Place
from manyi_instruments.standards import LayeredStandard, apply_layer, load_standard, read_layer, unlayered
from manyi_instruments.standards.loader import bundled_standards

_KEY = re.compile(rb"^(standard|layer)\s*:\s*[\"']?([\w-]+)", re.MULTILINE)
_AMENDS = re.compile(rb"^amends\s*:\s*[\"']?([\w-]+)", re.MULTILINE)


def definition_key(file: Path) -> tuple[str, str]:
    """Return whether a file defines a standard or a layer, and its id; two empty texts for anything else."""
    found = _KEY.search(file.read_bytes()) if file.is_file() else None
    return (found[1].decode(), found[2].decode()) if found else ("", "")


def layer_faults(file: Path) -> tuple[Fault, ...]:
    """Return every fault of a layer's file, held against what it amends.

    That is a bundled standard, or a standard or layer in the same folder.
    """
    amended = _AMENDS.search(file.read_bytes())
    if amended is None:
        # Without it nothing below is known; the shape of the file is told against any standard.
        return read_layer(file, unlayered(load_standard(bundled_standards()[0]))).faults
    name = amended[1].decode()
    try:
        below = _below(name, file.parent, (file,))
    except DefinitionFaulty as error:
        return error.faults
    if below is None:
        details = {"name": name, "known": ", ".join(bundled_standards())}
        return (Fault("layer-below-not-found", Place(str(file)), details),)
    return read_layer(file, below).faults


def _below(name: str, folder: Path, seen: tuple[Path, ...]) -> LayeredStandard | None:
    """Return the standard or layer of an id with all that lies below it; None where there is none."""
    if name in bundled_standards():
        return unlayered(load_standard(name))
    for path in sorted(folder.glob("*.y*ml")):
        kind, found = definition_key(path)
        if found != name or path in seen:
            continue
        if kind == "standard":
            return unlayered(load_standard(path))
        amended = _AMENDS.search(path.read_bytes())
        lower = _below(amended[1].decode(), folder, (*seen, path)) if amended else None
        if lower is not None:
            read = read_layer(path, lower)
            if read.model is None:
                raise DefinitionFaulty(fault for fault in read.faults if fault.severity == "error")
            return apply_layer(lower, read.model)
    return None


def standard_faults(study: StudyFolder, *, tables: bool = True) -> Iterator[Fault]:
    """Yield what is remarkable about a study's layers, and the faults of its facts and transfers.

    Faults of the standard and errors of its layers are told where the standard is loaded.
    """
    schools = study.definition.schools
    if schools is None or schools.standard is None:
        return
    place = Place(str(study.study_file))
    try:
        layered = study.layered
        below = unlayered(load_standard(schools.standard, study.path))
    except ManyiError:
        return
    for name in schools.layers:
        read = read_layer(study.path / name, below)
        yield from (fault for fault in read.faults if fault.severity == "warning")
        if read.model is not None:
            below = apply_layer(below, read.model)
    if layered is None:
        return
    standard = layered.standard
    for stage in schools.files:
        if stage and stage not in standard.stages:
            details = {"name": stage, "known": ", ".join(standard.stages)}
            yield Fault("standard-unknown-stage", place, details)
    for name in schools.units:
        if name not in standard.columns:
            details = {"name": name, "known": ", ".join(standard.columns)}
            yield Fault("standard-unknown-column", place, details)
    transfers = schools.equity.transfers
    if transfers is not None and not (study.path / transfers.table).is_file():
        yield Fault("schools-extra-file-not-found", place, {"path": study.path / transfers.table})
    if tables and schools.facts is not None:
        from manyi.schools.county import facts_given

        try:
            facts_given(study)
        except ManyiError as error:
            yield from error.faults
