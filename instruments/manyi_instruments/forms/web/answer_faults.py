"""What is wrong with an answer that was sent, in the respondent's words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from manyi_instruments.definitions.questionnaire import Item, Question, Text
from manyi_instruments.forms.hints import bounds_in_words
from manyi_instruments.forms.wording import in_language, words


@dataclass(frozen=True, slots=True)
class AnswerFault:
    """One answer that cannot be stored.

    Attributes
    ----------
    code : str
        Key of ``wording.toml``; ``bounds`` and ``constraint`` take the questionnaire's own words.
    question : Question or None
        None for a field that belongs to no question of the page.
    name : str
        The form field to mend.
    details : Mapping
        Placeholder -> text by language, or anything that is written as it is.
    """

    code: str
    question: Question | None
    name: str
    details: Mapping[str, Text | object] = field(default_factory=dict)

    def message(self, language: str) -> str:
        """Return what the respondent reads."""
        if isinstance(self.question, Item):
            if self.code == "bounds":
                return bounds_in_words(self.question, language)
            if self.code == "web_constraint" and self.question.constraint_message:
                return in_language(self.question.constraint_message, language)
        said = {
            key: in_language(value, language) if isinstance(value, dict) else value
            for key, value in self.details.items()
        }
        return words(language)[self.code].format_map(said)
