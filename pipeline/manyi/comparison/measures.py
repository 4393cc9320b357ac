"""What of each role is compared: which measure of which study is which, and why some are not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from manyi.comparison.instrument import Relation, instrument_hash, likeness
from manyi.comparison.mapping import ComparisonMapping, StudyMapping
from manyi.stages.work import clean_folder
from manyi.study.folder import StudyFolder
from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault, Place


@dataclass(frozen=True, slots=True)
class Member:
    """One study's part in the comparison of a role.

    Parameters
    ----------
    study, role : str
        The study, and what it calls the role.
    sha256 : str
        Of its instrument; empty where it has none.
    relation : str
        To the first study's instrument.
    measures : Mapping
        Measure of the first study -> measure here.
    remarks : Mapping
        Measure of the first study -> what is to be known of it, or why it is left out (``code: details``).
    reason : str
        Why the study takes no part.
    """

    study: str
    role: str
    sha256: str
    relation: Relation
    measures: Mapping[str, str] = field(default_factory=dict)
    remarks: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ComparedRole:
    """A role as the first study names it, its measures, and who takes part."""

    role: str
    questionnaire: Questionnaire
    measures: tuple[str, ...]
    members: tuple[Member, ...]

    @property
    def taking_part(self) -> tuple[Member, ...]:
        """Return the members that have a measure to compare."""
        return tuple(member for member in self.members if member.measures)


def compared_roles(
    studies: Mapping[str, StudyFolder], mapping: ComparisonMapping
) -> tuple[list[ComparedRole], list[Fault]]:
    """Return the roles of the first study that have answers, and a fault for each that cannot be compared.

    Parameters
    ----------
    studies : Mapping
        Name -> study.
    mapping : ComparisonMapping
        Where the instruments of a role differ, only what it names is compared.
    """
    first = next(iter(studies.values()))
    roles, faults = [], []
    for role, questionnaire in first.questionnaires.items():
        plan = first.definition.analysis
        measures = plan.satisfaction.get(role, tuple(scale.id for scale in questionnaire.scales))
        if not measures or not clean_folder(first, role).is_dir():
            continue
        asked = tuple(dict.fromkeys(measures))
        members = []
        for name, study in studies.items():
            member, found = _member(name, study, role, questionnaire, asked, mapping)
            members.append(member)
            faults += found
        roles.append(ComparedRole(role, questionnaire, asked, tuple(members)))
    if not any(len(role.taking_part) > 1 for role in roles):
        details = {"roles": ", ".join(first.definition.roles)}
        faults.append(Fault("compare-nothing-common", Place(str(first.study_file)), details))
    return roles, faults


def _member(
    name: str,
    study: StudyFolder,
    role: str,
    questionnaire: Questionnaire,
    asked: Sequence[str],
    mapping: ComparisonMapping,
) -> tuple[Member, list[Fault]]:
    entry = mapping.studies.get(name, StudyMapping())
    own_role = entry.role(role)
    own = study.questionnaires.get(own_role)
    if own is None or not clean_folder(study, own_role).is_dir():
        absent = "compare-role-absent"
        fault = Fault(absent, Place(str(study.study_file)), {"role": own_role, "study": name}, "warning")
        return Member(name, own_role, "", "absent", reason=_told(absent, role=own_role, study=name)), [fault]
    digest, found = instrument_hash(own), likeness(questionnaire, own)
    if found.relation == "same":
        return Member(name, own_role, digest, "same", {one: one for one in asked}), []
    if found.relation == "translated":
        languages = {"languages": "/".join(own.languages), "other": "/".join(questionnaire.languages)}
        remark = _told("compare-other-language", **languages)
        remarks = dict.fromkeys(asked, remark)
        place = Place(str(study.questionnaire_file(own_role)))
        fault = Fault("compare-other-language", place, languages, "warning")
        same = {one: one for one in asked}
        return Member(name, own_role, digest, "translated", same, remarks), [fault]
    names = entry.names(role)
    if not names:
        details = {"role": own_role, "study": name, "items": ", ".join(found.items)}
        fault = Fault("compare-instruments-differ", Place(str(study.questionnaire_file(own_role))), details)
        reason = _told("compare-instruments-differ", role=own_role, study=name, items=" ".join(found.items))
        return Member(name, own_role, digest, "differs", reason=reason), [fault]
    measures, remarks = _mapped(questionnaire, own, asked, names)
    return Member(name, own_role, digest, "mapped", measures, remarks), []


def _mapped(
    questionnaire: Questionnaire, own: Questionnaire, asked: Sequence[str], names: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the measures that a mapping names and that run over the same answers, and the remarks."""
    from manyi_instruments.scoring import score_bounds

    measures, remarks = {}, {}
    scales = {scale.id for scale in questionnaire.scales}
    for measure in asked:
        here = names.get(measure)
        if here is None:
            remarks[measure] = _told("compare-not-mapped", measure=measure)
            continue
        parts = items_of(questionnaire, measure), items_of(own, here)
        bounds = [score_bounds(questionnaire, measure), score_bounds(own, here)]
        means = [
            None if pair is None else tuple(value / divisor(asked_by, one) for value in pair)
            for pair, asked_by, one in zip(bounds, (questionnaire, own), (measure, here), strict=True)
        ]
        if None in means or means[0] != means[1]:
            remarks[measure] = _told("compare-ranges-differ", measure=measure, other=here)
            continue
        measures[measure] = here
        if measure in scales:
            expected = {names.get(item, item) for item in parts[0]}
            unlike = sorted(expected ^ set(parts[1]))
            if unlike:
                remarks[measure] = _told("compare-scale-items", measure=measure, items=" ".join(unlike))
    return measures, remarks


def items_of(questionnaire: Questionnaire, measure: str) -> tuple[str, ...]:
    """Return the items of a scale, or the item itself."""
    if measure in {scale.id for scale in questionnaire.scales}:
        return tuple(item.id for item in questionnaire.items_of(measure))
    return (measure,)


def divisor(questionnaire: Questionnaire, measure: str) -> int:
    """Return what a measure's column is divided by to be a mean: the items of a scale that is a sum, or 1."""
    sums = {scale.id for scale in questionnaire.scales if scale.score == "sum"}
    return len(items_of(questionnaire, measure)) if measure in sums else 1


def _told(code: str, **details: object) -> str:
    return f"{code}: " + ", ".join(f"{name}={value}" for name, value in details.items())


def member_rows(roles: Sequence[ComparedRole], counties: Mapping[str, str]) -> Iterator[dict[str, object]]:
    """Yield the rows of ``compared_instruments``: one a role, study and measure."""
    for role in roles:
        for member in role.members:
            known = {
                "role": role.role,
                "study": member.study,
                "county": counties[member.study],
                "own_role": member.role,
                "sha256": member.sha256,
                "relation": member.relation,
            }
            for measure in role.measures:
                remark = member.remarks.get(measure, "")
                row: dict[str, object] = {
                    **known,
                    "index": measure,
                    "own_index": member.measures.get(measure, ""),
                    "reason": member.reason or ("" if measure in member.measures else remark),
                    "remark": remark if measure in member.measures else "",
                }
                yield row
