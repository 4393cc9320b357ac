"""Collection forms made from a questionnaire: XLSForm and paper."""

from collections.abc import Callable, Iterator, Mapping

from manyi_instruments.definitions.questionnaire import Questionnaire
from manyi_instruments.faults import Fault, ManyiError
from manyi_instruments.forms.paper import paper_form
from manyi_instruments.forms.workbook import write_xlsform, xlsform_bytes
from manyi_instruments.forms.xlsform import xlsform

#: Makes the files of one kind of form for a role: names below the forms folder and their content.
FormMaker = Callable[[Questionnaire, str], Iterator[tuple[str, bytes]]]


def _xlsform_files(questionnaire: Questionnaire, role: str) -> Iterator[tuple[str, bytes]]:
    """Yield the XLSForm, which holds every language."""
    yield f"{role}.xlsx", xlsform_bytes(xlsform(questionnaire))


def _paper_files(questionnaire: Questionnaire, role: str) -> Iterator[tuple[str, bytes]]:
    """Yield the paper form in every language that can be typeset, then raise the faults of the others."""
    faults: list[Fault] = []
    for language in questionnaire.languages:
        try:
            content = paper_form(questionnaire, language)
        except ManyiError as error:
            faults += error.faults
            continue
        yield f"{role}.{language}.pdf", content
    if faults:
        raise ManyiError(faults)


#: Every kind of form. A new kind is an entry here; whoever writes forms need not know it.
FORMS: Mapping[str, FormMaker] = {"xlsform": _xlsform_files, "paper": _paper_files}

__all__ = ["FORMS", "FormMaker", "paper_form", "write_xlsform", "xlsform", "xlsform_bytes"]
