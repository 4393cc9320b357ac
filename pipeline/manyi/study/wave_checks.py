"""Checks of what ``study.yaml`` says of waves."""

from collections.abc import Iterator

from manyi.study.folder import StudyFolder
from manyi_instruments.faults import Fault, Place


def wave_faults(study: StudyFolder) -> Iterator[Fault]:
    """Yield the faults of waves: none named, one named twice, a role that repeats nothing known."""
    place = Place(str(study.study_file))
    yield from _role_faults(study, place)
    schools = study.definition.schools
    if schools is None or not schools.earlier:
        return
    if schools.wave is None:
        yield Fault("wave-missing", place, {"where": "schools"})
    elif schools.wave in schools.earlier:
        yield Fault("wave-twice", place, {"where": "schools", "wave": schools.wave})
    for table in schools.earlier.values():
        for name in [table] if isinstance(table, str) else table.values():
            if not (study.path / name).is_file():
                yield Fault("schools-not-found", place, {"path": study.path / name})


def _role_faults(study: StudyFolder, place: Place) -> Iterator[Fault]:
    roles = study.definition.roles
    seen = {(name, entry.wave) for name, entry in roles.items() if entry.repeats is None}
    for name, entry in roles.items():
        if entry.repeats is None:
            continue
        where = f"roles.{name}.repeats"
        if entry.repeats not in roles:
            details = {"role": entry.repeats, "where": where, "roles": ", ".join(roles)}
            yield Fault("plan-unknown-role", place, details)
            continue
        if entry.repeats == name or roles[entry.repeats].repeats is not None:
            yield Fault("wave-of-a-wave", place, {"role": name, "other": entry.repeats})
            continue
        for other in (name, entry.repeats):
            if roles[other].wave is None:
                yield Fault("wave-missing", place, {"where": f"roles.{other}"})
        if entry.wave is not None and (entry.repeats, entry.wave) in seen:
            yield Fault("wave-twice", place, {"where": f"roles.{name}", "wave": entry.wave})
        seen.add((entry.repeats, entry.wave))
