"""What is told about a survey: only what the study and its questionnaires say."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from manyi_instruments.definitions.questionnaire import Questionnaire, Text
from manyi_instruments.faults import Fault, Place
from manyi_instruments.forms.languages import language_pair


@dataclass(frozen=True, slots=True)
class Survey:
    """A study as those who are asked get to know it.

    Attributes
    ----------
    title : Text
        By language.
    contact : Text or None
        Who answers questions about it.
    retention : date or None
        Last day on which answers may be kept.
    """

    title: Text
    contact: Text | None = None
    retention: date | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Those who are asked one questionnaire.

    Attributes
    ----------
    role : str
        Name of the role.
    title : Text
        By language.
    questionnaire : Questionnaire
        What they are asked.
    minutes : int or None
        How long it takes them.
    issued : int or None
        How many are asked.
    anonymous : bool
        Their answers carry nothing that identifies a person.
    """

    role: str
    title: Text
    questionnaire: Questionnaire
    minutes: int | None = None
    issued: int | None = None
    anonymous: bool = True

    @property
    def languages(self) -> tuple[str, ...]:
        """Return the languages of what they are given: the questionnaire's first two."""
        return language_pair(self.questionnaire) or self.questionnaire.languages[:1]


def unknown_facts(survey: Survey, audiences: tuple[Audience, ...], file: str) -> Iterator[Fault]:
    """Yield a warning for each fact that papers would tell and nobody has given.

    Parameters
    ----------
    survey, audiences
        What was given.
    file : str
        Path of ``study.yaml``.
    """
    place = Place(file)
    if survey.contact is None:
        yield Fault("pack-no-contact", place, severity="warning")
    if survey.retention is None:
        yield Fault("pack-no-retention", place, severity="warning")
    untimed = [audience.role for audience in audiences if audience.minutes is None]
    if untimed:
        yield Fault("pack-no-minutes", place, {"roles": ", ".join(untimed)}, "warning")
    for audience in audiences:
        if audience.questionnaire.introduction is None:
            yield Fault("pack-no-introduction", place, {"role": audience.role}, "warning")
