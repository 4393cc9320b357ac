"""The kinds of form there are, and what making one gives. A new kind is an entry of ``FORMS``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault, ManyiError


@dataclass(frozen=True, slots=True)
class Made:
    """The files of one kind of form for a role.

    Attributes
    ----------
    files : Mapping of str to bytes
        Name below the forms folder -> content.
    faults : tuple of Fault
        Errors for forms that could not be made, warnings for what the platform cannot express.
    """

    files: Mapping[str, bytes]
    faults: tuple[Fault, ...] = ()


#: Makes the forms of one kind: of a questionnaire, for the role of that name.
FormMaker = Callable[[Questionnaire, str], Made]


def _xlsform(questionnaire: Questionnaire, role: str) -> Made:
    """Return the XLSForm, which holds every language."""
    from manyi_instruments.forms.xlsform.form import xlsform
    from manyi_instruments.forms.xlsform.workbook import xlsform_bytes

    return Made({f"{role}.xlsx": xlsform_bytes(xlsform(questionnaire))})


def _paper(questionnaire: Questionnaire, role: str) -> Made:
    """Return the paper form in every language that can be typeset, and the faults of the others."""
    from manyi_instruments.forms.paper.pdf import paper_form

    files: dict[str, bytes] = {}
    faults: list[Fault] = []
    for language in questionnaire.languages:
        try:
            files[f"{role}.{language}.pdf"] = paper_form(questionnaire, language)
        except ManyiError as error:
            faults += error.faults
    return Made(files, tuple(faults))


FORMS: Mapping[str, FormMaker] = {"xlsform": _xlsform, "paper": _paper}
