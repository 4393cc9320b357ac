"""How many of each role are asked: by the rule, by the precision, by a number, and by who will not answer."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from manyi.study.sampling_checks import role_shares, rule_total, share_faults
from manyi.study.sampling_plan import SampledRole, Sampling
from manyi_analysis.records.notcomputed import NotComputed
from manyi_analysis.sampling import SampleSize, allocate, size_for_mean, size_for_share
from manyi_instruments.faults import Fault, Place


@dataclass(frozen=True, slots=True)
class RoleSize:
    """The number of one role and what it follows from.

    Parameters
    ----------
    role : str
    rule : int or None
        By residents and rate; None where the rule says nothing.
    precision : SampleSize or None
        By the margin of error asked for.
    size : int or None
        By the number written.
    target : int
        Answers wanted: the largest of these, or what the minimum share makes of it.
    decided : {"rule", "precision", "size", "minimum_share"}
        Which one it was.
    invited : int
        Persons asked, so that as many answer.
    population : float or None
        Persons there are.
    """

    role: str
    rule: int | None
    precision: SampleSize | None
    size: int | None
    target: int
    decided: str
    invited: int
    population: float | None


def role_sizes(
    sampling: Sampling,
    population: Mapping[str, float | None],
    schools: int | None,
    confidence: float,
    place: Place,
) -> tuple[dict[str, RoleSize], list[Fault]]:
    """Return the number of every role.

    Parameters
    ----------
    sampling : Sampling
        The part ``sampling`` of ``study.yaml``.
    population : Mapping
        Role -> persons there are, None where not known.
    schools : int or None
        Schools that are surveyed.
    confidence : float
        Level of the intervals.
    place : Place
        For faults.
    """
    faults = share_faults(sampling, place)
    total = rule_total(sampling)
    by_rule: dict[str, int] = {}
    if total is not None and not faults:
        least = [math.ceil(entry.minimum_share * total - 1e-9) for entry in sampling.roles.values()]
        parts = allocate(list(role_shares(sampling).values()), total, least)
        by_rule = dict(zip(sampling.roles, map(int, parts), strict=True))
    found: dict[str, RoleSize] = {}
    for role, entry in sampling.roles.items():
        inside = schools if isinstance(entry.population, str) and entry.population else None
        precision = _precision(entry, population[role], inside, confidence)
        if isinstance(precision, NotComputed):
            faults.append(precision.fault(place))
            precision = None
        asked = {
            "rule": by_rule.get(role),
            "size": entry.size,
            "precision": precision.n if precision else None,
        }
        numbers = {name: number for name, number in asked.items() if number}
        if not numbers:
            if entry.precision is None and not faults:
                faults.append(Fault("sampling-size-unknown", place, {"role": role}))
            continue
        decided = max(numbers, key=lambda name: numbers[name])
        found[role] = RoleSize(
            role, by_rule.get(role), precision, entry.size, numbers[decided], decided, 0, population[role]
        )
    return {role: _invited(size, sampling.roles[role]) for role, size in _raised(found, sampling)}, faults


def _precision(
    entry: SampledRole, population: float | None, schools: int | None, confidence: float
) -> SampleSize | NotComputed | None:
    wanted = entry.precision
    if wanted is None:
        return None
    if wanted.sd is not None:
        return size_for_mean(
            wanted.margin, wanted.sd, confidence, population, wanted.icc, schools, wanted.per_school
        )
    return size_for_share(
        wanted.margin, wanted.share, confidence, population, wanted.icc, schools, wanted.per_school
    )


def _raised(found: Mapping[str, RoleSize], sampling: Sampling) -> list[tuple[str, RoleSize]]:
    """Return the sizes, those below their minimum share of everybody raised to it."""
    sizes = dict(found)
    for role, size in found.items():
        minimum = sampling.roles[role].minimum_share
        others = sum(other.target for name, other in sizes.items() if name != role)
        needed = math.ceil(minimum / (1.0 - minimum) * others - 1e-9) if minimum < 1.0 else size.target
        if size.target < needed:
            sizes[role] = RoleSize(
                role, size.rule, size.precision, size.size, needed, "minimum_share", 0, size.population
            )
    return list(sizes.items())


def _invited(size: RoleSize, entry: SampledRole) -> RoleSize:
    asked = math.ceil(size.target / entry.response - 1e-9)
    return RoleSize(
        size.role, size.rule, size.precision, size.size, size.target, size.decided, asked, size.population
    )
