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
    """Return the paper form in every language and in the first two together, and the faults of the others."""
    from manyi_instruments.forms.languages import language_pair
    from manyi_instruments.forms.paper.pdf import paper_form

    files: dict[str, bytes] = {}
    faults: list[Fault] = []
    for language in questionnaire.languages:
        try:
            files[f"{role}.{language}.pdf"] = paper_form(questionnaire, language)
        except ManyiError as error:
            faults += error.faults
    pair = language_pair(questionnaire)
    if pair and all(f"{role}.{language}.pdf" in files for language in pair):
        files[f"{role}.{'-'.join(pair)}.pdf"] = paper_form(questionnaire, pair[0], second=pair[1])
    return Made(files, tuple(faults))


def _word(questionnaire: Questionnaire, role: str) -> Made:
    """Return the paper form as a Word document in every language and in the first two together."""
    from manyi_instruments.forms.languages import language_pair
    from manyi_instruments.forms.word.document import word_form

    files = {
        f"{role}.{language}.docx": word_form(questionnaire, language) for language in questionnaire.languages
    }
    pair = language_pair(questionnaire)
    if pair:
        files[f"{role}.{'-'.join(pair)}.docx"] = word_form(questionnaire, *pair)
    return Made(files)


def _entry(questionnaire: Questionnaire, role: str) -> Made:
    """Return the workbook into which paper questionnaires are typed."""
    from manyi_instruments.forms.entry.workbook import entry_workbook

    return Made({f"{role}-entry.xlsx": entry_workbook(questionnaire)})


def _web(questionnaire: Questionnaire, role: str) -> Made:
    """Return the preview of the web form, which holds every language."""
    from manyi_instruments.forms.web.preview import render_preview

    return Made({f"{role}.html": render_preview(questionnaire).encode()})


def _wenjuanxing(questionnaire: Questionnaire, role: str) -> Made:
    """Return the text for 问卷星 in every language."""
    from manyi_instruments.forms.wenjuanxing.form import wenjuanxing_form

    return _by_language(questionnaire, role, "wenjuanxing.txt", wenjuanxing_form)


def _limesurvey(questionnaire: Questionnaire, role: str) -> Made:
    """Return LimeSurvey's structure, which holds every language."""
    from manyi_instruments.forms.limesurvey.form import limesurvey_form

    content, faults = limesurvey_form(questionnaire)
    return Made({f"{role}.limesurvey.txt": content}, faults)


def _surveyjs(questionnaire: Questionnaire, role: str) -> Made:
    """Return the JSON of SurveyJS, which holds every language."""
    from manyi_instruments.forms.surveyjs.form import surveyjs_form

    content, faults = surveyjs_form(questionnaire)
    return Made({f"{role}.surveyjs.json": content}, faults)


def _redcap(questionnaire: Questionnaire, role: str) -> Made:
    """Return REDCap's data dictionary in every language."""
    from manyi_instruments.forms.redcap.form import redcap_form

    return _by_language(questionnaire, role, "redcap.csv", redcap_form)


def _ddi(questionnaire: Questionnaire, role: str) -> Made:
    """Return the DDI document, which holds every language."""
    from manyi_instruments.forms.ddi.document import ddi_document

    return Made({f"{role}.ddi.xml": ddi_document(questionnaire)})


def _by_language(
    questionnaire: Questionnaire,
    role: str,
    ending: str,
    form: Callable[[Questionnaire, str], tuple[bytes, tuple[Fault, ...]]],
) -> Made:
    """Return a file a language, and each fault once."""
    files: dict[str, bytes] = {}
    faults: dict[str, Fault] = {}
    for language in questionnaire.languages:
        files[f"{role}.{language}.{ending}"], found = form(questionnaire, language)
        for fault in found:
            faults.setdefault(fault.code, fault)
    return Made(files, tuple(faults.values()))


FORMS: Mapping[str, FormMaker] = {
    "xlsform": _xlsform,
    "paper": _paper,
    "web": _web,
    "word": _word,
    "entry": _entry,
    "wenjuanxing": _wenjuanxing,
    "limesurvey": _limesurvey,
    "surveyjs": _surveyjs,
    "redcap": _redcap,
    "ddi": _ddi,
}
