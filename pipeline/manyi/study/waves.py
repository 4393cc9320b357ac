"""Waves: which roles and school tables of a study are one thing at several times."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from manyi_instruments.definitions.questionnaire import Definition

if TYPE_CHECKING:
    from manyi.study.definition import Study


def as_text(value: object) -> object:
    """Return a year as YAML reads it as text; everything else as it is."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


#: The name of a wave: a year, or any text.
Wave = Annotated[str, BeforeValidator(as_text), StringConstraints(pattern=r"^\w[\w.\- ]*$")]


class Monitoring(Definition):
    """What is made of the waves of a study."""

    certification: str | None = Field(
        None, description="Column of the school table: first wave a school was certified at; blank: never."
    )
    unit: str | None = Field(
        None, description="Column of the school table: what is certified as a whole, such as the county."
    )
    controls: Literal["never", "not_yet"] = Field(
        "never", description="Whom the certified are compared with by group and time."
    )
    smallest_school: int = Field(
        5, ge=1, description="Respondents in each wave from which a school's mean counts."
    )


@dataclass(frozen=True, slots=True)
class Series:
    """One role's waves.

    Parameters
    ----------
    role : str
        The role that the others repeat.
    waves : dict
        Wave -> role that holds its answers, from the first to the last.
    """

    role: str
    waves: dict[str, str]


def in_order(waves: Iterable[str]) -> list[str]:
    """Return waves from the first to the last: as numbers where all are, else as text.

    Examples
    --------
    >>> in_order(["10", "9"]), in_order(["2023-spring", "2022-autumn"])
    (['9', '10'], ['2022-autumn', '2023-spring'])
    """
    given = list(waves)
    return sorted(given, key=float) if all(_is_number(wave) for wave in given) else sorted(given)


def _is_number(text: str) -> bool:
    try:
        return float(text) == float(text)
    except ValueError:
        return False


def compared_waves(waves: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield every wave with the next, then the first with the last.

    Examples
    --------
    >>> list(compared_waves(["2021", "2022", "2023"]))
    [('2021', '2022'), ('2022', '2023'), ('2021', '2023')]
    """
    ordered = in_order(waves)
    yield from pairwise(ordered)
    if len(ordered) > 2:
        yield ordered[0], ordered[-1]


def series_of(study: "Study", roles: Iterable[str] | None = None) -> tuple[Series, ...]:
    """Return the roles that have two waves or more, with the roles of their waves.

    Parameters
    ----------
    study : Study
    roles : iterable of str, optional
        Only waves of these roles count, such as those with answers; default all.
    """
    allowed = set(study.roles if roles is None else roles)
    found = []
    for name, entry in study.roles.items():
        if entry.repeats is not None:
            continue
        members = [name, *(other for other, each in study.roles.items() if each.repeats == name)]
        by_wave = {
            wave: other
            for other in members
            if other in allowed and (wave := study.roles[other].wave) is not None
        }
        if len(by_wave) > 1:
            found.append(Series(name, {wave: by_wave[wave] for wave in in_order(by_wave)}))
    return tuple(found)


def apart(study: "Study", roles: Iterable[str]) -> bool:
    """Return whether roles are of different waves without one being another's wave: not to be compared."""
    entries = [(name, study.roles[name]) for name in roles if name in study.roles]
    waves = {entry.wave for _, entry in entries}
    series = {entry.repeats or name for name, entry in entries}
    return len(waves) > 1 and len(series) > 1


def earlier_wave(study: "Study", role: str | None) -> str | None:
    """Return the wave whose earlier school table belongs to a role's answers; None for the current one."""
    if role is None or study.schools is None or role not in study.roles:
        return None
    wave = study.roles[role].wave
    return wave if wave in study.schools.earlier else None
