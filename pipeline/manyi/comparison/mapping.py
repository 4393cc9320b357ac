"""The mapping file of a comparison: how studies name what they have in common."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import Field

from manyi.study.folder import StudyFolder
from manyi_instruments.definitions.questionnaire import Definition, Name
from manyi_instruments.definitions.yaml_source import YamlModel, read_yaml_model
from manyi_instruments.faults import Fault, StudyFaulty


class StudyMapping(Definition):
    """What one study calls the things of the first study."""

    county: str = Field("", description="Its name in tables; default `schools.county`, else the folder's.")
    roles: dict[Name, Name] = Field(default_factory=dict, description="role of the first -> its role")
    scales: dict[Name, dict[Name, Name]] = Field(
        default_factory=dict, description="role of the first -> scale there -> scale here"
    )
    items: dict[Name, dict[Name, Name]] = Field(
        default_factory=dict, description="role of the first -> item there -> item here"
    )

    def role(self, role: str) -> str:
        """Return what the study calls a role of the first."""
        return self.roles.get(role, role)

    def names(self, role: str) -> dict[str, str]:
        """Return scale or item of the first study -> here, of one role."""
        return {**self.scales.get(role, {}), **self.items.get(role, {})}


class ComparisonMapping(Definition):
    """How studies differ that are compared."""

    studies: dict[str, StudyMapping] = Field(
        default_factory=dict, description="folder's name of a study -> what it calls things"
    )


def read_comparison(path: Path | None, studies: Mapping[str, StudyFolder]) -> ComparisonMapping:
    """Return the mapping of a file, checked against the studies; without a file an empty one.

    Parameters
    ----------
    path : Path or None
    studies : Mapping
        Name -> study, the first being what the others are mapped to.

    Raises
    ------
    StudyFaulty
        With every fault of the file, each with its line.
    """
    if path is None:
        return ComparisonMapping()
    source = read_yaml_model(path, ComparisonMapping)
    faults = list(source.faults)
    if source.model is not None:
        faults += _name_faults(source, source.model, studies)
    errors = [fault for fault in faults if fault.severity == "error"]
    if errors or source.model is None:
        raise StudyFaulty(errors)
    return source.model


def _name_faults(
    source: YamlModel[ComparisonMapping], model: ComparisonMapping, studies: Mapping[str, StudyFolder]
) -> Iterator[Fault]:
    first = next(iter(studies.values()))
    for name, entry in model.studies.items():
        if name not in studies:
            details = {"name": name, "known": ", ".join(studies)}
            yield Fault("compare-mapping-name", source.place("studies", name, key=True), details)
            continue
        at = ("studies", name)
        for there, here in entry.roles.items():
            for key, study, role in ((True, first, there), (False, studies[name], here)):
                known = study.definition.roles
                if role not in known:
                    place = source.place(*at, "roles", there, key=key)
                    yield Fault("compare-mapping-name", place, {"name": role, "known": ", ".join(known)})
        for part in ("scales", "items"):
            for role, names in getattr(entry, part).items():
                for there, here in names.items():
                    pairs = ((True, first, role, there), (False, studies[name], entry.role(role), here))
                    for key, study, of_role, wanted in pairs:
                        known_here = _known(study, of_role, part)
                        if wanted not in known_here:
                            place = source.place(*at, part, role, there, key=key)
                            listed = {"name": wanted, "known": ", ".join(known_here)}
                            yield Fault("compare-mapping-name", place, listed)


def _known(study: StudyFolder, role: str, part: str) -> list[str]:
    questionnaire = study.questionnaires.get(role)
    if questionnaire is None:
        return []
    return [entry.id for entry in (questionnaire.scales if part == "scales" else questionnaire.items)]
