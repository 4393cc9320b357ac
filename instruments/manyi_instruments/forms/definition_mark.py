"""The mark by which a sheet of paper tells the definition it was made from; printed as a QR code."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from manyi_instruments.definitions.identity import definition_hash
from manyi_instruments.definitions.questionnaire import Questionnaire

_MARK = re.compile(
    r"manyi:(?P<questionnaire>[A-Za-z]\w*):(?P<version>[^:]*):(?P<hash>[0-9a-f]{12}):(?P<languages>[\w+-]+)"
)


@dataclass(frozen=True, slots=True)
class DefinitionMark:
    """What the mark of a form says.

    Attributes
    ----------
    questionnaire, version : str
        Id and version.
    hash : str
        ``definition_hash`` of the questionnaire.
    languages : tuple of str
        Languages of the form.
    """

    questionnaire: str
    version: str
    hash: str
    languages: tuple[str, ...]

    def written(self) -> str:
        """Return the mark as it stands in the QR code.

        Examples
        --------
        >>> DefinitionMark("parents", "1", "0123456789ab", ("zh", "en")).written()
        'manyi:parents:1:0123456789ab:zh+en'
        """
        version = re.sub(r"[:\s]", "_", self.version)
        return f"manyi:{self.questionnaire}:{version}:{self.hash}:{'+'.join(self.languages)}"


def definition_mark(questionnaire: Questionnaire, languages: Sequence[str]) -> DefinitionMark:
    """Return the mark of a form in one language or several."""
    found = definition_hash(questionnaire)
    return DefinitionMark(questionnaire.questionnaire, questionnaire.version, found, tuple(languages))


def read_definition_mark(text: str) -> DefinitionMark | None:
    """Return what a scanned mark says; None where the text is none.

    Examples
    --------
    >>> read_definition_mark("manyi:parents:1:0123456789ab:zh+en").languages
    ('zh', 'en')
    """
    found = _MARK.fullmatch(text.strip())
    if found is None:
        return None
    return DefinitionMark(
        found["questionnaire"], found["version"], found["hash"], tuple(found["languages"].split("+"))
    )
