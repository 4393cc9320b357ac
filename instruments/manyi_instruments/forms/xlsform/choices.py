"""The choice lists of an XLSForm: answer lists as they are, and with the missing answers some items offer."""

from manyi_instruments.definitions.questionnaire import MissingCode, Question, Questionnaire
from manyi_instruments.forms.layout import offered_missing
from manyi_instruments.forms.wording import in_language, language_label


class Choices:
    """Lists as questions ask for them, in the order first used.

    Parameters
    ----------
    questionnaire : Questionnaire
        An answer's value is its choice's name; a missing answer's choice is named by its code.
    """

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self._lists: dict[tuple[str, tuple[int, ...]], str] = {}
        self._missing: dict[str, tuple[MissingCode, ...]] = {}

    def list_name(self, question: Question) -> str:
        """Return the name of the list a question chooses from.

        The answer list's id, with the missing answers' kinds behind it where the question offers any.
        """
        if question.answers is None:
            raise TypeError(f"{question.id} has no answer list")
        offered = offered_missing(question, self.questionnaire)
        key = (question.answers, tuple(code.code for code in offered))
        if key not in self._lists:
            kinds = {code.code: kind for kind, code in self.questionnaire.missing_codes.items()}
            name = "_".join((question.answers, *(kinds[code.code] for code in offered)))
            while offered and (name in self.questionnaire.answer_lists or name in self._missing):
                name += "_"
            self._lists[key] = name
            self._missing[name] = offered
        return self._lists[key]

    def rows(self) -> list[dict[str, str]]:
        """Return the rows of ``choices``: every list that was asked for."""
        found: list[dict[str, str]] = []
        for (answers, _), name in self._lists.items():
            listed = self.questionnaire.answer_lists[answers].answers
            pairs = [(answer.value, answer.label) for answer in listed]
            pairs += [(code.code, code.label) for code in self._missing[name]]
            for value, label in pairs:
                labels = {
                    f"label::{language_label(language)}": in_language(label, language)
                    for language in self.questionnaire.languages
                }
                found.append({"list_name": name, "name": str(value), **labels})
        return found
