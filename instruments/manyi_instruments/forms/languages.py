"""The languages a form may be made in."""

from collections.abc import Sequence

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import DefinitionFaulty, Fault, Place


def require_languages(questionnaire: Questionnaire, languages: Sequence[str]) -> None:
    """Require that a questionnaire has the languages of a form.

    Raises
    ------
    DefinitionFaulty
        ``form-language-unknown`` for each it lacks.
    """
    place = Place(file=questionnaire.questionnaire)
    known = ", ".join(questionnaire.languages)
    faults = [
        Fault("form-language-unknown", place, {"language": language, "languages": known})
        for language in languages
        if language not in questionnaire.languages
    ]
    if faults:
        raise DefinitionFaulty(faults)


def language_pair(questionnaire: Questionnaire) -> tuple[str, str] | None:
    """Return the first two languages, in which forms in two languages are made; None where there is one."""
    first, *others = questionnaire.languages
    return (first, others[0]) if others else None
